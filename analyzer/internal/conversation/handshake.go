package conversation

import "pcaplain/analyzer/internal/packet"

// HandshakeState is how far the opening got, as far as the capture shows.
type HandshakeState string

// The states, in the report's words.
const (
	HandshakeNone      HandshakeState = "none"      // the capture began after it
	HandshakeSYN       HandshakeState = "syn"       // a SYN, no answer
	HandshakeRefused   HandshakeState = "refused"   // a SYN, answered by a RST
	HandshakeSYNACK    HandshakeState = "syn-ack"   // answered, not acknowledged
	HandshakeComplete  HandshakeState = "complete"  // SYN, SYN-ACK, ACK
	HandshakePartial   HandshakeState = "partial"   // some of it is missing from the capture, yet data flowed
	HandshakeCrossed   HandshakeState = "crossed"   // both sides sent a SYN
	HandshakeReset     HandshakeState = "reset"     // SYN-ACK answered by the client's RST
	HandshakeElsewhere HandshakeState = "elsewhere" // only one side is in the capture
)

// Handshake is the opening of a conversation. Indexes point into
// Conversation.Segments; -1 is none. Copies are left out.
type Handshake struct {
	State   HandshakeState
	SYNs    []int // the client's SYNs, the first and its repetitions
	SYNACKs []int // the server's SYN-ACKs that acknowledge the SYN
	ACK     int   // the client's first segment that acknowledges a SYN-ACK
	Refusal int   // a RST that answers a SYN before any SYN-ACK
	Abort   int   // the client's RST that answers a SYN-ACK
	// Odd are the server's acknowledgements without SYN that answer a SYN with
	// numbers that are not this SYN's: challenge ACKs and TIME_WAIT answers
	// (RFC 5961 section 4, RFC 6191).
	Odd []int
	// ServerLeg is the time from the first answered SYN to its SYN-ACK, ClientLeg
	// from SYN-ACK to ACK, in ns; -1 unknown. Together they are the first RTT; the
	// shorter leg is nearer to the capture point.
	ServerLeg, ClientLeg int64
}

// RTT is the handshake's round trip in ns, 0 when it is not in the capture.
func (h *Handshake) RTT() int64 {
	if h.ServerLeg < 0 || h.ClientLeg < 0 {
		return 0
	}
	return h.ServerLeg + h.ClientLeg
}

// Handshake gives the conversation's opening.
func (c *Conversation) Handshake() *Handshake {
	f := c.derived()
	if f.handshake == nil {
		f.handshake = c.handshake()
	}
	return f.handshake
}

func (c *Conversation) handshake() *Handshake {
	h := &Handshake{ACK: -1, Refusal: -1, Abort: -1, ServerLeg: -1, ClientLeg: -1}
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.IsCopy() {
			continue
		}
		if s.From == Client {
			h.fromClient(c, i, s)
		} else {
			h.fromServer(c, i, s)
		}
	}
	h.State = h.state(c)
	h.legs(c)
	return h
}

func (h *Handshake) fromClient(c *Conversation, i int, s *Segment) {
	isn := c.Flows[Client].ISN
	switch {
	case s.PureSYN() && s.Seq == isn:
		h.SYNs = append(h.SYNs, i)
	case s.Reset() && h.ACK < 0 && h.Abort < 0 && len(h.SYNACKs) > 0 && c.answersSYNACK(h, s):
		h.Abort = i
	case h.ACK < 0 && h.Abort < 0 && s.Flags&packet.ACK != 0 && !s.Reset() && s.Flags&packet.SYN == 0 && c.acknowledgesSYNACK(h, s):
		h.ACK = i
	}
}

func (c *Conversation) answersSYNACK(h *Handshake, r *Segment) bool {
	for _, i := range h.SYNACKs {
		if z := &c.Segments[i]; r.Seq == z.Ack {
			return true
		}
	}
	return false
}

func (c *Conversation) acknowledgesSYNACK(h *Handshake, s *Segment) bool {
	for _, i := range h.SYNACKs {
		if z := &c.Segments[i]; Distance(s.Ack, z.Seq) >= 1 && Near(s.Ack, z.Seq) {
			return true
		}
	}
	return false
}

func (h *Handshake) fromServer(c *Conversation, i int, s *Segment) {
	client := &c.Flows[Client]
	switch {
	case s.SYNACK() && (!client.HasISN || s.Ack-client.ISN == 1 || client.Options&packet.OptFastOpen != 0 && Near(s.Ack, client.ISN)):
		h.SYNACKs = append(h.SYNACKs, i)
	case len(h.SYNs) == 0 || len(h.SYNACKs) > 0 || h.ACK >= 0:
	case s.Reset() && h.Refusal < 0:
		h.Refusal = i
	case s.PureACK() && s.Ack != client.ISN+1:
		h.Odd = append(h.Odd, i)
	}
}

func (h *Handshake) state(c *Conversation) HandshakeState {
	crossed := false
	for i := range c.Segments {
		crossed = crossed || c.Segments[i].From == Server && c.Segments[i].PureSYN()
	}
	flowed := c.Flows[Client].Data+c.Flows[Server].Data > 0
	switch {
	case crossed:
		return HandshakeCrossed
	case c.OneSided() && (len(h.SYNs) > 0 || len(h.SYNACKs) > 0) && c.Packets > len(h.SYNs)+len(h.SYNACKs)+c.Copies:
		return HandshakeElsewhere
	case len(h.SYNACKs) > 0 && h.ACK >= 0 && (len(h.SYNs) > 0 || c.Role == RoleSYNACK):
		if len(h.SYNs) == 0 {
			return HandshakePartial
		}
		return HandshakeComplete
	case len(h.SYNACKs) > 0 && h.Abort >= 0:
		return HandshakeReset
	case len(h.SYNACKs) > 0:
		return HandshakeSYNACK
	case len(h.SYNs) > 0 && h.Refusal >= 0:
		return HandshakeRefused
	case len(h.SYNs) > 0 && flowed:
		return HandshakePartial
	case len(h.SYNs) > 0:
		return HandshakeSYN
	}
	return HandshakeNone
}

func (h *Handshake) legs(c *Conversation) {
	if len(h.SYNs) == 0 || len(h.SYNACKs) == 0 {
		return
	}
	z := &c.Segments[h.SYNACKs[0]]
	for _, i := range h.SYNs {
		if y := &c.Segments[i]; y.Time <= z.Time {
			h.ServerLeg = z.Time - y.Time // of the latest SYN before it
		}
	}
	if h.ACK >= 0 {
		h.ClientLeg = c.Segments[h.ACK].Time - z.Time
		for _, i := range h.SYNACKs {
			if z := &c.Segments[i]; i < h.ACK {
				h.ClientLeg = c.Segments[h.ACK].Time - z.Time
			}
		}
	}
}
