package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/packet"
)

// One SYN, two servers that answer it: a device in the path and the one behind
// it, each with numbers of its own.

// twoSynacksWait is how long after the first SYN-ACK a second one still answers
// the same SYN, in ns.
const twoSynacksWait = 3 * lang.Second

var twoSynacks = Scenario{
	ID:    "two-synacks",
	Title: lang.Text{EN: "One SYN was answered by two different SYN-ACKs", ZH: "一个 SYN 收到两个不同的 SYN-ACK"},
	Summary: lang.Text{
		EN: "Two SYN-ACKs with different sequence numbers answer one SYN: two stacks speak in the server's name.",
		ZH: "同一个 SYN 得到两个序列号不同的 SYN-ACK：有两个协议栈以服务器的名义应答。",
	},
	Meaning: lang.Text{
		EN: "A server that repeats its SYN-ACK repeats its sequence number. A second one with another number comes from somebody else: a transparent proxy or SYN proxy that let the SYN pass, a balancer that sent it to two servers, or a device that injects. The client takes the first; the other side of the tale then meets numbers it never agreed to, and often resets.",
		ZH: "服务器重传 SYN-ACK 时序列号不变。若第二个 SYN-ACK 的序列号不同，就来自另一个应答者：放过了 SYN 的透明代理或 SYN 代理，把 SYN 送到两台服务器的负载均衡，或某个会注入包的设备。客户端接受先到的那个，另一方随后看到的是自己从未约定的序列号，往往会复位连接。",
	},
	Recognised: []lang.Text{
		{EN: "Two SYN-ACKs acknowledge the same SYN with different sequence numbers, with no SYN or RST of the client between.", ZH: "两个 SYN-ACK 确认同一个 SYN，但序列号不同，其间客户端没有再发 SYN 或 RST。"},
		{EN: "Their numbers do not lie on one host's clock.", ZH: "两个序列号不在同一台主机的时钟上。"},
	},
	Confused: []Confusion{
		{ID: "synack-from-wrong-address", Text: lang.Text{EN: "there each new SYN-ACK follows the client's reset of the last", ZH: "那里每个新的 SYN-ACK 都在客户端复位上一个之后"}},
		{ID: "rst-injection", Text: lang.Text{EN: "there a reset is forged, not the answer to the SYN", ZH: "那里被伪造的是 RST，而不是对 SYN 的应答"}},
	},
	Fixes: []lang.Text{
		{EN: "Find the device that answers first (its TTL tells how far it is) and make it stop the SYN it answers, or not answer it.", ZH: "找出抢先应答的设备（TTL 可说明距离），让它要么拦下所应答的 SYN，要么不应答。"},
		{EN: "On a balancer, check that one address is not served by two members at once.", ZH: "在负载均衡上检查同一地址是否同时由两个成员提供服务。"},
	},
	References: []Reference{
		{Title: "RFC 9293, section 3.5: Establishing a Connection", Date: "2022-08", URL: "https://www.rfc-editor.org/rfc/rfc9293#section-3.5"},
	},
	Symptom: SymptomOddAnswer,
	Over: []string{"half-open-after-crash", "idle-client-half-open-zombie", "linger0-abort", "data-acked-then-reset-by-proxy", "stuck-syn-recv-server-ignores-ack",
		"server-closed-without-answer", "rto-death", "client-gave-up", "rst-injection", "accept-queue-overflow", "conntrack-invalid-rst", "idle-timeout-rst", "packet-loss"},
	Detect: detectTwoSynacks,
}

// Reported when two SYN-ACKs that acknowledge one SYN carry different sequence
// numbers off one host's clock, within 3 s, no SYN or RST of the client between.
// A problem when the connection dies of it, a warning when it works.
func detectTwoSynacks(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		if a, b := twoAnswers(c); b > 0 {
			out = append(out, *tellTwoSynacks(x, c, a, b))
		}
	}
	return out
}

// twoAnswers are the indexes of two rival SYN-ACKs, 0 and 0 for none.
func twoAnswers(c *conversation.Conversation) (int, int) {
	zs := c.Handshake().SYNACKs
	for i := 1; i < len(zs); i++ {
		a, b := &c.Segments[zs[i-1]], &c.Segments[zs[i]]
		if a.Seq == b.Seq || a.Ack != b.Ack || b.Time-a.Time > twoSynacksWait || c.Relative {
			continue
		}
		if _, fits := conversation.ISNClock(a.Seq, b.Seq, b.Time-a.Time); fits || interrupted(c, zs[i-1], zs[i]) {
			continue
		}
		return zs[i-1], zs[i]
	}
	return 0, 0
}

// interrupted: the client sent a SYN or RST between, after which a server may
// well answer anew.
func interrupted(c *conversation.Conversation, from, to int) bool {
	for i := from + 1; i < to; i++ {
		s := &c.Segments[i]
		if s.From == client && !s.IsCopy() && (s.PureSYN() || s.Reset()) {
			return true
		}
	}
	return false
}

