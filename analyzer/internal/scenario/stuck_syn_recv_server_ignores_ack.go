package scenario

import (
	"net/netip"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/packet"
)

// The client acknowledges the SYN-ACK and is connected; the server goes on
// repeating the SYN-ACK as if no acknowledgement had come, forgets the half-open
// connection in silence, and answers the first late request with a reset.

const (
	// stuckRepeats is how many repetitions after an acknowledgement make a ladder:
	// a single one also follows from one lost ACK.
	stuckRepeats = 2
	// stuckAlone: a single repetition is one too when the client's data was sent
	// at least this often beside it and none of it was taken.
	stuckAlone = 3
	// nearLeg is the longest time in ns in which only a neighbour answers.
	nearLeg = 300 * lang.Microsecond
)

var stuckSynRecvServerIgnoresAck = Scenario{
	ID:    "stuck-syn-recv-server-ignores-ack",
	Title: lang.Text{EN: "The server keeps repeating its SYN-ACK although every one was acknowledged", ZH: "每个 SYN-ACK 都已被确认，服务器却一再重传"},
	Summary: lang.Text{
		EN: "The client is connected, the server is stuck in SYN_RECV: it repeats its SYN-ACK, then forgets the half-open connection without a word.",
		ZH: "客户端认为连接已建立，服务器却停在 SYN_RECV：不断重传 SYN-ACK，最后不声不响地丢弃这个半开连接。",
	},
	Meaning: lang.Text{
		EN: "The server's stack did not accept the ACK that completes the handshake. A packet seen on a host has not yet passed its firewall, its checksum test or its queues, so the ACK can be in the capture and still never take effect. When the repetitions run out Linux drops the half-open entry and sends nothing; a client that speaks later meets no connection and gets a reset.",
		ZH: "服务器的协议栈没有接受完成握手的 ACK。抓包点在防火墙、校验和检查和各个队列之前，所以抓得到 ACK 不等于它已生效。重传次数用完后，Linux 直接删除半开连接，不发任何包；此后客户端再发数据，就只会得到一个 RST。",
	},
	Recognised: []lang.Text{
		{EN: "SYN, SYN-ACK, ACK: the handshake is complete on the wire.", ZH: "SYN、SYN-ACK、ACK：从抓到的包看，握手已经完成。"},
		{EN: "The same SYN-ACK again after 1, 2, 4 … s (3, 6, 12 … s on old systems), each acknowledged again.", ZH: "同一个 SYN-ACK 在 1、2、4……秒后（旧系统为 3、6、12……秒）反复出现，每次都再次被确认。"},
		{EN: "Then nothing, until the client's first data draws a bare RST.", ZH: "随后一片安静，直到客户端发出第一份数据，换来一个不带 ACK 的 RST。"},
	},
	Confused: []Confusion{
		{ID: "synack-unacknowledged", Text: lang.Text{EN: "there no ACK follows the SYN-ACKs at the capture point", ZH: "那里在抓包点看不到对 SYN-ACK 的 ACK"}},
		{ID: "accept-queue-overflow", Text: lang.Text{EN: "one of the causes; a scenario of its own when several connections of one listener show it beside others that succeed", ZH: "它是原因之一；同一监听端口有多个连接如此、同时又有连接成功时，单列为一个场景"}},
		{ID: "idle-client-half-open-zombie", Text: lang.Text{EN: "the same ending without repeated SYN-ACKs in the capture", ZH: "结局相同，但抓包中没有重复的 SYN-ACK"}},
	},
	Fixes: []lang.Text{
		{EN: "Full accept queue: raise the backlog and net.core.somaxconn together, and make the application accept faster.", ZH: "全连接队列已满：同时调大 backlog 与 net.core.somaxconn，并让应用更快地 accept。"},
		{EN: "Filter on the host: let the ACK pass (INPUT rules, conntrack INVALID, rp_filter, security modules).", ZH: "主机上的过滤：放行该 ACK（INPUT 规则、conntrack INVALID、rp_filter、安全模块）。"},
		{EN: "TCP_DEFER_ACCEPT: drop the option (Apache AcceptFilter, nginx deferred, HAProxy defer-accept), or do not open connections before there is something to send.", ZH: "TCP_DEFER_ACCEPT：去掉该选项（Apache AcceptFilter、nginx deferred、HAProxy defer-accept），或者不要在没有数据可发时预先建连。"},
		{EN: "Device on the path: repair what changes checksums or timestamps, and route both directions through the same stateful devices.", ZH: "路径上的设备：修复改坏校验和或时间戳的设备，并让往返两个方向经过同一组有状态设备。"},
	},
	References: []Reference{
		{Title: "TCP连接卡在SYN_RECV状态:服务端忽略Ack数据包,并且重新传输 Syn Ack数据包"},
		{Title: "Bug 134274 (TCP_DEFER_ACCEPT)", Author: "Ubuntu, package apache2", URL: "https://bugs.launchpad.net/ubuntu/+source/apache2/+bug/134274"},
		{Title: "The Curious Case of the Crooked TCP Handshake", Author: "Geoff Huston", Date: "2011-12-13", URL: "https://labs.apnic.net/index.php/2011/12/13/curious-case-of-the-crooked-tcp-handshake/"},
		{Title: "Linux commit 6d01a026b7d3 (TCP_DEFER_ACCEPT)", Author: "Willy Tarreau", URL: "https://git.zx2c4.com/linux-dev/commit/scripts/kernel-doc?id=6d01a026b7d3009a418326bdcf313503a314f1ea"},
	},
	Symptom: SymptomHalfOpen,
	Over:    []string{"idle-client-half-open-zombie", "rto-death", "path-outage", "tail-loss-rto", "half-open-after-crash", "idle-timeout-rst", "spurious-retransmission", "packet-loss"},
	Detect:  detectStuckSynRecv,
}

