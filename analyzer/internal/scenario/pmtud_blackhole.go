package scenario

import (
	"fmt"
	"strings"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// A link on the path carries smaller packets than its ends, and the ICMP message
// that would say so never reaches the sender (RFC 2923, section 2.1).

const (
	// blackholeRepeats: so often a large segment must have been repeated in vain.
	// Random loss of 10 % does that to one segment in a thousand.
	blackholeRepeats = 2
	// blackholeFloor: over this time at least, so that a burst of losses is none, in ns.
	blackholeFloor = 500 * lang.Millisecond
	// blackholeSilence: at the receiver a hole is never filled for this long, which
	// leaves room for several repetitions, in ns.
	blackholeSilence = lang.Second
)

var pmtudBlackhole = Scenario{
	ID:    "pmtud-blackhole",
	Title: lang.Text{EN: "Large packets vanish while small ones pass", ZH: "大包消失，小包却能通过"},
	Summary: lang.Text{
		EN: "The connection opens and short messages pass, but every full-size packet is lost, so that larger transfers hang.",
		ZH: "连接能建立，短消息也能通过，但每个满长的包都会丢失，于是较大的传输卡死。",
	},
	Meaning: lang.Text{
		EN: "Somewhere on the path a link takes only smaller packets, as tunnels and PPPoE lines do. The router in front of it should tell the sender with an ICMP message (\"fragmentation needed\", in IPv6 \"packet too big\"). That message is not sent, or is filtered on its way, so the sender repeats packets that can never pass.",
		ZH: "路径上某段链路只能承载更小的包，隧道和 PPPoE 线路就是如此。它前面的路由器本应以 ICMP 包（“需要分片”，IPv6 中为“包过大”）告知发送方。但该包没有发出，或在途中被过滤，于是发送方一再重传永远过不去的包。",
	},
	Recognised: []lang.Text{
		{EN: "The handshake and short messages are fine.", ZH: "握手和短消息都正常。"},
		{EN: "At the sender: full-size segments are repeated at growing intervals and never acknowledged, while a shorter segment sent after them is reported as arrived (SACK).", ZH: "在发送方：满长的报文段以越来越长的间隔重传，从未被确认；而在其后发送的较短报文段却被报告已到达（SACK）。"},
		{EN: "At the receiver: the short end of a message arrives; the full-size segments before it never do.", ZH: "在接收方：消息较短的末尾到了，它前面的满长报文段始终没有到。"},
		{EN: "Cut into smaller segments, the same bytes pass at once.", ZH: "同样的字节切成更小的报文段后立即通过。"},
	},
	Confused: []Confusion{
		{ID: "packet-loss", Text: lang.Text{EN: "there repetitions get through, whatever their size", ZH: "那里重传终会到达，与大小无关"}},
		{ID: "rto-death", Text: lang.Text{EN: "there small packets do not pass either", ZH: "那里小包也过不去"}},
		{ID: "pmtu-reduced", Text: lang.Text{EN: "there the ICMP message arrives and the sender adapts", ZH: "那里 ICMP 包到达，发送方随之调整"}},
	},
	Fixes: []lang.Text{
		{EN: "Let ICMP type 3 code 4 (ICMPv6 type 2) pass through every firewall on the path.", ZH: "让沿途所有防火墙放行 ICMP 类型 3 代码 4（ICMPv6 类型 2）。"},
		{EN: "Clamp the MSS at the tunnel or PPPoE router (iptables -j TCPMSS --clamp-mss-to-pmtu).", ZH: "在隧道或 PPPoE 路由器上钳制 MSS（iptables -j TCPMSS --clamp-mss-to-pmtu）。"},
		{EN: "Let senders find out by themselves: net.ipv4.tcp_mtu_probing=1.", ZH: "让发送方自行探测：net.ipv4.tcp_mtu_probing=1。"},
	},
	References: []Reference{
		{Title: "RFC 2923: TCP Problems with Path MTU Discovery", Date: "2000-09", URL: "https://www.rfc-editor.org/rfc/rfc2923"},
		{Title: "Path MTU discovery in practice", Author: "Cloudflare", Date: "2015-02-04", URL: "https://blog.cloudflare.com/path-mtu-discovery-in-practice/"},
		{Title: "Path MTU black hole", Author: "ipfyi.com", URL: "https://ipfyi.com/scenario/path-mtu-blackhole/"},
	},
	Symptom: SymptomStall,
	Over: []string{"rto-death", "packet-loss", "tail-loss-rto", "path-outage", "server-closed-without-answer", "close-wait-leak", "clienthello-blocked",
		"client-gave-up", "who-is-slow", "idle-timeout-silent", "asymmetric-routing-stateful-drop", "policer-loss", "capture-loss", "options-stripped"},
	Detect: detectPMTUDBlackhole,
}

// Reported when full-size segments of one side are lost for 0.5 s and two
// repetitions or more while a shorter one sent after them arrives and no
// segment of their size ever does; at the receiver, when a hole of whole
// full-size segments stays for a second while nothing of full size ever came.
// Not reported when an ICMP message announces the smaller size (pmtu-reduced),
// while the receiver's window is closed, nor when no size passes (rto-death).
func detectPMTUDBlackhole(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		if c.OneSided() || len(x.tooBig(c)) > 0 {
			continue
		}
		for _, from := range []conversation.Side{conversation.Client, conversation.Server} {
			o := c.Oversized(from, blackholeRepeats)
			switch {
			case o == nil:
			case o.Gap >= 0:
				if x.End-c.Segments[o.Gap].Time >= blackholeSilence {
					out = append(out, *tellHole(x, c, o))
				}
			case c.Segments[o.Ladder[len(o.Ladder)-1]].Time-c.Segments[o.Ladder[0]].Time >= blackholeFloor:
				out = append(out, *tellBlackhole(x, c, o))
			}
		}
	}
	return out
}

