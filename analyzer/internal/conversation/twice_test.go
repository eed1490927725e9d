package conversation

import (
	"testing"

	"pcaplain/analyzer/internal/packet"
)

// One packet comes twice; only the receiver's answer tells whether the network
// or the capture doubled it.
func TestDeliveredTwice(t *testing.T) {
	for _, answered := range []bool{true, false} {
		f := newFeed()
		opened(f)
		f.at(40, Server, packet.ACK, 1, 101, withData(1000), withID(77))
		f.at(40.1, Client, packet.ACK, 101, 1001)
		f.at(40.3, Server, packet.ACK, 1, 101, withData(1000), withID(77))
		if answered {
			f.at(40.4, Client, packet.ACK, 101, 1001, f.sack(Server, 1, 1001))
		}
		d := f.one(t).DeliveredTwice(Server)
		if answered != (len(d) == 1) {
			t.Errorf("answered %v: delivered twice %+v", answered, d)
		}
	}
}
