package capture

import (
	"net/netip"
	"strings"
)

var flagNames = map[string]uint8{
	"FIN": flagFIN, "SYN": flagSYN, "RST": flagRST, "PSH": flagPSH, "ACK": flagACK, "URG": flagURG,
	"ECE": flagECE, "ECN": flagECE, "CWR": flagCWR, "AE": 0, "NS": 0, "NONCE": 0, "AccECN": 0, "RESERVED": 0, "<None>": 0,
}

// wireshark reads a line of Wireshark's or tshark's packet list, whatever its
// columns: it needs two addresses, "port > port [flags]", and takes the rest
// where it finds it.
func (t *text) wireshark(s string) (reading, verdict) {
	const longest = len("[FIN, SYN, RST, PSH, ACK, URG, ECE, CWR, AE, RESERVED]")
	for from, n := 0, 0; n < maxTries; n++ {
		i := strings.IndexByte(s[from:], '[')
		if i < 0 {
			break
		}
		i += from
		from = i + 1
		end := strings.IndexByte(s[i:min(len(s), i+longest)], ']')
		if end < 0 {
			continue
		}
		if flags, ok := flagList(s[i+1 : i+end]); ok {
			r, v := t.wiresharkAt(s[:i], s[i+end+1:])
			r.line.Flags = flags
			if v != notPacket {
				return r, v
			}
		}
	}
	return reading{}, notPacket
}

// flagList reads "SYN, ACK".
func flagList(s string) (flags uint8, ok bool) {
	for _, name := range strings.Split(s, ",") {
		bit, known := flagNames[strings.TrimSpace(name)]
		if !known {
			return 0, false
		}
		flags |= bit
	}
	return flags, true
}

// wiresharkAt reads what stands left and right of the flags.
func (t *text) wiresharkAt(left, right string) (reading, verdict) {
	left = strings.TrimRight(left, " ")
	arrow := strings.LastIndex(left, " > ")
	if arrow < 0 {
		return reading{}, notPacket
	}
	before := strings.TrimRight(left[:arrow], " ")
	word := before[strings.LastIndexAny(before, " \t\",|")+1:]
	srcPort, ok1 := listPort(word)
	dstPort, ok2 := listPort(strings.TrimSpace(left[arrow+3:]))
	if !ok1 || !ok2 {
		return reading{}, unreadable
	}
	r := reading{style: styleWireshark, scale: -1, window: -1}
	columns := before[:len(before)-len(word)]
	if i := strings.Index(columns, "[TCP "); i >= 0 {
		r.marked = !strings.Contains(columns[i:], "[TCP Previous segment")
		columns = columns[:i]
	}
	src, dst, ok := t.columns(&r, columns)
	if !ok {
		return r, unreadable
	}
	r.line.Src, r.line.Dst = netip.AddrPortFrom(src, srcPort), netip.AddrPortFrom(dst, dstPort)
	r.values(right, t.sawLength)
	t.sawLength = t.sawLength || r.complete
	return r, tcpPacket
}

// listPort reads 80, http and http(80).
func listPort(s string) (uint16, bool) {
	if i := strings.IndexByte(s, '('); i >= 0 && strings.HasSuffix(s, ")") {
		s = s[i+1 : len(s)-1]
	}
	return portNumber(s)
}

// columns reads addresses, time, protocol and length, in any order that keeps
// source before destination and the length after the protocol.
func (t *text) columns(r *reading, s string) (src, dst netip.Addr, ok bool) {
	r.stamp = findStamp(s)
	words := strings.FieldsFunc(s, separates)
	var found []netip.Addr
	protocol := -1
	for i, w := range words {
		if a := address(w); a.IsValid() && len(found) < 2 {
			found = append(found, a)
		} else if w != ">" && isLetter(w[0]) {
			protocol = i
		}
	}
	if protocol >= 0 && protocol+1 < len(words) {
		if n, used := digits(words[protocol+1]); used == len(words[protocol+1]) && n <= maxRecord {
			r.wire = int(n)
		}
	}
	if protocol >= 0 && len(found) < 2 {
		found = t.named(words[:protocol], found)
	}
	if len(found) < 2 {
		return src, dst, false
	}
	return found[0], found[1], true
}

// named takes the last two words before the protocol as host names, as Wireshark
// shows them where it resolves addresses.
func (t *text) named(words []string, found []netip.Addr) []netip.Addr {
	var hosts []string
	for _, w := range words {
		if address(w).IsValid() || hostName(w) {
			hosts = append(hosts, w)
		}
	}
	if len(hosts) < 2 {
		return found
	}
	found = found[:0]
	for _, h := range hosts[len(hosts)-2:] {
		a := address(h)
		if !a.IsValid() {
			a = t.names.standIn(h)
		}
		found = append(found, a)
	}
	return found
}

