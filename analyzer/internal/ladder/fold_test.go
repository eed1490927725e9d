package ladder

import (
	"testing"

	"pcaplain/analyzer/internal/lang"
)

// row is a packet at a time in ms.
func row(number int, ms float64, from, to int, class, flags string, change ...func(*Row)) Row {
	r := Row{Kind: RowPacket, Number: number, At: ms * float64(lang.Millisecond), From: from, To: to, Class: class, Flags: flags}
	for _, f := range change {
		f(&r)
	}
	return r
}

func repeated(r *Row) { r.Repeated = true }

func called(n int) func(*Row) { return func(r *Row) { r.Callouts = []int{n} } }

func carrying(n int) func(*Row) { return func(r *Row) { r.Length = n } }

// ladder of a server that repeats its SYN-ACK n times, each acknowledged.
func synackLadder(n int, change ...func(int, *Row)) []Row {
	var rows []Row
	at := 0.0
	for i := range n {
		at += float64(int(1000) << i)
		rows = append(rows, row(4+2*i, at, 1, 0, ClassControl, "SYN-ACK", repeated), row(5+2*i, at+1, 0, 1, ClassAck, "ACK"))
		for _, f := range change {
			f(i, &rows[len(rows)-2])
		}
	}
	return rows
}

func TestFoldRepeats(t *testing.T) {
	got := foldRepeats(synackLadder(5))
	if len(got) != 5 || got[2].Kind != RowFold || got[2].FoldStyle != "repeat" || len(got[2].Rows) != 6 || got[2].Count != 6 {
		t.Fatalf("%d rows, the third %+v; want first pair, a fold of three pairs, last pair", len(got), got[2])
	}
	if got[2].Label.EN != "The same again, three times" || got[2].FoldFirst != 6 || got[2].FoldLast != 11 {
		t.Errorf("fold says %q of #%d to #%d", got[2].Label.EN, got[2].FoldFirst, got[2].FoldLast)
	}
}

func TestFoldKeepsCallouts(t *testing.T) {
	rows := synackLadder(5, func(i int, r *Row) {
		if i == 2 {
			r.Callouts = []int{3}
		}
	})
	seen := false
	for _, r := range foldRepeats(rows) {
		seen = seen || len(r.Callouts) > 0
	}
	if !seen {
		t.Error("the packet with the callout is hidden in a fold")
	}
}

func TestFoldNeedsRepetition(t *testing.T) {
	if got := foldRepeats(synackLadder(2)); len(got) != 4 {
		t.Errorf("two rounds became %d rows, want all four", len(got))
	}
}

func TestFoldBulk(t *testing.T) {
	rows := []Row{row(1, 0, 0, 1, ClassControl, "SYN")}
	for i := range 20 {
		rows = append(rows, row(2+i, float64(i), 1, 0, ClassData, "ACK", carrying(1000)))
	}
	rows = append(rows, row(30, 40, 0, 1, ClassReset, "RST", called(1)))
	got := foldBulk(rows)
	if len(got) != 5 || got[2].FoldStyle != "bulk" || got[2].Count != 18 || got[2].From != 1 {
		t.Fatalf("%d rows, the third %+v; want SYN, data, 18 folded, data, RST", len(got), got[2])
	}
	if got[2].Label.EN != "18 packets of data and acknowledgements, 18 kB" {
		t.Errorf("the fold says %q", got[2].Label.EN)
	}
}

func TestFoldBulkKeepsWhatTells(t *testing.T) {
	rows := []Row{}
	for i := range 12 {
		r := row(1+i, float64(i), 1, 0, ClassData, "ACK", carrying(1000))
		r.Evidence = i == 6
		rows = append(rows, r)
	}
	for _, r := range foldBulk(rows) {
		if r.Number == 7 {
			return
		}
	}
	t.Error("the packet that is evidence is folded away")
}

func TestGaps(t *testing.T) {
	b := &builder{items: []item{{time: 0}, {time: 1}, {time: 2}}}
	b.finding = emptyFinding()
	rows := []Row{row(1, 0, 0, 1, ClassControl, "SYN"), row(2, 1000, 0, 1, ClassControl, "SYN", repeated), row(3, 1150, 1, 0, ClassControl, "SYN-ACK")}
	got := b.withGaps(rows)
	if len(got) != 4 || got[1].Kind != RowGap {
		t.Fatalf("%d rows; want one gap, before the repeated SYN", len(got))
	}
	if got[1].Label.EN != "1 s without a packet" || got[1].Reason.EN != "the SYN timer runs out" || got[1].Duration != 1e9 {
		t.Errorf("gap %q, %q, %g ns", got[1].Label.EN, got[1].Reason.EN, got[1].Duration)
	}
}
