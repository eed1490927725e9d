// Package capture turns the bytes of a capture into frames. It reads pcap,
// pcapng and text listings, plain or compressed with gzip, in chunks of any size
// as they come, keeps only what crosses a chunk's edge, and bounds everything a
// length in the file can lie about. What it cannot read further it reports as
// damage, keeping what was read before. Unpacking zstd is left to who feeds it:
// Sniff tells.
package capture

import (
	"net/netip"

	"pcaplain/analyzer/internal/lang"
)

// LinkType is the capture's number for what a frame begins with, as in the
// registry of link-layer header types (LINKTYPE_ values), FCS bits removed.
type LinkType uint16

// Link types the decoder opens.
const (
	LinkNull       LinkType = 0   // BSD loopback, address family in host order
	LinkEthernet   LinkType = 1   // also with 802.1Q and 802.1ad tags
	LinkPPP        LinkType = 9   // PPP, with or without HDLC framing
	LinkRawBSD     LinkType = 12  // raw IP on some systems
	LinkRawOpenBSD LinkType = 14  // raw IP on OpenBSD
	LinkPPPoE      LinkType = 51  // PPP over Ethernet session
	LinkRaw        LinkType = 101 // raw IP, version from the first nibble
	LinkLoop       LinkType = 108 // OpenBSD loopback, address family in network order
	LinkSLL        LinkType = 113 // Linux cooked, -i any
	LinkIPv4       LinkType = 228 // raw IPv4
	LinkIPv6       LinkType = 229 // raw IPv6
	LinkSLL2       LinkType = 276 // Linux cooked v2, -i any since libpcap 1.10
)

// Direction says which way a frame went past the capture's interface, where
// the file states it (pcapng epb_flags). The cooked headers' packet type is the
// decoder's to read.
type Direction uint8

// The directions a frame can carry.
const (
	DirectionUnknown Direction = iota
	DirectionInbound
	DirectionOutbound
)

// Frame is one record of the capture. Data and Line stay valid only until the
// function that received the frame returns.
type Frame struct {
	Number    int       // 1-based over the whole capture, as Wireshark counts
	Time      int64     // ns since the Unix epoch; meaningless when NoTime
	NoTime    bool      // the record carries no time (pcapng simple packet block)
	Offset    int64     // byte offset of Data in the (decompressed) capture; -1 for text
	Interface int       // index into Info.Interfaces
	LinkType  LinkType  // of this frame's interface
	Data      []byte    // captured bytes; nil for a listing's line
	WireLen   int       // bytes on the wire, FCS excluded; >= len(Data) unless the file lies
	Direction Direction // where the file states it
	Comment   string    // packet comment, pcapng opt_comment; usually empty
	Line      *Line     // what a text listing says of the packet; nil otherwise
}

// Known is the set of fields a listing's line states. What it does not state is
// unknown, not zero.
type Known uint32

// The fields a line can state.
const (
	KnownDate       Known = 1 << iota // Time holds a date, not only a time of day
	KnownMAC                          // SrcMAC and DstMAC
	KnownTTL                          // TTL
	KnownIPID                         // IPID and DF
	KnownWindow                       // Window
	KnownAck                          // Ack
	KnownSeq                          // Seq
	KnownOptions                      // Options is all there was, possibly none
	KnownPayloadLen                   // PayloadLen
	KnownWireLen                      // Frame.WireLen was printed
	KnownChecksum                     // BadChecksum
	KnownRelative                     // Seq and Ack are relative to an unknown start
)

// Line is what one line (or one packet's lines) of a text listing says. Where a
// packet list shows an application's protocol in place of TCP's numbers, length
// and sequence number are inferred from the lines around it (the note
// "protocol-lines" says so), and of the flags ACK alone is given. Seq and
// Ack are absolute where the listing allows them to be made so, otherwise
// counted from 0 with KnownRelative set; the reader keeps both directions of a
// conversation on one base.
type Line struct {
	Known          Known
	Src, Dst       netip.AddrPort
	Flags          uint8 // TCP flags, FIN = 1 ... CWR = 128
	Seq, Ack       uint32
	Window         uint16 // as printed; unscaled
	PayloadLen     int    // bytes
	TTL            uint8
	IPID           uint16
	DF             bool
	BadChecksum    bool
	SrcMAC, DstMAC [6]byte
	Options        []byte // TCP options in wire format, rebuilt from the words
	SourceLine     int    // 1-based line of the text
	Text           string // the line as its reader saw it, without markup, at most 2,000 bytes
}

// Interface is one interface a capture was taken on.
type Interface struct {
	Name       string // empty when the file does not say
	LinkType   LinkType
	SnapLength int    // bytes; 0 when the file sets no limit
	Resolution int64  // ticks per second of its times
	Received   uint64 // packets, from statistics; valid if HasStats
	Dropped    uint64 // packets dropped by the interface or the capture
	EndTime    int64  // ns; last time the capture is known to have run, 0 unknown
	HasStats   bool
}

// Damage says where and why reading stopped or skipped.
type Damage struct {
	Offset int64     `json:"offset"` // byte of the (decompressed) capture where it broke
	Reason lang.Text `json:"reason"`
}

// Unread is a line of a text listing that was not understood.
type Unread struct {
	Line int    // 1-based
	Text string // as its reader saw it, without markup, at most 2,000 bytes
}

// Info is what the container says beside its frames. It is complete after
// Reader.Close.
type Info struct {
	Format     string // "pcap", "pcapng" or "text"
	Compressed string // "" or "gzip"; who unpacks something else may set it
	Bytes      int64  // bytes fed
	Interfaces []Interface
	Damage     *Damage
	Comments   []string              // section and interface comments
	Names      map[netip.Addr]string // from name resolution blocks
	Unread     []Unread              // text only, bounded
	EndTime    int64                 // ns; latest interface end time, 0 unknown
	Notes      []Note                // what the container says that limits findings
}

// Note is a remark of the reader that limits what can be found.
type Note struct {
	ID   string
	Text lang.Text
}

// Error is returned for input that is no capture at all: what it looks like and
// what to do about it.
type Error struct {
	Offset int64     // byte where it was recognised as no capture
	Looks  string    // what it looks like, as Sniff names it: "zstd", "zip", "html"
	Text   lang.Text // what the input looks like and what to do
}

// Error gives the English sentence.
func (e *Error) Error() string { return e.Text.EN }
