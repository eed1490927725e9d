package conversation

import (
	"testing"

	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/packet"
)

const synAck = packet.SYN | packet.ACK

// openAt feeds SYN, SYN-ACK and ACK within 2 ms.
func openAt(f *feed, ms float64) {
	f.at(ms, Client, packet.SYN, 0, 0, withTS(5000, 0))
	f.at(ms+1, Server, synAck, 0, 1, withTS(900, 5000))
	f.at(ms+2, Client, packet.ACK, 1, 1, withTS(5002, 900))
}

func TestSYNACKLadderIgnoredAcknowledgements(t *testing.T) {
	f := newFeed()
	openAt(f, 0)
	for _, s := range []float64{1001, 3017, 7033} {
		f.at(s, Server, synAck, 0, 1)
		f.at(s+1, Client, packet.ACK, 1, 1)
	}
	l := f.one(t).SYNACKLadder()
	if l.Schedule != ScheduleSYN || l.Initial != lang.Second || len(l.At) != 4 {
		t.Fatalf("schedule %v, initial %d, %d SYN-ACKs", l.Schedule, l.Initial, len(l.At))
	}
	if len(l.Ignored) != 3 || l.Answers[2] != 8 || l.Accepted >= 0 || len(l.Driven) != 0 {
		t.Fatalf("ignored %v, answers %v, accepted %d, driven %v", l.Ignored, l.Answers, l.Accepted, l.Driven)
	}
	if due := l.NextDue - 1_600_000_000*lang.Second; due != 7033*lang.Millisecond+2*4016*lang.Millisecond {
		t.Fatalf("next due at %d", due)
	}
}

func TestSYNACKLadderDrivenBySYN(t *testing.T) {
	f := newFeed()
	f.at(0, Client, packet.SYN, 0, 0)
	f.at(0.1, Server, synAck, 0, 1)
	f.at(1001, Client, packet.SYN, 0, 0)
	f.at(1001.1, Server, synAck, 0, 1)
	f.at(1030, Server, synAck, 0, 1)
	l := f.one(t).SYNACKLadder()
	if len(l.Driven) != 1 || len(l.At) != 2 || l.ACK != -1 || len(l.Ignored) != 0 {
		t.Fatalf("%+v", l)
	}
}

func TestSYNACKLadderRepeatedBeforeTheACKArrives(t *testing.T) {
	f := newFeed() // at the server, round trip 1.4 s
	f.at(0, Client, packet.SYN, 0, 0)
	f.at(0.1, Server, synAck, 0, 1)
	f.at(1000, Server, synAck, 0, 1)
	f.at(1400, Client, packet.ACK, 1, 1)
	l := f.one(t).SYNACKLadder()
	if len(l.Ignored) != 0 || len(l.At) != 2 || l.ACK != 3 {
		t.Fatalf("%+v", l)
	}
}

func TestSYNACKLadderDeferred(t *testing.T) {
	f := newFeed()
	openAt(f, 0)
	f.at(7230, Server, synAck, 0, 1)
	f.at(7231, Client, packet.ACK, 1, 1)
	f.at(8000, Client, packet.ACK|packet.PSH, 1, 1, withData(75))
	f.at(8001, Server, packet.ACK, 1, 76)
	l := f.one(t).SYNACKLadder()
	if l.Deferred != 7*lang.Second || l.Accepted != 6 || len(l.Data) != 1 {
		t.Fatalf("%+v", l)
	}
}

func TestSYNACKLadderWaiting(t *testing.T) {
	f := newFeed()
	openAt(f, 0)
	f.at(1001, Server, synAck, 0, 1)
	f.at(1500, Client, packet.ACK|packet.PSH, 1, 1, withData(75)) // while it runs
	f.at(3017, Server, synAck, 0, 1)
	f.at(60_000, Client, packet.ACK|packet.PSH, 1, 1, withData(75)) // long after
	c := f.one(t)
	if w := c.SYNACKLadder().Waiting(c); len(w) != 1 || w[0] != 4 {
		t.Fatalf("waiting %v", w)
	}
}

func TestSYNACKLadderBackdated(t *testing.T) {
	f := newFeed()
	f.at(0, Client, packet.SYN, 0, 0, withTS(5000, 0))
	f.at(1, Server, synAck, 0, 1, withTS(900, 5000))
	f.at(2, Client, packet.ACK, 1, 1, withTS(4000, 900))
	f.at(2.1, Server, packet.ACK, 1, 1, withTS(901, 5000))
	c := f.one(t)
	l := c.SYNACKLadder()
	if ticks, yes := l.Backdated(c); !yes || ticks != 1000 || len(l.Echoes) != 1 {
		t.Fatalf("%d %v %+v", ticks, yes, l)
	}
}

func TestDeferredWait(t *testing.T) {
	for wait, want := range map[int64]int64{
		7229 * lang.Millisecond: 7 * lang.Second, 31_200 * lang.Millisecond: 31 * lang.Second,
		64_500 * lang.Millisecond: 63 * lang.Second, 3020 * lang.Millisecond: 3 * lang.Second,
		5 * lang.Second: 0, 2900 * lang.Millisecond: 0,
	} {
		if got := DeferredWait(wait); got != want {
			t.Errorf("%d: %d, want %d", wait, got, want)
		}
	}
}
