package conversation

import "pcaplain/analyzer/internal/packet"

// Turn is a run of new payload from one side, until the other side's begins: a
// request, or a response. Repeated bytes, probes and strays are no part of it.
// Indexes point into Conversation.Segments; -1 is none.
type Turn struct {
	From        Side
	First, Last int    // its first and last segment
	Segments    int    // kept segments with new payload
	Bytes       uint32 // of payload, from the first to the last segment's end
	Acked       int    // the other side's first segment that acknowledges all of it
}

// Turns lists who spoke when, in order.
func (c *Conversation) Turns() []Turn {
	f := c.derived()
	if !f.hasTurns {
		f.hasTurns, f.turns = true, c.findTurns()
	}
	return f.turns
}

func (c *Conversation) findTurns() []Turn {
	var out []Turn
	var next [2]uint32
	var spoke [2]bool
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.IsCopy() || s.Tags.Has(TagStray) || s.Reset() {
			continue
		}
		c.noteAcked(out, i, s)
		if s.Len == 0 || spoke[s.From] && !Before(next[s.From], s.End()) {
			continue
		}
		spoke[s.From], next[s.From] = true, s.End()
		if len(out) == 0 || out[len(out)-1].From != s.From {
			out = append(out, Turn{From: s.From, First: i, Acked: -1})
		}
		t := &out[len(out)-1]
		t.Last, t.Acked, t.Segments = i, -1, t.Segments+1
		t.Bytes = s.Seq + s.Len - c.Segments[t.First].Seq
	}
	return out
}

// noteAcked marks the newest turn of the other side as acknowledged by s.
func (c *Conversation) noteAcked(turns []Turn, i int, s *Segment) {
	for n := len(turns) - 1; n >= 0 && n >= len(turns)-2; n-- {
		t := &turns[n]
		last := &c.Segments[t.Last]
		if t.From != s.From && t.Acked < 0 && s.Flags&packet.ACK != 0 && !Before(s.Ack, last.Seq+last.Len) {
			t.Acked = i
		}
	}
}

// Moment is what both sides had sent and acknowledged when a segment came.
type Moment struct {
	Next     [2]uint32 // one past the highest byte sent; valid if Spoke
	Acked    [2]uint32 // highest acknowledgement sent by the side; valid if HasAck
	Spoke    [2]bool
	HasAck   [2]bool
	FIN      [2]int // index of the side's first FIN, -1 none
	Data     [2]int // index of its latest new payload, -1 none
	Latest   [2]int // index of its latest segment, -1 none
	Any      int    // index of the latest segment of either, -1 none
	Repeated [2]int // how many of its segments since Data repeated bytes
}

// Outstanding is how many bytes of a side's sequence space are sent and not
// acknowledged; ok is false when either number is unknown.
func (m *Moment) Outstanding(from Side) (bytes uint32, ok bool) {
	to := from.Other()
	if !m.Spoke[from] || !m.HasAck[to] {
		return 0, false
	}
	if !Before(m.Acked[to], m.Next[from]) {
		return 0, true
	}
	return m.Next[from] - m.Acked[to], true
}

// Quiet reports whether nothing that either side sent waits for an
// acknowledgement.
func (m *Moment) Quiet() bool {
	a, okA := m.Outstanding(Client)
	b, okB := m.Outstanding(Server)
	return okA && okB && a == 0 && b == 0
}

// Before tells how matters stood just before the segment at an index. Resets,
// copies and strays change nothing.
func (c *Conversation) Before(at int) Moment {
	none := [2]int{-1, -1}
	m := Moment{FIN: none, Data: none, Latest: none, Any: -1}
	for i := 0; i < at && i < len(c.Segments); i++ {
		if s := &c.Segments[i]; !s.IsCopy() && !s.Reset() && !s.Tags.Has(TagStray) {
			m.take(i, s)
		}
	}
	return m
}

func (m *Moment) take(i int, s *Segment) {
	f := s.From
	m.Latest[f], m.Any = i, i
	if s.Flags&packet.ACK != 0 && (!m.HasAck[f] || Before(m.Acked[f], s.Ack)) {
		m.HasAck[f], m.Acked[f] = true, s.Ack
	}
	if s.FIN() && m.FIN[f] < 0 {
		m.FIN[f] = i
	}
	switch {
	case !m.Spoke[f] || Before(m.Next[f], s.End()):
		m.Spoke[f], m.Next[f] = true, s.End()
		if s.Len > 0 {
			m.Data[f], m.Repeated[f] = i, 0
		}
	case s.Len > 0:
		m.Repeated[f]++
	}
}

// FirstFIN is the index of a side's first FIN, -1 for none.
func (c *Conversation) FirstFIN(from Side) int {
	f := c.derived()
	if !f.hasFINs {
		f.hasFINs, f.fins = true, [2]int{c.findFIN(Client), c.findFIN(Server)}
	}
	return f.fins[from]
}

func (c *Conversation) findFIN(from Side) int {
	for i := range c.Segments {
		if s := &c.Segments[i]; s.From == from && s.FIN() && !s.IsCopy() && !s.Reset() {
			return i
		}
	}
	return -1
}

// AckedBy is the index of the first segment after at, from the other side,
// that acknowledges all of the segment at, -1 for none. A reset's
// acknowledgement counts: it says how far its sender had received.
func (c *Conversation) AckedBy(at int) int {
	g := &c.Segments[at]
	for i := at + 1; i < len(c.Segments); i++ {
		s := &c.Segments[i]
		if s.From != g.From && s.Flags&packet.ACK != 0 && !s.IsCopy() && !s.Tags.Has(TagStray) && !Before(s.Ack, g.End()) {
			return i
		}
	}
	return -1
}

// NewData lists the segments of a side after an index (-1 for all) that carry
// payload not sent before.
func (c *Conversation) NewData(from Side, after int) []int {
	var out []int
	m := c.Before(after + 1)
	next, spoke := m.Next[from], m.Spoke[from]
	for i := after + 1; i < len(c.Segments); i++ {
		s := &c.Segments[i]
		if s.From != from || s.Len == 0 || s.IsCopy() || s.Reset() || s.Tags.Has(TagStray) {
			continue
		}
		if !spoke || Before(next, s.End()) {
			out = append(out, i)
			spoke, next = true, s.End()
		}
	}
	return out
}

// LongestSilence is the longest time between two kept segments before an
// index, in ns: what the connection has survived so far.
func (c *Conversation) LongestSilence(before int) int64 {
	var longest, last int64
	for i := 0; i < before && i < len(c.Segments); i++ {
		s := &c.Segments[i]
		if s.IsCopy() {
			continue
		}
		if last != 0 {
			longest = max(longest, s.Time-last)
		}
		last = s.Time
	}
	return longest
}
