package conversation

import (
	"testing"

	"pcaplain/analyzer/internal/packet"
)

// refuse feeds an ICMP error that names a smaller MTU for a server's segment.
func (f *feed) refuse(ms float64, seq, mtu uint32) {
	f.at(ms, Server, 0, seq, 0, func(p *packet.Packet) {
		p.Kind, p.ICMPType, p.ICMPCode, p.NextHopMTU = packet.KindICMP, 3, 4, mtu
		p.Quote = packet.Quote{Valid: true, Src: f.server.Addr(), Dst: f.client.Addr(), SrcPort: f.server.Port(), DstPort: f.client.Port(), Seq: f.isn[Server] + seq}
	})
}

func refused(again ...int) *feed {
	f := newFeed()
	openedMSS(f, 1460)
	f.at(40, Server, packet.ACK, 1, 101, withData(1460))
	f.refuse(41, 1, 1400)
	for i, n := range again {
		f.at(300+float64(i)*400, Server, packet.ACK, 1, 101, withData(n))
	}
	return f
}

func TestRefusedSizeHeeded(t *testing.T) {
	c := refused(1360).one(t)
	r := c.RefusedSizes()
	if len(r) != 1 || r[0].MTU != 1400 || len(r[0].Ignored) != 0 || c.Segments[r[0].After].Len != 1360 {
		t.Fatalf("refused %+v, want smaller ones after it", r)
	}
	if l := c.Losses(Server); l.Lost != 0 || len(l.All) != 1 || !l.All[0].TooBig {
		t.Errorf("losses %+v, want one refused for its size and none lost", l)
	}
}

func TestRefusedSizeIgnored(t *testing.T) {
	if r := refused(1460, 1460, 1460).one(t).RefusedSizes(); len(r) != 1 || len(r[0].Ignored) != 3 || r[0].After >= 0 {
		t.Errorf("refused %+v, want three of the refused size again", r)
	}
}
