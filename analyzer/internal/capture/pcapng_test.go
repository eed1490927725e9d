package capture

import (
	"bytes"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pcaplain/analyzer/internal/lang"
)

const someTime = 1_600_000_000 // seconds

func TestPcapngSections(t *testing.T) {
	a, b := frameData(1, 60), frameData(2, 61)
	input := join(
		little.section(little.option(1, []byte("first")), little.end()),
		little.face(1, 96, little.option(2, []byte("eth0")), little.option(1, []byte("uplink")), little.end()),
		little.packet(0, someTime*1e6, 1514, a),
		big.section(),
		big.face(101, 0, big.option(9, []byte{9})),
		big.face(276, 0, big.option(2, []byte("any"))),
		big.packet(1, someTime*1e6+1, 61, b),
		big.packet(0, someTime*1e9+2, 61, b),
	)
	g := mustRead(t, input)
	if len(g.frames) != 3 || g.info.Damage != nil || g.info.Format != "pcapng" {
		t.Fatalf("%d frames, damage %+v", len(g.frames), g.info.Damage)
	}
	faces := []Interface{
		{Name: "eth0", LinkType: 1, SnapLength: 96, Resolution: 1e6},
		{LinkType: 101, Resolution: 1e9},
		{Name: "any", LinkType: 276, Resolution: 1e6},
	}
	if !slices.Equal(g.info.Interfaces, faces) || !slices.Equal(g.info.Comments, []string{"first", "uplink"}) {
		t.Errorf("interfaces %+v, comments %q", g.info.Interfaces, g.info.Comments)
	}
	for i, want := range []Frame{
		{Number: 1, Time: someTime * 1e9, Interface: 0, LinkType: 1, WireLen: 1514, Data: a},
		{Number: 2, Time: someTime*1e9 + 1000, Interface: 2, LinkType: 276, WireLen: 61, Data: b},
		{Number: 3, Time: someTime*1e9 + 2, Interface: 1, LinkType: 101, WireLen: 61, Data: b},
	} {
		f := g.frames[i]
		if f.Number != want.Number || f.Time != want.Time || f.Interface != want.Interface || f.LinkType != want.LinkType ||
			f.WireLen != want.WireLen || !bytes.Equal(f.Data, want.Data) || f.NoTime {
			t.Errorf("frame %+v, want %+v", f, want)
		}
		if !bytes.Equal(input[f.Offset:][:len(f.Data)], f.Data) {
			t.Errorf("frame %d is not at %d", i, f.Offset)
		}
	}
}

func TestPcapngPacketOptions(t *testing.T) {
	data := frameData(1, 61)
	flags := func(v uint32) []byte { return little.option(2, little.words(v)) }
	g := mustRead(t, join(little.section(), little.face(1, 0),
		little.packet(0, 1, 61, data, flags(1), little.end()),
		little.packet(0, 1, 61, data, little.option(1, []byte("see here")), flags(2), little.end()),
		little.packet(0, 1, 61, data, flags(4<<5), little.end()),
		little.packet(0, 1, 61, data, little.option(0x8001, []byte("others'")), little.option(1, []byte("bad \xff utf8")), little.end()),
		little.packet(0, 1, 61, data, little.halves(1, 9999)),
		little.packet(0, 1, 61, data),
	))
	if len(g.frames) != 6 || g.info.Damage != nil {
		t.Fatalf("%d frames, damage %+v", len(g.frames), g.info.Damage)
	}
	if g.frames[0].Direction != DirectionInbound || g.frames[1].Direction != DirectionOutbound || g.frames[5].Direction != DirectionUnknown {
		t.Error("directions")
	}
	if g.frames[0].Comment != "" || g.frames[1].Comment != "see here" || g.frames[3].Comment != "bad \uFFFD utf8" || g.frames[5].Comment != "" {
		t.Errorf("comments %q %q %q", g.frames[1].Comment, g.frames[3].Comment, g.frames[5].Comment)
	}
	if g.frames[2].WireLen != 57 || len(g.frames[2].Data) != 57 || g.frames[3].WireLen != 61 {
		t.Error("a frame check sequence of 4 bytes stays on")
	}
}

