package guard

import (
	"io"
	"testing"
)

// BenchmarkQueue is what the queue costs an invocation without a violation, and a violation that repeats.
func BenchmarkQueue(b *testing.B) {
	b.Run("nothing to tell", func(b *testing.B) {
		q := newQueue(queueOptions{stdout: io.Discard})
		ctx := b.Context()
		b.ReportAllocs()
		for b.Loop() {
			q.begin()
			q.flush(ctx)
		}
	})
	b.Run("repeat", func(b *testing.B) {
		q := newQueue(queueOptions{stdout: io.Discard})
		a := violation("alert", evil)
		b.ReportAllocs()
		for b.Loop() {
			q.tell(a)
		}
	})
	b.Run("first sight", func(b *testing.B) {
		q := newQueue(queueOptions{stdout: io.Discard})
		alerts := distinct(2 * maxSeen)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			q.tell(alerts[i%len(alerts)])
		}
	})
}
