package alerting

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/notify"
)

// A Notifier of the user's own may end the goroutine that calls it, as a test's FailNow does. Its
// alerts are sent again, and later ones are not held up.
func TestANotifierThatEndsItsGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ends atomic.Bool
		ends.Store(true)
		f := newFixture(nil)
		good := f.sinks[0].notifier
		f.sinks[0].notifier = deliverFunc(func(ctx context.Context, alerts []notify.Alert) error {
			if ends.Load() {
				runtime.Goexit()
			}
			return good.Notify(ctx, alerts)
		})
		took, err := f.invocation(t, violation("alert", evil))
		assert.Zero(t, took)
		require.ErrorContains(t, err, "ended its goroutine")
		for range 3 {
			took, _ = f.invocation(t)
			assert.Zero(t, took)
			time.Sleep(time.Minute)
		}
		ends.Store(false)
		time.Sleep(time.Minute)
		f.invocation(t, violation("alert", evil+"/other"))
		synctest.Wait()
		assert.Len(t, f.place.alerts(), 2)
		start := time.Now()
		f.Close(t.Context())
		assert.Zero(t, time.Since(start))
	})
}

// So may a Writer. Lines after that are written.
func TestAWriterThatEndsItsGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lines := 0
		q := New(Options{Stdout: writerFunc(func([]byte) {
			if lines++; lines%2 == 1 {
				runtime.Goexit()
			}
		})})
		start := time.Now()
		for _, a := range distinct(10) {
			q.Begin()
			ticket := new(Ticket)
			q.Record(a, ticket)
			require.NoError(t, q.Flush(t.Context(), ticket))
		}
		assert.Zero(t, time.Since(start))
		synctest.Wait()
		assert.Equal(t, 10, lines)
	})
}
