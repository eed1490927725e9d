package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// A receiver announces window 0 and keeps it there: its buffer is full because
// the program behind it does not read (RFC 9293, section 3.8.6.1). The sender
// stops and only asks now and then whether the window has opened.

const (
	// stallShort: windows closed for less than this in all are noise of a busy
	// reader, in ns.
	stallShort = 200 * lang.Millisecond
	// stallLong: closed for longer than this, a person or a timeout notices, in ns.
	stallLong = lang.Second
)

var zeroWindowStall = Scenario{
	ID:    "zero-window-stall",
	Title: lang.Text{EN: "The receiver closed its window and kept the sender waiting", ZH: "接收方把窗口关到零，让发送方一直等待"},
	Summary: lang.Text{
		EN: "One side announces that it can take no more, because the program behind it does not read; the other side has to wait.",
		ZH: "一方宣告再也收不下数据，因为其后的程序没有读取；另一方只能等待。",
	},
	Meaning: lang.Text{
		EN: "The network is not the limit. The receiving host's buffer is full, since the program that owns the socket reads too slowly or not at all: it is busy, blocked, swapped out, or waiting for someone else. A proxy closes its window in the same way when the side it forwards to is slow.",
		ZH: "瓶颈不在网络。接收主机的缓冲区已满，因为拥有套接字的程序读得太慢或根本不读：它在忙、被阻塞、被换出内存，或在等别人。代理所转发的一方变慢时，代理也会这样关闭窗口。",
	},
	Recognised: []lang.Text{
		{EN: "The receiver's acknowledgements carry window 0.", ZH: "接收方的确认携带窗口 0。"},
		{EN: "The sender stops sending data and sends small probes at growing intervals; each is answered with window 0.", ZH: "发送方停止发送数据，以越来越长的间隔发送小的探测包；每个都得到窗口 0 的回应。"},
		{EN: "Data flows again at once when a window update arrives.", ZH: "窗口更新一到，数据立即恢复传输。"},
	},
	Confused: []Confusion{
		{ID: "keepalive-failure", Text: lang.Text{EN: "a probe of a closed window looks like a keepalive on Linux; the last announced window tells them apart", ZH: "在 Linux 上零窗口探测与保活探测外形相同，要看最后宣告的窗口是否为零"}},
		{ID: "rto-death", Text: lang.Text{EN: "there the peer does not answer at all; here it answers every probe", ZH: "那里对方完全不应答；这里每个探测都有回应"}},
	},
	Fixes: []lang.Text{
		{EN: "Find out why the receiving program does not read: look at what its threads wait for during the pause.", ZH: "查明接收程序为何不读：看停顿期间它的线程在等什么。"},
		{EN: "If it is a proxy, look at the connection behind it.", ZH: "如果它是代理，检查它背后的那个连接。"},
		{EN: "A larger receive buffer (tcp_rmem, SO_RCVBUF) helps only against short pauses.", ZH: "加大接收缓冲区（tcp_rmem、SO_RCVBUF）只对短暂停顿有用。"},
	},
	References: []Reference{
		{Title: "RFC 9293, section 3.8.6.1: Zero-Window Probing", URL: "https://www.rfc-editor.org/rfc/rfc9293#section-3.8.6.1", Date: "2022-08"},
		{Title: "TCP zero window in packet captures", Author: "hannes-software", URL: "https://hannes-software.com/pcap-surgery/blogs/tcp-zero-window-pcap-analysis/"},
	},
	Symptom: SymptomStall,
	Over:    []string{"window-limited", "packet-loss", "tail-loss-rto", "nagle-delayed-ack", "keepalive-failure", "rto-death", "path-outage", "client-gave-up", "who-is-slow", "close-with-unread-data"},
	Detect:  detectZeroWindowStall,
}

