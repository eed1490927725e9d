package analyzer_test

import (
	"bytes"
	"math/rand/v2"
	"runtime"
	"testing"

	"pcaplain/analyzer"
)

// cost surveys a capture and gives the allocations it made and the bytes it
// holds afterwards.
func cost(t *testing.T, data []byte) (allocations, held uint64, a *analyzer.Analysis) {
	t.Helper()
	var before, done, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	a = analyzer.Open("cost", analyzer.Options{})
	if err := a.Survey(bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&done)
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(data)
	runtime.KeepAlive(a)
	return done.Mallocs - before.Mallocs, after.HeapAlloc - before.HeapAlloc, a
}

// In the midst of long connections a packet costs no allocation.
func TestAllocations(t *testing.T) {
	data, packets := generate(shape{name: "steady", payload: 60, snap: 96, segments: 1 << 30, atOnce: 8}, 20<<20)
	allocations, held, _ := cost(t, data)
	per := float64(allocations) / float64(packets)
	t.Logf("%d packets: %.4f allocations per packet, %d KB held", packets, per, held>>10)
	if per > 0.01 {
		t.Errorf("%.4f allocations per packet, want at most 0.01", per)
	}
	if held > 4<<20 {
		t.Errorf("%d KB held for 8 connections, want at most 4096", held>>10)
	}
}

// What is held grows with connections, not with packets: twice the budget of
// segments costs no more than the budget.
func TestMemory(t *testing.T) {
	data, packets := generate(shapes[1], 90<<20)
	_, held, a := cost(t, data)
	connections := len(a.Report().Conversations)
	t.Logf("%d packets, %d connections: %d MB held", packets, connections, held>>20)
	if held > 128<<20 {
		t.Errorf("%d MB held, want at most 128", held>>20)
	}
}

// A scan of many ports: every connection is a single SYN.
func TestScanMemory(t *testing.T) {
	const flows = 200_000
	w := &traffic{snap: 65535, random: rand.New(rand.NewPCG(1, 2))}
	w.header()
	for i := range flows {
		f := flow{client: 0x0a000001, server: 0xc0a80000 + uint32(i>>15), port: uint16(1024 + i&0x7fff), seq: uint32(i) * 2654435761}
		w.time++
		w.tcp(&f, true, 0x02, 0)
	}
	_, held, _ := cost(t, w.out)
	per := held / flows
	t.Logf("%d B held per one-packet connection (400 is the aim)", per)
	if per > 2500 {
		t.Errorf("%d B held per one-packet connection", per)
	}
}
