package scenario

import (
	"fmt"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// A SYN is answered by an ICMP error that says why it cannot be delivered.

const (
	icmpUnreachable     = 3 // ICMP type, RFC 792
	icmpFragNeeded      = 4 // its code for path MTU discovery, which is no refusal
	icmpv6Unreachable   = 1 // ICMPv6 type, RFC 4443
	icmpPortUnreachable = 3 // code of ICMP; 4 in ICMPv6
)

var icmpUnreachableOnSyn = Scenario{
	ID:    "icmp-unreachable-on-syn",
	Title: lang.Text{EN: "The SYN is answered by ICMP: destination unreachable", ZH: "SYN 得到的是 ICMP 目的不可达"},
	Summary: lang.Text{
		EN: "A router or the host itself reports why the SYN cannot be delivered.",
		ZH: "路由器或主机自身报告了 SYN 无法送达的原因。",
	},
	Meaning: lang.Text{
		EN: "The error names the sender's reason and comes from the device that gave up. Linux ends connect() at once on it, so the application sees \"no route to host\" or the like without waiting.",
		ZH: "差错消息说明了原因，并来自放弃转发的那台设备。Linux 收到后会立即结束 connect()，应用马上得到 no route to host 之类的错误，无需等待。",
	},
	Recognised: []lang.Text{
		{EN: "A SYN, then ICMP type 3 (ICMPv6 type 1) that quotes it.", ZH: "一个 SYN，随后是引用它的 ICMP 类型 3（ICMPv6 类型 1）。"},
		{EN: "No SYN-ACK.", ZH: "没有 SYN-ACK。"},
	},
	Confused: []Confusion{
		{ID: "syn-no-answer", Text: lang.Text{EN: "there nobody says anything", ZH: "那里没有任何一方回应"}},
		{ID: "ipvs-no-route-to-host", Text: lang.Text{EN: "there only reused client ports draw the error, fresh ones work", ZH: "那里只有重用的客户端端口遇到差错，新端口正常"}},
		{ID: "pmtu-reduced", Text: lang.Text{EN: "code 4 is about packet size and no refusal", ZH: "代码 4 说的是包大小，不是拒绝"}},
	},
	Fixes: []lang.Text{
		{EN: "Prohibited: allow the traffic in the firewall whose address the error carries.", ZH: "被管理禁止：在差错消息来源地址所属的防火墙上放行。"},
		{EN: "Network or host unreachable: repair the route, or bring the host up; on its last router look at ARP.", ZH: "网络或主机不可达：修复路由，或让主机上线；在最后一跳路由器上检查 ARP。"},
	},
	References: []Reference{
		{Title: "RFC 792: Internet Control Message Protocol", Author: "J. Postel", Date: "1981-09", URL: "https://www.rfc-editor.org/rfc/rfc792"},
		{Title: "RFC 4443: ICMPv6", Author: "IETF", Date: "2006-03", URL: "https://www.rfc-editor.org/rfc/rfc4443"},
	},
	Symptom: SymptomNoAnswer,
	Over:    []string{"syn-no-answer", "syn-dropped-by-host"},
	Detect:  detectIcmpUnreachableOnSyn,
}

// Reported when an ICMP error of type destination unreachable (not "fragmentation
// needed") quotes a connection's SYN by its ports and sequence number, and no
// SYN-ACK came. A warning when the client went on at once to another address
// that took it. Not reported for errors about established connections.
func detectIcmpUnreachableOnSyn(x *Context) []Finding {
	var out []Finding
	scans := x.scans()
	told := map[*conversation.Conversation]bool{}
	for i := range x.ICMP {
		m := &x.ICMP[i]
		c := quotedSYN(m)
		if c == nil || told[c] || len(c.Handshake().SYNs) == 0 || len(c.Handshake().SYNACKs) > 0 || scans[c.Client.Addr()] != nil {
			continue
		}
		told[c] = true
		out = append(out, *x.tellUnreachable(c, m))
	}
	return out
}

// quotedSYN is the conversation whose SYN an unreachable error quotes, nil for
// none.
func quotedSYN(m *conversation.ICMP) *conversation.Conversation {
	unreachable := m.V6 && m.Type == icmpv6Unreachable || !m.V6 && m.Type == icmpUnreachable && m.Code != icmpFragNeeded
	if !unreachable || !m.Quote.Valid {
		return nil
	}
	c := m.Conversation
	if c == nil || !c.Flows[conversation.Client].HasISN || c.Flows[conversation.Client].ISN != m.Quote.Seq {
		return nil
	}
	return c
}

// unreachableWords are the meanings of the codes, ICMP and ICMPv6.
var unreachableWords = [2]map[uint8]lang.Text{
	{0: {EN: "network unreachable", ZH: "网络不可达"}, 1: {EN: "host unreachable", ZH: "主机不可达"}, 2: {EN: "protocol unreachable", ZH: "协议不可达"},
		3: {EN: "port unreachable", ZH: "端口不可达"}, 9: {EN: "network administratively prohibited", ZH: "网络被管理禁止"},
		10: {EN: "host administratively prohibited", ZH: "主机被管理禁止"}, 13: {EN: "communication administratively prohibited", ZH: "通信被管理禁止"}},
	{0: {EN: "no route to destination", ZH: "没有到目的地的路由"}, 1: {EN: "communication administratively prohibited", ZH: "通信被管理禁止"},
		2: {EN: "beyond scope of the source address", ZH: "超出源地址的作用域"}, 3: {EN: "address unreachable", ZH: "地址不可达"},
		4: {EN: "port unreachable", ZH: "端口不可达"}, 5: {EN: "source address failed policy", ZH: "源地址不符合策略"}, 6: {EN: "reject route", ZH: "路由为拒绝"}},
}

// unreachableWord names the code of an error.
func unreachableWord(m *conversation.ICMP) lang.Text {
	family := 0
	if m.V6 {
		family = 1
	}
	if t, ok := unreachableWords[family][m.Code]; ok {
		return t
	}
	return lang.T("unreachable, code %d", "不可达，代码 %d", m.Code)
}

func (x *Context) tellUnreachable(c *conversation.Conversation, m *conversation.ICMP) *Finding {
	h, word := c.Handshake(), unreachableWord(m)
	f := x.finding(Problem, Certain, Likely, c)
	if x.fallback(c, m.Time) != nil {
		f.Severity = Warning
	}
	who := lang.T("the router %s", "路由器 %s", m.Src)
	if m.Src == c.Server.Addr() {
		who = lang.T("the destination %s itself", "目的主机 %s 自身", m.Src)
	}
	f.Title = lang.T("The SYN is answered by ICMP: %s", "SYN 得到的是 ICMP：%s", word)
	f.Summary = lang.T("%s tried to connect to %s; %s answered: %s.", "%s 尝试连接 %s；%s 回复：%s。", c.Client, c.Server, who, word)
	f.say(numbers(c, h.SYNs[0]), "The client sent a SYN to %s, port %d (#%d).", "客户端向 %s 的 %d 端口发送了 SYN（#%d）。", c.Server.Addr(), c.Server.Port(), n(c, h.SYNs[0]))
	f.shows(n(c, h.SYNs[0]), "the SYN", "SYN")
	if len(h.SYNs) > 1 {
		again := numbers(c, h.SYNs[1:]...)
		f.say(again, "It repeated it %s (%s).", "它重发了 %s（%s）。", lang.Times(len(again)), refs(again))
	}
	f.say([]int{int(m.Number)}, "%s after the first SYN, %s sent an ICMP error that quotes it: %s (#%d).", "首个 SYN 之后 %s，%s 发来引用它的 ICMP 差错：%s（#%d）。",
		lang.Duration(m.Time-c.Segments[h.SYNs[0]].Time), who, word, m.Number)
	f.shows(int(m.Number), "%s, says %s", "%s，来自 %[2]s", word, m.Src)
	f.waited(m.Time - c.Segments[h.SYNs[0]].Time)
	x.tellTranslated(f, c, m)
	unreachableCauses(f, c, m)
	f.confirm(lang.T("What %s has to say: its rules and routes.", "查看 %s 的规则与路由。", m.Src), lang.T("ip route get %s; nft list ruleset | grep -i reject", "", m.Quote.Dst).EN)
	f.Drawing.Lanes = twoLanes(c)
	return f.grouped(fmt.Sprint(m.Src, m.Type, m.Code, f.Severity), c.Server.String())
}

// tellTranslated: a quote with another destination proves that the SYN was
// translated on its way.
func (x *Context) tellTranslated(f *Finding, c *conversation.Conversation, m *conversation.ICMP) {
	if m.Quote.Dst == c.Server.Addr() && m.Quote.DstPort == c.Server.Port() {
		return
	}
	f.say([]int{int(m.Number)}, "The error quotes the destination %s, port %d, not the one the client asked: the SYN was translated on its way.", "差错引用的目的是 %s 的 %d 端口，而不是客户端请求的地址：SYN 在途中经过了地址转换。", m.Quote.Dst, m.Quote.DstPort)
}

func unreachableCauses(f *Finding, c *conversation.Conversation, m *conversation.ICMP) {
	prohibited := m.V6 && (m.Code == 1 || m.Code == 5 || m.Code == 6) || !m.V6 && (m.Code == 9 || m.Code == 10 || m.Code == 13)
	port := m.V6 && m.Code == 4 || !m.V6 && m.Code == icmpPortUnreachable
	rules := lang.T("The rule counters on %s.", "%s 上的规则计数器。", m.Src)
	switch {
	case prohibited && m.Src == c.Server.Addr():
		f.may(Likely, lang.Text{EN: "The host's own firewall rejects the connection", ZH: "主机自身的防火墙拒绝了连接"}, rules)
	case prohibited:
		f.may(Likely, lang.T("The firewall %s on the way rejects the connection", "途中的防火墙 %s 拒绝了连接", m.Src), rules)
	case port:
		f.may(Likely, lang.Text{EN: "A firewall rejects with \"port unreachable\": for TCP a stack itself would answer with a RST", ZH: "防火墙以“端口不可达”拒绝：对 TCP 而言，协议栈自身会用 RST 作答"}, rules)
	default:
		f.may(Likely, lang.T("%s has no way to %s: no route, or the host does not answer ARP (IPv6: neighbour discovery)", "%s 无法到达 %s：没有路由，或主机不应答 ARP（IPv6 为邻居发现）", m.Src, m.Quote.Dst),
			lang.T("On %s: ip route get %s, ip neigh.", "在 %s 上执行 ip route get %s 与 ip neigh。", m.Src, m.Quote.Dst))
		f.may(Possible, lang.Text{EN: "A firewall that rejects with this code", ZH: "以该代码拒绝的防火墙"}, rules)
	}
	f.excludes(lang.Text{EN: "The server refuses the port", ZH: "服务器拒绝了该端口"}, lang.Text{EN: "That would be a RST.", ZH: "那会是一个 RST。"})
}
