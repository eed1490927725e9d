package ladder

import (
	"fmt"
	"sort"
	"strings"

	"pcaplain/analyzer/internal/lang"
)

const (
	// foldGroups is how many times something must repeat in a row to be folded.
	foldGroups = 3
	// foldPeriod is the longest exchange that is recognised as repeating.
	foldPeriod = 4
	// bulkRun is how many plain packets in a row are drawn before they fold.
	bulkRun = 5
	// bulkEdge is how many of them stay visible at either end.
	bulkEdge = 1
	// gapFloor and gapRatio: a silence is marked when it is longer than both, in
	// ns and against the median.
	gapFloor = 200 * lang.Millisecond
	gapRatio = 10
)

// signature is what must be equal for two rows to be the same again.
func (r *Row) signature() string {
	return fmt.Sprint(r.Kind, r.From, r.To, r.Class, r.Flags, r.Length, r.Repeated, r.Ignored, r.Lost)
}

// foldRepeats folds the middle of an exchange that repeats: the first and last
// time stand in full, the others lose their words but keep their arrows. A row
// with a callout is never hidden.
func foldRepeats(rows []Row) []Row {
	var out []Row
	for i := 0; i < len(rows); {
		period, times := repeats(rows[i:])
		if i > 0 && !begins(rows[i-1:], period) {
			period, times = 1, 1
		}
		if times < foldGroups+1 && !(times == foldGroups && period > 1) {
			out = append(out, rows[i])
			i++
			continue
		}
		inner := rows[i+period : i+period*(times-1)]
		if !plain(inner) {
			out = append(out, rows[i])
			i++
			continue
		}
		out = append(out, rows[i:i+period]...)
		out = append(out, again(inner, times-2))
		out = append(out, rows[i+period*(times-1):i+period*times]...)
		i += period * times
	}
	return out
}

// begins reports whether an exchange starts at rows[1]: no silence inside it is
// longer than the one before it.
func begins(rows []Row, period int) bool {
	before := rows[1].At - rows[0].At
	for i := 2; i <= period && i < len(rows); i++ {
		if rows[i].At-rows[i-1].At > before {
			return false
		}
	}
	return true
}

// repeats finds the shortest exchange at the head that repeats at once, and how
// many times it stands there. Plain data does not count: bulk folds are better.
func repeats(rows []Row) (period, times int) {
	for period = 1; period <= foldPeriod && period*foldGroups <= len(rows); period++ {
		if !tells(rows[:period]) {
			continue
		}
		for times = 1; (times+1)*period <= len(rows) && alike(rows[:period], rows[times*period:(times+1)*period]); times++ {
		}
		if times >= foldGroups {
			return period, times
		}
	}
	return 1, 1
}

// tells: at least one row of the exchange is more than plain data or its
// acknowledgement.
func tells(rows []Row) bool {
	if rows[0].Kind == RowHop {
		return false // a hop belongs to the packet before it
	}
	for i := range rows {
		r := &rows[i]
		if r.Kind != RowPacket && r.Kind != RowHop {
			return false
		}
		if r.Repeated || r.Ignored || r.Class == ClassReset || r.Class == ClassControl || r.Evidence {
			return true
		}
	}
	return false
}

func alike(a, b []Row) bool {
	for i := range a {
		if a[i].signature() != b[i].signature() {
			return false
		}
	}
	return true
}

func plain(rows []Row) bool {
	for i := range rows {
		if len(rows[i].Callouts) > 0 {
			return false
		}
	}
	return len(rows) > 0
}

func again(rows []Row, times int) Row {
	r := Row{Kind: RowFold, FoldStyle: "repeat", At: rows[0].At, Rows: rows, Window: -1}
	for i := range rows {
		if rows[i].Kind == RowPacket {
			r.Count++
		}
	}
	en := map[int]string{1: "once", 2: "twice", 3: "three times", 4: "four times", 5: "five times"}[times]
	if en == "" {
		en = fmt.Sprintf("%d times", times)
	}
	r.Label = lang.T("The same again, %s", "同样的过程又重复了 %[2]d 次", en, times)
	r.FoldFirst, r.FoldLast = rows[0].Number, rows[len(rows)-1].Number
	return r
}

// foldBulk folds long runs of plain data and acknowledgements.
func foldBulk(rows []Row) []Row {
	var out []Row
	for i := 0; i < len(rows); {
		j := i
		for j < len(rows) && rows[j].ordinary() {
			j++
		}
		if j-i <= bulkRun {
			if j == i {
				j++
			}
			out = append(out, rows[i:j]...)
			i = j
			continue
		}
		out = append(out, rows[i:i+bulkEdge]...)
		out = append(out, bulk(rows[i+bulkEdge:j-bulkEdge]))
		out = append(out, rows[j-bulkEdge:j]...)
		i = j
	}
	return out
}

