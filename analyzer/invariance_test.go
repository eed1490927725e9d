package analyzer_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pcaplain/analyzer"
	"pcaplain/analyzer/internal/capture"
)

// record is one frame taken out of a capture.
type record struct {
	time int64
	wire int
	data []byte
}

// records reads a capture's frames; ok is false when they cannot all stand in a
// plain pcap: several link types, directions in the file, missing times.
func records(t *testing.T, path string) (out []record, link capture.LinkType, ran int64, ok bool) {
	t.Helper()
	file, err := os.ReadFile(filepath.Join(corpus, path))
	if err != nil {
		t.Fatal(err)
	}
	r := capture.NewReader(path)
	ok = true
	take := func(f *capture.Frame) {
		ok = ok && !f.NoTime && f.Direction == capture.DirectionUnknown && (len(out) == 0 || f.LinkType == link)
		link = f.LinkType
		out = append(out, record{f.Time, f.WireLen, slices.Clone(f.Data)})
	}
	if err := r.Feed(file, take); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(take); err != nil {
		t.Fatal(err)
	}
	ok = ok && len(r.Info().Interfaces) == 1
	return out, link, r.Info().EndTime, ok
}

// write makes a pcap with nanoseconds in a byte order.
func write(order binary.AppendByteOrder, link capture.LinkType, frames []record, shift int64) []byte {
	out := order.AppendUint32(nil, 0xa1b23c4d)
	out = order.AppendUint16(order.AppendUint16(out, 2), 4)
	out = order.AppendUint32(order.AppendUint32(out, 0), 0)
	out = order.AppendUint32(order.AppendUint32(out, 262144), uint32(link))
	for _, f := range frames {
		at := f.time + shift
		out = order.AppendUint32(order.AppendUint32(out, uint32(at/1e9)), uint32(at%1e9))
		out = order.AppendUint32(order.AppendUint32(out, uint32(len(f.data))), uint32(f.wire))
		out = append(out, f.data...)
	}
	return out
}

