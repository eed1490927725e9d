package conversation

import (
	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/packet"
)

// Tags follow Wireshark's meanings (its user's guide, section TCP Analysis):
// each is set from what the conversation has shown up to this segment. A test
// compares them with tshark's over all captures. Where they differ on purpose:
//
//   - a second recording of a packet (duplicate_capture) is tagged as nothing else;
//   - numbers of another connection on the same tuple (stray, earlier_connection)
//     are neither lost nor repeated;
//   - bytes that this capture has seen before are a repetition however soon they
//     come again, where Wireshark takes them for out of order within a round trip;
//     so are those that fill a hole with a newer IP ID or timestamp;
//   - with an older one they are out of order (late_original), where Wireshark may
//     see a fast retransmission;
//   - Linux probes a closed window with what looks like a keepalive: a
//     zero_window_probe and its answer here, keep_alive there;
//   - a second SYN-ACK to one SYN does not reuse ports, nor has it lost a segment,
//     and its acknowledgement acknowledges nothing unseen;
//   - every acknowledgement of bytes that were not captured is an
//     ack_lost_segment, where Wireshark says so once and later counts wrong.

const (
	// fastWindow: a repetition this soon after the last acknowledgement that
	// asked for it is a fast retransmission, in ns.
	fastWindow = 20 * lang.Millisecond
	// outOfOrderDefault: a segment this soon behind the highest one is out of
	// order when no round trip is known, in ns.
	outOfOrderDefault = 3 * lang.Millisecond
	// duplicatesForFast: RFC 5681 asks for three duplicate acknowledgements; one
	// of them may be missing from the capture.
	duplicatesForFast = 2
	// mostSACKs are the blocks remembered of the newest acknowledgement.
	mostSACKs = 4
)

// tagger is what tagging remembers of one side.
type tagger struct {
	nextTime  int64  // ns; when the highest sequence number was reached
	continued uint32 // one past the last byte without a hole before it
	islands   islands
	hasNext   bool
	lastTags  Tags
	lastAck   uint32
	ackTime   int64
	hasAck    bool
	window    int64 // last window, scaled where the scale is known
	rawWindow uint16
	hasWindow bool
	dupAcks   int
	sacks     [mostSACKs]packet.SACKBlock
	sackCount int
	lastSeq   uint32 // start of the newest data segment, for tail probes
	lastEnd   uint32
	lastSent  int64 // ns; when this side last sent data
	ids       idTrail
	heads     heads
}

// idTrail knows whether a side's IP IDs climb, so that a late original is told
// from a repetition.
type idTrail struct {
	last  uint16
	known bool
	ups   int
	downs int
}

// tag names what a segment is.
func (c *Conversation) tag(s *Segment, p *packet.Packet) {
	own, peer := &c.live.sides[s.From].tags, &c.live.sides[s.From.Other()].tags
	c.tagOptions(s, p)
	probe := c.tagWindow(s, own, peer)
	if !probe {
		c.tagAcknowledgement(s, own, peer)
		c.tagRepetition(s, p, own, peer)
	}
	if s.Len > 0 && own.heads.conflicts(s, p) {
		s.Tags |= TagConflict
	}
	own.remember(c, s, p)
}

// tagOptions: Fast Open and selective acknowledgements stand in the options.
func (c *Conversation) tagOptions(s *Segment, p *packet.Packet) {
	if s.PureSYN() && c.Earlier != nil && !c.Flows[s.From].HasISN {
		s.Tags |= TagReusedPorts
	}
	if s.Flags&packet.SYN != 0 && p.Options&packet.OptFastOpen != 0 {
		switch {
		case s.SYNACK() && p.FastOpen > 0:
			s.Tags |= TagFastOpenCookie
		case s.PureSYN():
			s.Tags |= TagFastOpenRequest
		}
	}
	if s.PureSYN() && s.Len > 0 {
		s.Tags |= TagFastOpenData
	}
	if syn := &c.Flows[s.From.Other()]; s.SYNACK() && syn.HasISN && Before(s.Ack, syn.Next) && s.Ack == syn.ISN+1 {
		s.Tags |= TagPartialAck
	}
	for _, b := range p.SACK[:p.SACKCount] {
		if Before(b.Left, s.Ack) {
			s.Tags |= TagDSACK
		} else {
			s.Tags |= TagSACK
		}
	}
	if p.SACKCount > 1 && inside(p.SACK[0], p.SACK[1]) {
		s.Tags |= TagDSACK // RFC 2883, section 4: the first block lies in the second
	}
}

