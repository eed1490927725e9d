package capture

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"pcaplain/analyzer/internal/lang"
)

const (
	// maxLine bounds a line of text, in bytes; what is beyond is read as the next.
	maxLine = 1 << 20
	// maxShown bounds what is kept of a line to show it, in bytes.
	maxShown = 2000
	// maxProse is how much text without a single packet is read, in bytes.
	maxProse = 64 << 20
	// maxHeld bounds the packets held until it is clear what their times count
	// from.
	maxHeld = 10_000
)

var protocolLines = lang.Text{
	EN: "lines that show an application's protocol carry no ports and no TCP numbers; they were given to the only conversation between their addresses",
	ZH: "显示应用层协议的行没有端口和 TCP 序号；这些行归入两个地址之间唯一的连接",
}

// text reads listings: the lines tcpdump prints, Wireshark's packet list, hex
// dumps, in any surroundings.
type text struct {
	reader *Reader
	wide   byte   // 'l' or 'b': UTF-16
	begun  bool   // the mark was looked for
	odd    []byte // half a UTF-16 unit
	line   []byte // the line as far as it came
	number int    // of the last whole line
	head   string // the first line that says something
	size   int64

	names       names
	sequences   sequences
	calendar    calendar
	onlyBetween map[[2]netip.Addr]pair // zero: more than one conversation
	faces       map[string]int         // by name and link type
	list        bool                   // lines of a packet list were read
	lines       bool                   // lines of tcpdump were read
	sawLength   bool                   // of them, some with their length
	sawOptions  bool                   // the listing shows options
	packets     int

	header   string // -v: the first of a packet's two lines
	headerAt int
	headerIs string
	skip     int  // lines of a packet quoted in an ICMP error
	stamped  bool // that ICMP error had a time
	derived  bool // a dump of reassembled or decoded bytes follows
	last     *printed
	held     []*printed // not yet delivered, while times are unclear
	unclear  bool
	furthest int64 // ns; the greatest of the unclear times

	received, dropped uint64 // as tcpdump counts at its end
	counted           bool
}

// printed is a packet of the listing on its way out.
type printed struct {
	reading reading
	tcp     bool
	dump    []byte
	joined  bool // its line was completed by the next
	clean   string
}

func (t *text) scan(b []byte, _ int64, final bool) (took, need int) {
	took = len(b)
	t.size += int64(len(b))
	if !t.begun {
		t.begun = true
		t.wide = utf16Mark(b)
	}
	if t.wide != 0 {
		b = t.narrow(b)
	}
	for len(b) > 0 {
		i := bytes.IndexByte(b, '\n')
		if i < 0 {
			t.collect(b)
			break
		}
		t.collect(b[:i])
		t.endLine()
		b = b[i+1:]
	}
	if t.packets == 0 && t.size > maxProse {
		t.reader.failure = notCapture(t.looks())
	}
	if final {
		t.finish()
	}
	return took, 0
}

// collect adds to the line, and ends one that is too long.
func (t *text) collect(b []byte) {
	for len(t.line)+len(b) > maxLine {
		n := maxLine - len(t.line)
		t.line = append(t.line, b[:n]...)
		b = b[n:]
		t.endLine()
		t.number--
	}
	t.line = append(t.line, b...)
}

// narrow turns UTF-16 into UTF-8.
func (t *text) narrow(b []byte) []byte {
	b = append(t.odd, b...)
	t.odd = append([]byte(nil), b[len(b)&^1:]...)
	var out []byte
	for ; len(b) >= 2; b = b[2:] {
		unit := binary.LittleEndian.Uint16(b)
		if t.wide == 'b' {
			unit = binary.BigEndian.Uint16(b)
		}
		if r := rune(unit); unit == 0xfeff {
			continue
		} else if utf16.IsSurrogate(r) {
			out = append(out, ' ')
		} else {
			out = utf8.AppendRune(out, r)
		}
	}
	return out
}

func (t *text) endLine() {
	t.number++
	line := strings.TrimRight(string(t.line), "\r")
	t.line = t.line[:0]
	if t.head == "" {
		t.head = strings.TrimSpace(strings.TrimPrefix(line[:min(len(line), 200)], "\ufeff"))
	}
	for _, s := range splitAtBreaks(line) {
		t.shown(stripMarkup(s))
	}
}

// shown takes a line as a reader of the page saw it.
func (t *text) shown(s string) {
	for _, part := range splitPackets(normalise(s)) {
		t.take(part.clean, part.of(s))
	}
}

// part is one packet's share of a line that holds several.
type part struct {
	clean string
	whole bool
}

