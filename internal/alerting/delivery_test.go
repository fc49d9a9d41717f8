package alerting

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/sinkmark"
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
		{"asks to wait", 0, func(context.Context, int) error {
			return &notify.DeliveryError{RetryAfter: time.Second, Err: errors.New("busy")}
		}, 0},
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
				f.end()
			})
		})
	}
}

// An alert that came while the sink took another one is not sent before the sink's backoff is over.
// So it is not waited for either, and it is sent after that.
func TestNobodyWaitsBehindABackoff(t *testing.T) {
	const response = 100 * time.Millisecond
	for name, err := range map[string]error{
		"asks_for_a_second": &notify.DeliveryError{RetryAfter: time.Second, Err: errors.New("busy")},
		"asks_for_a_minute": &notify.DeliveryError{RetryAfter: time.Minute, Err: errors.New("busy")},
		"fails":             errors.New("out of order"),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(func(context.Context, int) error { time.Sleep(response); return err })
				f.Begin()
				start := time.Now()
				for _, path := range []string{"a", "b", "c"} {
					f.Record(violation("alert", evil+path))
				}
				f.Flush(t.Context())
				assert.Equal(t, response, time.Since(start))
				f.end()
				f.place.recovers()
				time.Sleep(2 * time.Minute)
				assert.Len(t, f.place.alerts(), 3)
			})
		})
	}
}

// A block that a call waits for is sent at once, also if the sink has had others a moment ago. Half
// of a minute's messages are left to those that go together.
func TestABlockThatACallWaitsForIsNotPaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(nil)
		for i := range maxMessages/2 + 2 {
			f.Begin()
			f.Record(violation("block", evil+word(i)))
			start := time.Now()
			f.Wait(t.Context(), f.ticket, 300*time.Millisecond)
			assert.Equal(t, i >= maxMessages/2, time.Since(start) > 0, "block %d waited %v", i, time.Since(start))
			f.Flush(t.Context())
		}
		f.end()
		assert.Len(t, f.place.alerts(), maxMessages/2+2)
	})
}

// What an invocation waited for a block counts towards the budget of its flush.
func TestAWaitCountsTowardsTheBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(hangs)
		f.Begin()
		f.Record(violation("block", evil))
		start := time.Now()
		f.Wait(t.Context(), f.ticket, 300*time.Millisecond)
		assert.Equal(t, 300*time.Millisecond, time.Since(start))
		f.Flush(t.Context())
		assert.Equal(t, defaultBudget, time.Since(start))
		f.end()
	})
}

// An invocation without a violation of its own waits for nothing, whatever the others and the sinks
// do; it does not even wait for a log that hangs.
func TestInnocentInvocationsWaitForNothing(t *testing.T) {
	for name, reply := range map[string]func(context.Context, int) error{
		"hangs": hangs, "fails": fails, "is slow": respondsAfter(time.Second), "refuses": refuses,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newGate()
				p := &place{reply: reply}
				q := New(Options{Stdout: g, Sinks: []*Sink{NewSink("place", p)}})
				for i := range 200 {
					guilty, innocent := new(Ticket), new(Ticket)
					q.Begin()
					go q.Record(violation("alert", fmt.Sprintf("https://h%d.example/", i)), guilty)
					go q.Record(violation("alert", evil), guilty)
					synctest.Wait()
					start := time.Now()
					q.Flush(t.Context(), innocent)
					require.Zero(t, time.Since(start), "invocation %d", i)
					time.Sleep(100 * time.Millisecond)
					go q.Flush(t.Context(), guilty)
					synctest.Wait()
					start = time.Now()
					q.Flush(t.Context(), new(Ticket))
					require.Zero(t, time.Since(start), "while another invocation waits")
				}
				close(g.opened)
				p.recovers()
				time.Sleep(2 * time.Hour)
			})
		})
	}
}

// A writerFunc is a Writer that is a function.
type writerFunc func(line []byte)

func (w writerFunc) Write(line []byte) (int, error) {
	w(line)
	return len(line), nil
}

