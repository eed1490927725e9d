package conversation

import (
	"net/netip"

	"pcaplain/analyzer/internal/packet"
)

// Set is all that the survey found.
type Set struct {
	Conversations []*Conversation
	ICMP          []ICMP
	ARP           []ARP
	Links         []Link
	Names         map[netip.Addr]string // from DNS answers and the capture's name records

	Packets, TCPPackets int
	First, Last         int64 // ns; times of the earliest and latest packet
	End                 int64 // ns; until when the capture is known to have run: Last, or later where the container says so
	Untimed             int   // packets without a time
	Backwards           int   // packets whose time is before their predecessor's
	BackwardsBy         int64 // ns; the largest such step
	Copies              int   // packets recorded more than once
	Summarised          int   // conversations of which only the ends were kept

	// Failed are the scenarios whose rule broke on this capture: none, unless the
	// product has a bug.
	Failed []string

	// Log is one entry per TCP packet, only when the tracker was asked to keep it.
	Log []Logged

	extras   []Extra
	table    *table
	byClient map[netip.AddrPort][]*Conversation
	byServer map[netip.AddrPort][]*Conversation
	byHost   map[netip.Addr][]*Conversation // either side
	tangles  *[]Tangle                      // see Tangles
	legs     map[*Conversation][]Leg        // see Legs
}

// Logged is one TCP packet's place and tags.
type Logged struct {
	Number       uint32
	Conversation uint32
	Tags         Tags
}

// Ended tells until when the capture is known to have run, in ns; an earlier
// time than the last packet's changes nothing.
func (s *Set) Ended(t int64) { s.End = max(s.End, t) }

// Name gives an address a name, unless a DNS answer in the capture already did.
func (s *Set) Name(a netip.Addr, name string) {
	if s.Names == nil {
		s.Names = map[netip.Addr]string{}
	}
	if _, ok := s.Names[a]; !ok {
		s.Names[a] = name
	}
}

// ICMP is an ICMP error that quotes a TCP segment, or an ICMP message about
// one of the addresses.
type ICMP struct {
	Time         int64
	Number       uint32
	Offset       int64 // of the frame\'s bytes in the capture; -1 none
	CapLen       uint32
	Interface    int
	Src, Dst     netip.Addr
	Type, Code   uint8
	V6           bool
	TTL          uint8
	NextHopMTU   uint32
	Quote        packet.Quote
	Conversation *Conversation // the conversation the quote belongs to, nil when not in the capture
}

// ARP is one ARP packet, or neighbour discovery in its shape.
type ARP struct {
	Time      int64
	Number    uint32
	Offset    int64 // of the frame's bytes in the capture; -1 none
	CapLen    uint32
	Interface int
	packet.ARP
	SrcMAC [6]byte // of the frame, which may differ from the sender inside
}

// maxSide bounds what is kept of ICMP and ARP each: a storm says nothing new.
const maxSide = 100_000

// ExtraOf is what only few segments carry; nil when this one does not.
func (s *Set) ExtraOf(seg *Segment) *Extra {
	if seg.Extra == 0 {
		return nil
	}
	return &s.extras[seg.Extra-1]
}

// Link is how a segment came.
func (s *Set) Link(seg *Segment) Link { return s.Links[seg.Link] }

// FromClient lists the conversations opened from an endpoint, by time.
func (s *Set) FromClient(a netip.AddrPort) []*Conversation { return s.byClient[a] }

// ToServer lists the conversations to an endpoint, by time.
func (s *Set) ToServer(a netip.AddrPort) []*Conversation { return s.byServer[a] }

// OfHost lists the conversations an address takes part in, by time.
func (s *Set) OfHost(a netip.Addr) []*Conversation { return s.byHost[a] }

// Find gives the newest conversation between two endpoints, nil for none.
func (s *Set) Find(a, b netip.AddrPort, tunnel uint32) *Conversation {
	return s.table.lookup(a, b, tunnel)
}

// link builds the cross-flow indexes once the survey is over.
func (s *Set) link() {
	s.End = max(s.End, s.Last)
	s.byClient = map[netip.AddrPort][]*Conversation{}
	s.byServer = map[netip.AddrPort][]*Conversation{}
	s.byHost = map[netip.Addr][]*Conversation{}
	for _, c := range s.Conversations {
		s.byClient[c.Client] = append(s.byClient[c.Client], c)
		s.byServer[c.Server] = append(s.byServer[c.Server], c)
		s.byHost[c.Client.Addr()] = append(s.byHost[c.Client.Addr()], c)
		if c.Client.Addr() != c.Server.Addr() {
			s.byHost[c.Server.Addr()] = append(s.byHost[c.Server.Addr()], c)
		}
	}
	s.linkICMP()
}

