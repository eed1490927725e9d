package conversation

import (
	"testing"

	"pcaplain/analyzer/internal/packet"
)

// The figure of RFC 1337, section 2: an old duplicate after the close.
func TestOldDuplicateWakesTimeWait(t *testing.T) {
	run := func(reset uint32) bool {
		f := newFeed()
		f.at(0, Client, packet.SYN, 0, 0)
		f.at(1, Server, packet.SYN|packet.ACK, 0, 1)
		f.at(2, Client, packet.ACK, 1, 1, withData(10))
		f.at(3, Server, packet.ACK, 1, 11, withData(20))
		f.at(4, Client, packet.FIN|packet.ACK, 11, 21)
		f.at(5, Server, packet.FIN|packet.ACK, 21, 12)
		f.at(6, Client, packet.ACK, 12, 22)
		f.at(500, Server, packet.ACK, 1, 11, withData(20)) // delayed in the network
		f.at(501, Client, packet.ACK, 12, 22)
		f.at(502, Server, packet.RST, reset, 0)
		_, ok := f.one(t).WokenTimeWait()
		return ok
	}
	if !run(22) {
		t.Error("the three packets were not found")
	}
	if run(23) {
		t.Error("a reset that answers nothing was taken for the third packet")
	}
}
