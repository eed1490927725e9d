package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// A program closes a socket while bytes of the other side lie unread in its
// kernel: the kernel must send a reset instead of a FIN (RFC 2525, section 2.17;
// Linux tcp_close, counter TCPAbortOnClose). An answer sent just before may be
// lost with it.

var closeWithUnreadData = Scenario{
	ID:    "close-with-unread-data",
	Title: lang.Text{EN: "The connection was reset because one side closed with data unread", ZH: "一侧还有未读数据就关闭，连接因而被复位"},
	Summary: lang.Text{
		EN: "A server answers early and closes while the rest of the request still arrives: its kernel resets the connection, and the client may lose the answer.",
		ZH: "服务器提前应答并关闭，而请求的其余部分仍在到达：内核于是复位连接，客户端可能连应答也收不到。",
	},
	Meaning: lang.Text{
		EN: "Closing a socket with unread bytes in its receive buffer sends a reset, not a FIN. Typical: a server that refuses an upload (413, 401) and closes at once, or a process that ends in the middle of a request. The reset can overtake the reading of the answer, so that the user sees “connection reset” instead of the reason.",
		ZH: "接收缓冲区里还有未读字节时关闭套接字，发出的是 RST 而不是 FIN。常见于服务器拒绝上传（413、401）后立即关闭，或进程在请求处理中途退出。复位可能抢在应答被读走之前，用户看到的就是“连接被重置”，而不是真正的原因。",
	},
	Recognised: []lang.Text{
		{EN: "A RST with ACK carries the connection's own next number and acknowledges everything received.", ZH: "带 ACK 的 RST 使用该连接自己的下一个序号，并确认了收到的全部数据。"},
		{EN: "The other side's data arrived just before it, or was still arriving; or the request was not complete when it was answered.", ZH: "对端数据刚刚到达或仍在到达；或者请求尚未完整就已应答。"},
		{EN: "Bare RSTs may follow for segments that were still under way.", ZH: "仍在途中的报文段随后可能得到不带 ACK 的 RST。"},
	},
	Confused: []Confusion{
		{ID: "data-acked-then-reset-by-proxy", Text: lang.Text{EN: "there not a single byte was answered", ZH: "那里一个字节也没有应答"}},
		{ID: "linger0-abort", Text: lang.Text{EN: "there everything was read: no data came within a round trip before the reset", ZH: "那里数据都已读完：复位之前一个往返时间内没有新数据"}},
	},
	Fixes: []lang.Text{
		{EN: "Before closing, send the answer, shut down only the sending side, and read until the client closes or a short limit is reached (lingering close).", ZH: "关闭之前先发完应答，只关闭发送方向，再继续读取，直到客户端关闭或达到一个较短的时限（lingering close）。"},
		{EN: "Raise the limit that refuses the request, or let clients ask first (Expect: 100-continue).", ZH: "放宽拒绝该请求的限制，或让客户端先询问（Expect: 100-continue）。"},
	},
	References: []Reference{
		{Title: "RFC 2525, Known TCP Implementation Problems, section 2.17", Author: "V. Paxson et al.", Date: "1999-03", URL: "https://www.rfc-editor.org/rfc/rfc2525"},
		{Title: "RFC 9112, HTTP/1.1, section 9.6", Author: "R. Fielding et al.", Date: "2022-06", URL: "https://www.rfc-editor.org/rfc/rfc9112"},
	},
	Symptom: SymptomReset,
	Over:    []string{"linger0-abort", "idle-cleanup-rst", "data-after-close", "half-open-after-crash", "who-is-slow", "window-limited"},
	Detect:  detectCloseWithUnreadData,
}

// Reported when all of these hold: the first reset carries its side's own next
// number; that side is the server and had sent payload, or it is the client and
// more of the answer was still arriving; and one of: the other side's payload
// came after the reset, or within a round trip before it as the end of a run of
// several segments or behind the server's FIN; the request before it was not
// complete or was refused by an HTTP error; a further request had been
// acknowledged and not answered; the server greets in another protocol. Not reported when the server sent nothing at
// all (data-acked-then-reset-by-proxy), when all was exchanged
// (linger0-abort), or when the client had closed before: some stacks answer
// every FIN with a reset.
func detectCloseWithUnreadData(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		a := firstAbort(c)
		if a == nil || a.r.Form != conversation.ResetAbort {
			continue
		}
		if why := unreadClue(x, a); !why.text.Empty() {
			out = append(out, *tellUnread(x, a, why))
		}
	}
	return out
}

// clue is what shows that bytes were unread, with its packets.
type clue struct {
	text    lang.Text
	packets []int
	lost    bool // a request went unanswered
}

