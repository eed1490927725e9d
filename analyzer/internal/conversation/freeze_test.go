package conversation

import (
	"testing"

	"pcaplain/analyzer/internal/packet"
)

func stuck(repeated bool) *Conversation {
	f := newFeed()
	opened(f)
	f.at(40, Server, packet.ACK, 1, 101, withData(1000))
	f.at(41, Server, packet.ACK, 1001, 101, withData(1000))
	for i := uint32(0); i < 3; i++ {
		f.at(60+float64(i), Client, packet.ACK, 101, 1, f.sack(Server, 1001, 2001))
	}
	f.at(70, Server, packet.ACK, 2001, 101, withData(1000))
	if repeated {
		f.at(300, Server, packet.ACK, 1, 101, withData(1000))
	}
	return f.tracker.Finish().Conversations[0]
}

func TestFrozen(t *testing.T) {
	c := stuck(false)
	z := c.Frozen(Server, c.Last+5e9)
	if z == nil || len(z.Asked) != 3 || len(z.Later) != 1 || z.Silence < 5e9 {
		t.Fatalf("frozen %+v, want three requests and one new segment instead", z)
	}
	if c = stuck(true); c.Frozen(Server, c.Last+5e9) != nil {
		t.Error("frozen although it was sent again")
	}
}
