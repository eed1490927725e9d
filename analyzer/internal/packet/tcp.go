package packet

import (
	"encoding/binary"
	"net/netip"
)

// tcpLen is the length of a TCP header without options, tcpFlagsLen of one up
// to its flags, bytes.
const (
	tcpLen      = 20
	tcpFlagsLen = 14
)

// tcp reads a segment. Options cut by the snap length are read as far as they
// go and do not count as known. Everything a plain segment needs stands in this
// one function, since calls are dear in WebAssembly.
func (w *walk) tcp(b []byte) {
	p := w.p
	if len(b) < tcpLen {
		w.tcpCut(b)
		return
	}
	if !w.tcpHead(b) {
		return
	}
	p.Window, p.Urgent = binary.BigEndian.Uint16(b[14:]), binary.BigEndian.Uint16(b[18:])
	p.Known |= KnownWindow
	if len(b) < p.HeaderLen {
		p.options(b[tcpLen:], true)
		w.short(b)
		return
	}
	p.Known |= KnownOptions
	if p.HeaderLen == tcpLen+12 && binary.BigEndian.Uint32(b[tcpLen:]) == usualTimestamps {
		p.Options = OptTimestamps
		p.TSVal, p.TSEcr = binary.BigEndian.Uint32(b[24:]), binary.BigEndian.Uint32(b[28:])
	} else if p.HeaderLen > tcpLen {
		p.options(b[tcpLen:p.HeaderLen], false)
	}
	p.Payload, p.PayloadStart = b[p.HeaderLen:], w.at(b)+p.HeaderLen
	if w.verify && w.verifiable && len(b) == w.length {
		p.Checksum = verify(p.Src, p.Dst, b)
	}
}

// usualTimestamps is how nearly every segment's options begin: NOP, NOP,
// timestamps.
const usualTimestamps = 0x0101080a

// tcpHead reads the header up to the flags and reports whether its length fits.
func (w *walk) tcpHead(b []byte) bool {
	p := w.p
	p.SrcPort, p.DstPort = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	p.Seq, p.Ack = binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:])
	p.HeaderLen, p.Flags = int(b[12]>>4)*4, b[13]
	p.Kind = KindTCP
	p.Known |= KnownSeq | KnownAck | KnownAbsolute
	if p.HeaderLen < tcpLen || p.HeaderLen > w.length {
		p.Malformed = true
		return false
	}
	p.PayloadLen = w.length - p.HeaderLen
	p.Known |= KnownPayloadLen
	return true
}

// tcpCut reads what is there of a header cut before its options.
func (w *walk) tcpCut(b []byte) {
	if len(b) < tcpFlagsLen {
		w.ports(b)
		w.short(b)
		return
	}
	if !w.tcpHead(b) {
		return
	}
	if len(b) >= tcpFlagsLen+2 {
		w.p.Window = binary.BigEndian.Uint16(b[14:])
		w.p.Known |= KnownWindow
	}
	w.short(b)
}

// ports takes the ports of a header of which little more was captured.
func (w *walk) ports(b []byte) {
	if len(b) >= 4 {
		w.p.SrcPort, w.p.DstPort = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	}
}

// Option kinds (IANA, TCP Parameters).
const (
	kindEnd           = 0
	kindNOP           = 1
	kindMSS           = 2
	kindWindowScale   = 3
	kindSACKPermitted = 4
	kindSACK          = 5
	kindTimestamps    = 8
	kindMD5           = 19
	kindAO            = 29
	kindMPTCP         = 30
	kindFastOpen      = 34
	kindTOAFirst      = 200 // modules of load balancers take kinds from here ...
	kindTOALast       = 253 // ... to here
	kindExperiment    = 254
)

// fastOpenMagic marks kind 254 as Fast Open (RFC 7413, appendix of its drafts;
// the experiment identifier of RFC 6994).
const fastOpenMagic = 0xf989

// nopRun is how many NOPs in a row no stack needs for alignment: a device wrote
// them over an option it removed.
const nopRun = 3

// options reads TCP options. cut says that more of them were on the wire.
func (p *Packet) options(o []byte, cut bool) {
	nops := 0
	for len(o) > 0 {
		if o[0] == kindEnd {
			return
		}
		if o[0] == kindNOP {
			if nops++; nops == nopRun {
				p.Options |= OptNOPRun
			}
			o = o[1:]
			continue
		}
		nops = 0
		if len(o) < 2 || int(o[1]) > len(o) {
			p.Malformed = p.Malformed || !cut
			return
		}
		if o[1] < 2 {
			p.Malformed = true
			return
		}
		p.option(o[0], o[2:o[1]])
		o = o[o[1]:]
	}
}

// option reads one option's value. One of the wrong length is ignored, as the
// stacks do, and marks the packet malformed.
func (p *Packet) option(kind uint8, v []byte) {
	switch {
	case kind == kindMSS && len(v) == 2:
		p.Options |= OptMSS
		p.MSS = binary.BigEndian.Uint16(v)
	case kind == kindWindowScale && len(v) == 1:
		p.Options |= OptWindowScale
		p.WindowScale = v[0]
	case kind == kindSACKPermitted && len(v) == 0:
		p.Options |= OptSACKPermitted
	case kind == kindSACK && len(v) >= 8 && len(v)%8 == 0:
		p.sack(v)
	case kind == kindTimestamps && len(v) == 8:
		p.Options |= OptTimestamps
		p.TSVal, p.TSEcr = binary.BigEndian.Uint32(v), binary.BigEndian.Uint32(v[4:])
	case kind == kindFastOpen:
		p.fastOpen(v)
	case kind >= kindTOAFirst && kind <= kindExperiment:
		p.experiment(kind, v)
	case kind == kindMD5 || kind == kindAO:
		p.Options |= OptMD5
	case kind == kindMPTCP:
		p.Options |= OptMPTCP
	default:
		p.Options |= OptOther
		p.Malformed = p.Malformed || kind <= kindSACK || kind == kindTimestamps
	}
}

func (p *Packet) sack(v []byte) {
	p.Options |= OptSACK
	for ; len(v) >= 8 && p.SACKCount < len(p.SACK); v = v[8:] {
		p.SACK[p.SACKCount] = SACKBlock{binary.BigEndian.Uint32(v), binary.BigEndian.Uint32(v[4:])}
		p.SACKCount++
	}
}

func (p *Packet) fastOpen(cookie []byte) {
	p.Options |= OptFastOpen
	p.FastOpen = uint8(len(cookie))
}

// experiment tells Fast Open's experimental form from the client address that
// load balancers add (TOA): a port and an address in network order. Fast Open
// stands in SYNs alone, so outside of them its magic is a port.
func (p *Packet) experiment(kind uint8, v []byte) {
	magic := len(v) >= 2 && binary.BigEndian.Uint16(v) == fastOpenMagic
	switch {
	case kind == kindExperiment && magic && p.Flags&SYN != 0:
		p.fastOpen(v[2:])
	case len(v) == 6:
		p.toa(netip.AddrFrom4([4]byte(v[2:6])), binary.BigEndian.Uint16(v))
	case len(v) == 18:
		p.toa(netip.AddrFrom16([16]byte(v[2:18])).Unmap(), binary.BigEndian.Uint16(v))
	default:
		p.Options |= OptOther
	}
}

func (p *Packet) toa(a netip.Addr, port uint16) {
	p.Options |= OptTOA
	p.TOA = netip.AddrPortFrom(a, port)
}
