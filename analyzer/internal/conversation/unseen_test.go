package conversation

import (
	"testing"

	"pcaplain/analyzer/internal/packet"
)

// download feeds a handshake and three segments of 1000 bytes; the second one
// may be left out or come late.
func download(second float64) *feed {
	f := newFeed()
	openAt(f, 0)
	f.at(10, Server, packet.ACK, 1, 1, withData(1000))
	if second > 0 && second < 12 {
		f.at(second, Server, packet.ACK, 1001, 1, withData(1000))
	}
	f.at(12, Server, packet.ACK, 2001, 1, withData(1000))
	f.at(13, Client, packet.ACK, 1, 3001)
	if second > 12 {
		f.at(second, Server, packet.ACK, 1001, 1, withData(1000))
	}
	return f
}

func TestUnseenAcks(t *testing.T) {
	for name, test := range map[string]struct {
		second float64 // ms; 0 for never
		want   int
	}{
		"missing from the file": {0, 1},
		"all there":             {11, 0},
		"recorded late":         {13.02, 0},
	} {
		if got := download(test.second).one(t).UnseenAcks(); len(got) != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestUnseenAcksOfFragments(t *testing.T) {
	f := newFeed()
	openAt(f, 0)
	f.at(10, Server, packet.ACK, 1, 1, withData(500), func(p *packet.Packet) { p.MoreFragments = true })
	f.at(13, Client, packet.ACK, 1, 1001) // the rest came in later fragments
	if got := f.one(t).UnseenAcks(); len(got) != 0 {
		t.Errorf("%v", got)
	}
}
