package guard

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/outguard/outguard/notify"
)

// Defaults and bounds of a queue.
const (
	sumWindow   = 5 * time.Minute // a violation that repeats is summed up to the sinks once in this time
	flushBudget = 2 * time.Second // the longest that a flush holds an invocation
	flushMargin = 100 * time.Millisecond
	blockWait   = 300 * time.Millisecond // how long the first block of an invocation waits for its alert
	maxSeen     = 10_000                 // violations remembered; the one not seen for longest is forgotten first
	maxBytes    = 16 << 20               // what they hold, for a function may have 128 MB
	stormCount  = 100                    // so many repeats are summed up at the end of their invocation, if it is the first sum
)

// A queue tells each violation once: it writes the alert to the log at first sight and hands it to the sinks, which deliver
// in the background. Repeats are counted; the log gets their sum at the invocation's end, the sinks at most once in a window.
//
// All methods may be called by several goroutines at once. While there is nothing to tell, begin and flush are one atomic
// load. An unused queue holds no memory to speak of, and a queue has no goroutine except while something is being sent.
type queue struct {
	queueOptions
	log   *notify.Log
	slots chan struct{} // how many sends may be under way at once, over all sinks
	seed  maphash.Seed

	busy atomic.Bool // something is remembered that a flush has to look at

	mu        sync.Mutex
	seen      map[fingerprint]*entry // by key and by raw
	entries   int
	bytes     int    // what entries hold
	newest    *entry // the ends of the list of entries in order of last sight
	oldest    *entry
	repeated  []*entry       // entries with repeats that the log or the sinks were not told
	tally     map[string]int // violations since the last flush, by verdict
	forgotten int            // entries dropped since the last flush because there were too many
	function  string
	stage     string
	changed   chan struct{} // closed and replaced when a send ends
}

// A fingerprint is a hash of what makes two violations the same. It is seeded, so that nobody can aim at a collision, and among 10,000 one by
// chance has odds of 1 to 10^11.
type fingerprint uint64

// An entry is a violation that has been seen.
type entry struct {
	key          fingerprint // of the alert as it is told
	raw          fingerprint // of the alert as it came last, with what is masked; most often equal to key
	newer, older *entry
	alert        notify.Alert // as first told, clean
	last         lastSight
	unlogged     int // repeats that the log was not told
	unsent       int // repeats that the sinks were not told
	loggedAt     time.Time
	sentAt       time.Time // up to when the sinks were told
	summed       bool      // they were told a sum
	listed       bool      // in queue.repeated
}

type lastSight struct {
	time      time.Time
	requestID string
	traceID   string
	coldStart bool
}

// queueOptions is what a queue works with.
type queueOptions struct {
	stdout io.Writer     // gets the JSON lines; nil: os.Stdout
	sinks  []*sink       // where alerts go
	budget time.Duration // what a flush takes at most; 0: 2 s
	window time.Duration // how often a sink hears of repeats at most; 0: 5 min
}

func newQueue(o queueOptions) *queue {
	if o.budget <= 0 {
		o.budget = flushBudget
	}
	if o.window <= 0 {
		o.window = sumWindow
	}
	if o.stdout == nil {
		o.stdout = os.Stdout
	}
	return &queue{
		queueOptions: o,
		log:          &notify.Log{W: tolerant{o.stdout}},
		slots:        make(chan struct{}, maxSends),
		seed:         maphash.MakeSeed(),
		changed:      make(chan struct{}),
	}
}

// tolerant is a Writer of the user's own, whose panic does not end the function.
type tolerant struct{ w io.Writer }

func (t tolerant) Write(b []byte) (n int, err error) {
	defer func() {
		if recover() != nil {
			err = fmt.Errorf("%T panicked", t.w)
		}
	}()
	return t.w.Write(b)
}

