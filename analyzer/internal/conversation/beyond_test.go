package conversation

import (
	"testing"

	"pcaplain/analyzer/internal/packet"
)

func TestAcknowledgesAMissedFIN(t *testing.T) {
	f := newFeed()
	f.handshake(0)
	f.at(10, Server, packet.ACK, 1, 1, withData(20))
	f.at(20, Client, packet.ACK, 1, 21)
	f.at(30, Client, packet.ACK, 1, 22, withData(5))
	c := f.one(t)
	if got := c.Beyond(4); got != 0 {
		t.Errorf("an acknowledgement of what was seen is %d beyond", got)
	}
	if got := c.Beyond(5); got != 1 {
		t.Errorf("an acknowledgement of an unseen FIN is %d beyond, want 1", got)
	}
}
