package analyzer_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"pcaplain/analyzer"
)

const (
	seedSize = 6 << 10  // bytes; larger captures are poor seeds
	mostFuzz = 64 << 10 // bytes; larger inputs only cost time
)

// seed adds the corpus's small captures.
func seed(f *testing.F) {
	err := filepath.WalkDir(corpus, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		switch filepath.Ext(path) {
		case ".pcap", ".pcapng", ".txt":
		default:
			return nil
		}
		data, err := os.ReadFile(path)
		if err == nil && len(data) <= seedSize {
			f.Add(data)
		}
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
}

// fuzzed analyses bytes that may be anything; nil when they are no capture.
func fuzzed(data []byte) *analyzer.Analysis {
	a := analyzer.Open("fuzz", analyzer.Options{})
	if len(data) > mostFuzz || a.Survey(bytes.NewReader(data)) != nil {
		return nil
	}
	return a
}

// FuzzSurvey analyses arbitrary bytes as far as the page would: whatever they
// are, nothing panics, and no finding cites a packet that is not there.
func FuzzSurvey(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		a := fuzzed(data)
		if a == nil {
			return
		}
		r := a.Report()
		a.Summary()
		a.Conversations(analyzer.ConversationQuery{Limit: 10, Order: "duration"})
		for i := range r.Findings {
			for _, e := range r.Findings[i].Evidence {
				// A shared incident restores higher numbers than it has packets.
				if e.Packet < 1 || e.Packet > r.Captures[0].Packets && a.PacketDetail(e.Packet) == nil {
					t.Errorf("%s cites packet %d, which is not there", r.Findings[i].Scenario, e.Packet)
				}
			}
			a.Ladder(i, 0)
		}
		for i := range r.Conversations[:min(len(r.Conversations), 10)] {
			a.ConversationLadder(i)
		}
	})
}

// FuzzShare shares the first finding of arbitrary bytes: what a link carries can
// be opened, and holds no packet that the capture lacks.
func FuzzShare(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		a := fuzzed(data)
		if a == nil || len(a.Report().Findings) == 0 {
			return
		}
		var bodies []byte
		frames := a.ShareFrames(0, 0)
		for _, g := range frames {
			from := int(g.Offset)
			if from < 0 || from+g.Length > len(data) {
				return // compressed: offsets count in what was inflated
			}
			bodies = append(bodies, data[from:from+g.Length]...)
		}
		if len(frames) == 0 {
			return
		}
		for _, rename := range []bool{false, true} {
			again := analyzer.Open("shared", analyzer.Options{})
			if err := again.Survey(bytes.NewReader(a.Share(frames, bodies, rename, false))); err != nil {
				t.Fatalf("renamed %v: what was shared cannot be opened: %v", rename, err)
			}
			if was, is := a.Report().Captures[0].Packets, again.Report().Captures[0].Packets; is > len(frames) || is > was {
				t.Errorf("renamed %v: %d packets of %d shared, the capture has %d", rename, is, len(frames), was)
			}
		}
	})
}
