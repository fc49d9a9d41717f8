package alerting

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/private"
	"github.com/outguard/outguard/notify"
)

func fails(context.Context, int) error { return errors.New("out of order") }

func hangs(ctx context.Context, _ int) error { <-ctx.Done(); return ctx.Err() }

func respondsAfter(d time.Duration) func(context.Context, int) error {
	return func(ctx context.Context, _ int) error {
		select {
		case <-time.After(d):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func TestAFlushTakesNoLongerThanItsBudget(t *testing.T) {
	for _, c := range []struct {
		name     string
		deadline time.Duration // of the invocation, from the flush on; 0: none
		reply    func(context.Context, int) error
		want     time.Duration
	}{
		{"hangs", 0, hangs, defaultBudget},
		{"hangs, and the deadline is near", time.Second, hangs, 900 * time.Millisecond},
		{"hangs, and the deadline is 50 ms away", 50 * time.Millisecond, hangs, 0},
		{"responds after a second", 0, respondsAfter(1100 * time.Millisecond), time.Second},
		{"fails at once", 0, fails, 0},
		{"responds at once", 0, nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(c.reply)
				f.Begin()
				f.Record(violation("alert", evil))
				time.Sleep(100 * time.Millisecond)
				ctx := t.Context()
				if c.deadline > 0 {
					var cancel func()
					ctx, cancel = context.WithTimeout(ctx, c.deadline)
					defer cancel()
				}
				start := time.Now()
				f.Flush(ctx)
				assert.Equal(t, c.want, time.Since(start))
				time.Sleep(time.Minute)
			})
		})
	}
}

func TestUndeliveredIsReportedKeptAndTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := true
		f := newFixture(func(context.Context, int) error {
			if down {
				return &notify.DeliveryError{Sink: "place", Err: errors.New("out of order")}
			}
			return nil
		})
		_, err := f.invocation(t, violation("alert", evil))
		require.ErrorContains(t, err, "undelivered: place: place: out of order")
		lines := f.lines(t, "outguard.undelivered/v1")
		require.Len(t, lines, 1)
		assert.EqualValues(t, 1, lines[0]["undelivered"])
		assert.EqualValues(t, 1, lines[0]["kept"])
		assert.Equal(t, "place: out of order", lines[0]["reason"])

		down = false
		_, err = f.invocation(t)
		require.NoError(t, err)
		assert.Len(t, f.place.alerts(), 1)
		assert.False(t, f.busy.Load())
	})
}

func TestASinkThatFailsBacksOff(t *testing.T) {
	for name, reply := range map[string]func(context.Context, int) error{"fails": fails, "hangs": hangs} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(reply)
				f.invocation(t, violation("alert", evil))
				f.invocation(t)
				for wait := firstBackoff; wait <= 2*maxBackoff; wait *= 2 {
					wait := min(wait, maxBackoff)
					time.Sleep(10 * time.Second) // a send that hangs has been given up
					before := f.place.called()
					for range 10 {
						took, err := f.invocation(t)
						require.Error(t, err)
						assert.Zero(t, took, "an outage does not cost each invocation its budget")
					}
					assert.Equal(t, before, f.place.called())
					time.Sleep(wait - 12*time.Second)
					f.invocation(t)
					assert.Equal(t, before, f.place.called(), "still backing off after %v", wait-10*time.Second)
					time.Sleep(10 * time.Second)
					f.invocation(t)
					assert.Greater(t, f.place.called(), before, "tried again after %v", wait)
				}
				time.Sleep(time.Hour)
				f.place.recovers()
				_, err := f.invocation(t)
				require.NoError(t, err)
				assert.Len(t, f.place.alerts(), 1, "nothing was lost, nothing doubled")
			})
		})
	}
}

