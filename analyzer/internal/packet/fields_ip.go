package packet

import (
	"encoding/binary"
	"strconv"

	"pcaplain/analyzer/internal/lang"
)

var (
	meansDSCP     = text("The service class the sender asks for", "发送方要求的服务等级")
	meansSource   = text("Who the packet says it is from; nothing proves it", "包自称的来源，并无凭证")
	meansTarget   = text("Where the packet goes", "包的目的地")
	meansUpper    = text("What the packet carries", "包承载的协议")
	meansFragment = text("Place of this piece in the original packet, bytes", "该分片在原包中的位置，单位字节")
	meansMore     = text("1: more pieces of this packet follow", "1：后面还有该包的分片")
)

// ttlMeaning guesses the value a packet was sent with: stacks begin at 64, 128
// or 255.
func ttlMeaning(ttl int) lang.Text {
	start := 64
	for _, s := range []int{64, 128, 255} {
		if start = s; ttl <= s {
			break
		}
	}
	if ttl == start {
		return text("Routers still allowed; a usual starting value, so probably none was passed before the capture point",
			"还可经过的路由器数；正是常见的初始值，到抓包点之前多半没有经过路由器")
	}
	return lang.T("Routers still allowed; if it began at %d, the packet has passed %s before the capture point",
		"还可经过的路由器数；若初始值为 %d，则到抓包点之前经过了 %s", start, lang.Count(start-ttl, "router", "routers", "个路由器"))
}

// ecnMeanings are the values of the ECN field (RFC 3168).
var ecnMeanings = [4]lang.Text{
	text("The packet does not take part in congestion notification", "不参与显式拥塞通知"),
	text("Capable of congestion notification, ECT(1)", "支持显式拥塞通知，ECT(1)"),
	text("Capable of congestion notification, ECT(0)", "支持显式拥塞通知，ECT(0)"),
	text("A router marked congestion on the way", "途中的路由器标记了拥塞"),
}

func (v *view) ipv4() {
	header := v.byteAt(0) & 15 * 4
	v.title("IPv4", max(header, ipv4Len))
	v.add("Version", 0, 1, masked(4, 15), none)
	v.say("Header length", 0, 1, strconv.Itoa(header), text("Bytes, options included", "字节数，含选项"))
	v.add("DSCP", 1, 1, masked(2, 63), meansDSCP)
	v.add("ECN", 1, 1, masked(0, 3), ecnMeanings[v.byteAt(1)&3])
	v.add("Total length", 2, 2, number, totalMeaning(v.byteAt(2)<<8|v.byteAt(3)))
	v.add("Identification", 4, 2, hexAndNumber, text("Numbers the sender's packets; a counter, or random, or 0 with DF set", "发送方给包的编号：递增、随机，或在置 DF 时为 0"))
	v.add("Don't fragment", 6, 1, masked(6, 1), text("1: a router that cannot pass it whole must drop it and say so by ICMP", "1：无法整包转发的路由器必须丢弃它，并以 ICMP 告知"))
	v.add("More fragments", 6, 1, masked(5, 1), meansMore)
	v.say("Fragment offset", 6, 2, strconv.Itoa((v.byteAt(6)<<8|v.byteAt(7))&0x1fff*8), meansFragment)
	v.add("TTL", 8, 1, number, ttlMeaning(v.byteAt(8)))
	v.say("Protocol", 9, 1, protocolText(v.byteAt(9)), meansUpper)
	v.add("Header checksum", 10, 2, hexadecimal, v.headerChecksum(header))
	v.add("Source", 12, 4, addressText, meansSource)
	v.add("Destination", 16, 4, addressText, meansTarget)
	if header > ipv4Len {
		v.add("Options", ipv4Len, header-ipv4Len, hexadecimal, none)
	}
}

func totalMeaning(n int) lang.Text {
	if n == 0 {
		return text("0: the network card was to fill it in when cutting the packet up; what the frame holds counts", "0：由网卡在切分包时填写，以帧内实际长度为准")
	}
	return text("Header and payload, bytes; what the frame holds beyond it is padding", "首部与数据的字节数，帧中超出的部分是填充")
}

// headerChecksum says whether the IPv4 header's checksum holds.
func (v *view) headerChecksum(header int) lang.Text {
	switch {
	case header < ipv4Len || !v.has(0, header):
		return none
	case fold(sum(0, v.b[:header])) == 0xffff:
		return text("Right", "正确")
	case binary.BigEndian.Uint16(v.b[10:]) == 0:
		return text("Left for the network card to fill in", "留给网卡填写")
	}
	return text("Wrong: the header was changed after it was written, or the card was to fill it in", "错误：首部在写好之后被改动，或原本留给网卡填写")
}

func (v *view) ipv6() {
	v.title("IPv6", ipv6Len)
	v.add("Version", 0, 1, masked(4, 15), none)
	v.add("DSCP", 0, 2, masked(6, 63), meansDSCP)
	v.add("ECN", 0, 2, masked(4, 3), ecnMeanings[v.byteAt(1)>>4&3])
	v.add("Flow label", 1, 3, masked(0, 1<<20-1), text("The same for all packets of one flow, as the sender sees it", "发送方给同一条流的包相同的值"))
	v.add("Payload length", 4, 2, number, text("Bytes after this header, extension headers included", "本首部之后的字节数，含扩展首部"))
	v.say("Next header", 6, 1, protocolText(v.byteAt(6)), meansUpper)
	v.add("Hop limit", 7, 1, number, ttlMeaning(v.byteAt(7)))
	v.add("Source", 8, 16, addressText, meansSource)
	v.add("Destination", 24, 16, addressText, meansTarget)
	v.extensions(v.byteAt(6))
}

