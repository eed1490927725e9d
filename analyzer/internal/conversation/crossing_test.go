package conversation

import (
	"net/netip"
	"testing"

	"pcaplain/analyzer/internal/packet"
)

const (
	crossSYN    = packet.SYN
	crossSYNACK = packet.SYN | packet.ACK
	crossACK    = packet.ACK
)

var (
	directServer  = netip.MustParseAddrPort("10.1.0.9:3306")
	virtualServer = netip.MustParseAddrPort("10.2.0.9:443")
)

// two feeds two conversations of one client port: on picks which.
type two struct{ *feed }

func twoServers() two { return two{newFeed()} }

// on speaks on the connection to a server; numbers count from isn, which keeps
// the two connections' numbers far apart.
func (t two) on(server netip.AddrPort, ms float64, from Side, flags uint8, seq, ack uint32, parts ...part) {
	t.feed.server = server
	t.feed.isn = [2]uint32{4_000_000_000, 1_000_000_000}
	if server == virtualServer {
		t.feed.isn = [2]uint32{2_000_000_000, 3_000_000_000}
	}
	t.at(ms, from, flags, seq, ack, parts...)
}

func (t two) open(server netip.AddrPort, ms float64) {
	t.on(server, ms, Client, crossSYN, 0, 0)
	t.on(server, ms+1, Server, crossSYNACK, 0, 1)
	t.on(server, ms+2, Client, crossACK, 1, 1)
}

// raw sends a server segment with given absolute numbers.
func raw(seq, ack uint32) part {
	return func(p *packet.Packet) { p.Seq, p.Ack = seq, ack }
}

func TestResetOnTheOtherConnection(t *testing.T) {
	for _, c := range []struct {
		name string
		seq  uint32 // of the reset that comes on the virtual connection
		late float64
		want int
	}{
		{"the number that the direct data acknowledges", 1_000_000_001, 1, 1},
		{"one off", 1_000_000_002, 1, 0},
		{"its own connection's number", 3_000_000_001, 1, 0},
		{"too late to be an answer", 1_000_000_001, 4000, 0},
	} {
		f := twoServers()
		f.open(directServer, 0)
		f.open(virtualServer, 100)
		f.on(directServer, 200, Client, crossACK, 1, 1, withData(10))
		f.on(virtualServer, 200+c.late, Server, packet.RST, 0, 0, raw(c.seq, 0))
		ts := f.tracker.Finish().Tangles()
		if c.want == 0 {
			if len(ts) != 0 {
				t.Errorf("%s: %d tangles, want none", c.name, len(ts))
			}
			continue
		}
		if len(ts) != 1 || len(ts[0].Of(CrossedReset)) != 1 {
			t.Fatalf("%s: %+v, want one crossed reset", c.name, ts)
		}
		x := ts[0].Crossings[0]
		if got := x.Asked.Segments[x.Trigger].Number; x.Asked.Server != directServer || x.Came.Server != virtualServer || got != 7 {
			t.Errorf("%s: answers #%d on %v", c.name, got, x.Asked.Server)
		}
	}
}

func TestSYNAnsweredWithTheOtherConnectionsNumbers(t *testing.T) {
	f := twoServers()
	f.open(directServer, 0)
	f.on(virtualServer, 100, Client, crossSYN, 0, 0)
	f.on(virtualServer, 101, Server, crossACK, 0, 0, raw(1_000_000_001, 4_000_000_001), func(p *packet.Packet) { p.IPID = 3 })
	f.on(virtualServer, 102, Client, packet.RST, 0, 0)
	ts := f.tracker.Finish().Tangles()
	if len(ts) != 1 || len(ts[0].Of(CrossedSYN)) != 1 {
		t.Fatalf("%+v, want one crossed SYN", ts)
	}
	x := ts[0].Crossings[0]
	if x.Owner.Server != directServer || !x.IDContinues {
		t.Errorf("owner %v, ID continues %v; want the direct connection and its next ID", x.Owner.Server, x.IDContinues)
	}
}

func TestUnansweredSYNsEchoOnTheOtherConnection(t *testing.T) {
	run := func(echo bool) []Tangle {
		f := twoServers()
		f.open(virtualServer, 0)
		f.on(virtualServer, 5, Client, crossACK, 1, 1, withData(10))
		f.on(virtualServer, 6, Server, crossACK, 1, 11)
		for _, ms := range []float64{1000, 2000, 3000} {
			f.on(directServer, ms, Client, crossSYN, 0, 0)
			if echo {
				f.on(virtualServer, ms+1, Server, crossACK, 1, 11)
			}
		}
		return f.tracker.Finish().Tangles()
	}
	ts := run(true)
	if len(ts) != 1 || len(ts[0].Of(CrossedEcho)) != 3 {
		t.Fatalf("%+v, want three echoes", ts)
	}
	if ts := run(false); len(ts) != 0 {
		t.Errorf("without the acknowledgements: %+v, want none", ts)
	}
}

