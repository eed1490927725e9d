package lang

import (
	"fmt"
	"strconv"
	"strings"
)

// Units in nanoseconds, the product's unit of time.
const (
	Microsecond = int64(1000)
	Millisecond = 1000 * Microsecond
	Second      = 1000 * Millisecond
	Minute      = 60 * Second
	Hour        = 60 * Minute
)

// Duration spells a length of time in nanoseconds as a person would say it:
// "15 µs", "1.04 s", "13 min 22 s". Symbols up to milliseconds, words for
// seconds and longer in Chinese. Negative lengths keep their sign.
func Duration(ns int64) Text {
	if ns < 0 {
		t := Duration(-ns)
		return Text{EN: "-" + t.EN, ZH: "-" + t.ZH}
	}
	switch {
	case ns < Microsecond:
		return Same(fmt.Sprintf("%d ns", ns))
	case ns < Millisecond:
		return Same(fmt.Sprintf("%d µs", ns/Microsecond))
	case ns < Second:
		return Same(significant(float64(ns)/float64(Millisecond)) + " ms")
	case ns < Minute:
		s := significant(float64(ns) / float64(Second))
		return Text{EN: s + " s", ZH: s + " 秒"}
	case ns < Hour:
		return twoUnits(ns, Minute, "min", "分", Second, "s", "秒")
	}
	return twoUnits(ns, Hour, "h", "小时", Minute, "min", "分")
}

func twoUnits(ns, big int64, bigEN, bigZH string, small int64, smallEN, smallZH string) Text {
	rounded := (ns + small/2) / small * small
	b, s := rounded/big, rounded%big/small
	if s == 0 {
		return T("%d %s", "%[1]d %[3]s", b, bigEN, bigZH)
	}
	return Text{
		EN: fmt.Sprintf("%d %s %d %s", b, bigEN, s, smallEN),
		ZH: fmt.Sprintf("%d %s %d %s", b, bigZH, s, smallZH),
	}
}

// significant prints three significant figures without trailing zeros after
// the point.
func significant(v float64) string {
	decimals := 2
	if v >= 100 {
		decimals = 0
	} else if v >= 10 {
		decimals = 1
	}
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// Bytes spells a count of bytes: exact below 10,000 ("106 bytes"), then in
// kB, MB and GB of powers of ten.
func Bytes(n int64) Text {
	switch {
	case n == 1:
		return Text{EN: "1 byte", ZH: "1 字节"}
	case n < 10_000:
		return T("%s bytes", "%s 字节", Number(n))
	case n < 1_000_000:
		return Same(significant(float64(n)/1e3) + " kB")
	case n < 1_000_000_000:
		return Same(significant(float64(n)/1e6) + " MB")
	}
	return Same(significant(float64(n)/1e9) + " GB")
}

// Count spells a number of things; one and many are the English words for one
// and for several, zh is the Chinese measure word and noun ("个连接").
func Count(n int, one, many, zh string) Text {
	word := many
	if n == 1 {
		word = one
	}
	return T("%s %s", "%[1]s %[3]s", Number(int64(n)), word, zh)
}

// Times says how often: "once", "twice", "5 times" / "1 次".
func Times(n int) Text {
	zh := fmt.Sprintf("%d 次", n)
	switch n {
	case 1:
		return Text{EN: "once", ZH: zh}
	case 2:
		return Text{EN: "twice", ZH: zh}
	}
	return Text{EN: fmt.Sprintf("%d times", n), ZH: zh}
}

// Number groups the digits of a whole number by thousands: "61,204".
func Number(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Percent spells a share of one in percent with at most one decimal, "0.02 %"
// below a tenth.
func Percent(share float64) string {
	v := share * 100
	if v > 0 && v < 0.1 {
		return strconv.FormatFloat(v, 'f', 2, 64) + " %"
	}
	s := strconv.FormatFloat(v, 'f', 1, 64)
	return strings.TrimSuffix(s, ".0") + " %"
}
