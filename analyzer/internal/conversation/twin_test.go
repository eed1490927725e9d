package conversation

import (
	"testing"

	"pcaplain/analyzer/internal/packet"
)

// A firewall that randomises sequence numbers, captured on both sides: each
// packet comes twice under one tuple, the second time with other numbers.
func TestBothSidesOfASequenceRandomiser(t *testing.T) {
	f := newFeed()
	outer, inner := f.isn, [2]uint32{50, 2_500_000_000}
	both := func(ms float64, from Side, flags uint8, seq, ack uint32, n int) {
		id := uint16(100 + ms)
		first, second, ttl := outer, inner, uint8(63)
		if from == Server {
			first, second = inner, outer
		}
		f.isn = first
		f.at(ms, from, flags, seq, ack, withData(n), func(p *packet.Packet) { p.IPID = id })
		f.isn = second
		f.at(ms+0.05, from, flags, seq, ack, withData(n), func(p *packet.Packet) { p.IPID, p.TTL = id, ttl })
	}
	both(0, Client, packet.SYN, 0, 0, 0)
	both(1, Server, packet.SYN|packet.ACK, 0, 1, 0)
	both(2, Client, packet.ACK, 1, 1, 100)
	both(3, Server, packet.ACK, 1, 101, 50)
	both(4, Client, packet.FIN|packet.ACK, 101, 51, 0)
	set := f.tracker.Finish()
	if len(set.Conversations) != 2 {
		t.Fatalf("%d conversations, want the two legs", len(set.Conversations))
	}
	for _, c := range set.Conversations {
		if c.Packets != 5 || c.Strays != 0 || c.Handshake().State != HandshakeComplete || c.Flows[Client].Bytes != 100 {
			t.Errorf("leg %d: %d packets, %d strays, handshake %s", c.ID, c.Packets, c.Strays, c.Handshake().State)
		}
	}
	if legs := set.Legs(set.Conversations[0]); len(legs) != 2 || legs[1].Hops != 1 {
		t.Errorf("legs %+v, want both, the second a hop on", legs)
	}
	if ts := set.Tangles(); len(ts) != 0 {
		t.Errorf("%+v: the legs were taken for two senders on one tuple", ts)
	}
}
