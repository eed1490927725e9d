package conversation

import (
	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/packet"
)

// AckWait is a small segment that was held back until the one before it was
// acknowledged, and that acknowledgement came late: Nagle's algorithm (RFC 9293,
// section 3.7.4) meets delayed acknowledgements (section 3.8.6.3). Indexes point
// into Conversation.Segments.
type AckWait struct {
	Small int   // the segment in flight
	ACK   int   // its late acknowledgement
	Next  int   // the small segment that waited
	Delay int64 // ns the receiver held the acknowledgement back
}

// Delayed acknowledgements, in ns: Linux waits 40 ms (TCP_DELACK_MIN) and up to
// a scheduler tick or two more; Windows and BSD 200 ms.
const (
	delayLinux     = 35 * lang.Millisecond
	delayLinuxMost = 60 * lang.Millisecond
	delayOther     = 150 * lang.Millisecond
	delayOtherMost = 220 * lang.Millisecond
	// released: the waiting segment leaves this soon after the acknowledgement, in ns.
	released = 2 * lang.Millisecond
)

// AckWaits lists the small segments of a side that waited for a delayed
// acknowledgement. Left out are waits that the window, a retransmission or a
// selective acknowledgement explains.
func (c *Conversation) AckWaits(from Side) []AckWait {
	full := c.FullSize(from)
	if full == 0 {
		return nil
	}
	toSender, toReceiver := c.legs(from)
	var out []AckWait
	small, ack := -1, -1
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.IsCopy() || s.Tags.Has(TagStray) {
			continue
		}
		switch {
		case s.From == from && s.Len > 0:
			if ack >= 0 && s.Len < full && s.Seq == c.Segments[small].End() && s.Time-c.Segments[ack].Time <= released+toSender && !s.Tags.Has(Repeat) && c.roomFor(ack, s) {
				delay := c.Segments[ack].Time - c.Segments[small].Time - toReceiver
				out = append(out, AckWait{Small: small, ACK: ack, Next: i, Delay: delay})
			}
			small, ack = -1, -1
			if s.Len < full && !s.Tags.Has(Repeat|TagZeroWindowProbe|TagKeepAlive) {
				small = i
			}
		case s.From != from && small >= 0 && ack < 0 && plainACK(s) && s.Ack == c.Segments[small].End() && delayed(s.Time-c.Segments[small].Time-toReceiver):
			ack = i
		default:
			small, ack = -1, -1
		}
	}
	return out
}

func plainACK(s *Segment) bool {
	return s.PureACK() && !s.Tags.Has(TagSACK|TagDSACK|TagDuplicateAck|TagWindowUpdate)
}

func delayed(ns int64) bool {
	return ns >= delayLinux && ns <= delayLinuxMost || ns >= delayOther && ns <= delayOtherMost
}

// legs are the round trips, in ns, from the capture point to a side and to the
// other, as the handshake shows them; 0 unknown.
func (c *Conversation) legs(from Side) (own, other int64) {
	h := c.Handshake()
	client, server := max(h.ClientLeg, 0), max(h.ServerLeg, 0)
	if from == Client {
		return client, server
	}
	return server, client
}

// roomFor reports whether the window announced by an acknowledgement holds a
// segment.
func (c *Conversation) roomFor(ack int, s *Segment) bool {
	a := &c.Segments[ack]
	if a.Known&packet.KnownWindow == 0 {
		return true
	}
	w, ok := c.Window(a)
	return !ok || w >= 2*int64(s.Len)
}