func unreadClue(x *Context, a *abort) clue {
	crossing := a.crossing()
	if a.from == client {
		if len(crossing) == 0 || !served(a.c) {
			return clue{}
		}
		p := numbers(a.c, crossing...)
		return clue{text: lang.T("More of the answer was still arriving (%s).", "应答的其余部分仍在到达（%s）。", refs(p)), packets: p}
	}
	if !served(a.c) {
		return clue{}
	}
	p := numbers(a.c, crossing...)
	switch left := a.before.FIN[client] >= 0; {
	case len(crossing) > 0:
		return clue{lang.T("The client was still sending (%s).", "客户端仍在发送（%s）。", refs(p)), p, a.owes()}
	case left:
		return clue{} // a client that has closed waits for nothing
	case a.owes():
		p = numbers(a.c, a.turn.First)
		return clue{lang.T("The request before it #%d had been acknowledged and was not answered.", "它之前的请求 #%d 已被确认，却没有得到应答。", p[0]), p, true}
	}
	if recent := a.recentData(); recent >= 0 && a.unfinished() {
		return clue{lang.T("The client's last data #%d had arrived only %s before.", "客户端最后的数据 #%d 仅在 %s 之前到达。", n(a.c, recent), elapsed(a.c, recent, a.r.At)), numbers(a.c, recent), false}
	}
	if f := otherTongue(x, a); !f.text.Empty() {
		return f
	}
	return refusedBody(x, a)
}

// unfinished reports whether the server closed in the middle of the client's
// sending: behind its own FIN, or when the answer followed a run of several
// segments, of which the last came just before.
func (a *abort) unfinished() bool {
	if a.before.FIN[server] >= 0 {
		return true
	}
	turns := a.c.Turns()
	for i := range turns {
		if turns[i].From == client && turns[i].Last == a.before.Data[client] {
			return turns[i].Segments > 1
		}
	}
	return false
}

// otherTongue: the client began in HTTP or TLS and the server greeted in another
// protocol, so that it cannot have read what lay there.
func otherTongue(x *Context, a *abort) clue {
	q, greeting := x.FirstMessage(a.c, client), x.FirstMessage(a.c, server)
	if q == nil || greeting == nil || q.Kind != conversation.MessageHTTPRequest || greeting.Kind != conversation.MessageSSH && greeting.Kind != conversation.MessageBanner && greeting.Kind != conversation.MessageMySQL {
		return clue{}
	}
	return clue{lang.T("The client had sent “%s” #%d to a server that speaks another protocol, “%s” #%d.", "客户端发送的是“%s”#%d，而服务器使用另一种协议“%s”#%d。", q.Line, n(a.c, q.At), greeting.Line, n(a.c, greeting.At)),
		numbers(a.c, q.At, greeting.At), false}
}

// refusedBody: the request before the answer was not complete, or it had a body
// and was answered by an HTTP error, which servers send without reading it.
func refusedBody(x *Context, a *abort) clue {
	turns := a.c.Turns()
	for i := len(turns) - 1; i > 0; i-- {
		if turns[i].From != server || turns[i].First > a.r.At {
			continue
		}
		request, answer := &turns[i-1], x.MessageOf(a.c, turns[i].First)
		m := x.MessageOf(a.c, request.First)
		if m == nil || m.Kind != conversation.MessageHTTPRequest || answer == nil {
			return clue{}
		}
		p := numbers(a.c, request.First, turns[i].First)
		if m.Body >= 0 && m.Head > 0 && int64(request.Bytes) < int64(m.Head)+m.Body {
			return clue{lang.T("The request #%d announced a body of %s and was answered #%d when only %s had been sent.", "请求 #%d 声明正文为 %s，而应答 #%d 发出时只发送了 %s。",
				p[0], lang.Bytes(m.Body), p[1], lang.Bytes(int64(request.Bytes))), p, false}
		}
		if answer.Status >= 400 && m.Body > 0 {
			return clue{lang.T("The request #%d had a body, and the answer “%s” #%d refused it.", "请求 #%d 带有正文，而应答“%s”#%d 拒绝了它。", p[0], answer.Line, p[1]), p, false}
		}
		return clue{}
	}
	return clue{}
}