func tellTwoSynacks(x *Context, c *conversation.Conversation, a, b int) *Finding {
	first, second := &c.Segments[a], &c.Segments[b]
	dead := len(c.Resets()) > 0 || c.Flows[server].Data == 0 && c.Flows[client].Data > 0
	severity := Warning
	if dead {
		severity = Problem
	}
	f := x.finding(severity, Certain, Possible, c)
	y := synOf(c, a)
	f.Summary = lang.T("%s's SYN to %s was answered twice, with two different sequence numbers.", "%s 向 %s 发送的 SYN 得到两个序列号不同的应答。", c.Client, c.Server)
	if y >= 0 {
		f.say(numbers(c, y, a), "The SYN #%d was answered %s later by a SYN-ACK #%d.", "SYN #%d 在 %s 后得到 SYN-ACK #%d。", n(c, y), lang.Duration(first.Time-c.Segments[y].Time), first.Number)
	}
	f.say(numbers(c, a, b), "%s after that a second SYN-ACK came #%d. It acknowledges the same SYN, but its sequence number is another, and no clock of one host leads from the first to the second: two stacks answered.", "又过 %s，来了第二个 SYN-ACK #%d。它确认同一个 SYN，序列号却不同，且同一台主机的时钟无法从前者走到后者：应答的是两个协议栈。",
		lang.Duration(second.Time-first.Time), second.Number)
	if d := differ(first, second); !d.Empty() {
		f.say(numbers(c, a, b), "They differ in more: %s.", "两者还有不同：%s。", d)
	}
	f.shows(int(first.Number), "first answer", "第一个应答")
	f.shows(int(second.Number), "second answer, other number", "第二个应答，序列号不同")
	sayAccepted(f, c, a, b)
	if rs := c.Resets(); len(rs) > 0 {
		r := rs[0].At
		f.say(numbers(c, r), "The connection ended with a RST carrying the %s's address #%d.", "连接以带着%s地址的 RST 告终 #%d。", sideName(c.Segments[r].From), n(c, r))
		f.shows(n(c, r), "ends it", "终止连接")
	}
	f.may(Possible, lang.Text{EN: "A transparent proxy, SYN proxy or firewall answers and lets the SYN pass as well", ZH: "透明代理、SYN 代理或防火墙作了应答，同时又放过了 SYN"}, lang.T("TTL of #%d and #%d; a capture in front of the server.", "#%d 与 #%d 的 TTL；在服务器之前抓包。", first.Number, second.Number))
	f.may(Possible, lang.Text{EN: "A balancer sent the SYN to two servers, or two machines own the address", ZH: "负载均衡把 SYN 送到了两台服务器，或两台机器占用同一地址"}, lang.Text{EN: "The source MACs of the two on the server's link; the balancer's table.", ZH: "服务器链路上两者的源 MAC；负载均衡的连接表。"})
	f.may(Possible, lang.Text{EN: "A device injects answers", ZH: "有设备注入应答"}, lang.Text{EN: "Whether it happens for one destination, name or protocol only.", ZH: "是否只对特定目的地、名称或协议发生。"})
	f.excludes(lang.Text{EN: "A repeated SYN-ACK", ZH: "重传的 SYN-ACK"}, lang.Text{EN: "A repetition keeps its sequence number.", ZH: "重传的序列号不会改变。"})
	f.confirm(lang.Text{EN: "Capture at the server at the same time: which of the two left it?", ZH: "同时在服务器上抓包：两者中哪个是它发出的？"}, tcpdump(filterHost(c)))
	f.Drawing.Lanes = twoLanes(c)
	f.Drawing.Marks = []Mark{{Packet: int(second.Number), Ignored: true, SenderNote: lang.Text{EN: "another sequence number", ZH: "另一个序列号"}}}
	return f.grouped(c.Server.String(), portLabel(c.Client))
}

// differ names what tells two senders apart beside their numbers.
func differ(a, b *conversation.Segment) lang.Text {
	var out []lang.Text
	if a.TTL != b.TTL && a.TTL != 0 && b.TTL != 0 {
		out = append(out, lang.T("TTL %d against %d", "TTL 分别为 %d 与 %d", a.TTL, b.TTL))
	}
	if a.HasTS() != b.HasTS() {
		out = append(out, lang.Text{EN: "only one carries timestamps", ZH: "只有一个带时间戳"})
	}
	if a.Window != b.Window {
		out = append(out, lang.T("window %d against %d", "窗口分别为 %d 与 %d", a.Window, b.Window))
	}
	return lang.Join(out, lang.Text{EN: ", ", ZH: "，"})
}

// sayAccepted tells which of the two the client took.
func sayAccepted(f *Finding, c *conversation.Conversation, a, b int) {
	for i := a + 1; i < len(c.Segments); i++ {
		s := &c.Segments[i]
		if s.From != client || s.IsCopy() || !s.Is(packet.ACK) {
			continue
		}
		for _, z := range []int{a, b} {
			if s.Ack == c.Segments[z].Seq+1 {
				f.say(numbers(c, i), "The client took #%d and acknowledged it #%d.", "客户端接受了 #%d，并作了确认 #%d。", n(c, z), n(c, i))
				return
			}
		}
	}
}
