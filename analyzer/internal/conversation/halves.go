package conversation

import "pcaplain/analyzer/internal/packet"

// Halves are the two directions of one connection that the capture shows under
// different addresses: the way there before a translation and the way back
// behind one, or a listing whose addresses were changed. The numbers prove that
// they belong together.
type Halves struct {
	Out  *Conversation // the client's packets alone
	Back *Conversation // the server's alone
}

// Halves lists such pairs: the same ports, a SYN-ACK that acknowledges the SYN,
// and a client that acknowledges that SYN-ACK (chance 2^-64).
func (s *Set) Halves() []Halves {
	type ends struct {
		client, server uint16
		isn            uint32
	}
	out := map[ends]*Conversation{}
	for _, c := range s.Conversations {
		f := &c.Flows[Client]
		if c.OneSided() && f.HasISN && f.HasAck && !c.Relative {
			out[ends{c.Client.Port(), c.Server.Port(), f.ISN}] = c
		}
	}
	var pairs []Halves
	for _, c := range s.Conversations {
		f := &c.Flows[Server]
		if !c.OneSided() || !f.HasISN || !f.HasAck || len(c.Handshake().SYNACKs) == 0 {
			continue
		}
		ack := c.Segments[c.Handshake().SYNACKs[0]].Ack
		o := out[ends{c.Client.Port(), c.Server.Port(), ack - 1}]
		if o != nil && o != c && o.acknowledges(Client, f.ISN+1) {
			pairs = append(pairs, Halves{o, c})
		}
	}
	return pairs
}

// acknowledges reports whether a side sent an acknowledgement of exactly this
// number.
func (c *Conversation) acknowledges(from Side, number uint32) bool {
	for i := range c.Segments {
		if s := &c.Segments[i]; s.From == from && s.Flags&packet.ACK != 0 && s.Ack == number {
			return true
		}
	}
	return false
}

// AckedBack is the index in Back of the first segment that acknowledges all of a
// segment of Out, -1 for none.
func (h *Halves) AckedBack(at int) int {
	end := h.Out.Segments[at].End()
	for i := range h.Back.Segments {
		if s := &h.Back.Segments[i]; s.Flags&packet.ACK != 0 && !s.IsCopy() && !Before(s.Ack, end) {
			return i
		}
	}
	return -1
}
