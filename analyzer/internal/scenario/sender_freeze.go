package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// The receiver asks for a missing segment and its sender never sends it again,
// although its timers must have run out.

// freezeSilence: so long nothing was sent again; the retransmission timer of
// Linux starts at 0.2 s and doubles, so that four repetitions were due, in ns.
const freezeSilence = 3 * lang.Second

var senderFreeze = Scenario{
	ID:    "sender-freeze",
	Title: lang.Text{EN: "The sender never repeats what the receiver asks for", ZH: "接收方索要的数据，发送方始终不重传"},
	Summary: lang.Text{
		EN: "A segment is missing at the receiver, which says so again and again; the sender's own host shows no retransmission at all.",
		ZH: "接收方缺少一个报文段并一再表明；而在发送方自己的主机上，根本看不到重传。",
	},
	Meaning: lang.Text{
		EN: "A sender must repeat unacknowledged data when its timer runs out, whatever else happens. When the capture on its own host shows no repetition, its kernel cannot send it: known are kernels with the first fix for CVE-2019-11478, which refuse to split a large queue (counter TCPWqueueTooBig), and queues or filters in front of the network card.",
		ZH: "无论如何，定时器到期后发送方都必须重传未确认的数据。若在其本机的抓包里也看不到重传，说明其内核发不出来：已知的有只打了 CVE-2019-11478 首个补丁的内核，它拒绝拆分过大的队列（计数器 TCPWqueueTooBig），以及网卡之前的队列或过滤规则。",
	},
	Recognised: []lang.Text{
		{EN: "The receiver's duplicate acknowledgements name a hole.", ZH: "接收方的重复确认指出了空洞。"},
		{EN: "On the sender's host the missing segment was sent once and never again, for seconds.", ZH: "在发送方主机上，缺失的报文段只发送过一次，此后数秒内再未发送。"},
	},
	Confused: []Confusion{
		{ID: "packet-loss", Text: lang.Text{EN: "there the segment is sent again", ZH: "那里报文段会重传"}},
		{ID: "zero-window-stall", Text: lang.Text{EN: "there the receiver's window is closed", ZH: "那里接收方的窗口已关闭"}},
		{ID: "capture-loss", Text: lang.Text{EN: "there repetitions were sent and the capture missed them", ZH: "那里重传已发出，只是抓包漏掉了"}},
	},
	Fixes: []lang.Text{
		{EN: "Update the sender's kernel to one with the follow-up fix of July 2019.", ZH: "把发送方内核升级到包含 2019 年 7 月后续修复的版本。"},
		{EN: "Do not shrink SO_SNDBUF on such kernels.", ZH: "在此类内核上不要缩小 SO_SNDBUF。"},
	},
	References: []Reference{
		{Title: "Linux BUG内核导致的 TCP连接卡死", Author: "plantegg", URL: "https://github.com/plantegg/plantegg.github.io"},
		{Title: "TCP requests stuck after connection established", Author: "ArthurChiao", Date: "2024-06-26", URL: "https://github.com/ArthurChiao/arthurchiao.github.io"},
	},
	Symptom: SymptomStall,
	Over:    []string{"rto-death", "packet-loss", "tail-loss-rto", "path-outage", "client-gave-up", "who-is-slow", "idle-timeout-silent"},
	Detect:  detectSenderFreeze,
}

// Reported when the capture was taken on the sender's host, the receiver asked
// three times or more for a segment that was sent there, and it was not sent
// again in the 3 s or more that follow. Not reported while the window is closed,
// nor in captures taken elsewhere, which cannot know what was sent.
func detectSenderFreeze(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		if c.OneSided() {
			continue
		}
		for _, from := range []conversation.Side{client, server} {
			z := c.Frozen(from, x.End)
			if z == nil || z.Silence < freezeSilence || c.Flow(from.Other()).MinWindow == 0 {
				continue
			}
			if place, _ := x.placeNear(c); place == conversation.PlaceClient+conversation.Place(from) {
				out = append(out, *tellFreeze(x, c, z))
			}
		}
	}
	return out
}

func tellFreeze(x *Context, c *conversation.Conversation, z *conversation.Freeze) *Finding {
	f := x.finding(Problem, Likely, Possible, c).waited(z.Silence)
	sender, receiver := c.Addr(z.From), c.Addr(z.From.Other())
	sent, asked := n(c, z.Sent), numbers(c, z.Asked...)
	f.Summary = lang.T("%s was asked %s for a missing segment and did not send it again in %s, although this capture was taken on its own host.", "%[1]s 被索要缺失的报文段 %[2]s，%[3]s 内却没有重传，而抓包就在其本机进行。", sender, lang.Times(len(asked)), lang.Duration(z.Silence))
	f.say([]int{sent}, "%s sent %s from byte %s on #%d. It got lost behind this capture point.", "%s 发送了从第 %[3]s 字节起的 %[2]s #%[4]d。它在抓包点之后丢失。", sender, lang.Bytes(int64(c.Segments[z.Sent].Len)), lang.Number(int64(c.RelSeq(&c.Segments[z.Sent]))), sent)
	f.shows(sent, "sent once", "只发送过一次")
	f.say(asked, "%s asked for it %s (%s).", "%s 索要了 %s（%s）。", receiver, lang.Times(len(asked)), refs(asked))
	f.shows(asked[0], "asks for it", "索要它")
	if len(z.Later) > 0 {
		p := numbers(c, z.Later...)
		f.say(p, "The sender sent new data instead (%s).", "发送方反而发送了新数据（%s）。", refs(p))
		f.shows(p[0], "new data instead", "反而是新数据")
	}
	f.say(nil, "For %s the missing bytes were not sent again, though the timer must have run out several times.", "%s 内缺失的字节没有重传，而定时器必已多次到期。", lang.Duration(z.Silence))
	f.may(Possible, lang.Text{EN: "A kernel fault: the sender refuses to split its queue (first fix of CVE-2019-11478)", ZH: "内核缺陷：发送方拒绝拆分队列（CVE-2019-11478 的首个补丁）"}, lang.Text{EN: "TcpExtTCPWqueueTooBig rises on the sender's host.", ZH: "发送方主机上 TcpExtTCPWqueueTooBig 是否上升。"})
	f.may(Possible, lang.Text{EN: "The capture missed the repetitions", ZH: "抓包漏掉了重传"}, lang.Text{EN: "Packets dropped by the capture, as tcpdump reports at its end.", ZH: "tcpdump 结束时报告的丢弃数。"})
	f.confirm(lang.T("On the host of %s: the growing timeout and the counter.", "在 %s 所在主机上查看不断增长的超时与计数器：", sender), "ss -tino; nstat -az TcpExtTCPWqueueTooBig")
	f.Drawing.Lanes = twoLanes(c)
	f.Drawing.Marks = []Mark{{Packet: sent, Lost: true}}
	return f.restsOnAbsence().grouped(c.Server.String(), portLabel(c.Client))
}
