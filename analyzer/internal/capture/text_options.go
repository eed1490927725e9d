package capture

import (
	"encoding/binary"
	"encoding/hex"
	"math/bits"
	"strings"
)

// option adds one option.
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

// takeOptions notes whether all of the printed options were understood.
func (r *reading) takeOptions(s string, closed bool) {
	r.hasOption = closed && r.tcpdumpOptions(s)
	r.strange = !r.hasOption
}

// tcpdumpOptions rebuilds the options from their words; false when a word is
// not understood, so that the rest is not known.
func (r *reading) tcpdumpOptions(s string) bool {
	for _, part := range strings.Split(s, ",") {
		words := strings.Fields(part)
		if len(words) == 0 {
			continue
		}
		if !r.tcpdumpOption(words) {
			return false
		}
	}
	return true
}

func (r *reading) tcpdumpOption(words []string) bool {
	value := func(i int) uint32 {
		if i >= len(words) {
			return 0
		}
		v, _ := number(words[i])
		return v
	}
	switch name := words[0]; name {
	case "mss":
		r.mss(value(1))
	case "nop":
		r.options = append(r.options, 1)
	case "eol":
		r.options = append(r.options, 0)
	case "wscale":
		r.windowScale(int(value(1)))
	case "sackOK":
		r.sackPermitted()
	case "TS": // TS val 1 ecr 2
		r.timestamps(value(2), value(4))
	case "timestamp":
		r.timestamps(value(1), value(2))
	case "sack":
		r.sack(sackEdges(words))
	case "tfo":
		r.raw(34, words[len(words)-1])
	case "md5", "md5shared", "md5valid", "md5can":
		r.option(19, make([]byte, 16)...)
	case "exp-tfo":
		cookie, _ := hex.DecodeString(words[len(words)-1])
		r.option(254, append([]byte{0xf9, 0x89}, cookie[:min(len(cookie), 16)]...)...)
	case "mptcp":
		r.option(30, 0, 0)
	default:
		return r.unknownOption(name, words)
	}
	return true
}

// unknownOption reads "unknown-200 0x0a1b": a kind and its bytes.
func (r *reading) unknownOption(name string, words []string) bool {
	if magic, ok := strings.CutPrefix(name, "exp-"); ok { // kind 254 (RFC 6994), its bytes are not printed
		r.raw(254, magic)
		return true
	}
	for _, prefix := range [...]string{"unknown-", "opt-"} {
		rest, ok := strings.CutPrefix(name, prefix)
		if kind, isNumber := number(rest); ok && isNumber && kind < 256 {
			r.raw(byte(kind), words[len(words)-1])
			return true
		}
	}
	return false
}

// raw adds an option whose bytes are printed in hexadecimal.
func (r *reading) raw(kind byte, digits string) {
	data, err := hex.DecodeString(strings.TrimPrefix(digits, "0x"))
	if err != nil || len(data) > 38 {
		data = nil
	}
	r.option(kind, data...)
}

// sackEdges reads "sack 2 {1:2}{3:4}", with or without spaces between.
func sackEdges(words []string) (edges []uint32) {
	for _, block := range strings.Split(strings.Join(words[1:], " "), "{")[1:] {
		left, right, ok := strings.Cut(strings.TrimSuffix(strings.TrimSpace(block), "}"), ":")
		a, ok1 := number(left)
		b, ok2 := number(right)
		if ok && ok1 && ok2 {
			edges = append(edges, a, b)
		}
	}
	return edges
}
