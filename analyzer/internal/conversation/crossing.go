package conversation

import (
	"net/netip"
	"sort"

	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/packet"
)

// CrossingForm is how an answer that came on the wrong conversation is known.
type CrossingForm uint8

// The forms.
const (
	// CrossedReset: a reset without ACK whose sequence number is what a segment
	// of the other conversation acknowledged, and none of its own conversation's.
	CrossedReset CrossingForm = iota
	// CrossedSegment: any other segment with both numbers of the other
	// conversation, in answer to a segment there.
	CrossedSegment
	// CrossedSYN: a SYN answered on its own conversation by an acknowledgement
	// with the numbers of the other one (a challenge ACK, RFC 5961 section 4).
	CrossedSYN
	// CrossedEcho: a segment stays unanswered on its own conversation, and right
	// after it the other one gets an acknowledgement that answers nothing there.
	CrossedEcho
)

// Crossing is an answer that came on another conversation than the segment it
// answers, or with another conversation's numbers.
type Crossing struct {
	Form    CrossingForm
	Asked   *Conversation // whose segment was answered
	Trigger int           // that segment, index into Asked.Segments
	Came    *Conversation // where the answer came
	Answer  int           // index into Came.Segments
	Owner   *Conversation // whose numbers the answer carries
	// IDContinues: its IP ID is the next one of Owner's server, and not of Came's.
	IDContinues bool
	// Named: its SACK option reports exactly the bytes of the trigger, though they
	// were sent on the other conversation (64 bits alike).
	Named bool
	// Echoes: its TSecr is a TSval that the client sent on Owner and not on Came.
	Echoes bool
}

// Tangle is a pair of conversations whose answers got mixed up.
type Tangle struct {
	First, Second *Conversation // by opening; First is nil when it is not in the capture
	Crossings     []Crossing    // by time
	// Old are segments of the first conversation's client that came in its old
	// numbers after the second had opened on the same 4-tuple: indexes into
	// Second.Segments. Two clients speak on one tuple.
	Old []int
	// Late are resets that carry the number of the odd acknowledgement Odd and
	// answer nothing on Second; valid when First is nil. Odd is -1 for none.
	Late []int
	Odd  int
	// Echoes are repeated identical acknowledgements of Second that answer
	// nothing on it; valid when First is nil.
	Echoes []int
}

// Of lists the crossings of a form.
func (t *Tangle) Of(form CrossingForm) []Crossing {
	var out []Crossing
	for _, c := range t.Crossings {
		if c.Form == form {
			out = append(out, c)
		}
	}
	return out
}

const (
	// crossedWait is how long after a segment an answer to it can come, in ns:
	// the initial retransmission timeout of old stacks (RFC 1122).
	crossedWait = 3 * lang.Second
	// echoWait is the same for an acknowledgement with nothing but its moment to
	// tell what it answers, in ns.
	echoWait = 100 * lang.Millisecond
	// apartSpan is how long after its last packet a conversation may still have
	// a socket, in ns: twice Linux's TIME_WAIT.
	apartSpan = 120 * lang.Second
	// idsAhead is how many segments of a socket the capture may have missed.
	idsAhead = 64
	// lateGap is the shortest wait between repeated answers to a timer, in ns,
	// below Linux's smallest retransmission timeout of 200 ms.
	lateGap = 150 * lang.Millisecond
)

// Tangles lists the pairs of conversations whose answers got mixed up, by time.
func (s *Set) Tangles() []Tangle {
	if s.tangles == nil {
		t := tangler{set: s, pairs: map[[2]*Conversation]*Tangle{}}
		t.foreign()
		t.echoes()
		t.sameTuple()
		t.alone()
		s.tangles = t.done()
	}
	return *s.tangles
}

type tangler struct {
	set   *Set
	pairs map[[2]*Conversation]*Tangle
	order []*Tangle
}

