package scenario

import (
	"fmt"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// A window is all that may be under way in one round trip, so a stream is never
// faster than window / round trip time (RFC 7323, section 1.1).

const (
	// limitedRounds: over fewer round trips a stream is still starting.
	limitedRounds = 20
	// limitedShare of a window per round trip, and more, is a stream that waits for
	// the window; one that waits for something else carries less.
	limitedShare = 0.7
	// limitedRTT: on shorter ways windows fill and empty faster than anyone notices, in ns.
	limitedRTT = 10 * lang.Millisecond
	// limitedSpan: a transfer that took this long is felt, in ns.
	limitedSpan = lang.Second
	// limitedFlight: near the sender this share of the window must have been seen
	// under way.
	limitedFlight = 0.9
	// drainShare of the acknowledgements, and more, leave no room for two segments:
	// the reader is always behind.
	drainShare = 0.3
)

var windowLimited = Scenario{
	ID:    "window-limited",
	Title: lang.Text{EN: "The receive window is too small for this path", ZH: "接收窗口对这条路径来说太小"},
	Summary: lang.Text{
		EN: "The sender has a full window under way all the time and waits for acknowledgements: the transfer runs at one window per round trip, whatever the bandwidth.",
		ZH: "发送方始终有一整个窗口的数据在途，只能等确认：无论带宽多大，传输速度都是每个往返一个窗口。",
	},
	Meaning: lang.Text{
		EN: "The receiver announces how much it is willing to buffer. When that is less than bandwidth times round trip time, the line stands idle for part of every round trip. Usual reasons: a program that sets SO_RCVBUF and so switches the kernel's own tuning off, small limits in tcp_rmem, a handshake without window scaling, or a program that reads slowly.",
		ZH: "接收方宣告自己愿意缓存多少。若小于带宽乘以往返时间，每个往返里线路都有一段空闲。常见原因：程序设置了 SO_RCVBUF 从而关闭了内核的自动调节、tcp_rmem 上限过小、握手未启用窗口扩大，或程序读得慢。",
	},
	Recognised: []lang.Text{
		{EN: "Per round trip about one window's worth of data is transferred, for twenty round trips or more.", ZH: "在二十个以上往返里，每个往返大约传输一个窗口的数据。"},
		{EN: "At the sender: it stops when the window is full and goes on when an acknowledgement arrives.", ZH: "在发送方：窗口填满就停，确认到达才继续。"},
		{EN: "Nothing is lost.", ZH: "没有丢包。"},
	},
	Confused: []Confusion{
		{ID: "zero-window-stall", Text: lang.Text{EN: "there the window closes altogether for some time", ZH: "那里窗口会完全关闭一段时间"}},
		{ID: "packet-loss", Text: lang.Text{EN: "there the sender itself sends less after losses", ZH: "那里发送方因丢包而自行减速"}},
		{ID: "window-scale-broken", Text: lang.Text{EN: "there the two sides read the same window differently", ZH: "那里双方对同一窗口的理解不同"}},
	},
	Fixes: []lang.Text{
		{EN: "Leave the receive buffer to the kernel: do not set SO_RCVBUF, keep net.ipv4.tcp_moderate_rcvbuf=1.", ZH: "把接收缓冲交给内核：不要设置 SO_RCVBUF，保持 net.ipv4.tcp_moderate_rcvbuf=1。"},
		{EN: "Raise the limit of net.ipv4.tcp_rmem to bandwidth times round trip time.", ZH: "把 net.ipv4.tcp_rmem 的上限提高到带宽乘以往返时间。"},
		{EN: "Make the program read faster, if the window shrinks because it does not.", ZH: "若窗口因程序不读而缩小，让程序读得更快。"},
	},
	References: []Reference{
		{Title: "RFC 7323: TCP Extensions for High Performance", Date: "2014-09", URL: "https://www.rfc-editor.org/rfc/rfc7323"},
		{Title: "TCP window scaling and throughput", Author: "hannes-software", URL: "https://www.hannes-software.com/pcap-surgery/blogs/tcp-window-scaling-throughput-pcap-analysis"},
	},
	Symptom: SymptomSlow,
	Detect:  detectWindowLimited,
}

// Reported when a side's stream carried 0.7 windows or more per round trip over
// twenty round trips of 10 ms or more without loss: a warning when it took a
// second or more, info below. Likely when the full window was seen under way,
// which only a capture near the sender shows, possible otherwise. Also, as a
// warning, when 30 % or more of the reader's acknowledgements over a second left
// no room for two segments. Not detected: limits of the sender's own buffer.
func detectWindowLimited(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		if c.OneSided() {
			continue
		}
		for _, from := range []conversation.Side{client, server} {
			w, ok := c.WindowUse(from)
			switch {
			case !ok || c.Losses(from).Lost > 0:
			case w.Rounds >= limitedRounds && w.Share >= limitedShare && w.RTT >= limitedRTT:
				out = append(out, *tellLimited(x, c, w))
			case float64(w.Small) >= drainShare*float64(w.Acks) && w.SmallSpan >= limitedSpan && c.FullSize(from) > 0 && len(w.Full) >= reorderFew:
				out = append(out, *tellDrain(x, c, w))
			}
		}
	}
	return out
}

