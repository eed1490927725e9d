package packet

import (
	"encoding/binary"
	"net/netip"

	"github.com/google/gopacket"
)

// The lengths of link headers, bytes.
const (
	ethernetLen = 14
	vlanLen     = 4
	sllLen      = 16
	sll2Len     = 20
	nullLen     = 4
	snapLen     = 8
	pppoeLen    = 6
	mplsLen     = 4
	arpLen      = 28
)

// sllOutgoing is the packet type of the cooked headers for what this host sent.
const sllOutgoing = 4

// etherType is the header an EtherType (also GRE's and GENEVE's protocol)
// announces, LayerTypeZero for those that are not opened.
func etherType(t uint16) gopacket.LayerType {
	switch t {
	case 0x0800:
		return layerIPv4
	case 0x86dd:
		return layerIPv6
	case 0x8100, 0x88a8, 0x9100, 0x9200:
		return layerVLAN
	case 0x0806:
		return layerARP
	case 0x8864:
		return layerPPPoE
	case 0x8847, 0x8848:
		return layerMPLS
	case 0x6558:
		return layerEthernet
	case 0x880b:
		return layerPPP
	case 0x883e: // WCCP redirection
		return layerRaw
	case 0x88be, 0x22eb:
		return layerERSPAN
	}
	return gopacket.LayerTypeZero
}

func (w *walk) ethernet(b []byte) {
	if len(b) < ethernetLen {
		w.short(b)
		return
	}
	p := w.p
	p.DstMAC, p.SrcMAC = [6]byte(b[0:6]), [6]byte(b[6:12])
	p.Known |= KnownMAC | KnownSrcMAC
	w.vlans = 0
	t, rest := binary.BigEndian.Uint16(b[12:]), b[ethernetLen:]
	if t == 0x0800 {
		w.note(layerIPv4, rest)
		w.ipv4(rest)
		return
	}
	w.typed(t, rest)
}

// typed continues with what a type field announces; below 1536 it is the length
// of an 802.3 frame, whose LLC header follows.
func (w *walk) typed(t uint16, rest []byte) {
	switch {
	case t == 0x0800:
		w.note(layerIPv4, rest)
		w.ipv4(rest)
	case t == 0x86dd:
		w.note(layerIPv6, rest)
		w.ipv6(rest)
	case t >= 1536:
		w.to(etherType(t), rest)
	default:
		w.to(layerLLC, rest[:min(int(t), len(rest))])
	}
}

// vlan reads one 802.1Q or 802.1ad tag. A single tag stays out of the tunnel's
// identity: on a trunk the directions of one conversation may carry different
// ones. The outer of two tags is a customer's, and tells equal addresses apart.
func (w *walk) vlan(b []byte) {
	if len(b) < vlanLen {
		w.short(b)
		return
	}
	if w.vlans++; w.vlans > 1 {
		w.enter(encapVLAN, uint32(w.p.VLAN))
	}
	w.p.VLAN = binary.BigEndian.Uint16(b) & 0x0fff
	w.typed(binary.BigEndian.Uint16(b[2:]), b[vlanLen:])
}

// llc opens an 802.2 header with SNAP, which carries an EtherType.
func (w *walk) llc(b []byte) {
	if len(b) < snapLen && len(b) == cap(b) {
		w.short(b)
		return
	}
	if len(b) < snapLen || b[0] != 0xaa || b[1] != 0xaa || b[2] != 3 {
		return
	}
	w.to(etherType(binary.BigEndian.Uint16(b[6:])), b[snapLen:])
}

// sll reads the Linux cooked header (LINKTYPE_LINUX_SLL).
func (w *walk) sll(b []byte) {
	if len(b) < sllLen {
		w.short(b)
		return
	}
	w.cooked(binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[4:]), b[6:14])
	w.cookedType(binary.BigEndian.Uint16(b[2:]), binary.BigEndian.Uint16(b[14:]), b[sllLen:])
}

// sll2 reads the Linux cooked header of version 2 (LINKTYPE_LINUX_SLL2).
func (w *walk) sll2(b []byte) {
	if len(b) < sll2Len {
		w.short(b)
		return
	}
	w.cooked(uint16(b[10]), uint16(b[11]), b[12:20])
	w.cookedType(binary.BigEndian.Uint16(b[8:]), binary.BigEndian.Uint16(b), b[sll2Len:])
}

