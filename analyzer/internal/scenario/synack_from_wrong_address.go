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
	// nearClient is how much quicker than the answer the client's reset must be
	// to place the capture at the client.
	nearClient = 5
	// wrongAddressRounds is how many rounds the server-side form needs before it
	// is more than a client that changed its mind: a SYN and two repetitions.
	wrongAddressRounds = 3
)

var synackFromWrongAddress = Scenario{
	ID:    "synack-from-wrong-address",
	Title: lang.Text{EN: "The SYN was answered from another address", ZH: "SYN 的应答来自另一个地址"},
	Summary: lang.Text{
		EN: "The client asks one address to connect and another one answers, so the client resets the answer and keeps waiting.",
		ZH: "客户端向一个地址发起连接，应答却来自另一个地址，于是客户端复位这个应答，继续等待。",
	},
	Meaning: lang.Text{
		EN: "The address that was asked is translated to a real server on the way in, and the answer is not translated back on the way out. The client's stack finds no connection for the address that answers and resets it; the reset destroys the half-open connection at the server, so each repeated SYN starts over until connect() gives up. The documented case is a Kubernetes ExternalIP service on Cilium without kube-proxy: the client's node turns the service address into the pod's and must turn it back when the answer comes in, but with client and pod on one node the answer never passed that step.",
		ZH: "被请求的地址在入方向被转换成了真实服务器的地址，而应答在出方向没有转换回来。客户端协议栈找不到与作答地址对应的连接，于是将其复位；这个复位又毁掉了服务器上的半开连接，因此每次重传 SYN 都从头再来，直到 connect() 放弃。有记录的案例是 Cilium 在没有 kube-proxy 时提供的 Kubernetes ExternalIP 服务：客户端所在节点把服务地址转换为 Pod 地址，应答回来时本应再转换回去；而当客户端与 Pod 位于同一节点时，应答根本没有经过这一步。",
	},
	Recognised: []lang.Text{
		{EN: "A SYN goes to one address; a SYN-ACK with the right port and acknowledgement number comes back from another.", ZH: "SYN 发往一个地址，端口与确认号都对得上的 SYN-ACK 却来自另一个地址。"},
		{EN: "The client answers that SYN-ACK with a RST to the address it came from.", ZH: "客户端向这个来源地址回一个 RST。"},
		{EN: "The same SYN is sent again, and the same thing happens. The address that was asked never answers.", ZH: "同一个 SYN 重传，同样的事再次发生；被请求的地址始终没有应答。"},
		{EN: "At the server: one and the same SYN comes again and again, each SYN-ACK has a new sequence number, and each is reset.", ZH: "在服务器上：同一个 SYN 反复到达，每个 SYN-ACK 都有新的序列号，且都被复位。"},
		{EN: "On the translating box: the SYN comes in and leaves for another address; nothing comes back through the box.", ZH: "在做转换的设备上：SYN 进入后被发往另一个地址，却没有任何应答经此返回。"},
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
		{Title: "Loopback to forwarded public IP address from local network (hairpin NAT)", URL: "https://serverfault.com/questions/55611/loopback-to-forwarded-public-ip-address-from-local-network-hairpin-nat"},
		{Title: "cilium/cilium#9115", URL: "https://github.com/cilium/cilium/issues/9115"},
		{Title: "ExternalIP service fails to apply rev NAT xlation when running w/o kube-proxy", Author: "cilium/cilium", URL: "https://github.com/cilium/cilium/issues/9285"},
	},
	Symptom: SymptomOddAnswer,
	Over: []string{"health-check-or-scan", "conn-refused-rst", "syn-no-answer", "syn-dropped-by-host", "synack-unacknowledged", "asymmetric-routing-stateful-drop",
		"synack-leaves-by-other-path", "path-outage", "packet-loss", "hairpin-nat-missing", "nat-two-legs"},
	Detect: detectSynackFromWrongAddress,
}

// Reported when a client's SYN gets no SYN-ACK from the address it was sent to,
// and within 3 s a SYN-ACK with the same client endpoint and ack = ISN + 1 comes
// from another one that the client did not ask: certain with the client's reset
// to it and a repetition. At the server: one SYN of one client, repeated at
// least twice, draws SYN-ACKs with new numbers on one host's clock, each reset.
// At the translator: the SYN leaves for another address, nothing returns, and
// that address asks for the client's MAC: it answers past the box. Not reported
// when the client accepts the answer, or when the address asked answers too
// (both legs of a working translation).
func detectSynackFromWrongAddress(x *Context) []Finding {
	var out []Finding
	for _, w := range x.wrongSources() {
		out = append(out, *w.tell(x))
	}
	return out
}

