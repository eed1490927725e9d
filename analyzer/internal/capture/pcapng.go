package capture

import (
	"encoding/binary"

	"pcaplain/analyzer/internal/lang"
)

// pcapng reads the block format
// (https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-03.html): sections,
// each with its own byte order and interfaces.
type pcapng struct {
	numbered bool // the section is a shared incident: packets carry their original numbers
	reader   *Reader
	big      bool
	faces    []face // of the current section
	base     int    // index in Info.Interfaces of faces[0]
	lost     bool   // looking for the next block after damage
	lostAt   int64  // where the damage began
	begun    bool   // a section header was read
}

// face is what is needed of an interface for each of its packets.
type face struct {
	linkType LinkType
	known    bool // false beyond the number of interfaces that are kept
	snap     int  // bytes; 0 no limit
	fcs      int  // bytes of frame check sequence at the end of each frame
	clock    clock
	last     int64 // ns; time of its last packet
	timed    bool  // last is set
}

// Block types. Packet blocks of type 2 are obsolete and still met.
const (
	blockSection    = 0x0a0d0d0a
	blockInterface  = 1
	blockOldPacket  = 2
	blockSimple     = 3
	blockNames      = 4
	blockStatistics = 5
	blockEnhanced   = 6
	blockJournal    = 9
	blockSecrets    = 10
	blockCustom     = 0x0bad
	blockCustomKeep = 0x40000bad
)

const (
	byteOrderMagic = 0x1a2b3c4d
	blockMinimum   = 12 // type, length, length again
	// packetHeaderEnd is where the data begins in an enhanced packet block.
	packetHeaderEnd = 28
)

func (p *pcapng) u32(b []byte) uint32 {
	if p.big {
		return binary.BigEndian.Uint32(b)
	}
	return binary.LittleEndian.Uint32(b)
}

func (p *pcapng) u16(b []byte) uint16 {
	if p.big {
		return binary.BigEndian.Uint16(b)
	}
	return binary.LittleEndian.Uint16(b)
}

func (p *pcapng) u64(b []byte) uint64 {
	if p.big {
		return binary.BigEndian.Uint64(b)
	}
	return binary.LittleEndian.Uint64(b)
}

func (p *pcapng) scan(b []byte, offset int64, final bool) (took, need int) {
	for took < len(b) {
		var n int
		rest, at := b[took:], offset+int64(took)
		if p.lost {
			n, need = p.resync(rest, at, final)
		} else {
			n, need = p.block(rest, at, final)
		}
		took += n
		if need > 0 {
			return took, need
		}
	}
	if final && !p.begun {
		p.reader.failure = notCapture("pcapng-header")
	}
	return took, 0
}

// measure reads a block's type and its length, rounded up to whole words as
// some writers left it unrounded. It switches the byte order at a section.
func (p *pcapng) measure(b []byte) (kind uint32, length int, ok bool) {
	kind = p.u32(b)
	if kind == blockSection {
		switch uint32(byteOrderMagic) {
		case binary.BigEndian.Uint32(b[8:]):
			p.big = true
		case binary.LittleEndian.Uint32(b[8:]):
			p.big = false
		default:
			return kind, 0, false
		}
	}
	claimed := p.u32(b[4:])
	if claimed < p.minimum(kind) || claimed > maxRecord {
		return kind, int(min(claimed, 1<<30)), false
	}
	return kind, int(claimed+3) &^ 3, true
}

// minimum is the least length of a block of that type, in bytes.
func (p *pcapng) minimum(kind uint32) uint32 {
	switch kind {
	case blockSection:
		return 28
	case blockInterface:
		return 20
	case blockOldPacket, blockEnhanced:
		return 32
	case blockSimple:
		return 16
	case blockStatistics:
		return 24
	}
	return blockMinimum
}

