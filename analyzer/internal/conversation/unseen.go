package conversation

import "pcaplain/analyzer/internal/lang"

// swapped is how long in ns after an acknowledgement the segment it covers may
// still stand in the file, when two processors recorded them: then nothing is
// missing.
const swapped = 100 * lang.Millisecond

// UnseenAcks lists the acknowledgements of bytes that are not in the capture,
// indexes into Segments: the receiver got them, the capture did not. Where the
// bytes follow at once, or are sent again, nothing is missing from the file. A
// side whose packets were fragmented is left out: of those only the first
// fragments are segments here.
func (c *Conversation) UnseenAcks() []int {
	var out []int
	var cut [2]bool
	for i := range c.Segments {
		s := &c.Segments[i]
		cut[s.From] = cut[s.From] || s.Bits&BitFragment != 0
		if cut[s.From.Other()] {
			continue
		}
		if s.Tags.Has(TagAckLostSegment) && !s.IsCopy() && !c.followsLater(i) {
			out = append(out, i)
		}
	}
	return out
}

// followsLater: the segment an acknowledgement covers stands behind it.
func (c *Conversation) followsLater(at int) bool {
	a := &c.Segments[at]
	for i := at + 1; i < len(c.Segments); i++ {
		s := &c.Segments[i]
		if s.Time-a.Time > swapped {
			return false
		}
		if s.From != a.From && s.SegmentLen() > 0 && Before(s.Seq, a.Ack) {
			return true
		}
	}
	return false
}
