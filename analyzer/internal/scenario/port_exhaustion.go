package scenario

import (
	"net/netip"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// A client that opens connections to one server faster than closed ones free
// their ports runs out of source ports. The failure itself leaves no packet;
// only the count before it shows.

const (
	// portRange is Linux's default range of source ports, 32768 to 60999.
	portRange = 60999 - 32768 + 1
	// portSpan is how long a closed connection keeps its port, in ns: Linux's
	// TIME_WAIT.
	portSpan = 60 * lang.Second
	// portShare of the range in use at once is near enough to the end.
	portShare = 0.9
	// portLeast is the smallest range that is taken for a configured one.
	portLeast = 32
	// portRounds is how often a whole range must be gone through within the span.
	portRounds = 2
)

var portExhaustion = Scenario{
	ID:    "port-exhaustion",
	Title: lang.Text{EN: "A client is running out of source ports", ZH: "客户端的源端口即将耗尽"},
	Summary: lang.Text{
		EN: "Within a minute one address used nearly all of its source ports towards one server.",
		ZH: "一分钟之内，某个地址向同一服务器用掉了几乎全部源端口。",
	},
	Meaning: lang.Text{
		EN: "A connection needs a source port that is free for its destination, and a closed one keeps its port for a minute in TIME_WAIT. With Linux's default range of 28,232 ports that allows about 470 connections a second to one server from one address. Beyond that connect() fails at once with \"Cannot assign requested address\", and a translator drops new connections; neither sends a packet.",
		ZH: "连接需要一个对该目的地空闲的源端口，而关闭后的连接还会在 TIME_WAIT 中占用端口一分钟。按 Linux 默认的 28,232 个端口计算，一个地址对同一服务器每秒约可建立 470 个连接。超过之后 connect() 立即以 “Cannot assign requested address” 失败，地址转换设备则丢弃新连接；两者都不会发出任何包。",
	},
	Recognised: []lang.Text{
		{EN: "More than nine tenths of the default range of ports were used towards one server within 60 s.", ZH: "60 秒内对同一服务器使用的端口超过默认范围的九成。"},
		{EN: "Or a whole contiguous range, however small, was gone through twice within 60 s.", ZH: "或者一段连续的端口范围（无论大小）在 60 秒内被完整用过两遍。"},
	},
	Confused: []Confusion{
		{ID: "syn-no-answer", Text: lang.Text{EN: "there SYNs are sent and not answered; here they are not even sent", ZH: "那里 SYN 已发出而无应答；这里连 SYN 都发不出来"}},
		{ID: "syn-flood", Text: lang.Text{EN: "there handshakes are not completed", ZH: "那里握手并未完成"}},
	},
	Fixes: []lang.Text{
		{EN: "Keep connections open and reuse them (pool, HTTP keep-alive).", ZH: "保持连接并复用（连接池、HTTP keep-alive）。"},
		{EN: "Widen net.ipv4.ip_local_port_range, set net.ipv4.tcp_tw_reuse=1 on the client, or spread over more addresses.", ZH: "扩大 net.ipv4.ip_local_port_range，在客户端设置 net.ipv4.tcp_tw_reuse=1，或分散到更多地址。"},
	},
	References: []Reference{
		{Title: "TCP TIME_WAIT and ephemeral port exhaustion under connection churn", URL: "https://hivebook.wiki/wiki/tcp-time-wait-and-ephemeral-port-exhaustion-under-connection-churn"},
		{Title: "Ephemeral port exhaustion", URL: "https://minhle.xyz/blog/ephemeral-port-exhaustion-time-wait-outbound-connections"},
	},
	Symptom: SymptomNoAnswer,
	Detect:  detectPortExhaustion,
}

// Reported when one client address completes connections to one server endpoint
// from 25,409 or more different ports within 60 s (nine tenths of Linux's default
// range), or goes twice within 60 s through nine tenths of a contiguous range of
// 32 ports or more. A warning, likely by count; the failure leaves no packets.
func detectPortExhaustion(x *Context) []Finding {
	type pair struct {
		from netip.Addr
		to   netip.AddrPort
	}
	by := map[pair][]*conversation.Conversation{}
	var order []pair
	for _, c := range x.Conversations {
		if c.Role != conversation.RoleSYN || c.Flows[server].Packets == 0 || c.Handshake().Refusal >= 0 {
			continue
		}
		k := pair{c.Client.Addr(), c.Server}
		if by[k] == nil {
			order = append(order, k)
		}
		by[k] = append(by[k], c)
	}
	var out []Finding
	for _, k := range order {
		cs := by[k]
		if len(cs) < portRounds*portLeast {
			continue
		}
		if most, at := mostPorts(cs); float64(most) >= portShare*portRange {
			out = append(out, *tellPorts(x, cs, most, at))
		} else if r, ok := cycled(cs); ok {
			out = append(out, *tellCycle(x, cs, r))
		}
	}
	return out
}

// mostPorts is the largest number of different client ports within the span,
// and the index of the conversation that completes it.
func mostPorts(cs []*conversation.Conversation) (most, at int) {
	used := map[uint16]int{}
	from := 0
	for i, c := range cs {
		used[c.Client.Port()]++
		for c.First-cs[from].First > portSpan {
			p := cs[from].Client.Port()
			if used[p]--; used[p] == 0 {
				delete(used, p)
			}
			from++
		}
		if len(used) > most {
			most, at = len(used), i
		}
	}
	return most, at
}

// cycle is a range of ports that was gone through again and again.
type cycle struct {
	low, high uint16
	used      int // different ports
	from, to  int // the first conversation, and the one that completes the second round
}

// cycled looks for a contiguous range whose ports were nearly all used twice
// within the span.
func cycled(cs []*conversation.Conversation) (cycle, bool) {
	times := map[uint16]int{}
	c := cycle{low: cs[0].Client.Port(), high: cs[0].Client.Port()}
	twice := 0
	for i, o := range cs {
		if o.First-cs[0].First > portSpan {
			return c, false
		}
		p := o.Client.Port()
		c.low, c.high = min(c.low, p), max(c.high, p)
		if times[p]++; times[p] == portRounds {
			twice++
		}
		size := int(c.high-c.low) + 1
		if size >= portLeast && float64(twice) >= portShare*float64(size) {
			c.used, c.to = len(times), i
			return c, true
		}
		if size > portRounds*len(cs) {
			return c, false // far too wide to be gone through
		}
	}
	return c, false
}

func tellCycle(x *Context, cs []*conversation.Conversation, r cycle) *Finding {
	first, last := cs[r.from], cs[r.to]
	f := x.finding(Warning, Likely, Possible, first, last)
	span := last.First - first.First
	f.Summary = lang.T("%s went through all its source ports from %d to %d towards %s twice within %s.", "%s 在 %[5]s 内把 %[2]d 到 %[3]d 的源端口对 %[4]s 完整用了两遍。", first.Client.Addr(), r.low, r.high, last.Server, lang.Duration(span))
	p, q := firstNumber(first), firstNumber(last)
	f.say([]int{p, q}, "From #%d to #%d, %s opened to %s. They used %d different ports, all between %d and %d, nearly each of them twice: the range is used up and begun again.", "从 #%d 到 #%d，共向 %[4]s 发起 %[3]s；用到 %[5]d 个不同端口，都在 %[6]d 到 %[7]d 之间，几乎每个都用了两次：端口范围用尽后又从头开始。",
		p, q, lang.Count(r.to+1, "connection", "connections", "个连接"), last.Server, r.used, r.low, r.high)
	if wait, at := longestWait(cs[:r.to+1]); at > 0 {
		f.say([]int{firstNumber(cs[at])}, "The longest wait for the next one was %s, before #%d. When no port is free, connect() fails without sending anything.", "其间等待下一个连接最久的一次是 %s，出现在 #%d 之前。没有空闲端口时，connect() 不发送任何包就会失败。", lang.Duration(wait), firstNumber(cs[at]))
		f.shows(firstNumber(cs[at]), "after the longest wait", "最长的等待之后")
	}
	f.shows(p, "the first of the round", "一轮的第一个")
	f.shows(q, "nearly every port is used a second time", "几乎每个端口都已用过第二次")
	causesPorts(f, last)
	return f.grouped(first.Client.Addr().String()+last.Server.String(), portLabel(first.Client))
}

// longestWait is the longest time between the starts of two conversations that
// follow each other, and the index of the second.
func longestWait(cs []*conversation.Conversation) (wait int64, at int) {
	for i := 1; i < len(cs); i++ {
		if w := cs[i].First - cs[i-1].First; w > wait {
			wait, at = w, i
		}
	}
	return wait, at
}

func tellPorts(x *Context, cs []*conversation.Conversation, most, at int) *Finding {
	c := cs[at]
	f := x.finding(Warning, Likely, Possible, c)
	share := float64(most) / portRange
	f.Summary = lang.T("%s used %s source ports towards %s within a minute, %s of Linux's default range.", "%s 在一分钟内向 %[3]s 使用了 %[2]s 个源端口，占 Linux 默认范围的 %[4]s。", c.Client.Addr(), lang.Number(int64(most)), c.Server, lang.Percent(share))
	p := firstNumber(c)
	f.say([]int{p}, "By #%d %s different source ports had been used towards %s within 60 s.", "截至 #%d，60 秒内已对 %[3]s 使用了 %[2]s 个不同的源端口。", p, lang.Number(int64(most)), c.Server)
	f.say(nil, "A port stays taken for about a minute after its connection closes. When none is left, connect() fails without sending anything, so the failure itself cannot be in a capture.", "连接关闭后端口仍被占用约一分钟。端口用尽时 connect() 不发送任何包就失败，因此失败本身不会出现在抓包中。")
	f.shows(p, "the most ports in use at once", "同时占用的端口最多")
	causesPorts(f, c)
	return f.grouped(c.Client.Addr().String()+c.Server.String(), portLabel(c.Client))
}

func causesPorts(f *Finding, c *conversation.Conversation) {
	f.may(Possible, lang.Text{EN: "The client opens a new connection for every request", ZH: "客户端每个请求都新建连接"}, lang.Text{EN: "ss -s on the client: how many are in TIME_WAIT.", ZH: "在客户端执行 ss -s：TIME_WAIT 的数量。"})
	f.may(Possible, lang.Text{EN: "The address is a translator's, shared by many clients", ZH: "该地址属于地址转换设备，由许多客户端共享"}, lang.Text{EN: "The translator's port statistics.", ZH: "转换设备的端口统计。"})
	f.confirm(lang.Text{EN: "On the client: ports in use and their range.", ZH: "在客户端查看端口占用与范围："}, lang.T("ss -tan dst %s | wc -l; sysctl net.ipv4.ip_local_port_range", "", c.Server.Addr()).EN)
}
