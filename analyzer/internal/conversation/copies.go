package conversation

import (
	"pcaplain/analyzer/internal/packet"
)

// How far apart two recordings of one packet can be.
const (
	// copyForwarded: a copy that was routed (TTL lower, other MAC pair) was seen
	// up to 85 ms behind its original; the bound leaves room for slow boxes.
	copyForwarded = 1_000_000_000
	// copySame: two taps on one path, or one tap seeing both sides of a bridge.
	copySame = 10_000_000
	// copyNoID: without an IP ID only near-simultaneous recordings are told from
	// a repetition.
	copyNoID = 5_000_000
	// maxHops is how many routers a copy may have passed between two taps.
	maxHops = 2
)

// identity is what makes a packet this packet and no other.
type identity struct {
	time             int64
	seq, ack         uint32
	tsval, tsecr     uint32
	length           uint32
	ipid             uint16
	link             uint16
	window           uint16
	flags, ttl       uint8
	from             Side
	hasTS, knowsID   bool
	outbound, placed bool
}

// isCopy reports whether the packet is a second recording of one of the last
// few, and remembers it.
func (l *live) isCopy(c *Conversation, s *Segment, p *packet.Packet, links *linkTable) bool {
	mark := markOf(s)
	found := false
	for i, m := range l.marks {
		if m != mark {
			continue
		}
		if id := identityOf(s); l.recent[i].copied(&id) {
			found = true
			break
		}
	}
	l.noteIdentity(s)
	return found
}

// noteIdentity puts a segment among the recent ones.
func (l *live) noteIdentity(s *Segment) {
	l.recent[l.recentAt], l.marks[l.recentAt] = identityOf(s), markOf(s)
	l.recentAt = (l.recentAt + 1) % len(l.recent)
}

// markOf is the same for all recordings of one packet, and rarely for others.
func markOf(s *Segment) uint64 {
	return (uint64(s.Seq)<<32 | uint64(s.Ack)) ^ uint64(s.Len)<<16 ^ uint64(s.IPID)
}

func identityOf(s *Segment) identity {
	return identity{time: s.Time, seq: s.Seq, ack: s.Ack, tsval: s.TSVal, tsecr: s.TSEcr, length: s.Len, ipid: s.IPID,
		link: s.Link, window: s.Window, flags: s.Flags, ttl: s.TTL, from: s.From, hasTS: s.HasTS(),
		knowsID:  s.Known&packet.KnownIPID != 0,
		outbound: s.Bits&BitOutbound != 0, placed: s.Known&packet.KnownDirection != 0}
}

// copied reports whether b is a later recording of a.
func (a *identity) copied(b *identity) bool {
	if a.time == 0 || a.seq != b.seq || a.ack != b.ack || a.flags != b.flags || a.from != b.from ||
		a.window != b.window || a.hasTS != b.hasTS || a.tsval != b.tsval || a.tsecr != b.tsecr ||
		a.knowsID != b.knowsID || a.ipid != b.ipid {
		return false
	}
	lag := b.time - a.time
	hops := int(a.ttl) - int(b.ttl)
	elsewhere := a.link != b.link || a.placed && b.placed && a.outbound != b.outbound
	if lag < -copySame || hops < -maxHops {
		return false
	}
	switch {
	case a.knowsID && a.ipid != 0 && elsewhere && hops > 0:
		return lag <= copyForwarded
	case a.knowsID && a.ipid != 0:
		return lag <= copySame
	case elsewhere || hops > 0:
		// Without an ID the place must differ: several segments in flight are
		// each answered by a reset that is the same to the last bit.
		return lag <= copyNoID
	}
	// The same place and no ID: only what no timer repeats that fast, data within
	// a millisecond, and SYN or FIN with the very same timestamps.
	return a.length > 0 && lag <= 1_000_000 || a.flags&(packet.SYN|packet.FIN) != 0 && a.hasTS && lag <= copyNoID
}
