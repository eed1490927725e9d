package conversation

import (
	"net/netip"
	"testing"

	"pcaplain/analyzer/internal/packet"
)

// translated feeds a connection to a service address, then a segment from the
// real server with the given numbers and the client's bare reset to it.
func translated(seq, ack uint32) *Set {
	f := newFeed()
	f.at(0, Client, packet.SYN, 0, 0)
	f.at(1, Server, packet.SYN|packet.ACK, 0, 1)
	f.at(2, Client, packet.ACK|packet.PSH, 1, 1, withData(75))
	f.at(3, Server, packet.ACK|packet.PSH, 1, 76, withData(200))
	service := f.server
	f.server = netip.MustParseAddrPort("10.32.2.80:80")
	f.at(4, Server, packet.ACK, seq, ack, withData(5))
	f.at(4.1, Client, packet.RST, ack, 0)
	f.server = service
	f.at(5, Client, packet.ACK, 76, 201)
	f.at(6, Server, packet.RST, 201, 0)
	return f.tracker.Finish()
}

func TestUntranslatedSegment(t *testing.T) {
	set := translated(3_000_201, 76)
	u := set.Untranslated(set.Conversations[1])
	if u == nil || u.Of != set.Conversations[0] || u.Segment != 0 || u.Reset != 1 || u.Died != 5 || u.Ahead != 3_000_000 {
		t.Fatalf("%+v, want the stray segment of the first conversation, 3,000,000 ahead", u)
	}
}

func TestNotUntranslated(t *testing.T) {
	set := translated(3_000_201, 77)
	if u := set.Untranslated(set.Conversations[1]); u != nil {
		t.Errorf("another acknowledgement number: %+v, want nil", u)
	}
	set = translated(1, 76)
	if u := set.Untranslated(set.Conversations[1]); u != nil {
		t.Errorf("the same segment came translated: %+v, want nil", u)
	}
}
