package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// Data is sent again although it had arrived (RFC 2883, RFC 3522, RFC 5682).

// spuriousFew: a single needless repetition is how probes work.
const spuriousFew = 2

var spuriousRetransmission = Scenario{
	ID:    "spurious-retransmission",
	Title: lang.Text{EN: "Data was sent again although it had arrived", ZH: "数据已到达，却仍被重传"},
	Summary: lang.Text{
		EN: "The sender repeated segments that the receiver already had; the receiver says so.",
		ZH: "发送方重传了接收方已有的报文段，接收方也如此表明。",
	},
	Meaning: lang.Text{
		EN: "The acknowledgement came later than the sender's timer expected: the way back was slow for a moment, a queue was long, or acknowledgements were lost. The repetition costs a little bandwidth and makes the sender slow down; the data itself was never missing.",
		ZH: "确认比发送方定时器预期的来得更晚：返回方向一时变慢、队列过长，或确认包丢失。重传浪费一点带宽，并让发送方降速；但数据从未缺失。",
	},
	Recognised: []lang.Text{
		{EN: "A segment is sent again although the receiver's acknowledgement is already on its way or seen.", ZH: "接收方的确认已在途中或已被看到，报文段却又重传。"},
		{EN: "The receiver reports the same bytes as arrived twice (D-SACK), or echoes a timestamp older than the repetition.", ZH: "接收方报告同样的字节到达了两次（D-SACK），或回显了比重传更早的时间戳。"},
	},
	Confused: []Confusion{
		{ID: "packet-loss", Text: lang.Text{EN: "there the acknowledgement waits for the repetition", ZH: "那里确认要等重传到达"}},
		{ID: "packet-duplicated", Text: lang.Text{EN: "there the same packet arrives twice, with the same IP ID", ZH: "那里是同一个包到达两次，IP ID 相同"}},
	},
	Fixes: []lang.Text{
		{EN: "Usually none. Where it is frequent, cure the long queue or the loss of acknowledgements.", ZH: "通常无需处理。若频繁发生，应解决队列过长或确认丢失的问题。"},
		{EN: "Do not lower the minimum timeout (rto_min) below the other side's delayed acknowledgement.", ZH: "不要把最小超时（rto_min）调到低于对方的延迟确认时间。"},
	},
	References: []Reference{
		{Title: "RFC 2883: An Extension to the SACK Option (D-SACK)", Date: "2000-07", URL: "https://www.rfc-editor.org/rfc/rfc2883"},
		{Title: "TCP Retransmission May Be Misleading", Author: "ArthurChiao", Date: "2023-03-19", URL: "http://arthurchiao.art/blog/tcp-retransmission-may-be-misleading/"},
	},
	Symptom: SymptomSlow,
	Detect:  detectSpurious,
}

// Reported as info when two or more segments of a side were sent again although
// they had arrived: acknowledged before, reported twice (D-SACK), or
// acknowledged with a timestamp older than the repetition. Not reported for a
// single one, which a tail loss probe is made for.
func detectSpurious(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		for _, from := range []conversation.Side{client, server} {
			var needless []conversation.Loss
			for _, l := range c.Losses(from).All {
				if l.Needless {
					needless = append(needless, l)
				}
			}
			if len(needless) >= spuriousFew {
				out = append(out, *tellSpurious(x, c, from, needless))
			}
		}
	}
	return out
}

func tellSpurious(x *Context, c *conversation.Conversation, from conversation.Side, all []conversation.Loss) *Finding {
	f := x.finding(Info, Certain, Possible, c)
	f.Summary = lang.T("%s of %s were sent again although they had arrived.", "%[2]s 的 %[1]s已经到达，却又被重传。", lang.Count(len(all), "segment", "segments", "个报文段"), c.Addr(from))
	var repeats, reports []int
	for _, l := range all {
		repeats, reports = append(repeats, numbers(c, l.Repeats...)...), append(reports, numbers(c, l.Reports...)...)
	}
	first := all[0].Repeats[0]
	f.say(numbers(c, first), "#%d carries bytes from %s on for a second time.", "#%d 再次携带从第 %s 字节起的数据。", n(c, first), lang.Number(int64(c.RelSeq(&c.Segments[first]))))
	f.shows(n(c, first), "sent again for nothing", "不必要的重传")
	if len(reports) > 0 {
		f.say(reports, "The receiver reports such bytes as arrived twice (%s).", "接收方报告这些字节到达了两次（%s）。", refs(reports))
		f.shows(reports[0], "reports them as arrived twice", "报告到达两次")
	}
	f.say(repeats, "In all, %s went out for nothing (%s).", "总共白白重传 %s（%s）。", lang.Count(len(repeats), "repetition", "repetitions", "次"), refs(repeats))
	f.may(Possible, lang.Text{EN: "The way back was slow for a moment: a long queue or a paused link", ZH: "返回方向一时变慢：队列过长或链路暂停"}, lang.Text{EN: "The round trip times around these packets.", ZH: "这些包前后的往返时间。"})
	f.may(Possible, lang.Text{EN: "Acknowledgements were lost", ZH: "确认包丢失"}, lang.Text{EN: "A capture at the other end: acknowledgements that do not arrive here.", ZH: "在另一端抓包：是否有确认没有到达这里。"})
	f.confirm(lang.Text{EN: "What the sender's kernel counts:", ZH: "发送方内核的计数："}, "nstat -az TcpExtTCPDSACKRecv TcpExtTCPSpuriousRTOs TcpExtTCPSpuriousRtxHostQueues")
	f.Drawing.Lanes = twoLanes(c)
	return f.grouped(c.Server.String(), portLabel(c.Client))
}