func (t *tangler) done() *[]Tangle {
	out := make([]Tangle, 0, len(t.order))
	for _, p := range t.order {
		sort.SliceStable(p.Crossings, func(i, j int) bool {
			a, b := &p.Crossings[i], &p.Crossings[j]
			return a.Came.Segments[a.Answer].Time < b.Came.Segments[b.Answer].Time
		})
		out = append(out, *p)
	}
	return &out
}

func (t *tangler) pair(a, b *Conversation) *Tangle {
	if a != nil && b.ID < a.ID {
		a, b = b, a
	}
	k := [2]*Conversation{a, b}
	if t.pairs[k] == nil {
		t.pairs[k] = &Tangle{First: a, Second: b, Odd: -1}
		t.order = append(t.order, t.pairs[k])
	}
	return t.pairs[k]
}

// stranger is a server's segment whose numbers are not its conversation's.
type stranger struct {
	c  *Conversation
	at int
}

// foreign finds answers with the numbers of another conversation: first the
// segments that do not belong where they came, then, in one walk over all
// segments, the ones they belong to.
func (t *tangler) foreign() {
	wanted := map[uint32][]stranger{}
	for _, c := range t.set.Conversations {
		for _, i := range c.strangers() {
			seq := c.Segments[i].Seq
			wanted[seq] = append(wanted[seq], stranger{c, i})
		}
	}
	if len(wanted) == 0 {
		return
	}
	best := map[stranger]Crossing{}
	for _, c := range t.set.Conversations {
		if c.Relative {
			continue
		}
		for i := range c.Segments {
			s := &c.Segments[i]
			number := s.Ack
			if s.From == Server {
				number = s.End()
			}
			for _, w := range wanted[number] {
				if x, ok := match(w, c, i); ok && !t.set.sameLegs(w.c, c) {
					best[w] = x // the latest one before the answer
				}
			}
		}
	}
	for _, c := range t.set.Conversations {
		for _, i := range c.strangers() {
			if x, ok := best[stranger{c, i}]; ok {
				x.identity()
				p := t.pair(x.Owner, x.Came)
				p.Crossings = append(p.Crossings, x)
			}
		}
	}
}

// strangers are the server's segments that fit none of the numbers of their own
// conversation, which is one in its own right: its client opened it here, or both
// sides have numbers of their own.
func (c *Conversation) strangers() []int {
	if c.Relative || !c.Flows[Client].HasISN && !(c.Flows[Client].HasSeq && c.Flows[Server].HasSeq) {
		return nil
	}
	var out []int
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.From != Server || s.IsCopy() || s.Seq == 0 || s.Flags&packet.SYN != 0 || s.Tags.Has(TagEarlier) {
			continue
		}
		if s.Reset() && s.Flags&packet.ACK == 0 {
			if !c.couldReset(i) {
				out = append(out, i)
			}
		} else if s.Flags&packet.ACK != 0 && s.Tags.Has(TagStray) {
			out = append(out, i)
		}
	}
	return out
}

// couldReset reports whether the server of this conversation could have sent a
// reset with such a number: one it sent itself or was asked for. Two connections
// that share a tuple at the server within seconds have starting numbers close
// to each other, so distance alone tells nothing.
func (c *Conversation) couldReset(at int) bool {
	next, known := c.nextBefore(at, Server)
	f, s := &c.Flows[Server], &c.Segments[at]
	if !known {
		return false
	}
	if !f.HasISN {
		return Near(s.Seq, next)
	}
	return !Before(s.Seq, f.ISN) && !Before(next+1, s.Seq)
}

