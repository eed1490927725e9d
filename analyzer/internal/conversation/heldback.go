package conversation

import "pcaplain/analyzer/internal/packet"

// Held is a pause in one side's stream that ends with bytes which follow
// directly on those before it: at the receiver, a lost segment whose repetition
// arrives looks just like new data. Indexes point into Conversation.Segments.
type Held struct {
	From          Side
	Before, After int   // the side's data segments around the pause
	Pause         int64 // ns
	// Missing is how many packets of this socket were sent between them and did
	// not come by, from the side's IP IDs; -1 where these do not tell.
	Missing int
	// Tail is set when the segment before is of full size and the one after is
	// shorter: the end of a message whose beginning came before the pause.
	Tail bool
}

// HeldBack lists the pauses of at least floor ns in a side's stream during which
// the other side sent no data and waited for nothing it knew of.
func (c *Conversation) HeldBack(from Side, floor int64) []Held {
	if c.Flows[from].LongestPause < floor {
		return nil
	}
	var out []Held
	counts := c.countsByOne(from)
	data, latest, spoke := -1, -1, false
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.IsCopy() || s.Tags.Has(TagStray) || s.Reset() {
			continue
		}
		if s.From != from {
			spoke = spoke || s.Len > 0
			continue
		}
		if data >= 0 && !spoke && s.Len > 0 && s.Seq == c.Segments[data].End() && s.Time-c.Segments[data].Time >= floor {
			u := Held{From: from, Before: data, After: i, Pause: s.Time - c.Segments[data].Time, Missing: -1}
			full := c.FullSize(from)
			u.Tail = full >= leastFull && c.Segments[data].Len >= full && s.Len < full
			if counts {
				u.Missing = c.idsBetween(latest, i)
			}
			out = append(out, u)
		}
		if s.Len > 0 {
			data, spoke = i, false
		}
		latest = i
	}
	return out
}

// leastFull is the payload below which a segment passes for full only in theory,
// in bytes: the MSS every host takes (RFC 9293, section 3.7.1) less timestamps.
const leastFull = 536 - timestampBytes

// idsBetween is how many IP IDs lie between two segments of a side, -1 unknown.
// A segment that the network card cut into pieces took one for each.
func (c *Conversation) idsBetween(a, b int) int {
	s, t := &c.Segments[a], &c.Segments[b]
	if t.Skipped > 0 || b > a+keepLast {
		return -1
	}
	between := int(int16(t.IPID-s.IPID)) - c.pieces(s)
	if between < 0 {
		return -1
	}
	return between
}

func (c *Conversation) pieces(s *Segment) int {
	full := c.FullSize(s.From)
	if full == 0 || s.Len <= full {
		return 1
	}
	return int((s.Len + full - 1) / full)
}

// countsByOne reports whether a side's IP IDs count this socket's packets, as
// Linux does: most steps between neighbours are exactly as long as the packets
// sent, and at least three were seen.
func (c *Conversation) countsByOne(from Side) bool {
	const fewest = 3
	last, exact, steps := -1, 0, 0
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.From != from || s.IsCopy() || s.Flags&(packet.SYN|packet.RST) != 0 || s.Known&packet.KnownIPID == 0 || s.IPID == 0 {
			continue
		}
		if last >= 0 && s.Skipped == 0 {
			steps++
			if int(int16(s.IPID-c.Segments[last].IPID)) == c.pieces(&c.Segments[last]) {
				exact++
			}
		}
		last = i
	}
	return exact >= fewest && exact*10 >= steps*8
}
