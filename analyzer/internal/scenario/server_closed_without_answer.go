package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// The request is acknowledged and the server closes with FIN although it sent
// nothing. Nothing lay unread, so no reset was due: whoever held the socket read
// the request, or closed before it came.

const (
	// closedBeforeRequest is how soon after the handshake a server's FIN still
	// belongs to the opening, in ns: a proxy that finds no upstream closes at once.
	closedBeforeRequest = 1500 * lang.Millisecond
	// oneWayStream: a client that sent for longer than this without ever being
	// answered speaks a protocol without answers, in ns.
	oneWayStream = 5 * lang.Second
)

var serverClosedWithoutAnswer = Scenario{
	ID:    "server-closed-without-answer",
	Title: lang.Text{EN: "The server closed politely without answering the request", ZH: "服务器没有应答请求就正常关闭了连接"},
	Summary: lang.Text{
		EN: "The request arrives and is acknowledged, and the server closes with a FIN without having sent a byte.",
		ZH: "请求到达并得到确认，服务器却一个字节也没发就用 FIN 关闭了连接。",
	},
	Meaning: lang.Text{
		EN: "A FIN without an answer is a decision of the program that held the socket: a proxy whose upstream failed, a server that expects another protocol (TLS, PROXY header) on this port, an access rule, or a process that ended. Because the close is a FIN and not a reset, the request had been read or had not yet arrived.",
		ZH: "不应答就发 FIN，是持有该套接字的程序所作的决定：上游失败的代理、在该端口期待另一种协议（TLS、PROXY 头）的服务器、访问规则，或进程退出。既然以 FIN 而非 RST 关闭，说明请求已被读走，或当时尚未到达。",
	},
	Recognised: []lang.Text{
		{EN: "The handshake is complete and the client's data is acknowledged.", ZH: "握手完成，客户端的数据得到确认。"},
		{EN: "The server's FIN carries its first sequence number: it sent nothing before it.", ZH: "服务器 FIN 的序列号仍是其起始值：此前没有发送任何数据。"},
		{EN: "The client had not closed its side.", ZH: "客户端并未先关闭。"},
	},
	Confused: []Confusion{
		{ID: "data-acked-then-reset-by-proxy", Text: lang.Text{EN: "there the end is a reset, or the failed second connection of the proxy is in the capture", ZH: "那里以复位结束，或抓包中就有代理那段失败的连接"}},
		{ID: "keepalive-reuse-race", Text: lang.Text{EN: "there earlier requests on the connection were answered", ZH: "那里同一连接上更早的请求得到过应答"}},
	},
	Fixes: []lang.Text{
		{EN: "Read the log of the program that holds this port at the time of the FIN.", ZH: "查看占用该端口的程序在发出 FIN 时刻的日志。"},
		{EN: "If it is a proxy, repair what stands behind it; if it speaks TLS or expects a PROXY header, use the matching protocol.", ZH: "若是代理，修复其后的服务器；若它要求 TLS 或 PROXY 头，请使用相应的协议。"},
	},
	References: []Reference{
		{Title: "RFC 9293, Transmission Control Protocol, section 3.6", Author: "W. Eddy", Date: "2022-08", URL: "https://www.rfc-editor.org/rfc/rfc9293"},
		{Title: "Beneath the TCP Handshakes in Modern Networking Infrastructures", Author: "ArthurChiao", Date: "2019-10-11", URL: "http://arthurchiao.art/blog/tcp-handshake-in-modern-network-infra/"},
	},
	Symptom: SymptomClose,
	Over:    []string{"data-after-close", "keepalive-reuse-race", "linger0-abort", "idle-cleanup-rst", "who-is-slow", "half-open-after-crash"},
	Detect:  detectServerClosedWithoutAnswer,
}

