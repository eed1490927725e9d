package conversation

import (
	"net/netip"

	"pcaplain/analyzer/internal/packet"
)

// NewTrackerOf returns a tracker that follows one 4-tuple only and keeps all of
// its packets.
func NewTrackerOf(c *Conversation) *Tracker {
	p := packet.Packet{Src: c.Client.Addr(), Dst: c.Server.Addr(), SrcPort: c.Client.Port(), DstPort: c.Server.Port(), Tunnel: c.Tunnel}
	k, _ := keyOf(&p)
	t := NewTracker()
	t.only, t.whole = &k, true
	return t
}

// Complete gives a conversation all of its packets, as a second read of the
// capture found them. Facts derived from the kept ones are forgotten: they hold
// places in the list.
func (s *Set) Complete(c *Conversation, again *Set) {
	for _, d := range again.Conversations {
		if d.Incarnation != c.Incarnation || !sameEnds(d, c) || d.Packets != c.Packets {
			continue
		}
		base := uint32(len(s.extras))
		s.extras = append(s.extras, again.extras...)
		links := s.adopt(again.Links)
		for i := range d.Segments {
			if d.Segments[i].Extra > 0 {
				d.Segments[i].Extra += base
			}
			d.Segments[i].Link = links[d.Segments[i].Link]
		}
		c.Segments, c.Omitted, c.facts = d.Segments, d.Omitted, nil
		return
	}
}

func sameEnds(a, b *Conversation) bool {
	return [2]netip.AddrPort{a.Client, a.Server} == [2]netip.AddrPort{b.Client, b.Server}
}

// adopt numbers another set's links in this one.
func (s *Set) adopt(links []Link) []uint16 {
	out := make([]uint16, len(links))
	for i, l := range links {
		at := -1
		for k := range s.Links {
			if s.Links[k] == l {
				at = k
				break
			}
		}
		if at < 0 {
			at = len(s.Links)
			s.Links = append(s.Links, l)
		}
		out[i] = uint16(at)
	}
	return out
}
