package capture

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"math/rand/v2"
	"testing"
)

// got is everything a reader said of one input, copied out of the reused frame.
type got struct {
	frames []Frame
	info   Info
	err    error
}

// readAll feeds the input in pieces of the given size; 0 means at once, -1 means
// pieces of random size.
func readAll(input []byte, size int) got {
	return readWith(NewReader("test"), input, size)
}

func readWith(r *Reader, input []byte, size int) got {
	var g got
	emit := func(f *Frame) {
		c := *f
		c.Data = bytes.Clone(f.Data)
		if f.Line != nil {
			line := *f.Line
			line.Options = bytes.Clone(line.Options)
			c.Line = &line
		}
		g.frames = append(g.frames, c)
	}
	random := rand.New(rand.NewPCG(1, uint64(len(input))))
	scratch := make([]byte, 0, 1<<16)
	for rest := input; len(rest) > 0 && g.err == nil; {
		n := size
		switch size {
		case 0:
			n = len(rest)
		case -1:
			n = 1 + random.IntN(700)
		}
		n = min(n, len(rest))
		scratch = append(scratch[:0], rest[:n]...)
		g.err = r.Feed(scratch, emit)
		for i := range scratch { // a reader that kept the chunk shows it
			scratch[i] = 0xee
		}
		rest = rest[n:]
	}
	if g.err == nil {
		g.err = r.Close(emit)
	}
	g.info = *r.Info()
	return g
}

// mustRead fails the test on an input that is refused.
func mustRead(t *testing.T, input []byte) got {
	t.Helper()
	g := readAll(input, 0)
	if g.err != nil {
		t.Fatalf("refused: %v", g.err)
	}
	return g
}

// order writes numbers of a file in one byte order.
type order struct{ binary.AppendByteOrder }

var (
	little = order{binary.LittleEndian}
	big    = order{binary.BigEndian}
)

func (o order) words(values ...uint32) []byte {
	var b []byte
	for _, v := range values {
		b = o.AppendUint32(b, v)
	}
	return b
}

func (o order) halves(values ...uint16) []byte {
	var b []byte
	for _, v := range values {
		b = o.AppendUint16(b, v)
	}
	return b
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// pcapHead is a pcap file header.
func (o order) pcapHead(magic uint32, major, minor uint16, snap, link uint32) []byte {
	return join(o.words(magic), o.halves(major, minor), o.words(0, 0, snap, link))
}

// pcapRecord is a record; data stands for itself.
func (o order) pcapRecord(sec, frac, captured, wire uint32, data []byte) []byte {
	return join(o.words(sec, frac, captured, wire), data)
}

// block frames a pcapng block's body.
func (o order) block(kind uint32, body ...[]byte) []byte {
	b := pad(join(body...))
	length := uint32(len(b) + 12)
	return join(o.words(kind, length), b, o.words(length))
}

func pad(b []byte) []byte {
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

func (o order) option(code uint16, value []byte) []byte {
	return pad(join(o.halves(code, uint16(len(value))), value))
}

func (o order) end() []byte { return o.halves(0, 0) }

func (o order) section(options ...[]byte) []byte {
	return o.block(blockSection, o.words(byteOrderMagic), o.halves(1, 0), o.words(0xffffffff, 0xffffffff), join(options...))
}

func (o order) face(link uint16, snap uint32, options ...[]byte) []byte {
	return o.block(blockInterface, o.halves(link, 0), o.words(snap), join(options...))
}

func (o order) packet(id uint32, ticks uint64, wire uint32, data []byte, options ...[]byte) []byte {
	return o.block(blockEnhanced, o.words(id, uint32(ticks>>32), uint32(ticks), uint32(len(data)), wire), pad(bytes.Clone(data)), join(options...))
}

func zipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// frameData is recognisable frame content of n bytes, the seed in each.
func frameData(seed byte, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = seed ^ byte(i*7)
	}
	return b
}
