package conversation

// Freeze is a hole that the receiver asks for and the sender never fills.
// Indexes point into Conversation.Segments.
type Freeze struct {
	From     Side
	Sent     int   // the first sending of the missing bytes
	Asked    []int // the acknowledgements that ask for them
	Later    []int // new data sent although it was asked for the old
	LastSent int   // the last segment of any kind that the sender sent
	Silence  int64 // ns from the first request for it to the end of what is known
}

// Frozen finds data that a side was asked for at least three times and never
// sent again, until a time in ns; nil for none. That it was not sent again is
// known only where the capture sees everything that side sends.
func (c *Conversation) Frozen(from Side, until int64) *Freeze {
	f, peer := &c.Flows[from], &c.Flows[from.Other()]
	if !peer.HasAck || !f.HasSeq || !Before(peer.Acked, f.Next) || peer.Counts.Count(TagDuplicateAck)+peer.Counts.Count(TagSACK) == 0 {
		return nil
	}
	z := &Freeze{From: from, Sent: -1, LastSent: -1}
	for i := range c.Segments {
		s := &c.Segments[i]
		switch {
		case s.IsCopy() || s.Tags.Has(TagStray):
		case s.From != from:
			if s.Ack == peer.Acked && s.Tags.Has(TagDuplicateAck|TagSACK) && z.Sent >= 0 {
				z.Asked = append(z.Asked, i)
			}
		default:
			z.LastSent = i
			if !z.take(i, s, peer.Acked) {
				return nil
			}
		}
	}
	const asked = 3
	if z.Sent < 0 || len(z.Asked) < asked {
		return nil
	}
	z.Silence = until - c.Segments[z.Asked[0]].Time
	return z
}

// take follows the sender's data; false when it sent the missing bytes again or
// ended the connection.
func (z *Freeze) take(i int, s *Segment, missing uint32) bool {
	covers := s.Len > 0 && !Before(missing, s.Seq) && Before(missing, s.End())
	switch {
	case covers && z.Sent >= 0:
		return false
	case covers:
		z.Sent = i
	case s.Reset() && len(z.Asked) == 0:
		return false
	case s.Len > 0 && len(z.Asked) > 0:
		z.Later = append(z.Later, i)
	}
	return true
}
