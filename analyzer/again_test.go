package analyzer_test

import (
	"slices"
	"testing"

	"pcaplain/analyzer"
)

// TestAgain reads a long conversation a second time: its ladder then shows every
// packet, and the survey's findings stay.
func TestAgain(t *testing.T) {
	data, _ := generate(shape{"long", 500, 65535, 3000, 1}, 1_000_000)
	a := analyseBytes(t, "long", data)
	before := a.ConversationLadder(0)
	if a.Report().Conversations[0].Packets < 1000 || countRows(before.Rows) > 600 {
		t.Fatalf("%d packets, %d rows: the survey should have left most of them out", a.Report().Conversations[0].Packets, countRows(before.Rows))
	}
	again := a.Again(0)
	for chunk := range slices.Chunk(data, 100_000) {
		if err := again.Feed(chunk); err != nil {
			t.Fatal(err)
		}
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	after := a.ConversationLadder(0)
	if got, want := countRows(after.Rows), min(a.Report().Conversations[0].Packets, 4000); got != want {
		t.Errorf("after the second read the ladder has %d packets, want %d", got, want)
	}
}

func countRows(rows []analyzer.Row) int {
	n := 0
	for i := range rows {
		if rows[i].Kind == "packet" {
			n++
		}
		n += countRows(rows[i].Rows)
	}
	return n
}
