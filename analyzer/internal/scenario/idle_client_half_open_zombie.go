package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/packet"
)

// A client holds a connection for open that the server has never had or has
// forgotten: its first data, long after the handshake, draws a reset.

const (
	// zombieIdle is how long in ns the connection was silent between handshake
	// and first data, at least: the shortest life of a half-open entry that was
	// set to be repeated at all.
	zombieIdle = lang.Second
	// zombieNearer is the share of the handshake's server leg below which a reset
	// was made nearer than the server; only for legs of nearerFloor or more.
	zombieNearer = 0.5
)

var idleClientHalfOpenZombie = Scenario{
	ID:    "idle-client-half-open-zombie",
	Title: lang.Text{EN: "The client thinks it is connected; the server has no such connection", ZH: "客户端以为已连接，服务器却没有这个连接"},
	Summary: lang.Text{
		EN: "After the handshake nothing is said; the client's first data draws a bare RST, because the server never had the connection or forgot it.",
		ZH: "握手之后双方沉默；客户端的第一份数据换来一个不带 ACK 的 RST，因为服务器从未真正建立或早已遗忘这个连接。",
	},
	Meaning: lang.Text{
		EN: "The client is connected as soon as it has sent its ACK. If that ACK never took effect at the server, the half-open entry there expires in silence. Neither side is told; only the first data brings it to light.",
		ZH: "客户端发出 ACK 后就认为连接建立。如果这个 ACK 在服务器上没有生效，服务器的半开连接会静默过期。双方都不会得到通知，直到第一份数据才暴露出来。",
	},
	Recognised: []lang.Text{
		{EN: "A handshake, then silence for seconds to hours.", ZH: "一次握手，随后沉默数秒到数小时。"},
		{EN: "The first data segment of the client, and at once a RST without ACK whose number is what that segment acknowledged.", ZH: "客户端的第一份数据，紧接着一个不带 ACK 的 RST，其序列号等于该包的确认号。"},
		{EN: "The server sent nothing but its SYN-ACK.", ZH: "服务器除 SYN-ACK 外什么也没发过。"},
	},
	Confused: []Confusion{
		{ID: "stuck-syn-recv-server-ignores-ack", Text: lang.Text{EN: "there the repeated SYN-ACKs are in the capture: the root of this", ZH: "那里抓包中有重复的 SYN-ACK，是本现象的根源"}},
		{ID: "idle-timeout-rst", Text: lang.Text{EN: "there a connection that had worked is forgotten by a device on the way", ZH: "那里是曾正常工作的连接被途中设备遗忘"}},
		{ID: "half-open-after-crash", Text: lang.Text{EN: "there the server had the connection and lost it with a restart", ZH: "那里服务器曾有该连接，因重启而丢失"}},
	},
	Fixes: []lang.Text{
		{EN: "Do not open connections long before they are used, or prove them with a first exchange.", ZH: "不要在使用前很久就建连，或者先用一次交互证明连接可用。"},
		{EN: "Let the client retry the request once on a reset of an unused connection.", ZH: "未使用过的连接被复位时，让客户端重试一次请求。"},
		{EN: "Find why the ACK did not take effect (accept queue, filter, loss) and raise tcp_synack_retries only as a stop-gap.", ZH: "查明 ACK 为何没有生效（全连接队列、过滤、丢包）；调大 tcp_synack_retries 只是权宜之计。"},
	},
	References: []Reference{
		{Title: "TCP连接卡在SYN_RECV状态:服务端忽略Ack数据包,并且重新传输 Syn Ack数据包"},
		{Title: "Bug 134274 (TCP_DEFER_ACCEPT)", Author: "Ubuntu, package apache2", URL: "https://bugs.launchpad.net/ubuntu/+source/apache2/+bug/134274"},
	},
	Symptom: SymptomReset,
	Over:    []string{"half-open-after-crash"},
	Detect:  detectIdleClientHalfOpenZombie,
}

