package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// One end has lost a connection without a word; the other still holds it. It
// comes out when either speaks: data draws a bare reset, or a new SYN on the
// same tuple draws the old connection's ACK.

// crashSpan is how far apart the ends of several connections to one host may be
// to have one cause, in ns.
const crashSpan = 60 * lang.Second

// crashTold is how many lost connections are set against what else happened to
// their hosts; with more of them one look at each other would take too long.
const crashTold = 20

// crashFastest is the shortest silence in which a host can have restarted, in
// ns; containers come back in a fraction of a second.
const crashFastest = 200 * lang.Millisecond

var halfOpenAfterCrash = Scenario{
	ID:    "half-open-after-crash",
	Title: lang.Text{EN: "One end lost the connection, the other still uses it", ZH: "一端已失去连接，另一端仍在使用"},
	Summary: lang.Text{
		EN: "A connection that worked is unknown to one end all of a sudden, without a FIN or RST before.",
		ZH: "原本正常的连接，突然有一端不再认识它，此前没有任何 FIN 或 RST。",
	},
	Meaning: lang.Text{
		EN: "A host that crashes, loses power or is restored from a snapshot forgets its connections without telling anyone. The peer notices only when it sends: the stack finds no connection and answers with a bare reset. Or the restarted host connects again from the same port, and the peer, which still has the old connection, challenges the SYN with an ACK. A translator or balancer that lost its mapping looks the same.",
		ZH: "主机崩溃、断电或从快照恢复时，会在不通知任何人的情况下丢失所有连接。对端只有在发送时才会发现：协议栈找不到连接，回一个不带 ACK 的 RST。或者重启后的主机用同一端口再次连接，而对端仍持有旧连接，于是用 ACK 质询这个 SYN。地址转换设备或负载均衡丢失映射时，表现相同。",
	},
	Recognised: []lang.Text{
		{EN: "Data on a connection that worked draws a RST without ACK, whose sequence number is what the data acknowledged; no FIN came before.", ZH: "在原本正常的连接上，数据引来不带 ACK 的 RST，其序列号等于该数据的确认号；此前没有 FIN。"},
		{EN: "Or a SYN on the same tuple draws an ACK with the numbers of the old connection, which nobody had closed.", ZH: "或者，同一四元组上的 SYN 得到带着旧连接序列号的 ACK，而旧连接从未关闭。"},
	},
	Confused: []Confusion{
		{ID: "idle-timeout-rst", Text: lang.Text{EN: "there a device on the way forgot the connection after a silence", ZH: "那里是中间设备在一段静默之后遗忘了连接"}},
		{ID: "data-after-close", Text: lang.Text{EN: "there the side that resets had closed with a FIN", ZH: "那里复位的一方此前已用 FIN 关闭"}},
		{ID: "idle-client-half-open-zombie", Text: lang.Text{EN: "there the connection had never worked at the server", ZH: "那里连接在服务器上从未真正建立"}},
		{ID: "timewait-port-reuse", Text: lang.Text{EN: "there the old connection had been closed", ZH: "那里旧连接已经关闭"}},
	},
	Fixes: []lang.Text{
		{EN: "Notice sooner: TCP keepalive, TCP_USER_TIMEOUT, or a heartbeat of the application.", ZH: "更早发现：TCP keepalive、TCP_USER_TIMEOUT，或应用层心跳。"},
		{EN: "Make the client reconnect and repeat the request when a reset comes.", ZH: "客户端在收到 RST 时重连并重发请求。"},
		{EN: "Find out why the host restarted or the device lost its mapping.", ZH: "查明主机为何重启，或设备为何丢失映射。"},
	},
	References: []Reference{
		{Title: "The 900-second ghost: debugging half-open TCP", Author: "PlatformCon", URL: "https://platformcon.com/sessions/the-900-second-ghost-debugging-half-open-tcp"},
		{Title: "RFC 9293, section 3.5.1: Half-Open Connections and Other Anomalies", Date: "2022-08", URL: "https://www.rfc-editor.org/rfc/rfc9293#section-3.5.1"},
	},
	Symptom: SymptomReset,
	Over:    []string{"timewait-port-reuse", "conn-refused-rst", "health-check-or-scan", "client-gave-up", "who-is-slow"},
	Detect:  detectHalfOpen,
}

