package capture

import (
	"encoding/binary"
	"math/bits"
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

func (r *reading) option(kind byte, data ...byte) {
	r.options = append(append(r.options, kind, byte(len(data)+2)), data...)
}

// nops fills up so that what follows, of n bytes, ends on a whole word.
func (r *reading) nops(n int) {
	for (len(r.options)+n)%4 != 0 {
		r.options = append(r.options, 1)
	}
}

func (r *reading) mss(v uint32) { r.option(2, byte(v>>8), byte(v)) }

func (r *reading) windowScale(shift int) {
	r.scale = min(max(shift, 0), 14)
	r.option(3, byte(r.scale))
}

func (r *reading) sackPermitted() { r.option(4) }

func (r *reading) timestamps(value, echo uint32) {
	r.option(8)
	r.options[len(r.options)-1] = 10
	r.options = binary.BigEndian.AppendUint32(r.options, value)
	r.options = binary.BigEndian.AppendUint32(r.options, echo)
}

// sack adds blocks; the numbers are made absolute later.
func (r *reading) sack(edges []uint32) {
	edges = edges[:min(len(edges), 8)&^1]
	if len(edges) == 0 {
		return
	}
	r.options = append(r.options, 5, byte(2+4*len(edges)))
	for _, e := range edges {
		r.sackAt = append(r.sackAt, len(r.options))
		r.options = binary.BigEndian.AppendUint32(r.options, e)
	}
}

// padded returns the options filled up to whole words, as in the header.
func (r *reading) padded() []byte {
	for len(r.options)%4 != 0 {
		r.options = append(r.options, 0)
	}
	return r.options
}

// shiftOf turns Wireshark's window scale into a shift: it prints the factor,
// versions before 1.6 the shift.
func shiftOf(v uint32) int {
	if v != 0 && v&(v-1) == 0 {
		return bits.TrailingZeros32(v)
	}
	return int(min(v, 14))
}

// pair names both ends of a segment.
type pair struct{ src, dst netip.AddrPort }

func (p pair) reverse() pair { return pair{p.dst, p.src} }
