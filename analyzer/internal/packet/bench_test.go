package packet

import (
	"testing"

	"pcaplain/analyzer/internal/capture"
)

// dataFrame is an Ethernet/IPv4/TCP frame with a timestamps option and a
// payload of n bytes.
func dataFrame(t testing.TB, n int) *capture.Frame {
	b := octets(t, ethIPv4+`
		45 00 00 00  12 34 40 00  40 06 00 00  0a 00 00 01  0a 00 00 02
		c0 00 00 50  00 00 03 e9  00 00 07 d1  80 18 01 f5  00 00 00 00
		01 01 08 0a  00 00 10 00  00 00 20 00`)
	b = append(b, make([]byte, n)...)
	b[16], b[17] = byte((52+n)>>8), byte(52+n)
	return frameOf(capture.LinkEthernet, b)
}

func benchmarkDecode(b *testing.B, f *capture.Frame, checksums bool) {
	d := NewDecoder()
	d.VerifyChecksums = checksums
	p := new(Packet)
	b.SetBytes(int64(len(f.Data)))
	b.ReportAllocs()
	for b.Loop() {
		d.Decode(f, p)
	}
	if p.Kind != KindTCP {
		b.Fatal("not TCP")
	}
}

func BenchmarkDecode(b *testing.B) { benchmarkDecode(b, dataFrame(b, 1000), false) }

func BenchmarkDecodeChecksum1000(b *testing.B) { benchmarkDecode(b, dataFrame(b, 1000), true) }

func BenchmarkDecodeChecksum60000(b *testing.B) { benchmarkDecode(b, dataFrame(b, 60000), true) }

func BenchmarkDecodeSYN(b *testing.B) {
	benchmarkDecode(b, frameOf(capture.LinkEthernet, octets(b, ethIPv4+synIPv4+synTCP)), false)
}

func BenchmarkDecodeCooked(b *testing.B) {
	f := dataFrame(b, 1000)
	header := octets(b, "08 00 00 00 00 00 00 02 00 01 04 06 02 00 00 00 00 01 00 00")
	benchmarkDecode(b, frameOf(capture.LinkSLL2, append(header, f.Data[ethernetLen:]...)), false)
}

func BenchmarkDecodeTunnel(b *testing.B) {
	benchmarkDecode(b, frameOf(capture.LinkRaw, octets(b, datagram(false, 4789, "08 00 00 00 00 00 2a 00 "+frameSYN))), false)
}

func BenchmarkDecodeIPv6(b *testing.B) {
	benchmarkDecode(b, frameOf(capture.LinkEthernet, octets(b, ethIPv6+ipv6TCP)), false)
}
