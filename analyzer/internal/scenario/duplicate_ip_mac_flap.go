package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// Two machines hold one address. Whoever answered ARP last gets the packets,
// and the connections of the other meet a stack that does not know them.

var duplicateIPMACFlap = Scenario{
	ID:    "duplicate-ip-mac-flap",
	Title: lang.Text{EN: "Two machines use one IP address", ZH: "两台机器使用同一个 IP 地址"},
	Summary: lang.Text{
		EN: "Two MAC addresses answer ARP for one IP address, so packets go now to one machine, now to the other.",
		ZH: "两个 MAC 地址都应答同一 IP 的 ARP 请求，包时而发往这台机器，时而发往那台。",
	},
	Meaning: lang.Text{
		EN: "An address was configured twice, by hand or by a copied image, or one host answers for the same address on two interfaces (ARP flux). Neighbours remember whoever answered last. A connection made with one machine then reaches the other, which has no such connection and resets it, or refuses ports that only the first serves.",
		ZH: "同一地址被配置了两次（手工重复或复制镜像），或同一主机在两个接口上都应答该地址（ARP flux）。邻居记住的是最后应答的那个。与一台机器建立的连接随后到达另一台，后者没有这个连接而将其复位，或拒绝只有前者提供的端口。",
	},
	Recognised: []lang.Text{
		{EN: "ARP replies from two MAC addresses claim one IP address, to one request or in turns.", ZH: "两个 MAC 地址的 ARP 应答都声称拥有同一 IP，针对同一请求或交替出现。"},
		{EN: "Connections to that address are refused or reset although they worked before.", ZH: "到该地址的连接被拒绝或被复位，尽管此前正常。"},
	},
	Confused: []Confusion{
		{ID: "synack-leaves-by-other-path", Text: lang.Text{EN: "there routers answer ARP in the name of another (proxy ARP)", ZH: "那里是路由器代他人应答 ARP（代理 ARP）"}},
		{ID: "half-open-after-crash", Text: lang.Text{EN: "there one machine lost the connection", ZH: "那里是同一台机器丢失了连接"}},
		{Text: lang.Text{EN: "A fail-over (VRRP, keepalived): one change, and a virtual MAC or a gratuitous ARP", ZH: "主备切换（VRRP、keepalived）：只变化一次，使用虚拟 MAC 或免费 ARP"}},
	},
	Fixes: []lang.Text{
		{EN: "Find the second machine by its MAC address in the switch's table, and give it another address.", ZH: "在交换机 MAC 表中找到第二台机器，为它更换地址。"},
		{EN: "On a host with two interfaces in one network: arp_ignore=1 and arp_announce=2.", ZH: "若主机有两个接口在同一网络：设置 arp_ignore=1、arp_announce=2。"},
	},
	References: []Reference{
		{Title: "NetKb: duplicate IP address", Author: "myNetWatchman", URL: "http://www.mynetwatchman.com/kb/NetKb/index.htm"},
		{Title: "RFC 5227: IPv4 Address Conflict Detection", Date: "2008-07", URL: "https://www.rfc-editor.org/rfc/rfc5227"},
	},
	Symptom: SymptomReset,
	Over:    []string{"conn-refused-rst", "half-open-after-crash", "idle-timeout-rst", "timewait-port-reuse", "linger0-abort", "rto-death", "syn-no-answer", "data-after-close", "two-synacks", "idle-client-half-open-zombie", "conntrack-invalid-rst"},
	Detect:  detectDuplicateIP,
}

// Reported when two MAC addresses claim one IP address in ARP replies, within a
// second of each other or in turns within 5 s. A problem when a TCP connection
// with that address was refused, reset or left unanswered; else info. Not
// reported for virtual MACs, for routers that answer for others, or for a
// single change.
func detectDuplicateIP(x *Context) []Finding {
	var out []Finding
	for _, k := range x.Conflicts() {
		out = append(out, *x.tellConflict(k))
	}
	return out
}

