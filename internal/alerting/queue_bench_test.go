package alerting

import (
	"io"
	"testing"
)

// BenchmarkQueue measures an invocation without a violation, a repeat, and a first sight.
func BenchmarkQueue(b *testing.B) {
	b.Run("nothing to report", func(b *testing.B) {
		q := New(Options{Stdout: io.Discard})
		ticket := new(Ticket)
		ctx := b.Context()
		b.ReportAllocs()
		for b.Loop() {
			q.Begin()
			q.Flush(ctx, ticket)
		}
	})
	b.Run("repeat", func(b *testing.B) {
		q := New(Options{Stdout: io.Discard})
		ticket := new(Ticket)
		a := violation("alert", evil)
		b.ReportAllocs()
		for b.Loop() {
			q.Record(a, ticket)
		}
	})
	b.Run("first sight", func(b *testing.B) {
		q := New(Options{Stdout: io.Discard})
		ticket := new(Ticket)
		alerts := distinct(2 * defaultEntries)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			q.Record(alerts[i%len(alerts)], ticket)
		}
	})
}