// wrongSource is an attempt to connect that another address answered.
type wrongSource struct {
	asked  *conversation.Conversation // to the address that was asked; nil at the server
	other  *conversation.Conversation // to the address that answers
	rounds []wrongAnswer
	// translated: the capture holds the SYN on both sides of the translation.
	translated bool
	// arp are requests for the client's MAC by the other address, at a translator
	// that sees no answer pass.
	arp []int
}

// wrongAnswer is one round: the SYN, the SYN-ACK from elsewhere, the RST to it.
// Indexes into asked's (at the server: other's) and other's segments; -1 none.
type wrongAnswer struct{ syn, synack, rst int }

// wrongSources lists the attempts, in the order of their first SYN.
func (x *Context) wrongSources() []wrongSource {
	var out []wrongSource
	claimed := map[*conversation.Conversation]bool{}
	unasked := x.unaskedAnswers()
	for _, asked := range x.Conversations {
		h := asked.Handshake()
		if len(h.SYNs) == 0 || len(h.SYNACKs) > 0 || h.Refusal >= 0 || claimed[asked] {
			continue
		}
		if w, ok := x.wrongSource(asked, unasked); ok {
			claimed[w.asked], claimed[w.other] = true, true
			out = append(out, w)
		}
	}
	for _, c := range x.Conversations {
		if w, ok := atServer(c); ok && !claimed[c] && len(x.Legs(c)) == 0 {
			out = append(out, w)
		}
	}
	return out
}

// unaskedAnswers are the conversations that hold a SYN-ACK and no SYN for it, by
// the sequence number of the SYN it answers: looked up once for each SYN, since
// a scanner may open ten thousands of conversations from one endpoint.
func (x *Context) unaskedAnswers() map[uint32][]*conversation.Conversation {
	out := map[uint32][]*conversation.Conversation{}
	for _, c := range x.Conversations {
		if h := c.Handshake(); len(h.SYNs) == 0 && len(h.SYNACKs) > 0 {
			isn := c.Segments[h.SYNACKs[0]].Ack - 1
			out[isn] = append(out[isn], c)
		}
	}
	return out
}

func (x *Context) wrongSource(asked *conversation.Conversation, unasked map[uint32][]*conversation.Conversation) (wrongSource, bool) {
	for _, other := range unasked[asked.Flows[client].ISN] {
		if w, ok := wrongPair(asked, other, false); ok {
			return w, true
		}
	}
	for _, l := range x.Legs(asked) {
		if w, ok := wrongPair(asked, l.Conversation, true); ok {
			return w, true
		}
	}
	return x.atTranslator(asked)
}

func wrongPair(asked, other *conversation.Conversation, legs bool) (wrongSource, bool) {
	if other == asked || other.Client != asked.Client || other.Server.Addr() == asked.Server.Addr() || other.Handshake().ACK >= 0 {
		return wrongSource{}, false
	}
	rounds := wrongAnswers(asked, other)
	return wrongSource{asked: asked, other: other, rounds: rounds, translated: legs}, len(rounds) > 0
}

// atTranslator looks for a SYN that leaves the box translated, whose answer
// passes it by.
func (x *Context) atTranslator(asked *conversation.Conversation) (wrongSource, bool) {
	if x.outer(asked) != asked.ID || len(asked.ICMP) > 0 {
		return wrongSource{}, false
	}
	for _, l := range x.Legs(asked) {
		o := l.Conversation
		if o == asked || o.Client != asked.Client || o.Flows[server].Packets > 0 || asked.Flows[server].Packets > 0 || len(o.Handshake().SYNs) < 2 {
			continue
		}
		if arp := x.asksFor(o.Server.Addr(), o.Client.Addr(), asked.First); len(arp) > 0 {
			return wrongSource{asked: asked, other: o, translated: true, arp: arp}, true
		}
	}
	return wrongSource{}, false
}

// asksFor are the ARP requests of an address for another one's MAC from a time
// on, while nobody at this capture point answers them.
func (x *Context) asksFor(asker, target netip.Addr, from int64) []int {
	var out []int
	for i := range x.ARP {
		if a := &x.ARP[i]; !a.Reply && a.SenderIP == asker && a.TargetIP == target && a.Time >= from {
			out = append(out, int(a.Number))
		}
	}
	return out
}

