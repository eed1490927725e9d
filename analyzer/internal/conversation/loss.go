package conversation

import (
	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/packet"
)

// Loss is one data segment that had to be sent again, or that filled a hole.
// Indexes point into Conversation.Segments.
type Loss struct {
	Seq      uint32
	Len      uint32 // payload bytes of the repetition
	Repeats  []int  // its repetitions in order; one where the capture lacks the first sending
	Fast     bool   // the first repetition answered duplicate acknowledgements
	Timeout  bool   // a repetition waited for the retransmission timer
	Tail     bool   // nothing had been sent after it, so only a timer could notice
	NotHere  bool   // its first sending is not in the capture: lost before this point
	Needless bool   // it had arrived: acknowledged before, or reported twice (D-SACK)
	Waited   int64  // ns the stream stood still for its timers
}

// Losses is what one side's data had to suffer.
type Losses struct {
	From Side
	All  []Loss // needless repetitions included
	Lost int    // without the needless ones
	// Waited is the time the stream stood still for retransmission timers, in ns.
	Waited int64
}

// stoodStill: a repetition after a shorter pause than this cost nothing that a
// person or a program would notice, in ns.
const stoodStill = 20 * lang.Millisecond

// Losses lists what a side had to repeat, by first repetition. Copies, probes
// and repetitions of SYN or FIN alone are none.
func (c *Conversation) Losses(from Side) Losses {
	l := Losses{From: from}
	if c.Flows[from].Counts.Count(TagRetransmission) == 0 {
		return l
	}
	at := map[uint32]int{}
	progress := int64(0)
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.IsCopy() || s.Tags.Has(TagStray) {
			continue
		}
		if s.From == from && s.Len > 0 && s.Tags.Has(TagRetransmission) && !s.Tags.Has(TagKeepAlive|TagZeroWindowProbe) {
			l.repeat(at, i, s, s.Time-progress, s.End() == c.highest(i, from))
			progress = s.Time
			continue
		}
		if s.Len > 0 || !s.Tags.Has(TagDuplicateAck|TagWindowUpdate) {
			progress = s.Time
		}
	}
	c.needless(&l)
	for i := range l.All {
		if !l.All[i].Needless {
			l.Lost++
			l.Waited += l.All[i].Waited
		}
	}
	return l
}

func (l *Losses) repeat(at map[uint32]int, i int, s *Segment, pause int64, tail bool) {
	n, again := at[s.Seq]
	if !again {
		n = len(l.All)
		at[s.Seq] = n
		l.All = append(l.All, Loss{Seq: s.Seq, Len: s.Len, Fast: s.Tags.Has(TagFastRetransmission), Tail: tail,
			NotHere: s.Tags.Has(TagFillsHole)})
	}
	x := &l.All[n]
	x.Repeats = append(x.Repeats, i)
	x.Needless = x.Needless || s.Tags.Has(TagSpuriousRetransmission) && !again
	if s.Tags.Has(TagRTO | TagTailProbe) {
		x.Timeout = x.Timeout || s.Tags.Has(TagRTO)
		if pause >= stoodStill {
			x.Waited += pause
		}
	}
}

// highest is a side's highest sequence number sent before an index.
func (c *Conversation) highest(before int, from Side) uint32 {
	next, known := c.nextBefore(before, from)
	if !known {
		return c.Flows[from].Base
	}
	return next
}

// needless marks repetitions that the receiver reports as having arrived twice.
func (c *Conversation) needless(l *Losses) {
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.From == l.From || !s.Tags.Has(TagDSACK) {
			continue
		}
		for _, b := range c.blocks(s) {
			for k := range l.All {
				x := &l.All[k]
				if len(x.Repeats) == 1 && x.Repeats[0] < i && !Before(x.Seq, b.Left) && !Before(b.Right, x.Seq+x.Len) {
					x.Needless = true
				}
			}
			break // only the first block of an acknowledgement can be a D-SACK
		}
	}
}

// blocks are a segment's selective acknowledgements.
func (c *Conversation) blocks(s *Segment) []packet.SACKBlock {
	if x := c.set.ExtraOf(s); x != nil {
		return x.SACK
	}
	return nil
}

// AskedAgain are the duplicate acknowledgements that stand right before a
// repetition and ask for it, at most four of them.
func (c *Conversation) AskedAgain(repeat int) []int {
	const most = 4
	var out []int
	r := &c.Segments[repeat]
	for i := repeat - 1; i >= 0 && len(out) < most; i-- {
		s := &c.Segments[i]
		if s.From == r.From || s.IsCopy() || s.Ack != r.Seq {
			continue
		}
		if !s.Tags.Has(TagDuplicateAck) {
			break
		}
		out = append([]int{i}, out...)
	}
	return out
}
