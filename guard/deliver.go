package guard

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/outguard/outguard/internal/private"
	"github.com/outguard/outguard/notify"
)

// Bounds of delivery.
const (
	maxSends     = 4                // sends under way at once, over all sinks; of one sink there is one
	maxPending   = 1_000            // alerts kept for one sink; the oldest are dropped, and counted in the log
	maxRefusals  = 5                // a sink that refuses an alert for good is asked so often
	failuresToGo = 2                // failed flushes after which a sink is left alone
	aloneAtFirst = time.Minute      // for how long; it doubles each time
	aloneAtMost  = 15 * time.Minute //
	sendTick     = 500 * time.Millisecond
	sendTicks    = 10 // a send is given up after 5 s, see watch
)

// A sink is one place that alerts go to, with what waits to be sent there. Its mutable fields are guarded by queue.mu.
type sink struct {
	name     string
	notifier notify.Notifier
	verdicts []string // "block", "alert"; nil: both. Alerts with the verdict "log" are for the log only
	own      bool     // made by us from the policy: its requests are private

	pending  []pending
	flying   []pending // being sent
	sending  bool      // a goroutine delivers
	untold   int       // alerts given up that the log was never told of
	dropped  int       // alerts given up since the last report
	lastErr  string
	failedAt time.Time // when the last send failed; zero: it did not
	failures int       // failed flushes in a row
	counted  time.Time // when the last of them was counted
	since    time.Time // left alone from here
	until    time.Time // to there
}

type pending struct {
	alert    notify.Alert
	refusals int
	told     bool // the log knows that it is undelivered
}

func (s *sink) wants(a *notify.Alert) bool {
	return a.Verdict != "log" && (s.verdicts == nil || slices.Contains(s.verdicts, a.Verdict))
}

func (s *sink) alone(now time.Time) bool { return now.Before(s.until) }

func (s *sink) leaveAlone(now time.Time, d time.Duration) {
	if until := now.Add(min(d, aloneAtMost)); until.After(s.until) {
		s.since, s.until = now, until
	}
}

