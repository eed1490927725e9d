package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/packet"
)

// Routers that point at each other pass a packet to and fro until its TTL is
// used up. One of them then reports time exceeded.

// loopTTL is the least TTL a packet must have here for the report not to be a
// traceroute's, which begins with 1 and counts up.
const loopTTL = 32

// loopShown is how many recordings of one packet a sentence points at.
const loopShown = 8

var ttlLoop = Scenario{
	ID:    "ttl-loop",
	Title: lang.Text{EN: "Packets go round in a routing loop", ZH: "包陷入路由环路"},
	Summary: lang.Text{
		EN: "A packet is passed on until its time to live is used up, and never arrives.",
		ZH: "包被反复转发，直到 TTL 耗尽，始终到不了目的地。",
	},
	Meaning: lang.Text{
		EN: "Two or more routers each believe the way to the destination leads through the other: a default route against a missing specific one, a static route left over, or routing protocols that have not settled yet. Every round costs TTL; the router that counts it down to zero drops the packet and may report time exceeded (ICMP type 11).",
		ZH: "两台或多台路由器都认为通往目的地的路在对方那里：缺少明细路由而走了默认路由，残留的静态路由，或路由协议尚未收敛。每绕一圈 TTL 都会减少；减到零的那台路由器丢弃包，并可能报告超时（ICMP 类型 11）。",
	},
	Recognised: []lang.Text{
		{EN: "One and the same packet passes again and again with a falling TTL.", ZH: "同一个包反复经过，TTL 不断减小。"},
		{EN: "Or ICMP time exceeded quotes a packet that started with a normal TTL.", ZH: "或者，ICMP 超时引用了一个初始 TTL 正常的包。"},
	},
	Confused: []Confusion{
		{ID: "duplicate-capture", Text: lang.Text{EN: "there a packet is recorded twice, not many times", ZH: "那里的包只被记录两次，而不是很多次"}},
		{ID: "icmp-unreachable-on-syn", Text: lang.Text{EN: "there a router knows that it has no way", ZH: "那里路由器知道自己无路可走"}},
		{Text: lang.Text{EN: "traceroute: its packets start with TTL 1, 2, 3", ZH: "traceroute：其包的 TTL 从 1、2、3 开始"}},
	},
	Fixes: []lang.Text{
		{EN: "Repair the routes of the routers between which the packet goes to and fro; for a prefix that is not in use, add a discard route.", ZH: "修正包在其间往返的路由器的路由；对未使用的前缀添加黑洞路由。"},
	},
	References: []Reference{
		{Title: "Time To Live Exceeded", Author: "WLUG", URL: "http://wiki.wlug.org.nz/TimeToLiveExceeded?action=PageInfo"},
		{Title: "Traces", Author: "Noah Davids", URL: "https://noahdavids.org/traces.html"},
	},
	Symptom: SymptomNoAnswer,
	Over:    []string{"icmp-unreachable-on-syn", "syn-no-answer", "duplicate-capture", "rto-death", "path-outage", "packet-loss", "syn-dropped-by-host", "idle-timeout-silent", "offload-artefact"},
	Detect:  detectTTLLoop,
}

// Reported when one packet is recorded at least three times with an ever lower
// TTL, twice of them at the same place (certain; likely when the places cannot
// be told apart); or when ICMP time exceeded in transit quotes a SYN or data of
// a conversation whose packets all start here with a TTL of 32 or more (likely).
func detectTTLLoop(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		loops := c.Loops()
		var again []conversation.Loop
		for _, l := range loops {
			if l.Again || len(l.At) > maxPlaces {
				again = append(again, l)
			}
		}
		if errors := x.timeExceeded(c); len(again) > 0 || len(errors) > 0 {
			out = append(out, *tellLoop(x, c, again, errors))
		}
	}
	return out
}

// maxPlaces is how many capture points one packet may honestly pass.
const maxPlaces = 4

