package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// The network delivers one packet twice. A second recording by the capture
// leaves no trace at the receiver; a second delivery draws a D-SACK (RFC 2883).

var packetDuplicated = Scenario{
	ID:    "packet-duplicated",
	Title: lang.Text{EN: "The network delivered packets twice", ZH: "网络把包投递了两次"},
	Summary: lang.Text{
		EN: "The same packets arrive twice, and the receiver reports them as duplicates: not the capture but the network doubled them.",
		ZH: "同样的包到达两次，接收方报告为重复：使之翻倍的是网络，而不是抓包。",
	},
	Meaning: lang.Text{
		EN: "A device or a link on the path copies packets: a switch that floods, a wireless link that repeats a frame although it arrived, a mirror port wired back into the network. TCP drops the copies; they cost bandwidth and can make the sender misjudge loss.",
		ZH: "途中的设备或链路复制了包：泛洪的交换机、帧已送达却仍重发的无线链路、接回网络的镜像端口。TCP 会丢弃副本；它们浪费带宽，还可能让发送方误判丢包。",
	},
	Recognised: []lang.Text{
		{EN: "Two packets of one direction with the same IP ID and TTL, close together.", ZH: "同一方向的两个包 IP ID 与 TTL 相同，相隔很近。"},
		{EN: "The receiver answers the second with a duplicate SACK for exactly its bytes.", ZH: "接收方对第二个包回应 D-SACK，恰好覆盖其字节。"},
	},
	Confused: []Confusion{
		{ID: "duplicate-capture", Text: lang.Text{EN: "there the receiver answers once: the packet came only once", ZH: "那里接收方只回应一次：包只来了一次"}},
		{ID: "spurious-retransmission", Text: lang.Text{EN: "there the sender sent it twice, with a new IP ID", ZH: "那里是发送方发了两次，IP ID 是新的"}},
	},
	Fixes: []lang.Text{
		{EN: "Find the place by capturing at several points; look for loops, mirror ports and flooding switches.", ZH: "在多个位置抓包定位；检查环路、镜像端口和泛洪的交换机。"},
	},
	References: []Reference{
		{Title: "RFC 2883: An Extension to the SACK Option (D-SACK)", Date: "2000-07", URL: "https://www.rfc-editor.org/rfc/rfc2883"},
	},
	Symptom: SymptomCapture,
	Over:    []string{"duplicate-capture", "spurious-retransmission", "reordering"},
	Detect:  detectPacketDuplicated,
}

// Reported as info when the receiver reports a D-SACK for the bytes of a packet
// that is in the capture twice with the same IP ID, three times or more. Not
// reported when the second recordings draw no answer (duplicate-capture).
func detectPacketDuplicated(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		for _, from := range []conversation.Side{client, server} {
			if d := c.DeliveredTwice(from); len(d) >= reorderFew {
				out = append(out, *tellDuplicated(x, c, from, d))
			}
		}
	}
	return out
}

func tellDuplicated(x *Context, c *conversation.Conversation, from conversation.Side, all []conversation.Twice) *Finding {
	f := x.finding(Info, Certain, Possible, c)
	a := all[0]
	first, second, report := n(c, a.First), n(c, a.Second), n(c, a.Report)
	f.Summary = lang.T("%s of %s arrived twice; %s reports each as a duplicate.", "%[2]s 的 %[1]s到达了两次；%[3]s 逐一报告为重复。",
		lang.Count(len(all), "packet", "packets", "个包"), c.Addr(from), c.Addr(from.Other()))
	f.say([]int{first, second}, "#%d and #%d are one packet: same IP ID %d, same TTL, same bytes, %s apart.", "#%d 与 #%d 是同一个包：IP ID 同为 %d，TTL 相同，字节相同，相隔 %s。", first, second, c.Segments[a.First].IPID, elapsed(c, a.First, a.Second))
	f.shows(second, "the same packet, delivered again", "同一个包，再次投递")
	f.say([]int{report}, "The receiver answered the second one with a D-SACK #%d: it really came twice.", "接收方对第二个回应了 D-SACK #%d：它确实来了两次。", report)
	f.shows(report, "reports the bytes as arrived twice", "报告这些字节到达两次")
	var reports []int
	for _, d := range all {
		reports = append(reports, n(c, d.Report))
	}
	f.say(reports, "So it is with %s (%s).", "这样的包共 %s（%s）。", lang.Count(len(all), "packet", "packets", "个"), refs(reports))
	f.excludes(lang.Text{EN: "A capture that recorded packets twice", ZH: "抓包重复记录"}, lang.T("#%d: the receiver got it twice.", "#%d：接收方收到了两次。", report))
	f.may(Possible, lang.Text{EN: "A link or device on the path repeats or floods frames", ZH: "途中的链路或设备重复或泛洪帧"}, lang.Text{EN: "Captures before and behind each device.", ZH: "在各设备前后抓包。"})
	f.confirm(lang.T("At %s: does the packet leave once.", "在 %s 处确认：包是否只发出一次。", c.Addr(from)), tcpdump(filterHost(c)))
	f.Drawing.Lanes = twoLanes(c)
	return f.grouped(c.Server.String(), portLabel(c.Client))
}