// Reported when all of these hold: a client acknowledged a SYN-ACK; the server
// repeated that SYN-ACK on its own timer afterwards, at least twice, or once
// beside client data that it took none of. As info: one repetition, after which
// all went well or the capture ended. Not reported when the client's repeated
// SYN draws the repetitions, when they left before the ACK could arrive, or
// after a reset of the client.
func detectStuckSynRecv(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		l := c.SYNACKLadder()
		form := stuckForm(c, l)
		if form == notStuck {
			continue
		}
		s := stuck{x: x, c: c, l: l, port: x.listenerOf(c.Server), place: x.Vantage(c).Place}
		if form == stuckLadder {
			out = append(out, *s.ladder())
		} else {
			out = append(out, *s.single(form))
		}
	}
	return out
}

// The forms of the scenario.
const (
	notStuck      = iota
	stuckLadder   // several repetitions: trouble
	stuckDeferred // one, at the end of a deferral: as designed
	stuckOnce     // one, for whatever reason
)

func stuckForm(c *conversation.Conversation, l *conversation.SYNACKLadder) int {
	if l == nil || len(l.Ignored) == 0 || c.Client == c.Server || resetBefore(c, conversation.Client, l.Ignored[0]) {
		return notStuck
	}
	early := 0 // data sent before the first repetition
	for _, d := range l.Data {
		if d < l.Ignored[0] {
			early++
		}
	}
	switch {
	case len(l.Ignored) >= stuckRepeats, len(l.Data) >= stuckAlone && early > 0 && l.Accepted < 0:
		return stuckLadder
	case l.Deferred > 0 && early == 0:
		return stuckDeferred
	}
	return stuckOnce
}

// resetBefore reports whether a side sent a reset before a segment.
func resetBefore(c *conversation.Conversation, from conversation.Side, at int) bool {
	for _, r := range c.Resets() {
		if c.Segments[r.At].From == from && r.At < at {
			return true
		}
	}
	return false
}

// stuck is one conversation while its finding is told.
type stuck struct {
	x     *Context
	c     *conversation.Conversation
	l     *conversation.SYNACKLadder
	port  *listener
	place conversation.Place
}

func (s *stuck) atServer() bool {
	return s.place == conversation.PlaceServer || s.place == conversation.PlaceBoth
}

func (s *stuck) ladder() *Finding {
	c, l := s.c, s.l
	symptom := Likely
	if s.atServer() || s.place == conversation.PlaceMiddle {
		symptom = Certain
	}
	f := s.x.finding(Problem, symptom, Possible, c)
	if l.Accepted >= 0 && len(l.Data) <= 1 {
		f.Severity = Warning // nothing had to wait: the client had nothing to say yet
	}
	f.Summary = s.summary()
	s.tellOpening(f)
	s.tellRepeats(f)
	s.tellData(f)
	s.tellEnd(f)
	s.rank(f)
	s.rule(f)
	s.checks(f)
	s.draw(f)
	f.waited(c.Segments[l.At[len(l.At)-1]].Time - c.Segments[l.At[0]].Time)
	return f.grouped(c.Server.String(), portLabel(c.Client))
}

