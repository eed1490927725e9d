package packet

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pcaplain/analyzer/internal/capture"
)

func allSamples() []sample {
	return slices.Concat(linkSamples, wrappedSamples, ipSamples, tcpSamples, tunnelSamples, icmpSamples, dnsSamples)
}

// holds checks what is true of every decoded frame, whatever it holds.
func holds(t *testing.T, p *Packet, f *capture.Frame) {
	t.Helper()
	if p.PayloadStart < 0 || p.PayloadStart+len(p.Payload) > len(f.Data) {
		t.Fatalf("payload of %d bytes at %d in a frame of %d", len(p.Payload), p.PayloadStart, len(f.Data))
	}
	if p.Kind == KindTCP && p.Knows(KnownPayloadLen) && (p.PayloadLen < 0 || len(p.Payload) > p.PayloadLen) {
		t.Fatalf("payload length %d, %d bytes shown", p.PayloadLen, len(p.Payload))
	}
	if p.Kind == KindTCP && !(p.Src.IsValid() && p.Dst.IsValid() && p.Knows(KnownSeq|KnownAck)) {
		t.Fatalf("a segment without its endpoints or numbers: %s", summary(p))
	}
	if p.Checksum != ChecksumUnverified && p.PayloadLen != len(p.Payload) {
		t.Fatalf("checksum %d of a segment that is not all there", p.Checksum)
	}
	if p.SACKCount > len(p.SACK) || p.CapLen != len(f.Data) || p.WireLen < p.CapLen {
		t.Fatalf("counts: %d SACK blocks, %d of %d bytes", p.SACKCount, p.CapLen, p.WireLen)
	}
	if p.Known&^KnownTime != 0 && p.Kind == KindFragment && p.FragmentOffset <= 0 {
		t.Fatalf("fragment at %d", p.FragmentOffset)
	}
}

// agrees checks that what the beginning of a frame tells is what the whole tells.
func agrees(t *testing.T, name string, n int, p, whole *Packet) {
	t.Helper()
	if p.Kind != KindTCP {
		return
	}
	if whole.Kind != KindTCP || p.Src != whole.Src || p.Dst != whole.Dst || p.SrcPort != whole.SrcPort ||
		p.DstPort != whole.DstPort || p.Seq != whole.Seq || p.Ack != whole.Ack || p.Flags != whole.Flags ||
		p.PayloadLen != whole.PayloadLen || p.Tunnel != whole.Tunnel || p.VLAN != whole.VLAN {
		t.Errorf("%s, %d bytes:\n got %s\nwhole %s", name, n, summary(p), summary(whole))
	}
	if p.Known&^whole.Known != 0 || p.Options&^whole.Options != 0 {
		t.Errorf("%s, %d bytes, claims more: known %b of %b, options %b of %b", name, n, p.Known, whole.Known, p.Options, whole.Options)
	}
	if !strings.HasPrefix(string(whole.Payload), string(p.Payload)) {
		t.Errorf("%s, %d bytes: payload %q of %q", name, n, p.Payload, whole.Payload)
	}
	if p.Malformed && !whole.Malformed {
		t.Errorf("%s, %d bytes: cut, not malformed", name, n)
	}
	if !p.Knows(KnownOptions) && !p.Cut && !p.Malformed {
		t.Errorf("%s, %d bytes: options missing without a reason", name, n)
	}
}

func TestEveryPrefix(t *testing.T) {
	d, p, whole := NewDecoder(), new(Packet), new(Packet)
	for _, s := range allSamples() {
		b := octets(t, s.hex)
		NewDecoder().Decode(frameOf(s.link, b), whole)
		for n := range len(b) {
			f := frameOf(s.link, b[:n])
			d.Decode(f, p) // the file says that this was all
			holds(t, p, f)
			f.WireLen = len(b)
			d.Decode(f, p)
			holds(t, p, f)
			agrees(t, s.name, n, p, whole)
			if whole.Kind == KindTCP && !p.Cut && p.Kind != KindTCP {
				t.Errorf("%s: %d bytes of a segment, and nothing said to be cut: %s", s.name, n, summary(p))
			}
		}
	}
}

func TestEveryByteChanged(t *testing.T) {
	d, p := NewDecoder(), new(Packet)
	for _, s := range allSamples() {
		b := octets(t, s.hex)
		for i := range b {
			was := b[i]
			for _, change := range []byte{0xff, 0x80, 0x01, 0x0f, 0xf0} {
				b[i] = was ^ change
				f := frameOf(s.link, b)
				d.Decode(f, p)
				holds(t, p, f)
			}
			b[i] = was
		}
	}
}

