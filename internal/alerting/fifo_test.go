package alerting

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/outguard/outguard/internal/corpustest"
	"github.com/outguard/outguard/notify"
)

// TestNoCountOfAContainerIsLost has a FIFO topic fail, refuse and recover at random, while
// violations come and stop at random. Whatever the times, the topic gets the count of each.
func TestNoCountOfAContainerIsLost(t *testing.T) {
	for seed := range uint64(corpustest.Times(corpustest.Sample(12, 60), 3_000)) {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 7))
			sns := &topic{last: map[string]time.Time{}}
			var trouble atomic.Int32
			sink := NewSink("topic", deliverFunc(func(ctx context.Context, alerts []notify.Alert) error {
				switch trouble.Load() {
				case 1:
					return fails(ctx, 0)
				case 2:
					return refuses(ctx, 0)
				}
				return sns.Notify(ctx, alerts)
			}))
			sink.inBuckets = true
			q := New(Options{Stdout: new(counter), Sinks: []*Sink{sink}})
			kinds, recorded := 1+r.IntN(4), 0
			for range 40 {
				if r.IntN(4) == 0 {
					trouble.Store(r.Int32N(3))
				}
				ticket := new(Ticket)
				q.Begin()
				for range r.IntN(3) {
					u := evil + word(r.IntN(kinds))
					for range 1 + r.IntN(1+r.IntN(150)) {
						q.Record(violation("alert", u), ticket)
						recorded++
						if r.IntN(10) == 0 {
							time.Sleep(time.Duration(r.IntN(20_000)) * time.Millisecond)
						}
					}
				}
				_ = q.Flush(t.Context(), ticket)
				switch r.IntN(3) {
				case 0:
					time.Sleep(time.Duration(r.IntN(600)) * time.Second)
				case 1:
					time.Sleep(time.Duration(r.IntN(120)) * time.Minute)
				}
			}
			trouble.Store(0)
			for range 20 { // until all backoffs and windows are over
				time.Sleep(10 * time.Minute)
				q.Begin()
				_ = q.Flush(t.Context(), new(Ticket))
			}
			synctest.Wait() // the topic is read below
			assert.Equal(t, recorded, sns.calls, fmt.Sprint("seed ", seed))
		})
	}
}
