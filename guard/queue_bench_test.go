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

// BenchmarkCaller is the look-up below a stack as deep as that of an HTTP client under lambda.Start.
func BenchmarkCaller(b *testing.B) {
	for _, c := range []struct {
		name  string
		depth int
	}{{"near", 0}, {"40 frames up", 40}} {
		b.Run(c.name, func(b *testing.B) {
			below(c.depth, func() {
				b.ReportAllocs()
				for b.Loop() {
					if caller() == "" {
						b.Fatal("no caller")
					}
				}
			})
		})
	}
}

//go:noinline
func below(n int, f func()) {
	if n == 0 {
		f()
		return
	}
	below(n-1, f)
}
