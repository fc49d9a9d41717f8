package guard

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/notify"
	"github.com/outguard/outguard/policy"
)

// A slowSink takes alerts after a time, and counts those that arrived. Once the sender has
// given up, it takes them at once.
type slowSink struct {
	takes   time.Duration
	givenUp atomic.Bool
	arrived atomic.Int32
}

func (s *slowSink) Notify(ctx context.Context, alerts []notify.Alert) error {
	takes := s.takes
	if s.givenUp.Load() {
		takes = 0
	}
	select {
	case <-time.After(takes):
		s.arrived.Add(int32(len(alerts)))
		return nil
	case <-ctx.Done():
		s.givenUp.Store(true)
		return ctx.Err()
	}
}

// slowGuard judges by a policy, and sends its alerts to a sink that takes them after a time.
func slowGuard(t *testing.T, policy string, takes time.Duration) (*Guard, *slowSink) {
	t.Helper()
	sink := &slowSink{takes: takes}
	g := New(newGuard(t, policy).policy(), &Options{Stdout: new(buffer), Getenv: environment(), Notifiers: []notify.Notifier{sink}})
	t.Cleanup(g.Uninstall)
	return g, sink
}

func TestTheFirstBlockWaitsForItsAlert(t *testing.T) {
	for _, c := range []struct {
		name    string
		takes   time.Duration
		waits   time.Duration
		arrived int
	}{
		{"arrives in time", 299 * time.Millisecond, 299 * time.Millisecond, 1},
		{"arrives too late", 301 * time.Millisecond, 300 * time.Millisecond, 0},
		{"arrives at once", 0, 0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, sink := slowGuard(t, blockAll, c.takes)
				check := func(inv *invocation, host string) time.Duration {
					start := time.Now()
					require.Error(t, g.Check(inv, policy.Call{Net: host}))
					return time.Since(start)
				}
				inv, err := g.begin(context.Background())
				require.NoError(t, err)
				assert.Equal(t, c.waits, check(inv, "a.internal:1"))
				assert.EqualValues(t, c.arrived, sink.arrived.Load())
				assert.Zero(t, check(inv, "b.internal:1"), "the second block of an invocation")
				require.Error(t, g.end(inv))

				inv, _ = g.begin(context.Background())
				assert.Zero(t, check(inv, "a.internal:1"), "a repeat")
				require.Error(t, g.end(inv))
				assert.EqualValues(t, 2, sink.arrived.Load())
			})
		})
	}
}

// The alert of a repeat was sent before: nothing is gained by waiting, even while a sink is slow.
func TestARepeatedBlockDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, sink := slowGuard(t, blockAll, 3*time.Second)
		inv, _ := g.begin(context.Background())
		require.Error(t, g.Check(inv, forbidden))
		require.Error(t, g.end(inv))
		require.Zero(t, sink.arrived.Load(), "it is still being sent")
		inv, _ = g.begin(context.Background())
		start := time.Now()
		require.Error(t, g.Check(inv, forbidden))
		require.Error(t, g.end(inv))
		assert.Zero(t, time.Since(start), "nor does its invocation")
		time.Sleep(3 * time.Second)
		assert.EqualValues(t, 1, sink.arrived.Load())
	})
}

// No invocation runs during init, and log.Fatal is likely to follow.
func TestTheFirstBlockDuringInitWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, sink := slowGuard(t, blockAll, 200*time.Millisecond)
		start := time.Now()
		require.Error(t, g.Check(context.Background(), forbidden))
		assert.Equal(t, 200*time.Millisecond, time.Since(start))
		assert.EqualValues(t, 1, sink.arrived.Load())
		require.Error(t, g.Check(context.Background(), policy.Call{Net: "b.internal:1"}))
		assert.Equal(t, 200*time.Millisecond, time.Since(start))

		inv, err := g.begin(context.Background())
		require.Error(t, err)
		require.NoError(t, g.end(inv))
		start = time.Now()
		require.Error(t, g.Check(context.Background(), policy.Call{Net: "c.internal:1"}))
		assert.Equal(t, 200*time.Millisecond, time.Since(start), "the first block after an invocation")
		require.NoError(t, g.Flush(context.Background()))
	})
}

func TestAnInvocationReturnsBeforeItsDeadline(t *testing.T) {
	for _, c := range []struct {
		name     string
		deadline time.Duration
		took     time.Duration
	}{
		{"far", time.Minute, 2 * time.Second},
		{"near", time.Second, 900 * time.Millisecond},
		{"nearer than the wait of the block", 250 * time.Millisecond, 150 * time.Millisecond},
		{"nearer than the margin", 50 * time.Millisecond, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, sink := slowGuard(t, blockAll, time.Hour)
				ctx, cancel := context.WithTimeout(t.Context(), c.deadline)
				defer cancel()
				handler := g.Wrap(func(ctx context.Context) error { g.Check(ctx, forbidden); return nil }).(func(context.Context) error)
				start := time.Now()
				var blocked *BlockedError
				require.ErrorAs(t, handler(ctx), &blocked)
				assert.Equal(t, c.took, time.Since(start))
				assert.NoError(t, ctx.Err())
				assert.Zero(t, sink.arrived.Load())
				time.Sleep(time.Minute) // the send is given up
			})
		})
	}
}
