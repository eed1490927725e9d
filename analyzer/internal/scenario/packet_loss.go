package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// Data segments are lost and sent again. A few repetitions are how TCP works; it
// is trouble when they are many or when the stream stands still for them
// (RFC 5681, RFC 6298).

const (
	// lossFew: up to so many lost segments are nobody's trouble unless they cost
	// time.
	lossFew = 2
	// lossShare: from this share of the data segments on a transfer feels it:
	// throughput falls with the square root of loss (Mathis et al., 1997).
	lossShare = 0.01
	// lossWait: a stream that stood still this long for retransmission timers is
	// noticed, in ns.
	lossWait = 400 * lang.Millisecond
)

var packetLoss = Scenario{
	ID:    "packet-loss",
	Title: lang.Text{EN: "Packets were lost and had to be sent again", ZH: "包丢失，不得不重传"},
	Summary: lang.Text{
		EN: "A noticeable share of the data was lost on the way and sent again, which slows the transfer down.",
		ZH: "相当一部分数据在途中丢失后重传，传输因此变慢。",
	},
	Meaning: lang.Text{
		EN: "Somewhere on the path packets are dropped: a full queue, a rate limit, a bad cable or radio link, a duplex mismatch, an overloaded device. TCP repairs it, at the price of time and of a smaller sending rate.",
		ZH: "路径上某处在丢包：队列已满、限速、线缆或无线链路不良、双工模式不匹配、设备过载。TCP 会修复，代价是时间和更低的发送速率。",
	},
	Recognised: []lang.Text{
		{EN: "The receiver acknowledges the same byte again and again, or names what it got beyond a hole (SACK).", ZH: "接收方一再确认同一字节，或用 SACK 指出空洞之后收到的数据。"},
		{EN: "The missing segment is sent again, and the acknowledgement jumps ahead.", ZH: "缺失的报文段重传之后，确认号向前跳跃。"},
	},
	Confused: []Confusion{
		{ID: "reordering", Text: lang.Text{EN: "there the segment only comes late: its IP ID or timestamp is older than that of its neighbours", ZH: "那里报文段只是来晚了：它的 IP ID 或时间戳比邻近的包更早"}},
		{ID: "duplicate-capture", Text: lang.Text{EN: "there the same packet was recorded twice: equal IP ID, almost no delay", ZH: "那里是同一个包被抓了两次：IP ID 相同，几乎没有延迟"}},
		{ID: "capture-loss", Text: lang.Text{EN: "there the receiver acknowledges bytes that the file lacks, and nothing is sent again", ZH: "那里接收方确认了文件中没有的字节，且没有重传"}},
		{ID: "pmtud-blackhole", Text: lang.Text{EN: "there only large packets are lost, always", ZH: "那里只有大包丢失，且每次都丢"}},
	},
	Fixes: []lang.Text{
		{EN: "Find the lossy element by capturing on both sides of it, then replace, re-cable or relieve it.", ZH: "在可疑设备两侧同时抓包，找出丢包的环节，然后更换、重新布线或减轻其负载。"},
		{EN: "On a rate-limited path, shape instead of policing, or pace the sender.", ZH: "在限速的路径上，用整形代替监管丢弃，或让发送方平滑发送（pacing）。"},
	},
	References: []Reference{
		{Title: "RFC 5681: TCP Congestion Control, section 3.2", Date: "2009-09", URL: "https://www.rfc-editor.org/rfc/rfc5681#section-3.2"},
		{Title: "Packet loss in captures", Author: "hannes-software", URL: "https://hannes-software.com/pcap-surgery/blogs/packet-loss-pcap-analysis-retransmission/"},
	},
	Symptom: SymptomSlow,
	Over:    []string{"tail-loss-rto", "reordering", "synack-unacknowledged", "syn-no-answer", "who-is-slow", "client-gave-up"},
	Detect:  detectPacketLoss,
}

