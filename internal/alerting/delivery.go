package alerting

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/outguard/outguard/internal/sinkmark"
	"github.com/outguard/outguard/notify"
)

// A single timer of 5 s would expire during a freeze.
const (
	sendTick  = 500 * time.Millisecond
	sendTicks = 10 // a send is given up after 5 s, see watch

	longFreeze = 5 * time.Second // after it, a connection may be dead
	thawTicks  = 2               // that a send has after such a freeze, for a response that has come
)

// startSends starts delivery to each sink that has something to send and may be tried. Each sink
// has a goroutine of its own, so that none delays another.
func (q *Queue) startSends(now time.Time) {
	for _, s := range q.sinks {
		q.startSend(s, now)
	}
}

// startSend starts delivery to one sink, unless it is under way. What cannot be sent now gets a
// timer.
func (q *Queue) startSend(s *Sink, now time.Time) {
	s.addBeyond(now)
	// Urgency ends with what was urgent: later alerts are paced again.
	s.urgent = s.urgent && len(s.pending) > 0
	// inFlight has room for one batch. The goroutine that sends it takes the next one itself.
	if s.sending {
		return
	}
	if q.takeBatch(s, now) {
		// sending stays true between batches, so that a sink has one goroutine at most.
		s.sending = true
		go q.deliver(s)
		return
	}
	q.sleep(s, now)
}

// takeBatch moves the next batch from pending to inFlight. It reports false if nothing may be sent
// now. The batch stays in inFlight until settle, so a flush reports it as undelivered until then.
// Queue.mu is held.
func (q *Queue) takeBatch(s *Sink, now time.Time) bool {
	// nextBatch leaves what it chooses in pending. Only here does it move, so that no alert is in
	// neither list.
	batch := s.nextBatch(now)
	if len(batch) == 0 {
		return false
	}
	// Counted before the outcome is known. settle gives back what did not arrive.
	s.ceiling.sent += s.messagesOf(batch)
	s.inFlight, s.health.sendStart, s.ceiling.last = batch, now, now
	s.wakeAt = time.Time{} // it depends on all of these
	s.pending = slices.DeleteFunc(s.pending, func(p *pendingAlert) bool { return slices.Contains(batch, p) })
	s.urgent = s.urgent && len(s.pending) > 0
	return true
}

// sleep sets the timer that starts the next send: when a retry or the next minute is due. Nobody
// waits for these alerts. Queue.mu is held.
func (q *Queue) sleep(s *Sink, now time.Time) {
	// In a flood, each of thousands of calls would walk all that is pending.
	if s.wakeAt.After(now) {
		return
	}
	s.wakeAt = time.Time{}
	for _, p := range s.pending {
		at, full := s.due(p, now)
		if at.After(now) && (s.wakeAt.IsZero() || at.Before(s.wakeAt)) {
			s.wakeAt = at
		}
		if full {
			p.settle()
		}
	}
	if s.wakeAt.IsZero() {
		return
	}
	// One timer is enough: when it fires, the next one is computed anew.
	if s.timer != nil {
		s.timer.Stop()
	}
	// From the present: now is the time of a call, whose line may have been waited for.
	s.timer = time.AfterFunc(time.Until(s.wakeAt), func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		s.wakeAt = time.Time{}
		q.startSend(s, time.Now())
	})
}

// due returns when p may be sent at the earliest. It reports full if that is in the next minute: no
// invocation should wait for it.
func (s *Sink) due(p *pendingAlert, now time.Time) (at time.Time, full bool) {
	switch {
	// One probe at the end of the backoff decides for all.
	case s.health.suspended:
		return s.health.until, false
	// Only this alert was refused. A backoff of the whole sink delays each of its alerts.
	case now.Before(p.asleep):
		return later(p.asleep, s.health.until), false
	case s.health.asleep(now):
		return s.health.until, false
	// There is room in this minute, but messages keep a distance from each other.
	case s.ceiling.left(p, now) > 0:
		return s.ceiling.paced(), false
	}
	return s.ceiling.since.Add(minute), true
}

// later returns the later of two times.
func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// deliver sends what is in flight for s, then further batches, until nothing is left to send.
func (q *Queue) deliver(s *Sink) {
	// runtime.Goexit in a Notifier runs deferred functions only. Without this one the sink would
	// count as sending for ever.
	returned := false
	defer func() {
		if returned {
			return
		}
		// The user's Notifier has ended this goroutine.
		f := &failure{reason: fmt.Sprintf("%T ended its goroutine", s.notifier)}
		// runtime.Goexit, which t.FailNow calls too, runs deferred functions and nothing else.
		// Without a new goroutine, sending would stay true and the sink would never be tried again.
		go func() {
			if q.afterSend(s, f) {
				q.deliver(s)
			}
		}()
	}()
	for q.afterSend(s, q.send(s, s.alerts())) {
	}
	returned = true
}