func (s *stuck) summary() lang.Text {
	c, n := s.c, lang.Times(len(s.l.Ignored))
	if s.atServer() {
		return lang.T("%s acknowledged the SYN-ACK of %s, and the ACK is in this capture; the server repeated the SYN-ACK %s all the same. To the client the connection is open, to the server it is not.",
			"%s 确认了 %s 的 SYN-ACK，这个 ACK 就在抓包里；服务器仍然重传了 %s SYN-ACK。客户端认为连接已建立，服务器却不这样认为。", c.Client, c.Server, n)
	}
	return lang.T("%s acknowledged the SYN-ACK of %s; the server repeated it %s all the same. From this capture point it cannot be seen whether the ACKs arrived.",
		"%s 确认了 %s 的 SYN-ACK，服务器仍然重传了 %s。从这个抓包点看不出这些 ACK 是否到达了服务器。", c.Client, c.Server, n)
}

func (s *stuck) tellOpening(f *Finding) {
	c, l, h := s.c, s.l, s.c.Handshake()
	at := append(append([]int{}, h.SYNs[:min(1, len(h.SYNs))]...), l.At[0], l.ACK)
	if len(h.SYNs) == 0 {
		f.say(numbers(c, at...), "SYN-ACK #%d, ACK #%d (the SYN stands before the capture): the client holds the connection for established.",
			"SYN-ACK #%d、ACK #%d（SYN 在抓包开始之前）：客户端认为连接已建立。", n(c, l.At[0]), n(c, l.ACK))
	} else {
		f.say(numbers(c, at...), "SYN #%d, SYN-ACK #%d, ACK #%d: on the wire the handshake is complete, and the client holds the connection for established.",
			"SYN #%d、SYN-ACK #%d、ACK #%d：从抓到的包看，握手已经完成，客户端认为连接已建立。", n(c, h.SYNs[0]), n(c, l.At[0]), n(c, l.ACK))
	}
	s.tellNear(f, h)
	f.shows(n(c, l.At[0]), "the SYN-ACK", "SYN-ACK")
	f.shows(n(c, l.ACK), "acknowledges it, with the right numbers", "确认它，序列号与确认号都正确")
}

// tellNear: an ACK that comes back within microseconds, at the server, comes
// from a neighbour, whatever its address says.
func (s *stuck) tellNear(f *Finding, h *conversation.Handshake) {
	if !s.atServer() || h.ClientLeg <= 0 || h.ClientLeg >= nearLeg || sameNet(s.c.Client.Addr(), s.c.Server.Addr()) {
		return
	}
	f.say(numbers(s.c, s.l.ACK), "That ACK came %s after the SYN-ACK: what answers as %s stands on the server's own network, a balancer or gateway for instance.",
		"这个 ACK 在 SYN-ACK 之后 %s 就到了：以 %s 应答的其实是服务器同一局域网内的设备，例如负载均衡器或网关。", lang.Duration(h.ClientLeg), s.c.Client.Addr())
}

// sameNet reports addresses that share their first 16 (IPv6: 48) bits.
func sameNet(a, b netip.Addr) bool {
	bits := 16
	if a.Is6() {
		bits = 48
	}
	p, err := a.Prefix(bits)
	return err == nil && p.Contains(b)
}

func (s *stuck) tellRepeats(f *Finding) {
	c, l := s.c, s.l
	repeats := numbers(c, l.Ignored...)
	var answers []int
	for _, a := range l.Answers {
		if a >= 0 {
			answers = append(answers, n(c, a))
		}
	}
	gaps := c.SeriesOf(l.At).Gaps
	f.say(repeats, "The server sent the same SYN-ACK again, %s (%s), waiting %s.", "服务器又把同一个 SYN-ACK 发了 %s（%s），间隔 %s。",
		lang.Times(len(repeats)), refs(repeats), waits(gaps))
	if len(answers) > 0 {
		f.say(answers, "The client acknowledged again each time (%s). It made no difference.", "客户端每次都重新确认（%s），没有任何作用。", refs(answers))
	}
	for _, p := range repeats {
		f.shows(p, "sent again although acknowledged", "已被确认，仍然重传")
	}
	for _, p := range answers {
		f.shows(p, "acknowledges it again", "再次确认")
	}
	if ticks, back := l.Backdated(c); back && len(l.Echoes) > 0 {
		f.say(numbers(c, append([]int{l.ACK}, l.Echoes...)...),
			"The ACK carries a timestamp %s ticks older than the SYN's, and the server answers it with a bare acknowledgement (#%d) instead of opening the connection.",
			"这个 ACK 的时间戳比 SYN 的还早 %s 个刻度，服务器没有建立连接，只回了一个纯 ACK（#%d）。", lang.Number(int64(ticks)), n(c, l.Echoes[0]))
		f.shows(n(c, l.Echoes[0]), "the server saw the ACK and did not accept it", "服务器看到了 ACK，但没有接受")
	}
}

