package conversation

import (
	"net/netip"
	"sort"

	"pcaplain/analyzer/internal/lang"
)

// The rule of tcp_tw_recycle, replayed. A Linux server before 4.12 with that
// switch on remembers, for each peer address, the newest timestamp of a
// connection it closed first, and for a minute drops without a word every SYN
// from that address with an older one (net/ipv4/tcp_metrics.c of 3.6 to 4.11:
// tcp_remember_stamp, tcp_peer_is_proven).

const (
	// recycleMemory is how long such a memory counts, in ns (TCP_PAWS_MSL).
	recycleMemory = 60 * lang.Second
	// recycleWindow is how many ticks older a SYN may be (TCP_PAWS_WINDOW).
	recycleWindow = 1
	// recycleVerdict is how long in ns a SYN must be seen to stay unanswered: the
	// client's next try comes after a second.
	recycleVerdict = 900 * lang.Millisecond
)

// Prediction is what the rule would do with a SYN.
type Prediction uint8

// The predictions.
const (
	Undecided   Prediction = iota // the state of the memory at that moment is not known
	PredictDrop                   // dropped without an answer
	PredictPass                   // let through
)

// RecycleTrial is one SYN, first or repeated, held against the rule.
type RecycleTrial struct {
	Conversation *Conversation
	At           int // index into its Segments
	Prediction   Prediction
	Answered     bool
	Behind       int32         // ticks behind the memory, > 0 when older
	Memory       uint32        // the remembered TSval; valid unless nothing was remembered
	Set          *Conversation // whose close set the memory, nil for none
	SetAt        int           // index of the client's segment that carried it
}

// RecycleReplay is the replay for one pair of addresses.
type RecycleReplay struct {
	Server, Client netip.Addr
	Trials         []RecycleTrial
	Clocks         int // timestamp clocks that speak from the client's address
}

// Tally counts the decided trials: predicted drops that stayed unanswered and
// that were answered, predicted passes that stayed unanswered and that were
// answered.
func (r *RecycleReplay) Tally() (dropSilent, dropAnswered, passSilent, passAnswered int) {
	for i := range r.Trials {
		t := &r.Trials[i]
		switch {
		case t.Prediction == PredictDrop && !t.Answered:
			dropSilent++
		case t.Prediction == PredictDrop:
			dropAnswered++
		case t.Prediction == PredictPass && !t.Answered:
			passSilent++
		case t.Prediction == PredictPass:
			passAnswered++
		}
	}
	return dropSilent, dropAnswered, passSilent, passAnswered
}

// Recycle replays the rule for every pair of addresses in the capture with at
// least one SYN that carries a timestamp, was not answered, and comes from an
// address with several conversations; in order of the pairs' first packets.
func (s *Set) Recycle() []RecycleReplay {
	pairs := map[[2]netip.Addr][]*Conversation{}
	var order [][2]netip.Addr
	for _, c := range s.Conversations {
		k := [2]netip.Addr{c.Server.Addr(), c.Client.Addr()}
		if pairs[k] == nil {
			order = append(order, k)
		}
		pairs[k] = append(pairs[k], c)
	}
	var out []RecycleReplay
	for _, k := range order {
		cs := pairs[k]
		if len(cs) < 3 || !anySilent(cs) {
			continue
		}
		r := RecycleReplay{Server: k[0], Client: k[1], Clocks: timestampClocks(cs)}
		r.replay(cs, s.End)
		out = append(out, r)
	}
	return out
}

func anySilent(cs []*Conversation) bool {
	for _, c := range cs {
		h := c.Handshake()
		if len(h.SYNs) > 0 && (len(h.SYNACKs) == 0 || len(h.SYNs) > 1) {
			return true
		}
	}
	return false
}

// recycleEvent is something that bears on the memory, in time order.
type recycleEvent struct {
	time int64
	kind int // closing begins, closed, SYN
	c    *Conversation
	at   int
}

const (
	recycleClosing = iota
	recycleClosed
	recycleSYN
)

func (r *RecycleReplay) replay(cs []*Conversation, end int64) {
	var events []recycleEvent
	for _, c := range cs {
		events = append(events, c.recycleEvents()...)
	}
	sort.SliceStable(events, func(i, j int) bool { return events[i].time < events[j].time })
	m := recycleMemoryState{}
	for _, e := range events {
		switch e.kind {
		case recycleClosing:
			m.open++
		case recycleClosed:
			m.open--
			m.remember(e)
		case recycleSYN:
			if t, ok := m.judge(e, end); ok {
				r.Trials = append(r.Trials, t)
			}
		}
	}
}

