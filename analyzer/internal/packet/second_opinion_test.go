package packet

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"pcaplain/analyzer/internal/capture"
)

// generator writes packets with gopacket/layers, which then also reads them:
// what both make of them must agree.
type generator struct{ *rand.Rand }

func (g generator) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(g.Uint32())
	}
	return b
}

func (g generator) ethernet(t layers.EthernetType) *layers.Ethernet {
	return &layers.Ethernet{SrcMAC: g.bytes(6), DstMAC: g.bytes(6), EthernetType: t}
}

func (g generator) ipv4(p layers.IPProtocol) *layers.IPv4 {
	ip := &layers.IPv4{Version: 4, TOS: uint8(g.Uint32()), Id: uint16(g.Uint32()), TTL: uint8(g.Uint32()), Protocol: p, SrcIP: g.bytes(4), DstIP: g.bytes(4)}
	if g.IntN(2) == 0 {
		ip.Flags = layers.IPv4DontFragment
	}
	if g.IntN(4) == 0 {
		ip.Options = []layers.IPv4Option{{OptionType: 148, OptionLength: 4, OptionData: []byte{0, 0}}}
	}
	return ip
}

func (g generator) ipv6(p layers.IPProtocol) *layers.IPv6 {
	src := g.bytes(16)
	src[0] = 0x20
	return &layers.IPv6{Version: 6, TrafficClass: uint8(g.Uint32()), HopLimit: uint8(g.Uint32()), NextHeader: p, SrcIP: src, DstIP: g.bytes(16)}
}

func (g generator) tcp(under gopacket.NetworkLayer) *layers.TCP {
	t := &layers.TCP{
		SrcPort: layers.TCPPort(g.Uint32()), DstPort: layers.TCPPort(g.Uint32()), Seq: g.Uint32(), Ack: g.Uint32(),
		Window: uint16(g.Uint32()), Urgent: uint16(g.Uint32()),
		SYN: g.IntN(2) == 0, ACK: g.IntN(2) == 0, FIN: g.IntN(2) == 0, RST: g.IntN(2) == 0,
		PSH: g.IntN(2) == 0, URG: g.IntN(2) == 0, ECE: g.IntN(2) == 0, CWR: g.IntN(2) == 0,
	}
	for _, o := range []layers.TCPOption{
		{OptionType: layers.TCPOptionKindMSS, OptionLength: 4, OptionData: g.bytes(2)},
		{OptionType: layers.TCPOptionKindNop},
		{OptionType: layers.TCPOptionKindWindowScale, OptionLength: 3, OptionData: g.bytes(1)},
		{OptionType: layers.TCPOptionKindSACKPermitted, OptionLength: 2},
		{OptionType: layers.TCPOptionKindTimestamps, OptionLength: 10, OptionData: g.bytes(8)},
		{OptionType: layers.TCPOptionKindSACK, OptionLength: 10, OptionData: g.bytes(8)},
	} {
		if g.IntN(2) == 0 {
			t.Options = append(t.Options, o)
		}
	}
	t.SetNetworkLayerForChecksum(under)
	return t
}

// encapsulation is a random stack of headers above an IP packet with TCP.
func (g generator) encapsulation() (stack []gopacket.SerializableLayer, name string) {
	inner4 := []func() []gopacket.SerializableLayer{
		func() []gopacket.SerializableLayer {
			return []gopacket.SerializableLayer{g.ethernet(layers.EthernetTypeIPv4)}
		},
		func() []gopacket.SerializableLayer {
			return []gopacket.SerializableLayer{g.ethernet(layers.EthernetTypeDot1Q),
				&layers.Dot1Q{VLANIdentifier: uint16(g.Uint32N(4095)), Type: layers.EthernetTypeIPv4}}
		},
		func() []gopacket.SerializableLayer {
			return []gopacket.SerializableLayer{g.ethernet(layers.EthernetTypeMPLSUnicast),
				&layers.MPLS{Label: g.Uint32N(1 << 20), StackBottom: true, TTL: 9}}
		},
		func() []gopacket.SerializableLayer {
			return []gopacket.SerializableLayer{g.ethernet(layers.EthernetTypeIPv4), g.ipv4(layers.IPProtocolIPv4)}
		},
		func() []gopacket.SerializableLayer {
			return []gopacket.SerializableLayer{g.ethernet(layers.EthernetTypeIPv6), g.ipv6(layers.IPProtocolIPv4)}
		},
		func() []gopacket.SerializableLayer {
			return []gopacket.SerializableLayer{g.ethernet(layers.EthernetTypeIPv4), g.ipv4(layers.IPProtocolGRE),
				&layers.GRE{Protocol: layers.EthernetTypeIPv4, KeyPresent: g.IntN(2) == 0, SeqPresent: g.IntN(2) == 0, ChecksumPresent: g.IntN(2) == 0, Key: 7}}
		},
		func() []gopacket.SerializableLayer {
			ip := g.ipv4(layers.IPProtocolUDP)
			udp := &layers.UDP{SrcPort: 50000, DstPort: 4789}
			udp.SetNetworkLayerForChecksum(ip)
			return []gopacket.SerializableLayer{g.ethernet(layers.EthernetTypeIPv4), ip, udp,
				&layers.VXLAN{ValidIDFlag: true, VNI: g.Uint32N(1 << 24)}, g.ethernet(layers.EthernetTypeIPv4)}
		},
	}
	i := g.IntN(len(inner4))
	return inner4[i](), fmt.Sprint(i)
}

