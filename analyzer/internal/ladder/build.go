package ladder

import (
	"sort"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/packet"
	"pcaplain/analyzer/internal/scenario"
)

// mostRows bounds the packets of one ladder that are laid out; what is beyond
// stands as a fold and is asked for.
const mostRows = 4000

// OfFinding lays out a finding: index is its place in the report. A grouped
// finding shows its first member.
func OfFinding(set *conversation.Set, f *scenario.Finding, index int) *Ladder {
	if len(f.Members) > 0 {
		f = f.Members[0]
	}
	var convs []*conversation.Conversation
	for _, id := range f.Conversations {
		convs = append(convs, set.Conversations[id])
	}
	b := newBuilder(set, convs, f)
	b.ladder.Finding = index
	return b.build()
}

// OfConversation lays out one conversation without a finding.
func OfConversation(set *conversation.Set, c *conversation.Conversation) *Ladder {
	b := newBuilder(set, []*conversation.Conversation{c}, &scenario.Finding{})
	b.ladder.Finding = -1
	return b.build()
}

// builder collects the parts of one ladder.
type builder struct {
	set     *conversation.Set
	convs   []*conversation.Conversation
	finding *scenario.Finding
	ladder  *Ladder
	start   int64 // ns of row time 0
	lanes   laneTable
	items   []item
	marks   map[int]*scenario.Mark
	proof   map[int]bool
	calls   map[int][]int
	first   map[seriesKey]int // packet number that first sent a sequence number
}

type seriesKey struct {
	conversation int
	from         conversation.Side
	seq          uint32
	syn          bool
}

// item is one thing that happened, before folding.
type item struct {
	time    int64
	number  int
	c       *conversation.Conversation // nil for ICMP and events
	at      int                        // index into c.Segments
	skipped int                        // packets left out before it
	icmp    *conversation.ICMP
	event   *scenario.Event
}

func newBuilder(set *conversation.Set, convs []*conversation.Conversation, f *scenario.Finding) *builder {
	b := &builder{set: set, convs: convs, finding: f, ladder: &Ladder{}, marks: map[int]*scenario.Mark{},
		proof: map[int]bool{}, first: map[seriesKey]int{}}
	for i := range f.Drawing.Marks {
		b.marks[f.Drawing.Marks[i].Packet] = &f.Drawing.Marks[i]
	}
	for _, e := range f.Evidence {
		b.proof[e.Packet] = true
	}
	b.calls = callouts(f.Story)
	return b
}

// callouts gives each sentence its circle: at its first packet that has none
// yet, so that neighbouring sentences do not pile up on one arrow.
func callouts(story []scenario.Sentence) map[int][]int {
	out := map[int][]int{}
	for i, s := range story {
		if len(s.Packets) == 0 {
			continue
		}
		at := s.Packets[0]
		for _, p := range s.Packets {
			if len(out[p]) == 0 {
				at = p
				break
			}
		}
		out[at] = append(out[at], i+1)
	}
	return out
}

func (b *builder) build() *Ladder {
	b.collect()
	b.time()
	b.makeLanes()
	rows := b.rows()
	rows = foldRepeats(rows)
	rows = foldBulk(rows)
	b.ladder.Rows = b.withGaps(rows)
	b.states()
	b.timers()
	b.feet()
	b.title()
	return b.ladder.whole()
}

// whole replaces lists that hold nothing by empty ones, as the page expects.
func (l *Ladder) whole() *Ladder {
	l.Rows = wholeRows(l.Rows)
	if l.Lanes == nil {
		l.Lanes = []Lane{}
	}
	if l.States == nil {
		l.States = []State{}
	}
	if l.Timers == nil {
		l.Timers = []Timer{}
	}
	return l
}

func wholeRows(rows []Row) []Row {
	if rows == nil {
		return []Row{}
	}
	for i := range rows {
		r := &rows[i]
		r.Rows = wholeRows(r.Rows)
		if r.Callouts == nil {
			r.Callouts = []int{}
		}
		if r.Tags == nil {
			r.Tags = []string{}
		}
	}
	return rows
}