// Reported as a warning when three or more data segments of a side were lost and
// are 1 % or more of its segments (two, if the stream stood still for 0.2 s for
// them), or the stream stood still for 0.4 s or more; as info for a smaller
// repaired loss of two or more. Not reported for needless repetitions (D-SACK),
// for a single repaired loss, for the lost end of a burst (tail-loss-rto), nor
// when the other side was never heard.
func detectPacketLoss(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		if c.OneSided() {
			continue
		}
		for _, from := range []conversation.Side{conversation.Client, conversation.Server} {
			if f := lossOf(x, c, c.Losses(from)); f != nil {
				out = append(out, *f)
			}
		}
	}
	return out
}

func lossOf(x *Context, c *conversation.Conversation, l conversation.Losses) *Finding {
	body, tails := splitTails(l)
	if len(body) == 0 || l.Lost < lossFew && l.Waited < lossWait || len(body) < tails {
		return nil
	}
	share := float64(l.Lost) / float64(max(c.Flows[l.From].Data, 1))
	return tellLoss(x, c, l, body, lossSeverity(l, share), share)
}

func lossSeverity(l conversation.Losses, share float64) string {
	many := l.Lost > lossFew || l.Lost == lossFew && l.Waited >= tailWait
	if many && share >= lossShare || l.Waited >= lossWait {
		return Warning
	}
	return Info
}

// splitTails separates losses in the middle of a stream from lost ends.
func splitTails(l conversation.Losses) (body []conversation.Loss, tails int) {
	for _, x := range l.All {
		switch {
		case !x.Real():
		case x.Tail && !x.Fast:
			tails++
		default:
			body = append(body, x)
		}
	}
	return body, tails
}

func tellLoss(x *Context, c *conversation.Conversation, l conversation.Losses, body []conversation.Loss, severity string, share float64) *Finding {
	f := x.finding(severity, Certain, Possible, c).waited(l.Waited)
	from := c.Addr(l.From)
	lost := lang.Count(l.Lost, "data segment", "data segments", "个数据报文段")
	f.Summary = lang.T("%s sent again by %s, %s of its data segments.", "%[2]s 重传了 %[1]s，占其数据报文段的 %[3]s。", lost, from, lang.Percent(share))
	if l.Waited > 0 {
		f.Summary = lang.T("%s The stream stood still for %s in all.", "%s数据流合计停顿 %s。", f.Summary, lang.Duration(l.Waited))
	}
	first := body[0]
	repeat := n(c, first.Repeats[0])
	tellFirstLoss(f, c, l, first)
	if len(l.All) > 1 {
		all := repeatsOf(c, l)
		f.say(all, "In all, %s were sent again (%s).", "总共重传了 %s（%s）。", lang.Count(l.Lost, "segment", "segments", "个报文段"), refs(all))
	}
	tellWhere(f, c, l, body)
	switch {
	case l.Waited >= lossWait && l.Lost == 1:
		f.say([]int{repeat}, "Only a timer noticed; the stream waited %s for it.", "只能靠定时器发现，数据流为此等待 %s。", lang.Duration(l.Waited))
	case l.Waited >= lossWait:
		f.say([]int{repeat}, "For %s of them only a timer noticed; together the stream waited %s.", "其中 %s 次只能靠定时器发现，数据流合计等待 %s。", lang.Number(int64(timeouts(l))), lang.Duration(l.Waited))
	}
	for _, b := range body[:min(len(body), 8)] {
		f.shows(n(c, b.Repeats[0]), "sent again", "重传")
	}
	causesLoss(f, c, l)
	f.Drawing.Lanes = twoLanes(c)
	return f.grouped(c.Server.String(), portLabel(c.Client))
}