// tellData tells what became of data the client sent in the meantime.
func (s *stuck) tellData(f *Finding) {
	c, l := s.c, s.l
	data := s.dataDuring()
	if len(data) == 0 {
		return
	}
	d := numbers(c, data...)
	bytes := lang.Bytes(int64(c.Segments[data[0]].Len))
	if len(d) > 1 {
		f.say(d, "Meanwhile the client sent %s of data #%d and had to repeat it (%s); none of it was acknowledged before the ladder ended.",
			"其间客户端发送了 %s 数据 #%d，又多次重传（%s），重传期间没有得到任何确认。", bytes, d[0], refs(d[1:]))
	} else if l.Accepted < 0 {
		f.say(d, "Meanwhile the client sent %s of data #%d. No acknowledgement of it is in the capture.", "其间客户端发送了 %s 数据 #%d，抓包中没有对它的确认。", bytes, d[0])
	}
	f.shows(d[0], "client data that is ignored as well", "客户端的数据同样被忽略")
}

// dataDuring are the client's data segments sent while the ladder ran.
func (s *stuck) dataDuring() []int { return s.l.Waiting(s.c) }

func (s *stuck) tellEnd(f *Finding) {
	c, l := s.c, s.l
	if l.Accepted >= 0 {
		a := &c.Segments[l.Accepted]
		f.say([]int{int(a.Number)}, "%s after the first SYN-ACK the server did take the connection: #%d goes on from it.", "第一个 SYN-ACK 之后 %s，服务器终于接受了连接：#%d 是其后的正常包。",
			lang.Duration(a.Time-c.Segments[l.At[0]].Time), a.Number)
		f.shows(int(a.Number), "the server has left SYN_RECV", "服务器已离开 SYN_RECV")
		return
	}
	last := &c.Segments[l.At[len(l.At)-1]]
	if s.x.End < l.NextDue {
		f.say([]int{int(last.Number)}, "The capture ends before the next repetition would be due, so how it ended is not known.", "抓包在下一次重传到期之前就结束了，结局不得而知。")
		return
	}
	f.say([]int{int(last.Number)}, "After #%d no further SYN-ACK came. By the timer the half-open entry expired at about %s, %s after it, in silence: Linux sends no packet for that.",
		"#%d 之后再没有 SYN-ACK。按定时器推算，半开连接大约在 %s（其后 %s）过期，悄无声息：Linux 不会为此发送任何包。",
		last.Number, clockTime(l.NextDue), lang.Duration(l.NextDue-last.Time))
	f.Drawing.Events = append(f.Drawing.Events, Event{Time: l.NextDue, Endpoint: c.Server, Approximate: true, Sentence: len(f.Story),
		Label:  lang.Text{EN: "half-open entry expires in silence", ZH: "半开连接静默过期"},
		Reason: lang.Text{EN: "computed from the timer: twice the last wait; nothing is sent", ZH: "由定时器推算：上一次等待的两倍；不发送任何包"}})
	s.tellLate(f, last)
}

// tellLate tells the reset that answers data sent after the expiry.
func (s *stuck) tellLate(f *Finding, last *conversation.Segment) {
	c := s.c
	r := c.FirstReset(conversation.Server)
	if r == nil || r.Form != conversation.ResetNobody || r.Trigger < 0 || c.Segments[r.At].Time < s.l.NextDue {
		return
	}
	d, z := &c.Segments[r.Trigger], &c.Segments[r.At]
	f.say([]int{int(d.Number), int(z.Number)},
		"%s after the last SYN-ACK the client sent %s (#%d) on what it took for an open connection. The server no longer knew it: %s later a bare RST carrying its address came back (#%d). The reset is the consequence, not the cause.",
		"最后一个 SYN-ACK 之后 %s，客户端在它以为仍然有效的连接上发送了 %s（#%d）。服务器早已没有这个连接：%s 后返回一个带有服务器地址、不带 ACK 的 RST（#%d）。这个复位是结果，不是原因。",
		lang.Duration(d.Time-last.Time), lang.Bytes(int64(d.Len)), d.Number, lang.Duration(z.Time-d.Time), z.Number)
	f.shows(int(d.Number), "first data, long after the server forgot", "服务器早已遗忘之后的第一份数据")
	f.shows(int(z.Number), "no such connection any more: the consequence", "连接已不存在：这是结果")
	f.Drawing.Gaps = append(f.Drawing.Gaps, GapHint{Packet: int(d.Number), Reason: lang.Text{EN: "the client has nothing to send; the server forgets", ZH: "客户端无数据可发；服务器在此期间遗忘"}})
}

