package conversation

import (
	"pcaplain/analyzer/internal/packet"
)

// sender is what the reader remembers of one side while packets come in.
type sender struct {
	heads    int // payload heads kept
	flights  flights
	zeroFrom int64 // ns; since when this side's window has been zero, valid if closed
	closed   bool
	tags     tagger
}

// analyse updates the facts of the conversation and of the segment's side, and
// tags the segment. Copies never come here.
func (c *Conversation) analyse(s *Segment, p *packet.Packet, pause int64) {
	f := &c.Flows[s.From]
	f.Packets++
	f.identity(s)
	if c.stray(s) {
		s.Tags |= TagStray
		c.Strays++
		if e := c.Earlier; e != nil && e.fits(s, e.Client != c.Client) {
			s.Tags |= TagEarlier
		}
		f.count(s.Tags)
		return
	}
	c.live.timeHandshake(s)
	c.tag(s, p)
	f.sequence(c, s, p)
	c.roundTrip(s)
	c.windows(s)
	f.pause(c, pause)
	f.count(s.Tags)
}

// stray reports a segment that no sender in this incarnation's state could
// send: its sequence number is far from what its side sent so far, and (when it
// has one) its acknowledgement is far from what the other side sent. One of the
// two alone is a jump over a hole in the capture.
func (c *Conversation) stray(s *Segment) bool {
	f, peer := &c.Flows[s.From], &c.Flows[s.From.Other()]
	if s.Flags&packet.SYN != 0 {
		return false
	}
	seqKnown, seqFits := f.HasSeq, f.HasSeq && Near(s.Seq, f.Next)
	if s.Reset() && s.Flags&packet.ACK == 0 {
		return false // a reset without ACK takes its number from what it answers
	}
	if s.Flags&packet.ACK == 0 {
		return seqKnown && !seqFits
	}
	ackKnown, ackFits := peer.HasSeq, peer.HasSeq && Near(s.Ack, peer.Next)
	if seqKnown && !seqFits {
		return !ackFits || !ackKnown
	}
	// The side has sent nothing yet: an acknowledgement of numbers that were
	// never sent is somebody else's.
	return !seqKnown && ackKnown && !ackFits
}

// fits reports whether a later incarnation's segment continues this one's
// numbers. swapped tells that the two incarnations name opposite sides client.
func (c *Conversation) fits(s *Segment, swapped bool) bool {
	from := s.From
	if swapped {
		from = from.Other()
	}
	f, peer := &c.Flows[from], &c.Flows[from.Other()]
	return f.HasSeq && Near(s.Seq, f.Next) && (s.Flags&packet.ACK == 0 || !peer.HasSeq || Near(s.Ack, peer.Next))
}

// identity collects what tells hosts apart: TTL, IP ID, timestamps.
func (f *Flow) identity(s *Segment) {
	if s.Known&packet.KnownTTL != 0 {
		f.addTTL(s.TTL)
	}
	if s.Known&packet.KnownIPID != 0 && s.IPID == 0 {
		f.IDZero++
	}
	if s.Known&packet.KnownDirection != 0 {
		if s.Bits&BitOutbound != 0 {
			f.Outbound++
		} else {
			f.Inbound++
		}
	}
	switch s.Check {
	case packet.ChecksumBad:
		f.BadChecksums++
	case packet.ChecksumPartial:
		f.PartialChecksums++
	}
}

func (f *Flow) addTTL(ttl uint8) {
	for _, t := range f.TTLs[:f.TTLCount] {
		if t == ttl {
			return
		}
	}
	if int(f.TTLCount) < len(f.TTLs) {
		f.TTLs[f.TTLCount] = ttl
		f.TTLCount++
	}
}

// sequence moves the side's numbers on.
func (f *Flow) sequence(c *Conversation, s *Segment, p *packet.Packet) {
	if s.Flags&packet.SYN != 0 {
		f.opened(c, s, p)
	}
	if s.Reset() {
		f.RST = true
		return
	}
	if !f.HasSeq {
		f.HasSeq, f.Base, f.Next = true, s.Seq, s.Seq
	}
	if Before(f.Next, s.End()) && !s.Tags.Has(TagZeroWindowProbe|TagKeepAlive) {
		f.Bytes += int64(min(s.Len, s.End()-f.Next))
		f.Next = s.End()
	}
	if Before(s.Seq, f.Base) && !f.HasISN {
		f.Base = s.Seq
	}
	f.sent(s)
	if s.FIN() && !f.FIN {
		f.FIN, f.FINSeq = true, s.Seq+s.Len
	}
	if peer := &c.Flows[s.From.Other()]; s.Flags&packet.ACK != 0 && !f.HasAck && !peer.HasSeq && !peer.HasISN {
		peer.Base = s.Ack // of a side that is not heard, count from what is acknowledged first
	}
	if s.Flags&packet.ACK != 0 && (!f.HasAck || Before(f.Acked, s.Ack)) {
		f.HasAck, f.Acked = true, s.Ack
	}
	if s.HasTS() {
		if !f.HasTS {
			f.HasTS, f.TSFirst, f.TSFirstTime = true, s.TSVal, s.Time
		}
		f.TSLast, f.TSLastTime = s.TSVal, s.Time
	}
}

func (f *Flow) sent(s *Segment) {
	if s.Len == 0 {
		return
	}
	if f.Data == 0 {
		f.FirstDataTime = s.Time
	}
	f.Data++
	f.Sent += int64(s.Len)
	f.LastDataTime = s.Time
	f.MaxPayload = max(f.MaxPayload, int(s.Len))
}

