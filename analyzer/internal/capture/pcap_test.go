package capture

import (
	"bytes"
	"strings"
	"testing"
)

func TestPcapVariants(t *testing.T) {
	data := frameData(1, 60)
	const sec, frac = 1_600_000_000, 123_456
	modified := func(o order) []byte {
		record := join(o.words(sec, frac, 60, 1514), o.words(3), o.halves(8, 0x0100), data)
		return join(o.pcapHead(0xa1b2cd34, 2, 4, 65535, 1), record, record)
	}
	plain := func(o order, magic uint32, major, minor uint16, snap, link uint32) []byte {
		record := o.pcapRecord(sec, frac, 60, 1514, data)
		return join(o.pcapHead(magic, major, minor, snap, link), record, record)
	}
	const micro = sec*1_000_000_000 + frac*1000
	cases := []struct {
		name   string
		input  []byte
		time   int64
		offset int64
		link   LinkType
		snap   int
		wire   int
	}{
		{"little µs", plain(little, 0xa1b2c3d4, 2, 4, 65535, 1), micro, 40, 1, 65535, 1514},
		{"big µs", plain(big, 0xa1b2c3d4, 2, 4, 65535, 1), micro, 40, 1, 65535, 1514},
		{"little ns", plain(little, 0xa1b23c4d, 2, 4, 65535, 1), sec*1_000_000_000 + frac, 40, 1, 65535, 1514},
		{"big ns", plain(big, 0xa1b23c4d, 2, 4, 65535, 1), sec*1_000_000_000 + frac, 40, 1, 65535, 1514},
		{"modified little", modified(little), micro, 48, 1, 65535, 1514},
		{"modified big", modified(big), micro, 48, 1, 65535, 1514},
		{"version 2.3", plain(little, 0xa1b2c3d4, 2, 3, 65535, 1), micro, 40, 1, 65535, 1514},
		{"version 1.2", plain(little, 0xa1b2c3d4, 1, 2, 65535, 1), micro, 40, 1, 65535, 1514},
		{"no snap length", plain(little, 0xa1b2c3d4, 2, 4, 0, 1), micro, 40, 1, 0, 1514},
		{"snap length too small", plain(little, 0xa1b2c3d4, 2, 4, 10, 1), micro, 40, 1, 10, 1514},
		{"snap length absurd", plain(little, 0xa1b2c3d4, 2, 4, 0xffffffff, 1), micro, 40, 1, 0, 1514},
		{"SLL2", plain(little, 0xa1b2c3d4, 2, 4, 65535, 276), micro, 40, LinkSLL2, 65535, 1514},
		{"FCS of 4 bytes", plain(little, 0xa1b2c3d4, 2, 4, 65535, 0x2400_0001), micro, 40, 1, 65535, 1510},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			g := mustRead(t, c.input)
			if len(g.frames) != 2 || g.info.Damage != nil || g.info.Format != "pcap" {
				t.Fatalf("%d frames, damage %v, format %q", len(g.frames), g.info.Damage, g.info.Format)
			}
			f := g.frames[0]
			if f.Number != 1 || f.Time != c.time || f.Offset != c.offset || f.LinkType != c.link || f.WireLen != c.wire || !bytes.Equal(f.Data, data) {
				t.Errorf("frame %+v", f)
			}
			if in := g.info.Interfaces[0]; in.SnapLength != c.snap || in.LinkType != c.link {
				t.Errorf("interface %+v", in)
			}
			if g.frames[1].Number != 2 {
				t.Errorf("second frame is number %d", g.frames[1].Number)
			}
		})
	}
}

func TestPcapFCSIsTrimmedFromWholeFrames(t *testing.T) {
	data := frameData(1, 64)
	g := mustRead(t, join(little.pcapHead(0xa1b2c3d4, 2, 4, 65535, 0x2400_0001), little.pcapRecord(1, 0, 64, 64, data)))
	if f := g.frames[0]; f.WireLen != 60 || !bytes.Equal(f.Data, data[:60]) {
		t.Errorf("%d bytes of %d on the wire", len(f.Data), f.WireLen)
	}
}

// Before version 2.4 the two lengths stood in either order.
func TestPcapSwappedLengths(t *testing.T) {
	data := frameData(1, 60)
	for _, minor := range []uint16{2, 3} {
		g := mustRead(t, join(little.pcapHead(0xa1b2c3d4, 2, minor, 96, 1), little.pcapRecord(1, 2, 1514, 60, data), little.pcapRecord(1, 2, 60, 1514, data)))
		for _, f := range g.frames {
			if len(f.Data) != 60 || f.WireLen != 1514 {
				t.Errorf("2.%d: %d of %d bytes", minor, len(f.Data), f.WireLen)
			}
		}
		if len(g.frames) != 2 {
			t.Errorf("2.%d: %d frames", minor, len(g.frames))
		}
	}
}

