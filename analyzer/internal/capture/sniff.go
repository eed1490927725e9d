package capture

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"
)

// signature is how a kind of file begins.
type signature struct {
	at    int
	bytes string
	looks string
}

// signatures are the files people drop in place of a capture, and captures in
// formats that are not read here.
var signatures = []signature{
	{0, "\x0a\x0d\x0d\x0a", "pcapng"},
	{0, "\x1f\x8b", "gzip"},
	{0, "\x28\xb5\x2f\xfd", "zstd"},
	{0, "7z\xbc\xaf\x27\x1c", "7z"},
	{0, "\xfd7zXZ\x00", "xz"},
	{0, "BZh", "bzip2"},
	{0, "Rar!\x1a\x07", "rar"},
	{0, "\x04\x22\x4d\x18", "lz4"},
	{0, "\x1f\x9d", "compress"},
	{0, "PK\x03\x04", "zip"},
	{0, "PK\x05\x06", "zip"},
	{257, "ustar", "tar"},
	{0, "\x89PNG", "image"},
	{0, "\xff\xd8\xff", "image"},
	{0, "GIF8", "image"},
	{0, "RIFF", "media"},
	{0, "%PDF", "pdf"},
	{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "office"},
	{0, "\x7fELF", "elf"},
	{0, "MZ", "exe"},
	{0, "\x00asm", "wasm"},
	{0, "SQLite format 3\x00", "sqlite"},
	{0, "ElfFile\x00", "evtx"},
	{0, "snoop\x00\x00\x00", "snoop"},
	{0, "btsnoop\x00", "btsnoop"},
	{0, "GMBU", "netmon"},
	{0, "RTSS", "netmon"},
	{0, "XCP\x00", "sniffer"},
	{0, "TRSNIFF data", "sniffer"},
	{0, "\x05VNF", "visual"},
	{0, "iptrace ", "iptrace"},
	{0, "\x00\x00\x00\x01\x00\x00\x00\x00\x00\x07\xd0\x00", "nettl"},
	{0, "EyeSDN", "eyesdn"},
}

// Sniff names what the beginning of a file shows without doubt: "pcap",
// "pcapng", "gzip", "zstd", or one of the formats that are no capture or not
// read here. It returns "" when head does not tell, or not yet: listings of
// packets as text are told only by reading them.
func Sniff(head []byte) string {
	if len(head) >= 4 {
		if _, ok := pcapMagic(head); ok {
			return "pcap"
		}
	}
	for _, s := range signatures {
		if len(head) >= s.at+len(s.bytes) && string(head[s.at:s.at+len(s.bytes)]) == s.bytes {
			return s.looks
		}
	}
	return ""
}

// sniffRest names what has no signature: event traces and ERF by the shape of
// their headers, text by having no control characters.
func sniffRest(head []byte) string {
	switch {
	case bytes.Contains(head, []byte("NetScaler")) && bytes.IndexByte(head, 0) >= 0:
		return "netscaler"
	case textual(head):
		return "text"
	case eventTrace(head):
		return "etl"
	case erf(head):
		return "erf"
	case len(bytes.Trim(head, "\x00")) == 0:
		return "zeros"
	}
	return "unknown"
}

// eventTrace recognises a Windows event trace: a buffer of a round size that
// begins, after its header of 72 bytes, with a system event.
func eventTrace(b []byte) bool {
	if len(b) < 76 {
		return false
	}
	size := binary.LittleEndian.Uint32(b)
	return size >= 1024 && size <= maxRecord && size%1024 == 0 && b[75] == 0xc0 && (b[74] == 1 || b[74] == 2)
}

// erf recognises Endace's format by two records in a row: a time of this age, a
// known type, a length that holds its own header.
func erf(b []byte) bool {
	at, n := 0, 0
	for ; n < 3 && at+16 <= len(b); n++ {
		seconds := binary.LittleEndian.Uint32(b[at+4:])
		kind := b[at+8] & 0x7f
		length := int(binary.BigEndian.Uint16(b[at+10:]))
		const year1995, year2060 = 788_918_400, 2_840_140_800
		if seconds < year1995 || seconds > year2060 || kind == 0 || kind > 48 || length < 16 {
			return false
		}
		at += length
	}
	return n >= 2
}

// textual reports whether the bytes can be text: UTF-8, UTF-16 with its mark, or
// any encoding that keeps ASCII. A few stray control characters, as terminals
// leave them, do not matter.
func textual(b []byte) bool {
	if utf16Mark(b) != 0 {
		return true
	}
	control := 0
	for _, c := range b {
		if c == 0 {
			return false
		}
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != 0x1b {
			control++
		}
	}
	if control*50 > len(b) {
		return false
	}
	// Of compressed or random bytes one in ten is a control character: so many
	// without leave only text, in whatever encoding.
	const enough = 64
	return len(b) >= enough || utf8.Valid(b)
}

// utf16Mark returns 'l' or 'b' for the byte order of text that begins with a
// UTF-16 mark, as a redirect in PowerShell writes it; 0 for other text.
func utf16Mark(b []byte) byte {
	switch {
	case len(b) >= 2 && b[0] == 0xff && b[1] == 0xfe:
		return 'l'
	case len(b) >= 2 && b[0] == 0xfe && b[1] == 0xff:
		return 'b'
	}
	return 0
}
