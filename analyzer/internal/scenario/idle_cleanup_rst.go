package scenario

import (
	"pcaplain/analyzer/internal/lang"
)

var idleCleanupRST = Scenario{
	ID:    "idle-cleanup-rst",
	Title: lang.Text{EN: "An idle connection was cleared by a reset", ZH: "空闲连接被复位清理"},
	Summary: lang.Text{
		EN: "After a complete exchange and seconds of silence a reset ends a connection that nobody was using.",
		ZH: "数据交换完毕并静默若干秒之后，一个复位结束了无人使用的连接。",
	},
	Meaning: lang.Text{
		EN: "Balancers, proxies and some servers clear idle connections with a reset instead of a FIN. No request was waiting, so nothing was lost; a client that reuses the connection at this very moment would lose its request.",
		ZH: "负载均衡、代理和一些服务器会用复位而不是 FIN 清理空闲连接。当时没有等待中的请求，因此没有丢失；但若客户端恰在此刻复用该连接，请求就会丢失。",
	},
	Recognised: []lang.Text{
		{EN: "Nothing is outstanding and the connection was quiet for at least 5 s.", ZH: "没有未确认的数据，且连接至少静默了 5 秒。"},
		{EN: "The RST carries its side's own next number, with or without ACK, and answers no segment.", ZH: "RST 使用己方的下一个序号，带不带 ACK 均可，并不是对某个包的应答。"},
	},
	Confused: []Confusion{
		{ID: "idle-timeout-rst", Text: lang.Text{EN: "there the reset answers data that was sent after the silence: a request was lost", ZH: "那里复位是对静默之后所发数据的应答：请求丢失了"}},
		{ID: "keepalive-failure", Text: lang.Text{EN: "there unanswered probes precede the reset", ZH: "那里复位之前有未获应答的探测"}},
	},
	Fixes: []lang.Text{
		{EN: "Nothing to mend. To keep such connections, send keepalives more often than the limit, or raise it; let clients drop idle connections earlier than the server side does.", ZH: "无需修复。若要保留这类连接，可让保活间隔短于该时限或放宽时限；并让客户端先于服务器一侧丢弃空闲连接。"},
	},
	References: []Reference{
		{Title: "Load balancer gotchas", Author: "kupczynski.info", URL: "https://kupczynski.info/posts/load-balancer-gotchas"},
	},
	Symptom: SymptomClose,
	Detect:  detectIdleCleanup,
}

// Reported when all of these hold: the first reset carries its side's own next
// number and answers nothing; the connection had been quiet for at least 5 s;
// nothing was outstanding, no request waited for an answer and none crossed the
// reset. Not reported behind unanswered keepalive probes (keepalive-failure).
func detectIdleCleanup(x *Context) []Finding {
	var out []Finding
	told := crowd{}
	for _, c := range x.Conversations {
		a := firstAbort(c)
		if a == nil || a.quiet < abortIdle || !a.settled(x) || c.ProbesBefore(a.r.At) > 0 {
			continue
		}
		if g := a.group(); told.full(g) {
			out = append(out, *x.another(told, g, c))
			continue
		}
		out = append(out, *told.tells(a.group(), tellIdleCleanup(x, a)))
	}
	return out
}

func tellIdleCleanup(x *Context, a *abort) *Finding {
	c, who := a.c, sideName(a.from)
	f := x.finding(Info, Certain, Likely, c)
	f.Summary = lang.T("%s – %s had been idle for %s when a reset carrying the %s's address ended it; no request was lost.",
		"%s 与 %s 之间的连接空闲 %s 后，被一个带有%s地址的复位结束；没有请求丢失。", c.Client, c.Server, lang.Duration(a.quiet), who)
	f.say(numbers(c, a.before.Any), "The last exchange ended with #%d; everything was acknowledged.", "最后一次交换止于 #%d，数据全部得到确认。", n(c, a.before.Any))
	f.say(numbers(c, a.r.At), "After %s of silence a RST carrying the %s's address came #%d, %s.", "静默 %s 后出现一个带有%s地址的 RST #%d，%s。",
		lang.Duration(a.quiet), who, n(c, a.r.At), a.shape())
	f.shows(n(c, a.r.At), "clears the idle connection", "清理空闲连接")
	f.may(Likely, lang.T("An idle limit of %s on that side or on a balancer in front of it", "该侧或其前面的负载均衡设有约 %s 的空闲时限", lang.Duration(a.quiet)),
		lang.Text{EN: "The idle setting, and whether other connections end after the same time.", ZH: "空闲时限的配置，以及其他连接是否也在相同时长后结束。"})
	f.Drawing.Gaps = []GapHint{{Packet: n(c, a.r.At), Reason: lang.Text{EN: "idle", ZH: "空闲"}}}
	return f.grouped(a.group(), portLabel(c.Client))
}
