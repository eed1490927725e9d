package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// A program that sets SO_LINGER to zero seconds makes close() send a reset
// instead of a FIN. After a complete exchange that harms nobody: it saves the
// closing handshake and the TIME_WAIT state.

// abortIdle: a connection quiet for longer than this before its reset was being
// cleaned up rather than closed after use, in ns.
const abortIdle = 5 * lang.Second

var linger0Abort = Scenario{
	ID:    "linger0-abort",
	Title: lang.Text{EN: "The connection was closed by a reset on purpose", ZH: "程序有意用复位关闭了连接"},
	Summary: lang.Text{
		EN: "Everything was exchanged and acknowledged, then one side closed with a reset instead of a FIN.",
		ZH: "数据都已交换并得到确认，其中一侧随后用复位而不是 FIN 关闭连接。",
	},
	Meaning: lang.Text{
		EN: "A program can ask its kernel to close with a reset (SO_LINGER with zero seconds), to be rid of the connection at once. Load generators, monitoring probes, mail clients and some servers do. Nothing was waiting for an answer, so nothing was lost.",
		ZH: "程序可以要求内核以复位方式关闭（SO_LINGER 设为 0 秒），立即释放连接。压测工具、监控探测、邮件客户端和一些服务器都会这样做。当时没有等待应答的数据，因此没有丢失。",
	},
	Recognised: []lang.Text{
		{EN: "A RST with ACK carries the connection's own next number; nothing is unacknowledged in either direction.", ZH: "带 ACK 的 RST 使用该连接自己的下一个序号；两个方向都没有未确认的数据。"},
		{EN: "Its side had not sent a FIN, and no request was waiting for an answer.", ZH: "发出的一侧此前没有发 FIN，也没有等待应答的请求。"},
	},
	Confused: []Confusion{
		{ID: "close-with-unread-data", Text: lang.Text{EN: "there data of the other side came just before the reset or was still coming", ZH: "那里复位前不久对端数据刚到，或仍在到达"}},
		{ID: "idle-cleanup-rst", Text: lang.Text{EN: "the same after seconds of silence", ZH: "同样的复位，但出现在若干秒静默之后"}},
		{ID: "rst-injection", Text: lang.Text{EN: "a forged reset cuts a connection in use", ZH: "伪造的复位会切断正在使用的连接"}},
	},
	Fixes: []lang.Text{
		{EN: "Nothing to mend. If the resets disturb an alarm, close in order instead of with SO_LINGER 0.", ZH: "无需修复。若这些复位触发告警，可改为正常关闭，不用 SO_LINGER 0。"},
	},
	References: []Reference{
		{Title: "socket(7), SO_LINGER", Author: "Linux man-pages", URL: "https://man7.org/linux/man-pages/man7/socket.7.html"},
	},
	Symptom: SymptomClose,
	Detect:  detectLinger0Abort,
}

// Reported when all of these hold: the first reset carries its side's own next
// number with ACK; that side had sent no FIN; nothing is outstanding in either
// direction; no request of the other side waits for an answer; the connection
// was quiet for less than 5 s; and payload flowed or the server closed an
// opened connection at once. Not reported when bytes were probably unread, when
// only a handshake took place and the client ended it (a health check), or
// behind unanswered keepalive probes.
func detectLinger0Abort(x *Context) []Finding {
	var out []Finding
	told := crowd{}
	for _, c := range x.Conversations {
		a := firstAbort(c)
		if a == nil || a.r.Form != conversation.ResetAbort || a.quiet >= abortIdle || !a.settled(x) {
			continue
		}
		if len(c.Turns()) == 0 && (a.from == client || !opened(c)) {
			continue
		}
		if g := a.group(); told.full(g) {
			out = append(out, *x.another(told, g, c))
			continue
		}
		out = append(out, *told.tells(a.group(), tellLinger0(x, a)))
	}
	return out
}

// settled reports whether nothing was left undone when the reset was sent: all
// acknowledged, no FIN of that side before, no request waiting (a client that
// closed waits for nothing), nothing unread.
func (a *abort) settled(x *Context) bool {
	if !a.before.Quiet() || a.before.FIN[a.from] >= 0 || len(a.crossing()) > 0 || !unreadClue(x, a).text.Empty() {
		return false
	}
	return a.from == client || !a.owes() || a.before.FIN[client] >= 0
}

func tellLinger0(x *Context, a *abort) *Finding {
	c, who := a.c, sideName(a.from)
	f := x.finding(Info, Certain, Likely, c)
	f.Summary = lang.T("A reset carrying the %s's address ended the connection %s – %s after everything was exchanged; nothing was lost.",
		"%[2]s 与 %[3]s 之间的数据都已交换完毕，随后一个带有%[1]s地址的复位结束了连接，没有丢失数据。", who, c.Client, c.Server)
	last := a.before.Any
	f.say(numbers(c, last), "Everything sent in either direction had been acknowledged by #%d.", "到 #%d 为止，两个方向发送的数据都已得到确认。", n(c, last))
	f.say(numbers(c, a.r.At), "%s later a RST carrying the %s's address closed the connection #%d, %s.", "%s 后，一个带有%s地址的 RST 关闭了连接 #%d，%s。",
		lang.Duration(a.quiet), who, n(c, a.r.At), a.shape())
	f.shows(n(c, a.r.At), "closes by reset", "以复位关闭")
	f.may(Likely, lang.T("The %s's program closes with SO_LINGER 0", "%s程序以 SO_LINGER 0 方式关闭", who), lang.Text{EN: "strace of the program: setsockopt(SO_LINGER, {1, 0}) before close.", ZH: "用 strace 跟踪该程序：close 之前是否有 setsockopt(SO_LINGER, {1, 0})。"})
	f.may(Possible, lang.T("The %s closed without having read all it had received", "%s没有读完收到的数据就关闭", who), lang.Text{EN: "The counter TcpExtTCPAbortOnClose on that host.", ZH: "该主机上的 TcpExtTCPAbortOnClose 计数。"})
	f.confirm(lang.Text{EN: "On that side's host:", ZH: "在该侧主机上："}, "nstat -az TcpExtTCPAbortOnClose TcpExtTCPAbortOnData")
	return f.grouped(a.group(), portLabel(c.Client))
}
