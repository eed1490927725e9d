package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// Note is something about the capture that limits what can be found in it.
type Note struct {
	ID   string
	Text lang.Text
}

// Notes says what limits the findings of a capture: packets recorded twice,
// one direction only, conversations begun before the capture, packets cut by
// the snap length (cut of frames), clocks that run backwards.
func Notes(set *conversation.Set, cut, frames int) []Note {
	var out []Note
	add := func(when bool, id string, text lang.Text) {
		if when {
			out = append(out, Note{ID: id, Text: text})
		}
	}
	oneSided, begun, relative, crossed := 0, 0, 0, 0
	for _, c := range set.Conversations {
		if c.OneSided() && c.Packets > 2 && c.Handshake().State != conversation.HandshakeSYN {
			oneSided++
		}
		if c.Role == conversation.RoleGuess {
			begun++
		}
		if c.Relative {
			relative++
		}
		if c.Crossed() {
			crossed++
		}
	}
	add(set.Copies > 0, "duplicates", lang.T("%s recorded more than once; the repetitions are left out of the analysis.", "%s被重复抓取；分析时已略去重复的部分。",
		lang.Count(set.Copies, "packet was", "packets were", "个包")))
	add(oneSided > 0, "one-direction", lang.T("Only one direction of %s is in the capture: what the other side sent is inferred from acknowledgements.", "%s只抓到一个方向：另一方发送的内容只能由确认号推断。",
		lang.Count(oneSided, "connection", "connections", "个连接")))
	add(begun > 0, "mid-stream", lang.T("%s began before the capture did: by whom it was opened, and with which window scale, is not known.", "%s在抓包开始之前就已存在：由谁发起、窗口扩大因子是多少，均不得而知。",
		lang.Count(begun, "connection", "connections", "个连接")))
	add(cut > 0, "snaplen", lang.T("%s of %s cut short by the capture's snap length: nothing is said about their contents.", "%[2]s 个包中有 %[1]s被抓包长度截断：对其内容不作判断。",
		lang.Count(cut, "packet", "packets", "个"), lang.Text{EN: lang.Number(int64(frames)) + " were", ZH: lang.Number(int64(frames))}))
	add(set.Backwards > 0, "clock-backwards", lang.T("The time runs backwards at %s, by up to %s: the order of the file was kept.", "时间戳有%s倒退，最多 %s：分析以文件中的顺序为准。",
		lang.Text{EN: lang.Count(set.Backwards, "packet", "packets", "处").EN, ZH: " " + lang.Count(set.Backwards, "", "", "处").ZH}, lang.Duration(set.BackwardsBy)))
	add(relative > 0, "relative-numbers", lang.T("The listing counts sequence numbers from zero: initial sequence numbers are not known.", "列表中的序列号从零计起：初始序列号未知。"))
	add(set.Summarised > 0, "summarised", lang.T("The capture is large: of %s that went well only the first and last packets were kept for the ladders. All packets were counted and checked.", "抓包很大：%s一切正常，时序图中只保留其开头和结尾的包。所有包均已计入并检查。",
		lang.Count(set.Summarised, "connection", "connections", "个连接")))
	for _, id := range set.Failed {
		add(true, "rule-failed", lang.T("The rule for %s failed on this capture, so nothing is said about it. This is a bug: please report it with the capture, or with its headers.", "针对 %s 的规则在这份抓包上出错，因此对它未作判断。这是程序缺陷，请附上抓包或其包头报告给我们。", id))
	}
	add(crossed > 0, "crossed-addresses", lang.T("In %s the two directions carry different addresses, while their numbers fit one connection: an edited listing, or one direction recorded before a translation and the other behind it.", "%s的两个方向使用了不同的地址，而编号吻合同一连接：可能是列表经过修改，或两个方向分别抓自地址转换之前和之后。",
		lang.Count(crossed, "connection", "connections", "个连接")))
	return out
}

// crossedRemark begins a finding's story with the fact that its two directions
// carry different addresses.
func (x *Context) crossedRemark(f *Finding) {
	if len(f.Conversations) == 0 {
		return
	}
	c := x.Conversations[f.Conversations[0]]
	h := c.Handshake()
	if !c.Crossed() || h.ACK < 0 || len(h.SYNs) == 0 || len(h.SYNACKs) == 0 {
		return
	}
	syn, synack, ack := n(c, h.SYNs[0]), n(c, h.SYNACKs[0]), n(c, h.ACK)
	remark := Sentence{Packets: []int{syn, synack, ack}, Text: lang.T(
		"The SYN #%d goes from %s to %s; the SYN-ACK #%d comes from %s to %s. Their numbers fit one connection exactly and the client accepts the answer #%d, so both directions are read as one: an address was translated in between, or changed in the listing.",
		"SYN #%d 从 %s 发往 %s，SYN-ACK #%d 却从 %s 发往 %s。两者的编号严丝合缝，客户端也接受了应答 #%d，因此把两个方向当作同一个连接来读：可能是途中做了地址转换，也可能是列表里的地址被改动过。",
		syn, c.Client, c.Server, synack, c.Other[conversation.Server], c.Other[conversation.Client], ack)}
	f.Story = append([]Sentence{remark}, f.Story...)
	f.excludes(lang.Text{EN: "An answer from a wrong address that the client refuses", ZH: "应答来自错误的地址而被客户端拒绝"},
		lang.T("The client acknowledges the SYN-ACK #%d and goes on.", "客户端确认了 SYN-ACK #%d 并继续通信。", synack))
}
