package conversation

import (
	"net/netip"
	"testing"

	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/packet"
)

func TestStreamGoesOnFromAnotherPort(t *testing.T) {
	run := func(seq uint32) []Move {
		f := newFeed()
		f.at(0, Client, packet.SYN, 0, 0)
		f.at(1, Server, packet.SYN|packet.ACK, 0, 1)
		f.at(2, Client, packet.ACK, 1, 1, withData(10))
		f.at(3, Server, packet.ACK, 1, 11)
		f.client = netip.MustParseAddrPort("192.0.2.10:41111")
		f.at(900, Client, packet.ACK, seq, 1, withData(10))
		f.at(901, Server, packet.RST, 1, 0)
		return f.tracker.Finish().Moves()
	}
	if m := run(11); len(m) != 1 || m[0].From.Client.Port() != 40000 || m[0].To.Client.Port() != 41111 || m[0].Sender != Client {
		t.Errorf("%+v, want the client's stream to move from port 40000 to 41111", m)
	}
	if m := run(12); len(m) != 0 {
		t.Errorf("one byte off: %+v, want none", m)
	}
}

func TestLoopIsOnePacketWithFallingTTL(t *testing.T) {
	run := func(step uint8, id func(i int) uint16) []Loop {
		f := newFeed()
		for i := range 6 {
			f.at(float64(i)*0.01, Client, packet.SYN, 0, 0, func(p *packet.Packet) { p.TTL, p.IPID = 60-uint8(i)*step, id(i) })
		}
		return f.one(t).Loops()
	}
	same := func(int) uint16 { return 77 }
	if l := run(1, same); len(l) != 1 || len(l[0].At) != 6 || !l[0].Again {
		t.Errorf("%+v, want one packet that passes six times", l)
	}
	if l := run(0, same); len(l) != 0 {
		t.Errorf("equal TTLs: %+v, want none", l)
	}
	if l := run(1, func(i int) uint16 { return uint16(i + 1) }); len(l) != 0 {
		t.Errorf("six packets: %+v, want none", l)
	}
}

func TestTwoMachinesClaimOneAddress(t *testing.T) {
	addr := netip.MustParseAddr("10.0.0.5")
	a, b, router := [6]byte{2, 0, 0, 0, 0, 1}, [6]byte{2, 0, 0, 0, 0, 2}, [6]byte{2, 0, 0, 0, 0, 9}
	claim := func(at int64, mac [6]byte) ARP {
		return ARP{Time: at * lang.Millisecond, ARP: packet.ARP{Reply: true, SenderIP: addr, SenderMAC: mac}}
	}
	for _, c := range []struct {
		name string
		arp  []ARP
		want int
	}{
		{"both answer one request", []ARP{claim(0, a), claim(1, b)}, 1},
		{"in turns", []ARP{claim(0, a), claim(3000, b), claim(6000, a)}, 1},
		{"one fail-over", []ARP{claim(0, a), claim(3000, b), claim(6000, b)}, 0},
		{"a router that answers for others", []ARP{
			{ARP: packet.ARP{SenderIP: netip.MustParseAddr("10.0.0.1"), SenderMAC: router}}, claim(0, a), claim(1, router)}, 0},
		{"VRRP", []ARP{claim(0, a), claim(1, [6]byte{0, 0, 0x5e, 0, 1, 7})}, 0},
	} {
		set := Set{ARP: c.arp}
		if got := set.Conflicts(); len(got) != c.want {
			t.Errorf("%s: %+v, want %d", c.name, got, c.want)
		}
	}
}
