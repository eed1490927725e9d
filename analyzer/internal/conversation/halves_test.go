package conversation

import (
	"net/netip"
	"testing"

	"pcaplain/analyzer/internal/packet"
)

// split feeds a connection whose way back carries other addresses; ack is what
// the client acknowledges of the SYN-ACK.
func split(ack uint32) *Set {
	f := newFeed()
	f.at(0, Client, packet.SYN, 0, 0)
	client, server := f.client, f.server
	f.client, f.server = netip.MustParseAddrPort("10.7.2.2:40000"), netip.MustParseAddrPort("10.6.3.3:80")
	f.at(1, Server, packet.SYN|packet.ACK, 0, 1)
	f.client, f.server = client, server
	f.at(2, Client, packet.ACK, 1, ack)
	f.at(3, Client, packet.ACK|packet.PSH, 1, ack, withData(106))
	f.client, f.server = netip.MustParseAddrPort("10.7.2.2:40000"), netip.MustParseAddrPort("10.6.3.3:80")
	f.at(4, Server, packet.ACK, 1, 107)
	return f.tracker.Finish()
}

func TestHalvesOfOneConnection(t *testing.T) {
	set := split(1)
	got := set.Halves()
	if len(got) != 1 || got[0].Out != set.Conversations[0] || got[0].Back != set.Conversations[1] {
		t.Fatalf("%+v, want the two conversations as one pair", got)
	}
	if k := got[0].AckedBack(2); k != 1 {
		t.Errorf("the data is acknowledged by segment %d of the way back, want 1", k)
	}
	if got := split(2).Halves(); len(got) != 0 {
		t.Errorf("a client that acknowledges another number: %+v, want none", got)
	}
}