// values reads "Seq=0 Ack=1 Win=5840 Len=0 MSS=1460 …". A number at the very end
// of a line that lost its length, in a listing whose other lines have one, may
// itself be cut and is not believed.
func (r *reading) values(s string, lengthsElsewhere bool) {
	var opts listOptions
	words := strings.FieldsFunc(s, func(c rune) bool { return strings.ContainsRune(" \t\",|", c) })
	for i, w := range words {
		if strings.HasPrefix(w, "[") {
			break
		}
		key, value, _ := strings.Cut(w, "=")
		v, ok := number(value)
		if key == "SACK_PERM" {
			opts.sackOK = true
			continue
		}
		if !ok || i == len(words)-1 && !r.complete && key != "Len" && lengthsElsewhere {
			continue
		}
		if !r.value(key, v) {
			opts.take(key, v)
		}
	}
	r.listOptions(opts)
}

// value takes one of the header's numbers.
func (r *reading) value(key string, v uint32) bool {
	switch key {
	case "Seq":
		r.line.Seq = v
		r.know(KnownSeq)
	case "Ack":
		r.line.Ack = v
		r.know(KnownAck)
	case "Win":
		r.window = int64(v)
	case "Len":
		if v > maxRecord {
			break
		}
		r.line.PayloadLen = int(v)
		r.know(KnownPayloadLen)
		r.complete = true
	default:
		return false
	}
	return true
}

// listOptions are the options a list shows; their order is not kept by it.
type listOptions struct {
	mss, scale            uint32
	sackOK, times, scaled bool
	value, echo           uint32
	edges                 []uint32
}

func (o *listOptions) take(key string, v uint32) {
	switch key {
	case "MSS":
		o.mss = v
	case "WS":
		o.scale, o.scaled = uint32(shiftOf(v)), true
	case "TSval", "TSV":
		o.value, o.times = v, true
	case "TSecr", "TSER":
		o.echo, o.times = v, true
	case "SLE", "SRE":
		o.edges = append(o.edges, v)
	}
}

// listOptions rebuilds the options. A list tells neither their order nor the
// padding between; Linux's are taken.
func (r *reading) listOptions(o listOptions) {
	r.hasOption = o.mss > 0 || o.scaled || o.sackOK || o.times || len(o.edges) > 0
	if o.mss > 0 {
		r.mss(o.mss)
	}
	if o.sackOK {
		if !o.times {
			r.nops(2)
		}
		r.sackPermitted()
	}
	if o.times {
		r.nops(10)
		r.timestamps(o.value, o.echo)
	}
	if o.scaled {
		r.nops(3)
		r.windowScale(int(o.scale))
	}
	if len(o.edges) > 0 {
		r.nops(2)
		r.sack(o.edges)
	}
}

// otherProtocol reads a list's line of another protocol: "… MySQL 120 Request
// Query". Where only one conversation runs between the addresses it is a segment
// with data of that one; its numbers are not shown.
func (t *text) otherProtocol(s string) (reading, verdict) {
	r := reading{style: styleWireshark, scale: -1, window: -1}
	words := strings.FieldsFunc(s, separates)
	if r.datagram(words) && (t.list || strings.Contains(s, " > ")) {
		r.stamp = findStamp(s)
		if r.stamp.kind != stampNone {
			return r, otherKind
		}
	}
	if !t.list {
		return r, notPacket
	}
	var found []netip.Addr
	for i, w := range words {
		if w == ">" {
			continue
		}
		if a := address(w); a.IsValid() {
			found = append(found, a)
			continue
		}
		if len(found) == 2 && isLetter(w[0]) && i+1 < len(words) {
			n, used := digits(words[i+1])
			if used == 0 || used != len(words[i+1]) || n > maxRecord {
				return r, notPacket
			}
			r.stamp, r.wire, r.marked = findStamp(s), int(n), strings.Contains(s, "[TCP ")
			return t.dissected(r, found)
		}
		if len(found) == 2 && !isDigit(w[0]) {
			return r, notPacket
		}
	}
	return r, notPacket
}

// datagrams are the protocols of a list that never run over TCP.
var datagrams = map[string]bool{
	"UDP": true, "DNS": true, "MDNS": true, "ICMP": true, "ICMPv6": true, "ARP": true, "NTP": true, "QUIC": true, "DHCP": true, "SSDP": true, "LLMNR": true,
	"NBNS": true, "IGMPv2": true, "IGMPv3": true, "STP": true, "SNMP": true, "VXLAN": true, "OSPF": true, "VRRP": true, "SCTP": true, "GRE": true, "ESP": true, "BFD": true,
}

// datagram finds such a protocol, followed by the packet's length.
func (r *reading) datagram(words []string) bool {
	for i := 0; i+1 < len(words) && i < 12; i++ {
		if n, used := digits(words[i+1]); datagrams[words[i]] && used > 0 && used == len(words[i+1]) && n <= maxRecord {
			r.wire = int(n)
			return true
		}
	}
	return false
}

func (t *text) dissected(r reading, ends []netip.Addr) (reading, verdict) {
	p, ok := t.onlyBetween[[2]netip.Addr{ends[0], ends[1]}]
	if !ok || p == (pair{}) {
		return r, otherKind
	}
	r.line.Src, r.line.Dst = p.src, p.dst
	r.line.Flags = flagACK
	r.dissected = true
	t.reader.note("protocol-lines", protocolLines)
	return r, tcpPacket
}
