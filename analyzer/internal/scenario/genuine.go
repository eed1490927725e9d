package scenario

import (
	"net/netip"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/packet"
)

// genuine is how a host answers SYNs in this capture when it accepts them: what
// a packet that only claims its address can be held against.
type genuine struct {
	ttls    []uint8
	leg     int64 // ns; shortest time from SYN to SYN-ACK, 0 unknown
	example int   // number of the SYN-ACK with the shortest time
	port    uint16
}

// genuineOf collects the SYN-ACKs that carry a server's address, those to one
// client first choice: paths to different clients differ.
func (x *Context) genuineOf(server, client netip.Addr) *genuine {
	g := &genuine{}
	for _, c := range x.OfHost(server) {
		if c.Server.Addr() != server || c.Client.Addr() != client {
			continue
		}
		h := c.Handshake()
		if len(h.SYNACKs) == 0 {
			continue
		}
		z := &c.Segments[h.SYNACKs[0]]
		if z.Known&packet.KnownTTL != 0 {
			g.addTTL(z.TTL)
		}
		if g.example == 0 {
			g.example, g.port = int(z.Number), c.Server.Port()
		}
		if h.ServerLeg > 0 && (g.leg == 0 || h.ServerLeg < g.leg) {
			g.leg, g.example, g.port = h.ServerLeg, int(z.Number), c.Server.Port()
		}
	}
	return g
}

func (g *genuine) addTTL(ttl uint8) {
	if !g.has(ttl) {
		g.ttls = append(g.ttls, ttl)
	}
}

func (g *genuine) has(ttl uint8) bool {
	for _, t := range g.ttls {
		if t == ttl {
			return true
		}
	}
	return false
}

// foreignTTL reports a segment whose TTL none of the host's SYN-ACKs has.
func (g *genuine) foreignTTL(s *conversation.Segment) bool {
	return s.Known&packet.KnownTTL != 0 && len(g.ttls) > 0 && !g.has(s.TTL)
}
