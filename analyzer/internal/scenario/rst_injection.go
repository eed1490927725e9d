package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

const (
	// injectionLikely and injectionCertain are the scores from which a reset is
	// taken for a third party's; the weights are given where they are added up.
	injectionLikely  = 5
	injectionCertain = 8
)

var rstInjection = Scenario{
	ID:    "rst-injection",
	Title: lang.Text{EN: "A device on the path sent a reset in another host's name", ZH: "路径上的设备以他人名义发送了复位"},
	Summary: lang.Text{
		EN: "A reset carries one side's address, but its header is not that side's: another TTL, a copied IP ID, missing options, or packets of that side that still come after it.",
		ZH: "复位带有一侧的地址，包头却不像出自那一侧：TTL 不同、IP ID 照抄、缺少选项，或那一侧此后仍有包到来。",
	},
	Meaning: lang.Text{
		EN: "Firewalls, intrusion prevention, parental and state filters, and some balancers end a connection by forging a reset, often right after a request or a TLS ClientHello whose content they object to. The host named by the address did not send it and usually does not know of it.",
		ZH: "防火墙、入侵防御、内容过滤设备以及一些负载均衡会伪造复位来切断连接，常常紧跟在内容触发其规则的请求或 TLS ClientHello 之后。地址所指的主机并没有发送它，通常也不知情。",
	},
	Recognised: []lang.Text{
		{EN: "The reset's TTL differs from that side's other packets by two or more.", ZH: "复位的 TTL 与那一侧其他包相差两跳或更多。"},
		{EN: "Its IP ID or window is copied from the other side's packet, or it lacks the timestamps that side always sends.", ZH: "其 IP ID 或窗口照抄自对端包，或缺少那一侧一直携带的时间戳。"},
		{EN: "That side goes on sending after “its” reset; or several resets guess rising sequence numbers; or both ends get one at the same moment.", ZH: "那一侧在“自己的”复位之后仍在发送；或有多个序列号递增的复位；或两端同时各收到一个。"},
	},
	Confused: []Confusion{
		{ID: "data-acked-then-reset-by-proxy", Text: lang.Text{EN: "there TTL, options and IP ID of the reset are the server's own", ZH: "那里复位的 TTL、选项和 IP ID 都与服务器自己的一致"}},
		{ID: "idle-timeout-rst", Text: lang.Text{EN: "there a device answers a packet of a connection it forgot, with that packet's own numbers", ZH: "那里是设备回应它已遗忘的连接的包，序号取自该包"}},
		{ID: "half-open-after-crash", Text: lang.Text{EN: "seen from the other end: bare resets for data that was sent in good order; capture at both ends to tell", ZH: "从另一端看到的样子：正常发送的数据得到不带 ACK 的复位；需两端抓包才能分辨"}},
	},
	Fixes: []lang.Text{
		{EN: "Find the device by its distance (TTL) and the MAC address, and its rule by what was sent just before; allow this traffic there.", ZH: "根据距离（TTL）与 MAC 地址找到设备，根据复位之前发送的内容找到规则，在设备上放行该流量。"},
		{EN: "Encrypt or move what the rule reads, where you are entitled to.", ZH: "在有权这样做的前提下，对规则所读取的内容加密或改走其他路径。"},
	},
	References: []Reference{
		{Title: "谁动了我的TCP连接", Author: "plantegg", URL: "https://github.com/plantegg/plantegg.github.io"},
		{Title: "Detecting Forged TCP Reset Packets", Author: "N. Weaver, R. Sommer, V. Paxson", Date: "2009-02", URL: "http://www.sciweavers.org/publications/detecting-forged-tcp-reset-packets"},
	},
	Symptom: SymptomReset,
	Over:    []string{"data-acked-then-reset-by-proxy", "close-with-unread-data", "linger0-abort", "idle-cleanup-rst", "idle-timeout-rst", "half-open-after-crash", "data-after-close", "clienthello-blocked", "server-closed-without-answer", "client-gave-up"},
	Detect:  detectRSTInjection,
}

// Reported when the marks of a foreign hand on a reset of an opened connection
// add up to 5 or more: another TTL 3, copied IP ID 3, copied window 2, a live
// socket's shape without its timestamps 2, its side goes on or had gone further
// 3, rising numbers 2, both ends at once 2, right behind content 1; less 3 when
// TTL and IP ID fit its side, less 2 when it is the plain answer of a host
// without a socket. Certain from 8 with its side going on.
func detectRSTInjection(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		for k, r := range c.Resets() {
			if k >= 8 || c.Handshake().State == conversation.HandshakeRefused {
				break
			}
			p := c.Provenance(r.At)
			if score := foreignness(x, c, &p); score >= injectionLikely {
				out = append(out, *tellInjection(x, c, r, &p, score))
				break
			}
		}
	}
	return out
}

