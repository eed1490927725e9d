// Package analyzer is the only door to the core: bytes of a capture in, a
// report and ladders out. The command and the page use the same four steps:
// Open, Feed until the capture ends, Close, then Report, Ladder and the pages of
// conversations as they are asked for.
package analyzer

import (
	"io"

	"pcaplain/analyzer/internal/capture"
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/ladder"
	"pcaplain/analyzer/internal/packet"
	"pcaplain/analyzer/internal/scenario"
)

// Analysis is the survey of one capture and what can be asked of it afterwards.
type Analysis struct {
	name    string
	reader  *capture.Reader
	decoder *packet.Decoder
	tracker *conversation.Tracker
	packet  packet.Packet
	emit    func(*capture.Frame)
	frames  int
	cut     int // packets shortened by the snap length
	keep    bool

	set      *conversation.Set
	findings []scenario.Finding
	perConv  map[int][]int // findings by conversation
}

// Options change what a survey keeps.
type Options struct {
	// Packets keeps a row for every TCP packet, which costs memory per packet.
	Packets bool
}

// Open starts the survey of a capture. name is for the report only.
func Open(name string, o Options) *Analysis {
	a := &Analysis{name: name, reader: capture.NewReader(name), decoder: packet.NewDecoder(),
		tracker: conversation.NewTracker(), keep: o.Packets}
	a.tracker.LogPackets = o.Packets
	a.emit = a.frame
	return a
}

func (a *Analysis) frame(f *capture.Frame) {
	a.frames++
	if f.Data != nil && f.WireLen > len(f.Data) {
		a.cut++
	}
	a.decoder.Decode(f, &a.packet)
	a.tracker.Add(&a.packet)
}

// Feed takes the next bytes of the capture, which may be reused afterwards. The
// error is for a person: what the input is instead of a capture, and what to do.
func (a *Analysis) Feed(chunk []byte) error { return a.reader.Feed(chunk, a.emit) }

// Close ends the capture and judges it.
func (a *Analysis) Close() error {
	if err := a.reader.Close(a.emit); err != nil {
		return err
	}
	info := a.reader.Info()
	a.set = a.tracker.Finish()
	a.set.Ended(info.EndTime)
	for addr, name := range info.Names {
		a.set.Name(addr, name)
	}
	a.findings = scenario.Judge(a.set)
	a.perConv = map[int][]int{}
	for i := range a.findings {
		for _, id := range a.findings[i].Conversations {
			a.perConv[id] = append(a.perConv[id], i)
		}
	}
	return nil
}

// Progress says how far the survey is: bytes fed, packets and TCP packets seen,
// conversations begun.
func (a *Analysis) Progress() (bytes int64, packets, tcpPackets, conversations int) {
	p, t, c := a.tracker.Progress()
	return a.reader.Info().Bytes, p, t, c
}

// Report gives the whole report. It is valid after Close.
func (a *Analysis) Report() *Report {
	r := &Report{Version: 1, Captures: []Capture{captureOf(a.name, a.reader.Info(), a.set, a.notes())},
		Findings: a.findings, Conversations: make([]Conversation, 0, len(a.set.Conversations))}
	if r.Findings == nil {
		r.Findings = []Finding{}
	}
	for _, c := range a.set.Conversations {
		r.Conversations = append(r.Conversations, conversationOf(c, a.perConv[c.ID]))
	}
	if a.keep {
		r.Packets = a.packetRows()
	}
	return r
}

// packetRows lists every TCP packet with its tags.
func (a *Analysis) packetRows() []Packet {
	rows := make([]Packet, 0, a.set.TCPPackets)
	for _, t := range a.set.Log {
		rows = append(rows, Packet{Number: int(t.Number), Conversation: int(t.Conversation), Tags: t.Tags.Names()})
	}
	return rows
}

func (a *Analysis) notes() []Note {
	out := []Note{}
	for _, n := range a.reader.Info().Notes {
		out = append(out, Note{ID: n.ID, Text: n.Text})
	}
	for _, n := range scenario.Notes(a.set, a.cut, a.frames) {
		out = append(out, Note{ID: n.ID, Text: n.Text})
	}
	return out
}

// Unreadable is the error for input that is no capture at all.
type Unreadable = capture.Error

// chunkSize is how much is read at a time: large enough that the calls cost
// nothing, small enough to stay in cache.
const chunkSize = 1 << 20

// Survey feeds everything a reader gives and closes the analysis.
func (a *Analysis) Survey(r io.Reader) error {
	chunk := make([]byte, chunkSize)
	for {
		n, err := r.Read(chunk)
		if n > 0 {
			if err := a.Feed(chunk[:n]); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return a.Close()
		}
		if err != nil {
			return err
		}
	}
}

// Ladder lays out a finding, an index into Report.Findings. For a grouped
// finding, occurrence chooses which of its cases is shown; 0 is the first.
func (a *Analysis) Ladder(finding, occurrence int) *Ladder {
	return ladder.OfFinding(a.set, a.member(finding, occurrence), finding)
}

// member is one of the cases a grouped finding stands for.
func (a *Analysis) member(finding, occurrence int) *scenario.Finding {
	f := &a.findings[finding]
	if occurrence > 0 && occurrence < len(f.Members) {
		return f.Members[occurrence]
	}
	return f
}

// ConversationLadder lays out one conversation, an index into
// Report.Conversations, without a finding.
func (a *Analysis) ConversationLadder(id int) *Ladder {
	return ladder.OfConversation(a.set, a.set.Conversations[id])
}

// Ladder is one incident laid out in lanes and rows; see the ladder package.
type Ladder = ladder.Ladder
