package capture

// window joins chunks into records. A record that lies in one chunk is read
// where it lies; only one that crosses a chunk's edge is copied, and with it
// nothing else.
type window struct {
	owner   *Reader
	scanner scanner
	offset  int64  // of the next byte to scan
	kept    []byte // the beginning of the crossing record
	start   int    // kept[start:] is not scanned yet
	need    int    // bytes the scanner must see at once
}

func (w *window) push(chunk []byte) {
	for len(chunk) > 0 && w.owner.failure == nil {
		if w.start == len(w.kept) {
			rest := chunk[w.scan(chunk, false):]
			w.kept, w.start = append(w.kept[:0], rest...), 0
			return
		}
		missing := min(w.need-(len(w.kept)-w.start), len(chunk))
		w.compact(missing)
		w.kept = append(w.kept, chunk[:missing]...)
		chunk = chunk[missing:]
		if len(w.kept)-w.start < w.need {
			return
		}
		w.start += w.scan(w.kept[w.start:], false)
	}
}

// compact makes room by dropping what was scanned, but only when that is at
// least half of what is kept: moving bytes then costs no more than adding them.
func (w *window) compact(missing int) {
	if w.start == 0 || len(w.kept)+missing <= cap(w.kept) || w.start < len(w.kept)/2 {
		return
	}
	n := copy(w.kept, w.kept[w.start:])
	w.kept, w.start = w.kept[:n], 0
}

func (w *window) scan(b []byte, final bool) int {
	took, need := w.scanner.scan(b, w.offset, final)
	w.offset += int64(took)
	// A scanner that asks for no more than it has would never be asked again.
	w.need = max(need, len(b)-took+1)
	return took
}

func (w *window) finish() {
	w.scan(w.kept[w.start:], true)
	w.kept, w.start = nil, 0
}