func inside(a, b packet.SACKBlock) bool {
	return !Before(a.Left, b.Left) && !Before(b.Right, a.Right)
}

const handshakeFlags = packet.SYN | packet.FIN | packet.RST

// tagWindow tags what concerns the window and the idle connection; true when
// the segment is a probe, which nothing else applies to.
func (c *Conversation) tagWindow(s *Segment, own, peer *tagger) (probe bool) {
	f := &c.Flows[s.From]
	closed := peer.hasWindow && peer.rawWindow == 0
	plain := s.Flags&handshakeFlags == 0
	switch {
	case plain && own.hasNext && closed && s.Len == 1 && s.Seq == f.Next:
		s.Tags |= TagZeroWindowProbe
		probe = true
	case plain && own.hasNext && closed && s.Len <= 1 && s.Seq == f.Next-1 && s.Flags&packet.ACK != 0 && c.Flows[s.From].Data > 0:
		// Linux probes with an empty segment one byte back (tcp_xmit_probe_skb);
		// Wireshark calls that a keepalive.
		s.Tags |= TagZeroWindowProbe
		probe = true
	case plain && own.hasNext && s.Len <= 1 && s.Seq == f.Next-1:
		s.Tags |= TagKeepAlive
	}
	if plain && s.Known&packet.KnownWindow != 0 && s.Window == 0 {
		s.Tags |= TagZeroWindow
	}
	if plain && !probe && own.hasNext && !s.Reset() && Before(f.Next, s.Seq) {
		s.Tags |= TagLostSegment
	}
	if plain && s.Len > 0 && peer.hasWindow && c.Flows[s.From.Other()].WindowScale >= 0 && peer.hasAck &&
		s.End() == peer.lastAck+uint32(peer.window) {
		s.Tags |= TagWindowFull
	}
	return probe
}

// tagAcknowledgement tags acknowledgements that repeat the one before.
func (c *Conversation) tagAcknowledgement(s *Segment, own, peer *tagger) {
	if s.Flags&packet.ACK == 0 {
		return
	}
	f := &c.Flows[s.From]
	same := s.Len == 0 && s.Flags&handshakeFlags == 0 && own.hasAck && own.hasNext && s.Seq == f.Next && s.Ack == own.lastAck
	sameWindow := own.hasWindow && s.Window == own.rawWindow
	switch {
	case same && s.Window != 0 && own.hasWindow && !sameWindow:
		s.Tags |= TagWindowUpdate
	case same && sameWindow && s.Window != 0 && peer.lastTags.Has(TagKeepAlive):
		s.Tags |= TagKeepAliveAck
	case s.Len == 0 && sameWindow && s.Window == 0 && peer.lastTags.Has(TagZeroWindowProbe) && s.Seq == f.Next:
		s.Tags |= TagZeroWindowProbeAck
	case same && sameWindow && s.Window != 0:
		s.Tags |= TagDuplicateAck
	}
	if other := &c.Flows[s.From.Other()]; peer.hasNext && Before(other.Next, s.Ack) && !(peer.lastTags.Has(TagZeroWindowProbe) && s.Ack == other.Next+1) {
		s.Tags |= TagAckLostSegment
	} else if peer.hasNext && Before(peer.continued, s.Ack) {
		s.Tags |= TagAckLostSegment
	}
}

// tagRepetition tells a repetition from a segment that comes late.
func (c *Conversation) tagRepetition(s *Segment, p *packet.Packet, own, peer *tagger) {
	f := &c.Flows[s.From]
	if s.SegmentLen() == 0 || s.Reset() || s.Tags.Has(TagKeepAlive) || !own.hasNext || !Before(s.Seq, f.Next) {
		return
	}
	if s.Len > 1 && s.Seq == f.Next-1 && own.lastTags.Has(TagKeepAlive|TagZeroWindowProbe) {
		return // new data after a probe that had taken its first byte
	}
	if peer.hasAck && s.Len > 0 && !Before(peer.lastAck, s.End()) {
		s.Tags |= TagRetransmission | TagSpuriousRetransmission
		return
	}
	if !Before(s.Seq, own.continued) && !own.islands.holds(s.Seq, s.End()) {
		s.Tags |= TagFillsHole
	}
	sinceAck, sinceNext := s.Time-peer.ackTime, s.Time-own.nextTime
	switch {
	case s.Tags.Has(TagFillsHole) && (c.sentEarlier(s, own) || c.tooSoonForAnswer(s, own)):
		// Wireshark goes by time and duplicate acknowledgements alone and calls
		// many of these fast retransmissions.
		s.Tags |= TagOutOfOrder | TagLate
	case peer.dupAcks >= duplicatesForFast && peer.lastAck == s.Seq && sinceAck < fastWindow,
		peer.sackCount > 0 && sinceAck < fastWindow && peer.missing(s) && peer.dupAcks >= duplicatesForFast:
		s.Tags |= TagRetransmission | TagFastRetransmission
	case c.late(s, own, sinceNext):
		s.Tags |= TagOutOfOrder
	default:
		s.Tags |= TagRetransmission | c.timer(s, own, sinceNext)
	}
}

