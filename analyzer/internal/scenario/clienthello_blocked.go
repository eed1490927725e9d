package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

const (
	// helloRepetitions is how often a ClientHello must be repeated in vain.
	helloRepetitions = 3
	// helloReset is how soon after the ClientHello a reset still answers it, in ns.
	helloReset = 3 * lang.Second
)

var clientHelloBlocked = Scenario{
	ID:    "clienthello-blocked",
	Title: lang.Text{EN: "The connection dies right after the TLS ClientHello for one name", ZH: "面向某个域名的 TLS ClientHello 之后连接即失效"},
	Summary: lang.Text{
		EN: "The TCP handshake works, the ClientHello for one server name is dropped or reset, and another name at the same address works.",
		ZH: "TCP 握手正常，面向某个服务器名称的 ClientHello 被丢弃或复位，而同一地址上的其他名称可用。",
	},
	Meaning: lang.Text{
		EN: "The server name stands unencrypted in the ClientHello. A filter on the path that reads it lets other names pass and drops or resets this one. A ClientHello larger than one segment can also die of its size: then names matter less than lengths.",
		ZH: "服务器名称在 ClientHello 中是明文。途中的过滤设备读到它后，放行其他名称，而丢弃或复位这一个。超过一个报文段的 ClientHello 也可能因大小而丢失，那时起作用的是长度而不是名称。",
	},
	Recognised: []lang.Text{
		{EN: "The handshake is complete; the ClientHello is repeated without an acknowledgement, or is answered by a reset.", ZH: "握手完成；ClientHello 反复重传没有确认，或得到复位。"},
		{EN: "Another connection to the same address with another server name gets its ServerHello.", ZH: "到同一地址、使用另一服务器名称的连接得到了 ServerHello。"},
	},
	Confused: []Confusion{
		{ID: "tls-alert", Text: lang.Text{EN: "there the server itself refuses the name, with an alert", ZH: "那里是服务器自己以告警拒绝该名称"}},
		{ID: "pmtud-blackhole", Text: lang.Text{EN: "there every large segment is lost, whatever the name", ZH: "那里所有大包都会丢失，与名称无关"}},
		{ID: "rto-death", Text: lang.Text{EN: "there new connections fail as well", ZH: "那里新连接同样失败"}},
	},
	Fixes: []lang.Text{
		{EN: "Allow the name in the filter, or update the filter if it misreads modern ClientHellos.", ZH: "在过滤设备上放行该名称；若设备误判新式 ClientHello，请升级设备。"},
		{EN: "If size is the reason, mend the path MTU.", ZH: "若原因在于大小，请修正路径 MTU。"},
	},
	References: []Reference{
		{Title: "TLS handshake failures in a capture", Author: "hannes-software", URL: "https://www.hannes-software.com/pcap-surgery/blogs/tls-handshake-failure-client-hello-server-hello-pcap"},
		{Title: "Detecting Forged TCP Reset Packets", Author: "N. Weaver, R. Sommer, V. Paxson", Date: "2009-02", URL: "http://www.sciweavers.org/publications/detecting-forged-tcp-reset-packets"},
	},
	Symptom: SymptomReset,
	Over:    []string{"rto-death", "data-acked-then-reset-by-proxy", "half-open-after-crash", "packet-loss", "tail-loss-rto", "client-gave-up", "linger0-abort"},
	Detect:  detectClientHelloBlocked,
}

// Reported when all of these hold: the handshake is complete and the client's
// first payload is a ClientHello; the server sent no payload; the ClientHello
// was repeated at least 3 times without an acknowledgement, or a reset answered
// it within 3 s; and, as the contrast that makes it likely, another connection
// to the same server with another name was answered with a ServerHello, while no
// connection with this name was. Not reported without that contrast.
func detectClientHelloBlocked(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		q := x.FirstMessage(c, client)
		if q == nil || q.Kind != conversation.MessageClientHello || !opened(c) || served(c) {
			continue
		}
		at, reset := helloEnd(c, q)
		if at == nil {
			continue
		}
		if g, blocked := x.otherName(c, q); blocked && g != nil {
			out = append(out, *tellClientHello(x, c, q, g, at, reset))
		}
	}
	return out
}

