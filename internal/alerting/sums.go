package alerting

import (
	"maps"
	"time"

	"github.com/outguard/outguard/notify"
)

// stormCount is the number of repeats that makes the first sum of a violation due at the end of
// its invocation, before the window is over.
const stormCount = 100

// repeat counts a repeat of e and returns it in its clean form.
func (q *Queue) repeat(e *entry, a *notify.Alert) notify.Alert {
	q.busy.Store(true)
	q.counts[tallyOf(a)]++
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

// appendSum appends the sum of the repeats of e that are not in the log yet, for the log.
func (e *entry) appendSum(sums []notify.Alert) []notify.Alert {
	if e.unlogged == 0 {
		return sums
	}
	sums = append(sums, e.sum(e.unlogged, e.loggedAt))
	e.unlogged, e.loggedAt = 0, e.last.time
	return sums
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
	sums, counts, forgotten := q.takeSums(now, last)
	for _, s := range sums {
		q.logAlert(s, false)
	}
	q.logMetrics(now, counts)
	if forgotten != nil {
		q.LogLine(*forgotten)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.startSends(now, true)
}

// takeSums returns what the log gets at the end of an invocation, and offers the sums that are due
// to the sinks.
func (q *Queue) takeSums(now time.Time, last bool) (sums []notify.Alert, counts map[tally]int, forgotten *forgottenLine) {
	q.mu.Lock()
	defer q.mu.Unlock()
	kept := q.repeated[:0]
	for _, e := range q.repeated {
		sums = e.appendSum(sums)
		if last || q.sumDue(e, now) {
			q.sendSum(e, now)
		}
		if e.listed = e.unsent > 0; e.listed {
			kept = append(kept, e)
		}
	}
	clear(q.repeated[len(kept):])
	q.repeated = kept
	counts = maps.Clone(q.counts)
	clear(q.counts)
	if q.forgotten > 0 {
		forgotten = &forgottenLine{"WARN", now.UTC(), "outguard.forgotten/v1", q.function, q.forgotten, q.seen.count}
		q.forgotten = 0
	}
	return sums, counts, forgotten
}
