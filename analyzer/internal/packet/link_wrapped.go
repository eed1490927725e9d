package packet

import (
	"encoding/binary"

	"github.com/google/gopacket"

	"pcaplain/analyzer/internal/capture"
)

// Link types met less often, as the registry of LINKTYPE_ values numbers them.
// Their headers are skipped to the packet inside; only what tells the direction
// or the sender is read.
const (
	linkTokenRing capture.LinkType = 6
	linkSLIP      capture.LinkType = 8
	linkFDDI      capture.LinkType = 10
	linkATM       capture.LinkType = 11 // RFC 1483, LLC first
	linkPPPHDLC   capture.LinkType = 50 // PPP in HDLC-like framing
	linkCiscoHDLC capture.LinkType = 104
	linkWiFi      capture.LinkType = 105 // IEEE 802.11
	linkENC       capture.LinkType = 109 // BSD IPsec, decrypted
	linkPFLog     capture.LinkType = 117
	linkRadiotap  capture.LinkType = 127 // IEEE 802.11 behind radiotap
	linkFireWire  capture.LinkType = 138 // Apple's IP over IEEE 1394
	linkPPPD      capture.LinkType = 166 // PPP, the direction in place of the address
	linkJuniper   capture.LinkType = 178 // Ethernet behind Juniper's own header
	linkPPPDir    capture.LinkType = 204 // PPP behind a direction
	linkMPLS      capture.LinkType = 219
	linkIPNET     capture.LinkType = 226 // Solaris
	linkNFLog     capture.LinkType = 239
	linkNetANA    capture.LinkType = 240 // Ethernet behind four bytes
	linkIPoIB     capture.LinkType = 242 // IP over InfiniBand
	linkPktap     capture.LinkType = 258 // macOS, any interface
)

// wrappedLinks are the link types whose header is skipped by wrapped.
var wrappedLinks = map[capture.LinkType]func(*walk, []byte){
	linkTokenRing: (*walk).tokenRing,
	linkSLIP:      skipping(16, layerRaw),
	linkFDDI:      skipping(13, layerLLC),
	linkCiscoHDLC: typedAt(2),
	linkWiFi:      (*walk).wifi,
	linkENC:       (*walk).enc,
	linkPFLog:     (*walk).pflog,
	linkRadiotap:  (*walk).radiotap,
	linkFireWire:  typedAt(16),
	linkPPPD:      (*walk).pppd,
	linkJuniper:   (*walk).juniper,
	linkIPoIB:     (*walk).ipoib,
	linkPPPDir:    (*walk).pppDirection,
	linkIPNET:     skipping(24, layerRaw),
	linkNFLog:     (*walk).nflog,
	linkNetANA:    skipping(4, layerEthernet),
}

// wrapped skips the header of one of the less usual link types.
func (w *walk) wrapped(b []byte) {
	if w.link == linkPktap {
		w.pktap(b)
		return
	}
	if read := wrappedLinks[w.link]; read != nil {
		read(w, b)
	}
}

// skipping is a header of a fixed length before another.
func skipping(n int, next gopacket.LayerType) func(*walk, []byte) {
	return func(w *walk, b []byte) {
		if len(b) < n {
			w.short(b)
			return
		}
		w.to(next, b[n:])
	}
}

// typedAt is a header that ends in an EtherType at an offset.
func typedAt(offset int) func(*walk, []byte) {
	return func(w *walk, b []byte) {
		if len(b) < offset+2 {
			w.short(b)
			return
		}
		w.to(etherType(binary.BigEndian.Uint16(b[offset:])), b[offset+2:])
	}
}

// goes sets the direction unless the file itself stated it.
func (w *walk) goes(outbound bool) {
	if w.p.Known&KnownDirection == 0 {
		w.p.Known |= KnownDirection
		w.p.Outbound = outbound
	}
}

// tokenRing skips an IEEE 802.5 header with its routing field.
func (w *walk) tokenRing(b []byte) {
	const fixed, source = 14, 8
	n := fixed
	if len(b) > fixed && b[source]&0x80 != 0 {
		n += int(b[fixed] & 0x1f)
	}
	skipping(n, layerLLC)(w, b)
}

// enc reads an address family, an index and flags.
func (w *walk) enc(b []byte) {
	const size = 12
	if len(b) < size {
		w.short(b)
		return
	}
	w.family(binary.LittleEndian.Uint32(b), b[size:])
}

// pflog reads the header of OpenBSD's packet filter log, whose length leaves out
// the padding to 4 bytes.
func (w *walk) pflog(b []byte) {
	if len(b) < 2 || len(b) < (int(b[0])+3)&^3 {
		w.short(b)
		return
	}
	w.family(uint32(b[1]), b[(int(b[0])+3)&^3:])
}

func (w *walk) pppd(b []byte) {
	if len(b) < 2 {
		w.short(b)
		return
	}
	w.goes(b[0] != 0)
	w.to(layerPPP, b[2:])
}

