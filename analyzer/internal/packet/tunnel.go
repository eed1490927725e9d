package packet

import (
	"encoding/binary"
	"net/netip"

	"github.com/google/gopacket"
)

// Kinds of encapsulation, as they enter the tunnel's identity.
const (
	encapIP uint32 = 1 + iota
	encapGRE
	encapERSPAN
	encapVXLAN
	encapGENEVE
	encapGTP
	encapEtherIP
	encapPPPoE
	encapVLAN
)

// Header lengths, bytes.
const (
	udpLen    = 8
	greLen    = 4
	vxlanLen  = 8
	geneveLen = 8
	gtpLen    = 8
)

// UDP ports whose payload is opened (IANA, but for Linux's old VXLAN port).
const (
	portDNS        = 53
	portGTP        = 2152
	portVXLAN      = 4789
	portVXLANGPE   = 4790
	portGENEVE     = 6081
	portMPLS       = 6635
	portVXLANLinux = 8472
)

// enter adds an encapsulation to the tunnel's identity: its kind, a key that is
// the same in both directions, and the outer addresses in either order.
func (w *walk) enter(kind, key uint32) {
	p := w.p
	h := uint64(p.Tunnel)<<32 | uint64(kind)<<24
	h = mix(h ^ mix(uint64(key)+1))
	if kind != encapVLAN && kind != encapPPPoE {
		h = mix(h + addressHash(p.Src) + addressHash(p.Dst))
	}
	p.Tunnel = uint32(h>>32) | 1
}

func addressHash(a netip.Addr) uint64 {
	b := a.As16()
	return mix(binary.BigEndian.Uint64(b[:]) ^ mix(binary.BigEndian.Uint64(b[8:])))
}

// mix spreads the bits of x (the finalizer of SplitMix64).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (w *walk) udp(b []byte) {
	w.ports(b)
	if len(b) < udpLen {
		w.short(b)
		return
	}
	w.to(w.port(), b[udpLen:])
}

// port tells by its ports what a datagram carries.
func (w *walk) port() gopacket.LayerType {
	if w.p.SrcPort == portDNS {
		return layerDNS
	}
	switch w.p.DstPort {
	case portVXLAN, portVXLANGPE, portVXLANLinux:
		return layerVXLAN
	case portGENEVE:
		return layerGENEVE
	case portGTP:
		return layerGTP
	case portMPLS:
		return layerMPLS
	}
	return gopacket.LayerTypeZero
}

// gre reads a GRE header with its optional fields (RFC 2784, RFC 2890), and the
// enhanced one of PPTP (RFC 2637), whose call id belongs to one direction.
func (w *walk) gre(b []byte) {
	if len(b) < greLen {
		w.short(b)
		return
	}
	const checksumBit, routingBit, keyBit, sequenceBit, ackBit = 0x8000, 0x4000, 0x2000, 0x1000, 0x0080
	flags, protocol := binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	version := flags & 7
	if version > 1 || flags&routingBit != 0 {
		return
	}
	n, key := greLen, uint32(0)
	if flags&checksumBit != 0 {
		n += 4
	}
	if flags&keyBit != 0 {
		if len(b) < n+4 {
			w.short(b)
			return
		}
		if version == 0 {
			key = binary.BigEndian.Uint32(b[n:])
		}
		n += 4
	}
	if flags&sequenceBit != 0 {
		n += 4
	}
	if version == 1 && flags&ackBit != 0 {
		n += 4
	}
	if len(b) < n {
		w.short(b)
		return
	}
	w.grePayload(protocol, flags&sequenceBit != 0, key, b[n:])
}

// grePayload continues behind GRE. Type I of ERSPAN, known by having no sequence
// number, is Ethernet at once.
func (w *walk) grePayload(protocol uint16, sequence bool, key uint32, rest []byte) {
	next := etherType(protocol)
	if protocol == 0x883e && len(rest) > 0 && rest[0]>>4 != 4 { // WCCP redirection, version 2
		if len(rest) < 4 {
			w.short(rest)
			return
		}
		rest = rest[4:]
	}
	if next == layerERSPAN {
		w.enter(encapERSPAN, 0)
		if protocol == 0x88be && !sequence {
			next = layerEthernet
		}
	} else {
		w.enter(encapGRE, key)
	}
	w.to(next, rest)
}