func TestCutSegment(t *testing.T) {
	whole := octets(t, syn)
	for _, c := range []struct {
		bytes int
		want  string
	}{
		{19, "cut | other"},
		{20, "cut 10.0.0.1>10.0.0.2 ip 20/60 ttl 64 id 4660 DF | other"},
		{33, "cut 10.0.0.1:49152>10.0.0.2:80 ip 20/60 ttl 64 id 4660 DF | other"},
		{34, "cut 10.0.0.1:49152>10.0.0.2:80 ip 20/60 ttl 64 id 4660 DF |S seq 1000 ack 0 header 40 len 0 options? unverified"},
		{36, "cut 10.0.0.1:49152>10.0.0.2:80 ip 20/60 ttl 64 id 4660 DF |S seq 1000 ack 0 win 64240 header 40 len 0 options? unverified"},
		{45, "cut 10.0.0.1:49152>10.0.0.2:80 ip 20/60 ttl 64 id 4660 DF |S seq 1000 ack 0 win 64240 header 40 len 0 options? mss 1460 unverified"},
	} {
		f := frameOf(capture.LinkRaw, whole[:c.bytes])
		f.WireLen = len(whole)
		p := new(Packet)
		NewDecoder().Decode(f, p)
		if got := summary(p); got != c.want {
			t.Errorf("%d bytes:\n got %s\nwant %s", c.bytes, got, c.want)
		}
	}
}

// A datagram that ends before the fixed header contradicts itself even if the
// frame goes on with padding.
func TestPaddingIsNoHeader(t *testing.T) {
	b := octets(t, strings.Replace(plain(ethIPv4+ack), "00 2b", "00 1e", 1))
	p := new(Packet)
	NewDecoder().Decode(frameOf(capture.LinkEthernet, b), p)
	if p.Kind == KindTCP || !p.Malformed || p.Cut {
		t.Errorf("10 bytes of TCP: %s", summary(p))
	}
}

// slowSum is the checksum as RFC 1071 writes it down, without its complement.
func slowSum(parts ...[]byte) uint16 {
	b := slices.Concat(parts...)
	if len(b)%2 == 1 {
		b = append(b, 0)
	}
	var s uint32
	for i := 0; i < len(b); i += 2 {
		s += uint32(b[i])<<8 | uint32(b[i+1])
		s = s>>16 + s&0xffff
	}
	return uint16(s)
}

func slowPseudo(src, dst netip.Addr, length int) []byte {
	b := append(src.AsSlice(), dst.AsSlice()...)
	return append(binary.BigEndian.AppendUint32(b, uint32(length)), 0, 0, 0, 6)
}

