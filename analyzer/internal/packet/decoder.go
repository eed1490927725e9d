package packet

import (
	"github.com/google/gopacket"

	"pcaplain/analyzer/internal/capture"
)

// maxHeaders bounds the walk through one frame: eight tunnels of four headers
// each, more than any network builds and few enough for a hostile frame.
const maxHeaders = 32

// The headers the decoder walks. Numbers from 2000 on are the ones gopacket
// leaves to others; they need no registration, since nothing looks them up by
// name.
const (
	layerIPv4 gopacket.LayerType = 2000 + iota
	layerTCP
	layerIPv6
	layerVLAN
	layerUDP
	layerICMPv4
	layerICMPv6
	layerARP
	layerEthernet
	layerSLL
	layerSLL2
	layerNull
	layerRaw
	layerLLC
	layerPPP
	layerPPPoE
	layerMPLS
	layerGRE
	layerERSPAN
	layerVXLAN
	layerGENEVE
	layerGTP
	layerEtherIP
	layerDNS
	layerAH
	layerWrapped
	layerEnd
)

// headers lists how each header is read, those met most first: the parser's
// container is searched from its beginning.
var headers = [layerEnd - layerIPv4]func(*walk, []byte){
	layerIPv4 - layerIPv4:     (*walk).ipv4,
	layerTCP - layerIPv4:      (*walk).tcp,
	layerIPv6 - layerIPv4:     (*walk).ipv6,
	layerVLAN - layerIPv4:     (*walk).vlan,
	layerUDP - layerIPv4:      (*walk).udp,
	layerICMPv4 - layerIPv4:   (*walk).icmpv4,
	layerICMPv6 - layerIPv4:   (*walk).icmpv6,
	layerARP - layerIPv4:      (*walk).arp,
	layerEthernet - layerIPv4: (*walk).ethernet,
	layerSLL - layerIPv4:      (*walk).sll,
	layerSLL2 - layerIPv4:     (*walk).sll2,
	layerNull - layerIPv4:     (*walk).null,
	layerRaw - layerIPv4:      (*walk).raw,
	layerLLC - layerIPv4:      (*walk).llc,
	layerPPP - layerIPv4:      (*walk).ppp,
	layerPPPoE - layerIPv4:    (*walk).pppoe,
	layerMPLS - layerIPv4:     (*walk).mpls,
	layerGRE - layerIPv4:      (*walk).gre,
	layerERSPAN - layerIPv4:   (*walk).erspan,
	layerVXLAN - layerIPv4:    (*walk).vxlan,
	layerGENEVE - layerIPv4:   (*walk).geneve,
	layerGTP - layerIPv4:      (*walk).gtp,
	layerEtherIP - layerIPv4:  (*walk).etherIP,
	layerDNS - layerIPv4:      (*walk).dns,
	layerAH - layerIPv4:       (*walk).authentication,
	layerWrapped - layerIPv4:  (*walk).wrapped,
}

// firstLayer is the header a frame of a link type begins with, LayerTypeZero
// for link types that are not opened.
func firstLayer(l capture.LinkType) gopacket.LayerType {
	switch l {
	case capture.LinkEthernet:
		return layerEthernet
	case capture.LinkSLL:
		return layerSLL
	case capture.LinkSLL2:
		return layerSLL2
	case capture.LinkNull, capture.LinkLoop:
		return layerNull
	case capture.LinkRaw, capture.LinkRawBSD, capture.LinkRawOpenBSD, capture.LinkIPv4, capture.LinkIPv6:
		return layerRaw
	case capture.LinkPPP, linkPPPHDLC:
		return layerPPP
	case capture.LinkPPPoE:
		return layerPPPoE
	case linkATM:
		return layerLLC
	case linkMPLS:
		return layerMPLS
	case linkPktap:
		return layerWrapped
	}
	if wrappedLinks[l] != nil {
		return layerWrapped
	}
	return gopacket.LayerTypeZero
}

// Decoder turns frames into packets, one at a time.
type Decoder struct {
	// VerifyChecksums has TCP checksums verified where the whole segment was
	// captured; without it they stay ChecksumUnverified.
	VerifyChecksums bool

	link    capture.LinkType   // of the frame before
	first   gopacket.LayerType // what its frames begin with
	walk    walk
	layers  gopacket.DecodingLayerContainer
	decoded []gopacket.LayerType
	parsers [layerEnd - layerIPv4]*gopacket.DecodingLayerParser
}

// NewDecoder returns a decoder that verifies checksums.
func NewDecoder() *Decoder {
	d := &Decoder{VerifyChecksums: true, decoded: make([]gopacket.LayerType, 0, maxHeaders)}
	d.first = firstLayer(d.link)
	d.layers = gopacket.DecodingLayerArray(nil)
	for i, read := range headers {
		d.layers = d.layers.Put(&layer{walk: &d.walk, read: read, kind: layerIPv4 + gopacket.LayerType(i)})
	}
	return d
}

