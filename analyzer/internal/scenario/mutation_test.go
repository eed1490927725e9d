package scenario

import (
	"math/rand"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"pcaplain/analyzer/internal/capture"
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/packet"
)

// mutations is how many variants of each capture are judged.
const mutations = 6

// Captures lose packets, begin in the middle, and pass devices that change
// fields: no rule may break on what it finds then. Every capture of the corpus is
// judged with packets missing and flags, numbers and times changed at random,
// the same way each time.
func TestRulesBearMutatedCaptures(t *testing.T) {
	paths, err := filepath.Glob("../../../testdata/*/*.pcap*")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no captures: %v", err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if len(data) > 1<<20 {
			continue
		}
		for seed := range mutations {
			judgeMutated(t, path, data, int64(seed))
		}
	}
}

func judgeMutated(t *testing.T, path string, data []byte, seed int64) {
	defer func() {
		if e := recover(); e != nil {
			t.Errorf("%s, mutation %d: %v\n%s", path, seed, e, debug.Stack())
		}
	}()
	rng := rand.New(rand.NewSource(seed))
	tracker, decoder, reader := conversation.NewTracker(), packet.NewDecoder(), capture.NewReader(path)
	drop, skip := rng.Float64()*0.5, rng.Intn(8)
	var p packet.Packet
	emit := func(f *capture.Frame) {
		decoder.Decode(f, &p)
		if skip--; skip >= 0 || rng.Float64() < drop {
			return
		}
		mutate(rng, &p)
		tracker.Add(&p)
	}
	if err := reader.Feed(data, emit); err != nil {
		return
	}
	if err := reader.Close(emit); err != nil {
		return
	}
	set := tracker.Finish()
	Judge(set)
	if len(set.Failed) > 0 {
		panic("broken rules: " + strings.Join(set.Failed, ", "))
	}
}

// mutate changes a field of about one packet in ten.
func mutate(rng *rand.Rand, p *packet.Packet) {
	switch rng.Intn(40) {
	case 0:
		p.Flags = uint8(rng.Intn(64))
	case 1:
		p.Seq += uint32(rng.Intn(3000)) - 1500
	case 2:
		p.Ack += uint32(rng.Intn(3000)) - 1500
	case 3:
		p.Time += rng.Int63n(100_000_000_000)
	}
}
