package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// The capture kept only the beginning of each packet, less than its headers.

var snaplenCut = Scenario{
	ID:    "snaplen-cut",
	Title: lang.Text{EN: "The capture cut packets inside their headers", ZH: "抓包长度太短，包头被截断"},
	Summary: lang.Text{
		EN: "The snap length was so small that TCP options are missing: what they would tell cannot be judged.",
		ZH: "抓包长度太小，TCP 选项没有抓到，依赖它们的判断无从谈起。",
	},
	Meaning: lang.Text{
		EN: "Nothing is wrong with the connections. Timestamps, selective acknowledgements and window scales are not in the file, so findings that need them stay out or are weaker.",
		ZH: "连接本身没有问题。文件里没有时间戳、选择性确认和窗口扩大因子，因此依赖它们的结论会缺失或减弱。",
	},
	Recognised: []lang.Text{
		{EN: "Fewer bytes captured than were on the wire, ending inside the TCP header or its options.", ZH: "抓到的字节少于线上的字节，且在 TCP 头部或选项中间截断。"},
	},
	Fixes: []lang.Text{
		{EN: "Capture again with -s 0, or at least 128 bytes per packet.", ZH: "用 -s 0 重新抓包，或每个包至少抓 128 字节。"},
	},
	References: []Reference{
		{Title: "Common tips of Wireshark", Author: "Alibaba Cloud", URL: "https://www.alibabacloud.com/help/en/ecs/a-common-tip-of-wireshark"},
	},
	Symptom: SymptomCapture,
	Detect:  detectSnaplenCut,
}

// Reported as info, once per capture, when segments end inside their TCP header
// or options. A payload that is cut is only a note: sharing captures without
// payload is good practice.
func detectSnaplenCut(x *Context) []Finding {
	cut, first := 0, (*conversation.Conversation)(nil)
	at := -1
	for _, c := range x.Conversations {
		for i := range c.Segments {
			if c.Segments[i].Bits&conversation.BitCut != 0 {
				if first == nil {
					first, at = c, i
				}
				cut++
			}
		}
	}
	if first == nil {
		return nil
	}
	s := &first.Segments[at]
	f := x.finding(Info, Certain, Certain, first)
	f.Summary = lang.T("%s end inside the TCP header or its options; of #%d, %d of %d bytes were kept.", "有 %s在 TCP 头部或选项处被截断；例如 #%d 的 %[4]d 字节只保留了 %[3]d 字节。",
		lang.Count(cut, "packet", "packets", "个包"), s.Number, s.CapLen, s.WireLen)
	f.say([]int{int(s.Number)}, "#%d was %d bytes on the wire; the capture kept %d.", "#%d 在线上有 %d 字节，抓包只保留了 %d 字节。", s.Number, s.WireLen, s.CapLen)
	f.shows(int(s.Number), "cut inside the header", "在头部截断")
	f.may(Certain, lang.Text{EN: "The snap length of the capture", ZH: "抓包时设置的抓包长度"}, lang.Text{EN: "The option -s of tcpdump.", ZH: "tcpdump 的 -s 选项。"})
	f.Drawing.Lanes = twoLanes(first)
	return []Finding{*f}
}
