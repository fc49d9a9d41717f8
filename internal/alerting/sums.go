package alerting

import (
	"time"

	"github.com/outguard/outguard/notify"
)

// stormCount is the number of repeats that makes the first sum of a violation due at the end of
// its invocation, before the window is over.
const stormCount = 100

// repeat counts a repeat of e and returns it in its clean form.
func (q *Queue) repeat(e *entry, a *notify.Alert) notify.Alert {
	e.last = sightOf(a)
	e.unlogged++
	e.unsent++
	if !e.listed {
		e.listed = true
		q.repeated = append(q.repeated, e)
	}
	q.seen.touch(e)
	if a.Time.Sub(e.sentAt) >= q.window {
		q.sendSum(e, a.Time)
		q.startSends(a.Time, false)
	}
	recorded := e.alert
	recorded.Caller = a.Caller // another line of the same package
	e.last.apply(&recorded)
	return recorded
}

// sum returns an alert that counts the repeats of e after since. Fields of the last sight may need
// cleaning.
func (e *entry) sum(count int, since time.Time) notify.Alert {
	a := e.alert
	a.Count, a.Since = count, since
	e.last.apply(&a)
	return a
}

// logSum logs the repeats of e that are not in the log yet.
func (q *Queue) logSum(e *entry) {
	if e.unlogged == 0 {
		return
	}
	q.logAlert(e.sum(e.unlogged, e.loggedAt))
	e.unlogged, e.loggedAt = 0, e.last.time
}

// sendSum hands the repeats of e that were not sent yet to the sinks.
func (q *Queue) sendSum(e *entry, now time.Time) {
	if e.unsent == 0 {
		return
	}
	q.offer(e.sum(e.unsent, e.sentAt).Clean())
	e.unsent, e.sentAt, e.summed = 0, now, true
}

// sumDue reports whether the sinks should get a sum of e at the end of an invocation.
func (q *Queue) sumDue(e *entry, now time.Time) bool {
	storm := e.unsent >= stormCount && !e.summed
	return storm || now.Sub(e.sentAt) >= q.window
}

// sumUp logs the repeats and the metrics of an invocation, and sends the sums that are due. With
// last it sends all of them.
func (q *Queue) sumUp(now time.Time, last bool) {
	kept := q.repeated[:0]
	for _, e := range q.repeated {
		q.logSum(e)
		if last || q.sumDue(e, now) {
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
			_ = q.log.Metric(notify.Metric{Time: now, Function: q.function, Stage: q.stage, Verdict: verdict, Count: n})
		}
	}
	clear(q.tally)
	if q.forgotten > 0 {
		q.LogLine(forgottenLine{"WARN", now.UTC(), "outguard.forgotten/v1", q.function, q.forgotten, q.seen.count})
		q.forgotten = 0
	}
}
