package scenario

import (
	"strings"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

var httpToTLSPort = Scenario{
	ID:    "http-to-tls-port",
	Title: lang.Text{EN: "Plain HTTP was sent to a port that speaks TLS", ZH: "明文 HTTP 发到了 TLS 端口"},
	Summary: lang.Text{
		EN: "The client speaks plain HTTP where the server expects TLS; the server objects or closes.",
		ZH: "客户端使用明文 HTTP，而服务器期待 TLS；服务器提出异议或直接关闭。",
	},
	Meaning: lang.Text{
		EN: "The address was used with http:// instead of https://, or a proxy forwards without TLS to a TLS port. The connection itself is in order; the two sides only speak different languages.",
		ZH: "地址写成了 http:// 而不是 https://，或代理未启用 TLS 就转发到 TLS 端口。连接本身正常，只是双方说的不是同一种语言。",
	},
	Recognised: []lang.Text{
		{EN: "The client's first data is an HTTP request.", ZH: "客户端的首个数据是 HTTP 请求。"},
		{EN: "The answer is a TLS alert, or a 400 that speaks of HTTPS; or the server closes without a byte on a port where TLS is spoken.", ZH: "回应是 TLS 告警，或提到 HTTPS 的 400；或在使用 TLS 的端口上未应答任何字节就关闭。"},
	},
	Confused: []Confusion{
		{ID: "server-closed-without-answer", Text: lang.Text{EN: "a close alone says nothing of TLS", ZH: "仅有关闭并不能说明与 TLS 有关"}},
		{ID: "data-acked-then-reset-by-proxy", Text: lang.Text{EN: "likewise with a reset", ZH: "仅有复位也是如此"}},
	},
	Fixes: []lang.Text{
		{EN: "Use https:// for this port, or the server's plain port; in a proxy, switch TLS to the upstream on (proxy_pass https://).", ZH: "对该端口使用 https://，或改用服务器的明文端口；若经代理，请启用到上游的 TLS（proxy_pass https://）。"},
	},
	References: []Reference{
		{Title: "Client sent an HTTP request to an HTTPS server", Author: "tabbydata.com", URL: "https://tabbydata.com/client-sent-an-http-request-to-an-https-server"},
		{Title: "RFC 8446, TLS 1.3, section 6", Author: "E. Rescorla", Date: "2018-08", URL: "https://www.rfc-editor.org/rfc/rfc8446"},
	},
	Symptom: SymptomProtocol,
	Over:    []string{"tls-alert", "data-acked-then-reset-by-proxy", "server-closed-without-answer", "close-with-unread-data", "half-close-cut", "linger0-abort", "rst-injection"},
	Detect:  detectHTTPToTLSPort,
}

// Reported when the client's first payload is an HTTP request other than
// CONNECT, and the server answered with a TLS alert or with a 400 that mentions
// HTTPS (certain); or ended the connection without a byte where TLS is spoken:
// in another conversation of the capture, or by the port's assignment (likely).
// A close alone is no proof of TLS and not reported here.
func detectHTTPToTLSPort(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		q := x.FirstMessage(c, client)
		if q == nil || q.Kind != conversation.MessageHTTPRequest || strings.HasPrefix(q.Line, "CONNECT ") {
			continue
		}
		if a := x.FirstMessage(c, server); a != nil {
			if a.Kind == conversation.MessageAlert || a.Status == 400 && a.Mentions("https") {
				out = append(out, *tellHTTPToTLS(x, c, q, a.At, answers(a), Certain, lang.Text{}))
			}
			continue
		}
		end := serverEnd(c)
		if end < 0 || end < q.At {
			continue
		}
		if g := x.tongueOf(c.Server).tls; g != nil {
			f := tellHTTPToTLS(x, c, q, end, closes(c, end), Likely, lang.Text{})
			f.beside(c, g)
			s := x.FirstMessage(g, server).At
			f.say(numbers(g, s), "On another connection the same port speaks TLS (#%d).", "在另一个连接上，同一端口使用的是 TLS（#%d）。", n(g, s))
			f.shows(n(g, s), "the port speaks TLS", "该端口使用 TLS")
			out = append(out, *f)
		} else if tlsPorts[c.Server.Port()] {
			out = append(out, *tellHTTPToTLS(x, c, q, end, closes(c, end), Likely, lang.T("Port %d is a TLS port by assignment.", "端口 %d 按约定用于 TLS。", c.Server.Port())))
		}
	}
	return out
}

func tellHTTPToTLS(x *Context, c *conversation.Conversation, q *conversation.Message, answer int, how lang.Text, cause string, more lang.Text) *Finding {
	f := x.finding(Problem, Certain, cause, c)
	f.Summary = lang.T("%s sent the plain request “%s” to %s, which speaks TLS.", "%s 向 %[3]s 发送了明文请求“%[2]s”，而后者使用 TLS。", c.Client.Addr(), q.Line, c.Server)
	if cause != Certain {
		f.Summary = lang.T("%s sent the plain request “%s” to %s, which very likely speaks TLS and closed.", "%s 向 %[3]s 发送了明文请求“%[2]s”，后者很可能使用 TLS，因而关闭了连接。", c.Client.Addr(), q.Line, c.Server)
	}
	sayExchange(f, c, q, lang.T("the plain HTTP request “%s”", "明文 HTTP 请求“%s”", q.Line), answer, how)
	if !more.Empty() {
		f.say(nil, "%s", "%s", more)
	}
	f.may(cause, lang.Text{EN: "http:// instead of https://, or a proxy that forwards without TLS", ZH: "误用 http:// 而非 https://，或代理转发时没有启用 TLS"}, lang.Text{EN: "The same request with TLS.", ZH: "用 TLS 发送同样的请求。"})
	f.confirm(lang.Text{EN: "Does the port answer to TLS:", ZH: "验证该端口是否应答 TLS："}, lang.T("curl -vk https://%s/", "", c.Server).EN)
	return f.grouped(c.Server.String(), portLabel(c.Client))
}