func TestPcapIxia(t *testing.T) {
	for _, magic := range []uint32{0x1c0001ac, 0x1c0001ab} {
		for _, o := range []order{little, big} {
			g := mustRead(t, join(o.pcapHead(magic, 2, 4, 65535, 1), o.words(76), o.pcapRecord(1, 5, 60, 60, frameData(1, 60))))
			if len(g.frames) != 1 || g.frames[0].Time != 1_000_005_000 || g.frames[0].Offset != 44 {
				t.Errorf("%x: %+v", magic, g.frames)
			}
		}
	}
}

func TestPcapBigFrame(t *testing.T) {
	data := frameData(1, 400_000)
	g := mustRead(t, join(little.pcapHead(0xa1b2c3d4, 2, 4, 262144, 1),
		little.pcapRecord(1, 5, 400_000, 400_000, data), little.pcapRecord(1, 6, 60, 60, frameData(2, 60))))
	if len(g.frames) != 2 || len(g.frames[0].Data) != 400_000 || g.info.Damage != nil {
		t.Errorf("%d frames, damage %v", len(g.frames), g.info.Damage)
	}
}

// manyRecords is a capture of n records of 60 bytes, a millisecond apart.
func manyRecords(n int) []byte {
	b := little.pcapHead(0xa1b2c3d4, 2, 4, 262144, 1)
	for i := range n {
		b = append(b, little.pcapRecord(1_600_000_000, uint32(i*1000), 60, 60, frameData(byte(i), 60))...)
	}
	return b
}

// Some writers state nothing, or nonsense, as the length on the wire.
func TestPcapWireLengthTooSmall(t *testing.T) {
	b := little.pcapHead(0xa1b2c3d4, 2, 4, 262144, 1)
	for i := range 5 {
		b = append(b, little.pcapRecord(someTime, uint32(i), 60, 0, frameData(byte(i), 60))...)
	}
	if g := mustRead(t, b); len(g.frames) != 5 || g.info.Damage != nil {
		t.Errorf("%d frames, damage %+v", len(g.frames), g.info.Damage)
	}
}

func TestPcapCut(t *testing.T) {
	whole := manyRecords(3)
	g := mustRead(t, whole[:len(whole)-5])
	if len(g.frames) != 2 || g.info.Damage == nil || g.info.Damage.Offset != 24+2*76 {
		t.Fatalf("%d frames, damage %+v", len(g.frames), g.info.Damage)
	}
	if !strings.Contains(g.info.Damage.Reason.EN, "in the middle of a record") {
		t.Errorf("reason %q", g.info.Damage.Reason.EN)
	}
}

func TestPcapLyingLength(t *testing.T) {
	const at = 24 + 3*76
	for name, lie := range map[string][]byte{
		"all of the file": little.words(50_000),
		"a gigabyte":      little.words(1 << 30),
		"a few records":   little.words(200),
		"both lengths":    little.words(100_000, 100_000),
	} {
		t.Run(name, func(t *testing.T) {
			b := manyRecords(20)
			copy(b[at+8:], lie)
			g := mustRead(t, b)
			if g.info.Damage == nil || g.info.Damage.Offset != at {
				t.Fatalf("damage %+v", g.info.Damage)
			}
			if len(g.frames) != 19 || g.frames[3].Time != 1_600_000_000_004_000_000 {
				t.Errorf("%d frames", len(g.frames))
			}
		})
	}
}

func TestPcapResynchronisesAfterRubbish(t *testing.T) {
	b := manyRecords(30)
	const at = 24 + 10*76
	b = join(b[:at], bytes.Repeat([]byte{0xaa, 0x55, 0}, 333), b[at:])
	g := mustRead(t, b)
	if len(g.frames) != 30 || g.info.Damage == nil || g.info.Damage.Offset != at {
		t.Fatalf("%d frames, damage %+v", len(g.frames), g.info.Damage)
	}
	if !strings.Contains(g.info.Damage.Reason.EN, "999 bytes were skipped") {
		t.Errorf("reason %q", g.info.Damage.Reason.EN)
	}
}

func TestPcapJoinedCaptures(t *testing.T) {
	second := join(big.pcapHead(0xa1b23c4d, 2, 4, 96, 101), big.pcapRecord(someTime+5, 7, 40, 40, frameData(9, 40)))
	input := join(manyRecords(3), second)
	g := mustRead(t, input)
	if len(g.frames) != 4 || len(g.info.Interfaces) != 2 || g.info.Damage != nil || len(g.info.Notes) != 1 {
		t.Fatalf("%d frames, %d interfaces, damage %+v, notes %+v", len(g.frames), len(g.info.Interfaces), g.info.Damage, g.info.Notes)
	}
	if f := g.frames[3]; f.Interface != 1 || f.LinkType != LinkRaw || f.Time != (someTime+5)*1e9+7 || !bytes.Equal(f.Data, frameData(9, 40)) {
		t.Errorf("%+v", f)
	}
	if err := same(g, readAll(input, 1)); err != nil {
		t.Error(err)
	}
	if cut := mustRead(t, input[:len(manyRecords(3))+20]); len(cut.frames) != 3 || cut.info.Damage == nil {
		t.Errorf("cut inside the second header: %d frames, damage %+v", len(cut.frames), cut.info.Damage)
	}
}
