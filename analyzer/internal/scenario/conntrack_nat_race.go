package scenario

import (
	"sort"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// Two hosts behind one translator open at the same instant and are given one
// source port; the translator drops the SYN of the second, whose repetition
// after a second goes through.

const (
	// raceTogether is how close another SYN to the same server must be, in ns.
	raceTogether = 2 * lang.Millisecond
	// raceCases is how many such pairs tell more than chance from one side.
	raceCases = 3
	// raceNear is how many conversations before and after one are looked at for
	// another of the same instant.
	raceNear = 200
)

var conntrackNATRace = Scenario{
	ID:    "conntrack-nat-race",
	Title: lang.Text{EN: "First SYNs sent at the same instant get lost in a translator", ZH: "同一瞬间发出的首个 SYN 在地址转换中丢失"},
	Summary: lang.Text{
		EN: "When several connections to one server open within milliseconds, some first SYNs vanish and succeed when repeated a second later.",
		ZH: "多个到同一服务器的连接在几毫秒内同时发起时，部分首个 SYN 丢失，一秒后重传才成功。",
	},
	Meaning: lang.Text{
		EN: "Linux chooses a translated source port and enters it into the connection table in two steps. Two SYNs handled at once may choose the same port; the second fails to enter and is dropped. The client repeats it after a second, which is the whole damage: connections that take 1 s, 3 s or 7 s to open. Containers that all talk to one service see it most.",
		ZH: "Linux 选择转换后的源端口与写入连接表是两个步骤。同时处理的两个 SYN 可能选中同一端口，后者写入失败而被丢弃。客户端一秒后重传，损害仅此而已：连接要 1 秒、3 秒或 7 秒才建立。大量容器访问同一服务时最为常见。",
	},
	Recognised: []lang.Text{
		{EN: "A first SYN stays unanswered, its repetition after 1 s succeeds at once.", ZH: "首个 SYN 没有应答，1 秒后的重传立即成功。"},
		{EN: "Within 2 ms of it another connection to the same server was opened.", ZH: "前后 2 ms 之内，另有到同一服务器的连接发起。"},
		{EN: "Behind the translator the first SYN is missing.", ZH: "在转换设备之后看不到首个 SYN。"},
	},
	Confused: []Confusion{
		{ID: "packet-loss", Text: lang.Text{EN: "there losses have nothing to do with other connections at the same instant", ZH: "那里丢包与同一瞬间的其他连接无关"}},
		{ID: "accept-queue-overflow", Text: lang.Text{EN: "there the SYN reaches the server", ZH: "那里 SYN 到达了服务器"}},
		{ID: "lvs-stale-entry-after-port-reuse", Text: lang.Text{EN: "there only ports used before are affected", ZH: "那里只有用过的端口受影响"}},
	},
	Fixes: []lang.Text{
		{EN: "Let the translator choose ports at random: iptables --random-fully, or an nftables masquerade with fully-random.", ZH: "让转换设备完全随机选择端口：iptables --random-fully，或 nftables 的 masquerade fully-random。"},
		{EN: "Upgrade to a kernel with the conntrack race fixes; avoid translation on the way (direct routing, node-local caches).", ZH: "升级到修复了 conntrack 竞争的内核；避免途中的地址转换（直接路由、节点本地缓存）。"},
	},
	References: []Reference{
		{Title: "A reason for unexplained connection timeouts on Kubernetes/Docker", Author: "XING Engineering", URL: "https://tech.xing.com/a-reason-for-unexplained-connection-timeouts-on-kubernetes-docker-abd041cf7e02"},
	},
	Symptom: SymptomNoAnswer,
	Over:    []string{"syn-no-answer", "nat-two-legs", "packet-loss"},
	Detect:  detectConntrackRace,
}

// Reported when a first SYN is unanswered, its first repetition (1 s or 3 s
// later) is answered, and another connection to the same server endpoint sent
// its first SYN within 2 ms: likely when the leg behind the translator is in the
// capture and lacks exactly that first SYN; possible for three or more such
// pairs to one server from this side alone. A warning.
func detectConntrackRace(x *Context) []Finding {
	var out []Finding
	one := map[string][]*conversation.Conversation{}
	var order []string
	for _, c := range x.Conversations {
		h := c.Handshake()
		if len(h.SYNs) != 2 || len(h.SYNACKs) == 0 || h.SYNACKs[0] < h.SYNs[1] || c.Earlier != nil || x.rival(c) == nil {
			continue
		}
		if leg := x.lateLeg(c); leg != nil {
			out = append(out, *tellRace(x, []*conversation.Conversation{c}, leg))
			continue
		}
		key := c.Server.String()
		if one[key] == nil {
			order = append(order, key)
		}
		one[key] = append(one[key], c)
	}
	for _, key := range order {
		if len(one[key]) >= raceCases && x.mostlyRaces(one[key]) {
			out = append(out, *tellRace(x, one[key], nil))
		}
	}
	return out
}

// rival is another conversation to the same server whose first SYN was sent at
// the same instant and answered; nil for none.
func (x *Context) rival(c *conversation.Conversation) *conversation.Conversation {
	all := x.ToServer(c.Server)
	from := sort.Search(len(all), func(i int) bool { return all[i].ID >= c.ID-raceNear })
	for _, o := range all[from:min(len(all), from+2*raceNear)] {
		if lag := o.First - c.First; o != c && lag <= raceTogether && lag >= -raceTogether && len(o.Handshake().SYNs) == 1 && len(o.Handshake().SYNACKs) > 0 {
			return o
		}
	}
	return nil
}

// lateLeg is the conversation behind a translator that begins with the
// repetition of this one's SYN: its first was dropped between; nil for none.
func (x *Context) lateLeg(c *conversation.Conversation) *conversation.Conversation {
	again := c.Segments[c.Handshake().SYNs[1]].Time
	for _, o := range x.ToServer(c.Server) {
		if o.Client.Addr() != c.Client.Addr() && o.Role == conversation.RoleSYN && o.Flows[client].ISN == c.Flows[client].ISN &&
			o.First >= again-raceTogether && o.First-again <= raceTogether && !o.Relative {
			return o
		}
	}
	return nil
}

// mostlyRaces reports whether repeated first SYNs to the server fall together
// with other SYNs more often than not: otherwise it is plain loss.
func (x *Context) mostlyRaces(cases []*conversation.Conversation) bool {
	repeated := 0
	for _, o := range x.ToServer(cases[0].Server) {
		if h := o.Handshake(); len(h.SYNs) > 1 {
			repeated++
		}
	}
	return 4*len(cases) >= 3*repeated
}

func tellRace(x *Context, cases []*conversation.Conversation, leg *conversation.Conversation) *Finding {
	c := cases[0]
	o := x.rival(c)
	h := c.Handshake()
	certainty := Possible
	conversations := []*conversation.Conversation{c, o}
	if leg != nil {
		certainty = Likely
		conversations = append(conversations, leg)
	}
	f := x.finding(Warning, certainty, certainty, conversations...)
	y, again, z := h.SYNs[0], h.SYNs[1], h.SYNACKs[0]
	f.Summary = lang.T("%s's first SYN to %s vanished and its repetition worked %s later; another connection opened at the same instant.", "%s 向 %s 发出的首个 SYN 丢失，%s 后的重传成功；同一瞬间另有连接发起。", c.Client, c.Server, elapsed(c, y, again))
	f.say([]int{n(c, y), firstNumber(o)}, "Two connections to %s opened %s apart: #%d and #%d.", "到 %s 的两个连接几乎同时发起，相隔 %s：#%d 与 #%d。", c.Server, lang.Duration(max(o.First-c.First, c.First-o.First)), n(c, y), firstNumber(o))
	f.say(numbers(c, y, again, z), "#%d got no answer; repeated %s later #%d it was answered at once #%d.", "#%d 没有应答；%s 后重传 #%d，立即得到应答 #%d。", n(c, y), elapsed(c, y, again), n(c, again), n(c, z))
	f.shows(n(c, y), "vanished", "丢失")
	f.shows(firstNumber(o), "opened at the same instant", "同一瞬间发起")
	f.shows(n(c, again), "the repetition works", "重传成功")
	if leg != nil {
		f.say([]int{firstNumber(leg)}, "Behind the translator only the repetition appears, as #%d: the first SYN was dropped between the two capture points.", "在转换设备之后只出现了重传的 SYN，即 #%d：首个 SYN 在两个抓包点之间被丢弃。", firstNumber(leg))
		f.shows(firstNumber(leg), "first seen behind the translator", "在转换设备之后首次出现")
	} else {
		f.say(nil, "So it was %s to this server.", "到该服务器的连接中，这样的情况共有 %s。", lang.Times(len(cases)))
	}
	f.may(certainty, lang.Text{EN: "Two translated connections were given one source port and the second could not be entered into the table", ZH: "两个被转换的连接选中同一源端口，后者无法写入连接表"}, lang.Text{EN: "conntrack -S on the translator: insert_failed rises with each case.", ZH: "在转换设备上执行 conntrack -S：insert_failed 随之增长。"})
	f.may(Possible, lang.Text{EN: "A burst of packets overran a queue", ZH: "突发包溢出了某个队列"}, lang.Text{EN: "Drop counters of the interfaces on the way.", ZH: "途经接口的丢包计数。"})
	f.confirm(lang.Text{EN: "On the translator:", ZH: "在转换设备上："}, "conntrack -S | grep -o 'insert_failed=[0-9]*'; iptables -t nat -S | grep -i masquerade")
	f.waited(since(c, y, again) * int64(len(cases)))
	return f.grouped(c.Server.String(), portLabel(c.Client))
}
