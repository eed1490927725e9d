package packet

import (
	"encoding/binary"
	"net/netip"
)

// icmpLen is the length of an ICMP header before what an error quotes, bytes.
const icmpLen = 8

// ICMP types (RFC 792, RFC 4443, RFC 4861).
const (
	icmpUnreachable      = 3
	icmpSourceQuench     = 4
	icmpRedirect         = 5
	icmpTimeExceeded     = 11
	icmpParameterProblem = 12

	icmp6PacketTooBig  = 2
	icmp6LastError     = 4
	icmp6Solicitation  = 135
	icmp6Advertisement = 136
)

// icmpFragmentationNeeded is the code of ICMP type 3 that carries an MTU.
const icmpFragmentationNeeded = 4

func (w *walk) icmpv4(b []byte) {
	p := w.p
	if !w.icmp(b) {
		return
	}
	switch p.ICMPType {
	case icmpUnreachable, icmpSourceQuench, icmpRedirect, icmpTimeExceeded, icmpParameterProblem:
		p.Quote = quote(b[icmpLen:])
	}
	if p.ICMPType == icmpUnreachable && p.ICMPCode == icmpFragmentationNeeded {
		p.NextHopMTU = uint32(binary.BigEndian.Uint16(b[6:]))
	}
}

func (w *walk) icmpv6(b []byte) {
	p := w.p
	if !w.icmp(b) {
		return
	}
	switch {
	case p.ICMPType >= 1 && p.ICMPType <= icmp6LastError:
		p.Quote = quote(b[icmpLen:])
		if p.ICMPType == icmp6PacketTooBig {
			p.NextHopMTU = binary.BigEndian.Uint32(b[4:])
		}
	case p.ICMPType == icmp6Solicitation || p.ICMPType == icmp6Advertisement:
		p.neighbour(b)
	}
}

func (w *walk) icmp(b []byte) bool {
	if len(b) < icmpLen {
		w.short(b)
		return false
	}
	w.p.Kind, w.p.ICMPType, w.p.ICMPCode = KindICMP, b[0], b[1]
	return true
}

// neighbour puts a neighbour solicitation or advertisement (RFC 4861) into
// ARP's shape: who asks for an address, or which address is at which MAC.
func (p *Packet) neighbour(b []byte) {
	const targetEnd, optionSource, optionTarget = 24, 1, 2
	if len(b) < targetEnd {
		p.Cut = true
		return
	}
	target := netip.AddrFrom16([16]byte(b[8:targetEnd]))
	p.Kind = KindARP
	p.ARP = ARP{Reply: p.ICMPType == icmp6Advertisement, SenderMAC: p.SrcMAC, SenderIP: p.Src, TargetIP: target}
	want := byte(optionSource)
	if p.ARP.Reply {
		p.ARP.SenderIP, p.ARP.TargetIP = target, p.Dst
		want = optionTarget
	}
	for o := b[targetEnd:]; len(o) >= 8; {
		n := int(o[1]) * 8
		if n == 0 || n > len(o) {
			return
		}
		if o[0] == want {
			p.ARP.SenderMAC = [6]byte(o[2:8])
		}
		o = o[n:]
	}
}

// quote reads the packet an ICMP error quotes, if it is a TCP segment's first or
// only fragment with its first 8 bytes.
func quote(b []byte) Quote {
	if len(b) == 0 {
		return Quote{}
	}
	var q Quote
	var segment []byte
	if b[0]>>4 == 4 {
		segment = q.ipv4(b)
	} else if b[0]>>4 == 6 {
		segment = q.ipv6(b)
	}
	if len(segment) < 8 {
		return Quote{}
	}
	q.Valid = true
	q.SrcPort, q.DstPort = binary.BigEndian.Uint16(segment), binary.BigEndian.Uint16(segment[2:])
	q.Seq = binary.BigEndian.Uint32(segment[4:])
	if len(segment) >= tcpFlagsLen {
		q.HasFlags, q.Flags = true, segment[13]
	}
	return q
}

func (q *Quote) ipv4(b []byte) []byte {
	if len(b) < ipv4Len {
		return nil
	}
	header := int(b[0]&15) * 4
	if header < ipv4Len || header > len(b) || b[9] != protoTCP || binary.BigEndian.Uint16(b[6:])&0x1fff != 0 {
		return nil
	}
	q.Src, q.Dst = netip.AddrFrom4([4]byte(b[12:16])), netip.AddrFrom4([4]byte(b[16:20]))
	q.TTL, q.IPLen = b[8], int(binary.BigEndian.Uint16(b[2:]))
	return b[header:]
}

func (q *Quote) ipv6(b []byte) []byte {
	if len(b) < ipv6Len {
		return nil
	}
	q.Src, q.Dst = netip.AddrFrom16([16]byte(b[8:24])), netip.AddrFrom16([16]byte(b[24:40]))
	q.TTL, q.IPLen = b[7], ipv6Len+int(binary.BigEndian.Uint16(b[4:]))
	next, b := b[6], b[ipv6Len:]
	for range maxExtensions {
		switch next {
		case protoTCP:
			return b
		case protoHopByHop, protoDestination, protoRouting, protoMobility, protoFragment, protoAH:
		default:
			return nil
		}
		if len(b) < 8 || next == protoFragment && binary.BigEndian.Uint16(b[2:])&^7 != 0 {
			return nil
		}
		n := extensionLen(next, b)
		if n > len(b) {
			return nil
		}
		next, b = b[0], b[n:]
	}
	return nil
}
