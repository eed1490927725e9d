package scenario

import (
	"net/netip"
	"sort"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/packet"
)

// A SYN is answered by a reset that acknowledges it: the address answers, the
// port does not take connections.

const (
	// nearerShare: a refusal that comes in less than this share of the time the
	// host's open ports need comes from nearer than the host.
	nearerShare = 0.7
	// nearerFloor is the round trip in ns below which such a comparison measures
	// noise.
	nearerFloor = 2 * lang.Millisecond
	// fallbackWait is how soon in ns a client that is refused tries its next
	// address (RFC 8305 spaces attempts by 250 ms).
	fallbackWait = lang.Second
)

var connRefusedRst = Scenario{
	ID:    "conn-refused-rst",
	Title: lang.Text{EN: "The connection was refused: the SYN was answered by a RST", ZH: "连接被拒绝：SYN 得到的应答是 RST"},
	Summary: lang.Text{
		EN: "The SYN reached something that answers for the server's address, and that refused it at once.",
		ZH: "SYN 到达了以服务器地址作答的一方，随即被拒绝。",
	},
	Meaning: lang.Text{
		EN: "Nothing listens on that port at that address, or a firewall rejects in the host's name; both send the same reset. The application sees \"connection refused\" without delay.",
		ZH: "该地址的这个端口没有程序在监听，或者防火墙以主机的名义拒绝；两者发出的复位完全相同。应用会立即得到 connection refused。",
	},
	Recognised: []lang.Text{
		{EN: "A SYN, and right after it a RST with ACK that acknowledges exactly that SYN.", ZH: "一个 SYN，紧接着一个带 ACK 的 RST，恰好确认这个 SYN。"},
		{EN: "No SYN-ACK for it, before or after.", ZH: "前后都没有对应的 SYN-ACK。"},
	},
	Confused: []Confusion{
		{ID: "rst-injection", Text: lang.Text{EN: "there a SYN-ACK comes as well, or the reset acknowledges something else", ZH: "那里还会出现 SYN-ACK，或者复位确认的不是这个 SYN"}},
		{ID: "syn-no-answer", Text: lang.Text{EN: "there nothing comes back at all", ZH: "那里没有任何应答"}},
		{ID: "health-check-or-scan", Text: lang.Text{EN: "one source that tries many ports is a scan", ZH: "同一来源尝试大量端口属于扫描"}},
	},
	Fixes: []lang.Text{
		{EN: "Start the service, or connect to the port and address where it does listen.", ZH: "启动服务，或连接到它真正监听的地址和端口。"},
		{EN: "A service bound to 127.0.0.1 or to one address only: bind it to the address that clients use.", ZH: "服务只绑定在 127.0.0.1 或某个地址上时：改为绑定客户端使用的地址。"},
		{EN: "A firewall that rejects: allow the port there.", ZH: "由防火墙拒绝时：在防火墙上放行该端口。"},
	},
	References: []Reference{
		{Title: "TCP traces (item 5)", Author: "Noah Davids", URL: "https://noahdavids.org/traces.html"},
		{Title: "RFC 9293: Transmission Control Protocol, section 3.10.7.1", Author: "IETF", Date: "2022-08", URL: "https://www.rfc-editor.org/rfc/rfc9293"},
	},
	Symptom: SymptomRefused,
	Detect:  detectConnRefused,
}

// Reported when all of these hold: a RST from the server's side has ACK and
// acknowledges the end of a SYN of this connection; the server sent no SYN-ACK.
// Not reported for the targets of a scan. A warning only when the client tried
// again at once, there or at another address, and succeeded; info when that was
// the other address family.
func detectConnRefused(x *Context) []Finding {
	var out []Finding
	scans := x.scans()
	hosts := map[[2]netip.Addr]*genuine{}
	told := crowd{}
	for _, c := range x.Conversations {
		r := refusal(c)
		if r == nil || scans[c.Client.Addr()] != nil {
			continue
		}
		key := c.Server.String()
		if told.full(key) {
			out = append(out, *x.another(told, key, c))
			continue
		}
		pair := [2]netip.Addr{c.Server.Addr(), c.Client.Addr()}
		if hosts[pair] == nil {
			hosts[pair] = x.genuineOf(pair[0], pair[1])
		}
		out = append(out, *told.tells(key, tellRefused(x, c, r, hosts[pair])))
	}
	return out
}

// refusal is the reset that refused a conversation's SYN, nil for none.
func refusal(c *conversation.Conversation) *conversation.Reset {
	if c.Client == c.Server || len(c.Handshake().SYNACKs) > 0 {
		return nil
	}
	rs := c.Resets()
	for i := range rs {
		if rs[i].Form == conversation.ResetRefusal && c.Segments[rs[i].At].From == conversation.Server {
			return &rs[i]
		}
	}
	return bareRefusal(c)
}

