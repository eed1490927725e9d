package scenario

import (
	"net/netip"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// A client that connects to a port of its own host, with nobody listening
// there, may be given that very port as its source. Its SYN then meets itself:
// a simultaneous open of one socket (RFC 9293, section 3.5).

// selfAttempts is how many of the refused attempts before it the incident shows.
const selfAttempts = 3

var selfConnect = Scenario{
	ID:    "self-connect",
	Title: lang.Text{EN: "A socket is connected to itself", ZH: "一个套接字连上了自己"},
	Summary: lang.Text{
		EN: "Source and destination of the connection are the same address and the same port: the client talks to itself.",
		ZH: "连接的源与目的是同一个地址、同一个端口：客户端在和自己说话。",
	},
	Meaning: lang.Text{
		EN: "A program keeps connecting to a port on its own host while the server there is down. If the port lies in the range from which the system takes source ports, one attempt sooner or later gets that very port as its source. The SYN arrives at the socket that sent it, which is legal TCP (both ends open at once), and the connection stands. The program reads back what it writes and takes it for the server; the real server cannot start, since its port is taken.",
		ZH: "程序不断连接本机的某个端口，而那里的服务并未运行。如果该端口落在系统分配源端口的范围内，迟早会有一次连接恰好分到同一个端口作为源端口。SYN 回到发出它的套接字，这在 TCP 中是合法的（双方同时打开），连接就此建立。程序写什么就读到什么，还以为对方是服务器；而真正的服务器因端口被占用而无法启动。",
	},
	Recognised: []lang.Text{
		{EN: "Source and destination address and port are equal, and the connection is established.", ZH: "源、目的的地址和端口都相同，且连接已建立。"},
		{EN: "SYN and SYN-ACK carry the same sequence number.", ZH: "SYN 与 SYN-ACK 的序列号相同。"},
		{EN: "Refused attempts from other ports usually precede it.", ZH: "之前通常有多次从其他端口发起、被拒绝的连接。"},
	},
	Confused: []Confusion{
		{ID: "simultaneous-open", Text: lang.Text{EN: "the same exchange between two different endpoints", ZH: "两个不同端点之间的同样过程"}},
		{Text: lang.Text{EN: "A forged (LAND) packet: it comes from outside, and no SYN-ACK follows", ZH: "伪造的包（LAND 攻击）：来自外部，且没有后续的 SYN-ACK"}},
	},
	Fixes: []lang.Text{
		{EN: "Move the server's port out of the range of source ports, or reserve it: net.ipv4.ip_local_reserved_ports.", ZH: "把服务端口移出源端口范围，或将其保留：net.ipv4.ip_local_reserved_ports。"},
		{EN: "In the client, compare local and remote address after connect() and close the socket when they are equal.", ZH: "客户端在 connect() 之后比较本地与对端地址，若相同则关闭。"},
		{EN: "Wait between attempts, and longer each time.", ZH: "重连之间留出间隔，并逐次加长。"},
	},
	References: []Reference{
		{Title: "如何创建一个自己连自己的TCP连接", Author: "plantegg", Date: "2020-07-01", URL: "https://plantegg.github.io/2020/07/01/如何创建一个自己连自己的TCP连接/"},
		{Title: "活久见，TCP连接互串了", Author: "plantegg", Date: "2020-11-18", URL: "https://plantegg.github.io/2020/11/18/TCP连接为啥互串了/"},
	},
	Symptom: SymptomOddAnswer,
	Over: []string{"conn-refused-rst", "simultaneous-open", "syn-no-answer", "server-closed-without-answer", "half-open-after-crash", "asymmetric-routing-stateful-drop",
		"health-check-or-scan", "rto-death", "close-wait-leak", "who-is-slow", "client-gave-up", "syn-dropped-by-host", "idle-cleanup-rst", "linger0-abort", "spurious-retransmission", "offload-artefact"},
	Detect: detectSelfConnect,
}

// Reported when an established connection has one endpoint on both ends: a
// SYN-ACK with the SYN's own sequence number, or data or acknowledgements.
// Not reported for SYNs alone, which may be forged.
func detectSelfConnect(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		if c.Client != c.Server {
			continue
		}
		if o := c.SelfOpening(); o.SYNACK >= 0 || o.Traffic > 0 {
			out = append(out, *tellSelfConnect(x, c, o))
		}
	}
	return out
}

