package conversation

// CopyKind is how a second recording of a packet differs from the first.
type CopyKind uint8

// The kinds.
const (
	CopySame    CopyKind = iota // same place, same TTL: two taps, or a mirror of both directions
	CopyPassed                  // same TTL, another interface, MAC pair or direction: a bridge, or in and out of a host
	CopyForward                 // TTL lower: before and after a router
)

// Original finds the first recording of a packet that is a copy; ok is false
// when it was not kept, or the segment is no copy.
func (c *Conversation) Original(at int) (original int, kind CopyKind, ok bool) {
	s := &c.Segments[at]
	if !s.IsCopy() {
		return 0, 0, false
	}
	for i := at - 1; i >= 0 && at-i < 64; i-- {
		o := &c.Segments[i]
		if o.IsCopy() || o.From != s.From || o.Seq != s.Seq || o.Ack != s.Ack || o.Flags != s.Flags || o.Len != s.Len || o.IPID != s.IPID {
			continue
		}
		switch {
		case o.TTL > s.TTL:
			return i, CopyForward, true
		case o.Link != s.Link || o.Outbound() != s.Outbound():
			return i, CopyPassed, true
		}
		return i, CopySame, true
	}
	return 0, 0, false
}
