package conversation

import "pcaplain/analyzer/internal/packet"

// What the survey may hold at once, whatever the size of the capture. Below
// these bounds nothing is ever given up.
const (
	// mostKept segments, over all conversations: 32 MB.
	mostKept = 400_000
	// mostLive is how many conversations have their reader's state at once, 2 KB
	// each.
	mostLive = 16_384
	// restful: a conversation without a packet for so many TCP packets gives its
	// reader's state back, and gets it again from its kept segments.
	restful = 20_000
	// lingering is the same for one that both sides have closed: repetitions of
	// the last segments come soon.
	lingering = 1_000
)

// summaryEnds are how many segments a summarised conversation keeps at either
// end: first the many, and when that is not enough the few.
var summaryEnds = [...]int{16, 4}

// budget bounds the survey's memory.
type budget struct {
	kept, mostKept int // segments kept
	live           []*Conversation
	mostLive       int
	free           []*live         // given back, for the next conversation
	long           []*Conversation // resting ones that could be summarised, longest resting first
}

// afford gives memory back when the survey holds more than it may.
func (t *Tracker) afford() {
	if !t.whole && (len(t.budget.live) >= t.budget.mostLive || t.budget.kept >= t.budget.mostKept) {
		t.rest()
		t.summarise()
	}
}

// rest takes the reader's state from conversations that seem to be over.
func (t *Tracker) rest() {
	b := &t.budget
	active := b.live[:0]
	for _, c := range b.live {
		if c.live != nil {
			if idle := t.set.TCPPackets - c.live.latest; idle <= lingering || idle <= restful && !c.closed() {
				active = append(active, c)
				continue
			}
			t.settle(c)
		}
		b.resting(c)
	}
	clear(b.live[len(active):])
	b.live = active
	b.mostLive = max(mostLive, 2*len(active))
}

// resting lines a conversation up for summarising if it may be.
func (b *budget) resting(c *Conversation) {
	if c.summarisable(summaryEnds[len(summaryEnds)-1]) {
		b.long = append(b.long, c)
	}
}

// summarise shortens healthy resting conversations until a quarter of what may
// be kept is free. What cannot be shortened raises the bound, so that the cost
// of trying stays in proportion.
func (t *Tracker) summarise() {
	b := &t.budget
	if b.kept < b.mostKept {
		return
	}
	for _, ends := range summaryEnds {
		n := len(b.long)
		for i := 0; i < n && b.kept > mostKept*3/4; i++ {
			c := b.long[0]
			b.long[0], b.long = nil, b.long[1:]
			if c.live == nil && c.summarisable(ends) {
				t.shorten(c, ends)
			}
			b.resting(c)
		}
	}
	b.mostKept = max(mostKept, b.kept+mostKept/4)
}

// closed reports whether both FINs are acknowledged.
func (c *Conversation) closed() bool {
	for s := range c.Flows {
		f, peer := &c.Flows[s], &c.Flows[Side(s).Other()]
		if !f.FIN || !peer.HasAck || Before(peer.Acked, f.FINSeq+1) {
			return false
		}
	}
	return true
}

// summarisable reports whether nothing between a conversation's ends could
// matter to anyone: it is longer than both ends, and nothing was repeated, cut,
// lost, late or out of place.
func (c *Conversation) summarisable(ends int) bool {
	if len(c.Segments) <= 2*ends || c.Role != RoleSYN || c.Copies > 0 || c.Strays > 0 || c.Crossed() || c.Twin != nil {
		return false
	}
	for s := range c.Flows {
		f := &c.Flows[s]
		if f.Packets == 0 || f.RST || f.LongestPause >= keepPause || f.BadChecksums > 0 || f.Counts.eventful() {
			return false
		}
	}
	return true
}

// eventful reports whether any packet carries a tag that would have it kept.
func (n *TagCounts) eventful() bool {
	if n == nil {
		return false
	}
	for bit, count := range n {
		if count > 0 && eventful.Has(Tags(1)<<bit) {
			return true
		}
	}
	return false
}

// shorten leaves a conversation its first and last segments; the ladder shows a
// fold between them.
func (t *Tracker) shorten(c *Conversation, ends int) {
	if !c.Summarised {
		c.Summarised = true
		t.set.Summarised++
	}
	n := len(c.Segments)
	middle := c.Segments[ends : n-ends]
	left := make([]Segment, 0, 2*ends)
	left = append(append(left, c.Segments[:ends]...), c.Segments[n-ends:]...)
	for i := range middle {
		left[ends].Skipped += middle[i].Skipped + 1
		t.discard(&middle[i])
	}
	c.Omitted += len(middle)
	t.budget.kept -= len(middle)
	c.Segments, c.facts = left, nil
}

// discard frees what a segment that is not kept carried.
func (t *Tracker) discard(s *Segment) {
	if s.Extra == 0 {
		return
	}
	t.set.extras[s.Extra-1] = Extra{}
	t.spare = append(t.spare, s.Extra)
	s.Extra = 0
}

// newLive is a fresh reader's state, used once before where possible.
func (t *Tracker) newLive() *live {
	b := &t.budget
	if len(b.free) == 0 {
		return &live{}
	}
	l := b.free[len(b.free)-1]
	b.free = b.free[:len(b.free)-1]
	*l = live{ring: l.ring[:0]}
	return l
}

// recalled are the segments that a returning conversation is told again: enough
// for the copies and the acknowledgements that can still come.
const recalled = 8

// recall tells a conversation's kept segments to a new reader's state.
func (l *live) recall(c *Conversation) {
	for i := range c.Segments[:min(len(c.Segments), recalled)] {
		l.timeHandshake(&c.Segments[i])
	}
	for i := max(0, len(c.Segments)-recalled); i < len(c.Segments); i++ {
		if s := &c.Segments[i]; !s.Tags.Has(TagCopy | TagStray) {
			l.recallSegment(c, s)
		}
	}
}

func (l *live) recallSegment(c *Conversation, s *Segment) {
	own, f, peer := &l.sides[s.From], &c.Flows[s.From], &c.Flows[s.From.Other()]
	l.noteIdentity(s)
	if s.SegmentLen() > 0 && !s.Reset() && (!peer.HasAck || Before(peer.Acked, s.End())) {
		own.flights.push(s.End(), s.Time)
	}
	if s.Len > 0 {
		l.anyData, l.lastData = true, s.From
	}
	own.tags.remember(c, s, &packet.Packet{})
	if s.End() == f.Next {
		own.tags.nextTime = s.Time
	}
	if w, ok := c.Window(s); ok && s.Flags&(packet.SYN|packet.RST) == 0 {
		own.closed, own.zeroFrom = w == 0, s.Time
	}
}
