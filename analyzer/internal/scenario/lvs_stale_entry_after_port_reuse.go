package scenario

import (
	"net/netip"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// A balancer remembers a connection by the client's address and port. A new
// connection from that port meets the old entry and goes where the old one
// went, though the server there may be gone.

const (
	// staleRepeats is how many unanswered SYNs make the attempt a failure.
	staleRepeats = 2
	// staleSample is how many attempts of each kind a comparison of first SYNs
	// needs.
	staleSample = 5
)

var lvsStaleEntry = Scenario{
	ID:    "lvs-stale-entry-after-port-reuse",
	Title: lang.Text{EN: "A client port used again fails while fresh ports work", ZH: "重用的客户端端口连不上，新端口却正常"},
	Summary: lang.Text{
		EN: "A new connection from a port used shortly before fails, while other ports work: the balancer still follows its old entry.",
		ZH: "从刚刚用过的端口发起的新连接失败，而其他端口正常：负载均衡仍按旧条目转发。",
	},
	Meaning: lang.Text{
		EN: "LVS (IPVS), and kube-proxy built on it, look a packet up by client address and port before they choose a real server. An entry outlives its connection by two minutes. When the client uses the port again in that time, the SYN matches the old entry and goes to the same real server as before; if that one has left meanwhile, or does not serve this port any more, nothing answers, or a reset does. The setting conn_reuse_mode decides whether the entry is chosen anew, and with mode 1 and conntrack the first SYN may be dropped, which costs a second.",
		ZH: "LVS（IPVS）以及基于它的 kube-proxy，在选择真实服务器之前，先按客户端地址和端口查找连接条目。条目在连接结束后还会保留两分钟。客户端若在此期间重用端口，SYN 就会命中旧条目，被送往与之前相同的真实服务器；如果那台服务器已经下线或不再提供该服务，就没有应答，或得到复位。conn_reuse_mode 决定是否重新调度；在模式 1 且启用 conntrack 时，第一个 SYN 可能被丢弃，代价是一秒。",
	},
	Recognised: []lang.Text{
		{EN: "The client port had a connection to the same address within the last two minutes.", ZH: "该客户端端口在两分钟之内与同一地址有过连接。"},
		{EN: "Its new SYNs get no answer, a reset, or an ACK of the old connection.", ZH: "它的新 SYN 没有应答，或得到复位，或得到旧连接的 ACK。"},
		{EN: "SYNs from other ports to the same address are answered at once.", ZH: "从其他端口发往同一地址的 SYN 立即得到应答。"},
	},
	Confused: []Confusion{
		{ID: "syn-no-answer", Text: lang.Text{EN: "there fresh ports get no answer either", ZH: "那里新端口同样没有应答"}},
		{ID: "timewait-port-reuse", Text: lang.Text{EN: "there one server answers, with the numbers of the old connection", ZH: "那里是同一台服务器作答，并带着旧连接的序列号"}},
		{ID: "ipvs-no-route-to-host", Text: lang.Text{EN: "the same with an ICMP error in answer", ZH: "机制相同，但应答是 ICMP 差错"}},
	},
	Fixes: []lang.Text{
		{EN: "On the balancer: net.ipv4.vs.expire_nodest_conn=1, so that entries of a removed server go at once, and a kernel in which it works together with conn_reuse_mode=0 (late 2021 on).", ZH: "在负载均衡上设置 net.ipv4.vs.expire_nodest_conn=1，让已移除服务器的条目立即失效；并使用该选项与 conn_reuse_mode=0 能同时生效的内核（2021 年末之后）。"},
		{EN: "On older kernels weigh conn_reuse_mode=1 (chooses anew, may cost a second) against 0 (no delay, but follows the old entry).", ZH: "在旧内核上权衡 conn_reuse_mode=1（重新调度，可能多等一秒）与 0（不等待，但沿用旧条目）。"},
		{EN: "Take servers out with weight 0 first and remove them after the entries have expired.", ZH: "下线服务器时先把权重置 0，等条目过期后再移除。"},
		{EN: "On the client: keep connections open and reuse them, or widen the range of source ports.", ZH: "客户端使用连接池，或扩大源端口范围。"},
	},
	References: []Reference{
		{Title: "活久见，TCP连接互串了", Author: "plantegg", Date: "2020-11-18", URL: "https://plantegg.github.io/2020/11/18/TCP连接为啥互串了/"},
		{Title: "另一种形式的tcp连接互串，新连接重用了time_wait的port", URL: "https://zhuanlan.zhihu.com/p/127099484"},
		{Title: "cloudnativelabs/kube-router#544", URL: "https://github.com/cloudnativelabs/kube-router/issues/544"},
		{Title: "kubernetes/kubernetes#81775", URL: "https://github.com/kubernetes/kubernetes/issues/81775"},
	},
	Symptom: SymptomNoAnswer,
	Over:    []string{"syn-no-answer", "timewait-port-reuse", "conn-refused-rst", "syn-dropped-by-host", "synack-unacknowledged", "icmp-unreachable-on-syn", "nat-two-legs"},
	Detect:  detectLVSStaleEntry,
}

// Reported when a client port is used again within 120 s of its last connection
// to the same address (900 s when that one's end was not seen), the attempt
// fails (two or more SYNs unanswered; refused while fresh ports work before and
// after; an odd ACK, with the translated leg in the capture), and a later SYN
// from a port not used before is answered, none refused or ignored meanwhile.
// Also when five or more first SYNs from reused ports are mostly ignored and
// those from fresh ports are not. Not reported without such a contrast.
func detectLVSStaleEntry(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		r, ok := c.Reuse()
		if !ok || !remembered(r) || len(c.Handshake().SYNACKs) > 0 || x.outer(c) != c.ID {
			continue
		}
		worked, failed := x.freshPorts(c)
		if len(worked) == 0 || len(overlapping(failed, c)) > 0 {
			continue
		}
		if form := x.staleForm(c, worked); form != staleNone {
			out = append(out, *tellStale(x, c, r, form, worked))
		}
	}
	return append(out, eatenSYNs(x)...)
}