func tellSelfConnect(x *Context, c *conversation.Conversation, o conversation.SelfOpening) *Finding {
	tried := refusedBefore(x, c)
	shown := tried[max(0, len(tried)-selfAttempts):]
	cause := Possible
	if len(tried) > 0 {
		cause = Likely
	}
	f := x.finding(Problem, Certain, cause, append(append([]*conversation.Conversation(nil), shown...), c)...)
	f.at = c.First
	f.Summary = lang.T("%s is connected to itself: what the program sends there it receives itself.", "%s 连上了自己：程序发出去的数据又被它自己收到。", c.Client)
	sayAttempts(f, c, tried)
	sayMeeting(f, c, o)
	if o.Bytes > 0 {
		f.say(o.Data, "%s were sent on it, and the same endpoint received and acknowledged them.", "其上发送了 %s，由同一个端点接收并确认。", lang.Bytes(o.Bytes))
	}
	f.may(cause, lang.Text{EN: "A client that reconnects to a local port inside the range of source ports while the server is down", ZH: "服务未运行时，客户端反复重连一个落在源端口范围内的本机端口"},
		lang.T("sysctl net.ipv4.ip_local_port_range: does it include %d?", "sysctl net.ipv4.ip_local_port_range：是否包含 %d？", c.Client.Port()))
	f.excludes(lang.Text{EN: "A forged packet", ZH: "伪造的包"}, lang.Text{EN: "The connection is established; a forged SYN from outside would find no socket that completes it.", ZH: "连接已经建立；外部伪造的 SYN 不会有套接字与它完成握手。"})
	f.confirm(lang.Text{EN: "Which program holds it:", ZH: "是哪个程序占用了它："}, lang.T("ss -tnp 'sport = :%d and dport = :%d'", "", c.Client.Port(), c.Client.Port()).EN)
	f.confirm(lang.Text{EN: "The range of source ports, and what is reserved in it:", ZH: "源端口范围及其中保留的端口："}, "sysctl net.ipv4.ip_local_port_range net.ipv4.ip_local_reserved_ports")
	drawSelf(f, c, shown)
	return f.grouped(c.Client.Addr().String(), portLabel(c.Client))
}

// refusedBefore lists the refused attempts on the port before the self-connect.
func refusedBefore(x *Context, c *conversation.Conversation) []*conversation.Conversation {
	var out []*conversation.Conversation
	for _, o := range x.ToServer(c.Server) {
		if o != c && o.Client.Addr() == c.Client.Addr() && o.First < c.First && o.Handshake().State == conversation.HandshakeRefused {
			out = append(out, o)
		}
	}
	return out
}

func sayAttempts(f *Finding, c *conversation.Conversation, tried []*conversation.Conversation) {
	if len(tried) == 0 {
		return
	}
	low, high := tried[0].Client.Port(), tried[0].Client.Port()
	for _, o := range tried {
		low, high = min(low, o.Client.Port()), max(high, o.Client.Port())
	}
	last := tried[len(tried)-1]
	p, r := firstNumber(last), n(last, last.Handshake().Refusal)
	f.say([]int{firstNumber(tried[0]), p, r}, "In the %s before, port %d refused %s from source ports between %d and %d, the last #%d with #%d: nobody was listening, and the client kept trying.",
		"此前 %s 内，端口 %d 拒绝了 %s，源端口在 %d 到 %d 之间，最后一次是 #%d，被 #%d 拒绝：没有程序在监听，而客户端一直在重试。",
		lang.Duration(c.First-tried[0].First), c.Server.Port(), lang.Count(len(tried), "attempt", "attempts", "次连接"), low, high, p, r)
}

func sayMeeting(f *Finding, c *conversation.Conversation, o conversation.SelfOpening) {
	if o.SYN < 0 || o.SYNACK < 0 {
		f.say(o.Data, "Every packet of this connection goes from %s to %s itself.", "此连接的每个包都是从 %s 发往 %s 自身。", c.Client, c.Client)
		return
	}
	y, z := n(c, o.SYN), n(c, o.SYNACK)
	f.say([]int{y}, "Then the system picked %d as the source port too: SYN #%d goes from %s to itself.", "随后系统把 %d 也选作了源端口：SYN #%d 从 %s 发往它自己。", c.Client.Port(), y, c.Client)
	f.say([]int{y, z}, "The socket that sent the SYN received it, and answered with a SYN-ACK of the same sequence number #%d: one sequence space serves both directions.", "发出 SYN 的套接字收到了它，并用相同的序列号回了 SYN-ACK #%d：两个方向共用同一套序列号。", z)
	f.shows(y, "SYN to itself", "发给自己的 SYN")
	f.shows(z, "SYN-ACK with the SYN's own sequence number", "序列号与 SYN 相同的 SYN-ACK")
	if o.ACK >= 0 {
		f.say(numbers(c, o.ACK), "With #%d the connection is established, without any server.", "#%d 之后连接建立，其间没有任何服务器参与。", n(c, o.ACK))
		f.shows(n(c, o.ACK), "the connection stands", "连接建立")
	}
}

func drawSelf(f *Finding, c *conversation.Conversation, shown []*conversation.Conversation) {
	lane := LaneHint{Endpoint: c.Client, Role: lang.Text{EN: "client and server at once", ZH: "既是客户端又是服务器"}}
	seen := map[netip.AddrPort]bool{c.Client: true}
	f.Drawing.Lanes = []LaneHint{lane}
	for _, o := range shown {
		if !seen[o.Client] {
			seen[o.Client] = true
			f.Drawing.Lanes = append(f.Drawing.Lanes, LaneHint{Endpoint: o.Client, Role: lang.Text{EN: "refused attempt", ZH: "被拒绝的尝试"}})
		}
	}
}
