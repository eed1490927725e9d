package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// Several hosts behind one address, each with its own timestamp clock; a server
// with tcp_tw_recycle takes them for one host and drops the SYNs of the slower
// clocks for a minute after it closed a connection of a faster one.

const (
	// recycleCertain is how many predicted drops that came true, and how many
	// predicted passes, make the match certain.
	recycleCertain = 3
	// recycleOther is the share of predicted passes that may stay unanswered for
	// other reasons before the match is no longer certain.
	recycleOther = 0.05
	// recycleEvidence is how many packets are listed as evidence; the story counts
	// the rest.
	recycleEvidence = 12
	// recycleClocks is how many timestamp clocks must speak from the address.
	recycleClocks = 2
)

var synDroppedTwRecycleSnat = Scenario{
	ID:    "syn-dropped-tw-recycle-snat",
	Title: lang.Text{EN: "SYNs with older timestamps are dropped: several hosts behind one address, and tcp_tw_recycle", ZH: "时间戳较旧的 SYN 被丢弃：同一地址后有多台主机，服务器开启了 tcp_tw_recycle"},
	Summary: lang.Text{
		EN: "Exactly those SYNs stay unanswered whose timestamp is older than one the server has just seen from the same address.",
		ZH: "没有应答的，恰好是那些时间戳比服务器刚从同一地址见过的更旧的 SYN。",
	},
	Meaning: lang.Text{
		EN: "With net.ipv4.tcp_tw_recycle a Linux server before 4.12 remembers, per client address, the timestamp of connections it closed first, and for 60 s throws away every SYN with an older one, without an answer. Timestamps are a counter each host starts at its own value, not a time of day: hosts behind one translated address look like one host whose counter runs backwards. Synchronising clocks does not help.",
		ZH: "开启 net.ipv4.tcp_tw_recycle 后，4.12 之前的 Linux 服务器会按客户端地址记住自己先关闭的连接的时间戳，此后 60 秒内不作应答地丢弃时间戳更旧的 SYN。时间戳是每台主机各自起点的计数器，并不是钟表时间：经同一地址转换的多台主机，看起来像一台计数器倒退的主机。校时无济于事。",
	},
	Recognised: []lang.Text{
		{EN: "One client address, at least two timestamp clocks.", ZH: "一个客户端地址，至少两条时间戳时钟线。"},
		{EN: "The server closes connections first.", ZH: "服务器先关闭连接。"},
		{EN: "In the minute after such a close SYNs with an older timestamp stay unanswered; those with a newer one are answered.", ZH: "关闭后的一分钟内，时间戳更旧的 SYN 没有应答，更新的则有应答。"},
	},
	Confused: []Confusion{
		{ID: "accept-queue-overflow", Text: lang.Text{EN: "there the drops hit every source and have no relation to timestamps", ZH: "那里丢弃涉及所有来源，与时间戳无关"}},
		{ID: "syn-no-answer", Text: lang.Text{EN: "the same seen from one client, whose own packets show one clock only", ZH: "从单个客户端看到的同一现象，它自己的包只有一条时钟线"}},
		{ID: "conntrack-nat-race", Text: lang.Text{EN: "there the SYN is missing on the server's side, and the retry after a second works", ZH: "那里服务器侧看不到该 SYN，一秒后的重试即可成功"}},
		{ID: "timewait-port-reuse", Text: lang.Text{EN: "there the same 4-tuple is used again and an ACK comes back", ZH: "那里是同一四元组被重用，且有 ACK 返回"}},
	},
	Fixes: []lang.Text{
		{EN: "On the server: sysctl -w net.ipv4.tcp_tw_recycle=0, and in its configuration. Do not confuse it with tcp_tw_reuse, which is for clients.", ZH: "在服务器上执行 sysctl -w net.ipv4.tcp_tw_recycle=0，并写入配置。不要与面向客户端的 tcp_tw_reuse 混淆。"},
		{EN: "Upgrade the server to Linux 4.12 or later, which no longer has the switch.", ZH: "将服务器升级到 Linux 4.12 或更高版本，该开关已被移除。"},
		{EN: "Stop-gap: net.ipv4.tcp_timestamps=0 on the server.", ZH: "权宜之计：在服务器上设置 net.ipv4.tcp_timestamps=0。"},
	},
	References: []Reference{
		{Title: "tcp连接失败", Author: "Secssion", Date: "2023-12-31", URL: "https://secssion.github.io/2023/12/31/tcp-tw-recycle"},
		{Title: "Coping with the TCP TIME-WAIT state on busy Linux servers", Author: "Vincent Bernat", Date: "2014-02-24", URL: "https://vincent.bernat.ch/en/blog/2014-tcp-time-wait-state-linux"},
	},
	Symptom: SymptomNoAnswer,
	Over:    []string{"syn-no-answer", "syn-dropped-by-host", "conntrack-nat-race", "port-exhaustion"},
	Detect:  detectSynDroppedTwRecycleSnat,
}

