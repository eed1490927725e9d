package conversation

import (
	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/packet"
)

// Place is where on a conversation's path the capture was taken.
type Place uint8

// The places.
const (
	PlaceUnknown Place = iota
	PlaceClient        // on the client's host
	PlaceServer        // on the server's host
	PlaceMiddle        // between them
	PlaceBoth          // one host holds both ends
)

// Vantage is a place with what it was inferred from.
type Vantage struct {
	Place  Place
	Strong bool // stated by the capture or by a frame that cannot come from elsewhere
	Reason VantageReason
	Packet int // number of the telling packet, 0 for none
}

// VantageReason is the kind of evidence for a place.
type VantageReason uint8

// The kinds, best first.
const (
	VantageNone      VantageReason = iota
	VantageDirection               // the capture states which packets left the host
	VantageLoopback                // both ends have one address, or a loopback address
	VantagePadding                 // a frame too short for the wire: not yet padded
	VantageOffload                 // unfinished checksums or super-segments in one direction only
	VantageLegs                    // one leg of the handshake is far shorter
	VantageRouted                  // the packet was seen before and after routing
)

// legRatio is how much longer one leg must be before the other counts as near.
const legRatio = 10

// legFloor: legs both shorter than this tell nothing, in ns.
const legFloor = 100 * lang.Microsecond

// etherMinimum is the shortest Ethernet frame without its check sequence.
const etherMinimum = 60

// Vantage infers where a conversation was captured.
func (s *Set) Vantage(c *Conversation) Vantage {
	for _, infer := range []func(*Conversation) Vantage{s.byDirection, byLoopback, s.byPadding, s.byOffload, byLegs} {
		if v := infer(c); v.Place != PlaceUnknown {
			return v
		}
	}
	return Vantage{}
}

func byLoopback(c *Conversation) Vantage {
	a, b := c.Client.Addr(), c.Server.Addr()
	if a == b || a.IsLoopback() && b.IsLoopback() {
		return Vantage{Place: PlaceBoth, Strong: true, Reason: VantageLoopback}
	}
	return Vantage{}
}

func (s *Set) byDirection(c *Conversation) Vantage {
	cl, sv := &c.Flows[Client], &c.Flows[Server]
	v := Vantage{Strong: true, Reason: VantageDirection}
	clientOut, serverOut := c.leaves(Client), c.leaves(Server)
	clientIn, serverIn := c.arrives(Client), c.arrives(Server)
	switch {
	case cl.Outbound+cl.Inbound+sv.Outbound+sv.Inbound == 0:
		return Vantage{}
	case (clientOut && clientIn || serverOut && serverIn):
		v.Place, v.Reason = PlaceMiddle, VantageRouted
		if c.Client.Addr().IsLoopback() || c.Client.Addr() == c.Server.Addr() {
			v.Place = PlaceBoth
		}
	case clientOut || serverIn && !serverOut:
		v.Place = PlaceClient
	case serverOut || clientIn:
		v.Place = PlaceServer
	}
	return v
}

// leaves and arrives look at every recording of a packet, copies too: a router
// records each packet once in and once out.
func (c *Conversation) leaves(from Side) bool  { return c.placed(from, true) }
func (c *Conversation) arrives(from Side) bool { return c.placed(from, false) }

func (c *Conversation) placed(from Side, out bool) bool {
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.From == from && s.Known&packet.KnownDirection != 0 && s.Outbound() == out {
			return true
		}
	}
	return false
}

// byPadding: a frame shorter than Ethernet's minimum was seen on the host that
// sent it. On virtual links frames are never padded, so the clue counts only
// when the conversation also holds a padded frame from the other side.
func (s *Set) byPadding(c *Conversation) Vantage {
	var short [2]uint32
	var padded [2]bool
	for i := range c.Segments {
		g := &c.Segments[i]
		if g.WireLen == 0 || g.Known&packet.KnownWireLen == 0 || int(g.Link) >= len(s.Links) {
			continue
		}
		if !s.Links[g.Link].HasMAC && g.Offset >= 0 {
			continue
		}
		switch {
		case g.WireLen < etherMinimum && short[g.From] == 0:
			short[g.From] = g.Number
		case g.WireLen == etherMinimum && g.Len < 6:
			padded[g.From] = true
		}
	}
	for _, side := range []Side{Client, Server} {
		if short[side] != 0 && short[side.Other()] == 0 && padded[side.Other()] {
			return Vantage{Place: PlaceClient + Place(side), Strong: true, Reason: VantagePadding, Packet: int(short[side])}
		}
	}
	return Vantage{}
}

// byOffload: what the network card has not finished yet. On virtual links it
// passes unfinished to the receiver, so both directions together say nothing.
func (s *Set) byOffload(c *Conversation) Vantage {
	var seen [2]bool
	for _, side := range []Side{Client, Server} {
		f, peer := &c.Flows[side], &c.Flows[side.Other()]
		seen[side] = f.PartialChecksums > 0 && f.PartialChecksums*2 > f.Packets ||
			peer.MSS > 0 && f.MaxPayload > int(peer.MSS) && f.MaxPayload > 1460
	}
	if seen[Client] == seen[Server] {
		return Vantage{}
	}
	place := PlaceClient
	if seen[Server] {
		place = PlaceServer
	}
	return Vantage{Place: place, Reason: VantageOffload}
}

func byLegs(c *Conversation) Vantage {
	h := c.Handshake()
	if h.ServerLeg < 0 || h.ClientLeg < 0 || h.ServerLeg < legFloor && h.ClientLeg < legFloor {
		return Vantage{}
	}
	switch {
	case h.ServerLeg > legRatio*max(h.ClientLeg, 1):
		return Vantage{Place: PlaceClient, Reason: VantageLegs}
	case h.ClientLeg > legRatio*max(h.ServerLeg, 1):
		return Vantage{Place: PlaceServer, Reason: VantageLegs}
	}
	return Vantage{}
}
