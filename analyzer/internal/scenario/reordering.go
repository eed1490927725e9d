package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// Packets overtake one another on the way. TCP puts them in order again; it
// costs something only when the sender takes it for loss (RFC 4653).

const (
	// reorderFew: so many late segments are worth a word.
	reorderFew = 3
	// reorderHarm: so many needless repetitions because of it make a warning.
	reorderHarm = 3
)

var reordering = Scenario{
	ID:    "reordering",
	Title: lang.Text{EN: "Packets overtook one another", ZH: "包乱序到达"},
	Summary: lang.Text{
		EN: "Segments arrive in another order than they were sent in; nothing is lost.",
		ZH: "报文段到达的顺序与发送顺序不同；没有丢失。",
	},
	Meaning: lang.Text{
		EN: "Packets of one connection take ways of different length: several links or paths that are used packet by packet, or several queues of one device. The receiver sorts them. When a packet is late enough, the receiver's complaints look like loss, and the sender repeats it for nothing and slows down.",
		ZH: "同一连接的包走了长短不同的路：逐包分担的多条链路或路径，或同一设备的多个队列。接收方会重新排序。但若迟到太多，接收方的抱怨看起来像丢包，发送方就会白白重传并降速。",
	},
	Recognised: []lang.Text{
		{EN: "A segment arrives behind later ones, and its IP ID or timestamp is older than theirs.", ZH: "一个报文段在其后的报文段之后才到，而它的 IP ID 或时间戳更旧。"},
		{EN: "It is not sent a second time.", ZH: "它没有被再次发送。"},
	},
	Confused: []Confusion{
		{ID: "packet-loss", Text: lang.Text{EN: "there the segment that fills the hole is a repetition: its IP ID and timestamp are newer", ZH: "那里填补空洞的是重传：IP ID 和时间戳更新"}},
		{ID: "clock-artefact", Text: lang.Text{EN: "several capture queues can swap neighbours by some microseconds without any reordering on the wire", ZH: "多个抓包队列会让相邻包互换几微秒，而线路上并未乱序"}},
	},
	Fixes: []lang.Text{
		{EN: "Nothing to mend as long as nothing is sent again for it.", ZH: "只要没有因此重传，就无需处理。"},
		{EN: "Spread connections, not packets, over parallel links (hash by flow; no round-robin bonding).", ZH: "在并行链路上按连接而非按包分担（按流哈希；不要用轮询绑定）。"},
	},
	References: []Reference{
		{Title: "RFC 4653: Improving the Robustness of TCP to Non-Congestion Events", Date: "2006-08", URL: "https://www.rfc-editor.org/rfc/rfc4653"},
		{Title: "Out-of-order or retransmission", Author: "hannes-software", URL: "https://hannes-software.com/pcap-surgery/blogs/tcp-out-of-order-vs-retransmission-pcap/"},
	},
	Symptom: SymptomSlow,
	Over:    []string{"spurious-retransmission"},
	Detect:  detectReordering,
}

// Reported as info when three or more data segments of a side came behind later
// ones; as a warning when three or more of a side's segments were then sent
// again for nothing. Certain when IP IDs or timestamps prove that they were sent
// first, likely by their little delay alone. Not visible at the sender.
func detectReordering(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		for _, from := range []conversation.Side{client, server} {
			if l := c.Lates(from); len(l) >= reorderFew {
				out = append(out, *tellLate(x, c, from, l))
			}
		}
	}
	return out
}

func tellLate(x *Context, c *conversation.Conversation, from conversation.Side, all []conversation.Late) *Finding {
	f := x.finding(Info, Certain, Possible, c)
	worst, proved, again := all[0], 0, []int{}
	for _, l := range all {
		if l.By > worst.By {
			worst = l
		}
		if l.Proved {
			proved++
		}
		again = append(again, numbers(c, l.Again...)...)
	}
	if proved == 0 {
		f.Symptom = Likely
	}
	if len(again) >= reorderHarm {
		f.Severity = Warning
	}
	f.Summary = lang.T("%s of %s came behind packets that were sent after them, by %s at most; nothing is missing.", "%[2]s 有 %[1]s比后发的包更晚到达，最多晚 %[3]s；没有缺失。",
		lang.Count(len(all), "segment", "segments", "个报文段"), c.Addr(from), lang.Duration(worst.By))
	if worst.Behind >= 0 {
		p := numbers(c, worst.Behind, worst.At)
		f.say(p, "#%d overtook #%d, which came %s later behind %s.", "#%d 超过了 #%d，后者晚 %s 才到，落后于 %s。", p[0], p[1], lang.Duration(worst.By), lang.Count(worst.Others, "later segment", "later segments", "个后发的报文段"))
		f.shows(p[1], "comes late", "迟到")
		f.shows(p[0], "overtook it", "超过了它")
	}
	var late []int
	for _, l := range all {
		late = append(late, n(c, l.At))
	}
	if proved > 0 {
		f.say(late, "The IP ID or timestamp of %s is older than that of packets that came before: they are first sendings, not repetitions (%s).", "%s的 IP ID 或时间戳比先到的包更旧：它们是首次发送，而非重传（%s）。",
			lang.Count(proved, "late segment", "late segments", "个迟到的报文段"), refs(late))
	}
	if len(again) > 0 {
		f.say(again, "The sender took it for loss and sent %s again for nothing (%s).", "发送方误以为丢包，白白重传了 %s（%s）。", lang.Count(len(again), "segment", "segments", "个报文段"), refs(again))
	} else {
		f.say(nil, "None of them was sent again, so it cost nothing.", "没有因此重传，没有造成损失。")
	}
	f.may(Possible, lang.Text{EN: "Packets of one connection are spread over several paths or links", ZH: "同一连接的包被分散到多条路径或链路"}, lang.Text{EN: "Bonding and multipath settings along the path (round-robin, per packet).", ZH: "沿途的链路绑定与多路径设置（轮询、逐包）。"})
	f.may(Possible, lang.Text{EN: "A device delays some packets", ZH: "某设备延迟了部分包"}, lang.Text{EN: "Whether the lateness is always about the same.", ZH: "迟到的时长是否总是相近。"})
	f.confirm(lang.Text{EN: "What the sender's kernel noticed:", ZH: "发送方内核的观察："}, "nstat -az TcpExtTCPSACKReorder TcpExtTCPTSReorder TcpExtTCPDSACKRecv")
	f.Drawing.Lanes = twoLanes(c)
	return f.grouped(c.Server.String(), portLabel(c.Client))
}