func TestWhileASinkBacksOffAlertsAreKeptAndReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(fails)
		f.invocation(t, violation("alert", evil))
		f.invocation(t)
		before := len(f.lines(t, "outguard.undelivered/v1"))
		f.invocation(t)
		assert.Len(t, f.lines(t, "outguard.undelivered/v1"), before, "an outage is not a line for each invocation")
		f.invocation(t, distinct(3)...)
		lines := f.lines(t, "outguard.undelivered/v1")
		require.Len(t, lines, before+1)
		assert.EqualValues(t, 3, lines[before]["undelivered"])
		assert.EqualValues(t, 4, lines[before]["kept"])
		assert.NotEmpty(t, lines[before]["paused_until"])
		for range 3 {
			f.Record(violation("alert", "https://x.example/"))
		}
		for _, a := range distinct(2 * maxPending) {
			f.Record(a)
		}
		f.Flush(t.Context())
		assert.Len(t, f.sinks[0].pending, maxPending)
		lines = f.lines(t, "outguard.undelivered/v1")
		assert.EqualValues(t, 2*maxPending+2-maxPending, lines[len(lines)-1]["dropped"], "the oldest are dropped, and reported")

		f.place.recovers()
		time.Sleep(2 * firstBackoff)
		_, err := f.invocation(t)
		require.NoError(t, err)
		assert.Len(t, f.place.alerts(), maxPending)
	})
}

func TestRetryAfterIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(func(_ context.Context, call int) error {
			if call == 1 {
				return &notify.DeliveryError{Sink: "place", RetryAfter: 30 * time.Second, Err: errors.New("too many")}
			}
			return nil
		})
		f.invocation(t, violation("alert", evil))
		f.invocation(t)
		time.Sleep(25 * time.Second)
		f.invocation(t, violation("block", evil))
		assert.Equal(t, 1, f.place.called())
		time.Sleep(10 * time.Second)
		_, err := f.invocation(t)
		require.NoError(t, err)
		assert.Len(t, f.place.alerts(), 2)
	})
}

func TestWhatARefusalLeavesIsTriedFiveTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(func(context.Context, int) error {
			return &notify.DeliveryError{Sink: "place", Permanent: true, Err: errors.New("answered 403 Forbidden")}
		})
		f.invocation(t, violation("alert", evil))
		for range 10 {
			time.Sleep(maxBackoff)
			f.invocation(t)
		}
		assert.Equal(t, maxRefusals, f.place.called())
		lines := f.lines(t, "outguard.undelivered/v1")
		assert.EqualValues(t, 1, lines[len(lines)-1]["dropped"])
		assert.False(t, f.busy.Load())
	})
}

// New violations do not hasten the next try of a sink that failed, but a minute does.
func TestWhenAFailedSinkIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(fails)
		f.Begin()
		called := func() int { synctest.Wait(); return f.place.called() }
		alerts := distinct(3)
		f.Record(alerts[0])
		require.Equal(t, 1, called())
		time.Sleep(firstBackoff)
		f.Record(alerts[1])
		assert.Equal(t, 1, called(), "within a minute, in the same invocation")
		time.Sleep(time.Second)
		f.Record(alerts[2])
		assert.Equal(t, 2, called(), "after a minute")
		f.Flush(t.Context())
		assert.Equal(t, 3, called(), "at the end of the invocation")
		f.Begin()
		assert.Equal(t, 4, called(), "at the start of the next one")
	})
}

func TestEveryFailedFlushIsReportedUntilTheSinkBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(fails)
		for i, want := range []int{1, 2, 2, 2} {
			f.invocation(t, violation("alert", evil))
			assert.Len(t, f.lines(t, "outguard.undelivered/v1"), want, "invocation %d", i)
		}
		lines := f.lines(t, "outguard.undelivered/v1")
		assert.EqualValues(t, 1, lines[0]["undelivered"])
		assert.Nil(t, lines[0]["paused_until"])
		assert.EqualValues(t, 0, lines[1]["undelivered"], "it was reported")
		assert.NotNil(t, lines[1]["paused_until"])
	})
}

// An idleCloser is a sink with connections.
type idleCloser struct {
	place
	closed int
}

func (c *idleCloser) CloseIdleConnections() { c.closed++ }

