package conversation

import (
	"net/netip"
	"testing"

	"pcaplain/analyzer/internal/packet"
)

// split feeds a connection whose way back carries other addresses.
func split(back, to string, ack uint32) *Set {
	f := newFeed()
	f.at(0, Client, packet.SYN, 0, 0)
	client, server := f.client, f.server
	f.client, f.server = netip.MustParseAddrPort(to), netip.MustParseAddrPort(back)
	f.at(1, Server, packet.SYN|packet.ACK, 0, ack)
	f.client, f.server = client, server
	f.at(2, Client, packet.ACK, 1, 1)
	f.at(3, Client, packet.ACK|packet.PSH, 1, 1, withData(106))
	f.client, f.server = netip.MustParseAddrPort(to), netip.MustParseAddrPort(back)
	f.at(4, Server, packet.ACK, 1, 107)
	return f.tracker.Finish()
}

func TestCrossedAddresses(t *testing.T) {
	set := split("10.6.3.3:80", "10.7.2.2:40000", 1)
	if len(set.Conversations) != 1 {
		t.Fatalf("%d conversations, want the two halves as one", len(set.Conversations))
	}
	c := set.Conversations[0]
	if !c.Crossed() || c.Other[Server].String() != "10.6.3.3:80" || c.Handshake().State != HandshakeComplete || c.Flows[Server].Packets != 2 {
		t.Errorf("other addresses %v, handshake %s, %d packets from the server", c.Other, c.Handshake().State, c.Flows[Server].Packets)
	}
}

func TestCrossedAddressesAreNotWrongAnswers(t *testing.T) {
	for what, set := range map[string]*Set{
		"only the server's address differs": split("10.6.3.3:80", "192.0.2.10:40000", 1),
		"the port differs":                  split("10.6.3.3:81", "10.7.2.2:40000", 1),
		"the acknowledgement does not fit":  split("10.6.3.3:80", "10.7.2.2:40000", 2),
	} {
		if set.Conversations[0].Crossed() {
			t.Errorf("%s, and it was read as one connection", what)
		}
	}
}