// missing reports whether the newest acknowledgement left the segment out while
// it named something beyond it.
func (t *tagger) missing(s *Segment) bool {
	beyond := false
	for _, b := range t.sacks[:t.sackCount] {
		if !Before(s.Seq, b.Left) && !Before(b.Right, s.End()) {
			return false
		}
		beyond = beyond || Before(s.Seq, b.Left)
	}
	return beyond
}

// late reports a segment that was sent before the highest one and arrives after
// it. Wireshark goes by time alone; where the side's IP IDs or timestamps climb
// they decide, since a repetition has a newer one.
func (c *Conversation) late(s *Segment, own *tagger, sinceNext int64) bool {
	f := &c.Flows[s.From]
	if s.End() == f.Next {
		return false // the highest segment itself again
	}
	if s.HasTS() && f.HasTS && Before(f.TSLast, s.TSVal) {
		return false
	}
	if s.Known&packet.KnownIPID != 0 && own.ids.climbs() {
		return int16(s.IPID-own.ids.last) < 0
	}
	limit := int64(outOfOrderDefault)
	if rtt := c.firstRTT(); rtt > 0 {
		limit = rtt
	}
	return sinceNext < limit
}

// sentEarlier reports a segment that is provably older than what its side sent
// last: a repetition would carry a newer timestamp and a higher IP ID.
func (c *Conversation) sentEarlier(s *Segment, own *tagger) bool {
	f := &c.Flows[s.From]
	if s.HasTS() && f.HasTS && s.TSVal != f.TSLast {
		return Before(s.TSVal, f.TSLast)
	}
	return s.Known&packet.KnownIPID != 0 && s.IPID != 0 && own.ids.mostlyClimbs() && int16(s.IPID-own.ids.last) < 0
}

// longEnough is the shortest round trip by which a repetition is told from what
// was under way already, in ns: some captures count whole milliseconds.
const longEnough = 4 * lang.Millisecond

// tooSoonForAnswer reports a segment that fills a hole sooner after the hole was
// there to see than its sender could have heard of it: word of the hole has to
// travel to the sender, and the repetition back. Only with the handshake in the
// capture: later round trips may hold a delayed acknowledgement.
func (c *Conversation) tooSoonForAnswer(s *Segment, own *tagger) bool {
	peer := &c.Flows[s.From.Other()]
	since := own.islands.beyondSince(s.Seq)
	return peer.HasISN && peer.MinRTT >= longEnough && since != 0 && s.Time-since < peer.MinRTT/2
}

// mostlyClimbs leaves room for one packet in four that comes late.
func (t *idTrail) mostlyClimbs() bool { return t.known && t.ups >= 4 && t.ups > 3*t.downs }

func (t *idTrail) climbs() bool { return t.known && t.ups >= 4 && t.ups > 8*t.downs }

// firstRTT is the handshake's round trip while packets still come in, 0 unknown.
func (c *Conversation) firstRTT() int64 {
	return c.live.handshakeRTT
}

// timer tells which timer sent the segment again: the probe for a lost tail
// (RFC 8985, section 7) resends only the last segment, about two round trips
// after it; the retransmission timer waits at least 200 ms on Linux.
func (c *Conversation) timer(s *Segment, own *tagger, sinceNext int64) Tags {
	if s.Flags&packet.SYN != 0 {
		return TagRTO
	}
	idle := s.Time - own.lastSent
	switch {
	case idle >= keepPause:
		return TagRTO
	case s.Seq == own.lastSeq && idle > lang.Millisecond:
		return TagTailProbe
	}
	return 0
}

// remember takes the segment into what later ones are compared with.
func (t *tagger) remember(c *Conversation, s *Segment, p *packet.Packet) {
	f := &c.Flows[s.From]
	t.lastTags = s.Tags
	if s.Reset() {
		return
	}
	probe := s.Tags.Has(TagZeroWindowProbe)
	if !probe && (!t.hasNext || Before(f.Next, s.End()) || s.Flags&packet.SYN != 0 && !f.HasISN) {
		t.nextTime = s.Time
	}
	if !probe {
		t.advance(s)
		t.hasNext = true
	}
	if s.Len > 0 && !probe && !s.Tags.Has(TagKeepAlive) {
		t.lastSeq, t.lastEnd, t.lastSent = s.Seq, s.End(), s.Time
	}
	if s.Known&packet.KnownIPID != 0 && s.IPID != 0 && s.Flags&packet.SYN == 0 {
		t.ids.add(s.IPID)
	}
	if s.Flags&packet.ACK != 0 {
		t.rememberAck(c, s, p)
	}
}