// Reported when one side's window stood at zero for 0.2 s or more in all while
// the connection was open: a problem from 1 s on, a warning below. Not reported
// for shorter closures, nor for a side that closed its window after its own FIN,
// when it no longer wants data. Not detected: a slow reader whose window never
// quite reaches zero.
func detectZeroWindowStall(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		if c.Flows[conversation.Client].ZeroWindows+c.Flows[conversation.Server].ZeroWindows == 0 {
			continue
		}
		for _, reader := range []conversation.Side{conversation.Client, conversation.Server} {
			if f := stalledBy(x, c, reader); f != nil {
				out = append(out, *f)
			}
		}
	}
	return out
}

func stalledBy(x *Context, c *conversation.Conversation, reader conversation.Side) *Finding {
	var stalls []conversation.Stall
	total := int64(0)
	for _, s := range c.Stalls() {
		if s.Reader == reader && !c.FinishedBefore(reader, s.Closed) {
			stalls = append(stalls, x.untilEnd(s))
			total += stalls[len(stalls)-1].To - s.From
		}
	}
	if total < stallShort {
		return nil
	}
	severity := Warning
	if total >= stallLong {
		severity = Problem
	}
	return tellStall(x, c, longest(stalls), stalls, severity, total)
}

// untilEnd lengthens a stall that never ended to the end of the capture.
func (x *Context) untilEnd(s conversation.Stall) conversation.Stall {
	if s.Opened < 0 {
		s.To = max(s.To, x.End)
	}
	return s
}

func longest(stalls []conversation.Stall) conversation.Stall {
	best := stalls[0]
	for _, s := range stalls {
		if s.To-s.From > best.To-best.From {
			best = s
		}
	}
	return best
}

func tellStall(x *Context, c *conversation.Conversation, s conversation.Stall, all []conversation.Stall, severity string, total int64) *Finding {
	f := x.finding(severity, Certain, Likely, c).waited(total)
	reader, sender := c.Addr(s.Reader), c.Addr(s.Reader.Other())
	f.Summary = lang.T("%s kept its receive window at zero for %s; %s had data to send and had to wait.", "%s 的接收窗口保持为零达 %s，%s 有数据要发，只能等待。",
		reader, lang.Duration(total), sender)
	if s.Opened < 0 {
		f.Summary = lang.T("%s closed its receive window and did not open it again while the capture ran, %s long; %s has to wait.", "%s 关闭了接收窗口，直到抓包结束（历时 %s）都没有再打开，%s 只能等待。",
			reader, lang.Duration(s.To-s.From), sender)
	}
	closed := n(c, s.Closed)
	f.say([]int{closed}, "%s acknowledged everything up to byte %s and announced window 0 #%d: it can take no more.", "%s 确认了第 %s 字节之前的全部数据，并宣告窗口为 0 #%d：再也收不下了。",
		reader, lang.Number(int64(c.RelAck(&c.Segments[s.Closed]))), closed)
	f.shows(closed, "announces window 0", "宣告窗口为 0")
	tellProbes(f, c, s)
	tellOpened(f, c, s)
	if len(all) > 1 {
		f.say([]int{n(c, all[0].Closed)}, "In all the window was closed %s, for %s together; the longest time is shown.", "窗口总共关闭了 %s，合计 %s；这里展示最长的一次。", lang.Times(len(all)), lang.Duration(total))
	}
	causesStall(f, c, s)
	drawStall(f, c, s)
	return f.grouped(c.Server.String()+string(rune('0'+s.Reader)), portLabel(c.Client))
}

func tellProbes(f *Finding, c *conversation.Conversation, s conversation.Stall) {
	if len(s.Probes) == 0 {
		return
	}
	probes := numbers(c, s.Probes...)
	f.say(probes, "%s asked %s whether it had opened (%s).", "%s 探测了 %s，看窗口是否已打开（%s）。", c.Addr(s.Reader.Other()), lang.Times(len(probes)), refs(probes))
	f.shows(probes[0], "asks whether the window has opened", "探测窗口是否已打开")
	if len(s.Answers) == 0 {
		return
	}
	answers := numbers(c, s.Answers...)
	f.say(answers, "The host of %s answered with window 0 %s (%s): it is alive, its buffer is still full.", "%s 所在主机以窗口 0 回应了 %s（%s）：主机还在，只是缓冲区仍满。", c.Addr(s.Reader), lang.Times(len(answers)), refs(answers))
	f.shows(answers[len(answers)-1], "still closed", "仍然关闭")
}