// overlapping are the conversations that were tried while another one was.
func overlapping(cs []*conversation.Conversation, c *conversation.Conversation) []*conversation.Conversation {
	var out []*conversation.Conversation
	for _, o := range cs {
		if o.First <= c.Last && o.Last >= c.First {
			out = append(out, o)
		}
	}
	return out
}

type staleForm uint8

const (
	staleNone staleForm = iota
	staleIgnored
	staleRefused
	staleOdd
)

func (x *Context) staleForm(c *conversation.Conversation, worked []*conversation.Conversation) staleForm {
	h := c.Handshake()
	late := after(worked, c)
	switch {
	case len(h.SYNACKs) > 0 || len(c.ICMP) > 0 || len(late) == 0:
		return staleNone
	case len(h.SYNs) >= staleRepeats && h.Refusal < 0 && len(h.Odd) == 0 && c.Flows[conversation.Server].Packets == 0:
		return staleIgnored
	case h.Refusal >= 0 && x.refusedBetween(c, worked):
		return staleRefused
	case len(h.Odd) > 0 && len(x.Legs(c)) > 1:
		return staleOdd
	}
	return staleNone
}

// refusedBetween: fresh ports worked before and after, or between two refusals
// of this port, so that it was not simply the server that was away.
func (x *Context) refusedBetween(c *conversation.Conversation, worked []*conversation.Conversation) bool {
	if len(after(worked, c)) < len(worked) {
		return true
	}
	for o := c.Later; o != nil; o = o.Later {
		if o.Handshake().Refusal >= 0 && o.First > worked[0].First {
			return true
		}
	}
	return false
}

