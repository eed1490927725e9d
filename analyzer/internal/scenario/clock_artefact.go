package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// The capture's own clock ran backwards.

// clockStep is the smallest step back, in ns, that is more than two processors
// writing their packets out of turn.
const clockStep = lang.Millisecond

var clockArtefact = Scenario{
	ID:    "clock-artefact",
	Title: lang.Text{EN: "The capture's clock runs backwards", ZH: "抓包的时间戳发生倒退"},
	Summary: lang.Text{
		EN: "Some packets carry an earlier time than the packet before them in the file.",
		ZH: "有包的时间早于文件中它前面的包。",
	},
	Meaning: lang.Text{
		EN: "The clock was set while the capture ran, files of several machines were merged, or interfaces with different clocks were recorded together. Times measured across such a place mean nothing; the order of the file was kept.",
		ZH: "抓包期间时钟被调整，或合并了多台机器的文件，或同时记录了时钟不同的网口。跨越这些位置测得的时间没有意义；分析以文件中的顺序为准。",
	},
	Recognised: []lang.Text{
		{EN: "A packet's time lies a millisecond or more before that of the one recorded before it.", ZH: "某个包的时间比前一个记录早一毫秒以上。"},
	},
	Fixes: []lang.Text{
		{EN: "Sort merged files by time (reordercap), and let the clock be slewed, not stepped, while capturing.", ZH: "合并文件时按时间排序（reordercap）；抓包期间让时钟平滑校正而不是跳变。"},
	},
	References: []Reference{
		{Title: "Are my packets lying?", Author: "Garland Technology", URL: "https://www.garlandtechnology.com/blog/are-my-packets-lying-4-things-to-look-for-in-packet-traces"},
	},
	Symptom: SymptomCapture,
	Detect:  detectClockArtefact,
}

// Reported as info when the time of packets steps back by clockStep or more
// inside a conversation. Smaller swaps are ordinary and only noted.
func detectClockArtefact(x *Context) []Finding {
	if x.Backwards == 0 || x.BackwardsBy < clockStep {
		return nil
	}
	for _, c := range x.Conversations {
		for i := 1; i < len(c.Segments); i++ {
			if c.Segments[i-1].Time-c.Segments[i].Time >= clockStep {
				return []Finding{*x.tellClock(c, i)}
			}
		}
	}
	return nil
}

func (x *Context) tellClock(c *conversation.Conversation, at int) *Finding {
	f := x.finding(Info, Certain, Possible, c)
	a, b := &c.Segments[at-1], &c.Segments[at]
	f.Summary = lang.T("%s a time before that of a packet that stands earlier in the file, by up to %s.", "有 %s的时间早于文件中它们前面的包，最多早 %s。", lang.Count(x.Backwards, "packet carries", "packets carry", "个包"), lang.Duration(x.BackwardsBy))
	f.say([]int{int(a.Number), int(b.Number)}, "#%d is recorded after #%d and carries a time %s before it.", "#%d 记录在 #%d 之后，时间却早了 %s。", b.Number, a.Number, lang.Duration(a.Time-b.Time))
	f.shows(int(b.Number), "earlier than the packet before it", "早于前一个包")
	f.may(Possible, lang.Text{EN: "The clock was set while capturing", ZH: "抓包期间时钟被调整"}, lang.Text{EN: "The log of the time service on the capturing host.", ZH: "抓包主机上校时服务的日志。"})
	f.may(Possible, lang.Text{EN: "Captures of several clocks in one file", ZH: "一个文件中含有多个时钟的抓包"}, lang.Text{EN: "How the file was made (mergecap, several interfaces).", ZH: "文件的来历（mergecap、多个网口）。"})
	f.Drawing.Lanes = twoLanes(c)
	return f
}
