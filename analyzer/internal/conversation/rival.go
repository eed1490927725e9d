package conversation

import (
	"bytes"

	"pcaplain/analyzer/internal/packet"
)

// Two different contents for the same sequence numbers.

const (
	// headKept is how many bytes are remembered of a data segment to compare a
	// later one with, and headsKept of how many segments: what is injected races
	// the genuine answer and stands close to it.
	headKept  = 24
	headsKept = 4
)

// heads are the first bytes of a side's latest data segments.
type heads struct {
	seq  [headsKept]uint32
	n    [headsKept]uint8
	data [headsKept][headKept]byte
	at   int
}

// conflicts reports whether a segment brings other bytes than an earlier one
// for the same sequence numbers, and remembers it. A segment whose checksum is
// wrong is nobody's word.
func (h *heads) conflicts(s *Segment, p *packet.Packet) bool {
	if s.Len < 2 || len(p.Payload) < 2 || s.Check == packet.ChecksumBad || s.Tags.Has(TagKeepAlive|TagZeroWindowProbe) {
		return false
	}
	b, seq := p.Payload[:min(len(p.Payload), headKept)], s.Seq
	if s.Flags&packet.SYN != 0 {
		seq++ // the SYN takes the first number (RFC 7413: data in a SYN)
	}
	differ := false
	for i := range h.seq {
		differ = differ || h.differs(i, seq, b)
	}
	h.seq[h.at], h.n[h.at] = seq, uint8(copy(h.data[h.at][:], b))
	h.at = (h.at + 1) % headsKept
	return differ
}

func (h *heads) differs(i int, seq uint32, b []byte) bool {
	a := h.data[i][:h.n[i]]
	switch d := Distance(seq, h.seq[i]); {
	case d >= 0 && int(d) < len(a):
		a = a[d:]
	case d < 0 && int(-d) < len(b):
		b = b[-d:]
	default:
		return false
	}
	n := min(len(a), len(b))
	return n > 0 && !bytes.Equal(a[:n], b[:n])
}

// Rival is a pair of one side's segments that bring different bytes for the same
// sequence numbers. Indexes point into Conversation.Segments.
type Rival struct {
	First, Second int
	Odd           int // which of the two is unlike the side's other packets, -1 undecided
	// In what it is unlike them.
	OtherTTL, OtherID, OtherTS bool
}

// mostRivals bounds Rivals: more of them say nothing new.
const mostRivals = 16

// Rivals lists the first such pairs in order.
func (c *Conversation) Rivals() []Rival {
	var out []Rival
	for i := 0; i < len(c.Segments) && len(out) < mostRivals; i++ {
		if s := &c.Segments[i]; s.Tags.Has(TagConflict) {
			if first := c.overlapped(i); first >= 0 {
				out = append(out, c.rival(first, i))
			}
		}
	}
	return out
}

func (c *Conversation) overlapped(at int) int {
	s := &c.Segments[at]
	for i := at - 1; i >= 0; i-- {
		if o := &c.Segments[i]; o.From == s.From && o.Len > 0 && !o.IsCopy() && Before(o.Seq, s.End()) && Before(s.Seq, o.End()) {
			return i
		}
	}
	return -1
}

func (c *Conversation) rival(first, second int) Rival {
	r := Rival{First: first, Second: second, Odd: -1}
	best := 0
	for _, i := range []int{first, second} {
		x := Rival{First: first, Second: second, Odd: i}
		c.unlike(&x, second)
		if n := count(x.OtherTTL, x.OtherID, x.OtherTS); n > best {
			best, r = n, x
		}
	}
	return r
}

func count(bits ...bool) int {
	n := 0
	for _, b := range bits {
		if b {
			n++
		}
	}
	return n
}

// unlike compares a segment with the side's others before the second of the
// pair. Linux leaves the IP ID of a SYN-ACK at 0, so SYNs do not count.
func (c *Conversation) unlike(x *Rival, until int) {
	s := &c.Segments[x.Odd]
	ttls, ids, ts, others := 0, 0, 0, 0
	for i := 0; i < until; i++ {
		o := &c.Segments[i]
		if o.From != s.From || i == x.First || o.IsCopy() || o.Flags&(packet.SYN|packet.RST) != 0 {
			continue
		}
		others++
		ttls += count(o.TTL == s.TTL || o.Known&packet.KnownTTL == 0)
		ts += count(o.HasTS() == s.HasTS())
		ids += count(Near16(o.IPID, s.IPID) || o.Known&packet.KnownIPID == 0)
	}
	x.OtherTTL, x.OtherID, x.OtherTS = others > 0 && ttls == 0, others > 0 && ids == 0, others > 0 && ts == 0
}

// Near16 reports whether two IP IDs lie within 1024 of each other, modulo 2^16:
// by chance that is so in 3 % of all pairs.
func Near16(a, b uint16) bool {
	d := int16(a - b)
	return d > -1024 && d < 1024
}
