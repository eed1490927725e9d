package conversation

import (
	"net/netip"

	"pcaplain/analyzer/internal/packet"
)

// Tracker builds conversations from packets in file order.
type Tracker struct {
	set     Set
	table   table
	links   linkTable
	last    int64 // ns, time of the newest packet
	only    *key  // follow this 4-tuple alone; nil for all
	whole   bool  // keep every packet
	pending pendingSYNs
	fresh   live // of the conversation whose first packet is being taken
	budget  budget
	spare   []uint32 // extras that nobody holds any more, index+1
	// LogPackets keeps an entry per TCP packet in Set.Log.
	LogPackets bool
}

// NewTracker returns an empty tracker.
func NewTracker() *Tracker {
	return &Tracker{budget: budget{mostKept: mostKept, mostLive: mostLive}}
}

// Progress says how many packets, TCP packets and conversations there are so far.
func (t *Tracker) Progress() (packets, tcpPackets, conversations int) {
	return t.set.Packets, t.set.TCPPackets, len(t.set.Conversations)
}

// live is what a conversation needs only while packets come in.
type live struct {
	sides     [2]sender
	recent    [8]identity // the last packets, to know copies
	marks     [8]uint64   // of recent, to see at a glance that none is the same
	recentAt  int
	sinceKept uint32 // packets omitted since the last kept one
	ring      []Segment
	ringAt    int
	latest    int  // Set.TCPPackets at the last packet
	lastData  Side // who sent data last
	// The handshake's round trip, for what comes while packets are read.
	synTime, synAckTime, handshakeRTT int64
	anyData                           bool
}

// Add takes the next packet. It is not kept; what must last is copied.
func (t *Tracker) Add(p *packet.Packet) {
	t.set.Packets++
	t.clock(p)
	switch p.Kind {
	case packet.KindTCP:
		t.tcp(p)
	case packet.KindICMP:
		t.icmp(p)
	case packet.KindARP:
		t.arp(p)
	case packet.KindDNS:
		t.dns(p)
	}
}

// clock notes times that run backwards.
func (t *Tracker) clock(p *packet.Packet) {
	if p.Known&packet.KnownTime == 0 {
		t.set.Untimed++
		return
	}
	if t.set.First == 0 && t.last == 0 {
		t.set.First = p.Time
	}
	if p.Time < t.last {
		t.set.Backwards++
		if back := t.last - p.Time; back > t.set.BackwardsBy {
			t.set.BackwardsBy = back
		}
	} else {
		t.last = p.Time
	}
	t.set.First = min(t.set.First, p.Time)
	t.set.Last = max(t.set.Last, p.Time)
}

func (t *Tracker) tcp(p *packet.Packet) {
	t.set.TCPPackets++
	k, _ := keyOf(p)
	if t.only != nil && *t.only != k {
		return
	}
	e := t.table.find(&k)
	c := e.current
	if c == nil {
		c = t.crossed(p)
		e.current = c
	}
	if e.twin != nil {
		c = e.pick(p)
	}
	if c == nil || opensNew(c, p) {
		if c != nil && e.twin == nil && t.twinSYN(c, p) {
			e.twin = t.open(nil, p)
			c.Twin, e.twin.Twin = e.twin, c
			t.segment(e.twin, Client, p)
			return
		}
		c = t.open(c, p)
		e.current, e.twin = c, nil
	}
	t.segment(c, c.sideOf(p), p)
}

// opensNew reports whether a packet starts a new incarnation on a 4-tuple that
// already has one: a pure SYN with another initial sequence number, or a
// SYN-ACK to such a SYN that is missing from the capture.
func opensNew(c *Conversation, p *packet.Packet) bool {
	switch p.Flags & (packet.SYN | packet.ACK | packet.RST | packet.FIN) {
	case packet.SYN:
		return synOpensNew(c, p)
	case packet.SYN | packet.ACK:
		return synAckOpensNew(c, p)
	}
	return false
}

func synOpensNew(c *Conversation, p *packet.Packet) bool {
	from := c.sideOf(p)
	f, peer := &c.Flows[from], &c.Flows[from.Other()]
	if f.HasISN {
		return f.ISN != p.Seq
	}
	// A record swapped in the file: the SYN stands behind its own SYN-ACK.
	if peer.HasAck && peer.HasISN && peer.Acked == p.Seq+1 {
		return false
	}
	if peer.HasISN && peer.Packets > 0 && !f.HasSeq && !peer.HasAck {
		return false // both sides opened at once (RFC 9293, section 3.5)
	}
	// Begun in the middle: the SYN belongs here only if it is the very start of
	// what is already known.
	return !(f.HasSeq && f.Base == p.Seq+1)
}

func synAckOpensNew(c *Conversation, p *packet.Packet) bool {
	from := c.sideOf(p)
	f, peer := &c.Flows[from], &c.Flows[from.Other()]
	ended := c.Flows[Client].RST || c.Flows[Server].RST || c.Flows[Client].FIN && c.Flows[Server].FIN
	if !ended || !peer.HasISN {
		return false
	}
	return p.Ack-1 != peer.ISN && !(f.HasISN && f.ISN == p.Seq)
}

func (c *Conversation) sideOf(p *packet.Packet) Side {
	if p.SrcPort == c.Client.Port() && (p.Src == c.Client.Addr() || p.Src == c.Other[Client].Addr()) {
		return Client
	}
	return Server
}

