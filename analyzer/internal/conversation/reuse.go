package conversation

import (
	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/packet"
)

// oddWait is how long after a SYN an answer still belongs to it, in ns: the
// initial retransmission timeout of old stacks (RFC 1122).
const oddWait = 3 * lang.Second

// Reuse is what a conversation has to do with the one before it on the same
// 4-tuple. Sides are those of the later one.
type Reuse struct {
	Earlier *Conversation
	Gap     int64 // ns from the last packet of the earlier one to this SYN
	// Ended: both sides closed it, or one reset it. Otherwise it was open as far
	// as the capture tells.
	Ended bool
	// Closer is who sent the first FIN; valid if HasCloser. That side keeps the
	// tuple in TIME_WAIT.
	Closer    Side
	HasCloser bool
	// Backward: the new initial sequence number is not beyond what the client
	// sent before. A peer in TIME_WAIT then takes the SYN for an old duplicate,
	// unless its timestamp is newer (RFC 6191, RFC 1122 section 4.2.2.13).
	Backward bool
	// Newer: the SYN's timestamp is beyond the client's last one; valid if HasTS.
	Newer, HasTS bool
}

// Reuse compares the conversation with the incarnation before it; ok is false
// when there is none, or this one's SYN is not in the capture.
func (c *Conversation) Reuse() (r Reuse, ok bool) {
	e := c.Earlier
	if e == nil || c.Role != RoleSYN {
		return r, false
	}
	side := func(s Side) *Flow {
		if e.Client != c.Client {
			s = s.Other()
		}
		return &e.Flows[s]
	}
	client, server := side(Client), side(Server)
	r = Reuse{Earlier: e, Gap: c.First - e.Last, Ended: client.RST || server.RST || client.FIN && server.FIN}
	if at := e.firstFIN(); at >= 0 {
		r.HasCloser, r.Closer = true, e.Segments[at].From
		if e.Client != c.Client {
			r.Closer = r.Closer.Other()
		}
	}
	r.Backward = client.HasSeq && !Before(client.Next, c.Flows[Client].ISN)
	if syn := c.firstSYN(); syn != nil && syn.HasTS() && client.HasTS {
		r.HasTS, r.Newer = true, Before(client.TSLast, syn.TSVal)
	}
	return r, true
}

func (c *Conversation) firstFIN() int {
	for i := range c.Segments {
		if c.Segments[i].FIN() && !c.Segments[i].Tags.Has(TagStray) {
			return i
		}
	}
	return -1
}

func (c *Conversation) firstSYN() *Segment {
	for _, i := range c.Handshake().SYNs {
		return &c.Segments[i]
	}
	return nil
}

// OddAnswer is an acknowledgement in the place of a SYN-ACK: the server still
// has, or remembers, another connection on this tuple (RFC 5961 section 4,
// RFC 9293 section 3.5.2). Indexes into Segments.
type OddAnswer struct {
	SYN, ACK int
	Reset    int  // the client's reset for it, -1 none
	Earlier  bool // its numbers are where the incarnation before this one stopped
}

// OddAnswers lists the acknowledgements that directly follow a SYN of this
// conversation and do not acknowledge it. Nothing of the client's but SYNs and
// resets stands before them, so that holes in the capture do not look like it.
func (c *Conversation) OddAnswers() []OddAnswer {
	if c.Role != RoleSYN {
		return nil
	}
	var out []OddAnswer
	isn, syn := c.Flows[Client].ISN, -1
	for i := range c.Segments {
		s := &c.Segments[i]
		switch {
		case s.IsCopy():
		case s.From == Client && s.PureSYN():
			syn = i
		case s.From == Client && !s.Reset() || s.SYNACK():
			return out
		case s.From == Server && s.PureACK() && syn >= 0 && s.Ack != isn+1 && !c.ownAck(i) && s.Time-c.Segments[syn].Time <= oddWait:
			out = append(out, OddAnswer{SYN: syn, ACK: i, Reset: c.resetFor(i), Earlier: c.stoppedAt(s)})
			syn = -1
		}
	}
	return out
}

// ownAckReach is how many bytes the client may have sent unseen before an
// acknowledgement stops looking like one of them: the initial window of Linux,
// 10 segments (RFC 6928), with room.
const ownAckReach = 1 << 16

// ownAck reports an acknowledgement a little above the client's own ISN that the
// client does not reset: the SYN-ACK and the client's first bytes are missing
// from the capture. Another connection's numbers lie there once in 65,536 times.
func (c *Conversation) ownAck(at int) bool {
	s := &c.Segments[at]
	above := Distance(s.Ack, c.Flows[Client].ISN)
	return above > 0 && above < ownAckReach && !c.stoppedAt(s) && c.resetFor(at) < 0
}

// resetFor is the client's reset that answers a segment, -1 for none.
func (c *Conversation) resetFor(at int) int {
	for i := at + 1; i < len(c.Segments); i++ {
		s := &c.Segments[i]
		if s.From == Client && s.Reset() && s.Flags&packet.ACK == 0 && s.Seq == c.Segments[at].Ack && !s.IsCopy() {
			return i
		}
		if s.From == Client && s.PureSYN() && !s.IsCopy() {
			return -1
		}
	}
	return -1
}

// stoppedAt reports whether a server's segment carries the numbers at which the
// earlier incarnation stood; one off for a FIN that the capture missed.
func (c *Conversation) stoppedAt(s *Segment) bool {
	e := c.Earlier
	if e == nil {
		return false
	}
	client, server := &e.Flows[Client], &e.Flows[Server]
	if e.Client != c.Client {
		client, server = server, client
	}
	near := func(a, b uint32) bool { d := Distance(a, b); return d >= -1 && d <= 1 }
	return client.HasSeq && server.HasSeq && near(s.Ack, client.Next) && near(s.Seq, server.Next)
}
