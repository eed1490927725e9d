package conversation

import "pcaplain/analyzer/internal/packet"

// WokenTimeWait is an old segment that reached a closed connection, the
// acknowledgement it drew, and the bare reset for that. Indexes into Segments.
type WokenTimeWait struct{ Old, ACK, Reset int }

// WokenTimeWait finds the three packets of RFC 1337 after both sides closed; ok
// is false when they are not all there.
func (c *Conversation) WokenTimeWait() (w WokenTimeWait, ok bool) {
	a, b := c.FirstFIN(Client), c.FirstFIN(Server)
	if a < 0 || b < 0 {
		return w, false
	}
	closer := Client
	if b < a {
		closer = Server
	}
	closed := max(a, b)
	for closed < len(c.Segments) && !c.acksFIN(closed, closer) {
		closed++
	}
	old, ack := -1, -1
	for i := closed + 1; i < len(c.Segments); i++ {
		s := &c.Segments[i]
		switch {
		case s.IsCopy():
		case s.From != closer && !s.Reset():
			old, ack = i, -1
		case s.From == closer && s.PureACK() && old >= 0:
			ack = i
		case s.From != closer && s.Reset() && s.Flags&packet.ACK == 0 && ack >= 0 && s.Seq == c.Segments[ack].Ack:
			return WokenTimeWait{Old: old, ACK: ack, Reset: i}, true
		}
	}
	return w, false
}

// acksFIN reports whether a segment of a side acknowledges the other's FIN.
func (c *Conversation) acksFIN(at int, side Side) bool {
	s, peer := &c.Segments[at], &c.Flows[side.Other()]
	return s.From == side && s.Flags&packet.ACK != 0 && peer.FIN && s.Ack == peer.FINSeq+1
}
