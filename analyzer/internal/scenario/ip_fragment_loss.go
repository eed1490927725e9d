package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// IP fragments of TCP segments: one missing fragment loses the whole segment,
// and the receiver's host says so half a minute later (RFC 792: time exceeded,
// code 1; in ICMPv6 type 3, code 1).

var ipFragmentLoss = Scenario{
	ID:    "ip-fragment-loss",
	Title: lang.Text{EN: "Packets were cut into fragments that did not all arrive", ZH: "包被分片，分片没有全部到达"},
	Summary: lang.Text{
		EN: "Large packets are cut into IP fragments on the way; some fragments are dropped, so the receiver can never put the packets together.",
		ZH: "大包在途中被切成 IP 分片；部分分片被丢弃，接收方永远无法重组。",
	},
	Meaning: lang.Text{
		EN: "A router cuts packets that are too large for its next link, since their sender allows it. Fragments behind the first carry no port numbers, so firewalls and address translators drop them. The receiving host waits for the rest, gives up, and reports it with ICMP. To TCP it looks as if only large segments were lost.",
		ZH: "路由器把对下一段链路来说太大的包切开，因为发送方允许这样做。首个之后的分片不带端口号，防火墙和地址转换设备会丢弃它们。接收主机等待其余部分，最终放弃并以 ICMP 报告。在 TCP 看来，就像只有大报文段丢失。",
	},
	Recognised: []lang.Text{
		{EN: "An ICMP message says that the time for putting fragments together ran out; it quotes a segment of the connection.", ZH: "ICMP 包称分片重组超时，并引用了该连接的某个报文段。"},
		{EN: "The quoted segment is sent again and again.", ZH: "被引用的报文段一再重传。"},
	},
	Confused: []Confusion{
		{ID: "pmtud-blackhole", Text: lang.Text{EN: "there packets must not be cut and vanish whole", ZH: "那里包不允许分片，整个消失"}},
		{ID: "packet-loss", Text: lang.Text{EN: "there no ICMP message reports an incomplete packet", ZH: "那里没有 ICMP 报告不完整的包"}},
	},
	Fixes: []lang.Text{
		{EN: "Avoid fragments: clamp the MSS where the path gets narrower, or set the right MTU at the ends.", ZH: "避免分片：在路径变窄处钳制 MSS，或在两端设置正确的 MTU。"},
		{EN: "Let path MTU discovery work: keep DF set and let ICMP type 3 code 4 pass.", ZH: "让路径 MTU 发现生效：保持 DF 置位，放行 ICMP 类型 3 代码 4。"},
		{EN: "Let firewalls put fragments together before they judge them.", ZH: "让防火墙先重组分片再判断。"},
	},
	References: []Reference{
		{Title: "RFC 8900: IP Fragmentation Considered Fragile", Date: "2020-09", URL: "https://www.rfc-editor.org/rfc/rfc8900"},
		{Title: "Broken packets: IP fragmentation is flawed", Author: "Cloudflare", Date: "2017-08-18", URL: "https://blog.cloudflare.com/ip-fragmentation-is-broken/"},
	},
	Symptom: SymptomStall,
	Over: []string{"rto-death", "packet-loss", "tail-loss-rto", "path-outage", "pmtud-blackhole", "client-gave-up", "who-is-slow", "server-closed-without-answer",
		"close-wait-leak", "capture-loss", "half-close-cut", "idle-timeout-silent"},
	Detect: detectIPFragmentLoss,
}

// Reported when an ICMP error "fragment reassembly time exceeded" quotes a
// segment of the connection. A problem when it happened more than once, else a
// warning. Not detected: fragments dropped without such a message.
func detectIPFragmentLoss(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		var at []int
		for _, i := range c.ICMP {
			m := &x.ICMP[i]
			if m.Code == 1 && (m.V6 && m.Type == 3 || !m.V6 && m.Type == 11) {
				at = append(at, i)
			}
		}
		if len(at) > 0 {
			out = append(out, *x.tellFragments(c, at))
		}
	}
	return out
}

func (x *Context) tellFragments(c *conversation.Conversation, at []int) *Finding {
	f := x.finding(Problem, Certain, Likely, c)
	if len(at) == 1 {
		f.Severity = Warning
	}
	first := &x.ICMP[at[0]]
	from := first.Quote.Src
	f.Summary = lang.T("%s of %s could not be put together at %s: fragments of them did not arrive.", "%[2]s 的 %[1]s在 %[3]s 处无法重组：其分片没有全部到达。",
		lang.Count(len(at), "packet", "packets", "个包"), from, first.Src)
	parts := c.Fragments()
	if len(parts) > 0 {
		p := numbers(c, parts...)
		f.say(p, "Packets of this connection arrive cut: these are first fragments (%s).", "该连接的包以分片形式到达：这些是首个分片（%s）。", refs(p))
		f.shows(p[0], "a first fragment", "首个分片")
	}
	var icmp []int
	for _, i := range at {
		icmp = append(icmp, int(x.ICMP[i].Number))
	}
	f.say(icmp, "The host %s reports by ICMP that the rest of %s did not come in time (%s).", "主机 %s 以 ICMP 报告：%s的其余部分未能及时到达（%s）。",
		first.Src, lang.Count(len(at), "packet", "packets", "个包"), refs(icmp))
	for _, p := range icmp[:min(len(icmp), 4)] {
		f.shows(p, "fragments missing, packet given up", "分片不全，放弃重组")
	}
	f.may(Likely, lang.Text{EN: "A firewall or address translator on the path drops fragments behind the first", ZH: "途中的防火墙或地址转换设备丢弃首个之后的分片"},
		lang.Text{EN: "Captures on both sides of it, without a port filter: later fragments carry no ports.", ZH: "在其两侧抓包，不带端口过滤：后续分片没有端口号。"})
	f.may(Possible, lang.Text{EN: "Plain loss on the path, to which fragments are more exposed", ZH: "路径上的普通丢包，分片包更易受影响"}, lang.Text{EN: "Loss of unfragmented packets on the same path.", ZH: "同一路径上未分片包是否丢失。"})
	f.confirm(lang.Text{EN: "On the receiving host: how many packets it could not put together.", ZH: "在接收主机上查看无法重组的包数："}, "nstat -az IpReasmFails IpReasmTimeout IpReasmReqds IpReasmOKs")
	f.confirm(lang.Text{EN: "All fragments, whatever their ports:", ZH: "抓取所有分片，不限端口："}, tcpdump("host "+from.String()+" and (ip[6:2] & 0x3fff != 0)"))
	f.Drawing.Lanes = twoLanes(c)
	return f.waited(c.Last-first.Time).grouped(c.Server.String(), portLabel(c.Client))
}