// match tests whether a stranger belongs to conversation c, as the answer to
// its segment i or with the numbers that stood after it.
func match(w stranger, c *Conversation, i int) (Crossing, bool) {
	r, s := &w.c.Segments[w.at], &c.Segments[i]
	sharesClient := c.Client == w.c.Client && c.Server != w.c.Server
	sharesServer := c.Server == w.c.Server && c.Client != w.c.Client
	lag := r.Time - s.Time
	if c == w.c || !sharesClient && !sharesServer || s.Tags.Has(TagCopy|TagStray) || lag < 0 || lag > apartSpan || s.Reset() {
		return Crossing{}, false
	}
	x := Crossing{Asked: c, Trigger: i, Came: w.c, Answer: w.at, Owner: c}
	hasAck := r.Flags&packet.ACK != 0
	switch {
	case s.From == Client && s.Flags&packet.ACK != 0 && s.Flags&packet.SYN == 0 && !hasAck && lag <= crossedWait:
		x.Form = CrossedReset
		return x, true
	case hasAck && s.From == Client && s.Flags&packet.ACK != 0 && Near(r.Ack, s.End()), hasAck && s.From == Server && s.Flags&packet.ACK != 0 && Near(r.Ack, s.Ack):
		return x.segment(s, r, lag)
	}
	return Crossing{}, false
}

// segment tells whether an answer with ACK follows a SYN of its own
// conversation or a segment of the owner's.
func (x Crossing) segment(s, r *Segment, lag int64) (Crossing, bool) {
	if y := x.Came.synBefore(x.Answer); y >= 0 {
		x.Form, x.Asked, x.Trigger = CrossedSYN, x.Came, y
		return x, true
	}
	x.Form = CrossedSegment
	return x, s.From == Client && s.SegmentLen() > 0 && lag <= crossedWait && (r.Ack == s.End() || r.Ack == s.Seq)
}

// synBefore is the client's SYN that a segment follows without a SYN-ACK or
// anything else of the server's between, within the wait for an answer; -1 none.
func (c *Conversation) synBefore(at int) int {
	for i := at - 1; i >= 0; i-- {
		s := &c.Segments[i]
		switch {
		case c.Segments[at].Time-s.Time > crossedWait || s.SYNACK():
			return -1
		case s.From == Client && s.PureSYN() && !s.IsCopy():
			return i
		}
	}
	return -1
}

// identity looks for marks beside the numbers: IP ID and timestamps.
func (x *Crossing) identity() {
	r := &x.Came.Segments[x.Answer]
	x.IDContinues = x.Came.ContinuesID(x.Answer, x.Owner)
	if r.HasTS() && r.TSEcr != 0 {
		x.Echoes = x.Owner.sentTS(r.TSEcr) && !x.Came.sentTS(r.TSEcr)
	}
}

// ContinuesID reports whether a segment carries one of the next IP IDs of the
// same side of another conversation, and none of its own conversation's. An ID
// of 0 tells nothing.
func (c *Conversation) ContinuesID(at int, other *Conversation) bool {
	s := &c.Segments[at]
	if s.Known&packet.KnownIPID == 0 || s.IPID == 0 {
		return false
	}
	id, ok := other.lastID(s.From, s.Time)
	own, has := c.lastID(s.From, s.Time)
	return ok && s.IPID-id-1 < idsAhead && !(has && s.IPID-own-1 < idsAhead)
}

// lastID is the last non-zero IP ID of a side before a time, among segments
// that belong to the conversation.
func (c *Conversation) lastID(from Side, before int64) (id uint16, ok bool) {
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.Time >= before {
			break
		}
		if s.From == from && s.Known&packet.KnownIPID != 0 && s.IPID != 0 && !s.Tags.Has(TagStray|TagCopy) {
			id, ok = s.IPID, true
		}
	}
	return id, ok
}

func (c *Conversation) sentTS(value uint32) bool {
	for i := range c.Segments {
		if s := &c.Segments[i]; s.From == Client && s.HasTS() && s.TSVal == value && !s.Tags.Has(TagStray) {
			return true
		}
	}
	return false
}

// echoes finds acknowledgements that answer nothing on their conversation and
// follow, each, an unanswered segment of another one that shares an end with it.
func (t *tangler) echoes() {
	byEnd := map[netip.AddrPort][]*Conversation{}
	loose := map[*Conversation][]int{}
	for _, c := range t.set.Conversations {
		if at := c.Unprovoked(); len(at) >= 2 && !c.Relative {
			loose[c] = at
			byEnd[c.Client] = append(byEnd[c.Client], c)
			byEnd[c.Server] = append(byEnd[c.Server], c)
		}
	}
	if len(loose) == 0 {
		return
	}
	for _, asked := range t.set.Conversations {
		triggers := asked.unanswered()
		if len(triggers) < 2 {
			continue
		}
		for _, end := range []netip.AddrPort{asked.Client, asked.Server} {
			for _, came := range byEnd[end] {
				if came.Client != asked.Client || came.Server != asked.Server {
					t.echo(asked, triggers, came, loose[came])
				}
			}
		}
	}
}

