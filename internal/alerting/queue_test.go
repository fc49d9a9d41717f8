package alerting

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/alloctest"
	"github.com/outguard/outguard/internal/corpustest"
	"github.com/outguard/outguard/notify"
)

// A place is a Notifier that keeps what it is given.
type place struct {
	mu    sync.Mutex
	reply func(ctx context.Context, call int) error // of the n-th call, from 1; nil: no error
	got   [][]notify.Alert
	calls int
}

func (p *place) Notify(ctx context.Context, alerts []notify.Alert) error {
	p.mu.Lock()
	p.calls++
	n, reply := p.calls, p.reply
	p.mu.Unlock()
	if reply != nil {
		if err := reply(ctx, n); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.got = append(p.got, alerts)
	return nil
}

func (p *place) called() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls
}

// recovers lets all further calls succeed.
func (p *place) recovers() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reply = nil
}

func (p *place) alerts() (all []notify.Alert) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, b := range p.got {
		all = append(all, b...)
	}
	return all
}

// A fixture is a queue with one place, and its log.
type fixture struct {
	*Queue
	ticket *Ticket
	out    bytes.Buffer
	place  *place
}

func newFixture(reply func(ctx context.Context, call int) error) *fixture {
	f := &fixture{place: &place{reply: reply}}
	f.Queue = New(Options{Stdout: &f.out, Sinks: []*Sink{NewSink("place", f.place)}})
	return f
}

// limitedFixture is newFixture with other limits of the memory.
func limitedFixture(l limits, reply func(ctx context.Context, call int) error) *fixture {
	f := newFixture(reply)
	f.seen = newMemory(l)
	return f
}

// Begin begins another invocation.
func (f *fixture) Begin() {
	f.ticket = new(Ticket)
	f.Queue.Begin()
}

// Record records a violation of the invocation.
func (f *fixture) Record(a notify.Alert) (notify.Alert, bool) {
	if f.ticket == nil {
		f.ticket = new(Ticket)
	}
	return f.Queue.Record(a, f.ticket)
}

// end lets the sends end that the place does not respond to.
func (f *fixture) end() {
	f.place.recovers()
	time.Sleep(time.Minute)
}

// Flush ends the invocation.
func (f *fixture) Flush(ctx context.Context) error { return f.Queue.Flush(ctx, f.ticket) }

// invocation runs one invocation of 100 ms with the given violations. It returns the duration and
// the error of its flush.
func (f *fixture) invocation(t *testing.T, alerts ...notify.Alert) (time.Duration, error) {
	t.Helper()
	f.Begin()
	for _, a := range alerts {
		f.Record(a)
	}
	time.Sleep(100 * time.Millisecond)
	start := time.Now()
	err := f.Flush(t.Context())
	return time.Since(start), err
}

// text returns the log. The goroutine that writes it may still be running.
func (f *fixture) text() string {
	f.Queue.out.mu.Lock()
	defer f.Queue.out.mu.Unlock()
	return f.out.String()
}

// lines returns the log lines of a schema.
func (f *fixture) lines(t *testing.T, schema string) (all []map[string]any) {
	t.Helper()
	for l := range strings.Lines(f.text()) {
		var m map[string]any
		require.NoError(t, json.Unmarshal([]byte(l), &m), "%s", l)
		if m["schema"] == schema {
			all = append(all, m)
		}
	}
	return all
}

func violation(verdict, url string) notify.Alert {
	return notify.Alert{Verdict: verdict, Function: "checkout", Stage: "prod", List: "whitelist", Reason: "not in the whitelist",
		Call: notify.Call{Kind: "http", Method: "GET", URL: url}, Caller: "main.handle main.go:12"}
}

func distinct(n int) []notify.Alert {
	alerts := make([]notify.Alert, n)
	for i := range alerts {
		alerts[i] = violation("alert", fmt.Sprintf("https://host-%d.example/", i))
	}
	return alerts
}

const evil = "https://evil.example/x"

func TestFirstSightIsSentAndRepeatsAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(nil)
		v := violation("alert", evil)
		took, err := f.invocation(t, v, v, v, v, v)
		require.NoError(t, err)
		assert.Zero(t, took)
		got := f.place.alerts()
		require.Len(t, got, 1)
		assert.Equal(t, 1, got[0].Count)
		log := f.lines(t, notify.Schema)
		require.Len(t, log, 2, "one line, and one sum at the invocation's end")
		assert.EqualValues(t, 1, log[0]["count"])
		assert.EqualValues(t, 4, log[1]["count"])

		time.Sleep(defaultWindow)
		_, err = f.invocation(t, v)
		require.NoError(t, err)
		got = f.place.alerts()
		require.Len(t, got, 2)
		assert.Equal(t, 5, got[1].Count, "the window is over: all repeats that were not sent")
		assert.True(t, got[1].IsSum())
		assert.False(t, f.busy.Load(), "nothing is left to do")
	})
}

func TestWhatMakesTwoViolationsTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(nil)
		base := violation("alert", evil)
		line := base
		line.Caller, line.RequestID, line.Reason = "main.handle main.go:99", "another", "worded otherwise"
		other := base
		other.Caller = "example.com/lib.Get lib.go:1"
		rule := base
		rule.Rule = "r2"
		method := base
		method.Call.Method = "POST"
		_, err := f.invocation(t, base, line, other, rule, method, violation("block", evil))
		require.NoError(t, err)
		assert.Len(t, f.place.alerts(), 5, "another line of the same package is the same violation")
	})
}

// A loop in which every call has another token in its path is one violation, not a thousand.
func TestViolationsThatDifferInWhatIsMaskedAreOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(nil)
		f.Begin()
		for i := range 1_000 {
			f.Record(violation("alert", fmt.Sprintf("https://evil.example/session/%032x", 1<<60+i)))
		}
		require.NoError(t, f.Flush(t.Context()))
		assert.Len(t, f.lines(t, notify.Schema), 2)
		assert.Len(t, f.place.alerts(), 2)
		assert.Equal(t, 1, f.seen.count)
	})
}

func TestEachInvocationHasItsSumAndItsMetric(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(nil)
		for i := range 3 {
			a, b := violation("alert", evil), violation("block", evil)
			a.RequestID, b.RequestID = fmt.Sprint("r", i), fmt.Sprint("r", i)
			_, err := f.invocation(t, a, a, b)
			require.NoError(t, err)
		}
		_, err := f.invocation(t)
		require.NoError(t, err)
		log := f.lines(t, notify.Schema)
		require.Len(t, log, 2+1+2+2)
		assert.Equal(t, "r2", log[6]["request_id"])
		assert.EqualValues(t, 2, log[5]["count"])
		metrics := f.lines(t, "outguard.metric/v1")
		require.Len(t, metrics, 5, "repeats: a line for each invocation and each verdict")
		for i, want := range []float64{1, 2, 1, 2, 1} {
			assert.Equal(t, want, metrics[i]["Violations"])
		}
		assert.Equal(t, 9.0, counted(t, f), "the metric counts each violation once")
		assert.Len(t, f.place.alerts(), 2)
	})
}

func TestTheLogVerdictNeverLeavesTheLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(nil)
		blocksOnly := &place{}
		f.sinks = append(f.sinks, &Sink{name: "blocks", notifier: blocksOnly, verdicts: []string{"block"}})
		_, err := f.invocation(t, violation("log", evil), violation("alert", evil), violation("block", evil))
		require.NoError(t, err)
		assert.Len(t, f.lines(t, notify.Schema), 3)
		assert.Len(t, f.place.alerts(), 2)
		require.Len(t, blocksOnly.alerts(), 1)
		assert.Equal(t, "block", blocksOnly.alerts()[0].Verdict)
	})
}

// A loop gone wrong.
func TestAHundredThousandOfTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(nil)
		f.Begin()
		for range 100_000 {
			f.Record(violation("alert", evil))
		}
		require.NoError(t, f.Flush(t.Context()))
		got := f.place.alerts()
		require.Len(t, got, 2, "one message, and one sum")
		assert.Equal(t, 99_999, got[1].Count)
		assert.Len(t, f.lines(t, notify.Schema), 2, "one line, and one sum")
		assert.LessOrEqual(t, len(f.seen.byID), 3)
	})
}

func TestDifferentOnesGoInBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(func(context.Context, int) error { time.Sleep(20 * time.Millisecond); return nil })
		took, err := f.invocation(t, distinct(700)...)
		require.NoError(t, err)
		assert.Less(t, took, defaultBudget)
		assert.Len(t, f.lines(t, notify.Schema), maxLines)
		assert.Len(t, f.place.alerts(), 700)
		assert.Equal(t, 8, f.place.called(), "one, then a hundred at a time")
	})
}

func TestDefaultLimits(t *testing.T) {
	assert.Equal(t, limits{entries: 10_000, bytes: 16 << 20}, New(Options{}).seen.limits)
}

func TestMemoryIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const most, n = 100, 3 * maxPending
		f := limitedFixture(limits{entries: most}, respondsAfter(50*time.Millisecond))
		f.Begin()
		for _, a := range distinct(n) {
			f.Record(a)
			f.Record(violation("alert", evil)) // seen again and again: it is never the oldest
		}
		require.NoError(t, f.Flush(t.Context()))
		assert.Equal(t, most, f.seen.count)
		assert.LessOrEqual(t, len(f.seen.byID), 3*most)
		lines := f.lines(t, "outguard.forgotten/v1")
		require.Len(t, lines, 1)
		assert.EqualValues(t, n+1-most, lines[0]["count"])
		assert.EqualValues(t, most, lines[0]["kept"])
		assert.Equal(t, float64(2*n), counted(t, f))
	})
}

// What is forgotten is not kept for the sums at the end of its invocation, which may last for 15
// minutes.
func TestMemoryIsBoundedWhenForgottenOnesRepeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const most, n = 100, 1_000
		f := limitedFixture(limits{entries: most}, nil)
		f.Begin()
		for _, a := range distinct(n) {
			f.Record(a)
			f.Record(a)
			assert.LessOrEqual(t, len(f.repeated), 2*most)
		}
		f.Flush(t.Context())
		assert.Equal(t, float64(2*n), counted(t, f))
		f.Record(distinct(n)[n-1])
		assert.Len(t, f.repeated, most, "none is listed twice")
	})
}

// 10,000 alerts can be 100 MB, which some functions do not have.
func TestMemoryIsBoundedWhenAlertsAreLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const most, n = 256 << 10, 100
		f := limitedFixture(limits{bytes: most}, nil)
		f.sinks = nil
		f.Begin()
		long := strings.Repeat("word/", 400)
		largest := 0
		for i := range n {
			a := violation("alert", fmt.Sprintf("https://host-%d.example/%s", i, long))
			a.Reason, a.Allow = long, long
			f.Record(a)
			largest = max(largest, f.seen.newest.size())
		}
		held := 0
		for e := f.seen.oldest; e != nil; e = e.newer {
			held += e.size()
		}
		assert.Equal(t, held, f.seen.held)
		assert.LessOrEqual(t, held, most+largest)
		assert.Greater(t, held, most/2)
		kept := f.seen.count
		assert.Less(t, kept, n)
		require.NoError(t, f.Flush(t.Context()))
		lines := f.lines(t, "outguard.forgotten/v1")
		require.Len(t, lines, 1)
		assert.EqualValues(t, n-kept, lines[0]["count"])
		assert.EqualValues(t, kept, lines[0]["kept"])
	})
}

// docs/alerts.md: the first sum of 100 repeats or more does not wait for the window.
func TestAStormIsSummedAtTheEndOfItsInvocation(t *testing.T) {
	for _, c := range []struct {
		repeats int
		want    []int // counts of the alerts sent
	}{
		{99, []int{1}},
		{100, []int{1, 100}},
		{101, []int{1, 101}},
	} {
		synctest.Test(t, func(t *testing.T) {
			f := newFixture(nil)
			alerts := slices.Repeat([]notify.Alert{violation("alert", evil)}, 1+c.repeats)
			_, err := f.invocation(t, alerts...)
			require.NoError(t, err)
			assert.Equal(t, c.want, counts(f.place.alerts()))
			_, err = f.invocation(t, alerts...)
			require.NoError(t, err)
			if len(c.want) > 1 {
				assert.Equal(t, c.want, counts(f.place.alerts()), "the second sum waits for the window")
			}
		})
	}
}

func counts(alerts []notify.Alert) (counts []int) {
	for _, a := range alerts {
		counts = append(counts, a.Count)
	}
	return counts
}