func TestPcapngOtherPacketBlocks(t *testing.T) {
	data := frameData(3, 50)
	old := big.block(blockOldPacket, big.halves(1, 7), big.words(uint32(someTime*1_000_000>>32), uint32(someTime*1_000_000&0xffffffff), 50, 60), pad(bytes.Clone(data)), big.option(2, big.words(2)), big.end())
	simple := big.block(blockSimple, big.words(60), pad(bytes.Clone(data)))
	g := mustRead(t, join(big.section(), big.face(1, 50), big.face(101, 0), old, simple))
	if len(g.frames) != 2 || g.info.Damage != nil {
		t.Fatalf("%d frames, damage %+v", len(g.frames), g.info.Damage)
	}
	if f := g.frames[0]; f.Interface != 1 || f.LinkType != 101 || f.Time != someTime*1e9 || f.WireLen != 60 || !bytes.Equal(f.Data, data) || f.Direction != DirectionOutbound {
		t.Errorf("packet block: %+v", f)
	}
	if f := g.frames[1]; !f.NoTime || f.Interface != 0 || f.LinkType != 1 || f.WireLen != 60 || !bytes.Equal(f.Data, data) {
		t.Errorf("simple packet block: %+v", f)
	}
}

func TestClock(t *testing.T) {
	for _, c := range []struct {
		resolution byte
		ticks      uint64
		want       int64
		perSecond  int64
	}{
		{0, 1_600_000_000, 1_600_000_000e9, 1},
		{1, 16_000_000_001, 1_600_000_000.1e9, 10},
		{3, 1_600_000_000_123, 1_600_000_000_123e6, 1000},
		{6, 1_600_000_000_123_456, 1_600_000_000_123_456e3, 1e6},
		{9, 1_600_000_000_123_456_789, 1_600_000_000_123_456_789, 1e9},
		{10, 16_000_000_001_234_567_891, 1_600_000_000_123_456_789, 1e10},
		{12, 12_345_678_901_234_567_890, 12_345_678_901_234_567, 1e12},
		{19, 12_345_678_901_234_567_890, 1_234_567_890, 9_223_372_036_854_775_807},
		{0x80, 1_600_000_000, 1_600_000_000e9, 1},
		{0x80 | 1, 3_200_000_001, 1_600_000_000.5e9, 2},
		{0x80 | 10, 1024*1_600_000_000 + 512, 1_600_000_000.5e9, 1024},
		{0x80 | 30, 1_600_000_000<<30 + 1<<29, 1_600_000_000.5e9, 1 << 30},
		{0x80 | 32, 1_600_000_000<<32 + 1<<30, 1_600_000_000.25e9, 1 << 32},
		{0x80 | 63, 1<<63 + 1<<62, 1.5e9, 9_223_372_036_854_775_807},
		{9, 1<<64 - 1, 9_223_372_036_854_775_807, 1e9}, // beyond what an int64 holds
		{0x80, 1<<64 - 1, 9_223_372_035_000_000_000, 1},
	} {
		clk := microseconds
		if !clk.set(c.resolution) || clk.nanoseconds(c.ticks) != c.want || clk.perSecond() != c.perSecond {
			t.Errorf("resolution %#x: %d ticks are %d ns, want %d; %d per second", c.resolution, c.ticks, clk.nanoseconds(c.ticks), c.want, clk.perSecond())
		}
	}
	for v := range 256 {
		clk := microseconds
		clk.set(byte(v))
		for _, ticks := range []uint64{0, 1, 1 << 62, 1<<64 - 1} {
			if clk.nanoseconds(ticks) < 0 {
				t.Errorf("resolution %#x: %d ticks are negative", v, ticks)
			}
		}
	}
}

func TestPcapngTimes(t *testing.T) {
	negative := int64(-3600)
	input := join(little.section(),
		little.face(1, 0, little.option(9, []byte{0x80 | 20}), little.option(14, little.AppendUint64(nil, uint64(someTime))), little.end()),
		little.face(1, 0, little.option(14, little.AppendUint64(nil, uint64(negative)))),
		little.face(1, 0, little.option(9, []byte{64})),
		little.packet(0, 3<<19, 4, make([]byte, 4)),
		little.packet(1, someTime*1e6, 4, make([]byte, 4)),
		little.packet(2, someTime*1e6, 4, make([]byte, 4)),
	)
	g := mustRead(t, input)
	for i, want := range []int64{someTime*1e9 + 1.5e9, (someTime - 3600) * 1e9, someTime * 1e9} {
		if g.frames[i].Time != want {
			t.Errorf("frame %d at %d, want %d", i+1, g.frames[i].Time, want)
		}
	}
	if len(g.info.Notes) != 1 || g.info.Notes[0].ID != "time-resolution" {
		t.Errorf("notes %+v", g.info.Notes)
	}
}

