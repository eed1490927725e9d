package capture

import (
	"net/netip"
	"strconv"
	"strings"
)

// TCP flag bits, as in the header (RFC 9293, section 3.1).
const (
	flagFIN uint8 = 1 << iota
	flagSYN
	flagRST
	flagPSH
	flagACK
	flagURG
	flagECE
	flagCWR
)

// style is the program whose lines these are.
type style uint8

const (
	styleTcpdump style = iota
	styleWireshark
)

// verdict is what a line turned out to be.
type verdict uint8

const (
	notPacket  verdict = iota
	tcpPacket          // a TCP segment, read
	otherKind          // a packet of another protocol
	headerOnly         // the first of the two lines that tcpdump -v prints
	unreadable         // it looks like a packet and could not be read
)

// reading is what one packet's lines say, before numbers are made absolute.
type reading struct {
	line      Line
	style     style
	stamp     stamp
	wire      int // bytes on the wire, 0 when not printed
	direction Direction
	face      string
	window    int64  // as printed, possibly scaled
	scale     int    // window scale shift of a SYN, -1 without
	options   []byte // wire format; the SACK edges as printed
	sackAt    []int  // where in options they stand
	hasOption bool   // options were printed
	strange   bool   // options were printed that are not understood
	dissected bool   // the line shows an application's protocol
	marked    bool   // with a remark of the TCP analysis
	complete  bool   // the line's end, which carries the length, is there
	icmpError bool   // the packet quotes another, which is printed after it
}

func (r *reading) know(k Known)      { r.line.Known |= k }
func (r *reading) has(k Known) bool  { return r.line.Known&k != 0 }
func (r *reading) flag(f uint8) bool { return r.line.Flags&f != 0 }

// number reads the digits s begins with as 32 bits.
func number(s string) (uint32, bool) {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	v, err := strconv.ParseUint(s[:n], 10, 32)
	return uint32(v), err == nil
}

// after reads the number that follows key in s.
func after(s, key string) (uint32, bool) {
	i := strings.Index(s, key)
	if i < 0 {
		return 0, false
	}
	return number(strings.TrimLeft(s[i+len(key):], " "))
}

// pair names both ends of a segment.
type pair struct{ src, dst netip.AddrPort }

func (p pair) reverse() pair { return pair{p.dst, p.src} }