func TestChecksumStates(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	ends := [][2]netip.Addr{
		{netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("255.255.255.255")},
		{netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")},
	}
	for _, e := range ends {
		for n := tcpLen; n < 300; n++ {
			b := make([]byte, n)
			for i := range b {
				b[i] = byte(random.Uint32())
			}
			check := func(stored uint16, want Checksum) {
				t.Helper()
				binary.BigEndian.PutUint16(b[16:], stored)
				if got := verify(e[0], e[1], b); got != want {
					t.Fatalf("%d bytes, checksum %#04x: state %d, want %d", n, stored, got, want)
				}
			}
			binary.BigEndian.PutUint16(b[16:], 0)
			right := ^slowSum(slowPseudo(e[0], e[1], n), b)
			check(right, ChecksumGood)
			check(slowSum(slowPseudo(e[0], e[1], n)), ChecksumPartial)
			check(slowSum(slowPseudo(e[0], e[1], 0)), ChecksumPartial)
			check(0, ChecksumZero)
			check(right^0x0101, ChecksumBad)
		}
	}
}

func TestChecksumOfSaturatedSegments(t *testing.T) {
	a := netip.MustParseAddr("255.255.255.255")
	for _, n := range []int{20, 21, 1460, 65535, 200_001} {
		b := make([]byte, n)
		for i := range b {
			b[i] = 0xff
		}
		binary.BigEndian.PutUint16(b[16:], 0)
		binary.BigEndian.PutUint16(b[16:], ^slowSum(slowPseudo(a, a, n), b))
		if got := verify(a, a, b); got != ChecksumGood {
			t.Errorf("%d bytes of ones: state %d", n, got)
		}
	}
}

func TestChecksumsNotAsked(t *testing.T) {
	d, p := NewDecoder(), new(Packet)
	d.VerifyChecksums = false
	d.Decode(frameOf(capture.LinkRaw, octets(t, syn)), p)
	if p.Checksum != ChecksumUnverified {
		t.Errorf("state %d", p.Checksum)
	}
}

func TestStatedDirectionStands(t *testing.T) {
	f := frameOf(capture.LinkSLL, octets(t, "00 04 00 01 00 06 02 00 00 00 00 01 00 00 08 00"+syn))
	f.Direction = capture.DirectionInbound
	p := new(Packet)
	NewDecoder().Decode(f, p)
	if !p.Knows(KnownDirection) || p.Outbound {
		t.Errorf("stated inbound: %s", summary(p))
	}
}

// A frame that claims fewer bytes on the wire than it holds has no wire length.
func TestWireLengthThatLies(t *testing.T) {
	f := frameOf(capture.LinkRaw, octets(t, syn))
	f.WireLen = 10
	p := new(Packet)
	NewDecoder().Decode(f, p)
	if p.Knows(KnownWireLen) || p.WireLen != 60 || p.Kind != KindTCP {
		t.Errorf("wire length %d: %s", p.WireLen, summary(p))
	}
}

func TestListing(t *testing.T) {
	l := &capture.Line{
		Known: capture.KnownSeq | capture.KnownWindow | capture.KnownPayloadLen | capture.KnownRelative,
		Src:   netip.MustParseAddrPort("[::ffff:10.0.0.1]:49152"), Dst: netip.MustParseAddrPort("10.0.0.2:80"),
		Flags: PSH | ACK, Seq: 1, Window: 229, PayloadLen: 106, TTL: 99,
	}
	f := &capture.Frame{Number: 4, Offset: -1, Line: l, Time: 5}
	d, p := NewDecoder(), new(Packet)
	d.Decode(f, p)
	if p.Kind != KindTCP || p.Number != 4 || p.Src.String() != "10.0.0.1" || p.SrcPort != 49152 || p.PayloadLen != 106 {
		t.Errorf("listed: %s", summary(p))
	}
	if want := KnownTime | KnownSeq | KnownWindow | KnownPayloadLen; p.Known != want {
		t.Errorf("known %b, want %b", p.Known, want)
	}
	l.Known = capture.KnownSeq | capture.KnownAck | capture.KnownOptions | capture.KnownTTL | capture.KnownMAC | capture.KnownChecksum
	l.Options = []byte{2, 4, 5, 0xb4, 1, 1, 1}
	d.Decode(f, p)
	if want := KnownTime | KnownSeq | KnownAck | KnownAbsolute | KnownOptions | KnownTTL | KnownMAC | KnownSrcMAC; p.Known != want {
		t.Errorf("known %b, want %b", p.Known, want)
	}
	if p.MSS != 1460 || !p.Has(OptMSS|OptNOPRun) || p.HeaderLen != 28 || p.TTL != 99 || p.Checksum != ChecksumGood {
		t.Errorf("listed: %s", summary(p))
	}
	l.BadChecksum = true
	if d.Decode(f, p); p.Checksum != ChecksumUnverified {
		t.Errorf("incorrect or unfinished, a listing does not tell: %d", p.Checksum)
	}
}

// Nothing of one frame shows in the next.
func TestPacketIsOverwritten(t *testing.T) {
	d, p, fresh := NewDecoder(), new(Packet), new(Packet)
	samples := allSamples()
	for i, s := range samples {
		before := samples[(i*7+3)%len(samples)]
		d.Decode(frameOf(before.link, octets(t, before.hex)), p)
		d.Decode(frameOf(s.link, octets(t, s.hex)), p)
		NewDecoder().Decode(frameOf(s.link, octets(t, s.hex)), fresh)
		if summary(p) != summary(fresh) || p.Tunnel != fresh.Tunnel || len(p.DNS) != len(fresh.DNS) {
			t.Errorf("%s after %s:\n got %s\nwant %s", s.name, before.name, summary(p), summary(fresh))
		}
	}
}

func TestNothingIsAllocated(t *testing.T) {
	d, p := NewDecoder(), new(Packet)
	for _, s := range allSamples() {
		f := frameOf(s.link, octets(t, s.hex))
		if n := testing.AllocsPerRun(50, func() { d.Decode(f, p) }); n != 0 {
			t.Errorf("%s: %v allocations a packet", s.name, n)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range allSamples() {
		f.Add(uint16(s.link), octets(f, s.hex), uint16(0))
	}
	d, p := NewDecoder(), new(Packet)
	f.Fuzz(func(t *testing.T, link uint16, data []byte, cut uint16) {
		frame := frameOf(capture.LinkType(link), data)
		frame.WireLen += int(cut)
		d.Decode(frame, p)
		holds(t, p, frame)
	})
}
