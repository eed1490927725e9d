package capture

import "strings"

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
