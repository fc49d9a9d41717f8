package alerting

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/outguard/outguard/notify"
)

// This file delivers what is pending at the end of an invocation, and when the queue is closed.

// Flush marks the end of the invocation whose violations were recorded with t. It logs the sums and
// the metrics, and waits for the alerts of t: at most for the budget, less what t has waited
// before, and until FlushMargin before ctx's deadline. Alerts that have not arrived by then are
// logged, returned in the error, kept, and tried again. Without violations recorded with t, Flush
// waits for nothing.
func (q *Queue) Flush(ctx context.Context, t *Ticket) error {
	if t == nil {
		t = &q.none
	}
	// The path of nearly every invocation: nothing to lock, to log or to wait for.
	if !q.busy.Load() {
		return nil
	}
	q.sumUp(time.Now(), t, false)
	q.Wait(ctx, t, q.budget)
	return q.report(t)
}

// Close is the last Flush of the process. It sends the sums of all repeats, whatever the window,
// tries everything once more, whatever its backoff, and waits for what is being sent.
func (q *Queue) Close(ctx context.Context) error {
	// Nothing was recorded since the last flush, and nothing is pending.
	if !q.busy.Load() {
		return nil
	}
	// Close speaks for all invocations, so it waits until its lines have been written.
	q.none.used.Store(true)
	q.mu.Lock()
	for _, s := range q.sinks {
		s.wakeForLast()
	}
	q.mu.Unlock()
	q.sumUp(time.Now(), &q.none, true)
	q.waitIdle(ctx, q.budget)
	return q.report(nil)
}

// report logs and returns what was not delivered. t is the ticket of the invocation that ends; nil
// stands for all.
func (q *Queue) report(t *Ticket) error {
	errs, lines := q.takeReports(t, time.Now())
	q.logAll(lines, t == nil || t.used.Load())
	return errors.Join(errs...)
}

// takeReports returns the errors and the lines of a flush. It decides whether the next flush has
// work to do.
func (q *Queue) takeReports(t *Ticket, now time.Time) (errs []error, lines []any) {
	q.mu.Lock()
	defer q.mu.Unlock()
	busy := len(q.repeated) > 0 || len(q.counts) > 0
	for _, s := range q.sinks {
		if line := s.undelivered(t, now); line != nil {
			line.Function = q.function
			lines = append(lines, line)
		}
		if line := s.beyond.takeLine(now, q.function, s.name); line != nil {
			lines = append(lines, line)
		}
		errs = append(errs, s.err(t))
		busy = busy || s.sending || len(s.pending) > 0 || s.beyond.calls > 0
		if !s.sending {
			s.closeIdle()
		}
	}
	q.busy.Store(busy)
	q.none.resetLines()
	if t != nil {
		t.resetLines()
	}
	return errs, lines
}

// logAll writes lines. Without wait, it does not wait until they have been written.
func (q *Queue) logAll(lines []any, wait bool) {
	out := io.Writer(q.out)
	// An invocation without violations may log what others left. It must not pay lineWait for them.
	if !wait {
		out = unawaited{q.out}
	}
	for _, l := range lines {
		_ = (&notify.Log{W: out}).Line(l) // see LogLine
	}
}
