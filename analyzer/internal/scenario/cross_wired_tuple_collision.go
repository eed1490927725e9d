package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// Two connections of one client, legal and different on its side, reach one
// server that ends up with the same addresses and ports for both. What is sent
// on one is then answered on the other.

var crossWiredTupleCollision = Scenario{
	ID:    "cross-wired-tuple-collision",
	Title: lang.Text{EN: "Two connections collapse into one at the server", ZH: "两个连接在服务器上互串成了一个"},
	Summary: lang.Text{
		EN: "What the client sends on one connection is answered on another: the server takes the two for one.",
		ZH: "客户端在一个连接上发出的包，应答却出现在另一个连接上：服务器把两者当成了同一个连接。",
	},
	Meaning: lang.Text{
		EN: "A server knows a connection by four values: two addresses and two ports. When one path is direct and another goes through a device that puts the client's own address back, the same client port used on both gives the server the same four values twice. It has one socket for them, which at any time belongs to one of the two connections; answers follow that one's path, whichever of them asked. The documented case is a client that reached MySQL directly and through LVS in FULLNAT mode, with a module on the real server that restores the client's address. A module that only changes what getpeername() reports leaves two sockets apart; one that rewrites packets does not. It is rare, since it needs the same client port on both paths, and it looks like a dead network.",
		ZH: "服务器靠四个值识别一个连接：两个地址和两个端口。如果一条路径是直连，另一条经过某个会还原客户端地址的设备，而两条路径又恰好用了同一个客户端端口，服务器就会两次看到同样的四元组。它只有一个对应的套接字，同一时刻只属于其中一个连接；无论包来自哪个连接，应答都沿着占有者的路径返回。有记录的案例是：客户端既直连 MySQL，又通过 FULLNAT 模式的 LVS 访问它，而真实服务器上的内核模块会还原客户端地址。只修改 getpeername() 结果的模块不会让两个套接字合并，改写包的模块才会。因为必须撞上同一个客户端端口，所以十分罕见，看上去却像网络不通。",
	},
	Recognised: []lang.Text{
		{EN: "Data on one connection gets no answer, while resets with exactly its numbers arrive on another connection of the same client port.", ZH: "一个连接上的数据得不到应答，而同一客户端端口的另一个连接上，却收到与之数字吻合的 RST。"},
		{EN: "A SYN is answered by an ACK instead of a SYN-ACK, and that ACK carries the numbers of another, older connection.", ZH: "SYN 得到的不是 SYN-ACK 而是 ACK，且这个 ACK 带着另一个更早的连接的序列号与确认号。"},
		{EN: "On the server with addresses restored: segments of two sequence spaces arrive on one 4-tuple.", ZH: "在还原地址之后的服务器：同一个四元组上到达两套序列号的包。"},
	},
	Confused: []Confusion{
		{ID: "syn-no-answer", Text: lang.Text{EN: "there no other connection of the same client port gets an answer at the same moments", ZH: "那里没有同一客户端端口的其他连接在相同时刻收到应答"}},
		{ID: "rto-death", Text: lang.Text{EN: "there the data is simply never answered, on any connection", ZH: "那里数据在任何连接上都没有得到应答"}},
		{ID: "timewait-port-reuse", Text: lang.Text{EN: "there the odd ACK belongs to an earlier connection between the same two endpoints, which is over", ZH: "那里异常的 ACK 属于同一对端点之间先前已经结束的连接"}},
		{ID: "nat-two-legs", Text: lang.Text{EN: "there the two conversations are one connection before and after a translation, with the same numbers", ZH: "那里两个会话是同一个连接在地址转换前后的两段，数字完全相同"}},
	},
	Fixes: []lang.Text{
		{EN: "Do not reach one server both directly and through the balancer from one client address, or give each path its own server port.", ZH: "不要让同一客户端地址既直连又经负载均衡访问同一台服务器；或让两条路径使用不同的服务器端口。"},
		{EN: "Turn off client address preservation on the balancer, or use one that does not rewrite packets at the server: the PROXY protocol, or a TOA module that only answers getpeername().", ZH: "关闭负载均衡的客户端地址保留功能，或改用不在服务器上改写包的方式：PROXY 协议，或只修改 getpeername() 结果的 TOA 模块。"},
		{EN: "Give the two paths disjoint client ports: different source addresses, or different ip_local_port_range.", ZH: "让两条路径的客户端端口互不重叠：使用不同的源地址，或设置不同的 ip_local_port_range。"},
		{EN: "Until then, retry on a new connection: the next port will hardly collide.", ZH: "在此之前可用新连接重试：下一个端口几乎不会再撞上。"},
	},
	References: []Reference{
		{Title: "活久见，TCP连接互串了", Author: "plantegg", Date: "2020-11-18", URL: "https://plantegg.github.io/2020/11/18/TCP连接为啥互串了/"},
		{Title: "Troubleshoot your Network Load Balancer (client IP preservation)", Author: "AWS", URL: "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-troubleshooting.html"},
		{Title: "NLB connection resets", Author: "Niels Ole", Date: "2020-10-18", URL: "https://www.niels-ole.com/cloud/aws/linux/2020/10/18/nlb-resets.html"},
		{Title: "kubernetes/kubernetes#90042", URL: "https://github.com/kubernetes/kubernetes/issues/90042"},
		{Title: "kubernetes/kubernetes#107249", URL: "https://github.com/kubernetes/kubernetes/issues/107249"},
	},
	Symptom: SymptomStall,
	Over:    tangleConsequences,
	Detect:  detectCrossWired,
}

