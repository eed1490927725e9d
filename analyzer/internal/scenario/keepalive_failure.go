package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

const (
	// fewestProbes is how many probes in a row must stay unanswered.
	fewestProbes = 2
	// probeInterval is the shortest interval of keepalive timers: Linux counts it
	// in seconds; the bound leaves room for stacks that count finer. In ns.
	probeInterval = 500 * lang.Millisecond
)

var keepaliveFailure = Scenario{
	ID:    "keepalive-failure",
	Title: lang.Text{EN: "Keepalive probes get no answer", ZH: "保活探测没有应答"},
	Summary: lang.Text{
		EN: "An idle connection is probed at even intervals and nothing answers: the other side or the path is gone.",
		ZH: "空闲连接被等间隔探测，却没有任何应答：对端或路径已经失联。",
	},
	Meaning: lang.Text{
		EN: "Keepalive asks whether the other side still has the connection. A living host answers each probe at once, with an acknowledgement or a reset. No answer at all means that the probes or the answers do not get through, or that the host is down; after the last probe the kernel ends the connection (ETIMEDOUT).",
		ZH: "保活用来确认对端是否仍保有该连接。对端主机只要在线，就会立即以确认或复位回应每次探测。毫无应答说明探测或应答无法通过，或主机已停机；最后一次探测之后，内核会结束该连接（ETIMEDOUT）。",
	},
	Recognised: []lang.Text{
		{EN: "At least two segments of 0 or 1 byte, one below the next sequence number, at even intervals, with no packet back.", ZH: "至少两个 0 或 1 字节、序列号比下一个序号小一的包，间隔均匀，且没有任何回应。"},
		{EN: "Often a RST from the prober follows.", ZH: "之后常见探测方发出的 RST。"},
	},
	Confused: []Confusion{
		{ID: "zero-window-stall", Text: lang.Text{EN: "Linux probes a closed window with the same shape, at doubling intervals; there the other side's last window is zero", ZH: "Linux 探测零窗口的包形态相同，但间隔成倍增长；那里对端最后的窗口为零"}},
		{ID: "idle-timeout-rst", Text: lang.Text{EN: "there the probe is answered by a reset", ZH: "那里探测得到的是复位"}},
	},
	Fixes: []lang.Text{
		{EN: "Find why the other host or the path went away; see whether a device forgets idle connections sooner than the first probe comes.", ZH: "查明对端主机或路径为何失联；核对是否有设备在首次探测之前就遗忘了空闲连接。"},
		{EN: "Tune tcp_keepalive_time, _intvl and _probes, or TCP_USER_TIMEOUT, to the time the program can afford to wait.", ZH: "按程序能够等待的时间调整 tcp_keepalive_time、_intvl、_probes 或 TCP_USER_TIMEOUT。"},
	},
	References: []Reference{
		{Title: "关于TCP连接的KeepAlive和reset", Author: "plantegg", URL: "https://github.com/plantegg/plantegg.github.io"},
		{Title: "RFC 9293, Transmission Control Protocol, section 3.8.4", Author: "W. Eddy", Date: "2022-08", URL: "https://www.rfc-editor.org/rfc/rfc9293"},
	},
	Symptom: SymptomStall,
	Over:    []string{"rto-death", "idle-cleanup-rst", "linger0-abort", "close-wait-leak"},
	Detect:  detectKeepaliveFailure,
}

// Reported when a side's last probes, at least 2, got no packet back, at even
// intervals of at least 0.5 s, while the other side's window was open, and half
// an interval more passed or the prober gave up. Not reported when a later
// probe or anything else was answered.
func detectKeepaliveFailure(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		for _, from := range []conversation.Side{client, server} {
			if p := unansweredProbes(c, from); len(p) >= fewestProbes && evenly(c, p) && x.waitedFor(c, from, p) {
				out = append(out, *tellKeepaliveFailure(x, c, from, p))
			}
		}
	}
	return out
}

