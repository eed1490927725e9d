package conversation

import (
	"math"

	"pcaplain/analyzer/internal/lang"
)

// Series is one segment and its repetitions: the same side, the same sequence
// number, the same shape. Indexes point into Conversation.Segments.
type Series struct {
	From     Side
	At       []int   // first sending and repetitions, at least two
	Gaps     []int64 // ns between them, len(At)-1
	Schedule Schedule
}

// Schedule is the timer that a series' gaps fit.
type Schedule uint8

// The schedules. Timers may fire late, never early: a gap fits a nominal wait
// from 2 % under it to 13 % over it.
const (
	ScheduleNone Schedule = iota
	// ScheduleSYN is 1, 2, 4, 8, 16, 32 s: Linux since 3.1 (RFC 6298 section 2).
	ScheduleSYN
	// ScheduleSYNLinear is 1, 1, 1, 1, 1, 2, 4 s and on: tcp_syn_linear_timeouts,
	// Linux since 6.5; other stacks had it before.
	ScheduleSYNLinear
	// ScheduleOld is 3, 6, 12, 24, 48 s: Linux up to 3.0 (RFC 1122 section 4.2.3.1).
	ScheduleOld
	// ScheduleDoubling doubles from any first wait: a data retransmission timer.
	// The first two gaps may be equal, when a tail loss probe preceded it.
	ScheduleDoubling
	// ScheduleConstant repeats one wait: keepalive probes, an application.
	ScheduleConstant
)

// Fits reports whether a gap in ns is a timer's nominal wait, at most late.
func Fits(gap, nominal int64) bool {
	return float64(gap) >= 0.98*float64(nominal) && float64(gap) <= 1.13*float64(nominal)+float64(5*lang.Millisecond)
}

// schedules are the nominal waits in seconds.
var schedules = []struct {
	schedule Schedule
	seconds  []int64
}{
	{ScheduleSYN, []int64{1, 2, 4, 8, 16, 32, 64}},
	{ScheduleSYNLinear, []int64{1, 1, 1, 1, 1, 2, 4, 8, 16, 32}},
	{ScheduleOld, []int64{3, 6, 12, 24, 48, 96}},
}

// ScheduleOf names the timer that fits the gaps. One gap alone fits ScheduleSYN
// or ScheduleOld by its length; linear needs two.
func ScheduleOf(gaps []int64) Schedule {
	for _, c := range schedules {
		if fitsAll(gaps, c.seconds) {
			return c.schedule
		}
	}
	switch {
	case doubles(gaps):
		return ScheduleDoubling
	case constant(gaps):
		return ScheduleConstant
	}
	return ScheduleNone
}

func fitsAll(gaps, seconds []int64) bool {
	if len(gaps) == 0 || len(gaps) > len(seconds) {
		return false
	}
	for i, g := range gaps {
		if !Fits(g, seconds[i]*lang.Second) {
			return false
		}
	}
	return true
}

func doubles(gaps []int64) bool {
	if len(gaps) < 3 {
		return false
	}
	for i := 2; i < len(gaps); i++ {
		if r := float64(gaps[i]) / float64(gaps[i-1]); r < 1.7 || r > 2.35 {
			return false
		}
	}
	return true
}

func constant(gaps []int64) bool {
	if len(gaps) < 2 {
		return false
	}
	for _, g := range gaps[1:] {
		if math.Abs(float64(g-gaps[0])) > 0.1*float64(gaps[0]) {
			return false
		}
	}
	return true
}

// SeriesOf builds the series of given segments of the conversation, in order.
func (c *Conversation) SeriesOf(at []int) Series {
	s := Series{At: at}
	if len(at) > 0 {
		s.From = c.Segments[at[0]].From
	}
	for i := 1; i < len(at); i++ {
		s.Gaps = append(s.Gaps, c.Segments[at[i]].Time-c.Segments[at[i-1]].Time)
	}
	s.Schedule = ScheduleOf(s.Gaps)
	return s
}

// DataSeries lists the data segments of a side that were sent more than once,
// by their sequence number, in order of their first sending.
func (c *Conversation) DataSeries(from Side) []Series {
	if n := c.Flows[from].Counts; n.Count(TagRetransmission)+n.Count(TagOutOfOrder) == 0 {
		return nil
	}
	first := map[uint32]int{} // sequence number -> index into groups
	var groups [][]int
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.From != from || s.Len == 0 || s.IsCopy() || s.Tags.Has(TagKeepAlive|TagZeroWindowProbe|TagStray) {
			continue
		}
		if n, ok := first[s.Seq]; ok {
			groups[n] = append(groups[n], i)
			continue
		}
		first[s.Seq] = len(groups)
		groups = append(groups, []int{i})
	}
	var out []Series
	for _, g := range groups {
		if len(g) > 1 {
			out = append(out, c.SeriesOf(g))
		}
	}
	return out
}