func (s *stuck) draw(f *Finding) {
	c, l := s.c, s.l
	f.Drawing.Lanes = twoLanes(c)
	f.Drawing.Timers = timersOf(c, l.At)
	f.Drawing.States = s.x.serverStates(c, l)
	ignored := []int{l.ACK}
	for _, a := range l.Answers {
		if a >= 0 {
			ignored = append(ignored, a)
		}
	}
	if l.Accepted < 0 {
		ignored = append(ignored, s.dataDuring()...)
	}
	for _, i := range ignored {
		f.Drawing.Marks = append(f.Drawing.Marks, Mark{Packet: n(c, i), Ignored: true})
	}
	f.Drawing.Marks[0].ReceiverNote = lang.Text{EN: "valid, yet not accepted", ZH: "有效，却未被接受"}
	f.Drawing.Marks[0].SenderNote = lang.Text{EN: "connected, as the client sees it", ZH: "客户端认为已连接"}
}

// badChecksum reports whether the acknowledgement came with a wrong checksum
// while another segment of the client came with a right one.
func (s *stuck) badChecksum() bool {
	good := false
	for i := range s.c.Segments {
		g := &s.c.Segments[i]
		good = good || g.From == conversation.Client && g.Check == packet.ChecksumGood
	}
	return good && s.c.Segments[s.l.ACK].Check == packet.ChecksumBad
}

// rank lists the causes the packets leave, most likely first. Only a wrong
// checksum and a backdated timestamp show in packets; the rest are patterns
// that are compatible with a cause.
func (s *stuck) rank(f *Finding) {
	ticks, back := s.l.Backdated(s.c)
	switch {
	case s.badChecksum():
		s.mayChecksum(f)
	case back && len(s.l.Echoes) > 0:
		s.mayPAWS(f, ticks)
	case len(s.dataDuring()) > 0:
		s.rankIgnoredData(f)
	default:
		s.rankSilent(f)
	}
	f.Cause = f.Causes[0].Certainty
}

// deferOldMeaning says what the leading cause of a silent client's ladder is.
var deferOldMeaning = lang.Text{
	EN: "The listener probably has TCP_DEFER_ACCEPT set on a kernel before 2.6.32. Such a kernel drops a bare ACK and waits for data; a client that connects early and stays silent, such as a balancer's pool, never gets past it. When the repetitions run out the half-open entry is dropped and nothing is sent, so a late request meets no connection.",
	ZH: "监听套接字很可能设置了 TCP_DEFER_ACCEPT，且内核早于 2.6.32。这样的内核丢弃不带数据的 ACK，一直等待数据；提前建连却保持沉默的客户端（例如负载均衡器的连接池）永远过不了这一关。重传次数用完后，半开连接被直接丢弃，不发任何包，迟到的请求便找不到连接。",
}

// rankIgnoredData: data is ignored like the ACK, so nothing waits for data.
func (s *stuck) rankIgnoredData(f *Finding) {
	if len(s.port.served)+len(s.port.unanswered) > 0 {
		s.mayQueue(f, Likely)
		s.mayFilter(f, Possible)
	} else {
		s.mayFilter(f, Possible)
		s.mayQueue(f, Possible)
	}
	s.mayPath(f)
}

func (s *stuck) rankSilent(f *Finding) {
	deferred := s.l.Initial == 3*lang.Second || s.l.Accepted >= 0
	if deferred {
		certainty := Possible
		if s.silentOnly() {
			certainty = Likely
			f.Meaning = deferOldMeaning
		}
		s.mayDeferOld(f, certainty)
	}
	s.mayQueue(f, Possible)
	s.mayFilter(f, Possible)
	s.mayPath(f)
}

// silentOnly: nothing speaks against deferral: every stuck client was silent.
func (s *stuck) silentOnly() bool { return len(s.port.stuckSpeaking) == 0 }

