package capture

import (
	"encoding/binary"

	"pcaplain/analyzer/internal/lang"
)

// pcap reads the classic format: a file header of 24 bytes, then records of a
// header and the captured bytes
// (https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-05.html).
type pcap struct {
	reader     *Reader
	begun      bool
	face       int   // index in Info.Interfaces
	big        bool  // numbers are big-endian
	nano       bool  // fractions are nanoseconds
	swapped    bool  // old versions wrote the two lengths in either order
	headerSize int   // of a record: 16, or 24 in the modified format
	limit      int   // captured lengths above it need a second sign
	fcs        int   // bytes of frame check sequence at the end of each frame
	lost       bool  // looking for the next record after damage
	lostAt     int64 // where the damage began
	last       int64 // ns; time of the last record believed
}

// pcapRecord is a record's header.
type pcapRecord struct {
	second, fraction uint32
	captured, wire   uint32
}

const pcapHeaderSize = 24

// pcapMagic maps the first four bytes, read big-endian, to the variant.
func pcapMagic(b []byte) (p pcap, ok bool) {
	p.headerSize = 16
	switch binary.BigEndian.Uint32(b) {
	case 0xa1b2c3d4:
		p.big = true
	case 0xd4c3b2a1:
	case 0xa1b23c4d:
		p.big, p.nano = true, true
	case 0x4d3cb2a1:
		p.nano = true
	case 0xa1b2cd34: // Kuznetzov's modified format: 8 bytes more per record
		p.big, p.headerSize = true, 24
	case 0x34cdb2a1:
		p.headerSize = 24
	case 0x1c0001ac, 0x1c0001ab: // Ixia, by hardware and by software
		p.big = true
	case 0xac01001c, 0xab01001c:
	default:
		return pcap{}, false
	}
	return p, true
}

// ixia reports whether the file header is followed by four bytes that give the
// length of all records.
func ixia(b []byte) bool { return b[0] == 0x1c || b[3] == 0x1c }

func (p *pcap) u32(b []byte) uint32 {
	if p.big {
		return binary.BigEndian.Uint32(b)
	}
	return binary.LittleEndian.Uint32(b)
}

func (p *pcap) u16(b []byte) uint16 {
	if p.big {
		return binary.BigEndian.Uint16(b)
	}
	return binary.LittleEndian.Uint16(b)
}

func (p *pcap) scan(b []byte, offset int64, final bool) (took, need int) {
	for took < len(b) {
		var n int
		rest, at := b[took:], offset+int64(took)
		switch {
		case !p.begun:
			n, need = p.begin(rest, at, final)
		case p.lost:
			n, need = p.resync(rest, at, final)
		default:
			n, need = p.record(rest, at, final)
		}
		took += n
		if need > 0 {
			return took, need
		}
	}
	return took, 0
}

// begin reads the file header.
func (p *pcap) begin(b []byte, at int64, final bool) (took, need int) {
	size := pcapHeaderSize
	if len(b) >= 4 && ixia(b) {
		size += 4
	}
	if len(b) < size {
		if !final {
			return 0, size
		}
		if p.begun {
			p.reader.damage(at, cutInside)
		} else {
			p.reader.failure = notCapture("pcap-header")
		}
		return len(b), 0
	}
	variant, _ := pcapMagic(b)
	variant.reader, variant.begun, variant.last = p.reader, true, p.last
	*p = variant
	major, minor := p.u16(b[4:]), p.u16(b[6:])
	p.swapped = major < 2 || major == 2 && minor < 4 || major == 543
	p.describe(p.u32(b[16:]), p.u32(b[20:]))
	return size, 0
}