// Reported when the first reset of a conversation is a bare one in answer to
// data, FIN or a probe, from a side that had exchanged data and sent no FIN
// (none that was missed either); or
// when a SYN on the tuple of a connection that nobody closed draws an ACK with
// that connection's numbers. Not reported when the side that resets had closed,
// or had never taken the connection up. After a long silence a device on the
// way is likelier (idle-timeout-rst).
func detectHalfOpen(x *Context) []Finding {
	var out []Finding
	tangled := x.inTangle()
	for _, c := range x.Conversations {
		if r := lostConnection(c); r != nil && x.outer(c) == c.ID {
			out = append(out, *x.tellLost(c, r, len(out) < crashTold))
		}
		if odd := c.OddAnswers(); len(odd) > 0 && !c.Relative && !tangled[c] && restartedClient(c, odd) && x.outer(c) == c.ID {
			out = append(out, *x.tellRestarted(c, odd))
		}
	}
	return out
}

// lostConnection is the bare reset that shows that its sender no longer has the
// connection, nil for none.
func lostConnection(c *conversation.Conversation) *conversation.Reset {
	rs := c.Resets()
	if len(rs) == 0 || rs[0].Form != conversation.ResetNobody || rs[0].Trigger < 0 {
		return nil
	}
	r := &rs[0]
	dead, d := c.Segments[r.At].From, &c.Segments[r.Trigger]
	fin := c.FirstFIN(dead)
	asks := d.Len > 0 || d.FIN() || d.Tags.Has(conversation.TagKeepAlive|conversation.TagZeroWindowProbe)
	if !asks || d.PureSYN() || d.SYNACK() || d.Tags.Has(conversation.TagStray) || fin >= 0 && fin < r.At || !tookPart(c, dead, r.Trigger) || c.Beyond(r.Trigger) > 0 {
		return nil
	}
	if dead == client && !r.LinuxLike && quietBefore(c, r) <= max(3*c.RTT(), crashFastest) {
		return nil // some stacks and monitors leave with a bare reset once they have their answer
	}
	return r
}

// quietBefore is how long before its bare reset the side had last spoken, in ns.
func quietBefore(c *conversation.Conversation, r *conversation.Reset) int64 {
	return since(c, lastOf(c, c.Segments[r.At].From, r.Trigger), r.At)
}

// tookPart reports whether a side had exchanged data before an index: sent some,
// or acknowledged some.
func tookPart(c *conversation.Conversation, side conversation.Side, before int) bool {
	data := false
	for i := 0; i < before; i++ {
		s := &c.Segments[i]
		switch {
		case s.IsCopy() || s.Reset():
		case s.From == side && s.Len > 0:
			return true
		case s.From != side && s.Len > 0:
			data = true
		case s.From == side && data && s.PureACK():
			return true
		}
	}
	return false
}

