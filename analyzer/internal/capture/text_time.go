package capture

import (
	"strconv"
	"strings"
	"time"

	"pcaplain/analyzer/internal/lang"
)

// stampKind says what a listing's time is counted from.
type stampKind uint8

const (
	stampNone  stampKind = iota
	stampClock           // time of day
	stampDate            // date and time of day
	stampEpoch           // since 1970
	stampSpan            // since the first packet, or since the one before
)

// stamp is a time as printed.
type stamp struct {
	kind stampKind
	ns   int64
	end  int // where it ends in the line
}

// findStamp finds the first time in s.
func findStamp(s string) stamp {
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) || i > 0 && (isDigit(s[i-1]) || isHex(s[i-1]) || s[i-1] == ':' || s[i-1] == '_' || s[i-1] == '.' && i > 1 && isDigit(s[i-2])) {
			continue
		}
		if ns, n := clockTime(s[i:]); n > 0 {
			if seconds := findSeconds(s[:i]); seconds.kind != stampNone {
				return seconds
			}
			st := stamp{stampClock, ns, i + n}
			if i > 0 && s[i-1] == '-' && strings.TrimSpace(s[:i-1]) == "" { // -ttt of packets out of order
				st.ns = -ns
			}
			if day, ok := dateBefore(s[:i]); ok {
				st.kind, st.ns = stampDate, day+ns
			}
			return st
		}
	}
	return findSeconds(s)
}

// clockTime reads HH:MM:SS and a fraction from the start of s.
func clockTime(s string) (ns int64, n int) {
	hours, n := digits(s)
	if n == 0 || n > 2 || n >= len(s) || s[n] != ':' {
		return 0, 0
	}
	at := n + 1
	minutes, n := digits(s[at:])
	if n != 2 || at+2 >= len(s) || s[at+2] != ':' {
		return 0, 0
	}
	at += 3
	seconds, n := digits(s[at:])
	if n != 2 || hours > 23 || minutes > 59 || seconds > 60 {
		return 0, 0
	}
	at += 2
	fraction, n := fractionOf(s[at:])
	at += n
	if at < len(s) && s[at] == ':' { // a MAC address
		return 0, 0
	}
	return hours*lang.Hour + minutes*lang.Minute + seconds*lang.Second + fraction, at
}

// fractionOf reads ".digits" as nanoseconds; some locales print a comma.
func fractionOf(s string) (ns int64, n int) {
	if len(s) < 2 || s[0] != '.' && s[0] != ',' || !isDigit(s[1]) {
		return 0, 0
	}
	unit := int64(lang.Second / 10)
	for n = 1; n < len(s) && isDigit(s[n]); n++ {
		ns += int64(s[n]-'0') * unit
		unit /= 10
	}
	return ns, n
}

// digits reads a number from the start of s; n is 0 without one or when it is
// longer than any number of a listing.
func digits(s string) (v int64, n int) {
	for n < len(s) && isDigit(s[n]) {
		if n == 18 {
			return 0, 0
		}
		v = v*10 + int64(s[n]-'0')
		n++
	}
	return v, n
}

// dateBefore reads the date that ends s: 2020-11-18, 2020/11/18 or Nov 18, 2020.
func dateBefore(s string) (ns int64, ok bool) {
	fields := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" \t\",|;[](T", r) })
	if n := len(fields); n > 0 {
		for _, layout := range [...]string{"2006-01-02", "2006/01/02", "2006-1-2", "2006/1/2"} {
			if t, err := time.Parse(layout, fields[n-1]); err == nil {
				return t.UnixNano(), true
			}
		}
		if n >= 3 && len(fields[n-3]) >= 3 {
			text := fields[n-3][:3] + " " + fields[n-2] + " " + fields[n-1]
			if t, err := time.Parse("Jan 2 2006", text); err == nil {
				return t.UnixNano(), true
			}
		}
	}
	return 0, false
}

// findSeconds finds a time in seconds: since 1970 when it is that large,
// otherwise since the capture's beginning.
func findSeconds(s string) stamp {
	at := 0
	for _, f := range strings.FieldsFunc(s, separates) {
		at += strings.Index(s[at:], f) + len(f)
		whole, fraction, ok := strings.Cut(f, ".")
		if !ok || len(fraction) < 3 || len(fraction) > 9 {
			continue
		}
		seconds, err := strconv.ParseUint(whole, 10, 33)
		ns, n := fractionOf(f[len(whole):])
		if err != nil || n != 1+len(fraction) {
			continue
		}
		st := stamp{stampSpan, int64(seconds)*lang.Second + ns, at}
		const year1990 = 631_152_000
		if seconds > year1990 {
			st.kind = stampEpoch
		}
		return st
	}
	return stamp{}
}

// separates reports what stands between the columns of a packet list, in tables
// and in comma-separated exports, too.
func separates(r rune) bool { return strings.ContainsRune(" \t\",|;", r) }

// calendar turns printed times into one line of time. Times of day go on from
// the first of January 1970; one that falls back by more than an hour is past
// midnight, or of another listing, and adds a day.
type calendar struct {
	last  stamp
	begun bool
	day   int64 // ns added to times of day
	sum   int64 // ns; of the deltas
	delta bool  // times count from the packet before
}

func (c *calendar) time(s stamp) int64 {
	if c.delta && (s.kind == stampClock || s.kind == stampSpan) {
		c.sum += s.ns
		return c.sum
	}
	const fallBack, fullDay = lang.Hour, 24 * lang.Hour
	if c.begun && s.kind == stampClock && c.last.kind == stampClock && s.ns < c.last.ns-fallBack {
		c.day += fullDay
	}
	c.last, c.begun = s, true
	if s.kind == stampClock {
		return c.day + s.ns
	}
	return s.ns
}