// Reported when all of these hold: the server sent nothing but SYN-ACKs; the
// first data of the client follows the handshake by zombieIdle or more and draws
// a RST without ACK, seq = its ack. Certain when the capture is at the server
// and no ACK came before the data. Not reported when the reset has another TTL
// than the SYN-ACK or is too quick for the server: a device on the way. A
// consequence where repeated SYN-ACKs precede.
func detectIdleClientHalfOpenZombie(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		if z := forgotten(c); z != nil {
			out = append(out, *x.tellForgotten(c, z))
		}
	}
	return out
}

// forgotten is the reset that answers the first data of a connection the server
// never took up, nil when it is not one.
func forgotten(c *conversation.Conversation) *conversation.Reset {
	h, r := c.Handshake(), c.FirstReset(conversation.Server)
	if r == nil || r.Form != conversation.ResetNobody || r.Trigger < 0 || len(h.SYNACKs) == 0 || h.ACK < 0 || c.Flows[conversation.Server].Data > 0 {
		return nil
	}
	l, d := c.SYNACKLadder(), &c.Segments[r.Trigger]
	if d.Len == 0 || l.Accepted >= 0 && l.Accepted < r.At || d.From != conversation.Client {
		return nil
	}
	idle := d.Time - c.Segments[h.SYNACKs[0]].Time
	for i := h.ACK; i < r.Trigger; i++ {
		if s := &c.Segments[i]; s.From == conversation.Client && s.Len > 0 && !s.IsCopy() {
			return nil // not the first data
		}
	}
	if idle < zombieIdle || resetFromElsewhere(c, h, r) {
		return nil
	}
	return r
}

// resetFromElsewhere: another TTL than the SYN-ACK's, or quicker than the server
// can answer.
func resetFromElsewhere(c *conversation.Conversation, h *conversation.Handshake, r *conversation.Reset) bool {
	g := genuine{}
	z, s := &c.Segments[h.SYNACKs[0]], &c.Segments[r.At]
	g.addTTL(z.TTL)
	leg := h.ServerLeg
	return z.Known&packet.KnownTTL != 0 && g.foreignTTL(s) || leg >= nearerFloor && float64(r.Delay) < zombieNearer*float64(leg)
}

func (x *Context) tellForgotten(c *conversation.Conversation, r *conversation.Reset) *Finding {
	h, d, z := c.Handshake(), &c.Segments[r.Trigger], &c.Segments[r.At]
	never := h.ACK == r.Trigger // no acknowledgement before the data itself
	f := x.finding(Problem, Certain, Possible, c)
	idle := d.Time - c.Segments[r.Trigger-1].Time
	if never {
		idle = d.Time - c.Segments[h.SYNACKs[0]].Time
	}
	f.Summary = lang.T("%s said nothing for %s on the connection it had opened to %s; its first %s drew a RST: there was no such connection any more.", "%[1]s 在它向 %[3]s 建立的连接上沉默了 %[2]s；它的第一份数据（%[4]s）换来 RST：连接已不存在。",
		c.Client, lang.Duration(idle), c.Server, lang.Bytes(int64(d.Len)))
	f.say(numbers(c, h.SYNACKs[0]), "The server answered the SYN (#%d) and has sent nothing since.", "服务器应答了 SYN（#%d），此后再没有发送任何包。", n(c, h.SYNACKs[0]))
	f.shows(n(c, h.SYNACKs[0]), "all that the server ever said", "服务器说过的唯一一句话")
	f.tellForgottenACK(x, c, h, never)
	f.say(numbers(c, r.Trigger, r.At), "After %s of silence the client sent its first %s (#%d). %s later a bare RST carrying the server's address came back (#%d); its number is just what the data acknowledged, so whoever sent it knew nothing of the connection.",
		"沉默 %s 后，客户端发出第一份数据（%s，#%d）。%s 后返回一个带有服务器地址、不带 ACK 的 RST（#%d）；它的序列号恰是该包的确认号，说明发送者对这个连接一无所知。",
		lang.Duration(idle), lang.Bytes(int64(d.Len)), d.Number, lang.Duration(r.Delay), z.Number)
	f.shows(int(d.Number), "first data", "第一份数据")
	f.shows(int(z.Number), "no such connection", "连接不存在")
	x.forgottenCauses(f, c, never)
	f.Drawing.Lanes = twoLanes(c)
	f.Drawing.Gaps = []GapHint{{Packet: int(d.Number), Reason: lang.Text{EN: "the client is silent; the server forgets", ZH: "客户端沉默，服务器遗忘"}}}
	f.Drawing.Marks = []Mark{{Packet: int(d.Number), Ignored: true, ReceiverNote: lang.Text{EN: "no such connection", ZH: "连接不存在"}}}
	f.waited(idle)
	return f.grouped(c.Server.String(), portLabel(c.Client))
}

