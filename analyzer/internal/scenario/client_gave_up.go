package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// patience is the shortest wait that is a wait: a client that closes sooner
// after its request had never meant to read an answer, in ns.
const patience = lang.Second

var clientGaveUp = Scenario{
	ID:    "client-gave-up",
	Title: lang.Text{EN: "The client stopped waiting before the answer came", ZH: "客户端没有等到应答就放弃了"},
	Summary: lang.Text{
		EN: "The request was acknowledged, the answer did not come in time, and the client closed.",
		ZH: "请求已被确认，应答迟迟不来，客户端先关闭了连接。",
	},
	Meaning: lang.Text{
		EN: "The network carried the request: its acknowledgement came at once. The server's program, or what it waits for, was slower than the client's timeout. The answer may still come later and then meets a closed socket.",
		ZH: "网络已把请求送达：确认立即返回。慢的是服务器程序或它所等待的后端，超过了客户端的超时时限。应答之后可能仍会到来，但遇到的是已关闭的套接字。",
	},
	Recognised: []lang.Text{
		{EN: "The request is acknowledged, and for at least a second no byte of the answer comes.", ZH: "请求得到确认，至少一秒内没有任何应答数据。"},
		{EN: "Then a FIN or RST from the client.", ZH: "随后客户端发出 FIN 或 RST。"},
	},
	Confused: []Confusion{
		{ID: "half-close-cut", Text: lang.Text{EN: "there the client closes only its sending side, at once, and still waits", ZH: "那里客户端立即只关闭发送方向，仍在等待"}},
		{ID: "rto-death", Text: lang.Text{EN: "there the request itself is not acknowledged", ZH: "那里请求本身没有得到确认"}},
	},
	Fixes: []lang.Text{
		{EN: "Find what the server was doing in that time (slow query, lock, its own upstream); then compare with the client's timeout.", ZH: "查明服务器当时在做什么（慢查询、锁、自己的上游），再与客户端的超时时限比较。"},
		{EN: "Let timeouts shrink from the client inwards only where the work can be cancelled; otherwise each retry adds load.", ZH: "只有当工作可以取消时，才让超时由外向内逐级缩短；否则每次重试都会增加负载。"},
	},
	References: []Reference{
		{Title: "Splunk Stream: client_rtt, server_rtt, time_taken", Author: "Splunk", URL: "https://help.splunk.com/en/data-management/collect-stream-data/use-splunk-stream/8.1/configure-streams/stream-field-details"},
	},
	Symptom: SymptomSlow,
	Over:    []string{"data-after-close", "who-is-slow", "linger0-abort", "close-wait-leak", "close-with-unread-data", "idle-cleanup-rst"},
	Detect:  detectClientGaveUp,
}

// Reported when all of these hold: the client's latest run of data was
// acknowledged; at least 1 s later, with no byte of answer to it, the client
// sent a FIN or RST; no answer was accepted afterwards; and an answer was due: to
// an HTTP request or a ClientHello, or because one came too late, or because the
// same words were answered on another connection.
func detectClientGaveUp(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		left := leaves(c)
		if r := c.FirstReset(client); r != nil && left >= 0 && r.At < left {
			left = r.At
		}
		if left < 0 || !opened(c) {
			continue
		}
		t := lastTurn(c, left)
		if t == nil || t.From != client || t.Acked < 0 || t.Acked > left || since(c, t.Last, left) < patience+c.RTT() || serverLeftBefore(c, left) {
			continue
		}
		late := c.NewData(server, left)
		if acceptedLate(c, late) || !x.answersThere(c, t, late) {
			continue
		}
		out = append(out, *tellGaveUp(x, c, t, left, late))
	}
	return out
}

func serverLeftBefore(c *conversation.Conversation, at int) bool {
	if f := c.FirstFIN(server); f >= 0 && f < at {
		return true
	}
	r := c.FirstReset(server)
	return r != nil && r.At < at
}

// acceptedLate reports whether the client still took data behind its FIN: it had
// closed only its sending side.
func acceptedLate(c *conversation.Conversation, late []int) bool {
	if len(late) == 0 {
		return false
	}
	k := c.AckedBy(late[0])
	return k >= 0 && !c.Segments[k].Reset()
}

// answersThere reports whether an answer was due: HTTP and a ClientHello always
// get one; elsewhere it takes an answer that came too late, or the same words
// answered on another connection. A last message that needs no answer is common
// in other protocols (window updates of HTTP/2, farewells).
func (x *Context) answersThere(c *conversation.Conversation, t *conversation.Turn, late []int) bool {
	m := x.MessageOf(c, t.First)
	switch {
	case len(late) > 0:
		return true
	case m == nil:
		return false
	case m.Kind == conversation.MessageHTTPRequest:
		return true
	case m.Kind == conversation.MessageClientHello:
		return !served(c)
	}
	return len(m.Line) > 3 && x.answeredWithout(c, m) != nil
}

func tellGaveUp(x *Context, c *conversation.Conversation, t *conversation.Turn, left int, late []int) *Finding {
	wait := since(c, t.Last, left)
	f := x.finding(Warning, Certain, Likely, c)
	f.Summary = lang.T("%s waited %s for an answer of %s and then closed.", "%s 等待 %[3]s 的应答 %[2]s 后关闭了连接。", c.Client.Addr(), lang.Duration(wait), c.Server)
	f.say(numbers(c, t.First, t.Acked), "The client sent %s #%d; it was acknowledged %s later #%d.", "客户端发送了%s #%d，%s 后得到确认 #%d。", said(x, c, t), n(c, t.First), elapsed(c, t.Last, t.Acked), n(c, t.Acked))
	f.say(numbers(c, left), "For %s no byte of an answer came; then the client closed #%d.", "此后 %s 内没有任何应答数据，客户端随后关闭 #%d。", lang.Duration(wait), n(c, left))
	f.shows(n(c, t.First), "the request", "请求")
	f.shows(n(c, t.Acked), "it arrived", "已送达")
	f.shows(n(c, left), "the client gives up", "客户端放弃")
	if len(late) > 0 {
		f.say(numbers(c, late[0]), "The answer came %s after the request #%d, too late.", "应答在请求之后 %s 才到 #%d，为时已晚。", elapsed(c, t.Last, late[0]), n(c, late[0]))
		f.shows(n(c, late[0]), "the answer, too late", "迟到的应答")
	}
	f.may(Likely, lang.Text{EN: "The server's program, or what stands behind it, was slower than the client's timeout", ZH: "服务器程序或其后端慢于客户端的超时时限"}, lang.Text{EN: "The server's log with the time this request took there.", ZH: "服务器日志中该请求的处理时长。"})
	f.may(Possible, lang.Text{EN: "A person or a program cancelled it", ZH: "由人或程序取消"}, lang.Text{EN: "Whether other requests end after the same time.", ZH: "其他请求是否也在相同时长后结束。"})
	f.excludes(lang.Text{EN: "Loss of the request", ZH: "请求丢失"}, lang.T("#%d acknowledges it.", "#%d 已确认收到。", n(c, t.Acked)))
	f.Drawing.Lanes = twoLanes(c)
	f.Drawing.Gaps = []GapHint{{Packet: n(c, left), Reason: lang.Text{EN: "waiting for the answer", ZH: "等待应答"}}}
	return f.waited(wait).grouped(c.Server.String(), portLabel(c.Client))
}
