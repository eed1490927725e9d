package conversation

// SizeReport is what a side made of ICMP errors that refused its packets' size.
// Indexes point into Conversation.Segments.
type SizeReport struct {
	From    Side
	ICMP    []int  // indexes into Set.ICMP, in order
	MTU     uint32 // the smallest announced, bytes; 0 not said
	Refused int    // the first segment quoted, -1 not kept
	After   int    // the side's first data segment sent after the first error that fits, -1 none
	// Ignored are segments of the refused size sent later than ignoreAfter behind
	// the first error.
	Ignored []int
}

// ignoreAfter: what was already on its way when the error came is no answer to
// it, in ns.
const ignoreAfter = keepPause

// RefusedSizes lists for both sides the ICMP errors about their packets' size.
func (c *Conversation) RefusedSizes() []SizeReport {
	var out []SizeReport
	for _, from := range []Side{Client, Server} {
		r := SizeReport{From: from, Refused: -1, After: -1}
		for _, i := range c.ICMP {
			m := &c.set.ICMP[i]
			if !m.TooBig() || m.Quote.Src != c.Addr(from).Addr() || m.Quote.SrcPort != c.Addr(from).Port() {
				continue
			}
			r.ICMP = append(r.ICMP, i)
			if m.NextHopMTU > 0 && (r.MTU == 0 || m.NextHopMTU < r.MTU) {
				r.MTU = m.NextHopMTU
			}
		}
		if len(r.ICMP) > 0 {
			c.reaction(&r)
			out = append(out, r)
		}
	}
	return out
}

func (c *Conversation) reaction(r *SizeReport) {
	first := &c.set.ICMP[r.ICMP[0]]
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.From != r.From || s.IsCopy() || s.Len == 0 {
			continue
		}
		large := r.MTU > 0 && c.IPSize(r.From, min(s.Len, c.FullSize(r.From))) > int(r.MTU)
		switch {
		case r.Refused < 0 && s.Seq == first.Quote.Seq:
			r.Refused = i
		case s.Time < first.Time:
		case !large && r.After < 0:
			r.After = i
		case large && s.Time-first.Time > ignoreAfter:
			r.Ignored = append(r.Ignored, i)
		}
	}
}