// juniper skips the header and extensions routers of Juniper put before Ethernet.
func (w *walk) juniper(b []byte) {
	const fixed, inbound, noEthernet, extended = 4, 0x01, 0x02, 0x80
	if len(b) < fixed+2 {
		w.short(b)
		return
	}
	if b[0] != 'M' || b[1] != 'G' || b[2] != 'C' {
		w.p.Malformed = true
		return
	}
	n := fixed
	if b[3]&extended != 0 {
		n += 2 + int(binary.BigEndian.Uint16(b[fixed:]))
	}
	if len(b) < n {
		w.short(b)
		return
	}
	w.goes(b[3]&inbound == 0)
	if b[3]&noEthernet == 0 {
		w.to(layerEthernet, b[n:])
	}
}

// ipoib skips the hardware addresses, an EtherType behind them, and two bytes
// that are reserved (RFC 4391).
func (w *walk) ipoib(b []byte) {
	const kind, size = 40, 44
	if len(b) < size {
		w.short(b)
		return
	}
	w.to(etherType(binary.BigEndian.Uint16(b[kind:])), b[size:])
}

func (w *walk) pppDirection(b []byte) {
	w.goes(b[0] != 0)
	w.to(layerPPP, b[1:])
}

// nflog finds the packet among the attributes of a netfilter log message.
func (w *walk) nflog(b []byte) {
	const fixed, payload, maxAttributes = 4, 9, 64
	if len(b) < fixed {
		w.short(b)
		return
	}
	b = b[fixed:]
	for range maxAttributes {
		if len(b) < 4 {
			w.short(b)
			return
		}
		n := int(binary.LittleEndian.Uint16(b))
		if n < 4 {
			w.p.Malformed = true
			return
		}
		if binary.LittleEndian.Uint16(b[2:]) == payload {
			w.to(layerRaw, b[4:min(n, len(b))])
			return
		}
		b = b[min((n+3)&^3, len(b)):]
	}
}

// pktap reads the header macOS puts before frames of several interfaces.
func (w *walk) pktap(b []byte) {
	const fixed, linkType, flags, in, out = 40, 8, 36, 1, 2
	if len(b) < fixed {
		w.short(b)
		return
	}
	n := int(binary.LittleEndian.Uint32(b))
	if n < fixed || n > 1<<16 {
		w.p.Malformed = true
		return
	}
	if len(b) < n {
		w.short(b)
		return
	}
	if way := binary.LittleEndian.Uint32(b[flags:]) & (in | out); way == in || way == out {
		w.goes(way == out)
	}
	if l := binary.LittleEndian.Uint32(b[linkType:]); l <= 0xffff && l != uint32(linkPktap) {
		w.link = capture.LinkType(l)
		w.to(firstLayer(w.link), b[n:])
	}
}

// radiotap skips to the 802.11 frame.
func (w *walk) radiotap(b []byte) {
	if len(b) < 4 {
		w.short(b)
		return
	}
	n := int(binary.LittleEndian.Uint16(b[2:]))
	if len(b) < n {
		w.short(b)
		return
	}
	w.link = linkWiFi
	w.to(layerWrapped, b[n:])
}

// wifi opens an IEEE 802.11 data frame that is not encrypted.
func (w *walk) wifi(b []byte) {
	const fixed, data, protected, noData = 24, 2, 0x40, 0x40
	if len(b) < fixed {
		w.short(b)
		return
	}
	if b[0]>>2&3 != data || b[1]&protected != 0 || b[0]&noData != 0 {
		return
	}
	n, aggregate := wifiLen(b)
	if len(b) < n {
		w.short(b)
		return
	}
	w.wifiAddresses(b)
	if !aggregate {
		w.to(layerLLC, b[n:])
	}
}

// The bits of a frame's second byte that say whether it comes from or goes to an
// access point.
const wifiToDS, wifiFromDS = 1, 2

// wifiLen is the length of a data frame's header, and whether several packets
// are aggregated behind it.
func wifiLen(b []byte) (n int, aggregate bool) {
	const fixed, address, qos, order, aggregated = 24, 6, 0x80, 0x80, 0x80
	n = fixed
	if b[1]&(wifiToDS|wifiFromDS) == wifiToDS|wifiFromDS {
		n += address
	}
	if b[0]&qos != 0 {
		aggregate = len(b) > n && b[n]&aggregated != 0
		if n += 2; b[1]&order != 0 {
			n += 4
		}
	}
	return n, aggregate
}

// wifiAddresses takes the sender and receiver on the link, where three addresses
// tell them.
func (w *walk) wifiAddresses(b []byte) {
	first, second, third := [6]byte(b[4:10]), [6]byte(b[10:16]), [6]byte(b[16:22])
	switch b[1] & (wifiToDS | wifiFromDS) {
	case 0:
		w.p.DstMAC, w.p.SrcMAC = first, second
	case wifiToDS:
		w.p.DstMAC, w.p.SrcMAC = third, second
	case wifiFromDS:
		w.p.DstMAC, w.p.SrcMAC = first, third
	default:
		return
	}
	w.p.Known |= KnownMAC | KnownSrcMAC
}
