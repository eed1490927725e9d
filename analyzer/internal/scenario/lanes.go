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

// waits spells the gaps of a repeated timer, in whole seconds where they fit,
// measured otherwise: "1 s, 2 s and 4 s", or "1 s each time".
func waits(gaps []int64) lang.Text {
	var texts []lang.Text
	same := len(gaps) > 1
	for _, g := range gaps {
		whole := (g + lang.Second/2) / lang.Second * lang.Second
		if whole == 0 || !conversation.Fits(g, whole) {
			whole = g
		}
		texts = append(texts, lang.Duration(whole))
		same = same && texts[0] == texts[len(texts)-1]
	}
	if same {
		return lang.T("%s each time", "每次 %s", texts[0])
	}
	return lang.List(texts...)
}

// serverStates keeps a server's bar at SYN_RECV until it takes the connection or
// forgets it, whatever the client has acknowledged.
func (x *Context) serverStates(c *conversation.Conversation, l *conversation.SYNACKLadder) []StateHint {
	recv := StateHint{Endpoint: c.Server, Name: "SYN_RECV", From: c.Segments[l.At[0]].Time}
	switch {
	case l.Accepted >= 0:
		recv.To = c.Segments[l.Accepted].Time
		return []StateHint{recv, {Endpoint: c.Server, Name: "ESTABLISHED", From: recv.To}}
	case x.End >= l.NextDue && l.NextDue > 0:
		recv.To = l.NextDue
		return []StateHint{recv, {Endpoint: c.Server, From: recv.To}}
	}
	return []StateHint{recv}
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