// bareRefusal is a reset without ACK that is all a SYN ever got: against the
// standard, but some devices refuse so.
func bareRefusal(c *conversation.Conversation) *conversation.Reset {
	h := c.Handshake()
	if h.Refusal < 0 || len(h.SYNs) == 0 || h.SYNs[0] > h.Refusal || c.Segments[h.Refusal].Flags&packet.ACK != 0 || c.Flows[conversation.Server].Packets > 1 {
		return nil
	}
	return &conversation.Reset{At: h.Refusal, Trigger: h.SYNs[0], Delay: c.Segments[h.Refusal].Time - c.Segments[h.SYNs[0]].Time}
}

func tellRefused(x *Context, c *conversation.Conversation, r *conversation.Reset, g *genuine) *Finding {
	y, z := &c.Segments[r.Trigger], &c.Segments[r.At]
	f := x.finding(Problem, Certain, Possible, c)
	next := x.fallback(c, z.Time)
	if next != nil {
		f.Severity = Warning
		if next.Server.Addr().Is4() != c.Server.Addr().Is4() {
			f.Severity = Info // a dual-stack client trying one family after the other
		}
	}
	f.Summary = lang.T("%s was refused at port %d of %s: its SYN drew a RST after %s.", "%s 到 %[3]s 的 %[2]d 端口的连接被拒绝：SYN 在 %[4]s 后换来一个 RST。",
		c.Client.Addr(), c.Server.Port(), c.Server.Addr(), lang.Duration(r.Delay))
	f.say(numbers(c, r.Trigger), "The client sent a SYN to %s, port %d (#%d).", "客户端向 %s 的 %d 端口发送了 SYN（#%d）。", c.Server.Addr(), c.Server.Port(), y.Number)
	f.tellRefusal(c, r)
	f.shows(int(y.Number), "asks for port %d", "请求端口 %d", c.Server.Port())
	f.shows(int(z.Number), "refuses the SYN", "拒绝该 SYN")
	tellRefusedAgain(f, c)
	if next != nil {
		f.tellNext(next)
	}
	causesRefused(f, c, r, g)
	checksRefused(f, c)
	f.Drawing.Lanes = twoLanes(c)
	return f.grouped(c.Server.String()+f.Severity, portLabel(c.Client))
}

func (f *Finding) tellNext(next *conversation.Conversation) {
	y := n(next, next.Handshake().SYNs[0])
	f.say([]int{y}, "The client tried %s at once (#%d), and that worked.", "客户端随即连接 %s（#%d），获得成功。", next.Server, y)
}

func (f *Finding) tellRefusal(c *conversation.Conversation, r *conversation.Reset) {
	z := &c.Segments[r.At]
	if z.Flags&packet.ACK == 0 {
		f.Symptom = Likely
		f.say(numbers(c, r.At), "%s later a RST carrying the server's address came back (#%d). It has no ACK flag, against the standard, but nothing else came.", "%s 后返回一个带有服务器地址的 RST（#%d）。它没有 ACK 标志，不合标准，但此外没有任何应答。", lang.Duration(r.Delay), z.Number)
		return
	}
	f.say(numbers(c, r.At), "%s later a RST carrying the server's address came back (#%d); it acknowledges exactly that SYN, so it refuses it.",
		"%s 后返回一个带有服务器地址的 RST（#%d），它恰好确认了这个 SYN，即拒绝连接。", lang.Duration(r.Delay), z.Number)
}

func tellRefusedAgain(f *Finding, c *conversation.Conversation) {
	var again []int
	for _, r := range c.Resets() {
		if r.Form == conversation.ResetRefusal {
			again = append(again, r.At)
		}
	}
	if len(again) > 1 {
		rest := numbers(c, again[1:]...)
		f.say(rest, "The client tried the same SYN again and was refused %s more (%s).", "客户端重发同一个 SYN，又被拒绝 %s（%s）。", lang.Times(len(rest)), refs(rest))
	}
}

// fallback is a connection of the same client host to the same port of another
// address, or from the same client port to the same endpoint, that was opened
// within fallbackWait and succeeded; nil for none.
func (x *Context) fallback(c *conversation.Conversation, since int64) *conversation.Conversation {
	all := x.Conversations
	from := sort.Search(len(all), func(i int) bool { return all[i].First >= since-fallbackWait })
	for _, d := range all[from:] {
		if d.First > since+fallbackWait {
			break
		}
		elsewhere := d.Server.Addr() != c.Server.Addr() && x.oneHost(c, d)
		if d != c && d.Server.Port() == c.Server.Port() && (elsewhere || d.Client == c.Client && d.Server == c.Server) &&
			d.Handshake().State == conversation.HandshakeComplete {
			return d
		}
	}
	return nil
}

