package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

const (
	// deathRepetitions is how often a segment must have been repeated in vain
	// before the way is called dead: fewer are loss.
	deathRepetitions = 4
	// outageRepetitions is the same for an outage that ended.
	outageRepetitions = 3
	// outageFloor is how long an outage must last to be one and not a loss that
	// the timer repaired, in ns.
	outageFloor = 3 * lang.Second
)

var rtoDeath = Scenario{
	ID:    "rto-death",
	Title: lang.Text{EN: "The path went dead: data is repeated and never acknowledged", ZH: "链路中断：数据反复重传，始终没有确认"},
	Summary: lang.Text{
		EN: "From one moment on nothing that is sent gets an answer; the sender repeats its oldest segment with doubling pauses.",
		ZH: "从某一刻起，发出的数据都没有回应；发送方以成倍增长的间隔重传最早未确认的包。",
	},
	Meaning: lang.Text{
		EN: "The other host, a link, a route or a filter on the way stopped passing packets. TCP cannot tell a dead path from a slow one, so it repeats with doubling pauses, on Linux about 15 min (tcp_retries2 = 15) before the program learns of it.",
		ZH: "对端主机、某段链路、路由或途中的过滤规则不再放行包。TCP 无法区分路径中断与变慢，只能以成倍增长的间隔重传；Linux 默认（tcp_retries2 = 15）要约 15 分钟后程序才会得知。",
	},
	Recognised: []lang.Text{
		{EN: "The same data is sent at least five times, each pause about twice the one before (the first two may be equal).", ZH: "同一数据至少发送五次，间隔逐次约加倍（最初两次可能相等）。"},
		{EN: "Nothing acknowledges it to the end of the capture, or its sender gives up with a reset.", ZH: "直到抓包结束都没有确认，或发送方最终用复位放弃。"},
	},
	Confused: []Confusion{
		{ID: "idle-timeout-silent", Text: lang.Text{EN: "there a long silence precedes and a new connection works at once", ZH: "那里之前有较长静默，且新连接立即可用"}},
		{ID: "pmtud-blackhole", Text: lang.Text{EN: "there only large segments are lost, small ones pass", ZH: "那里只有大包丢失，小包可以通过"}},
		{ID: "zero-window-stall", Text: lang.Text{EN: "there the receiver had closed its window", ZH: "那里是接收方关闭了窗口"}},
		{ID: "path-outage", Text: lang.Text{EN: "there the data gets through in the end", ZH: "那里数据最终送达"}},
	},
	Fixes: []lang.Text{
		{EN: "Find what changed at that moment: link, route, filter, the other host. Capture at the other end to see which direction is dead.", ZH: "查明那一刻发生了什么变化：链路、路由、过滤规则或对端主机。在另一端抓包可知哪个方向中断。"},
		{EN: "To learn of it sooner, set TCP_USER_TIMEOUT or a timeout in the program.", ZH: "若要更早得知，可设置 TCP_USER_TIMEOUT 或程序自身的超时。"},
	},
	References: []Reference{
		{Title: "When TCP sockets refuse to die", Author: "Cloudflare", Date: "2019-09-20", URL: "https://blog.cloudflare.com/when-tcp-sockets-refuse-to-die/"},
		{Title: "RFC 6298, Computing TCP's Retransmission Timer", Author: "V. Paxson et al.", Date: "2011-06", URL: "https://www.rfc-editor.org/rfc/rfc6298"},
	},
	Symptom: SymptomStall,
	Over:    []string{"syn-no-answer", "tail-loss-rto", "packet-loss", "close-wait-leak", "client-gave-up", "linger0-abort", "idle-cleanup-rst", "who-is-slow"},
	Detect:  detectRTODeath,
}

// Reported when all of these hold: data was repeated at least 4 times and
// nothing acknowledged it; both sides were seen before; the receiver's window
// was open. With one side alone in the capture, growing pauses and no progress
// take the place of the missing acknowledgements. Not reported after a silence long enough to be the cause while a new
// connection works (idle-timeout-silent), nor when a reset answered the data.
func detectRTODeath(x *Context) []Finding {
	var out []Finding
	told := crowd{}
	for _, c := range x.Conversations {
		if c.OneSided() {
			if at := repeatedToTheEnd(c); at != nil {
				out = append(out, *tellUnheard(x, c, at))
			}
			continue
		}
		for _, from := range []conversation.Side{client, server} {
			for _, b := range c.Blackouts(from, deathRepetitions) {
				if b.End >= 0 || b.LastGood < 0 || answeredByReset(c, &b) || x.forgotten(c, &b) != "" {
					continue
				}
				if g := "dead" + c.Server.String(); told.full(g) {
					out = append(out, *x.another(told, g, c))
				} else {
					out = append(out, *told.tells(g, tellRTODeath(x, c, &b)))
				}
			}
		}
	}
	return out
}

