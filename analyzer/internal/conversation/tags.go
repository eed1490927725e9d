package conversation

import "pcaplain/analyzer/internal/packet"

// tagger is what tagging remembers of one side.
type tagger struct {
	dupAcks int
}

// tag names what a segment is, in Wireshark's words.
func (c *Conversation) tag(s *Segment, p *packet.Packet) {
	f := &c.Flows[s.From]
	if s.Flags&packet.SYN != 0 && f.HasISN && f.ISN == s.Seq {
		s.Tags |= TagRetransmission
		return
	}
	if s.SegmentLen() > 0 && f.HasSeq && !s.Reset() && Before(s.Seq, f.Next) && s.Flags&packet.SYN == 0 {
		s.Tags |= TagRetransmission
	}
}
