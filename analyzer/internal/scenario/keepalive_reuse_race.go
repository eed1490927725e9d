package scenario

import (
	"pcaplain/analyzer/internal/lang"
)

// reuseIdle is the shortest silence that makes a connection a kept one, in ns:
// shorter pauses are part of one exchange, and idle limits start at a second.
const reuseIdle = 900 * lang.Millisecond

var keepaliveReuseRace = Scenario{
	ID:    "keepalive-reuse-race",
	Title: lang.Text{EN: "A request crossed the server's close of an idle connection", ZH: "请求与服务器关闭空闲连接的 FIN 擦肩而过"},
	Summary: lang.Text{
		EN: "The server closes a kept-alive connection for idleness just as the client or proxy sends its next request on it: the request is refused by a reset.",
		ZH: "服务器因空闲而关闭保持中的连接，客户端或代理恰在此时发出下一个请求：请求被复位拒绝。",
	},
	Meaning: lang.Text{
		EN: "Both sides keep the connection for reuse, and the server's idle limit is the shorter one. When the limit ends, its FIN and the next request meet on the way. A proxy then reports 502, a client “connection reset”. It happens seldom and only under load that leaves connections idle for about that long.",
		ZH: "双方都保留连接以便复用，而服务器的空闲时限较短。时限一到，FIN 与下一个请求在途中相遇。代理随后报 502，客户端则报“连接被重置”。这种情况不常见，只在连接空闲时长恰好接近该时限时发生。",
	},
	Recognised: []lang.Text{
		{EN: "Earlier requests on the connection were answered.", ZH: "该连接上此前的请求得到过应答。"},
		{EN: "A FIN from the server, and a request whose acknowledgement number does not cover it.", ZH: "服务器发出 FIN，而请求的确认号并未覆盖它。"},
		{EN: "A bare RST answers the request; no byte of answer follows.", ZH: "请求得到不带 ACK 的 RST，没有任何应答数据。"},
	},
	Confused: []Confusion{
		{ID: "data-after-close", Text: lang.Text{EN: "there the sender had already acknowledged the FIN", ZH: "那里发送方已经确认过 FIN"}},
		{ID: "data-acked-then-reset-by-proxy", Text: lang.Text{EN: "there it is the first request that gets no answer", ZH: "那里没有得到应答的是第一个请求"}},
		{ID: "idle-timeout-rst", Text: lang.Text{EN: "there no FIN was sent: a device had forgotten the connection", ZH: "那里没有 FIN：是设备遗忘了连接"}},
	},
	Fixes: []lang.Text{
		{EN: "Make the client's or proxy's idle limit shorter than the server's (for example 60 s against 65 s).", ZH: "让客户端或代理的空闲时限短于服务器（例如 60 秒对 65 秒）。"},
		{EN: "Repeat idempotent requests once on a new connection.", ZH: "对幂等请求在新连接上重试一次。"},
	},
	References: []Reference{
		{Title: "HTTP keep-alive vs load balancer idle timeout: the intermittent 502 race", Author: "hivebook.wiki", URL: "https://hivebook.wiki/wiki/http-keep-alive-vs-load-balancer-idle-timeout-the-intermittent-502-race"},
		{Title: "RFC 9112, HTTP/1.1, section 9.3.1", Author: "R. Fielding et al.", Date: "2022-06", URL: "https://www.rfc-editor.org/rfc/rfc9112"},
	},
	Symptom: SymptomReset,
	Over:    []string{"data-after-close", "idle-timeout-rst", "linger0-abort", "idle-cleanup-rst", "half-open-after-crash", "close-with-unread-data"},
	Detect:  detectKeepaliveReuseRace,
}

// Reported when all of these hold: the server had answered something; after at
// least 0.9 s of silence it sent a FIN; the client sent new data that does not acknowledge that FIN; a bare reset
// answered the data. Not reported when the FIN was already acknowledged
// (data-after-close), when nothing had been served
// (data-acked-then-reset-by-proxy), or when the data is only the end of a TLS
// session.
func detectKeepaliveReuseRace(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		l := findLateData(c)
		if l != nil && l.isReuseRace(x) {
			out = append(out, *tellReuseRace(x, l))
		}
	}
	return out
}