// cooked takes the direction and the sender's address from a cooked header. The
// file's own direction, where it states one, stands.
func (w *walk) cooked(packetType, addressLen uint16, address []byte) {
	p := w.p
	if packetType <= sllOutgoing {
		w.goes(packetType == sllOutgoing)
	}
	if addressLen == 6 {
		p.SrcMAC = [6]byte(address[:6])
		p.Known |= KnownSrcMAC
	}
}

// cookedType continues after a cooked header, whose protocol field means an
// EtherType unless the device is one that carries none.
func (w *walk) cookedType(device, protocol uint16, rest []byte) {
	const deviceNetlink, protocolLLC = 824, 4
	switch {
	case device == deviceNetlink:
	case protocol >= 1536:
		w.vlans = 0
		w.typed(protocol, rest)
	case protocol == protocolLLC:
		w.to(layerLLC, rest)
	}
}

// null reads the BSD loopback header: an address family, in the order of the
// host that captured, whichever that was.
func (w *walk) null(b []byte) {
	if len(b) < nullLen {
		w.short(b)
		return
	}
	family := binary.BigEndian.Uint32(b)
	if family > 0xffff {
		family = binary.LittleEndian.Uint32(b)
	}
	w.family(family, b[nullLen:])
}

// family continues with what an address family announces.
func (w *walk) family(family uint32, rest []byte) {
	switch family {
	case 2:
		w.to(layerIPv4, rest)
	case 10, 23, 24, 28, 30: // AF_INET6 of Linux, Windows, NetBSD and OpenBSD, FreeBSD, macOS
		w.to(layerIPv6, rest)
	}
}

// raw tells the IP version by the first nibble.
func (w *walk) raw(b []byte) {
	switch b[0] >> 4 {
	case 4:
		w.to(layerIPv4, b)
	case 6:
		w.to(layerIPv6, b)
	}
}

// ppp reads a PPP header, with or without the HDLC address and control bytes,
// the protocol field compressed or not (RFC 1661, RFC 1662).
func (w *walk) ppp(b []byte) {
	if len(b) >= 2 && b[0] == 0xff && b[1] == 3 {
		b = b[2:]
	}
	if len(b) < 2 {
		w.short(b)
		return
	}
	protocol, n := binary.BigEndian.Uint16(b), 2
	if b[0]&1 == 1 {
		protocol, n = uint16(b[0]), 1
	}
	switch protocol {
	case 0x0021:
		w.to(layerIPv4, b[n:])
	case 0x0057:
		w.to(layerIPv6, b[n:])
	case 0x0281, 0x0283:
		w.to(layerMPLS, b[n:])
	}
}

// pppoe reads a PPPoE session header (RFC 2516).
func (w *walk) pppoe(b []byte) {
	if len(b) < pppoeLen {
		w.short(b)
		return
	}
	if b[0] != 0x11 { // version and type 1
		return
	}
	w.enter(encapPPPoE, uint32(binary.BigEndian.Uint16(b[2:])))
	rest := b[pppoeLen:]
	w.to(layerPPP, rest[:min(int(binary.BigEndian.Uint16(b[4:])), len(rest))])
}

// mpls skips a label stack (RFC 3032). The labels belong to one direction, and
// the last hop may have popped them, so they are no part of the identity.
func (w *walk) mpls(b []byte) {
	for range maxHeaders {
		if len(b) < mplsLen+1 {
			w.short(b)
			return
		}
		bottom := b[2]&1 == 1
		if b = b[mplsLen:]; bottom {
			break
		}
	}
	switch b[0] >> 4 {
	case 4:
		w.to(layerIPv4, b)
	case 6:
		w.to(layerIPv6, b)
	case 0: // a pseudowire's control word, then Ethernet (RFC 4448)
		if len(b) < mplsLen {
			w.short(b)
			return
		}
		w.to(layerEthernet, b[mplsLen:])
	}
}

// arp reads an ARP packet for IPv4 over Ethernet (RFC 826).
func (w *walk) arp(b []byte) {
	if len(b) < arpLen {
		w.short(b)
		return
	}
	operation := binary.BigEndian.Uint16(b[6:])
	if binary.BigEndian.Uint16(b[2:]) != 0x0800 || b[4] != 6 || b[5] != 4 || operation < 1 || operation > 2 {
		return
	}
	w.p.Kind = KindARP
	w.p.ARP = ARP{
		Reply:     operation == 2,
		SenderMAC: [6]byte(b[8:14]),
		SenderIP:  netip.AddrFrom4([4]byte(b[14:18])),
		TargetIP:  netip.AddrFrom4([4]byte(b[24:28])),
	}
}
