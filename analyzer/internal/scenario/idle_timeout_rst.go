package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// nearRTT: below this leg the answer of a device cannot be told from the host's
// own by its speed, in ns.
const nearRTT = 2 * lang.Millisecond

var idleTimeoutRST = Scenario{
	ID:    "idle-timeout-rst",
	Title: lang.Text{EN: "After a silence the next data is answered by a reset", ZH: "静默之后，接下来的数据得到的是复位"},
	Summary: lang.Text{
		EN: "A connection that had been idle is unknown when it is used again: its data draws a reset.",
		ZH: "空闲过一段时间的连接再次使用时已无人认识：数据得到的是复位。",
	},
	Meaning: lang.Text{
		EN: "A firewall, NAT or balancer forgot the idle connection and answers its next packet with a reset in the server's name; or the server itself no longer has it (restart). Without the device's TTL or speed to go by, the packets of one connection cannot tell the two apart.",
		ZH: "防火墙、NAT 或负载均衡遗忘了空闲连接，并以服务器的名义用复位回应它的下一个包；也可能是服务器自己已没有该连接（重启过）。若 TTL 或应答速度没有差异，仅凭单个连接的包无法区分两者。",
	},
	Recognised: []lang.Text{
		{EN: "A silence of at least 4 s, longer than any the connection survived before.", ZH: "至少 4 秒的静默，且比此前撑过的都长。"},
		{EN: "Then data or a keepalive probe, answered by a bare RST whose sequence number is that packet's acknowledgement number. No FIN before.", ZH: "随后的数据或保活探测得到不带 ACK 的 RST，其序列号等于该包的确认号；此前没有 FIN。"},
		{EN: "A device betrays itself by another TTL, or by answering faster than the server can.", ZH: "若是设备所为，会因 TTL 不同或应答快于服务器可能的速度而露出痕迹。"},
	},
	Confused: []Confusion{
		{ID: "half-open-after-crash", Text: lang.Text{EN: "the host itself lost the connection: same TTL, and no idle limit that fits", ZH: "是主机自己丢失了连接：TTL 相同，也没有吻合的空闲时限"}},
		{ID: "keepalive-reuse-race", Text: lang.Text{EN: "there a FIN announces the close", ZH: "那里有 FIN 宣告关闭"}},
		{ID: "idle-timeout-silent", Text: lang.Text{EN: "there nothing answers at all", ZH: "那里毫无回应"}},
	},
	Fixes: []lang.Text{
		{EN: "Send keepalives more often than the limit, or raise the limit of the device.", ZH: "让保活间隔短于该时限，或放宽设备时限。"},
		{EN: "Drop pooled connections that were idle for longer, and repeat idempotent requests on a new connection.", ZH: "连接池丢弃空闲更久的连接；幂等请求在新连接上重试。"},
	},
	References: []Reference{
		{Title: "A firewall resets an idle connection (trace)", Author: "Noah Davids", URL: "http://noahdavids.org/traces/firewall_reset_trace.html"},
		{Title: "Load balancer gotchas", Author: "kupczynski.info", URL: "https://kupczynski.info/posts/load-balancer-gotchas"},
	},
	Symptom: SymptomReset,
	Over:    []string{"half-open-after-crash", "idle-client-half-open-zombie", "linger0-abort", "idle-cleanup-rst"},
	Detect:  detectIdleTimeoutRST,
}

// forgottenReset is a bare reset to the first packet after a silence.
type forgottenReset struct {
	c              *conversation.Conversation
	r              conversation.Reset
	first          int // the first packet after the silence
	last           int // the last packet before it
	idle, survived int64
	otherTTL, fast bool
}

// Reported when all of these hold: the first reset of an opened connection is
// bare and answers the first data or probe after a silence; the silence was at
// least 4 s and longer than any survived before; no FIN from the side whose
// address the reset carries; no repeated SYN-ACK. The silence alone must be 5
// times any before; a reset of another TTL, or one faster than the server's leg,
// needs only a longer silence than before.
func detectIdleTimeoutRST(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		if r := findForgotten(c); r != nil {
			out = append(out, *tellIdleTimeoutRST(x, r))
		}
	}
	return out
}

func findForgotten(c *conversation.Conversation) *forgottenReset {
	rs := c.Resets()
	if len(rs) == 0 || rs[0].Form != conversation.ResetNobody || len(c.Handshake().SYNACKs) > 1 {
		return nil
	}
	r := rs[0]
	from := c.Segments[r.At].From
	m := c.Before(r.At)
	if len(c.Handshake().SYNs) > 0 && !opened(c) || m.FIN[from] >= 0 || m.Latest[from] < 0 {
		return nil
	}
	first, last := afterSilence(c, r.Trigger)
	if last < 0 || c.Handshake().ACK >= first {
		return nil // the handshake's own ACK is missing: the server never had it open
	}
	f := &forgottenReset{c: c, r: r, first: first, last: last, idle: since(c, last, first), survived: c.LongestSilence(last + 1)}
	same, known := sameTTL(c, r.At)
	f.otherTTL = known && !same
	leg := c.Handshake().ServerLeg
	f.fast = from == server && leg >= nearRTT && r.Delay < leg/2
	if !idleLong(f.idle, f.survived) || !f.otherTTL && !f.fast && !idleUnlike(f.idle, f.survived) {
		return nil
	}
	return f
}

