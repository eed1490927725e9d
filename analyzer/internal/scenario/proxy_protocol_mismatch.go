package scenario

import (
	"net/netip"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

var proxyProtocolMismatch = Scenario{
	ID:    "proxy-protocol-mismatch",
	Title: lang.Text{EN: "A PROXY header is sent to a server that does not expect one", ZH: "PROXY 头发给了不期待它的服务器"},
	Summary: lang.Text{
		EN: "A balancer puts a PROXY protocol header before the client's data; the server takes it for part of the request and refuses.",
		ZH: "负载均衡在客户端数据之前加上 PROXY 协议头，服务器把它当作请求的一部分而拒绝。",
	},
	Meaning: lang.Text{
		EN: "The PROXY protocol carries the client's address in a line or a binary block before the first byte of the real protocol. Both sides must agree on it by configuration; there is no negotiation.",
		ZH: "PROXY 协议在真正的协议数据之前，用一行文本或一段二进制携带客户端地址。双方必须靠配置事先约定，没有协商过程。",
	},
	Recognised: []lang.Text{
		{EN: "The client's first data begins with a PROXY header (version 1 or 2).", ZH: "客户端的首个数据以 PROXY 头开始（版本 1 或 2）。"},
		{EN: "The server answers 400 or a TLS alert, or ends the connection without an answer.", ZH: "服务器回应 400 或 TLS 告警，或未应答就结束连接。"},
	},
	Confused: []Confusion{
		{ID: "data-acked-then-reset-by-proxy", Text: lang.Text{EN: "the same end without a PROXY header before it", ZH: "结局相同，但之前没有 PROXY 头"}},
	},
	Fixes: []lang.Text{
		{EN: "Switch the PROXY protocol on at both sides or at neither (nginx: listen … proxy_protocol; HAProxy: accept-proxy and send-proxy).", ZH: "两侧同时启用或同时关闭 PROXY 协议（nginx：listen … proxy_protocol；HAProxy：accept-proxy 与 send-proxy）。"},
	},
	References: []Reference{
		{Title: "The PROXY protocol, versions 1 and 2", Author: "W. Tarreau", URL: "https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt"},
		{Title: "Proxy protocol", Author: "Apache Traffic Server", URL: "https://docs.trafficserver.apache.org/en/9.1.x/admin-guide/configuration/proxy-protocol.en.html"},
	},
	Symptom: SymptomProtocol,
	Over:    []string{"data-acked-then-reset-by-proxy", "server-closed-without-answer", "close-with-unread-data", "tls-alert", "half-close-cut", "linger0-abort"},
	Detect:  detectProxyProtocol,
}

// Reported when the client's first payload begins with a PROXY header and the
// server answered 400 or with a TLS alert, or ended the connection without a
// byte. Also, as possible, when a connection without the header was ended
// without a byte while the same server answered one that had it. Not reported
// when the server answers otherwise: then it understood.
func detectProxyProtocol(x *Context) []Finding {
	var out []Finding
	headed := x.headed()
	for _, c := range x.Conversations {
		q := x.FirstMessage(c, client)
		if q == nil || !headed[c.Server] {
			continue
		}
		if q.Kind != conversation.MessageProxy {
			if f := missingProxyHeader(x, c, q); f != nil {
				out = append(out, *f)
			}
			continue
		}
		a, end := x.FirstMessage(c, server), serverEnd(c)
		switch {
		case a != nil && (a.Status == 400 || a.Kind == conversation.MessageAlert):
			out = append(out, *tellProxyProtocol(x, c, q, a.At, answers(a)))
		case a == nil && end > q.At:
			out = append(out, *tellProxyProtocol(x, c, q, end, closes(c, end)))
		}
	}
	return out
}

// headed are the server endpoints that some client sends a PROXY header to.
func (x *Context) headed() map[netip.AddrPort]bool {
	out := map[netip.AddrPort]bool{}
	for _, c := range x.Conversations {
		if q := x.FirstMessage(c, client); q != nil && q.Kind == conversation.MessageProxy {
			out[c.Server] = true
		}
	}
	return out
}

func tellProxyProtocol(x *Context, c *conversation.Conversation, q *conversation.Message, answer int, how lang.Text) *Finding {
	f := x.finding(Problem, Certain, Likely, c)
	f.Summary = lang.T("%s began with a PROXY header (%s); %s refused it.", "%s 以 PROXY 头（%s）开头，被 %s 拒绝。", c.Client.Addr(), q.Line, c.Server)
	sayExchange(f, c, q, lang.T("the PROXY header “%s”", " PROXY 头“%s”", q.Line), answer, how)
	f.may(Likely, lang.Text{EN: "The server is not configured to expect the PROXY protocol on this port", ZH: "服务器没有在该端口配置接受 PROXY 协议"}, lang.Text{EN: "The same request without the header, sent from the balancer's host.", ZH: "在负载均衡主机上发送不带该头的同样请求。"})
	f.may(Possible, lang.Text{EN: "The server expects the other version of the header", ZH: "服务器期待的是另一版本的头"}, lang.Text{EN: "The configuration of both sides.", ZH: "两侧的配置。"})
	f.confirm(lang.Text{EN: "The setting at the server:", ZH: "查看服务器的配置："}, "grep -rn proxy_protocol /etc/nginx")
	return f.grouped(c.Server.String(), portLabel(c.Client))
}

// missingProxyHeader: this client sent none and got nothing, while the server
// answered others that did.
func missingProxyHeader(x *Context, c *conversation.Conversation, q *conversation.Message) *Finding {
	g := x.tongueOf(c.Server).proxy
	end := serverEnd(c)
	if g == nil || end < q.At {
		return nil
	}
	p := x.FirstMessage(g, client)
	f := x.finding(Problem, Certain, Possible, c)
	f.Title = lang.Text{EN: "A PROXY header is missing where the server expects one", ZH: "服务器期待 PROXY 头，而请求中没有"}
	f.Summary = lang.T("%s sent no PROXY header and got no answer from %s, which answers those that send one.", "%s 没有发送 PROXY 头，得不到 %s 的应答；而发送了该头的请求都得到应答。", c.Client.Addr(), c.Server)
	sayExchange(f, c, q, line(q), end, closes(c, end))
	f.say(numbers(g, p.At), "Another connection to the same port begins with a PROXY header and is answered (#%d).", "到同一端口的另一个连接以 PROXY 头开始，并得到应答（#%d）。", n(g, p.At))
	f.shows(n(g, p.At), "the header, accepted", "被接受的 PROXY 头")
	f.beside(c, g)
	f.may(Possible, lang.Text{EN: "The server requires the PROXY protocol on this port", ZH: "服务器要求该端口使用 PROXY 协议"}, lang.Text{EN: "Its configuration, and its log: “broken header”.", ZH: "服务器的配置与日志：“broken header”。"})
	return f.grouped("missing"+c.Server.String(), portLabel(c.Client))
}
