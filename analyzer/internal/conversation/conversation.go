// Package conversation turns packets into conversations with facts. A fact is
// computed, not judged: who opened, which segment repeats which, what a reset
// answers, where the capture was taken. All sequence arithmetic of the product
// lives here; what a fact means is the scenarios' business.
//
// The survey reads a capture once. It keeps per conversation what rules and
// ladders look at (the beginning, the end, and every packet that is not plain
// repetition of its neighbours) and counts the rest, so that memory grows with
// conversations and events, not with the file.
package conversation

import (
	"net/netip"

	"pcaplain/analyzer/internal/packet"
)

// Side is one end of a conversation.
type Side uint8

// The two sides.
const (
	Client Side = 0 // opened the connection
	Server Side = 1
)

// Other is the opposite side.
func (s Side) Other() Side { return s ^ 1 }

// Role says how it is known which side is the client.
type Role uint8

// How roles are known, best first.
const (
	RoleSYN    Role = iota // the client's SYN is in the capture
	RoleSYNACK             // only the server's SYN-ACK is
	RoleGuess              // the lower port is taken for the server's
)

// Conversation is one TCP connection as the capture shows it: a 4-tuple inside
// one encapsulation, and one incarnation of it.
type Conversation struct {
	ID             int // index into Set.Conversations
	Client, Server netip.AddrPort
	Tunnel         uint32 // packet.Packet.Tunnel
	VLAN           uint16 // of the first packet
	Role           Role
	Incarnation    int           // 0 for the first on this 4-tuple
	Earlier        *Conversation // the incarnation before this one, nil for none
	Twin           *Conversation // the same connection on the other side of a device that replaces sequence numbers, nil for none
	Later          *Conversation // the one after
	Relative       bool          // sequence numbers are the listing's, counted from 0

	// Other are the addresses that the answering direction carries instead, when
	// the two directions of one connection are recorded with different ones (an
	// edited listing, or one direction taken before a translation and the other
	// behind it); zero otherwise. Other[Client] stands for Client.
	Other [2]netip.AddrPort

	First, Last int64 // ns; times of the first and last packet
	Packets     int   // all of them, copies included
	Flows       [2]Flow

	// Segments are the packets that were kept, in file order. Omitted packets
	// are plain data and acknowledgements between kept ones; Omitted counts them.
	Segments   []Segment
	Omitted    int
	Summarised bool // only its ends were kept, to bound the memory of a large capture

	// Copies counts packets recorded more than once, see TagCopy.
	Copies int
	// Strays counts segments that do not fit this incarnation's sequence spaces.
	Strays int

	// ICMP errors that quote a segment of this conversation, indexes into
	// Set.ICMP.
	ICMP []int

	set   *Set
	facts *Facts
	live  *live // reader's state, dropped at the end of the survey
}

