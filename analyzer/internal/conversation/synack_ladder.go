package conversation

import "pcaplain/analyzer/internal/lang"

// SYNACKLadder is a server's SYN-ACK and its repetitions, beside what the client
// sent in the meantime. Indexes point into Conversation.Segments; -1 is none.
type SYNACKLadder struct {
	At []int // the SYN-ACK and its repetitions on the server's own timer
	// Driven are repetitions that answer a repeated SYN of the client; they say
	// nothing about the server's timer.
	Driven []int
	// ACK is the client's first valid acknowledgement of the SYN-ACK.
	ACK int
	// Ignored are the repetitions in At that left the server although ACK must
	// have reached it before; Answers are the client's acknowledgements of each,
	// in the same order.
	Ignored, Answers []int
	Schedule         Schedule
	// Initial is the first wait of the timer, 1 s or 3 s in ns; 0 when the gaps
	// fit neither. Deferred is the whole wait when one repetition stands alone at
	// the end of a deferral (see DeferredWait), else 0.
	Initial, Deferred int64
	// NextDue is when the next repetition would be due, ns; if none comes and the
	// capture goes on, the half-open entry expires there without a packet.
	NextDue int64
	// Echoes are the server's bare acknowledgements that answer the client's
	// while the ladder runs: it saw them and did not accept them.
	Echoes []int
	// Data are the client's data segments after ACK up to the acceptance;
	// Accepted is the server's first segment that shows it left SYN_RECV: it
	// carries data or FIN, or acknowledges some of the client's.
	Data     []int
	Accepted int
}

// synDriven is how soon after a SYN a SYN-ACK answers it, in ns. A stack answers
// within microseconds; the bound leaves room for a slow virtual host.
const synDriven = 5 * lang.Millisecond

// maxRTO bounds a retransmission timer, in ns (Linux TCP_RTO_MAX).
const maxRTO = 120 * lang.Second

// SYNACKLadder gives the conversation's SYN-ACKs as a ladder; nil without a
// SYN-ACK.
func (c *Conversation) SYNACKLadder() *SYNACKLadder {
	f := c.derived()
	if !f.hasLadder {
		f.hasLadder, f.ladder = true, c.synackLadder()
	}
	return f.ladder
}

func (c *Conversation) synackLadder() *SYNACKLadder {
	h := c.Handshake()
	if len(h.SYNACKs) == 0 {
		return nil
	}
	l := &SYNACKLadder{ACK: -1, Accepted: -1}
	isn := c.Segments[h.SYNACKs[0]].Seq
	for _, z := range h.SYNACKs {
		if c.Segments[z].Seq != isn {
			continue // a new half-open entry: not this one's timer
		}
		if len(l.At) > 0 && c.drivenBySYN(h, z) {
			l.Driven = append(l.Driven, z)
		} else {
			l.At = append(l.At, z)
		}
	}
	if a := h.ACK; a >= 0 && c.Segments[a].Ack-isn == 1 {
		l.ACK = a
	}
	l.timer(c)
	l.reactions(c, h)
	return l
}

// drivenBySYN: the latest thing the client sent is a repeated SYN, moments ago.
func (c *Conversation) drivenBySYN(h *Handshake, at int) bool {
	z := &c.Segments[at]
	for _, y := range h.SYNs[min(1, len(h.SYNs)):] {
		if d := z.Time - c.Segments[y].Time; y < at && d >= 0 && d < max(synDriven, 2*c.serverLeg(h)) {
			return true
		}
	}
	return false
}

func (c *Conversation) serverLeg(h *Handshake) int64 { return max(h.ServerLeg, 0) }

func (l *SYNACKLadder) timer(c *Conversation) {
	s := c.SeriesOf(l.At)
	l.Schedule = s.Schedule
	if len(s.Gaps) == 0 {
		return
	}
	switch first := s.Gaps[0]; {
	case len(s.Gaps) == 1 && DeferredWait(first) > lang.Second:
		l.Deferred = DeferredWait(first)
	case Fits(first, lang.Second):
		l.Initial = lang.Second
	case Fits(first, 3*lang.Second) || first > 3*lang.Second && first < 3*lang.Second+3*lang.Second/10:
		l.Initial = 3 * lang.Second
	}
	last := len(s.Gaps) - 1
	l.NextDue = c.Segments[l.At[last+1]].Time + min(2*s.Gaps[last], maxRTO)
}

