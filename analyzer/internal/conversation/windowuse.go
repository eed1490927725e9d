package conversation

// WindowUse is how one side's stream relates to the window it may fill.
type WindowUse struct {
	From   Side
	Window int64   // bytes; the largest the other side announced
	Flight int64   // bytes; the most seen sent and not acknowledged, telling only near the sender
	RTT    int64   // ns
	Span   int64   // ns from the first data segment to the last
	Rounds float64 // round trips in it
	// Share is the stream's rate in windows per round trip: near 1 when every
	// round trip carries one full window.
	Share float64
	// Full are kept data segments after which the window had no room for another
	// full one, as seen here.
	Full []int
	// Small counts the reader's kept acknowledgements with room for less than two
	// full segments, of Acks in all, over SmallSpan ns.
	Small, Acks int
	SmallFirst  int // the first of them, an index into Segments; -1 none
	SmallSpan   int64
}

// WindowUse measures a side's stream; ok is false without data, a known window
// scale or a round trip time.
func (c *Conversation) WindowUse(from Side) (WindowUse, bool) {
	f, peer := &c.Flows[from], &c.Flows[from.Other()]
	w := WindowUse{From: from, Window: peer.MaxWindow, Flight: f.MaxInFlight, RTT: c.RTT(), SmallFirst: -1, Span: f.LastDataTime - f.FirstDataTime}
	if f.Data < 2 || w.Window <= 0 || w.RTT <= 0 || w.Span <= 0 || peer.WindowScale < 0 {
		return w, false
	}
	w.Rounds = float64(w.Span) / float64(w.RTT)
	w.Share = float64(f.Bytes) / w.Rounds / float64(w.Window)
	c.fillings(&w)
	return w, true
}

func (c *Conversation) fillings(w *WindowUse) {
	full := int64(c.FullSize(w.From))
	var window, smallTo int64
	var acked uint32
	known := false
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.IsCopy() || s.Reset() || s.Tags.Has(TagStray) {
			continue
		}
		if s.From == w.From {
			if s.Len > 0 && known && window-int64(s.End()-acked) < full {
				w.Full = append(w.Full, i)
			}
			continue
		}
		if room, ok := c.Window(s); ok && s.Flags&handshakeFlags == 0 {
			window, acked, known = room, s.Ack, true
			w.Acks++
			if room < 2*full {
				w.Small++
				if w.SmallFirst < 0 {
					w.SmallFirst = i
				}
				smallTo = s.Time
			}
		}
	}
	if w.SmallFirst >= 0 {
		w.SmallSpan = smallTo - c.Segments[w.SmallFirst].Time
	}
}