// verdict is what must not change: scenarios, severities and evidence, without
// packet numbers when they shift.
func verdict(r *analyzer.Report, numbers bool) string {
	var out []string
	for _, f := range r.Findings {
		if f.Severity == "info" {
			continue
		}
		line := f.Scenario + " " + f.Severity
		if numbers {
			for _, e := range f.Evidence {
				line += fmt.Sprintf(" #%d", e.Packet)
			}
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// TestSameMeaning rewrites captures without changing what they show: another
// container and byte order, another day. The findings must stay. The end time
// that pcapng states is lost in a pcap, so rules that rest on silence to the end
// may weaken: captures that ran on for a second or more are left out.
func TestSameMeaning(t *testing.T) {
	for _, l := range labels(t) {
		frames, link, ran, ok := records(t, l.path)
		if !ok || len(frames) == 0 || ran-frames[len(frames)-1].time > 1e9 {
			continue
		}
		t.Run(l.path, func(t *testing.T) {
			want := verdict(analyse(t, l.path).Report(), true)
			for name, data := range map[string][]byte{
				"big-endian pcap": write(binary.BigEndian, link, frames, 0),
				"three days on":   write(binary.LittleEndian, link, frames, 3*86400e9),
			} {
				if got := verdict(analyseBytes(t, l.path, data).Report(), true); got != want {
					t.Errorf("%s: the findings change\nwas:\n%s\nis:\n%s", name, want, got)
				}
			}
		})
	}
}

// TestUnrelatedTraffic mixes ordinary traffic of other hosts into a capture.
// What is wrong in it must still be found, and nothing else.
func TestUnrelatedTraffic(t *testing.T) {
	for _, l := range labels(t) {
		frames, link, ran, ok := records(t, l.path)
		inOrder := slices.IsSortedFunc(frames, func(a, b record) int { return int(min(max(a.time-b.time, -1), 1)) })
		if !ok || len(frames) == 0 || link != capture.LinkEthernet || !inOrder {
			continue // mixing sorts by time, which would mend a file whose records are swapped
		}
		t.Run(l.path, func(t *testing.T) {
			want := verdict(analyse(t, l.path).Report(), false)
			data := write(binary.LittleEndian, link, mixed(frames, ran), 0)
			if got := verdict(analyseBytes(t, l.path, data).Report(), false); got != want {
				t.Errorf("with unrelated traffic the findings change\nwas:\n%s\nis:\n%s", want, got)
			}
		})
	}
}

// mixed adds connections of other hosts in the middle of the capture's time, or
// up to its end where it ran on after its last packet: a pcap has no other way to
// say how long it ran.
func mixed(frames []record, ran int64) []record {
	other, _ := generate(shape{"other", 200, 65535, 10, 4}, 40_000)
	out := slices.Clone(frames)
	first, last := frames[0].time, frames[len(frames)-1].time
	const header = 24
	var times []int64
	for at := header; at+16 <= len(other); {
		kept := int(binary.LittleEndian.Uint32(other[at+8:]))
		out = append(out, record{wire: int(binary.LittleEndian.Uint32(other[at+12:])), data: other[at+16 : at+16+kept]})
		times = append(times, int64(binary.LittleEndian.Uint32(other[at:]))*1e9+int64(binary.LittleEndian.Uint32(other[at+4:]))*1e3)
		at += 16 + kept
	}
	span := times[len(times)-1] - times[0]
	start := first + max(0, (last-first-span)/2)
	if ran > last {
		start = max(first, ran-span)
	}
	for i, at := range times {
		// Its own pace, so that its round trips stay what they were.
		out[len(frames)+i].time = start + (at - times[0])
	}
	slices.SortStableFunc(out, func(a, b record) int { return int(min(max(a.time-b.time, -1), 1)) })
	return out
}

// TestPrefixes cuts small captures anywhere: nothing may crash, and no finding
// may cite a packet that is not there.
func TestPrefixes(t *testing.T) {
	const small, step = 12_000, 61
	for _, l := range labels(t) {
		file, err := os.ReadFile(filepath.Join(corpus, l.path))
		if err != nil {
			t.Fatal(err)
		}
		if len(file) > small {
			continue
		}
		for n := 0; n < len(file); n += step {
			a := analyzer.Open(l.path, analyzer.Options{})
			if a.Survey(bytes.NewReader(file[:n])) != nil {
				continue
			}
			citesOnlyWhatIsThere(t, fmt.Sprintf("%s cut at %d", l.path, n), a.Report())
		}
	}
}

// TestCorruptions changes single bytes of small captures, to the same end.
func TestCorruptions(t *testing.T) {
	const small, step = 6_000, 173
	for _, l := range labels(t) {
		file, err := os.ReadFile(filepath.Join(corpus, l.path))
		if err != nil {
			t.Fatal(err)
		}
		if len(file) > small {
			continue
		}
		for n := 0; n < len(file); n += step {
			changed := slices.Clone(file)
			changed[n] ^= byte(1 << (n % 8))
			a := analyzer.Open(l.path, analyzer.Options{})
			if a.Survey(bytes.NewReader(changed)) != nil {
				continue
			}
			citesOnlyWhatIsThere(t, fmt.Sprintf("%s changed at %d", l.path, n), a.Report())
		}
	}
}

func citesOnlyWhatIsThere(t *testing.T, what string, r *analyzer.Report) {
	t.Helper()
	packets := r.Captures[0].Packets
	for _, f := range r.Findings {
		for _, e := range f.Evidence {
			if e.Packet < 1 || e.Packet > packets {
				t.Fatalf("%s: %s cites #%d of %d packets", what, f.Scenario, e.Packet, packets)
			}
		}
		for _, s := range f.Story {
			for _, p := range s.Packets {
				if p < 1 || p > packets {
					t.Fatalf("%s: the story of %s cites #%d of %d packets", what, f.Scenario, p, packets)
				}
			}
		}
	}
}