// oneHost reports whether two conversations were opened by one host: by its
// address, or over IPv4 and IPv6 by what their SYNs' frames say.
func (x *Context) oneHost(c, d *conversation.Conversation) bool {
	a, b := c.Client.Addr(), d.Client.Addr()
	if a == b || a.IsLoopback() && b.IsLoopback() {
		return true
	}
	p, q := x.Link(&c.Segments[0]), x.Link(&d.Segments[0])
	return a.Is4() != b.Is4() && p.HasMAC && q.HasMAC && p.SrcMAC == q.SrcMAC
}

func causesRefused(f *Finding, c *conversation.Conversation, r *conversation.Reset, g *genuine) {
	z := &c.Segments[r.At]
	nearer := g.leg >= nearerFloor && float64(r.Delay) < nearerShare*float64(g.leg)
	if nearer || g.foreignTTL(z) {
		f.Cause = Likely
		rejectedOnTheWay(f, c, r, g, nearer)
		noListener(f, c, Possible)
		return
	}
	certainty := Possible
	if len(g.ttls) > 0 && !g.foreignTTL(z) {
		certainty = Likely
		f.say([]int{g.example}, "Another port of that host answered in this capture (port %d, #%d): the host is up.", "抓包中该主机的另一个端口有应答（端口 %d，#%d）：主机在线。", g.port, g.example)
	}
	f.Cause = certainty
	noListener(f, c, certainty)
	f.may(Possible, lang.Text{EN: "A firewall rejects in the host's name (REJECT with tcp-reset): the same bytes", ZH: "防火墙以主机名义拒绝（REJECT with tcp-reset）：包完全相同"},
		lang.T("Compare TTL and round trip of #%d with a port of that host that is open; look at the rules' counters.", "将 #%d 的 TTL 与往返时间同该主机开放端口的相比较，并查看规则计数器。", z.Number))
}

func noListener(f *Finding, c *conversation.Conversation, certainty string) {
	f.may(certainty, lang.T("No process listens on port %d of that address: not started, another port, or bound to 127.0.0.1 or another address", "该地址的 %d 端口没有进程监听：未启动、端口不同，或只绑定在 127.0.0.1 或其他地址", c.Server.Port()),
		lang.T("On the server, ss -ltn: is there a line for port %d, and with which local address?", "在服务器上执行 ss -ltn：是否有端口 %d 的监听，本地地址是什么？", c.Server.Port()))
}

// rejectedOnTheWay: what the reset shows about where it was made.
func rejectedOnTheWay(f *Finding, c *conversation.Conversation, r *conversation.Reset, g *genuine, nearer bool) {
	z := &c.Segments[r.At]
	if nearer {
		f.say([]int{int(z.Number), g.example}, "It came after %s, while the same host needs at least %s to answer (port %d, #%d): it was made nearer than the host.",
			"它只用了 %s，而同一主机的应答至少需要 %s（端口 %d，#%d）：它产生于比主机更近的地方。", lang.Duration(r.Delay), lang.Duration(g.leg), g.port, g.example)
	}
	if g.foreignTTL(z) {
		f.say([]int{int(z.Number), g.example}, "Its TTL is %d; the host's own SYN-ACKs arrive with %d (#%d).", "它的 TTL 是 %d，而主机自己的 SYN-ACK 到达时为 %d（#%d）。", z.TTL, g.ttls[0], g.example)
	}
	f.may(Likely, lang.Text{EN: "A firewall or another device on the way refuses in the server's name", ZH: "路径上的防火墙或其他设备以服务器的名义拒绝"},
		lang.T("A capture on the server: did the SYN #%d arrive, and did the server send the RST?", "在服务器上抓包：SYN #%d 是否到达，RST 是否由服务器发出？", c.Segments[r.Trigger].Number))
}

func checksRefused(f *Finding, c *conversation.Conversation) {
	f.excludes(lang.Text{EN: "Host down, or a path that swallows packets", ZH: "主机宕机，或路径吞掉了包"},
		lang.T("An answer came (#%d).", "有应答返回（#%d）。", f.Evidence[1].Packet))
	f.confirm(lang.Text{EN: "On the server: does something listen there?", ZH: "在服务器上：是否有程序监听？"}, lang.T("ss -ltnp 'sport = :%d'", "", c.Server.Port()).EN)
	f.confirm(lang.Text{EN: "Rules that reject:", ZH: "会拒绝连接的规则："}, "nft list ruleset | grep -i reject")
	f.confirm(lang.Text{EN: "Whether the server sends the reset itself:", ZH: "复位是否由服务器自己发出："}, tcpdump(filterServer(c.Server)))
}
