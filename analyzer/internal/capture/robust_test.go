package capture

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"
)

// samples are small captures with every feature of the containers in them.
func samples(t testing.TB) map[string][]byte {
	t.Helper()
	blocks, _ := manyBlocks(8)
	mixed := join(
		little.section(little.option(1, []byte("first")), little.end()),
		little.face(1, 96, little.option(2, []byte("eth0")), little.option(9, []byte{9}), little.option(14, little.words(5, 0)), little.end()),
		little.packet(0, someTime*1e9, 1514, frameData(1, 60), little.option(1, []byte("look")), little.option(2, little.words(2)), little.end()),
		little.block(blockNames, little.option(1, join([]byte{10, 0, 0, 7}, []byte("web\x00"))), little.end()),
		big.section(),
		big.face(276, 0),
		big.packet(0, someTime*1e6, 60, frameData(2, 33)),
		big.block(blockSimple, big.words(60), frameData(4, 60)),
		big.block(blockStatistics, big.words(0, 0, 0), big.option(4, big.words(0, 9)), big.end()),
	)
	return map[string][]byte{
		"pcap":     manyRecords(8),
		"modified": join(big.pcapHead(0xa1b2cd34, 2, 4, 96, 1), big.words(someTime, 5, 20, 60, 1, 0), frameData(1, 20), big.words(someTime, 6, 20, 60, 1, 0), frameData(2, 20)),
		"blocks":   blocks,
		"mixed":    mixed,
		"gzip":     join(zipped(t, mixed[:200]), zipped(t, mixed[200:])),
	}
}

// same compares all that a reader said, frames by value.
func same(a, b got) error {
	if fmt.Sprint(a.err) != fmt.Sprint(b.err) {
		return fmt.Errorf("errors %v and %v", a.err, b.err)
	}
	if a.err != nil { // refused, possibly with some of the input unread
		return nil
	}
	if !reflect.DeepEqual(a.info, b.info) {
		return fmt.Errorf("info %+v and %+v, damage %+v and %+v", a.info, b.info, a.info.Damage, b.info.Damage)
	}
	if len(a.frames) != len(b.frames) {
		return fmt.Errorf("%d and %d frames", len(a.frames), len(b.frames))
	}
	for i := range a.frames {
		if !reflect.DeepEqual(a.frames[i], b.frames[i]) {
			return fmt.Errorf("frames %+v and %+v", a.frames[i], b.frames[i])
		}
	}
	return nil
}

// sane checks what must hold for any input: frames lie inside the capture and
// are numbered in order; an error is an *Error in both languages.
func sane(input []byte, g got) error {
	var e *Error
	if g.err != nil && (!errors.As(g.err, &e) || e.Text.EN == "" || e.Text.ZH == "") {
		return fmt.Errorf("error %#v", g.err)
	}
	for i, f := range g.frames {
		if f.Number != i+1 && !bytes.Contains(input, []byte(IncidentApplication)) {
			return fmt.Errorf("frame %d is number %d", i, f.Number)
		}
		if f.Line != nil || f.Offset < 0 || g.info.Compressed != "" {
			continue
		}
		if f.Offset+int64(len(f.Data)) > int64(len(input)) || !bytes.Equal(f.Data, input[f.Offset:][:len(f.Data)]) {
			return fmt.Errorf("frame %d is not at %d", f.Number, f.Offset)
		}
		if f.Interface >= len(g.info.Interfaces) {
			return fmt.Errorf("frame %d on interface %d", f.Number, f.Interface)
		}
	}
	return nil
}

func TestChunksDoNotMatter(t *testing.T) {
	for name, input := range samples(t) {
		whole := readAll(input, 0)
		if whole.err != nil || len(whole.frames) < 2 {
			t.Fatalf("%s: %d frames, error %v", name, len(whole.frames), whole.err)
		}
		for _, size := range []int{1, 2, 3, 7, 16, 61, -1} {
			if err := same(whole, readAll(input, size)); err != nil {
				t.Errorf("%s in chunks of %d: %v", name, size, err)
			}
		}
	}
}

