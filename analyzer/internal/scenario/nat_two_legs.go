package scenario

import (
	"fmt"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// Both sides of an address translator in one file: one connection appears as
// two conversations. Nothing is wrong; taken for two they mislead.

var natTwoLegs = Scenario{
	ID:    "nat-two-legs",
	Title: lang.Text{EN: "One connection is seen on both sides of an address translation", ZH: "同一连接在地址转换的两侧都被抓到"},
	Summary: lang.Text{
		EN: "Two conversations with different addresses carry the same numbers: they are one connection before and behind a translator.",
		ZH: "两个地址不同的会话带着相同的序列号：它们是同一个连接在转换设备前后的两段。",
	},
	Meaning: lang.Text{
		EN: "A capture on a router, a balancer or a Kubernetes node sees each packet once with the addresses before and once with those behind the translation. What happens to the connection shows on both legs; it is told once here.",
		ZH: "在路由器、负载均衡或 Kubernetes 节点上抓包，会看到每个包两次：一次是转换前的地址，一次是转换后的地址。连接发生的事情在两段上都会出现，这里只讲述一次。",
	},
	Recognised: []lang.Text{
		{EN: "Two SYNs with different addresses, milliseconds apart at most, share sequence number, timestamp and IP ID.", ZH: "两个地址不同的 SYN 至多相隔几毫秒，序列号、时间戳和 IP ID 都相同。"},
		{EN: "The SYN-ACKs share theirs too.", ZH: "两个 SYN-ACK 的序列号也相同。"},
	},
	Confused: []Confusion{
		{ID: "cross-wired-tuple-collision", Text: lang.Text{EN: "there two different connections get mixed up", ZH: "那里是两个不同的连接互串"}},
		{ID: "synack-from-wrong-address", Text: lang.Text{EN: "there the answer is not translated back", ZH: "那里应答没有被转换回来"}},
		{ID: "duplicate-capture", Text: lang.Text{EN: "there the addresses are the same too", ZH: "那里连地址也相同"}},
	},
	Fixes: []lang.Text{
		{EN: "Nothing to mend. To look at one leg, filter on its addresses.", ZH: "无需修复。若只看其中一段，按其地址过滤即可。"},
	},
	References: []Reference{
		{Title: "TCP analysis and the five-tuple", Author: "Jasper Bongertz", Date: "2015-03", URL: "https://blog.packet-foo.com/2015/03/tcp-analysis-and-the-five-tuple/"},
		{Title: "cilium/cilium#9115", URL: "https://github.com/cilium/cilium/issues/9115"},
	},
	Symptom: SymptomCapture,
	Detect:  detectNATTwoLegs,
}

// Reported when two conversations between different endpoints share the
// client's SYN (sequence number, timestamp, IP ID) and the server's initial
// sequence number. Never more than info. Not reported when one of the legs has
// no answer: then the translation may be the trouble.
func detectNATTwoLegs(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		legs := x.Legs(c)
		if len(legs) < 2 || legs[0].Conversation != c {
			continue
		}
		in := legs[len(legs)-1].Conversation
		if len(c.Handshake().SYNACKs) == 0 || len(in.Handshake().SYNACKs) == 0 {
			continue
		}
		out = append(out, *tellTwoLegs(x, c, in))
	}
	return out
}