// helloEnd gives the sendings of a ClientHello that nothing acknowledged, or the
// ClientHello and the reset that answered it; nil when neither.
func helloEnd(c *conversation.Conversation, q *conversation.Message) (at []int, reset bool) {
	if r := c.FirstReset(server); r != nil {
		if r.At > q.At && since(c, q.At, r.At) <= helloReset {
			return []int{q.At, r.At}, true
		}
		return nil, false
	}
	for _, b := range c.Blackouts(client, helloRepetitions) {
		if b.At[0] == q.At && b.End < 0 {
			return b.At, false
		}
	}
	return nil, false
}

// otherName looks for a connection to the same server whose ClientHello named
// someone else and was answered; blocked is false when this very name was
// answered too.
func (x *Context) otherName(c *conversation.Conversation, q *conversation.Message) (works *conversation.Conversation, blocked bool) {
	for _, g := range x.neighbours(c) {
		m := x.FirstMessage(g, client)
		if m == nil || m.Kind != conversation.MessageClientHello {
			continue
		}
		if a := x.FirstMessage(g, server); a == nil || a.Kind != conversation.MessageServerHello {
			continue
		}
		if m.SNI == q.SNI {
			return nil, false
		}
		if works == nil {
			works = g
		}
	}
	return works, true
}

func tellClientHello(x *Context, c *conversation.Conversation, q *conversation.Message, works *conversation.Conversation, at []int, reset bool) *Finding {
	f := x.finding(Problem, Certain, Likely, c)
	f.Drawing.Lanes = twoLanes(c)
	f.beside(c, works)
	name, other := nameOr(q.SNI, "?"), x.FirstMessage(works, client)
	f.Summary = lang.T("The TLS handshake with %s for the name %s gets nowhere, while the one for %s works.", "与 %s 进行的 TLS 握手，名称为 %s 时没有进展，名称为 %s 时正常。", c.Server, name, nameOr(other.SNI, "?"))
	sayOpening(f, c)
	f.say(numbers(c, q.At), "The client then sent %s (%s) #%d.", "随后客户端发送了%s（%s）#%d。", hello(q), lang.Bytes(int64(c.Segments[q.At].Len)), n(c, q.At))
	f.shows(n(c, q.At), "the ClientHello", "ClientHello")
	if reset {
		f.say(numbers(c, at[1]), "%s later a RST carrying the server's address ended the connection #%d.", "%s 后，一个带有服务器地址的 RST 结束了连接 #%d。", elapsed(c, at[0], at[1]), n(c, at[1]))
		f.shows(n(c, at[1]), "ends it", "结束连接")
	} else {
		again := numbers(c, at[1:]...)
		f.say(again, "It was repeated %s (%s) and never acknowledged.", "它被重传了 %s（%s），始终没有确认。", lang.Times(len(again)), refs(again))
		f.Drawing.Timers = timersOf(c, at)
		for _, p := range numbers(c, at...) {
			f.Drawing.Marks = append(f.Drawing.Marks, Mark{Packet: p, Lost: true})
		}
	}
	a := x.FirstMessage(works, server)
	f.say(numbers(works, other.At, a.At), "Another connection to the same address sent %s #%d and got its ServerHello #%d.", "到同一地址的另一个连接发送了%s #%d，并得到 ServerHello #%d。", hello(other), n(works, other.At), n(works, a.At))
	f.shows(n(works, a.At), "another name works", "另一名称正常")
	f.may(Likely, lang.T("A filter on the path that reads the name %s", "途中的过滤设备针对名称 %s", name), lang.Text{EN: "The same connection with another name, or from another network.", ZH: "换一个名称，或换一个网络再试。"})
	if int(c.Segments[q.At].Len) >= 1200 {
		f.may(Possible, lang.Text{EN: "The size of this ClientHello: large packets do not pass", ZH: "该 ClientHello 过大：大包无法通过"}, lang.Text{EN: "A large upload to the same server under the name that works.", ZH: "用可用的名称向同一服务器做一次大的上传。"})
	}
	f.excludes(lang.Text{EN: "A dead server or path", ZH: "服务器或路径中断"}, lang.T("#%d answers at the same address.", "#%d 出自同一地址的应答。", n(works, a.At)))
	f.confirm(lang.Text{EN: "The same address with both names:", ZH: "用两个名称分别连接同一地址："}, lang.T("openssl s_client -connect %s -servername %s", "", c.Server, name).EN)
	return f.grouped(c.Server.String()+name, portLabel(c.Client))
}