func tellStale(x *Context, c *conversation.Conversation, r conversation.Reuse, form staleForm, worked []*conversation.Conversation) *Finding {
	backend, other := x.backends(c, r, worked)
	cause := Likely
	if backend != nil && other != nil {
		cause = Certain
	}
	f := x.finding(Problem, Likely, cause, r.Earlier, c, after(worked, c)[0])
	f.at = c.First
	if cause == Certain {
		f.Symptom = Certain
	}
	f.Summary = lang.T("%s cannot connect to %s from port %d, which it had used before; other ports work.", "%s 无法从先前用过的端口 %[3]d 连接 %[2]s，而其他端口正常。", c.Client.Addr(), c.Server, c.Client.Port())
	f.sayReuse(c, r)
	sayStale(f, c, form)
	if backend != nil {
		sayBackends(f, c, backend, other)
	}
	f.sayFresh(c, after(worked, c))
	causesStale(f, c, cause)
	f.Drawing.Lanes = freshLanes(c, after(worked, c))
	f.waited(c.Last - c.First)
	return f.restsOnAbsence().grouped(c.Client.Addr().String()+c.Server.String(), portLabel(c.Client))
}

// backends names the real servers behind the service address, where the
// translated legs are in the capture: the one of the reused tuple, if it is the
// old connection's too, and another one that a fresh port was given.
func (x *Context) backends(c *conversation.Conversation, r conversation.Reuse, worked []*conversation.Conversation) (backend, other *conversation.Conversation) {
	now, before := x.inner(c), x.inner(r.Earlier)
	if now == nil || before == nil || now.Server != before.Server {
		return nil, nil
	}
	for _, o := range worked {
		if leg := x.inner(o); leg != nil && leg.Server != now.Server {
			return now, leg
		}
	}
	return now, nil
}

// inner is the leg of a conversation farthest from the client, nil when there
// is only one.
func (x *Context) inner(c *conversation.Conversation) *conversation.Conversation {
	legs := x.Legs(c)
	if len(legs) < 2 {
		return nil
	}
	return legs[len(legs)-1].Conversation
}

func sayStale(f *Finding, c *conversation.Conversation, form staleForm) {
	h := c.Handshake()
	switch form {
	case staleRefused:
		r := n(c, h.Refusal)
		f.say([]int{r}, "It was refused with a RST #%d.", "它被 RST 拒绝 #%d。", r)
		f.shows(r, "refused, although fresh ports are served", "被拒绝，而新端口正常")
	case staleOdd:
		f.say(numbers(c, h.Odd...), "It drew an ACK that does not acknowledge the SYN (%s).", "得到的 ACK 并不确认这个 SYN（%s）。", refs(numbers(c, h.Odd...)))
		f.shows(n(c, h.Odd[0]), "not an answer to this SYN", "并非对这个 SYN 的应答")
	default:
		at := numbers(c, h.SYNs...)
		f.say(at, "Its SYN was sent %s over %s (%s) and never answered.", "它的 SYN 在 %[2]s 内共发送 %[1]s（%[3]s），始终没有应答。", lang.Times(len(at)), lang.Duration(c.Last-c.First), refs(at))
		for _, p := range at[1:] {
			f.shows(p, "repeated, no answer", "重传，没有应答")
		}
	}
}

func sayBackends(f *Finding, c, backend, other *conversation.Conversation) {
	p := firstNumber(backend)
	f.say([]int{firstNumber(c), p}, "The capture shows both sides of the balancer: the SYN #%d leaves for %s #%d, the real server of the old connection.", "抓包包含负载均衡的两侧：SYN #%d 被转发到 %s #%d，正是旧连接所用的真实服务器。", firstNumber(c), backend.Server, p)
	f.shows(p, "goes to the old real server", "被转发到旧的真实服务器")
	if other != nil {
		q := firstNumber(other)
		f.say([]int{q}, "A fresh port is sent to %s instead #%d.", "新端口则被转发到 %s #%d。", other.Server, q)
		f.shows(q, "a fresh port goes elsewhere", "新端口去往另一台")
	}
}

