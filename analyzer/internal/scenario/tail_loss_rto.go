package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// The last segment of a burst is lost. Nothing follows it that could make the
// receiver complain, so only the sender's timer finds out (RFC 8985, section 7;
// RFC 6298).

// tailWait is the silence from which a lost tail is worth a warning, in ns: the
// smallest retransmission timeout of Linux (TCP_RTO_MIN).
const tailWait = 200 * lang.Millisecond

var tailLossRTO = Scenario{
	ID:    "tail-loss-rto",
	Title: lang.Text{EN: "The end of a message was lost, and only a timer noticed", ZH: "消息的末尾丢失，只能等定时器发现"},
	Summary: lang.Text{
		EN: "The last segment of a message was lost; with nothing behind it to betray the loss, it was sent again only when the timer ran out.",
		ZH: "一条消息的最后一个报文段丢失；其后没有数据能暴露这次丢失，直到定时器到期才重传。",
	},
	Meaning: lang.Text{
		EN: "A single loss at an unlucky place. In mid-stream the receiver would have asked for it within a round trip; at the end of a message it costs a timeout of 0.2 s or more, doubling each time the repetition is lost as well.",
		ZH: "一次发生在不巧位置的丢失。若在数据流中间，接收方一个往返内就会要求重传；而在消息末尾，它要花掉 0.2 秒或更长的超时，重传再丢则每次加倍。",
	},
	Recognised: []lang.Text{
		{EN: "The last data segment of a burst is not acknowledged and no data follows.", ZH: "一批数据的最后一个报文段未被确认，其后没有数据。"},
		{EN: "After 0.2 s or more the same segment is sent again, then acknowledged.", ZH: "0.2 秒或更久之后，同一报文段重传，随后得到确认。"},
	},
	Confused: []Confusion{
		{ID: "nagle-delayed-ack", Text: lang.Text{EN: "there nothing is sent again: the sender waits for an acknowledgement that comes late", ZH: "那里没有重传：发送方在等一个迟来的确认"}},
		{ID: "who-is-slow", Text: lang.Text{EN: "there nothing is outstanding during the pause", ZH: "那里停顿期间没有未被确认的数据"}},
	},
	Fixes: []lang.Text{
		{EN: "Remove the loss; one now and then needs no cure.", ZH: "消除丢包；偶尔一次无需处理。"},
		{EN: "Keep tail loss probes and RACK on (net.ipv4.tcp_early_retrans=3, net.ipv4.tcp_recovery=1, the defaults of Linux).", ZH: "保持尾部丢包探测和 RACK 开启（net.ipv4.tcp_early_retrans=3、net.ipv4.tcp_recovery=1，均为 Linux 默认值）。"},
	},
	References: []Reference{
		{Title: "RFC 8985: The RACK-TLP Loss Detection Algorithm for TCP", Date: "2021-02", URL: "https://www.rfc-editor.org/rfc/rfc8985"},
		{Title: "TCP Retransmission May Be Misleading", Author: "ArthurChiao", Date: "2023-03-19", URL: "http://arthurchiao.art/blog/tcp-retransmission-may-be-misleading/"},
	},
	Symptom: SymptomSlow,
	Over:    []string{"who-is-slow", "client-gave-up"},
	Detect:  detectTailLoss,
}

// Reported when the last data segment of a burst was sent again by a timer and
// the stream stood still for 0.2 s or more for it, and the repetition was
// acknowledged. Not reported for a probe that repaired it sooner, for a needless
// repetition, nor for data that was never acknowledged (the path is dead).
// At the receiver the repetition looks like the first sending: there it is
// likely when the sender's IP IDs show that packets of this socket were sent in
// the pause and did not come by, and possible when a message stops behind a
// full-size segment for 0.4 s and goes on with its shorter end.
func detectTailLoss(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		if c.OneSided() {
			continue
		}
		for _, from := range []conversation.Side{conversation.Client, conversation.Server} {
			out = append(out, x.tailsNotSeen(c, from)...)
			l := c.Losses(from)
			if body, tails := splitTails(l); tails <= len(body) && len(body) > 0 {
				continue // part of a larger loss
			}
			for _, loss := range l.All {
				if loss.Tail && loss.Real() && loss.Waited >= tailWait && c.AckedBy(loss.Repeats[0]) >= 0 {
					out = append(out, *tellTail(x, c, loss, from))
				}
			}
		}
	}
	return out
}

// tailPossible is the pause from which a stop within a message is worth a word
// when nothing but the pause tells, in ns: two timeouts of Linux.
const tailPossible = 400 * lang.Millisecond

func (x *Context) tailsNotSeen(c *conversation.Conversation, from conversation.Side) []Finding {
	var out []Finding
	for _, u := range c.HeldBack(from, tailWait) {
		if u.Missing > 0 || u.Missing < 0 && u.Tail && u.Pause >= tailPossible && c.Complete() {
			out = append(out, *tellNotSeen(x, c, u))
		}
	}
	return out
}

