package conversation

import "pcaplain/analyzer/internal/packet"

// Squeeze is one side cutting its data to the other's announced window as if
// that were not scaled, although its owner means it to be. Indexes point into
// Conversation.Segments.
type Squeeze struct {
	Reader  Side   // whose window is misread
	Opening int    // its SYN or SYN-ACK, with the unscaled window
	First   int    // its first segment after that, with the window scaled down
	Shift   int    // by how many bits its windows seem to be shifted
	Window0 uint16 // of the opening
	Window1 uint16 // of the first segment after it
	// Fills are the other side's segments that end exactly at the unscaled window
	// and are shorter than a full segment.
	Fills []int
	// Agreed is set when both SYNs carry the option at this capture point, so that
	// it was taken out beyond it; otherwise the reader's own lacks it here.
	Agreed bool
}

const (
	// leastShift: smaller shifts leave windows that merely look small.
	leastShift = 5
	// mostShift is the largest one allowed (RFC 7323, section 2.3).
	mostShift = 14
)

// Squeezed tells whether a side's window scale is lost on the other; nil when not.
func (c *Conversation) Squeezed(reader Side) *Squeeze {
	own, peer := &c.Flows[reader], &c.Flows[reader.Other()]
	if !own.HasISN || !peer.HasISN || peer.Options&packet.OptWindowScale == 0 {
		return nil
	}
	q := &Squeeze{Reader: reader, Opening: -1, First: -1, Agreed: own.Options&packet.OptWindowScale != 0}
	if !q.openings(c) {
		return nil
	}
	if q.Agreed && !c.unscaledWindows(reader.Other()) {
		return nil
	}
	q.Fills = c.fills(reader)
	return q
}

// openings compares the window in the SYN with the first one after it.
func (q *Squeeze) openings(c *Conversation) bool {
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.From != q.Reader || s.IsCopy() || s.Reset() || s.Known&packet.KnownWindow == 0 {
			continue
		}
		if s.Flags&packet.SYN != 0 {
			q.Opening, q.Window0 = i, s.Window
			continue
		}
		if q.Opening < 0 {
			return false
		}
		q.First, q.Window1 = i, s.Window
		break
	}
	if q.First < 0 {
		return false
	}
	for k := leastShift; k <= mostShift; k++ {
		want := int(q.Window0) >> k
		if want > 0 && abs(int(q.Window1)-want) <= max(2, want/4) {
			q.Shift = k
			return true
		}
	}
	return false
}

// unscaledWindows reports whether a side goes on announcing the very window of
// its SYN, which scaled up would be tens of megabytes: it does not know of the
// scale.
func (c *Conversation) unscaledWindows(from Side) bool {
	const enough, huge = 3, 1 << 24
	syn, same := -1, 0
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.From != from || s.IsCopy() || s.Reset() {
			continue
		}
		if s.Flags&packet.SYN != 0 {
			syn = i
			continue
		}
		if w, ok := c.Window(s); ok && syn >= 0 && s.Window == c.Segments[syn].Window && w >= huge {
			same++
		}
	}
	return same >= enough
}

// fills lists the short segments that end exactly at the unscaled window.
func (c *Conversation) fills(reader Side) []int {
	full := c.FullSize(reader.Other())
	var out []int
	edge, known := uint32(0), false
	for i := range c.Segments {
		s := &c.Segments[i]
		switch {
		case s.IsCopy() || s.Reset() || s.Tags.Has(TagStray) || s.Flags&packet.SYN != 0:
		case s.From == reader && s.Known&packet.KnownWindow != 0 && s.Flags&packet.ACK != 0:
			edge, known = s.Ack+uint32(s.Window), s.Window > 0
		case s.From != reader && known && s.Len > 0 && s.Len < full && s.End() == edge:
			out = append(out, i)
		}
	}
	return out
}