// collect merges the conversations' packets, the ICMP errors about them and the
// finding's computed events in the order of the file.
func (b *builder) collect() {
	for _, c := range b.convs {
		b.ladder.Conversations = append(b.ladder.Conversations, c.ID)
		b.ladder.Packets += c.Packets
		for i := range c.Segments {
			s := &c.Segments[i]
			if s.IsCopy() && !b.proof[int(s.Number)] {
				continue
			}
			b.items = append(b.items, item{time: s.Time, number: int(s.Number), c: c, at: i, skipped: int(s.Skipped)})
		}
		for _, i := range c.ICMP {
			m := &b.set.ICMP[i]
			b.items = append(b.items, item{time: m.Time, number: int(m.Number), icmp: m})
		}
	}
	sort.SliceStable(b.items, func(i, j int) bool { return b.items[i].number < b.items[j].number })
	for i := range b.finding.Drawing.Events {
		b.insert(&b.finding.Drawing.Events[i])
	}
	if len(b.items) > mostRows {
		b.items = b.thin()
	}
}

func (b *builder) insert(e *scenario.Event) {
	at := sort.Search(len(b.items), func(i int) bool { return b.items[i].time > e.Time })
	b.items = append(b.items, item{})
	copy(b.items[at+1:], b.items[at:])
	b.items[at] = item{time: e.Time, event: e}
}

// thin leaves out plain packets of a long ladder until it fits: what carries a
// callout or is evidence stays, and the beginning.
func (b *builder) thin() []item {
	out := make([]item, 0, mostRows)
	skipped := 0
	for i, it := range b.items {
		if i < mostRows/2 || b.proof[it.number] || len(b.calls[it.number]) > 0 || it.event != nil || i >= len(b.items)-mostRows/4 {
			it.skipped += skipped
			skipped = 0
			out = append(out, it)
			continue
		}
		skipped += 1 + it.skipped
	}
	return out
}

func (b *builder) time() {
	if len(b.items) == 0 {
		return
	}
	b.start = b.items[0].time
	for _, it := range b.items {
		b.start = min(b.start, it.time)
	}
	b.ladder.StartSeconds = float64(b.start / lang.Second)
	b.ladder.StartNanos = int(b.start % lang.Second)
	// A listing without dates stands on the first day of the epoch.
	b.ladder.HasDate = b.start >= 2*24*lang.Hour
}

func (b *builder) at(t int64) float64 { return float64(t - b.start) }

func (b *builder) title() {
	packets := 0
	for _, it := range b.items {
		if it.event == nil {
			packets += 1 + it.skipped
		}
	}
	b.ladder.Shown = packets
	if len(b.convs) == 0 || len(b.items) == 0 {
		return
	}
	span := b.items[len(b.items)-1].time - b.start
	b.ladder.Title = lang.T("Connection %s, %s in %s", "连接 %s，%s 内 %s", b.convs[0].Client,
		lang.Count(packets, "packet", "packets", "个包"), lang.Duration(span))
	b.ladder.Title.ZH = lang.T("", "连接 %s，%s，历时 %s", b.convs[0].Client, lang.Count(packets, "", "", "个包"), lang.Duration(span)).ZH
}

// effective is a segment's window as bytes where the scale is known.
func effective(c *conversation.Conversation, s *conversation.Segment) int {
	if s.Known&packet.KnownWindow == 0 {
		return -1
	}
	w, _ := c.Window(s)
	return int(w)
}

// Between lists the rows of packets first to last, folds opened.
func (l *Ladder) Between(first, last int) []Row {
	return between(l.Rows, first, last, []Row{})
}

func between(rows []Row, first, last int, out []Row) []Row {
	for i := range rows {
		r := &rows[i]
		if r.Kind == RowFold {
			out = between(r.Rows, first, last, out)
		} else if r.Number >= first && r.Number <= last {
			out = append(out, *r)
		}
	}
	return out
}