// parser is the parser that begins with a header.
func (d *Decoder) parser(first gopacket.LayerType) *gopacket.DecodingLayerParser {
	slot := &d.parsers[first-layerIPv4]
	if *slot == nil {
		*slot = gopacket.NewDecodingLayerParser(first)
		(*slot).SetDecodingLayerContainer(d.layers)
		(*slot).IgnoreUnsupported = true
	}
	return *slot
}

// Decode decodes a frame into p, which is overwritten. It never fails: what the
// frame does not show stays unknown. p.Payload refers to the frame's data; the
// slice in p.DNS is used again.
func (d *Decoder) Decode(f *capture.Frame, p *Packet) {
	answers := p.DNS[:0]
	*p = Packet{}
	p.DNS = answers
	p.Number, p.Time, p.Offset, p.Interface = f.Number, f.Time, f.Offset, f.Interface
	p.WireLen, p.CapLen, p.Comment = f.WireLen, len(f.Data), f.Comment
	if !f.NoTime {
		p.Known = KnownTime
	}
	if f.Direction != capture.DirectionUnknown {
		p.Known |= KnownDirection
		p.Outbound = f.Direction == capture.DirectionOutbound
	}
	if f.Line != nil {
		p.listing(f.Line)
		return
	}
	if p.WireLen >= len(f.Data) {
		p.Known |= KnownWireLen
	} else {
		p.WireLen = len(f.Data)
	}
	if f.LinkType != d.link {
		d.link, d.first = f.LinkType, firstLayer(f.LinkType)
	}
	if d.first == gopacket.LayerTypeZero {
		return
	}
	w := &d.walk
	w.p, w.frame, w.headers = p, f.Data[:len(f.Data):len(f.Data)], 0
	w.verify = d.VerifyChecksums
	w.next, w.rest, w.link = gopacket.LayerTypeZero, nil, d.link
	if len(w.frame) == 0 {
		p.Cut = true
		return
	}
	w.note(d.first, w.frame)
	headers[d.first-layerIPv4](w, w.frame)
	if len(w.rest) > 0 && w.next != gopacket.LayerTypeZero {
		d.parser(w.next).DecodeLayers(w.rest, &d.decoded)
	}
}

// walk is where the decoding of one frame stands. Every header's function gets
// the bytes from its header on and sets next and rest, or leaves them to stop.
// Three steps are taken without the parser, whose loop costs more than they do,
// since nearly every packet takes them: to the link's header at the start, to
// IPv4 and IPv6 behind a type field, and from there to TCP. None can repeat
// without it.
type walk struct {
	p       *Packet
	frame   []byte // capacity is length, so that a slice's capacity tells its place
	headers int
	next    gopacket.LayerType
	rest    []byte
	verify  bool

	// Of the innermost IP header:
	length     int  // bytes after the header and its extensions, from its length fields
	verifiable bool // not a fragment, and the final destination is in the header

	link    capture.LinkType // that a wrapped header is of
	vlans   int              // 802.1Q and 802.1ad tags in a row
	names   names
	trace   []span // where each header stood; kept only when tracing
	tracing bool
}

// span is the place of a header in the frame.
type span struct {
	kind       gopacket.LayerType
	start, end int // end: of the bytes the header's function was given
}

// to has the parser continue with a header.
func (w *walk) to(next gopacket.LayerType, rest []byte) {
	if len(rest) == 0 && next != gopacket.LayerTypeZero {
		w.short(rest)
	}
	w.next, w.rest = next, rest
}

// note keeps the place of a header when tracing.
func (w *walk) note(kind gopacket.LayerType, b []byte) {
	if w.tracing {
		at := w.at(b)
		w.trace = append(w.trace, span{kind, at, at + len(b)})
	}
}

// at is the place of b in the frame.
func (w *walk) at(b []byte) int { return len(w.frame) - cap(b) }

// onWire is how many bytes of the frame were on the wire from b on.
func (w *walk) onWire(b []byte) int { return w.p.WireLen - w.at(b) }

// short notes that b is too short for its header: cut where the captured bytes
// end, malformed where a length of an outer header left too little.
func (w *walk) short(b []byte) {
	if len(b) == cap(b) {
		w.p.Cut = true
	} else {
		w.p.Malformed = true
	}
}

// layer is one of our headers as gopacket's parser wants it.
type layer struct {
	*walk
	read func(*walk, []byte)
	kind gopacket.LayerType
}

// DecodeFromBytes implements gopacket.DecodingLayer.
func (l *layer) DecodeFromBytes(data []byte, _ gopacket.DecodeFeedback) error {
	w := l.walk
	w.rest = nil
	if w.headers++; w.headers > maxHeaders {
		w.p.Malformed = true
		return nil
	}
	w.note(l.kind, data)
	l.read(w, data)
	return nil
}

// CanDecode implements gopacket.DecodingLayer.
func (l *layer) CanDecode() gopacket.LayerClass { return l.kind }

// NextLayerType implements gopacket.DecodingLayer.
func (l *layer) NextLayerType() gopacket.LayerType { return l.next }

// LayerPayload implements gopacket.DecodingLayer.
func (l *layer) LayerPayload() []byte { return l.rest }
