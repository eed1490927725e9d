package conversation

import (
	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/packet"
)

// What is kept of a conversation. Rules look at openings, closings and events;
// between them thousands of plain segments differ only by their numbers.
const (
	keepFirst  = 200    // packets kept from the start, whatever they are
	keepLast   = 32     // packets kept from the end
	keepEvents = 20_000 // at most so many kept of one conversation
	// keepPause is the silence in ns that makes the packet after it worth
	// keeping: the smallest retransmission timeout of Linux (TCP_RTO_MIN).
	keepPause = 200 * lang.Millisecond
	// payloadHead is how many payload bytes are kept of a segment that may
	// begin a message: enough for a request line or a ClientHello's server name.
	payloadHead = 512
	// payloadHeads is how many such heads are kept per conversation.
	payloadHeads = 24
)

// eventful are the tags of packets that are kept wherever they stand.
const eventful = ^Tags(TagWindowUpdate | TagCopy | TagSACK | TagDuplicateAck)

// keep stores the segment, or lets it wait in the ring of the latest ones.
func (t *Tracker) keep(c *Conversation, s Segment, p *packet.Packet, pause int64) {
	l := c.live
	turned := s.Len > 0 && (!l.anyData || l.lastData != s.From)
	if s.Len > 0 && !s.IsCopy() {
		l.anyData, l.lastData = true, s.From
	}
	important := t.whole || len(c.Segments) < keepFirst ||
		s.Flags&(packet.SYN|packet.FIN|packet.RST) != 0 ||
		s.Tags.Has(eventful) || pause >= keepPause || turned
	if important && (t.whole || len(c.Segments) < keepEvents) {
		s.Extra = t.extra(c, &s, p, turned)
		t.flushRing(c)
		c.Segments = append(c.Segments, s)
		t.budget.kept++
		return
	}
	if p.SACKCount > 0 {
		s.Extra = t.extra(c, &s, p, false)
	}
	t.push(c, s)
}

// push puts a plain segment in the ring; the one it displaces is omitted.
func (t *Tracker) push(c *Conversation, s Segment) {
	l := c.live
	if len(l.ring) < keepLast {
		l.ring = append(l.ring, s)
		return
	}
	l.sinceKept += 1 + l.ring[l.ringAt].Skipped
	t.discard(&l.ring[l.ringAt])
	c.Omitted++
	l.ring[l.ringAt] = s
	l.ringAt = (l.ringAt + 1) % keepLast
}

// flushRing keeps the plain segments that stand before an important one, so
// that what led to it can be seen.
func (t *Tracker) flushRing(c *Conversation) {
	l := c.live
	if len(l.ring) == 0 {
		return
	}
	for i := range l.ring {
		s := l.ring[(l.ringAt+i)%len(l.ring)]
		if i == 0 {
			s.Skipped = l.sinceKept
		}
		c.Segments = append(c.Segments, s)
	}
	t.budget.kept += len(l.ring)
	l.sinceKept, l.ringAt, l.ring = 0, 0, l.ring[:0]
}

// extra stores what few packets carry; 0 when there is nothing.
func (t *Tracker) extra(c *Conversation, s *Segment, p *packet.Packet, turned bool) uint32 {
	head := s.Len > 0 && len(p.Payload) > 0 && (turned || s.Number < 0) && c.live.sides[s.From].heads < payloadHeads/2
	if !head && p.SACKCount == 0 && p.Comment == "" && p.Flags&packet.SYN == 0 && p.Options&packet.OptTOA == 0 {
		return 0
	}
	x := Extra{Options: p.Options, MSS: p.MSS, WindowScale: p.WindowScale, FastOpen: p.FastOpen, TOA: p.TOA, Comment: p.Comment}
	if p.SACKCount > 0 {
		x.SACK = append([]packet.SACKBlock(nil), p.SACK[:p.SACKCount]...)
	}
	if head {
		c.live.sides[s.From].heads++
		x.Payload = append([]byte(nil), p.Payload[:min(len(p.Payload), payloadHead)]...)
	}
	if n := len(t.spare); n > 0 {
		at := t.spare[n-1]
		t.spare = t.spare[:n-1]
		t.set.extras[at-1] = x
		return at
	}
	t.set.extras = append(t.set.extras, x)
	return uint32(len(t.set.extras))
}
