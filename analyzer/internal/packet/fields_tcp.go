package packet

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"pcaplain/analyzer/internal/capture"
	"pcaplain/analyzer/internal/lang"
)

var (
	meansSourcePort = text("With the source address, the sender's endpoint", "与源地址一起构成发送方的端点")
	meansDestPort   = text("With the destination address, the receiver's endpoint", "与目的地址一起构成接收方的端点")
	meansSeq        = text("Number of the first payload byte in the sender's stream; SYN and FIN take one number each", "首个数据字节在发送方字节流中的编号，SYN 与 FIN 各占一个编号")
	meansAck        = text("The next byte the sender waits for: all before it has arrived", "发送方期待的下一个字节，此前的都已收到")
	meansAckUnset   = text("Means nothing: the ACK flag is not set", "没有意义：未置 ACK 标志")
	meansHeader     = text("Bytes, options included", "字节数，含选项")
	meansWindow     = text("How much more the sender can take in, before the scale of its SYN is applied", "发送方还能接收的数据量，需再乘以其 SYN 中的缩放因子")
	meansSYNWindow  = text("How much the sender can take in, bytes; never scaled in a SYN", "发送方能接收的字节数，SYN 中的窗口不缩放")
	meansZeroWindow = text("0: the sender's buffer is full, the peer must wait", "0：发送方的接收缓冲区已满，对端必须等待")
	meansUrgent     = text("End of urgent data, counted from the sequence number; holds with URG alone", "紧急数据的末尾，相对序号计；仅在置 URG 时有效")
)

// tcpFlag is the name of a flag and what it says.
type tcpFlag struct {
	name    string
	meaning lang.Text
}

// tcpFlags are the flags by their bit.
var tcpFlags = [8]tcpFlag{
	{"FIN", text("the sender has sent all it will send", "发送方不再发送数据")},
	{"SYN", text("opens a connection and sets the first sequence number", "建立连接，并给出初始序号")},
	{"RST", text("the connection is over at once, or never was", "连接立即作废，或从未存在")},
	{"PSH", text("hand the data to the application now", "立即把数据交给应用")},
	{"ACK", text("the acknowledgment number counts", "确认号有效")},
	{"URG", text("the urgent pointer counts", "紧急指针有效")},
	{"ECE", text("congestion was marked on the way; in a SYN: ECN is offered", "途中有拥塞标记；在 SYN 中表示支持 ECN")},
	{"CWR", text("the sender has slowed down; in a SYN: ECN is offered", "发送方已减速；在 SYN 中表示支持 ECN")},
}

func flagsText(flags uint8) string {
	var names []string
	for i, f := range tcpFlags {
		if flags>>i&1 == 1 {
			names = append(names, f.name)
		}
	}
	return strings.Join(names, " ")
}

// flagsMeaning says what each flag that is set says.
func flagsMeaning(flags uint8) lang.Text {
	var said []lang.Text
	for i, f := range tcpFlags {
		if flags>>i&1 == 1 {
			said = append(said, lang.T("%s: %s", "%s：%s", f.name, f.meaning))
		}
	}
	return lang.Join(said, text("; ", "；"))
}

func windowMeaning(flags uint8, window int) lang.Text {
	switch {
	case flags&SYN != 0:
		return meansSYNWindow
	case window == 0 && flags&RST == 0:
		return meansZeroWindow
	}
	return meansWindow
}

func ackMeaning(flags uint8) lang.Text {
	if flags&ACK == 0 {
		return meansAckUnset
	}
	return meansAck
}

// checksumMeanings are the states of the checksum, in their order.
var checksumMeanings = [...]lang.Text{
	ChecksumUnverified: text("Not verified: not all of the segment is in the capture", "未校验：抓包中没有完整的报文段"),
	ChecksumGood:       text("Right", "正确"),
	ChecksumPartial: text("Unfinished: it covers the addresses alone. The network card completes it behind the capture point; on loopback and virtual links nobody does",
		"尚未算完：只含地址等伪首部的和。网卡在抓包点之后补全；在环回接口和虚拟链路上不会补全"),
	ChecksumZero: text("Zero: left out, as on loopback or for the network card to fill in", "为零：没有填写，常见于环回接口或留给网卡填写"),
	ChecksumBad:  text("Wrong: a receiver drops this segment without a word", "错误：接收方会直接丢弃该报文段"),
}