// tooBig are the ICMP messages that announce a smaller size to a conversation.
func (x *Context) tooBig(c *conversation.Conversation) []int {
	var out []int
	for _, i := range c.ICMP {
		if x.ICMP[i].TooBig() {
			out = append(out, i)
		}
	}
	return out
}

func tellBlackhole(x *Context, c *conversation.Conversation, o *conversation.Oversize) *Finding {
	f := x.finding(Problem, Certain, Likely, c)
	who := sideName(o.From)
	first, last := o.Ladder[0], o.Ladder[len(o.Ladder)-1]
	lost := numbers(c, o.Lost...)
	f.Summary = lang.T("None of the packets of %[2]d bytes or more that the %[1]s of %[3]s – %[4]s sends arrives at the other end; packets of up to %[5]d bytes do.", "在 %[3]s 与 %[4]s 之间，%[1]s发出的 %[2]d 字节及以上的包无一到达对端，%[5]d 字节及以下的则能到达。",
		who, o.TooLarge, c.Client, c.Server, o.Fits)
	f.say(numbers(c, first), "The %s sent full-size segments, %d bytes as IP packets; the first that is missing is #%d.", "%s发送满长的报文段，作为 IP 包有 %d 字节；首个缺失的是 #%d。", who, o.TooLarge, n(c, first))
	f.shows(n(c, first), "full size, never acknowledged", "满长，从未被确认")
	if o.Passed[0] != o.Relief {
		f.tellPassed(c, o)
	}
	f.say(numbers(c, o.Ladder...), "The first full-size segment was sent %s within %s (%s), always at the same size.", "首个满长报文段在 %[2]s 内共发送 %[1]s（%[3]s），大小始终不变。",
		lang.Times(len(o.Ladder)), elapsed(c, first, last), refs(numbers(c, o.Ladder...)))
	for _, i := range o.Ladder[1:] {
		f.shows(n(c, i), "the same size again, in vain", "以同样大小重传，徒劳")
	}
	if o.Relief >= 0 {
		f.tellRelief(c, o)
	} else {
		f.Symptom = Likely
		f.say(lost, "%s of that size passed here in all; none was ever acknowledged.", "此处共经过这种大小的包 %s，无一被确认。", lang.Count(len(lost), "packet", "packets", "个"))
	}
	causesBlackhole(f, c, o)
	drawBlackhole(f, c, o)
	return f.waited(c.Segments[last].Time-c.Segments[first].Time).grouped(c.Server.String()+who.EN, portLabel(c.Client))
}

