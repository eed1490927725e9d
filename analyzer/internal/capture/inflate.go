package capture

import (
	"compress/gzip"
	"errors"
	"io"
	"iter"

	"pcaplain/analyzer/internal/lang"
)

// unpacker turns pushed gzip bytes into pushed plain bytes. The standard
// library's inflater pulls, so it runs as a coroutine that is resumed when there
// is more to pull: no goroutine of ours, no copy, the same in WebAssembly.
type unpacker struct {
	reader *Reader
	input  []byte // not yet pulled
	ended  bool   // no more input will come
	done   bool
	total  int64 // bytes unpacked
	next   func() ([]byte, bool)
	cancel func()
	yield  func([]byte) bool
}

// errStopped ends the coroutine when nobody wants its output any more.
var errStopped = errors.New("capture: stopped")

const inflateBuffer = 256 << 10

func newUnpacker(r *Reader) *unpacker {
	u := &unpacker{reader: r}
	u.next, u.cancel = iter.Pull(u.run)
	return u
}

// feed unpacks what chunk completes; do receives it piece by piece.
func (u *unpacker) feed(chunk []byte, do func([]byte)) {
	if u.done {
		return
	}
	u.input = chunk
	for {
		piece, more := u.next()
		if !more {
			u.done = true
			return
		}
		if piece == nil { // it wants input
			return
		}
		do(piece)
		if u.reader.failure != nil {
			u.stop()
			return
		}
	}
}

// close ends the input and unpacks what is left.
func (u *unpacker) close(do func([]byte)) {
	u.ended = true
	u.feed(nil, do)
}

func (u *unpacker) stop() {
	u.done = true
	u.cancel()
}

// run is the coroutine: it yields pieces of output, and nil to ask for input.
func (u *unpacker) run(yield func([]byte) bool) {
	u.yield = yield
	z, err := gzip.NewReader(u)
	buffer := make([]byte, inflateBuffer)
	for err == nil {
		// Members are told apart here, because the library takes the zero bytes
		// that tapes and block devices pad with for a broken member.
		z.Multistream(false)
		err = u.member(z, buffer)
		if err == io.EOF && u.another() {
			err = z.Reset(u)
		}
	}
	u.finish(err)
}

// member unpacks one member; it returns io.EOF at its good end.
func (u *unpacker) member(z *gzip.Reader, buffer []byte) error {
	for {
		n, err := z.Read(buffer)
		if over := u.total + int64(n) - u.reader.inflateLimit; over > 0 {
			n -= int(over)
			err = errTooBig
		}
		u.total += int64(n)
		if n > 0 && !u.yield(buffer[:n]) {
			return errStopped
		}
		if err != nil {
			return err
		}
	}
}

// another skips padding and reports whether anything follows.
func (u *unpacker) another() bool {
	for u.wait() == nil {
		if u.input[0] != 0 {
			return true
		}
		u.input = u.input[1:]
	}
	return false
}

var errTooBig = errors.New("capture: unpacks to more than the limit")

// finish turns the inflater's last word into damage.
func (u *unpacker) finish(err error) {
	switch {
	case err == io.EOF, err == errStopped:
	case err == errTooBig:
		u.reader.damage(u.total, lang.T("the capture unpacks to more than %s, and reading stopped there; unpack it with gunzip to read it whole",
			"抓包文件解压后超过 %s，读取到此为止；如需完整读取，请先用 gunzip 解压", lang.Bytes(u.reader.inflateLimit)))
	case errors.Is(err, io.ErrUnexpectedEOF):
		u.reader.damage(u.total, lang.Text{
			EN: "the gzip compression ends early: the file was cut or is still being written",
			ZH: "gzip 压缩数据提前结束：文件被截断，或者仍在写入",
		})
	case errors.Is(err, gzip.ErrHeader) && u.total > 0:
		u.reader.damage(u.total, lang.Text{
			EN: "something other than gzip follows the compressed capture; it was left out",
			ZH: "压缩的抓包数据之后还有不属于 gzip 的内容，未读取",
		})
	case errors.Is(err, gzip.ErrChecksum):
		u.reader.damage(u.total, lang.Text{
			EN: "the gzip checksum is wrong: some of what was unpacked may be false",
			ZH: "gzip 校验和不符：解压出的部分内容可能有误",
		})
	default:
		u.reader.damage(u.total, lang.Text{
			EN: "the gzip compression is damaged from here on",
			ZH: "gzip 压缩数据从这里开始已损坏",
		})
	}
}

// Read gives the inflater what there is, waiting for the next chunk in between.
func (u *unpacker) Read(b []byte) (int, error) {
	if err := u.wait(); err != nil {
		return 0, err
	}
	n := copy(b, u.input)
	u.input = u.input[n:]
	return n, nil
}

// ReadByte spares the inflater a buffer of its own.
func (u *unpacker) ReadByte() (byte, error) {
	if len(u.input) == 0 {
		if err := u.wait(); err != nil {
			return 0, err
		}
	}
	c := u.input[0]
	u.input = u.input[1:]
	return c, nil
}

func (u *unpacker) wait() error {
	for len(u.input) == 0 {
		if u.ended {
			return io.EOF
		}
		if !u.yield(nil) {
			return errStopped
		}
	}
	return nil
}