func tellUnread(x *Context, a *abort, why clue) *Finding {
	c := a.c
	severity, cause := Problem, Likely
	if a.from == client || why.lost && !x.answerDue(c) {
		severity = Info
	}
	f := x.finding(severity, Certain, cause, c)
	if a.from == client {
		f.Title = lang.Text{EN: "The client closed before it had read the whole answer", ZH: "客户端没有读完应答就关闭了连接"}
		f.Summary = lang.T("A reset carrying the client's address ended the connection %s – %s while the answer was still arriving.", "%s 与 %s 之间的应答仍在到达时，一个带有客户端地址的复位结束了连接。", c.Client, c.Server)
	} else {
		f.Summary = lang.T("A reset carrying the address of %s ended the connection of %s while bytes of the client very likely lay unread; an answer sent just before may be lost.",
			"一个带有 %s 地址的复位结束了 %s 的连接，当时客户端的字节很可能尚未读完；此前刚发出的应答可能因此丢失。", c.Server, c.Client.Addr())
	}
	sayAnswerBefore(x, f, a)
	who := sideName(a.from)
	f.say(numbers(c, a.r.At), "A RST carrying the %s's address ended the connection #%d, %s.", "一个带有%s地址的 RST 结束了连接 #%d，%s。", who, n(c, a.r.At), a.shape())
	f.shows(n(c, a.r.At), "resets the connection", "复位连接")
	f.say(why.packets, "%s A close with bytes unread sends exactly such a reset (likely).", "%s带着未读字节关闭，发出的正是这样的复位（很可能）。", why.text)
	for _, p := range why.packets {
		f.shows(p, "data of the other side", "对端的数据")
	}
	sayTail(f, a)
	causesUnread(f, a, why)
	f.confirm(lang.Text{EN: "The counters of sockets closed with unread data, before and after:", ZH: "复现前后各看一次因未读数据而中止的计数："}, "nstat -az TcpExtTCPAbortOnClose TcpExtTCPAbortOnData")
	f.Drawing.Marks = []Mark{{Packet: n(c, a.r.At), SenderNote: lang.Text{EN: "closed with bytes unread", ZH: "带着未读字节关闭"}}}
	return f.grouped(severity+a.group(), portLabel(c.Client))
}

// answerDue reports whether the unanswered message was a request: an HTTP one,
// or one whose beginning was answered on another connection. In other protocols
// a last message without an answer is often a farewell, which some servers
// answer with a reset.
func (x *Context) answerDue(c *conversation.Conversation) bool {
	t := lastTurn(c, c.Resets()[0].At)
	if t == nil {
		return false
	}
	m := x.MessageOf(c, t.First)
	return m != nil && (m.Kind == conversation.MessageHTTPRequest || len(m.Line) > 3 && x.answeredWithout(c, m) != nil)
}

func sayAnswerBefore(x *Context, f *Finding, a *abort) {
	turns := a.c.Turns()
	for i := len(turns) - 1; i >= 0; i-- {
		t := &turns[i]
		if t.From != server || t.First > a.r.At {
			continue
		}
		m := x.MessageOf(a.c, t.First)
		if m != nil && m.Kind == conversation.MessageHTTPResponse {
			f.say(numbers(a.c, t.First), "The server answered “%s” #%d.", "服务器应答“%s”#%d。", m.Line, n(a.c, t.First))
		} else {
			f.say(numbers(a.c, t.First), "The server had answered #%d.", "服务器已作应答 #%d。", n(a.c, t.First))
		}
		f.shows(n(a.c, t.First), "the answer", "应答")
		return
	}
}

// sayTail tells the bare resets that answer what was under way: one event.
func sayTail(f *Finding, a *abort) {
	var tail []int
	for _, r := range a.c.Resets() {
		if r.At > a.r.At && a.c.Segments[r.At].From == a.from && r.Form == conversation.ResetNobody {
			tail = append(tail, n(a.c, r.At))
		}
	}
	if len(tail) > 0 {
		f.say(tail, "What was still under way met no socket any more and drew bare resets (%s).", "仍在途中的包已找不到套接字，得到的是不带 ACK 的 RST（%s）。", refs(tail))
	}
}

func causesUnread(f *Finding, a *abort, why clue) {
	if a.from == client {
		f.may(Likely, lang.Text{EN: "The program had what it wanted, or was cancelled", ZH: "程序已得到所需内容，或被取消"}, lang.Text{EN: "The client program's log.", ZH: "客户端程序的日志。"})
		return
	}
	if why.lost {
		f.may(Likely, lang.Text{EN: "The server's program ended or closed without reading this request", ZH: "服务器程序未读取该请求就退出或关闭"}, lang.Text{EN: "Its log and its restarts at this time.", ZH: "程序在此刻的日志与重启记录。"})
	} else {
		f.may(Likely, lang.Text{EN: "The server answered without reading the whole request and closed at once", ZH: "服务器没有读完请求就应答，并立即关闭"}, lang.Text{EN: "TcpExtTCPAbortOnClose on the server rises with each case.", ZH: "服务器的 TcpExtTCPAbortOnClose 随每次出现而增加。"})
	}
	f.may(Possible, lang.Text{EN: "The program aborts on purpose (SO_LINGER 0)", ZH: "程序有意中止（SO_LINGER 0）"}, lang.Text{EN: "strace of the server: setsockopt(SO_LINGER).", ZH: "用 strace 跟踪服务器，看是否调用 setsockopt(SO_LINGER)。"})
}