// repeatedToTheEnd gives the sendings of a segment that the only side in the
// capture repeats with growing pauses and goes no further than; nil when there is
// none. With the SYN in the capture asymmetric-routing-stateful-drop says more.
func repeatedToTheEnd(c *conversation.Conversation) []int {
	from := client
	if c.Flows[client].Packets == 0 {
		from = server
	}
	series := c.DataSeries(from)
	if len(series) == 0 || len(c.Handshake().SYNs) > 0 {
		return nil
	}
	last := series[len(series)-1]
	if len(last.Gaps) < deathRepetitions || !growing(last.Gaps[1:]) {
		return nil
	}
	for i := last.At[0] + 1; i < len(c.Segments); i++ {
		if s := &c.Segments[i]; !s.IsCopy() && (s.Ack != c.Segments[last.At[0]].Ack || conversation.Before(c.Segments[last.At[0]].End(), s.Seq)) {
			return nil
		}
	}
	return last.At
}

// growing reports pauses of which each is at least half as long again as the one before.
func growing(gaps []int64) bool {
	for i := 1; i < len(gaps); i++ {
		if 2*gaps[i] < 3*gaps[i-1] {
			return false
		}
	}
	return true
}

func tellUnheard(x *Context, c *conversation.Conversation, at []int) *Finding {
	first, last := &c.Segments[at[0]], &c.Segments[at[len(at)-1]]
	f := x.finding(Problem, Likely, Possible, c)
	sender, other := c.Addr(first.From), c.Addr(first.From.Other())
	f.Summary = lang.T("%s sent the same %s to %s %s within %s and got no further: as it seems nothing acknowledged them.",
		"%s 在 %[5]s 内把同样的 %[2]s 数据向 %[3]s 发送了 %[4]s，再无进展：看来一直没有收到确认。", sender, lang.Bytes(int64(first.Len)), other, lang.Times(len(at)), lang.Duration(last.Time-first.Time))
	p := numbers(c, at...)
	f.say(p[:1], "%s sent %s #%d.", "%s 发送了 %s #%d。", sender, lang.Bytes(int64(first.Len)), first.Number)
	f.say(p[1:], "It was repeated %s (%s) with growing pauses, %s: the retransmission timer, which only runs while an acknowledgement is missing.", "它被重传了 %s（%s），间隔不断增长：%s。这是重传定时器的行为，只有缺少确认时才会如此。",
		lang.Times(len(p)-1), refs(p[1:]), waits(c.SeriesOf(at).Gaps))
	for _, k := range p {
		f.shows(k, "sent, and sent again", "发出，并一再重传")
	}
	f.say(nil, "No packet of %s is in this capture, so it does not tell whether the data or its acknowledgements got lost.", "抓包中没有来自 %s 的包，因此无法判断丢失的是数据还是它的确认。", other)
	f.may(Possible, lang.Text{EN: "The other host, or a link or route to it, failed", ZH: "对端主机或通往它的链路、路由中断"}, lang.Text{EN: "A capture at the other end: do the repetitions arrive there.", ZH: "在另一端抓包：重传是否到达。"})
	f.may(Possible, lang.Text{EN: "The acknowledgements are lost on their way back", ZH: "确认在返回途中丢失"}, lang.T("A capture at the other end: does it acknowledge #%d?", "在另一端抓包：它是否确认了 #%d？", first.Number))
	f.confirm(lang.Text{EN: "At the other end, at the same time:", ZH: "同时在另一端抓包："}, tcpdump(filterHost(c)))
	f.Drawing.Lanes, f.Drawing.Timers = twoLanes(c), timersOf(c, at)
	return f.waited(last.Time-first.Time).restsOnAbsence().grouped("unheard"+c.Server.String(), portLabel(c.Client))
}

// answeredByReset reports whether a reset of the other side came during a
// blackout: then somebody heard the data.
func answeredByReset(c *conversation.Conversation, b *conversation.Blackout) bool {
	for _, r := range c.Resets() {
		if r.At > b.At[0] && c.Segments[r.At].From != b.From {
			return true
		}
	}
	return false
}

