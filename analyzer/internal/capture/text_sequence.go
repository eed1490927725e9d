package capture

import (
	"encoding/binary"
	"net/netip"
)

// sequences makes the relative numbers of a listing absolute where an absolute
// one of the same direction was printed, as tcpdump does for the first segments
// of a conversation.
type sequences struct {
	streams map[pair]*stream
	byPorts map[[2]uint16][]*stream // for replies that carry other addresses
	count   int
}

// maxStreams bounds the conversations whose numbers are followed.
const maxStreams = 100_000

// stream is one conversation, whatever addresses its two directions carry.
type stream struct {
	side [2]half
	syn  bool // the first side's SYN was printed
	// tracked: tcpdump has begun to count, at the first segment with an ACK.
	tracked bool
}

// half is one direction's numbers.
type half struct {
	based    bool
	absolute bool   // base is the wire's number
	base     uint32 // what relative numbers are counted from
	next     uint32 // the number expected next, on that base
	syn      bool   // its SYN was seen
	isn      uint32 // the SYN's number, as printed
	scale    int    // window scale shift from its SYN, -1 without
	headers  int    // bytes of a frame before the payload, 0 unknown
	top      uint32 // the number after the last new byte sent
	placed   bool   // top is set
}

// way is a conversation seen from the sender of a segment.
type way struct {
	*stream
	from int // index of the sender's half
}

func (w way) own() *half  { return &w.side[w.from] }
func (w way) peer() *half { return &w.side[1-w.from] }

func portsOf(a, b netip.AddrPort) [2]uint16 {
	return [2]uint16{min(a.Port(), b.Port()), max(a.Port(), b.Port())}
}

// find returns the conversation of a segment, and begins one where there is none.
func (q *sequences) find(r *reading) way {
	ends := pair{r.line.Src, r.line.Dst}
	if s, from := q.known(ends); s != nil {
		return way{s, from}
	}
	s, from := q.crossed(r), 1
	if s == nil {
		s, from = &stream{}, 0
		s.side[0].scale, s.side[1].scale = -1, -1
		if q.count < maxStreams {
			q.byPorts[portsOf(ends.src, ends.dst)] = append(q.byPorts[portsOf(ends.src, ends.dst)], s)
		}
	}
	q.remember(ends, s, from)
	return way{s, from}
}

func (q *sequences) known(ends pair) (*stream, int) {
	if s := q.streams[ends]; s != nil {
		return s, 0
	}
	if s := q.streams[ends.reverse()]; s != nil {
		return s, 1
	}
	return nil, 0
}

// remember files a conversation under the direction of its first side.
func (q *sequences) remember(ends pair, s *stream, from int) {
	if q.count >= maxStreams {
		return
	}
	if q.streams == nil {
		q.streams, q.byPorts = map[pair]*stream{}, map[[2]uint16][]*stream{}
	}
	q.count++
	if from == 1 {
		ends = ends.reverse()
	}
	q.streams[ends] = s
}

// crossed finds the conversation that a SYN-ACK from another address answers: the
// only one between these ports whose SYN it acknowledges. Nothing but the
// numbers is taken from it; the addresses stay as printed.
func (q *sequences) crossed(r *reading) *stream {
	if !r.flag(flagSYN) || !r.flag(flagACK) || !r.has(KnownAck) {
		return nil
	}
	var found *stream
	for _, s := range q.byPorts[portsOf(r.line.Src, r.line.Dst)] {
		if s.syn && s.side[0].isn+1 == r.line.Ack {
			if found != nil {
				return nil
			}
			found = s
		}
	}
	return found
}

// resolve makes a segment's numbers absolute, or marks them relative.
func (q *sequences) resolve(r *reading) {
	if q.byPorts == nil {
		q.streams, q.byPorts = map[pair]*stream{}, map[[2]uint16][]*stream{}
	}
	w := q.find(r)
	if r.flag(flagSYN) && r.has(KnownSeq) {
		w.begin(r)
	}
	if r.style == styleTcpdump && w.printedAbsolute(r) {
		w.anchor(r)
		w.advance(r)
		return
	}
	absolute, number := true, (*half).number
	if r.style == styleWireshark {
		number = (*half).listed
	}
	if r.has(KnownSeq) {
		r.line.Seq = number(w.own(), r.line.Seq, 0, &absolute)
	}
	if r.has(KnownAck) {
		r.line.Ack = number(w.peer(), r.line.Ack, 1, &absolute)
	}
	for _, at := range r.sackAt {
		edge := binary.BigEndian.Uint32(r.options[at:])
		binary.BigEndian.PutUint32(r.options[at:], number(w.peer(), edge, 1, &absolute))
	}
	if !absolute {
		r.know(KnownRelative)
	}
	w.advance(r)
}

// begin takes up a SYN. tcpdump prints its number absolute; Wireshark prints 0
// unless told otherwise, and counts from there.
func (w way) begin(r *reading) {
	relative := r.style == styleWireshark && r.line.Seq == 0
	isn := r.line.Seq
	w.syn = w.syn || w.from == 0
	own, peer := w.own(), w.peer()
	if again := own.syn && own.isn == isn; !again && !r.flag(flagACK) {
		peer.syn, peer.scale = false, -1
		if r.style == styleWireshark || !w.tracked {
			peer.based = false
		}
	}
	own.syn, own.isn, own.scale, own.next = true, isn, r.scale, isn
	if r.style == styleWireshark || !w.tracked {
		own.based, own.absolute, own.base = true, !relative, isn
	}
	if r.style == styleWireshark && r.flag(flagACK) && r.has(KnownAck) && !relative && !peer.based {
		peer.based, peer.absolute, peer.base, peer.next = true, true, r.line.Ack-1, r.line.Ack
	}
}

