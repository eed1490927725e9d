package capture

import "pcaplain/analyzer/internal/lang"

const (
	// chainLength is how many plausible records in a row end a search. Eight were
	// right in all of 8,000 tries on real captures.
	chainLength = 8
	// chainSpan bounds the look ahead, in bytes: a chain that spans more is
	// believed with chainEnough records.
	chainSpan   = 1 << 20
	chainEnough = 3
	// chainRecord is the largest record a search believes, in bytes, whatever the
	// snap length: it bounds how far a search must look ahead.
	chainRecord = 1 << 20
	// nearby is how far apart in time, in ns, records of one capture can be for
	// a search to believe the next.
	nearby = 400 * 24 * lang.Hour
)

// possible reports whether a record header could follow in this capture, whose
// writer may have got the length on the wire wrong throughout.
func (p *pcap) possible(h pcapRecord) bool {
	units := uint32(1_000_000)
	if p.nano {
		units = 1_000_000_000
	}
	if h.fraction >= units || h.captured == 0 || int(h.captured) > min(p.limit, chainRecord) || h.wire > maxRecord {
		return false
	}
	distance := p.time(h) - p.last
	return p.last == 0 || -nearby < distance && distance < nearby
}

// plausible is what a search believes.
func (p *pcap) plausible(h pcapRecord) bool { return p.possible(h) && h.captured <= h.wire }

// resync looks for the next record after damage.
func (p *pcap) resync(b []byte, at int64, final bool) (took, need int) {
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

// search finds the first offset at which a chain of plausible records begins.
// Without one it returns the complement of the first offset it could not
// decide, and how much it must see from there.
func (p *pcap) search(b []byte, final bool) (k, need int) {
	for k = 0; k+p.headerSize <= len(b); k++ {
		if !p.plausible(p.header(b[k:])) {
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
	return ^min(k, len(b)), p.headerSize
}

// chain follows records from b on. need > 0: it must see that much to tell.
func (p *pcap) chain(b []byte, final bool) (ok bool, need int) {
	end := 0
	for n := range chainLength {
		if n >= chainEnough && end > chainSpan {
			return true, 0
		}
		if end == len(b) && final {
			return n > 0, 0
		}
		if end+p.headerSize > len(b) {
			if !final {
				return false, end + p.headerSize
			}
			return n >= chainEnough, 0
		}
		h := p.header(b[end:])
		if !p.plausible(h) {
			return false, 0
		}
		end += p.headerSize + int(h.captured)
	}
	return true, 0
}