func (r *Row) ordinary() bool {
	if r.Kind == RowFold && r.FoldStyle == "bulk" {
		return true
	}
	return r.Kind == RowPacket && (r.Class == ClassData || r.Class == ClassAck) && !r.Evidence && len(r.Callouts) == 0 &&
		!r.Repeated && !r.Ignored && !r.Lost && !strings.Contains(strings.Join(r.Tags, " "), "zero_window")
}

// bulk makes one line of many plain packets: how many went which way, and how
// many bytes.
func bulk(rows []Row) Row {
	r := Row{Kind: RowFold, FoldStyle: "bulk", At: rows[0].At, Rows: rows, From: rows[0].From, To: rows[0].To, Window: -1}
	data, bytes := map[int]int{}, map[int]int64{}
	for i := range rows {
		if rows[i].Kind == RowFold {
			r.Count += rows[i].Count
			continue
		}
		r.Count++
		r.FoldLast = rows[i].Number
		if r.FoldFirst == 0 {
			r.FoldFirst = rows[i].Number
		}
		if rows[i].Length > 0 {
			data[rows[i].From]++
			bytes[rows[i].From] += int64(rows[i].Length)
		}
	}
	r.Label = lang.T("%s of an ordinary exchange", "%s，均为正常往来", lang.Count(r.Count, "packet", "packets", "个包"))
	for from, n := range bytes {
		if len(data) == 1 {
			r.From = from
			r.Label = lang.T("%s of data and acknowledgements, %s", "%s的数据与确认，共 %s", lang.Count(r.Count, "packet", "packets", "个包"), lang.Bytes(n))
		}
	}
	return r
}

// withGaps puts a band where nothing was sent for long.
func (b *builder) withGaps(rows []Row) []Row {
	return b.gaps(rows, max(gapFloor, gapRatio*b.median()))
}

func (b *builder) gaps(rows []Row, floor int64) []Row {
	var out []Row
	last := int64(-1)
	for _, r := range rows {
		at := int64(r.At)
		if r.FoldStyle == "repeat" {
			r.Rows = b.gaps(r.Rows, floor)
		}
		if last >= 0 && at-last > floor && r.Kind != RowHop {
			out = append(out, b.gapRow(last, at, &r))
		}
		out = append(out, r)
		last = max(last, end(&r))
	}
	return out
}

func end(r *Row) int64 {
	last := int64(r.At)
	for i := range r.Rows {
		last = max(last, end(&r.Rows[i]))
	}
	return last
}

func (b *builder) median() int64 {
	var gaps []int64
	for i := 1; i < len(b.items); i++ {
		gaps = append(gaps, b.items[i].time-b.items[i-1].time)
	}
	if len(gaps) == 0 {
		return 0
	}
	sort.Slice(gaps, func(i, j int) bool { return gaps[i] < gaps[j] })
	return gaps[(len(gaps)-1)/2]
}

func (b *builder) gapRow(from, to int64, next *Row) Row {
	r := Row{Kind: RowGap, At: float64(from), Duration: float64(to - from), Window: -1}
	r.Label = lang.T("%s without a packet", "%s 没有包", lang.Duration(to-from))
	r.Reason = b.gapReason(next)
	return r
}

// gapReason is the finding's word for the silence, or what the packet that ends
// it betrays.
func (b *builder) gapReason(next *Row) lang.Text {
	if next.Kind == RowFold && len(next.Rows) > 0 {
		next = &next.Rows[0]
	}
	for _, g := range b.finding.Drawing.Gaps {
		if g.Packet == next.Number && next.Number > 0 {
			return g.Reason
		}
	}
	switch {
	case next.Kind == RowPacket && next.Repeated && strings.HasPrefix(next.Flags, "SYN-ACK"):
		return lang.Text{EN: "the SYN-ACK timer runs out", ZH: "SYN-ACK 定时器到期"}
	case next.Kind == RowPacket && next.Repeated && strings.HasPrefix(next.Flags, "SYN"):
		return lang.Text{EN: "the SYN timer runs out", ZH: "SYN 定时器到期"}
	case next.Kind == RowPacket && next.Repeated:
		return lang.Text{EN: "the retransmission timer runs out", ZH: "重传定时器到期"}
	}
	return lang.Text{}
}