func tellFirstLoss(f *Finding, c *conversation.Conversation, l conversation.Losses, first conversation.Loss) {
	at := first.Repeats[0]
	s := &c.Segments[at]
	asked := c.AskedAgain(at)
	switch {
	case first.Fast && len(asked) > 0:
		f.say(append(numbers(c, asked...), int(s.Number)), "The receiver asked for byte %s again (%s), and it was sent again #%d.", "接收方一再要求第 %s 字节（%s），随后该数据重传 #%d。",
			lang.Number(int64(c.RelSeq(s))), refs(numbers(c, asked...)), s.Number)
	case first.Timeout:
		f.say([]int{int(s.Number)}, "The segment from byte %s was sent again by the timer #%d.", "从第 %s 字节开始的报文段由定时器触发重传 #%d。", lang.Number(int64(c.RelSeq(s))), s.Number)
	default:
		f.say([]int{int(s.Number)}, "The segment from byte %s was sent again #%d.", "从第 %s 字节开始的报文段重传 #%d。", lang.Number(int64(c.RelSeq(s))), s.Number)
	}
}

func repeatsOf(c *conversation.Conversation, l conversation.Losses) []int {
	var out []int
	for _, x := range l.All {
		if x.Real() {
			out = append(out, numbers(c, x.Repeats...)...)
		}
	}
	return out
}

func timeouts(l conversation.Losses) int {
	count := 0
	for _, x := range l.All {
		if x.Timeout && x.Real() {
			count++
		}
	}
	return count
}

// tellWhere says on which side of the capture point the losses lie.
func tellWhere(f *Finding, c *conversation.Conversation, l conversation.Losses, body []conversation.Loss) {
	before, after := 0, 0
	for _, b := range body {
		if b.NotHere {
			before++
		} else {
			after++
		}
	}
	packets := numbers(c, body[0].Repeats[0])
	switch {
	case after == 0 && len(body) == 1:
		f.say(packets, "Its first sending is not in this capture: it was lost between %s and the capture point.", "它的首次发送不在抓包中：丢失发生在 %s 与抓包点之间。", c.Addr(l.From))
	case before == 0 && len(body) == 1:
		f.say(packets, "Its first sending passed this capture point: it was lost between it and %s.", "它的首次发送经过了抓包点：丢失发生在抓包点与 %s 之间。", c.Addr(l.From.Other()))
	case after == 0:
		f.say(packets, "None of their first sendings is in this capture: they were lost between %s and the capture point.", "它们的首次发送都不在抓包中：丢失发生在 %s 与抓包点之间。", c.Addr(l.From))
	case before == 0:
		f.say(packets, "All their first sendings passed this capture point: they were lost between it and %s.", "它们的首次发送都经过了抓包点：丢失发生在抓包点与 %s 之间。", c.Addr(l.From.Other()))
	default:
		f.say(packets, "%d were lost before this capture point and %d behind it.", "其中 %d 个在抓包点之前丢失，%d 个在其后丢失。", before, after)
	}
}

func causesLoss(f *Finding, c *conversation.Conversation, l conversation.Losses) {
	f.may(Possible, lang.Text{EN: "A full queue or a rate limit on the path", ZH: "路径上队列已满或有限速"},
		lang.Text{EN: "Drop counters of the devices on the path; losses that come in bursts once the rate rises.", ZH: "沿途设备的丢弃计数；速率升高后成串出现的丢失。"})
	f.may(Possible, lang.Text{EN: "A bad link: cable, optics, radio, duplex", ZH: "链路不良：线缆、光模块、无线、双工"},
		lang.Text{EN: "Error counters of the interfaces on both ends (ethtool -S).", ZH: "两端接口的错误计数（ethtool -S）。"})
	f.confirm(lang.Text{EN: "Capture on both ends at once and compare; this conversation only:", ZH: "两端同时抓包对比，只抓这个连接："}, tcpdump(filterHost(c)))
	f.confirm(lang.Text{EN: "What the sender's kernel counts:", ZH: "发送方内核的计数："}, "nstat -az TcpRetransSegs TcpExtTCPFastRetrans TcpExtTCPTimeouts TcpExtTCPLostRetransmit")
}