// Reported when the kernel's rule, replayed over the capture for one pair of
// addresses, predicts at least one SYN that stayed unanswered, none that was
// answered, and at least one that passes and was answered, while two timestamp
// clocks or more speak from the client's address. Not reported when a SYN that
// the rule would drop was answered. SYNs that arrive while a close is under way
// count for nothing: whether the memory was written by then is not visible.
func detectSynDroppedTwRecycleSnat(x *Context) []Finding {
	var out []Finding
	replays := x.Recycle()
	for i := range replays {
		r := &replays[i]
		a, b, c, d := r.Tally()
		if a == 0 || b > 0 || d == 0 || r.Clocks < recycleClocks {
			continue
		}
		certainty := Likely
		if a >= recycleCertain && d >= recycleCertain && float64(c) < recycleOther*float64(c+d) {
			certainty = Certain
		}
		out = append(out, *x.tellRecycle(r, certainty))
	}
	return out
}

func (x *Context) tellRecycle(r *conversation.RecycleReplay, certainty string) *Finding {
	dropped := droppedTrials(r)
	first := dropped[0]
	cause := Likely // the switch itself shows in no packet
	f := x.finding(Problem, certainty, cause, first.Conversation, first.Set)
	seen := map[int]bool{first.Conversation.ID: true, first.Set.ID: true}
	for _, t := range dropped {
		if !seen[t.Conversation.ID] {
			seen[t.Conversation.ID] = true
			f.Conversations = append(f.Conversations, t.Conversation.ID)
		}
	}
	f.Count = len(f.Conversations) - 1 // without the one that set the memory
	f.Summary = lang.T("From %s, %s to %s stayed unanswered: all of them carry an older timestamp than the server had just seen from that address.", "来自 %s 的 %s（目标 %s）没有应答：它们的时间戳都比服务器刚从该地址见过的更旧。",
		r.Client, lang.Count(len(dropped), "SYN", "SYNs", "个 SYN"), r.Server)
	tellMemory(f, first)
	tellDropped(f, first, dropped)
	tellRecycleTally(f, r)
	tellRecovery(f, r)
	recycleCauses(f, r, first)
	drawRecycle(f, first, dropped)
	f.waited(int64(len(dropped)) * lang.Second)
	return f
}

func droppedTrials(r *conversation.RecycleReplay) []*conversation.RecycleTrial {
	var out []*conversation.RecycleTrial
	for i := range r.Trials {
		if t := &r.Trials[i]; t.Prediction == conversation.PredictDrop && !t.Answered {
			out = append(out, t)
		}
	}
	return out
}

// tellMemory tells what the server had to remember before the first drop.
func tellMemory(f *Finding, t *conversation.RecycleTrial) {
	m := &t.Set.Segments[t.SetAt]
	f.say([]int{int(m.Number)}, "The server closed a connection of %s first. Its last timestamp was %s (#%d): this is what the rule remembers for that address.",
		"服务器先关闭了 %s 的一个连接，其最后的时间戳是 %s（#%d）：按规则，服务器会为该地址记住这个值。", t.Set.Client, lang.Number(int64(m.TSVal)), m.Number)
	f.shows(int(m.Number), "sets the remembered timestamp, %s", "设定被记住的时间戳 %s", lang.Number(int64(m.TSVal)))
}

func tellDropped(f *Finding, t *conversation.RecycleTrial, all []*conversation.RecycleTrial) {
	y := &t.Conversation.Segments[t.At]
	f.say([]int{int(y.Number)}, "%s later a SYN from the same address carried %s, which is %s behind (#%d). It drew nothing.",
		"%s 后，来自同一地址的一个 SYN 带有时间戳 %s，落后 %s（#%d），没有任何应答。",
		lang.Duration(y.Time-t.Set.Segments[t.SetAt].Time), lang.Number(int64(y.TSVal)), lang.Number(int64(t.Behind)), y.Number)
	var rest []int
	for _, d := range all {
		p := int(d.Conversation.Segments[d.At].Number)
		if len(f.Evidence) < recycleEvidence {
			f.shows(p, "older timestamp, no answer", "时间戳更旧，无应答")
		}
		if d != t {
			rest = append(rest, p)
		}
	}
	if len(rest) > 0 {
		f.say(rest, "The same happened to %s more, first or repeated (%s).", "另有 %s（首发或重传）遭遇相同（%s）。", lang.Count(len(rest), "SYN", "SYNs", "个 SYN"), refs(rest))
	}
}

func tellRecycleTally(f *Finding, r *conversation.RecycleReplay) {
	a, _, c, d := r.Tally()
	var answered []int
	for i := range r.Trials {
		if t := &r.Trials[i]; t.Prediction == conversation.PredictPass && t.Answered {
			answered = append(answered, int(t.Conversation.Segments[t.At].Number))
		}
	}
	f.say(answered, "The rule, replayed over this capture, says drop for %s, and none of them was answered; it says pass for %d, of which %d were answered (%s). Behind %s, %d timestamp clocks are at work.",
		"把这条规则在整个抓包上重放：判定丢弃的共 %s，无一得到应答；判定放行的共 %d 个，其中 %d 个得到应答（%s）。来自 %s 的共有 %d 条时间戳时钟线。",
		lang.Count(a, "SYN", "SYNs", "个 SYN"), c+d, d, refs(answered), r.Client, r.Clocks)
	f.shows(answered[0], "newer timestamp, answered", "时间戳更新，得到应答")
}