func tellLimited(x *Context, c *conversation.Conversation, w conversation.WindowUse) *Finding {
	f := x.finding(Info, Possible, Possible, c).waited(w.Span / 2)
	if w.Span >= limitedSpan {
		f.Severity = Warning
	}
	if float64(w.Flight) >= limitedFlight*float64(w.Window) {
		f.Symptom, f.Cause = Likely, Likely
	}
	sender, reader := c.Addr(w.From), c.Addr(w.From.Other())
	bytes := c.Flow(w.From).Bytes
	f.Summary = lang.T("%s announces a window of at most %s; with %s per round trip %s gets no more than that across each time.", "%s 宣告的窗口最大为 %s；一个往返需 %s，%s 每次最多只能送出这么多。",
		reader, lang.Bytes(w.Window), lang.Duration(w.RTT), sender)
	f.say(nil, "%s sent %s in %s, which is %s round trips of %s: %s per round trip.", "%s 在 %[3]s 内发送了 %[2]s，相当于 %[4]s 个 %[5]s 的往返：每个往返 %[6]s。",
		sender, lang.Bytes(bytes), lang.Duration(w.Span), fmt.Sprintf("%.0f", w.Rounds), lang.Duration(w.RTT), lang.Bytes(int64(float64(bytes)/w.Rounds)))
	f.say(nil, "The window never exceeded %s, so at most %s per second fit through it on this path.", "窗口从未超过 %s，因此在这条路径上每秒最多通过 %s。",
		lang.Bytes(w.Window), lang.Bytes(w.Window*lang.Second/w.RTT))
	if len(w.Full) > 0 {
		p := numbers(c, w.Full...)
		f.say(p, "After these segments the window had no room for another full one (%s).", "这些报文段之后，窗口已容不下另一个满长报文段（%s）。", refs(p))
		f.shows(p[0], "fills the window", "填满窗口")
	}
	f.excludes(lang.Text{EN: "Loss", ZH: "丢包"}, lang.T("Nothing of %s's data was lost.", "%s 的数据没有丢失。", sender))
	causesLimited(f, c, w)
	return f.grouped(c.Server.String(), portLabel(c.Client))
}

func causesLimited(f *Finding, c *conversation.Conversation, w conversation.WindowUse) {
	reader := c.Addr(w.From.Other())
	f.may(f.Cause, lang.T("The receive buffer at %s is small: SO_RCVBUF or tcp_rmem", "%s 的接收缓冲较小：SO_RCVBUF 或 tcp_rmem", reader), lang.Text{EN: "skmem and rcv_space in ss on that host.", ZH: "该主机 ss 输出中的 skmem 与 rcv_space。"})
	f.may(Possible, lang.Text{EN: "The sender or the line has just that rate by chance", ZH: "发送方或线路的速率恰好如此"}, lang.Text{EN: "rwnd_limited in ss on the sender's host.", ZH: "发送方主机 ss 输出中的 rwnd_limited。"})
	f.confirm(lang.T("On the host of %s: how long the window limited it (rwnd_limited).", "在 %s 所在主机上查看受窗口限制的时间（rwnd_limited）：", c.Addr(w.From)), "ss -tinm")
	f.confirm(lang.T("On the host of %s: the limits of the receive buffer.", "在 %s 所在主机上查看接收缓冲的上限：", reader), "sysctl net.ipv4.tcp_rmem net.ipv4.tcp_moderate_rcvbuf")
	f.Drawing.Lanes = twoLanes(c)
}

func tellDrain(x *Context, c *conversation.Conversation, w conversation.WindowUse) *Finding {
	f := x.finding(Warning, Likely, Likely, c).waited(w.SmallSpan / 2)
	reader := c.Addr(w.From.Other())
	f.Title = lang.Text{EN: "The receiver drains its buffer slowly", ZH: "接收方清空缓冲太慢"}
	f.Summary = lang.T("For %s the window of %s left room for hardly a segment or two: the program there reads slowly.", "在 %s 内，%s 的窗口几乎只容得下一两个报文段：那里的程序读得慢。", lang.Duration(w.SmallSpan), reader)
	p := numbers(c, w.SmallFirst)
	f.say(p, "From #%d on, %s of %s announced room for less than two full segments.", "从 #%d 起，%[3]s 中有 %[2]s宣告的空间不足两个满长报文段。", p[0], lang.Count(w.Small, "acknowledgement", "acknowledgements", "个"), lang.Count(w.Acks, "acknowledgement", "acknowledgements", "个确认"))
	f.shows(p[0], "hardly any room", "几乎没有空间")
	full := numbers(c, w.Full...)
	f.say(full, "The sender filled what there was each time (%s).", "发送方每次都填满了仅有的空间（%s）。", refs(full))
	f.shows(full[0], "fills the window", "填满窗口")
	causesLimited(f, c, w)
	return f.grouped("drain"+c.Server.String(), portLabel(c.Client))
}
