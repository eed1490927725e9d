package conversation

import (
	"testing"

	"pcaplain/analyzer/internal/packet"
)

func withBytes(b string) part {
	return func(p *packet.Packet) { p.Payload, p.PayloadLen = []byte(b), len(b) }
}

func answeredTwice(second string) *feed {
	f := newFeed()
	opened(f)
	f.at(40, Server, packet.ACK, 1, 101, withID(500))
	f.at(41, Server, packet.ACK|packet.PSH, 1, 101, withBytes("HTTP/1.1 302 Found\r\n"), withID(9000), func(p *packet.Packet) { p.TTL = 52 })
	f.at(63, Server, packet.ACK|packet.PSH, 1, 101, withBytes(second), withID(501))
	return f
}

func TestRivals(t *testing.T) {
	r := answeredTwice("HTTP/1.1 200 OK\r\nFine").one(t).Rivals()
	if len(r) != 1 || r[0].Odd != r[0].First || !r[0].OtherTTL || !r[0].OtherID || r[0].OtherTS {
		t.Fatalf("rivals %+v, want one, the first with another TTL and IP ID", r)
	}
	if r := answeredTwice("HTTP/1.1 302 Found\r\n").one(t).Rivals(); len(r) != 0 {
		t.Errorf("rivals %+v, want none for the same bytes", r)
	}
}
