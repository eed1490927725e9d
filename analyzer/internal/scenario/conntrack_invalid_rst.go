package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

var conntrackInvalidRST = Scenario{
	ID:    "conntrack-invalid-rst",
	Title: lang.Text{EN: "A segment slipped past the translation and the reset for it killed the connection", ZH: "一个包绕过了地址转换，对它的复位断送了连接"},
	Summary: lang.Text{
		EN: "In a translated connection one segment arrives with the real server's address; the client resets it, and the reset ends the server's side of the live connection.",
		ZH: "在经过地址转换的连接上，有一个包带着真实服务器的地址到达；客户端回绝了它，这个复位结束了服务器一侧仍在使用的连接。",
	},
	Meaning: lang.Text{
		EN: "Linux connection tracking marks a segment outside the window it expects as INVALID, and an invalid packet is not translated. It goes on to the client with the wrong address. The client knows no such connection and resets it; that reset is translated nowhere and hits the real server's socket. Long transfers through Kubernetes services are the documented case.",
		ZH: "Linux 连接跟踪会把超出预期窗口的包标记为 INVALID，而 INVALID 包不做地址转换，带着错误的地址继续送往客户端。客户端没有这样的连接，于是复位；这个复位正好命中真实服务器的套接字。有记录的案例是经由 Kubernetes Service 的长时间传输。",
	},
	Recognised: []lang.Text{
		{EN: "One segment among many comes from another address, with the live connection's acknowledgement number.", ZH: "众多包中有一个来自另一个地址，确认号却是现有连接的。"},
		{EN: "The client answers it with a bare RST to that address.", ZH: "客户端对该地址回以不带 ACK 的 RST。"},
		{EN: "Shortly after, the live connection is reset.", ZH: "不久之后，现有连接被复位。"},
	},
	Confused: []Confusion{
		{ID: "synack-from-wrong-address", Text: lang.Text{EN: "there the untranslated packet is the SYN-ACK and the connection never opens", ZH: "那里未经转换的是 SYN-ACK，连接始终没有建立"}},
		{ID: "cross-wired-tuple-collision", Text: lang.Text{EN: "there two connections of one client port meet at the server", ZH: "那里是同一客户端端口的两个连接在服务器上相撞"}},
	},
	Fixes: []lang.Text{
		{EN: "Drop packets in state INVALID before they leave the translating node (kube-proxy since 1.15 does), or set nf_conntrack_tcp_be_liberal=1.", ZH: "在做地址转换的节点上丢弃 INVALID 状态的包（kube-proxy 自 1.15 起如此），或设置 nf_conntrack_tcp_be_liberal=1。"},
	},
	References: []Reference{
		{Title: "kube-proxy Subtleties: Debugging an Intermittent Connection Reset", Author: "Kubernetes blog", Date: "2019-03-29", URL: "https://kubernetes.io/blog/2019/03/29/kube-proxy-subtleties-debugging-an-intermittent-connection-reset/"},
		{Title: "kubernetes/kubernetes#74839", Author: "kubernetes/kubernetes", URL: "https://github.com/kubernetes/kubernetes/issues/74839"},
	},
	Symptom: SymptomReset,
	Over:    []string{"half-open-after-crash", "rst-injection", "idle-timeout-rst", "data-after-close", "linger0-abort", "close-with-unread-data", "health-check-or-scan", "nat-two-legs", "packet-loss", "reordering"},
	Detect:  detectConntrackInvalid,
}

// Reported when all of these hold: a client's bare reset refuses a segment, not
// a SYN-ACK, of a tuple that was never opened or is the inner leg; that
// segment's acknowledgement number is exactly the next one of another, opened
// connection of the same client endpoint to another server address; and no
// segment with its number came on that connection. Certain when that connection
// was reset afterwards.
func detectConntrackInvalid(x *Context) []Finding {
	var out []Finding
	for _, g := range x.Conversations {
		if u := x.Untranslated(g); u != nil && opened(u.Of) {
			out = append(out, *tellUntranslated(x, g, u))
		}
	}
	return out
}

