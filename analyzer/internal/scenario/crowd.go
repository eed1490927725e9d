package scenario

import (
	"fmt"

	"pcaplain/analyzer/internal/conversation"
)

// crowd counts the cases of a rule by what they have in common, and knows the
// last one told. Beyond what a finding lists, a case only joins that one's
// group: a flood of a hundred thousand is not told a hundred thousand times.
type crowd map[string]*told

type told struct {
	cases int
	last  *Finding
}

// full takes one more case and reports whether it need not be told.
func (k crowd) full(of string) bool {
	if k[of] == nil {
		k[of] = &told{}
	}
	k[of].cases++
	return k[of].cases > mostOccurrences && k[of].last != nil
}

// tells remembers a case that was told.
func (k crowd) tells(of string, f *Finding) *Finding {
	k[of].last = f
	return f
}

// another is a case that joins the last one told, without a story of its own.
func (x *Context) another(k crowd, of string, c *conversation.Conversation) *Finding {
	last := k[of].last
	f := x.finding(last.Severity, Unknown, Unknown, c)
	f.group = last.group
	f.Occurrences = []Occurrence{{Conversation: c.ID, Packet: n(c, 0), Label: fmt.Sprintf(":%d", c.Client.Port())}}
	return f
}
