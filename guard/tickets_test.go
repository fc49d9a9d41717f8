package guard

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/policy"
)

const alertAll = "version: 1\non_violation: alert\nwhitelist: []\n"

// Under concurrency, an invocation without an alert of its own returns at once, whatever others
// wait for.
func TestInvocationsWaitForTheirOwnAlertsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, sink := slowGuard(t, alertAll, time.Second)
		took := func(calls bool, host string) time.Duration {
			start := time.Now()
			inv, err := g.begin(context.Background())
			require.NoError(t, err)
			if calls {
				require.NoError(t, g.Check(inv, policy.Call{Net: host}))
			}
			require.NoError(t, g.end(inv))
			return time.Since(start)
		}
		var wg sync.WaitGroup
		var waited, innocent atomic.Int64
		wg.Go(func() { waited.Store(int64(took(true, "a.internal:1"))) })
		for range 20 {
			wg.Go(func() { innocent.Add(int64(took(false, ""))) })
		}
		wg.Wait()
		assert.Equal(t, int64(time.Second), waited.Load())
		assert.Zero(t, innocent.Load())
		assert.EqualValues(t, 1, sink.arrived.Load())
		assert.Zero(t, took(true, "a.internal:1"), "a repeat")
	})
}

// During init the first alert waits, because log.Fatal may follow. Inside an invocation an alert
// does not wait in the call.
func TestTheFirstAlertDuringInitWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, sink := slowGuard(t, alertAll, 400*time.Millisecond)
		check := func(ctx context.Context, host string) time.Duration {
			start := time.Now()
			require.NoError(t, g.Check(ctx, policy.Call{Net: host}))
			return time.Since(start)
		}
		assert.Equal(t, earlyWait, check(context.Background(), "a.internal:1"))
		assert.Zero(t, check(context.Background(), "b.internal:1"), "the second one")
		inv, err := g.begin(context.Background())
		require.NoError(t, err)
		assert.Zero(t, check(inv, "c.internal:1"))
		start := time.Now()
		require.NoError(t, g.end(inv))
		assert.Equal(t, 700*time.Millisecond, time.Since(start), "the first invocation waits for the alerts of init")
		assert.EqualValues(t, 3, sink.arrived.Load())
	})
}

// A reader that panics in the middle of a stream.
type panickingReader struct{ before func() }

func (r panickingReader) Read([]byte) (int, error) {
	r.before()
	panic("in Read")
}

func TestAPanicInReadFlushes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, sink := slowGuard(t, alertAll, 100*time.Millisecond)
		h := g.Wrap(func(ctx context.Context) (io.Reader, error) {
			return panickingReader{func() { _ = g.Check(ctx, policy.Call{Net: "a.internal:1"}) }}, nil
		}).(func(context.Context) (io.Reader, error))
		r, err := h(context.Background())
		require.NoError(t, err)
		assert.PanicsWithValue(t, "in Read", func() { _, _ = r.Read(make([]byte, 10)) })
		assert.EqualValues(t, 1, sink.arrived.Load())
		assert.Empty(t, g.lifecycle.running)
	})
}

// A countingReader is a reader with a JSON form, which aws-lambda-go sends instead of its content.
type countingReader struct {
	io.Reader
	marshals *int
}

func (r countingReader) MarshalJSON() ([]byte, error) {
	*r.marshals++
	return []byte(`{"a":"<b>"}`), nil
}

func TestAReadersJSONFormIsMadeOnce(t *testing.T) {
	g := newGuard(t, allowAll)
	n := 0
	h := g.Wrap(func(context.Context) (io.Reader, error) { return countingReader{strings.NewReader("x"), &n}, nil }).(func(context.Context) (io.Reader, error))
	r, err := h(context.Background())
	require.NoError(t, err)
	form, err := json.Marshal(r)
	require.NoError(t, err)
	assert.JSONEq(t, `{"a":"<b>"}`, string(form))
	assert.Equal(t, 1, n)
}
