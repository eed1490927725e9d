package conversation

// EndState is how a conversation ended, as far as the capture shows.
type EndState string

// The states, in the report's words.
const (
	EndOpen          EndState = "open"            // neither FIN nor RST
	EndClosed        EndState = "closed"          // FIN both ways
	EndHalfClosed    EndState = "half-closed"     // FIN one way
	EndResetByClient EndState = "reset-by-client" // a RST carrying the client's address
	EndResetByServer EndState = "reset-by-server" // a RST carrying the server's address
	EndRefused       EndState = "refused"         // the SYN was answered by a RST
)

// End is how the conversation ended: by its first reset before both FINs, else
// by its FINs. Resets after both sides closed change nothing.
func (c *Conversation) End() EndState {
	fins := [2]bool{}
	for i := range c.Segments {
		s := &c.Segments[i]
		switch {
		case s.IsCopy():
		case s.FIN():
			fins[s.From] = true
		case s.Reset() && !(fins[Client] && fins[Server]):
			return c.endByReset(s)
		}
	}
	switch {
	case fins[Client] && fins[Server]:
		return EndClosed
	case fins[Client] || fins[Server]:
		return EndHalfClosed
	}
	return EndOpen
}

func (c *Conversation) endByReset(s *Segment) EndState {
	switch {
	case c.Handshake().State == HandshakeRefused:
		return EndRefused
	case s.From == Client:
		return EndResetByClient
	}
	return EndResetByServer
}
