package conversation

import "pcaplain/analyzer/internal/packet"

// fill gives a segment the numbers that a listing leaves out: tcpdump prints no
// sequence number for a bare acknowledgement, which stands at the sender's next
// one, and other listings print no acknowledgement number with data.
func (c *Conversation) fill(s *Segment) {
	f, peer := &c.Flows[s.From], &c.Flows[s.From.Other()]
	if s.Known&packet.KnownSeq == 0 {
		switch {
		case f.HasSeq:
			s.Seq = f.Next
		case peer.HasAck:
			s.Seq = peer.Acked
		}
	}
	if s.Known&packet.KnownAck == 0 && s.Flags&packet.ACK != 0 && f.HasAck {
		s.Ack = f.Acked
	}
}