// begin starts an invocation: what an earlier one could not deliver is tried again, in the background.
func (q *queue) begin() {
	if !q.busy.Load() {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.kick(time.Now(), true)
}

// tell tells a violation, or counts it when it has been told. It returns the alert as it may be shown, and whether it was news. The
// alert may be as raw as it comes: it is cleaned before anything is written. tell waits for no sink.
func (q *queue) tell(a notify.Alert) (told notify.Alert, news bool) {
	if a.Time.IsZero() {
		a.Time = time.Now()
	}
	raw := q.fingerprint(&a)
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.seen == nil {
		q.seen, q.tally = make(map[fingerprint]*entry), make(map[string]int)
		q.function, q.stage = a.Function, a.Stage
	}
	q.busy.Store(true)
	q.tally[a.Verdict]++
	if e := q.seen[raw]; e != nil {
		return q.repeat(e, &a), false
	}
	a.Count = 1
	clean := a.Clean()
	key := q.fingerprint(&clean)
	if e := q.seen[key]; e != nil { // it differs in nothing but what is masked
		q.alias(e, raw)
		return q.repeat(e, &a), false
	}
	e := &entry{key: key, raw: key, alert: clean, loggedAt: a.Time, sentAt: a.Time}
	q.remember(e)
	q.alias(e, raw)
	q.log.Notify(context.Background(), []notify.Alert{e.alert}) // nowhere is left to say that the log cannot be written
	q.offer(e.alert)
	q.kick(a.Time, false)
	return e.alert, true
}

// repeat counts a repeat of e, and returns it as it may be shown.
func (q *queue) repeat(e *entry, a *notify.Alert) notify.Alert {
	e.last = lastSight{a.Time, a.RequestID, a.TraceID, a.ColdStart}
	e.unlogged++
	e.unsent++
	if !e.listed {
		e.listed = true
		q.repeated = append(q.repeated, e)
	}
	q.unlink(e)
	q.link(e)
	if a.Time.Sub(e.sentAt) >= q.window {
		q.sendSum(e, a.Time)
		q.kick(a.Time, false)
	}
	told := e.alert
	told.Caller = a.Caller // another line of the same package
	e.last.of(&told)
	return told
}

// of makes a the alert of the repeat.
func (l *lastSight) of(a *notify.Alert) {
	a.Time, a.RequestID, a.TraceID, a.ColdStart = l.time, l.requestID, l.traceID, l.coldStart
}

// sum returns the alert that counts repeats of e after since.
func (e *entry) sum(count int, since time.Time) notify.Alert {
	a := e.alert
	a.Count, a.Since = count, since
	e.last.of(&a)
	return a.Clean()
}

func (q *queue) logSum(e *entry) {
	if e.unlogged == 0 {
		return
	}
	q.log.Notify(context.Background(), []notify.Alert{e.sum(e.unlogged, e.loggedAt)})
	e.unlogged, e.loggedAt = 0, e.last.time
}

func (q *queue) sendSum(e *entry, now time.Time) {
	if e.unsent == 0 {
		return
	}
	q.offer(e.sum(e.unsent, e.sentAt))
	e.unsent, e.sentAt, e.summed = 0, now, true
}

// sumUp writes the repeats to the log, and hands those whose time has come to the sinks: all of them if last.
func (q *queue) sumUp(now time.Time, last bool) {
	kept := q.repeated[:0]
	for _, e := range q.repeated {
		q.logSum(e)
		if storm := e.unsent >= stormCount && !e.summed; storm || last || now.Sub(e.sentAt) >= q.window {
			q.sendSum(e, now)
		}
		if e.listed = e.unsent > 0; e.listed {
			kept = append(kept, e)
		}
	}
	clear(q.repeated[len(kept):])
	q.repeated = kept
	for _, verdict := range []string{"log", "alert", "block"} {
		if n := q.tally[verdict]; n > 0 {
			q.log.Metric(notify.Metric{Time: now, Function: q.function, Stage: q.stage, Verdict: verdict, Count: n})
		}
	}
	clear(q.tally)
	if q.forgotten > 0 {
		q.log.Line(forgotten{"WARN", now.UTC(), "outguard.forgotten/v1", q.function, q.forgotten, q.entries})
		q.forgotten = 0
	}
}

// forgotten is the log line of a storm of violations, each another: of those forgotten, repeats are told as new.
type forgotten struct {
	Level     string    `json:"level"`
	Timestamp time.Time `json:"timestamp"`
	Schema    string    `json:"schema"`
	Function  string    `json:"function"`
	Count     int       `json:"count"`
	Kept      int       `json:"kept"`
}

// flush ends an invocation: it writes the sums and the metric, and waits until everything has been delivered, at most for
// the budget and until 100 ms before ctx's deadline. What has not arrived by then is said in the log and in the error, is
// kept, and is tried again in the next invocation.
func (q *queue) flush(ctx context.Context) error {
	if !q.busy.Load() {
		return nil
	}
	return q.drain(ctx, false)
}

// close is the last flush of the process: it tells the sinks all repeats, whatever the window.
func (q *queue) close(ctx context.Context) error {
	if !q.busy.Load() {
		return nil
	}
	return q.drain(ctx, true)
}

func (q *queue) drain(ctx context.Context, last bool) error {
	start := time.Now()
	q.mu.Lock()
	q.sumUp(start, last)
	q.kick(start, true)
	q.mu.Unlock()

	q.wait(ctx, q.budget)

	now := time.Now()
	q.mu.Lock()
	defer q.mu.Unlock()
	var errs []error
	busy := len(q.repeated) > 0 || len(q.tally) > 0
	for _, s := range q.sinks {
		errs = append(errs, q.report(s, start, now))
		busy = busy || s.sending || len(s.pending) > 0
		if !s.sending {
			s.closeIdle()
		}
	}
	q.busy.Store(busy)
	return errors.Join(errs...)
}

// wait returns when nothing is under way, after limit, or 100 ms before ctx's deadline.
func (q *queue) wait(ctx context.Context, limit time.Duration) {
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(deadline)-flushMargin)
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
			sending = sending || s.sending && !s.alone(now)
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

func (q *queue) fingerprint(a *notify.Alert) fingerprint {
	var h maphash.Hash
	h.SetSeed(q.seed)
	for _, s := range [...]string{a.Function, a.Verdict, a.Rule, a.Call.Kind, a.Call.Method, a.Call.URL, a.Call.Service,
		a.Call.Operation, a.Call.Region, a.Call.Net, notify.CallerPackage(a.Caller)} {
		h.WriteString(s)
		h.WriteByte(0)
	}
	for _, r := range a.Call.Resources {
		h.WriteString(r)
		h.WriteByte(0)
	}
	return fingerprint(h.Sum64())
}

// remember adds e to what was seen, and forgets the entry not seen for longest when there are too many.
func (q *queue) remember(e *entry) {
	for q.entries >= maxSeen || q.bytes > maxBytes && q.oldest != nil {
		old := q.oldest
		q.logSum(old)
		q.sendSum(old, e.alert.Time)
		q.unlink(old)
		q.alias(old, old.key)
		delete(q.seen, old.key)
		q.entries--
		q.bytes -= old.size()
		q.forgotten++
	}
	q.seen[e.key] = e
	q.entries++
	q.bytes += e.size()
	q.link(e)
}

// size is about what e holds. Only the texts that come from outside can be long.
func (e *entry) size() int {
	const fixed = 1 << 10
	a := &e.alert
	n := fixed + len(a.Call.URL) + len(a.Reason) + len(a.Allow)
	for _, r := range a.Call.Resources {
		n += len(r) + 16
	}
	return n
}

// alias has e found by raw, too, and no longer by the raw fingerprint before.
func (q *queue) alias(e *entry, raw fingerprint) {
	if e.raw != e.key {
		delete(q.seen, e.raw)
	}
	e.raw = raw
	q.seen[raw] = e
}

func (q *queue) link(e *entry) {
	e.newer, e.older = nil, q.newest
	if q.newest != nil {
		q.newest.newer = e
	} else {
		q.oldest = e
	}
	q.newest = e
}

func (q *queue) unlink(e *entry) {
	if e.newer != nil {
		e.newer.older = e.older
	} else {
		q.newest = e.older
	}
	if e.older != nil {
		e.older.newer = e.newer
	} else {
		q.oldest = e.newer
	}
}
