package scenario

import (
	"net/netip"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// A client asks one address to connect and another address answers: port and
// acknowledgement fit the SYN, the source does not. The client's stack has no
// socket for such a pair of endpoints and resets it (RFC 9293, section
// 3.10.7.1), while its connect() goes on waiting.

const (
	// wrongAddressWait is how long after a SYN an answer still belongs to it, in
	// ns: one initial retransmission timeout of old stacks (RFC 1122).
	wrongAddressWait = 3 * lang.Second
	// wrongAddressRepeats is how often the server-side form must repeat before it
	// is more than a client that changed its mind.
	wrongAddressRepeats = 2
)

var synackFromWrongAddress = Scenario{
	ID:    "synack-from-wrong-address",
	Title: lang.Text{EN: "The SYN was answered from another address", ZH: "SYN 的应答来自另一个地址"},
	Summary: lang.Text{
		EN: "The client asks one address to connect and another one answers, so the client resets the answer and keeps waiting.",
		ZH: "客户端向一个地址发起连接，应答却来自另一个地址，于是客户端复位这个应答，继续等待。",
	},
	Meaning: lang.Text{
		EN: "The address that was asked is translated to a real server on the way in, and the answer is not translated back on the way out. The documented case is a Kubernetes ExternalIP service on Cilium without kube-proxy, with client and pod on one node.",
		ZH: "被请求的地址在入方向被转换成了真实服务器的地址，而应答在出方向没有转换回来。有记录的案例是：Cilium 在没有 kube-proxy 的情况下提供 Kubernetes ExternalIP 服务，且客户端与 Pod 位于同一节点。",
	},
	Recognised: []lang.Text{
		{EN: "A SYN goes to one address; a SYN-ACK with the right port and acknowledgement number comes back from another.", ZH: "SYN 发往一个地址，端口与确认号都对得上的 SYN-ACK 却来自另一个地址。"},
		{EN: "The client answers that SYN-ACK with a RST to the address it came from.", ZH: "客户端向这个来源地址回一个 RST。"},
		{EN: "The same SYN is sent again, and the same thing happens. The address that was asked never answers.", ZH: "同一个 SYN 重传，同样的事再次发生；被请求的地址始终没有应答。"},
	},
	Confused: []Confusion{
		{ID: "hairpin-nat-missing", Text: lang.Text{EN: "the same packets with client and server on one subnet: a cause of this, told apart by the MAC address of the SYN-ACK", ZH: "客户端与服务器在同一子网时的同样现象，是本场景的一种原因，可由 SYN-ACK 的 MAC 地址区分"}},
		{ID: "health-check-or-scan", Text: lang.Text{EN: "there the SYN-ACK comes from the right address, and each attempt has a new sequence number", ZH: "那里 SYN-ACK 来自正确的地址，且每次尝试使用新的序列号"}},
		{ID: "nat-two-legs", Text: lang.Text{EN: "there the client accepts the answer: both sides of a NAT are in one file", ZH: "那里客户端接受了应答：只是同一个 NAT 的两侧都被抓进了文件"}},
	},
	Fixes: []lang.Text{
		{EN: "Make the answer pass the device that translated the request, so that it can translate it back: masquerade such connections, or route the server's answers through that device.", ZH: "让应答经过当初做地址转换的设备，由它转换回来：对这类连接做源地址伪装（masquerade），或让服务器的回程路由经过该设备。"},
		{EN: "On Cilium, upgrade to a release that fixes ExternalIP and NodePort without kube-proxy; inside the cluster use the ClusterIP.", ZH: "使用 Cilium 时，升级到已修复无 kube-proxy 模式下 ExternalIP 与 NodePort 的版本；集群内部改用 ClusterIP。"},
		{EN: "With direct server return, give the real server the service address on its loopback interface and make it answer from there.", ZH: "使用直接路由（DR）时，把服务地址配置在真实服务器的 lo 接口上，并由该地址应答。"},
	},
	References: []Reference{
		{Title: "Beneath the TCP Handshakes in Modern Networking Infrastructures", Author: "ArthurChiao", Date: "2019-10-11", URL: "http://arthurchiao.art/blog/tcp-handshake-in-modern-network-infra/"},
		{Title: "ExternalIP service fails to apply rev NAT xlation when running w/o kube-proxy", Author: "cilium/cilium", URL: "https://github.com/cilium/cilium/issues/9285"},
	},
	Symptom: SymptomOddAnswer,
	Over:    []string{"health-check-or-scan", "conn-refused-rst", "syn-no-answer", "synack-unacknowledged", "hairpin-nat-missing"},
	Detect:  detectSynackFromWrongAddress,
}

// Reported when all of these hold: a client's SYN gets no SYN-ACK from the
// address it was sent to; within 3 s a SYN-ACK with the same client endpoint
// and ack = ISN + 1 comes from another address. Certain with the client's RST
// to it and a repetition. Not reported when the client accepts the answer, or
// when the address asked answers too (both legs of a working translation).
func detectSynackFromWrongAddress(x *Context) []Finding {
	var out []Finding
	for _, asked := range x.Conversations {
		h := asked.Handshake()
		if len(h.SYNs) == 0 || len(h.SYNACKs) > 0 || h.Refusal >= 0 {
			continue
		}
		for _, other := range x.FromClient(asked.Client) {
			if f := wrongAddress(x, asked, other); f != nil {
				out = append(out, *f)
				break
			}
		}
	}
	return out
}

func wrongAddress(x *Context, asked, other *conversation.Conversation) *Finding {
	if other == asked || other.Server == asked.Server || other.Server.Addr() == asked.Server.Addr() {
		return nil
	}
	pairs := wrongAnswers(asked, other)
	if len(pairs) == 0 || other.Handshake().ACK >= 0 || len(other.Handshake().SYNs) > 0 {
		return nil
	}
	return tellWrongAddress(x, asked, other, pairs)
}

// wrongAnswer is one round: the SYN, the SYN-ACK from elsewhere, the RST to it
// (-1 none). Indexes are into the two conversations' segments.
type wrongAnswer struct{ syn, synack, rst int }

func wrongAnswers(asked, other *conversation.Conversation) []wrongAnswer {
	var out []wrongAnswer
	oh := other.Handshake()
	for _, z := range oh.SYNACKs {
		answer := &other.Segments[z]
		for _, y := range asked.Handshake().SYNs {
			syn := &asked.Segments[y]
			if lag := answer.Time - syn.Time; answer.Ack == syn.End() && lag >= 0 && lag < wrongAddressWait && nextAfter(asked, y, answer.Time) {
				out = append(out, wrongAnswer{syn: y, synack: z, rst: resetOf(other, z)})
			}
		}
	}
	return out
}

// nextAfter reports whether no later SYN precedes the time: the answer belongs
// to the newest SYN before it.
func nextAfter(c *conversation.Conversation, at int, time int64) bool {
	for _, y := range c.Handshake().SYNs {
		if y > at && c.Segments[y].Time <= time {
			return false
		}
	}
	return true
}

// resetOf is the client's reset that answers a segment, -1 for none.
func resetOf(c *conversation.Conversation, trigger int) int {
	for _, r := range c.Resets() {
		if r.Trigger == trigger {
			return r.At
		}
	}
	return -1
}

func tellWrongAddress(x *Context, asked, other *conversation.Conversation, rounds []wrongAnswer) *Finding {
	first := rounds[0]
	y, z := &asked.Segments[first.syn], &other.Segments[first.synack]
	symptom, cause := Certain, Likely
	if first.rst < 0 {
		symptom = Likely
	} else if len(rounds) == 1 && len(asked.Handshake().SYNs) == 1 {
		symptom = Likely
	}
	f := x.finding(Problem, symptom, cause, asked, other)
	v, w := asked.Server.Addr(), other.Server.Addr()
	f.Summary = lang.T("%s asked %s to connect; only %s replied. The connection never opens.",
		"%s 向 %s 发起连接，只有 %s 作了应答。连接始终没有建立。", asked.Client.Addr(), v, w)
	f.say(numbers(asked, first.syn), "The client sent a SYN to %s, port %d #%d.", "客户端向 %s 的 %d 端口发送了 SYN #%d。", v, asked.Server.Port(), y.Number)
	f.say(numbers(other, first.synack), "%s later a SYN-ACK came back from %s #%d. %s", "%s 后，SYN-ACK 从 %s 返回 #%d。%s",
		lang.Duration(z.Time-y.Time), w, z.Number, fitOf(asked, other))
	if first.rst >= 0 {
		r := &other.Segments[first.rst]
		f.say(numbers(other, first.rst), "The client never opened a connection to that address, so %s later it said so with a RST #%d. The connection it did ask for stays open and waiting.",
			"客户端从未与这个地址建立连接，因此 %s 后用 RST 回绝 #%d。它真正发起的连接仍在等待。", lang.Duration(r.Time-z.Time), r.Number)
		f.shows(int(r.Number), "the client refuses an answer it did not ask for", "客户端回绝了并非它所请求的应答")
	}
	repeatsWrongAddress(f, asked, other, rounds)
	f.shows(int(y.Number), "asks %s", "请求 %s", v)
	for _, p := range rounds {
		f.shows(n(other, p.synack), "answers from %s", "从 %s 应答", w)
	}
	causesWrongAddress(x, f, asked, other, first)
	drawWrongAddress(f, asked, other, rounds)
	return f.grouped(asked.Server.String()+other.Server.String(), portLabel(asked.Client))
}

func portLabel(a netip.AddrPort) string { return lang.T(":%d", ":%d", a.Port()).EN }

func fitOf(asked, other *conversation.Conversation) lang.Text {
	if asked.Server.Port() == other.Server.Port() {
		return lang.Text{EN: "Port and acknowledgement number fit the SYN; the address does not.", ZH: "端口和确认号都与 SYN 吻合，地址却不是。"}
	}
	return lang.T("The acknowledgement number fits the SYN; address and port (%d) do not.", "确认号与 SYN 吻合，地址和端口（%d）却不是。", other.Server.Port())
}

// repeatsWrongAddress tells the later rounds, and what the new initial sequence
// number of the repeated SYN-ACK says about who answered.
func repeatsWrongAddress(f *Finding, asked, other *conversation.Conversation, rounds []wrongAnswer) {
	syns := asked.Handshake().SYNs
	if len(syns) < 2 {
		return
	}
	again := numbers(asked, syns[1:]...)
	first, second := &asked.Segments[syns[0]], &asked.Segments[syns[1]]
	f.say(again, "After %s without an answer from %s the client repeated the same SYN (%s in all, %s).",
		"%s 内没有等到 %s 的应答，客户端重传了同一个 SYN（共 %s，%s）。", lang.Duration(second.Time-first.Time), asked.Server.Addr(), lang.Times(len(syns)-1), refs(again))
	if len(rounds) < 2 {
		return
	}
	a, b := &other.Segments[rounds[0].synack], &other.Segments[rounds[1].synack]
	off, fits := conversation.ISNClock(a.Seq, b.Seq, b.Time-a.Time)
	if a.Seq == b.Seq || !fits || other.Relative {
		return
	}
	f.say([]int{int(a.Number), int(b.Number)},
		"The second SYN-ACK carries a new initial sequence number, and it fits the clock of one Linux host to %s (#%d, #%d): the same host answered twice, and the RST had reached it in between.",
		"第二个 SYN-ACK 带有新的初始序列号，与同一台 Linux 主机的时钟相差仅 %s（#%d、#%d）：两次应答来自同一台主机，且其间 RST 已经到达了它。",
		lang.Duration(max(off, -off)), a.Number, b.Number)
}

func causesWrongAddress(x *Context, f *Finding, asked, other *conversation.Conversation, first wrongAnswer) {
	v, w := asked.Server.Addr(), other.Server.Addr()
	f.may(Likely, lang.T("A translation of %s to %s that is not undone on the way back", "%s 被转换为 %s，返回时没有还原", v, w),
		lang.T("A capture on the node (-i any): a copy of #%d addressed to %s proves the translation.", "在节点上抓包（-i any）：若出现发往 %[2]s 的 #%[1]d 副本，即可证明发生了转换。", n(asked, first.syn), w))
	f.may(hairpinCertainty(x, asked, other, first), lang.Text{EN: "Hairpin NAT without masquerade: client and server share a subnet and the server answers directly", ZH: "缺少源地址伪装的回环（hairpin）NAT：客户端与服务器在同一子网，服务器直接应答"},
		lang.T("The source MAC of #%d: the gateway's, or the server's own.", "#%d 的源 MAC：是网关的，还是服务器自己的。", n(other, first.synack)))
	f.may(Possible, lang.T("One host with both addresses that answers from the nearer one", "同一台主机拥有两个地址，从较近的那个应答"),
		lang.T("Connect to %s directly and compare the timestamp clock with #%d.", "直接连接 %s，与 #%d 比较时间戳时钟。", w, n(other, first.synack)))
	f.excludes(lang.Text{EN: "A stray answer to someone else's SYN", ZH: "对别人 SYN 的误投应答"},
		lang.T("The acknowledgement number in #%d is exactly one more than the SYN's in #%d.", "#%d 的确认号恰好是 #%d 中 SYN 的序列号加一。", n(other, first.synack), n(asked, first.syn)))
	f.confirm(lang.T("On the node, while it happens: both addresses of this client port.", "在节点上复现时抓包，看该客户端端口涉及的两个地址："), tcpdump(lang.T("host %s and tcp port %d", "", asked.Client.Addr(), asked.Client.Port()).EN))
	f.confirm(lang.Text{EN: "The translation entry, if conntrack made it:", ZH: "如果由 conntrack 转换，查看对应条目："}, lang.T("conntrack -L -p tcp --orig-port-src %d", "", asked.Client.Port()).EN)
}

// hairpinCertainty: likely when the answer comes straight from the client's
// own link, by another MAC than the one the SYN was sent to.
func hairpinCertainty(x *Context, asked, other *conversation.Conversation, first wrongAnswer) string {
	out, back := x.Link(&asked.Segments[first.syn]), x.Link(&other.Segments[first.synack])
	if out.HasMAC && back.HasMAC && out.DstMAC != back.SrcMAC {
		return Likely
	}
	return Possible
}

func drawWrongAddress(f *Finding, asked, other *conversation.Conversation, rounds []wrongAnswer) {
	f.Drawing.Lanes = []LaneHint{
		{Endpoint: asked.Client, Role: lang.Text{EN: "client", ZH: "客户端"}},
		{Endpoint: asked.Server, Role: lang.Text{EN: "address asked", ZH: "被请求的地址"}},
		{Endpoint: other.Server, Role: lang.Text{EN: "another address, answers", ZH: "作答的另一个地址"}},
	}
	for _, p := range rounds {
		f.Drawing.Marks = append(f.Drawing.Marks,
			Mark{Packet: n(asked, p.syn), HopTo: other.Server, HopNote: lang.Text{EN: "address rewritten, not seen here", ZH: "地址被改写，此处未见"}},
			Mark{Packet: n(other, p.synack), Ignored: true, SenderNote: lang.Text{EN: "not the address that was asked", ZH: "不是被请求的地址"},
				ReceiverNote: lang.Text{EN: "never opened by this client", ZH: "客户端从未发起"}})
	}
}