// opened takes the options of a SYN or SYN-ACK.
func (f *Flow) opened(c *Conversation, s *Segment, p *packet.Packet) {
	if f.HasISN && f.ISN == s.Seq {
		return
	}
	f.HasISN, f.ISN = true, s.Seq
	// A SYN-ACK with a new number replaces a half-open one that was reset.
	f.HasSeq, f.Base, f.Next = true, s.Seq+1, s.Seq
	f.Options, f.MSS = p.Options, p.MSS
	if peer := &c.Flows[s.From.Other()]; s.SYNACK() && !peer.HasSeq {
		peer.Base = s.Ack // the SYN is not in the capture; its number is known all the same
	}
	if p.Known&packet.KnownOptions == 0 {
		return
	}
	f.WindowScale = 0
	if p.Options&packet.OptWindowScale != 0 {
		f.WindowScale = int8(min(p.WindowScale, 14)) // RFC 7323, section 2.3
	}
	if peer := &c.Flows[s.From.Other()]; s.SYNACK() && peer.HasISN {
		agreeScale(f, peer)
	}
}

// agreeScale: windows are scaled only when both SYNs offered it.
func agreeScale(a, b *Flow) {
	if a.Options&packet.OptWindowScale == 0 || b.Options&packet.OptWindowScale == 0 {
		a.WindowScale, b.WindowScale = 0, 0
	}
}

// flights are the data segments of one side that wait for their
// acknowledgement, oldest first; bounded, since only the next acknowledgement
// matters for the round trip.
type flights struct {
	end  [16]uint32
	time [16]int64
	from int
	n    int
}

func (q *flights) push(end uint32, time int64) {
	if q.n == len(q.end) {
		return
	}
	i := (q.from + q.n) % len(q.end)
	q.end[i], q.time[i] = end, time
	q.n++
}

// acked drops what an acknowledgement covers and returns the time of the
// segment it acknowledges exactly.
func (q *flights) acked(ack uint32) (sent int64, ok bool) {
	for q.n > 0 && !Before(ack, q.end[q.from]) {
		if q.end[q.from] == ack {
			sent, ok = q.time[q.from], true
		}
		q.from = (q.from + 1) % len(q.end)
		q.n--
	}
	return sent, ok
}

// clear forgets what is in flight: after a repetition nobody knows which copy
// an acknowledgement is for (Karn's algorithm, RFC 6298 section 3).
func (q *flights) clear() { q.n = 0 }

// roundTrip measures from a segment to the acknowledgement of exactly it.
func (c *Conversation) roundTrip(s *Segment) {
	own, peer := &c.live.sides[s.From], &c.live.sides[s.From.Other()]
	if s.Tags.Has(Repeat | TagOutOfOrder) {
		own.flights.clear()
	} else if s.SegmentLen() > 0 && !s.Reset() {
		own.flights.push(s.End(), s.Time)
	}
	if s.Flags&packet.ACK == 0 || s.Reset() {
		return
	}
	sent, ok := peer.flights.acked(s.Ack)
	if !ok || s.Time <= sent {
		return
	}
	f, rtt := &c.Flows[s.From.Other()], s.Time-sent
	if f.MinRTT == 0 || rtt < f.MinRTT {
		f.MinRTT = rtt
	}
	f.SumRTT += rtt
	f.RTTs++
}

// windows follows how much the side lets the other send, and how much is out.
func (c *Conversation) windows(s *Segment) {
	f, peer := &c.Flows[s.From], &c.Flows[s.From.Other()]
	if f.HasSeq && peer.HasAck && s.Len > 0 && Before(peer.Acked, f.Next) {
		f.MaxInFlight = max(f.MaxInFlight, int64(f.Next-peer.Acked))
	}
	if s.Reset() || s.Flags&packet.SYN != 0 {
		return
	}
	w, ok := c.Window(s)
	if !ok {
		return
	}
	if f.MinWindow < 0 || w < f.MinWindow {
		f.MinWindow = w
	}
	f.MaxWindow = max(f.MaxWindow, w)
	own := &c.live.sides[s.From]
	switch {
	case w == 0 && !own.closed:
		own.closed, own.zeroFrom = true, s.Time
		f.ZeroWindows++
	case w > 0 && own.closed:
		own.closed = false
		f.ZeroWindow += s.Time - own.zeroFrom
	}
}

func (f *Flow) pause(c *Conversation, pause int64) {
	if c.Packets > 1 {
		f.LongestPause = max(f.LongestPause, pause)
	}
}

// timeHandshake measures from the SYN to the acknowledgement of the SYN-ACK.
func (l *live) timeHandshake(s *Segment) {
	switch {
	case l.handshakeRTT != 0:
	case s.PureSYN():
		l.synTime = s.Time
	case s.SYNACK() && l.synTime != 0:
		l.synAckTime = s.Time
	case l.synAckTime != 0 && s.Flags&packet.ACK != 0 && !s.Reset() && s.Flags&packet.SYN == 0:
		l.handshakeRTT = max(1, s.Time-l.synTime)
	}
}

func (f *Flow) count(tags Tags) {
	if tags == 0 {
		return
	}
	if f.Counts == nil {
		f.Counts = &TagCounts{}
	}
	f.Counts.add(tags)
}