// recycleEvents: the server's FIN and the end of that close, when the server
// closed first, and every SYN with a timestamp.
func (c *Conversation) recycleEvents() []recycleEvent {
	var out []recycleEvent
	serverFIN, clientFIN, last, stamped := -1, -1, -1, -1
	for i := range c.Segments {
		s := &c.Segments[i]
		switch {
		case s.IsCopy():
			continue
		case s.PureSYN() && s.From == Client && s.HasTS():
			out = append(out, recycleEvent{s.Time, recycleSYN, c, i})
		case s.FIN() && s.From == Server && serverFIN < 0:
			serverFIN = i
		case s.FIN() && s.From == Client && clientFIN < 0:
			clientFIN = i
		}
		if s.From == Client && s.HasTS() && !s.Reset() {
			stamped = i
		}
		last = i
	}
	if serverFIN < 0 || stamped < 0 || clientFIN >= 0 && clientFIN < serverFIN {
		return out
	}
	out = append(out, recycleEvent{c.Segments[serverFIN].Time, recycleClosing, c, serverFIN})
	return append(out, recycleEvent{c.Segments[last].Time, recycleClosed, c, stamped})
}

// recycleMemoryState is the server's memory for one peer while it is replayed.
type recycleMemoryState struct {
	set   *Conversation
	at    int
	ts    uint32
	stamp int64 // ns
	open  int   // closes under way: whether they have written is not visible
}

func (m *recycleMemoryState) remember(e recycleEvent) {
	ts := e.c.Segments[e.at].TSVal
	if m.set == nil || !Before(ts, m.ts) || e.time-m.stamp > recycleMemory {
		m.set, m.at, m.ts, m.stamp = e.c, e.at, ts, e.time
	}
}

// judge predicts a SYN's fate; ok is false when what became of it is not known,
// or nothing can be said of the memory.
func (m *recycleMemoryState) judge(e recycleEvent, end int64) (t RecycleTrial, ok bool) {
	y := &e.c.Segments[e.at]
	t = RecycleTrial{Conversation: e.c, At: e.at, Memory: m.ts, Set: m.set, SetAt: m.at}
	var until int64
	t.Answered, until = e.c.answeredBySYNACK(e.at)
	if m.set == nil || !t.Answered && min(until, end)-y.Time < recycleVerdict {
		return t, false
	}
	fresh := y.Time-m.stamp < recycleMemory
	t.Behind = Distance(m.ts, y.TSVal)
	switch {
	case e.c.Earlier != nil && y.Time-e.c.Earlier.Last < recycleMemory:
		// A TIME_WAIT entry of the same tuple is asked instead.
	case fresh && t.Behind > recycleWindow:
		t.Prediction = PredictDrop
	case m.open == 0:
		t.Prediction = PredictPass
	}
	return t, true
}

// answeredBySYNACK reports whether the first packet of the server after a SYN,
// before the next SYN, is its SYN-ACK. until is when the next SYN came, the far
// future without one.
func (c *Conversation) answeredBySYNACK(at int) (yes bool, until int64) {
	y := &c.Segments[at]
	for i := at + 1; i < len(c.Segments); i++ {
		s := &c.Segments[i]
		switch {
		case s.IsCopy():
		case s.From == Client && s.PureSYN():
			return false, s.Time
		case s.From == Server:
			return s.SYNACK() && s.Ack == y.End(), s.Time
		}
	}
	return false, 1<<63 - 1
}

// clockRates are the timestamp rates in use, in Hz.
var clockRates = []int64{1000, 250, 100, 300}

// clockSlack is how far two connections' timestamps may be off one clock, in ns.
const clockSlack = 2 * lang.Second

// timestampClocks counts the timestamp clocks that speak as the client of these
// conversations: connections of one clock lie on one line TSval = rate * t +
// offset. The rate is the one that needs fewest clocks.
func timestampClocks(cs []*Conversation) int {
	best := 0
	for _, rate := range clockRates {
		n := clocksAt(cs, rate)
		if best == 0 || n > 0 && n < best {
			best = n
		}
	}
	return best
}

func clocksAt(cs []*Conversation, rate int64) int {
	var offsets []int64
	for _, c := range cs {
		f := &c.Flows[Client]
		if !f.HasTS {
			continue
		}
		// Modulo 2^32 ticks, relative to the first conversation's start.
		ticks := (f.TSFirstTime - cs[0].First) * rate / lang.Second
		offset := int64(f.TSFirst - uint32(ticks))
		known := false
		for _, o := range offsets {
			d := int64(int32(uint32(o) - uint32(offset)))
			known = known || max(d, -d) <= rate*clockSlack/lang.Second
		}
		if !known {
			offsets = append(offsets, offset)
		}
	}
	return len(offsets)
}
