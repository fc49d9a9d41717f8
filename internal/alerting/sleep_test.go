package alerting

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/alloctest"
	"github.com/outguard/outguard/internal/corpustest"
)

// overslept returns a pending alert that may be sent before the sink's timer looks at it, or nil.
func (q *Queue) overslept() *pendingAlert {
	q.mu.Lock()
	defer q.mu.Unlock()
	s, now := q.sinks[0], time.Now()
	for _, p := range s.pending {
		if at, _ := s.due(p, now); !s.sending && at.After(now) && (s.wakeAt.IsZero() || s.wakeAt.After(at)) {
			return p
		}
	}
	return nil
}

// The timer is kept as long as it is right. In a sink of any mood, no alert is due before it.
func TestTheTimerIsNeverTooLate(t *testing.T) {
	for seed := range uint64(corpustest.Times(corpustest.Sample(5, 20), 600)) {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 11))
			sink := &moody{r: rand.New(rand.NewPCG(seed, 12))}
			q := New(Options{Stdout: new(counter), Sinks: []*Sink{NewSink("moody", sink)}})
			ticket := new(Ticket)
			for i := range 400 {
				switch r.IntN(12) {
				case 0:
					sink.mood.Store(r.Int32N(4))
				case 1:
					time.Sleep(time.Duration(r.IntN(90)) * time.Second)
				case 2:
					_ = q.Flush(t.Context(), ticket) // the log has what was not delivered
					ticket = new(Ticket)
				case 3:
					_ = q.Close(t.Context())
				default:
					a := violation([]string{"alert", "block"}[r.IntN(2)], "https://"+word(i)+".example/")
					a.Rule = word(r.IntN(5))
					q.Record(a, ticket)
					time.Sleep(time.Duration(r.IntN(50)) * time.Millisecond)
				}
				synctest.Wait()
				require.Nil(t, q.overslept(), "seed %d, step %d", seed, i)
			}
			sink.mood.Store(0)
			time.Sleep(3 * time.Hour)
			synctest.Wait()
			assert.Empty(t, q.sinks[0].pending, "seed %d: each alert is sent in the end, although nothing calls the queue", seed)
		})
	}
}

// A flood does not walk all that is pending at each call, nor set a timer.
func TestAFloodKeepsTheTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(nil)
		f.Begin()
		for _, a := range distinct(500) {
			f.Record(a)
		}
		synctest.Wait()
		require.Len(t, f.place.alerts(), 1)
		alloctest.AtMost(t, 0, f.Queue.Begin)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		assert.Len(t, f.place.alerts(), 500)
	})
}

// The clock of an alert may be ahead of the process's. Its timer looks again when it fires.
func TestAnAlertOfTheFutureDelaysNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(nil)
		f.Begin()
		for i := range 3 {
			a := violation("alert", fmt.Sprintf("https://host-%d.example/", i))
			a.Time = time.Now().Add(time.Hour)
			f.Record(a)
			synctest.Wait()
		}
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		assert.Len(t, f.place.alerts(), 3)
	})
}

// Record may come long after the time of its alert, for example when lines had to be waited for.
func TestAnAlertOfThePastDelaysNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(nil)
		f.Begin()
		for i, age := range []time.Duration{0, time.Hour, 0} {
			a := violation("alert", fmt.Sprintf("https://host-%d.example/", i))
			a.Time = time.Now().Add(-age)
			f.Record(a)
			synctest.Wait()
		}
		time.Sleep(time.Second)
		synctest.Wait()
		assert.Len(t, f.place.alerts(), 3)
	})
}

// When the minute is full, no invocation waits for the next one. The last try of the process
// computes the timer anew.
func TestAFullMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(nil)
		s, start := f.sinks[0], time.Now()
		s.ceiling = ceiling{since: start, sent: maxMessages, last: start}
		for _, rule := range []string{"r1", "r2"} {
			a := violation("alert", evil)
			a.Rule = rule
			took, err := f.invocation(t, a)
			assert.Zero(t, took, rule)
			assert.Error(t, err)
		}
		f.mu.Lock()
		require.Len(t, s.pending, 2)
		assert.Equal(t, start.Add(minute), s.wakeAt)
		s.wakeAt = start.Add(time.Hour)
		f.mu.Unlock()
		assert.Error(t, f.Close(t.Context()))
		assert.Nil(t, f.overslept())
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Len(t, f.place.alerts(), 2)
	})
}