// closeIdle closes the sink's idle connections before the process may be frozen: after the thaw they are often dead, and a
// request on a dead connection hangs.
func (s *sink) closeIdle() {
	if c, ok := s.notifier.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// offer queues a for every sink that wants it.
func (q *queue) offer(a notify.Alert) {
	for _, s := range q.sinks {
		if s.wants(&a) {
			s.pending = append(s.pending, pending{alert: a})
			s.trim()
		}
	}
}

// trim keeps pending within its bound: the oldest go.
func (s *sink) trim() {
	over := len(s.pending) - maxPending
	if over <= 0 {
		return
	}
	for _, p := range s.pending[:over] {
		s.drop(p)
	}
	s.pending = slices.Delete(s.pending, 0, over)
}

func (s *sink) drop(p pending) {
	s.dropped++
	if !p.told {
		s.untold++
	}
}

// kick starts delivery to each sink that has something to send and is not left alone. After a failed send it takes an
// invocation's begin or end, again, to try once more.
func (q *queue) kick(now time.Time, again bool) {
	for _, s := range q.sinks {
		if again || now.Sub(s.failedAt) > aloneAtFirst {
			s.failedAt = time.Time{}
		}
		if !s.sending && len(s.pending) > 0 && s.failedAt.IsZero() && !s.alone(now) {
			s.sending = true
			go q.deliver(s)
		}
	}
}

// deliver sends what is pending for s, batch by batch, until nothing is left or a send fails.
func (q *queue) deliver(s *sink) {
	for {
		q.slots <- struct{}{}
		q.mu.Lock()
		if len(s.pending) == 0 || !s.failedAt.IsZero() || s.alone(time.Now()) {
			s.sending = false
			close(q.changed)
			q.changed = make(chan struct{})
			q.mu.Unlock()
			<-q.slots
			return
		}
		s.flying = slices.Clone(s.pending[:min(len(s.pending), notify.MaxBatch)])
		s.pending = slices.Delete(s.pending, 0, len(s.flying))
		alerts := make([]notify.Alert, len(s.flying))
		for i, p := range s.flying {
			alerts[i] = p.alert
			alerts[i].Call.Resources = slices.Clone(p.alert.Call.Resources) // a Notifier may do what it likes with its alerts
		}
		q.mu.Unlock()

		release := sync.OnceFunc(func() { <-q.slots })
		failed := s.send(alerts, release)
		release()

		q.mu.Lock()
		s.sent(failed)
		q.mu.Unlock()
	}
}

// A failure is what a sink said of a send, as we use it.
type failure struct {
	reason     string
	left       []notify.Alert // what did not arrive; nil: nothing did
	retryAfter time.Duration
	permanent  bool
}

// failureOf reads an error, which may be of any type: its methods are the user's code, and its text may be a whole URL.
func failureOf(err error) *failure {
	if d, ok := err.(*notify.DeliveryError); err == nil || ok && d == nil { // a nil pointer means no error, too
		return nil
	}
	f := &failure{reason: shown(err.Error())}
	var d *notify.DeliveryError
	if errors.As(err, &d) {
		f.left, f.retryAfter, f.permanent = d.Left, d.RetryAfter, d.Permanent
	}
	return f
}

// shown returns a text as an alert would show it: on one line, cut, with what looks like a secret masked.
func shown(text string) string { return notify.Alert{Reason: text}.Clean().Reason }

// sent takes in the outcome of a send: what did not arrive goes back to the front.
func (s *sink) sent(failed *failure) {
	batch := s.flying
	s.flying = nil
	if failed == nil {
		s.failures, s.since, s.until, s.lastErr = 0, time.Time{}, time.Time{}, ""
		return
	}
	now := time.Now()
	s.failedAt, s.lastErr = now, failed.reason
	if failed.retryAfter > 0 {
		s.leaveAlone(now, failed.retryAfter)
	}
	batch = left(batch, failed.left)
	kept := batch[:0]
	for _, p := range batch {
		if failed.permanent {
			p.refusals++
		}
		if p.refusals >= maxRefusals {
			s.drop(p)
			continue
		}
		kept = append(kept, p)
	}
	s.pending = append(kept, s.pending...)
	s.trim()
}

// left returns the part of batch that a sink says did not arrive.
func left(batch []pending, alerts []notify.Alert) []pending {
	if alerts == nil {
		return batch
	}
	kept := batch[:0]
	for _, p := range batch {
		if slices.ContainsFunc(alerts, func(a notify.Alert) bool {
			return a.Fingerprint == p.alert.Fingerprint && a.Time.Equal(p.alert.Time) && a.Count == p.alert.Count
		}) {
			kept = append(kept, p)
		}
	}
	return kept
}

// send hands alerts to the sink. The context is no invocation's: what is on its way when an invocation ends arrives after it.
// giveUp is called, too, when the time is over: a Notifier that is deaf to its context must not keep others from sending.
func (s *sink) send(alerts []notify.Alert, giveUp func()) (failed *failure) {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	if s.own {
		ctx = private.With(ctx)
	}
	defer watch(func() { cancel(errSlow); giveUp() })()
	defer func() {
		if r := recover(); r != nil { // a Notifier of the user's own, or its error
			failed = &failure{reason: fmt.Sprintf("%T panicked", s.notifier)}
		}
	}()
	failed = failureOf(s.notifier.Notify(ctx, alerts))
	if failed != nil && context.Cause(ctx) == errSlow {
		failed.reason = errSlow.Error()
	}
	return failed
}

var errSlow = fmt.Errorf("no answer within %v", sendTick*sendTicks)

// watch calls late when 5 seconds have passed in which the process ran. A frozen process sees a timer fire at its thaw,
// however late, so time is counted in ticks: the answer to a request may have come during the freeze, and to give it up and
// send it again would double the alert. The function returned ends the watch.
func watch(late func()) (stop func()) {
	ticks := 0
	var timer *time.Timer
	ready := make(chan struct{})
	timer = time.AfterFunc(sendTick, func() {
		<-ready
		if ticks++; ticks < sendTicks {
			timer.Reset(sendTick)
			return
		}
		late()
	})
	close(ready)
	return func() { timer.Stop() }
}

// undelivered is the log line that says that alerts did not arrive.
type undelivered struct {
	Level     string    `json:"level"`
	Timestamp time.Time `json:"timestamp"`
	Schema    string    `json:"schema"` // outguard.undelivered/v1
	Function  string    `json:"function"`
	Sink      string    `json:"sink"`
	Alerts    int       `json:"undelivered"`       // alerts that this line is the first to say so of
	Dropped   int       `json:"dropped,omitempty"` // alerts given up: too many, or refused five times
	Kept      int       `json:"kept"`              // alerts that will be tried again
	Reason    string    `json:"reason"`
	Until     time.Time `json:"left_alone_until,omitzero"`
}

// report says in the log, and returns, what of s a flush that began at start could not deliver, and decides whether to
// leave s alone.
func (q *queue) report(s *sink, start, now time.Time) error {
	kept := len(s.pending) + len(s.flying)
	if kept == 0 && s.dropped == 0 {
		return nil
	}
	aloneBefore := s.alone(now) && s.since.Before(start)
	if !aloneBefore && s.counted.Before(start) && (kept > 0 || !s.failedAt.IsZero()) { // of flushes that run at the same time one counts
		s.counted = now
		if s.failures++; s.failures >= failuresToGo {
			s.leaveAlone(now, aloneAtFirst<<min(s.failures-failuresToGo, 10))
		}
	}
	reason := s.lastErr
	switch {
	case len(s.flying) > 0:
		reason = "no answer yet"
	case reason == "" && s.dropped > 0:
		reason = fmt.Sprintf("more than %d alerts waited to be sent", maxPending)
	case reason == "":
		reason = "not sent yet"
	}
	news := s.untold + tell(s.flying) + tell(s.pending)
	if news > 0 || s.dropped > 0 || !aloneBefore {
		line := undelivered{"WARN", now.UTC(), "outguard.undelivered/v1", q.function, s.name, news, s.dropped, kept, reason, time.Time{}}
		if s.alone(now) {
			line.Until = s.until.UTC()
		}
		q.log.Line(line)
	}
	s.untold, s.dropped = 0, 0
	return fmt.Errorf("undelivered: %s: %s", s.name, reason)
}

// tell marks alerts as known to be undelivered and returns how many were not.
func tell(alerts []pending) (news int) {
	for i := range alerts {
		if !alerts[i].told {
			alerts[i].told = true
			news++
		}
	}
	return news
}