func foreignness(x *Context, c *conversation.Conversation, p *conversation.Provenance) int {
	score := 0
	for _, clue := range []struct {
		on     bool
		weight int
	}{
		{p.OtherTTL, 3}, {p.CopiedID, 3}, {p.CopiedWin, 2}, {p.NoTS, 2}, {p.StrangeID && !p.CopiedID && promptly(c, p.At), 2}, {goesOn(p), 3}, {len(p.Rising) > 0, 2}, {p.OtherEnd >= 0, 2},
		{p.Content >= 0 && provokes(x, c, p.Content), 1}, {p.Fits, -3}, {p.Explained, -2},
	} {
		if clue.on {
			score += clue.weight
		}
	}
	return score
}

// promptly: the connection was busy. A device that clears an idle one speaks with
// a header of its own as well, and is no stranger to it.
func promptly(c *conversation.Conversation, at int) bool {
	return at > 0 && c.Segments[at].Time-c.Segments[at-1].Time < lang.Second
}

// goesOn: its side sent more than a side that reset can, before or after it.
func goesOn(p *conversation.Provenance) bool { return !p.Explained && (p.Later >= 0 || p.Behind) }

// provokes reports whether a payload is of a kind that devices read.
func provokes(x *Context, c *conversation.Conversation, at int) bool {
	m := x.MessageOf(c, at)
	return m != nil && (m.Kind == conversation.MessageHTTPRequest || m.Kind == conversation.MessageClientHello)
}

func tellInjection(x *Context, c *conversation.Conversation, r conversation.Reset, p *conversation.Provenance, score int) *Finding {
	symptom := Likely
	if score >= injectionCertain && goesOn(p) {
		symptom = Certain
	}
	f := x.finding(Problem, symptom, Likely, c)
	s := &c.Segments[r.At]
	who := sideName(s.From)
	likely := lang.Text{EN: "very likely ", ZH: "很可能"}
	if symptom == Certain {
		likely = lang.Text{ZH: "其实"}
	}
	f.Summary = lang.T("A reset on %s – %s carries the %s's address #%d, but %sanother device sent it.", "%s 与 %s 之间的连接上，复位 #%[4]d 带有%[3]s的地址，但它%[5]s是别的设备发出的。", c.Client, c.Server, who, s.Number, likely)
	if p.Content >= 0 {
		f.say(numbers(c, p.Content, r.At), "The %s sent %s #%d; %s later a RST carrying the %s's address came #%d.", "%s发送了%s #%d；%s 后出现一个带有%s地址的 RST #%d。",
			sideName(s.From.Other()), content(x, c, p.Content), n(c, p.Content), elapsed(c, p.Content, r.At), who, s.Number)
		f.shows(n(c, p.Content), "what it follows", "复位之前的内容")
	} else {
		f.say(numbers(c, r.At), "A RST carrying the %s's address came #%d.", "出现一个带有%s地址的 RST #%d。", who, s.Number)
	}
	f.shows(int(s.Number), "a reset unlike its side's packets", "与那一侧包不符的复位")
	sayHeader(f, c, p, s)
	sayRace(f, c, p, who)
	f.say(nil, "Taken together, header and order of packets say that a third party sent it (%s).", "综合包头与先后次序判断，它出自第三方（%s）。", lang.Text{EN: symptom, ZH: certaintyZH(symptom)})
	f.may(Likely, distance(p), lang.T("A capture at the %s: it did not send #%d.", "在%s一侧抓包：它并没有发送 #%d。", who, s.Number))
	f.may(Possible, lang.Text{EN: "A balancer or proxy that answers for the server and has its own stack", ZH: "替服务器应答、自带协议栈的负载均衡或代理"}, lang.Text{EN: "Whether all packets of that address share the reset's TTL on other connections.", ZH: "在其他连接上，该地址的包是否也有与复位相同的 TTL。"})
	f.confirm(lang.Text{EN: "At both ends at the same time: a reset that arrives and was never sent is proof.", ZH: "两端同时抓包：收到却从未发出的复位就是证据。"}, tcpdump(filterHost(c)))
	f.confirm(lang.Text{EN: "Where a probe of that many hops ends:", ZH: "查看相应跳数处是哪台设备："}, "traceroute -n -T -p "+lang.T("%d %s", "", c.Server.Port(), c.Server.Addr()).EN)
	f.Drawing.Lanes = twoLanes(c)
	f.Drawing.Marks = []Mark{{Packet: int(s.Number), SenderNote: lang.Text{EN: "not sent by this host (likely)", ZH: "并非此主机所发（很可能）"}}}
	return f.grouped(c.Server.String(), portLabel(c.Client))
}

