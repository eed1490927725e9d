package conversation

import (
	"testing"

	"pcaplain/analyzer/internal/packet"
)

// A listing without numbers on bare acknowledgements reads like the capture it
// was made from.
func TestListingWithoutNumbers(t *testing.T) {
	silent := func(p *packet.Packet) { p.Seq, p.Known = 0, p.Known&^packet.KnownSeq }
	f := newFeed()
	f.at(0, Client, packet.SYN, 0, 0)
	f.at(1, Server, packet.SYN|packet.ACK, 0, 1)
	f.at(2, Client, packet.ACK, 0, 1, silent)
	f.at(3, Client, packet.ACK|packet.PSH, 1, 1, withData(106))
	f.at(4, Server, packet.ACK, 0, 107, silent)
	f.at(5, Server, packet.RST|packet.ACK, 1, 107)
	c := f.one(t)
	if got := c.RelSeq(&c.Segments[2]); got != 1 {
		t.Errorf("the client's ACK stands at %d, want 1", got)
	}
	if got := c.RelSeq(&c.Segments[4]); got != 1 || c.Strays != 0 {
		t.Errorf("the server's ACK stands at %d with %d strays, want 1 and none", got, c.Strays)
	}
	if r := c.FirstReset(Server); r == nil || r.Form != ResetAbort {
		t.Errorf("the reset is %+v, want a live socket's", r)
	}
	if n, known := c.Served(Server); n != 0 || !known {
		t.Errorf("served %d (known %v), want 0", n, known)
	}
}
