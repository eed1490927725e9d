package conversation

import (
	"testing"

	"pcaplain/analyzer/internal/packet"
)

// withID sets the IP ID; 0 is what Linux gives SYN-ACKs and bare resets.
func withID(id uint16) part { return func(p *packet.Packet) { p.IPID = id } }

func TestCopiesWithoutIPID(t *testing.T) {
	for name, test := range map[string]struct {
		flags uint8
		parts []part
		lag   float64 // ms
		want  int
	}{
		"SYN-ACK, same timestamp":     {synAck, []part{withTS(900, 5000), withID(0)}, 0.01, 1},
		"SYN-ACK on its timer":        {synAck, []part{withTS(900, 5000), withID(0)}, 1000, 0},
		"two bare resets in a row":    {packet.RST, []part{withID(0)}, 0.01, 0},
		"acknowledgement, no IP ID":   {packet.ACK, []part{withTS(900, 5000), withID(0)}, 0.01, 0},
		"acknowledgement with IP ID":  {packet.ACK, []part{withTS(900, 5000), withID(77)}, 0.01, 1},
		"another packet's IP ID":      {packet.ACK, []part{withTS(900, 5000)}, 0.01, 0},
		"FIN twice, same timestamp":   {packet.FIN | packet.ACK, []part{withTS(900, 5000), withID(0)}, 0.01, 1},
		"FIN repeated after a second": {packet.FIN | packet.ACK, []part{withTS(900, 5000), withID(0)}, 1000, 0},
	} {
		f := newFeed()
		f.at(0, Client, packet.SYN, 0, 0, withTS(5000, 0))
		f.at(1, Server, test.flags, 0, 1, test.parts...)
		f.at(1+test.lag, Server, test.flags, 0, 1, test.parts...)
		if got := f.one(t).Copies; got != test.want {
			t.Errorf("%s: %d copies, want %d", name, got, test.want)
		}
	}
}
