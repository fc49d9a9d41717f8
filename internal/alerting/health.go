package alerting

import (
	"fmt"
	"time"
)

const (
	failuresToBackOff = 2                // failed flushes in a row after which a sink backs off
	firstBackoff      = time.Minute      // doubles with each further failed flush
	maxBackoff        = 15 * time.Minute //
)

// health is the state of a sink's recent sends. The zero value is healthy.
type health struct {
	lastErr   string
	failedAt  time.Time // of the last send, if it failed
	failures  int       // failed flushes in a row
	countedAt time.Time // when the last of them was counted
	since     time.Time // start of the backoff
	until     time.Time // end of the backoff
}

// backingOff reports whether the sink must not be tried.
func (h *health) backingOff(now time.Time) bool { return now.Before(h.until) }

// backOff starts a backoff, or extends one.
func (h *health) backOff(now time.Time, d time.Duration) {
	if until := now.Add(min(d, maxBackoff)); until.After(h.until) {
		h.since, h.until = now, until
	}
}

// ready reports whether the sink may be tried: its last send did not fail, and it is not backing
// off.
func (h *health) ready(now time.Time) bool { return h.failedAt.IsZero() && !h.backingOff(now) }

// retry makes the sink ready again after a failed send.
func (h *health) retry() { h.failedAt = time.Time{} }

// sent records the result of a send; nil is a success.
func (h *health) sent(now time.Time, f *failure) {
	if f == nil {
		*h = health{countedAt: h.countedAt}
		return
	}
	h.failedAt, h.lastErr = now, f.reason
	if f.retryAfter > 0 {
		h.backOff(now, f.retryAfter)
	}
}

// countFlush counts a flush that began at start and did not deliver everything. Of flushes at the
// same time only one counts.
func (h *health) countFlush(start, now time.Time) {
	if !h.countedAt.Before(start) {
		return
	}
	h.countedAt = now
	if h.failures++; h.failures >= failuresToBackOff {
		h.backOff(now, firstBackoff<<min(h.failures-failuresToBackOff, 10))
	}
}

// reportUndelivered returns what a flush that began at start could not deliver to s, as an error
// and, if the log does not have it yet, as a line. It may start the sink's backoff.
func (q *Queue) reportUndelivered(s *Sink, start, now time.Time) (line *undeliveredLine, err error) {
	h := &s.health
	kept := len(s.pending) + len(s.inFlight)
	if kept == 0 && s.dropped == 0 {
		return nil, nil
	}
	wasBackingOff := h.backingOff(now) && h.since.Before(start)
	if !wasBackingOff && (kept > 0 || !h.failedAt.IsZero()) {
		h.countFlush(start, now)
	}
	reason := h.lastErr
	switch {
	case len(s.inFlight) > 0:
		reason = "no answer yet"
	case reason == "" && s.dropped > 0:
		reason = fmt.Sprintf("more than %d alerts waited to be sent", maxPending)
	case reason == "":
		reason = "not sent yet"
	}
	fresh := s.silent + markReported(s.inFlight) + markReported(s.pending)
	if fresh > 0 || s.dropped > 0 || !wasBackingOff {
		line = &undeliveredLine{
			Level: "WARN", Timestamp: now.UTC(), Schema: "outguard.undelivered/v1", Function: q.function, Sink: s.name,
			Undelivered: fresh, Dropped: s.dropped, Kept: kept, Reason: reason,
		}
		if h.backingOff(now) {
			line.PausedUntil = h.until.UTC()
		}
	}
	s.silent, s.dropped = 0, 0
	return line, fmt.Errorf("undelivered: %s: %s", s.name, reason)
}
