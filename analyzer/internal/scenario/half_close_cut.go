package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

const (
	// halfCloseSoon is how soon after its request a client's FIN is part of asking,
	// in ns.
	halfCloseSoon = lang.Second
	// halfCloseEnd is how soon after it the server must end the connection for the
	// FIN to be the reason, in ns.
	halfCloseEnd = lang.Second
)

var halfCloseCut = Scenario{
	ID:    "half-close-cut",
	Title: lang.Text{EN: "A half-close was taken for the end, and no answer came", ZH: "半关闭被当成连接结束，没有应答"},
	Summary: lang.Text{
		EN: "The client sends its request, closes its sending side and waits; the server or a proxy closes at once without an answer.",
		ZH: "客户端发完请求后关闭发送方向并等待，服务器或代理却未应答就立即关闭。",
	},
	Meaning: lang.Text{
		EN: "TCP lets one side say that it sends no more and still receive. Some servers and proxies take that FIN for a client that has gone, and cancel its request.",
		ZH: "TCP 允许一侧声明不再发送而继续接收。有些服务器和代理把这个 FIN 当作客户端已离开，于是取消了它的请求。",
	},
	Recognised: []lang.Text{
		{EN: "A request, and within a second the client's FIN, before any answer.", ZH: "请求发出后一秒内、任何应答之前，客户端发出 FIN。"},
		{EN: "The server ends the connection within a second with no byte of answer, while it answers the same request without an early FIN.", ZH: "服务器在一秒内未应答任何字节就结束连接；而不带提前 FIN 的同一请求会得到应答。"},
	},
	Confused: []Confusion{
		{ID: "client-gave-up", Text: lang.Text{EN: "there the client closes after waiting", ZH: "那里客户端是等待之后才关闭"}},
		{ID: "server-closed-without-answer", Text: lang.Text{EN: "there the client had not closed anything", ZH: "那里客户端没有关闭任何方向"}},
	},
	Fixes: []lang.Text{
		{EN: "Keep the client's sending side open until the answer is there (for nc: without -N), or switch half-close support on in the proxy.", ZH: "客户端在收到应答之前不要关闭发送方向（nc 不加 -N），或在代理中启用半关闭支持。"},
	},
	References: []Reference{
		{Title: "TCP proxy half-closed connections", Author: "envoyproxy/envoy", URL: "https://github.com/envoyproxy/envoy/issues/2066"},
		{Title: "httpwg/http-core#22", Author: "httpwg", URL: "https://github.com/httpwg/http-core/issues/22"},
	},
	Symptom: SymptomClose,
	Over:    []string{"server-closed-without-answer", "data-acked-then-reset-by-proxy", "client-gave-up", "linger0-abort", "data-after-close", "close-with-unread-data"},
	Detect:  detectHalfCloseCut,
}

// Reported when all of these hold: the client's first run of data was followed
// within 1 s by its FIN, before any payload of the server; the server sent no
// payload at all and ended the connection within 1 s of it. A problem, likely,
// when another connection shows the same server answering a request of the same
// beginning without an early FIN; without that contrast possible, info, and only
// for HTTP requests: other protocols end with a farewell that has no answer.
func detectHalfCloseCut(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		t, fin := firstRequest(c), c.FirstFIN(client)
		if t == nil || fin < 0 || !opened(c) || !unserved(c) || since(c, t.Last, fin) > halfCloseSoon || fin < t.Last {
			continue
		}
		end := serverEnd(c)
		if end < fin || since(c, fin, end) > halfCloseEnd+c.RTT() {
			continue
		}
		m := x.MessageOf(c, t.First)
		if m == nil || m.Line == "" {
			continue
		}
		g := x.answeredWithout(c, m)
		if g != nil || m.Kind == conversation.MessageHTTPRequest {
			out = append(out, *tellHalfClose(x, c, t, fin, end, g))
		}
	}
	return out
}

// answeredWithout is a conversation to the same server in which the same request
// was answered before any FIN of the client.
func (x *Context) answeredWithout(c *conversation.Conversation, m *conversation.Message) *conversation.Conversation {
	for _, g := range x.neighbours(c) {
		q := x.FirstMessage(g, client)
		if q == nil || q.Line != m.Line {
			continue
		}
		turns := g.Turns()
		if len(turns) > 1 && turns[1].From == server && !(g.FirstFIN(client) >= 0 && g.FirstFIN(client) < turns[1].First) {
			return g
		}
	}
	return nil
}

func tellHalfClose(x *Context, c *conversation.Conversation, t *conversation.Turn, fin, end int, g *conversation.Conversation) *Finding {
	severity, cause := Info, Possible // alone it may be a client that wants no answer
	if g != nil {
		severity, cause = Problem, Likely
	}
	f := x.finding(severity, Certain, cause, c)
	f.Summary = lang.T("%s closed its sending side right behind its request; %s ended the connection without a byte in answer.", "%s 在请求之后立即关闭了发送方向，%s 未应答任何字节就结束了连接。", c.Client.Addr(), c.Server)
	f.say(numbers(c, t.First, fin), "The client sent %s #%d and closed its sending side %s later #%d: it can still receive.", "客户端发送了%s #%d，%s 后关闭发送方向 #%d：它仍可接收。", said(x, c, t), n(c, t.First), elapsed(c, t.Last, fin), n(c, fin))
	f.say(numbers(c, end), "%s later %s #%d.", "%s 后，%s #%d。", elapsed(c, fin, end), closes(c, end), n(c, end))
	f.shows(n(c, fin), "closes only its sending side", "只关闭发送方向")
	f.shows(n(c, end), "ends it without an answer", "未应答就结束")
	f.Drawing.Lanes = twoLanes(c)
	if g != nil {
		f.beside(c, g)
		a := g.Turns()[1].First
		f.say(numbers(g, g.Turns()[0].First, a), "The same request without an early FIN #%d was answered #%d.", "不带提前 FIN 的同一请求 #%d 得到了应答 #%d。", n(g, g.Turns()[0].First), n(g, a))
		f.shows(n(g, a), "answered without a half-close", "没有半关闭时得到应答")
	}
	f.may(cause, lang.Text{EN: "The server or a proxy before it cancels requests whose client has half-closed", ZH: "服务器或其前面的代理会取消已半关闭的客户端的请求"}, lang.Text{EN: "The same request with and without a half-close.", ZH: "分别在半关闭与不半关闭的情况下发送同样的请求。"})
	f.confirm(lang.Text{EN: "With and without half-close:", ZH: "对比半关闭与否："}, lang.T("printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -N %s %d", "", c.Server.Addr(), c.Server.Port()).EN)
	return f.grouped(c.Server.String(), portLabel(c.Client))
}
