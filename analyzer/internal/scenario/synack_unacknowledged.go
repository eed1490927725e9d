package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// SYN-ACKs leave and no acknowledgement of them is seen: the way back, or the
// client.

var synackUnacknowledged = Scenario{
	ID:    "synack-unacknowledged",
	Title: lang.Text{EN: "The SYN-ACK is never acknowledged", ZH: "SYN-ACK 始终没有被确认"},
	Summary: lang.Text{
		EN: "The server answers the SYN, repeats its answer, and no ACK comes.",
		ZH: "服务器对 SYN 作了应答并多次重传，却等不到 ACK。",
	},
	Meaning: lang.Text{
		EN: "A client that repeats its SYN has not got the SYN-ACK: it is lost behind this capture point, usually because the way back differs from the way there or a filter on it drops answers. A client that never sends the SYN again is gone, was forged, or its ACK is lost.",
		ZH: "如果客户端还在重发 SYN，说明它没有收到 SYN-ACK：应答在抓包点之后丢失，常见原因是回程与去程不同，或回程上的过滤丢弃了应答。如果客户端不再重发 SYN，则它已离开、地址是伪造的，或者它的 ACK 丢了。",
	},
	Recognised: []lang.Text{
		{EN: "SYN, SYN-ACK, and the SYN-ACK again on the server's timer or for each repeated SYN.", ZH: "SYN、SYN-ACK，随后 SYN-ACK 按服务器的定时器、或随每个重发的 SYN 再次出现。"},
		{EN: "No ACK and no RST from the client.", ZH: "客户端既没有 ACK 也没有 RST。"},
	},
	Confused: []Confusion{
		{ID: "stuck-syn-recv-server-ignores-ack", Text: lang.Text{EN: "there the ACKs are in the capture", ZH: "那里抓包中能看到 ACK"}},
		{ID: "synack-leaves-by-other-path", Text: lang.Text{EN: "there the SYN-ACK visibly leaves to another box than the SYN came from", ZH: "那里可以看到 SYN-ACK 发给了与 SYN 来路不同的设备"}},
		{ID: "syn-flood", Text: lang.Text{EN: "there thousands of sources do it at once", ZH: "那里成千上万的来源同时如此"}},
	},
	Fixes: []lang.Text{
		{EN: "Repair the way back: the server's route to the client, reverse-path filters, a firewall that has not seen the SYN.", ZH: "修复回程：服务器到客户端的路由、反向路径过滤、没有见过该 SYN 的防火墙。"},
		{EN: "At the client: let SYN-ACKs in.", ZH: "在客户端：放行 SYN-ACK。"},
	},
	References: []Reference{
		{Title: "SYN packet handling in the wild", Author: "Marek Majkowski, Cloudflare", Date: "2018-01-15", URL: "https://blog.cloudflare.com/syn-packet-handling-in-the-wild/"},
	},
	Symptom: SymptomHalfOpen,
	Detect:  detectSynackUnacknowledged,
}

// Reported when a SYN is in the capture, its SYN-ACK was sent at least twice and
// nothing of the client acknowledges or resets it. A warning when the handshake
// completed only after repetitions had cost a timer. Not reported for targets of
// a scan, or when the round trip itself is longer than the timer.
func detectSynackUnacknowledged(x *Context) []Finding {
	var out []Finding
	scans, told := x.scans(), crowd{}
	for _, c := range x.Conversations {
		h, l := c.Handshake(), c.SYNACKLadder()
		if l == nil || len(h.SYNs) == 0 || h.Abort >= 0 || c.Client == c.Server || len(l.At)+len(l.Driven) < 2 || scans[c.Client.Addr()] != nil {
			continue
		}
		key := c.Server.String()
		if h.State == conversation.HandshakeSYNACK && told.full(key) {
			out = append(out, *x.another(told, key, c))
			continue
		}
		f := x.tellUnacknowledged(c, h, l)
		if f != nil && h.State == conversation.HandshakeSYNACK {
			told.tells(key, f)
		}
		if f != nil {
			out = append(out, *f)
		}
	}
	return out
}

