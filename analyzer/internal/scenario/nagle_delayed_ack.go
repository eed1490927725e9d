package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// A program writes a message in small pieces. Nagle's algorithm keeps the second
// piece back until the first is acknowledged; the receiver delays that
// acknowledgement, hoping for data to send it with. Both wait.

const (
	// nagleFew: so many waits make a habit.
	nagleFew = 3
	// nagleMany waits of nearly one length (nagleSpread, in ns) can be nothing else.
	nagleMany   = 5
	nagleSpread = 5 * lang.Millisecond
)

var nagleDelayedACK = Scenario{
	ID:    "nagle-delayed-ack",
	Title: lang.Text{EN: "Each message waits for a delayed acknowledgement", ZH: "每条消息都要等一个延迟确认"},
	Summary: lang.Text{
		EN: "A message is written in small pieces; the second piece is held back until the first is acknowledged, and the acknowledgement is held back as well.",
		ZH: "一条消息分成几小块写出；第二块要等第一块被确认才发，而确认又被推迟。",
	},
	Meaning: lang.Text{
		EN: "Two economies get into each other's way. The sender joins small writes while something is unacknowledged (Nagle's algorithm); the receiver delays acknowledgements by 40 ms (Linux) or 200 ms (Windows, BSD) to send them together with data. When a program writes header and body separately and then waits for an answer, every message costs that time.",
		ZH: "两种节省相互掣肘。只要还有未确认的数据，发送方就把小的写操作攒起来（Nagle 算法）；接收方则把确认推迟 40 毫秒（Linux）或 200 毫秒（Windows、BSD），以便随数据一起发送。程序若把头部和正文分开写、再等应答，每条消息都要付出这段时间。",
	},
	Recognised: []lang.Text{
		{EN: "A short segment is acknowledged only after some 40 ms or 200 ms, by a packet without data.", ZH: "一个短报文段在约 40 毫秒或 200 毫秒后才被确认，确认不带数据。"},
		{EN: "Right after that acknowledgement the same sender's next short segment leaves.", ZH: "确认一到，同一发送方的下一个短报文段立即发出。"},
		{EN: "The answer comes only after the second piece.", ZH: "应答在第二块之后才来。"},
	},
	Confused: []Confusion{
		{ID: "who-is-slow", Text: lang.Text{EN: "there the packet that ends the pause carries the answer", ZH: "那里结束停顿的包携带的是应答"}},
		{ID: "window-limited", Text: lang.Text{EN: "there the sender waits for room in the window", ZH: "那里发送方在等窗口腾出空间"}},
		{ID: "tail-loss-rto", Text: lang.Text{EN: "there something is sent again", ZH: "那里有数据重传"}},
	},
	Fixes: []lang.Text{
		{EN: "Write the whole message at once (one write, writev, or a buffered writer that is flushed at the end).", ZH: "一次写出整条消息（单次 write、writev，或最后才 flush 的缓冲写）。"},
		{EN: "Set TCP_NODELAY on the sender, or TCP_CORK around the pieces.", ZH: "在发送方设置 TCP_NODELAY，或用 TCP_CORK 包住各块。"},
		{EN: "Where only the receiver can be changed: TCP_QUICKACK, renewed after each read.", ZH: "若只能改接收方：使用 TCP_QUICKACK，每次读取后重新设置。"},
	},
	References: []Reference{
		{Title: "RFC 9293, section 3.7.4: Nagle Algorithm", Date: "2022-08", URL: "https://www.rfc-editor.org/rfc/rfc9293#section-3.7.4"},
		{Title: "TCP Nagle and delayed ACK: small-packet latency", Author: "hannes-software", URL: "https://hannes-software.com/pcap-surgery/blogs/tcp-nagle-delayed-ack-small-packet-latency/"},
		{Title: "TCP Nagle vs delayed ACK: the 40 ms latency deadlock", Author: "hivebook.wiki", URL: "https://hivebook.wiki/wiki/tcp-nagle-vs-delayed-ack-the-40ms-latency-deadlock"},
	},
	Symptom: SymptomSlow,
	Over:    []string{"who-is-slow"},
	Detect:  detectNagle,
}

// Reported as a warning when three times or more a segment shorter than full
// was acknowledged only after 35 to 60 or 150 to 220 ms (beyond the round trip)
// by a packet without data, and the next short segment of the same sender left
// right then; certain from five times on with delays within 5 ms of each other.
// Not reported when the window, a loss or a selective acknowledgement explains
// the wait.
func detectNagle(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		if c.OneSided() {
			continue
		}
		for _, from := range []conversation.Side{client, server} {
			if w := c.AckWaits(from); len(w) >= nagleFew {
				out = append(out, *tellNagle(x, c, from, w))
			}
		}
	}
	return out
}

