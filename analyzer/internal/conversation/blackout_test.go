package conversation

import (
	"testing"

	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/packet"
)

// repeated sends a request of 50 bytes 4 s after idleAfterRequest and repeats it
// on the doubling timer: probe, then timeouts.
func repeated(more ...step) []step {
	var out []step
	for _, at := range []float64{4000, 4200, 4400, 4800, 5600} {
		out = append(out, step{at, Client, packet.ACK | packet.PSH, 101, 51, "", 50})
	}
	return with(idleAfterRequest, append(out, more...)...)
}

func TestBlackoutThatEnds(t *testing.T) {
	_, c := play(t, repeated(step{5610, Server, packet.ACK | packet.PSH, 51, 151, "", 20})...)
	got := c.Blackouts(Client, 3)
	if len(got) != 1 {
		t.Fatalf("%d blackouts, want 1", len(got))
	}
	b := got[0]
	if b.LastGood != 4 || b.End != 11 || len(b.Heard) != 0 || b.Schedule != ScheduleDoubling {
		t.Errorf("last good %d, end %d, heard %v, schedule %d; want 4, 11, none, doubling", b.LastGood, b.End, b.Heard, b.Schedule)
	}
	if b.Idle != 3987*lang.Millisecond || b.Survived != 8*lang.Millisecond || b.Length(c, 0) != 1610*lang.Millisecond {
		t.Errorf("idle %d, survived %d, length %d", b.Idle, b.Survived, b.Length(c, 0))
	}
}

func TestBlackoutOneWay(t *testing.T) {
	_, c := play(t, repeated(step{5700, Server, packet.ACK | packet.PSH, 51, 101, "", 20})...)
	got := c.Blackouts(Client, 3)
	if len(got) != 1 || got[0].End != -1 || len(got[0].Heard) != 1 || got[0].Heard[0] != 11 {
		t.Fatalf("%+v, want one without end that heard segment 11", got)
	}
}

// What was sent before the path died is still acknowledged while the first lost
// segment already waits: no sign of a path dead in one direction.
func TestBlackoutBehindProgress(t *testing.T) {
	steps := with(idleAfterRequest,
		step{4000, Client, packet.ACK, 101, 51, "", 50},
		step{4000, Client, packet.ACK, 151, 51, "", 50},
		step{4002, Server, packet.ACK, 51, 151, "", 0})
	for _, at := range []float64{4200, 4400, 4800, 5600} {
		steps = append(steps, step{at, Client, packet.ACK, 151, 51, "", 50})
	}
	_, c := play(t, append(steps, step{5602, Server, packet.ACK, 51, 201, "", 0})...)
	got := c.Blackouts(Client, 3)
	if len(got) != 1 || len(got[0].Heard) != 0 || got[0].LastGood != 8 || got[0].End != 13 {
		t.Fatalf("%+v, want one, last good 8, end 13, nothing heard", got)
	}
}

// Three repetitions of which the acknowledgement came after the first are a
// needless repetition, not a blackout.
func TestNoBlackoutWhenAcknowledged(t *testing.T) {
	_, c := play(t, with(idleAfterRequest,
		step{4000, Client, packet.ACK | packet.PSH, 101, 51, "", 50},
		step{4200, Client, packet.ACK | packet.PSH, 101, 51, "", 50},
		step{4201, Server, packet.ACK, 51, 151, "", 0},
		step{4400, Client, packet.ACK | packet.PSH, 101, 51, "", 50},
		step{4800, Client, packet.ACK | packet.PSH, 101, 51, "", 50})...)
	if got := c.Blackouts(Client, 3); len(got) != 0 {
		t.Errorf("%+v, want none", got)
	}
}
