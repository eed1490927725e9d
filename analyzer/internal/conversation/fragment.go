package conversation

// Fragments lists the kept segments that are first IP fragments of larger
// packets, as indexes into Segments.
func (c *Conversation) Fragments() []int {
	var out []int
	for i := range c.Segments {
		if s := &c.Segments[i]; s.Bits&BitFragment != 0 && !s.IsCopy() {
			out = append(out, i)
		}
	}
	return out
}