func tellUntranslated(x *Context, g *conversation.Conversation, u *conversation.Untranslated) *Finding {
	c := u.Of
	symptom, severity := Certain, Problem
	if u.Died < 0 {
		symptom, severity = Likely, Warning
	}
	f := x.finding(severity, symptom, Likely, c, g)
	d := &g.Segments[u.Segment]
	f.Summary = lang.T("In the connection %s – %s one segment arrived from %s instead; the client reset it.", "在 %s 与 %s 之间的连接上，有一个包改从 %s 到达；客户端对它作了复位。", c.Client, c.Server, g.Server)
	f.say(numbers(c, c.Handshake().SYNs[0]), "The client talks to %s, a connection opened with #%d and in use.", "客户端在与 %s 通信，该连接由 #%d 打开，正在使用。", c.Server, n(c, c.Handshake().SYNs[0]))
	f.say(numbers(g, u.Segment), "#%d came from %s, with exactly the acknowledgement number that is due on that connection: the same connection, without the address translated.", "#%d 来自 %s，其确认号恰好是那个连接当时应有的值：属于同一个连接，只是地址没有转换。", d.Number, g.Server)
	if u.Ahead > 1<<16 {
		f.say(numbers(g, u.Segment), "Its sequence number lies %s above what the server had sent so far, outside any window: connection tracking calls that INVALID and does not translate it (likely).", "它的序列号比服务器此前已发送的位置超前 %s，超出任何窗口：连接跟踪把它判为 INVALID，因而不做转换（很可能）。", lang.Bytes(int64(u.Ahead)))
	}
	f.say(numbers(g, u.Reset), "The client has no connection with %s and refused it with a bare RST %s later #%d.", "客户端与 %s 没有连接，%s 后以不带 ACK 的 RST 回绝 #%d。", g.Server, elapsed(g, u.Segment, u.Reset), n(g, u.Reset))
	f.shows(int(d.Number), "the segment with the wrong address", "地址错误的包")
	f.shows(n(g, u.Reset), "the client refuses it", "客户端回绝")
	if u.Died >= 0 {
		f.say(numbers(c, u.Died), "%s later the live connection was reset #%d: the RST had reached the real server's socket.", "%s 后，现有连接被复位 #%d：那个 RST 已到达真实服务器的套接字。", lang.Duration(c.Segments[u.Died].Time-g.Segments[u.Reset].Time), n(c, u.Died))
		f.shows(n(c, u.Died), "the live connection dies", "现有连接终止")
	}
	f.may(Likely, lang.Text{EN: "Connection tracking on the translating node judged the segment INVALID and let it pass untranslated", ZH: "做地址转换的节点上，连接跟踪把该包判为 INVALID 而未转换就放行"}, lang.Text{EN: "The invalid counter of conntrack rises at this moment.", ZH: "conntrack 的 invalid 计数在此刻增加。"})
	f.may(Possible, lang.Text{EN: "The translation's entry was removed while the connection was in use", ZH: "连接使用期间转换条目被删除"}, lang.Text{EN: "All later segments would come untranslated too.", ZH: "那样的话，之后的所有包都会未经转换。"})
	f.excludes(lang.T("A stray packet of some other connection of %s", "%s 其他连接的误投包", g.Server), lang.T("The acknowledgement number of #%d fits this connection to the last bit.", "#%d 的确认号与本连接逐位吻合。", d.Number))
	f.confirm(lang.Text{EN: "On the translating node:", ZH: "在做地址转换的节点上："}, "conntrack -S")
	f.confirm(lang.Text{EN: "Log such packets there:", ZH: "在该节点记录此类包："}, "sysctl -w net.netfilter.nf_conntrack_log_invalid=6")
	f.Drawing.Lanes = []LaneHint{{Endpoint: c.Client, Role: lang.Text{EN: "client", ZH: "客户端"}}, {Endpoint: c.Server, Role: lang.Text{EN: "service address", ZH: "服务地址"}}, {Endpoint: g.Server, Role: lang.Text{EN: "real server", ZH: "真实服务器"}}}
	f.Drawing.Marks = []Mark{{Packet: int(d.Number), Ignored: true, SenderNote: lang.Text{EN: "address not translated", ZH: "地址未转换"}, ReceiverNote: lang.Text{EN: "no such connection", ZH: "没有这个连接"}}}
	return f.grouped(c.Server.String(), portLabel(c.Client))
}