// atServer looks for one SYN that is answered again and again, each time by a
// half-open connection made anew because the client's reset destroyed the last.
func atServer(c *conversation.Conversation) (wrongSource, bool) {
	h := c.Handshake()
	if len(h.SYNs) < wrongAddressRounds || len(h.SYNACKs) < 2 || h.ACK >= 0 || c.Flows[client].Data > 0 {
		return wrongSource{}, false
	}
	var rounds []wrongAnswer
	anew := 0
	for i, z := range h.SYNACKs {
		y := synOf(c, z)
		if r := resetOf(c, z); r >= 0 && y >= 0 {
			rounds = append(rounds, wrongAnswer{syn: y, synack: z, rst: r})
		}
		if i > 0 {
			a, b := &c.Segments[h.SYNACKs[i-1]], &c.Segments[z]
			if _, fits := conversation.ISNClock(a.Seq, b.Seq, b.Time-a.Time); fits && a.Seq != b.Seq {
				anew++
			}
		}
	}
	return wrongSource{other: c, rounds: rounds}, len(rounds) >= 2 && anew >= 1
}

// synOf is the newest SYN before an index, -1 for none.
func synOf(c *conversation.Conversation, at int) int {
	out := -1
	for _, y := range c.Handshake().SYNs {
		if y < at {
			out = y
		}
	}
	return out
}

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

func portLabel(a netip.AddrPort) string { return lang.T(":%d", ":%d", a.Port()).EN }

func (w *wrongSource) tell(x *Context) *Finding {
	switch {
	case w.asked == nil:
		return w.tellAtServer(x)
	case len(w.rounds) == 0:
		return w.tellAtTranslator(x)
	}
	return w.tellAtClient(x)
}

// tellAtClient tells the form in which the wrong answer is in the capture.
func (w *wrongSource) tellAtClient(x *Context) *Finding {
	asked, other, first := w.asked, w.other, w.rounds[0]
	y, z := &asked.Segments[first.syn], &other.Segments[first.synack]
	symptom, cause := Certain, Likely
	if first.rst < 0 || len(w.rounds) == 1 && len(asked.Handshake().SYNs) == 1 {
		symptom = Likely
	}
	if w.translated && first.rst >= 0 {
		cause = Certain
	}
	f := x.finding(Problem, symptom, cause, asked, other)
	v, a := asked.Server.Addr(), other.Server.Addr()
	f.Summary = lang.T("%s asked %s to connect; only %s replied. The connection never opens.",
		"%s 向 %s 发起连接，只有 %s 作了应答。连接始终没有建立。", asked.Client.Addr(), v, a)
	f.say(numbers(asked, first.syn), "The client sent a SYN to %s, port %d #%d.", "客户端向 %s 的 %d 端口发送了 SYN #%d。", v, asked.Server.Port(), y.Number)
	w.sayTranslated(f)
	f.say(numbers(other, first.synack), "%s later a SYN-ACK came back from %s #%d. %s", "%s 后，SYN-ACK 从 %s 返回 #%d。%s",
		lang.Duration(z.Time-y.Time), a, z.Number, fitOf(asked, other))
	w.sayReset(f, first)
	w.sayRepeats(f)
	f.shows(int(y.Number), "asks %s", "请求 %s", v)
	for _, p := range w.rounds {
		f.shows(n(other, p.synack), "answers from %s", "从 %s 应答", a)
	}
	w.causes(x, f)
	w.drawing(f)
	f.waited(asked.Last - asked.First)
	return f.grouped(asked.Server.String()+other.Server.String(), portLabel(asked.Client))
}

// sayTranslated tells the SYN's copy behind the translation, if it is there.
func (w *wrongSource) sayTranslated(f *Finding) {
	if !w.translated {
		return
	}
	p := firstNumber(w.other)
	f.say([]int{p}, "The same SYN left again, addressed to %s #%d: the destination was translated here, and a SYN-ACK with the address %s would have to come back.",
		"同一个 SYN 随即被发往 %s #%d：目的地址在此处被转换，应答也必须还原为 %s 才对。", w.other.Server, p, w.asked.Server.Addr())
	f.shows(p, "the SYN after translation", "转换之后的 SYN")
}

