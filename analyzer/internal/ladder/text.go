package ladder

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"pcaplain/analyzer/internal/lang"
)

// textWidth is the width of one interval between two lanes in characters.
const textWidth = 34

// textGutter is the width of number and time before the first lane.
const textGutter = 20

// Text draws the ladder with characters, for a terminal or a ticket.
func (l *Ladder) Text(language string) string {
	w := &textWriter{ladder: l, language: language}
	w.heads()
	w.rows(l.Rows)
	w.feet()
	return w.out.String()
}

type textWriter struct {
	ladder   *Ladder
	language string
	out      strings.Builder
}

// line writes gutter, lanes, and what is drawn over the lanes.
func (w *textWriter) line(gutter string, over string) {
	w.out.WriteString(strings.TrimRight(pad(gutter, textGutter)+over, " ") + "\n")
}

// head fills one lane's column; what is wider still keeps clear of the next.
func head(s string) string {
	if columns(s) >= textWidth {
		return s + "  "
	}
	return pad(s, textWidth)
}

func pad(s string, width int) string {
	if n := columns(s); n < width {
		return s + strings.Repeat(" ", width-n)
	}
	return s
}

// columns is how many terminal columns a text takes: Han characters and
// full-width punctuation take two.
func columns(s string) int {
	n := 0
	for _, r := range s {
		if r >= 0x2E80 {
			n++
		}
		n++
	}
	return n
}

func (w *textWriter) heads() {
	var address, role strings.Builder
	for i := range w.ladder.Lanes {
		l := &w.ladder.Lanes[i]
		name := l.Address
		if l.Port > 0 {
			name = l.ID
		}
		address.WriteString(head(name))
		note := l.Role.In(w.language)
		if l.CapturedHere {
			note += lang.Text{EN: ", captured here", ZH: "，在此抓包"}.In(w.language)
		}
		role.WriteString(head(note))
	}
	w.line("", role.String())
	w.line("", address.String())
}

func (w *textWriter) feet() {
	var feet strings.Builder
	for i := range w.ladder.Lanes {
		feet.WriteString(head(w.ladder.Lanes[i].Foot.In(w.language)))
	}
	w.line("", feet.String())
}

func (w *textWriter) rows(rows []Row) {
	for i := range rows {
		r := &rows[i]
		switch r.Kind {
		case RowPacket:
			w.packet(r)
		case RowGap:
			w.line("", fmt.Sprintf("~~~ %s  %s", r.Label.In(w.language), r.Reason.In(w.language)))
		case RowEvent:
			w.line("", w.bars()+"")
			w.line("   -", fmt.Sprintf("<> %s: %s  %s", w.laneName(r.Lane), r.Label.In(w.language), r.Reason.In(w.language)))
		case RowHop:
			w.arrow("", r, lang.Text{EN: "(inferred)", ZH: "（推断）"}.In(w.language), '.')
		case RowFold:
			w.line("", "··· "+r.Label.In(w.language))
		}
	}
}

func (w *textWriter) laneName(i int) string {
	if i < 0 || i >= len(w.ladder.Lanes) {
		return ""
	}
	return w.ladder.Lanes[i].ID
}

func (w *textWriter) bars() string {
	return strings.Repeat(pad("|", textWidth), len(w.ladder.Lanes))
}

func (w *textWriter) packet(r *Row) {
	w.arrow(fmt.Sprintf("%5d %12.6f ", r.Number, r.At/1e9), r, label(r), stroke(r))
}

func stroke(r *Row) rune {
	if r.Repeated {
		return '='
	}
	return '-'
}

func label(r *Row) string {
	s := r.Flags
	if r.Seq != "" {
		s += " seq " + r.Seq
	}
	if r.Ack != "" {
		s += " ack " + r.Ack
	}
	if r.Length > 0 {
		s += fmt.Sprintf(" len %d", r.Length)
	}
	if !r.Detail.Empty() {
		s += " " + r.Detail.EN
	}
	return s
}

// arrow draws one arrow with its label inside and its notes behind.
func (w *textWriter) arrow(gutter string, r *Row, label string, with rune) {
	cells := []rune(w.bars())
	left, right := min(r.From, r.To)*textWidth, max(r.From, r.To)*textWidth
	if left == right {
		w.line(gutter, string(cells[:left])+"o "+label+lang.Text{EN: " (to itself)", ZH: "（发给自己）"}.In(w.language))
		return
	}
	for i := left + 1; i < right; i++ {
		cells[i] = with
	}
	tip := '>'
	if r.Class == ClassReset {
		tip = 'X'
	} else if r.Ignored {
		tip = ')'
		if r.To < r.From {
			tip = '('
		}
	} else if r.To < r.From {
		tip = '<'
	}
	if r.To > r.From {
		cells[right-1] = tip
	} else {
		cells[left+1] = tip
	}
	at := left + 3
	for i, c := range []rune(" " + clip(label, right-left-6) + " ") {
		cells[at+i] = c
	}
	w.line(gutter, strings.TrimRight(string(cells), " ")+w.remarks(r))
}

func clip(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:max(most, 0)])
}

func (w *textWriter) remarks(r *Row) string {
	var said []string
	for _, n := range r.Callouts {
		said = append(said, fmt.Sprintf("(%d)", n))
	}
	if r.Repeated {
		said = append(said, lang.Text{EN: "sent again", ZH: "重传"}.In(w.language))
	}
	for _, t := range []lang.Text{r.SenderNote, r.ReceiverNote} {
		if !t.Empty() {
			said = append(said, t.In(w.language))
		}
	}
	if len(said) == 0 {
		return ""
	}
	return "  " + strings.Join(said, lang.Text{EN: "; ", ZH: "；"}.In(w.language))
}