// echo pairs each unanswered segment with the first loose acknowledgement after
// it. At least half of the segments must have one, or it is coincidence.
func (t *tangler) echo(asked *Conversation, triggers []int, came *Conversation, loose []int) {
	var found []Crossing
	next := 0
	for _, i := range triggers {
		sent := asked.Segments[i].Time
		for next < len(loose) && came.Segments[loose[next]].Time <= sent {
			next++
		}
		if next == len(loose) || came.Segments[loose[next]].Time-sent > echoWait {
			continue
		}
		x := Crossing{Form: CrossedEcho, Asked: asked, Trigger: i, Came: came, Answer: loose[next], Owner: came}
		x.Named = t.set.reports(&came.Segments[loose[next]], asked.Segments[i].Seq, asked.Segments[i].End())
		next++
		found = append(found, x)
	}
	if len(found) >= 2 && 2*len(found) >= len(triggers) {
		p := t.pair(asked, came)
		p.Crossings = append(p.Crossings, found...)
	}
}

// reports tells whether a segment's SACK option holds exactly a range.
func (s *Set) reports(g *Segment, left, right uint32) bool {
	e := s.ExtraOf(g)
	if e == nil || left == right {
		return false
	}
	for _, b := range e.SACK {
		if b.Left == left && b.Right == right {
			return true
		}
	}
	return false
}

// ForeignBlocks reports whether a segment's SACK option names bytes that its
// conversation's client can not have sent.
func (s *Set) ForeignBlocks(c *Conversation, at int) bool {
	e := s.ExtraOf(&c.Segments[at])
	if e == nil || !c.Flows[Client].HasSeq {
		return false
	}
	for _, b := range e.SACK {
		if !Near(b.Left, c.Flows[Client].Next) && !Near(b.Right, c.Flows[Client].Next) {
			return true
		}
	}
	return false
}

// unanswered are the client's repeated segments that got no answer on the
// conversation: SYNs without SYN-ACK, or data that is never acknowledged.
func (c *Conversation) unanswered() []int {
	h := c.Handshake()
	if len(h.SYNs) > 0 && len(h.SYNACKs) == 0 && h.Refusal < 0 && len(h.Odd) == 0 {
		return h.SYNs
	}
	var out []int
	for _, series := range c.DataSeries(Client) {
		if f := &c.Flows[Server]; !f.HasAck || Before(f.Acked, c.Segments[series.At[0]].End()) {
			out = append(out, series.At...)
		}
	}
	return out
}

// Unprovoked lists the server's acknowledgements that answer nothing: they
// repeat its last segment's numbers, everything the client sent is
// acknowledged, and the client has sent nothing for some round trips.
func (c *Conversation) Unprovoked() []int {
	var out []int
	var last *Segment
	var next, serverNext uint32
	var sent int64
	quiet := max(echoWait, 3*c.RTT())
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.IsCopy() || s.Reset() || s.Tags.Has(TagStray) {
			continue
		}
		if s.From == Client {
			if s.SegmentLen() > 0 || s.Seq+1 == next {
				sent = s.Time
			}
			if sent == s.Time || Before(next, s.End()) {
				next = s.End()
			}
			continue
		}
		// A probe has the number before the next one; it asks, it does not answer.
		if last != nil && s.PureACK() && s.Seq == serverNext && s.Ack == last.Ack && s.Ack == next &&
			s.Window <= last.Window && s.Time-sent > quiet {
			out = append(out, i)
		}
		if last == nil || Before(serverNext, s.End()) {
			serverNext = s.End()
		}
		last = s
	}
	return out
}