// tangleConsequences are what each of the two connections looks like alone.
var tangleConsequences = []string{
	"syn-no-answer", "timewait-port-reuse", "half-open-after-crash", "idle-timeout-silent", "idle-timeout-rst", "rst-injection",
	"rto-death", "path-outage", "packet-loss", "tail-loss-rto", "data-after-close", "keepalive-failure", "lvs-stale-entry-after-port-reuse",
	"client-gave-up", "server-closed-without-answer", "who-is-slow", "health-check-or-scan", "spurious-retransmission", "linger0-abort",
	"idle-cleanup-rst", "close-wait-leak", "syn-dropped-by-host", "conntrack-invalid-rst", "two-synacks", "shared-source-port-across-destinations",
	"idle-client-half-open-zombie", "nat-mapping-changed", "reordering", "timewait-assassination", "sack-mangled", "asymmetric-routing-stateful-drop",
}

// Reported when one of these holds for two conversations that share the client's
// endpoint (seen from the client), the server's (before addresses are restored)
// or both (after): segments of one are answered on the other with exactly their
// numbers; a SYN is answered with the numbers of the other; unanswered segments
// of one draw, each within 100 ms, an acknowledgement on the other that answers
// nothing there; two sequence spaces speak on one 4-tuple. With the other
// conversation missing from the capture: late resets with the number of an odd
// answer to the SYN. Certain with two exact matches, or one and a continued IP
// ID or timestamp. Not reported when the answers belong to the conversation
// they came on, nor for two legs of one translated connection.
func detectCrossWired(x *Context) []Finding {
	var out []Finding
	for _, t := range x.tangles(false) {
		k := x.tell(t)
		k.summary()
		k.causes()
		out = append(out, *k.f)
	}
	return out
}

func (t *tangled) summary() {
	b := t.Second
	switch {
	case t.First == nil:
		t.f.Summary = lang.T("On the connection from %s to %s come answers to segments of another connection, which is not in this capture.", "从 %s 到 %s 的连接上，出现了对另一个连接的应答，而那个连接不在此抓包中。", b.Client, b.Server)
	case t.oneTuple() && len(b.Handshake().SYNACKs) == 0:
		t.f.Summary = lang.T("Two senders speak to %s as %s at the same time: the server has one socket for both, and the second connection never opens.", "有两个发送方同时以 %[2]s 的身份与 %[1]s 通信：服务器只有一个套接字，第二个连接始终无法建立。", b.Server, b.Client)
	case t.oneTuple():
		t.f.Summary = lang.T("Two senders speak to %s as %s at the same time: the server has one socket for both, and the first connection is dead.", "有两个发送方同时以 %[2]s 的身份与 %[1]s 通信：服务器只有一个套接字，第一个连接已经失效。", b.Server, b.Client)
	case t.oneClient():
		t.f.Summary = lang.T("%s uses port %d to %s and to %s at once, and what it sends on one is answered on the other.", "%s 用端口 %d 同时连接 %s 和 %s，在其中一个上发出的包，应答却来自另一个。", b.Client.Addr(), b.Client.Port(), t.First.Server, b.Server)
	default:
		t.f.Summary = lang.T("What %s sends to %s is answered to %s: the server takes the two connections for one.", "%s 发给 %s 的包，应答却发往 %s：服务器把两个连接当成了一个。", t.asked().Client, b.Server, t.came().Client)
	}
}

