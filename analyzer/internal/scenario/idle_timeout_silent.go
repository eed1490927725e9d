package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

var idleTimeoutSilent = Scenario{
	ID:    "idle-timeout-silent",
	Title: lang.Text{EN: "After a silence the connection is dead without a word, while a new one works", ZH: "静默之后连接无声失效，而新连接可用"},
	Summary: lang.Text{
		EN: "A connection that had been idle gets no answer any more; a device on the way forgot it and drops its packets.",
		ZH: "空闲过一段时间的连接不再有任何回应；途中的设备已将它遗忘，并丢弃其包。",
	},
	Meaning: lang.Text{
		EN: "Firewalls, NAT devices and balancers keep a table of connections and drop an entry after some idle time. Packets of a connection without an entry are then dropped silently: both ends still believe in it, and the sender repeats until it gives up.",
		ZH: "防火墙、NAT 设备和负载均衡都维护连接表，条目空闲一段时间后被删除。此后没有条目的连接，其包会被悄悄丢弃：两端都以为连接仍在，发送方只能重传到放弃为止。",
	},
	Recognised: []lang.Text{
		{EN: "A silence longer than any the connection survived before, then data that is repeated and never answered.", ZH: "出现比此前撑过的都更长的静默，随后的数据反复重传而毫无回应。"},
		{EN: "A new connection to the same server works at once in that time.", ZH: "其间向同一服务器新建的连接立即可用。"},
	},
	Confused: []Confusion{
		{ID: "rto-death", Text: lang.Text{EN: "there a new connection fails too, or no silence precedes", ZH: "那里新连接也失败，或之前没有静默"}},
		{ID: "idle-timeout-rst", Text: lang.Text{EN: "there the device answers with a reset", ZH: "那里设备会回应复位"}},
	},
	Fixes: []lang.Text{
		{EN: "Send keepalives more often than the limit (tcp_keepalive_time or the program's own), or raise the device's limit.", ZH: "让保活间隔短于该时限（tcp_keepalive_time 或程序自身的保活），或放宽设备时限。"},
		{EN: "Set TCP_USER_TIMEOUT so that the program notices soon; drop pooled connections that were idle for longer than the limit.", ZH: "设置 TCP_USER_TIMEOUT，让程序尽早察觉；连接池丢弃空闲超过该时限的连接。"},
	},
	References: []Reference{
		{Title: "TCP keepalive, idle timeout and firewalls", Author: "hannes-software", URL: "https://www.hannes-software.com/pcap-surgery/blogs/tcp-keepalive-idle-timeout-firewall-pcap"},
		{Title: "Load balancer gotchas", Author: "kupczynski.info", URL: "https://kupczynski.info/posts/load-balancer-gotchas"},
	},
	Symptom: SymptomStall,
	Over:    []string{"rto-death", "tail-loss-rto", "packet-loss", "keepalive-failure", "close-wait-leak", "client-gave-up", "linger0-abort", "idle-cleanup-rst", "who-is-slow"},
	Detect:  detectIdleTimeoutSilent,
}

// Reported when all of these hold: data was repeated at least 3 times and never
// acknowledged; nothing of the other side came any more; a silence longer than
// any survived before, and of at least 4 s, preceded it; and a new connection to
// the same server was answered after the data was first sent, or the silence was
// at least 30 s and 5 times any before while no new connection failed. Not
// reported when new connections fail too (rto-death).
func detectIdleTimeoutSilent(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		if c.OneSided() {
			continue
		}
		for _, from := range []conversation.Side{client, server} {
			for _, b := range c.Blackouts(from, outageRepetitions) {
				if b.End < 0 && b.LastGood >= 0 && len(b.Heard) == 0 && !answeredByReset(c, &b) {
					if cause := x.forgotten(c, &b); cause != "" {
						out = append(out, *tellIdleTimeoutSilent(x, c, &b, cause))
					}
				}
			}
		}
	}
	return out
}