func (g generator) packet(t *testing.T) []byte {
	t.Helper()
	stack, name := g.encapsulation()
	var ip gopacket.NetworkLayer
	if six := g.IntN(2) == 0; six && (name == "0" || name == "1") {
		v6 := g.ipv6(layers.IPProtocolTCP)
		setType(stack[len(stack)-1], layers.EthernetTypeIPv6)
		stack, ip = append(stack, v6), v6
	} else {
		v4 := g.ipv4(layers.IPProtocolTCP)
		stack, ip = append(stack, v4), v4
	}
	stack = append(stack, g.tcp(ip), gopacket.Payload(g.bytes(g.IntN(60))))
	buffer := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(buffer, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, stack...); err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}

func setType(l gopacket.SerializableLayer, t layers.EthernetType) {
	switch l := l.(type) {
	case *layers.Ethernet:
		l.EthernetType = t
	case *layers.Dot1Q:
		l.Type = t
	}
}

// opinion is what gopacket/layers reads, in the words of summary.
func opinion(t *testing.T, b []byte) string {
	t.Helper()
	read := gopacket.NewPacket(b, layers.LayerTypeEthernet, gopacket.Default)
	if e := read.ErrorLayer(); e != nil {
		t.Fatalf("%v in %x", e.Error(), b)
	}
	p := new(Packet)
	at := 0
	for _, l := range read.Layers() {
		switch l := l.(type) {
		case *layers.Ethernet:
			p.SrcMAC, p.DstMAC = [6]byte(l.SrcMAC), [6]byte(l.DstMAC)
			p.Known |= KnownMAC
		case *layers.Dot1Q:
			p.VLAN = l.VLANIdentifier
		case *layers.IPv4:
			p.Src, p.Dst = address(l.SrcIP), address(l.DstIP)
			p.IPHeaderLen, p.IPLen, p.TTL, p.TOS, p.IPID = int(l.IHL)*4, int(l.Length), l.TTL, l.TOS, l.Id
			p.DF = l.Flags&layers.IPv4DontFragment != 0
			p.Known |= KnownTTL | KnownIPID
		case *layers.IPv6:
			p.Src, p.Dst = address(l.SrcIP), address(l.DstIP)
			p.IPHeaderLen, p.IPLen, p.TTL, p.TOS, p.DF, p.IPID = 40, 40+int(l.Length), l.HopLimit, l.TrafficClass, false, 0
			p.Known = p.Known&^KnownIPID | KnownTTL
		case *layers.TCP:
			opinionTCP(p, l)
		case *gopacket.Payload:
			p.Payload, p.PayloadStart = l.LayerContents(), at
		}
		at += len(l.LayerContents())
	}
	p.PayloadLen = len(p.Payload)
	return summary(p)
}

func address(ip net.IP) netip.Addr {
	a, _ := netip.AddrFromSlice(ip)
	return a
}

func opinionTCP(p *Packet, l *layers.TCP) {
	p.Kind, p.Checksum = KindTCP, ChecksumGood
	p.Known |= KnownWindow | KnownOptions | KnownPayloadLen
	p.SrcPort, p.DstPort, p.Seq, p.Ack = uint16(l.SrcPort), uint16(l.DstPort), l.Seq, l.Ack
	p.Window, p.Urgent, p.HeaderLen = l.Window, l.Urgent, int(l.DataOffset)*4
	for i, set := range []bool{l.FIN, l.SYN, l.RST, l.PSH, l.ACK, l.URG, l.ECE, l.CWR} {
		if set {
			p.Flags |= 1 << i
		}
	}
	for _, o := range l.Options {
		if o.OptionType != layers.TCPOptionKindNop && o.OptionType != layers.TCPOptionKindEndList {
			p.option(byte(o.OptionType), o.OptionData)
		}
	}
}

func TestSecondOpinion(t *testing.T) {
	g := generator{rand.New(rand.NewPCG(3, 4))}
	d, p := NewDecoder(), new(Packet)
	for range 5000 {
		b := g.packet(t)
		d.Decode(frameOf(capture.LinkEthernet, b), p)
		p.Tunnel = 0 // gopacket knows no such identity
		if got, want := summary(p), opinion(t, b); got != want {
			t.Fatalf("%x\n got %s\nwant %s", b, got, want)
		}
	}
}