// The acknowledgement of data that came on the other connection may name it: a
// D-SACK with exactly its bytes.
func TestEchoNamesTheBytesOfTheOtherConnection(t *testing.T) {
	run := func(left uint32) (named, foreign bool) {
		f := twoServers()
		f.open(directServer, 0)
		f.open(virtualServer, 10)
		for _, ms := range []float64{1000, 1200, 1600} {
			f.on(directServer, ms, Client, crossACK, 1, 1, withData(30))
			f.on(virtualServer, ms+1, Server, crossACK, 1, 1, func(p *packet.Packet) {
				p.Options |= packet.OptSACK
				p.SACK[0], p.SACKCount = packet.SACKBlock{Left: left, Right: left + 30}, 1
			})
		}
		set := f.tracker.Finish()
		ts := set.Tangles()
		if len(ts) != 1 || len(ts[0].Of(CrossedEcho)) != 3 {
			t.Fatalf("%+v, want three echoes", ts)
		}
		x := ts[0].Crossings[0]
		return x.Named, set.ForeignBlocks(x.Came, x.Answer)
	}
	if named, foreign := run(4_000_000_001); !named || !foreign {
		t.Errorf("named %v, foreign %v; want both", named, foreign)
	}
	if named, _ := run(4_000_000_002); named {
		t.Error("other bytes were taken for the segment's")
	}
}

// A client that restarted has one sender: its old numbers fall silent.
func TestTwoSendersOnOneTuple(t *testing.T) {
	run := func(oldSpeaks bool) []Tangle {
		f := newFeed()
		f.at(0, Client, crossSYN, 0, 0)
		f.at(1, Server, crossSYNACK, 0, 1)
		f.at(2, Client, crossACK, 1, 1)
		old := f.isn
		f.isn = [2]uint32{2_000_000_000, 3_000_000_000}
		f.at(100, Client, crossSYN, 0, 0)
		f.at(101, Server, crossACK, 0, 0, raw(old[Server]+1, old[Client]+1))
		f.at(102, Client, packet.RST, 0, 0, raw(old[Client]+1, 0))
		f.at(110, Client, crossSYN, 0, 0)
		f.at(111, Server, crossSYNACK, 0, 1)
		f.at(112, Client, crossACK, 1, 1)
		if oldSpeaks {
			for _, ms := range []float64{300, 500, 900} {
				f.at(ms, Client, crossACK, 0, 0, raw(old[Client]+1, old[Server]+1), withData(10))
			}
		}
		return f.tracker.Finish().Tangles()
	}
	ts := run(true)
	if len(ts) != 1 || len(ts[0].Old) != 3 {
		t.Fatalf("%+v, want three segments of the old sender", ts)
	}
	if ts := run(false); len(ts) != 0 {
		t.Errorf("a restarted client: %+v, want none", ts)
	}
}

func TestLateResetsWithTheNumberOfAnOddAnswer(t *testing.T) {
	f := newFeed()
	odd := uint32(2_500_000_000)
	f.at(0, Client, crossSYN, 0, 0)
	f.at(1, Server, crossACK, 0, 0, raw(odd, 77))
	f.at(2, Client, packet.RST, 0, 0, raw(77, 0))
	f.at(12, Client, crossSYN, 0, 0)
	f.at(13, Server, crossSYNACK, 0, 1)
	f.at(14, Client, crossACK, 1, 1)
	for _, ms := range []float64{300, 500, 900} {
		f.at(ms, Server, packet.RST, 0, 0, raw(odd, 0))
	}
	ts := f.tracker.Finish().Tangles()
	if len(ts) != 1 || ts[0].First != nil || len(ts[0].Late) != 3 {
		t.Fatalf("%+v, want three late resets of an absent connection", ts)
	}
}

func TestLegsShareTheSYN(t *testing.T) {
	run := func(lag float64, isn uint32) int {
		f := newFeed()
		f.at(0, Client, crossSYN, 0, 0)
		f.server = netip.MustParseAddrPort("10.9.9.9:8080")
		f.isn[Client] = isn
		f.at(lag, Client, crossSYN, 0, 0, func(p *packet.Packet) { p.TTL, p.IPID = 63, 1 })
		set := f.tracker.Finish()
		legs := set.Legs(set.Conversations[1])
		if len(legs) > 0 && legs[1].Hops != 1 {
			t.Errorf("second leg is %d hops on, want 1", legs[1].Hops)
		}
		return len(legs)
	}
	if got := run(1, 4_000_000_000); got != 2 {
		t.Errorf("%d legs, want 2", got)
	}
	if got := run(1, 4_000_000_001) + run(80, 4_000_000_000); got != 0 {
		t.Errorf("%d legs of unlike or late SYNs, want none", got)
	}
}