func spread(w []conversation.AckWait) (least, most, sum int64) {
	least = w[0].Delay
	for _, a := range w {
		least, most, sum = min(least, a.Delay), max(most, a.Delay), sum+a.Delay
	}
	return least, most, sum
}

func tellNagle(x *Context, c *conversation.Conversation, from conversation.Side, w []conversation.AckWait) *Finding {
	least, most, sum := spread(w)
	f := x.finding(Warning, Likely, Likely, c).waited(sum)
	if len(w) >= nagleMany && most-least < nagleSpread {
		f.Symptom, f.Cause = Certain, Certain
	}
	sender, receiver := c.Addr(from), c.Addr(from.Other())
	f.Summary = lang.T("%s waited %s for a delayed acknowledgement of %s before it sent the rest of a message, %s in all.", "%s 有 %s 要等 %s 的延迟确认，才发出消息的其余部分，合计 %s。",
		sender, lang.Times(len(w)), receiver, lang.Duration(sum))
	a := w[0]
	small, ack, next := n(c, a.Small), n(c, a.ACK), n(c, a.Next)
	f.say([]int{small}, "%s sent %s, less than a full segment #%d.", "%s 发送了 %s，不足一个满长报文段 #%d。", sender, lang.Bytes(int64(c.Segments[a.Small].Len)), small)
	f.shows(small, "the first piece", "第一块")
	f.say([]int{ack}, "%s held its acknowledgement back for %s #%d; it had nothing to say, since it waited for the rest.", "%s 把确认推迟了 %s #%d；它无话可说，因为它在等其余部分。", receiver, lang.Duration(a.Delay), ack)
	f.shows(ack, "the delayed acknowledgement", "延迟确认")
	f.say([]int{next}, "Only %s after it the next %s followed #%d: they had been waiting for it.", "确认之后仅 %s，接下来的 %s 就发出 #%d：它们一直在等它。", elapsed(c, a.ACK, a.Next), lang.Bytes(int64(c.Segments[a.Next].Len)), next)
	f.shows(next, "the second piece, released", "第二块，得以放行")
	var all []int
	for _, v := range w {
		all = append(all, n(c, v.ACK))
	}
	f.say(all, "So it goes %s, with delays from %s to %s (%s).", "如此共 %s，延迟从 %s 到 %s（%s）。", lang.Times(len(w)), lang.Duration(least), lang.Duration(most), refs(all))
	f.may(f.Cause, lang.T("The program at %s writes a message in pieces without TCP_NODELAY", "%s 上的程序把消息分块写出，且未设置 TCP_NODELAY", sender),
		lang.Text{EN: "The sizes of its write calls, and whether it sets TCP_NODELAY (strace).", ZH: "其写调用的大小，以及是否设置了 TCP_NODELAY（strace）。"})
	f.excludes(lang.Text{EN: "A slow server program", ZH: "服务器程序慢"}, lang.T("#%d, which ends the pause, carries no data.", "结束停顿的 #%d 不携带数据。", ack))
	f.excludes(lang.Text{EN: "Loss", ZH: "丢包"}, lang.Text{EN: "Nothing was sent again in these pauses.", ZH: "这些停顿中没有重传。"})
	f.confirm(lang.T("On the host of %s: the sizes of its writes.", "在 %s 所在主机上查看写操作的大小：", sender), "strace -f -e trace=write,writev,sendto,sendmsg,setsockopt -p PID")
	f.confirm(lang.Text{EN: "How many acknowledgements the receiver's kernel delays:", ZH: "接收方内核推迟了多少确认："}, "nstat -az TcpExtDelayedACKs")
	drawNagle(f, c, w)
	return f.grouped(c.Server.String(), portLabel(c.Client))
}

func drawNagle(f *Finding, c *conversation.Conversation, w []conversation.AckWait) {
	f.Drawing.Lanes = twoLanes(c)
	for _, a := range w {
		f.Drawing.Gaps = append(f.Drawing.Gaps, GapHint{Packet: n(c, a.ACK), Reason: lang.Text{EN: "the acknowledgement is delayed", ZH: "确认被推迟"}})
	}
	f.Drawing.Marks = []Mark{{Packet: n(c, w[0].Next), SenderNote: lang.Text{EN: "was held back until now", ZH: "一直被扣住"}}}
}
