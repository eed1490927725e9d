package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// A policer drops what exceeds a rate instead of delaying it: losses come in
// again and again, what gets through stays at one rate, and no queue lengthens
// the round trip.

const (
	// policedRuns of two and more adjacent segments lost, and more, are a cycle.
	policedRuns = 5
	// policedLost segments at least, and policedShare of all: a policer is no light loss.
	policedLost  = 20
	policedShare = 0.03
	// policedSpans spans whose rates deviate by no more than policedSpread, a
	// sawtooth of TCP, are one level; policedEven is a plateau that hardly moves.
	policedSpans  = 5
	policedSpread = 0.45
	policedEven   = 0.2
	// policedQueue: with a queue in front of the narrow link the round trip would
	// grow beyond this multiple of the shortest.
	policedQueue = 1.5
)

var policerLoss = Scenario{
	ID:    "policer-loss",
	Title: lang.Text{EN: "Packets are dropped whenever the rate exceeds a limit", ZH: "速率一超过上限就丢包"},
	Summary: lang.Text{
		EN: "The transfer settles at one rate and loses packets again and again: something on the path cuts off what exceeds it.",
		ZH: "传输稳定在某个速率，并反复丢包：路径上有设备把超出的部分截断。",
	},
	Meaning: lang.Text{
		EN: "A rate limit that drops (a policer) rather than queues (a shaper) makes TCP speed up, lose a handful of packets, slow down and start over. Operators, cloud instances and firewalls use such limits. The line itself is not faulty.",
		ZH: "以丢弃（监管）而非排队（整形）方式限速，会让 TCP 加速、丢掉一批报文段、减速，再从头来过。运营商、云主机和防火墙都会使用这种限速。线路本身没有故障。",
	},
	Recognised: []lang.Text{
		{EN: "Losses return in a cycle, several of them in a row each time.", ZH: "丢包周期性出现，每次连续若干个。"},
		{EN: "What is acknowledged per time stays nearly constant.", ZH: "单位时间内被确认的数据量几乎不变。"},
		{EN: "The round trip time does not grow before the losses.", ZH: "丢包之前往返时间没有变长。"},
	},
	Confused: []Confusion{
		{ID: "packet-loss", Text: lang.Text{EN: "there losses have no relation to the rate", ZH: "那里丢包与速率无关"}},
		{ID: "window-limited", Text: lang.Text{EN: "there the rate is constant and nothing is lost", ZH: "那里速率恒定而没有丢包"}},
	},
	Fixes: []lang.Text{
		{EN: "Shape instead of police: a small queue in front of the limit.", ZH: "用整形代替监管：在限速点前设置小队列。"},
		{EN: "Pace the sender (fq with SO_MAX_PACING_RATE, or BBR), a little below the limit.", ZH: "让发送方平滑发送（fq 配合 SO_MAX_PACING_RATE，或 BBR），略低于上限。"},
		{EN: "Raise the limit or its burst size.", ZH: "提高上限或突发容量。"},
	},
	References: []Reference{
		{Title: "An Internet-Wide Analysis of Traffic Policing", Author: "Flach et al., SIGCOMM", Date: "2016-08", URL: "https://doi.org/10.1145/2934872.2934873"},
	},
	Symptom: SymptomSlow,
	Over:    []string{"packet-loss", "tail-loss-rto", "reordering", "spurious-retransmission", "who-is-slow"},
	Detect:  detectPolicerLoss,
}

// Reported as a warning, possible, when 20 or more and 3 % or more of a side's
// segments were lost, five times or more several in a row, while what arrived
// over spans of 0.2 s or more stayed near one rate and the round trip did not
// grow; likely when the rate hardly moved. Only a capture on the sender's side of
// the losses shows the round trip; elsewhere this is packet-loss, as it is for
// shorter transfers.
func detectPolicerLoss(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		if c.OneSided() {
			continue
		}
		for _, from := range []conversation.Side{client, server} {
			if !flatRTT(c.Flow(from)) {
				continue
			}
			l := c.Losses(from)
			if l.Lost < policedLost || float64(l.Lost) < policedShare*float64(c.Flow(from).Data) {
				continue
			}
			if p := c.Plateau(l); runs(p) >= policedRuns && p.Spans >= policedSpans && p.Spread <= policedSpread {
				out = append(out, *tellPoliced(x, c, l, p))
			}
		}
	}
	return out
}