// advance moves the end of what is seen without a hole.
func (t *tagger) advance(s *Segment) {
	switch {
	case !t.hasNext || s.Flags&packet.SYN != 0:
		t.continued, t.islands.n = s.End(), 0
	case Before(t.continued, s.Seq):
		t.islands.add(s.Seq, s.End(), s.Time)
	case Before(t.continued, s.End()):
		t.continued = t.islands.reach(s.End())
	}
}

// islands are the stretches seen beyond the first hole, in order; bounded, the
// last one swallowing what does not fit.
type islands struct {
	at    [16]packet.SACKBlock
	since [16]int64 // ns; when the first bytes of each were seen
	n     int
}

func (l *islands) add(from, to uint32, now int64) {
	i := 0
	for i < l.n && Before(l.at[i].Right, from) {
		i++
	}
	if i < l.n && !Before(to, l.at[i].Left) {
		l.at[i].Left, l.at[i].Right = lower(l.at[i].Left, from), upper(l.at[i].Right, to)
		for i+1 < l.n && !Before(l.at[i].Right, l.at[i+1].Left) {
			l.at[i].Right = upper(l.at[i].Right, l.at[i+1].Right)
			l.since[i] = min(l.since[i], l.since[i+1])
			copy(l.at[i+1:], l.at[i+2:l.n])
			copy(l.since[i+1:], l.since[i+2:l.n])
			l.n--
		}
		return
	}
	if l.n == len(l.at) {
		l.at[l.n-1].Right = upper(l.at[l.n-1].Right, to)
		return
	}
	copy(l.at[i+1:l.n+1], l.at[i:l.n])
	copy(l.since[i+1:l.n+1], l.since[i:l.n])
	l.at[i], l.since[i] = packet.SACKBlock{Left: from, Right: to}, now
	l.n++
}

// beyondSince is when the first byte beyond seq was seen, in ns; 0 when none was.
func (l *islands) beyondSince(seq uint32) int64 {
	var first int64
	for i, b := range l.at[:l.n] {
		if Before(seq, b.Left) && (first == 0 || l.since[i] < first) {
			first = l.since[i]
		}
	}
	return first
}

// reach is how far the bytes go without a hole once everything up to end is
// there, and drops the islands that joined.
func (l *islands) reach(end uint32) uint32 {
	for l.n > 0 && !Before(end, l.at[0].Left) {
		end = upper(end, l.at[0].Right)
		copy(l.at[:], l.at[1:l.n])
		copy(l.since[:], l.since[1:l.n])
		l.n--
	}
	return end
}

// holds reports whether every byte was seen.
func (l *islands) holds(from, to uint32) bool {
	for _, b := range l.at[:l.n] {
		if !Before(from, b.Left) && !Before(b.Right, to) {
			return true
		}
	}
	return false
}

func lower(a, b uint32) uint32 {
	if Before(a, b) {
		return a
	}
	return b
}

func upper(a, b uint32) uint32 {
	if Before(a, b) {
		return b
	}
	return a
}

func (t *tagger) rememberAck(c *Conversation, s *Segment, p *packet.Packet) {
	peer := &c.live.sides[s.From.Other()].tags
	if s.Tags.Has(TagAckLostSegment) {
		peer.continued = peer.islands.reach(s.Ack) // said once
	}
	switch {
	case !t.hasAck || s.Ack != t.lastAck:
		t.dupAcks = 0
	case s.Tags.Has(TagDuplicateAck):
		t.dupAcks++
	}
	t.hasAck, t.lastAck, t.ackTime = true, s.Ack, s.Time
	t.sackCount = copy(t.sacks[:], p.SACK[:p.SACKCount])
	if s.Known&packet.KnownWindow != 0 {
		t.rawWindow, t.hasWindow = s.Window, true
		t.window, _ = c.Window(s)
	}
}

func (t *idTrail) add(id uint16) {
	if t.known {
		if step := int16(id - t.last); step > 0 {
			t.ups++
		} else {
			t.downs++
		}
	}
	if !t.known || int16(id-t.last) > 0 {
		t.last = id
	}
	t.known = true
}
