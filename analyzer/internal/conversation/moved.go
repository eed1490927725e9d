package conversation

import (
	"net/netip"

	"pcaplain/analyzer/internal/packet"
)

// Move is a byte stream that goes on under another tuple.
type Move struct {
	From, To *Conversation
	At       int  // first packet on the new tuple, index into To.Segments
	Sender   Side // of From: who moved
}

// position is where a stream stands at the endpoint that it goes to: what the
// sender sends next, and what it has received.
type position struct {
	to       netip.AddrPort
	seq, ack uint32
}

// Moves lists the streams that changed their address or port in mid-connection:
// a conversation begins without a SYN exactly where another one to the same
// endpoint stopped (64 bits alike).
func (s *Set) Moves() []Move {
	at := map[position]Move{}
	for _, c := range s.Conversations {
		if c.Relative {
			continue
		}
		for _, side := range []Side{Client, Server} {
			own, peer := &c.Flows[side], &c.Flows[side.Other()]
			if own.HasSeq && peer.HasSeq && own.HasAck {
				at[position{c.Addr(side.Other()), own.Next, own.Acked}] = Move{From: c, Sender: side}
			}
		}
	}
	var out []Move
	for _, c := range s.Conversations {
		if c.Role == RoleSYN || c.Role == RoleSYNACK || c.Relative || len(c.Segments) == 0 {
			continue
		}
		f := &c.Segments[0]
		if f.Flags&packet.ACK == 0 || f.Reset() || f.Flags&packet.SYN != 0 {
			continue
		}
		m, ok := at[position{c.Addr(f.From.Other()), f.Seq, f.Ack}]
		if ok && m.From != c && m.From.First < c.First && m.From.Addr(m.Sender) != c.Addr(f.From) {
			m.To, m.At = c, 0
			out = append(out, m)
		}
	}
	return out
}