// asked is the conversation whose segments are answered elsewhere; came the other.
func (t *tangled) asked() *conversation.Conversation {
	for _, c := range t.Crossings {
		if c.Asked != c.Came {
			return c.Asked
		}
	}
	return t.First
}

func (t *tangled) came() *conversation.Conversation {
	if t.asked() == t.First {
		return t.Second
	}
	return t.First
}

func (t *tangled) causes() {
	f, port := t.f, t.port().Port()
	restored := Possible
	if t.First != nil && !t.option().Empty() {
		restored = Likely
	}
	f.may(t.f.Cause, lang.Text{EN: "Both paths end at one server, where address translation gives the two connections the same addresses and ports", ZH: "两条路径通向同一台服务器，地址转换使两个连接在那里具有相同的地址和端口"},
		lang.Text{EN: "A capture in the server's network stack: two SYNs with different sequence numbers for one 4-tuple.", ZH: "在服务器协议栈中抓包：同一个四元组上出现两个序列号不同的 SYN。"})
	f.may(restored, lang.Text{EN: "LVS in FULLNAT mode with a module on the real server that puts the client's address back into the packets", ZH: "FULLNAT 模式的 LVS，且真实服务器上的模块会把客户端地址还原到包里"},
		lang.Text{EN: "TCP option 254 (client address) in the server's capture, before restoring; lsmod on the server.", ZH: "服务器在还原之前的抓包中有 TCP 选项 254（客户端地址）；查看服务器的 lsmod。"})
	f.may(Possible, lang.Text{EN: "A balancer that preserves client addresses (AWS NLB, Kubernetes ClusterIP or two virtual addresses over IPVS), reached beside a direct path to the same target", ZH: "保留客户端地址的负载均衡（AWS NLB、Kubernetes ClusterIP，或 IPVS 上的两个虚拟地址），同时又存在到同一后端的另一条路径"},
		lang.Text{EN: "The balancer's target list and its client IP preservation setting.", ZH: "负载均衡的后端列表及其客户端 IP 保留设置。"})
	t.ruledOut()
	f.confirm(lang.Text{EN: "On the client: two established connections with one local port.", ZH: "在客户端：同一本地端口上有两个已建立的连接："}, lang.T("ss -tinp 'sport = :%d'", "", port).EN)
	f.confirm(lang.Text{EN: "On the balancer: which real server this port is sent to.", ZH: "在负载均衡上：这个端口被转发到哪台真实服务器："}, lang.T("ipvsadm -lnc | grep %d", "", port).EN)
	f.confirm(lang.Text{EN: "On the server: is an address-restoring module loaded, and do challenge ACKs rise?", ZH: "在服务器上：是否加载了地址还原模块，challenge ACK 计数是否增长："}, "lsmod | egrep 'toa|slb'; nstat -az TcpExtTCPChallengeACK TcpExtTCPSYNChallenge TcpOutRsts")
	f.confirm(lang.Text{EN: "Capture everything of this client port on both paths.", ZH: "在两条路径上抓取该客户端端口的全部包："}, tcpdump(lang.T("tcp port %d", "", port).EN))
}

func (t *tangled) ruledOut() {
	exact := len(t.Of(conversation.CrossedReset)) + len(t.Of(conversation.CrossedSegment)) + len(t.Of(conversation.CrossedSYN))
	for _, c := range t.Of(conversation.CrossedEcho) {
		if c.Named {
			exact++
		}
	}
	if exact > 0 {
		t.f.excludes(lang.Text{EN: "Coincidence", ZH: "巧合"},
			lang.T("%s another connection's 32-bit numbers exactly; by chance one does so once in 4.3 billion.", "%s与另一个连接的 32 位序列号完全吻合；单次巧合的概率约为四十三亿分之一。", lang.Count(exact, "answer matches", "answers match", "个应答")))
	}
	if t.First != nil && len(t.Crossings) > 0 {
		t.f.excludes(lang.Text{EN: "Packets lost on the way", ZH: "包在途中丢失"},
			lang.Text{EN: "The server did answer; its answers are in the capture, on the other connection.", ZH: "服务器作了应答，应答就在抓包中，只是出现在另一个连接上。"})
	}
	if len(t.Old) > 0 {
		t.f.excludes(lang.Text{EN: "A restarted client that uses its old port again", ZH: "客户端重启后重用了旧端口"},
			lang.Text{EN: "The first connection's client goes on speaking after the second handshake; a restarted one has forgotten it.", ZH: "第二次握手之后，第一个连接的客户端仍在发送；若是重启，它早已忘记那个连接。"})
	}
}