func (w *wrongSource) sayReset(f *Finding, first wrongAnswer) {
	if first.rst < 0 {
		f.say(numbers(w.other, first.synack), "No reset for #%d is in the capture: most likely something on the client drops the unexpected answer silently.", "抓包中没有对 #%d 的 RST：很可能是客户端一侧把这个意外的应答悄悄丢弃了。", n(w.other, first.synack))
		return
	}
	z, r := &w.other.Segments[first.synack], &w.other.Segments[first.rst]
	f.say(numbers(w.other, first.rst), "The client never opened a connection to that address, so %s later it said so with a RST #%d. The connection it did ask for goes on waiting.",
		"客户端从未与这个地址建立连接，因此 %s 后用 RST 回绝 #%d。它真正发起的连接仍在等待。", lang.Duration(r.Time-z.Time), r.Number)
	f.shows(int(r.Number), "the client refuses an answer it did not ask for", "客户端回绝了并非它所请求的应答")
	y := &w.asked.Segments[first.syn]
	if wait, back := z.Time-y.Time, r.Time-z.Time; wait > nearClient*back {
		f.say([]int{int(y.Number), int(z.Number), int(r.Number)}, "The answer took %s to come, the RST only %s to follow: the capture was most likely taken at the client.", "应答用了 %s 才到，RST 只隔 %s 便发出：抓包点很可能就在客户端。", lang.Duration(wait), lang.Duration(back))
	}
}

func fitOf(asked, other *conversation.Conversation) lang.Text {
	if asked.Server.Port() == other.Server.Port() {
		return lang.Text{EN: "Port and acknowledgement number fit the SYN; the address does not.", ZH: "端口和确认号都与 SYN 吻合，地址却对不上。"}
	}
	return lang.T("The acknowledgement number fits the SYN; address and port (%d) do not.", "确认号与 SYN 吻合，地址和端口（%d）却对不上。", other.Server.Port())
}

// sayRepeats tells the later rounds, and what the new initial sequence number
// of the repeated SYN-ACK says about who answered.
func (w *wrongSource) sayRepeats(f *Finding) {
	syns := w.asked.Handshake().SYNs
	if len(syns) < 2 {
		return
	}
	again := numbers(w.asked, syns[1:]...)
	first, second := &w.asked.Segments[syns[0]], &w.asked.Segments[syns[1]]
	f.say(again, "After %s without an answer from %s the client repeated the same SYN, %s (%s).",
		"%s 内没有等到 %s 的应答，客户端重传了同一个 SYN，共重传 %s（%s）。", lang.Duration(second.Time-first.Time), w.asked.Server.Addr(), lang.Times(len(syns)-1), refs(again))
	w.sayClock(f)
}

func (w *wrongSource) sayClock(f *Finding) {
	if len(w.rounds) < 2 {
		return
	}
	a, b := &w.other.Segments[w.rounds[0].synack], &w.other.Segments[w.rounds[1].synack]
	off, fits := conversation.ISNClock(a.Seq, b.Seq, b.Time-a.Time)
	if a.Seq == b.Seq || !fits || w.other.Relative {
		return
	}
	f.say([]int{int(a.Number), int(b.Number)},
		"The second SYN-ACK carries a new initial sequence number, and it fits the clock of one Linux host to %s (#%d, #%d): the same host answered twice, and the RST had reached it in between.",
		"第二个 SYN-ACK 带有新的初始序列号，与同一台 Linux 主机的时钟相差仅 %s（#%d、#%d）：两次应答来自同一台主机，且其间 RST 已经到达了它。",
		lang.Duration(max(off, -off)), a.Number, b.Number)
}

func (w *wrongSource) causes(x *Context, f *Finding) {
	v, a := w.asked.Server.Addr(), w.other.Server.Addr()
	syn := n(w.asked, w.asked.Handshake().SYNs[0])
	translation := Likely
	if w.translated {
		translation = Certain
	}
	f.may(translation, lang.T("A translation of %s to %s that is not undone on the way back (a service address, ExternalIP, NodePort or port forwarding whose return path misses the translator)", "%s 被转换为 %s，返回时没有还原（服务地址、ExternalIP、NodePort 或端口转发，其回程没有经过转换设备）", v, a),
		w.decidesTranslation(syn))
	if h := x.hairpin(w); h.certainty != "" {
		f.may(h.certainty, lang.Text{EN: "Hairpin NAT without masquerade: client and server share a subnet and the server answers directly", ZH: "缺少源地址伪装的回环（hairpin）NAT：客户端与服务器在同一子网，服务器直接应答"}, h.decides)
	}
	if !w.translated {
		f.may(Possible, lang.T("One host with both addresses that answers from the nearer one", "同一台主机拥有两个地址，从较近的那个应答"),
			lang.T("Connect to %s directly and compare its timestamp clock with this answer's.", "直接连接 %s，与此应答比较时间戳时钟。", a))
	}
	if len(w.rounds) > 0 {
		f.excludes(lang.Text{EN: "A stray answer to someone else's SYN", ZH: "对别人 SYN 的误投应答"},
			lang.T("The acknowledgement number in #%d is exactly one more than the sequence number of the SYN #%d.", "#%d 的确认号恰好是 SYN #%d 的序列号加一。", n(w.other, w.rounds[0].synack), n(w.asked, w.rounds[0].syn)))
	}
	w.checks(f)
}

