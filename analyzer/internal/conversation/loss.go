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
	TooBig   bool   // an ICMP error said before the repetition that the segment was too big
	Waited   int64  // ns the stream stood still for its timers
	Reports  []int  // the other side's segments that report it twice (D-SACK)
}

// Real reports whether the network lost it: it was neither needless nor refused
// for its size.
func (x *Loss) Real() bool { return !x.Needless && !x.TooBig }

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
	f := c.derived()
	if f.losses[from] == nil {
		l := c.findLosses(from)
		f.losses[from] = &l
	}
	return *f.losses[from]
}

func (c *Conversation) findLosses(from Side) Losses {
	l := Losses{From: from}
	if c.Flows[from].Counts.Count(TagRetransmission) == 0 {
		return l
	}
	at := map[uint32]int{}
	progress, next := int64(0), c.Flows[from].Base
	named := uint32(0) // how far selective acknowledgements have reached
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.IsCopy() || s.Tags.Has(TagStray) {
			continue
		}
		if s.From == from && s.Len > 0 && s.Tags.Has(TagRetransmission) && !s.Tags.Has(TagKeepAlive|TagZeroWindowProbe) {
			l.repeat(at, i, s, s.Time-progress, s.End() == next && (named == 0 || !Before(s.Seq, named)))
			progress = s.Time
			continue
		}
		if s.From == from && !s.Reset() && Before(next, s.End()) {
			next = s.End()
		}
		if s.From != from && s.Tags.Has(TagSACK) {
			named = c.namedBy(s, named)
		}
		if s.Len > 0 || !s.Tags.Has(TagDuplicateAck|TagWindowUpdate) {
			progress = s.Time
		}
	}
	c.needless(&l, at)
	c.tooBig(&l)
	for i := range l.All {
		if l.All[i].Real() {
			l.Lost++
			l.Waited += l.All[i].Waited
		}
	}
	return l
}

// namedBy is the highest byte that selective acknowledgements have named, with
// those of one more segment; 0 for none. What lies below it is no tail: the
// receiver has said that it is missing.
func (c *Conversation) namedBy(s *Segment, named uint32) uint32 {
	for _, b := range c.blocks(s) {
		if named == 0 || Before(named, b.Right) {
			named = b.Right
		}
	}
	return named
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

// needless marks repetitions that the receiver reports as having arrived twice:
// as many reports as repetitions mean that the first sending had come. It also
// marks those whose acknowledgement echoes an older timestamp than theirs, so
// that it answers the first sending (Eifel detection, RFC 3522).
func (c *Conversation) needless(l *Losses, bySeq map[uint32]int) {
	acked := uint32(0)
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.From == l.From || s.IsCopy() || s.Tags.Has(TagStray) || s.Flags&packet.ACK == 0 {
			continue
		}
		if s.Tags.Has(TagDSACK) {
			c.reported(l, i, s)
		}
		if s.HasTS() && s.Ack != acked {
			if k, ok := bySeq[acked]; ok {
				c.echoed(&l.All[k], i, s)
			}
		}
		if acked != 0 && Before(acked, s.Ack) {
			c.acknowledgedTooSoon(l, i, acked)
		}
		acked = s.Ack
	}
	for k := range l.All {
		x := &l.All[k]
		x.Needless = x.Needless || len(x.Reports) >= len(x.Repeats)
	}
}

// acknowledgedTooSoon judges by time: an acknowledgement that covers a repetition
// after less than half the shortest round trip is for the first sending.
func (c *Conversation) acknowledgedTooSoon(l *Losses, at int, acked uint32) {
	rtt, s := c.Flows[l.From].MinRTT, &c.Segments[at]
	if rtt < longEnough || !c.Flows[l.From].HasISN {
		return
	}
	for k := range l.All {
		x := &l.All[k]
		end, first := x.Seq+x.Len, &c.Segments[x.Repeats[0]]
		if x.Repeats[0] < at && Before(acked, end) && !Before(s.Ack, end) && s.Time-first.Time < rtt/2 {
			x.Needless = true
		}
	}
}

// reported notes a D-SACK: only the first block of an acknowledgement can be one.
func (c *Conversation) reported(l *Losses, at int, s *Segment) {
	for _, b := range c.blocks(s) {
		for k := range l.All {
			x := &l.All[k]
			if x.Repeats[0] < at && !Before(x.Seq, b.Left) && !Before(b.Right, x.Seq+x.Len) {
				x.Reports = append(x.Reports, at)
			}
		}
		return
	}
}

// echoed judges by the timestamp of the acknowledgement that follows a
// repetition of the very byte the receiver had asked for; of others it may echo
// an older segment.
func (c *Conversation) echoed(x *Loss, at int, s *Segment) {
	if first := &c.Segments[x.Repeats[0]]; x.Repeats[0] < at && !Before(s.Ack, x.Seq+x.Len) && first.HasTS() && Before(s.TSEcr, first.TSVal) {
		x.Needless = true
	}
}

// tooBig marks what was sent again because an ICMP error refused its size
// (RFC 1191, RFC 8201): not loss, but discovery.
func (c *Conversation) tooBig(l *Losses) {
	for _, i := range c.ICMP {
		m := &c.set.ICMP[i]
		if !m.TooBig() {
			continue
		}
		for k := range l.All {
			x := &l.All[k]
			if first := &c.Segments[x.Repeats[0]]; m.Quote.Valid {
				x.TooBig = x.TooBig || m.Time <= first.Time && first.Time-m.Time < tooBigHeard
			}
		}
	}
}

// tooBigHeard is how long after an ICMP error a repetition still answers it, in ns.
const tooBigHeard = lang.Second

// TooBig reports the ICMP error with which a router refuses a packet's size:
// fragmentation needed, in IPv6 packet too big.
func (m *ICMP) TooBig() bool {
	return m.V6 && m.Type == 2 || !m.V6 && m.Type == 3 && m.Code == 4
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
