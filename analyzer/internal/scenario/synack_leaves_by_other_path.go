package scenario

import (
	"net/netip"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// On the server's own network the SYN comes from one box and the SYN-ACK leaves
// to another one, which knows nothing of the connection.

// arpSettles is how long in ns two boxes may need to answer one ARP request.
const arpSettles = 5 * lang.Second

var synackLeavesByOtherPath = Scenario{
	ID:    "synack-leaves-by-other-path",
	Title: lang.Text{EN: "The SYN-ACK leaves to another box than the SYN came from", ZH: "SYN-ACK 没有原路返回，发给了另一台设备"},
	Summary: lang.Text{
		EN: "The SYN comes in through one device on the server's network, the SYN-ACK goes out to another, and the handshake does not finish.",
		ZH: "SYN 经由服务器所在网络的一台设备进来，SYN-ACK 却发给了另一台设备，握手无法完成。",
	},
	Meaning: lang.Text{
		EN: "The server takes the client for a neighbour, usually because its netmask is too wide, and asks for its MAC address on its own network. A router or load balancer with proxy ARP answers in the client's place. If that box is stateful it has never seen the SYN and drops the rest of the handshake.",
		ZH: "服务器误以为客户端在同一网段，通常是因为子网掩码配得过大，于是在本网段查询客户端的 MAC 地址；开启了代理 ARP 的路由器或负载均衡器代为应答。如果这台设备是有状态的，它从未见过该 SYN，便会丢弃握手的其余部分。",
	},
	Recognised: []lang.Text{
		{EN: "The frame of the SYN comes from one MAC address; the frames of the SYN-ACKs go to another.", ZH: "SYN 的帧来自一个 MAC 地址，SYN-ACK 的帧却发往另一个 MAC 地址。"},
		{EN: "The server asks by ARP for the client's own address, and something answers, perhaps two boxes.", ZH: "服务器用 ARP 查询客户端自己的地址，而且有设备应答，有时是两台。"},
		{EN: "No ACK arrives.", ZH: "没有 ACK 到达。"},
	},
	Confused: []Confusion{
		{ID: "synack-unacknowledged", Text: lang.Text{EN: "there the SYN-ACKs leave to the box the SYN came from and get lost behind it", ZH: "那里 SYN-ACK 发回给 SYN 的来路设备，在其后丢失"}},
		{ID: "duplicate-ip-mac-flap", Text: lang.Text{EN: "there two machines own one address", ZH: "那里是两台机器占用同一个地址"}},
	},
	Fixes: []lang.Text{
		{EN: "Correct the server's netmask, so that it sends what is for other networks to its gateway.", ZH: "改正服务器的子网掩码，使发往其他网络的包走网关。"},
		{EN: "Switch proxy ARP off on the device that answered for the client.", ZH: "关闭代客户端应答的设备上的代理 ARP。"},
		{EN: "Where two ways are wanted, let both pass the same stateful device, or let it accept connections it saw half of.", ZH: "确需两条路径时，让往返都经过同一台有状态设备，或让它放行只见过一半的连接。"},
	},
	References: []Reference{
		{Title: "TCP连接卡在SYN_RECV状态:服务端忽略Ack数据包,并且重新传输 Syn Ack数据包"},
	},
	Symptom: SymptomHalfOpen,
	Over:    []string{"synack-unacknowledged", "stuck-syn-recv-server-ignores-ack", "asymmetric-routing-stateful-drop", "duplicate-ip-mac-flap", "syn-no-answer", "idle-client-half-open-zombie"},
	Detect:  detectSynackLeavesByOtherPath,
}

// Reported when all of these hold, on one Ethernet: the SYN's frame is addressed
// to the MAC that sends the SYN-ACK (so this is the server's own network); the
// SYN-ACK's frame goes to another MAC than the SYN's came from; the handshake
// does not finish. Certain with an ARP answer for the client's address. Not
// reported when the handshake finishes: two ways are legal; nor, without an ARP
// answer, when one of the two MACs is a virtual router's, and only possible with.
func detectSynackLeavesByOtherPath(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		h := c.Handshake()
		if len(h.SYNs) == 0 || len(h.SYNACKs) == 0 || h.Abort >= 0 || len(h.SYNACKs) == 1 && x.End-c.Last < silentWait {
			continue
		}
		l := c.SYNACKLadder()
		if h.State != conversation.HandshakeSYNACK && (l == nil || len(l.Ignored) < stuckRepeats) {
			continue
		}
		in, back := x.Link(&c.Segments[h.SYNs[0]]), x.Link(&c.Segments[h.SYNACKs[0]])
		x.learnFromARP(c, &in, &back)
		if in.HasMAC && back.HasMAC && in.DstMAC == back.SrcMAC && in.SrcMAC != back.DstMAC && x.twoBoxes(c, in, back) {
			out = append(out, *x.tellOtherPath(c, h, in, back))
		}
	}
	return out
}