func tellRTODeath(x *Context, c *conversation.Conversation, b *conversation.Blackout) *Finding {
	first, last := &c.Segments[b.At[0]], &c.Segments[b.At[len(b.At)-1]]
	f := x.finding(Problem, Certain, Possible, c)
	who, other := sideName(b.From), sideName(b.From.Other())
	f.Summary = lang.T("From %s UTC on nothing that the %s of %s – %s sent was acknowledged, for %s until the capture shows no more of it.",
		"从 %s（UTC）起，%[3]s 与 %[4]s 之间的连接上，%[2]s发送的数据一直没有确认，持续 %[5]s，直到抓包中不再出现。", clockTime(first.Time), who, c.Client, c.Server, lang.Duration(last.Time-first.Time))
	f.say(numbers(c, b.LastGood), "The last packet of the %s that brought something new is #%d.", "来自%s、带有新内容的最后一个包是 #%d。", other, n(c, b.LastGood))
	f.say(numbers(c, b.At[0]), "The %s then sent %s #%d.", "%s随后发送了 %s #%d。", who, lang.Bytes(int64(first.Len)), first.Number)
	sayLadder(f, c, b)
	direction(f, c, b)
	f.Drawing.Lanes = twoLanes(c)
	f.alsoDead(x, c, first.Time, last.Time)
	gaveUp(f, c, b)
	f.may(Possible, lang.Text{EN: "The other host, or a link or route to it, failed", ZH: "对端主机或通往它的链路、路由中断"}, lang.Text{EN: "A capture at the other end: do the repetitions arrive there.", ZH: "在另一端抓包：重传是否到达。"})
	f.may(Possible, lang.Text{EN: "A filter or a stateful device on the way began to drop this connection", ZH: "途中的过滤规则或有状态设备开始丢弃该连接"}, lang.Text{EN: "A new connection to the same server: if it works, the path is alive.", ZH: "向同一服务器新建连接：若可用，说明路径仍通。"})
	f.confirm(lang.Text{EN: "On the sender's host: the growing timeout and what is unacknowledged.", ZH: "在发送方主机上查看不断增长的超时与未确认的数据："}, "ss -tino")
	f.confirm(lang.Text{EN: "At the other end, at the same time:", ZH: "同时在另一端抓包："}, tcpdump(filterHost(c)))
	lost(f, c, b)
	return f.waited(last.Time-first.Time).restsOnAbsence().grouped("dead"+c.Server.String(), portLabel(c.Client))
}

// direction says which way is dead, where the packets tell.
func direction(f *Finding, c *conversation.Conversation, b *conversation.Blackout) {
	if len(b.Heard) == 0 {
		f.say(nil, "Nothing came back in this time either, so the packets do not tell which direction is dead.", "其间也没有任何包返回，仅凭抓包无法判断是哪个方向中断。")
		return
	}
	p := numbers(c, b.Heard...)
	f.say(p, "Packets of the other side still arrived (%s), with an acknowledgement number that stands still: only the way there is dead.",
		"对端的包仍能到达（%s），确认号却停滞不前：中断的只是去往对端的方向。", refs(p))
	f.shows(p[0], "still arrives; acknowledges nothing new", "仍能到达，但没有新的确认")
}

// alsoDead tells other connections to that host that failed in the same time.
func (f *Finding) alsoDead(x *Context, c *conversation.Conversation, from, to int64) {
	var p []int
	for _, g := range x.failedConnections(c, from, to) {
		p = append(p, n(g, g.Handshake().SYNs[0]))
		f.beside(c, g)
	}
	if len(p) > 0 {
		f.say(p, "New connections to that host got no answer in this time either (%s).", "其间向该主机新建的连接也没有应答（%s）。", refs(p))
		f.shows(p[0], "a new connection fails too", "新连接同样失败")
	}
}

// gaveUp tells the reset with which the sender ended a blackout.
func gaveUp(f *Finding, c *conversation.Conversation, b *conversation.Blackout) {
	if r := c.FirstReset(b.From); r != nil && r.At > b.At[len(b.At)-1] {
		f.say(numbers(c, r.At), "The sender gave up with a RST #%d.", "发送方以 RST 放弃 #%d。", n(c, r.At))
		f.shows(n(c, r.At), "gives up", "放弃")
	}
}
