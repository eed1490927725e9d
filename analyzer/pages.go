package analyzer

import (
	"sort"
	"strings"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/ladder"
	"pcaplain/analyzer/internal/scenario"
)

// ConversationQuery asks for one page of the table of conversations.
type ConversationQuery struct {
	Offset     int    `json:"offset"`
	Limit      int    `json:"limit"`
	Filter     string `json:"filter"` // words that must all occur in a row: addresses, ports, states, tags, scenario ids
	Order      string `json:"order"`  // "id", "packets", "bytes", "duration", "client", "server"; "" for the file's order
	Descending bool   `json:"descending"`
}

// ConversationPage is one page of the table and how many rows match in all.
type ConversationPage struct {
	Total int            `json:"total"`
	Rows  []Conversation `json:"rows"`
}

// mostPage bounds one page.
const mostPage = 1000

// Conversations gives one page of the table.
func (a *Analysis) Conversations(q ConversationQuery) ConversationPage {
	words := strings.Fields(strings.ToLower(q.Filter))
	var found []*conversation.Conversation
	for _, c := range a.set.Conversations {
		if a.matches(c, words) {
			found = append(found, c)
		}
	}
	sortConversations(found, q)
	page := ConversationPage{Total: len(found), Rows: []Conversation{}}
	from := min(max(q.Offset, 0), len(found))
	to := min(from+min(max(q.Limit, 0), mostPage), len(found))
	for _, c := range found[from:to] {
		page.Rows = append(page.Rows, conversationOf(c, a.perConv[c.ID]))
	}
	return page
}

func (a *Analysis) matches(c *conversation.Conversation, words []string) bool {
	if len(words) == 0 {
		return true
	}
	text := c.Client.String() + " " + c.Server.String() + " " + string(c.Handshake().State) + " " + string(c.End())
	for _, f := range a.perConv[c.ID] {
		text += " " + a.findings[f].Scenario
	}
	text += " " + strings.Join(tagsOf(c).Names(), " ")
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

func tagsOf(c *conversation.Conversation) conversation.Tags {
	var tags conversation.Tags
	for i := range c.Segments {
		tags |= c.Segments[i].Tags
	}
	return tags
}

func sortConversations(list []*conversation.Conversation, q ConversationQuery) {
	key := map[string]func(c *conversation.Conversation) int64{
		"packets":  func(c *conversation.Conversation) int64 { return int64(c.Packets) },
		"bytes":    func(c *conversation.Conversation) int64 { return c.Flows[0].Bytes + c.Flows[1].Bytes },
		"duration": func(c *conversation.Conversation) int64 { return c.Last - c.First },
		"id":       func(c *conversation.Conversation) int64 { return int64(c.ID) },
	}[q.Order]
	less := func(x, y *conversation.Conversation) bool { return x.ID < y.ID }
	switch {
	case key != nil:
		less = func(x, y *conversation.Conversation) bool { return key(x) < key(y) }
	case q.Order == "client":
		less = func(x, y *conversation.Conversation) bool { return x.Client.Compare(y.Client) < 0 }
	case q.Order == "server":
		less = func(x, y *conversation.Conversation) bool { return x.Server.Compare(y.Server) < 0 }
	}
	sort.SliceStable(list, func(i, j int) bool {
		if q.Descending {
			return less(list[j], list[i])
		}
		return less(list[i], list[j])
	})
}

// Occurrence is one case of a grouped finding with its own story.
func (a *Analysis) Occurrence(finding, occurrence int) *Finding {
	return plain(a.member(finding, occurrence))
}

// Rows lays out a range of a conversation's packets that a ladder left folded.
func (a *Analysis) Rows(finding, conversationID, first, last int) []Row {
	var l *Ladder
	if finding >= 0 {
		l = a.Ladder(finding, 0)
	} else {
		l = a.ConversationLadder(conversationID)
	}
	return l.Between(first, last)
}

// Row is one line of a ladder.
type Row = ladder.Row

// Scenario describes one scenario of the catalogue.
type Scenario struct {
	ID         string      `json:"id"`
	Symptom    string      `json:"symptom"` // where a person would look for it
	Title      Text        `json:"title"`
	Summary    Text        `json:"summary"`
	Meaning    Text        `json:"meaning"`
	Recognised []Text      `json:"recognised"`
	Confused   []Confusion `json:"confused"`
	Fixes      []Text      `json:"fixes"`
	References []Reference `json:"references"`
}

// Confusion is what looks alike, and what tells it apart.
type Confusion struct {
	ID   string `json:"id"` // scenario, "" outside the catalogue
	Text Text   `json:"text"`
}

// Reference is a document that describes a scenario.
type Reference = scenario.Reference

// Scenarios lists the catalogue in its order.
func Scenarios() []Scenario {
	out := []Scenario{}
	for _, s := range scenario.Catalogue {
		d := Scenario{ID: s.ID, Symptom: s.Symptom, Title: s.Title, Summary: s.Summary, Meaning: s.Meaning,
			Recognised: append([]Text{}, s.Recognised...), Confused: []Confusion{}, Fixes: append([]Text{}, s.Fixes...),
			References: append([]Reference{}, s.References...)}
		for _, c := range s.Confused {
			d.Confused = append(d.Confused, Confusion{ID: c.ID, Text: c.Text})
		}
		out = append(out, d)
	}
	return out
}
