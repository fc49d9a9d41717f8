package alerting

import (
	"io"
	"testing"
)

// BenchmarkQueue measures an invocation without a violation, a repeat, and a first sight.
func BenchmarkQueue(b *testing.B) {
	b.Run("nothing to report", func(b *testing.B) {
		q := New(Options{Stdout: io.Discard})
		ctx := b.Context()
		b.ReportAllocs()
		for b.Loop() {
			q.Begin()
			q.Flush(ctx)
		}
	})
	b.Run("repeat", func(b *testing.B) {
		q := New(Options{Stdout: io.Discard})
		a := violation("alert", evil)
		b.ReportAllocs()
		for b.Loop() {
			q.Record(a)
		}
	})
	b.Run("first sight", func(b *testing.B) {
		q := New(Options{Stdout: io.Discard})
		alerts := distinct(2 * defaultEntries)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			q.Record(alerts[i%len(alerts)])
		}
	})
}
