package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// A device that shifts sequence numbers (to randomise them) must shift the
// numbers inside SACK options as well (RFC 2018, section 3). Some forget.

// sackOutside: so many blocks outside everything sent are no accident.
const sackOutside = 3

var sackMangled = Scenario{
	ID:    "sack-mangled",
	Title: lang.Text{EN: "Selective acknowledgements name bytes that were never sent", ZH: "选择确认（SACK）指向从未发送过的字节"},
	Summary: lang.Text{
		EN: "The acknowledgements fit the stream, the SACK blocks inside them lie far outside it: a device shifted one and not the other.",
		ZH: "确认号与数据流吻合，其中的 SACK 区间却远在其外：某个设备改了前者而没有改后者。",
	},
	Meaning: lang.Text{
		EN: "A firewall on the path replaces sequence numbers with others, by a constant offset per connection, to make them hard to guess. It corrects the acknowledgement field on the way back but not the SACK option. The sender ignores such blocks, or takes the receiver for broken, so that any loss is repaired slowly, by timeouts.",
		ZH: "途中的防火墙为防猜测，用固定偏移替换了每个连接的序列号。返回方向上它改正了确认号字段，却没有改 SACK 选项。发送方会忽略这样的区间，或认为接收方有问题，于是丢包只能靠超时缓慢修复。",
	},
	Recognised: []lang.Text{
		{EN: "SACK blocks lie far from everything the other side has sent.", ZH: "SACK 区间远离另一方发送过的一切。"},
		{EN: "One and the same offset puts all of them on the borders of real segments.", ZH: "减去同一个偏移后，所有区间都落在真实报文段的边界上。"},
	},
	Confused: []Confusion{
		{ID: "spurious-retransmission", Text: lang.Text{EN: "a D-SACK lies just below the acknowledgement: it reports something that came twice", ZH: "D-SACK 紧邻确认号之下：报告的是收到两次的数据"}},
		{ID: "packet-loss", Text: lang.Text{EN: "there the blocks fit, and loss is repaired within a round trip", ZH: "那里区间吻合，丢失在一个往返内修复"}},
	},
	Fixes: []lang.Text{
		{EN: "Switch sequence number randomisation off on the firewall, or update it (Cisco: set connection random-sequence-number disable). Hosts choose random numbers themselves today.", ZH: "在防火墙上关闭序列号随机化，或升级它（Cisco：set connection random-sequence-number disable）。如今主机自己就会选择随机序列号。"},
		{EN: "Two devices that both randomise on one path must not both do so.", ZH: "同一路径上若有两台设备都做随机化，只应保留一台。"},
		{EN: "As a stop-gap, switch SACK off on one end (net.ipv4.tcp_sack=0).", ZH: "作为权宜之计，在一端关闭 SACK（net.ipv4.tcp_sack=0）。"},
	},
	References: []Reference{
		{Title: "Selective ACK (SACK) through the FWSM", Author: "Cisco", URL: "https://community.cisco.com/t5/security-knowledge-base/selective-ack-sack-through-the-fwsm/ta-p/3116739"},
		{Title: "Disable TCP sequence randomization", Author: "Cisco", URL: "https://docs.manage.security.cisco.com/cdfmc/t_disable_tcp_sequence_randomization.html"},
		{Title: "RFC 2018: TCP Selective Acknowledgment Options", Date: "1996-10", URL: "https://www.rfc-editor.org/rfc/rfc2018"},
	},
	Symptom: SymptomSlow,
	Over:    []string{"packet-loss", "tail-loss-rto", "spurious-retransmission", "rto-death", "path-outage", "policer-loss", "reordering", "who-is-slow", "client-gave-up"},
	Detect:  detectSACKMangled,
}

// Reported when three or more SACK blocks of one side lie more than 2^20 away
// from everything the other side sent and has not had acknowledged: certain when
// one constant offset puts all of them on borders of sent segments. A problem
// when the stream then stood still for a second or more, else a warning. Not
// reported for duplicate SACKs, which lie close below the acknowledgement.
func detectSACKMangled(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		if c.OneSided() || c.Strays > 0 {
			continue
		}
		for _, by := range []conversation.Side{conversation.Client, conversation.Server} {
			if s := c.SACKOutside(by); s != nil && s.Blocks >= sackOutside {
				out = append(out, *tellSACK(x, c, s))
			}
		}
	}
	return out
}

