package packet

import (
	"encoding/hex"
	"strings"
	"testing"

	"pcaplain/analyzer/internal/capture"
)

// octets reads annotated hex: everything behind a "#" is a remark, blanks and
// line ends are free.
func octets(t testing.TB, annotated string) []byte {
	t.Helper()
	var digits strings.Builder
	for line := range strings.Lines(annotated) {
		line, _, _ = strings.Cut(line, "#")
		for _, word := range strings.Fields(line) {
			digits.WriteString(word)
		}
	}
	b, err := hex.DecodeString(digits.String())
	if err != nil {
		t.Fatalf("sample: %v", err)
	}
	return b
}

// Parts that several samples share. The checksums in them were computed by hand
// from RFC 1071 and agree with tshark's.
const (
	ethIPv4 = `
		02 00 00 00 00 02   # destination MAC
		02 00 00 00 00 01   # source MAC
		08 00               # IPv4
	`
	synOptions = `
		02 04 05 b4               # MSS 1460
		04 02                     # SACK permitted
		08 0a 00 00 10 00 00 00 00 00  # timestamps 4096, 0
		01                        # NOP
		03 03 07                  # window scale 7
	`
	synIPv4 = `
		45 00 00 3c         # IPv4, 20 bytes of header, 60 in all
		12 34 40 00         # id 0x1234, DF
		40 06 00 00         # TTL 64, TCP
		0a 00 00 01         # 10.0.0.1
		0a 00 00 02         # 10.0.0.2
	`
	synTCP = `
		c0 00 00 50         # 49152 > 80
		00 00 03 e8         # seq 1000
		00 00 00 00         # ack 0
		a0 02 fa f0         # 40 bytes of header, SYN, window 64240
		00 00 00 00         # checksum left at zero, urgent 0
	` + synOptions
)

func frameOf(l capture.LinkType, b []byte) *capture.Frame {
	return &capture.Frame{Number: 1, LinkType: l, Data: b, WireLen: len(b)}
}

func decoded(t testing.TB, l capture.LinkType, annotated string) *Packet {
	t.Helper()
	p := new(Packet)
	NewDecoder().Decode(frameOf(l, octets(t, annotated)), p)
	return p
}

func TestEthernetSYN(t *testing.T) {
	p := decoded(t, capture.LinkEthernet, ethIPv4+synIPv4+synTCP)
	if p.Kind != KindTCP || p.Cut || p.Malformed {
		t.Fatalf("kind %v cut %v malformed %v", p.Kind, p.Cut, p.Malformed)
	}
	want := KnownMAC | KnownSrcMAC | KnownTTL | KnownIPID | KnownWindow | KnownOptions | KnownPayloadLen |
		KnownWireLen | KnownAbsolute | KnownSeq | KnownAck | KnownTime
	if p.Known != want {
		t.Errorf("known %b, want %b", p.Known, want)
	}
	if p.Src.String() != "10.0.0.1" || p.Dst.String() != "10.0.0.2" || p.SrcPort != 49152 || p.DstPort != 80 {
		t.Errorf("endpoints %v:%d %v:%d", p.Src, p.SrcPort, p.Dst, p.DstPort)
	}
	if p.Seq != 1000 || p.Flags != SYN || p.Window != 64240 || p.HeaderLen != 40 || p.PayloadLen != 0 {
		t.Errorf("segment %+v", p)
	}
	if !p.Has(OptMSS|OptSACKPermitted|OptTimestamps|OptWindowScale) || p.MSS != 1460 || p.WindowScale != 7 || p.TSVal != 4096 {
		t.Errorf("options %b MSS %d scale %d TSval %d", p.Options, p.MSS, p.WindowScale, p.TSVal)
	}
	if p.TTL != 64 || p.IPID != 0x1234 || !p.DF || p.IPLen != 60 || p.IPHeaderLen != 20 {
		t.Errorf("IP %+v", p)
	}
	if p.Checksum != ChecksumZero || p.SrcMAC != [6]byte{2, 0, 0, 0, 0, 1} || p.Tunnel != 0 {
		t.Errorf("checksum %v MAC %x tunnel %d", p.Checksum, p.SrcMAC, p.Tunnel)
	}
}