// tellRecovery tells of a dropped SYN whose repetition passed once the rule let it.
func tellRecovery(f *Finding, r *conversation.RecycleReplay) {
	dropped := map[*conversation.Conversation]bool{}
	for i := range r.Trials {
		t := &r.Trials[i]
		if t.Prediction == conversation.PredictDrop && !t.Answered {
			dropped[t.Conversation] = true
		}
		if t.Answered && dropped[t.Conversation] {
			y := &t.Conversation.Segments[t.At]
			f.say([]int{int(y.Number)}, "A repetition of a dropped SYN was answered as soon as the rule let it pass (#%d): this confirms it.", "一个被丢弃的 SYN，其重传在规则放行后立即得到应答（#%d）：这证实了该规则。", y.Number)
			f.shows(int(y.Number), "passes once the rule allows it", "规则放行后即通过")
			return
		}
	}
}

func recycleCauses(f *Finding, r *conversation.RecycleReplay, first *conversation.RecycleTrial) {
	f.may(Likely, lang.T("The server runs Linux before 4.12 with net.ipv4.tcp_tw_recycle=1, and %s is an address that several hosts share (source NAT, a Kubernetes node, a balancer)", "服务器是 4.12 之前的 Linux 且 net.ipv4.tcp_tw_recycle=1，而 %s 是多台主机共用的地址（源地址转换、Kubernetes 节点或负载均衡器）", r.Client),
		lang.Text{EN: "On the server: sysctl net.ipv4.tcp_tw_recycle, and whether TcpExtPAWSPassive and TcpExtListenDrops rise together with it.", ZH: "在服务器上：sysctl net.ipv4.tcp_tw_recycle，以及 TcpExtPAWSPassive 与 TcpExtListenDrops 是否同步增长。"})
	f.may(Possible, lang.Text{EN: "A filter that compares timestamps per address in the same way", ZH: "以同样方式按地址比较时间戳的过滤设备"},
		lang.T("A capture behind it: does #%d arrive?", "在其后抓包：#%d 是否到达？", n(first.Conversation, first.At)))
	f.excludes(lang.Text{EN: "A full accept or SYN queue", ZH: "全连接队列或 SYN 队列已满"}, lang.Text{EN: "It would drop SYNs whatever their timestamp; here no SYN with an older one was ever answered.", ZH: "那会不分时间戳地丢弃 SYN；这里时间戳更旧的 SYN 从未得到应答。"})
	f.excludes(lang.Text{EN: "A firewall that blocks the address", ZH: "防火墙屏蔽了该地址"}, lang.Text{EN: "SYNs of the same address with newer timestamps are answered.", ZH: "同一地址时间戳较新的 SYN 得到了应答。"})
	f.excludes(lang.Text{EN: "Clocks that are not synchronised", ZH: "主机之间没有校时"}, lang.Text{EN: "TCP timestamps are counters from each host's own start; they are no time of day.", ZH: "TCP 时间戳是各主机自有起点的计数器，不是钟表时间。"})
	f.confirm(lang.Text{EN: "On the server: the switch and its counter (the sysctl exists only before 4.12).", ZH: "在服务器上：开关及其计数器（该 sysctl 只存在于 4.12 之前）。"}, "uname -r; sysctl net.ipv4.tcp_tw_recycle; nstat -az TcpExtPAWSPassive TcpExtListenDrops")
	f.confirm(lang.Text{EN: "SYNs with their timestamps, at the server:", ZH: "在服务器上查看 SYN 及其时间戳："}, lang.T("tcpdump -ni any 'tcp[tcpflags] & tcp-syn != 0 and host %s'", "", r.Client).EN)
}

func drawRecycle(f *Finding, first *conversation.RecycleTrial, dropped []*conversation.RecycleTrial) {
	c := first.Conversation
	f.Drawing.Lanes = []LaneHint{
		{Endpoint: c.Client, Role: lang.Text{EN: "client", ZH: "客户端"}, Note: lang.Text{EN: "one of several hosts behind this address", ZH: "同一地址后的多台主机之一"}},
		{Endpoint: c.Server, Role: lang.Text{EN: "server", ZH: "服务器"}},
	}
	for _, t := range dropped {
		y := &t.Conversation.Segments[t.At]
		f.Drawing.Marks = append(f.Drawing.Marks, Mark{Packet: int(y.Number), Ignored: true,
			SenderNote:   lang.T("TSval %s", "TSval %s", lang.Number(int64(y.TSVal))),
			ReceiverNote: lang.T("older than %s: no answer", "比 %s 旧：无应答", lang.Number(int64(t.Memory)))})
	}
}
