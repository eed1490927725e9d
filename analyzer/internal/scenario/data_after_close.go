package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// One side has closed its socket for good: its FIN was seen, and data that the
// other side sends afterwards is refused by a reset (RFC 9293, section 3.10.7;
// Linux counter TCPAbortOnData).

const (
	// lateTLSRecord is the longest late payload that is only the TLS goodbye
	// (close_notify) where its first bytes were not kept, in bytes.
	lateTLSRecord = 64
	// lateEcho is the longest late payload that is no request in any protocol: an
	// echo, a line end, a goodbye; in bytes.
	lateEcho = 8
)

var dataAfterClose = Scenario{
	ID:    "data-after-close",
	Title: lang.Text{EN: "Data was sent to a side that had already closed", ZH: "数据发给了已经关闭的一侧"},
	Summary: lang.Text{
		EN: "One side had sent its FIN and the other had seen it, yet more data followed: it was refused by a reset.",
		ZH: "一侧已经发出 FIN 且对端已经收到，之后仍有数据发来，于是被复位拒绝。",
	},
	Meaning: lang.Text{
		EN: "A FIN says only that its sender sends no more. A program that has closed the socket altogether cannot receive either, so its kernel refuses late data with a reset. A client that writes a request into a connection whose end it has already received loses that request.",
		ZH: "FIN 只表示发送方不再发送。但程序若已彻底关闭套接字，也就无法再接收，内核便以复位拒绝迟到的数据。客户端若在已经收到对端关闭之后仍写入请求，这个请求就会丢失。",
	},
	Recognised: []lang.Text{
		{EN: "A FIN, and an acknowledgement that covers it.", ZH: "出现 FIN，并有覆盖它的确认。"},
		{EN: "Data from the other side after that, answered by a bare RST whose sequence number is that data's acknowledgement number.", ZH: "此后对端又发来数据，得到不带 ACK 的 RST，其序列号等于该数据的确认号。"},
	},
	Confused: []Confusion{
		{ID: "keepalive-reuse-race", Text: lang.Text{EN: "there the data had been sent before its sender could know of the FIN", ZH: "那里数据在其发送方得知 FIN 之前就已发出"}},
		{ID: "half-close-cut", Text: lang.Text{EN: "there a client closes only its sending side and waits for the answer", ZH: "那里客户端只关闭发送方向，仍在等待应答"}},
	},
	Fixes: []lang.Text{
		{EN: "Let the client look for the end of the connection (a read of zero bytes) before it reuses one, and repeat a request that got no answer on a new one.", ZH: "复用连接前，让客户端先检查连接是否已结束（读到 0 字节）；未得到应答的请求在新连接上重试。"},
		{EN: "Let the server finish reading before it closes.", ZH: "让服务器读完再关闭。"},
	},
	References: []Reference{
		{Title: "RFC 9293, Transmission Control Protocol, section 3.10.7", Author: "W. Eddy", Date: "2022-08", URL: "https://www.rfc-editor.org/rfc/rfc9293"},
	},
	Symptom: SymptomReset,
	Over:    []string{"linger0-abort", "idle-cleanup-rst", "half-open-after-crash", "idle-timeout-rst", "close-wait-leak"},
	Detect:  detectDataAfterClose,
}

// lateData is data that met a closed socket.
type lateData struct {
	c         *conversation.Conversation
	closer    conversation.Side
	fin, data int
	rst       int
	crossed   bool // its sender had not seen the FIN
	quiet     int64
}

// findLateData looks for a bare reset that answers new data behind its
// sender's FIN, nil for none.
func findLateData(c *conversation.Conversation) *lateData {
	for _, r := range c.Resets() {
		if r.Form != conversation.ResetNobody {
			continue
		}
		d, closer := r.Trigger, c.Segments[r.At].From
		fin := c.FirstFIN(closer)
		if c.Segments[d].Len == 0 || fin < 0 || fin > r.At {
			continue
		}
		seen := c.AckedBy(fin)
		l := &lateData{c: c, closer: closer, fin: fin, data: d, rst: r.At, crossed: seen < 0 || seen > d}
		if before := c.Before(min(fin, d)).Any; before >= 0 {
			l.quiet = since(c, before, min(fin, d))
		}
		return l
	}
	return nil
}