// forgotten tells how sure it is that a device forgot the connection during the
// silence before a blackout: "" for not at all.
func (x *Context) forgotten(c *conversation.Conversation, b *conversation.Blackout) string {
	first := c.Segments[b.At[0]].Time
	switch {
	case len(b.Heard) > 0 || !idleLong(b.Idle, b.Survived):
		return ""
	case x.freshConnection(c, first, x.End) != nil:
		return Likely
	case b.Idle >= idleUsual && idleUnlike(b.Idle, b.Survived) && len(x.failedConnections(c, first, x.End)) == 0:
		return Possible
	}
	return ""
}

func tellIdleTimeoutSilent(x *Context, c *conversation.Conversation, b *conversation.Blackout, cause string) *Finding {
	first, last := &c.Segments[b.At[0]], &c.Segments[b.At[len(b.At)-1]]
	f := x.finding(Problem, Certain, cause, c)
	f.Summary = lang.T("After %s of silence nothing sent on %s – %s is answered any more.", "静默 %s 之后，%s 与 %s 之间的连接上发出的数据再也没有回应。", lang.Duration(b.Idle), c.Client, c.Server)
	f.Drawing.Lanes = twoLanes(c)
	m := c.Before(b.At[0])
	f.say(numbers(c, m.Any), "The connection worked until #%d and was then silent for %s; the longest silence it had survived was %s.",
		"连接直到 #%d 都正常，随后静默 %s；此前撑过的最长静默是 %s。", n(c, m.Any), lang.Duration(b.Idle), lang.Duration(b.Survived))
	f.say(numbers(c, b.At[0]), "Then the %s sent %s #%d.", "随后%s发送了 %s #%d。", sideName(b.From), lang.Bytes(int64(first.Len)), first.Number)
	sayLadder(f, c, b)
	if g := x.freshConnection(c, first.Time, x.End); g != nil {
		h := g.Handshake()
		f.beside(c, g)
		f.say(numbers(g, h.SYNs[0], h.SYNACKs[0]), "A new connection to the same server, begun meanwhile from port %d, was answered in %s (#%d, #%d): the server and the path are alive.",
			"其间从端口 %d 向同一服务器新建的连接在 %s 内得到应答（#%d、#%d）：服务器与路径都正常。", g.Client.Port(), elapsed(g, h.SYNs[0], h.SYNACKs[0]), n(g, h.SYNs[0]), n(g, h.SYNACKs[0]))
		f.shows(n(g, h.SYNACKs[0]), "a new connection works", "新连接可用")
		f.excludes(lang.Text{EN: "A dead path or server", ZH: "路径或服务器中断"}, lang.T("#%d answers a new connection.", "#%d 应答了新连接。", n(g, h.SYNACKs[0])))
	}
	gaveUp(f, c, b)
	f.say(nil, "%s", "%s", bracket(b.Idle, b.Survived))
	f.may(cause, lang.Text{EN: "A firewall, NAT or balancer on the way dropped its entry for the idle connection", ZH: "途中的防火墙、NAT 或负载均衡已删除该空闲连接的条目"}, lang.Text{EN: "The device's session table and idle setting; a capture at the server: the repetitions do not arrive.", ZH: "设备的会话表与空闲时限；在服务器上抓包：重传没有到达。"})
	f.may(Possible, lang.Text{EN: "The server lost the connection and a filter hides its resets", ZH: "服务器已没有该连接，而其复位被过滤"}, lang.Text{EN: "The same capture at the server: a reset leaves for each repetition.", ZH: "同样在服务器上抓包：每次重传是否都有复位发出。"})
	f.confirm(lang.Text{EN: "At the server, while it happens:", ZH: "复现时在服务器上抓包："}, tcpdump(filterServer(c.Server)))
	f.confirm(lang.Text{EN: "Keepalive settings of the client:", ZH: "查看客户端的保活设置："}, "sysctl net.ipv4.tcp_keepalive_time net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes")
	f.Drawing.Gaps = []GapHint{{Packet: int(first.Number), Reason: lang.Text{EN: "idle; forgotten on the way", ZH: "空闲，途中被遗忘"}}}
	lost(f, c, b)
	return f.waited(last.Time-first.Time).restsOnAbsence().grouped("silent"+c.Server.String(), portLabel(c.Client))
}