func (s *Set) linkICMP() {
	if len(s.ICMP) == 0 {
		return
	}
	opened := map[uint32][]*Conversation{} // by the sequence number of the SYN
	for _, c := range s.Conversations {
		if c.Role == RoleSYN && !c.Relative {
			opened[c.Flows[Client].ISN] = append(opened[c.Flows[Client].ISN], c)
		}
	}
	for i := range s.ICMP {
		m := &s.ICMP[i]
		if !m.Quote.Valid {
			continue
		}
		c := s.table.lookup(netip.AddrPortFrom(m.Quote.Src, m.Quote.SrcPort), netip.AddrPortFrom(m.Quote.Dst, m.Quote.DstPort), 0)
		for c != nil && c.First > m.Time && c.Earlier != nil {
			c = c.Earlier
		}
		if c == nil || !c.Flows[Client].HasISN || c.Flows[Client].ISN != m.Quote.Seq {
			if o := quoted(opened[m.Quote.Seq], m.Quote); o != nil {
				c = o
			}
		}
		if c != nil {
			m.Conversation = c
			c.ICMP = append(c.ICMP, i)
		}
	}
}

// quoted is the one, among conversations with the quoted SYN's number, that the
// quote's source opened, even when the destination was translated on the way;
// nil when there is none.
func quoted(opened []*Conversation, q packet.Quote) *Conversation {
	from := netip.AddrPortFrom(q.Src, q.SrcPort)
	for _, c := range opened {
		if c.Client == from {
			return c
		}
	}
	return nil
}

func (t *Tracker) icmp(p *packet.Packet) {
	if len(t.set.ICMP) >= maxSide {
		return
	}
	t.set.ICMP = append(t.set.ICMP, ICMP{Time: p.Time, Number: uint32(p.Number), Offset: p.Offset, CapLen: uint32(p.CapLen), Interface: p.Interface, Src: p.Src, Dst: p.Dst, Type: p.ICMPType,
		Code: p.ICMPCode, V6: p.Src.Is6(), TTL: p.TTL, NextHopMTU: p.NextHopMTU, Quote: p.Quote})
}

func (t *Tracker) arp(p *packet.Packet) {
	if len(t.set.ARP) >= maxSide {
		return
	}
	t.set.ARP = append(t.set.ARP, ARP{Time: p.Time, Number: uint32(p.Number), Offset: p.Offset, CapLen: uint32(p.CapLen), Interface: p.Interface, ARP: p.ARP, SrcMAC: p.SrcMAC})
}

func (t *Tracker) dns(p *packet.Packet) {
	for _, a := range p.DNS {
		if t.set.Names == nil {
			t.set.Names = map[netip.Addr]string{}
		}
		if len(t.set.Names) < maxSide {
			t.set.Names[a.Addr] = a.Name
		}
	}
}

// linkTable numbers the ways frames came. There are few of them, and the last
// ones seen are nearly always the next.
type linkTable struct {
	numbers map[Link]uint16
	last    [2]Link // the two directions of the busiest pair alternate
	at      [2]uint16
	valid   [2]bool
	turn    int
}

// maxLinks bounds the table: a capture with more MAC pairs than this is a
// flood of forged ones, and the rest share the last entry.
const maxLinks = 60_000

func (l *linkTable) index(p *packet.Packet, set *Set) uint16 {
	way := Link{Interface: p.Interface, SrcMAC: p.SrcMAC, DstMAC: p.DstMAC, HasMAC: p.Known&packet.KnownMAC != 0, VLAN: p.VLAN}
	for i := range l.last {
		if l.valid[i] && l.last[i] == way {
			return l.at[i]
		}
	}
	n := l.number(way, set)
	l.last[l.turn], l.at[l.turn], l.valid[l.turn] = way, n, true
	l.turn ^= 1
	return n
}

func (l *linkTable) number(way Link, set *Set) uint16 {
	if n, ok := l.numbers[way]; ok {
		return n
	}
	if len(set.Links) >= maxLinks {
		return maxLinks - 1
	}
	if l.numbers == nil {
		l.numbers = map[Link]uint16{}
	}
	n := uint16(len(set.Links))
	set.Links = append(set.Links, way)
	l.numbers[way] = n
	return n
}
