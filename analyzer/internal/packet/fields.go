package packet

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strconv"

	"github.com/google/gopacket"

	"pcaplain/analyzer/internal/capture"
	"pcaplain/analyzer/internal/lang"
)

// Layer is one header of a frame, or its payload, for display.
type Layer struct {
	Name   string  `json:"name"`   // the protocol, as it is called in either language
	Offset int     `json:"offset"` // of its first byte in the frame's data; -1 in a listing
	Length int     `json:"length"` // captured bytes; 0 in a listing
	Fields []Field `json:"fields"`
}

// Field is one field of a header.
type Field struct {
	Name    string    `json:"name"`
	Value   string    `json:"value"`
	Offset  int       `json:"offset"` // of its first byte in the frame's data; -1 in a listing
	Length  int       `json:"length"` // bytes it stands in, shared ones counted; 0 in a listing
	Meaning lang.Text `json:"meaning"`
}

// maxFields bounds the fields of one layer, maxPreview the payload bytes shown
// as text.
const (
	maxFields  = 128
	maxPreview = 256
)

// Fields is every header field of a frame, in the frame's order. What the snap
// length cut is missing; of a listing's packet there is only what the listing
// states.
func Fields(f *capture.Frame) []Layer { return fields(f, true) }

func fields(f *capture.Frame, quotes bool) []Layer {
	var p Packet
	d := NewDecoder()
	d.walk.tracing = true
	d.Decode(f, &p)
	if f.Line != nil {
		return listedFields(f.Line, &p)
	}
	var all []Layer
	for i, s := range d.walk.trace {
		if i+1 < len(d.walk.trace) && s.kind == layerWrapped {
			s.end = d.walk.trace[i+1].start
		}
		v := &view{b: f.Data[s.start:s.end], at: s.start, p: &p, fields: []Field{}}
		sheets[s.kind-layerIPv4](v)
		if v.length > 0 {
			all = append(all, v.layer())
		}
		if quotes && (s.kind == layerICMPv4 || s.kind == layerICMPv6) {
			all = append(all, quotedFields(f, s, &p)...)
		}
	}
	return append(all, bodyFields(f, &p, d.walk.trace)...)
}

// sheets lists how each header's fields are told.
var sheets = [layerEnd - layerIPv4]func(*view){
	layerIPv4 - layerIPv4:     (*view).ipv4,
	layerTCP - layerIPv4:      (*view).tcp,
	layerIPv6 - layerIPv4:     (*view).ipv6,
	layerVLAN - layerIPv4:     (*view).vlan,
	layerUDP - layerIPv4:      (*view).udp,
	layerICMPv4 - layerIPv4:   (*view).icmpv4,
	layerICMPv6 - layerIPv4:   (*view).icmpv6,
	layerARP - layerIPv4:      (*view).arp,
	layerEthernet - layerIPv4: (*view).ethernet,
	layerSLL - layerIPv4:      (*view).sll,
	layerSLL2 - layerIPv4:     (*view).sll2,
	layerNull - layerIPv4:     (*view).null,
	layerRaw - layerIPv4:      (*view).raw,
	layerLLC - layerIPv4:      (*view).llc,
	layerPPP - layerIPv4:      (*view).ppp,
	layerPPPoE - layerIPv4:    (*view).pppoe,
	layerMPLS - layerIPv4:     (*view).mpls,
	layerGRE - layerIPv4:      (*view).gre,
	layerERSPAN - layerIPv4:   (*view).erspan,
	layerVXLAN - layerIPv4:    (*view).vxlan,
	layerGENEVE - layerIPv4:   (*view).geneve,
	layerGTP - layerIPv4:      (*view).gtp,
	layerEtherIP - layerIPv4:  (*view).etherIP,
	layerDNS - layerIPv4:      (*view).dns,
	layerAH - layerIPv4:       (*view).authentication,
	layerWrapped - layerIPv4:  (*view).wrapped,
}

// view is a header being told field by field.
type view struct {
	b      []byte // from the header on
	at     int    // of b in the frame
	p      *Packet
	name   string
	length int // of the header, as far as it says
	fields []Field
}

func (v *view) layer() Layer {
	return Layer{Name: v.name, Offset: v.at, Length: min(v.length, len(v.b)), Fields: v.fields}
}

// title names the header and gives its length in bytes.
func (v *view) title(name string, length int) { v.name, v.length = name, length }

// has reports whether n bytes from offset on were captured.
func (v *view) has(offset, n int) bool { return offset >= 0 && n >= 0 && offset+n <= len(v.b) }

// add tells a field whose bytes were captured; others are left out.
func (v *view) add(name string, offset, length int, show func([]byte) string, meaning lang.Text) {
	if v.has(offset, length) && len(v.fields) < maxFields {
		v.fields = append(v.fields, Field{name, show(v.b[offset : offset+length]), v.at + offset, length, meaning})
	}
}

// say tells a field whose value is already spelt.
func (v *view) say(name string, offset, length int, value string, meaning lang.Text) {
	v.add(name, offset, length, func([]byte) string { return value }, meaning)
}

