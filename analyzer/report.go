package analyzer

import (
	"time"

	"pcaplain/analyzer/internal/capture"
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/scenario"
)

// Text is one thing said in English and Chinese.
type Text = lang.Text

// Finding is one occurrence of a scenario; see the scenario package.
type Finding = scenario.Finding

// Report is what an analysis says: the JSON of the command and the value that
// crosses to the page.
type Report struct {
	Version       int            `json:"version"` // 1
	Captures      []Capture      `json:"captures"`
	Findings      []Finding      `json:"findings"`
	Conversations []Conversation `json:"conversations"`
	Packets       []Packet       `json:"packets,omitempty"`
}

// Capture is what is known of the file itself.
type Capture struct {
	Name       string      `json:"name"`
	Format     string      `json:"format"` // pcap, pcapng or text
	Bytes      int64       `json:"bytes"`
	Packets    int         `json:"packets"`
	TCPPackets int         `json:"tcpPackets"`
	First      string      `json:"first"` // RFC 3339 with nanoseconds; "" without times
	Last       string      `json:"last"`
	Interfaces []Interface `json:"interfaces"`
	Damage     *Damage     `json:"damage"`
	Notes      []Note      `json:"notes"`
}

// Interface is one interface the capture was taken on.
type Interface struct {
	Name       string `json:"name"`
	LinkType   int    `json:"linkType"`
	SnapLength int    `json:"snapLength"`
}

// Damage says where reading broke and why.
type Damage struct {
	Offset int64 `json:"offset"`
	Reason Text  `json:"reason"`
}

// Note is something about the capture that limits what can be found in it.
type Note struct {
	ID   string `json:"id"`
	Text Text   `json:"text"`
}

// Conversation is one row of the table of conversations.
type Conversation struct {
	ID        int    `json:"id"`
	Capture   int    `json:"capture"`
	Client    string `json:"client"`
	Server    string `json:"server"`
	Packets   int    `json:"packets"`
	Bytes     int64  `json:"bytes"` // payload, both ways
	First     string `json:"first"`
	Last      string `json:"last"`
	Handshake string `json:"handshake"`
	End       string `json:"end"`
	Findings  []int  `json:"findings"` // indexes into Report.Findings
}

// Packet is one row of the packet list.
type Packet struct {
	Capture      int      `json:"capture"`
	Number       int      `json:"number"`
	Conversation int      `json:"conversation"`
	Tags         []string `json:"tags"`
}

func stamp(ns int64) string { return time.Unix(0, ns).UTC().Format(time.RFC3339Nano) }

func captureOf(name string, info *capture.Info, set *conversation.Set, notes []Note) Capture {
	c := Capture{Name: name, Format: info.Format, Bytes: info.Bytes, Packets: set.Packets, TCPPackets: set.TCPPackets,
		Interfaces: []Interface{}, Notes: notes}
	if set.Packets > set.Untimed {
		c.First, c.Last = stamp(set.First), stamp(set.Last)
	}
	for _, i := range info.Interfaces {
		c.Interfaces = append(c.Interfaces, Interface{Name: i.Name, LinkType: int(i.LinkType), SnapLength: i.SnapLength})
	}
	if d := info.Damage; d != nil {
		c.Damage = &Damage{Offset: d.Offset, Reason: d.Reason}
	}
	return c
}

func conversationOf(c *conversation.Conversation, findings []int) Conversation {
	if findings == nil {
		findings = []int{}
	}
	return Conversation{ID: c.ID, Client: c.Client.String(), Server: c.Server.String(), Packets: c.Packets,
		Bytes: c.Flows[0].Bytes + c.Flows[1].Bytes, First: stamp(c.First), Last: stamp(c.Last),
		Handshake: string(c.Handshake().State), End: string(c.End()), Findings: findings}
}
