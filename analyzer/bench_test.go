package analyzer_test

import (
	"bytes"
	"runtime"
	"testing"

	"pcaplain/analyzer"
)

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
