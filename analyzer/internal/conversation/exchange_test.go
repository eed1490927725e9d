package conversation

import (
	"testing"

	"pcaplain/analyzer/internal/packet"
)

// Two exchanges; the second request is repeated once before its answer.
var twoExchanges = with(opening,
	step{10, Client, packet.ACK | packet.PSH, 1, 1, "", 100},
	step{11, Server, packet.ACK, 1, 101, "", 0},
	step{30, Server, packet.ACK, 1, 101, "", 1000},
	step{31, Server, packet.ACK | packet.PSH, 1001, 101, "", 500},
	step{32, Client, packet.ACK, 101, 1501, "", 0},
	step{5000, Client, packet.ACK | packet.PSH, 101, 1501, "", 50},
	step{5300, Client, packet.ACK | packet.PSH, 101, 1501, "", 50},
	step{5310, Server, packet.ACK | packet.PSH, 1501, 151, "", 10},
)

func TestTurnsFollowWhoSpeaks(t *testing.T) {
	_, c := play(t, twoExchanges...)
	want := []Turn{
		{From: Client, First: 3, Last: 3, Segments: 1, Bytes: 100, Acked: 4},
		{From: Server, First: 5, Last: 6, Segments: 2, Bytes: 1500, Acked: 7},
		{From: Client, First: 8, Last: 8, Segments: 1, Bytes: 50, Acked: 10},
		{From: Server, First: 10, Last: 10, Segments: 1, Bytes: 10, Acked: -1},
	}
	got := c.Turns()
	if len(got) != len(want) {
		t.Fatalf("%d turns, want %d: %+v", len(got), len(want), got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("turn %d is %+v, want %+v", i, got[i], want[i])
		}
	}
}

func TestBeforeKnowsWhatIsOutstanding(t *testing.T) {
	_, c := play(t, twoExchanges...)
	for _, w := range []struct {
		at             int
		client, server uint32
		quiet          bool
	}{{4, 100, 0, false}, {5, 0, 0, true}, {7, 0, 1500, false}, {8, 0, 0, true}, {10, 50, 0, false}} {
		m := c.Before(w.at)
		a, okA := m.Outstanding(Client)
		b, okB := m.Outstanding(Server)
		if !okA || !okB || a != w.client || b != w.server || m.Quiet() != w.quiet {
			t.Errorf("before %d: client %d (%v), server %d (%v), quiet %v; want %d, %d, %v", w.at, a, okA, b, okB, m.Quiet(), w.client, w.server, w.quiet)
		}
	}
	if m := c.Before(10); m.Repeated[Client] != 1 || m.Data[Client] != 8 || m.Latest[Client] != 9 {
		t.Errorf("before 10: repeated %d, data %d, latest %d; want 1, 8, 9", m.Repeated[Client], m.Data[Client], m.Latest[Client])
	}
}

func TestAckedByAndNewData(t *testing.T) {
	_, c := play(t, twoExchanges...)
	if got := c.AckedBy(8); got != 10 {
		t.Errorf("segment 8 is acknowledged by %d, want 10", got)
	}
	if got := c.AckedBy(10); got != -1 {
		t.Errorf("segment 10 is acknowledged by %d, want none", got)
	}
	if got := c.NewData(Client, 3); len(got) != 1 || got[0] != 8 {
		t.Errorf("new data of the client after 3: %v, want [8]", got)
	}
	if got := c.LongestSilence(9); got != 4_968_000_000 {
		t.Errorf("longest silence %d ns, want 4.968 s", got)
	}
}

// A FIN takes a sequence number, and a reset sent behind it stands one higher:
// still no byte was served.
func TestServedBehindFINAndReset(t *testing.T) {
	_, c := play(t, with(opening,
		step{10, Client, packet.ACK | packet.PSH, 1, 1, "", 88},
		step{11, Server, packet.ACK, 1, 89, "", 0},
		step{1000, Server, packet.FIN | packet.ACK, 1, 89, "", 0},
		step{1001, Client, packet.FIN | packet.ACK, 89, 2, "", 0},
		step{1001, Server, packet.RST | packet.ACK, 2, 89, "", 0})...)
	if n, known := c.Served(Server); n != 0 || !known {
		t.Errorf("the server served %d bytes (known %v), want 0", n, known)
	}
	if r := c.FirstReset(Server); r == nil || r.Form != ResetAbort {
		t.Errorf("the reset is %+v, want a live socket's", r)
	}
}

// A satellite path: the refusal comes 620 ms after the SYN, before any round
// trip is known.
func TestRefusalFromFarAway(t *testing.T) {
	f := newFeed()
	f.at(0, Client, packet.SYN, 0, 0)
	f.at(620, Server, packet.RST|packet.ACK, 0, 1, raw(0, f.isn[Client]+1))
	c := f.one(t)
	if rs := c.Resets(); len(rs) != 1 || rs[0].Form != ResetRefusal || rs[0].Trigger != 0 {
		t.Errorf("%+v, want a refusal of the SYN", rs)
	}
}
