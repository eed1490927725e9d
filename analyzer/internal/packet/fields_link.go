package packet

import (
	"strconv"

	"pcaplain/analyzer/internal/lang"
)

// text is one meaning in both languages.
func text(en, zh string) lang.Text { return lang.Text{EN: en, ZH: zh} }

// none is the meaning of fields that explain themselves or bear on nothing here.
var none lang.Text

var (
	meansDestinationMAC = text("The next hop on this link, not the far end", "本链路上的下一跳，不是远端主机")
	meansSourceMAC      = text("The last hop on this link, not the far end", "本链路上的上一跳，不是远端主机")
	meansEtherType      = text("What the frame carries", "帧内承载的协议")
	meansVLAN           = text("The virtual LAN the frame belongs to", "帧所属的虚拟局域网")
	meansSender         = text("Link-layer address of the sender; the receiver's is not recorded", "发送方的链路层地址，接收方的没有记录")
	meansOuter          = text("Identifies the tunnel's network", "隧道所属网络的标识")
)

func (v *view) ethernet() {
	v.title("Ethernet", ethernetLen)
	v.add("Destination", 0, 6, macText, meansDestinationMAC)
	v.add("Source", 6, 6, macText, meansSourceMAC)
	v.add("Type", 12, 2, etherTypeText, meansEtherType)
}

func (v *view) vlan() {
	v.title("802.1Q", vlanLen)
	v.add("Priority", 0, 1, masked(5, 7), none)
	v.add("VLAN", 0, 2, masked(0, 0x0fff), meansVLAN)
	v.add("Type", 2, 2, etherTypeText, meansEtherType)
}

func (v *view) llc() {
	v.title("LLC", 3)
	v.add("DSAP", 0, 1, hexadecimal, none)
	v.add("SSAP", 1, 1, hexadecimal, none)
	v.add("Control", 2, 1, hexadecimal, none)
	if v.byteAt(0) == 0xaa {
		v.length = snapLen
		v.add("Organisation", 3, 3, hexadecimal, none)
		v.add("Type", 6, 2, etherTypeText, meansEtherType)
	}
}

// cookedPackets names the packet types of the cooked headers.
var cookedPackets = [...]lang.Text{
	text("To this host", "发给本机"),
	text("Broadcast", "广播"),
	text("Multicast", "组播"),
	text("To another host", "发给其他主机"),
	text("Sent by this host", "由本机发出"),
}

func cookedMeaning(packetType int) lang.Text {
	if packetType < len(cookedPackets) {
		return cookedPackets[packetType]
	}
	return none
}

func (v *view) sll() {
	v.title("Linux cooked", sllLen)
	v.add("Packet type", 0, 2, number, cookedMeaning(v.byteAt(1)))
	v.add("Device type", 2, 2, number, none)
	v.add("Address length", 4, 2, number, none)
	if v.byteAt(5) == 6 {
		v.add("Source", 6, 6, macText, meansSender)
	}
	v.add("Protocol", 14, 2, etherTypeText, meansEtherType)
}

func (v *view) sll2() {
	v.title("Linux cooked v2", sll2Len)
	v.add("Protocol", 0, 2, etherTypeText, meansEtherType)
	v.add("Interface", 4, 4, number, text("Index of the interface the packet passed", "包经过的接口的编号"))
	v.add("Device type", 8, 2, number, none)
	v.add("Packet type", 10, 1, number, cookedMeaning(v.byteAt(10)))
	v.add("Address length", 11, 1, number, none)
	if v.byteAt(11) == 6 {
		v.add("Source", 12, 6, macText, meansSender)
	}
}

func (v *view) null() {
	v.title("Loopback", nullLen)
	v.add("Address family", 0, nullLen, hexadecimal, text("IPv4 or IPv6, in the capturing host's numbering", "IPv4 或 IPv6，按抓包主机的编号"))
}

func (v *view) wrapped() { v.title("Link", len(v.b)) }

func (v *view) raw() { v.title("IP", 0) }

func (v *view) ppp() {
	n := 0
	if v.byteAt(0) == 0xff && v.byteAt(1) == 3 {
		n = 2
		v.add("Address and control", 0, 2, hexadecimal, none)
	}
	size := 2 - v.byteAt(n)&1
	v.title("PPP", n+size)
	v.add("Protocol", n, size, hexadecimal, meansEtherType)
}

func (v *view) pppoe() {
	v.title("PPPoE", pppoeLen)
	v.add("Code", 1, 1, number, none)
	v.add("Session", 2, 2, hexAndNumber, text("Identifies the subscriber's session", "用户会话的标识"))
	v.add("Length", 4, 2, number, none)
}

func (v *view) mpls() {
	n := 0
	for range maxHeaders {
		v.add("Label", n, 3, masked(4, 1<<20-1), text("The path this packet takes, in this direction only", "包所走的路径，只对这个方向有效"))
		v.add("TTL", n+3, 1, number, none)
		n += mplsLen
		if !v.has(n-2, 1) || v.byteAt(n-2)&1 == 1 {
			break
		}
	}
	v.title("MPLS", n)
}

