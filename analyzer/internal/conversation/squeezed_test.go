package conversation

import (
	"testing"

	"pcaplain/analyzer/internal/packet"
)

func withScale(shift uint8) part {
	return func(p *packet.Packet) { p.WindowScale, p.Options = shift, p.Options|packet.OptWindowScale }
}

// The SYN-ACK arrives without the scale that the server applies from then on.
func TestSqueezedByALostScale(t *testing.T) {
	f := newFeed()
	f.at(0, Client, packet.SYN, 0, 0, mss(1460), withScale(7), withWindow(64240))
	f.at(20, Server, packet.SYN|packet.ACK, 0, 1, mss(1460), withWindow(65160))
	f.at(21, Client, packet.ACK, 1, 1, withWindow(64240))
	f.at(22, Client, packet.ACK, 1, 1, withData(1000), withWindow(64240))
	f.at(40, Server, packet.ACK, 1, 1001, withWindow(64))
	at := uint32(1001)
	for i := 0; i < 3; i++ {
		f.at(260+float64(i)*230, Client, packet.ACK|packet.PSH, at, 1, withData(64), withWindow(64240))
		at += 64
		f.at(280+float64(i)*230, Server, packet.ACK, 1, at, withWindow(64))
	}
	c := f.one(t)
	q := c.Squeezed(Server)
	if q == nil || q.Shift != 10 || q.Agreed || len(q.Fills) != 3 || q.Window0 != 65160 || q.Window1 != 64 {
		t.Fatalf("squeezed %+v, want shift 10 and three fills", q)
	}
	if c.Squeezed(Client) != nil {
		t.Error("the client's windows are as announced")
	}
}

// A server without scaling whose window simply stays large is none.
func TestNotSqueezedWithoutAFall(t *testing.T) {
	f := newFeed()
	f.at(0, Client, packet.SYN, 0, 0, mss(1460), withScale(7), withWindow(64240))
	f.at(20, Server, packet.SYN|packet.ACK, 0, 1, mss(1460), withWindow(65160))
	f.at(21, Client, packet.ACK, 1, 1, withData(1000), withWindow(64240))
	f.at(40, Server, packet.ACK, 1, 1001, withWindow(64000))
	if q := f.one(t).Squeezed(Server); q != nil {
		t.Errorf("squeezed %+v, want none", q)
	}
}