// twoBoxes: two MAC addresses are two boxes, unless one is a virtual router's and
// no ARP answer tells more.
func (x *Context) twoBoxes(c *conversation.Conversation, in, back conversation.Link) bool {
	if !virtualRouter(in.SrcMAC) && !virtualRouter(back.DstMAC) {
		return true
	}
	_, answers := x.arpFor(c.Client.Addr(), back.SrcMAC, c.First)
	return len(answers) > 0
}

// learnFromARP fills in the destinations that the cooked headers of -i any leave
// out: who answered the server's ARP request for the client's address is where
// the SYN-ACK goes.
func (x *Context) learnFromARP(c *conversation.Conversation, in, back *conversation.Link) {
	none := [6]byte{}
	if in.HasMAC || back.HasMAC || in.SrcMAC == none || back.SrcMAC == none {
		return
	}
	if asked, answers := x.arpFor(c.Client.Addr(), back.SrcMAC, c.First); asked > 0 && len(answers) > 0 {
		in.DstMAC, back.DstMAC = back.SrcMAC, answers[0].mac
		in.HasMAC, back.HasMAC = true, true
	}
}

func (x *Context) tellOtherPath(c *conversation.Conversation, h *conversation.Handshake, in, back conversation.Link) *Finding {
	y, z := &c.Segments[h.SYNs[0]], &c.Segments[h.SYNACKs[0]]
	f := x.finding(Problem, Certain, Likely, c)
	if virtualRouter(in.SrcMAC) || virtualRouter(back.DstMAC) {
		f.Symptom, f.Cause = Possible, Possible
	}
	f.Summary = lang.T("The SYN of %s came in from %s; the SYN-ACKs of %s leave to %s, and no ACK arrives.", "%s 的 SYN 来自 %s；%s 的 SYN-ACK 却发往 %s，没有 ACK 到达。",
		c.Client, mac(in.SrcMAC), c.Server, mac(back.DstMAC))
	f.say([]int{int(y.Number)}, "The SYN came in on the server's network from the box with MAC %s (#%d).", "SYN 由 MAC 为 %s 的设备送入服务器所在网络（#%d）。", mac(in.SrcMAC), y.Number)
	f.shows(int(y.Number), "comes from %s", "来自 %s", mac(in.SrcMAC))
	answers := x.tellARP(f, c, back)
	f.say([]int{int(z.Number)}, "The SYN-ACK left to another box, %s (#%d).", "SYN-ACK 发给了另一台设备 %s（#%d）。", mac(back.DstMAC), z.Number)
	f.shows(int(z.Number), "leaves to %s", "发往 %s", mac(back.DstMAC))
	if l := c.SYNACKLadder(); len(h.SYNACKs) > 1 {
		again := numbers(c, h.SYNACKs[1:]...)
		f.say(again, "It was repeated %s (%s), always to that box; no ACK came back.", "它又重传了 %s（%s），始终发往该设备；没有 ACK 返回。", lang.Times(len(again)), refs(again))
		f.waited(c.Segments[h.SYNACKs[len(h.SYNACKs)-1]].Time - z.Time)
		f.Drawing.Timers = timersOf(c, l.At)
	}
	otherPathCauses(f, c, back, answers)
	f.Drawing.Lanes = twoLanes(c)
	for _, i := range h.SYNACKs {
		f.Drawing.Marks = append(f.Drawing.Marks, Mark{Packet: n(c, i), Lost: true, ReceiverNote: lang.T("via %s", "经由 %s", mac(back.DstMAC))})
	}
	return f.grouped(c.Server.String()+mac(back.DstMAC), portLabel(c.Client))
}

// arpAnswer is a box that claimed the client's address.
type arpAnswer struct {
	number int
	mac    [6]byte
}

