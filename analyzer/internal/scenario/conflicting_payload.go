package scenario

import (
	"strings"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// Two segments in one side's name bring different bytes for the same place in
// the stream. A TCP sends the same bytes again, never others (RFC 9293,
// section 3.8.1), so somebody else wrote one of them.

var conflictingPayload = Scenario{
	ID:    "conflicting-payload",
	Title: lang.Text{EN: "Two different contents arrived for the same bytes", ZH: "同一段字节收到两种不同内容"},
	Summary: lang.Text{
		EN: "Two packets in the same sender's name carry different contents for the same sequence numbers: somebody else wrote one of them.",
		ZH: "两个以同一发送方名义发出的包，在相同序列号上携带不同内容：其中之一出自他人之手。",
	},
	Meaning: lang.Text{
		EN: "A device that sees the request answers in the server's name, faster than the server: a filter that redirects, an operator's portal, or an attacker. The receiver takes whichever comes first and drops the other as a repetition. A proxy that rewrites a stream on the way can leave the same trace.",
		ZH: "某个能看到请求的设备抢在服务器之前以其名义作答：做重定向的过滤设备、运营商的门户，或攻击者。接收方采用先到的一份，把另一份当作重传丢弃。途中改写数据流的代理也可能留下同样的痕迹。",
	},
	Recognised: []lang.Text{
		{EN: "Two segments of one direction overlap in sequence numbers and differ in their bytes, both with a good checksum.", ZH: "同一方向的两个报文段序列号重叠而内容不同，校验和均无误。"},
		{EN: "One of them differs from its supposed sender's other packets in TTL, IP ID, window or timestamps.", ZH: "其中之一的 TTL、IP ID、窗口或时间戳与所称发送方的其他包不同。"},
	},
	Confused: []Confusion{
		{ID: "spurious-retransmission", Text: lang.Text{EN: "there the bytes are the same", ZH: "那里内容相同"}},
		{ID: "corrupted-segment", Text: lang.Text{EN: "there the checksum of one is wrong", ZH: "那里其中之一的校验和错误"}},
		{ID: "cross-wired-tuple-collision", Text: lang.Text{EN: "there two connections share one tuple, with two sequence spaces", ZH: "那里两个连接共用一个四元组，有两套序列号空间"}},
	},
	Fixes: []lang.Text{
		{EN: "Use TLS with certificate checks: what is injected is then refused instead of accepted.", ZH: "使用 TLS 并校验证书：注入的内容将被拒绝而非接受。"},
		{EN: "Find the device: its TTL tells how many hops away it stands.", ZH: "找出该设备：其 TTL 说明它距离多少跳。"},
	},
	References: []Reference{
		{Title: "RFC 9293, section 3.8.1: Retransmission Timeout", Date: "2022-08", URL: "https://www.rfc-editor.org/rfc/rfc9293#section-3.8.1"},
		{Title: "Detecting Forged TCP Reset Packets", Author: "N. Weaver, R. Sommer, V. Paxson", Date: "2009-02", URL: "http://www.sciweavers.org/publications/detecting-forged-tcp-reset-packets"},
	},
	Symptom: SymptomProtocol,
	Over:    []string{"tail-loss-rto", "packet-loss", "spurious-retransmission", "data-after-close", "rst-injection", "close-with-unread-data"},
	Detect:  detectConflictingPayload,
}

// Reported when two segments of one direction overlap and their first bytes
// there differ, neither with a wrong checksum: likely when one of them is unlike
// its side's other packets, possible otherwise. Not reported for probes of one
// byte, whose content is arbitrary, nor on tuples that two connections share.
func detectConflictingPayload(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		if c.Flows[client].Counts.Count(conversation.TagConflict)+c.Flows[server].Counts.Count(conversation.TagConflict) == 0 || c.Strays > 0 {
			continue
		}
		if r := c.Rivals(); len(r) > 0 {
			out = append(out, *tellRivals(x, c, r))
		}
	}
	return out
}