func (f *Finding) tellForgottenACK(x *Context, c *conversation.Conversation, h *conversation.Handshake, never bool) {
	if !never {
		f.say(numbers(c, h.ACK), "The client acknowledged it (#%d) and held the connection for open. Whether that ACK took effect is not visible.", "客户端确认了它（#%d），认为连接已建立。这个 ACK 是否生效，从抓包看不出来。", n(c, h.ACK))
		f.shows(n(c, h.ACK), "open, as the client sees it", "客户端认为已建立")
		f.Symptom = Likely
		return
	}
	f.say(numbers(c, h.SYNACKs[0]), "No ACK of the client followed here: to the server the connection stayed half-open, and such an entry expires without a packet.", "抓包点没有出现客户端的 ACK：在服务器看来连接一直半开，这样的条目会静默过期，不发送任何包。")
	if p := x.Vantage(c).Place; p == conversation.PlaceServer || p == conversation.PlaceBoth {
		f.Cause = Likely
	}
	gone := c.Segments[h.SYNACKs[len(h.SYNACKs)-1]].Time + lang.Second
	f.Drawing.States = []StateHint{{Endpoint: c.Server, Name: "SYN_RECV", From: c.Segments[h.SYNACKs[0]].Time, To: gone}, {Endpoint: c.Server, From: gone}}
	f.Drawing.Events = []Event{{Time: gone, Endpoint: c.Server, Approximate: true, Sentence: len(f.Story),
		Label:  lang.Text{EN: "half-open entry expires in silence", ZH: "半开连接静默过期"},
		Reason: lang.Text{EN: "some time after this; nothing is sent", ZH: "此后某一时刻；不发送任何包"}}}
}

func (x *Context) forgottenCauses(f *Finding, c *conversation.Conversation, never bool) {
	first := Possible
	if never {
		first = Likely
	}
	f.may(first, lang.Text{EN: "The ACK of the handshake never took effect (lost, dropped by a filter, accept queue full, TCP_DEFER_ACCEPT on an old kernel), and the half-open entry expired", ZH: "握手的 ACK 没有生效（丢失、被过滤、全连接队列已满，或旧内核的 TCP_DEFER_ACCEPT），半开连接随后过期"},
		lang.Text{EN: "A capture on the server from the handshake on: repeated SYN-ACKs show it.", ZH: "从握手开始在服务器上抓包：重复的 SYN-ACK 即可证明。"})
	if !never {
		f.may(Possible, lang.Text{EN: "A device on the way forgot the idle connection, and it or the server answers with the reset", ZH: "途中设备遗忘了空闲连接，由它或服务器以复位作答"},
			lang.Text{EN: "Is there a fixed idle time above which it happens? Compare with the device's session timeout.", ZH: "是否总在超过某个空闲时长后发生？与设备的会话超时相比较。"})
		f.may(Possible, lang.Text{EN: "The server restarted in between", ZH: "服务器在其间重启过"}, lang.Text{EN: "The server's uptime and the start time of its process.", ZH: "服务器与其进程的启动时间。"})
	}
	f.excludes(lang.Text{EN: "The server application closed the connection", ZH: "服务器应用关闭了连接"}, lang.Text{EN: "It would have sent a FIN, or a reset with its own numbers.", ZH: "那会发出 FIN，或带有自身序列号的复位。"})
	f.confirm(lang.Text{EN: "On the server: half-open entries and full queues.", ZH: "在服务器上：半开连接与已满的队列。"}, "ss -tn state syn-recv; nstat -az | egrep 'ListenOverflows|ListenDrops|TCPDeferAcceptDrop'")
	f.confirm(lang.Text{EN: "Both ends from the handshake on:", ZH: "从握手开始在两端抓包："}, tcpdump(filterServer(c.Server)))
}