func (x *Context) tellConflict(k conversation.Conflict) *Finding {
	var hit, all []*conversation.Conversation
	for _, c := range x.OfHost(k.Addr) {
		if len(all) < mostOccurrences {
			all = append(all, c)
		}
		if suffered(c, k) {
			hit = append(hit, c)
		}
	}
	severity := Info
	if len(hit) > 0 {
		severity = Problem
	}
	f := x.finding(severity, Certain, Certain, append(append([]*conversation.Conversation(nil), hit...), without(all, hit)...)...)
	if len(hit) > 0 {
		f.at = hit[0].First
	}
	a, b := mac(k.MACs[0]), mac(k.MACs[1])
	f.Summary = lang.T("%s is claimed by two machines, %s and %s.", "%s 被两台机器占用：%s 和 %s。", k.Addr, a, b)
	claims := k.Claims[:min(len(k.Claims), 4)]
	f.say(claims, "ARP replies for %s came from %s and from %s (%s), %s in all over %s.", "对 %s 的 ARP 应答来自 %s 和 %s（%s），在 %[6]s 内共 %[5]s。",
		k.Addr, a, b, refs(claims), lang.Times(len(k.Claims)), lang.Duration(k.To-k.From))
	for i, p := range claims {
		f.shows(p, "claims the address for %s", "%s 声称拥有该地址", mac(k.MACs[k.Owners[i]]))
	}
	for i, c := range hit {
		if i == 3 {
			break
		}
		x.sayHit(f, c)
	}
	f.may(Certain, lang.Text{EN: "The address is configured on two machines, or one machine answers for it on two interfaces", ZH: "该地址配置在两台机器上，或一台机器在两个接口上都应答它"}, lang.T("The switch's MAC table: at which ports are %s and %s?", "交换机 MAC 表：%s 和 %s 各在哪个端口。", a, b))
	f.confirm(lang.Text{EN: "From a neighbour: who answers?", ZH: "在邻居主机上：谁在应答？"}, lang.T("arping -D -c 3 %s; ip neigh show %s", "", k.Addr, k.Addr).EN)
	return f
}

// suffered: the connection was refused, reset or left unanswered from the
// address's side once it was claimed twice.
func suffered(c *conversation.Conversation, k conversation.Conflict) bool {
	if c.Last < k.From || c.Server.Addr() != k.Addr && c.Client.Addr() != k.Addr {
		return false
	}
	h := c.Handshake()
	if h.Refusal >= 0 || len(h.SYNs) > 1 && len(h.SYNACKs) == 0 {
		return true
	}
	r := lostConnection(c)
	return r != nil && c.Addr(c.Segments[r.At].From).Addr() == k.Addr
}

func without(all, some []*conversation.Conversation) []*conversation.Conversation {
	skip := map[*conversation.Conversation]bool{}
	for _, c := range some {
		skip[c] = true
	}
	var out []*conversation.Conversation
	for _, c := range all {
		if !skip[c] {
			out = append(out, c)
		}
	}
	return out
}

func (x *Context) sayHit(f *Finding, c *conversation.Conversation) {
	h := c.Handshake()
	r, met := h.Refusal, lang.Text{EN: "was refused", ZH: "遭到拒绝"}
	if l := lostConnection(c); l != nil {
		r, met = l.At, lang.Text{EN: "met a machine that does not know it", ZH: "遇上了不认识它的机器"}
	}
	if r < 0 {
		return
	}
	p := n(c, r)
	if link := x.Link(&c.Segments[r]); link.HasMAC {
		f.say([]int{p}, "The connection from %s to %s %s: RST #%d, sent from %s.", "从 %s 到 %s 的连接%s：RST #%d，由 %s 发出。", c.Client, c.Server, met, p, mac(link.SrcMAC))
	} else {
		f.say([]int{p}, "The connection from %s to %s %s: RST #%d.", "从 %s 到 %s 的连接%s：RST #%d。", c.Client, c.Server, met, p)
	}
	f.shows(p, "refused or reset in that address", "以该地址拒绝或复位")
}
