package scenario

import (
	"net/netip"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// The handshake succeeds, the first data is acknowledged, and without a byte in
// answer the connection is reset. A socket that is closed with unread data must
// send a reset (RFC 2525, section 2.17; Linux tcp_close, counter
// TCPAbortOnClose). A proxy that cannot reach its upstream does just that.

const (
	// unansweredWait is the longest time from the first data to the reset, in ns:
	// the connect timeouts of proxies end well before it.
	unansweredWait = 30 * lang.Second
	// unansweredCrowd is how many connections to one server must end like this,
	// and none be served, before a proxy is the likely cause.
	unansweredCrowd = 3
)

var dataAckedThenResetByProxy = Scenario{
	ID:    "data-acked-then-reset-by-proxy",
	Title: lang.Text{EN: "The request was acknowledged, then the connection was reset without an answer", ZH: "请求已被确认，连接却未得到应答就被复位"},
	Summary: lang.Text{
		EN: "The handshake succeeds and the first data is acknowledged, but instead of an answer comes a reset: typically a proxy or sidecar that accepted for a server it cannot reach.",
		ZH: "握手成功，首个数据也被确认，等来的却不是应答而是复位：典型情形是代理或 sidecar 替一个它连不上的服务器接受了连接。",
	},
	Meaning: lang.Text{
		EN: "A socket was open at that address and was closed while the request still lay unread in its kernel buffer; closing a socket with unread data sends a reset. The documented case is a sidecar proxy (Envoy in Istio) in front of a server that is down: the client's connection ends at the proxy, and only then does the proxy learn that its own connection to the server cannot be made. The acknowledgement of the data comes from a kernel and does not say that any program read it.",
		ZH: "该地址上确有一个打开的套接字，但它在请求还留在内核缓冲区、尚未被读取时就被关闭；关闭仍有未读数据的套接字会发出 RST。有记录的案例是：服务器未启动，前面是 sidecar 代理（Istio 中的 Envoy）。客户端的连接其实终止于代理，此后代理才发现自己连不上服务器。数据的确认由内核发出，并不表示有程序读过它。",
	},
	Recognised: []lang.Text{
		{EN: "The handshake is complete and the client's first data is acknowledged.", ZH: "握手完成，客户端的首个数据得到确认。"},
		{EN: "A RST with ACK follows whose sequence number is the server's first: not one byte was answered.", ZH: "随后出现带 ACK 的 RST，其序列号仍是服务器的起始值：一个字节也没有应答。"},
		{EN: "Where the proxy's host was captured too: its own attempt to reach the server fails just before the reset.", ZH: "如果同时抓到了代理所在主机：复位之前，它自己连接服务器的尝试刚刚失败。"},
	},
	Confused: []Confusion{
		{ID: "close-with-unread-data", Text: lang.Text{EN: "there the server has answered something before its reset", ZH: "那里服务器在复位之前已有应答数据"}},
		{ID: "server-closed-without-answer", Text: lang.Text{EN: "there the close is a FIN: nothing lay unread", ZH: "那里以 FIN 关闭：没有未读数据"}},
		{ID: "rst-injection", Text: lang.Text{EN: "a reset forged by a device differs in TTL, IP ID or shape from the server's own packets", ZH: "设备伪造的复位在 TTL、IP ID 或形态上与服务器自己的包不同"}},
		{ID: "accept-queue-overflow", Text: lang.Text{EN: "there the reset answers the handshake's ACK and no data was acknowledged", ZH: "那里的复位是对握手 ACK 的应答，数据没有被确认"}},
	},
	Fixes: []lang.Text{
		{EN: "Start or repair the server behind the proxy, and make it listen on the address and port that the proxy dials (often 127.0.0.1 or the pod's address).", ZH: "启动或修复代理后面的服务器，并让它监听代理所连接的地址和端口（常为 127.0.0.1 或 Pod 地址）。"},
		{EN: "Check that the service's target port and protocol name match what the server speaks.", ZH: "核对服务的目标端口与协议命名是否和服务器实际使用的一致。"},
		{EN: "Let readiness probes go through the proxy, start the application before traffic is sent to it, and drain connections before it stops.", ZH: "让就绪探针经过代理；应用就绪之后再导入流量；停止之前先排空连接。"},
	},
	References: []Reference{
		{Title: "Beneath the TCP Handshakes in Modern Networking Infrastructures", Author: "ArthurChiao", Date: "2019-10-11", URL: "http://arthurchiao.art/blog/tcp-handshake-in-modern-network-infra/"},
		{Title: "RFC 2525, Known TCP Implementation Problems, section 2.17", Author: "V. Paxson et al.", Date: "1999-03", URL: "https://www.rfc-editor.org/rfc/rfc2525"},
		{Title: "envoyproxy/envoy#2990", Author: "envoyproxy/envoy", URL: "https://github.com/envoyproxy/envoy/issues/2990"},
		{Title: "istio/istio#22241", Author: "istio/istio", URL: "https://github.com/istio/istio/issues/22241"},
	},
	Symptom: SymptomReset,
	Over:    []string{"close-with-unread-data", "data-after-close", "keepalive-reuse-race", "server-closed-without-answer", "linger0-abort", "idle-timeout-rst", "half-open-after-crash", "who-is-slow", "client-gave-up", "conn-refused-rst", "syn-no-answer", "icmp-unreachable-on-syn"},
	Detect:  detectDataAckedThenReset,
}

// unanswered is one connection that got no byte of answer: the client's first
// run of data, and the segment with which the server ended the connection.
type unanswered struct {
	c       *conversation.Conversation
	request *conversation.Turn
	end     int  // index of the RST, or of the FIN when no reset followed
	fin     bool // ended by a FIN alone
}

// Reported when all of these hold: the handshake is complete; the server sent
// no payload (proved by the sequence number of its FIN or RST); the client's
// data was acknowledged; within 30 s of it a RST+ACK with the server's own next
// number came, possibly after a FIN. A FIN alone is reported here only when the
// proxy is proved by its failed connection to its upstream in the file. An HTTP
// answer that says the upstream cannot be reached is reported too. Not reported
// when the reset only answers a segment (nobody was there), or when the server
// answered anything else.
func detectDataAckedThenReset(x *Context) []Finding {
	var found []unanswered
	alike := map[netip.AddrPort]int{}
	for _, c := range x.Conversations {
		if u := endedUnanswered(c); u != nil {
			found = append(found, *u)
			alike[c.Server]++
		}
	}
	var out []Finding
	legs, told := x.failedLegs(), crowd{}
	for _, u := range found {
		key := u.c.Server.String()
		up := x.failedUpstream(legs, u.c, u.c.Segments[u.end].Time)
		switch {
		case u.fin && up == nil:
		case told.full(key):
			out = append(out, *x.another(told, key, u.c))
		default:
			out = append(out, *told.tells(key, tellUnanswered(x, u, up, alike[u.c.Server])))
		}
	}
	return append(out, detectGatewayError(x)...)
}

// endedUnanswered tells whether and how the server ended a connection whose
// request it had acknowledged and not answered; nil when it did not.
func endedUnanswered(c *conversation.Conversation) *unanswered {
	t := firstRequest(c)
	if t == nil || !unserved(c) || !opened(c) && c.Role != conversation.RoleSYNACK {
		return nil
	}
	if r := c.FirstReset(server); r != nil && r.Form == conversation.ResetAbort && acknowledgedBy(c, t, r.At) &&
		since(c, t.First, r.At) <= unansweredWait {
		return &unanswered{c, t, r.At, false}
	}
	fin := c.FirstFIN(server)
	if fin < 0 || !acknowledgedBy(c, t, fin) || clientLeftBefore(c, fin) {
		return nil
	}
	return &unanswered{c, t, fin, true}
}

// acknowledgedBy reports whether the beginning of a turn was acknowledged by an
// index at the latest.
func acknowledgedBy(c *conversation.Conversation, t *conversation.Turn, at int) bool {
	k := c.AckedBy(t.First)
	return k >= 0 && k <= at
}

// clientLeftBefore reports whether the client had closed or reset before an index.
func clientLeftBefore(c *conversation.Conversation, at int) bool {
	if f := c.FirstFIN(client); f >= 0 && f < at {
		return true
	}
	r := c.FirstReset(client)
	return r != nil && r.At < at
}

func tellUnanswered(x *Context, u unanswered, up *upstreamFailure, crowd int) *Finding {
	c := u.c
	f := x.finding(Problem, Certain, causeOfUnanswered(up, crowd), c)
	if up != nil {
		f.Conversations = append(f.Conversations, up.leg.ID)
	}
	if u.fin {
		f.Title = lang.Text{EN: "The request was acknowledged, then the connection was closed without an answer", ZH: "请求已被确认，连接却未得到应答就被关闭"}
	}
	how := lang.Text{EN: "a reset carrying its address", ZH: "一个带有它的地址的复位"}
	if u.fin {
		how = lang.Text{EN: "a FIN carrying its address", ZH: "一个带有它的地址的 FIN"}
	}
	f.Summary = lang.T("%s accepted the connection of %s and acknowledged its data, then %s ended it without a byte in answer.",
		"%s 接受了 %s 的连接，也确认了它的数据，随后%s 结束了连接，一个字节也没有应答。", c.Server, c.Client.Addr(), how)
	sayOpening(f, c)
	sayRequest(x, f, c, u.request, u.end)
	if up != nil {
		sayUpstream(f, up)
	}
	sayUnansweredEnd(f, u)
	causesUnanswered(f, u, up, crowd)
	checksUnanswered(f, c)
	drawUnanswered(f, u, up)
	return f.waited(since(c, u.request.First, u.end)).grouped(c.Server.String(), portLabel(c.Client))
}

// causeOfUnanswered: a failed second leg proves the proxy; several connections
// to one server that all end like this make it likely; one may be anything.
func causeOfUnanswered(up *upstreamFailure, crowd int) string {
	switch {
	case up != nil:
		return Certain
	case crowd >= unansweredCrowd:
		return Likely
	}
	return Possible
}

// sayOpening tells that the handshake succeeded.
func sayOpening(f *Finding, c *conversation.Conversation) {
	h := c.Handshake()
	if len(h.SYNs) == 0 || len(h.SYNACKs) == 0 || h.ACK < 0 {
		return
	}
	f.say(numbers(c, h.SYNs[0], h.SYNACKs[0], h.ACK), "The handshake with %s succeeded in %s (#%d, #%d, #%d): something there accepts connections.",
		"与 %s 的握手在 %s 内完成（#%d、#%d、#%d）：那里确有监听者在接受连接。",
		c.Server, elapsed(c, h.SYNs[0], h.ACK), n(c, h.SYNs[0]), n(c, h.SYNACKs[0]), n(c, h.ACK))
}

// sayRequest tells the client's data and its acknowledgement.
func sayRequest(x *Context, f *Finding, c *conversation.Conversation, t *conversation.Turn, end int) {
	f.shows(n(c, t.First), "the client's data", "客户端的数据")
	k := c.AckedBy(t.Last)
	if k < 0 || k >= end {
		f.say(numbers(c, t.First), "The client sent %s #%d.", "客户端发送了%s #%d。", said(x, c, t), n(c, t.First))
		return
	}
	f.say(numbers(c, t.First, k), "The client sent %s #%d; %s later it was acknowledged #%d. A kernel did that: it does not say that any program read the data.",
		"客户端发送了%s #%d；%s 后得到确认 #%d。这是内核的确认，并不表示有程序读过这些数据。", said(x, c, t), n(c, t.First), elapsed(c, t.Last, k), n(c, k))
	f.shows(n(c, k), "acknowledges it", "确认收到")
}

func sayUpstream(f *Finding, up *upstreamFailure) {
	g := up.leg
	first := g.Handshake().SYNs[0]
	f.say(numbers(g, first, up.at), "While the client waited, the same host tried to connect to %s #%d; that attempt %s #%d.",
		"客户端等待期间，同一台主机尝试连接 %s #%d，这次尝试%s #%d。", g.Server, n(g, first), up.reason, n(g, up.at))
	f.shows(n(g, up.at), "the connection behind it fails", "后面那段连接失败")
}

func sayUnansweredEnd(f *Finding, u unanswered) {
	c := u.c
	wait := elapsed(c, u.request.First, u.end)
	if u.fin {
		f.say(numbers(c, u.end), "%s after the request a FIN carrying the server's address closed the connection #%d. Its sequence number is the server's first: no byte was answered.",
			"请求发出 %s 后，一个带有服务器地址的 FIN 关闭了连接 #%d。它的序列号仍是服务器的起始值：一个字节也没有应答。", wait, n(c, u.end))
		f.shows(n(c, u.end), "closes without an answer", "未应答即关闭")
		return
	}
	f.say(numbers(c, u.end), "%s after the request a RST carrying the server's address ended the connection #%d. Its sequence number shows that no byte was answered; its acknowledgement number and its window show a live socket that had received the data.",
		"请求发出 %s 后，一个带有服务器地址的 RST 结束了连接 #%d。序列号表明一个字节也没有应答；确认号与窗口则表明发出它的是一个已收到数据的活动套接字。", wait, n(c, u.end))
	f.shows(n(c, u.end), "ends the connection without an answer", "未应答就结束连接")
}

func causesUnanswered(f *Finding, u unanswered, up *upstreamFailure, crowd int) {
	c := u.c
	if up != nil {
		f.may(Certain, lang.T("A proxy at %s accepted the connection; its own connection to %s %s", "%s 上的代理接受了连接，而它自己到 %s 的连接%s", c.Server, up.leg.Server, up.reason),
			upstreamProof(c, u.end, up))
		return
	}
	f.may(causeOfUnanswered(nil, crowd), lang.T("A proxy or sidecar accepted for a server it cannot reach%s", "代理或 sidecar 替一个连不上的服务器接受了连接%s", delayHint(since(c, u.request.First, u.end))),
		lang.Text{EN: "A capture on the server's host with -i any: a second connection attempt, refused or unanswered just before the reset, proves it.", ZH: "在服务器主机上用 -i any 抓包：若复位之前有另一次连接尝试被拒绝或无应答，即可证明。"})
	f.may(Possible, lang.Text{EN: "The program itself closed without reading: connection limit, access rule, crash", ZH: "程序自己没有读取就关闭：连接数上限、访问规则或崩溃"},
		lang.Text{EN: "No second connection on that host, and the program's own log at this time.", ZH: "该主机上没有第二段连接，且程序在此刻的日志有记录。"})
	if same, known := sameTTL(c, u.end); known && same {
		f.excludes(lang.Text{EN: "A device on the path with another distance", ZH: "路径上距离不同的设备代为复位"},
			lang.T("#%d has the TTL of the server's other packets (%d).", "#%d 的 TTL 与服务器其他包相同（%d）。", n(c, u.end), c.Segments[u.end].TTL))
	}
	f.excludes(lang.Text{EN: "Nothing listens on the port", ZH: "端口无人监听"}, lang.Text{EN: "The handshake was completed and the data acknowledged.", ZH: "握手已完成，数据也得到确认。"})
	f.excludes(lang.Text{EN: "An idle connection that was forgotten", ZH: "空闲连接已被遗忘"},
		lang.T("#%d acknowledges the data and carries the connection's own numbers.", "#%d 确认了数据，并带有该连接自己的序号。", n(c, u.end)))
}

// upstreamProof names the packets that show the second leg's failure.
func upstreamProof(c *conversation.Conversation, end int, up *upstreamFailure) lang.Text {
	if up.leg.Segments[up.at].PureSYN() {
		return lang.T("Both legs are in this capture: the attempt of #%d still had no answer when #%d came.", "两段连接都在这个抓包里：#%[2]d 出现时，#%[1]d 的连接尝试仍没有应答。", n(up.leg, up.at), n(c, end))
	}
	return lang.T("Both legs are in this capture: #%d refused the attempt just before #%d.", "两段连接都在这个抓包里：#%d 拒绝连接之后，紧接着就是 #%d。", n(up.leg, up.at), n(c, end))
}

// delayHint says what the wait before the end fits: a refusal is passed on at
// once, a connect timeout is a round number of seconds.
func delayHint(wait int64) lang.Text {
	if wait < 0 {
		return lang.Text{}
	}
	if wait < upstreamLag {
		return lang.T(": after %s, as quick as a refused connection", "：只用了 %s，与连接被拒绝一样快", lang.Duration(wait))
	}
	for _, s := range []int64{1, 2, 3, 5, 10, 15, 20, 30} {
		if d := wait - s*lang.Second; d > -50*lang.Millisecond && d < 250*lang.Millisecond {
			return lang.T(": %d s is a usual connect timeout", "：%d 秒是常见的连接超时", s)
		}
	}
	return lang.Text{}
}

func checksUnanswered(f *Finding, c *conversation.Conversation) {
	f.confirm(lang.Text{EN: "On the server's host, both legs at once, while it happens:", ZH: "在服务器主机上复现时抓包，同时看到两段连接："}, "tcpdump -ni any -s 0 -w legs.pcap tcp")
	f.confirm(lang.Text{EN: "Who listens there, and whether the server behind it does:", ZH: "查看是谁在监听，以及后面的服务器是否在监听："}, "ss -ltnp")
	f.confirm(lang.Text{EN: "The counter of sockets closed with unread data:", ZH: "查看因未读数据而中止的连接计数："}, "nstat -az TcpExtTCPAbortOnClose")
	f.confirm(lang.Text{EN: "With a sidecar, its response flags (UF, UH, URX) for this request:", ZH: "使用 sidecar 时，查看该请求的响应标志（UF、UH、URX）："}, "kubectl logs POD -c istio-proxy")
}

func drawUnanswered(f *Finding, u unanswered, up *upstreamFailure) {
	c := u.c
	f.Drawing.Lanes = []LaneHint{
		{Endpoint: c.Client, Role: lang.Text{EN: "client", ZH: "客户端"}},
		{Endpoint: c.Server, Role: lang.Text{EN: "address asked", ZH: "被请求的地址"}},
	}
	f.Drawing.Marks = []Mark{{Packet: n(c, u.end), SenderNote: lang.Text{EN: "0 bytes answered", ZH: "应答 0 字节"}}}
	if up == nil {
		return
	}
	f.Drawing.Lanes[1].Role = lang.Text{EN: "proxy, both legs", ZH: "代理，前后两段"}
	f.Drawing.Lanes[1].Also = []netip.AddrPort{up.leg.Client}
	f.Drawing.Lanes = append(f.Drawing.Lanes,
		LaneHint{Endpoint: up.leg.Server, Role: lang.Text{EN: "server behind the proxy", ZH: "代理后面的服务器"}})
	f.Drawing.Marks = append(f.Drawing.Marks, Mark{Packet: n(up.leg, up.at), ReceiverNote: up.reason})
}

// gatewayErrors are what proxies write when they have no server to ask, in
// lower case.
var gatewayErrors = []string{"upstream connect error", "no healthy upstream"}

// detectGatewayError finds the same trouble told politely: an HTTP answer that
// names the failed upstream.
func detectGatewayError(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		for _, m := range x.Messages(c) {
			if m.Status < 500 || c.Segments[m.At].From != server || !mentionsAny(&m, gatewayErrors) {
				continue
			}
			f := x.finding(Problem, Certain, Certain, c)
			f.Title = lang.Text{EN: "A proxy answers that it cannot reach its server", ZH: "代理回答说它连不上后面的服务器"}
			f.Summary = lang.T("%s is a proxy: it answered “%s” and named its upstream as the reason.", "%s 是一个代理：它应答“%s”，并指明原因在其上游。", c.Server, m.Line)
			f.say(numbers(c, m.At), "The answer “%s” #%d says that the proxy could not reach its upstream.", "应答“%s” #%d 表明代理连不上它的上游。", m.Line, n(c, m.At))
			f.shows(n(c, m.At), "the proxy's own words", "代理自己的说明")
			f.may(Certain, lang.Text{EN: "The server behind the proxy is down or cannot be reached", ZH: "代理后面的服务器未运行或不可达"}, lang.Text{EN: "The text of the answer.", ZH: "应答的正文。"})
			checksUnanswered(f, c)
			out = append(out, *f.grouped("503"+c.Server.String(), portLabel(c.Client)))
			break
		}
	}
	return out
}

func mentionsAny(m *conversation.Message, phrases []string) bool {
	for _, p := range phrases {
		if m.Mentions(p) {
			return true
		}
	}
	return false
}
