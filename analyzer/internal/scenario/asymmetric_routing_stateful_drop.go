package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// Only one direction of a connection passes here, and what passes never gets
// through: the two directions take different ways, and a stateful device that
// sees one of them drops it.

// asymmetricRepeats is how often the client's data is sent before its loss is
// more than one lost packet.
const asymmetricRepeats = 3

var asymmetricRoutingStatefulDrop = Scenario{
	ID:    "asymmetric-routing-stateful-drop",
	Title: lang.Text{EN: "The answers take another way, and the client's data never arrives", ZH: "应答走了另一条路径，而客户端的数据始终没有送达"},
	Summary: lang.Text{
		EN: "Only the client's packets pass this point; it did get a SYN-ACK by another way, but its data is never acknowledged.",
		ZH: "这里只经过客户端的包；它从另一条路径收到了 SYN-ACK，但它的数据始终没有被确认。",
	},
	Meaning: lang.Text{
		EN: "Request and answer take different ways. A stateful firewall or balancer that has seen only one of them takes the rest for no part of any connection and drops it.",
		ZH: "请求与应答走不同的路径。只见过其中一个方向的有状态防火墙或负载均衡器，会认为其余的包不属于任何连接而丢弃。",
	},
	Recognised: []lang.Text{
		{EN: "A SYN, the ACK of a handshake and data of the client; not one packet of the server.", ZH: "有客户端的 SYN、握手 ACK 和数据，没有服务器的任何包。"},
		{EN: "The data is repeated again and again, and the acknowledgement number never moves.", ZH: "数据一再重传，确认号始终不变。"},
	},
	Confused: []Confusion{
		{ID: "rto-death", Text: lang.Text{EN: "there the server's packets are in the capture until they stop", ZH: "那里抓包中有服务器的包，直到某一刻停止"}},
		{ID: "capture-loss", Text: lang.Text{EN: "a capture of one direction: acknowledgements then move on", ZH: "只抓了一个方向：那时确认号会继续前进"}},
		{ID: "synack-leaves-by-other-path", Text: lang.Text{EN: "the same seen on the server's network", ZH: "在服务器所在网络看到的同一现象"}},
	},
	Fixes: []lang.Text{
		{EN: "Route both directions through the same device, or let the devices share their state.", ZH: "让两个方向经过同一台设备，或让设备之间同步状态。"},
		{EN: "Where that cannot be, exempt this traffic from stateful inspection.", ZH: "做不到时，对这类流量豁免状态检测。"},
	},
	References: []Reference{
		{Title: "ASA asymmetric routing: troubleshooting and mitigation", Author: "code426", URL: "https://www.code426.com/knowledge-base/asa-asymmetric-routing-troubleshooting-and-mitigation/"},
		{Title: "Asymmetric routing issue", Author: "Auvik", URL: "https://www.auvik.com/franklyit/blog/asymmetric-routing-issue/"},
	},
	Symptom: SymptomStall,
	Over:    []string{"rto-death", "idle-timeout-silent", "packet-loss", "tail-loss-rto", "path-outage", "syn-no-answer", "capture-loss"},
	Detect:  detectAsymmetricRouting,
}

// Reported when all of these hold: the client's SYN, an acknowledgement of the
// handshake and at least asymmetricRepeats sendings of the same data are in the
// capture; the acknowledgement number never moves; no packet of the server is
// there. Not reported when the number moves: then only the capture is one-sided.
func detectAsymmetricRouting(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		if s, ack := lostOneWay(c); len(s) > 0 {
			out = append(out, *x.tellOneWay(c, s, ack))
		}
	}
	return out
}

// lostOneWay gives the sendings of the data that is never acknowledged and the
// client's first acknowledgement, nil when it is not that.
func lostOneWay(c *conversation.Conversation) (data []int, ack int) {
	f := &c.Flows[conversation.Client]
	if c.Flows[conversation.Server].Packets > 0 || len(c.Handshake().SYNs) == 0 || !f.HasAck {
		return nil, -1
	}
	ack = -1
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.IsCopy() || s.PureSYN() || s.Reset() {
			continue
		}
		if ack >= 0 && s.Ack != c.Segments[ack].Ack {
			return nil, -1
		}
		if ack < 0 {
			ack = i
		}
	}
	for _, s := range c.DataSeries(conversation.Client) {
		if len(s.At) >= asymmetricRepeats {
			return s.At, ack
		}
	}
	return nil, -1
}