// afterSend ends a send of s with its result. It reports whether another batch is in flight.
func (q *Queue) afterSend(s *Sink, f *failure) (more bool) {
	now := time.Now()
	q.mu.Lock()
	defer q.mu.Unlock()
	s.settle(now, f)
	// The minute may have ended during the send. Then its count is next.
	s.addBeyond(now)
	if q.takeBatch(s, now) {
		return true
	}
	s.sending = false
	q.sleep(s, now)
	// Whoever waits for the end of all sends looks again, see waitIdle.
	close(q.idle)
	q.idle = make(chan struct{})
	return false
}

// alerts returns copies of the alerts in flight: a Notifier may change what it is given. Only the
// goroutine that delivers changes inFlight.
func (s *Sink) alerts() []notify.Alert {
	alerts := make([]notify.Alert, len(s.inFlight))
	for i, p := range s.inFlight {
		alerts[i] = p.alert
		// The only slice that sinks shorten or mask.
		alerts[i].Call.Resources = slices.Clone(p.alert.Call.Resources)
	}
	return alerts
}

// send hands alerts to the sink. Its context belongs to no invocation: a send continues after the
// invocation that started it.
func (q *Queue) send(s *Sink, alerts []notify.Alert) (f *failure) {
	// Cancellation has a cause, so that a Notifier's own timeout is not taken for the one of watch.
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	// Without the mark, the process's guards would judge the delivery, and block it.
	if s.private {
		ctx = sinkmark.With(ctx)
	}
	defer watch(q.sendTick, func() {
		// A Notifier that ignores its context goes on. At least nobody waits for it any longer.
		cancel(errSlow)
		q.mu.Lock()
		defer q.mu.Unlock()
		s.stopWaiting()
	})()
	defer func() {
		if recover() != nil { // a panic of the user's Notifier or of its error
			f = &failure{reason: fmt.Sprintf("%T panicked", s.notifier)}
		}
	}()
	f = failureOf(s.notifier.Notify(ctx, alerts))
	// The Notifier reports "context canceled", which says nothing about the cause.
	if f != nil && context.Cause(ctx) == errSlow {
		f.reason, f.slow = errSlow.Error(), true
	}
	return f
}

// errSlow is the cause by which watch ends a send.
var errSlow = errors.New("no response within " + (sendTick * sendTicks).String())

// watch calls late after sendTicks ticks in which the process was running. A frozen process sees a
// timer fire at its thaw, however late that is, so one freeze counts as at most one tick. The
// response to a request may have arrived during the freeze; giving up and sending again would
// deliver the alert twice. After a long freeze, thawTicks are left: a function that runs for
// milliseconds a minute would otherwise wait for a dead connection for ten minutes. The returned
// function ends the watch.
func watch(tick time.Duration, late func()) (stop func()) {
	ticks := 0
	last := time.Now()
	var timer *time.Timer
	// The function may run before timer is assigned. ready makes it wait for that.
	ready := make(chan struct{})
	timer = time.AfterFunc(tick, func() {
		<-ready
		now := time.Now()
		ticks = countTick(ticks, wallTime(now, last)-tick)
		if last = now; ticks < sendTicks {
			timer.Reset(tick)
			return
		}
		late()
	})
	close(ready)
	return func() { timer.Stop() }
}

// countTick returns how many ticks have passed with one that came too late by some time.
func countTick(ticks int, lateBy time.Duration) int {
	ticks++
	if lateBy > longFreeze {
		return max(ticks, sendTicks-thawTicks)
	}
	return ticks
}

// wallTime returns the time between two moments by the wall clock: the monotonic one may stand
// still while a process is frozen.
func wallTime(now, before time.Time) time.Duration { return now.Round(0).Sub(before.Round(0)) }

// A failure is the result of a send that did not deliver all of its alerts.
type failure struct {
	reason     string
	left       []notify.Alert // alerts that did not arrive; nil means all of them
	refused    []notify.Alert // those of left that would be refused again
	retryAfter time.Duration
	permanent  bool // all of left would be refused again
	slow       bool // the sink did not respond in time
}

// failureOf converts the error of a Notifier, which may be of any type. Its methods are the user's
// code, and its text may hold a whole URL.
func failureOf(err error) *failure {
	// A function that returns a nil *DeliveryError as an error returns a non-nil interface: the
	// usual mistake of Notifiers.
	if d, ok := err.(*notify.DeliveryError); err == nil || ok && d == nil { // a nil pointer is a success, too
		return nil
	}
	// By default everything is left, and nothing was refused for good.
	f := &failure{reason: shown(err.Error())}
	var d *notify.DeliveryError
	if errors.As(err, &d) {
		f.left, f.refused, f.retryAfter, f.permanent = d.Left, d.Refused, d.RetryAfter, d.Permanent
	}
	return f
}

// shown returns a text in the form that alerts show: on one line, cut, with secrets masked. An
// error of net/http shows the URL, and Slack's URL of a webhook is a secret.
func shown(text string) string { return notify.Alert{Reason: text}.Clean().Reason }
