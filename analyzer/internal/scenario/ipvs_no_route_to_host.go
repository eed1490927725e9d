package scenario

import (
	"net/netip"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// As lvs-stale-entry-after-port-reuse, but the server the old entry names is
// gone so completely that the balancer cannot resolve it: it answers the SYN
// with ICMP host unreachable, and connect() fails with "No route to host".

// unreachableWait is how long after a SYN the error can come, in ns: three ARP
// requests a second apart, and some room.
const unreachableWait = 5 * lang.Second

var ipvsNoRouteToHost = Scenario{
	ID:    "ipvs-no-route-to-host",
	Title: lang.Text{EN: "No route to host for a client port used again", ZH: "重用的客户端端口遇到 No route to host"},
	Summary: lang.Text{
		EN: "A SYN from a port used shortly before is answered by ICMP host unreachable, while other ports work.",
		ZH: "从刚刚用过的端口发出的 SYN 得到 ICMP 主机不可达，而其他端口正常。",
	},
	Meaning: lang.Text{
		EN: "During a rolling update a pod is removed while IPVS still holds entries of closed connections to it, with weight 0. A busy client uses a port again within two minutes, its SYN matches such an entry and is sent to the removed pod. Nobody answers ARP for that address any more, so the node reports host unreachable. On the node itself the error arises without any ICMP packet.",
		ZH: "滚动更新时 Pod 被删除，而 IPVS 仍保留着指向它的、权重为 0 的已关闭连接条目。繁忙的客户端在两分钟内重用了端口，SYN 命中这样的条目，被送往已删除的 Pod。那个地址已无人应答 ARP，于是节点报告主机不可达。如果客户端就在该节点上，错误直接产生，不会出现 ICMP 包。",
	},
	Recognised: []lang.Text{
		{EN: "ICMP host unreachable quotes the SYN; often the quoted destination is not the address that was asked, which proves a translation.", ZH: "ICMP 主机不可达引用了该 SYN；被引用的目的地址往往不是客户端请求的地址，这就证明发生了地址转换。"},
		{EN: "The client port had a connection to the same address within the last two minutes.", ZH: "该客户端端口在两分钟之内与同一地址有过连接。"},
		{EN: "Other ports are answered at once.", ZH: "其他端口立即得到应答。"},
	},
	Confused: []Confusion{
		{ID: "icmp-unreachable-on-syn", Text: lang.Text{EN: "there every port fails: the host or its route is really gone", ZH: "那里所有端口都失败：主机或路由确实没有了"}},
		{ID: "lvs-stale-entry-after-port-reuse", Text: lang.Text{EN: "the same without an ICMP error", ZH: "机制相同，但没有 ICMP 差错"}},
	},
	Fixes: []lang.Text{
		{EN: "Upgrade to a kube-proxy and kernel that drop entries of removed endpoints (expire_nodest_conn=1 taking effect together with conn_reuse_mode=0).", ZH: "升级 kube-proxy 与内核，使已移除后端的条目被清除（expire_nodest_conn=1 与 conn_reuse_mode=0 同时生效）。"},
		{EN: "Let terminating pods linger: a preStop delay longer than the entries live.", ZH: "让 Pod 延迟退出：preStop 的等待时间长于条目寿命。"},
		{EN: "In the client keep connections open and reuse them, and retry on a new port when connect() fails.", ZH: "客户端使用连接池，并在 connect() 失败时换端口重试。"},
	},
	References: []Reference{
		{Title: "kubernetes/kubernetes#81775: no route to host during a rolling update with IPVS", URL: "https://github.com/kubernetes/kubernetes/issues/81775"},
		{Title: "活久见，TCP连接互串了", Author: "plantegg", Date: "2020-11-18", URL: "https://plantegg.github.io/2020/11/18/TCP连接为啥互串了/"},
	},
	Symptom: SymptomNoAnswer,
	Over:    []string{"icmp-unreachable-on-syn", "lvs-stale-entry-after-port-reuse", "syn-no-answer", "timewait-port-reuse", "stale-nat-dead-backend", "syn-dropped-by-host", "nat-two-legs"},
	Detect:  detectIPVSNoRoute,
}

// Reported when an ICMP host unreachable (type 3 code 1; ICMPv6 type 1 code 3
// or 0) quotes a SYN of the conversation, no SYN-ACK came, and two of three
// hold: the port was used for the same address within 120 s (900 s when its end
// was not seen); the quote shows another destination than was asked; ports not
// used before are answered. Not reported for a host that is simply away.
func detectIPVSNoRoute(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		if len(c.ICMP) == 0 || len(c.Handshake().SYNs) == 0 || len(c.Handshake().SYNACKs) > 0 || x.outer(c) != c.ID {
			continue
		}
		errors := x.hostUnreachable(c)
		if len(errors) == 0 {
			continue
		}
		k := noRoute{x: x, c: c, errors: errors}
		r, ok := c.Reuse()
		if k.reused = ok && remembered(r); k.reused {
			k.reuse = r
		}
		k.worked, _ = x.freshPorts(c)
		k.translated = errors[0].Quote.Dst != c.Server.Addr()
		if k.count() >= 2 {
			out = append(out, *k.tell())
		}
	}
	return out
}

