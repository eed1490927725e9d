package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/packet"
)

// Segments arrive with a wrong checksum, are ignored, and come again intact.

// corruptedShare is the largest share of a side's segments with wrong checksums
// that is damage on the way; above it the side's host or capture leaves them
// unfinished.
const corruptedShare = 0.3

var corruptedSegment = Scenario{
	ID:    "corrupted-segment",
	Title: lang.Text{EN: "Segments arrive damaged: their checksum is wrong", ZH: "报文段到达时已损坏：校验和错误"},
	Summary: lang.Text{
		EN: "Some segments carry a checksum that does not fit their bytes; the receiver ignores them and they are sent again.",
		ZH: "部分报文段的校验和与内容不符；接收方将其忽略，随后重传。",
	},
	Meaning: lang.Text{
		EN: "Bytes were changed after the sender computed the checksum: a faulty network card, cable, memory or firmware on the way. TCP repairs it by repetition; what the 16-bit sum does not catch gets through.",
		ZH: "发送方计算校验和之后字节被改变：途中的网卡、线缆、内存或固件有故障。TCP 通过重传补救；但 16 位校验和查不出的错误会混过去。",
	},
	Recognised: []lang.Text{
		{EN: "A received segment whose TCP checksum is wrong, and not merely left to the network card.", ZH: "收到的包 TCP 校验和错误，且不是留给网卡计算的那种。"},
		{EN: "The same sequence number again, with a right checksum.", ZH: "同一序列号再次出现，校验和正确。"},
	},
	Confused: []Confusion{
		{ID: "offload-artefact", Text: lang.Text{EN: "there the checksums of the capturing host itself look wrong, and nothing is repeated", ZH: "那里是抓包主机自己的校验和看似错误，且没有重传"}},
		{ID: "packet-loss", Text: lang.Text{EN: "there the segment does not arrive at all", ZH: "那里报文段根本没有到达"}},
	},
	Fixes: []lang.Text{
		{EN: "Find the hop that damages them (counters of every port on the path) and replace card, cable or device.", ZH: "逐跳查看端口计数，找出损坏报文段的那一跳，更换网卡、线缆或设备。"},
		{EN: "Check data integrity above TCP until then (TLS does).", ZH: "在此之前用上层校验保证数据完整（TLS 即可）。"},
	},
	References: []Reference{
		{Title: "TCP traces (item 16)", Author: "Noah Davids", URL: "https://noahdavids.org/traces.html"},
	},
	Symptom: SymptomSlow,
	Over:    []string{"packet-loss", "tail-loss-rto", "spurious-retransmission"},
	Detect:  detectCorruptedSegment,
}

// Reported when a data segment with a wrong checksum is followed by one with the
// same sequence number and a right checksum. Not reported when a large part of
// that side's segments is wrong: then checksums are left to hardware.
func detectCorruptedSegment(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		for _, side := range []conversation.Side{conversation.Client, conversation.Server} {
			f := &c.Flows[side]
			if f.BadChecksums == 0 || float64(f.BadChecksums) > corruptedShare*float64(f.Packets) {
				continue
			}
			if pairs := damaged(c, side); len(pairs) > 0 {
				out = append(out, *x.tellCorrupted(c, side, pairs))
			}
		}
	}
	return out
}

// damaged pairs each damaged data segment with its intact repetition, indexes.
func damaged(c *conversation.Conversation, side conversation.Side) [][2]int {
	var out [][2]int
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.From != side || s.Check != packet.ChecksumBad || s.Len == 0 || s.IsCopy() {
			continue
		}
		for k := i + 1; k < len(c.Segments); k++ {
			if g := &c.Segments[k]; g.From == side && g.Seq == s.Seq && g.Len > 0 && g.Check == packet.ChecksumGood {
				out = append(out, [2]int{i, k})
				break
			}
		}
	}
	return out
}

func (x *Context) tellCorrupted(c *conversation.Conversation, side conversation.Side, pairs [][2]int) *Finding {
	f := x.finding(Warning, Certain, Likely, c)
	from, to := c.Addr(side), c.Addr(side.Other())
	var cost int64
	var bad []int
	for _, p := range pairs {
		cost += c.Segments[p[1]].Time - c.Segments[p[0]].Time
		bad = append(bad, n(c, p[0]))
	}
	f.waited(cost)
	f.Summary = lang.T("From %s to %s, %s arrived with a wrong checksum and had to be sent again.", "从 %s 到 %s，有 %s校验和错误，只得重传。", from, to, lang.Count(len(pairs), "segment", "segments", "个报文段"))
	a, b := &c.Segments[pairs[0][0]], &c.Segments[pairs[0][1]]
	f.say([]int{int(a.Number)}, "The checksum of #%d does not fit its %s, and it is not one left to the network card: bytes were changed on the way.", "#%d 的校验和与其 %s 内容不符，也不是留给网卡计算的那种：字节在途中被改变。", a.Number, lang.Bytes(int64(a.Len)))
	f.say([]int{int(a.Number), int(b.Number)}, "%s later the same bytes came again, with a right checksum (#%d).", "%s 后同样的字节再次到达，校验和正确（#%d）。", lang.Duration(b.Time-a.Time), b.Number)
	f.shows(int(a.Number), "wrong checksum", "校验和错误")
	f.shows(int(b.Number), "the same bytes, intact", "同样的字节，完好")
	if len(bad) > 1 {
		f.say(bad[1:], "So it went for %s more (%s).", "另有 %s同样如此（%s）。", lang.Count(len(bad)-1, "segment", "segments", "个包"), refs(bad[1:]))
		for _, p := range bad[1:min(len(bad), 8)] {
			f.shows(p, "wrong checksum", "校验和错误")
		}
	}
	f.may(Likely, lang.Text{EN: "A faulty network card, cable, memory or firmware between sender and capture point", ZH: "发送方与抓包点之间的网卡、线缆、内存或固件有故障"},
		lang.Text{EN: "Error counters of every port on the path; TcpInCsumErrors on the receiver.", ZH: "路径上每个端口的错误计数；接收方的 TcpInCsumErrors。"})
	f.may(Possible, lang.Text{EN: "A device that rewrites packets and computes the checksum wrongly", ZH: "改写包的设备算错了校验和"},
		lang.Text{EN: "A capture before and behind that device.", ZH: "在该设备前后分别抓包。"})
	f.confirm(lang.Text{EN: "On the receiver:", ZH: "在接收方："}, "nstat -az TcpInCsumErrors; ethtool -S eth0 | grep -iE 'crc|csum|err'")
	f.Drawing.Lanes = twoLanes(c)
	for _, p := range pairs {
		f.Drawing.Marks = append(f.Drawing.Marks, Mark{Packet: n(c, p[0]), Ignored: true, ReceiverNote: lang.Text{EN: "wrong checksum", ZH: "校验和错误"}})
	}
	return f.grouped(from.Addr().String()+to.Addr().String(), portLabel(c.Client))
}
