package conversation

import (
	"testing"

	"pcaplain/analyzer/internal/packet"
)

func opened(f *feed) {
	f.at(0, Client, packet.SYN, 0, 0)
	f.at(20, Server, packet.SYN|packet.ACK, 0, 1)
	f.at(21, Client, packet.ACK, 1, 1)
	f.at(22, Client, packet.ACK|packet.PSH, 1, 1, withData(100))
}

// A download at the receiver: #6 is missing, #7 to #9 draw duplicate
// acknowledgements, the repetition fills the hole.
func TestLossesSeenByTheReceiver(t *testing.T) {
	f := newFeed()
	opened(f)
	f.at(40, Server, packet.ACK, 1, 101, withData(1000))
	f.at(40.2, Server, packet.ACK, 2001, 101, withData(1000))
	f.at(40.3, Client, packet.ACK, 101, 1001)
	f.at(40.4, Server, packet.ACK, 3001, 101, withData(1000))
	f.at(40.5, Client, packet.ACK, 101, 1001)
	f.at(40.6, Client, packet.ACK, 101, 1001)
	f.at(60, Server, packet.ACK, 1001, 101, withData(1000))
	f.at(60.1, Client, packet.ACK, 101, 4001)
	l := f.one(t).Losses(Server)
	if l.Lost != 1 || !l.All[0].NotHere || !l.All[0].Fast || l.All[0].Tail || l.Waited != 0 {
		t.Errorf("losses %+v, want one, not seen here, repaired fast", l)
	}
}

// The last segment is lost twice: only the timer notices.
func TestLossesOfTheTail(t *testing.T) {
	f := newFeed()
	opened(f)
	f.at(40, Server, packet.ACK|packet.PSH, 1, 101, withData(500))
	f.at(260, Server, packet.ACK|packet.PSH, 1, 101, withData(500))
	f.at(700, Server, packet.ACK|packet.PSH, 1, 101, withData(500))
	f.at(721, Client, packet.ACK, 101, 501)
	l := f.one(t).Losses(Server)
	if l.Lost != 1 || !l.All[0].Tail || !l.All[0].Timeout || l.All[0].NotHere || len(l.All[0].Repeats) != 2 || l.Waited/1e6 != 660 {
		t.Errorf("losses %+v, want one tail loss, two repetitions, 660 ms of waiting", l)
	}
}

// The first half of a request is lost and the second named by the receiver; the
// timer sends both in one segment: no tail, since the loss was known.
func TestLossTheReceiverHasNamedIsNoTail(t *testing.T) {
	f := newFeed()
	opened(f)
	f.at(40, Server, packet.ACK|packet.PSH, 501, 101, withData(300))
	f.at(41, Client, packet.ACK, 101, 1, func(p *packet.Packet) {
		p.Options |= packet.OptSACK
		p.SACK[0], p.SACKCount = packet.SACKBlock{Left: f.isn[Server] + 501, Right: f.isn[Server] + 801}, 1
	})
	f.at(640, Server, packet.ACK|packet.PSH, 1, 101, withData(800))
	f.at(641, Client, packet.ACK, 101, 801)
	l := f.one(t).Losses(Server)
	if l.Lost != 1 || l.All[0].Tail || !l.All[0].Timeout {
		t.Errorf("losses %+v, want one, in mid-stream, repaired by the timer", l)
	}
}

// A probe for the tail that was not lost: the receiver reports it twice.
func TestNeedlessRepetition(t *testing.T) {
	f := newFeed()
	opened(f)
	f.at(40, Server, packet.ACK|packet.PSH, 1, 101, withData(500))
	f.at(84, Server, packet.ACK|packet.PSH, 1, 101, withData(500))
	f.at(90, Client, packet.ACK, 101, 501)
	f.at(95, Client, packet.ACK, 101, 501, func(p *packet.Packet) {
		p.Options |= packet.OptSACK
		p.SACK[0], p.SACKCount = packet.SACKBlock{Left: f.isn[Server] + 1, Right: f.isn[Server] + 501}, 1
	})
	l := f.one(t).Losses(Server)
	if l.Lost != 0 || len(l.All) != 1 || !l.All[0].Needless {
		t.Errorf("losses %+v, want one needless repetition and no loss", l)
	}
}

// The path froze for a moment: the timer repeats, and 2 ms later comes the
// acknowledgement of the first sending, on a path of 20 ms.
func TestRepetitionAcknowledgedTooSoon(t *testing.T) {
	for after, lost := range map[float64]int{2: 0, 21: 1} {
		f := newFeed()
		f.at(0, Client, packet.SYN, 0, 0)
		f.at(20, Server, packet.SYN|packet.ACK, 0, 1)
		f.at(20.1, Client, packet.ACK, 1, 1)
		f.at(30, Client, packet.ACK, 1, 1, withData(500))
		f.at(50, Server, packet.ACK, 1, 501)
		f.at(60, Client, packet.ACK, 501, 1, withData(500))
		f.at(280, Client, packet.ACK, 501, 1, withData(500))
		f.at(280+after, Server, packet.ACK, 1, 1001)
		if l := f.one(t).Losses(Client); l.Lost != lost {
			t.Errorf("acknowledged after %v ms: %d lost, want %d", after, l.Lost, lost)
		}
	}
}

func TestIslands(t *testing.T) {
	var l islands
	for _, b := range [][2]uint32{{300, 400}, {100, 200}, {500, 600}, {200, 300}} {
		l.add(b[0], b[1], int64(b[0]))
	}
	if l.n != 2 || l.at[0] != (packet.SACKBlock{Left: 100, Right: 400}) || l.at[1] != (packet.SACKBlock{Left: 500, Right: 600}) {
		t.Fatalf("islands %v", l.at[:l.n])
	}
	if since := l.beyondSince(50); since != 100 {
		t.Errorf("beyondSince(50) = %d, want 100, the time of the lowest island", since)
	}
	if !l.holds(150, 350) || l.holds(350, 550) {
		t.Error("holds is wrong about what was seen")
	}
	if end := l.reach(120); end != 400 || l.n != 1 {
		t.Errorf("reach(120) = %d with %d islands left, want 400 with 1", end, l.n)
	}
}

// Four segments of one flight come in another order than they were sent, all
// within a millisecond of a round trip of 20 ms: nobody can have heard of a hole.
func TestDisorderWithinAFlightIsNoLoss(t *testing.T) {
	same := func(p *packet.Packet) { p.IPID = 0 } // nothing but time tells
	f := newFeed()
	opened(f)
	at := 40.0
	for _, seq := range []uint32{1, 3001, 5001, 4001, 2001, 1001} {
		f.at(at, Server, packet.ACK, seq, 101, withData(1000), same)
		if seq != 1 {
			f.at(at+0.05, Client, packet.ACK, 101, 1001, same)
		}
		at += 0.1
	}
	c := f.one(t)
	if l := c.Losses(Server); l.Lost != 0 {
		t.Errorf("losses %+v, want none", l)
	}
	if len(c.Lates(Server)) == 0 {
		t.Error("no segment out of order, want those that came late")
	}
}
