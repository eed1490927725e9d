package conversation

import "pcaplain/analyzer/internal/packet"

// Loop is one packet that passed the capture point again and again.
type Loop struct {
	At   []int // its recordings, indexes into Segments
	TTLs []uint8
	// Again: it passed the same place twice, in the same direction between the
	// same two MAC addresses.
	Again bool
}

// Loops lists the packets that were recorded at least three times with an ever
// lower TTL: between two taps a packet is recorded twice at most.
func (c *Conversation) Loops() []Loop {
	var out []Loop
	if c.Copies < 2 {
		return nil
	}
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.IsCopy() || s.Known&packet.KnownTTL == 0 {
			continue
		}
		if l := c.loopOf(i); len(l.At) >= 3 {
			out = append(out, l)
		}
	}
	return out
}

func (c *Conversation) loopOf(at int) Loop {
	s := &c.Segments[at]
	l := Loop{At: []int{at}, TTLs: []uint8{s.TTL}}
	links := map[uint16]bool{s.Link: true}
	for i := at + 1; i < len(c.Segments); i++ {
		o := &c.Segments[i]
		if o.Time-s.Time > copyForwarded {
			break
		}
		if !o.IsCopy() || o.From != s.From || o.Seq != s.Seq || o.Ack != s.Ack || o.Flags != s.Flags || o.Len != s.Len || o.IPID != s.IPID || o.TTL >= l.TTLs[len(l.TTLs)-1] {
			continue
		}
		l.At, l.TTLs = append(l.At, i), append(l.TTLs, o.TTL)
		l.Again = l.Again || links[o.Link]
		links[o.Link] = true
	}
	return l
}