func (p part) of(shown string) string {
	if !p.whole {
		shown = p.clean
	}
	shown = strings.TrimSpace(shown)
	return strings.ToValidUTF8(shown[:min(len(shown), maxShown)], "\uFFFD")
}

// splitPackets cuts a line into which several packets were glued, as copying
// from some pages does, before each one's time.
func splitPackets(s string) []part {
	if strings.Count(s, "Flags [") < 2 {
		return []part{{s, true}}
	}
	var parts []part
	for {
		first := strings.Index(s, "Flags [")
		next := -1
		if first >= 0 {
			next = strings.Index(s[first+7:], "Flags [")
		}
		if next < 0 {
			return append(parts, part{s, false})
		}
		next += first + 7
		ip := strings.LastIndex(s[:next], " IP")
		if ip < first {
			return append(parts, part{s, false})
		}
		cut := strings.LastIndexByte(s[:ip], ' ') + 1
		if cut <= first || findStamp(s[cut:ip]).kind == stampNone {
			cut = ip + 1
		}
		parts = append(parts, part{s[:cut], false})
		s = s[cut:]
	}
}

// take reads one line, normalised.
func (t *text) take(s, shown string) {
	if t.dumpLine(s) {
		return
	}
	if t.quoted(s) {
		return
	}
	r, v := t.read(s)
	if v != tcpPacket && v != otherKind && v != headerOnly && t.continued(s) {
		return
	}
	switch v {
	case headerOnly:
		t.header, t.headerAt, t.headerIs = s, t.number, shown
		return
	case tcpPacket, otherKind:
		t.packet(r, v == tcpPacket, s, shown)
	case unreadable:
		t.unread(shown)
	default:
		t.remark(s)
	}
	t.header = ""
}

// quoted leaves out the packet that an ICMP error quotes: tcpdump -v prints it on
// two lines after the error, without a time.
func (t *text) quoted(s string) bool {
	trimmed := strings.TrimLeft(s, " \t")
	if t.skip == 0 || trimmed == "" {
		return false
	}
	header := strings.HasPrefix(trimmed, "IP") || strings.HasPrefix(trimmed, "(")
	if findStamp(s).kind != stampNone || t.skip == 2 && !(header && (t.stamped || trimmed != s)) {
		t.skip = 0
		return false
	}
	t.skip--
	return true
}

// read tries what a line can be. The line after the IP header of -v belongs to
// that header.
func (t *text) read(s string) (reading, verdict) {
	if t.header != "" && findStamp(s).kind == stampNone && !strings.HasPrefix(strings.TrimSpace(s), "IP") {
		if r, v := t.tcpdump(strings.TrimRight(t.header, " ") + " " + strings.TrimLeft(s, " \t")); v == tcpPacket || v == otherKind {
			return r, v
		}
	}
	if r, v := t.wireshark(s); v != notPacket {
		return r, v
	}
	if r, v := t.otherProtocol(s); v != notPacket {
		return r, v
	}
	if r, v := t.tcpdump(s); v != notPacket {
		return r, v
	}
	return t.timed(s)
}

// timed takes a line of a tcpdump listing that begins with a time for a packet
// of a protocol without addresses: ARP, LLDP, IS-IS.
func (t *text) timed(s string) (reading, verdict) {
	r := reading{style: styleTcpdump, stamp: findStamp(s)}
	before, _, fraction := strings.Cut(s[:r.stamp.end], ".")
	if !fraction || r.stamp.kind == stampNone || r.stamp.kind == stampSpan || len(before) > 24 {
		return r, notPacket
	}
	words := strings.Fields(s[r.stamp.end:])
	for i := range min(2, len(words)-1) { // -i any: interface and direction
		if w := words[i]; w == "In" || w == "Out" || len(w) == 1 {
			words = words[i+1:]
			break
		}
	}
	if len(words) > 2 && words[0] == "ifindex" {
		words = words[2:]
	}
	if len(words) == 0 {
		return r, notPacket
	}
	first := words[0]
	if linkProtocols[strings.TrimRight(first, ",")] || strings.Count(first, ":") == 5 || t.lines && first[0] >= 'A' && first[0] <= 'Z' {
		return r, otherKind
	}
	return r, notPacket
}

// linkProtocols are the names tcpdump begins a packet with that is not IP.
var linkProtocols = map[string]bool{
	"ARP": true, "RARP": true, "STP": true, "LLDP": true, "CDPv2": true, "CDPv1": true, "IS-IS": true, "EAPOL": true, "LLC": true, "PPPoE": true, "MPLS": true, "LACPv1": true, "Loopback": true,
}