// flatRTT reports whether round trips were measured on a way long enough to
// show a queue, and none was needed.
func flatRTT(f *conversation.Flow) bool {
	return f.RTTs > 0 && f.MinRTT >= limitedRTT && float64(f.SumRTT/int64(f.RTTs)) <= policedQueue*float64(f.MinRTT)
}

// runs counts the losses of several adjacent segments.
func runs(p conversation.Plateau) int {
	count := 0
	for _, b := range p.Bursts {
		if len(b) > 1 {
			count++
		}
	}
	return count
}

func tellPoliced(x *Context, c *conversation.Conversation, l conversation.Losses, p conversation.Plateau) *Finding {
	f := x.finding(Warning, Possible, Possible, c).waited(l.Waited)
	sender := c.Addr(l.From)
	flow := c.Flow(l.From)
	bits := lang.Bytes(int64(p.Rate))
	share := float64(l.Lost) / float64(max(flow.Data, 1))
	f.Summary = lang.T("What %s sends gets through at about %s per second; %s of its segments were lost on the way there, in %s.", "%s 发送的数据以每秒 %s 左右的速率通过；其报文段有 %s 丢失，分 %s发生。",
		sender, bits, lang.Percent(share), lang.Count(len(p.Bursts), "run", "runs", "批"))
	all := repeatsOf(c, l)
	f.say(all, "%s were lost and sent again (%s).", "%s丢失后重传（%s）。", lang.Count(l.Lost, "segment", "segments", "个报文段"), refs(all))
	f.shows(all[0], "the first of the losses, sent again", "首个丢失，重传")
	f.shows(all[len(all)-1], "and the last", "最后一个")
	longest := p.Bursts[0]
	for _, b := range p.Bursts {
		if len(b) > len(longest) {
			longest = b
		}
	}
	run := c.Segments[l.All[longest[0]].Repeats[0]].Number
	f.say([]int{int(run)}, "%s several adjacent segments were lost together; the longest run is %s (from #%d on).", "相邻的多个报文段一起丢失共 %s；最长的一批连续 %s（自 #%d 起）。", lang.Times(runs(p)), lang.Count(len(longest), "segment", "segments", "个报文段"), run)
	f.say(nil, "Over %s of %s each, %s per second arrived, give or take %s.", "在 %s、每段 %s 的时间里，每秒到达 %s，偏差 %s。",
		lang.Count(p.Spans, "span", "spans", "段"), lang.Duration(p.Span), bits, lang.Percent(p.Spread))
	if p.Spread <= policedEven {
		f.Symptom, f.Cause = Likely, Likely
	}
	f.excludes(lang.Text{EN: "A queue that overflows", ZH: "队列溢出"}, lang.T("The round trip stays flat: %s on average, %s at least.", "往返时间平稳：平均 %s，最短 %s。", lang.Duration(flow.SumRTT/int64(flow.RTTs)), lang.Duration(flow.MinRTT)))
	f.may(f.Cause, lang.T("A policer on the path with a limit near %s per second", "路径上有限速监管，上限约为每秒 %s", bits), lang.Text{EN: "Drop counters of the limit; a test with paced sending below this rate, which then loses nothing.", ZH: "限速点的丢弃计数；以低于该速率平滑发送再测，若不再丢包即可确认。"})
	f.may(Possible, lang.Text{EN: "A very short queue in front of a narrow link", ZH: "窄链路之前的队列极短"}, lang.Text{EN: "The queue's length and drops (tc -s qdisc).", ZH: "队列长度与丢弃数（tc -s qdisc）。"})
	f.confirm(lang.Text{EN: "Drops at a policer on a Linux router:", ZH: "Linux 路由器上监管的丢弃数："}, "tc -s filter show dev DEV parent ffff:")
	f.Drawing.Lanes = twoLanes(c)
	return f.grouped(c.Server.String(), portLabel(c.Client))
}
