package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/packet"
)

// What the network card had not finished yet when the packet was recorded.

const (
	// offloadFew is how many such packets are worth a word.
	offloadFew = 3
	// offloadLink is the largest payload an ordinary Ethernet frame carries, bytes.
	offloadLink = 1460
)

var offloadArtefact = Scenario{
	ID:    "offload-artefact",
	Title: lang.Text{EN: "Checksums and sizes as the network card had not finished them yet", ZH: "校验和与大小异常：网卡尚未完成处理时的样子"},
	Summary: lang.Text{
		EN: "Packets of one side are recorded before or after hardware works on them: unfinished checksums, packets larger than the link carries.",
		ZH: "一方的包在硬件处理之前（或之后）被抓到：校验和未完成，包大于链路所能承载。",
	},
	Meaning: lang.Text{
		EN: "Nothing is wrong. The stack leaves checksums and cutting into segments to the card, or the card joins received segments; the capture sees the packet on the stack's side. Wireshark may mark such packets as bad.",
		ZH: "没有任何问题。协议栈把校验和与分段交给网卡完成，或网卡合并了收到的报文段；抓包看到的是协议栈一侧的样子。Wireshark 可能会把这些包标为错误。",
	},
	Recognised: []lang.Text{
		{EN: "Payloads larger than the other side's MSS, or checksums equal to the pseudo-header's sum, in one direction only.", ZH: "仅在一个方向上：载荷大于对方的 MSS，或校验和等于伪首部之和。"},
	},
	Confused: []Confusion{
		{ID: "corrupted-segment", Text: lang.Text{EN: "there received segments are really damaged and sent again", ZH: "那里是收到的包真的损坏并被重传"}},
	},
	Fixes: []lang.Text{
		{EN: "Nothing to mend. To see packets as on the wire, capture elsewhere or switch offload off for the time (ethtool -K).", ZH: "无需处理。若要看到线上的样子，可在别处抓包，或临时关闭卸载功能（ethtool -K）。"},
	},
	References: []Reference{
		{Title: "CaptureSetup/Offloading", Author: "Wireshark wiki", URL: "https://wiki.wireshark.org/CaptureSetup/Offloading"},
	},
	Symptom: SymptomCapture,
	Detect:  detectOffloadArtefact,
}

// Reported as info, once per capture, when one side's checksums are unfinished
// and the other's are not, or one side alone sends payloads above the other's
// MSS, offloadFew times or more. Not reported on virtual links, where both
// directions look so and it says nothing.
func detectOffloadArtefact(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		for _, side := range []conversation.Side{conversation.Client, conversation.Server} {
			if at := unfinished(c, side); len(at) >= offloadFew && len(unfinished(c, side.Other())) == 0 {
				out = append(out, *x.tellOffload(c, side, at))
			}
		}
	}
	return out
}

// unfinished are a side's kept segments whose checksum is left to hardware or
// whose payload no single frame carries.
func unfinished(c *conversation.Conversation, side conversation.Side) []int {
	mss := c.Flows[side.Other()].MSS
	var out []int
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.From != side || s.IsCopy() {
			continue
		}
		if s.Check == packet.ChecksumPartial || mss > 0 && s.Len > uint32(max(mss, offloadLink)) {
			out = append(out, i)
		}
	}
	return out
}

func (x *Context) tellOffload(c *conversation.Conversation, side conversation.Side, at []int) *Finding {
	f := x.finding(Info, Likely, Likely, c)
	s := &c.Segments[at[0]]
	f.Summary = lang.T("Packets of %s were recorded as its stack handles them, not as they travel: %s.", "%s 的包是在其协议栈一侧抓到的，并非线上的样子：%s。", c.Addr(side).Addr(), lang.Count(len(at), "packet", "packets", "个包"))
	if s.Check == packet.ChecksumPartial {
		f.say([]int{int(s.Number)}, "The checksum of #%d is the pseudo-header's sum alone: the rest is left to the network card.", "#%d 的校验和只是伪首部之和：其余部分留给网卡完成。", s.Number)
		f.shows(int(s.Number), "unfinished checksum", "未完成的校验和")
	}
	for _, i := range at {
		if g := &c.Segments[i]; g.Len > offloadLink {
			f.say([]int{int(g.Number)}, "#%d carries %s, more than one frame of the link holds: it is cut, or was joined, by hardware.", "#%d 携带 %s，超过一个帧的容量：由硬件切分或合并。", g.Number, lang.Bytes(int64(g.Len)))
			f.shows(int(g.Number), "larger than one frame", "大于一个帧")
			break
		}
	}
	f.may(Likely, lang.Text{EN: "Checksum and segmentation offload of the capturing host", ZH: "抓包主机的校验和与分段卸载"}, lang.Text{EN: "ethtool -k on that host.", ZH: "在该主机上执行 ethtool -k。"})
	f.Drawing.Lanes = twoLanes(c)
	return f.grouped("capture", portLabel(c.Client))
}