// Reported when all of these hold: the handshake is complete; the server's FIN
// stands at its first sequence number; the client had not closed or reset
// before; and either the client's data was acknowledged by then, or the FIN came
// within 1.5 s of the handshake and the client's data after it was refused by a
// reset. Not reported when a reset with the server's own numbers ended it (see
// data-acked-then-reset-by-proxy), and not when the client never asked anything:
// then no answer was owed.
func detectServerClosedWithoutAnswer(x *Context) []Finding {
	var out []Finding
	told := crowd{}
	for _, c := range x.Conversations {
		u := endedUnanswered(c)
		if u == nil {
			u = closedAtOnce(c)
		}
		switch {
		case u == nil || !u.fin:
		case told.full(c.Server.String()):
			out = append(out, *x.another(told, c.Server.String(), c))
		default:
			out = append(out, *told.tells(c.Server.String(), tellClosedWithoutAnswer(x, u)))
		}
	}
	return out
}

// closedAtOnce: the FIN came before the first request, which then met nobody.
func closedAtOnce(c *conversation.Conversation) *unanswered {
	fin := c.FirstFIN(server)
	if fin < 0 || !opened(c) || !unserved(c) || clientLeftBefore(c, fin) || since(c, c.Handshake().ACK, fin) > closedBeforeRequest {
		return nil
	}
	r := c.FirstReset(server)
	t := firstRequest(c)
	if t == nil || r == nil || r.Form != conversation.ResetNobody || r.At < t.First {
		return nil
	}
	return &unanswered{c, t, fin, true}
}

func tellClosedWithoutAnswer(x *Context, u *unanswered) *Finding {
	c := u.c
	severity := Problem
	if since(c, u.request.First, u.request.Last) > oneWayStream {
		severity = Warning
	}
	f := x.finding(severity, Certain, Possible, c)
	f.Summary = lang.T("%s accepted the connection of %s and closed it again without a byte in answer to %s.",
		"%s 接受了 %s 的连接，对其%s没有应答一个字节就关闭了连接。", c.Server, c.Client.Addr(), said(x, c, u.request))
	sayOpening(f, c)
	if u.end < u.request.First {
		f.say(numbers(c, u.end), "%s after the handshake a FIN carrying the server's address closed the connection #%d, before the client had asked anything.",
			"握手完成 %s 后，一个带有服务器地址的 FIN 关闭了连接 #%d，此时客户端还没有提出请求。", elapsed(c, c.Handshake().ACK, u.end), n(c, u.end))
		r := c.FirstReset(server).At
		f.say(numbers(c, u.request.First, r), "The client's data %s later #%d met a closed socket and was answered by a reset #%d.",
			"%s 后客户端的数据 #%d 遇到的是已关闭的套接字，得到的是复位 #%d。", elapsed(c, u.end, u.request.First), n(c, u.request.First), n(c, r))
		f.shows(n(c, u.end), "closes before the request", "请求到来之前就关闭")
	} else {
		sayRequest(x, f, c, u.request, u.end)
		sayUnansweredEnd(f, *u)
	}
	f.may(Possible, lang.T("A proxy whose own connection to its server failed%s", "代理自己到服务器的连接失败%s", delayHint(since(c, u.request.First, u.end))),
		lang.Text{EN: "A capture on that host with -i any: a second connection that fails just before the FIN.", ZH: "在该主机上用 -i any 抓包：FIN 之前若有另一段连接失败即是。"})
	f.may(Possible, lang.Text{EN: "The program behind the port expects another protocol, refuses this client, or ended", ZH: "端口后面的程序期待另一种协议、拒绝该客户端，或已退出"},
		lang.Text{EN: "The program's log, and the same request sent by hand.", ZH: "该程序的日志，并手工发送同样的请求对比。"})
	f.excludes(lang.Text{EN: "Loss on the path", ZH: "路径丢包"}, lang.T("#%d stands at the server's first sequence number: there was nothing to lose.", "#%d 的序列号仍是服务器的起始值：没有可丢的数据。", n(c, u.end)))
	checksUnanswered(f, c)
	drawUnanswered(f, *u, nil)
	return f.waited(max(since(c, u.request.First, u.end), 0)).grouped(c.Server.String(), portLabel(c.Client))
}
