package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// Where the time of an exchange goes: the network, the server's program, or the
// client. The acknowledgement of a request is the server's kernel speaking; what
// passes between it and the answer is the program's time.

// thinkLong: an answer this long after its request's acknowledgement is noticed
// by a person, in ns.
const thinkLong = lang.Second

var whoIsSlow = Scenario{
	ID:    "who-is-slow",
	Title: lang.Text{EN: "The server's program took long to answer; the network did not", ZH: "慢的是服务器程序，而不是网络"},
	Summary: lang.Text{
		EN: "Requests were acknowledged at once and answered much later: the time went into the server's program or what stands behind it.",
		ZH: "请求立即得到确认，应答却晚得多：时间花在服务器程序或其后端。",
	},
	Meaning: lang.Text{
		EN: "The server's kernel acknowledges data as soon as it arrives, whether the program is busy or not. When the acknowledgement is quick and the answer slow, the network and the server's kernel are out of question: the program computes, waits for a database, a lock or another service, or answers late on purpose. If the server is a proxy, the slow part may be behind it.",
		ZH: "数据一到，服务器内核就会确认，与程序是否忙碌无关。确认很快而应答很慢，说明与网络和服务器内核无关：程序在计算，在等数据库、锁或其他服务，或有意延迟应答。若服务器是代理，慢的可能在它后面。",
	},
	Recognised: []lang.Text{
		{EN: "The request is acknowledged within a round trip or two.", ZH: "请求在一两个往返内得到确认。"},
		{EN: "The first byte of the answer comes a second or more later; nothing is sent again and no window is closed meanwhile.", ZH: "应答的首字节在一秒或更久之后才到；其间没有重传，也没有零窗口。"},
	},
	Confused: []Confusion{
		{ID: "nagle-delayed-ack", Text: lang.Text{EN: "there the packet that ends the wait is an acknowledgement without data", ZH: "那里结束等待的是不带数据的确认"}},
		{ID: "tail-loss-rto", Text: lang.Text{EN: "there the answer was sent in time and lost", ZH: "那里应答按时发出，却丢失了"}},
		{ID: "client-gave-up", Text: lang.Text{EN: "there the client closes before the answer comes", ZH: "那里客户端在应答到来之前就关闭了"}},
	},
	Fixes: []lang.Text{
		{EN: "Look at the server's log or trace for these requests, with the time of what it calls itself.", ZH: "在服务器日志或调用链中查看这些请求，以及它自身所调用服务的耗时。"},
		{EN: "Nothing in the network needs mending.", ZH: "网络无需处理。"},
	},
	References: []Reference{
		{Title: "Splunk Stream: client_rtt, server_rtt, time_taken", Author: "Splunk", URL: "https://help.splunk.com/en/data-management/collect-stream-data/use-splunk-stream/8.1/configure-streams/stream-field-details"},
	},
	Symptom: SymptomSlow,
	Detect:  detectWhoIsSlow,
}

// Reported as info when the first byte of an answer came 1 s or more after the
// acknowledgement of its request, with nothing sent again in between. Possible
// only where requests and answers cannot be paired (TLS, several at once). Not
// judged: the client's own pauses, which nobody waits for.
func detectWhoIsSlow(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		if c.OneSided() {
			continue
		}
		if w := thinks(c); len(w) > 0 {
			out = append(out, *x.tellThink(c, w))
		}
	}
	return out
}

// think is one slow answer; indexes point into Conversation.Segments.
type think struct {
	request, acked, answer int
	time                   int64 // ns between acknowledgement and answer
	download               int64 // ns from the answer's first to its last segment
}

