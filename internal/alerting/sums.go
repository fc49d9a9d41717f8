package alerting

import (
	"slices"
	"time"

	"github.com/outguard/outguard/notify"
)

// stormCount is the number of repeats that makes the first sum of a violation due at the end of
// its invocation, before the window is over.
const stormCount = 100

// repeat counts a repeat of e. Queue.mu is held.
func (q *Queue) repeat(e *entry, a *notify.Alert, t *Ticket) {
	q.busy.Store(true)
	t.used.Store(true)
	e.last, e.ticket = sightOf(a), t
	e.unlogged++
	e.unsent++
	if !e.listed {
		e.listed = true
		// The memory is bounded, so what it has forgotten is not kept until the end of the
		// invocation. Its counts were taken then.
		if len(q.repeated) >= 2*q.seen.count {
			q.repeated = slices.DeleteFunc(q.repeated, func(e *entry) bool { return e.unlogged == 0 && e.unsent == 0 })
		}
		q.repeated = append(q.repeated, e)
	}
	q.seen.touch(e)
	if q.sumDue(e, a.Time, false) {
		q.sendSum(e, a.Time, t)
		q.startSends(a.Time)
	}
}

// seenAs returns a repeat of e in its clean form. It needs no lock: an entry's alert never changes.
func (e *entry) seenAs(a *notify.Alert) notify.Alert {
	recorded, at := e.alert, sightOf(a)
	recorded.Caller = a.Caller // another line of the same package
	at.apply(&recorded)
	return recorded
}

// sum returns an alert that counts the repeats of e after since. Fields of the last sight may need
// cleaning.
func (e *entry) sum(count int, since time.Time) notify.Alert {
	a := e.alert
	a.Count, a.Since = count, since
	if n := len(e.concrete); n > 1 {
		a.Distinct = n
	}
	e.last.apply(&a)
	return a
}

// appendSum appends the sum of the repeats of e that are not in the log yet, for the log, and
// counts them for the metric. Beyond maxSums lines they are counted with others.
func (q *Queue) appendSum(sums []notify.Alert, e *entry) []notify.Alert {
	if e.unlogged == 0 {
		return sums
	}
	// The metric counts all repeats, also those beyond maxSums lines.
	q.count(&e.alert, e.unlogged)
	if q.sums < maxSums && q.summed < maxSummed {
		q.sums++
		q.summed += lineSize(&e.alert)
		sums = append(sums, e.sum(e.unlogged, e.loggedAt))
	} else {
		q.more.add(&e.alert, 0, e.unlogged)
	}
	e.unlogged, e.loggedAt = 0, e.last.time
	return sums
}

// sendSum hands the repeats of e that were not sent yet to the sinks. t waits for them.
func (q *Queue) sendSum(e *entry, now time.Time, t *Ticket) {
	if e.unsent == 0 {
		return
	}
	a := e.sum(e.unsent, e.sentAt)
	// Nothing came since the last sum's bucket ended. This one counts up to now, so that a topic to
	// which both are sent late, after an outage, does not take it for the other.
	if !e.summedUpTo.IsZero() && notify.Bucket(a.Time) <= notify.Bucket(e.summedUpTo) {
		a.Time = now.UTC()
	}
	a = a.Clean()
	q.offer(&a, t)
	e.unsent, e.sentAt, e.summedUpTo = 0, now, a.Time
}

// sumDue reports whether the sinks should get a sum of e: when the window is over, and for a storm
// at the end of its invocation. Two sums never end in the same bucket of five minutes: a FIFO topic
// would take the second for the first.
func (q *Queue) sumDue(e *entry, now time.Time, end bool) bool {
	age := now.Sub(e.sentAt)
	switch {
	// Only the first sight was sent so far. A FIFO topic distinguishes sums from first sights, so
	// any bucket will do.
	case e.summedUpTo.IsZero():
		return age >= q.window || end && e.unsent >= stormCount
	case age < q.window:
		return false
	}
	// A violation whose repeats all fall into the old bucket would wait for ever. After three
	// windows its sum is sent anyway.
	return notify.Bucket(e.last.time) > notify.Bucket(e.summedUpTo) || age >= 3*q.window
}

// sumUp logs the repeats and the metrics of an invocation, and sends the sums that are due. With
// last it sends all of them. Lines and sums of other invocations are not waited for.
func (q *Queue) sumUp(now time.Time, t *Ticket, last bool) {
	// The lines are written before the sums go out, without the lock, as in Record.
	lines, wait := q.takeSums(now, t, last)
	q.logAll(lines, wait)
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, s := range q.sinks {
		s.urgent = s.urgent || wait
	}
	q.startSends(now)
}

// takeSums returns what the log gets at the end of an invocation, and offers the sums that are due
// to the sinks.
func (q *Queue) takeSums(now time.Time, t *Ticket, last bool) (lines []any, wait bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var sums []notify.Alert
	kept := q.repeated[:0]
	for _, e := range q.repeated {
		sums = q.appendSum(sums, e)
		if last || q.sumDue(e, now, true) {
			// The latest repeat may belong to another invocation that runs at the same time. That
			// one waits at its own end.
			own := e.ticket
			if own != t && !last {
				own = nil
			}
			q.sendSum(e, now, own)
		}
		e.ticket = nil
		// Logged, but not due for the sinks: it stays listed until its window is over.
		if e.listed = e.unsent > 0; e.listed {
			kept = append(kept, e)
		}
	}
	clear(q.repeated[len(kept):])
	q.repeated = kept
	for _, s := range sums {
		lines = append(lines, q.alertLine(s, false))
	}
	q.sums, q.summed = 0, 0
	lines = append(lines, q.more.lines(now)...)
	lines = append(lines, q.metricLines(now, q.counts)...)
	clear(q.counts)
	if q.forgotten > 0 {
		lines = append(lines, forgottenLine{"WARN", now.UTC(), "outguard.forgotten/v1", q.function, q.forgotten, q.seen.count})
		q.forgotten = 0
	}
	return lines, t.used.Load()
}