func (s *stuck) mayChecksum(f *Finding) {
	f.may(Certain, lang.Text{EN: "The client's ACK arrives with a wrong TCP checksum, so the server's stack throws it away: a device or network card on the way spoils it", ZH: "客户端的 ACK 到达时 TCP 校验和错误，被服务器协议栈丢弃：路径上的设备或网卡改坏了它"},
		lang.T("The checksum of #%d is wrong and not one left to the network card, while the SYN's is right; on the server TcpInCsumErrors rises.", "#%d 的校验和错误，且不是留给网卡计算的那种，而 SYN 的校验和正确；服务器上 TcpInCsumErrors 会增长。", n(s.c, s.l.ACK)))
	s.mayFilter(f, Possible)
}

func (s *stuck) mayPAWS(f *Finding, ticks int32) {
	f.may(Certain, lang.Text{EN: "Something on the way sets the client's timestamps back, and the server rejects the ACK as old (PAWS)", ZH: "路径上有设备把客户端的时间戳改小，服务器据 PAWS 判定 ACK 过旧而拒绝"},
		lang.T("The TSval of #%d lies %s behind that of the SYN, and the server answers with an ACK instead of accepting; on the server TcpExtPAWSEstab rises.", "#%d 的 TSval 比 SYN 落后 %s，服务器以 ACK 作答而不是接受；服务器上 TcpExtPAWSEstab 会增长。", n(s.c, s.l.ACK), lang.Number(int64(ticks))))
}

func (s *stuck) mayQueue(f *Finding, certainty string) {
	f.may(certainty, lang.Text{EN: "The accept queue of the listener is full (the application accepts too slowly, or the backlog is small), with tcp_abort_on_overflow off", ZH: "监听套接字的全连接队列已满（应用 accept 太慢或 backlog 太小），且 tcp_abort_on_overflow 为 0"},
		lang.T("On the server, ss -ltn: Recv-Q above Send-Q on port %d, with ListenOverflows rising.", "在服务器上执行 ss -ltn：端口 %d 的 Recv-Q 大于 Send-Q，且 ListenOverflows 增长。", s.c.Server.Port()))
}

func (s *stuck) mayFilter(f *Finding, certainty string) {
	f.may(certainty, lang.Text{EN: "A filter behind the capture point drops the ACK: nftables or iptables INPUT, conntrack INVALID, rp_filter, a security module, IPsec policy or eBPF", ZH: "抓包点之后的过滤丢弃了 ACK：nftables 或 iptables 的 INPUT 链、conntrack INVALID、rp_filter、安全模块、IPsec 策略或 eBPF"},
		lang.Text{EN: "The rule's counter, IPReversePathFilter and conntrack -S (invalid) rise with every repetition; it concerns every connection the rule matches, from its first packet on.", ZH: "规则计数器、IPReversePathFilter 与 conntrack -S（invalid）随每次重传增长；凡匹配该规则的连接从第一个包起都受影响。"})
}

func (s *stuck) mayDeferOld(f *Finding, certainty string) {
	if s.l.Initial == 3*lang.Second {
		f.say(numbers(s.c, s.l.At[:2]...), "The first wait was 3 s, the initial timer of older stacks (Linux up to 3.0), and the client sent no data while the ladder ran: this is what a deferring listener of that age does to silent clients (likely).",
			"首次等待为 3 秒，是较旧协议栈（Linux 3.0 及更早）的初始定时器；重传期间客户端没有发送数据：那个年代启用延迟接受的监听方正是这样对待沉默的客户端（很可能）。")
	}
	f.may(certainty, lang.Text{EN: "TCP_DEFER_ACCEPT on a kernel before 2.6.32: the listener waits for data and throws every bare ACK away; a client that opens early and stays silent never leaves SYN_RECV", ZH: "2.6.32 之前内核上的 TCP_DEFER_ACCEPT：监听方等待数据，丢弃每个不带数据的 ACK；提前建连又不说话的客户端永远走不出 SYN_RECV"},
		lang.T("The listener's options (Apache AcceptFilter, nginx deferred, HAProxy defer-accept); a client that sends data right after the handshake to port %d is served at once.", "查看监听方的选项（Apache AcceptFilter、nginx deferred、HAProxy defer-accept）；握手后立即向端口 %d 发送数据的客户端会马上得到服务。", s.c.Server.Port()))
}