// printedAbsolute reports whether tcpdump prints these numbers as they are: those
// of segments without an ACK always, and of the first with one. A small number
// there is of an excerpt whose first segment is missing.
func (w way) printedAbsolute(r *reading) bool {
	if !r.flag(flagACK) {
		return r.flag(flagSYN) || r.has(KnownSeq) && r.line.Seq >= relativeBelow
	}
	if w.tracked && !r.flag(flagSYN) {
		return false
	}
	return r.has(KnownAck) && r.line.Ack >= relativeBelow && (!r.has(KnownSeq) || r.line.Seq >= relativeBelow) || r.flag(flagSYN)
}

// anchor follows tcpdump where it begins to count: from this segment's own
// number, and from the one before that it acknowledges.
func (w way) anchor(r *reading) {
	if !r.flag(flagACK) || !r.has(KnownAck) {
		return
	}
	w.tracked = true
	own, peer := w.own(), w.peer()
	peer.based, peer.absolute, peer.base = true, true, r.line.Ack-1
	if !peer.syn {
		peer.next = r.line.Ack
	}
	switch {
	case r.has(KnownSeq):
		own.based, own.absolute, own.base, own.next = true, true, r.line.Seq, r.line.Seq
	case own.based:
		own.base = own.next
	}
	for _, at := range r.sackAt { // these count from the new base already
		edge := binary.BigEndian.Uint32(r.options[at:])
		ignored := true
		binary.BigEndian.PutUint32(r.options[at:], peer.number(edge, 1, &ignored))
	}
}

// relativeBelow is the number below which the first of a direction is taken for
// a relative one: an excerpt that begins in mid-conversation. An absolute one is
// that small once in 256 conversations.
const relativeBelow = 1 << 24

// number returns n on the wire's scale, and clears absolute where that is not
// known. The first number of a direction sets its base: a sequence number itself,
// an acknowledgement the one before it.
func (h *half) number(n, first uint32, absolute *bool) uint32 {
	if h.listed(n, first, absolute); !h.absolute {
		return n
	}
	if distance(h.base+n, h.next) < distance(n, h.next) {
		return h.base + n
	}
	return n
}

// listed is number for a packet list, which shows all numbers of a direction
// alike, relative or absolute.
func (h *half) listed(n, first uint32, absolute *bool) uint32 {
	if !h.based {
		h.based, h.absolute = true, n >= relativeBelow
		h.base, h.next = 0, n
		if h.absolute {
			h.base = n - first
		}
	}
	*absolute = *absolute && h.absolute
	return n
}

func distance(a, b uint32) uint32 { return min(a-b, b-a) }

// advance moves on what is expected next.
func (w way) advance(r *reading) {
	if r.has(KnownSeq) {
		length := uint32(r.line.PayloadLen)
		if r.flag(flagSYN) {
			length++
		}
		own := w.own()
		own.next = r.line.Seq + length
		if !own.placed && !r.marked || r.flag(flagSYN) || own.placed && int32(own.next-own.top) > 0 {
			own.top, own.placed = own.next, true
		}
	}
	if r.has(KnownAck) && w.peer().based && int32(r.line.Ack-w.peer().next) > 0 {
		w.peer().next = r.line.Ack
	}
}

// shortFrame is what shorter Ethernet frames are padded to, in bytes, without
// their check sequence: their length does not tell that of the headers.
const shortFrame = 60

// learn remembers how long a frame's headers are. SYNs and selective
// acknowledgements carry options that other segments do not.
func (q *sequences) learn(r *reading) {
	s, from := q.known(pair{r.line.Src, r.line.Dst})
	if s == nil || r.wire == 0 || r.wire == shortFrame || !r.has(KnownPayloadLen) || r.flag(flagSYN) || len(r.sackAt) > 0 {
		return
	}
	if n := r.wire - r.line.PayloadLen; n > 0 {
		s.side[from].headers = n
	}
}

// infer completes a line that shows an application's protocol in place of the
// numbers: its payload is the frame without headers as long as those of the lines
// before, and follows what its sender sent last, unless it is marked as repeated
// or out of order.
func (q *sequences) infer(r *reading) {
	s, from := q.known(pair{r.line.Src, r.line.Dst})
	if s == nil {
		return
	}
	own := &s.side[from]
	headers := own.headers
	if headers == 0 {
		headers = s.side[1-from].headers
	}
	if headers == 0 || r.wire <= max(headers, shortFrame) {
		own.placed = false
		return
	}
	r.line.PayloadLen = r.wire - headers
	r.know(KnownPayloadLen)
	own.placed = own.placed && !r.marked
	if own.based && own.placed {
		r.line.Seq = own.top
		r.know(KnownSeq)
	}
}

// unscale returns the window as it stood in the header. Wireshark multiplies it
// by the factor of the sender's SYN, unless it saw that the other refused.
func (q *sequences) unscale(r *reading) (uint16, bool) {
	v := r.window
	s, from := q.known(pair{r.line.Src, r.line.Dst})
	if r.style == styleWireshark && s != nil && !r.flag(flagSYN) {
		own, peer := s.side[from], s.side[1-from]
		if refused := peer.syn && peer.scale < 0; own.scale > 0 && !refused && v&(1<<own.scale-1) == 0 {
			v >>= own.scale
		}
	}
	return uint16(v), v >= 0 && v <= 0xffff
}