// describe takes the snap length and the link type, whose upper bits may say
// that every frame ends with its frame check sequence.
func (p *pcap) describe(snap, link uint32) {
	face := Interface{LinkType: LinkType(link), Resolution: 1_000_000}
	if p.nano {
		face.Resolution = 1_000_000_000
	}
	p.limit = usualRecord
	if snap > 0 && snap <= maxRecord {
		face.SnapLength = int(snap)
		p.limit = max(p.limit, int(snap))
	}
	if link&0x0400_0000 != 0 {
		p.fcs = int(link>>28) * 2
	}
	p.face = len(p.reader.info.Interfaces)
	p.reader.info.Interfaces = append(p.reader.info.Interfaces, face)
}

func (p *pcap) header(b []byte) pcapRecord {
	h := pcapRecord{p.u32(b), p.u32(b[4:]), p.u32(b[8:]), p.u32(b[12:])}
	if p.swapped && h.captured > h.wire {
		h.captured, h.wire = h.wire, h.captured
	}
	return h
}

func (p *pcap) time(h pcapRecord) int64 {
	fraction := int64(h.fraction)
	if !p.nano {
		fraction *= 1000
	}
	return int64(h.second)*lang.Second + fraction
}

// record reads one record. One that claims an unusual length is believed only
// when another record or the end of the file follows it.
func (p *pcap) record(b []byte, at int64, final bool) (took, need int) {
	if len(b) < p.headerSize {
		return p.endInside(b, at, final, p.headerSize)
	}
	if p.another(b) {
		return p.begin(b, at, final)
	}
	h := p.header(b)
	if h.captured > maxRecord {
		return p.lose(at, p.lyingLength(h))
	}
	if h == (pcapRecord{}) {
		return p.lose(at, zeroBytes)
	}
	end := p.headerSize + int(h.captured)
	if int(h.captured) > p.limit || h.captured > h.wire {
		if len(b) < end+p.headerSize && !final {
			return 0, end + p.headerSize
		}
		if len(b) >= end+p.headerSize && !p.possible(p.header(b[end:])) {
			return p.lose(at, p.lyingLength(h))
		}
	}
	if len(b) < end {
		return p.endInside(b, at, final, end)
	}
	p.take(h, b[p.headerSize:end], at+int64(p.headerSize))
	return end, 0
}

// another recognises the header of a further capture joined on with cat: its
// first word is no time of this century's first half.
func (p *pcap) another(b []byte) bool {
	v, ok := pcapMagic(b)
	if !ok || v.u16(b[4:]) != 2 || v.u16(b[6:]) > 4 || len(p.reader.info.Interfaces) >= maxInterfaces {
		return false
	}
	p.reader.note("joined-captures", joinedCaptures)
	return true
}

func (p *pcap) take(h pcapRecord, data []byte, offset int64) {
	wire := int(min(h.wire, 1<<30))
	if p.fcs > 0 && wire >= p.fcs {
		wire -= p.fcs
		data = data[:min(len(data), wire)]
	}
	p.last = p.time(h)
	f := &p.reader.frame
	*f = Frame{Time: p.last, Offset: offset, Data: data, WireLen: wire, Interface: p.face, LinkType: p.reader.info.Interfaces[p.face].LinkType}
	p.reader.deliver()
}

// endInside handles a record of which only b is there. The file may be cut, or
// the length lies and whole records stand inside what it claims.
func (p *pcap) endInside(b []byte, at int64, final bool, need int) (int, int) {
	if !final {
		return 0, need
	}
	if len(b) > p.headerSize {
		if k, _ := p.search(b[1:], true); k >= 0 {
			return p.lose(at, p.lyingLength(p.header(b)))
		}
	}
	p.reader.damage(at, cutInside)
	return len(b), 0
}

// lose gives up the record at that offset; the search starts one byte on.
func (p *pcap) lose(at int64, reason lang.Text) (took, need int) {
	p.reader.damage(at, reason)
	p.lost, p.lostAt = true, at
	return 1, 0
}

func (p *pcap) lyingLength(h pcapRecord) lang.Text {
	return lang.T("a record claims %s, which cannot be right", "一条记录声称有 %s，这不可能", lang.Bytes(int64(h.captured)))
}