func causesStale(f *Finding, c *conversation.Conversation, cause string) {
	f.may(cause, lang.Text{EN: "The balancer's entry of the old connection still names a real server that has left or changed", ZH: "负载均衡中旧连接的条目仍指向已下线或已变更的真实服务器"},
		lang.T("ipvsadm -lnc on the balancer: an entry for port %d, and its destination.", "在负载均衡上执行 ipvsadm -lnc：端口 %d 的条目及其目的地。", c.Client.Port()))
	f.may(Possible, lang.Text{EN: "A firewall or NAT on the way that still holds the old connection and drops the new SYN", ZH: "途中的防火墙或 NAT 仍保留旧连接的状态，丢弃了新的 SYN"},
		lang.Text{EN: "A capture behind that device: does the SYN arrive?", ZH: "在该设备之后抓包：SYN 是否到达？"})
	if cause != Certain {
		f.may(Possible, lang.Text{EN: "The service was away for just that time", ZH: "服务恰好在那段时间不可用"}, lang.Text{EN: "The same port again after more than two minutes, and fresh ports during it.", ZH: "两分钟之后再用同一端口重试，并在故障期间尝试新端口。"})
	}
	f.confirm(lang.Text{EN: "On the balancer: the entry and the settings that rule it.", ZH: "在负载均衡上查看条目及相关设置："}, lang.T("ipvsadm -lnc | grep %d; sysctl net.ipv4.vs.conn_reuse_mode net.ipv4.vs.expire_nodest_conn net.ipv4.vs.conntrack", "", c.Client.Port()).EN)
	f.confirm(lang.Text{EN: "On the balancer, both sides at once:", ZH: "在负载均衡上同时抓取两侧："}, tcpdump(lang.T("host %s and tcp port %d", "", c.Client.Addr(), c.Client.Port()).EN))
}

// eatenSYNs compares the fate of first SYNs: reused ports against fresh ones,
// per client address and server.
func eatenSYNs(x *Context) []Finding {
	type tally struct {
		reused, reusedLost, fresh, freshLost int
		first                                *conversation.Conversation
	}
	type pair struct {
		from netip.Addr
		to   netip.AddrPort
	}
	tallies := map[pair]*tally{}
	var order []pair
	for _, c := range x.Conversations {
		h := c.Handshake()
		if c.Role != conversation.RoleSYN || len(h.SYNACKs) == 0 || x.outer(c) != c.ID {
			continue
		}
		key := pair{c.Client.Addr(), c.Server}
		t := tallies[key]
		if t == nil {
			t = &tally{}
			tallies[key] = t
			order = append(order, key)
		}
		lost := len(h.SYNs) > 1
		if r, ok := c.Reuse(); ok && remembered(r) {
			t.reused++
			if lost {
				t.reusedLost++
				if t.first == nil {
					t.first = c
				}
			}
		} else if c.Earlier == nil {
			t.fresh++
			if lost {
				t.freshLost++
			}
		}
	}
	var out []Finding
	for _, key := range order {
		t := tallies[key]
		if t.reused < staleSample || t.fresh < staleSample || t.reusedLost*2 <= t.reused || t.freshLost*20 >= t.fresh {
			continue
		}
		out = append(out, *tellEaten(x, t.first, t.reused, t.reusedLost, t.fresh, t.freshLost))
	}
	return out
}

func tellEaten(x *Context, c *conversation.Conversation, reused, reusedLost, fresh, freshLost int) *Finding {
	r, _ := c.Reuse()
	f := x.finding(Warning, Likely, Likely, c)
	f.Summary = lang.T("The first SYN from a port used before mostly gets no answer, and its repetition does: connections from %s to %s start a second late.", "从用过的端口发出的第一个 SYN 大多没有应答，重传才有：%s 到 %s 的连接要晚一秒才建立。", c.Client.Addr(), c.Server)
	f.sayReuse(c, r)
	h := c.Handshake()
	f.say(numbers(c, h.SYNs...), "Its first SYN went unanswered; the repetition %s later was answered #%d.", "第一个 SYN 没有应答；%s 后的重传得到了应答 #%d。",
		lang.Duration(c.Segments[h.SYNs[1]].Time-c.Segments[h.SYNs[0]].Time), n(c, h.SYNACKs[0]))
	f.say(nil, "So it went for %d of %d connections from reused ports, against %d of %d from fresh ones.", "重用端口的 %[2]d 个连接中有 %[1]d 个如此，新端口的 %[4]d 个中有 %[3]d 个。", reusedLost, reused, freshLost, fresh)
	f.shows(n(c, h.SYNs[1]), "the repetition is answered", "重传得到了应答")
	causesStale(f, c, Likely)
	return f.grouped("eaten"+c.Client.Addr().String()+c.Server.String(), portLabel(c.Client))
}