func (v *view) tcp() {
	flags, header := uint8(v.byteAt(13)), v.byteAt(12)>>4*4
	v.title("TCP", max(header, tcpLen))
	v.add("Source port", 0, 2, number, meansSourcePort)
	v.add("Destination port", 2, 2, number, meansDestPort)
	v.add("Sequence number", 4, 4, number, meansSeq)
	v.add("Acknowledgment number", 8, 4, number, ackMeaning(flags))
	v.say("Header length", 12, 1, strconv.Itoa(header), meansHeader)
	v.say("Flags", 13, 1, flagsText(flags), flagsMeaning(flags))
	v.add("Window", 14, 2, number, windowMeaning(flags, v.byteAt(14)<<8|v.byteAt(15)))
	v.add("Checksum", 16, 2, hexadecimal, checksumMeanings[v.p.Checksum])
	v.add("Urgent pointer", 18, 2, number, meansUrgent)
	if header > tcpLen && len(v.b) > tcpLen {
		v.options(tcpLen, min(header, len(v.b)), flags)
	}
}

// options tells each TCP option between two offsets as one field.
func (v *view) options(at, end int, flags uint8) {
	for at < end {
		kind := v.byteAt(at)
		if kind == kindEnd {
			v.say("Option: end of list", at, 1, "0", none)
			return
		}
		if kind == kindNOP {
			v.say("Option: NOP", at, 1, "1", text("Filler, keeps what follows aligned", "填充，用于对齐"))
			at++
			continue
		}
		if at+2 > end {
			return
		}
		n := v.byteAt(at + 1)
		if n < 2 || at+n > end {
			v.say("Option "+strconv.Itoa(kind), at, 2, fmt.Sprintf("length %d", n), text("Cut, or of a length that does not fit", "被截断，或长度与首部不符"))
			return
		}
		name, value, meaning := optionText(uint8(kind), v.b[at+2:at+n], flags)
		v.say("Option: "+name, at, n, value, meaning)
		at += n
	}
}

// optionText is the name, value and meaning of one option.
func optionText(kind uint8, value []byte, flags uint8) (name, spelt string, meaning lang.Text) {
	var p Packet
	p.Flags = flags
	p.option(kind, value)
	switch {
	case p.Has(OptMSS):
		return "MSS", number(value), text("Largest payload the sender takes in one segment, bytes", "发送方在一个报文段中能接收的最大数据量，单位字节")
	case p.Has(OptWindowScale):
		return "window scale", number(value), lang.T("The sender's later windows count times %d, if both sides send this option",
			"双方都带此选项时，发送方之后的窗口乘以 %d", int64(1)<<min(p.WindowScale, 14))
	case p.Has(OptSACKPermitted):
		return "SACK permitted", "", text("The sender understands selective acknowledgments", "发送方支持选择确认")
	case p.Has(OptSACK):
		return "SACK", sackText(p.SACK[:p.SACKCount]), text("Arrived beyond the acknowledgment number; what lies between is missing", "确认号之后已收到的数据，其间的仍缺")
	case p.Has(OptTimestamps):
		return "timestamps", fmt.Sprintf("%d, echo %d", p.TSVal, p.TSEcr), text("The sender's clock, and the last value it had from the peer", "发送方的时钟值，以及它最近收到的对端时钟值")
	case p.Has(OptFastOpen):
		return "Fast Open", fmt.Sprintf("cookie of %d bytes", p.FastOpen), fastOpenMeaning(p.FastOpen)
	case p.Has(OptTOA):
		return "client address", p.TOA.String(), text("Added by a load balancer: the client's own endpoint", "由负载均衡设备添加：客户端的真实端点")
	case p.Has(OptMD5):
		return "authentication", hexText(value), text("A signature over the segment", "对报文段的签名")
	case p.Has(OptMPTCP):
		return "Multipath TCP", hexText(value), text("The connection may use several paths", "连接可使用多条路径")
	}
	return "kind " + strconv.Itoa(int(kind)), hexText(value), none
}