// extensions tells each IPv6 extension header as one field.
func (v *view) extensions(next int) {
	at := ipv6Len
	for range maxExtensions {
		switch next {
		case protoHopByHop, protoDestination, protoRouting, protoMobility, protoFragment, protoAH:
		default:
			return
		}
		if !v.has(at, 8) {
			return
		}
		n := extensionLen(uint8(next), v.b[at:])
		if !v.has(at, n) {
			return
		}
		if next == protoFragment {
			v.add("More fragments", at+3, 1, masked(0, 1), meansMore)
			v.say("Fragment offset", at+2, 2, strconv.Itoa((v.byteAt(at+2)<<8|v.byteAt(at+3))&^7), meansFragment)
		}
		v.say("Extension header", at, n, protocolText(next), none)
		next, at = v.byteAt(at), at+n
		v.length = at
	}
}

// icmpNames are the messages that bear on TCP: type, code, meaning. A code of -1
// stands for any.
type icmpName struct {
	kind, code int
	meaning    lang.Text
}

var icmpNames = []icmpName{
	{0, -1, text("Echo reply", "回显应答")},
	{3, 0, text("Network unreachable", "网络不可达")},
	{3, 1, text("Host unreachable: the last router got no answer from the address", "主机不可达：最后一跳路由器得不到该地址的应答")},
	{3, 2, text("Protocol unreachable", "协议不可达")},
	{3, 3, text("Port unreachable: refused by the host or by a filter before it", "端口不可达：被主机或其前面的过滤器拒绝")},
	{3, 4, text("Too big for the next link, and it must not be fragmented", "超过下一段链路的 MTU，且不允许分片")},
	{3, 9, text("Forbidden by policy: network", "策略禁止：网络")},
	{3, 10, text("Forbidden by policy: host", "策略禁止：主机")},
	{3, 13, text("Forbidden by policy: a filter refused it", "策略禁止：被过滤器拒绝")},
	{3, -1, text("Destination unreachable", "目的不可达")},
	{5, -1, text("Redirect: a better router is on the same link", "重定向：同一链路上有更合适的路由器")},
	{8, -1, text("Echo request", "回显请求")},
	{11, 0, text("TTL ran out on the way: a loop, or a trace", "TTL 在途中耗尽：路由环路，或路径探测")},
	{11, 1, text("A fragment never came", "有分片始终没有到达")},
}

var icmp6Names = []icmpName{
	{1, 0, text("No route to the destination", "没有到目的地的路由")},
	{1, 1, text("Forbidden by policy", "策略禁止")},
	{1, 3, text("Address unreachable: no answer from it on its link", "地址不可达：在其链路上得不到应答")},
	{1, 4, text("Port unreachable: refused by the host or by a filter before it", "端口不可达：被主机或其前面的过滤器拒绝")},
	{1, -1, text("Destination unreachable", "目的不可达")},
	{2, -1, text("Too big for the next link", "超过下一段链路的 MTU")},
	{3, -1, text("Hop limit ran out on the way", "跳数在途中耗尽")},
	{4, -1, text("A header could not be understood", "首部无法理解")},
	{128, -1, text("Echo request", "回显请求")},
	{129, -1, text("Echo reply", "回显应答")},
	{135, -1, text("Asks who has an address (neighbour solicitation)", "询问谁拥有某地址（邻居请求）")},
	{136, -1, text("Says who has an address (neighbour advertisement)", "声明谁拥有某地址（邻居通告）")},
}

func icmpMeaning(names []icmpName, kind, code int) lang.Text {
	for _, n := range names {
		if n.kind == kind && (n.code == code || n.code < 0) {
			return n.meaning
		}
	}
	return none
}

func (v *view) icmpv4() {
	v.title("ICMP", icmpLen)
	v.icmp(icmpNames)
	if v.byteAt(0) == icmpUnreachable && v.byteAt(1) == icmpFragmentationNeeded {
		v.add("Next-hop MTU", 6, 2, number, meansMTU)
	}
}

var meansMTU = text("The largest packet the next link takes, bytes", "下一段链路允许的最大包，单位字节")

func (v *view) icmpv6() {
	v.title("ICMPv6", icmpLen)
	v.icmp(icmp6Names)
	switch v.byteAt(0) {
	case icmp6PacketTooBig:
		v.add("MTU", 4, 4, number, meansMTU)
	case icmp6Solicitation, icmp6Advertisement:
		v.length = len(v.b)
		v.add("Target", 8, 16, addressText, none)
	}
}

func (v *view) icmp(names []icmpName) {
	v.add("Type", 0, 1, number, icmpMeaning(names, v.byteAt(0), v.byteAt(1)))
	v.add("Code", 1, 1, number, none)
	v.add("Checksum", 2, 2, hexadecimal, none)
}
