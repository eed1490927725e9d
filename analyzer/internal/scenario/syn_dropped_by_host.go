package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// The capture states that a SYN came in to the host that should answer it, and
// nothing left: the host dropped it after the capture point.

var synDroppedByHost = Scenario{
	ID:    "syn-dropped-by-host",
	Title: lang.Text{EN: "The SYN reached the host, and the host stays silent", ZH: "SYN 已到达主机，主机却不作应答"},
	Summary: lang.Text{
		EN: "The SYN came in to the very host that should answer it; no SYN-ACK and no reset left it.",
		ZH: "SYN 已进入应当作答的主机，主机既没有发出 SYN-ACK，也没有发出复位。",
	},
	Meaning: lang.Text{
		EN: "A packet is recorded before the host's own firewall and before its TCP. Something behind that point threw the SYN away: a filter, the reverse-path check, a missing signature, or a full queue.",
		ZH: "包在主机自身的防火墙和 TCP 之前就被抓到。抓包点之后有环节丢弃了 SYN：过滤规则、反向路径检查、缺少签名，或队列已满。",
	},
	Recognised: []lang.Text{
		{EN: "The capture was taken on the server's host and records the SYN as coming in.", ZH: "抓包位于服务器主机上，且记录该 SYN 为入方向。"},
		{EN: "Nothing goes out for it.", ZH: "没有任何应答发出。"},
	},
	Confused: []Confusion{
		{ID: "syn-no-answer", Text: lang.Text{EN: "the same seen from elsewhere, where it cannot be said who is silent", ZH: "在别处看到的同一现象，无法判断是谁不作应答"}},
		{ID: "accept-queue-overflow", Text: lang.Text{EN: "there other connections of the same listener hang half-open at the same time", ZH: "那里同一监听端口同时有其他连接停在半开状态"}},
	},
	Fixes: []lang.Text{
		{EN: "Find the rule that drops it and allow the port for these clients.", ZH: "找到丢弃它的规则，对这些客户端放行该端口。"},
		{EN: "rp_filter: set it to 2 (loose) where answers leave by another interface.", ZH: "rp_filter：应答从其他网口发出时，设为 2（宽松）。"},
		{EN: "Full queue: raise backlog and somaxconn, accept faster.", ZH: "队列已满：调大 backlog 与 somaxconn，加快 accept。"},
	},
	References: []Reference{
		{Title: "SYN packet handling in the wild", Author: "Marek Majkowski, Cloudflare", Date: "2018-01-15", URL: "https://blog.cloudflare.com/syn-packet-handling-in-the-wild/"},
	},
	Symptom: SymptomNoAnswer,
	Over:    []string{"syn-no-answer"},
	Detect:  detectSynDroppedByHost,
}

// Reported when a SYN draws nothing (as in syn-no-answer) and the capture states
// that it came in to the server's host. Not reported when that is only inferred,
// or when a box sent the same SYN on to another address.
func detectSynDroppedByHost(x *Context) []Finding {
	var out []Finding
	for _, s := range x.silences() {
		if s.at < 0 && x.onHost(s) && len(s.syns) > 1 {
			out = append(out, *x.tellDropped(s.c, s.syns))
		}
	}
	return out
}

func (x *Context) tellDropped(c *conversation.Conversation, syns []int) *Finding {
	f := x.finding(Problem, Certain, Possible, c)
	y := &c.Segments[syns[0]]
	f.waited(c.Segments[syns[len(syns)-1]].Time - y.Time)
	f.Summary = lang.T("The SYN of %s to port %d came in to the server's host %s; nothing left it.", "%s 发往 %d 端口的 SYN 进入了服务器主机，共 %s；主机没有发出任何应答。", c.Client, c.Server.Port(), lang.Times(len(syns)))
	f.say([]int{int(y.Number)}, "The SYN from %s came in to this host (#%d).", "来自 %s 的 SYN 进入本机（#%d）。", c.Client, y.Number)
	f.shows(int(y.Number), "came in", "已进入本机")
	f.tellRepeatedSYNs(c, syns)
	f.say(numbers(c, syns...), "The host sent nothing back: no SYN-ACK, no reset.", "主机没有任何返回：没有 SYN-ACK，也没有复位。")
	hostDrops(f, c, Likely)
	f.Cause = Likely
	f.excludes(lang.Text{EN: "Lost on the way to the server", ZH: "在到服务器的途中丢失"}, lang.T("#%d is recorded as coming in to this host.", "#%d 被记录为进入本机。", y.Number))
	f.excludes(lang.Text{EN: "No listener", ZH: "无监听"}, lang.Text{EN: "The host would answer with a RST.", ZH: "主机会以 RST 作答。"})
	x.checksSilence(f, c)
	f.Drawing.Lanes, f.Drawing.Timers = twoLanes(c), timersOf(c, syns)
	for _, i := range syns {
		f.Drawing.Marks = append(f.Drawing.Marks, Mark{Packet: n(c, i), Ignored: true, ReceiverNote: lang.Text{EN: "arrives, no answer", ZH: "已到达，无应答"}})
	}
	return f.restsOnAbsence().grouped(c.Server.String(), portLabel(c.Client))
}