// hostUnreachable lists the errors that say a host cannot be reached and quote
// a SYN of the conversation in time.
func (x *Context) hostUnreachable(c *conversation.Conversation) []*conversation.ICMP {
	var out []*conversation.ICMP
	for _, i := range c.ICMP {
		m := &x.ICMP[i]
		host := !m.V6 && m.Type == 3 && m.Code == 1 || m.V6 && m.Type == 1 && (m.Code == 3 || m.Code == 0)
		if host && m.Quote.Seq == c.Flows[conversation.Client].ISN && m.Time-c.First <= unreachableWait {
			out = append(out, m)
		}
	}
	return out
}

// noRoute is one attempt that was answered by host unreachable, and what speaks
// for a stale entry.
type noRoute struct {
	x          *Context
	c          *conversation.Conversation
	errors     []*conversation.ICMP
	reuse      conversation.Reuse
	reused     bool
	translated bool
	worked     []*conversation.Conversation
}

func (k *noRoute) count() int {
	n := 0
	for _, yes := range []bool{k.reused, k.translated, len(k.worked) > 0} {
		if yes {
			n++
		}
	}
	return n
}

func (k *noRoute) tell() *Finding {
	c, m := k.c, k.errors[0]
	cause := Likely
	if k.count() == 3 {
		cause = Certain
	}
	conversations := []*conversation.Conversation{c}
	if k.reused {
		conversations = append(conversations, k.reuse.Earlier)
	}
	if late := after(k.worked, c); len(late) > 0 {
		conversations = append(conversations, late[0])
	}
	f := k.x.finding(Problem, Certain, cause, conversations...)
	f.at = c.First
	f.Summary = lang.T("%s asked %s to connect and got ICMP host unreachable from %s: connect() fails, usually with \"No route to host\".", "%s 向 %s 发起连接，得到 %s 发来的 ICMP 主机不可达：connect() 失败，通常报 “No route to host”。", c.Client, c.Server, m.Src)
	if k.reused {
		f.sayReuse(c, k.reuse)
	}
	k.sayAttempt(f)
	k.sayError(f)
	if late := after(k.worked, c); len(late) > 0 {
		f.sayFresh(c, late)
	} else if len(k.worked) > 0 {
		f.sayFresh(c, k.worked)
	}
	k.causes(f, cause)
	f.Drawing.Lanes = freshLanes(c, after(k.worked, c))
	f.waited(c.Last - c.First)
	return f.grouped(c.Client.Addr().String()+c.Server.String(), portLabel(c.Client))
}