func (x *Context) tellUnacknowledged(c *conversation.Conversation, h *conversation.Handshake, l *conversation.SYNACKLadder) *Finding {
	late := h.State == conversation.HandshakeComplete && len(l.Ignored) == 0 && ackedLate(c, h, l)
	if h.State != conversation.HandshakeSYNACK && !late {
		return nil
	}
	f := x.finding(Problem, Certain, Possible, c)
	z := l.At[0]
	f.Summary = lang.T("%s answered the SYN of %s with a SYN-ACK %s; no acknowledgement came.", "%s 对 %s 的 SYN 发了 %s SYN-ACK，没有等到确认。", c.Server, c.Client, lang.Times(len(h.SYNACKs)))
	f.say(numbers(c, h.SYNs[0], z), "The SYN (#%d) was answered by a SYN-ACK (#%d).", "SYN（#%d）得到了 SYN-ACK（#%d）。", n(c, h.SYNs[0]), n(c, z))
	f.shows(n(c, h.SYNs[0]), "the SYN", "SYN")
	f.shows(n(c, z), "its answer", "对它的应答")
	f.tellTimerAndSYNs(c, h, l)
	if late {
		f.acknowledgedLate(c, h, l)
	} else {
		x.neverAcknowledged(f, c, l)
	}
	x.causesUnacknowledged(f, c, h, late)
	f.confirm(lang.Text{EN: "At the client at the same time: does the SYN-ACK arrive?", ZH: "同时在客户端抓包：SYN-ACK 是否到达？"}, tcpdump(filterHost(c)))
	f.confirm(lang.Text{EN: "On the server: the way back.", ZH: "在服务器上：回程路由。"}, lang.T("ip route get %s; ip neigh", "", c.Client.Addr()).EN)
	f.Drawing.Lanes, f.Drawing.Timers = twoLanes(c), timersOf(c, l.At)
	return f.restsOnAbsence().grouped(c.Server.String()+f.Severity, portLabel(c.Client))
}

// ackedLate: the first acknowledgement came after the SYN-ACK had to be
// repeated, and the path is not simply that slow.
func ackedLate(c *conversation.Conversation, h *conversation.Handshake, l *conversation.SYNACKLadder) bool {
	ack := &c.Segments[h.ACK]
	repeated := 0
	for _, z := range h.SYNACKs {
		if z < h.ACK {
			repeated++
		}
	}
	slow := c.Flows[conversation.Server].MinRTT >= answeredLate
	return repeated >= 2 && !slow && ack.Time-c.Segments[l.At[0]].Time >= answeredLate
}

func (f *Finding) tellTimerAndSYNs(c *conversation.Conversation, h *conversation.Handshake, l *conversation.SYNACKLadder) {
	if again := numbers(c, l.At[1:]...); len(again) > 0 {
		f.say(again, "The server repeated it on its timer %s (%s), waiting %s.", "服务器按定时器重传了 %s（%s），间隔 %s。", lang.Times(len(again)), refs(again), waits(c.SeriesOf(l.At).Gaps))
		for _, p := range again {
			f.shows(p, "repeated, still no ACK", "重传，仍无 ACK")
		}
	}
	if syns := numbers(c, h.SYNs[1:]...); len(syns) > 0 {
		f.say(append(syns, numbers(c, l.Driven...)...), "The client repeated its SYN %s (%s): it has not got the answer. Each SYN drew the SYN-ACK again.",
			"客户端又发了 %s SYN（%s）：它没有收到应答。每个 SYN 都再次引出 SYN-ACK。", lang.Times(len(syns)), refs(syns))
		for _, p := range syns {
			f.shows(p, "asks again: it got no answer", "再次请求：没有收到应答")
		}
	}
}

func (x *Context) neverAcknowledged(f *Finding, c *conversation.Conversation, l *conversation.SYNACKLadder) {
	last := &c.Segments[l.At[len(l.At)-1]]
	f.waited(last.Time - c.Segments[l.At[0]].Time)
	f.say([]int{int(last.Number)}, "No acknowledgement and no reset of the client is in the capture.", "抓包中没有客户端的确认，也没有复位。")
	for _, z := range append(append([]int{}, l.At...), l.Driven...) {
		f.Drawing.Marks = append(f.Drawing.Marks, Mark{Packet: n(c, z), Lost: true, ReceiverNote: lang.Text{EN: "no ACK", ZH: "无 ACK"}})
	}
	if l.NextDue > 0 && x.End >= l.NextDue {
		f.Drawing.Events = append(f.Drawing.Events, Event{Time: l.NextDue, Endpoint: c.Server, Approximate: true, Sentence: len(f.Story),
			Label:  lang.Text{EN: "half-open entry expires in silence", ZH: "半开连接静默过期"},
			Reason: lang.Text{EN: "computed from the timer; nothing is sent", ZH: "由定时器推算；不发送任何包"}})
	}
}

