package conversation

import (
	"testing"

	"pcaplain/analyzer/internal/packet"
)

// #7 was sent before #8 to #10 and arrives 26 ms behind them. Duplicate
// acknowledgements ask for it, so by time alone it would be a fast
// retransmission; its IP ID is older.
func overtaken(id uint16) *feed {
	f := newFeed()
	opened(f)
	for i := uint32(0); i < 6; i++ {
		f.at(40+float64(i)/10, Server, packet.ACK, 1+i*1000, 101, withData(1000), withID(100+uint16(i)))
	}
	for i := uint32(0); i < 3; i++ {
		f.at(41+float64(i)/10, Server, packet.ACK, 7001+i*1000, 101, withData(1000), withID(107+uint16(i)))
		f.at(41.05+float64(i)/10, Client, packet.ACK, 101, 6001)
	}
	f.at(67, Server, packet.ACK, 6001, 101, withData(1000), withID(id))
	f.at(67.1, Client, packet.ACK, 101, 10001)
	return f
}

func TestLateOriginal(t *testing.T) {
	c := overtaken(106).one(t)
	l := c.Lates(Server)
	if len(l) != 1 || !l[0].Proved || l[0].Others != 3 || c.Losses(Server).Lost != 0 {
		t.Fatalf("late %+v, losses %d: want one late original behind three, no loss", l, c.Losses(Server).Lost)
	}
	c = overtaken(110).one(t)
	if l := c.Lates(Server); len(l) != 0 || c.Losses(Server).Lost != 1 {
		t.Errorf("late %+v, losses %d: a newer IP ID is a repetition", l, c.Losses(Server).Lost)
	}
}
