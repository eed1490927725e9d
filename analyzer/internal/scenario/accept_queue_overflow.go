package scenario

import (
	"net/netip"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// A listener whose accept queue is full takes no more connections: it ignores
// the ACK that completes a handshake, or answers it with a reset.

const (
	// overflowBurst is how close together in ns connections are hit.
	overflowBurst = 5 * lang.Second
	// overflowBeside is how close in ns a connection that succeeds must have been
	// opened to show that the listener itself works.
	overflowBeside = 30 * lang.Second
	// overflowFew is how many connections make a burst.
	overflowFew = 2
	// abortSlack is added to two round trips as the time in which the reset of a
	// full queue follows the ACK, in ns.
	abortSlack = 50 * lang.Millisecond
)

var acceptQueueOverflow = Scenario{
	ID:    "accept-queue-overflow",
	Title: lang.Text{EN: "The listener's accept queue is full", ZH: "监听套接字的全连接队列已满"},
	Summary: lang.Text{
		EN: "Several connections to one port hang or are reset as they open, while others to the same port succeed.",
		ZH: "到同一端口的若干连接在建立时挂起或被复位，而另一些连接成功。",
	},
	Meaning: lang.Text{
		EN: "The kernel finishes handshakes and queues the connections until the application accepts them. When the queue is full, Linux ignores the final ACK (the client's data too) and repeats the SYN-ACK, or with tcp_abort_on_overflow=1 answers it with a RST; new SYNs stay unanswered meanwhile.",
		ZH: "内核完成握手后把连接放入队列，等待应用 accept。队列满时，Linux 会忽略最后的 ACK（以及客户端的数据）并重传 SYN-ACK；若 tcp_abort_on_overflow=1，则以 RST 作答；其间新的 SYN 得不到应答。",
	},
	Recognised: []lang.Text{
		{EN: "Two or more connections of one listener within seconds: SYN-ACK repeated although acknowledged, client data repeated and ignored.", ZH: "几秒内同一监听端口有两个以上连接：SYN-ACK 已被确认仍重传，客户端数据被忽略而反复重传。"},
		{EN: "Or a bare RST in answer to the ACK that completes the handshake.", ZH: "或者，完成握手的 ACK 换来一个不带 ACK 的 RST。"},
		{EN: "Others of the same listener succeed.", ZH: "同一监听端口的其他连接成功。"},
	},
	Confused: []Confusion{
		{ID: "stuck-syn-recv-server-ignores-ack", Text: lang.Text{EN: "one connection alone, or every one of the port: other causes are as likely", ZH: "只有一个连接，或该端口全部连接如此：其他原因同样可能"}},
		{ID: "idle-client-half-open-zombie", Text: lang.Text{EN: "there the reset answers data, long after the handshake", ZH: "那里复位回应的是握手很久之后的数据"}},
		{ID: "linger0-abort", Text: lang.Text{EN: "there the application accepts and aborts: its reset has an ACK flag and its own numbers", ZH: "那里应用已接受连接再主动中止：复位带 ACK 标志和自身序列号"}},
	},
	Fixes: []lang.Text{
		{EN: "Make the application accept faster: more workers, no slow work in the accepting thread.", ZH: "让应用更快地 accept：增加工作线程，不在接收线程里做慢操作。"},
		{EN: "Raise the listen backlog and net.core.somaxconn together; the smaller one counts.", ZH: "同时调大 listen 的 backlog 与 net.core.somaxconn，以较小者为准。"},
		{EN: "Spread bursts of reconnecting clients (jitter, pools).", ZH: "分散客户端集中重连（随机退避、连接池）。"},
	},
	References: []Reference{
		{Title: "SYN packet handling in the wild", Author: "Marek Majkowski, Cloudflare", Date: "2018-01-15", URL: "https://blog.cloudflare.com/syn-packet-handling-in-the-wild/"},
		{Title: "TCP traces: Linux backlog exceeded", Author: "Noah Davids", URL: "http://noahdavids.org/traces/linux_backlog_exceeded.html"},
	},
	Symptom: SymptomHalfOpen,
	Over:    []string{"stuck-syn-recv-server-ignores-ack", "idle-client-half-open-zombie", "syn-no-answer", "syn-dropped-by-host", "synack-unacknowledged", "half-open-after-crash", "rto-death", "path-outage", "tail-loss-rto", "packet-loss", "who-is-slow", "client-gave-up"},
	Detect:  detectAcceptQueueOverflow,
}

// Reported when, of the connections to one listener, either two or more within
// overflowBurst repeat the SYN-ACK though acknowledged, beside one that is taken
// up, and data is ignored too (or the one taken up was served before it spoke);
// or the ACK of a handshake draws a RST without ACK. Not reported when every
// connection of the listener is stuck, or only silent ones are (a deferring
// listener).
func detectAcceptQueueOverflow(x *Context) []Finding {
	var out []Finding
	done := map[netip.AddrPort]bool{}
	for _, c := range x.Conversations {
		if done[c.Server] || !ignored(c) && abortedACK(c) == nil {
			continue
		}
		done[c.Server] = true
		out = append(out, x.overflow(c.Server)...)
	}
	return out
}

// overflowing is what a listener did to its connections.
type overflowing struct {
	ignored, reset, fine []*conversation.Conversation
}

// overflow tells each connection that a listener's full queue hit.
func (x *Context) overflow(server netip.AddrPort) (out []Finding) {
	var o overflowing
	for _, c := range x.ToServer(server) {
		switch {
		case ignored(c):
			o.ignored = append(o.ignored, c)
		case abortedACK(c) != nil:
			o.reset = append(o.reset, c)
		case takenUp(c):
			o.fine = append(o.fine, c)
		}
	}
	for _, c := range o.reset {
		out = append(out, *x.tellAborted(&o, c))
	}
	if len(o.reset) == 0 && len(o.ignored) >= overflowFew && len(o.fine) > 0 && o.burst() && o.notDeferred() {
		for _, c := range o.ignored {
			out = append(out, *x.tellOverflow(&o, c))
		}
	}
	return out
}

// ignored: the SYN-ACK is repeated although acknowledged, several times or with
// data that waits.
func ignored(c *conversation.Conversation) bool {
	l := c.SYNACKLadder()
	if l == nil || len(l.Ignored) == 0 {
		return false
	}
	d := l.Waiting(c)
	return len(l.Ignored) >= stuckRepeats || len(d) > 1 && c.Segments[d[1]].Seq == c.Segments[d[0]].Seq
}

// takenUp: the server went on after the handshake without repeating anything.
func takenUp(c *conversation.Conversation) bool {
	l := c.SYNACKLadder()
	return l != nil && l.ACK >= 0 && l.Accepted >= 0 && len(l.Ignored) == 0
}

// abortedACK is the reset that answers the ACK of a handshake, before any data;
// nil for none.
func abortedACK(c *conversation.Conversation) *conversation.Reset {
	h, r := c.Handshake(), c.FirstReset(conversation.Server)
	if r == nil || r.Form != conversation.ResetNobody || h.ACK < 0 || len(h.SYNs) == 0 || r.Trigger != h.ACK || c.Segments[h.ACK].Len > 0 {
		return nil
	}
	if l := c.SYNACKLadder(); l.ACK < 0 || r.Delay > 2*h.RTT()+abortSlack || len(l.Ignored) > 0 || l.Accepted >= 0 && l.Accepted < r.At {
		return nil
	}
	return r
}

func (o *overflowing) burst() bool {
	for _, c := range o.ignored {
		if len(during(o.ignored, c, overflowBurst)) >= overflowFew-1 && len(during(o.fine, c, overflowBeside)) > 0 {
			return true
		}
	}
	return false
}

// notDeferred: a listener that waits for data ignores silent clients only, and
// serves none before it has spoken.
func (o *overflowing) notDeferred() bool {
	for _, c := range o.ignored {
		if len(c.SYNACKLadder().Waiting(c)) > 1 {
			return true
		}
	}
	for _, c := range o.fine {
		cl, sv := &c.Flows[conversation.Client], &c.Flows[conversation.Server]
		if sv.Data > 0 && (cl.Data == 0 || sv.FirstDataTime < cl.FirstDataTime) {
			return true
		}
	}
	return false
}

func (x *Context) tellOverflow(o *overflowing, c *conversation.Conversation) *Finding {
	l := c.SYNACKLadder()
	f := x.finding(Problem, Certain, Likely, c)
	f.Summary = lang.T("%s ignored the ACK that completes the handshake of %s, while other connections to the same port went on.", "%s 忽略了 %s 完成握手的 ACK，而同一端口的其他连接正常进行。", c.Server, c.Client)
	f.say(numbers(c, l.At[0], l.ACK), "%s completed its handshake (SYN-ACK #%d, ACK #%d).", "%s 完成了握手（SYN-ACK #%d、ACK #%d）。", c.Client, n(c, l.At[0]), n(c, l.ACK))
	f.shows(n(c, l.At[0]), "the SYN-ACK", "SYN-ACK")
	f.shows(n(c, l.ACK), "completes the handshake, ignored", "完成握手，却被忽略")
	repeats := numbers(c, l.Ignored...)
	f.say(repeats, "The server repeated the SYN-ACK all the same (%s).", "服务器仍重传了 SYN-ACK（%s）。", refs(repeats))
	f.shows(repeats[0], "repeated although acknowledged", "已被确认，仍然重传")
	if d := numbers(c, l.Waiting(c)...); len(d) > 1 {
		f.say(d, "Its data #%d was ignored as well and had to be repeated (%s).", "它的数据 #%d 同样被忽略，只得重传（%s）。", d[0], refs(d[1:]))
		f.shows(d[0], "data, ignored as well", "数据，同样被忽略")
	}
	o.tellEnd(f, c)
	o.tellFine(f)
	o.causes(f)
	f.Drawing.Lanes, f.Drawing.Timers, f.Drawing.States = twoLanes(c), timersOf(c, l.At), x.serverStates(c, l)
	f.Drawing.Marks = []Mark{{Packet: n(c, l.ACK), Ignored: true, ReceiverNote: lang.Text{EN: "queue full: not accepted", ZH: "队列已满：未被接受"}}}
	for _, i := range append(l.Waiting(c), l.Answers...) {
		if i >= 0 {
			f.Drawing.Marks = append(f.Drawing.Marks, Mark{Packet: n(c, i), Ignored: true})
		}
	}
	f.waited(c.Segments[l.At[len(l.At)-1]].Time - c.Segments[l.At[0]].Time)
	return f.grouped(c.Server.String(), portLabel(c.Client))
}

// tellEnd tells how the connection ended, and names another one like it.
func (o *overflowing) tellEnd(f *Finding, c *conversation.Conversation) {
	if a := c.SYNACKLadder().Accepted; a >= 0 {
		f.say(numbers(c, a), "%s after the first SYN-ACK the server took it at last (#%d): a place in the queue had become free.", "第一个 SYN-ACK 之后 %s，服务器终于接受了它（#%d）：队列腾出了位置。",
			lang.Duration(c.Segments[a].Time-c.Segments[c.SYNACKLadder().At[0]].Time), n(c, a))
	}
	if d := another(o.ignored, c); d != nil {
		k := d.SYNACKLadder().Ignored[0]
		f.say(numbers(d, k), "The same happened to %s that opened at the same time (#%d).", "同时建立的另外 %s遭遇相同（#%d）。", lang.Count(len(o.ignored)-1, "other connection", "other connections", "个连接"), n(d, k))
	}
}

func (o *overflowing) tellFine(f *Finding) {
	if len(o.fine) == 0 {
		return
	}
	d := o.fine[0]
	a := d.SYNACKLadder().Accepted
	f.say(numbers(d, a), "%s to the same port went on without trouble (#%d), so listener and path work.", "到同一端口的 %s正常进行（#%d），可见监听方与路径本身没有问题。", lang.Count(len(o.fine), "connection", "connections", "个连接"), n(d, a))
	f.shows(n(d, a), "another connection is taken up", "另一个连接被正常接受")
}

func (o *overflowing) causes(f *Finding) {
	port := f.portOf(o)
	f.may(f.Cause, lang.Text{EN: "The accept queue is full: the application accepts more slowly than clients connect, or the backlog is small", ZH: "全连接队列已满：应用 accept 的速度跟不上客户端建连，或 backlog 过小"},
		lang.T("On the server while it happens, ss -ltn: Recv-Q above Send-Q on port %d; ListenOverflows and ListenDrops rise.", "现象发生时在服务器上执行 ss -ltn：端口 %d 的 Recv-Q 大于 Send-Q；ListenOverflows 与 ListenDrops 增长。", port))
	f.may(Possible, lang.Text{EN: "A rule on the host that limits new connections (hashlimit, connlimit) drops the ACKs", ZH: "主机上限制新连接的规则（hashlimit、connlimit）丢弃了 ACK"},
		lang.Text{EN: "The rule's counter.", ZH: "该规则的计数器。"})
	f.confirm(lang.Text{EN: "The queue and its counters:", ZH: "队列与计数器："}, lang.T("ss -ltn 'sport = :%d'; nstat -az TcpExtListenOverflows TcpExtListenDrops; sysctl net.core.somaxconn net.ipv4.tcp_abort_on_overflow", "", port).EN)
}

func (f *Finding) portOf(o *overflowing) uint16 {
	if len(o.reset) > 0 {
		return o.reset[0].Server.Port()
	}
	return o.ignored[0].Server.Port()
}

// another is a conversation of the list that is not this one, nil for none.
func another(cs []*conversation.Conversation, c *conversation.Conversation) *conversation.Conversation {
	for _, d := range cs {
		if d != c {
			return d
		}
	}
	return nil
}

func (x *Context) tellAborted(o *overflowing, c *conversation.Conversation) *Finding {
	r := abortedACK(c)
	cause := Possible
	if len(o.reset) >= overflowFew || len(o.fine)+len(o.ignored) > 0 {
		cause = Likely
	}
	f := x.finding(Problem, Certain, cause, c)
	k, z := &c.Segments[r.Trigger], &c.Segments[r.At]
	f.Title = lang.Text{EN: "The ACK that completes the handshake is answered by a RST", ZH: "完成握手的 ACK 换来 RST"}
	if cause == Likely {
		f.Title = lang.Text{EN: "The ACK that completes the handshake is answered by a RST: the accept queue is full", ZH: "完成握手的 ACK 换来 RST：全连接队列已满"}
	}
	f.Summary = lang.T("The connection of %s to %s was reset the moment its handshake was complete.", "%s 到 %s 的连接在握手完成的瞬间被复位。", c.Client, c.Server)
	f.say(numbers(c, c.Handshake().SYNACKs[0], r.Trigger), "SYN-ACK #%d, ACK #%d: the handshake is complete.", "SYN-ACK #%d、ACK #%d：握手完成。", n(c, c.Handshake().SYNACKs[0]), k.Number)
	f.say(numbers(c, r.At), "%s later a bare RST carrying the server's address answered that ACK (#%d); its number is just what the ACK acknowledged. Nobody had sent data.",
		"%s 后，一个带有服务器地址、不带 ACK 的 RST 回应了这个 ACK（#%d），其序列号恰是该 ACK 的确认号。此前双方都没有发送数据。", lang.Duration(r.Delay), z.Number)
	f.shows(int(k.Number), "completes the handshake", "完成握手")
	f.shows(int(z.Number), "refuses it at that moment", "随即被拒绝")
	if d := another(o.reset, c); d != nil {
		f.say(numbers(d, abortedACK(d).At), "The same happened to %s (#%d).", "另外 %s遭遇相同（#%d）。", lang.Count(len(o.reset)-1, "more connection", "more connections", "个连接"), n(d, abortedACK(d).At))
	}
	o.tellFine(f)
	o.causes(f)
	f.excludes(lang.Text{EN: "The application closed the connection", ZH: "应用关闭了连接"}, lang.T("Its reset would have the ACK flag and its own numbers; #%d has neither.", "那样的复位会带 ACK 标志和自身序列号；#%d 都没有。", z.Number))
	f.Drawing.Lanes = twoLanes(c)
	f.Drawing.Marks = []Mark{{Packet: int(k.Number), Ignored: true, ReceiverNote: lang.Text{EN: "no place in the queue", ZH: "队列没有空位"}}}
	return f.grouped(c.Server.String(), portLabel(c.Client))
}