func tellOpened(f *Finding, c *conversation.Conversation, s conversation.Stall) {
	if s.Opened < 0 {
		f.say(nil, "No packet in the capture opens the window again.", "抓包中没有任何包再次打开窗口。")
		return
	}
	open := n(c, s.Opened)
	f.say([]int{open}, "After %s the window opened again #%d.", "%s 后窗口重新打开 #%d。", lang.Duration(s.To-s.From), open)
	f.shows(open, "opens the window again", "重新打开窗口")
	if s.Resumed >= 0 {
		d := &c.Segments[s.Resumed]
		f.say([]int{int(d.Number)}, "%s later data flowed again #%d: nothing but the window had held it back.", "%s 后数据恢复传输 #%d：此前拦住它的只有窗口。", lang.Duration(d.Time-s.To), d.Number)
	}
}

func causesStall(f *Finding, c *conversation.Conversation, s conversation.Stall) {
	reader := c.Addr(s.Reader)
	f.may(Likely, lang.T("The program at %s does not read its socket fast enough", "%s 上的程序读取套接字不够快", reader),
		lang.Text{EN: "On that host during the pause: Recv-Q above zero, and what the program's threads wait for.", ZH: "停顿期间在该主机上看：Recv-Q 是否大于零，程序的线程在等什么。"})
	f.may(Possible, lang.T("%s is a proxy, and the side it forwards to is slow", "%s 是代理，它转发的下游很慢", reader),
		lang.Text{EN: "A capture of the proxy's other connection: a closed window or unanswered data there.", ZH: "抓取代理的另一个连接：那里是否有零窗口或未被确认的数据。"})
	if len(s.Answers) > 0 {
		f.excludes(lang.Text{EN: "A broken path or a dead host", ZH: "路径中断或主机宕机"}, lang.T("#%d answers, with window 0.", "#%d 作了回应，窗口为 0。", n(c, s.Answers[0])))
	}
	f.confirm(lang.T("On the host of %s, while it lasts: unread bytes in the receive queue.", "在 %s 所在主机上，停顿期间查看接收队列中未读的字节：", reader),
		lang.T("ss -tinm sport = :%d", "", reader.Port()).EN)
	f.confirm(lang.Text{EN: "The counters of closed windows:", ZH: "零窗口计数器："}, "nstat -az TcpExtTCPFromZeroWindowAdv TcpExtTCPToZeroWindowAdv TcpExtTCPWantZeroWindowAdv")
}

func drawStall(f *Finding, c *conversation.Conversation, s conversation.Stall) {
	f.Drawing.Lanes = twoLanes(c)
	f.Drawing.Marks = append(f.Drawing.Marks, Mark{Packet: n(c, s.Closed), SenderNote: lang.Text{EN: "window closed", ZH: "窗口关闭"}})
	if s.Opened >= 0 {
		f.Drawing.Marks = append(f.Drawing.Marks, Mark{Packet: n(c, s.Opened), SenderNote: lang.Text{EN: "window open again", ZH: "窗口重新打开"}})
		f.Drawing.Gaps = append(f.Drawing.Gaps, GapHint{Packet: n(c, s.Opened), Reason: lang.Text{EN: "the window is closed", ZH: "窗口关闭中"}})
	}
	for _, p := range s.Probes {
		f.Drawing.Gaps = append(f.Drawing.Gaps, GapHint{Packet: n(c, p), Reason: lang.Text{EN: "the window is closed", ZH: "窗口关闭中"}})
	}
}
