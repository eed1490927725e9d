package conversation

import "pcaplain/analyzer/internal/packet"

// Beyond is how many of the other side's sequence numbers a segment
// acknowledges that are not in the capture: 1 for a FIN that was missed, 0 or
// less for none.
func (c *Conversation) Beyond(at int) int {
	s := &c.Segments[at]
	f := &c.Flows[s.From.Other()]
	if s.Flags&packet.ACK == 0 || !f.HasSeq {
		return 0
	}
	return int(Distance(s.Ack, f.Next))
}