// tellLost tells a lost connection; around is whether to look at the host's
// other connections too.
func (x *Context) tellLost(c *conversation.Conversation, r *conversation.Reset, around bool) *Finding {
	dead := c.Segments[r.At].From
	who, other := sideName(dead), sideName(dead.Other())
	d, rst := &c.Segments[r.Trigger], &c.Segments[r.At]
	last := lastOf(c, dead, r.Trigger)
	f := x.finding(Problem, Certain, Possible, c)
	f.at = rst.Time
	f.Summary = lang.T("The connection %s – %s worked; then the %s's %s drew a bare RST: the %s no longer knows it.", "%s 与 %s 之间的连接原本正常；随后%s的%s引来不带 ACK 的 RST：%s已不认识这个连接。", c.Client, c.Server, other, whatSent(d), who)
	f.say(numbers(c, last), "The %s still took part in the connection at #%d.", "在 #%[2]d 时，%[1]s还在正常参与通信。", who, n(c, last))
	f.say(numbers(c, r.Trigger), "%s later the %s sent %s #%d.", "%s 后，%s发送了%s #%d。", lang.Duration(d.Time-c.Segments[last].Time), other, whatSent(d), d.Number)
	f.say(numbers(c, r.At), "A RST carrying the %s's address came %s later #%d. It has no ACK flag and takes its sequence number from what it answers: that is how a stack speaks of a connection it does not have. No FIN or RST of the %s stands before it.",
		"%[2]s 后，来了一个带着%[1]s地址的 RST #%[3]d。它没有 ACK 标志，序列号取自它所应答的包：协议栈正是这样回应自己没有的连接。此前%[4]s没有发过 FIN 或 RST。", who, lang.Duration(r.Delay), rst.Number, who)
	f.shows(n(c, last), "the connection still works", "连接仍然正常")
	f.shows(int(d.Number), "speaks on a connection it holds for open", "在它认为仍打开的连接上发送")
	f.shows(int(rst.Number), "there is no such connection", "没有这个连接")
	x.forgedBefore(f, c, r)
	hints := 0
	if around {
		hints = x.crashHints(f, c, rst.Time, dead)
	}
	x.causesLost(f, c, dead, hints)
	f.Drawing.Lanes = twoLanes(c)
	f.Drawing.Marks = []Mark{{Packet: int(d.Number), Ignored: true, ReceiverNote: lang.Text{EN: "no such connection", ZH: "没有此连接"}}}
	return f.restsOnAbsence().grouped(who.EN+c.Addr(dead).Addr().String(), portLabel(c.Client))
}

// forgedBefore names the cause that fits when the side that lost the connection
// had spoken only a round trip before: no host restarts that fast.
func (x *Context) forgedBefore(f *Finding, c *conversation.Conversation, r *conversation.Reset) {
	dead := c.Segments[r.At].From
	if quietBefore(c, r) > max(3*c.RTT(), crashFastest) {
		return
	}
	f.may(Possible, lang.T("A reset forged in the other side's name reached the %s first, or its program aborted the connection and that reset was lost", "一个冒用对方名义伪造的 RST 先到达了%s，或者其程序中止了连接而那个 RST 丢失了", sideName(dead)),
		lang.T("A capture at %s: did a RST arrive or leave there before #%d?", "在 %s 处抓包：#%d 之前是否有 RST 到达或发出。", c.Addr(dead).Addr(), n(c, r.At)))
}

func whatSent(s *conversation.Segment) lang.Text {
	switch {
	case s.Len > 0 && !s.Tags.Has(conversation.TagKeepAlive):
		b := lang.Bytes(int64(s.Len))
		return lang.Text{EN: b.EN, ZH: " " + b.ZH}
	case s.FIN():
		return lang.Text{EN: "FIN", ZH: " FIN"}
	}
	return lang.Text{EN: "probe", ZH: "探测"}
}

// lastOf is the last segment of a side before an index; there is one.
func lastOf(c *conversation.Conversation, side conversation.Side, before int) int {
	for i := before - 1; i > 0; i-- {
		if s := &c.Segments[i]; s.From == side && !s.IsCopy() {
			return i
		}
	}
	return 0
}

// crashHints tells what else happened to the host around the time, and returns
// how much of it speaks for a restart.
func (x *Context) crashHints(f *Finding, c *conversation.Conversation, at int64, dead conversation.Side) int {
	host := c.Addr(dead).Addr()
	hints := 0
	var lost []int
	for _, o := range x.OfHost(host) {
		if o == c || o.Last < at-crashSpan || o.First > at+crashSpan {
			continue
		}
		if r := lostConnection(o); r != nil && o.Addr(o.Segments[r.At].From).Addr() == host {
			lost = append(lost, n(o, r.At))
			continue
		}
		if h := o.Handshake(); o.First > at && len(h.SYNACKs) > 0 && o.Server == c.Server && hints >= 0 {
			f.say([]int{firstNumber(o), n(o, h.SYNACKs[0])}, "A new connection to %s opened %s later #%d: the host is up.", "%[2]s 后，到 %[1]s 的新连接成功建立 #%[3]d：主机是活的。", c.Server, lang.Duration(o.First-at), n(o, h.SYNACKs[0]))
			break
		}
	}
	if len(lost) > 0 {
		hints += len(lost)
		f.say(lost, "%s of the same host ended the same way within a minute (%s).", "一分钟之内，同一主机另有 %s以同样的方式结束（%s）。", lang.Count(len(lost), "other connection", "other connections", "个连接"), refs(lost))
	}
	return hints
}

