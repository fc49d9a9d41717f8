package alerting

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/outguard/outguard/internal/private"
	"github.com/outguard/outguard/notify"
)

const (
	maxSends  = 4 // sends in progress at once, over all sinks; each sink has at most one
	sendTick  = 500 * time.Millisecond
	sendTicks = 10 // a send is given up after 5 s, see watch
)

// startSends starts delivery to each sink that has something to send and is ready. A sink whose
// last send failed is tried again at the start or the end of an invocation (retry), or after a
// minute.
func (q *Queue) startSends(now time.Time, retry bool) {
	for _, s := range q.sinks {
		if retry || now.Sub(s.health.failedAt) > firstBackoff {
			s.health.retry()
		}
		if !s.sending && len(s.pending) > 0 && s.health.ready(now) {
			s.sending = true
			go q.deliver(s)
		}
	}
}

// deliver sends what is pending for s in batches, until nothing is left or a send fails.
func (q *Queue) deliver(s *Sink) {
	for {
		q.slots <- struct{}{}
		alerts := q.nextBatch(s)
		if alerts == nil {
			<-q.slots
			return
		}
		release := sync.OnceFunc(func() { <-q.slots })
		f := q.send(s, alerts, release)
		release()

		q.mu.Lock()
		s.health.sent(time.Now(), f)
		s.settle(f)
		q.mu.Unlock()
	}
}

// nextBatch returns the next alerts to send to s. It returns nil when delivery has to stop, and
// then wakes the goroutines in Wait.
func (q *Queue) nextBatch(s *Sink) []notify.Alert {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(s.pending) > 0 && s.health.ready(time.Now()) {
		return s.takeBatch()
	}
	s.sending = false
	close(q.changed)
	q.changed = make(chan struct{})
	return nil
}

// send hands alerts to the sink. Its context belongs to no invocation: a send continues after the
// invocation that started it. send calls giveUp when the time is over, because a Notifier that
// ignores its context must not keep other sinks from sending.
func (q *Queue) send(s *Sink, alerts []notify.Alert, giveUp func()) (f *failure) {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	if s.private {
		ctx = private.With(ctx)
	}
	defer watch(q.sendTick, func() { cancel(errSlow); giveUp() })()
	defer func() {
		if recover() != nil { // a panic of the user's Notifier or of its error
			f = &failure{reason: fmt.Sprintf("%T panicked", s.notifier)}
		}
	}()
	f = failureOf(s.notifier.Notify(ctx, alerts))
	if f != nil && context.Cause(ctx) == errSlow {
		f.reason = errSlow.Error()
	}
	return f
}

var errSlow = fmt.Errorf("no answer within %v", sendTick*sendTicks)

// watch calls late after sendTicks ticks in which the process was running. A frozen process sees a
// timer fire at its thaw, however late that is, so one freeze counts as at most one tick. The
// response to a request may have arrived during the freeze; giving up and sending again would
// deliver the alert twice. The returned function ends the watch.
func watch(tick time.Duration, late func()) (stop func()) {
	ticks := 0
	var timer *time.Timer
	ready := make(chan struct{})
	timer = time.AfterFunc(tick, func() {
		<-ready
		if ticks++; ticks < sendTicks {
			timer.Reset(tick)
			return
		}
		late()
	})
	close(ready)
	return func() { timer.Stop() }
}

// A failure is the result of a send that did not deliver all of its alerts.
type failure struct {
	reason     string
	left       []notify.Alert // alerts that did not arrive; nil means all of them
	retryAfter time.Duration
	permanent  bool
}

// failureOf converts the error of a Notifier, which may be of any type. Its methods are the user's
// code, and its text may hold a whole URL.
func failureOf(err error) *failure {
	if d, ok := err.(*notify.DeliveryError); err == nil || ok && d == nil { // a nil pointer is a success, too
		return nil
	}
	f := &failure{reason: shown(err.Error())}
	var d *notify.DeliveryError
	if errors.As(err, &d) {
		f.left, f.retryAfter, f.permanent = d.Left, d.RetryAfter, d.Permanent
	}
	return f
}

// shown returns a text in the form that alerts show: on one line, cut, with secrets masked.
func shown(text string) string { return notify.Alert{Reason: text}.Clean().Reason }
