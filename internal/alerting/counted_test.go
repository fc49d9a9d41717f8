package alerting

import (
	"context"
	"errors"
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

// A moody sink fails, refuses, takes a part or takes all of what it is sent, as mood says. It adds
// up the calls that it took.
type moody struct {
	r        *rand.Rand // of the sends alone: they run beside the test
	mood     atomic.Int32
	calls    int
	messages []time.Time
}

func (m *moody) Notify(ctx context.Context, alerts []notify.Alert) error {
	time.Sleep(time.Duration(m.r.IntN(300)) * time.Millisecond)
	taken := len(alerts)
	switch m.mood.Load() {
	case 1:
		return fails(ctx, 0)
	case 2:
		return refuses(ctx, 0)
	case 3:
		taken = m.r.IntN(len(alerts) + 1)
	default:
		m.messages = append(m.messages, time.Now())
	}
	for i := range alerts[:taken] {
		m.calls += alerts[i].Count
	}
	if taken < len(alerts) {
		return &notify.DeliveryError{Left: alerts[taken:], Err: errors.New("some did not arrive")}
	}
	return nil
}

// TestEveryCallIsCountedOnce has violations of many kinds come at random, in and between the
// troubles of a sink. Each call is in one of the counts that the sink gets, no invocation waits for
// longer than its budget, and no minute has more messages than two ceilings that meet.
func TestEveryCallIsCountedOnce(t *testing.T) {
	for seed := range uint64(corpustest.Times(corpustest.Sample(4, 15), 600)) {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 9))
			sink := &moody{r: rand.New(rand.NewPCG(seed, 10))}
			q := New(Options{Stdout: new(counter), Sinks: []*Sink{NewSink("moody", sink)}})
			kinds, hosts, recorded := 1+r.IntN(400), 1+r.IntN(50), 0
			for range 40 {
				if r.IntN(4) == 0 {
					sink.mood.Store(r.Int32N(4))
				}
				ticket := new(Ticket)
				q.Begin()
				for range r.IntN(30) {
					a := violation([]string{"alert", "block"}[r.IntN(2)], fmt.Sprintf("https://%s.example/%s", word(r.IntN(hosts)), word(r.IntN(kinds))))
					a.Rule = word(r.IntN(3))
					for range 1 + r.IntN(1+r.IntN(50)) {
						q.Record(a, ticket)
						recorded++
						if r.IntN(50) == 0 {
							time.Sleep(time.Duration(r.IntN(2_000)) * time.Millisecond)
						}
					}
				}
				start := time.Now()
				_ = q.Flush(t.Context(), ticket) // the log has what was not delivered
				assert.LessOrEqual(t, time.Since(start), defaultBudget)
				switch r.IntN(3) {
				case 0:
					time.Sleep(time.Duration(r.IntN(600)) * time.Second)
				case 1:
					time.Sleep(time.Duration(r.IntN(120)) * time.Minute)
				}
			}
			sink.mood.Store(0)
			for range 40 { // until all backoffs and windows are over
				time.Sleep(10 * time.Minute)
				q.Begin()
				_ = q.Flush(t.Context(), new(Ticket))
			}
			synctest.Wait() // the sink is read below
			assert.Equal(t, recorded, sink.calls, "seed %d", seed)
			const most = 2*maxMessages + 1
			for i := most; i < len(sink.messages); i++ {
				assert.Greater(t, sink.messages[i].Sub(sink.messages[i-most]), minute-time.Second, "seed %d", seed)
			}
		})
	}
}