func certaintyZH(c string) string {
	return map[string]string{Certain: "确定", Likely: "很可能", Possible: "可能"}[c]
}

func content(x *Context, c *conversation.Conversation, at int) lang.Text {
	m := x.MessageOf(c, at)
	switch {
	case m != nil && m.Kind == conversation.MessageHTTPRequest:
		return lang.T("“%s”", "“%s”", m.Line)
	case m != nil && m.Kind == conversation.MessageClientHello && m.SNI != "":
		return lang.T("a TLS ClientHello for %s", "一个面向 %s 的 TLS ClientHello", m.SNI)
	}
	return lang.T("%s", " %s", lang.Bytes(int64(c.Segments[at].Len)))
}

func sayHeader(f *Finding, c *conversation.Conversation, p *conversation.Provenance, s *conversation.Segment) {
	var said []lang.Text
	if p.OtherTTL {
		said = append(said, lang.T("its TTL is %d, theirs is %d", "TTL 为 %d，而其他包为 %d", p.TTL, p.Usual))
	}
	if p.CopiedID {
		said = append(said, lang.T("its IP ID 0x%04x is that of the other side's packet before it", "IP ID 0x%04x 与对端前一个包的相同", s.IPID))
	}
	if p.StrangeID && !p.CopiedID {
		said = append(said, lang.T("its IP ID 0x%04x is far from theirs, which count one by one", "IP ID 0x%04x 与其他包逐一递增的编号相差甚远", s.IPID))
	}
	if p.CopiedWin {
		said = append(said, lang.T("its window (%d) is the other side's", "窗口（%d）是对端的值", s.Window))
	}
	if p.NoTS {
		said = append(said, lang.Text{EN: "it has no timestamps although they were agreed", ZH: "已协商时间戳却没有携带"})
	}
	if len(said) > 0 {
		f.say([]int{int(s.Number)}, "#%d differs from the other packets with that address: %s.", "#%d 与同一地址的其他包不同：%s。", s.Number, lang.Join(said, lang.Text{EN: "; ", ZH: "；"}))
	}
}

func sayRace(f *Finding, c *conversation.Conversation, p *conversation.Provenance, who lang.Text) {
	if p.Later >= 0 && !p.Explained {
		f.say(numbers(c, p.Later), "%s after it the %s went on with the connection #%d: a host that resets has no such socket any more.", "复位 %s 之后，%s仍在继续这个连接 #%d：真正复位的主机已没有这个套接字。", elapsed(c, p.At, p.Later), who, n(c, p.Later))
		f.shows(n(c, p.Later), "its side goes on", "那一侧仍在继续")
	}
	if p.Behind {
		f.say(numbers(c, p.At), "Its sequence number lies behind data that the %s had already sent.", "它的序列号落后于%s已经发出的数据。", who)
	}
	if len(p.Rising) > 0 {
		r := numbers(c, p.Rising...)
		f.say(r, "More resets with higher sequence numbers followed (%s), as someone sends who does not know the current one.", "随后还有序列号更高的复位（%s），像是发送者不知道当前序号。", refs(r))
		f.shows(r[0], "another guess", "又一次猜测")
	}
	if p.OtherEnd >= 0 {
		f.say(numbers(c, p.OtherEnd), "The other end was sent a reset at the same moment #%d.", "另一端同时也被发送了复位 #%d。", n(c, p.OtherEnd))
		f.shows(n(c, p.OtherEnd), "towards the other end", "发往另一端")
	}
}

// distance guesses how far away the sender of the reset is, from the start
// values of TTL that stacks use.
func distance(p *conversation.Provenance) lang.Text {
	for _, start := range []int{64, 128, 255} {
		if d := start - int(p.TTL); p.OtherTTL && d >= 0 && d < 40 {
			return lang.T("A device on the path, %d hops away if it starts at a TTL of %d", "路径上的设备；若其初始 TTL 为 %[2]d，则相距 %[1]d 跳", d, start)
		}
	}
	return lang.Text{EN: "A filtering device on the path", ZH: "路径上的过滤设备"}
}