func (f *Finding) tellPassed(c *conversation.Conversation, o *conversation.Oversize) {
	passed, told := n(c, o.Passed[0]), n(c, o.Told[0])
	f.say([]int{passed, told}, "A shorter one of %d bytes, sent later #%d, arrived: #%d says so.", "其后发送的较短包（%d 字节）#%d 却到达了：#%d 表明了这一点。",
		c.IPSize(o.From, c.Segments[o.Passed[0]].Len), passed, told)
	f.shows(told, "reports the shorter segment and not the full-size ones", "报告收到较短的报文段，而非满长的")
}

func (f *Finding) tellRelief(c *conversation.Conversation, o *conversation.Oversize) {
	r, a := n(c, o.Relief), n(c, o.Relieved)
	f.say([]int{r, a}, "Then the same bytes were sent in smaller segments #%d and acknowledged within %s #%d: only the size had been in the way.", "随后同样的字节以更小的报文段发送 #%d，%s 内即被确认 #%d：碍事的只是大小。",
		r, elapsed(c, o.Relief, o.Relieved), a)
	f.shows(r, "the same bytes, cut smaller", "同样的字节，切得更小")
	f.shows(a, "arrived", "已到达")
}

func tellHole(x *Context, c *conversation.Conversation, o *conversation.Oversize) *Finding {
	f := x.finding(Problem, Likely, Likely, c)
	who, gap := sideName(o.From), n(c, o.Gap)
	full := c.FullSize(o.From)
	f.Summary = lang.T("Of a message of the %s of %s – %s only the short end arrived; the %d full-size segments before it never did.", "%[2]s 与 %[3]s 之间，%[1]s的一条消息只有较短的末尾到达，它前面的 %[4]d 个满长报文段始终没有到。",
		who, c.Client, c.Server, o.Missing/full)
	f.say([]int{gap}, "#%d carries the end of a message, %d bytes as an IP packet. The %s before it are missing: exactly %d segments of full size, %d bytes each as IP packets.", "#%d 携带一条消息的末尾，作为 IP 包 %d 字节。它前面缺少 %s：恰好是 %d 个满长报文段，作为 IP 包各 %d 字节。",
		gap, c.IPSize(o.From, c.Segments[o.Gap].Len), lang.Bytes(int64(o.Missing)), o.Missing/full, o.TooLarge)
	f.shows(gap, "the short end arrives, the full-size segments before it do not", "较短的末尾到了，之前的满长报文段没有到")
	told := numbers(c, o.Told...)
	f.say(told, "The receiver says at once what is missing (%s), so the sender repeats it; no repetition arrives in %s.", "接收方立即指出缺失的部分（%s），发送方因此会重传；但 %s 内没有任何重传到达。", refs(told), lang.Duration(x.End-c.Segments[o.Gap].Time))
	f.shows(told[0], "says what is missing", "指出缺失的部分")
	f.say(nil, "In the whole connection no full-size segment of the %s arrived; the largest had %d bytes.", "整个连接中，%s没有任何满长报文段到达；到达的最大包为 %d 字节。", who, o.Fits)
	f.excludes(lang.Text{EN: "A dead path", ZH: "路径中断"}, lang.T("#%d arrived after the missing segments were sent.", "#%d 在缺失的报文段之后发送，却到达了。", gap))
	f.may(Possible, lang.Text{EN: "Loss that hit every repetition by chance, or a sender that does not repeat", ZH: "恰好每次重传都丢失，或发送方没有重传"},
		lang.Text{EN: "A capture at the sender: repetitions of the same size at growing intervals mean a size limit.", ZH: "在发送方抓包：若以相同大小、越来越长的间隔重传，便是大小受限。"})
	causesBlackhole(f, c, o)
	f.Drawing.Lanes = twoLanes(c)
	return f.waited(x.End-c.Segments[o.Gap].Time).restsOnAbsence().grouped(c.Server.String()+who.EN, portLabel(c.Client))
}