// The line of a violation is written before its alert is queued. An invocation that ends in between
// must not take the queue for idle: the one with the violation waits for its alert.
func TestAnotherInvocationEndsBeforeTheAlertIsQueued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &place{reply: respondsAfter(time.Second)}
		var q *Queue
		q = New(Options{
			Stdout: writerFunc(func([]byte) { q.Flush(t.Context(), new(Ticket)) }),
			Sinks:  []*Sink{NewSink("place", p)},
		})
		own := new(Ticket)
		q.Record(violation("alert", evil), own)
		start := time.Now()
		require.NoError(t, q.Flush(t.Context(), own))
		assert.Equal(t, time.Second, time.Since(start))
		assert.Len(t, p.alerts(), 1)
	})
}

func TestUndeliveredIsReportedKeptAndTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(fails)
		_, err := f.invocation(t, violation("alert", evil))
		require.ErrorContains(t, err, "undelivered: place: out of order")
		lines := f.lines(t, "outguard.undelivered/v1")
		require.Len(t, lines, 1)
		assert.EqualValues(t, 1, lines[0]["undelivered"])
		assert.EqualValues(t, 1, lines[0]["kept"])
		assert.Equal(t, "out of order", lines[0]["reason"])
		assert.NotEmpty(t, lines[0]["paused_until"])
		for range 3 {
			f.invocation(t)
		}
		assert.Len(t, f.lines(t, "outguard.undelivered/v1"), 1, "an outage is not a line for each invocation")

		f.place.recovers()
		time.Sleep(maxRetry)
		_, err = f.invocation(t)
		require.NoError(t, err)
		assert.Len(t, f.place.alerts(), 1)
		assert.False(t, f.busy.Load())
	})
}

// Nobody waits for it, but an alert is tried again while the process runs, within seconds.
func TestAlertsAreRetriedInTheBackground(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(fails)
		f.invocation(t, violation("alert", evil))
		for i, wait := range []time.Duration{1, 2, 4, 8, 16, 30, 30} {
			time.Sleep(wait*time.Second - time.Second/2)
			synctest.Wait()
			require.Equal(t, i+1, f.place.called())
			time.Sleep(time.Second / 2)
			synctest.Wait()
			require.Equal(t, i+2, f.place.called(), "after %d s", wait)
		}
		f.place.recovers()
		time.Sleep(maxRetry)
		synctest.Wait()
		assert.Len(t, f.place.alerts(), 1, "nothing is lost, nothing doubled")
		_, err := f.invocation(t)
		require.NoError(t, err)
	})
}

// A sink that fails costs no invocation its budget; one that hangs, one invocation.
func TestAnOutageDoesNotCostEachInvocationItsBudget(t *testing.T) {
	for name, c := range map[string]struct {
		reply func(context.Context, int) error
		waits int
	}{"fails": {fails, 0}, "hangs": {hangs, 1}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(c.reply)
				waits := 0
				for _, a := range distinct(50) {
					took, err := f.invocation(t, a)
					require.Error(t, err)
					if took > 0 {
						waits++
					}
				}
				assert.Equal(t, c.waits, waits)
				f.place.recovers()
				for range 3 { // what is beyond the ceiling is sent as one
					time.Sleep(2 * time.Minute)
					f.invocation(t)
				}
				total := 0
				for _, a := range f.place.alerts() {
					total += a.Count
				}
				assert.Equal(t, 50, total, "nothing is lost, nothing doubled")
			})
		})
	}
}

func TestRetryAfterIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(func(_ context.Context, call int) error {
			if call == 1 {
				return &notify.DeliveryError{Sink: "place", RetryAfter: 90 * time.Second, Err: errors.New("too many")}
			}
			return nil
		})
		f.invocation(t, violation("alert", evil))
		time.Sleep(85 * time.Second)
		f.invocation(t, violation("block", evil))
		assert.Equal(t, 1, f.place.called())
		time.Sleep(10 * time.Second)
		_, err := f.invocation(t)
		require.NoError(t, err)
		assert.Len(t, f.place.alerts(), 2)
	})
}