// block reads one block. A packet's captured length is checked against its block
// as soon as the header is there: a block that claims megabytes for a small
// packet would otherwise swallow what follows it.
func (p *pcapng) block(b []byte, at int64, final bool) (took, need int) {
	if len(b) < blockMinimum {
		return p.endInside(b, at, final, blockMinimum)
	}
	kind, length, ok := p.measure(b)
	if !ok {
		return p.lose(at, lyingBlock(length))
	}
	if kind == blockEnhanced {
		if len(b) < packetHeaderEnd {
			return p.endInside(b, at, final, packetHeaderEnd)
		}
		if int64(p.u32(b[20:])) > int64(length-32) {
			return p.lose(at, packetBeyondBlock)
		}
	}
	if len(b) < length {
		return p.endInside(b, at, final, length)
	}
	if !p.trailer(b, length) {
		return p.wrongTrailer(b, at, final, kind, length)
	}
	p.take(kind, b[:length], at)
	return length, 0
}

// trailer checks the length repeated at the block's end.
func (p *pcapng) trailer(b []byte, length int) bool {
	repeated := p.u32(b[length-4:])
	return repeated == p.u32(b[4:]) || repeated == uint32(length)
}

// wrongTrailer handles a block whose two lengths differ: the first is right if
// another block follows it, otherwise neither can be trusted.
func (p *pcapng) wrongTrailer(b []byte, at int64, final bool, kind uint32, length int) (took, need int) {
	if len(b) < length+8 && !final {
		return 0, length + 8
	}
	follows := len(b) == length
	if len(b) >= length+8 {
		next := p.u32(b[length:])
		n := p.u32(b[length+4:])
		follows = known(next) && (next == blockSection || n >= p.minimum(next) && n <= maxRecord && n%4 == 0)
	}
	if !follows || p.endsAnother(b[:length]) {
		return p.lose(at, lengthsDiffer)
	}
	p.reader.damage(at, lengthsDiffer)
	p.take(kind, b[:length], at)
	return length, 0
}

// endsAnother reports whether the length at b's end is that of a smaller block
// which stands there whole: then b's own length swallowed it.
func (p *pcapng) endsAnother(b []byte) bool {
	n := int64(p.u32(b[len(b)-4:]))
	if n < blockMinimum || n >= int64(len(b)) {
		return false
	}
	inner := b[int64(len(b))-n:]
	return known(p.u32(inner)) && int64(p.u32(inner[4:])) == n
}

// endInside handles a block of which only b is there. The file may be cut, or
// the length lies and whole blocks stand inside what it claims.
func (p *pcapng) endInside(b []byte, at int64, final bool, need int) (int, int) {
	if !final {
		return 0, need
	}
	if len(b) > blockMinimum {
		if k, _ := p.search(b[1:], true); k >= 0 {
			return p.lose(at, lyingBlock(need))
		}
	}
	p.reader.damage(at, cutInside)
	return len(b), 0
}

// lose gives up the block at that offset; the search starts one byte on.
func (p *pcapng) lose(at int64, reason lang.Text) (took, need int) {
	p.reader.damage(at, reason)
	p.lost, p.lostAt = true, at
	return 1, 0
}

// take reads a whole block. Blocks of other types are for others.
func (p *pcapng) take(kind uint32, b []byte, at int64) {
	body := b[8 : len(b)-4]
	switch kind {
	case blockEnhanced:
		p.enhanced(body, at)
	case blockOldPacket:
		p.oldPacket(body, at)
	case blockSimple:
		p.simple(body, at)
	case blockSection:
		p.section(body)
	case blockInterface:
		p.describe(body)
	case blockNames:
		p.names(body)
	case blockStatistics:
		p.statistics(body)
	}
}

// section starts a new section: interfaces are numbered anew.
func (p *pcapng) section(body []byte) {
	p.begun = true
	p.faces = p.faces[:0]
	p.base = len(p.reader.info.Interfaces)
	p.numbered = false
	p.options(body[16:], func(code uint16, value []byte) {
		switch code {
		case optComment:
			p.reader.comment(value)
		case optApplication:
			p.numbered = string(value) == IncidentApplication
		}
	})
}