// timeExceeded are the reports that the conversation's own packets ran out of
// TTL though they had enough here.
func (x *Context) timeExceeded(c *conversation.Conversation) []*conversation.ICMP {
	f := &c.Flows[client]
	for _, ttl := range f.TTLs[:f.TTLCount] {
		if ttl < loopTTL && c.Copies == 0 {
			return nil
		}
	}
	var out []*conversation.ICMP
	for _, i := range c.ICMP {
		m := &x.ICMP[i]
		if (!m.V6 && m.Type == 11 || m.V6 && m.Type == 3) && m.Code == 0 && (!m.Quote.HasFlags || m.Quote.Flags&packet.RST == 0) {
			out = append(out, m)
		}
	}
	if len(c.Segments) > 0 && c.Segments[0].Known&packet.KnownTTL != 0 && c.Segments[0].TTL < loopTTL {
		return nil
	}
	return out
}

func tellLoop(x *Context, c *conversation.Conversation, loops []conversation.Loop, errors []*conversation.ICMP) *Finding {
	symptom, severity := Likely, Problem
	if len(loops) > 0 && loops[0].Again {
		symptom = Certain
	}
	if c.Flows[server].Data > 0 {
		severity = Warning
	}
	f := x.finding(severity, symptom, Likely, c)
	f.Summary = lang.T("Packets from %s to %s go round between routers until their time to live is used up.", "从 %s 到 %s 的包在路由器之间循环，直到 TTL 耗尽。", c.Client, c.Server)
	if len(loops) > 0 {
		sayLoop(f, c, loops[0])
	} else {
		p := firstNumber(c)
		f.say([]int{p}, "#%d left here with a TTL of %d, enough for any path on the Internet.", "#%d 从这里发出时 TTL 为 %d，足够通过互联网上的任何路径。", p, c.Segments[0].TTL)
		f.shows(p, "starts with a TTL of %d", "初始 TTL 为 %d", c.Segments[0].TTL)
	}
	if len(errors) > 0 {
		m := errors[0]
		f.say([]int{int(m.Number)}, "%s later %s reported time exceeded in transit #%d, quoting it: its TTL was used up at that router.", "%s 后，%s 报告传输途中超时 #%d，并引用了它：TTL 在那台路由器上耗尽。", lang.Duration(m.Time-c.First), m.Src, m.Number)
		f.shows(int(m.Number), "time exceeded", "超时")
	}
	f.may(Likely, lang.Text{EN: "Two routers point at each other for this destination", ZH: "两台路由器把该目的地指向了对方"}, lang.Text{EN: "traceroute shows the same routers again and again.", ZH: "traceroute 中反复出现相同的路由器。"})
	if len(loops) == 0 {
		f.may(Possible, lang.Text{EN: "A path that really is that long, or a device that lowers the TTL by more than one", ZH: "路径确实那么长，或某个设备一次减去了不止一跳"}, lang.Text{EN: "traceroute to the destination.", ZH: "对目的地执行 traceroute。"})
	}
	f.confirm(lang.Text{EN: "Where the path goes round:", ZH: "路径在哪里循环："}, lang.T("traceroute -T -p %d %s", "", c.Server.Port(), c.Server.Addr()).EN)
	f.confirm(lang.Text{EN: "On the routers that show up twice:", ZH: "在重复出现的路由器上："}, lang.T("ip route get %s", "", c.Server.Addr()).EN)
	f.waited(c.Last - c.First)
	return f.grouped(c.Server.Addr().String(), portLabel(c.Client))
}

func sayLoop(f *Finding, c *conversation.Conversation, l conversation.Loop) {
	at := numbers(c, l.At...)
	last := len(l.At) - 1
	shown := at
	if len(at) > loopShown {
		shown = append(append([]int(nil), at[:loopShown-1]...), at[last])
	}
	f.say(shown, "#%d was recorded %s within %s (%s), its TTL falling from %d to %d: one and the same packet, by its IP ID and sequence number.", "#%d 在 %[3]s 内被记录了 %[2]s（%[4]s），TTL 从 %[5]d 降到 %[6]d：IP ID 和序列号都相同，是同一个包。",
		at[0], lang.Times(len(at)), lang.Duration(since(c, l.At[0], l.At[last])), refs(at), l.TTLs[0], l.TTLs[last])
	for _, i := range []int{0, 1, last} {
		f.shows(at[i], "the same packet, TTL %d", "同一个包，TTL 为 %d", l.TTLs[i])
	}
}