func (w *wrongSource) decidesTranslation(syn int) lang.Text {
	if w.translated {
		return lang.T("In this capture: #%d and #%d are one SYN with two destinations.", "就在此抓包中：#%d 与 #%d 是同一个 SYN，目的地址不同。", syn, firstNumber(w.other))
	}
	return lang.T("A capture on the node (-i any): a copy of #%d addressed to %s proves the translation.", "在节点上抓包（-i any）：若出现发往 %[2]s 的 #%[1]d 副本，即可证明发生了转换。", syn, w.other.Server.Addr())
}

func (w *wrongSource) checks(f *Finding) {
	c := w.other.Client
	f.confirm(lang.T("On the node, while it happens: both addresses of this client port.", "在节点上复现时抓包，看该客户端端口涉及的两个地址："), tcpdump(lang.T("host %s and tcp port %d", "", c.Addr(), c.Port()).EN))
	f.confirm(lang.Text{EN: "The translation entry, if conntrack or IPVS made it:", ZH: "如果由 conntrack 或 IPVS 转换，查看对应条目："}, lang.T("conntrack -L -p tcp --orig-port-src %d; ipvsadm -lnc | grep %d", "", c.Port(), c.Port()).EN)
	f.confirm(lang.Text{EN: "With Cilium, its own tables:", ZH: "使用 Cilium 时，查看它自己的表："}, lang.T("cilium-dbg bpf lb list; cilium-dbg bpf ct list global | grep %d", "", c.Port()).EN)
}

func (w *wrongSource) drawing(f *Finding) {
	f.Drawing.Lanes = []LaneHint{
		{Endpoint: w.asked.Client, Role: lang.Text{EN: "client", ZH: "客户端"}},
		{Endpoint: w.asked.Server, Role: lang.Text{EN: "address asked", ZH: "被请求的地址"}},
		{Endpoint: w.other.Server, Role: lang.Text{EN: "another address, answers", ZH: "作答的另一个地址"}},
	}
	for _, p := range w.rounds {
		if !w.translated {
			f.Drawing.Marks = append(f.Drawing.Marks, Mark{Packet: n(w.asked, p.syn), HopTo: w.other.Server, HopNote: lang.Text{EN: "address rewritten, not seen here", ZH: "地址被改写，此处未见"}})
		}
		f.Drawing.Marks = append(f.Drawing.Marks, Mark{Packet: n(w.other, p.synack), Ignored: true, SenderNote: lang.Text{EN: "not the address that was asked", ZH: "不是被请求的地址"},
			ReceiverNote: lang.Text{EN: "never opened by this client", ZH: "客户端从未发起"}})
	}
}

