package packet

import (
	"encoding/binary"
	"net/netip"

	"github.com/google/gopacket"
)

// Header lengths, bytes.
const (
	ipv4Len = 20
	ipv6Len = 40
	ahLen   = 12
)

// maxExtensions bounds the IPv6 extension headers of one packet.
const maxExtensions = 16

// The protocol numbers that are opened (IANA).
const (
	protoHopByHop    = 0
	protoICMP        = 1
	protoIPv4        = 4
	protoTCP         = 6
	protoUDP         = 17
	protoIPv6        = 41
	protoRouting     = 43
	protoFragment    = 44
	protoGRE         = 47
	protoAH          = 51
	protoICMPv6      = 58
	protoDestination = 60
	protoEtherIP     = 97
	protoMobility    = 135
	protoMPLS        = 137
)

// upper continues with what an IP header carries. IP inside IP is a tunnel.
func (w *walk) upper(protocol uint8, rest []byte) {
	if protocol == protoTCP {
		w.note(layerTCP, rest)
		w.tcp(rest)
		return
	}
	w.to(w.other(protocol), rest)
}

func (w *walk) other(protocol uint8) gopacket.LayerType {
	switch protocol {
	case protoUDP:
		return layerUDP
	case protoICMP:
		return layerICMPv4
	case protoICMPv6:
		return layerICMPv6
	case protoIPv4:
		w.enter(encapIP, protoIPv4)
		return layerIPv4
	case protoIPv6:
		w.enter(encapIP, protoIPv6)
		return layerIPv6
	case protoGRE:
		return layerGRE
	case protoEtherIP:
		return layerEtherIP
	case protoAH:
		return layerAH
	case protoMPLS:
		return layerMPLS
	}
	return gopacket.LayerTypeZero
}

func (w *walk) ipv4(b []byte) {
	if len(b) < ipv4Len {
		w.short(b)
		return
	}
	p := w.p
	header := int(b[0]&15) * 4
	total := int(binary.BigEndian.Uint16(b[2:]))
	if total == 0 {
		total = w.onWire(b)
	}
	if b[0]>>4 != 4 || header < ipv4Len || total < header {
		p.Malformed = true
		return
	}
	fragment := binary.BigEndian.Uint16(b[6:])
	p.Src, p.Dst = netip.AddrFrom4([4]byte(b[12:16])), netip.AddrFrom4([4]byte(b[16:20]))
	p.IPLen, p.IPHeaderLen, p.TOS, p.TTL = total, header, b[1], b[8]
	p.IPID = binary.BigEndian.Uint16(b[4:])
	p.DF, p.MoreFragments = fragment&0x4000 != 0, fragment&0x2000 != 0
	p.Known |= KnownTTL | KnownIPID
	if total < len(b) {
		b = b[:total]
	}
	if len(b) < header {
		w.short(b)
		return
	}
	w.length, w.verifiable = total-header, fragment&0x3fff == 0
	if offset := int(fragment&0x1fff) * 8; offset > 0 {
		w.fragment(offset)
		return
	}
	if b[9] == protoTCP {
		w.note(layerTCP, b[header:])
		w.tcp(b[header:])
		return
	}
	w.upper(b[9], b[header:])
}

// fragment ends the walk at a fragment that is not the first.
func (w *walk) fragment(offset int) {
	w.p.Kind, w.p.FragmentOffset = KindFragment, offset
}

func (w *walk) ipv6(b []byte) {
	if len(b) < ipv6Len {
		w.short(b)
		return
	}
	p := w.p
	if b[0]>>4 != 6 {
		p.Malformed = true
		return
	}
	p.Src, p.Dst = netip.AddrFrom16([16]byte(b[8:24])), netip.AddrFrom16([16]byte(b[24:40]))
	p.TOS, p.TTL = b[0]<<4|b[1]>>4, b[7]
	p.IPHeaderLen, p.IPID, p.DF, p.MoreFragments = ipv6Len, 0, false, false
	p.Known = p.Known&^KnownIPID | KnownTTL
	payload := int(binary.BigEndian.Uint16(b[4:]))
	if payload == 0 && b[6] != noNextHeader {
		payload = w.jumbo(b)
	}
	p.IPLen = ipv6Len + payload
	if p.IPLen < len(b) {
		b = b[:p.IPLen]
	}
	w.length, w.verifiable = payload, true
	w.extensions(b[6], b[ipv6Len:])
}

// noNextHeader says that nothing follows (RFC 8200, section 4.7).
const noNextHeader = 59

// jumbo is the payload length of a packet whose length field is 0: what its
// jumbo payload option says (RFC 2675), or what was on the wire (Linux BIG TCP
// leaves the option out, too).
func (w *walk) jumbo(b []byte) int {
	const optionJumbo, headerLen = 0xc2, 8
	if h := b[ipv6Len:]; b[6] == protoHopByHop && len(h) >= headerLen && h[2] == optionJumbo && h[3] == 4 {
		if n := binary.BigEndian.Uint32(h[4:]); n > 0xffff && n < 1<<31 {
			return int(n)
		}
	}
	return w.onWire(b) - ipv6Len
}

// extensions skips IPv6 extension headers (RFC 8200, section 4).
func (w *walk) extensions(next uint8, b []byte) {
	for range maxExtensions {
		var n int
		switch next {
		case protoHopByHop, protoDestination, protoRouting, protoMobility, protoFragment, protoAH:
			if len(b) < 8 {
				w.short(b)
				return
			}
			n = extensionLen(next, b)
		default:
			w.upper(next, b)
			return
		}
		if n > len(b) {
			w.short(b)
			return
		}
		if !w.extension(next, b) {
			return
		}
		next, b = b[0], b[n:]
		w.p.IPHeaderLen += n
		w.length -= n
	}
	w.p.Malformed = true
}

func extensionLen(kind uint8, b []byte) int {
	switch kind {
	case protoFragment:
		return 8
	case protoAH:
		return (int(b[1]) + 2) * 4
	}
	return (int(b[1]) + 1) * 8
}

// extension takes what matters from one extension header and reports whether
// the packet can be read on.
func (w *walk) extension(kind uint8, b []byte) bool {
	switch kind {
	case protoRouting:
		if b[3] > 0 { // segments left: the checksum is over another destination
			w.verifiable = false
		}
	case protoFragment:
		word := binary.BigEndian.Uint16(b[2:])
		w.p.MoreFragments = word&1 != 0
		if word&^6 != 0 {
			w.verifiable = false
		}
		if offset := int(word &^ 7); offset > 0 {
			w.fragment(offset)
			return false
		}
	}
	return true
}

// authentication skips the authentication header behind IPv4 (RFC 4302).
func (w *walk) authentication(b []byte) {
	if len(b) < ahLen {
		w.short(b)
		return
	}
	n := extensionLen(protoAH, b)
	if n > len(b) {
		w.short(b)
		return
	}
	w.length -= n
	w.upper(b[0], b[n:])
}