func (x *Context) tellOneWay(c *conversation.Conversation, data []int, ack int) *Finding {
	f := x.finding(Problem, Certain, Likely, c)
	first, last := &c.Segments[data[0]], &c.Segments[data[len(data)-1]]
	f.waited(last.Time - first.Time)
	f.Summary = lang.T("Only packets from %s to %s pass here. It was answered by another way, for it acknowledged a SYN-ACK; but its %s of data were sent %s and never acknowledged.",
		"这里只经过 %s 到 %s 的包。它从另一条路径得到过应答，因为它确认了 SYN-ACK；但它的 %s 数据发送了 %s，始终没有被确认。",
		c.Client, c.Server, lang.Bytes(int64(first.Len)), lang.Times(len(data)))
	f.say(numbers(c, c.Handshake().SYNs[0], ack), "The client sent a SYN (#%d) and then acknowledged a SYN-ACK (#%d) that did not pass here.", "客户端发送了 SYN（#%d），随后确认了一个没有经过这里的 SYN-ACK（#%d）。", n(c, c.Handshake().SYNs[0]), n(c, ack))
	f.shows(n(c, ack), "acknowledges a SYN-ACK that took another way", "确认了走另一条路径的 SYN-ACK")
	d := numbers(c, data...)
	f.say(d, "It sent %s of data (#%d) and repeated them %s (%s), waiting %s; its acknowledgement number never moved.", "它发送了 %s 数据（#%d），又重传了 %s（%s），间隔 %s；确认号始终没有变化。",
		lang.Bytes(int64(first.Len)), first.Number, lang.Times(len(d)-1), refs(d[1:]), waits(c.SeriesOf(data).Gaps))
	for i, p := range d {
		if i == 0 {
			f.shows(p, "data", "数据")
		} else {
			f.shows(p, "the same data again", "同一数据的重传")
		}
	}
	f.tellSYNACKElsewhere(c, data, ack)
	f.may(Likely, lang.Text{EN: "A stateful firewall or balancer on this way has not seen the SYN-ACK, takes the client's packets for strays and drops them", ZH: "这条路径上的有状态防火墙或负载均衡器没有见过 SYN-ACK，把客户端的包当作无主的包丢弃"},
		lang.Text{EN: "The device's log (\"first packet isn't SYN\", \"invalid state\"), and a capture on its far side: the SYN passes, the data does not.", ZH: "设备日志（first packet isn't SYN、invalid state），以及在其另一侧抓包：SYN 通过而数据没有。"})
	f.may(Possible, lang.Text{EN: "The server ignores the handshake ACK and the data", ZH: "服务器忽略了握手 ACK 与数据"}, lang.T("A capture at the server: does #%d arrive?", "在服务器上抓包：#%d 是否到达？", first.Number))
	f.excludes(lang.Text{EN: "A capture of one direction of a healthy connection", ZH: "只是健康连接的单向抓包"}, lang.Text{EN: "The data would not be repeated, and the acknowledgement number would move.", ZH: "那样数据不会一再重传，确认号也会前进。"})
	f.confirm(lang.Text{EN: "Both ways:", ZH: "往返两条路径："}, lang.T("traceroute -T -p %d %s", "", c.Server.Port(), c.Server.Addr()).EN)
	f.confirm(lang.Text{EN: "At the server:", ZH: "在服务器上抓包："}, tcpdump(filterHost(c)))
	f.Drawing.Lanes, f.Drawing.Timers = twoLanes(c), timersOf(c, data)
	for _, p := range d {
		f.Drawing.Marks = append(f.Drawing.Marks, Mark{Packet: p, Lost: true})
	}
	return f.grouped(c.Server.String(), portLabel(c.Client))
}

// tellSYNACKElsewhere: bare acknowledgements beside the data betray SYN-ACKs that
// are repeated on the other way.
func (f *Finding) tellSYNACKElsewhere(c *conversation.Conversation, data []int, ack int) {
	var bare []int
	for i := data[0]; i < len(c.Segments); i++ {
		if s := &c.Segments[i]; s.From == conversation.Client && s.PureACK() && !s.IsCopy() && i != ack {
			bare = append(bare, n(c, i))
		}
	}
	if len(bare) == 0 {
		return
	}
	f.say(bare, "In between it sent bare acknowledgements (%s): the answer to SYN-ACKs that the server goes on repeating on the other way. So its ACK of the handshake has not arrived either.",
		"其间它还发送了纯 ACK（%s）：那是对服务器在另一条路径上不断重传的 SYN-ACK 的回应。可见握手的 ACK 同样没有送达。", refs(bare))
	f.shows(bare[0], "answers a repeated SYN-ACK that is not seen here", "回应此处看不到的重传 SYN-ACK")
}