// continued adds a line to the one before that lost its end to it.
func (t *text) continued(s string) bool {
	p := t.last
	if p == nil || !p.tcp || p.joined || p.reading.complete || p.reading.style != styleTcpdump || p.dump != nil || !strings.Contains(s, "length ") {
		return false
	}
	joined := p.clean + " " + strings.TrimLeft(s, " \t")
	r, v := t.tcpdump(joined)
	if v != tcpPacket || !r.complete {
		return false
	}
	r.line.SourceLine, r.line.Text = p.reading.line.SourceLine, p.reading.line.Text
	p.reading, p.clean, p.joined = r, joined, true
	return true
}

// packet files a packet; the one before it is whole now.
func (t *text) packet(r reading, tcp bool, clean, shown string) {
	t.unwrap(&r)
	t.flush()
	t.packets++
	r.line.SourceLine, r.line.Text = t.number, shown
	if t.header != "" && r.style == styleTcpdump {
		clean = t.header + " " + clean
		r.line.SourceLine, r.line.Text = t.headerAt, t.headerIs+" "+shown
	}
	if tcp && r.style == styleWireshark {
		t.list = true
		t.learnPair(&r)
	}
	t.lines = t.lines || r.style == styleTcpdump
	if r.icmpError {
		t.skip, t.stamped = 2, r.stamp.kind != stampNone
	}
	t.last = &printed{reading: r, tcp: tcp, clean: clean}
}

// unwrap replaces a tunnel's packet by the inner one, which tcpdump prints on
// the next line without a time.
func (t *text) unwrap(r *reading) {
	outer := t.last
	if outer == nil || outer.tcp || r.stamp.kind != stampNone || outer.reading.stamp.kind == stampNone || r.style != styleTcpdump {
		return
	}
	for _, tunnel := range [...]string{" VXLAN", " Geneve", " GRE", ": IP"} {
		if strings.Contains(outer.clean, tunnel) {
			r.stamp = outer.reading.stamp
			t.last = nil
			return
		}
	}
}

// dumpLine takes a line of a hex dump. Of several dumps to a packet tshark heads
// the frame's own with "Frame" and others with what was made of it.
func (t *text) dumpLine(s string) bool {
	if strings.HasSuffix(s, " bytes):") && len(s) < 100 {
		t.derived = !strings.HasPrefix(s, "Frame (")
		return true
	}
	offset, data, ok := hexLine(s)
	if !ok {
		t.derived = t.derived && strings.TrimSpace(s) != ""
		return false
	}
	return t.derived || t.dumped(offset, data)
}

// dumped adds a line of a hex dump to the packet it follows, or begins a packet
// of its own at offset 0.
func (t *text) dumped(offset int, data []byte) bool {
	p := t.last
	switch {
	case p != nil && offset == len(p.dump):
	case p != nil && offset == 0 && p.clean != "":
		// What came before was part of the packet, printed by its dissector.
		p.dump = p.dump[:0]
	case offset == 0 && t.dumpBegins(data):
		t.flush()
		t.packets++
		t.last = &printed{}
		t.last.reading.line.SourceLine = t.number
		p = t.last
	default:
		return false
	}
	p.dump = append(p.dump, data...)
	return true
}

// dumpBegins keeps numbers of other kinds from being taken for a dump.
func (t *text) dumpBegins(data []byte) bool { return len(data) == 16 }

func (t *text) unread(shown string) {
	if len(t.reader.info.Unread) < maxUnread {
		t.reader.info.Unread = append(t.reader.info.Unread, Unread{Line: t.number, Text: shown})
	}
}

func (t *text) finish() {
	if len(t.line) > 0 {
		t.endLine()
	}
	t.flush()
	t.release()
	if t.packets == 0 {
		t.reader.failure = notCapture(t.looks())
		return
	}
	if t.counted && len(t.reader.info.Interfaces) == 1 {
		in := &t.reader.info.Interfaces[0]
		in.Received, in.Dropped, in.HasStats = t.received, t.dropped, true
	}
}

// looks names text without packets.
func (t *text) looks() string {
	head := strings.ToLower(t.head)
	switch {
	case strings.HasPrefix(head, "version https://git-lfs"):
		return "git-lfs"
	case strings.HasPrefix(head, "{"), strings.HasPrefix(head, "["):
		return "json"
	case strings.HasPrefix(head, "<?xml"), strings.HasPrefix(head, "<pdml"):
		return "xml"
	case strings.HasPrefix(head, "<!doctype"), strings.HasPrefix(head, "<html"), strings.HasPrefix(head, "<!--"):
		return "html"
	}
	return "text"
}
