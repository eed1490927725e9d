package scenario

import (
	"time"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// twoLanes names the two ends of a plain conversation.
func twoLanes(c *conversation.Conversation) []LaneHint {
	return []LaneHint{
		{Endpoint: c.Client, Role: lang.Text{EN: "client", ZH: "客户端"}},
		{Endpoint: c.Server, Role: lang.Text{EN: "server", ZH: "服务器"}},
	}
}

// clockTime is a time of day to the second, as the capture's clock had it.
func clockTime(ns int64) string { return time.Unix(0, ns).UTC().Format("15:04:05") }

// waits spells the gaps of a repeated timer: "1, 2 and 4 s" where they fit whole
// seconds, measured otherwise.
func waits(gaps []int64) lang.Text {
	var texts []lang.Text
	for _, g := range gaps {
		whole := (g + lang.Second/2) / lang.Second * lang.Second
		if whole == 0 || !conversation.Fits(g, whole) {
			whole = g
		}
		texts = append(texts, lang.Duration(whole))
	}
	return lang.List(texts...)
}

// timersOf draws the waits between the sendings of one timer beside its sender.
func timersOf(c *conversation.Conversation, at []int) []TimerHint {
	var out []TimerHint
	for i := 1; i < len(at); i++ {
		a, b := &c.Segments[at[i-1]], &c.Segments[at[i]]
		out = append(out, TimerHint{Endpoint: c.Addr(a.From), From: a.Time, To: b.Time, Label: waits([]int64{b.Time - a.Time})})
	}
	return out
}