// unansweredProbes are the probes at the end of a conversation that nothing
// answered.
func unansweredProbes(c *conversation.Conversation, from conversation.Side) []int {
	if c.Flow(from.Other()).Packets == 0 {
		return nil
	}
	var out []int
	for _, p := range c.Probes(from) {
		if p.Answer >= 0 {
			out = nil
			continue
		}
		out = append(out, p.At)
	}
	return out
}

// waitedFor reports whether the last probe was given time for an answer.
func (x *Context) waitedFor(c *conversation.Conversation, from conversation.Side, at []int) bool {
	last := at[len(at)-1]
	if r := c.FirstReset(from); r != nil && r.At > last {
		return true
	}
	return x.End-c.Segments[last].Time >= since(c, at[0], at[1])/2
}

// evenly reports whether the probes come at one interval, at most a quarter off.
func evenly(c *conversation.Conversation, at []int) bool {
	if since(c, at[0], at[1]) < probeInterval {
		return false
	}
	for i := 2; i < len(at); i++ {
		a, b := since(c, at[i-2], at[i-1]), since(c, at[i-1], at[i])
		if b*4 < a*3 || b*4 > a*5 {
			return false
		}
	}
	return true
}

func tellKeepaliveFailure(x *Context, c *conversation.Conversation, from conversation.Side, at []int) *Finding {
	f := x.finding(Problem, Certain, Possible, c)
	who, other := sideName(from), sideName(from.Other())
	m := c.Before(at[0])
	p := numbers(c, at...)
	f.Summary = lang.T("The %s probed the idle connection %s – %s %s without an answer from the other side.",
		"%s对空闲连接 %s 与 %s 探测了 %s，对端毫无应答。", who, c.Client, c.Server, lang.Times(len(at)))
	if last := m.Latest[from.Other()]; last >= 0 {
		f.say(numbers(c, last), "The last packet with the %s's address is #%d.", "带有%s地址的最后一个包是 #%d。", other, n(c, last))
	}
	f.say(p, "After %s of silence the %s sent keepalive probes: %s, %s apart (%s). None was answered.", "静默 %s 后，%s开始发送保活探测：共 %s，间隔 %s（%s），均无应答。",
		elapsed(c, m.Any, at[0]), who, lang.Times(len(at)), elapsed(c, at[0], at[1]), refs(p))
	for _, k := range p {
		f.shows(k, "a probe without an answer", "没有应答的探测")
	}
	end := at[len(at)-1]
	if r := c.FirstReset(from); r != nil && r.At > end {
		f.say(numbers(c, r.At), "%s after the last probe the %s gave up with a RST #%d.", "最后一次探测 %s 之后，%s以 RST 放弃 #%d。", elapsed(c, end, r.At), who, n(c, r.At))
		f.shows(n(c, r.At), "gives up", "放弃")
	}
	f.may(Possible, lang.T("The %s's host is down or cut off", "%s主机停机或失联", other), lang.Text{EN: "Whether it answers anything else, such as a new connection.", ZH: "它是否还应答其他请求，例如新连接。"})
	f.may(Possible, lang.Text{EN: "A device on the way forgot the idle connection and drops its packets", ZH: "途中的设备遗忘了空闲连接并丢弃其包"}, lang.T("A capture at the %s: the probes do not arrive.", "在%s一侧抓包：探测没有到达。", other))
	f.confirm(lang.Text{EN: "On the prober's host, the keepalive timer:", ZH: "在探测方主机上查看保活计时器："}, "ss -tno")
	f.confirm(lang.Text{EN: "At the other end:", ZH: "在另一端抓包："}, tcpdump(filterHost(c)))
	f.Drawing.Lanes = twoLanes(c)
	f.Drawing.Timers = timersOf(c, at)
	for _, k := range p {
		f.Drawing.Marks = append(f.Drawing.Marks, Mark{Packet: k, Lost: true})
	}
	return f.waited(since(c, at[0], end)).restsOnAbsence().grouped("probe"+c.Server.String(), portLabel(c.Client))
}
