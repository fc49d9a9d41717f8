package notify

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/outguard/outguard/internal/sinkmark"
)

// This file decides what is tried again, and when.

// Limits of retries. A flush budget of 2 s has time for about three tries.
const (
	maxTries  = 4
	firstWait = 100 * time.Millisecond // before the second try; it doubles, and half of it is random
	maxWait   = 2 * time.Second        // a receiver that asks for more is left to the next invocation
)

// An errTransient is the error of a try after which another may succeed.
type errTransient struct {
	err   error
	after time.Duration // Retry-After
}

func (e *errTransient) Error() string { return e.err.Error() }
func (e *errTransient) Unwrap() error { return e.err }

// An errPartial is the error of a batch. Some of its entries failed, each with a code of its own.
type errPartial struct {
	err     error
	refused []Alert // those that would be refused again; other entries that failed may succeed
}

func (e *errPartial) Error() string { return e.err.Error() }
func (e *errPartial) Unwrap() error { return e.err }

// try calls send until it succeeds or fails with an error other than errTransient, or until
// maxTries or ctx leave no further try. Nothing else in this package retries.
//
// For a guard, try does not wait: the guard retries by itself, and no invocation waits for that. It
// makes one more try, because a connection may have died while the process was frozen.
func try(ctx context.Context, sink string, send func(context.Context) error) *DeliveryError {
	// A program that calls Notify itself expects it to try, and waits for the result.
	tries := maxTries
	if sinkmark.Is(ctx) {
		tries = 2
	}
	for n := 0; ; n++ {
		err := send(ctx)
		if err == nil {
			return nil
		}
		// The latest error counts. Earlier ones of the same send usually repeat it.
		failed := &DeliveryError{Sink: sink, Err: err}
		var transient *errTransient
		var partial *errPartial
		switch {
		// Before all others: an error after the deadline is usually a result of the deadline.
		case ctx.Err() != nil:
			failed.Err = errNoTime
			return failed
		// A batch that was refused in part is not tried again: the caller decides about the rest.
		case errors.As(err, &partial):
			failed.Refused = partial.refused
			return failed
		// A wrong token or a topic that does not exist will not change within a second.
		case !errors.As(err, &transient):
			failed.Permanent = true
			return failed
		}
		failed.RetryAfter = transient.after
		wait := transient.after
		if wait <= 0 {
			// Half of it is random, because a thousand containers see the same outage at the same
			// moment.
			wait = firstWait << n
			wait = wait/2 + rand.N(wait/2)
		}
		deadline, ok := ctx.Deadline()
		// A wait that ends after the deadline would be for nothing, and cost the invocation what is
		// left.
		if n+1 >= tries || transient.after > 0 && sinkmark.Is(ctx) || wait > maxWait || ok && time.Until(deadline) <= wait {
			return failed
		}
		if !sleep(ctx, wait) {
			return failed
		}
	}
}

// errNoTime is the error of a send whose context has ended.
var errNoTime = errors.New("no response in time")

// sleep reports false if ctx ends before d has passed.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// statusError returns the error for an HTTP response that is not a success. 429, 408, 425 and 5xx
// are worth another try. hint is appended if it is not empty.
func statusError(r *http.Response, hint string) error {
	text := fmt.Sprintf("answered %d %s", r.StatusCode, http.StatusText(r.StatusCode))
	switch {
	// A redirect is a mistake in the address, so another try would give the same.
	case r.StatusCode/100 == 3:
		return errors.New(text + ": redirects are not followed")
	case hint != "":
		text += ": " + hint
	}
	switch r.StatusCode {
	// These three ask for the same request later.
	case http.StatusTooManyRequests, http.StatusRequestTimeout, http.StatusTooEarly:
	default:
		if r.StatusCode/100 != 5 {
			return errors.New(text)
		}
	}
	return &errTransient{errors.New(text), retryAfter(r.Header.Get("Retry-After"), time.Now())}
}

// retryAfter reads a Retry-After header, in seconds or as a date. It returns 0 if v is neither. It
// is at most a day, so that a receiver cannot stop alerts for good.
func retryAfter(v string, now time.Time) time.Duration {
	if s, err := strconv.Atoi(v); err == nil {
		return time.Duration(min(max(s, 0), 86_400)) * time.Second
	}
	if t, err := http.ParseTime(v); err == nil {
		return min(max(t.Sub(now), 0), 24*time.Hour)
	}
	return 0
}