// knownMTUs are the packet sizes of links that are often in the way, in bytes.
var knownMTUs = []struct {
	size int
	name string
}{
	{1492, "PPPoE"}, {1480, "IP-in-IP, 6in4"}, {1476, "GRE"}, {1450, "VXLAN"}, {1420, "WireGuard"}, {1400, "IPsec"}, {1280, "IPv6"},
}

// limits names the usual link sizes that lie between what passed and what did not.
func limits(o *conversation.Oversize) lang.Text {
	var en, zh []string
	for _, k := range knownMTUs {
		if k.size >= o.Fits && k.size < o.TooLarge {
			en = append(en, fmt.Sprintf("%d (%s)", k.size, k.name))
			zh = append(zh, fmt.Sprintf("%d（%s）", k.size, k.name))
		}
	}
	return lang.Text{EN: strings.Join(en, ", "), ZH: strings.Join(zh, "、")}
}

func causesBlackhole(f *Finding, c *conversation.Conversation, o *conversation.Oversize) {
	f.Causes = append([]Cause{{Certainty: f.Cause, Text: lang.T("A link on the path from %s takes packets of at least %d and less than %d bytes, and the ICMP message that says so does not reach %s", "从 %s 出发的路径上，某段链路能承载的包不小于 %d 字节、小于 %d 字节，而说明此事的 ICMP 包没有到达 %[1]s", c.Addr(o.From).Addr(), o.Fits, o.TooLarge, c.Addr(o.From).Addr()),
		Decides: lang.T("A ping that may not be fragmented, at growing sizes. Usual limits in this range: %s.", "用不可分片的 ping 逐步加大尺寸。此范围内的常见上限：%s。", limits(o))}}, f.Causes...)
	to := c.Addr(o.From.Other()).Addr()
	f.confirm(lang.T("From %s: which size passes without fragmentation.", "在 %s 上测试不分片时能通过的大小：", c.Addr(o.From).Addr()), fmt.Sprintf("ping -M do -s %d %s", o.TooLarge-pingHeaders(to.Is6()), to))
	f.confirm(lang.Text{EN: "Where the size changes on the way:", ZH: "路径上哪里尺寸变小："}, fmt.Sprintf("tracepath -n %s", to))
	f.confirm(lang.T("On %s: whether the ICMP messages arrive.", "在 %s 上查看 ICMP 包是否到达：", c.Addr(o.From).Addr()), "tcpdump -ni any 'icmp[0] = 3 and icmp[1] = 4 or icmp6 and ip6[40] = 2'")
}

// pingHeaders is what ping's size leaves out: the IP and ICMP headers, in bytes.
func pingHeaders(v6 bool) int {
	if v6 {
		return 48
	}
	return 28
}

func drawBlackhole(f *Finding, c *conversation.Conversation, o *conversation.Oversize) {
	f.Drawing.Lanes = twoLanes(c)
	for _, i := range o.Lost {
		f.Drawing.Marks = append(f.Drawing.Marks, Mark{Packet: n(c, i), Lost: true, ReceiverNote: lang.T("%d bytes: too large", "%d 字节：过大", o.TooLarge)})
	}
	f.Drawing.Marks = append(f.Drawing.Marks, Mark{Packet: n(c, o.Passed[0]), ReceiverNote: lang.T("%d bytes: passes", "%d 字节：通过", c.IPSize(o.From, c.Segments[o.Passed[0]].Len))})
	f.Drawing.Timers = append(f.Drawing.Timers, timersOf(c, o.Ladder)...)
}
