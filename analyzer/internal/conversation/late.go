package conversation

// Late is a segment that was sent before others and arrived after them. Indexes
// point into Conversation.Segments.
type Late struct {
	At     int
	Behind int    // the first segment that overtook it, -1 not kept
	Others int    // how many kept data segments overtook it
	By     int64  // ns behind the first of them
	Proved bool   // by IP ID or timestamp; otherwise by its little delay alone
	Again  []int  // needless repetitions of it
	Seq    uint32 // its first byte
}

// Lates lists a side's segments that came out of order.
func (c *Conversation) Lates(from Side) []Late {
	if c.Flows[from].Counts.Count(TagOutOfOrder) == 0 {
		return nil
	}
	var out []Late
	again := c.repetitions(from)
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.From != from || s.IsCopy() || s.Len == 0 || !s.Tags.Has(TagOutOfOrder) {
			continue
		}
		l := Late{At: i, Behind: -1, Proved: s.Tags.Has(TagLate), Seq: s.Seq}
		c.overtakers(&l)
		if l.Others == 0 || !s.Tags.Has(TagFillsHole) {
			continue // sent again so soon that time alone takes it for late
		}
		for _, r := range again[s.Seq] {
			if r > i {
				l.Again = append(l.Again, r)
			}
		}
		out = append(out, l)
	}
	return out
}

func (c *Conversation) overtakers(l *Late) {
	s := &c.Segments[l.At]
	for i := l.At - 1; i >= 0; i-- {
		o := &c.Segments[i]
		if o.From != s.From || o.Len == 0 || o.IsCopy() {
			continue
		}
		if Before(o.Seq, s.Seq) {
			break
		}
		l.Behind, l.By, l.Others = i, s.Time-o.Time, l.Others+1
	}
}

// repetitions are a side's repeated data segments by sequence number.
func (c *Conversation) repetitions(from Side) map[uint32][]int {
	out := map[uint32][]int{}
	for i := range c.Segments {
		if s := &c.Segments[i]; s.From == from && s.Len > 0 && s.Tags.Has(TagRetransmission) {
			out[s.Seq] = append(out[s.Seq], i)
		}
	}
	return out
}