// Flow is what one side sent, over all of its packets, kept or not.
type Flow struct {
	Packets int   // copies excluded
	Bytes   int64 // payload bytes sent for the first time, as far as seen
	Sent    int64 // payload bytes of all data segments, repetitions included
	Data    int   // data segments

	HasISN bool
	ISN    uint32 // initial sequence number, from SYN or SYN-ACK
	HasSeq bool   // any segment fixed Next
	Base   uint32 // lowest sequence number seen, ISN+1 when the handshake is there
	Next   uint32 // one past the highest sequence number sent (snd_nxt)
	HasAck bool
	Acked  uint32 // highest acknowledgement number sent by this side (its rcv_nxt)

	FIN, RST bool   // sent one
	FINSeq   uint32 // sequence number of the FIN, valid if FIN

	// Options of this side's SYN or SYN-ACK.
	Options     packet.OptionSet
	MSS         uint16 // 0 unknown
	WindowScale int8   // shift in force for this side's windows: 0..14; -1 unknown (handshake not seen)

	MinWindow, MaxWindow int64      // effective bytes, over segments without SYN and RST; -1 unknown
	Counts               *TagCounts // nil as long as no packet carries a tag

	TTLs                    [4]uint8 // distinct values, first seen first
	TTLCount                uint8    // valid entries in TTLs; 0 when unknown
	HasTS                   bool     // segments carry timestamps
	TSFirst, TSLast         uint32   // first and last TSval
	TSFirstTime, TSLastTime int64    // ns

	MaxPayload        int   // largest payload of one packet, bytes
	FirstDataTime     int64 // ns; valid if Data > 0
	LastDataTime      int64
	LongestPause      int64 // ns; longest silence of the whole conversation that a segment of this side ended
	MinRTT            int64 // ns; smallest time from a segment of this side to its acknowledgement; 0 unknown
	SumRTT            int64 // ns
	RTTs              int   // how many
	MaxInFlight       int64 // bytes
	ZeroWindow        int64 // ns this side kept its window at zero
	ZeroWindows       int   // how many times it closed
	BadChecksums      int
	PartialChecksums  int
	Outbound, Inbound int // packets of this side that left or reached the capturing host, where stated
	MinIDGap, IDZero  int // packets with IP ID 0
}

// Segment is one kept packet of a conversation.
type Segment struct {
	Time    int64 // ns
	Offset  int64 // of the frame's bytes in the capture; -1 none
	Tags    Tags
	Number  uint32 // packet number
	WireLen uint32
	CapLen  uint32
	Seq     uint32
	Ack     uint32
	Len     uint32 // payload bytes
	TSVal   uint32 // valid if HasTS
	TSEcr   uint32
	Skipped uint32 // packets omitted between the kept segment before and this one
	Extra   uint32 // index+1 into Set's extras; see Set.ExtraOf
	Window  uint16 // unscaled
	IPID    uint16
	Link    uint16 // index into Set.Links
	Flags   uint8
	TTL     uint8
	Known   packet.Known
	From    Side
	Bits    Bits
	Check   packet.Checksum
}

// Bits are one-bit properties of a segment.
type Bits uint8

// The properties.
const (
	BitHasTS Bits = 1 << iota
	BitDF
	BitOutbound // valid if Known has KnownDirection
	BitCut      // the snap length cut the payload or the header
	BitECT      // IP header says ECN-capable (ECT(0), ECT(1)) or CE
	BitCE       // congestion experienced
	BitFragment // first fragment of a fragmented packet
)

// Has reports whether all the given TCP flags are set.
func (s *Segment) Has(flags uint8) bool { return s.Flags&flags == flags }

// Is reports whether the flags, among SYN, ACK, FIN and RST, are exactly these.
func (s *Segment) Is(flags uint8) bool {
	return s.Flags&(packet.SYN|packet.ACK|packet.FIN|packet.RST) == flags
}

// HasTS reports whether the segment carries a timestamp option.
func (s *Segment) HasTS() bool { return s.Bits&BitHasTS != 0 }

// Outbound reports whether the segment is stated to have left the capturing host.
func (s *Segment) Outbound() bool {
	return s.Known&packet.KnownDirection != 0 && s.Bits&BitOutbound != 0
}

// Inbound reports whether it is stated to have reached it from outside.
func (s *Segment) Inbound() bool {
	return s.Known&packet.KnownDirection != 0 && s.Bits&BitOutbound == 0
}

// IsCopy reports whether the packet is a second recording of one before it.
func (s *Segment) IsCopy() bool { return s.Tags.Has(TagCopy) }

// SegmentLen is the sequence space the segment takes.
func (s *Segment) SegmentLen() uint32 {
	n := s.Len
	if s.Flags&packet.SYN != 0 {
		n++
	}
	if s.Flags&packet.FIN != 0 {
		n++
	}
	return n
}

// End is the sequence number one past the segment.
func (s *Segment) End() uint32 { return s.Seq + s.SegmentLen() }

