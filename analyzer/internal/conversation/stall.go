package conversation

import "pcaplain/analyzer/internal/packet"

// Stall is a stretch during which one side kept its receive window at zero.
// Indexes point into Conversation.Segments; -1 is none.
type Stall struct {
	Reader   Side  // the side that could take no more
	Closed   int   // its first segment with window 0
	Opened   int   // its segment that opened the window again
	Probes   []int // the other side's questions whether it has opened
	Answers  []int // the reader's segments that repeat window 0
	From, To int64 // ns; To is the last packet's time when it never opened
	Resumed  int   // the other side's first data after it opened
}

// Stalls lists the closed windows of a conversation in order. A window in a
// segment with SYN, FIN or RST says nothing about reading.
func (c *Conversation) Stalls() []Stall {
	var out []Stall
	var open [2]*Stall
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.IsCopy() || s.Tags.Has(TagStray) || s.Flags&(packet.SYN|packet.RST) != 0 {
			continue
		}
		if st := open[s.From.Other()]; st != nil && s.Tags.Has(TagZeroWindowProbe|TagKeepAlive) {
			st.Probes = append(st.Probes, i)
		}
		if s.Known&packet.KnownWindow == 0 {
			continue
		}
		st := open[s.From]
		switch {
		case s.Window == 0 && st == nil && !s.FIN():
			open[s.From] = &Stall{Reader: s.From, Closed: i, Opened: -1, Resumed: -1, From: s.Time}
		case s.Window == 0 && st != nil:
			st.Answers = append(st.Answers, i)
		case s.Window != 0 && st != nil:
			st.Opened, st.To = i, s.Time
			st.Resumed = c.firstData(i, s.From.Other())
			out = append(out, *st)
			open[s.From] = nil
		}
	}
	for _, st := range open {
		if st != nil {
			st.To = c.Last
			out = append(out, *st)
		}
	}
	return out
}

// firstData is a side's first data segment after an index, -1 for none.
func (c *Conversation) firstData(after int, from Side) int {
	for i := after + 1; i < len(c.Segments); i++ {
		if s := &c.Segments[i]; s.From == from && s.Len > 0 && !s.IsCopy() {
			return i
		}
	}
	return -1
}

// FinishedBefore reports whether a side had sent its FIN before a segment.
func (c *Conversation) FinishedBefore(from Side, at int) bool {
	for i := 0; i < at; i++ {
		if s := &c.Segments[i]; s.From == from && s.FIN() {
			return true
		}
	}
	return false
}