// tellAtServer tells the form in which only the server's own exchange is seen.
func (w *wrongSource) tellAtServer(x *Context) *Finding {
	c := w.other
	syns := c.Handshake().SYNs
	f := x.finding(Problem, Likely, Possible, c)
	f.Title = lang.Text{EN: "The client resets every SYN-ACK, yet goes on asking", ZH: "客户端复位每一个 SYN-ACK，却仍在请求"}
	f.Summary = lang.T("%s sends one SYN to %s again and again and resets every answer: it most likely asked another address.", "%s 反复向 %s 发送同一个 SYN，又复位每一个应答：它请求的很可能是另一个地址。", c.Client, c.Server)
	first := w.rounds[0]
	f.say(numbers(c, first.syn, first.synack), "%s received a SYN #%d and answered it #%d.", "%s 收到 SYN #%d 并作了应答 #%d。", c.Server, n(c, first.syn), n(c, first.synack))
	f.say(numbers(c, first.rst), "%s later the client reset that answer #%d.", "%s 后，客户端复位了这个应答 #%d。", lang.Duration(c.Segments[first.rst].Time-c.Segments[first.synack].Time), n(c, first.rst))
	again := numbers(c, syns[1:]...)
	f.say(again, "Yet the very same SYN came again, %s over %s (%s): its connect() is still waiting. A client that had given up, or a health check, would not send that number again.",
		"然而同一个 SYN 又来了 %s，历时 %s（%s）：它的 connect() 还在等待。放弃了的客户端或健康检查不会再用同一个序列号。", lang.Times(len(again)), lang.Duration(c.Segments[syns[len(syns)-1]].Time-c.First), refs(again))
	w.sayClock(f)
	f.say(nil, "So the client does not take these answers for answers to its SYN. That is what happens when it asked another address, which a device translated to %s, and the answers reach it untranslated (inferred).", "可见客户端并不认为这些是对自己 SYN 的应答。若它请求的是另一个地址，由某个设备转换为 %s，而应答未经还原就到达了它，正是这种表现（推断）。", c.Server.Addr())
	for _, p := range w.rounds {
		f.shows(n(c, p.synack), "answered anew", "重新应答")
		f.shows(n(c, p.rst), "reset by the client", "被客户端复位")
	}
	f.may(Possible, lang.Text{EN: "A translation on the way to the server that is not undone on the way back", ZH: "去程的地址转换在回程没有还原"},
		lang.Text{EN: "A capture at the client: to which address does it send its SYN?", ZH: "在客户端抓包：它的 SYN 发往哪个地址。"})
	f.may(Possible, lang.Text{EN: "A filter or agent on the client's side that resets this server's answers", ZH: "客户端一侧有过滤器或代理程序复位该服务器的应答"},
		lang.Text{EN: "The same capture: does the SYN carry this server's address there?", ZH: "同一抓包：那里的 SYN 目的地址是否就是该服务器。"})
	f.excludes(lang.Text{EN: "A health check or scan by SYN", ZH: "SYN 健康检查或扫描"}, lang.T("The SYN is repeated with the same sequence number (%s).", "SYN 以相同的序列号重传（%s）。", refs(again)))
	w.checks(f)
	f.Drawing.Lanes = twoLanes(c)
	for _, p := range w.rounds {
		f.Drawing.Marks = append(f.Drawing.Marks, Mark{Packet: n(c, p.synack), Ignored: true, ReceiverNote: lang.Text{EN: "not expected from this address", ZH: "不应来自这个地址"}})
	}
	f.waited(c.Last - c.First)
	return f.grouped("server"+c.Server.String()+c.Client.Addr().String(), portLabel(c.Client))
}

// tellAtTranslator tells the form in which the answer passes the box by.
func (w *wrongSource) tellAtTranslator(x *Context) *Finding {
	asked, other := w.asked, w.other
	f := x.finding(Problem, Likely, Likely, asked, other)
	f.Summary = lang.T("%s asked %s to connect; the SYN was translated to %s, and no answer comes back through here.", "%s 向 %s 发起连接；SYN 被转换后发往 %s，却没有应答经此返回。", asked.Client.Addr(), asked.Server.Addr(), other.Server.Addr())
	y := firstNumber(asked)
	f.say([]int{y}, "The client sent a SYN to %s #%d.", "客户端向 %s 发送了 SYN #%d。", asked.Server, y)
	w.sayTranslated(f)
	f.say(w.arp, "%s then asked who has the client's address %s (%s): it is about to answer the client directly, past this box.", "随后 %s 询问客户端地址 %s 的 MAC（%s）：它正要绕过此设备直接应答客户端。", other.Server.Addr(), other.Client.Addr(), refs(w.arp))
	syns := numbers(asked, asked.Handshake().SYNs...)
	f.say(syns, "Nothing came back on either side, and the client sent its SYN %s (%s).", "两侧都没有任何包返回，客户端共发送 SYN %s（%s）。", lang.Times(len(syns)), refs(syns))
	f.shows(y, "asks %s", "请求 %s", asked.Server.Addr())
	for _, p := range w.arp {
		f.shows(p, "the server looks for the client on its own link", "服务器在本地链路上寻找客户端")
	}
	w.causes(x, f)
	f.may(Possible, lang.T("%s does not answer at all", "%s 根本没有应答", other.Server.Addr()), lang.Text{EN: "A capture at the client or the server.", ZH: "在客户端或服务器上抓包。"})
	w.drawing(f)
	f.Drawing.Lanes[2].Role = lang.Text{EN: "real server", ZH: "真实服务器"}
	f.waited(asked.Last - asked.First)
	return f.grouped(asked.Server.String()+other.Server.String(), portLabel(asked.Client))
}
