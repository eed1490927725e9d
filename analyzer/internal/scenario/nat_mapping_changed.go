package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// A translator loses its entry and makes a new one in the middle of a
// connection: the same byte stream arrives from another port or address.

var natMappingChanged = Scenario{
	ID:    "nat-mapping-changed",
	Title: lang.Text{EN: "A connection goes on from another port or address", ZH: "连接中途换了端口或地址"},
	Summary: lang.Text{
		EN: "The byte stream of a connection continues under another client address or port, which the server does not know.",
		ZH: "一个连接的字节流换了客户端地址或端口继续到达，而服务器并不认识。",
	},
	Meaning: lang.Text{
		EN: "An address translator on the way forgot the connection (restart, fail-over, short timeout) and gave its next packet a new mapping. To the server that packet belongs to no connection, so it answers with a reset. From the client's side only the reset is seen.",
		ZH: "途中的地址转换设备遗忘了这个连接（重启、切换或超时过短），给它的下一个包分配了新的映射。对服务器来说，这个包不属于任何连接，于是回以 RST。在客户端一侧只能看到这个 RST。",
	},
	Recognised: []lang.Text{
		{EN: "A tuple begins in the middle, without a SYN, with sequence and acknowledgement number exactly where another connection to the same server stopped.", ZH: "一个四元组没有 SYN 就从中间开始，其序列号与确认号恰好是另一个到同一服务器的连接停下的位置。"},
		{EN: "The server answers it with a reset.", ZH: "服务器以 RST 应答。"},
	},
	Confused: []Confusion{
		{ID: "half-open-after-crash", Text: lang.Text{EN: "what the client sees of it", ZH: "客户端看到的样子"}},
		{ID: "idle-timeout-rst", Text: lang.Text{EN: "there a device resets the idle connection itself", ZH: "那里是设备自己复位了空闲连接"}},
	},
	Fixes: []lang.Text{
		{EN: "Make the translator keep its state: synchronise the members of a fail-over pair, lengthen its timeouts, do not flush its table on reload.", ZH: "让转换设备保留状态：主备之间同步会话，延长超时，重载时不清空连接表。"},
		{EN: "Send keepalives more often than the translator's timeout.", ZH: "保活间隔短于转换设备的超时时间。"},
		{EN: "Let the client reconnect when a reset comes.", ZH: "客户端收到 RST 后重连。"},
	},
	References: []Reference{
		{Title: "RFC 5382: NAT Behavioral Requirements for TCP", Date: "2008-10", URL: "https://www.rfc-editor.org/rfc/rfc5382"},
	},
	Symptom: SymptomReset,
	Over:    []string{"half-open-after-crash", "idle-timeout-rst", "idle-timeout-silent", "rto-death", "health-check-or-scan", "conn-refused-rst", "asymmetric-routing-stateful-drop"},
	Detect:  detectNATMappingChanged,
}

// Reported when a conversation that begins without a SYN carries, in its first
// segment, exactly the next sequence number and the acknowledgement number of
// an earlier conversation with the same far endpoint (64 bits). Certain.
func detectNATMappingChanged(x *Context) []Finding {
	var out []Finding
	for _, m := range x.Moves() {
		out = append(out, *tellMove(x, m))
	}
	return out
}

func tellMove(x *Context, m conversation.Move) *Finding {
	first := &m.To.Segments[m.At]
	old, now := m.From.Addr(m.Sender), m.To.Addr(first.From)
	f := x.finding(Problem, Certain, Likely, m.From, m.To)
	f.at = first.Time
	// The roles of the new tuple may be guessed; the numbers leave no doubt.
	f.Summary = lang.T("The stream from %s to %s goes on from %s in mid-connection.", "从 %s 到 %s 的数据流在连接中途改由 %s 发出。", old, m.From.Addr(m.Sender.Other()), now)
	last := lastOf(m.From, m.Sender, len(m.From.Segments))
	f.say(numbers(m.From, last), "The connection from %s worked until #%d.", "来自 %s 的连接一直正常，直到 #%d。", old, n(m.From, last))
	f.say([]int{int(first.Number)}, "%s later a segment from %s arrived #%d, with no SYN before it. Its sequence and acknowledgement numbers are exactly where that connection stood.", "%s 后，来自 %s 的包到达 #%d，之前没有 SYN。它的序列号和确认号恰好是那个连接所处的位置。",
		lang.Duration(first.Time-m.From.Segments[last].Time), now, first.Number)
	f.shows(n(m.From, last), "the last from the old port", "旧端口的最后一个包")
	f.shows(int(first.Number), "the stream goes on from another one", "数据流从另一个端口继续")
	if r := firstAnswerReset(m.To); r != nil {
		f.say(numbers(m.To, r.At), "The host it reached has no such connection and answered with a RST %s later #%d.", "收到它的主机没有这样的连接，%s 后回了 RST #%d。", lang.Duration(r.Delay), n(m.To, r.At))
		f.shows(n(m.To, r.At), "no such connection", "没有此连接")
	}
	f.may(Likely, lang.Text{EN: "A translator on the way lost its entry and made a new one", ZH: "途中的地址转换设备丢失条目后新建了一个"}, lang.Text{EN: "The translator's table and its log of restarts or fail-overs.", ZH: "转换设备的连接表，以及重启或切换的日志。"})
	f.may(Possible, lang.Text{EN: "The client changed its network and the stack kept sending, as some tunnels and mobile networks do", ZH: "客户端更换了网络而协议栈仍继续发送，某些隧道和移动网络会如此"}, lang.Text{EN: "A capture at the client.", ZH: "在客户端抓包。"})
	f.excludes(lang.Text{EN: "Two unrelated connections", ZH: "两个无关的连接"}, lang.T("Both 32-bit numbers of #%d are those of the other connection.", "#%d 的两个 32 位数字都与另一个连接相同。", first.Number))
	f.confirm(lang.Text{EN: "On the translator, as it happens:", ZH: "在转换设备上实时观察："}, "conntrack -E -p tcp")
	f.Drawing.Lanes = []LaneHint{{Endpoint: old, Role: lang.Text{EN: "old port", ZH: "旧端口"}}, {Endpoint: now, Role: lang.Text{EN: "new port, same stream", ZH: "新端口，同一数据流"}},
		{Endpoint: m.From.Addr(m.Sender.Other()), Role: sideName(m.Sender.Other())}}
	return f.grouped(old.Addr().String()+m.From.Addr(m.Sender.Other()).String(), portLabel(now))
}

// firstAnswerReset is the first reset that answers a segment, nil for none.
func firstAnswerReset(c *conversation.Conversation) *conversation.Reset {
	rs := c.Resets()
	for i := range rs {
		if rs[i].Trigger >= 0 {
			return &rs[i]
		}
	}
	return nil
}
