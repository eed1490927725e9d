package capture

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestGzip(t *testing.T) {
	plain := manyRecords(50)
	half := 24 + 25*76 + 7 // inside a record
	for name, input := range map[string][]byte{
		"one member":      zipped(t, plain),
		"several members": join(zipped(t, plain[:half]), zipped(t, plain[half:half+1]), zipped(t, nil), zipped(t, plain[half+1:])),
	} {
		for _, size := range []int{0, 1, -1} {
			g := readAll(input, size)
			if g.err != nil || len(g.frames) != 50 || g.info.Damage != nil || g.info.Compressed != "gzip" || g.info.Format != "pcap" {
				t.Fatalf("%s, chunks of %d: %d frames, error %v, %+v", name, size, len(g.frames), g.err, g.info)
			}
			if g.frames[49].Offset != int64(24+49*76+16) || g.info.Bytes != int64(len(input)) {
				t.Errorf("%s: offset %d, %d bytes", name, g.frames[49].Offset, g.info.Bytes)
			}
		}
	}
}

func TestGzipDamage(t *testing.T) {
	whole := zipped(t, manyRecords(5000))
	broken := bytes.Clone(whole)
	for i := len(broken) / 2; i < len(broken)/2+40; i++ {
		broken[i] ^= 0x5a
	}
	checksum := bytes.Clone(whole)
	checksum[len(checksum)-8] ^= 1
	cases := []struct {
		name   string
		input  []byte
		frames func(int) bool
		reason string
	}{
		{"cut", whole[:len(whole)/2], func(n int) bool { return n > 1000 && n < 4999 }, "ends early"},
		{"cut trailer", whole[:len(whole)-3], func(n int) bool { return n == 5000 }, "ends early"},
		{"broken", broken, func(n int) bool { return n > 1000 && n <= 5000 }, ""},
		{"checksum", checksum, func(n int) bool { return n == 5000 }, "checksum"},
		{"something after", join(whole, []byte("<html>not gzip at all</html>")), func(n int) bool { return n == 5000 }, "other than gzip"},
	}
	for _, c := range cases {
		g := readAll(c.input, 4096)
		if g.err != nil || g.info.Damage == nil {
			t.Errorf("%s: error %v, damage %v", c.name, g.err, g.info.Damage)
			continue
		}
		if !c.frames(len(g.frames)) || !strings.Contains(g.info.Damage.Reason.EN, c.reason) {
			t.Errorf("%s: %d frames, damage %+v", c.name, len(g.frames), g.info.Damage)
		}
	}
}

func TestGzipZeroPaddingIsNoDamage(t *testing.T) {
	g := mustRead(t, join(zipped(t, manyRecords(5)), make([]byte, 1024)))
	if len(g.frames) != 5 || g.info.Damage != nil {
		t.Errorf("%d frames, damage %+v", len(g.frames), g.info.Damage)
	}
}

func TestInflateLimit(t *testing.T) {
	bomb := zipped(t, join(manyRecords(10), make([]byte, 50<<20)))
	r := NewReader("bomb")
	r.SetInflateLimit(1 << 20)
	g := readWith(r, bomb, 0)
	if g.err != nil || len(g.frames) < 10 || g.info.Damage == nil {
		t.Fatalf("%d frames, error %v, damage %v", len(g.frames), g.err, g.info.Damage)
	}
	r = NewReader("limit")
	r.SetInflateLimit(1000)
	g = readWith(r, zipped(t, manyRecords(50)), 0)
	if len(g.frames) != (1000-24)/76 || g.info.Damage == nil || g.info.Damage.Offset != 1000 {
		t.Errorf("%d frames, damage %+v", len(g.frames), g.info.Damage)
	}
	if !strings.Contains(g.info.Damage.Reason.EN, "more than 1,000 bytes") {
		t.Errorf("reason %q", g.info.Damage.Reason.EN)
	}
}

func TestGzipOfNoCapture(t *testing.T) {
	for name, input := range map[string][]byte{
		"empty-gzip":   zipped(t, nil),
		"gzip-in-gzip": zipped(t, zipped(t, manyRecords(1))),
		"image":        zipped(t, []byte("\x89PNG\r\n\x1a\n................")),
	} {
		var e *Error
		if g := readAll(input, 0); !errors.As(g.err, &e) || e.Looks != name {
			t.Errorf("%s: %+v", name, g.err)
		}
	}
	if g := readAll(zipped(t, manyRecords(50))[:4], 0); g.err == nil {
		t.Error("four bytes of gzip are taken for a capture")
	}
}