// sameTuple finds pairs of incarnations that are alive at once.
func (t *tangler) sameTuple() {
	for _, c := range t.set.Conversations {
		if c.Earlier == nil || c.Relative {
			continue
		}
		if old := c.oldSender(); len(old) > 0 {
			t.pair(c.Earlier, c).Old = old
		}
	}
}

// oldSender lists the client's segments in the numbers of the incarnation
// before this one, if they prove that it is still alive: after the handshake of
// this one was complete, or while its SYN is met with the old connection's
// acknowledgements and not with a reset. A rebooted or restarted client has one
// sender, whose old numbers fall silent.
func (c *Conversation) oldSender() []int {
	h := c.Handshake()
	from := h.ACK
	if len(h.SYNACKs) == 0 && len(h.SYNs) >= 2 && len(h.Odd) > 0 && !c.Flows[Client].RST {
		from = h.SYNs[0]
	}
	if from < 0 {
		return nil
	}
	var out []int
	data := false
	for i := from + 1; i < len(c.Segments); i++ {
		s := &c.Segments[i]
		if s.From != Client || s.IsCopy() || !s.Tags.Has(TagEarlier) || s.Reset() {
			continue
		}
		out = append(out, i)
		data = data || s.Len > 0
	}
	if !data || len(out) < 2 {
		return nil
	}
	return out
}

// alone finds conversations that show the mark of another one that is not in
// the capture.
func (t *tangler) alone() {
	paired := map[*Conversation]bool{}
	for _, p := range t.order {
		paired[p.First], paired[p.Second] = true, true
	}
	for _, c := range t.set.Conversations {
		if paired[c] || c.Relative {
			continue
		}
		if odd, late := c.lateResets(); len(late) > 0 {
			p := t.pair(nil, c)
			p.Odd, p.Late = odd, late
		} else if at := c.loneEchoes(); len(at) > 0 {
			t.pair(nil, c).Echoes = at
		}
	}
}

// lateResets finds resets that carry the number of an odd acknowledgement which
// stood in the SYN-ACK's place, come after the handshake on a timer's schedule,
// and answer nothing on this conversation.
func (c *Conversation) lateResets() (odd int, late []int) {
	h := c.Handshake()
	if len(h.Odd) == 0 || len(h.SYNACKs) == 0 {
		return -1, nil
	}
	odd = h.Odd[0]
	number := c.Segments[odd].Seq
	for i := h.SYNACKs[0]; i < len(c.Segments); i++ {
		s := &c.Segments[i]
		if s.From == Client && s.Flags&packet.ACK != 0 && s.Ack == number {
			return -1, nil // this reset has its segment here
		}
		if s.From != Server || s.IsCopy() || !s.Reset() || s.Flags&packet.ACK != 0 || s.Seq != number {
			continue
		}
		if len(late) > 0 && s.Time-c.Segments[late[len(late)-1]].Time < lateGap {
			continue
		}
		late = append(late, i)
	}
	if len(late) < 2 {
		return -1, nil
	}
	return odd, late
}

// loneEchoes finds three or more identical acknowledgements that answer nothing
// and come on a retransmission timer's schedule: another conversation's.
func (c *Conversation) loneEchoes() []int {
	at := c.Unprovoked()
	if len(at) < 3 || len(c.Handshake().SYNACKs) == 0 {
		return nil
	}
	for len(at) >= 3 {
		n := 1
		for n < len(at) && same(&c.Segments[at[0]], &c.Segments[at[n]]) {
			n++
		}
		if s := c.SeriesOf(at[:n]); n >= 3 && s.onTimer() {
			return at[:n]
		}
		at = at[n:]
	}
	return nil
}

func same(a, b *Segment) bool { return a.Seq == b.Seq && a.Ack == b.Ack && a.Window == b.Window }

// onTimer reports gaps of a retransmission timer, none shorter than its minimum.
func (s *Series) onTimer() bool {
	for _, g := range s.Gaps {
		if g < lateGap {
			return false
		}
	}
	return s.Schedule != ScheduleNone && s.Schedule != ScheduleConstant
}
