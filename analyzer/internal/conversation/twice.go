package conversation

import "pcaplain/analyzer/internal/packet"

// Twice is a packet that arrived twice, as the receiver reports. Indexes point
// into Conversation.Segments.
type Twice struct{ First, Second, Report int }

// DeliveredTwice lists a side's packets that are in the capture twice with the
// same IP ID and TTL, and whose bytes the receiver reported as duplicates
// within the next packets.
func (c *Conversation) DeliveredTwice(from Side) []Twice {
	if c.Copies == 0 || c.Flows[from.Other()].Counts.Count(TagDSACK) == 0 {
		return nil
	}
	var out []Twice
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.From != from || !s.IsCopy() || s.Len == 0 || s.Known&packet.KnownIPID == 0 || s.IPID == 0 {
			continue
		}
		first, kind, ok := c.Original(i)
		if !ok || kind != CopySame {
			continue
		}
		if r := c.reportOf(i); r >= 0 {
			out = append(out, Twice{First: first, Second: i, Report: r})
		}
	}
	return out
}

func (c *Conversation) reportOf(at int) int {
	const soon = 8
	s := &c.Segments[at]
	for i := at + 1; i < len(c.Segments) && i <= at+soon; i++ {
		o := &c.Segments[i]
		if o.From == s.From || !o.Tags.Has(TagDSACK) {
			continue
		}
		if b := c.blocks(o); len(b) > 0 && !Before(s.Seq, b[0].Left) && !Before(b[0].Right, s.End()) {
			return i
		}
	}
	return -1
}
