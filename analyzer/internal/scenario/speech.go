package scenario

import (
	"net/netip"
	"sort"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// tlsPorts are the ports that are TLS by assignment (IANA), or by wide custom.
var tlsPorts = map[uint16]bool{443: true, 465: true, 636: true, 853: true, 989: true, 990: true, 993: true, 995: true, 5671: true, 6697: true, 8443: true, 8883: true, 9443: true}

// bannerPorts are the ports on which the server speaks first.
var bannerPorts = map[uint16]string{21: "FTP", 22: "SSH", 25: "SMTP", 110: "POP3", 143: "IMAP", 587: "SMTP", 3306: "MySQL"}

// mostSpoken bounds how many conversations of one server are looked at to learn
// what it speaks: half of them begun before, half after.
const mostSpoken = 200

// neighbours are the other conversations to a conversation's server, the nearest
// in time, bounded.
func (x *Context) neighbours(c *conversation.Conversation) []*conversation.Conversation {
	list := x.ToServer(c.Server)
	i := sort.Search(len(list), func(i int) bool { return list[i].First >= c.First })
	var out []*conversation.Conversation
	for _, g := range list[max(0, i-mostSpoken/2):min(len(list), i+mostSpoken/2)] {
		if g != c {
			out = append(out, g)
		}
	}
	return out
}

// tongue is what a server endpoint was seen to speak: one conversation each that
// shows it, nil for none.
type tongue struct {
	tls   *conversation.Conversation // a ClientHello got its ServerHello
	http  *conversation.Conversation // a plain HTTP request got an HTTP response
	proxy *conversation.Conversation // a PROXY header was understood
}

// tongueOf tells what a server endpoint speaks elsewhere in the capture.
func (x *Context) tongueOf(a netip.AddrPort) *tongue {
	if x.shared.tongues == nil {
		x.shared.tongues = map[netip.AddrPort]*tongue{}
		for _, c := range x.Conversations {
			x.hear(c)
		}
	}
	if t := x.shared.tongues[a]; t != nil {
		return t
	}
	return &tongue{}
}

func (x *Context) hear(c *conversation.Conversation) {
	q, a := x.FirstMessage(c, client), x.FirstMessage(c, server)
	if q == nil || a == nil {
		return
	}
	t := x.shared.tongues[c.Server]
	if t == nil {
		t = &tongue{}
		x.shared.tongues[c.Server] = t
	}
	switch {
	case q.Kind == conversation.MessageClientHello && a.Kind == conversation.MessageServerHello && t.tls == nil:
		t.tls = c
	case q.Kind == conversation.MessageHTTPRequest && a.Kind == conversation.MessageHTTPResponse && t.http == nil:
		t.http = c
	case q.Kind == conversation.MessageProxy && a.Status != 400 && a.Kind != conversation.MessageAlert && t.proxy == nil:
		t.proxy = c
	}
}

// serverEnd is the server's FIN or RST by which a conversation ended without any
// payload of the server, -1 when it did not end so.
func serverEnd(c *conversation.Conversation) int {
	if !unserved(c) {
		return -1
	}
	if r := c.FirstReset(server); r != nil && r.Form == conversation.ResetAbort {
		return r.At
	}
	return c.FirstFIN(server)
}

// sayExchange tells what the client said first and what came back.
func sayExchange(f *Finding, c *conversation.Conversation, asked *conversation.Message, what lang.Text, answer int, how lang.Text) {
	f.say(numbers(c, asked.At), "The client's first data is %s #%d.", "客户端的首个数据是%s #%d。", what, n(c, asked.At))
	f.say(numbers(c, answer), "%s later %s #%d.", "%s 后，%s #%d。", elapsed(c, asked.At, answer), how, n(c, answer))
	f.shows(n(c, asked.At), "what the client speaks", "客户端所用的协议")
	f.shows(n(c, answer), "what comes back", "得到的回应")
	f.Drawing.Lanes = twoLanes(c)
}

// closes says how the server ended it, as the second half of a sentence.
func closes(c *conversation.Conversation, at int) lang.Text {
	if c.Segments[at].Reset() {
		return lang.Text{EN: "a RST carrying the server's address ended the connection without a byte in answer", ZH: "一个带有服务器地址的 RST 未应答任何字节就结束了连接"}
	}
	return lang.Text{EN: "the server closed with a FIN without a byte in answer", ZH: "服务器未应答任何字节就以 FIN 关闭"}
}

// line quotes the first line of a message.
func line(m *conversation.Message) lang.Text { return lang.T("“%s”", "“%s”", m.Line) }

// answers says what the server answered.
func answers(m *conversation.Message) lang.Text {
	if m.Kind == conversation.MessageAlert {
		a := alertOf(m.Code)
		return lang.T("the server answered with the TLS alert %s", "服务器回应 TLS 告警 %s", a.name)
	}
	return lang.T("the server answered %s", "服务器应答%s", line(m))
}