// afterSilence goes back from a segment over what its side sent in one burst to
// the silence before it: the first of the burst and the last before the silence,
// -1 when the other side spoke in between.
func afterSilence(c *conversation.Conversation, at int) (first, last int) {
	first = at
	for i := at - 1; i >= 0; i-- {
		s := &c.Segments[i]
		if s.IsCopy() {
			continue
		}
		if since(c, i, first) >= idleFloor {
			return first, i
		}
		if s.From != c.Segments[at].From {
			return first, -1
		}
		first = i
	}
	return first, -1
}

func (r *forgottenReset) cause() string {
	if r.otherTTL || r.fast || r.idle >= idleUsual {
		return Likely
	}
	return Possible
}

func tellIdleTimeoutRST(x *Context, r *forgottenReset) *Finding {
	c := r.c
	s := &c.Segments[r.r.At]
	who, other := sideName(s.From), sideName(s.From.Other())
	f := x.finding(Problem, Certain, r.cause(), c)
	f.Summary = lang.T("After %s of silence the next packet on %s – %s was answered by a reset: the connection had been forgotten.",
		"静默 %s 之后，%s 与 %s 之间的下一个包得到的是复位：连接已被遗忘。", lang.Duration(r.idle), c.Client, c.Server)
	f.say(numbers(c, r.last), "The connection was in order until #%d, with no FIN from the %s.", "直到 #%d 连接都正常，%s没有发出 FIN。", n(c, r.last), who)
	f.say(numbers(c, r.first), "After %s of silence the %s sent %s #%d; the longest silence survived before was %s.",
		"静默 %s 后，%s发送了%s #%d；此前撑过的最长静默是 %s。", lang.Duration(r.idle), other, probeOrData(c, r.first), n(c, r.first), lang.Duration(r.survived))
	f.say(numbers(c, r.r.At), "%s later a bare RST carrying the %s's address answered it #%d: its sequence number is that packet's acknowledgement number, so whoever sent it had no such connection.",
		"%s 后，一个带有%s地址、不带 ACK 的 RST 回应了它 #%d：序列号正是那个包的确认号，可见发出者并没有这个连接。", lang.Duration(r.r.Delay), who, s.Number)
	f.shows(n(c, r.first), "the first packet after the silence", "静默之后的第一个包")
	f.shows(int(s.Number), "answers it: unknown connection", "回应：没有这个连接")
	sayWhoReset(f, r)
	f.say(nil, "%s", "%s", bracket(r.idle, r.survived))
	f.may(r.cause(), lang.Text{EN: "A firewall, NAT or balancer on the way forgot the idle connection", ZH: "途中的防火墙、NAT 或负载均衡遗忘了空闲连接"}, lang.T("A capture at the %s: it neither gets #%d nor sends #%d.", "在%s一侧抓包：它既没有收到 #%d，也没有发出 #%d。", who, n(c, r.first), s.Number))
	f.may(Possible, lang.T("The %s's host no longer has the connection: it restarted or closed it unseen", "%s主机已没有该连接：重启过，或在别处关闭了它", who), lang.Text{EN: "The uptime of that host and of its program.", ZH: "该主机及其程序的运行时长。"})
	f.confirm(lang.Text{EN: "At the other end, while it happens:", ZH: "复现时在另一端抓包："}, tcpdump(filterHost(c)))
	f.confirm(lang.Text{EN: "Keepalive settings of the client:", ZH: "查看客户端的保活设置："}, "sysctl net.ipv4.tcp_keepalive_time")
	f.Drawing.Lanes = twoLanes(c)
	f.Drawing.Gaps = []GapHint{{Packet: n(c, r.first), Reason: lang.Text{EN: "idle; forgotten", ZH: "空闲，被遗忘"}}}
	return f.grouped("forgot"+c.Server.String(), portLabel(c.Client))
}

func probeOrData(c *conversation.Conversation, at int) lang.Text {
	if n := c.Segments[at].Len; n > 1 {
		return lang.T("%s", " %s", lang.Bytes(int64(n)))
	}
	return lang.Text{EN: "a keepalive probe", ZH: "保活探测"}
}

// sayWhoReset tells what the reset's TTL and speed say about its sender.
func sayWhoReset(f *Finding, r *forgottenReset) {
	c, s := r.c, &r.c.Segments[r.r.At]
	if r.otherTTL {
		f.say([]int{int(s.Number)}, "The RST has a TTL of %d, unlike the other packets with that address (%d): it comes from another place on the path.",
			"该 RST 的 TTL 为 %d，与同一地址的其他包（%d）不同：它出自路径上的另一处。", s.TTL, c.Flow(s.From).TTLs[0])
	}
	if r.fast {
		f.say([]int{int(s.Number)}, "It came after %s; the server's own answers need at least %s: it comes from nearer.", "它在 %s 后就到了，而服务器自己的应答至少需要 %s：它来自更近的地方。",
			lang.Duration(r.r.Delay), lang.Duration(c.Handshake().ServerLeg))
	}
}
