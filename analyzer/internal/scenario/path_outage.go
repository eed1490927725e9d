package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

var pathOutage = Scenario{
	ID:    "path-outage",
	Title: lang.Text{EN: "The path was dead for a while and came back", ZH: "链路中断了一段时间后恢复"},
	Summary: lang.Text{
		EN: "Data was repeated with doubling pauses and nothing came back, until the path returned and the connection went on.",
		ZH: "数据以成倍增长的间隔重传而毫无回应，直到链路恢复，连接才继续。",
	},
	Meaning: lang.Text{
		EN: "For some seconds packets did not get through: a link or route that switched over, Wi-Fi roaming, a suspended machine, a full queue. TCP repaired it, but since its pauses double, it may wait nearly as long again after the path is back.",
		ZH: "有若干秒包无法通过：链路或路由切换、Wi-Fi 漫游、机器挂起或队列拥塞。TCP 自行修复了它，但由于重传间隔成倍增长，链路恢复后可能还要再等上几乎同样长的时间。",
	},
	Recognised: []lang.Text{
		{EN: "The same data is sent at least four times with growing pauses, without any acknowledgement.", ZH: "同一数据以递增的间隔至少发送四次，没有任何确认。"},
		{EN: "Then it is acknowledged and the connection goes on.", ZH: "之后得到确认，连接继续。"},
	},
	Confused: []Confusion{
		{ID: "rto-death", Text: lang.Text{EN: "there it never comes back", ZH: "那里始终没有恢复"}},
		{ID: "packet-loss", Text: lang.Text{EN: "there single segments are lost and repaired within a round trip or one timeout", ZH: "那里只丢失个别包，在一个往返或一次超时内即修复"}},
		{ID: "zero-window-stall", Text: lang.Text{EN: "there the receiver had closed its window", ZH: "那里是接收方关闭了窗口"}},
	},
	Fixes: []lang.Text{
		{EN: "Look for what switched or stopped at that time: link events, routing changes, roaming, a paused virtual machine.", ZH: "查找那一刻的切换或停顿：链路事件、路由变化、漫游、虚拟机暂停。"},
	},
	References: []Reference{
		{Title: "RFC 6298, Computing TCP's Retransmission Timer", Author: "V. Paxson et al.", Date: "2011-06", URL: "https://www.rfc-editor.org/rfc/rfc6298"},
	},
	Symptom: SymptomStall,
	Over:    []string{"tail-loss-rto", "packet-loss", "spurious-retransmission", "who-is-slow", "syn-no-answer"},
	Detect:  detectPathOutage,
}

// Reported when all of these hold: data was repeated at least 3 times before
// anything acknowledged it, for at least 3 s; it was acknowledged in the end; the
// window was open. Not reported when the receiver announced other segments by
// SACK meanwhile: then the path passed packets and some were lost.
func detectPathOutage(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		if c.OneSided() {
			continue
		}
		for _, from := range []conversation.Side{client, server} {
			for _, b := range c.Blackouts(from, outageRepetitions) {
				if b.End >= 0 && b.LastGood >= 0 && !c.Segments[b.End].Reset() && !repeatedOpening(c, &b) &&
					b.Length(c, 0) >= outageFloor && !passes(c, &b) {
					out = append(out, *tellPathOutage(x, c, &b))
				}
			}
		}
	}
	return out
}

// repeatedOpening reports whether the other side repeated its SYN-ACK meanwhile:
// it ignored the data because the opening was not finished for it.
func repeatedOpening(c *conversation.Conversation, b *conversation.Blackout) bool {
	for _, i := range c.Handshake().SYNACKs {
		if i > b.At[0] {
			return true
		}
	}
	return false
}

// passes reports whether the other side announced newer segments meanwhile.
func passes(c *conversation.Conversation, b *conversation.Blackout) bool {
	for _, i := range b.Heard {
		if c.Segments[i].Tags.Has(conversation.TagSACK | conversation.TagDSACK) {
			return true
		}
	}
	return false
}

func tellPathOutage(x *Context, c *conversation.Conversation, b *conversation.Blackout) *Finding {
	length := b.Length(c, 0)
	f := x.finding(Problem, Certain, Possible, c)
	who, other := sideName(b.From), sideName(b.From.Other())
	first := &c.Segments[b.At[0]]
	f.Summary = lang.T("From %s UTC on, for %s, nothing that the %s of %s – %s sent was acknowledged; then the connection went on.",
		"从 %s（UTC）起的 %s 内，%[4]s 与 %[5]s 之间的连接上，%[3]s发送的数据没有任何确认；之后连接恢复。", clockTime(first.Time), lang.Duration(length), who, c.Client, c.Server)
	f.say(numbers(c, b.LastGood), "The last packet of the %s that brought something new before the outage is #%d.", "此前来自%s、带有新内容的最后一个包是 #%d。", other, n(c, b.LastGood))
	f.say(numbers(c, b.At[0]), "The %s sent %s #%d.", "%s发送了 %s #%d。", who, lang.Bytes(int64(first.Len)), first.Number)
	sayLadder(f, c, b)
	direction(f, c, b)
	last := b.At[len(b.At)-1]
	f.say(numbers(c, b.End), "#%d acknowledged it %s after the first sending and %s after the last: the path was back.",
		"#%d 确认了它，距首次发送 %s，距最后一次重传 %s：链路已恢复。", n(c, b.End), lang.Duration(length), elapsed(c, last, b.End))
	f.shows(n(c, b.End), "the path is back", "链路恢复")
	f.Drawing.Lanes = twoLanes(c)
	f.alsoDead(x, c, first.Time, c.Segments[b.End].Time)
	f.may(Possible, lang.Text{EN: "A link, route or radio cell that switched over, or a host that was paused", ZH: "链路、路由或无线小区切换，或某台主机被暂停"}, lang.Text{EN: "Events of interfaces and routes at that time, and other connections over the same path.", ZH: "当时的接口与路由事件，以及同一路径上的其他连接。"})
	f.may(Possible, lang.Text{EN: "Heavy loss on the path", ZH: "路径严重丢包"}, lang.Text{EN: "Loss on this path before and after.", ZH: "该路径在此前后是否也有丢包。"})
	f.confirm(lang.Text{EN: "At the other end: which repetitions arrive there.", ZH: "在另一端抓包，看哪些重传到达："}, tcpdump(filterHost(c)))
	lost(f, c, b)
	return f.waited(length).grouped("outage"+c.Server.String(), portLabel(c.Client))
}
