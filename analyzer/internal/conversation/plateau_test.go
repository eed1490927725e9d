package conversation

import (
	"testing"

	"pcaplain/analyzer/internal/packet"
)

// 1000 bytes every 20 ms for two seconds: 50 kB per second, even.
func TestPlateau(t *testing.T) {
	f := newFeed()
	opened(f)
	at := uint32(1)
	for i := 0; i < 100; i++ {
		now := 40 + float64(i)*20
		f.at(now, Server, packet.ACK, at, 101, withData(1000))
		at += 1000
		f.at(now+10, Client, packet.ACK, 101, at)
	}
	c := f.one(t)
	p := c.Plateau(c.Losses(Server))
	if p.Spans < 8 || p.Spread > 0.01 || p.Rate < 49_000 || p.Rate > 51_000 || len(p.Bursts) != 0 {
		t.Errorf("plateau %+v, want 50,000 bytes per second without deviation", p)
	}
}

func TestBursts(t *testing.T) {
	l := Losses{All: []Loss{{Seq: 1, Len: 10}, {Seq: 11, Len: 10}, {Seq: 50, Len: 10, Needless: true}, {Seq: 60, Len: 10}}}
	if b := bursts(l); len(b) != 2 || len(b[0]) != 2 || len(b[1]) != 1 {
		t.Errorf("bursts %v, want two together and one alone", b)
	}
}