func thinks(c *conversation.Conversation) []think {
	var out []think
	turns := c.Turns()
	for i := 0; i+1 < len(turns); i++ {
		q, a := turns[i], turns[i+1]
		if q.From != client || q.Acked < 0 || q.Acked > a.First || repeatedBetween(c, q.First, a.First) {
			continue
		}
		t := since(c, q.Acked, a.First)
		if q.Acked == a.First {
			t = since(c, q.Last, a.First) - c.RTT()
		}
		if t >= thinkLong {
			out = append(out, think{q.First, q.Acked, a.First, t, since(c, a.First, a.Last)})
		}
	}
	return out
}

func repeatedBetween(c *conversation.Conversation, from, to int) bool {
	for i := from; i <= to; i++ {
		if s := &c.Segments[i]; s.Len > 0 && s.Tags.Has(conversation.Repeat) {
			return true
		}
	}
	return false
}

func (x *Context) tellThink(c *conversation.Conversation, all []think) *Finding {
	f := x.finding(Info, Certain, Likely, c)
	var total, longest int64
	var answers []int
	worst := all[0]
	for _, t := range all {
		total += t.time
		answers = append(answers, n(c, t.answer))
		if t.time > longest {
			longest, worst = t.time, t
		}
	}
	if m := x.MessageOf(c, worst.request); m != nil && m.TLS() {
		f.Cause = Possible
	}
	f.Summary = lang.T("%s acknowledged %s at once and answered up to %s later; a round trip takes %s.", "%s 立即确认了 %s，应答却最多晚了 %s；而一个往返只需 %s。",
		c.Server, lang.Count(len(all), "request", "requests", "个请求"), lang.Duration(longest), lang.Duration(c.RTT()))
	q, k, a := n(c, worst.request), n(c, worst.acked), n(c, worst.answer)
	f.say([]int{q, k}, "The client's request #%d reached the server: its kernel acknowledged it %s later #%d.", "客户端的请求 #%d 到达了服务器：其内核在 %s 后确认 #%d。", q, elapsed(c, worst.request, worst.acked), k)
	f.shows(q, "the request", "请求")
	f.shows(k, "arrived: the server's kernel says so", "已到达：服务器内核确认")
	f.say([]int{a}, "The first byte of the answer came %s after that #%d.", "此后 %s 才来应答的首字节 #%d。", lang.Duration(worst.time), a)
	if worst.download > 0 {
		f.say([]int{a}, "The rest of it took %s.", "其余部分用了 %s。", lang.Duration(worst.download))
	}
	f.shows(a, "the answer begins", "应答开始")
	if len(all) > 1 {
		f.say(answers, "So it was with %s (%s), %s together.", "这样的应答共 %s（%s），合计 %s。", lang.Count(len(all), "answer", "answers", "个"), refs(answers), lang.Duration(total))
	}
	f.excludes(lang.Text{EN: "A slow or lossy network", ZH: "网络慢或丢包"}, lang.T("Nothing was sent again in between, and the request was acknowledged within %s #%d.", "其间没有重传，请求在 %s 内即被确认 #%d。", elapsed(c, worst.request, worst.acked), k))
	f.may(f.Cause, lang.T("The program at %s, or something it waits for", "%s 上的程序，或它所等待的对象", c.Server), lang.Text{EN: "The server's access log with the upstream's time for these requests.", ZH: "服务器访问日志中这些请求的上游耗时。"})
	f.may(Possible, lang.Text{EN: "The answer is late by design: a long poll, a subscription", ZH: "有意延迟应答：长轮询、订阅"}, lang.Text{EN: "What the application does with this request.", ZH: "应用如何处理该请求。"})
	f.confirm(lang.Text{EN: "What the server's program waits for meanwhile:", ZH: "其间服务器程序在等什么："}, "strace -f -tt -T -p PID")
	f.Drawing.Lanes = twoLanes(c)
	for _, t := range all {
		f.Drawing.Gaps = append(f.Drawing.Gaps, GapHint{Packet: n(c, t.answer), Reason: lang.Text{EN: "the server's program is at work", ZH: "服务器程序在处理"}})
	}
	return f.waited(total).grouped(c.Server.String(), portLabel(c.Client))
}
