package conversation

import "pcaplain/analyzer/internal/packet"

// Blackout is a time in which one side repeated data and nothing acknowledged
// it. Indexes point into Conversation.Segments; -1 is none.
type Blackout struct {
	Series       // the oldest unacknowledged data and its repetitions
	LastGood int // the other side's last segment that brought something new before it
	End      int // the first segment that acknowledges the data, -1 for never
	// Heard are the other side's segments during it, which acknowledge nothing
	// new: only the way there was dead.
	Heard []int
	// Idle is how long the conversation had been quiet when the data was sent
	// first, Survived the longest silence before that one, in ns.
	Idle, Survived int64
}

// Length is from the first sending to the acknowledgement, or to a given time
// when there was none, in ns.
func (b *Blackout) Length(c *Conversation, until int64) int64 {
	if b.End >= 0 {
		until = c.Segments[b.End].Time
	}
	return until - c.Segments[b.At[0]].Time
}

// Blackouts lists a side's blackouts with at least a number of repetitions each
// before anything acknowledged the data, in order, without those that lie within
// another. Data that waits for a closed window is none.
func (c *Conversation) Blackouts(from Side, repetitions int) []Blackout {
	// Most conversations repeat nothing: the counters say so without a look at
	// the segments.
	if c.Flows[from].Counts.repeats() < repetitions {
		return nil
	}
	f, key := c.derived(), blackoutsOf{from, repetitions}
	if found, ok := f.blackouts[key]; ok {
		return found
	}
	if f.blackouts == nil {
		f.blackouts = map[blackoutsOf][]Blackout{}
	}
	f.blackouts[key] = c.findBlackouts(from, repetitions)
	return f.blackouts[key]
}

// blackoutsOf is a question that several rules ask.
type blackoutsOf struct {
	from        Side
	repetitions int
}

func (c *Conversation) findBlackouts(from Side, repetitions int) []Blackout {
	var out []Blackout
	for _, s := range c.DataSeries(from) {
		if len(s.At) <= repetitions {
			continue
		}
		if n := len(out); n > 0 && (out[n-1].End < 0 || s.At[0] < out[n-1].End) {
			continue
		}
		b := Blackout{Series: s, LastGood: -1, End: c.AckedBy(s.At[0])}
		if b.End >= 0 && b.End < s.At[repetitions] || c.windowClosed(from.Other(), s.At[0]) {
			continue
		}
		c.surroundings(&b)
		out = append(out, b)
	}
	return out
}

func (c *Conversation) surroundings(b *Blackout) {
	first := b.At[0]
	m := c.Before(first)
	b.LastGood = m.Latest[b.From.Other()]
	if m.Any >= 0 {
		b.Idle = c.Segments[first].Time - c.Segments[m.Any].Time
		b.Survived = c.LongestSilence(m.Any + 1)
	}
	acked, from := m.Acked[b.From.Other()], c.Segments[first].Time
	for i := first + 1; i < len(c.Segments) && (b.End < 0 || i < b.End); i++ {
		s := &c.Segments[i]
		if s.From == b.From || s.Reset() || s.IsCopy() || s.Tags.Has(TagStray) || s.Flags&packet.SYN != 0 {
			continue
		}
		if m.HasAck[b.From.Other()] && Before(acked, s.Ack) {
			acked, from, b.LastGood, b.Heard = s.Ack, s.Time, i, nil // what was under way still got through
		} else if s.Time-from > c.RTT() {
			b.Heard = append(b.Heard, i)
		}
	}
}

// windowClosed reports whether a side's last window before an index was zero.
func (c *Conversation) windowClosed(from Side, before int) bool {
	for i := before - 1; i >= 0; i-- {
		s := &c.Segments[i]
		if s.From == from && !s.IsCopy() && !s.Reset() {
			w, ok := c.Window(s)
			return ok && w == 0
		}
	}
	return false
}

// repeats counts the packets of a side that carried bytes sent before; a packet
// with several such tags counts more than once, never less.
func (n *TagCounts) repeats() int {
	sum := n.Count(TagOutOfOrder)
	for t := Tags(1); t < 1<<tagCount; t <<= 1 {
		if Repeat.Has(t) {
			sum += n.Count(t)
		}
	}
	return sum
}
