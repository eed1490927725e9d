package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// Both sides connect to each other at the same moment. TCP allows it: the two
// SYNs make one connection (RFC 9293, section 3.5).

var simultaneousOpen = Scenario{
	ID:    "simultaneous-open",
	Title: lang.Text{EN: "Both sides opened the connection at once", ZH: "双方同时打开连接"},
	Summary: lang.Text{
		EN: "Two SYNs crossed, and the connection came about without a listener. That is legal.",
		ZH: "两个 SYN 相互交错，没有监听者也建立了连接。这是合法的。",
	},
	Meaning: lang.Text{
		EN: "Each side binds a fixed port and connects to the other's. When the SYNs cross, each answers the other's with a SYN-ACK that repeats its own sequence number, and four packets make one connection. Peer-to-peer programs do it on purpose to get through translators; BGP speakers can meet that way. Firewalls that expect a client and a server may drop it.",
		ZH: "双方各绑定一个固定端口并连接对方。两个 SYN 交错时，各自用保持原序列号的 SYN-ACK 应答对方，四个包建立一个连接。点对点程序会有意这样穿越地址转换设备，BGP 对等体也可能如此相遇。只认客户端和服务器的防火墙可能会把它丢弃。",
	},
	Recognised: []lang.Text{
		{EN: "A SYN from each side of one pair of endpoints, before any SYN-ACK.", ZH: "同一对端点的双方各发一个 SYN，都在任何 SYN-ACK 之前。"},
		{EN: "Then a SYN-ACK from each side, with the sequence number of its SYN.", ZH: "随后双方各发一个 SYN-ACK，序列号与各自的 SYN 相同。"},
	},
	Confused: []Confusion{
		{ID: "self-connect", Text: lang.Text{EN: "there both ends are one endpoint", ZH: "那里两端是同一个端点"}},
		{ID: "duplicate-capture", Text: lang.Text{EN: "there the two SYNs go in one direction", ZH: "那里两个 SYN 方向相同"}},
	},
	Fixes: []lang.Text{
		{EN: "Nothing to mend. To avoid it, let only one side connect, or do not bind equal fixed ports on both.", ZH: "无需修复。若要避免，只让一方发起连接，或不要在双方绑定固定端口。"},
	},
	References: []Reference{
		{Title: "如何创建一个自己连自己的TCP连接", Author: "plantegg", Date: "2020-07-01", URL: "https://plantegg.github.io/2020/07/01/如何创建一个自己连自己的TCP连接/"},
		{Title: "RFC 9293, section 3.5: Establishing a Connection", Date: "2022-08", URL: "https://www.rfc-editor.org/rfc/rfc9293#section-3.5"},
	},
	Symptom: SymptomOddAnswer,
	Over:    []string{"duplicate-capture"},
	Detect:  detectSimultaneousOpen,
}

// Reported when each of two different endpoints sends a SYN without ACK to the
// other before any SYN-ACK, and the connection comes to life. Info.
func detectSimultaneousOpen(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		if c.Handshake().State != conversation.HandshakeCrossed || c.Client == c.Server {
			continue
		}
		if o := crossing(c); o.alive {
			out = append(out, *tellCrossed(x, c, o))
		}
	}
	return out
}

// crossed is an opening from both sides: the first SYN and SYN-ACK of each,
// indexes, -1 none.
type crossed struct {
	syn, synack [2]int
	alive       bool
}

func crossing(c *conversation.Conversation) crossed {
	o := crossed{syn: [2]int{-1, -1}, synack: [2]int{-1, -1}}
	for i := range c.Segments {
		s := &c.Segments[i]
		switch {
		case s.IsCopy() || s.Reset():
		case s.PureSYN() && o.syn[s.From] < 0 && o.synack[client] < 0 && o.synack[server] < 0:
			o.syn[s.From] = i
		case s.SYNACK() && o.synack[s.From] < 0:
			o.synack[s.From] = i
		case !s.PureSYN() && !s.SYNACK():
			o.alive = o.syn[client] >= 0 && o.syn[server] >= 0
		}
		if o.alive {
			break
		}
	}
	return o
}

func tellCrossed(x *Context, c *conversation.Conversation, o crossed) *Finding {
	symptom := Likely
	if o.synack[client] >= 0 && o.synack[server] >= 0 {
		symptom = Certain
	}
	f := x.finding(Info, symptom, Likely, c)
	f.Summary = lang.T("%s and %s connected to each other at the same moment.", "%s 与 %s 在同一时刻互相发起了连接。", c.Client, c.Server)
	y, w := o.syn[client], o.syn[server]
	f.say(numbers(c, y, w), "%s sent a SYN #%d, and %s later %s sent one too #%d, before either was answered.", "%s 发送了 SYN #%d；%s 后 %s 也发送了 SYN #%d，此时双方都还没有得到应答。", c.Client, n(c, y), lang.Duration(max(since(c, y, w), -since(c, y, w))), c.Server, n(c, w))
	f.shows(n(c, y), "SYN of one side", "一方的 SYN")
	f.shows(n(c, w), "SYN of the other", "另一方的 SYN")
	var answers []int
	for _, z := range o.synack {
		if z >= 0 {
			answers = append(answers, n(c, z))
			f.shows(n(c, z), "answers the other's SYN", "应答对方的 SYN")
		}
	}
	if len(answers) > 0 {
		f.say(answers, "Each side answered the other's SYN with its own number (%s), and the connection stood.", "各方用自己的序列号应答对方的 SYN（%s），连接随之建立。", refs(answers))
	}
	f.may(Likely, lang.Text{EN: "Both programs bind a fixed port and connect to the other's, on purpose or by their protocol's design", ZH: "双方程序各绑定固定端口并连接对方，有意为之或协议如此"}, lang.Text{EN: "Both programs' configuration.", ZH: "双方程序的配置。"})
	f.confirm(lang.Text{EN: "Which programs hold the ports:", ZH: "哪些程序占用了这些端口："}, lang.T("ss -tnp 'sport = :%d'", "", c.Client.Port()).EN)
	return f.grouped(c.Server.String(), portLabel(c.Client))
}