func (v *view) arp() {
	v.title("ARP", arpLen)
	operation := text("Asks who has the target address", "询问谁拥有目标地址")
	if v.byteAt(7) == 2 {
		operation = text("Says that the sender address is at the sender's MAC", "声明发送方地址对应发送方 MAC")
	}
	v.add("Operation", 6, 2, number, operation)
	v.add("Sender MAC", 8, 6, macText, none)
	v.add("Sender address", 14, 4, addressText, none)
	v.add("Target MAC", 18, 6, macText, none)
	v.add("Target address", 24, 4, addressText, none)
}

func (v *view) gre() {
	n := greLen
	v.add("Flags", 0, 2, hexadecimal, none)
	v.add("Protocol", 2, 2, etherTypeText, text("What the tunnel carries", "隧道内承载的协议"))
	for _, o := range []struct {
		set  bool
		name string
	}{
		{v.byteAt(0)&0x80 != 0, "Checksum"},
		{v.byteAt(0)&0x20 != 0, "Key"},
		{v.byteAt(0)&0x10 != 0, "Sequence"},
		{v.byteAt(1)&0x80 != 0, "Acknowledgment"},
	} {
		if o.set {
			v.add(o.name, n, 4, hexadecimal, none)
			n += 4
		}
	}
	v.title("GRE", n)
}

func (v *view) erspan() {
	n := 8
	if v.byteAt(0)>>4 == 2 {
		if n = 12; v.byteAt(11)&1 != 0 {
			n = 20
		}
	}
	v.title("ERSPAN", n)
	v.add("Version", 0, 1, masked(4, 15), none)
	v.add("VLAN", 0, 2, masked(0, 0x0fff), text("Of the mirrored frame", "被镜像的帧所属"))
	v.add("Session", 2, 2, masked(0, 0x03ff), text("The mirror session that sent this copy", "发出这份副本的镜像会话"))
}

func (v *view) vxlan() {
	v.title("VXLAN", vxlanLen)
	v.add("Flags", 0, 1, hexadecimal, none)
	v.add("Network", 4, 3, number, meansOuter)
}

func (v *view) geneve() {
	v.title("GENEVE", geneveLen+v.byteAt(0)&0x3f*4)
	v.add("Protocol", 2, 2, etherTypeText, text("What the tunnel carries", "隧道内承载的协议"))
	v.add("Network", 4, 3, number, meansOuter)
	if n := v.length - geneveLen; n > 0 {
		v.add("Options", geneveLen, n, hexadecimal, none)
	}
}

func (v *view) gtp() {
	v.title("GTP-U", gtpLen)
	v.add("Message", 1, 1, number, none)
	v.add("Length", 2, 2, number, none)
	v.add("Tunnel id", 4, 4, hexadecimal, text("The receiver's end of the tunnel; each direction has its own", "隧道接收端的标识，每个方向各有一个"))
}

func (v *view) etherIP() { v.title("EtherIP", 2) }

func (v *view) udp() {
	v.title("UDP", udpLen)
	v.add("Source port", 0, 2, number, none)
	v.add("Destination port", 2, 2, number, none)
	v.add("Length", 4, 2, number, text("Header and payload, bytes", "首部与数据的字节数"))
	v.add("Checksum", 6, 2, hexadecimal, none)
}

func (v *view) dns() {
	v.title("DNS", len(v.b))
	v.add("Id", 0, 2, hexadecimal, none)
	v.add("Flags", 2, 2, hexadecimal, none)
	v.add("Questions", 4, 2, number, none)
	v.add("Answers", 6, 2, number, none)
	for _, a := range v.p.DNS {
		v.say("Answer", dnsLen, len(v.b)-dnsLen, a.Name+" "+a.Addr.String(), text("The name that was asked for, and an address of it", "所查询的名称及其地址之一"))
	}
}

func (v *view) authentication() {
	v.title("AH", ahLen)
	if v.has(1, 1) {
		v.length = extensionLen(protoAH, v.b)
	}
	v.say("Next protocol", 0, 1, protocolText(v.byteAt(0)), none)
	v.add("Security parameters", 4, 4, hexadecimal, none)
	v.add("Sequence", 8, 4, number, none)
}

// protocolText is an IP protocol number with its name where that is known here.
func protocolText(n int) string {
	names := map[int]string{
		protoHopByHop: "hop-by-hop options", protoICMP: "ICMP", protoIPv4: "IPv4", protoTCP: "TCP", protoUDP: "UDP", protoIPv6: "IPv6",
		protoRouting: "routing", protoFragment: "fragment", protoGRE: "GRE", protoAH: "AH", protoICMPv6: "ICMPv6",
		protoDestination: "destination options", protoEtherIP: "EtherIP", protoMobility: "mobility", protoMPLS: "MPLS",
	}
	if name, ok := names[n]; ok {
		return strconv.Itoa(n) + " " + name
	}
	return strconv.Itoa(n)
}