func TestPcapngNamesAndOthers(t *testing.T) {
	v4 := little.option(1, join([]byte{10, 0, 0, 7}, []byte("web.example\x00www.example\x00")))
	addr6 := netip.MustParseAddr("2001:db8::7").As16()
	v6 := little.option(2, join(addr6[:], []byte("six.example\x00")))
	g := mustRead(t, join(little.section(), little.face(1, 0),
		little.block(blockNames, v4, v6, little.option(1, []byte{10, 0, 0, 8}), little.end()),
		little.block(blockSecrets, little.words(0x544c534b, 4), []byte("keys")),
		little.block(blockCustom, little.words(32473), []byte("whatever")),
		little.block(blockCustomKeep, little.words(32473)),
		little.block(blockJournal, []byte("__CURSOR=\n")),
		little.block(0x80000001, []byte("private")),
		little.packet(0, 1, 60, frameData(1, 60)),
	))
	want := map[netip.Addr]string{netip.MustParseAddr("10.0.0.7"): "web.example", netip.MustParseAddr("2001:db8::7"): "six.example"}
	if len(g.info.Names) != 2 || g.info.Names[netip.MustParseAddr("10.0.0.7")] != want[netip.MustParseAddr("10.0.0.7")] ||
		g.info.Names[netip.MustParseAddr("2001:db8::7")] != want[netip.MustParseAddr("2001:db8::7")] {
		t.Errorf("names %v", g.info.Names)
	}
	if len(g.frames) != 1 || g.info.Damage != nil {
		t.Errorf("%d frames, damage %+v", len(g.frames), g.info.Damage)
	}
}

// The end time is in microseconds even for an interface in nanoseconds where
// dumpcap wrote it, and in nanoseconds where others did.
func TestPcapngStatistics(t *testing.T) {
	stamp := func(ticks uint64) []byte { return little.words(uint32(ticks>>32), uint32(ticks)) }
	count := func(code uint16, v uint64) []byte { return little.option(code, little.AppendUint64(nil, v)) }
	const last, end = someTime * int64(1e9), someTime*int64(1e9) + 5e9
	for name, ticks := range map[string]uint64{"its own unit": uint64(end), "microseconds": uint64(end / 1000)} {
		statistics := little.block(blockStatistics, little.words(0), stamp(ticks), little.option(3, stamp(ticks)),
			count(4, 1000), count(5, 7), count(7, 2), little.end())
		g := mustRead(t, join(little.section(), little.face(1, 0, little.option(9, []byte{9})), little.packet(0, uint64(last), 60, frameData(1, 60)), statistics))
		in := g.info.Interfaces[0]
		if !in.HasStats || in.Received != 1000 || in.Dropped != 9 || in.EndTime != end || g.info.EndTime != end {
			t.Errorf("%s: %+v", name, in)
		}
	}
	g := mustRead(t, join(little.section(), little.face(1, 0), little.packet(0, someTime*1e6, 60, frameData(1, 60)),
		little.block(blockStatistics, little.words(0), stamp(77), little.option(3, stamp(77)))))
	if g.info.Interfaces[0].EndTime != 0 || g.info.Interfaces[0].HasStats {
		t.Errorf("an end before the last packet is believed: %+v", g.info.Interfaces[0])
	}
}

// manyBlocks is a capture of n packets of 60 bytes, and the offset of each block.
func manyBlocks(n int) (b []byte, at []int) {
	b = join(little.section(), little.face(1, 0))
	for i := range n {
		at = append(at, len(b))
		b = append(b, little.packet(0, someTime*1e6+uint64(i)*1000, 60, frameData(byte(i), 60))...)
	}
	return b, at
}