func (f *Finding) acknowledgedLate(c *conversation.Conversation, h *conversation.Handshake, l *conversation.SYNACKLadder) {
	ack := &c.Segments[h.ACK]
	lost := ack.Time - c.Segments[l.At[0]].Time
	f.Severity = Warning
	f.waited(lost)
	if len(h.SYNs) == 1 {
		f.lostACK(c, ack, lost)
		return
	}
	f.Title = lang.T("A SYN-ACK was lost; connecting took %s", "丢失了一个 SYN-ACK，建立连接花了 %s", lang.Duration(lost))
	f.Summary = lang.T("%s acknowledged the SYN-ACK of %s only %s after it was first sent. The connection then opened.", "%s 在 SYN-ACK 首次发出 %[3]s 后才确认 %[2]s，连接随后建立。", c.Client, c.Server, lang.Duration(lost))
	f.say([]int{int(ack.Number)}, "#%d acknowledges it at last; the connection opened.", "#%d 终于确认了它，连接建立。", ack.Number)
	f.shows(int(ack.Number), "the ACK at last", "终于到来的 ACK")
}

// lostACK: the client never repeated its SYN, so it was connected all along and
// only the server waited.
func (f *Finding) lostACK(c *conversation.Conversation, ack *conversation.Segment, late int64) {
	f.Severity = Info
	f.Title = lang.T("The ACK of the handshake came %s late", "握手的 ACK 晚到了 %s", lang.Duration(late))
	f.Summary = lang.T("%s acknowledged the repeated SYN-ACK of %s. It never sent its SYN again, so it was connected all along; the first ACK was lost.", "%s 确认了 %s 重传的 SYN-ACK。它没有重发 SYN，说明它早已认为连接建立，只是第一个 ACK 丢失了。", c.Client, c.Server)
	f.say([]int{int(ack.Number)}, "#%d acknowledges it; the connection goes on.", "#%d 确认了它，连接继续。", ack.Number)
	f.shows(int(ack.Number), "the ACK", "ACK")
}

func (x *Context) causesUnacknowledged(f *Finding, c *conversation.Conversation, h *conversation.Handshake, late bool) {
	place, _ := x.placeNear(c)
	if place == conversation.PlaceClient && !late {
		f.Cause = Likely
		f.may(Likely, lang.Text{EN: "The client's own host drops the SYN-ACK behind the capture point (its filter, or connection tracking)", ZH: "客户端主机自身在抓包点之后丢弃了 SYN-ACK（过滤规则或连接跟踪）"},
			lang.Text{EN: "Rule counters and conntrack -S on the client.", ZH: "客户端上的规则计数器与 conntrack -S。"})
		return
	}
	if late && len(h.SYNs) == 1 {
		f.may(Likely, lang.Text{EN: "The first ACK was lost before this capture point; the repetition repaired it", ZH: "第一个 ACK 在到达抓包点之前丢失，重传已补救"}, lang.Text{EN: "A capture at the client shows it leaving.", ZH: "在客户端抓包可以看到它发出。"})
		f.Cause, f.Fixes = Likely, nil
		return
	}
	if late {
		f.may(Likely, lang.Text{EN: "A SYN-ACK was lost on the way back, or dropped at the client", ZH: "一个 SYN-ACK 在回程丢失，或在客户端被丢弃"}, lang.T("A capture at the client: does #%d arrive?", "在客户端抓包：#%d 是否到达？", n(c, h.SYNACKs[0])))
		f.Cause = Likely
		return
	}
	back := Possible
	if len(h.SYNs) > 1 {
		back, f.Cause = Likely, Likely
	}
	f.may(back, lang.Text{EN: "The SYN-ACK is lost on the way back: another route, a reverse-path filter, or a stateful firewall that has not seen the SYN", ZH: "SYN-ACK 在回程丢失：路由不同、反向路径过滤，或没有见过该 SYN 的有状态防火墙"},
		lang.T("A capture at the client: does #%d arrive?", "在客户端抓包：#%d 是否到达？", n(c, h.SYNACKs[0])))
	if len(h.SYNs) == 1 {
		f.may(Possible, lang.Text{EN: "The SYN's source was forged, or the client has gone", ZH: "SYN 的源地址是伪造的，或客户端已离开"},
			lang.Text{EN: "Many such sources at once point to forged ones (netstat -s: SYN cookies, dmesg: possible SYN flooding).", ZH: "同时出现许多这样的来源说明是伪造（netstat -s 中的 SYN cookies，dmesg 中的 possible SYN flooding）。"})
		f.may(Possible, lang.Text{EN: "The SYN-ACK arrives and the client's ACK is lost", ZH: "SYN-ACK 已到达，而客户端的 ACK 丢失"},
			lang.Text{EN: "A capture at the client shows the ACK.", ZH: "在客户端抓包可以看到该 ACK。"})
		return
	}
	f.excludes(lang.Text{EN: "The client got the SYN-ACK and its ACK was lost", ZH: "客户端收到了 SYN-ACK，只是它的 ACK 丢失"},
		lang.T("It would not send its SYN again (%s).", "那样它不会再次发送 SYN（%s）。", refs(numbers(c, h.SYNs[1:]...))))
}
