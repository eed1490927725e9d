package conversation

import (
	"net/netip"

	"pcaplain/analyzer/internal/packet"
)

// pendingSYNs remembers the newest SYNs without an answer, so that an answer
// recorded with other addresses is known by its numbers; bounded, since only an
// answer that comes soon can be told.
type pendingSYNs struct {
	by   map[uint32]*Conversation // by the acknowledgement that answers it
	list [1024]uint32
	at   int
}

func (s *pendingSYNs) add(c *Conversation, seq uint32) {
	if s.by == nil {
		s.by = map[uint32]*Conversation{}
	}
	delete(s.by, s.list[s.at])
	s.list[s.at] = seq + 1
	s.at = (s.at + 1) % len(s.list)
	s.by[seq+1] = c
}

// crossed finds the connection that a SYN-ACK of an unknown 4-tuple answers:
// the ports are the SYN's, the acknowledgement is exact (2^-32 by chance), and
// both addresses are others. One other address alone is a wrong answer, not the
// same connection.
func (t *Tracker) crossed(p *packet.Packet) *Conversation {
	if p.Flags&(packet.SYN|packet.ACK|packet.RST) != packet.SYN|packet.ACK {
		return nil
	}
	c := t.pending.by[p.Ack]
	if c == nil || p.SrcPort != c.Server.Port() || p.DstPort != c.Client.Port() || p.SrcPort == p.DstPort ||
		c.Flows[Server].Packets > 0 || p.Src == c.Server.Addr() || p.Dst == c.Client.Addr() || c.Tunnel != p.Tunnel {
		return nil
	}
	c.Other[Client] = netip.AddrPortFrom(p.Dst, p.DstPort)
	c.Other[Server] = netip.AddrPortFrom(p.Src, p.SrcPort)
	return c
}

// Crossed reports whether the two directions carry different addresses.
func (c *Conversation) Crossed() bool { return c.Other[Client].IsValid() }
