package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// One side asks for very small segments, and bulk data is cut into crumbs.

const (
	// tinyMSS and tinyMSS6 are the smallest MSS values that ordinary paths need:
	// the defaults of RFC 9293 section 3.7.1 for IPv4 and IPv6, in bytes.
	tinyMSS, tinyMSS6 = 536, 1220
	// tinyBulk is how many bytes make a transfer for which it matters.
	tinyBulk = 4000
)

var tinyMss = Scenario{
	ID:    "tiny-mss",
	Title: lang.Text{EN: "A very small maximum segment size", ZH: "最大报文段长度（MSS）过小"},
	Summary: lang.Text{
		EN: "One side announces an MSS below the usual minimum, so data travels in many small packets.",
		ZH: "一方通告的 MSS 低于通常的最小值，数据被切成许多小包传输。",
	},
	Meaning: lang.Text{
		EN: "A tunnel with a wrong MTU, an over-careful MSS clamp, an embedded stack, or a client that wants to be slow. It works, with much overhead.",
		ZH: "可能是隧道 MTU 配错、MSS 钳制过度、嵌入式协议栈，或有意放慢的客户端。可以工作，但开销很大。",
	},
	Recognised: []lang.Text{
		{EN: "The MSS option of a SYN or SYN-ACK is below 536 bytes (IPv6: 1220).", ZH: "SYN 或 SYN-ACK 的 MSS 选项小于 536 字节（IPv6 为 1220）。"},
	},
	Confused: []Confusion{
		{ID: "pmtu-reduced", Text: lang.Text{EN: "there the size shrinks later, after an ICMP message", ZH: "那里是后来因 ICMP 包才缩小"}},
	},
	Fixes: []lang.Text{
		{EN: "Look at the MTU of the announcing host's interface and at MSS clamps on the way.", ZH: "检查通告方网口的 MTU 以及沿途的 MSS 钳制。"},
	},
	References: []Reference{
		{Title: "RFC 9293: Transmission Control Protocol, section 3.7.1", Author: "IETF", Date: "2022-08", URL: "https://www.rfc-editor.org/rfc/rfc9293"},
	},
	Symptom: SymptomSlow,
	Detect:  detectTinyMss,
}

// Reported as info when a side's MSS option is below the family's default and
// the other side sends tinyBulk bytes or more. Not reported for short exchanges.
func detectTinyMss(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		for _, side := range []conversation.Side{conversation.Client, conversation.Server} {
			limit := uint16(tinyMSS)
			if c.Client.Addr().Is6() {
				limit = tinyMSS6
			}
			f, peer := &c.Flows[side], &c.Flows[side.Other()]
			if f.HasISN && f.MSS > 0 && f.MSS < limit && peer.Bytes >= tinyBulk {
				out = append(out, *x.tellTinyMSS(c, side))
			}
		}
	}
	return out
}

func (x *Context) tellTinyMSS(c *conversation.Conversation, side conversation.Side) *Finding {
	f := x.finding(Info, Certain, Possible, c)
	own, peer := &c.Flows[side], &c.Flows[side.Other()]
	at := opening(c, side)
	f.Summary = lang.T("%s announces an MSS of %d bytes, so %s sent its %s in %s.", "%s 通告的 MSS 为 %d 字节，于是 %s 的 %s 被切成 %s。",
		c.Addr(side), own.MSS, c.Addr(side.Other()), lang.Bytes(peer.Bytes), lang.Count(peer.Data, "packet", "packets", "个包"))
	if at >= 0 {
		f.say(numbers(c, at), "%s announces an MSS of %d bytes (#%d).", "%s 通告 MSS 为 %d 字节（#%d）。", c.Addr(side), own.MSS, n(c, at))
		f.shows(n(c, at), "MSS %d", "MSS %d", own.MSS)
	}
	f.say(nil, "The largest payload of the other side is %s.", "另一方最大的载荷为 %s。", lang.Bytes(int64(peer.MaxPayload)))
	f.may(Possible, lang.Text{EN: "An interface or tunnel with a very small MTU, or an MSS clamp on the way", ZH: "网口或隧道 MTU 过小，或途中有 MSS 钳制"}, lang.Text{EN: "A capture on the announcing host: does the SYN leave with this MSS?", ZH: "在通告方主机上抓包：SYN 发出时 MSS 是否就是这个值？"})
	f.Drawing.Lanes = twoLanes(c)
	return f.grouped(c.Addr(side).Addr().String(), portLabel(c.Client))
}

// opening is a side's SYN or SYN-ACK, index, -1 for none.
func opening(c *conversation.Conversation, side conversation.Side) int {
	h := c.Handshake()
	if side == conversation.Client && len(h.SYNs) > 0 {
		return h.SYNs[0]
	}
	if side == conversation.Server && len(h.SYNACKs) > 0 {
		return h.SYNACKs[0]
	}
	return -1
}