func tellNotSeen(x *Context, c *conversation.Conversation, u conversation.Held) *Finding {
	certainty := Likely
	if u.Missing < 0 {
		certainty = Possible
	}
	f := x.finding(Warning, certainty, Possible, c).waited(u.Pause)
	before, after := n(c, u.Before), n(c, u.After)
	s := &c.Segments[u.After]
	f.Summary = lang.T("A message from %s stood still for %s before its next %s came; packets of it seem to have been lost on the way here.", "来自 %s 的一条消息停顿了 %s，之后的 %s 才到达；其包似乎在到达这里之前丢失。",
		c.Addr(u.From), lang.Duration(u.Pause), lang.Bytes(int64(s.Len)))
	f.say([]int{before, after}, "Between #%d and #%d the stream from %s stood still for %s, although everything so far was acknowledged and the other side had sent nothing new.", "#%d 与 #%d 之间，来自 %s 的数据流停顿了 %s，而此前的数据均已确认，另一方也没有发送新数据。",
		before, after, c.Addr(u.From), lang.Duration(u.Pause))
	if u.Missing > 0 {
		f.say([]int{before, after}, "The IP IDs of this sender count its packets: between the two, %s went out that did not come by here. The first sending of these bytes and earlier repetitions were lost before the capture point.", "该发送方的 IP ID 逐包递增：两者之间发出的 %s没有经过这里。这些字节的首次发送和先前的重传在抵达抓包点之前丢失。",
			lang.Count(u.Missing, "packet", "packets", "个包"))
	} else {
		f.say([]int{before, after}, "#%d was of full size and #%d is the shorter end of the message. No IP ID tells whether it was sent before.", "#%d 为满长，#%d 是消息较短的末尾。没有 IP ID 可以说明它此前是否发送过。", before, after)
		f.may(Possible, lang.Text{EN: "The sending program paused in the middle of the message", ZH: "发送程序在消息中途停顿"}, lang.Text{EN: "A capture at the sender: is the segment there twice.", ZH: "在发送方抓包：该报文段是否出现两次。"})
	}
	f.shows(after, "comes after the pause", "停顿之后才到达")
	f.shows(before, "the last segment before the pause", "停顿之前的最后一个报文段")
	f.may(Possible, lang.Text{EN: "An occasional loss on the path", ZH: "路径上的偶发丢包"}, lang.Text{EN: "A capture at the sender shows the repetitions.", ZH: "在发送方抓包可看到重传。"})
	f.confirm(lang.Text{EN: "At the sender, this conversation only:", ZH: "在发送方抓取，只抓这个连接："}, tcpdump(filterHost(c)))
	f.Drawing.Lanes = twoLanes(c)
	f.Drawing.Gaps = []GapHint{{Packet: after, Reason: lang.Text{EN: "earlier sendings were lost, the sender's timer runs", ZH: "之前的发送已丢失，发送方的定时器在走"}}}
	return f.grouped(c.Server.String(), portLabel(c.Client))
}

// toldRepeats tells how often and how long after the pause began (nanoseconds) the segment was sent again.
func toldRepeats(repeats []int, waited int64) lang.Text {
	if len(repeats) == 1 {
		return lang.T("After %s the segment was sent again #%d.", "等待 %s 后该报文段重传 #%d。", lang.Duration(waited), repeats[0])
	}
	return lang.T("The segment was sent again %s (%s), the last time after %s.", "该报文段重传了 %s（%s），最后一次在 %s 之后。", lang.Times(len(repeats)), refs(repeats), lang.Duration(waited))
}

func tellTail(x *Context, c *conversation.Conversation, loss conversation.Loss, from conversation.Side) *Finding {
	f := x.finding(Warning, Certain, Possible, c).waited(loss.Waited)
	s := &c.Segments[loss.Repeats[0]]
	repeats := numbers(c, loss.Repeats...)
	f.Summary = lang.T("The last %s of a message from %s were lost; it completed %s late.", "%[2]s 的一条消息末尾 %[1]s 丢失，因此晚了 %[3]s 才完整送达。",
		lang.Bytes(int64(loss.Len)), c.Addr(from), lang.Duration(loss.Waited))
	f.say(repeats, "The last %s of a message got no acknowledgement, and nothing followed that could have shown the loss. %s", "一条消息的最后 %s 没有得到确认，其后也没有能暴露丢失的数据。%s",
		lang.Bytes(int64(loss.Len)), toldRepeats(repeats, loss.Waited))
	f.shows(repeats[len(repeats)-1], "sent again by the timer", "由定时器触发的重传")
	ack := n(c, c.AckedBy(loss.Repeats[0]))
	f.say([]int{ack}, "Then it was acknowledged #%d.", "随后得到确认 #%d。", ack)
	f.shows(ack, "acknowledges it at last", "终于确认")
	if loss.NotHere {
		f.say([]int{int(s.Number)}, "Its first sending is not in this capture: it was lost between %s and the capture point.", "它的首次发送不在抓包中：丢失发生在 %s 与抓包点之间。", c.Addr(from))
	}
	f.may(Possible, lang.Text{EN: "An occasional loss on the path", ZH: "路径上的偶发丢包"}, lang.Text{EN: "How often it happens: count it over a longer capture.", ZH: "发生的频率：在更长的抓包中统计。"})
	f.confirm(lang.Text{EN: "How many timers and probes the sender's kernel counts:", ZH: "发送方内核统计的超时和探测次数："}, "nstat -az TcpExtTCPTimeouts TcpExtTCPLossProbes TcpExtTCPLossProbeRecovery")
	f.Drawing.Lanes = twoLanes(c)
	return f.grouped(c.Server.String(), portLabel(c.Client))
}