// PureSYN, SYNACK, PureACK and Reset name the shapes that rules ask for.
func (s *Segment) PureSYN() bool { return s.Is(packet.SYN) }

// SYNACK reports a SYN with ACK.
func (s *Segment) SYNACK() bool { return s.Is(packet.SYN | packet.ACK) }

// PureACK reports an acknowledgement without data, SYN, FIN or RST.
func (s *Segment) PureACK() bool { return s.Is(packet.ACK) && s.Len == 0 }

// Reset reports a segment with RST.
func (s *Segment) Reset() bool { return s.Flags&packet.RST != 0 }

// FIN reports a segment with FIN.
func (s *Segment) FIN() bool { return s.Flags&packet.FIN != 0 }

// Extra is what few segments carry: options of a SYN, selective
// acknowledgements, the head of a payload.
type Extra struct {
	Options     packet.OptionSet
	MSS         uint16
	WindowScale uint8
	FastOpen    uint8
	TOA         netip.AddrPort
	SACK        []packet.SACKBlock
	Payload     []byte // first bytes of the payload, bounded
	Comment     string
}

// Link is the way a frame came: interface and addresses of the link layer.
type Link struct {
	Interface      int
	SrcMAC, DstMAC [6]byte
	HasMAC         bool
	VLAN           uint16
}

// Addr is a side's endpoint.
func (c *Conversation) Addr(s Side) netip.AddrPort {
	if s == Client {
		return c.Client
	}
	return c.Server
}

// Flow of a side.
func (c *Conversation) Flow(s Side) *Flow { return &c.Flows[s] }

// Complete reports whether every packet of the conversation was kept.
func (c *Conversation) Complete() bool { return c.Omitted == 0 }

// OneSided reports whether only one side's packets are in the capture.
func (c *Conversation) OneSided() bool {
	return c.Flows[Client].Packets == 0 || c.Flows[Server].Packets == 0
}

// Relative sequence numbers, as a person reads them: counted from the side's
// ISN where it is known, from the first number seen otherwise.

// RelSeq is a segment's sequence number relative to its side's start.
func (c *Conversation) RelSeq(s *Segment) uint32 { return s.Seq - c.start(s.From) }

// RelAck is its acknowledgement number relative to the other side's start.
func (c *Conversation) RelAck(s *Segment) uint32 { return s.Ack - c.start(s.From.Other()) }

func (c *Conversation) start(s Side) uint32 {
	if c.Client == c.Server {
		s = Client // a socket connected to itself has one sequence space
	}
	f := &c.Flows[s]
	if f.HasISN {
		return f.ISN
	}
	return f.Base - 1 // so that the first byte seen is 1, as after a handshake
}

// Window is the segment's effective window in bytes: scaled once both sides
// agreed to scale, never in a SYN (RFC 7323, section 2.2). ok is false when the
// handshake was not captured, so that the scale is unknown.
func (c *Conversation) Window(s *Segment) (bytes int64, ok bool) {
	if s.Known&packet.KnownWindow == 0 {
		return 0, false
	}
	if s.Flags&packet.SYN != 0 {
		return int64(s.Window), true
	}
	scale := c.Flows[s.From].WindowScale
	if scale < 0 {
		return int64(s.Window), s.Window == 0
	}
	return int64(s.Window) << uint(scale), true
}

// Before reports whether sequence number a comes before b, modulo 2^32
// (RFC 9293, section 3.4).
func Before(a, b uint32) bool { return int32(a-b) < 0 }

// Distance is the signed way from b to a in sequence space.
func Distance(a, b uint32) int32 { return int32(a - b) }

// Near reports whether two sequence numbers lie within 2^20 of each other:
// closer than any plausible window to be of one stream, and 2^-11 likely by
// chance.
func Near(a, b uint32) bool {
	d := int32(a - b)
	return d > -(1<<20) && d < 1<<20
}