func fastOpenMeaning(cookie uint8) lang.Text {
	if cookie == 0 {
		return text("Asks for a cookie, to send data in the next SYN", "请求 Cookie，以便下次在 SYN 中携带数据")
	}
	return text("A cookie, with which data may come in the SYN", "Cookie，凭它可在 SYN 中携带数据")
}

func hexText(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	return hexadecimal(b)
}

func sackText(blocks []SACKBlock) string {
	spelt := make([]string, len(blocks))
	for i, b := range blocks {
		spelt[i] = fmt.Sprintf("%d-%d", b.Left, b.Right)
	}
	return strings.Join(spelt, ", ")
}

// listedFields tells what a listing's line states; there are no bytes to point
// at.
func listedFields(l *capture.Line, p *Packet) []Layer {
	ip := Layer{Name: ipName(p.Src), Offset: -1}
	ip.state(true, "Source", p.Src.String(), meansSource)
	ip.state(true, "Destination", p.Dst.String(), meansTarget)
	ip.state(p.Knows(KnownTTL), "TTL", strconv.Itoa(int(p.TTL)), ttlMeaning(int(p.TTL)))
	ip.state(p.Knows(KnownIPID), "Identification", strconv.Itoa(int(p.IPID)), none)
	tcp := Layer{Name: "TCP", Offset: -1}
	tcp.state(true, "Source port", strconv.Itoa(int(p.SrcPort)), meansSourcePort)
	tcp.state(true, "Destination port", strconv.Itoa(int(p.DstPort)), meansDestPort)
	tcp.state(p.Knows(KnownSeq), "Sequence number", strconv.FormatUint(uint64(p.Seq), 10), meansSeq)
	tcp.state(p.Knows(KnownAck), "Acknowledgment number", strconv.FormatUint(uint64(p.Ack), 10), ackMeaning(p.Flags))
	tcp.state(true, "Flags", flagsText(p.Flags), flagsMeaning(p.Flags))
	tcp.state(p.Knows(KnownWindow), "Window", strconv.Itoa(int(p.Window)), windowMeaning(p.Flags, int(p.Window)))
	tcp.state(p.Knows(KnownPayloadLen), "Payload length", strconv.Itoa(p.PayloadLen), payloadMeaning(&Packet{}))
	tcp.state(l.Known&capture.KnownChecksum != 0 && l.BadChecksum, "Checksum", "incorrect",
		text("Wrong or unfinished, a listing does not tell which", "错误或尚未算完，文本清单无法区分"))
	tcp.Fields = append(tcp.Fields, listedOptions(l, p.Flags)...)
	line := Layer{Name: "Listing", Offset: -1}
	line.state(true, "Line", strconv.Itoa(l.SourceLine), none)
	line.state(true, "Text", l.Text, text("The line as it stood", "原文"))
	return []Layer{ip, tcp, line}
}

func listedOptions(l *capture.Line, flags uint8) []Field {
	v := &view{b: l.Options}
	v.options(0, len(l.Options), flags)
	for i := range v.fields {
		v.fields[i].Offset, v.fields[i].Length = -1, 0
	}
	return v.fields
}

func ipName(a netip.Addr) string {
	if a.Is4() {
		return "IPv4"
	}
	return "IPv6"
}

// state adds a field that has no bytes, if it is known.
func (l *Layer) state(known bool, name, value string, meaning lang.Text) {
	if known {
		l.Fields = append(l.Fields, Field{Name: name, Value: value, Offset: -1, Meaning: meaning})
	}
}