func (k *noRoute) sayAttempt(f *Finding) {
	at := numbers(k.c, k.c.Handshake().SYNs...)
	if len(at) > 1 {
		f.say(at, "The SYN was sent %s (%s) without a SYN-ACK.", "SYN 共发送 %s（%s），没有得到 SYN-ACK。", lang.Times(len(at)), refs(at))
	} else {
		f.say(at, "The SYN #%d got no SYN-ACK.", "SYN #%d 没有得到 SYN-ACK。", at[0])
		f.shows(at[0], "asks to connect", "请求连接")
	}
	if arp := k.unresolved(); len(arp) > 0 {
		f.say(arp, "The box that forwards it asked %s for the MAC address of %s (%s); nobody answered.", "转发它的设备 %[1]s询问 %[2]s 的 MAC 地址（%[3]s），无人应答。", lang.Times(len(arp)), k.errors[0].Quote.Dst, refs(arp))
		for _, p := range arp {
			f.shows(p, "ARP request without an answer", "没有应答的 ARP 请求")
		}
	}
}

// unresolved are the ARP requests for the quoted destination during the attempt
// that nobody answered.
func (k *noRoute) unresolved() []int {
	dst := k.errors[0].Quote.Dst
	var out []int
	for i := range k.x.ARP {
		a := &k.x.ARP[i]
		if a.Time < k.c.First || a.Time > k.errors[0].Time {
			continue
		}
		if a.Reply && a.SenderIP == dst {
			return nil
		}
		if !a.Reply && a.TargetIP == dst {
			out = append(out, int(a.Number))
		}
	}
	return out
}

func (k *noRoute) sayError(f *Finding) {
	m := k.errors[0]
	f.say([]int{int(m.Number)}, "%s after the first SYN, %s reported the host unreachable #%d, quoting that SYN.", "首个 SYN 之后 %s，%s 报告主机不可达 #%d，并引用了该 SYN。", lang.Duration(m.Time-k.c.First), m.Src, m.Number)
	f.shows(int(m.Number), "host unreachable, quotes the SYN", "主机不可达，引用该 SYN")
	if k.translated {
		f.say([]int{int(m.Number)}, "The quoted SYN is addressed to %s, not to %s which the client asked #%d: the address was translated on the way.", "被引用的 SYN 的目的地址是 %s，而不是客户端请求的 %s #%d：地址在途中被转换了。", netip.AddrPortFrom(m.Quote.Dst, m.Quote.DstPort), k.c.Server, m.Number)
	}
	if next := k.synAfter(m.Time); next >= 0 {
		f.say(numbers(k.c, next), "The client sent the SYN again after the error #%d: its connect() was not ended by it.", "错误之后客户端仍重发了 SYN #%d：connect() 并未因此结束。", n(k.c, next))
	}
}

func (k *noRoute) synAfter(time int64) int {
	for _, i := range k.c.Handshake().SYNs {
		if k.c.Segments[i].Time > time {
			return i
		}
	}
	return -1
}

func (k *noRoute) causes(f *Finding, cause string) {
	f.may(cause, lang.Text{EN: "The balancer's entry of an earlier connection from this port, in IPVS or in the conntrack of a NAT rule, still names a pod or server that was removed", ZH: "负载均衡（IPVS，或 NAT 规则的 conntrack）中该端口先前连接的条目仍指向已被移除的 Pod 或服务器"},
		lang.T("ipvsadm -lnc or conntrack -L on the node: an entry for port %d, and whether its destination still exists.", "在节点上执行 ipvsadm -lnc 或 conntrack -L：端口 %d 的条目，以及其目的地是否仍然存在。", k.c.Client.Port()))
	if len(k.worked) > 0 {
		f.excludes(lang.Text{EN: "The service or its route is gone", ZH: "服务或其路由整体失效"}, lang.Text{EN: "Fresh ports to the same address are answered.", ZH: "新端口到同一地址的连接有应答。"})
	}
	f.confirm(lang.Text{EN: "On the node that sent the error:", ZH: "在发出该错误的节点上："}, lang.T("ipvsadm -lnc | grep %d; ip neigh show %s; sysctl net.ipv4.vs.conn_reuse_mode net.ipv4.vs.expire_nodest_conn", "", k.c.Client.Port(), k.errors[0].Quote.Dst).EN)
	f.confirm(lang.Text{EN: "Errors and SYNs together:", ZH: "同时抓取错误与 SYN："}, tcpdump(lang.T("icmp or arp or (host %s and tcp[tcpflags] & tcp-syn != 0)", "", k.c.Server.Addr()).EN))
}
