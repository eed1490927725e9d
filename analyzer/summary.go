package analyzer

import (
	"fmt"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/scenario"
)

// Summary is the report as the page takes it: without the long lists, with what
// was checked for the page of a healthy capture.
type Summary struct {
	Version       int            `json:"version"`
	Captures      []CaptureHead  `json:"captures"`
	Findings      []Finding      `json:"findings"`
	Conversations []Conversation `json:"conversations"`
	Checked       []Checked      `json:"checked"`
	Scenarios     int            `json:"scenarios"` // how many kinds of trouble were looked for
	// Handshakes are the round trips of completed openings in ns, for the plot
	// of a healthy capture; bounded.
	Handshakes []float64 `json:"handshakes"`
}

// CaptureHead is a capture with the number of its conversations. The fields are
// repeated here because a struct inside a struct would cross as one.
type CaptureHead struct {
	Name          string      `json:"name"`
	Format        string      `json:"format"`
	Bytes         int64       `json:"bytes"`
	Packets       int         `json:"packets"`
	TCPPackets    int         `json:"tcpPackets"`
	Conversations int         `json:"conversations"`
	First         string      `json:"first"`
	Last          string      `json:"last"`
	Interfaces    []Interface `json:"interfaces"`
	Damage        *Damage     `json:"damage"`
	Notes         []Note      `json:"notes"`
}

// Checked is one thing that was looked at, in numbers.
type Checked struct {
	Name Text `json:"name"`
	Text Text `json:"text"`
}

// mostListed is how many conversations the summary carries; more are asked for
// in pages.
const mostListed = 200

// mostDots bounds the plot of round trips.
const mostDots = 2000

// Summary gives the report for the page. It is valid after Close.
func (a *Analysis) Summary() *Summary {
	c := captureOf(a.name, a.reader.Info(), a.set, a.notes())
	s := &Summary{Version: 1, Findings: a.plainFindings(), Conversations: []Conversation{}, Checked: a.checked(),
		Scenarios: len(scenario.Catalogue), Handshakes: a.handshakes()}
	s.Captures = []CaptureHead{{Name: c.Name, Format: c.Format, Bytes: c.Bytes, Packets: c.Packets, TCPPackets: c.TCPPackets,
		Conversations: len(a.set.Conversations), First: c.First, Last: c.Last, Interfaces: c.Interfaces, Damage: c.Damage, Notes: c.Notes}}
	if len(a.set.Conversations) <= mostListed {
		for _, c := range a.set.Conversations {
			s.Conversations = append(s.Conversations, conversationOf(c, a.perConv[c.ID]))
		}
	}
	return s
}

// mostConversations bounds how many conversations a finding names to the page.
const mostConversations = 200

func (a *Analysis) plainFindings() []Finding {
	out := make([]Finding, len(a.findings))
	for i := range a.findings {
		out[i] = *plain(&a.findings[i])
		out[i].Conversations = out[i].Conversations[:min(len(out[i].Conversations), mostConversations)]
	}
	return out
}

// plain is a finding without what only the ladder needs.
func plain(f *Finding) *Finding {
	p := *f
	p.Drawing, p.Members = scenario.Drawing{}, nil
	return &p
}

func (a *Analysis) handshakes() []float64 {
	out := []float64{}
	for _, c := range a.set.Conversations {
		if rtt := c.Handshake().RTT(); rtt > 0 && len(out) < mostDots {
			out = append(out, float64(rtt))
		}
	}
	return out
}

// tally adds up what the healthy page says.
type tally struct {
	opened, complete, slowest int64
	repeated, data            int
	zeroWindows               int
	smallest                  int64
	fins, resets, open        int
}

func (a *Analysis) checked() []Checked {
	n := tally{smallest: -1}
	for _, c := range a.set.Conversations {
		n.add(c)
	}
	out := []Checked{{Name: Text{EN: "Opening", ZH: "建立"}, Text: n.opening()}, {Name: Text{EN: "Loss", ZH: "丢包"}, Text: n.loss()}}
	out = append(out, Checked{Name: Text{EN: "Windows", ZH: "窗口"}, Text: n.windows()}, Checked{Name: Text{EN: "Closing", ZH: "关闭"}, Text: n.closing()})
	return out
}

func (n *tally) add(c *conversation.Conversation) {
	h := c.Handshake()
	if len(h.SYNs) > 0 {
		n.opened++
	}
	if h.State == conversation.HandshakeComplete {
		n.complete++
		n.slowest = max(n.slowest, h.RTT())
	}
	for s := range c.Flows {
		f := &c.Flows[s]
		for _, x := range c.Losses(conversation.Side(s)).All {
			n.repeated += len(x.Repeats)
		}
		n.data += f.Data
		n.zeroWindows += f.ZeroWindows
		if f.Data == 0 && f.MinWindow > 0 && (n.smallest < 0 || f.MinWindow < n.smallest) || f.MinWindow > 0 && n.smallest < 0 {
			n.smallest = f.MinWindow
		}
	}
	switch c.End() {
	case conversation.EndClosed:
		n.fins++
	case conversation.EndResetByClient, conversation.EndResetByServer, conversation.EndRefused:
		n.resets++
	default:
		n.open++
	}
}

func (n *tally) opening() Text {
	if n.opened == 0 {
		return Text{EN: "No connection was opened while the capture ran.", ZH: "抓包期间没有新建连接。"}
	}
	return lang.T("%s of %s handshakes in the file completed; the slowest took %s.", "文件中 %[2]s 次握手完成了 %[1]s 次，最慢的用了 %[3]s。",
		lang.Number(n.complete), lang.Number(n.opened), lang.Duration(n.slowest))
}

func (n *tally) loss() Text {
	if n.data == 0 {
		return Text{EN: "No data was sent.", ZH: "没有发送数据。"}
	}
	return lang.T("%s sent again of %s, %s.", "%[2]s中重传 %[1]s，占 %[3]s。", lang.Count(n.repeated, "segment", "segments", "个"),
		lang.Count(n.data, "data segment", "data segments", "个数据报文段"), lang.Percent(float64(n.repeated)/float64(n.data)))
}

func (n *tally) windows() Text {
	switch {
	case n.zeroWindows > 0:
		return lang.T("Closed %s.", "关闭过 %s。", lang.Times(n.zeroWindows))
	case n.smallest > 0:
		return lang.T("Never closed. The smallest was %s.", "从未关闭，最小为 %s。", lang.Bytes(n.smallest))
	}
	return Text{EN: "Never closed.", ZH: "从未关闭。"}
}

func (n *tally) closing() Text {
	return lang.T("%s closed with FIN both ways, %s by a RST, %s still open when the capture ended.", "%s 个以双向 FIN 关闭，%s 个以 RST 结束，抓包结束时 %s 个仍打开。",
		fmt.Sprint(n.fins), fmt.Sprint(n.resets), fmt.Sprint(n.open))
}
