package conversation

import (
	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/packet"
)

// Provenance is what a reset's header says about whether the host sent it whose
// address it carries. Indexes point into Conversation.Segments; -1 is none.
type Provenance struct {
	At         int
	TTL, Usual uint8 // the reset's, and the nearest one of its side's other packets
	OtherTTL   bool  // they differ by two hops or more
	CopiedID   bool  // its IP ID is that of the other side's packet before it
	CopiedWin  bool  // its window is the other side's, and not its own side's
	StrangeID  bool  // its IP ID is far from a side's that counts this socket's packets one by one
	NoTS       bool  // a live socket's shape without the timestamps its side always sends
	Fits       bool  // TTL is its side's and the IP ID continues its side's
	Explained  bool  // it is the plain answer of a host that has no such socket
	Later      int   // its side's first packet after it that a side that reset cannot send
	Behind     bool  // its number lies below data its side had already sent
	Rising     []int // further resets of the side with other, higher numbers
	OtherEnd   int   // a reset with ACK towards the other end within 5 ms
	Content    int   // the payload it follows: the packet that may have provoked it
}

// bothEnds is how close in time resets towards both ends must be, in ns.
const bothEnds = 5 * lang.Millisecond

// idStep is how far a counter of IP IDs may have moved between two packets of
// one socket that follow one another.
const idStep = 64

// Provenance examines the reset at an index.
func (c *Conversation) Provenance(at int) Provenance {
	r := &c.Segments[at]
	p := Provenance{At: at, TTL: r.TTL, Later: -1, OtherEnd: -1, Content: -1}
	own, other := c.lastOf(r.From, at), c.lastOf(r.From.Other(), at)
	p.Behind = own != nil && r.Flags&packet.ACK != 0 && c.behind(at)
	c.compareTTL(&p, r)
	if other != nil && r.Known&other.Known&packet.KnownIPID != 0 && r.IPID != 0 {
		p.CopiedID = r.IPID == other.IPID
	}
	if own != nil && other != nil && r.Window != 0 {
		p.CopiedWin = r.Window == other.Window && r.Window != own.Window
	}
	p.NoTS = r.Flags&packet.ACK != 0 && !r.HasTS() && c.Flows[r.From].HasTS && r.Known&packet.KnownOptions != 0
	p.Fits = !p.OtherTTL && r.TTL != 0 && own != nil && r.IPID != 0 && own.IPID != 0 && r.IPID-own.IPID < idStep
	p.StrangeID = r.Flags&packet.ACK != 0 && own != nil && r.IPID != 0 && own.IPID != 0 && !neighbours(r.IPID, own.IPID) && c.countsByOne(r.From)
	for _, k := range c.Resets() {
		if k.At == at {
			p.Explained = k.Form == ResetNobody || k.Form == ResetRefusal
		}
	}
	c.afterReset(&p, r)
	if other != nil && other.Len > 0 {
		p.Content = c.indexBefore(at, r.From.Other())
	}
	return p
}

// neighbours reports IP IDs that one socket may give to packets in a row.
func neighbours(a, b uint16) bool { return a-b < idStep || b-a < idStep }

// lastOf is a side's latest packet before an index that is neither reset nor SYN.
func (c *Conversation) lastOf(from Side, before int) *Segment {
	if i := c.indexBefore(before, from); i >= 0 {
		return &c.Segments[i]
	}
	return nil
}

func (c *Conversation) indexBefore(at int, from Side) int {
	for i := at - 1; i >= 0; i-- {
		if s := &c.Segments[i]; s.From == from && !s.Reset() && !s.IsCopy() && s.Flags&packet.SYN == 0 {
			return i
		}
	}
	return -1
}

func (c *Conversation) behind(at int) bool {
	next, known := c.nextBefore(at, c.Segments[at].From)
	return known && Distance(next, c.Segments[at].Seq) > 1
}

func (c *Conversation) compareTTL(p *Provenance, r *Segment) {
	if r.Known&packet.KnownTTL == 0 {
		return
	}
	nearest := 256
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.From != r.From || s.Reset() || s.IsCopy() || s.Known&packet.KnownTTL == 0 {
			continue
		}
		if d := abs(int(s.TTL) - int(r.TTL)); d < nearest {
			nearest, p.Usual = d, s.TTL
		}
	}
	p.OtherTTL = nearest >= 2 && nearest < 256
}

func abs(n int) int { return max(n, -n) }

func (c *Conversation) afterReset(p *Provenance, r *Segment) {
	for i := p.At + 1; i < len(c.Segments); i++ {
		s := &c.Segments[i]
		switch {
		case s.IsCopy() || s.Flags&packet.SYN != 0 || s.Tags.Has(TagStray):
		case s.Reset() && s.From == r.From && s.Flags&packet.ACK != 0 && Before(r.Seq, s.Seq):
			p.Rising = append(p.Rising, i)
		case s.Reset() && s.From != r.From && s.Flags&r.Flags&packet.ACK != 0 && s.Time-r.Time < bothEnds && p.OtherEnd < 0:
			p.OtherEnd = i
		case !s.Reset() && s.From == r.From && p.Later < 0 && !Before(s.Seq, r.Seq):
			p.Later = i
		}
	}
}