func (s *stuck) mayPath(f *Finding) {
	if s.atServer() {
		return
	}
	f.may(Possible, lang.Text{EN: "The ACKs are lost on the way, or dropped by a firewall or balancer that saw only one direction", ZH: "ACK 在途中丢失，或被只见过一个方向的防火墙、负载均衡器丢弃"},
		lang.T("A capture on the server at the same time: is #%d there?", "同时在服务器上抓包：能否看到 #%d？", n(s.c, s.l.ACK)))
}

// rule tells what the packets exclude.
func (s *stuck) rule(f *Finding) {
	f.excludes(lang.Text{EN: "SYN cookies", ZH: "SYN Cookie"}, lang.Text{EN: "A server that uses them keeps no half-open entry and never repeats a SYN-ACK.", ZH: "使用 SYN Cookie 的服务器不保留半开连接，绝不会重传 SYN-ACK。"})
	if s.atServer() {
		f.excludes(lang.Text{EN: "The ACK is lost on the way", ZH: "ACK 在途中丢失"}, lang.T("It is in this capture (#%d), which was taken at the server%s.", "它就在抓包中（#%d），而抓包位于服务器一侧%s。", n(s.c, s.l.ACK), s.howKnown()))
	}
	if r := s.c.FirstReset(conversation.Server); r != nil && s.l.Accepted < 0 && s.c.Segments[r.At].Time > s.l.NextDue {
		f.excludes(lang.Text{EN: "A RST because the repetitions ran out", ZH: "因重传次数用尽而发出 RST"},
			lang.T("#%d came %s after the last repetition, and only in answer to data. No packet marks the expiry.", "#%d 在最后一次重传 %s 之后才出现，而且只是对数据的回应。过期本身没有任何包。", n(s.c, r.At), lang.Duration(s.c.Segments[r.At].Time-s.c.Segments[s.l.At[len(s.l.At)-1]].Time)))
	}
	f.excludes(lang.Text{EN: "Repeated SYNs that draw the SYN-ACKs", ZH: "由重传的 SYN 引出这些 SYN-ACK"},
		lang.T("No SYN of the client stands before %s.", "%s 之前没有客户端的 SYN。", refs(numbers(s.c, s.l.Ignored...))))
	if s.atServer() {
		s.ruleRefusals(f)
	}
	if s.l.Initial == lang.Second && len(s.l.Ignored) >= 2 {
		f.excludes(lang.Text{EN: "TCP_DEFER_ACCEPT on a kernel since 2.6.32", ZH: "2.6.32 及以后内核上的 TCP_DEFER_ACCEPT"},
			lang.Text{EN: "It stays quiet after an ACK and repeats the SYN-ACK only once, when its period ends; here it came at every step.", ZH: "它收到 ACK 后保持安静，只在期限结束时重传一次 SYN-ACK；而这里每一步都在重传。"})
	}
}

// howKnown says what shows that the capture was taken at the server.
func (s *stuck) howKnown() lang.Text {
	v := s.x.Vantage(s.c)
	switch v.Reason {
	case conversation.VantagePadding:
		return lang.T(": #%d is shorter than Ethernet's minimum, not yet padded", "：#%d 短于以太网最小帧长，尚未填充", v.Packet)
	case conversation.VantageLegs:
		return lang.T(": the SYN-ACK followed the SYN within %s", "：SYN-ACK 在 SYN 之后 %s 即发出", lang.Duration(s.c.Handshake().ServerLeg))
	case conversation.VantageDirection:
		return lang.Text{EN: ": the capture states each packet's direction", ZH: "：抓包注明了每个包的方向"}
	}
	return lang.Text{}
}

func (s *stuck) ruleRefusals(f *Finding) {
	f.excludes(lang.Text{EN: "A wrong acknowledgement number, or tcp_abort_on_overflow", ZH: "确认号错误，或开启了 tcp_abort_on_overflow"},
		lang.T("Either would draw a RST at once; #%d drew none.", "两者都会立即引出 RST；#%d 没有。", n(s.c, s.l.ACK)))
}

