package conversation

import (
	"testing"

	"pcaplain/analyzer/internal/packet"
)

// pausing is a download that stands still for 900 ms before its last segment;
// missing packets of the server's counter went by elsewhere.
func pausing(missing uint16) *feed {
	f := newFeed()
	openedMSS(f, 1000)
	f.at(40, Server, packet.ACK, 1, 101, withID(100))
	for i := uint32(0); i < 4; i++ {
		f.at(41+float64(i), Server, packet.ACK, 1+i*1000, 101, withData(1000), withID(101+uint16(i)))
	}
	f.at(50, Client, packet.ACK, 101, 4001)
	f.at(944, Server, packet.ACK|packet.PSH, 4001, 101, withData(300), withID(105+missing))
	return f
}

func TestHeldBackByMissingIDs(t *testing.T) {
	for _, missing := range []uint16{3, 0} {
		h := pausing(missing).one(t).HeldBack(Server, 200e6)
		if len(h) != 1 || h[0].Missing != int(missing) || !h[0].Tail || h[0].Pause/1e6 != 900 {
			t.Errorf("held back %+v, want one pause of 900 ms with %d packets missing", h, missing)
		}
	}
}

// A pause that the other side's request ends is the other side's.
func TestNotHeldBackBeforeAnAnswer(t *testing.T) {
	f := newFeed()
	openedMSS(f, 1000)
	f.at(40, Server, packet.ACK, 1, 101, withData(1000))
	f.at(900, Client, packet.ACK|packet.PSH, 101, 1001, withData(50))
	f.at(920, Server, packet.ACK, 1001, 151, withData(300))
	if h := f.one(t).HeldBack(Server, 200e6); len(h) != 0 {
		t.Errorf("held back %+v, want none", h)
	}
}
