package capture

import (
	"encoding/binary"
)

// known reports whether blocks of that type are defined. Unknown ones are
// skipped where they stand, but a search does not believe them.
func known(kind uint32) bool {
	switch kind {
	case blockSection, blockInterface, blockOldPacket, blockSimple, blockNames, blockStatistics,
		blockEnhanced, blockJournal, blockSecrets, blockCustom, blockCustomKeep:
		return true
	}
	return false
}

// resync looks for the next block after damage.
func (p *pcapng) resync(b []byte, at int64, final bool) (took, need int) {
	k, need := p.search(b, final)
	if k >= 0 {
		p.lost = false
		p.reader.resumed(p.lostAt, at+int64(k))
		return k, 0
	}
	if final {
		return len(b), 0
	}
	return ^k, need
}

// search finds the first offset at which a chain of whole blocks begins.
// Without one it returns the complement of the first offset it could not
// decide, and how much it must see from there.
func (p *pcapng) search(b []byte, final bool) (k, need int) {
	for k = 0; k+blockMinimum <= len(b); k++ {
		if !known(p.u32(b[k:])) {
			continue
		}
		ok, need := p.chain(b[k:], final)
		if ok {
			return k, 0
		}
		if need > 0 {
			return ^k, need
		}
	}
	return ^min(k, len(b)), blockMinimum
}

// chain follows blocks from b on, each of a known type and with equal lengths at
// both ends. Two of them leave no doubt, or one that ends the file.
func (p *pcapng) chain(b []byte, final bool) (ok bool, need int) {
	end, big := 0, p.big
	for n := range 2 {
		if end+blockMinimum > len(b) {
			if !final {
				return false, end + blockMinimum
			}
			return n > 0, 0
		}
		length := 0
		if length, big = p.candidate(b[end:], big); length == 0 {
			return false, 0
		}
		if end+length > len(b) {
			if !final {
				return false, end + length
			}
			return n > 0, 0
		}
		if !p.sameLengths(b[end : end+length]) {
			return false, 0
		}
		end += length
	}
	return true, 0
}

// candidate returns the length of the block that could begin here, 0 for none,
// and the byte order from there on, which a section header may change.
func (p *pcapng) candidate(b []byte, big bool) (int, bool) {
	kind := ordered(big).Uint32(b)
	if kind == blockSection {
		big = binary.BigEndian.Uint32(b[8:]) == byteOrderMagic
	}
	length := ordered(big).Uint32(b[4:])
	if !known(kind) || length%4 != 0 || length < p.minimum(kind) || length > chainRecord {
		return 0, big
	}
	return int(length), big
}

func (p *pcapng) sameLengths(b []byte) bool {
	return binary.BigEndian.Uint32(b[4:]) == binary.BigEndian.Uint32(b[len(b)-4:])
}

func ordered(big bool) binary.ByteOrder {
	if big {
		return binary.BigEndian
	}
	return binary.LittleEndian
}