// A loop in every request is a storm in every invocation: the sinks still get one sum in a window.
func TestStormsAreSummedOnceInAWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(nil)
		storm := slices.Repeat([]notify.Alert{violation("alert", evil)}, 2*stormCount)
		start := time.Now()
		for time.Since(start) < 3*defaultWindow {
			_, err := f.invocation(t, storm...)
			require.NoError(t, err)
			time.Sleep(5 * time.Second)
		}
		assert.Len(t, f.place.alerts(), 1+1+2, "first sight, the first storm, and one sum in each window after it")
	})
}

// A sum is sent when the window is over: by the next repeat at once, else by the next flush.
func TestASumWaitsForTheWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(nil)
		v := violation("alert", evil)
		_, err := f.invocation(t, v, v)
		require.NoError(t, err)
		time.Sleep(defaultWindow)
		_, err = f.invocation(t) // without a violation: it does not wait
		require.NoError(t, err)
		synctest.Wait()
		assert.Equal(t, []int{1, 1}, counts(f.place.alerts()))

		time.Sleep(defaultWindow - time.Second)
		f.Record(v)
		synctest.Wait()
		assert.Len(t, f.place.alerts(), 2)
		time.Sleep(time.Second)
		f.Record(v)
		synctest.Wait()
		assert.Equal(t, []int{1, 1, 2}, counts(f.place.alerts()), "without a flush")
		f.Flush(t.Context())
	})
}

func TestARepeatOfAForgottenViolationIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const most = 10
		f := limitedFixture(limits{entries: most}, nil)
		f.Begin()
		f.Record(violation("alert", evil))
		f.Record(violation("alert", evil))
		for i, a := range distinct(most) {
			assert.Zero(t, f.forgotten, "%d of %d violations", 1+i, most)
			f.Record(a)
		}
		assert.Equal(t, 1, f.forgotten)
		f.Flush(t.Context())
		assert.Len(t, f.place.alerts(), 1+1+most)
		sums := 0
		for _, l := range f.lines(t, notify.Schema) {
			if l["since"] != nil {
				sums++
			}
		}
		assert.Equal(t, 1, sums, "its sum is logged when it is forgotten")
	})
}

func TestCloseSendsAllSums(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(nil)
		_, err := f.invocation(t, violation("alert", evil), violation("alert", evil))
		require.NoError(t, err)
		require.Len(t, f.place.alerts(), 1)
		require.NoError(t, f.Close(t.Context()))
		require.Len(t, f.place.alerts(), 2)
		require.NoError(t, f.Close(t.Context()))
		assert.Len(t, f.place.alerts(), 2)
	})
}

func TestNothingToReportCostsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(nil)
		ctx, ticket := t.Context(), new(Ticket)
		alloctest.AtMost(t, 0, func() {
			f.Queue.Begin()
			f.Queue.Flush(ctx, ticket)
		})
		assert.Nil(t, f.seen.byID)

		_, err := f.invocation(t, violation("alert", evil))
		require.NoError(t, err)
		alloctest.AtMost(t, 0, func() {
			f.Queue.Begin()
			f.Queue.Flush(ctx, ticket)
		}, "nor after everything was reported")
	})
}

// In a bubble, a slow machine cannot make a line wait for longer than lineWait.
func TestManyGoroutines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(func(_ context.Context, call int) error {
			if call%7 == 0 {
				return errors.New("out of order")
			}
			return nil
		})
		times := corpustest.Sample(40, 200)
		var wg sync.WaitGroup
		for g := range 64 {
			wg.Go(func() {
				ticket := new(Ticket)
				for i := range times {
					f.Queue.Begin()
					f.Queue.Record(violation("alert", fmt.Sprintf("https://host-%d.example/", (g*i)%500)), ticket)
					if i%20 == 0 {
						f.Queue.Flush(t.Context(), ticket)
						ticket = new(Ticket)
					}
				}
			})
		}
		wg.Wait()
		f.Close(t.Context())
		total := 0.0
		for _, l := range f.lines(t, notify.Schema) {
			total += l["count"].(float64)
		}
		for _, l := range f.lines(t, "outguard.more/v1") { // what has no line of its own, between two flushes
			violations, _ := l["violations"].(float64)
			repeats, _ := l["repeats"].(float64)
			total += violations + repeats
		}
		assert.EqualValues(t, 64*times, total, "the log has all")
	})
}
