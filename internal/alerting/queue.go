// Package alerting records violations, logs each of them once, and delivers alerts to sinks.
//
// A [Queue] belongs to one guard. [Queue.Record] takes a violation, [Queue.Begin] and [Queue.Flush]
// mark the start and the end of an invocation. [NewSinks] makes the sinks of a policy's notify:
// entries.
package alerting

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/outguard/outguard/notify"
)

const (
	// FlushMargin is the time before a context's deadline at which a flush stops waiting.
	FlushMargin = 100 * time.Millisecond

	defaultBudget = 2 * time.Second
	defaultWindow = 5 * time.Minute
)

// Options are the settings of a Queue. The zero value works.
type Options struct {
	Stdout io.Writer     // receives the JSON lines. Default: os.Stdout
	Sinks  []*Sink       // receive the alerts. Default: none, alerts are only logged
	Budget time.Duration // the longest time that a flush waits. Default: 2 s
	Window time.Duration // the shortest time between two sums of one violation. Default: 5 min

	limits   limits        // for tests
	sendTick time.Duration // for tests; see watch. Default: 500 ms
}

// A Queue logs each violation when it is first seen and passes it to the sinks, which deliver it
// in the background. It counts repeats. The log gets their sum at the end of the invocation; the
// sinks get one at most once per window.
//
// All methods may be called concurrently. With nothing recorded, Begin and Flush cost one atomic
// load. A queue has goroutines only while alerts are being sent.
type Queue struct {
	log    *notify.Log
	sinks  []*Sink
	budget time.Duration
	window time.Duration
	slots  chan struct{} // bounds the sends in progress, over all sinks
	busy   atomic.Bool   // a flush has work to do

	sendTick time.Duration

	mu        sync.Mutex
	seen      memory
	repeated  []*entry       // entries with repeats not yet logged or not yet sent
	tally     map[string]int // violations since the last flush, by verdict
	forgotten int            // entries evicted since the last flush
	function  string         // of the first alert; for log lines
	stage     string
	changed   chan struct{} // closed and replaced when a sink stops sending
}

// New returns a queue with the given options.
func New(o Options) *Queue {
	if o.Stdout == nil {
		o.Stdout = os.Stdout
	}
	if o.Budget <= 0 {
		o.Budget = defaultBudget
	}
	if o.Window <= 0 {
		o.Window = defaultWindow
	}
	return &Queue{
		log:      &notify.Log{W: tolerant{o.Stdout}},
		sinks:    o.Sinks,
		budget:   o.Budget,
		window:   o.Window,
		slots:    make(chan struct{}, maxSends),
		sendTick: cmp.Or(o.sendTick, sendTick),
		seen:     newMemory(o.limits),
		changed:  make(chan struct{}),
	}
}

// tolerant turns a panic of the user's Writer into an error.
type tolerant struct{ w io.Writer }

func (t tolerant) Write(b []byte) (n int, err error) {
	defer func() {
		if recover() != nil {
			err = fmt.Errorf("%T panicked", t.w)
		}
	}()
	return t.w.Write(b)
}

// LogLine writes v as one JSON line to the log of the alerts.
func (q *Queue) LogLine(v any) {
	_ = q.log.Line(v) // a log that fails cannot be reported anywhere
}

// Begin marks the start of an invocation: alerts that earlier sends could not deliver are tried
// again in the background.
func (q *Queue) Begin() {
	if !q.busy.Load() {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.startSends(time.Now(), true)
}

// Record logs a violation and hands it to the sinks, or counts it if the same one has been
// recorded before. It returns the alert in its clean form and reports whether it is new. a need
// not be clean. Record does not wait for any sink.
func (q *Queue) Record(a notify.Alert) (recorded notify.Alert, isNew bool) {
	if a.Time.IsZero() {
		a.Time = time.Now()
	}
	raw := q.seen.identify(&a)
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.tally == nil {
		q.tally = make(map[string]int)
		q.function, q.stage = a.Function, a.Stage
	}
	q.busy.Store(true)
	q.tally[a.Verdict]++
	if e := q.seen.find(raw); e != nil {
		return q.repeat(e, &a), false
	}
	a.Count = 1
	clean := a.Clean()
	key := q.seen.identify(&clean)
	if e := q.seen.find(key); e != nil { // differs only in what Clean masks
		q.seen.alias(e, raw)
		return q.repeat(e, &a), false
	}
	e := &entry{key: key, raw: key, alert: clean, loggedAt: a.Time, sentAt: a.Time}
	q.remember(e)
	q.seen.alias(e, raw)
	q.logAlert(e.alert)
	q.offer(e.alert)
	q.startSends(a.Time, false)
	return e.alert, true
}

// remember adds e to what was seen. Entries that must go to make room are summed up first.
func (q *Queue) remember(e *entry) {
	for old := q.seen.surplus(); old != nil; old = q.seen.surplus() {
		q.logSum(old)
		q.sendSum(old, e.alert.Time)
		q.seen.forget(old)
		q.forgotten++
	}
	q.seen.add(e)
}

func (q *Queue) logAlert(a notify.Alert) {
	_ = q.log.Notify(context.Background(), []notify.Alert{a}) // see LogLine
}

// Flush marks the end of an invocation. It logs the sums and the metrics, and waits until all
// alerts have been delivered: at most for the budget, and until FlushMargin before ctx's deadline.
// Alerts that have not arrived by then are logged, returned in the error, kept, and tried again
// in the next invocation.
func (q *Queue) Flush(ctx context.Context) error {
	if !q.busy.Load() {
		return nil
	}
	return q.drain(ctx, false)
}

// Close is the last Flush of the process. It sends the sums of all repeats, whatever the window.
func (q *Queue) Close(ctx context.Context) error {
	if !q.busy.Load() {
		return nil
	}
	return q.drain(ctx, true)
}

func (q *Queue) drain(ctx context.Context, last bool) error {
	start := time.Now()
	q.mu.Lock()
	q.sumUp(start, last)
	q.startSends(start, true)
	q.mu.Unlock()

	q.Wait(ctx, q.budget)

	now := time.Now()
	q.mu.Lock()
	defer q.mu.Unlock()
	var errs []error
	busy := len(q.repeated) > 0 || len(q.tally) > 0
	for _, s := range q.sinks {
		errs = append(errs, q.reportUndelivered(s, start, now))
		busy = busy || s.sending || len(s.pending) > 0
		if !s.sending {
			s.closeIdle()
		}
	}
	q.busy.Store(busy)
	return errors.Join(errs...)
}

// Wait returns when nothing is being sent, but no later than limit from now and FlushMargin before
// ctx's deadline.
func (q *Queue) Wait(ctx context.Context, limit time.Duration) {
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(deadline)-FlushMargin)
	}
	if limit <= 0 {
		return
	}
	var timer *time.Timer
	for {
		q.mu.Lock()
		changed, sending := q.changed, false
		now := time.Now()
		for _, s := range q.sinks {
			sending = sending || s.sending && !s.health.backingOff(now)
		}
		q.mu.Unlock()
		if !sending {
			return
		}
		if timer == nil {
			timer = time.NewTimer(limit)
			defer timer.Stop()
		}
		select {
		case <-changed:
		case <-timer.C:
			return
		case <-ctx.Done():
			return
		}
	}
}