func refuses(context.Context, int) error {
	return &notify.DeliveryError{Sink: "place", Permanent: true, Err: errors.New("answered 403 Forbidden")}
}

// A permission is added an hour after the deploy: the alerts are still there.
func TestRefusedAlertsAreKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(refuses)
		f.invocation(t, distinct(8)...)
		last := 0
		for range 60 {
			time.Sleep(time.Minute)
			took, _ := f.invocation(t)
			assert.Zero(t, took)
		}
		last = f.place.called()
		assert.Less(t, last, 25, "with a backoff")
		f.place.recovers()
		time.Sleep(maxRefusal)
		_, err := f.invocation(t)
		require.NoError(t, err)
		assert.Len(t, f.place.alerts(), 8)
		assert.Less(t, f.place.called()-last, 5, "all that were refused go together again")
	})
}

// arrivals are the alerts that a sink took.
type arrivals struct {
	mu  sync.Mutex
	all []notify.Alert
}

func (r *arrivals) add(alerts []notify.Alert) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, alerts...)
}

func (r *arrivals) alerts() []notify.Alert {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.all)
}

// poisoned refuses batches with a poisoned alert, as a firewall does that reads the text.
func poisoned(arrived *arrivals) deliverFunc {
	return func(_ context.Context, alerts []notify.Alert) error {
		for _, a := range alerts {
			if strings.Contains(a.Call.URL, "poison") {
				return &notify.DeliveryError{Sink: "place", Permanent: true, Err: errors.New("answered 403 Forbidden")}
			}
		}
		arrived.add(alerts)
		return nil
	}
}

func TestARefusedAlertTakesNoOtherWithIt(t *testing.T) {
	for _, at := range []int{0, 1, 30, 59} {
		synctest.Test(t, func(t *testing.T) {
			var arrived arrivals
			f := newFixture(nil)
			f.sinks[0].notifier = poisoned(&arrived)
			alerts := distinct(60)
			alerts[at].Call.URL = "https://poison.example/"
			took, err := f.invocation(t, alerts...)
			require.Error(t, err, "poison at %d", at)
			assert.Zero(t, took)
			assert.Len(t, arrived.alerts(), 59, "poison at %d", at)
			for _, a := range distinct(70)[60:] {
				f.invocation(t, a)
			}
			time.Sleep(2 * time.Minute)
			f.invocation(t)
			lines := f.lines(t, "outguard.undelivered/v1")
			require.NotEmpty(t, lines)
			assert.EqualValues(t, 1, lines[len(lines)-1]["kept"], "only the refused one waits")
			assert.False(t, f.sinks[0].health.suspended)
		})
	}
}

// A sink reports the entries that were refused by their own code: they are not halved.
func TestRefusedEntriesOfABatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var arrived arrivals
		f := newFixture(nil)
		f.sinks[0].notifier = deliverFunc(func(_ context.Context, alerts []notify.Alert) error {
			if len(alerts) < 4 {
				arrived.add(alerts)
				return nil
			}
			arrived.add(alerts[2:])
			return &notify.DeliveryError{Sink: "place", Left: alerts[:2], Refused: alerts[1:2], Err: errors.New("InvalidParameter")}
		})
		f.invocation(t, distinct(6)...)
		assert.Len(t, arrived.alerts(), 4)
		time.Sleep(firstRetry)
		synctest.Wait()
		assert.Len(t, arrived.alerts(), 5, "the other one was only throttled")
		time.Sleep(firstRefusal)
		synctest.Wait()
		assert.Len(t, arrived.alerts(), 6)
		f.invocation(t)
	})
}