func TestPcapngDamage(t *testing.T) {
	_, at := manyBlocks(20)
	cases := []struct {
		name   string
		spoil  func(b []byte) []byte
		frames int
		offset int
		reason string
	}{
		{"cut", func(b []byte) []byte { return b[:len(b)-9] }, 19, at[19], "in the middle of a record"},
		{"length too long", func(b []byte) []byte { copy(b[at[5]+4:], little.words(150_000)); return b }, 19, at[5], "claims"},
		{"length of a gigabyte", func(b []byte) []byte { copy(b[at[5]+4:], little.words(1<<30)); return b }, 19, at[5], "claims"},
		{"length of a later block's end", func(b []byte) []byte { copy(b[at[5]+4:], little.words(3*92)); return b }, 19, at[5], "one length"},
		{"length too short", func(b []byte) []byte { copy(b[at[5]+4:], little.words(40)); return b }, 19, at[5], "packet claims"},
		{"length zero", func(b []byte) []byte { copy(b[at[5]+4:], little.words(0)); return b }, 19, at[5], "claims"},
		{"wrong trailing length", func(b []byte) []byte { copy(b[at[6]-4:], little.words(7)); return b }, 20, at[5], "one length"},
		{"packet longer than its block", func(b []byte) []byte { copy(b[at[5]+20:], little.words(5000)); return b }, 19, at[5], "packet claims"},
		{"unknown interface", func(b []byte) []byte { copy(b[at[5]+8:], little.words(9)); return b }, 19, at[5], "interface 9"},
		{"rubbish", func(b []byte) []byte { return join(b[:at[5]], []byte("odd 13 bytes."), b[at[5]:]) }, 20, at[5], "13 bytes were skipped"},
		{"bytes missing", func(b []byte) []byte { return join(b[:at[5]+30], b[at[5]+41:]) }, 19, at[5], ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b, _ := manyBlocks(20)
			g := mustRead(t, c.spoil(b))
			if len(g.frames) != c.frames {
				t.Errorf("%d frames, want %d", len(g.frames), c.frames)
			}
			if d := g.info.Damage; d == nil || d.Offset != int64(c.offset) || !strings.Contains(d.Reason.EN, c.reason) {
				t.Errorf("damage %+v, want at %d", d, c.offset)
			}
		})
	}
}

// The next section is found after damage in whichever byte order it is written.
func TestPcapngResynchronisesAtASection(t *testing.T) {
	b, _ := manyBlocks(3)
	b = join(b, []byte("rubbish"), big.section(), big.face(101, 0), big.packet(0, someTime*1e6, 9, frameData(1, 9)))
	g := mustRead(t, b)
	if len(g.frames) != 4 || g.frames[3].LinkType != LinkRaw || g.info.Damage == nil {
		t.Errorf("%d frames, damage %+v", len(g.frames), g.info.Damage)
	}
}

// A block may claim what it likes: what is kept is what is there.
func TestPcapngClaimsAllocateNothing(t *testing.T) {
	b, at := manyBlocks(2)
	copy(b[at[1]+4:], little.words(maxRecord))
	copy(b[at[1]+20:], little.words(maxRecord-100))
	r := NewReader("")
	if err := r.Feed(b, func(*Frame) {}); err != nil {
		t.Fatal(err)
	}
	if cap(r.window.kept) > 1<<12 {
		t.Errorf("%d bytes kept", cap(r.window.kept))
	}
}

func TestPcapngInterfacesAreBounded(t *testing.T) {
	b := little.section()
	one := little.face(1, 0)
	for range maxInterfaces + 10 {
		b = append(b, one...)
	}
	b = append(b, little.packet(maxInterfaces+5, 1, 4, make([]byte, 4))...)
	b = append(b, little.packet(7, 1, 4, make([]byte, 4))...)
	g := mustRead(t, b)
	if len(g.info.Interfaces) != maxInterfaces || len(g.frames) != 1 || len(g.info.Notes) != 1 || g.info.Damage == nil {
		t.Errorf("%d interfaces, %d frames, %d notes", len(g.info.Interfaces), len(g.frames), len(g.info.Notes))
	}
}

func TestEndTimeMayBeLongAfterTheLastPacket(t *testing.T) {
	ticks := uint64(someTime*1e6) + uint64(3*24*lang.Hour/1000)
	stamp := little.words(uint32(ticks>>32), uint32(ticks))
	g := mustRead(t, join(little.section(), little.face(1, 0), little.packet(0, someTime*1e6, 60, frameData(1, 60)),
		little.block(blockStatistics, little.words(0), stamp, little.option(3, stamp))))
	if got, want := g.info.EndTime, someTime*lang.Second+3*24*lang.Hour; got != want {
		t.Errorf("end %d, want %d", got, want)
	}
}
