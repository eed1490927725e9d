package conversation

import "sort"

// Untranslated is a segment of a translated connection that reached the client
// with the real server's address instead of the one the client talks to.
// Indexes point into the named conversation's Segments.
type Untranslated struct {
	Of      *Conversation // the connection as the client knows it
	Segment int           // in the conversation asked for: the stray segment
	Reset   int           // there too: the client's reset to it
	Died    int           // in Of: the first reset after it, -1 none
	Ahead   int32         // how far its number lies above what Of's server had sent
}

// Untranslated tells whether a conversation's client refused a segment that
// belongs to another connection of the same client endpoint: its acknowledgement
// number is exactly that connection's next one (chance 2^-32), the same segment
// did not come on that connection, and this conversation has no opening of its
// own. Nil when not.
func (s *Set) Untranslated(g *Conversation) *Untranslated {
	r := g.FirstReset(Client)
	if r == nil || r.Form != ResetNobody || g.Segments[r.Trigger].SYNACK() {
		return nil
	}
	d := &g.Segments[r.Trigger]
	for _, f := range s.FromClient(g.Client) {
		if f == g || f.Server == g.Server || f.Relative || f.First > d.Time || !sameOpening(f, g) {
			continue
		}
		at := f.indexAt(d.Time)
		m := f.Before(at)
		if !m.Spoke[Client] || !m.Spoke[Server] || m.Next[Client] != d.Ack || f.hasSegment(Server, d.Seq, d.Time) {
			continue
		}
		u := &Untranslated{Of: f, Segment: r.Trigger, Reset: r.At, Died: -1, Ahead: Distance(d.Seq, m.Next[Server])}
		for _, k := range f.Resets() {
			if k.At >= at && u.Died < 0 {
				u.Died = k.At
			}
		}
		return u
	}
	return nil
}

// sameOpening: the stray's conversation was never opened, or it is the other leg
// of the same connection.
func sameOpening(f, g *Conversation) bool {
	return !g.Flows[Client].HasISN || f.Flows[Client].HasISN && f.Flows[Client].ISN == g.Flows[Client].ISN
}

// indexAt is the index of the first segment after a time.
func (c *Conversation) indexAt(time int64) int {
	return sort.Search(len(c.Segments), func(i int) bool { return c.Segments[i].Time > time })
}

// hasSegment reports whether a side sent a segment with this number within a
// second of a time: the translated twin.
func (c *Conversation) hasSegment(from Side, seq uint32, time int64) bool {
	for i := range c.Segments {
		s := &c.Segments[i]
		if lag := s.Time - time; s.From == from && s.Seq == seq && lag > -1_000_000_000 && lag < 1_000_000_000 {
			return true
		}
	}
	return false
}
