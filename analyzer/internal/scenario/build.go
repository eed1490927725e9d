package scenario

import (
	"fmt"
	"net/netip"
	"strings"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// finding starts a finding of the running scenario on conversations: its
// standing texts, nothing said yet.
func (x *Context) finding(severity, symptom, cause string, conversations ...*conversation.Conversation) *Finding {
	s := x.running
	f := &Finding{Scenario: s.ID, Severity: severity, Symptom: symptom, Cause: cause, Title: s.Title, Summary: s.Summary,
		Meaning: s.Meaning, Fixes: s.Fixes, References: s.References, Count: 1}
	for _, c := range conversations {
		f.Conversations = append(f.Conversations, c.ID)
		if f.at == 0 || c.First < f.at {
			f.at = c.First
		}
	}
	return f
}

// say adds a sentence to the story. Packets it rests on are named in the text
// as #n, alike in both languages, and given here; the first is where it happened.
func (f *Finding) say(packets []int, en, zh string, args ...any) *Finding {
	f.Story = append(f.Story, Sentence{Text: lang.T(en, zh, args...), Packets: packets})
	return f
}

// shows adds a packet to the evidence with the part it plays.
func (f *Finding) shows(packet int, en, zh string, args ...any) *Finding {
	for _, e := range f.Evidence {
		if e.Packet == packet {
			return f
		}
	}
	f.Evidence = append(f.Evidence, Evidence{Packet: packet, Role: lang.T(en, zh, args...)})
	return f
}

// may adds an explanation that stays open, most likely first.
func (f *Finding) may(certainty string, text, decides lang.Text) *Finding {
	f.Causes = append(f.Causes, Cause{Text: text, Certainty: certainty, Decides: decides})
	return f
}

// excludes adds an explanation that the packets rule out.
func (f *Finding) excludes(text, because lang.Text) *Finding {
	f.RuledOut = append(f.RuledOut, RuledOut{Text: text, Because: because})
	return f
}

// confirm adds something to do, with a command to paste.
func (f *Finding) confirm(text lang.Text, command string) *Finding {
	f.Checks = append(f.Checks, Check{Text: text, Command: command})
	return f
}

// grouped makes findings with the same key one finding with a count. label
// tells this occurrence apart from the others.
func (f *Finding) grouped(key, label string) *Finding {
	f.group = key
	if len(f.Occurrences) == 0 && len(f.Conversations) > 0 {
		packet := 0
		if len(f.Evidence) > 0 {
			packet = f.Evidence[0].Packet
		}
		f.Occurrences = []Occurrence{{Conversation: f.Conversations[0], Packet: packet, Label: label}}
	}
	return f
}

// restsOnAbsence marks a finding as resting on packets that are not in the
// file, so that a capture with holes weakens it.
func (f *Finding) restsOnAbsence() *Finding {
	f.absence = true
	return f
}

// waited says how much time it cost, in ns, for the order among findings.
func (f *Finding) waited(cost int64) *Finding {
	f.cost = cost
	return f
}

// n is a segment's packet number.
func n(c *conversation.Conversation, i int) int { return int(c.Segments[i].Number) }

// numbers are the packet numbers of segments.
func numbers(c *conversation.Conversation, at ...int) []int {
	out := make([]int, 0, len(at))
	for _, i := range at {
		out = append(out, n(c, i))
	}
	return out
}

// refs names packets in a text: "#4, #5 and #6", with at most four named.
func refs(packets []int) lang.Text {
	const most = 4
	var texts []lang.Text
	for i, p := range packets {
		if i == most-1 && len(packets) > most {
			return lang.T("%s … #%d", "%s……#%d", lang.Join(texts, lang.Text{EN: ", ", ZH: "、"}), packets[len(packets)-1])
		}
		texts = append(texts, lang.Same(fmt.Sprintf("#%d", p)))
	}
	return lang.List(texts...)
}

// filterHost is a tcpdump expression for one conversation.
func filterHost(c *conversation.Conversation) string {
	return fmt.Sprintf("host %s and host %s and tcp port %d and tcp port %d",
		c.Client.Addr(), c.Server.Addr(), c.Client.Port(), c.Server.Port())
}

// filterServer is a tcpdump expression for everything to one server endpoint.
func filterServer(a netip.AddrPort) string {
	return fmt.Sprintf("host %s and tcp port %d", a.Addr(), a.Port())
}

// tcpdump is the command that captures an expression on all interfaces.
func tcpdump(expression string) string {
	return "tcpdump -ni any -s 0 -w more.pcap '" + strings.ReplaceAll(expression, "'", "") + "'"
}

// weaker is the certainty one step down.
func weaker(certainty string) string {
	switch certainty {
	case Certain:
		return Likely
	case Likely:
		return Possible
	}
	return certainty
}