func tellSACK(x *Context, c *conversation.Conversation, s *conversation.SACKShift) *Finding {
	l := c.Losses(s.By.Other())
	f := x.finding(Warning, Likely, Likely, c).waited(l.Waited)
	if l.Waited >= stallLong {
		f.Severity = Problem
	}
	by, sender := c.Addr(s.By), c.Addr(s.By.Other())
	acks := numbers(c, s.At...)
	f.Summary = lang.T("The acknowledgements of %s fit what %s sent, their SACK blocks do not: a device on the path changed sequence numbers and left the SACK option alone.", "%s 的确认号与 %s 发送的数据吻合，其 SACK 区间却不吻合：途中的设备改了序列号，却没有改 SACK 选项。", by, sender)
	first := &c.Segments[s.At[0]]
	f.say(acks[:1], "#%d acknowledges byte %s of %s and adds a SACK block %s long that lies %s beyond everything sent so far.", "#%d 确认到 %[3]s 的第 %[2]s 字节，所附的 SACK 区间长 %[4]s，却位于迄今所发数据之外 %[5]s 处。",
		first.Number, lang.Number(int64(c.RelAck(first))), sender, lang.Bytes(int64(s.Right-s.Left)), lang.Bytes(int64(s.Left-s.Sent)))
	f.shows(acks[0], "fits in its acknowledgement, not in its SACK block", "确认号吻合，SACK 区间不吻合")
	if s.Constant {
		f.Symptom = Certain
		f.say(acks, "So it is with %s (%s). Taking one constant number, %s, off every edge puts all of them on the borders of segments that were really sent: the numbers were shifted, not garbled.", "共有 %s如此（%s）。从每个边界减去同一个常数 %s，它们便全部落在真实报文段的边界上：这些数字是被平移，而非损坏。",
			lang.Count(s.Blocks, "block", "blocks", "个区间"), refs(acks), lang.Number(int64(s.Offset)))
	} else {
		f.say(acks, "So it is with %s (%s).", "共有 %s如此（%s）。", lang.Count(s.Blocks, "block", "blocks", "个区间"), refs(acks))
	}
	if l.Lost > 0 {
		p := repeatsOf(c, l)
		f.say(p, "The sender cannot use them. %s sent again (%s); the stream stood still for %s for timers.", "发送方无法利用它们。%s被重传（%s）；数据流因等待定时器停顿了 %s。",
			lang.Count(l.Lost, "segment had to be", "segments had to be", "个报文段"), refs(p), lang.Duration(l.Waited))
		f.shows(p[0], "sent again", "重传")
	}
	f.may(Likely, lang.Text{EN: "A firewall that randomises sequence numbers and does not correct SACK", ZH: "做序列号随机化却不改正 SACK 的防火墙"},
		lang.Text{EN: "The initial sequence number of the same connection at both ends: it differs by this constant.", ZH: "在两端比较同一连接的初始序列号：相差的正是这个常数。"})
	f.confirm(lang.Text{EN: "The handshake at both ends, with absolute numbers:", ZH: "在两端抓取握手，显示绝对序列号："}, "tcpdump -nSi any '"+filterServer(c.Server)+" and tcp[13] & 2 != 0'")
	f.confirm(lang.Text{EN: "Whether the sender's kernel throws the blocks away:", ZH: "发送方内核是否丢弃这些区间："}, "nstat -az TcpExtTCPSACKDiscard TcpExtTCPSACKReneging")
	f.Drawing.Lanes = twoLanes(c)
	for _, p := range acks[:min(len(acks), 8)] {
		f.Drawing.Marks = append(f.Drawing.Marks, Mark{Packet: p, ReceiverNote: lang.Text{EN: "SACK makes no sense here", ZH: "此处 SACK 无意义"}})
	}
	return f.grouped(c.Server.String(), portLabel(c.Client))
}
