package scenario

import (
	"net/netip"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// A monitor checks one node over two links, each with a port of its own. Behind
// both stands the same server port, so that probes with equal client ports meet.

var haTwoLinksOneBackend = Scenario{
	ID:    "ha-two-links-one-backend",
	Title: lang.Text{EN: "Probes over two links become one connection at the backend", ZH: "两条链路上的探测在后端变成了同一个连接"},
	Summary: lang.Text{
		EN: "A client reaches one server over two links; when both use the same client port, the server takes them for one connection and one of them fails.",
		ZH: "客户端经两条链路访问同一台服务器；两条链路碰巧用了同一个客户端端口时，服务器把它们当成一个连接，其中一个失败。",
	},
	Meaning: lang.Text{
		EN: "High-availability set-ups check a node directly and across data centres. The two checks go to different ports of one address and are translated to the same server port, with the client's own address kept. Equal client ports then give equal 4-tuples at the server. The check that loses looks like a dead node, and a fail-over may follow although the node is well.",
		ZH: "高可用部署常常既直接检查节点，又跨机房检查。两种检查访问同一地址的不同端口，经转换后到达同一个服务器端口，并保留客户端地址。一旦客户端端口相同，服务器看到的四元组就相同。落败的那次检查看起来像节点故障，可能引发误切换，而节点其实完好。",
	},
	Recognised: []lang.Text{
		{EN: "Two connections from one client port to one address, two server ports.", ZH: "同一客户端端口到同一地址的两个不同服务器端口的两个连接。"},
		{EN: "What is sent on one is answered on the other, with exactly its numbers.", ZH: "在一个连接上发出的包，应答出现在另一个连接上，数字完全吻合。"},
		{EN: "Probes whose ports differ succeed, those that share one fail.", ZH: "端口不同的探测成功，端口相同的探测失败。"},
	},
	Confused: []Confusion{
		{ID: "cross-wired-tuple-collision", Text: lang.Text{EN: "the same mechanism with two server addresses", ZH: "机制相同，只是涉及两个服务器地址"}},
		{ID: "conn-refused-rst", Text: lang.Text{EN: "when the node is really down, all probes fail, whatever their port", ZH: "节点真的故障时，所有探测都会失败，与端口无关"}},
	},
	Fixes: []lang.Text{
		{EN: "Give the two checks disjoint client ports or different source addresses.", ZH: "让两种检查使用互不重叠的客户端端口，或不同的源地址。"},
		{EN: "Let the two links end at different server ports, or stop restoring the client's address on one of them.", ZH: "让两条链路通向不同的服务器端口，或在其中一条上不再还原客户端地址。"},
		{EN: "Before failing over, require a second failed probe from another client port.", ZH: "切换之前，要求用另一个客户端端口再探测一次并失败。"},
	},
	References: []Reference{
		{Title: "活久见，TCP连接互串了", Author: "plantegg", Date: "2020-11-18", URL: "https://plantegg.github.io/2020/11/18/TCP连接为啥互串了/"},
	},
	Symptom: SymptomStall,
	Over:    append([]string{"cross-wired-tuple-collision"}, tangleConsequences...),
	Detect:  detectTwoLinks,
}

// Reported when the packets of cross-wired-tuple-collision stand on two
// connections of one client port to one server address with two ports; at the
// server, on two balanced connections whose option names one client, at least
// twice. Not reported when the server addresses differ.
func detectTwoLinks(x *Context) []Finding {
	var out []Finding
	for _, t := range x.tangles(true) {
		k := x.tell(t)
		k.links()
		out = append(out, *k.f)
	}
	return out
}

func (t *tangled) links() {
	a, b := t.First, t.Second
	if t.oneClient() {
		t.f.Summary = lang.T("Probes from %s to ports %d and %d of %s shared the client port %d and met as one connection behind them; the one to port %d failed.",
			"%s 到 %[4]s 的 %[2]d 和 %[3]d 端口的两个探测用了同一个客户端端口 %[5]d，在后端成了一个连接；其中到 %[6]d 端口的失败了。",
			a.Client.Addr(), a.Server.Port(), b.Server.Port(), a.Server.Addr(), a.Client.Port(), t.asked().Server.Port())
		t.rounds()
	} else {
		t.f.Summary = lang.T("Two balanced connections to %s carry the same client, %s, and the server takes them for one.", "到 %s 的两个经过负载均衡的连接，客户端同为 %s，服务器把它们当成了一个。", b.Server, t.port())
	}
	t.f.may(t.f.Cause, lang.Text{EN: "Both links are translated to one server port with the client's address kept", ZH: "两条链路都被转换到同一个服务器端口，且保留了客户端地址"},
		lang.Text{EN: "A capture at the server, and the translation rules of both links.", ZH: "服务器抓包，以及两条链路的转换规则。"})
	t.f.excludes(lang.Text{EN: "The node is down", ZH: "节点故障"}, lang.T("At the same moments %s works.", "同一时刻，%s一切正常。", t.name(t.came())))
	t.ruledOut()
	t.f.confirm(lang.Text{EN: "On the client: do both probes hold one local port?", ZH: "在客户端：两个探测是否占用同一个本地端口："}, lang.T("ss -tnp 'sport = :%d'", "", t.port().Port()).EN)
	t.f.confirm(lang.Text{EN: "At the server: two SYNs with different sequence numbers for one 4-tuple.", ZH: "在服务器上：同一个四元组上是否有两个序列号不同的 SYN："}, tcpdump(lang.T("tcp port %d", "", t.port().Port()).EN))
}

// rounds sets the probes that shared a port against those that did not.
func (t *tangled) rounds() {
	a, b := t.First.Server, t.Second.Server
	shared, alone, failedAlone := 0, 0, 0
	for _, c := range t.x.ToServer(a) {
		if c.Client.Addr() != t.First.Client.Addr() {
			continue
		}
		if t.x.meets(c, b) {
			shared++
			continue
		}
		alone++
		if !t.x.answered(c) {
			failedAlone++
		}
	}
	if shared == 0 || alone == 0 {
		return
	}
	t.f.say(nil, "Of %s to port %d, %d shared their client port with a connection to port %d, and it is these that got tangled; of the %d that did not, %d failed.",
		"到 %[2]d 端口的 %[1]s中，有 %[3]d 个与到 %[4]d 端口的连接共用客户端端口，互串的正是它们；其余 %[5]d 个中失败的有 %[6]d 个。",
		lang.Count(shared+alone, "probe", "probes", "个探测"), a.Port(), shared, b.Port(), alone, failedAlone)
}

// meets reports whether the client's endpoint was connected to another server
// endpoint during the conversation.
func (x *Context) meets(c *conversation.Conversation, other netip.AddrPort) bool {
	for _, o := range x.FromClient(c.Client) {
		if o.Server == other && o.First <= c.Last && o.Last >= c.First {
			return true
		}
	}
	return false
}

// answered reports whether all of a client's data was acknowledged.
func (x *Context) answered(c *conversation.Conversation) bool {
	f, peer := &c.Flows[conversation.Client], &c.Flows[conversation.Server]
	return len(c.Handshake().SYNACKs) > 0 && !conversation.Before(peer.Acked, f.Next)
}