// open starts a conversation with its first packet.
func (t *Tracker) open(earlier *Conversation, p *packet.Packet) *Conversation {
	src, dst := netip.AddrPortFrom(p.Src, p.SrcPort), netip.AddrPortFrom(p.Dst, p.DstPort)
	c := &Conversation{set: &t.set, ID: len(t.set.Conversations), Client: src, Server: dst, Tunnel: p.Tunnel, VLAN: p.VLAN,
		Earlier: earlier, First: p.Time, Last: p.Time}
	for s := range c.Flows {
		c.Flows[s].WindowScale, c.Flows[s].MinWindow, c.Flows[s].MaxWindow = -1, -1, -1
	}
	switch {
	case p.Flags&(packet.SYN|packet.ACK) == packet.SYN:
		c.Role = RoleSYN
		t.pending.add(c, p.Seq)
	case p.Flags&(packet.SYN|packet.ACK) == packet.SYN|packet.ACK:
		c.Role = RoleSYNACK
		c.Client, c.Server = dst, src
	default:
		c.guessRoles(earlier)
	}
	c.Relative = p.Known&packet.KnownAbsolute == 0
	if earlier != nil {
		c.Incarnation = earlier.Incarnation + 1
		earlier.Later = c
		t.settle(earlier)
	}
	t.set.Conversations = append(t.set.Conversations, c)
	return c
}

// guessRoles names the lower port the server's, as ephemeral ports are high;
// between equal ports whoever sent first stays the client.
func (c *Conversation) guessRoles(earlier *Conversation) {
	c.Role = RoleGuess
	if c.Client.Port() < c.Server.Port() {
		c.Client, c.Server = c.Server, c.Client
	}
}

// segment takes a TCP packet into its conversation.
func (t *Tracker) segment(c *Conversation, from Side, p *packet.Packet) {
	seg := t.segmentOf(c, from, p)
	pause := p.Time - c.Last
	t.rouse(c)
	c.live.latest = t.set.TCPPackets
	c.Packets++
	c.First = min(c.First, p.Time)
	if c.live.isCopy(c, &seg, p, &t.links) {
		seg.Tags |= TagCopy
		c.Copies++
		t.set.Copies++
	} else {
		c.analyse(&seg, p, pause)
	}
	c.Last = max(c.Last, p.Time)
	if t.LogPackets {
		t.set.Log = append(t.set.Log, Logged{Number: seg.Number, Conversation: uint32(c.ID), Tags: seg.Tags})
	}
	t.keep(c, seg, p, pause)
	if c.live == &t.fresh {
		t.begun(c, &seg)
	}
	t.afford()
}

// begun gives a conversation a reader's state of its own after its first packet,
// except where that is a SYN: most SYNs of a scan stay alone, and rouse brings
// it back.
func (t *Tracker) begun(c *Conversation, first *Segment) {
	c.live = nil
	if first.PureSYN() && first.Len == 0 {
		return
	}
	own := t.newLive()
	ring := own.ring
	*own = t.fresh
	own.ring = ring
	t.live(c, own)
}

func (t *Tracker) live(c *Conversation, l *live) {
	c.live = l
	t.budget.live = append(t.budget.live, c)
}

// rouse gives a conversation what it needs while packets come in: anew at its
// first packet, and again when one that seemed to be over gets company.
func (t *Tracker) rouse(c *Conversation) {
	switch {
	case c.live != nil:
	case c.Packets == 0:
		t.fresh = live{}
		c.live = &t.fresh
	default:
		t.live(c, t.newLive())
		c.live.recall(c)
	}
}

// segmentOf copies what is kept of a packet.
func (t *Tracker) segmentOf(c *Conversation, from Side, p *packet.Packet) Segment {
	s := Segment{Time: p.Time, Offset: p.Offset, Number: uint32(p.Number), WireLen: uint32(p.WireLen), CapLen: uint32(p.CapLen),
		Seq: p.Seq, Ack: p.Ack, Len: uint32(p.PayloadLen), TSVal: p.TSVal, TSEcr: p.TSEcr, Window: p.Window, IPID: p.IPID,
		Link: t.links.index(p, &t.set), Flags: p.Flags, TTL: p.TTL, Known: p.Known, From: from, Check: p.Checksum}
	s.Bits = bitsOf(p)
	if p.Known&(packet.KnownSeq|packet.KnownAck) != packet.KnownSeq|packet.KnownAck {
		c.fill(&s)
	}
	if p.Checksum == packet.ChecksumBad {
		s.Tags |= TagBadChecksum
	}
	return s
}

func bitsOf(p *packet.Packet) Bits {
	var b Bits
	for _, x := range [...]struct {
		on  bool
		bit Bits
	}{
		{p.Options&packet.OptTimestamps != 0, BitHasTS}, {p.DF, BitDF}, {p.Outbound, BitOutbound}, {p.Cut, BitCut},
		{p.TOS&3 != 0, BitECT}, {p.TOS&3 == 3, BitCE}, {p.MoreFragments, BitFragment},
	} {
		if x.on {
			b |= x.bit
		}
	}
	return b
}

// Finish ends the survey and returns what it found. The tracker must not be
// used afterwards.
func (t *Tracker) Finish() *Set {
	for _, c := range t.set.Conversations {
		if c.live != nil {
			t.settle(c)
		}
	}
	t.budget = budget{}
	t.set.table = &t.table
	t.set.link()
	return &t.set
}

// settle ends a conversation: what waited in the ring is kept, what is needed
// only while packets come in is dropped.
func (t *Tracker) settle(c *Conversation) {
	if c.live == nil {
		return
	}
	t.flushRing(c)
	t.budget.free = append(t.budget.free, c.live)
	c.live = nil
}