// erspan skips the header of ERSPAN type II or III
// (draft-foschiano-erspan-03). The session is the mirror's, not the
// conversation's, and stays out of the identity.
func (w *walk) erspan(b []byte) {
	if len(b) < 12 {
		w.short(b)
		return
	}
	n := 8
	if b[0]>>4 == 2 {
		if n = 12; b[11]&1 != 0 {
			n = 20
		}
	}
	if len(b) < n {
		w.short(b)
		return
	}
	w.to(layerEthernet, b[n:])
}

// vxlan reads a VXLAN header (RFC 7348), with a group policy or not, or that of
// its generic extension. On Linux's old port the network identifier stays out
// of the identity: there Cilium writes the sender's security identity into it,
// another one in each direction.
func (w *walk) vxlan(b []byte) {
	if len(b) < vxlanLen {
		w.short(b)
		return
	}
	const validNetwork = 0x08
	if b[0]&validNetwork == 0 || b[1]&^0x48 != 0 {
		return
	}
	next, key := layerEthernet, binary.BigEndian.Uint32(b[4:])>>8
	if w.p.DstPort == portVXLANGPE {
		next = gpeProtocol(b[3])
	}
	if w.p.DstPort == portVXLANLinux {
		key = 0
	}
	w.enter(encapVXLAN, key)
	w.to(next, b[vxlanLen:])
}

// gpeProtocol is what the generic extension's next protocol announces
// (draft-ietf-nvo3-vxlan-gpe).
func gpeProtocol(n byte) gopacket.LayerType {
	switch n {
	case 1:
		return layerIPv4
	case 2:
		return layerIPv6
	case 3:
		return layerEthernet
	}
	return gopacket.LayerTypeZero
}

// geneve reads a GENEVE header (RFC 8926).
func (w *walk) geneve(b []byte) {
	if len(b) < geneveLen {
		w.short(b)
		return
	}
	if b[0]>>6 != 0 {
		return
	}
	n := geneveLen + int(b[0]&0x3f)*4
	if len(b) < n {
		w.short(b)
		return
	}
	w.enter(encapGENEVE, binary.BigEndian.Uint32(b[4:])>>8)
	w.to(etherType(binary.BigEndian.Uint16(b[2:])), b[n:])
}

// gtp reads a GTP-U header with its extension headers (3GPP TS 29.281). Each
// direction has its own tunnel id, so it stays out of the identity.
func (w *walk) gtp(b []byte) {
	const message, optional, extension = 0xff, 0x07, 0x04
	if len(b) < gtpLen {
		w.short(b)
		return
	}
	if b[0]>>4 != 3 || b[1] != message {
		return
	}
	n := gtpLen
	if b[0]&optional != 0 {
		if n += 4; len(b) < n {
			w.short(b)
			return
		}
		if b[0]&extension != 0 {
			if n = gtpExtensions(b, n); n == 0 {
				w.short(b)
				return
			}
		}
	}
	w.enter(encapGTP, 0)
	w.to(layerRaw, b[n:])
}

// gtpExtensions is where the extension headers end that begin at n, whose type
// stands in the byte before; 0 if they do not end in b.
func gtpExtensions(b []byte, n int) int {
	for range maxExtensions {
		if b[n-1] == 0 {
			return n
		}
		if n >= len(b) || b[n] == 0 {
			return 0
		}
		if n += int(b[n]) * 4; n > len(b) {
			return 0
		}
	}
	return 0
}

// etherIP reads an EtherIP header (RFC 3378).
func (w *walk) etherIP(b []byte) {
	if len(b) < 2 {
		w.short(b)
		return
	}
	if b[0]>>4 != 3 {
		return
	}
	w.enter(encapEtherIP, 0)
	w.to(layerEthernet, b[2:])
}