// byteAt is the byte at an offset, 0 if it was not captured.
func (v *view) byteAt(offset int) int {
	if !v.has(offset, 1) {
		return 0
	}
	return int(v.b[offset])
}

// The ways a value is spelt.

func number(b []byte) string {
	var n uint64
	for _, c := range b {
		n = n<<8 | uint64(c)
	}
	return strconv.FormatUint(n, 10)
}

func hexadecimal(b []byte) string { return "0x" + hex.EncodeToString(b) }

func hexAndNumber(b []byte) string { return hexadecimal(b) + " (" + number(b) + ")" }

func macText(b []byte) string {
	return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5])
}

func addressText(b []byte) string {
	a, _ := netip.AddrFromSlice(b)
	return a.String()
}

// masked spells the bits of a field above a shift and under a mask.
func masked(shift int, mask uint64) func([]byte) string {
	return func(b []byte) string {
		var n uint64
		for _, c := range b {
			n = n<<8 | uint64(c)
		}
		return strconv.FormatUint(n>>shift&mask, 10)
	}
}

func etherTypeText(b []byte) string {
	t := binary.BigEndian.Uint16(b)
	if t < 1536 {
		return strconv.Itoa(int(t))
	}
	s := fmt.Sprintf("0x%04x", t)
	if next := etherType(t); next != gopacket.LayerTypeZero {
		s += " " + layerNames[next-layerIPv4]
	}
	return s
}

var layerNames = [layerEnd - layerIPv4]string{
	"IPv4", "TCP", "IPv6", "802.1Q", "UDP", "ICMP", "ICMPv6", "ARP", "Ethernet", "Linux cooked", "Linux cooked v2", "Loopback", "IP",
	"LLC", "PPP", "PPPoE", "MPLS", "GRE", "ERSPAN", "VXLAN", "GENEVE", "GTP-U", "EtherIP", "DNS", "AH", "Link",
}

// quotedFields tells the headers of the packet an ICMP error quotes.
func quotedFields(f *capture.Frame, s span, p *Packet) []Layer {
	start := s.start + icmpLen
	if start >= s.end || !(p.Kind == KindICMP && quotesPacket(p)) {
		return nil
	}
	quoted := capture.Frame{LinkType: capture.LinkRaw, Data: f.Data[start:s.end], WireLen: s.end - start}
	all := fields(&quoted, false)
	for i := range all {
		all[i].Name = "Quoted " + all[i].Name
		all[i].Offset += start
		for j := range all[i].Fields {
			all[i].Fields[j].Offset += start
		}
	}
	return all
}

func quotesPacket(p *Packet) bool {
	if p.Src.Is4() {
		switch p.ICMPType {
		case icmpUnreachable, icmpSourceQuench, icmpRedirect, icmpTimeExceeded, icmpParameterProblem:
			return true
		}
		return false
	}
	return p.ICMPType >= 1 && p.ICMPType <= icmp6LastError
}

// bodyFields tells the payload of a segment and what follows the IP packet.
func bodyFields(f *capture.Frame, p *Packet, trace []span) []Layer {
	var all []Layer
	if n := len(p.Payload); n > 0 {
		v := &view{b: p.Payload, at: p.PayloadStart}
		v.title("Payload", n)
		v.say("Length", 0, n, strconv.Itoa(p.PayloadLen), payloadMeaning(p))
		v.say("Text", 0, min(n, maxPreview), preview(p.Payload), lang.Text{
			EN: "What of it can be printed; a dot stands for each other byte",
			ZH: "可打印的部分，其他字节以点代替",
		})
		all = append(all, v.layer())
	}
	if end := packetEnd(trace, len(f.Data)); p.IPLen > 0 && end < len(f.Data) {
		v := &view{b: f.Data[end:], at: end}
		v.title("Trailer", len(f.Data)-end)
		v.say("Length", 0, len(f.Data)-end, strconv.Itoa(len(f.Data)-end), lang.Text{
			EN: "Bytes behind the IP packet: Ethernet fills short frames up to 60 bytes",
			ZH: "IP 包之后的字节：以太网把过短的帧补足到 60 字节",
		})
		all = append(all, v.layer())
	}
	return all
}

// packetEnd is where the IP packet ends in the frame: the header behind an IP
// header was given no more than the packet's own bytes.
func packetEnd(trace []span, end int) int {
	for i := 1; i < len(trace); i++ {
		if k := trace[i-1].kind; k == layerIPv4 || k == layerIPv6 {
			return trace[i].end
		}
	}
	return end
}

func payloadMeaning(p *Packet) lang.Text {
	if len(p.Payload) < p.PayloadLen {
		return lang.T("Bytes of application data; %d of them were captured", "应用数据的字节数，其中 %d 字节在抓包中", len(p.Payload))
	}
	return lang.Text{EN: "Bytes of application data", ZH: "应用数据的字节数"}
}

func preview(b []byte) string {
	b = b[:min(len(b), maxPreview)]
	out := make([]byte, len(b))
	for i, c := range b {
		if c < ' ' || c >= 0x7f {
			c = '.'
		}
		out[i] = c
	}
	return string(out)
}
