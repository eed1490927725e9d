package conversation

import (
	"testing"

	"pcaplain/analyzer/internal/packet"
)

// Messages of two pieces: the second leaves when the first is acknowledged.
func pieces(delay float64) *feed {
	f := newFeed()
	openedMSS(f, 1460)
	f.at(42, Server, packet.ACK|packet.PSH, 1, 101, withData(20))
	at, answered := uint32(101), uint32(21)
	for i := 0; i < 3; i++ {
		start := 100 + float64(i)*500
		f.at(start, Client, packet.ACK|packet.PSH, at, answered, withData(10))
		f.at(start+20+delay, Server, packet.ACK, answered, at+10)
		f.at(start+20+delay+0.1, Client, packet.ACK|packet.PSH, at+10, answered, withData(30))
		at += 40
		f.at(start+42+delay, Server, packet.ACK|packet.PSH, answered, at, withData(5))
		answered += 5
	}
	return f
}

func TestAckWaits(t *testing.T) {
	w := pieces(40).one(t).AckWaits(Client)
	if len(w) != 3 || w[0].Delay/1e6 != 40 {
		t.Fatalf("waits %+v, want three of 40 ms beyond the server's leg of 20 ms", w)
	}
	if w := pieces(5).one(t).AckWaits(Client); len(w) != 0 {
		t.Errorf("waits %+v, want none for prompt acknowledgements", w)
	}
}
