package analyzer_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"pcaplain/analyzer"
)

var (
	trafficFolder = flag.String("traffic", "", "write captures to measure with into this `folder`")
	trafficSize   = flag.Int("traffic-size", 100, "their size in `MB`")
)

// TestWriteTraffic writes one capture per shape of traffic, and a small one for
// a cold start, when asked to.
func TestWriteTraffic(t *testing.T) {
	if *trafficFolder == "" {
		t.Skip("no -traffic folder given")
	}
	write := func(name string, s shape, size int) {
		data, _ := generate(s, size)
		if err := os.WriteFile(filepath.Join(*trafficFolder, name+".pcap"), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range shapes {
		write(s.name, s, *trafficSize*1_000_000)
	}
	write("cold", shapes[0], 1_000_000)
}

// BenchmarkSurvey measures a whole survey, findings included, per shape of
// traffic: bytes and packets per second, allocations per packet, memory held.
func BenchmarkSurvey(b *testing.B) {
	for _, s := range shapes {
		data, packets := generate(s, 50<<20)
		b.Run(s.name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for b.Loop() {
				a := analyzer.Open(s.name, analyzer.Options{})
				if err := a.Survey(bytes.NewReader(data)); err != nil {
					b.Fatal(err)
				}
			}
			runtime.ReadMemStats(&after)
			n := float64(packets) * float64(b.N)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/n, "ns/packet")
			b.ReportMetric(float64(after.Mallocs-before.Mallocs)/n, "allocs/packet")
		})
	}
}

// BenchmarkScaling surveys one shape in doubling sizes: the time per packet must
// stay level.
func BenchmarkScaling(b *testing.B) {
	for _, megabytes := range []int{5, 10, 20, 40} {
		data, packets := generate(shapes[1], megabytes<<20)
		b.Run(sizeName(megabytes), func(b *testing.B) {
			for b.Loop() {
				a := analyzer.Open("scaling", analyzer.Options{})
				if err := a.Survey(bytes.NewReader(data)); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(packets*b.N), "ns/packet")
		})
	}
}

func sizeName(megabytes int) string {
	return string(rune('0'+megabytes/10)) + string(rune('0'+megabytes%10)) + "MB"
}
