package conversation

import (
	"testing"

	"pcaplain/analyzer/internal/packet"
)

// One window of 4000 bytes per round trip of 20 ms, thirty times.
func TestWindowUse(t *testing.T) {
	f := newFeed()
	f.at(0, Client, packet.SYN, 0, 0, mss(1000), withWindow(4000))
	f.at(1, Server, packet.SYN|packet.ACK, 0, 1, mss(1000))
	f.at(20, Client, packet.ACK, 1, 1, withData(10), withWindow(4000))
	at := uint32(1)
	for round := 0; round < 30; round++ {
		now := 21 + float64(round)*20
		for i := 0; i < 4; i++ {
			f.at(now+float64(i)/10, Server, packet.ACK, at, 11, withData(1000))
			at += 1000
		}
		f.at(now+19, Client, packet.ACK, 11, at, withWindow(4000))
	}
	w, ok := f.one(t).WindowUse(Server)
	if !ok || w.Window != 4000 || w.Flight != 4000 || w.Rounds < 28 || w.Rounds > 30 || w.Share < 0.95 || w.Share > 1.1 || len(w.Full) != 30 {
		t.Errorf("window use %+v, want nearly one full window of 4000 bytes in each of 29 round trips", w)
	}
}
