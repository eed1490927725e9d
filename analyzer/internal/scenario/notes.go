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
	oneSided, begun, relative := 0, 0, 0
	for _, c := range set.Conversations {
		if c.OneSided() && c.Packets > 2 {
			oneSided++
		}
		if c.Role == conversation.RoleGuess {
			begun++
		}
		if c.Relative {
			relative++
		}
	}
	add(set.Copies > 0, "duplicates", lang.T("%s recorded more than once; the repetitions are left out of the analysis.", "%s被重复抓取；分析时已略去重复的部分。",
		lang.Count(set.Copies, "packet was", "packets were", "个报文")))
	add(oneSided > 0, "one-direction", lang.T("Of %s only one direction is in the capture: what the other side sent is inferred from acknowledgements.", "%s只抓到一个方向：另一方发送的内容只能由确认号推断。",
		lang.Count(oneSided, "connection", "connections", "个连接")))
	add(begun > 0, "mid-stream", lang.T("%s began before the capture did: who opened them, and their window scale, is not known.", "%s在抓包开始之前就已存在：由谁发起、窗口扩大因子是多少，均不得而知。",
		lang.Count(begun, "connection", "connections", "个连接")))
	add(cut > 0, "snaplen", lang.T("%s of %s cut short by the capture's snap length: nothing is said about their contents.", "%[2]s 个报文中有 %[1]s被抓包长度截断：对其内容不作判断。",
		lang.Count(cut, "packet", "packets", "个"), lang.Text{EN: lang.Number(int64(frames)) + " were", ZH: lang.Number(int64(frames))}))
	add(set.Backwards > 0, "clock-backwards", lang.T("The time runs backwards at %s, by up to %s: the order of the file was kept.", "时间戳有%s倒退，最多 %s：分析以文件中的顺序为准。",
		lang.Text{EN: lang.Count(set.Backwards, "packet", "packets", "处").EN, ZH: " " + lang.Count(set.Backwards, "", "", "处").ZH}, lang.Duration(set.BackwardsBy)))
	add(relative > 0, "relative-numbers", lang.T("The listing counts sequence numbers from zero: initial sequence numbers are not known.", "列表中的序列号从零计起：初始序列号未知。"))
	return out
}
