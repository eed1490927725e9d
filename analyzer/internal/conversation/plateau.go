package conversation

import (
	"math"

	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/packet"
)

// Plateau is how evenly a side's stream gets through.
type Plateau struct {
	From   Side
	Rate   float64 // bytes acknowledged per second, on average
	Spread float64 // standard deviation over the average
	Spans  int     // how many spans were measured
	Span   int64   // ns
	// Bursts are runs of adjacent segments lost together, as indexes into
	// Losses.All of the same side.
	Bursts [][]int
}

// plateauSpan is the shortest time over which a rate is measured, in ns; on
// longer ways it is plateauTrips round trips, in which a lost segment is repaired.
const (
	plateauSpan  = 200 * lang.Millisecond
	plateauTrips = 4
)

// Plateau measures the progress of a side's acknowledged bytes over equal spans,
// without the first, in which a stream starts, and the last.
func (c *Conversation) Plateau(l Losses) Plateau {
	f := &c.Flows[l.From]
	p := Plateau{From: l.From, Span: max(plateauSpan, plateauTrips*c.RTT())}
	var progress []float64
	edge, known := f.FirstDataTime, false
	var here, at uint32 // bytes that had arrived at the last edge, and have now
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.From == l.From || s.IsCopy() || s.Tags.Has(TagStray) || s.Flags&packet.ACK == 0 || s.Time < f.FirstDataTime {
			continue
		}
		for known && s.Time >= edge+p.Span && len(progress) < 1000 {
			progress = append(progress, float64(at-here))
			here, edge = at, edge+p.Span
		}
		if now := c.arrived(s); !known || Before(at, now) {
			at = now
		}
		if !known {
			here, known = at, true
		}
	}
	if len(progress) > 1 {
		p.measure(progress[1:])
	}
	p.Bursts = bursts(l)
	return p
}

// arrived is how far the bytes reported by an acknowledgement reach: those up to
// it and those in its SACK blocks, as if they stood behind it.
func (c *Conversation) arrived(s *Segment) uint32 {
	n := s.Ack
	for _, b := range c.blocks(s) {
		if !Before(b.Left, s.Ack) {
			n += b.Right - b.Left
		}
	}
	return n
}

func (p *Plateau) measure(progress []float64) {
	var sum, squares float64
	for _, v := range progress {
		sum += v
	}
	mean := sum / float64(len(progress))
	for _, v := range progress {
		squares += (v - mean) * (v - mean)
	}
	p.Spans = len(progress)
	p.Rate = mean * float64(lang.Second) / float64(p.Span)
	if mean > 0 {
		p.Spread = math.Sqrt(squares/float64(len(progress))) / mean
	}
}

// bursts groups real losses of adjacent bytes.
func bursts(l Losses) [][]int {
	var out [][]int
	last := -1
	for i := range l.All {
		if !l.All[i].Real() {
			continue
		}
		if last >= 0 && l.All[last].Seq+l.All[last].Len == l.All[i].Seq {
			out[len(out)-1] = append(out[len(out)-1], i)
		} else {
			out = append(out, []int{i})
		}
		last = i
	}
	return out
}