// Every prefix gives the frames that are whole in it, and damage for the rest.
func TestEveryPrefix(t *testing.T) {
	for name, input := range samples(t) {
		whole := readAll(input, 0)
		for n := range len(input) {
			g := readAll(input[:n], 0)
			if err := sane(input[:n], g); err != nil {
				t.Fatalf("%s, %d bytes: %v", name, n, err)
			}
			if len(g.frames) > len(whole.frames) {
				t.Fatalf("%s, %d bytes: %d frames", name, n, len(g.frames))
			}
			for i := range g.frames {
				if !bytes.Equal(g.frames[i].Data, whole.frames[i].Data) || g.frames[i].Time != whole.frames[i].Time {
					t.Fatalf("%s, %d bytes: frame %d differs", name, n, i+1)
				}
			}
			if err := same(g, readAll(input[:n], 5)); err != nil {
				t.Fatalf("%s, %d bytes: %v", name, n, err)
			}
		}
	}
}

// Any single wrong byte leaves most of the capture readable, the same way
// whatever the chunks.
func TestEveryWrongByte(t *testing.T) {
	for name, input := range samples(t) {
		for at := range input {
			for _, v := range []byte{0x00, 0xff, 0x01, 0x80} {
				broken := bytes.Clone(input)
				if broken[at] ^= v; v == 0 {
					broken[at] = 0
				}
				g := readAll(broken, 0)
				err := sane(broken, g)
				if err == nil {
					err = same(g, readAll(broken, 11))
				}
				if err != nil {
					t.Fatalf("%s, byte %d xor %#x: %v", name, at, v, err)
				}
				if name == "blocks" && at > 48 && len(g.frames) < 7 || name == "pcap" && at >= 24 && len(g.frames) < 6 {
					t.Errorf("%s, byte %d xor %#x: only %d frames, damage %+v", name, at, v, len(g.frames), g.info.Damage)
				}
			}
		}
	}
}

// Searching after damage takes time in proportion to the input, even where
// every byte could begin a record.
func TestSearchIsLinear(t *testing.T) {
	measure := func(n int) time.Duration {
		input := join(manyRecords(1), bytes.Repeat([]byte{0xff}, 16), bytes.Repeat([]byte{1, 0, 0, 0}, n/4))
		begin := time.Now()
		readAll(input, 1<<16)
		return time.Since(begin)
	}
	measure(1 << 18)
	small, large := measure(1<<20), measure(1<<23)
	if large > 40*small+time.Second/2 {
		t.Errorf("8 times the bytes took %v instead of %v", large, small)
	}
}

// Nothing is allocated for a frame, wherever the chunks end.
func TestNothingAllocatedPerFrame(t *testing.T) {
	blocks, _ := manyBlocks(20_000)
	for name, input := range map[string][]byte{"pcap": manyRecords(20_000), "pcapng": blocks} {
		frames := 0
		emit := func(*Frame) { frames++ }
		allocations := testing.AllocsPerRun(3, func() {
			r := NewReader(name)
			for rest := input; len(rest) > 0; {
				n := min(len(rest), 9_973)
				if err := r.Feed(rest[:n], emit); err != nil {
					t.Fatal(err)
				}
				rest = rest[n:]
			}
			if err := r.Close(emit); err != nil {
				t.Fatal(err)
			}
		})
		if frames != 4*20_000 {
			t.Fatalf("%s: %d frames", name, frames)
		}
		if allocations > 20 {
			t.Errorf("%s: %.0f allocations for 20,000 frames", name, allocations)
		}
	}
}

func FuzzReader(f *testing.F) {
	for _, input := range samples(f) {
		f.Add(input, uint8(7))
	}
	f.Fuzz(func(t *testing.T, input []byte, size uint8) {
		g := readLimited(input, 0)
		if err := sane(input, g); err != nil {
			t.Fatal(err)
		}
		if err := same(g, readLimited(input, int(size)+1)); err != nil {
			t.Fatal(err)
		}
	})
}

// readLimited keeps what a fuzzed gzip file unpacks to small.
func readLimited(input []byte, size int) got {
	r := NewReader("fuzz")
	r.SetInflateLimit(1 << 20)
	return readWith(r, input, size)
}

func BenchmarkReader(b *testing.B) {
	blocks, _ := manyBlocks(200_000)
	for _, c := range []struct {
		name  string
		input []byte
	}{{"pcap", manyRecords(200_000)}, {"pcapng", blocks}, {"pcap.gz", zipped(b, manyRecords(200_000))}} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.input)))
			b.ReportAllocs()
			frames := 0
			emit := func(*Frame) { frames++ }
			for b.Loop() {
				r := NewReader(c.name)
				for rest := c.input; len(rest) > 0; {
					n := min(len(rest), 1<<20)
					_ = r.Feed(rest[:n], emit)
					rest = rest[n:]
				}
				_ = r.Close(emit)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(frames), "ns/frame")
		})
	}
}
