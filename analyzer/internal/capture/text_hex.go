package capture

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
)

// hexLine reads a line of a hex dump: tcpdump's "0x0010:  4500 003c" and
// Wireshark's "0010  45 00 00 3c". ok is false for any other line.
func hexLine(s string) (offset int, data []byte, ok bool) {
	s = strings.TrimLeft(s, " \t")
	prefixed := strings.HasPrefix(s, "0x")
	s = strings.TrimPrefix(s, "0x")
	n := 0
	for n < len(s) && n < 9 && isHex(s[n]) {
		n++
	}
	if n < 4 || n > 8 {
		return 0, nil, false
	}
	for _, c := range []byte(s[:n]) {
		offset = offset<<4 | hexValue(c)
	}
	s = s[n:]
	colon := strings.HasPrefix(s, ":")
	if s = strings.TrimPrefix(s, ":"); prefixed != colon || s == "" || s[0] != ' ' && s[0] != '\t' {
		return 0, nil, false
	}
	data = hexGroups(strings.TrimLeft(s, " \t"))
	return offset, data, len(data) > 0 && offset <= maxRecord
}

func hexValue(c byte) int {
	if isDigit(c) {
		return int(c - '0')
	}
	return int(c|0x20-'a') + 10
}

// hexGroups reads up to 16 bytes in groups of one or two, and stops before the
// column of characters.
func hexGroups(s string) []byte {
	var data []byte
	for len(data) < 16 {
		n := 0
		for n < len(s) && isHex(s[n]) {
			n++
		}
		if n != 2 && n != 4 || n < len(s) && s[n] != ' ' && s[n] != '\t' {
			break
		}
		group, err := hex.DecodeString(s[:n])
		if err != nil {
			break
		}
		data = append(data, group...)
		s = s[n:]
		gap := len(s) - len(strings.TrimLeft(s, " \t"))
		s = s[gap:]
		if gap > 2 || gap == 2 && len(data)%8 != 0 { // od -x leaves two after the eighth
			break
		}
	}
	return data[:min(len(data), 16)]
}

// dumpLink tells what a dump begins with: an IP header, as tcpdump -x leaves the
// link layer out, or one of the usual link headers.
func dumpLink(b []byte) LinkType {
	version := func(at int) bool {
		return len(b) > at && (b[at]>>4 == 4 && b[at]&15 >= 5 || b[at]>>4 == 6)
	}
	kind := func(at int) uint16 {
		if len(b) < at+2 {
			return 0
		}
		return binary.BigEndian.Uint16(b[at:])
	}
	isIP := func(v uint16) bool { return v == 0x0800 || v == 0x86dd }
	switch {
	case isIP(kind(12)) && version(14), kind(12) == 0x8100 && isIP(kind(16)), kind(12) == 0x88a8:
		return LinkEthernet
	case isIP(kind(14)) && version(16) && kind(0) <= 4:
		return LinkSLL
	case isIP(kind(0)) && version(20) && kind(2) == 0:
		return LinkSLL2
	case version(0):
		return LinkRaw
	case len(b) > 4 && b[1] == 0 && b[2] == 0 && version(4):
		return LinkNull
	}
	return LinkEthernet
}

var linkHeader = map[LinkType]int{LinkEthernet: 14, LinkSLL: 16, LinkSLL2: 20, LinkRaw: 0, LinkNull: 4}

// dumpLength is the length of the dumped packet by its IP header, with the link
// header; 0 when it does not show.
func dumpLength(b []byte, link LinkType) int {
	at := linkHeader[link]
	if link == LinkEthernet && len(b) > 14 && binary.BigEndian.Uint16(b[12:]) == 0x8100 {
		at += 4
	}
	if len(b) < at+6 {
		return 0
	}
	switch b[at] >> 4 {
	case 4:
		return at + int(binary.BigEndian.Uint16(b[at+2:]))
	case 6:
		return at + 40 + int(binary.BigEndian.Uint16(b[at+4:]))
	}
	return 0
}
