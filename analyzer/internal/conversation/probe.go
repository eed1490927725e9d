package conversation

import "pcaplain/analyzer/internal/packet"

// Probe is a keepalive probe: a segment of no or one byte just below what its
// side had already sent and had acknowledged (RFC 9293, section 3.8.4). The
// same shape is Linux's zero-window probe; the other side's last window, zero
// or not, tells them apart.
type Probe struct {
	At     int
	Answer int // the other side's next segment, -1 none before the next probe or the end
}

// Probes lists a side's keepalive probes in order.
func (c *Conversation) Probes(from Side) []Probe {
	var out []Probe
	var next, acked uint32
	spoke, heard, closed := false, false, false
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.IsCopy() || s.Tags.Has(TagStray) {
			continue
		}
		if s.From != from {
			if w, ok := c.Window(s); ok && !s.Reset() {
				closed = w == 0
			}
			if n := len(out); n > 0 && out[n-1].Answer < 0 {
				out[n-1].Answer = i
			}
			if s.Flags&packet.ACK != 0 && (!heard || Before(acked, s.Ack)) {
				heard, acked = true, s.Ack
			}
			continue
		}
		switch {
		case s.Reset():
		case spoke && !closed && s.Len <= 1 && s.Seq == next-1 && s.PureACKOrByte() && (!heard || !Before(acked, next)):
			out = append(out, Probe{At: i, Answer: -1})
		case !spoke || Before(next, s.End()):
			spoke, next = true, s.End()
		}
	}
	return out
}

// PureACKOrByte reports an acknowledgement with at most one byte of payload and
// neither SYN, FIN nor RST: the shape of a probe.
func (s *Segment) PureACKOrByte() bool { return s.Is(packet.ACK) && s.Len <= 1 }

// ProbesBefore counts the unanswered probes of either side that directly
// precede an index: those with no answer by then.
func (c *Conversation) ProbesBefore(at int) int {
	n := 0
	for _, from := range []Side{Client, Server} {
		for _, p := range c.Probes(from) {
			if p.At < at && (p.Answer < 0 || p.Answer >= at) {
				n++
			}
		}
	}
	return n
}