func (s *stuck) checks(f *Finding) {
	port := s.c.Server.Port()
	f.confirm(lang.Text{EN: "On the server: connections held half-open, and the listener's queue.", ZH: "在服务器上：半开连接，以及监听队列。"},
		lang.T("ss -tn state syn-recv 'sport = :%d'; ss -ltn 'sport = :%d'", "", port, port).EN)
	f.confirm(lang.Text{EN: "Who asks for deferred accept:", ZH: "哪个程序启用了延迟接受："}, "grep -rniE 'AcceptFilter|deferred|defer-accept' /etc/apache2 /etc/httpd /etc/nginx /etc/haproxy")
	f.confirm(lang.Text{EN: "Which counter rises while it happens:", ZH: "现象发生时哪个计数器在增长："},
		"nstat -az | egrep 'ListenOverflows|ListenDrops|TCPDeferAcceptDrop|TCPReqQFull|PAWSEstab|TCPACKSkippedSynRecv|InCsumErrors|IPReversePathFilter'")
	f.confirm(lang.Text{EN: "Rules that could drop it:", ZH: "可能丢弃它的规则："}, "nft list ruleset; conntrack -S")
	if !s.atServer() {
		f.confirm(lang.Text{EN: "Whether the ACKs reach the server:", ZH: "ACK 是否到达服务器："}, tcpdump(filterHost(s.c)))
	}
}

// single tells the form with one repetition: nothing to mend.
func (s *stuck) single(form int) *Finding {
	c, l := s.c, s.l
	f := s.x.finding(Info, Likely, Possible, c)
	again := &c.Segments[l.Ignored[0]]
	wait := lang.Duration(again.Time - c.Segments[l.At[0]].Time)
	f.Title = lang.T("One SYN-ACK was repeated %s after the first, although it had been acknowledged", "SYN-ACK 已被确认，%s 后仍重传了一次", wait)
	f.Summary = lang.T("%s acknowledged the SYN-ACK, and the server repeated it once. %s", "%s 确认了 SYN-ACK，服务器重传了一次。%s", c.Client, s.ending())
	f.Fixes = nil
	s.tellOpening(f)
	f.say([]int{int(again.Number)}, "%s after the first the server sent the same SYN-ACK once more (#%d).", "第一个之后 %s，服务器把同一个 SYN-ACK 又发了一次（#%d）。", wait, again.Number)
	f.shows(int(again.Number), "sent again, once", "重传一次")
	if l.Accepted >= 0 {
		f.say(numbers(c, l.Accepted), "Then the connection went on as usual (#%d).", "此后连接正常进行（#%d）。", n(c, l.Accepted))
	}
	s.singleCauses(f, form)
	f.Cause = f.Causes[0].Certainty
	f.Drawing.Lanes, f.Drawing.Timers = twoLanes(c), timersOf(c, l.At)
	return f.grouped("once"+c.Server.String(), portLabel(c.Client))
}

func (s *stuck) ending() lang.Text {
	if s.l.Accepted >= 0 {
		return lang.Text{EN: "The connection works.", ZH: "连接工作正常。"}
	}
	return lang.Text{EN: "The capture ends before the connection is used.", ZH: "抓包结束时连接尚未使用。"}
}

func (s *stuck) singleCauses(f *Finding, form int) {
	certainty := Possible
	if form == stuckDeferred {
		certainty = Likely
	}
	deferred := func() {
		f.may(certainty, lang.Text{EN: "TCP_DEFER_ACCEPT: the listener waits for the client's first data, and asks once more when its period ends", ZH: "TCP_DEFER_ACCEPT：监听方等待客户端的第一份数据，期限结束时再询问一次"},
			lang.Text{EN: "The listener's options (Apache AcceptFilter, nginx deferred, HAProxy defer-accept); only clients that stay silent show it.", ZH: "查看监听方的选项（Apache AcceptFilter、nginx deferred、HAProxy defer-accept）；只有保持沉默的客户端才会如此。"})
	}
	if form == stuckDeferred {
		f.Meaning = lang.Text{EN: "This is how TCP_DEFER_ACCEPT works since Linux 2.6.32: the bare ACK is noted, the server stays quiet until the period is over, then sends one SYN-ACK, and the answer to it opens the connection.",
			ZH: "这正是 Linux 2.6.32 以后 TCP_DEFER_ACCEPT 的工作方式：记下不带数据的 ACK，安静等待，期限结束时发一个 SYN-ACK，对它的回应便建立连接。"}
		deferred()
	}
	f.may(Possible, lang.Text{EN: "The first ACK was lost behind the capture point", ZH: "第一个 ACK 在抓包点之后丢失"},
		lang.T("A capture on the server: is #%d there?", "在服务器上抓包：能否看到 #%d？", n(s.c, s.l.ACK)))
	if form == stuckOnce {
		f.Meaning = lang.Text{EN: "A lost ACK does this, and the repetition repairs it. Only when it happens again and again is there something to look for.",
			ZH: "丢失一个 ACK 就会这样，重传便补救了。只有反复发生时才值得追查。"}
		deferred()
	}
}
