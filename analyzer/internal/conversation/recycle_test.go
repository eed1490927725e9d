package conversation

import (
	"net/netip"
	"testing"

	"pcaplain/analyzer/internal/packet"
)

// visit feeds one whole connection that the server closes first.
func visit(f *feed, port uint16, ms float64, ts uint32) {
	f.client = netip.AddrPortFrom(testClient.Addr(), port)
	f.isn[Client] += 64_000
	f.isn[Server] += 64_000
	f.at(ms, Client, packet.SYN, 0, 0, withTS(ts, 0))
	f.at(ms+1, Server, synAck, 0, 1, withTS(9, ts))
	f.at(ms+2, Client, packet.ACK|packet.PSH, 1, 1, withTS(ts+2, 9), withData(10))
	f.at(ms+3, Server, packet.ACK|packet.FIN, 1, 11, withTS(9, ts+2))
	f.at(ms+4, Client, packet.ACK|packet.FIN, 11, 2, withTS(ts+4, 9))
	f.at(ms+5, Server, packet.ACK, 2, 12, withTS(9, ts+4))
}

// knock feeds SYNs that stay unanswered.
func knock(f *feed, port uint16, ts uint32, times ...float64) {
	f.client = netip.AddrPortFrom(testClient.Addr(), port)
	f.isn[Client] += 64_000
	for _, ms := range times {
		f.at(ms, Client, packet.SYN, 0, 0, withTS(ts+uint32(ms-times[0]), 0))
	}
}

func TestRecycleReplay(t *testing.T) {
	f := newFeed()
	visit(f, 1001, 0, 5_000_000)
	knock(f, 2001, 1_000_000, 500, 1500, 3500)
	visit(f, 1002, 4000, 5_004_000)
	knock(f, 2002, 1_004_500, 4500, 5500)
	visit(f, 1003, 8000, 5_008_000)
	set := f.tracker.Finish()
	set.End += 10_000_000_000
	rs := set.Recycle()
	if len(rs) != 1 {
		t.Fatalf("%d pairs", len(rs))
	}
	a, b, c, d := rs[0].Tally()
	if a != 5 || b != 0 || c != 0 || d != 2 || rs[0].Clocks != 2 {
		t.Fatalf("tally %d %d %d %d, clocks %d", a, b, c, d, rs[0].Clocks)
	}
	first := rs[0].Trials[0]
	if first.Behind != 5_000_004-1_000_000 || first.Set.Client.Port() != 1001 {
		t.Fatalf("%+v", first)
	}
}

func TestRecycleUndecidedWhileAServerCloses(t *testing.T) {
	f := newFeed()
	visit(f, 1001, 0, 5_000_000)
	f.client = netip.AddrPortFrom(testClient.Addr(), 1002)
	f.at(100, Client, packet.SYN, 0, 0, withTS(5_000_100, 0))
	f.at(101, Server, synAck, 0, 1, withTS(9, 5_000_100))
	f.at(102, Server, packet.ACK|packet.FIN, 1, 1, withTS(9, 5_000_100))
	knock(f, 2001, 5_000_050, 150, 1150) // newer than the memory, older than the close under way
	f.client = netip.AddrPortFrom(testClient.Addr(), 1002)
	f.isn[Client] -= 64_000
	f.at(2000, Client, packet.ACK|packet.FIN, 1, 2, withTS(5_001_900, 9))
	rs := f.tracker.Finish().Recycle()
	a, b, c, d := rs[0].Tally()
	if a+b+c != 0 || d != 1 {
		t.Fatalf("tally %d %d %d %d", a, b, c, d)
	}
}

func TestTimestampClocks(t *testing.T) {
	f := newFeed()
	visit(f, 1001, 0, 4_294_967_000) // wraps between the two
	visit(f, 1002, 5000, 4704)
	set := f.tracker.Finish()
	if n := timestampClocks(set.Conversations); n != 1 {
		t.Fatalf("%d clocks, want 1", n)
	}
}
