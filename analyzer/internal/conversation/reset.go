package conversation

import (
	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/packet"
)

// ResetForm is which code path of a TCP made a reset, by its arithmetic.
type ResetForm uint8

// The forms.
const (
	// ResetOther fits none of the forms below.
	ResetOther ResetForm = iota
	// ResetRefusal answers a SYN: RST+ACK, ack is the SYN's end (RFC 9293,
	// section 3.10.7.1; Linux tcp_v4_send_reset).
	ResetRefusal
	// ResetNobody answers a segment of a connection that the sender does not
	// know: no ACK flag, seq is the trigger's ack.
	ResetNobody
	// ResetAbort is a live socket giving up: RST+ACK with the sender's own next
	// number and what it received (Linux tcp_send_active_reset).
	ResetAbort
	// ResetCleanup has no ACK flag and the sender's own next number, and nothing
	// it could answer: a balancer or a non-Linux stack clearing an idle
	// connection.
	ResetCleanup
)

// Reset is a RST and what it answers.
type Reset struct {
	At      int // index into Segments
	Form    ResetForm
	Trigger int   // index of the segment it answers, -1 none
	Delay   int64 // ns from the trigger, 0 without one
	// LinuxLike: window 0, no options, IP ID 0 or unknown, ack field 0 without
	// ACK: how Linux writes a reset that no socket owns.
	LinuxLike bool
	// Known is false when the numbers could not be compared (listing without
	// them, capture begun later).
	Known bool
}

// Resets lists the conversation's resets in order, copies left out.
func (c *Conversation) Resets() []Reset {
	f := c.derived()
	if !f.hasResets {
		f.hasResets = true
		for i := range c.Segments {
			if s := &c.Segments[i]; s.Reset() && !s.IsCopy() {
				f.resets = append(f.resets, c.reset(i))
			}
		}
	}
	return f.resets
}

// FirstReset is the first reset from a side, nil for none.
func (c *Conversation) FirstReset(from Side) *Reset {
	rs := c.Resets()
	for i := range rs {
		if c.Segments[rs[i].At].From == from {
			return &rs[i]
		}
	}
	return nil
}

func (c *Conversation) reset(at int) Reset {
	r := Reset{At: at, Trigger: -1, Known: true}
	s := &c.Segments[at]
	r.LinuxLike = s.Window == 0 && !s.HasTS() && (s.Known&packet.KnownIPID == 0 || s.IPID == 0) && (s.Flags&packet.ACK != 0 || s.Ack == 0)
	// Three round trips, never less than a delayed acknowledgement's 200 ms.
	window := max(3*c.RTT(), 200*lang.Millisecond)
	openingWindow := max(window, oddWait) // no round trip is known yet
	for i := at - 1; i >= 0 && at-i < 64; i-- {
		g := &c.Segments[i]
		if g.From == s.From || g.IsCopy() {
			continue
		}
		if s.Time-g.Time > openingWindow {
			break
		}
		if s.Time-g.Time > window && g.Flags&packet.SYN == 0 {
			continue
		}
		if form := answers(s, g); form != ResetOther {
			r.Form, r.Trigger, r.Delay = form, i, s.Time-g.Time
			return r
		}
	}
	r.Form = c.ownReset(at)
	return r
}

// answers tells the form of a reset that answers this very segment.
func answers(r, g *Segment) ResetForm {
	switch {
	case g.Reset():
		return ResetOther
	case g.PureSYN() && r.Flags&packet.ACK != 0 && r.Ack == g.End():
		return ResetRefusal
	case g.Flags&packet.ACK != 0 && r.Flags&packet.ACK == 0 && r.Seq == g.Ack:
		return ResetNobody
	}
	return ResetOther
}

// ownReset tells the form of a reset that speaks with its side's own numbers.
func (c *Conversation) ownReset(at int) ResetForm {
	s := &c.Segments[at]
	next, known := c.nextBefore(at, s.From)
	if !known || !(s.Seq == next || s.Seq+1 == next || s.Seq == next+1) {
		return ResetOther
	}
	if s.Flags&packet.ACK != 0 {
		return ResetAbort
	}
	return ResetCleanup
}

// nextBefore is a side's next sequence number as it stood before a segment.
func (c *Conversation) nextBefore(at int, from Side) (next uint32, known bool) {
	for i := at - 1; i >= 0; i-- {
		s := &c.Segments[i]
		if s.From != from || s.Reset() || s.Tags.Has(TagStray|TagCopy) {
			continue
		}
		if !known || Before(next, s.End()) {
			next, known = s.End(), true
		}
		if at-i > 256 {
			break
		}
	}
	if !known {
		// It has sent nothing yet; what the other side acknowledges is next.
		for i := at - 1; i >= 0; i-- {
			if s := &c.Segments[i]; s.From != from && s.Flags&packet.ACK != 0 && !s.Tags.Has(TagStray) {
				return s.Ack, true
			}
		}
	}
	return next, known
}

// RTT is the best estimate of the conversation's round trip in ns: the
// handshake's, else the sum of the smallest times on both legs; 0 unknown.
func (c *Conversation) RTT() int64 {
	if rtt := c.Handshake().RTT(); rtt > 0 {
		return rtt
	}
	return c.Flows[Client].MinRTT + c.Flows[Server].MinRTT
}

// Served is how many payload bytes a side sent, proved by arithmetic: by the
// number of its FIN or RST against its ISN, or by what the other side
// acknowledged, never by counting captured bytes. known is false when the side's
// start is not in the capture.
func (c *Conversation) Served(from Side) (bytes int64, known bool) {
	f, peer := &c.Flows[from], &c.Flows[from.Other()]
	if !f.HasISN {
		return f.Bytes, false
	}
	sent := int64(int32(f.Next - f.ISN - 1))
	if f.FIN {
		sent = int64(int32(f.FINSeq - f.ISN - 1))
	}
	if peer.HasAck && !f.FIN {
		sent = max(sent, int64(int32(peer.Acked-f.ISN-1)))
	}
	for _, r := range c.Resets() {
		if s := &c.Segments[r.At]; s.From == from && r.Form == ResetAbort && !f.FIN { // a reset behind the FIN counts it too
			sent = max(sent, int64(int32(s.Seq-f.ISN-1)))
		}
	}
	return max(sent, 0), true
}
