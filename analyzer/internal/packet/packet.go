// Package packet turns frames into packets: the headers from the link layer to
// TCP, and of ICMP and ARP what bears on TCP. Decoding never fails: a header
// that is cut leaves what stands before it, one that contradicts itself is
// marked malformed. Nothing is allocated per packet.
//
// gopacket's DecodingLayerParser walks from header to header; the layers it
// walks are our own and write straight into the Packet. They are own for three
// reasons. Size: a program that decodes one header is 564 KB of brotli without
// gopacket, 638 KB with it and 974 KB with gopacket/layers, whose decoder tables
// keep all of its protocols alive; of a core of at most 1.20 MB that leaves too
// little for the rules and their text. Meaning: layers.TCP refuses a segment
// whose options the snap length cut, and takes a first IP fragment for no TCP.
// Time: its headers are filled completely before the few fields wanted are
// copied. gopacket/layers is the second opinion in the tests instead.
package packet

import "net/netip"

// TCP flag bits as they stand in the header's 13th and 14th byte (RFC 9293,
// section 3.1; ECE and CWR from RFC 3168).
const (
	FIN uint8 = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
	ECE
	CWR
)

// Kind is what a packet carries, as far as the product cares.
type Kind uint8

// The kinds of packet.
const (
	KindOther    Kind = iota // anything else, counted only
	KindTCP                  // a TCP segment with at least its ports, sequence numbers and flags
	KindICMP                 // ICMP or ICMPv6; Quote tells which TCP segment it is about
	KindARP                  // ARP or IPv6 neighbour discovery
	KindDNS                  // a DNS answer over UDP that names addresses
	KindFragment             // an IP fragment that is not the first
)

// Known is the set of fields the capture states for this packet. A field whose
// bit is not set is unknown, not zero.
type Known uint16

// The fields that a capture can leave unknown.
const (
	KnownMAC        Known = 1 << iota // SrcMAC, DstMAC
	KnownTTL                          // TTL
	KnownIPID                         // IPID, DF (IPv4 only)
	KnownWindow                       // Window
	KnownOptions                      // the option fields; unset when the options were cut or not listed
	KnownPayloadLen                   // PayloadLen
	KnownWireLen                      // WireLen
	KnownDirection                    // Outbound
	KnownAbsolute                     // Seq and Ack are the wire's numbers, not relative ones
	KnownTime                         // Time
	KnownSrcMAC                       // SrcMAC alone, as the cooked headers state it; set with KnownMAC too
	KnownSeq                          // Seq; every captured segment has it, a listing may not
	KnownAck                          // Ack; likewise
)

// Checksum is the state of the TCP checksum.
type Checksum uint8

// The states of a checksum.
const (
	ChecksumUnverified Checksum = iota // cut by the snap length, fragmented, or not in the listing
	ChecksumGood
	ChecksumPartial // equals the folded pseudo-header sum: left to the network card (offload)
	ChecksumZero    // zero, as loopback and some offloads leave it
	ChecksumBad
)

// SACKBlock is one selective acknowledgement, [Left, Right) (RFC 2018).
type SACKBlock struct{ Left, Right uint32 }

// OptionSet is the set of TCP option kinds present, for the kinds that matter.
type OptionSet uint16

// The option kinds that are told apart.
const (
	OptMSS OptionSet = 1 << iota
	OptWindowScale
	OptSACKPermitted
	OptSACK
	OptTimestamps
	OptFastOpen // kind 34, or 254 with the experiment magic 0xF989 (RFC 7413)
	OptTOA      // kind 254 or 200 and similar with a client address and port, length 8 or 20
	OptMD5      // kind 19 (RFC 2385) or TCP-AO, kind 29 (RFC 5925)
	OptMPTCP    // kind 30 (RFC 8684)
	OptNOPRun   // three or more NOPs in a row where an option of that length may have been
	OptOther    // any kind not above
)