func (l *lateData) isReuseRace(x *Context) bool {
	return l.crossed && l.closer == server && answeredBefore(l.c, min(l.fin, l.data)) && l.quiet >= reuseIdle && !l.farewell(x)
}

func tellReuseRace(x *Context, l *lateData) *Finding {
	c := l.c
	f := x.finding(Problem, Certain, Likely, c)
	f.Summary = lang.T("%s closed the idle connection while %s was sending its next request on it; that request was refused.",
		"%s 关闭空闲连接时，%s 正在其上发送下一个请求，这个请求被拒绝。", c.Server, c.Client)
	m := c.Before(min(l.fin, l.data))
	f.say(numbers(c, m.Any), "Earlier requests on this connection were answered; the last packet before the silence was #%d.", "此前这个连接上的请求都得到了应答，静默之前的最后一个包是 #%d。", n(c, m.Any))
	f.say(numbers(c, l.fin), "After %s without traffic the server closed the connection with a FIN #%d.", "静默 %s 后，服务器用 FIN 关闭了连接 #%d。", elapsed(c, m.Any, l.fin), n(c, l.fin))
	when := lang.T("%s after the FIN", "FIN 之后 %s", elapsed(c, l.fin, l.data))
	if l.data < l.fin {
		when = lang.T("%s before the FIN arrived here", "FIN 到达此处之前 %s", elapsed(c, l.data, l.fin))
	}
	f.say(numbers(c, l.data), "The client's next request #%d was sent %s; its acknowledgement number does not cover that FIN, so the client could not know of it.",
		"客户端的下一个请求 #%d 在 %s 发出；它的确认号没有覆盖 FIN，可见当时客户端还不知道连接已被关闭。", n(c, l.data), when)
	f.say(numbers(c, l.rst), "The request met a closed socket and drew a bare RST #%d: it was not answered.", "请求遇到的是已关闭的套接字，得到不带 ACK 的 RST #%d：没有应答。", n(c, l.rst))
	f.shows(n(c, l.fin), "closes the idle connection", "关闭空闲连接")
	f.shows(n(c, l.data), "the request on its way", "在途的请求")
	f.shows(n(c, l.rst), "refuses it", "拒绝")
	f.may(Likely, lang.T("The server's idle limit (about %s) is shorter than the time the client keeps connections", "服务器的空闲时限（约 %s）短于客户端保留连接的时间", elapsed(c, m.Any, l.fin)),
		lang.Text{EN: "The keep-alive settings of both sides, and whether other connections are closed after the same time.", ZH: "双方的保活配置，以及其他连接是否也在相同时长后被关闭。"})
	f.may(Possible, lang.Text{EN: "The server was stopping or reloading", ZH: "服务器正在停止或重载"}, lang.Text{EN: "FINs on all of its connections at this moment.", ZH: "此刻它的所有连接是否都出现 FIN。"})
	f.excludes(lang.Text{EN: "A device that forgot the connection", ZH: "设备遗忘了连接"}, lang.T("The FIN #%d announced the close.", "FIN #%d 已宣告关闭。", n(c, l.fin)))
	f.confirm(lang.Text{EN: "The proxy's log for “upstream prematurely closed”, and the server's keep-alive setting:", ZH: "查看代理日志中的 “upstream prematurely closed”，以及服务器的保活时限："}, "grep -rn keepalive_timeout /etc/nginx")
	f.Drawing.Gaps = []GapHint{{Packet: n(c, min(l.fin, l.data)), Reason: lang.Text{EN: "idle, kept for reuse", ZH: "空闲，留待复用"}}}
	f.Drawing.Marks = []Mark{{Packet: n(c, l.data), Ignored: true, ReceiverNote: lang.Text{EN: "socket already closed", ZH: "套接字已关闭"}}}
	return f.grouped(c.Server.String(), portLabel(c.Client))
}