// Everything is refused: after three single alerts nothing is halved any more.
func TestASinkThatRefusesEverythingIsSuspended(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(refuses)
		f.invocation(t, distinct(100)...)
		assert.True(t, f.sinks[0].health.suspended)
		assert.Less(t, f.place.called(), 15)
		for i := range 10 {
			before := f.place.called()
			f.invocation(t, violation("block", fmt.Sprintf("https://b%d.example/", i)))
			if i > 0 { // the first is of a rule that is new to the sink: it is tried once
				assert.Equal(t, before, f.place.called())
			}
		}
		before := f.place.called()
		time.Sleep(time.Minute)
		f.invocation(t)
		assert.Equal(t, before+1, f.place.called(), "one alert is tried")
		time.Sleep(time.Minute)
		f.invocation(t)
		assert.Equal(t, before+1, f.place.called(), "then after two minutes")
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
		time.Sleep(time.Second)
		_, err := f.invocation(t)
		require.NoError(t, err)
		synctest.Wait()
		assert.Equal(t, 1, c.closed)
	})
}

// closesBy is a sink whose connections are closed by a function of the program.
type closesBy struct {
	place
	f func()
}

func (c *closesBy) CloseIdleConnections() { c.f() }

// A Notifier of the program may be a nil pointer, or do anything. Nobody waits for it.
func TestAProgramsNotifierMayNotCloseItsConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		goOn, closed := make(chan struct{}), 0
		f := newFixture(nil)
		f.sinks = []*Sink{
			NewSink("nil", (*notify.Slack)(nil)),
			NewSink("panics", &closesBy{f: func() { panic("closed") }}),
			NewSink("ends its goroutine", &closesBy{f: runtime.Goexit}),
			NewSink("asks the guard", &closesBy{f: func() { f.Queue.Record(violation("alert", evil), nil) }}),
			NewSink("waits", &closesBy{f: func() { closed++; <-goOn }}),
		}
		for range 3 {
			f.invocation(t, violation("alert", evil))
			synctest.Wait()
		}
		assert.Equal(t, 1, closed, "one at a time")
		close(goOn)
	})
}

// No guard judges the requests of a sink from the policy; those of the user's Notifiers are judged.
func TestOnlySinksOfThePolicyArePrivate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var own, policys bool
		note := func(is *bool) deliverFunc {
			return func(ctx context.Context, _ []notify.Alert) error { *is = sinkmark.Is(ctx); return nil }
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
		var arrived arrivals
		f := newFixture(nil)
		f.sinks[0].notifier = deliverFunc(func(_ context.Context, alerts []notify.Alert) error {
			arrived.add(alerts[:1])
			if len(alerts) > 1 {
				return &notify.DeliveryError{Sink: "place", Left: alerts[1:], Err: errors.New("half")}
			}
			return nil
		})
		f.invocation(t, distinct(3)...)
		for range 5 {
			time.Sleep(maxRetry)
			f.invocation(t)
		}
		got := arrived.alerts()
		require.Len(t, got, 3)
		assert.NotEqual(t, got[0].Call.URL, got[1].Call.URL)
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
		f.place.recovers()
		time.Sleep(time.Minute)
		_, err = f.invocation(t)
		require.NoError(t, err)
	})
}

// A frozen process sees one tick, however long it was frozen.
func TestTicksAfterAFreeze(t *testing.T) {
	for _, c := range []struct {
		ticks  int
		lateBy time.Duration
		want   int
	}{
		{0, 0, 1},
		{0, -time.Hour, 1}, // the clock was set back
		{3, time.Second, 4},
		{0, longFreeze, 1},
		{0, longFreeze + 1, sendTicks - thawTicks},
		{3, time.Hour, sendTicks - thawTicks},
		{sendTicks - 2, time.Hour, sendTicks - 1},
		{sendTicks - 1, time.Hour, sendTicks},
	} {
		assert.Equal(t, c.want, countTick(c.ticks, c.lateBy), "%d ticks, late by %v", c.ticks, c.lateBy)
	}
}

func TestWatchCountsTicks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var late atomic.Int32
		stop := watch(sendTick, func() { late.Add(1) })
		time.Sleep(sendTick*sendTicks - time.Millisecond)
		assert.Zero(t, late.Load())
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		assert.EqualValues(t, 1, late.Load())
		stop()
	})
}