// DeferredWait tells the period of a deferred accept (Linux TCP_DEFER_ACCEPT
// since 2.6.32) that ends after a wait: the option is rounded up to the end of a
// SYN-ACK timer step, so that the only repetition comes 1, 3, 7, 15, 31, 63 or
// 127 s after the SYN-ACK, at most 8 % late. Result in ns, 0 for none.
func DeferredWait(wait int64) int64 {
	for step := lang.Second; step <= 127*lang.Second; step = 2*step + lang.Second {
		if wait >= step-step/50 && wait <= step+step*8/100 {
			return step
		}
	}
	return 0
}

// reactions sorts what both sides sent around the repetitions.
func (l *SYNACKLadder) reactions(c *Conversation, h *Handshake) {
	if l.ACK < 0 {
		return
	}
	acked := c.Segments[l.ACK].Time
	for _, z := range l.At[1:] {
		// Sent before the acknowledgement can have arrived it is no ignoring.
		if s := &c.Segments[z]; z > l.ACK && s.Time-acked > h.RTT() {
			l.Ignored = append(l.Ignored, z)
			l.Answers = append(l.Answers, c.answerTo(z, h.RTT()))
		}
	}
	for i := l.ACK; i < len(c.Segments) && l.Accepted < 0; i++ {
		l.reaction(c, i)
	}
}

func (l *SYNACKLadder) reaction(c *Conversation, i int) {
	s := &c.Segments[i]
	isn := c.Flows[Client].ISN
	switch {
	case s.IsCopy() || s.Reset() || s.Tags.Has(TagStray):
	case s.From == Client:
		if s.Len > 0 {
			l.Data = append(l.Data, i)
		}
	case s.SYNACK():
	case s.Len > 0 || s.FIN() || c.Flows[Client].HasISN && Distance(s.Ack, isn) > 1:
		l.Accepted = i
	case s.PureACK() && s.Seq == c.Segments[l.At[0]].Seq+1:
		l.Echoes = append(l.Echoes, i)
	}
}

// answerTo is the client's acknowledgement that follows a SYN-ACK, -1 for none.
func (c *Conversation) answerTo(at int, rtt int64) int {
	z := &c.Segments[at]
	for i := at + 1; i < len(c.Segments); i++ {
		s := &c.Segments[i]
		if s.Time-z.Time > max(3*rtt, 200*lang.Millisecond) {
			break
		}
		if s.From == Client && s.PureACK() && s.Ack == z.Seq+1 && !s.IsCopy() {
			return i
		}
	}
	return -1
}

// Waiting lists the client's data segments that were sent while the ladder ran:
// before it was accepted, before the half-open entry expired.
func (l *SYNACKLadder) Waiting(c *Conversation) []int {
	end := c.Segments[l.At[len(l.At)-1]].Time
	if l.Accepted < 0 {
		end = max(end, l.NextDue)
	}
	var out []int
	for _, d := range l.Data {
		if c.Segments[d].Time < end {
			out = append(out, d)
		}
	}
	return out
}

// Backdated reports whether the acknowledgement carries an older timestamp than
// the SYN did, so that a server rejects it (PAWS, RFC 7323 section 5), and by
// how many ticks.
func (l *SYNACKLadder) Backdated(c *Conversation) (ticks int32, yes bool) {
	h := c.Handshake()
	if l.ACK < 0 || len(h.SYNs) == 0 {
		return 0, false
	}
	y, k := &c.Segments[h.SYNs[len(h.SYNs)-1]], &c.Segments[l.ACK]
	ticks = Distance(y.TSVal, k.TSVal)
	return ticks, y.HasTS() && k.HasTS() && ticks > 1
}