func tellTwoLegs(x *Context, c, in *conversation.Conversation) *Finding {
	f := x.finding(Info, Certain, Certain, c, in)
	y, w := firstNumber(c), firstNumber(in)
	if c.Twin != nil {
		return f.tellTwins(c, in)
	}
	f.Summary = lang.T("The connection from %s to %s appears a second time, from %s to %s: both sides of a translation are in the capture.", "从 %s 到 %s 的连接又以 %s 到 %s 的形式出现：抓包包含了地址转换的两侧。", c.Client, c.Server, in.Client, in.Server)
	f.say([]int{y, w}, "The SYN #%d came by again %s later as #%d, with the same sequence number and other addresses.", "SYN #%d 在 %s 后以 #%d 再次出现，序列号相同，地址不同。", y, lang.Duration(in.First-c.First), w)
	z, v := n(c, c.Handshake().SYNACKs[0]), n(in, in.Handshake().SYNACKs[0])
	f.say([]int{z, v}, "Its answer did so too (#%d and #%d). The translator changes %s.", "它的应答同样如此（#%d 与 #%d）。转换设备改变的是%s。", z, v, translated(c, in))
	f.shows(y, "the SYN before translation", "转换前的 SYN")
	f.shows(w, "the SYN behind it", "转换后的 SYN")
	f.may(Certain, lang.Text{EN: "A translator between two capture points, or the capture runs on it", ZH: "两个抓包点之间有地址转换设备，或抓包就在该设备上"}, lang.Text{EN: "conntrack -L or ipvsadm -lnc there.", ZH: "在该设备上执行 conntrack -L 或 ipvsadm -lnc。"})
	f.confirm(lang.Text{EN: "On the translator: its entry.", ZH: "在转换设备上查看条目："}, lang.T("conntrack -L -p tcp --orig-port-src %d", "", c.Client.Port()).EN)
	f.Drawing.Lanes = legLanes(c, in)
	return f.grouped(fmt.Sprint(c.Server, in.Server, c.Client.Addr() != in.Client.Addr()), portLabel(c.Client))
}

// tellTwins tells a device that replaces sequence numbers and leaves the
// addresses alone.
func (f *Finding) tellTwins(c, in *conversation.Conversation) *Finding {
	y, w := firstNumber(c), firstNumber(in)
	f.Title = lang.Text{EN: "One connection is seen on both sides of a device that replaces sequence numbers", ZH: "同一连接在改写序列号的设备两侧都被抓到"}
	f.Summary = lang.T("Each packet between %s and %s is in the capture twice, with two sets of sequence numbers.", "%s 与 %s 之间的每个包都被抓到两次，带着两套序列号。", c.Client, c.Server)
	f.say([]int{y, w}, "The SYN #%d came by again %s later as #%d: same addresses, same IP ID, another sequence number. From then on each packet shows with both sets of numbers; the two are kept apart here.", "SYN #%d 在 %s 后以 #%d 再次出现：地址相同，IP ID 相同，序列号不同。此后每个包都带着两套序列号各出现一次，这里分开处理。", y, lang.Duration(in.First-c.First), w)
	f.shows(y, "the SYN in front of the device", "设备之前的 SYN")
	f.shows(w, "the SYN behind it, with another number", "设备之后的 SYN，序列号不同")
	f.may(Certain, lang.Text{EN: "A firewall or proxy that randomises initial sequence numbers, with the capture on both sides of it", ZH: "会随机化初始序列号的防火墙或代理，抓包点覆盖了它的两侧"}, lang.Text{EN: "The setting for sequence number randomisation on that device.", ZH: "该设备上的序列号随机化设置。"})
	return f.grouped("twins"+c.Server.String(), portLabel(c.Client))
}

// translated names what a translator changes between two legs.
func translated(c, in *conversation.Conversation) lang.Text {
	source, destination := c.Client != in.Client, c.Server != in.Server
	switch {
	case source && destination:
		return lang.Text{EN: "source and destination", ZH: "源地址和目的地址"}
	case source:
		return lang.Text{EN: "the source", ZH: "源地址"}
	}
	return lang.Text{EN: "the destination", ZH: "目的地址"}
}

func legLanes(c, in *conversation.Conversation) []LaneHint {
	lanes := []LaneHint{{Endpoint: c.Client, Role: lang.Text{EN: "client", ZH: "客户端"}}}
	if c.Server != in.Server {
		lanes = append(lanes, LaneHint{Endpoint: c.Server, Role: lang.Text{EN: "translator, client's side", ZH: "转换设备，客户端一侧"}})
	}
	if c.Client != in.Client {
		lanes = append(lanes, LaneHint{Endpoint: in.Client, Role: lang.Text{EN: "translator, server's side", ZH: "转换设备，服务器一侧"}})
	}
	return append(lanes, LaneHint{Endpoint: in.Server, Role: lang.Text{EN: "server", ZH: "服务器"}})
}
