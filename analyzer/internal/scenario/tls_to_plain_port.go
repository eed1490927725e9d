package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

var tlsToPlainPort = Scenario{
	ID:    "tls-to-plain-port",
	Title: lang.Text{EN: "TLS was sent to a port that speaks plain text", ZH: "TLS 握手发到了明文端口"},
	Summary: lang.Text{
		EN: "The client begins a TLS handshake where the server speaks plain text.",
		ZH: "客户端发起 TLS 握手，而服务器使用明文协议。",
	},
	Meaning: lang.Text{
		EN: "The address was used with https:// on a plain HTTP port, TLS was not switched on at the server, or the protocol wants plain text first and TLS only on request (STARTTLS).",
		ZH: "对明文 HTTP 端口使用了 https://，服务器没有启用 TLS，或该协议要求先用明文、再按需启用 TLS（STARTTLS）。",
	},
	Recognised: []lang.Text{
		{EN: "The client's first data is a TLS ClientHello.", ZH: "客户端的首个数据是 TLS ClientHello。"},
		{EN: "The server answers in plain text: HTTP 400, or a greeting and an error; or it closes on a port where plain HTTP is spoken.", ZH: "服务器以明文回应：HTTP 400，或问候语与错误信息；或在使用明文 HTTP 的端口上直接关闭。"},
	},
	Confused: []Confusion{
		{ID: "tls-alert", Text: lang.Text{EN: "there the server does speak TLS and objects to the offer", ZH: "那里服务器确实使用 TLS，只是拒绝对方的提议"}},
		{ID: "clienthello-blocked", Text: lang.Text{EN: "there the ClientHello is dropped or reset while other names work", ZH: "那里 ClientHello 被丢弃或复位，而其他域名正常"}},
	},
	Fixes: []lang.Text{
		{EN: "Switch TLS on for this port (listen … ssl), or use http:// or the protocol's STARTTLS mode.", ZH: "在该端口启用 TLS（listen … ssl），或改用 http:// 或协议的 STARTTLS 方式。"},
	},
	References: []Reference{
		{Title: "HTTP response to HTTPS client", Author: "geekchamp.com", URL: "https://geekchamp.com/?p=229231"},
		{Title: "RFC 8446, TLS 1.3", Author: "E. Rescorla", Date: "2018-08", URL: "https://www.rfc-editor.org/rfc/rfc8446"},
	},
	Symptom: SymptomProtocol,
	Over:    []string{"data-acked-then-reset-by-proxy", "server-closed-without-answer", "close-with-unread-data", "clienthello-blocked", "banner-stall", "linger0-abort", "half-close-cut"},
	Detect:  detectTLSToPlainPort,
}

// Reported when the client's first payload is a ClientHello and the server's
// first payload is plain text (certain), or the server ended the connection
// without a byte while another conversation shows it serving plain HTTP on that
// port (likely). A client that speaks plain text first (STARTTLS) never begins
// with a ClientHello.
func detectTLSToPlainPort(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		q := x.FirstMessage(c, client)
		if q == nil || q.Kind != conversation.MessageClientHello {
			continue
		}
		if a := x.FirstMessage(c, server); a != nil {
			if a.Text() || a.Kind == conversation.MessageMySQL || a.Kind == conversation.MessageOther && len(a.Line) >= 8 {
				out = append(out, *tellTLSToPlain(x, c, q, a.At, answers(a), Certain))
			}
			continue
		}
		if end := serverEnd(c); end > q.At {
			if g := x.tongueOf(c.Server).http; g != nil {
				f := tellTLSToPlain(x, c, q, end, closes(c, end), Likely)
				f.beside(c, g)
				s := x.FirstMessage(g, server).At
				f.say(numbers(g, s), "On another connection the same port serves plain HTTP (#%d).", "在另一个连接上，同一端口提供的是明文 HTTP（#%d）。", n(g, s))
				f.shows(n(g, s), "the port speaks plain HTTP", "该端口使用明文 HTTP")
				out = append(out, *f)
			}
		}
	}
	return out
}

func tellTLSToPlain(x *Context, c *conversation.Conversation, q *conversation.Message, answer int, how lang.Text, cause string) *Finding {
	f := x.finding(Problem, Certain, cause, c)
	f.Summary = lang.T("%s began a TLS handshake with %s, which speaks plain text.", "%s 向 %s 发起 TLS 握手，而后者使用明文。", c.Client.Addr(), c.Server)
	sayExchange(f, c, q, hello(q), answer, how)
	f.may(cause, lang.Text{EN: "https:// on a plain port, or TLS not switched on at the server", ZH: "对明文端口使用了 https://，或服务器没有启用 TLS"}, lang.Text{EN: "The same request without TLS.", ZH: "不用 TLS 发送同样的请求。"})
	f.may(Possible, lang.Text{EN: "A protocol that starts TLS only on request (STARTTLS)", ZH: "协议需先协商再启用 TLS（STARTTLS）"}, lang.Text{EN: "The client's setting for this server.", ZH: "客户端针对该服务器的设置。"})
	f.confirm(lang.Text{EN: "Does the port answer to TLS:", ZH: "验证该端口是否应答 TLS："}, lang.T("openssl s_client -connect %s", "", c.Server).EN)
	return f.grouped(c.Server.String(), portLabel(c.Client))
}

// hello names a ClientHello with its server name.
func hello(m *conversation.Message) lang.Text {
	if m.SNI != "" {
		return lang.T("a TLS ClientHello for %s", "一个面向 %s 的 TLS ClientHello", m.SNI)
	}
	return lang.Text{EN: "a TLS ClientHello", ZH: "一个 TLS ClientHello"}
}
