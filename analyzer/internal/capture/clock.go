package capture

import (
	"math"
	"math/bits"

	"pcaplain/analyzer/internal/lang"
)

// clock turns an interface's ticks into nanoseconds since the epoch.
type clock struct {
	binary   bool  // a tick is 2^-exponent seconds, otherwise 10^-exponent
	exponent uint8 // at most 63, or 19 when decimal
	offset   int64 // seconds to add
}

var (
	microseconds = clock{exponent: 6}
	nanoseconds  = clock{exponent: 9}
)

// set takes the if_tsresol byte: bit 7 chooses the base. It returns false, and
// leaves the clock alone, for exponents that 64 bits of ticks cannot bear.
func (c *clock) set(v byte) bool {
	exponent, binary := v&0x7f, v&0x80 != 0
	if binary && exponent > 63 || !binary && exponent > 19 {
		return false
	}
	c.exponent, c.binary = exponent, binary
	return true
}

// perSecond is the number of ticks in a second, capped to what an int64 holds.
func (c *clock) perSecond() int64 {
	if c.binary {
		if c.exponent > 62 {
			return math.MaxInt64
		}
		return 1 << c.exponent
	}
	return int64(min(pow10(c.exponent), math.MaxInt64))
}

func pow10(n uint8) uint64 {
	v := uint64(1)
	for range n {
		v *= 10
	}
	return v
}

// nanoseconds converts, rounding down, and stops at the ends of the int64 range.
func (c *clock) nanoseconds(ticks uint64) int64 {
	if c.offset == 0 && !c.binary {
		switch c.exponent { // the two every capture has
		case 9:
			return int64(min(ticks, math.MaxInt64))
		case 6:
			if ticks < math.MaxInt64/1000 {
				return int64(ticks) * 1000
			}
		}
	}
	var seconds, nanos uint64
	if c.binary {
		seconds = ticks >> c.exponent
		hi, lo := bits.Mul64(ticks&(1<<c.exponent-1), uint64(lang.Second))
		nanos = lo >> c.exponent
		if c.exponent > 0 {
			nanos |= hi << (64 - c.exponent)
		}
	} else {
		unit := pow10(c.exponent)
		seconds = ticks / unit
		hi, lo := bits.Mul64(ticks%unit, uint64(lang.Second))
		nanos, _ = bits.Div64(hi, lo, unit)
	}
	return joinTime(seconds, c.offset, int64(nanos))
}

// joinTime adds up, saturating.
func joinTime(seconds uint64, offset, nanos int64) int64 {
	const most int64 = math.MaxInt64/lang.Second - 1
	s := int64(min(seconds, uint64(most)))
	switch {
	case offset > most-s:
		s = most
	case offset < -most:
		s = -most
	default:
		s += offset
	}
	return max(s, -most)*lang.Second + nanos
}