func tellRivals(x *Context, c *conversation.Conversation, all []conversation.Rival) *Finding {
	r := all[0]
	a, b := &c.Segments[r.First], &c.Segments[r.Second]
	f := x.finding(Problem, Likely, Likely, c)
	if r.Odd < 0 {
		f.Symptom, f.Cause = Possible, Possible
	}
	from, to := c.Addr(a.From), c.Addr(a.From.Other())
	f.Summary = lang.T("%s got two different contents in the name of %s for the same bytes, %s apart: #%d and #%d.", "%s 收到两份以 %s 名义发出、字节位置相同而内容不同的数据，相隔 %s：#%d 与 #%d。",
		to, from, lang.Duration(b.Time-a.Time), a.Number, b.Number)
	f.say(numbers(c, r.First), "#%d brings %s from byte %s on.", "#%d 从第 %[3]s 字节起带来 %[2]s。", a.Number, lang.Bytes(int64(a.Len)), lang.Number(int64(c.RelSeq(a))))
	f.shows(int(a.Number), "the first content, which the receiver takes", "先到的内容，接收方采用它")
	f.say(numbers(c, r.Second), "#%d comes %s later with %s from byte %s on, and other bytes in the same place. A sender repeats its bytes, it does not change them.", "%[2]s 后到达的 #%[1]d 从第 %[4]s 字节起带来 %[3]s，同一位置上的字节却不同。发送方只会重复自己的字节，不会改动。",
		b.Number, lang.Duration(b.Time-a.Time), lang.Bytes(int64(b.Len)), lang.Number(int64(c.RelSeq(b))))
	f.shows(int(b.Number), "other bytes for the same place", "同一位置，内容不同")
	tellOdd(f, c, r)
	x.tellContents(f, c, r)
	f.may(f.Cause, lang.Text{EN: "A device on the path answers in the other side's name (a filter, a portal, an attacker)", ZH: "途中的设备以对方名义作答（过滤设备、门户或攻击者）"},
		lang.T("A capture at %s: the foreign segment is not sent there.", "在 %s 处抓包：那里没有发出这个外来报文段。", from))
	f.may(Possible, lang.Text{EN: "A proxy rewrites the stream and lets the original slip through", ZH: "代理改写数据流，却漏过了原包"}, lang.Text{EN: "The configuration of devices that look into the payload.", ZH: "检查会查看载荷的设备配置。"})
	f.excludes(lang.Text{EN: "A plain repetition", ZH: "普通重传"}, lang.T("The bytes of #%d and #%d differ.", "#%d 与 #%d 的字节不同。", a.Number, b.Number))
	f.confirm(lang.T("At %s: which of the two it really sent.", "在 %s 处确认它真正发出的是哪一个：", from), tcpdump(filterHost(c)))
	f.Drawing.Lanes = twoLanes(c)
	f.Drawing.Marks = []Mark{{Packet: int(b.Number), Ignored: true, ReceiverNote: lang.T("dropped: byte %s was there", "丢弃：第 %s 字节已有", lang.Number(int64(c.RelSeq(b))))}}
	return f.grouped(c.Server.String(), portLabel(c.Client))
}

// tellOdd says which of the two is unlike the side's other packets.
func tellOdd(f *Finding, c *conversation.Conversation, r conversation.Rival) {
	if r.Odd < 0 {
		return
	}
	var signs []lang.Text
	s := &c.Segments[r.Odd]
	if r.OtherTTL {
		signs = append(signs, lang.T("its TTL is %d", "TTL 为 %d", s.TTL))
	}
	if r.OtherID {
		signs = append(signs, lang.T("its IP ID is %d (far from theirs)", "IP ID 为 %d（相去甚远）", s.IPID))
	}
	if r.OtherTS && s.HasTS() {
		signs = append(signs, lang.Text{EN: "it carries timestamps", ZH: "带有时间戳"})
	} else if r.OtherTS {
		signs = append(signs, lang.Text{EN: "it lacks the timestamps that were agreed", ZH: "缺少已协商的时间戳"})
	}
	f.say(numbers(c, r.Odd), "#%d is unlike the other packets of %s: %s.", "#%d 与 %s 的其他包不同：%s。", s.Number, c.Addr(s.From), clauses(signs))
	f.shows(int(s.Number), "unlike its sender's other packets", "与所称发送方的其他包不同")
}

// clauses joins signs as a list in English and as clauses in Chinese, where "and" joins no verbs.
func clauses(signs []lang.Text) lang.Text {
	var zh []string
	for _, s := range signs {
		zh = append(zh, s.ZH)
	}
	return lang.Text{EN: lang.List(signs...).EN, ZH: strings.Join(zh, "，")}
}

// tellContents quotes the first lines where both were kept.
func (x *Context) tellContents(f *Finding, c *conversation.Conversation, r conversation.Rival) {
	a, b := x.MessageOf(c, r.First), x.MessageOf(c, r.Second)
	if a == nil || b == nil || a.Line == "" || b.Line == "" || a.Line == b.Line {
		return
	}
	f.say(numbers(c, r.First, r.Second), "The first begins with “%s”, the second with “%s”.", "前者开头为“%s”，后者开头为“%s”。", a.Line, b.Line)
}
