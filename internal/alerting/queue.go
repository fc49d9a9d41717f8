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
	"io"
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
	Stdout io.Writer     // receives the JSON lines; see output. Default: standard output
	Sinks  []*Sink       // receive the alerts. Default: none, alerts are only logged
	Budget time.Duration // the longest time that a flush waits. Default: 2 s
	Window time.Duration // the shortest time between two sums of one violation. Default: 5 min

	// Aggregate leaves the function out of the dimensions of metrics.
	Aggregate bool

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
	out       *output
	aggregate bool
	sinks     []*Sink
	budget    time.Duration
	window    time.Duration
	slots     chan struct{} // bounds the sends in progress, over all sinks
	busy      atomic.Bool   // a flush has work to do

	sendTick time.Duration

	mu        sync.Mutex
	seen      memory
	repeated  []*entry      // entries with repeats not yet logged or not yet sent
	counts    map[tally]int // violations since the last flush that no line counts yet
	forgotten int           // entries evicted since the last flush
	function  string        // of the first alert; for log lines
	changed   chan struct{} // closed and replaced when a sink stops sending
}

// New returns a queue with the given options.
func New(o Options) *Queue {
	out := &standardOutput
	if o.Stdout != nil {
		out = &output{w: o.Stdout}
	}
	if o.Budget <= 0 {
		o.Budget = defaultBudget
	}
	if o.Window <= 0 {
		o.Window = defaultWindow
	}
	return &Queue{
		out:       out,
		aggregate: o.Aggregate,
		sinks:     o.Sinks,
		budget:    o.Budget,
		window:    o.Window,
		slots:     make(chan struct{}, maxSends),
		sendTick:  cmp.Or(o.sendTick, sendTick),
		seen:      newMemory(o.limits),
		changed:   make(chan struct{}),
	}
}

// LogLine writes v as one JSON line to the log of the alerts. It waits until the line has been
// written, for lineWait at most. It must not be called under the queue's lock.
func (q *Queue) LogLine(v any) {
	_ = (&notify.Log{W: q.out}).Line(v) // a log that fails cannot be reported anywhere
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
// not be clean. Record does not wait for any sink. The line of a new violation is written before
// the sinks get the alert.
func (q *Queue) Record(a notify.Alert) (recorded notify.Alert, isNew bool) {
	if a.Time.IsZero() {
		a.Time = time.Now()
	}
	raw := q.seen.identify(&a)
	if recorded, ok := q.again(raw, &a); ok {
		return recorded, false
	}
	a.Count = 1
	clean := a.Clean()
	e, isNew := q.first(raw, &a, clean)
	if !isNew {
		return e, false
	}
	q.logAlert(clean, true)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.offer(clean)
	q.startSends(a.Time, false)
	return clean, true
}

// again counts a as a repeat if its identity is known.
func (q *Queue) again(raw identity, a *notify.Alert) (recorded notify.Alert, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	e := q.seen.find(raw)
	if e == nil {
		return recorded, false
	}
	return q.repeat(e, a), true
}

// first remembers a, whose clean form is clean. It reports false if a is a repeat after all: a
// violation may differ from another only in what Clean masks, and two goroutines may record the
// same one.
func (q *Queue) first(raw identity, a *notify.Alert, clean notify.Alert) (recorded notify.Alert, isNew bool) {
	key := q.seen.identify(&clean)
	q.mu.Lock()
	if e := q.seen.find(key); e != nil {
		defer q.mu.Unlock()
		q.seen.alias(e, raw)
		return q.repeat(e, a), false
	}
	if q.counts == nil {
		q.counts = make(map[tally]int)
		q.function = a.Function
	}
	q.busy.Store(true)
	e := &entry{key: key, raw: key, alert: clean, loggedAt: a.Time, sentAt: a.Time}
	sums := q.remember(e)
	q.seen.alias(e, raw)
	q.mu.Unlock()
	for _, s := range sums {
		q.logAlert(s, false)
	}
	return clean, true
}

// remember adds e to what was seen. It returns the sums of entries that had to go to make room, for
// the log.
func (q *Queue) remember(e *entry) (sums []notify.Alert) {
	for old := q.seen.surplus(); old != nil; old = q.seen.surplus() {
		sums = old.appendSum(sums)
		q.sendSum(old, e.alert.Time)
		q.seen.forget(old)
		q.forgotten++
	}
	q.seen.add(e)
	return sums
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
	q.sumUp(start, last)

	q.Wait(ctx, q.budget)

	now := time.Now()
	errs, lines := q.settleFlush(start, now)
	for _, l := range lines {
		q.LogLine(l)
	}
	return errors.Join(errs...)
}

// settleFlush ends a flush that began at start. It returns what was not delivered, as errors and as
// lines for the log.
func (q *Queue) settleFlush(start, now time.Time) (errs []error, lines []undeliveredLine) {
	q.mu.Lock()
	defer q.mu.Unlock()
	busy := len(q.repeated) > 0 || len(q.counts) > 0
	for _, s := range q.sinks {
		line, err := q.reportUndelivered(s, start, now)
		errs = append(errs, err)
		if line != nil {
			lines = append(lines, *line)
		}
		busy = busy || s.sending || len(s.pending) > 0
		if !s.sending {
			s.closeIdle()
		}
	}
	q.busy.Store(busy)
	return errs, lines
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
