package conversation

import (
	"testing"

	"pcaplain/analyzer/internal/packet"
)

var idleAfterRequest = with(opening,
	step{10, Client, packet.ACK | packet.PSH, 1, 1, "", 100},
	step{12, Server, packet.ACK | packet.PSH, 1, 101, "", 50},
	step{13, Client, packet.ACK, 101, 51, "", 0})

func TestProbesAndTheirAnswers(t *testing.T) {
	_, c := play(t, with(idleAfterRequest,
		step{60_000, Client, packet.ACK, 100, 51, "", 0},
		step{60_001, Server, packet.ACK, 51, 101, "", 0},
		step{120_000, Client, packet.ACK, 100, 51, "", 1},
		step{135_000, Client, packet.ACK, 100, 51, "", 1},
		step{150_000, Client, packet.RST | packet.ACK, 101, 51, "", 0})...)
	got := c.Probes(Client)
	want := []Probe{{At: 6, Answer: 7}, {At: 8, Answer: -1}, {At: 9, Answer: -1}}
	if len(got) != len(want) {
		t.Fatalf("probes %+v, want %+v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("probe %d is %+v, want %+v", i, got[i], want[i])
		}
	}
	if n := c.ProbesBefore(10); n != 2 {
		t.Errorf("%d unanswered probes before the reset, want 2", n)
	}
}

// The same shape while the other side's window is closed is a window probe, and
// the repetition of unacknowledged data is none either.
func TestNoProbes(t *testing.T) {
	closed := with(idleAfterRequest, step{14, Server, packet.ACK, 51, 101, "", 0})
	f := newFeed()
	for i, s := range closed {
		window := uint16(1000)
		if i == len(closed)-1 {
			window = 0
		}
		f.at(s.at, s.from, s.flags, s.seq, s.ack, withData(s.len), func(p *packet.Packet) { p.Window = window })
	}
	f.at(500, Client, packet.ACK, 100, 51)
	if got := f.one(t).Probes(Client); len(got) != 0 {
		t.Errorf("against a closed window: %+v, want none", got)
	}
	_, c := play(t, with(opening,
		step{10, Client, packet.ACK | packet.PSH, 1, 1, "", 1},
		step{210, Client, packet.ACK | packet.PSH, 1, 1, "", 1})...)
	if got := c.Probes(Client); len(got) != 0 {
		t.Errorf("a repeated byte: %+v, want none", got)
	}
}