func TestIdleConnectionsAreClosedBeforeAFreeze(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &idleCloser{place: place{reply: respondsAfter(3 * time.Second)}}
		f := newFixture(nil)
		f.sinks = []*Sink{NewSink("closer", c)}
		f.invocation(t, violation("alert", evil))
		assert.Zero(t, c.closed, "it is still sending")
		_, err := f.invocation(t)
		require.NoError(t, err)
		assert.Equal(t, 1, c.closed)
	})
}

// No guard judges the requests of a sink from the policy; those of the user's Notifiers are judged.
func TestOnlySinksOfThePolicyArePrivate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var own, policys bool
		note := func(is *bool) deliverFunc {
			return func(ctx context.Context, _ []notify.Alert) error { *is = private.Is(ctx); return nil }
		}
		f := newFixture(nil)
		f.sinks = []*Sink{NewSink("own", note(&own)), {name: "the policy's", notifier: note(&policys), private: true}}
		_, err := f.invocation(t, violation("alert", evil))
		require.NoError(t, err)
		assert.False(t, own)
		assert.True(t, policys)
	})
}

func TestOnlyWhatDidNotArriveIsSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var arrived []notify.Alert
		f := newFixture(nil)
		f.sinks[0].notifier = deliverFunc(func(_ context.Context, alerts []notify.Alert) error {
			arrived = append(arrived, alerts[:1]...)
			if len(alerts) > 1 {
				return &notify.DeliveryError{Sink: "place", Left: alerts[1:], Err: errors.New("half")}
			}
			return nil
		})
		f.invocation(t, distinct(3)...)
		for range 5 {
			time.Sleep(maxBackoff)
			f.invocation(t)
		}
		require.Len(t, arrived, 3)
		assert.NotEqual(t, arrived[0].Call.URL, arrived[1].Call.URL)
	})
}

type deliverFunc func(context.Context, []notify.Alert) error

func (f deliverFunc) Notify(ctx context.Context, alerts []notify.Alert) error { return f(ctx, alerts) }

func TestANotifierThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(func(context.Context, int) error { panic("with a secret") })
		_, err := f.invocation(t, violation("alert", evil))
		require.ErrorContains(t, err, "panicked")
		assert.NotContains(t, err.Error(), "secret")
	})
}

func TestAtMostFourSendsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int32
		f := newFixture(nil)
		f.sinks = nil
		for range 10 {
			f.sinks = append(f.sinks, NewSink("p", deliverFunc(func(context.Context, []notify.Alert) error {
				n := now.Add(1)
				defer now.Add(-1)
				if n > most.Load() {
					most.Store(n)
				}
				time.Sleep(10 * time.Millisecond)
				return nil
			})))
		}
		_, err := f.invocation(t, distinct(50)...)
		require.NoError(t, err)
		assert.EqualValues(t, 4, most.Load())
	})
}

func TestASendOutlivesItsInvocation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(respondsAfter(4 * time.Second))
		took, err := f.invocation(t, violation("alert", evil))
		require.ErrorContains(t, err, "no answer yet")
		assert.Equal(t, defaultBudget, took)
		time.Sleep(2 * time.Second)
		_, err = f.invocation(t)
		require.NoError(t, err)
		assert.Equal(t, 1, f.place.called(), "what was on its way is not sent again")
		assert.Zero(t, f.sinks[0].health.failures)
	})
}

func TestASendIsGivenUpAfterFiveSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(func(ctx context.Context, call int) error {
			if call == 1 {
				return hangs(ctx, call)
			}
			return nil
		})
		f.invocation(t, violation("alert", evil))
		time.Sleep(sendTick * sendTicks)
		_, err := f.invocation(t)
		require.NoError(t, err)
		assert.Len(t, f.place.alerts(), 1)
	})
}

func TestFlushesAtTheSameTimeCountAsOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(hangs)
		f.Record(violation("alert", evil))
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() { f.Flush(t.Context()) })
		}
		wg.Wait()
		assert.Equal(t, 1, f.sinks[0].health.failures)
		assert.False(t, f.sinks[0].health.backingOff(time.Now()))
		time.Sleep(time.Minute)
	})
}
