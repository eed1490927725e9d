package scenario

import (
	"net/netip"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// tangled tells a pair of conversations whose answers got mixed up, for the
// scenarios that differ only in what the pair is.
type tangled struct {
	conversation.Tangle
	x *Context
	f *Finding
	// met: the capture shows that both connections go to one server endpoint.
	met bool
}

// tangles splits the capture's tangles: those of two links that lead to one
// backend, and all others. Pairs that are another pair on the other side of a
// translator are left out.
func (x *Context) tangles(twoLinks bool) []conversation.Tangle {
	all := x.Tangles()
	var out []conversation.Tangle
	told := map[[2]int]bool{}
	for _, t := range all {
		if t.First != nil && told[[2]int{x.outer(t.First), x.outer(t.Second)}] {
			continue
		}
		if t.First != nil {
			told[[2]int{x.outer(t.First), x.outer(t.Second)}] = true
		}
		if x.isTwoLinks(t, all) == twoLinks {
			out = append(out, t)
		}
	}
	return out
}

// inTangle are the conversations whose odd answers another connection explains.
func (x *Context) inTangle() map[*conversation.Conversation]bool {
	out := map[*conversation.Conversation]bool{}
	for _, t := range x.Tangles() {
		out[t.First], out[t.Second] = true, true
	}
	return out
}

// outer is the leg of a conversation that is nearest to the client.
func (x *Context) outer(c *conversation.Conversation) int {
	if legs := x.Legs(c); len(legs) > 0 {
		return legs[0].ID
	}
	return c.ID
}

// isTwoLinks: from the client, one address with two ports, which is how links to
// one node look; at the server, two balanced connections that both carry the
// client's address, again and again.
func (x *Context) isTwoLinks(t conversation.Tangle, all []conversation.Tangle) bool {
	a, b := t.First, t.Second
	switch {
	case a == nil || len(t.Old) > 0:
		return false
	case a.Client == b.Client:
		return a.Server.Addr() == b.Server.Addr()
	}
	return x.sameRestored(a, b) && x.restoredTangles(all) >= 2
}

func (x *Context) restoredTangles(all []conversation.Tangle) int {
	count := 0
	for _, t := range all {
		if t.First != nil && x.sameRestored(t.First, t.Second) {
			count++
		}
	}
	return count
}

// sameRestored reports two balanced connections whose option names one client.
func (x *Context) sameRestored(a, b *conversation.Conversation) bool {
	o := x.restored(a)
	return o.IsValid() && o == x.restored(b)
}

// restored is the client's endpoint that a balancer put into an option of the
// client's segments; not valid when there is none.
func (x *Context) restored(c *conversation.Conversation) netip.AddrPort {
	for i := range c.Segments {
		s := &c.Segments[i]
		if e := x.ExtraOf(s); s.From == conversation.Client && e != nil && e.TOA.IsValid() {
			return e.TOA
		}
	}
	return netip.AddrPort{}
}

// symptom: certain with two exact matches, or one and a second mark; likely
// with one, or two moments that fit; possible with the schedule of one alone.
func (t *tangled) symptom() string {
	exact, marked := 0, false
	for _, c := range t.Crossings {
		switch c.Form {
		case conversation.CrossedReset, conversation.CrossedSegment, conversation.CrossedSYN:
			exact++
			marked = marked || c.IDContinues || c.Echoes
		case conversation.CrossedEcho:
			if c.Named {
				exact++
			}
		}
	}
	switch echoes := len(t.Of(conversation.CrossedEcho)); {
	case exact >= 2 || exact == 1 && marked || echoes >= 3 || len(t.Old) > 0:
		return Certain
	case exact == 1 || echoes == 2 || len(t.Late) > 0 || len(t.Echoes) > 0 && t.x.ForeignBlocks(t.Second, t.Echoes[0]):
		return Likely
	}
	return Possible
}

// tell makes the finding, up to its causes.
func (x *Context) tell(t conversation.Tangle) *tangled {
	k := &tangled{Tangle: t, x: x}
	symptom := k.symptom()
	severity, cause := Problem, Likely
	if symptom == Possible {
		severity, cause = Warning, Possible
	}
	if t.First == nil {
		k.f = x.finding(severity, symptom, cause, t.Second)
		k.alone()
	} else {
		k.f = x.finding(severity, symptom, cause, t.First, t.Second)
		k.opening()
		k.oddAnswer()
		k.resets()
		k.echoes()
		k.twoSenders()
		k.sharedTuple()
		k.outcome()
		k.meeting()
		k.conclusion()
	}
	k.drawing()
	k.f.grouped(k.key(), portLabel(k.port()))
	return k
}

// key groups: the same pair of servers for one client, or of clients for one server.
func (t *tangled) key() string {
	b := t.Second
	switch {
	case t.First == nil:
		return "alone " + b.Client.Addr().String() + b.Server.String()
	case t.First.Client == b.Client && t.First.Server != b.Server:
		s, u := t.First.Server.String(), b.Server.String()
		if u < s {
			s, u = u, s
		}
		return b.Client.Addr().String() + s + u
	}
	return t.First.Client.Addr().String() + b.Client.Addr().String() + b.Server.String()
}

// port is the endpoint that tells this occurrence apart.
func (t *tangled) port() netip.AddrPort {
	if o := t.x.restored(t.Second); o.IsValid() {
		return o
	}
	if t.First != nil {
		return t.First.Client
	}
	return t.Second.Client
}

// oneClient: one client endpoint, two servers; else one server, two clients (or
// one 4-tuple with two senders).
func (t *tangled) oneClient() bool {
	return t.First != nil && t.First.Client == t.Second.Client && t.First.Server != t.Second.Server
}

func (t *tangled) oneTuple() bool {
	return t.First != nil && t.First.Client == t.Second.Client && t.First.Server == t.Second.Server
}

// name is what the text calls a conversation: by the end that differs.
func (t *tangled) name(c *conversation.Conversation) lang.Text {
	switch {
	case t.oneTuple() && c == t.First:
		return lang.Text{EN: "the first connection", ZH: "第一个连接"}
	case t.oneTuple():
		return lang.Text{EN: "the second connection", ZH: "第二个连接"}
	case t.oneClient():
		return lang.T("the connection to %s", "到 %s 的连接", c.Server)
	}
	return lang.T("the connection from %s", "来自 %s 的连接", c.Client)
}

func firstNumber(c *conversation.Conversation) int {
	if h := c.Handshake(); len(h.SYNs) > 0 {
		return n(c, h.SYNs[0])
	}
	return int(c.Segments[0].Number)
}

func (t *tangled) opening() {
	a, b := t.First, t.Second
	p, q := firstNumber(a), firstNumber(b)
	lag := lang.Duration(b.First - a.First)
	switch {
	case t.oneTuple():
		t.f.say([]int{p, q}, "A connection from %s to %s was open #%d when, %s later, a second SYN with another sequence number came for the very same addresses and ports #%d.",
			"从 %s 到 %s 的连接已经建立 #%d；%s 后，又来了一个地址和端口完全相同、序列号却不同的 SYN #%d。", a.Client, a.Server, p, lag, q)
	case t.oneClient():
		t.f.say([]int{p, q}, "%s used its port %d for a connection to %s #%d. %s later it opened a second one from the same port, to %s #%d. That is legal: the two servers differ.",
			"%s 用端口 %d 连接 %s #%d；%s 后又从同一端口向 %s 发起了第二个连接 #%d。这是合法的：两个连接的服务器不同。", a.Client.Addr(), a.Client.Port(), a.Server, p, lag, b.Server, q)
	default:
		t.f.say([]int{p, q}, "%s had a connection from %s #%d. %s later another one came, from %s #%d.%s",
			"%s 已有一个来自 %s 的连接 #%d；%s 后又来了一个，来自 %s #%d。%s", a.Server, a.Client, p, lag, b.Client, q, t.option())
	}
	t.f.showsStart(a, t.name(a))
	t.f.showsStart(b, t.name(b))
}

// showsStart names the packet with which a conversation begins, in the capture
// if not on the wire.
func (f *Finding) showsStart(c *conversation.Conversation, name lang.Text) {
	if len(c.Handshake().SYNs) > 0 {
		f.shows(firstNumber(c), "opens %s", "发起%s", name)
		return
	}
	f.shows(firstNumber(c), "first seen of %s, which is older than the capture", "%s在抓包中的第一个包，它早于抓包开始", name)
}

// option tells what the balancer says about who the client is.
func (t *tangled) option() lang.Text {
	for _, p := range [][2]*conversation.Conversation{{t.First, t.Second}, {t.Second, t.First}} {
		switch o := t.x.restored(p[1]); {
		case !o.IsValid():
		case o == p[0].Client:
			return lang.T(" A TCP option on %s names %s as the real client: the very endpoint of the other connection.", "%s带有一个 TCP 选项，写明真实客户端是 %s，正是另一个连接的端点。", t.name(p[1]), o)
		case o == t.x.restored(p[0]):
			return lang.T(" A TCP option in both names the same real client, %s.", "两个连接中的 TCP 选项写的是同一个真实客户端：%s。", o)
		}
	}
	return lang.Text{}
}

// oddAnswer tells the SYN that was answered with the other connection's numbers.
func (t *tangled) oddAnswer() {
	odd := t.Of(conversation.CrossedSYN)
	if len(odd) == 0 {
		return
	}
	c := odd[0]
	r := &c.Came.Segments[c.Answer]
	syn := int(c.Asked.Segments[c.Trigger].Number)
	t.f.say([]int{syn, int(r.Number)}, "The SYN #%d was answered not by a SYN-ACK but by an ACK #%d with the numbers of %s: it continues that one's byte stream and acknowledges its client's bytes. The numbers match to the bit.%s",
		"SYN #%d 得到的不是 SYN-ACK，而是一个带着%[3]s的序列号和确认号的 ACK #%[2]d：它接着那个连接的字节流，确认的也是那个连接的数据，数字逐位吻合。%[4]s", syn, r.Number, t.name(c.Owner), t.marks(c))
	t.f.shows(int(r.Number), "answers the SYN with the numbers of %s", "用%s的序列号应答这个 SYN", t.name(c.Owner))
	t.f.Drawing.Marks = append(t.f.Drawing.Marks, Mark{Packet: int(r.Number), Ignored: true,
		SenderNote: lang.Text{EN: "numbers of the other connection", ZH: "另一个连接的序列号"}})
	t.recovery(c)
}

// marks are the signs beside the sequence numbers.
func (t *tangled) marks(c conversation.Crossing) lang.Text {
	r := &c.Came.Segments[c.Answer]
	var out []lang.Text
	if c.IDContinues {
		out = append(out, lang.T(" Its IP ID %d continues that connection's as well.", "它的 IP ID %d 也接着那个连接的编号。", r.IPID))
	}
	if c.Echoes {
		out = append(out, lang.Text{EN: " Its timestamp echoes a value that the client sent only there.", ZH: "它回显的时间戳，客户端只在那个连接上发送过。"})
	}
	return lang.Join(out, lang.Text{})
}

// recovery tells the client's reset of the odd answer, and the SYN that then
// succeeds.
func (t *tangled) recovery(c conversation.Crossing) {
	reset := resetOf(c.Came, c.Answer)
	if reset < 0 {
		return
	}
	h := c.Came.Handshake()
	if len(h.SYNACKs) == 0 {
		t.f.say(numbers(c.Came, reset), "The client, which knows nothing of these numbers on this connection, reset it #%d.", "客户端在这个连接上不认识这些数字，于是回了 RST #%d。", n(c.Came, reset))
		return
	}
	z := h.SYNACKs[0]
	t.f.say(numbers(c.Came, reset, z), "The client, which knows nothing of these numbers on this connection, reset it #%d. With those numbers the RST most likely ended the first connection at the server: %s later the repeated SYN succeeded #%d.",
		"客户端在这个连接上不认识这些数字，于是回了 RST #%d。凭着这些数字，它在服务器上结束的很可能是第一个连接：%s 后，重发的 SYN 成功了 #%d。",
		n(c.Came, reset), lang.Duration(c.Came.Segments[z].Time-c.Came.Segments[reset].Time), n(c.Came, z))
	t.f.shows(n(c.Came, reset), "bears the first connection's numbers, and most likely ended it at the server", "带着第一个连接的序列号，很可能在服务器上结束了它")
}

// resets tells the segments of one connection that were answered by resets on
// the other.
func (t *tangled) resets() {
	cs := append(t.Of(conversation.CrossedReset), t.Of(conversation.CrossedSegment)...)
	if len(cs) == 0 {
		return
	}
	var sent, came []int
	longest := int64(0)
	for _, c := range cs {
		s, r := &c.Asked.Segments[c.Trigger], &c.Came.Segments[c.Answer]
		sent, came = append(sent, int(s.Number)), append(came, int(r.Number))
		longest = max(longest, r.Time-s.Time)
		t.f.shows(int(r.Number), "answers #%d, which was sent on the other connection", "应答的是另一个连接上发出的 #%d", s.Number)
		t.f.Drawing.Marks = append(t.f.Drawing.Marks, Mark{Packet: int(r.Number), Ignored: true,
			SenderNote: lang.T("answers #%d", "应答 #%d", s.Number), ReceiverNote: lang.Text{EN: "unknown here", ZH: "此连接不认识"}})
	}
	c := cs[0]
	t.f.say(append(sent, came...), "%s on %s (%s) got no answer there. Within %s of each, a RST came on %s instead (%s): its sequence number is exactly what the segment acknowledges, and none of its own connection's numbers.",
		"%[2]s上的 %[1]s（%[3]s）在本连接上没有得到应答；每次不超过 %[4]s，%[5]s上却来了一个 RST（%[6]s）：它的序列号恰好等于该报文段的确认号，而不属于它所在的连接。",
		lang.Count(len(cs), "segment", "segments", "个报文段"), t.name(c.Asked), refs(sent), lang.Duration(longest), t.name(c.Came), refs(came))
}

// echoes tells unanswered segments that draw acknowledgements on the other
// connection.
func (t *tangled) echoes() {
	cs := t.Of(conversation.CrossedEcho)
	if len(cs) == 0 {
		return
	}
	var sent, came []int
	longest := int64(0)
	for _, c := range cs {
		s, r := &c.Asked.Segments[c.Trigger], &c.Came.Segments[c.Answer]
		sent, came = append(sent, int(s.Number)), append(came, int(r.Number))
		longest = max(longest, r.Time-s.Time)
		t.f.shows(int(r.Number), "comes right after #%d and answers nothing on its own connection", "紧跟在 #%d 之后，在自己的连接上并不应答任何包", s.Number)
		t.f.Drawing.Marks = append(t.f.Drawing.Marks, Mark{Packet: int(r.Number), SenderNote: lang.T("drawn by #%d", "由 #%d 引出", s.Number)})
	}
	c := cs[0]
	what := lang.Text{EN: "its data", ZH: "它的数据"}
	if c.Asked.Segments[c.Trigger].PureSYN() {
		what = lang.Text{EN: "its SYN", ZH: "它的 SYN"}
	}
	t.f.say(append(sent, came...), "On %s nothing answers %s (%s). But within %s of each, an ACK comes on %s that repeats that one's last numbers and answers nothing there (%s): %s.",
		"在%s上，%s（%s）没有任何应答；但每次不超过 %s，%s上都会出现一个 ACK，它只是重复那个连接最后的序列号，并不应答那里的任何包（%s）：共 %s。",
		t.name(c.Asked), what, refs(sent), lang.Duration(longest), t.name(c.Came), refs(came), lang.Times(len(cs)))
	t.sayNamed(cs)
}

// sayNamed tells the proof inside such acknowledgements: their SACK option names
// the very bytes of the other connection's segment.
func (t *tangled) sayNamed(cs []conversation.Crossing) {
	var packets []int
	for _, c := range cs {
		if c.Named {
			packets = append(packets, int(c.Came.Segments[c.Answer].Number))
		}
	}
	if len(packets) == 0 {
		return
	}
	c := cs[0]
	t.f.say(packets, "The SACK option of these ACKs (%s) reports exactly the bytes of #%d, though these were sent on the other connection: one and the same socket at the server received them.", "这些 ACK（%s）的 SACK 选项所报告的恰好是 #%d 的字节，而它们是在另一个连接上发送的：服务器由同一个套接字收到了它们。",
		refs(packets), c.Asked.Segments[c.Trigger].Number)
}

// twoSenders tells one 4-tuple on which two clients speak.
func (t *tangled) twoSenders() {
	if len(t.Old) == 0 {
		return
	}
	b := t.Second
	t.challenge()
	old := numbers(b, t.Old...)
	t.f.say(old, "After the second connection had begun, %s still arrived with the numbers of the first (%s). Two senders with two sequence spaces share one 4-tuple; a client that had restarted would have only one.",
		"第二个连接开始之后，仍有 %s 带着第一个连接的序列号到达（%s）。同一个四元组上有两个发送方、两套序列号；若是客户端重启，只会剩下一个发送方。",
		lang.Count(len(old), "segment", "segments", "个报文段"), refs(old))
	var refused []int
	for i, p := range old {
		t.f.shows(p, "speaks in the numbers of the first connection", "使用第一个连接的序列号")
		t.f.Drawing.Marks = append(t.f.Drawing.Marks, Mark{Packet: p, Ignored: true, SenderNote: lang.Text{EN: "the first connection's numbers", ZH: "第一个连接的序列号"}})
		if r := resetOf(b, t.Old[i]); r >= 0 {
			refused = append(refused, n(b, r))
			t.f.shows(n(b, r), "refuses the first connection's segment", "拒绝第一个连接的包")
		}
	}
	if len(refused) > 0 {
		t.f.say(refused, "The server answered %s of them with a RST (%s): it no longer has a connection with such numbers.", "其中 %s 个得到的是 RST（%s）：服务器已没有带这些序列号的连接。",
			lang.Number(int64(len(refused))), refs(refused))
	}
}

// sharedTuple tells what came on the first connection after its tuple became the
// second one's translated tuple as well, where both pass this capture point.
func (t *tangled) sharedTuple() {
	if len(t.Old) > 0 {
		return
	}
	for _, o := range t.x.Tangles() {
		if len(o.Old) == 0 || t.x.outer(o.First) != t.x.outer(t.First) || t.x.outer(o.Second) != t.x.outer(t.Second) {
			continue
		}
		old := numbers(o.Second, o.Old...)
		t.f.say(old, "%s of the first connection came after that (%s). Behind the translation the second connection has the very same addresses and ports, so that nothing but the sequence numbers tells the two apart.",
			"此后第一个连接又来了 %s（%s）。经过转换，第二个连接的地址和端口与它完全相同，除序列号外再无区别。", lang.Count(len(old), "segment", "segments", "个报文段"), refs(old))
		for _, p := range old {
			t.f.shows(p, "the first connection's numbers, on the tuple of both", "第一个连接的序列号，出现在两者共用的四元组上")
		}
		t.f.covers([]int{o.Second.ID})
	}
}

// challenge tells how the server met the second SYN on the tuple.
func (t *tangled) challenge() {
	b := t.Second
	h := b.Handshake()
	if len(h.Odd) == 0 || len(h.SYNs) == 0 {
		return
	}
	odd := numbers(b, h.Odd...)
	t.f.say(append([]int{n(b, h.SYNs[0])}, odd...), "The server met that SYN with an ACK in the numbers of the first connection (%s), as a stack does that holds such a connection.", "服务器用第一个连接的序列号回了 ACK（%s）：只有仍持有该连接的协议栈才会这样应答。", refs(odd))
	for _, p := range odd {
		t.f.shows(p, "answers the SYN with the first connection's numbers", "用第一个连接的序列号应答 SYN")
	}
	if reset := resetOf(b, h.Odd[0]); reset >= 0 && len(h.SYNACKs) > 0 {
		t.f.say(numbers(b, reset, h.SYNACKs[0]), "A RST came for that ACK #%d, and the repeated SYN was accepted #%d: the first connection's socket was gone.", "这个 ACK 招来了 RST #%d，随后重发的 SYN 被接受 #%d：第一个连接的套接字已不复存在。", n(b, reset), n(b, h.SYNACKs[0]))
	}
}

// meeting tells that both connections end at one server endpoint, where the
// translated legs are in the capture.
func (t *tangled) meeting() {
	a, b := t.x.inner(t.First), t.x.inner(t.Second)
	if !t.oneClient() || a == nil && b == nil {
		return
	}
	if a == nil {
		a = t.First
	}
	if b == nil {
		b = t.Second
	}
	if a.Server != b.Server {
		return
	}
	t.met = true
	t.f.Cause = Certain
	p, q := firstNumber(a), firstNumber(b)
	t.f.say([]int{p, q}, "The capture shows where they meet: both SYNs leave for %s (#%d, #%d).", "抓包显示了它们的交汇处：两个 SYN 都被发往 %s（#%d、#%d）。", a.Server, p, q)
	t.f.shows(p, "goes to %s", "发往 %s", a.Server)
	t.f.shows(q, "goes to %s", "发往 %s", b.Server)
}

// conclusion is the inference that the packets lead to.
func (t *tangled) conclusion() {
	if t.oneTuple() {
		return
	}
	if t.met {
		t.f.say(nil, "So the server most likely has one socket for both, because both reach its stack with the same addresses and ports.", "由此推断，两者到达服务器协议栈时地址和端口完全相同，服务器很可能只有一个套接字。")
		return
	}
	t.f.say(nil, "So the server most likely has one socket for both connections, because both reach it with the same addresses and ports. Which device makes them alike is not in this capture.",
		"由此推断，两个连接到达服务器时地址和端口完全相同，服务器很可能只有一个套接字。究竟是哪个设备造成的，此抓包中看不到。")
}

// outcome tells what became of the connection that lost.
func (t *tangled) outcome() {
	loser := t.First
	for _, c := range t.Crossings {
		if c.Form == conversation.CrossedEcho {
			loser = c.Asked
		}
	}
	h := loser.Handshake()
	if len(h.SYNACKs) == 0 && len(h.SYNs) > 0 {
		t.f.waited(loser.Last - loser.First)
		return
	}
	for _, s := range loser.DataSeries(conversation.Client) {
		first, last := &loser.Segments[s.At[0]], &loser.Segments[s.At[len(s.At)-1]]
		if conversation.Before(loser.Flows[conversation.Server].Acked, first.End()) {
			t.f.say(numbers(loser, s.At...), "The %s sent in #%d on %s were repeated %s over %s and never acknowledged.", "%[3]s上 #%[2]d 发出的 %[1]s重传了 %[4]s，历时 %[5]s，始终未被确认。",
				lang.Bytes(int64(first.Len)), first.Number, t.name(loser), lang.Times(len(s.At)-1), lang.Duration(last.Time-first.Time))
			t.f.waited(last.Time - first.Time)
			t.lastReset(loser)
			return
		}
	}
}

// lastReset tells the reset that at last came on the connection itself.
func (t *tangled) lastReset(loser *conversation.Conversation) {
	if r := loser.FirstReset(conversation.Server); r != nil {
		t.f.say(numbers(loser, r.At), "In the end a RST carrying the server's address came on that connection itself #%d: by then the other one was most likely gone at the server, so that the answer took its own way again.%s",
			"最后，该连接自身也收到了带着服务器地址的 RST #%d：此时另一个连接在服务器上多半已经消失，应答才重新走回原来的路径。%s", n(loser, r.At), t.swappedID(loser, r.At))
	}
}

// swappedID tells that a segment continues the other connection's IP IDs: the
// two sockets' counters are swapped.
func (t *tangled) swappedID(c *conversation.Conversation, at int) lang.Text {
	other := t.First
	if c == t.First {
		other = t.Second
	}
	if !c.ContinuesID(at, other) {
		return lang.Text{}
	}
	return lang.T(" Its IP ID %d does not follow this connection's but the other one's.", "它的 IP ID %d 接的不是本连接的编号，而是另一个连接的。", c.Segments[at].IPID)
}

// alone tells a conversation that shows the mark of one that is not in the file.
func (t *tangled) alone() {
	c := t.Second
	if t.Odd >= 0 {
		late := numbers(c, t.Late...)
		h := c.Handshake()
		syn, z := n(c, h.SYNs[0]), n(c, h.SYNACKs[0])
		t.f.say([]int{syn, n(c, t.Odd), z}, "The SYN #%d was first answered by an ACK whose numbers belong to another connection #%d. The client reset it, and the repeated SYN succeeded #%d.",
			"SYN #%d 起先得到的是一个带着别的连接序列号的 ACK #%d；客户端将其复位后，重发的 SYN 成功了 #%d。", syn, n(c, t.Odd), z)
		t.f.say(late, "Then %s came with the sequence number of that odd ACK (%s), spaced like a retransmission timer, although no segment of this connection asks for them: each answers a segment of another connection that is not in this capture.",
			"此后又来了 %s，序列号与那个异常的 ACK 相同（%s），间隔像重传定时器，而本连接上没有任何包会引出它们：每一个应答的都是另一个不在此抓包中的连接。",
			lang.Count(len(late), "RST", "RSTs", "个 RST"), refs(late))
		t.f.shows(n(c, t.Odd), "answers the SYN with another connection's numbers", "用另一个连接的序列号应答 SYN")
		for _, p := range late {
			t.f.shows(p, "answers a segment that is not on this connection", "应答的包不在本连接上")
			t.f.Drawing.Marks = append(t.f.Drawing.Marks, Mark{Packet: p, Ignored: true, SenderNote: lang.Text{EN: "answers nothing here", ZH: "此处无对应包"}})
		}
		return
	}
	at := numbers(c, t.Echoes...)
	t.f.say(at, "%s with the same numbers came from the server although nothing was outstanding (%s), spaced like a retransmission timer: each may answer a segment of another connection that is not in this capture.",
		"服务器在没有任何待确认数据的情况下，发来 %s数字完全相同的 ACK（%s），间隔像重传定时器：它们应答的可能是另一个不在此抓包中的连接。", lang.Count(len(at), "ACK", "ACKs", "个"), refs(at))
	if t.x.ForeignBlocks(c, t.Echoes[0]) {
		t.f.say(at[:1], "The SACK option of #%d reports bytes that were never sent on this connection: they belong to another one.", "#%d 的 SACK 选项报告了本连接上从未发送过的字节：它们属于另一个连接。", at[0])
	}
	for _, p := range at {
		t.f.shows(p, "answers nothing on this connection", "在本连接上不应答任何包")
	}
}

func (t *tangled) drawing() {
	b := t.Second
	lane := func(e netip.AddrPort, en, zh string) {
		t.f.Drawing.Lanes = append(t.f.Drawing.Lanes, LaneHint{Endpoint: e, Role: lang.Text{EN: en, ZH: zh}})
	}
	switch {
	case t.First == nil || t.oneTuple():
		lane(b.Client, "client", "客户端")
		lane(b.Server, "server", "服务器")
	case t.oneClient():
		lane(t.First.Server, "first connection", "第一个连接")
		lane(b.Client, "client, one port", "客户端，同一端口")
		lane(b.Server, "second connection", "第二个连接")
	default:
		lane(t.First.Client, "first connection", "第一个连接")
		lane(b.Server, "server", "服务器")
		lane(b.Client, "second connection", "第二个连接")
	}
}