// Reported when all of these hold: a side sent a FIN, the other
// sent new data behind it, and a bare reset answered that data. A problem
// when a server refused a request; a warning when a client closed before any
// response; info when the client had its response or the late bytes are only
// the end of a TLS session. Not reported when a request crossed the close of an idle
// connection (keepalive-reuse-race).
func detectDataAfterClose(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		l := findLateData(c)
		if l == nil || l.isReuseRace(x) {
			continue
		}
		out = append(out, *tellLateData(x, l))
	}
	return out
}

func (l *lateData) severity(x *Context) string {
	switch {
	case l.farewell(x):
		return Info
	case l.closer == client && answeredBefore(l.c, l.fin):
		return Info
	case l.closer == client:
		return Warning
	}
	return Problem
}

// farewell reports whether the late payload can only be a goodbye: the end of a
// TLS session, or a few bytes.
func (l *lateData) farewell(x *Context) bool {
	size, m := l.c.Segments[l.data].Len, x.MessageOf(l.c, l.data)
	switch {
	case size <= lateEcho || m != nil && m.Kind == conversation.MessageSealed:
		return true
	case size > lateTLSRecord:
		return false
	case m != nil:
		return m.TLS()
	}
	ms := x.Messages(l.c)
	for i := range ms {
		if ms[i].TLS() {
			return true
		}
	}
	return len(ms) == 0 && tlsPorts[l.c.Server.Port()]
}

// answeredBefore reports whether the server's payload began before an index.
func answeredBefore(c *conversation.Conversation, at int) bool {
	for _, t := range c.Turns() {
		if t.From == server && t.First < at {
			return true
		}
	}
	return false
}

func tellLateData(x *Context, l *lateData) *Finding {
	c, who, other := l.c, sideName(l.closer), sideName(l.closer.Other())
	f := x.finding(l.severity(x), Certain, Likely, c)
	f.Summary = lang.T("The %s had closed the connection %s – %s when the %s sent %s: they were refused.",
		"%[1]s已经关闭 %[2]s 与 %[3]s 之间的连接，%[4]s此后又发送了 %[5]s，遭到拒绝。", who, c.Client, c.Server, other, lang.Bytes(int64(c.Segments[l.data].Len)))
	f.say(numbers(c, l.fin), "The %s closed with a FIN #%d.", "%s用 FIN 关闭 #%d。", who, n(c, l.fin))
	if k := c.AckedBy(l.fin); !l.crossed && k >= 0 {
		f.say(numbers(c, k), "#%d shows that the %s had received it.", "#%d 表明%s已经收到它。", n(c, k), other)
	}
	when := lang.T("%s after the FIN", "FIN 之后 %s", elapsed(c, l.fin, l.data))
	if l.data < l.fin {
		when = lang.T("%s before the FIN passed here", "FIN 经过此处之前 %s", elapsed(c, l.data, l.fin))
	}
	f.say(numbers(c, l.data, l.rst), "%s the %s sent data #%d; a bare RST answered it #%d, with the data's acknowledgement number as its sequence number: no socket was left.",
		"%s，%s又发来数据 #%d，得到不带 ACK 的 RST #%d，其序列号正是该数据的确认号：套接字已不存在。", when, other, n(c, l.data), n(c, l.rst))
	f.shows(n(c, l.fin), "closes", "关闭")
	f.shows(n(c, l.data), "data after it", "此后的数据")
	f.shows(n(c, l.rst), "refuses it", "拒绝")
	f.may(Likely, lang.T("The %s's program closed the socket completely while the %s still had something to say", "%s程序已彻底关闭套接字，而%s还有数据要发", who, other),
		lang.Text{EN: "Both programs' logs: who was to close first.", ZH: "双方程序的日志：约定由谁先关闭。"})
	f.confirm(lang.T("On the %s's host, the counter of data for closed sockets:", "在%s主机上查看发往已关闭套接字的数据计数：", who), "nstat -az TcpExtTCPAbortOnData")
	f.Drawing.Marks = []Mark{{Packet: n(c, l.data), Ignored: true, ReceiverNote: lang.Text{EN: "socket already closed", ZH: "套接字已关闭"}}}
	return f.grouped(who.EN+c.Server.String(), portLabel(c.Client))
}