// tellARP tells who asked for the client's address and who claimed it.
func (x *Context) tellARP(f *Finding, c *conversation.Conversation, back conversation.Link) []arpAnswer {
	asked, answers := x.arpFor(c.Client.Addr(), back.SrcMAC, c.First)
	if asked > 0 {
		f.say([]int{asked}, "The server asked its own network for the MAC address of %s (#%d), as if the client were a neighbour.", "服务器在本网段查询 %s 的 MAC 地址（#%d），仿佛客户端就在同一网段。", c.Client.Addr(), asked)
		f.shows(asked, "the server takes the client for a neighbour", "服务器以为客户端是邻居")
	}
	for _, a := range answers {
		f.say([]int{a.number}, "%s answered for it (#%d).", "%s 代为应答（#%d）。", mac(a.mac), a.number)
		f.shows(a.number, "claims the client's address", "声称拥有客户端地址")
	}
	return answers
}

// arpFor finds the ARP request of a host for an address, and the answers that
// came within arpSettles around a connection's start.
func (x *Context) arpFor(address netip.Addr, asker [6]byte, since int64) (asked int, answers []arpAnswer) {
	for i := range x.ARP {
		a := &x.ARP[i]
		if a.Time < since-arpSettles || a.Time > since+arpSettles {
			continue
		}
		switch {
		case !a.Reply && a.TargetIP == address && a.ARP.SenderMAC == asker && asked == 0:
			asked = int(a.Number)
		case a.Reply && a.SenderIP == address && a.ARP.SenderMAC != asker:
			answers = append(answers, arpAnswer{int(a.Number), a.ARP.SenderMAC})
		}
	}
	return asked, answers
}

func otherPathCauses(f *Finding, c *conversation.Conversation, back conversation.Link, answers []arpAnswer) {
	switch {
	case len(answers) > 0:
		f.may(Likely, lang.Text{EN: "The server's netmask is too wide, and a device with proxy ARP answers for addresses beyond it", ZH: "服务器的子网掩码过大，且有设备以代理 ARP 应答网段外的地址"},
			lang.T("On the server, ip route get %s: \"dev\" without \"via\" confirms it.", "在服务器上执行 ip route get %s：只有 dev 而没有 via 即可证实。", c.Client.Addr()))
	default:
		f.Cause = Possible
		f.may(Possible, lang.T("The server's route to the client leads through %s, while the client's packets come another way", "服务器到客户端的路由经过 %s，而客户端的包从另一条路到来", mac(back.DstMAC)),
			lang.T("On the server, ip route get %s and ip neigh: whose MAC is %s?", "在服务器上执行 ip route get %s 与 ip neigh：%s 是谁的 MAC？", c.Client.Addr(), mac(back.DstMAC)))
	}
	f.may(Possible, lang.T("The box %s is stateful, has not seen the SYN, and drops what follows", "设备 %s 是有状态的，没有见过 SYN，因而丢弃后续的包", mac(back.DstMAC)),
		lang.Text{EN: "A capture on that box: the SYN-ACK arrives there and goes no further.", ZH: "在该设备上抓包：SYN-ACK 到达后不再转发。"})
	f.excludes(lang.Text{EN: "The server ignores the ACK", ZH: "服务器忽略了 ACK"}, lang.Text{EN: "No ACK of the client reaches this capture point before the repetitions.", ZH: "重传之前，抓包点没有出现客户端的 ACK。"})
	f.confirm(lang.Text{EN: "On the server: how it reaches the client.", ZH: "在服务器上：它如何到达客户端。"}, lang.T("ip route get %s; ip neigh show; ip -br addr", "", c.Client.Addr()).EN)
	f.confirm(lang.Text{EN: "Which box owns the MAC, with frame headers (name the interface: any shows no destination MAC):", ZH: "该 MAC 属于哪台设备（显示帧头；请指定网口，any 不显示目的 MAC）："}, lang.T("tcpdump -eni eth0 'arp or (host %s and tcp port %d)'", "", c.Client.Addr(), c.Server.Port()).EN)
}

// virtualRouter reports the MAC addresses of VRRP and HSRP, behind which two
// routers share one address, so that two MACs can be one path.
func virtualRouter(m [6]byte) bool {
	return m[0] == 0 && m[1] == 0 && (m[2] == 0x5e && m[3] == 0 && (m[4] == 1 || m[4] == 2) || m[2] == 0x0c && (m[3] == 0x07 && m[4] == 0xac || m[3] == 0x9f && m[4]&0xf0 == 0xf0))
}
