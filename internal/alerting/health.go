package alerting

import "time"

// A failure may be over in a second. A refusal, for example by a token that was revoked, lasts
// until somebody acts.
const (
	firstRetry   = time.Second // after a send that failed; it doubles with each further one
	maxRetry     = 30 * time.Second
	firstRefusal = time.Minute // after a refusal; it doubles with each further one
	maxRefusal   = time.Hour
	maxLone      = 3 // refusals of single alerts in a row after which the sink as a whole backs off
)

// health is the state of a sink's recent sends. The zero value is healthy. Queue.mu guards it.
type health struct {
	lastErr   string
	failures  int       // failed sends in a row
	lone      int       // refusals of single alerts in a row
	suspended bool      // the sink refuses everything: it is tried with one alert at a time
	refusals  int       // of these tries
	until     time.Time // the sink is not tried until then
	quiet     bool      // nobody waits for the sink until it delivers
	sendStart time.Time // of the send in progress
}

// asleep reports whether the sink must not be tried yet.
func (h *health) asleep(now time.Time) bool { return now.Before(h.until) }

// worthWaiting reports whether an alert that is queued now may arrive soon.
func (h *health) worthWaiting(now time.Time) bool {
	return !h.quiet && !h.suspended && !h.asleep(now)
}

// silentFor reports whether the send in progress has taken so long that it counts as unanswered.
func (h *health) silentFor(now time.Time) bool { return now.Sub(h.sendStart) >= time.Second }

// delivered records that the sink took an alert. It reports whether that ends a suspension.
func (h *health) delivered() (resumed bool) {
	resumed = h.suspended
	// Everything else is forgotten: one success proves that the address, the network and the token
	// are right.
	*h = health{sendStart: h.sendStart}
	return resumed
}

// failed records a send that failed, but was not refused.
func (h *health) failed(now time.Time, f *failure) {
	h.failures++
	// The shift is bounded, because a sink that is down for a day counts thousands of failures.
	wait := min(firstRetry<<min(h.failures-1, 10), maxRetry)
	// A receiver may ask for a longer rest, of an hour at most: Retry-After is text from outside.
	h.until = now.Add(min(max(wait, f.retryAfter), maxRefusal))
	h.quiet = h.quiet || f.slow || h.failures > 1
}

// refused records the refusal of a single alert.
func (h *health) refused(now time.Time) {
	if h.lone++; h.lone < maxLone || h.suspended && h.asleep(now) { // asleep: see novelty
		return
	}
	h.suspended = true
	h.refusals++
	h.until = now.Add(refusalWait(h.refusals))
}

// refusalWait returns how long an alert, or a sink, rests after so many refusals: 1, 2, 4 … up to
// 60 minutes.
func refusalWait(refusals int) time.Duration {
	return min(firstRefusal<<min(max(refusals-1, 0), 10), maxRefusal)
}
