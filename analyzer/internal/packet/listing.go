package packet

import (
	"net/netip"

	"pcaplain/analyzer/internal/capture"
)

// listed pairs what a listing's line states with what is then known of the
// packet.
var listed = [...]struct {
	line  capture.Known
	known Known
}{
	{capture.KnownMAC, KnownMAC | KnownSrcMAC},
	{capture.KnownTTL, KnownTTL},
	{capture.KnownIPID, KnownIPID},
	{capture.KnownWindow, KnownWindow},
	{capture.KnownSeq, KnownSeq},
	{capture.KnownAck, KnownAck},
	{capture.KnownOptions, KnownOptions},
	{capture.KnownPayloadLen, KnownPayloadLen},
	{capture.KnownWireLen, KnownWireLen},
}

// listing takes a packet from the line of a text listing. What the line does
// not state stays unknown.
func (p *Packet) listing(l *capture.Line) {
	for _, k := range listed {
		if l.Known&k.line != 0 {
			p.Known |= k.known
		}
	}
	if l.Known&(capture.KnownSeq|capture.KnownRelative) == capture.KnownSeq {
		p.Known |= KnownAbsolute
	}
	p.Kind = KindTCP
	p.Src, p.SrcPort = unmapped(l.Src)
	p.Dst, p.DstPort = unmapped(l.Dst)
	p.Flags, p.Seq, p.Ack, p.Window = l.Flags, l.Seq, l.Ack, l.Window
	p.PayloadLen, p.TTL, p.IPID, p.DF = l.PayloadLen, l.TTL, l.IPID, l.DF
	p.SrcMAC, p.DstMAC = l.SrcMAC, l.DstMAC
	p.options(l.Options, false)
	if p.Knows(KnownOptions) {
		p.HeaderLen = tcpLen + (len(l.Options)+3)&^3
	}
	p.Checksum = listedChecksum(l)
}

func unmapped(a netip.AddrPort) (netip.Addr, uint16) { return a.Addr().Unmap(), a.Port() }

// listedChecksum is good where the listing calls it so. What a listing calls
// incorrect may be unfinished as well as wrong: it does not show which, since
// the sum it would be compared with is not in the line.
func listedChecksum(l *capture.Line) Checksum {
	if l.Known&capture.KnownChecksum != 0 && !l.BadChecksum {
		return ChecksumGood
	}
	return ChecksumUnverified
}
