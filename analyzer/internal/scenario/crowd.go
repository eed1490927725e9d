package scenario

import (
	"fmt"

	"pcaplain/analyzer/internal/conversation"
)

// crowd counts the cases of a rule per group. Beyond what a finding lists, a
// case is only counted: a flood of a hundred thousand would otherwise be told a
// hundred thousand times.
type crowd map[string]int

// full takes one more case of a group and reports whether it need not be told.
func (k crowd) full(group string) bool {
	k[group]++
	return k[group] > mostOccurrences
}

// another is a case that joins its group without a story of its own.
func (x *Context) another(group, severity string, c *conversation.Conversation) *Finding {
	f := x.finding(severity, Unknown, Unknown, c)
	f.group = group
	f.Occurrences = []Occurrence{{Conversation: c.ID, Packet: n(c, 0), Label: fmt.Sprintf(":%d", c.Client.Port())}}
	return f
}
