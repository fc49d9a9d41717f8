// Package alerting records violations, logs each of them once, and delivers alerts to sinks.
//
// A [Queue] belongs to one guard. [Queue.Record] takes a violation, [Queue.Begin] and [Queue.Flush]
// mark the start and the end of an invocation. A [Ticket] stands for what one invocation waits for.
// [NewSinks] makes the sinks of a policy's notify: entries.
package alerting

import (
	"cmp"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/outguard/outguard/notify"
)

// This file records violations: logged at first sight, counted afterwards.

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
	Budget time.Duration // the longest time that an invocation waits for its alerts. Default: 2 s
	Window time.Duration // the shortest time between two sums of one violation. Default: 5 min

	// Aggregate leaves the function out of the dimensions of metrics.
	Aggregate bool
	// LogLevel is Lambda's log level, $AWS_LAMBDA_LOG_LEVEL. If it drops lines of alerts, Begin
	// logs that once. Default: no line is dropped.
	LogLevel string

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
	logLevel  string
	sinks     []*Sink
	budget    time.Duration
	window    time.Duration
	sendTick  time.Duration
	busy      atomic.Bool // a flush has work to do

	mu        sync.Mutex
	seen      memory
	repeated  []*entry      // entries with repeats not yet logged or not yet sent
	counts    map[tally]int // violations since the last flush that no line counts yet
	more      overflow      // violations and repeats since the last flush that have no line of their own
	sums      int           // lines for repeats since the last flush; see maxSums
	summed    int           // bytes of these; see maxSummed
	forgotten int           // entries evicted since the last flush
	function  string        // of the first alert; for log lines
	none      Ticket        // of violations outside any invocation
	idle      chan struct{} // closed and replaced when a sink stops sending
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
	q := &Queue{
		out:       out,
		aggregate: o.Aggregate,
		sinks:     o.Sinks,
		budget:    o.Budget,
		window:    o.Window,
		sendTick:  cmp.Or(o.sendTick, sendTick),
		seen:      newMemory(o.limits),
		idle:      make(chan struct{}),
	}
	// busy makes the first Begin look, although nothing was recorded yet.
	if droppedLevels(o.LogLevel) != "" {
		q.logLevel = o.LogLevel
		q.busy.Store(true)
	}
	return q
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
	q.startSends(time.Now())
	level := q.logLevel
	q.logLevel = ""
	q.mu.Unlock()
	if level != "" {
		q.logLogLevel(level)
	}
}

// Record logs a violation and hands it to the sinks, or counts it if the same one has been
// recorded before. It returns the alert in its clean form and reports whether it is new. a need
// not be clean. Record does not wait for any sink; t waits for what it hands over. A nil t stands
// for a violation outside any invocation.
//
// The line of a new violation is written before the sinks get the alert.
// See decision 18.
func (q *Queue) Record(a notify.Alert, t *Ticket) (recorded notify.Alert, isNew bool) {
	if t == nil {
		t = &q.none
	}
	if a.Time.IsZero() {
		a.Time = time.Now()
	}
	raw := q.seen.sighting(&a)
	if e := q.again(raw, &a, t); e != nil {
		return e.seenAs(&a), false
	}
	a.Count = 1
	n := q.first(raw, &a, t)
	if n.repeat {
		return n.clean, false
	}
	for _, s := range n.sums {
		q.logAlert(s, false)
	}
	if n.logged {
		q.logAlert(n.clean, true)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.offer(&n.clean, t)
	q.busy.Store(true) // not before: while the line was written, a flush may have found nothing to do
	q.startSends(a.Time)
	return n.clean, true
}

// again counts a as a repeat if its identity is known, and returns its entry, or nil.
func (q *Queue) again(raw identity, a *notify.Alert, t *Ticket) *entry {
	q.mu.Lock()
	defer q.mu.Unlock()
	// The raw identity costs a few hashes. Only an unknown one pays for folding: /orders/17 after
	// /orders/18 has another raw identity, and the same form.
	e := q.seen.find(raw)
	if e == nil {
		form := q.seen.identify(a)
		if e = q.seen.find(form); e == nil {
			return nil
		}
		q.seen.alias(e, raw)
	}
	q.repeat(e, a, t)
	return e
}

// A firstSight is what is known of a violation that was not seen before.
type firstSight struct {
	clean  notify.Alert
	repeat bool           // it was seen before after all
	logged bool           // it gets a line of its own
	sums   []notify.Alert // of violations that were forgotten to make room, for the log
}

// first remembers a. It is a repeat after all if it differs from another violation only in what
// Clean masks, or if two goroutines record the same one.
func (q *Queue) first(raw identity, a *notify.Alert, t *Ticket) (n firstSight) {
	clean := a.Clean()
	form, key := q.seen.identify(a), q.seen.identify(&clean)
	q.mu.Lock()
	defer q.mu.Unlock()
	if e := q.seen.find(key); e != nil {
		q.seen.alias(e, raw)
		q.seen.aliasForm(e, form)
		q.repeat(e, a, t)
		return firstSight{clean: e.seenAs(a), repeat: true}
	}
	if q.function == "" {
		q.function = a.Function
	}
	t.used.Store(true)
	// Two aliases follow: the next equal call is found by its raw identity, without a Clean.
	e := &entry{key: key, form: key, raw: key, alert: clean, loggedAt: a.Time, sentAt: a.Time}
	n = firstSight{clean: clean, sums: q.remember(e)}
	q.seen.alias(e, raw)
	q.seen.aliasForm(e, form)
	// Beyond the bounds of an invocation's log, a line of its own becomes a count. The sinks get
	// the alert all the same.
	if t.line(lineSize(&clean)) {
		n.logged = true
	} else {
		q.more.add(&clean, 1, 0)
		q.count(&clean, 1)
	}
	return n
}

// count counts n violations for the metric at the next flush. Queue.mu is held.
func (q *Queue) count(a *notify.Alert, n int) {
	if q.counts == nil {
		q.counts = make(map[tally]int)
	}
	q.counts[tallyOf(a)] += n
}

// remember adds e to what was seen. It returns the sums of entries that had to go to make room, for
// the log. Queue.mu is held.
func (q *Queue) remember(e *entry) (sums []notify.Alert) {
	for old := q.seen.surplus(); old != nil; old = q.seen.surplus() {
		sums = q.appendSum(sums, old)
		// With the entry its counts would be lost: an attacker could flood the memory to erase how
		// often a call went out.
		q.sendSum(old, e.alert.Time, nil)
		q.seen.forget(old)
		q.forgotten++
	}
	q.seen.add(e)
	return sums
}
