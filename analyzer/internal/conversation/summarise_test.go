package conversation

import (
	"net/netip"
	"testing"

	"pcaplain/analyzer/internal/packet"
)

// exchange feeds a whole healthy connection: opening, runs of data each with
// its acknowledgement, closing. again repeats the first data, as after a loss.
func (f *feed) exchange(port uint16, runs int, again bool) {
	f.client = netip.AddrPortFrom(testClient.Addr(), port)
	at := func(from Side, flags uint8, seq, ack uint32, parts ...part) {
		f.at(float64(f.number)/10, from, flags, seq, ack, parts...)
	}
	at(Client, packet.SYN, 0, 0)
	at(Server, packet.SYN|packet.ACK, 0, 1)
	at(Client, packet.ACK, 1, 1)
	seq := uint32(1)
	for range runs {
		at(Client, packet.ACK, seq, 1, withData(100))
		if again {
			at(Client, packet.ACK, seq, 1, withData(100))
			again = false
		}
		seq += 100
		at(Server, packet.ACK, 1, seq)
	}
	at(Client, packet.ACK|packet.FIN, seq, 1)
	at(Server, packet.ACK|packet.FIN, 1, seq+1)
	at(Client, packet.ACK, seq+1, 2)
}

// A capture larger than the budget keeps its oldest healthy connections by
// their ends only; troubled ones stay whole, and no packet goes uncounted.
func TestSummarise(t *testing.T) {
	const connections, runs = 6000, 47
	f := newFeed()
	for i := range connections {
		f.exchange(uint16(10_000+i), runs, i == 0)
	}
	set := f.tracker.Finish()
	kept, summarised := 0, 0
	for _, c := range set.Conversations {
		kept += len(c.Segments)
		if c.Summarised {
			summarised++
		}
		skipped := 0
		for i := range c.Segments {
			skipped += int(c.Segments[i].Skipped)
		}
		if len(c.Segments)+c.Omitted != c.Packets || skipped != c.Omitted {
			t.Fatalf("conversation %d: %d kept and %d omitted (%d folded) of %d packets", c.ID, len(c.Segments), c.Omitted, skipped, c.Packets)
		}
	}
	if set.TCPPackets < mostKept*3/2 {
		t.Fatalf("only %d packets: the budget was not put to the test", set.TCPPackets)
	}
	if kept > mostKept {
		t.Errorf("%d segments kept, want at most %d", kept, mostKept)
	}
	if summarised == 0 || summarised != set.Summarised {
		t.Errorf("%d conversations summarised, the set says %d", summarised, set.Summarised)
	}
	if c := set.Conversations[0]; c.Summarised {
		t.Error("a connection with a repetition was summarised")
	}
	if c := set.Conversations[1]; !c.Summarised || c.End() != EndClosed || c.Handshake().State != HandshakeComplete {
		t.Errorf("the oldest healthy connection: summarised %v, end %s, handshake %s", c.Summarised, c.End(), c.Handshake().State)
	}
}

// The reader's state is bounded however many conversations stay open, and one
// that rested is still understood when it goes on.
func TestRest(t *testing.T) {
	f := newFeed()
	f.at(0, Client, packet.ACK, 1, 1, withData(100))
	f.at(1, Server, packet.ACK, 1, 101)
	most := 0
	for i := range 200_000 {
		f.client = netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 40_000)
		f.at(2, Client, packet.ACK, 1, 1, withData(10))
		most = max(most, len(f.tracker.budget.live))
	}
	if most > 3*mostLive {
		t.Errorf("%d conversations with a reader's state at once, want at most %d", most, 3*mostLive)
	}
	f.client = testClient
	f.at(3, Client, packet.ACK, 1, 1, withData(100))
	f.at(4, Client, packet.ACK, 101, 1, withData(100))
	c := f.tracker.Finish().Conversations[0]
	if !c.Segments[2].Tags.Has(TagSpuriousRetransmission) {
		t.Errorf("a repetition after the rest is %v", c.Segments[2].Tags.Names())
	}
	if tags := c.Segments[3].Tags; tags != 0 {
		t.Errorf("new data after the rest is %v", tags.Names())
	}
}
