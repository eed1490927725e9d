package scenario

import (
	"testing"

	"pcaplain/analyzer/internal/packet"
)

// Only the sender's packets were recorded. Growing pauses mean that it got no
// acknowledgement; a side that goes on did get one.
func TestDeathSeenFromOneSide(t *testing.T) {
	run := func(pauses []float64, after bool) []Finding {
		w, ms := newWire(), 0.0
		w.send(ms, clt, packet.ACK|packet.PSH, 1, 1, length(640))
		for _, p := range pauses {
			ms += p
			w.send(ms, clt, packet.ACK|packet.PSH, 1, 1, length(640))
		}
		if after {
			w.send(ms+40, clt, packet.ACK|packet.PSH, 641, 90, length(200))
		}
		return w.judge(0)
	}
	ladder := []float64{206, 600, 1200, 2400, 4800}
	wants(t, run(ladder, false), "rto-death", Problem, Possible, Possible)
	silent(t, run(ladder, true), "rto-death")
	silent(t, run([]float64{300, 300, 300, 300, 300}, false), "rto-death")
	silent(t, run([]float64{206, 600}, false), "rto-death")
}
