package conversation

import (
	"net/netip"

	"pcaplain/analyzer/internal/lang"
)

const (
	// conflictApart is how far apart two owners may announce themselves, in ns.
	conflictApart = 5 * lang.Second
	// conflictTogether: answers this close are to one request, in ns.
	conflictTogether = lang.Second
)

// Conflict is one address that two machines claim.
type Conflict struct {
	Addr     netip.Addr
	MACs     [2][6]byte
	Claims   []int // packet numbers of the ARP replies of both, in order
	Owners   []int // index into MACs for each claim
	From, To int64 // ns; times of the first and last claim
}

// Conflicts lists the addresses for which two machines answer ARP: to one
// request, or in turns within 5 s. A single change is a fail-over. Left out are
// the virtual addresses of VRRP and HSRP, and routers that answer in the name of
// others (proxy ARP), which show by owning another address as well.
func (s *Set) Conflicts() []Conflict {
	owns := s.owners()
	byAddr := map[netip.Addr][]ARP{}
	var order []netip.Addr
	for _, a := range s.ARP {
		if !a.Reply || a.SenderIP.IsUnspecified() || virtualMAC(a.SenderMAC) || owns.other(a.SenderMAC, a.SenderIP) {
			continue
		}
		if byAddr[a.SenderIP] == nil {
			order = append(order, a.SenderIP)
		}
		byAddr[a.SenderIP] = append(byAddr[a.SenderIP], a)
	}
	var out []Conflict
	for _, addr := range order {
		if c, ok := conflict(addr, byAddr[addr]); ok {
			out = append(out, c)
		}
	}
	return out
}

// owners are the addresses that each MAC is known to own or to speak for.
type owners map[[6]byte]map[netip.Addr]bool

func (o owners) note(m [6]byte, a netip.Addr) {
	if o[m] == nil {
		o[m] = map[netip.Addr]bool{}
	}
	if len(o[m]) < 4 {
		o[m][a] = true
	}
}

// other reports whether the MAC stands for another address than this one too.
func (o owners) other(m [6]byte, a netip.Addr) bool {
	return len(o[m]) > 1 || len(o[m]) == 1 && !o[m][a]
}

func (s *Set) owners() owners {
	o := owners{}
	for _, a := range s.ARP {
		if !a.SenderIP.IsUnspecified() && !a.SenderIP.IsLinkLocalUnicast() {
			o.note(a.SenderMAC, a.SenderIP)
		}
	}
	for _, c := range s.Conversations {
		for i := range c.Segments {
			if g := &c.Segments[i]; i < 4 && int(g.Link) < len(s.Links) && s.Links[g.Link].HasMAC {
				o.note(s.Links[g.Link].SrcMAC, c.Addr(g.From).Addr())
			}
		}
	}
	return o
}

func virtualMAC(m [6]byte) bool {
	vrrp := m[0] == 0 && m[1] == 0 && m[2] == 0x5e && m[3] == 0 && (m[4] == 1 || m[4] == 2)
	hsrp := m[0] == 0 && m[1] == 0 && m[2] == 0x0c && (m[3] == 0x07 && m[4] == 0xac || m[3] == 0x9f)
	return vrrp || hsrp
}

func conflict(addr netip.Addr, claims []ARP) (Conflict, bool) {
	c := Conflict{Addr: addr}
	changes, together := 0, false
	for i, a := range claims {
		owner := c.owner(a.SenderMAC)
		if owner < 0 {
			continue
		}
		if i > 0 && claims[i-1].SenderMAC != a.SenderMAC && a.Time-claims[i-1].Time <= conflictApart {
			changes++
			together = together || a.Time-claims[i-1].Time <= conflictTogether
		}
		if len(c.Claims) == 0 {
			c.From = a.Time
		}
		c.To = a.Time
		c.Claims, c.Owners = append(c.Claims, int(a.Number)), append(c.Owners, owner)
	}
	return c, c.MACs[1] != [6]byte{} && (changes >= 2 || changes == 1 && together)
}

// owner is the index of a MAC among the two, -1 for a third one.
func (c *Conflict) owner(m [6]byte) int {
	for i := range c.MACs {
		if c.MACs[i] == m {
			return i
		}
		if c.MACs[i] == [6]byte{} {
			c.MACs[i] = m
			return i
		}
	}
	return -1
}