func (x *Context) causesLost(f *Finding, c *conversation.Conversation, dead conversation.Side, hints int) {
	who := sideName(dead)
	cause := Possible
	if hints > 0 {
		cause, f.Cause = Likely, Likely
	}
	f.may(cause, lang.T("The %s's host restarted, or its process's connections were lost (crash, power, snapshot, network namespace removed)", "%s主机重启，或其连接被丢失（崩溃、断电、快照恢复、网络命名空间被删除）", who),
		lang.T("Uptime and logs of %s.", "%s 的启动时间与日志。", c.Addr(dead).Addr()))
	f.may(Possible, lang.Text{EN: "A device on the way lost its state and answers in that address, or passes the segment to another host", ZH: "中间设备丢失状态，以该地址作答，或把包转给了另一台主机"},
		lang.T("TTL and IP ID of the RST against earlier packets of %s; a capture there.", "将 RST 的 TTL、IP ID 与 %s 此前的包比较；并在那里抓包。", c.Addr(dead).Addr()))
	f.may(Possible, lang.Text{EN: "A NAT or balancer mapping changed in mid-connection", ZH: "NAT 或负载均衡的映射在连接中途改变"}, lang.Text{EN: "A capture behind the translator: does the stream arrive from another port?", ZH: "在转换设备之后抓包：同一条流是否从另一个端口到达。"})
	f.confirm(lang.Text{EN: "On the host that lost it:", ZH: "在丢失连接的主机上："}, "uptime -s; nstat -az TcpOutRsts TcpEstabResets")
	f.confirm(lang.Text{EN: "On the other host: dead connections still held.", ZH: "在另一端主机上：仍持有的失效连接："}, lang.T("ss -tno dst %s", "", c.Addr(dead).Addr()).EN)
}

// tellRestarted tells the client that connects again on a tuple whose old
// connection the server still has.
func (x *Context) tellRestarted(c *conversation.Conversation, odd []conversation.OddAnswer) *Finding {
	r, _ := c.Reuse()
	severity, cost := oddSeverity(c)
	f := x.finding(severity, Certain, Likely, r.Earlier, c)
	f.at = c.First
	f.Summary = lang.T("%s connects to %s again on a connection that the server still has open: its SYN is met with the old connection's ACK.", "%s 再次连接 %s，而服务器仍持有未关闭的旧连接：SYN 得到的是旧连接的 ACK。", c.Client, c.Server)
	f.sayReuse(c, r)
	sayOdd(f, c, odd, true)
	sayOddEnd(f, c, odd)
	f.may(Likely, lang.T("The client restarted, or its program died with its host, and uses the fixed port %d again", "客户端重启，或程序随主机一起终止，随后又使用了固定端口 %d", c.Client.Port()),
		lang.T("Uptime of %s; whether the program binds its source port.", "%s 的启动时间；程序是否绑定了源端口。", c.Client.Addr()))
	f.may(Possible, lang.Text{EN: "A translator gave the tuple of an open connection to another client", ZH: "地址转换设备把仍打开的连接的四元组分给了另一个客户端"},
		lang.Text{EN: "TTL and timestamps of the two SYNs; the translator's table.", ZH: "两个 SYN 的 TTL 与时间戳；转换设备的连接表。"})
	f.excludes(lang.Text{EN: "TIME_WAIT of a closed connection", ZH: "已关闭连接的 TIME_WAIT"}, lang.Text{EN: "The old connection was not closed in this capture.", ZH: "抓包中旧连接并未关闭。"})
	f.confirm(lang.Text{EN: "On the server: states and counters.", ZH: "在服务器上查看状态与计数："}, lang.T("ss -tan 'dport = :%d'; nstat -az TcpExtTCPChallengeACK TcpExtTCPSYNChallenge", "", c.Client.Port()).EN)
	drawOdd(f, c, odd)
	f.waited(cost)
	return f.grouped("syn"+c.Client.Addr().String()+c.Server.String(), portLabel(c.Client))
}
