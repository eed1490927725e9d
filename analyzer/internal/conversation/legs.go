package conversation

import (
	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/packet"
)

// legLag is how long after the first recording of a SYN its translated copy can
// come, in ns. A translation takes microseconds; the rest is waiting for an
// address to be resolved on the way.
const legLag = 50 * lang.Millisecond

// maxLegs is how many conversations may share one initial sequence number and
// still be legs or incarnations, not a scan.
const maxLegs = 16

// Leg is one conversation as it stands on one side of a translator.
type Leg struct {
	*Conversation
	// Hops is how much lower the TTL of its first SYN is than on the leg nearest
	// to the client; 0 when not known.
	Hops int
}

// Legs lists the conversations that are one and the same on different sides of
// an address translation, nearest to the client first, this one among them; nil
// when there is only this one. They share the client's SYN to the bit: equal
// initial sequence number (by chance 2^-32), no more than legLag apart.
func (s *Set) Legs(c *Conversation) []Leg {
	if s.legs == nil {
		s.legs = s.findLegs()
	}
	return s.legs[c]
}

// sameLegs reports whether two conversations are legs of one.
func (s *Set) sameLegs(a, b *Conversation) bool {
	for _, l := range s.Legs(a) {
		if l.Conversation == b {
			return true
		}
	}
	return false
}

func (s *Set) findLegs() map[*Conversation][]Leg {
	byISN := map[uint32][]*Conversation{}
	for _, c := range s.Conversations {
		if c.Role == RoleSYN && c.Flows[Client].HasISN && !c.Relative {
			byISN[c.Flows[Client].ISN] = append(byISN[c.Flows[Client].ISN], c)
		}
	}
	out := map[*Conversation][]Leg{}
	for _, group := range byISN {
		if len(group) > maxLegs {
			continue // a scanner that gives every SYN one number
		}
		for _, c := range group {
			var legs []Leg
			for _, o := range group {
				if o == c || o.translates(c) {
					legs = append(legs, Leg{Conversation: o, Hops: hops(group[0], o)})
				}
			}
			if len(legs) > 1 {
				out[c] = legs
			}
		}
	}
	for _, c := range s.Conversations {
		if o := c.Twin; o != nil {
			first, second := c, o
			if o.ID < c.ID {
				first, second = o, c
			}
			out[c] = []Leg{{Conversation: first}, {Conversation: second, Hops: hops(first, second)}}
		}
	}
	return out
}

// translates reports whether two conversations with one client ISN can be legs
// of one: opened within the lag, between different endpoints, the same
// acknowledgement numbers on both where both have them.
func (c *Conversation) translates(o *Conversation) bool {
	lag := c.First - o.First
	if lag < 0 {
		lag = -lag
	}
	if lag > legLag || c.Client == o.Client && c.Server == o.Server {
		return false
	}
	if y, z := c.firstSYN(), o.firstSYN(); y == nil || z == nil || !y.forwarded(z) {
		return false
	}
	a, b := &c.Flows[Server], &o.Flows[Server]
	return !a.HasISN || !b.HasISN || a.ISN == b.ISN
}

// forwarded reports whether two SYNs can be one that passed a box: the marks of
// the sender alike, those of the place not.
func (s *Segment) forwarded(o *Segment) bool {
	both := s.Known & o.Known
	if s.HasTS() != o.HasTS() || s.TSVal != o.TSVal || both&packet.KnownIPID != 0 && s.IPID != o.IPID {
		return false
	}
	return s.Link != o.Link || s.TTL != o.TTL || s.Outbound() != o.Outbound()
}

func hops(first, c *Conversation) int {
	a, b := &first.Flows[Client], &c.Flows[Client]
	if a.TTLCount == 0 || b.TTLCount == 0 {
		return 0
	}
	return int(a.TTLs[0]) - int(b.TTLs[0])
}