// Packet is one decoded frame. The decoder reuses it: copy what must last.
type Packet struct {
	Number    int   // 1-based over the capture
	Time      int64 // ns since the Unix epoch
	Offset    int64 // byte offset of the frame's data in the capture; -1 when there is none
	Interface int
	WireLen   int // bytes on the wire
	CapLen    int // bytes captured
	Kind      Kind
	Known     Known
	Outbound  bool // left the capturing host (valid iff KnownDirection)
	Cut       bool // the captured bytes end inside a header or its options; a cut payload is none
	Malformed bool // a header contradicts itself, or its lengths those around it

	SrcMAC, DstMAC [6]byte
	// Tunnel identifies the tunnels around the packet: equal for equal
	// encapsulation in either direction, 0 for none. It is part of a
	// conversation's identity. What may differ between the directions of one
	// conversation stays out: a single VLAN tag, MPLS labels, GTP tunnel ids.
	Tunnel uint32
	VLAN   uint16 // innermost VLAN identifier, 0 for none

	Src, Dst         netip.Addr // as far as an IP header was found; unmapped
	SrcPort, DstPort uint16
	IPLen            int // IP total length in bytes, from the header; where that says 0 (offload, BIG TCP) what the frame held on the wire
	IPHeaderLen      int // with options or extension headers, bytes
	TTL              uint8
	TOS              uint8 // DSCP and ECN
	IPID             uint16
	DF               bool
	MoreFragments    bool // first fragment of a fragmented packet when set with KindTCP
	FragmentOffset   int  // bytes; > 0 only for KindFragment

	// Valid iff Kind == KindTCP.
	Flags        uint8
	Seq, Ack     uint32
	Window       uint16 // unscaled
	HeaderLen    int    // TCP header with options, bytes
	PayloadLen   int    // from the IP length, not the frame's
	Payload      []byte // the captured part of the payload; valid as long as the frame's data
	PayloadStart int    // where the payload begins in the frame's data, bytes
	Checksum     Checksum
	Urgent       uint16
	Options      OptionSet
	MSS          uint16
	WindowScale  uint8
	TSVal, TSEcr uint32
	SACK         [4]SACKBlock
	SACKCount    int
	FastOpen     uint8 // length of the Fast Open cookie, 0 for a request
	TOA          netip.AddrPort

	// Valid iff Kind == KindICMP.
	ICMPType, ICMPCode uint8
	NextHopMTU         uint32 // of ICMP 3/4 and ICMPv6 2/0, bytes; 0 when not said
	Quote              Quote

	// Valid iff Kind == KindARP.
	ARP ARP

	// Valid iff Kind == KindDNS: the answers of one DNS response.
	DNS []DNSAnswer

	Comment string // packet comment of the capture
}

// Quote is the TCP segment an ICMP error quotes. At least the IP header and 8
// bytes of TCP are there (RFC 792), so Flags may be unknown.
type Quote struct {
	Valid            bool
	Src, Dst         netip.Addr
	SrcPort, DstPort uint16
	Seq              uint32
	TTL              uint8
	IPLen            int
	HasFlags         bool
	Flags            uint8
}

// ARP is an ARP packet (RFC 826), or a neighbour solicitation or advertisement
// in its shape.
type ARP struct {
	Reply     bool // is-at; otherwise who-has
	SenderMAC [6]byte
	SenderIP  netip.Addr
	TargetIP  netip.Addr
}

// DNSAnswer is one name a DNS response gives to an address.
type DNSAnswer struct {
	Name string // without the final dot; bounded, printable
	Addr netip.Addr
}

// SegmentLen is the sequence space the segment takes: payload plus one for each
// of SYN and FIN.
func (p *Packet) SegmentLen() uint32 {
	n := uint32(p.PayloadLen)
	if p.Flags&SYN != 0 {
		n++
	}
	if p.Flags&FIN != 0 {
		n++
	}
	return n
}

// Has reports whether every option of the set is present.
func (p *Packet) Has(o OptionSet) bool { return p.Options&o == o }

// Knows reports whether the capture states every field of the set.
func (p *Packet) Knows(k Known) bool { return p.Known&k == k }
