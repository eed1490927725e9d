package capture

import (
	"pcaplain/analyzer/internal/lang"
)

// Bounds of the reader. They keep what a file can claim within what a capture
// can be, and what is kept within what stands behind it.
const (
	// maxRecord is the largest record believed, in bytes. The largest real frames
	// are BIG TCP super-segments of a few hundred kB.
	maxRecord = 16 << 20
	// usualRecord is the largest record believed without a second sign: tcpdump's
	// own default snap length. Anything above must be followed by a sane record.
	usualRecord = 256 << 10
	// sniffLength is how much of the input is looked at before it is called
	// unknown: a tar archive shows its name only at byte 257.
	sniffLength = 512
	// defaultInflateLimit bounds what a compressed capture may become, in bytes.
	defaultInflateLimit = 64 << 30

	maxInterfaces = 1 << 16
	maxNames      = 1 << 16
	maxComments   = 1000
	maxNotes      = 20
	maxUnread     = 200
)

// scanner reads the records of one kind of container. It is given the bytes
// from a record's start on and reads as many records as are whole.
type scanner interface {
	// scan returns how many bytes of b it is done with, and how many bytes counted
	// from there it must see at once to go on. offset is the place of b in the
	// capture. With final set nothing follows b, and all of it is used up.
	scan(b []byte, offset int64, final bool) (took, need int)
}

// Reader reads one capture fed to it in chunks.
type Reader struct {
	info   Info
	frame  Frame
	emit   func(*Frame)
	number int
	latest int64 // ns; time of the last frame that had one
	timed  bool  // latest is set

	head    []byte // input not yet recognised
	pack    *unpacker
	window  window
	failure *Error
	closed  bool

	inflateLimit int64
}

// NewReader returns a reader. What the input is shows in its bytes, whatever its
// name. Who stops feeding before an error calls Close, which frees what unpacking
// holds.
func NewReader(_ string) *Reader {
	r := &Reader{inflateLimit: defaultInflateLimit}
	r.window.owner = r
	return r
}

// SetInflateLimit bounds the size a compressed capture may unpack to, in bytes.
// What lies beyond is not read and reported as damage. Set it before feeding.
func (r *Reader) SetInflateLimit(bytes int64) { r.inflateLimit = bytes }

// Info says what the container holds beside its frames. It fills as the capture
// is read and is complete after Close.
func (r *Reader) Info() *Info { return &r.info }

// Feed reads the next chunk and calls emit for every frame that is whole by
// then. The chunk may be reused after Feed returns. It returns an *Error when
// the input is no capture at all; damage inside a capture is not an error.
func (r *Reader) Feed(chunk []byte, emit func(*Frame)) error {
	if r.failure != nil {
		return r.failure
	}
	r.info.Bytes += int64(len(chunk))
	r.emit = emit
	if r.pack != nil {
		r.pack.feed(chunk, r.content)
	} else {
		r.input(chunk)
	}
	return r.failed()
}

// Close ends the input: what was held back is read, what is missing becomes
// damage. It returns an *Error when the input was no capture at all.
func (r *Reader) Close(emit func(*Frame)) error {
	if r.closed || r.failure != nil {
		return r.failed()
	}
	r.closed = true
	r.emit = emit
	if r.pack == nil {
		r.recogniseAtEnd()
	}
	if r.pack != nil {
		r.pack.close(r.content)
		r.recogniseAtEnd()
	}
	if r.failure == nil && r.window.scanner != nil {
		r.window.finish()
	}
	r.emit = nil
	return r.failed()
}

// failed avoids handing out a nil *Error as a non-nil error.
func (r *Reader) failed() error {
	if r.failure == nil {
		return nil
	}
	if r.pack != nil {
		r.pack.stop()
	}
	return r.failure
}

// input takes bytes as they stand in the file, until they turn out to be
// compressed.
func (r *Reader) input(chunk []byte) {
	if r.window.scanner != nil {
		r.window.push(chunk)
		return
	}
	r.recognise(chunk, false)
}

// content takes bytes after unpacking.
func (r *Reader) content(chunk []byte) {
	if r.failure != nil {
		return
	}
	if r.window.scanner != nil {
		r.window.push(chunk)
		return
	}
	r.recognise(chunk, true)
}

// recognise collects the beginning of the input until it is clear what it is.
func (r *Reader) recognise(chunk []byte, unpacked bool) {
	if len(r.head) == 0 && len(chunk) > 0 {
		if r.begin(Sniff(chunk), chunk, unpacked) {
			return
		}
	}
	r.head = append(r.head, chunk...)
	format := Sniff(r.head)
	if format == "" && len(r.head) < sniffLength {
		return
	}
	if format == "" {
		format = sniffRest(r.head[:sniffLength])
	}
	head := r.head
	r.head = nil
	if !r.begin(format, head, unpacked) {
		r.head = head
	}
}

// recogniseAtEnd decides with the little there was.
func (r *Reader) recogniseAtEnd() {
	if r.window.scanner != nil || r.failure != nil {
		return
	}
	if len(r.head) == 0 && r.pack == nil {
		r.failure = notCapture("empty")
		return
	}
	if len(r.head) == 0 {
		if r.failure == nil {
			r.failure = notCapture("empty-gzip")
		}
		return
	}
	head := r.head
	r.head = nil
	format := Sniff(head)
	if format == "" {
		format = sniffRest(head[:min(len(head), sniffLength)])
	}
	r.begin(format, head, r.pack != nil)
}

// begin starts reading a recognised format; false means it is not known yet.
func (r *Reader) begin(format string, head []byte, unpacked bool) bool {
	switch format {
	case "":
		return false
	case "pcap":
		r.window.scanner = &pcap{reader: r}
	case "pcapng":
		r.window.scanner = &pcapng{reader: r}
	case "text":
		r.window.scanner = &text{reader: r, names: names{reader: r}}
	case "gzip":
		if unpacked {
			r.failure = notCapture("gzip-in-gzip")
			return true
		}
		r.info.Compressed = "gzip"
		r.pack = newUnpacker(r)
		r.pack.feed(head, r.content)
		return true
	default:
		r.failure = notCapture(format)
		return true
	}
	r.info.Format = format
	r.window.push(head)
	return true
}

// damage notes the first place where the capture is not what it should be.
func (r *Reader) damage(offset int64, reason lang.Text) {
	if r.info.Damage == nil {
		r.info.Damage = &Damage{Offset: offset, Reason: reason}
	}
}

// note adds a remark, once per id.
func (r *Reader) note(id string, text lang.Text) {
	for _, n := range r.info.Notes {
		if n.ID == id {
			return
		}
	}
	if len(r.info.Notes) < maxNotes {
		r.info.Notes = append(r.info.Notes, Note{ID: id, Text: text})
	}
}

func (r *Reader) comment(b []byte) {
	if len(b) > 0 && len(r.info.Comments) < maxComments {
		r.info.Comments = append(r.info.Comments, clean(b))
	}
}

// deliver numbers the frame and hands it on.
func (r *Reader) deliver() {
	r.number++
	// A shared incident states its packets' original numbers; they may only grow.
	if r.frame.Number > r.number {
		r.number = r.frame.Number
	}
	r.frame.Number = r.number
	if !r.frame.NoTime {
		r.latest, r.timed = r.frame.Time, true
	}
	r.emit(&r.frame)
}
