package guard

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/outguard/outguard/notify"
)

// queueOptions is what a queue works with.
type queueOptions struct {
	stdout io.Writer     // gets the JSON lines
	sinks  []sink        // where alerts go
	budget time.Duration // what a flush takes at most
}

// A sink is one place that alerts go to, and which of them.
type sink struct {
	notify.Notifier
	name  string // for log lines: "sns arn:…", never a secret
	wants func(notify.Alert) bool
}

// A queue writes alerts to the log at first sight, counts repeats, and delivers them in the background.
type queue struct {
	queueOptions

	mu     sync.Mutex
	seen   map[string]*notify.Alert
	errs   []error
	flight sync.WaitGroup
}

func newQueue(o queueOptions) *queue {
	return &queue{queueOptions: o, seen: map[string]*notify.Alert{}}
}

// add logs a and starts its delivery, or counts it when an equal alert has been seen. It never blocks on a sink, unless wait is set, for
// the first block of an invocation: then it gives the delivery up to 300 ms, because the process may be about to exit.
func (q *queue) add(a notify.Alert, wait bool) {
	q.mu.Lock()
	key := a.Verdict + "\x00" + a.Rule + "\x00" + a.Caller + "\x00" + a.Call.Kind + a.Call.Method + a.Call.URL + a.Call.Service + a.Call.Operation + a.Call.Net
	if first := q.seen[key]; first != nil {
		first.Count++
		q.mu.Unlock()
		return
	}
	q.seen[key] = &a
	q.mu.Unlock()
	line, _ := json.Marshal(a)
	q.stdout.Write(append(line, '\n')) //nolint:errcheck // nowhere to say it
	done := make(chan struct{})
	q.flight.Add(1)
	go func() {
		defer q.flight.Done()
		defer close(done)
		ctx, cancel := context.WithTimeout(context.Background(), q.budget)
		defer cancel()
		for _, s := range q.sinks {
			if s.wants == nil || s.wants(a) {
				if err := s.Notify(ctx, []notify.Alert{a}); err != nil {
					q.mu.Lock()
					q.errs = append(q.errs, err)
					q.mu.Unlock()
				}
			}
		}
	}()
	if wait {
		select {
		case <-done:
		case <-time.After(300 * time.Millisecond):
		}
	}
}

// flush waits until what is under way has arrived, at most until the budget is spent or 100 ms before ctx's deadline, and sums up
// repeats. It costs nothing when there is nothing to do.
func (q *queue) flush(ctx context.Context) error {
	done := make(chan struct{})
	go func() { q.flight.Wait(); close(done) }()
	wait := q.budget
	if deadline, ok := ctx.Deadline(); ok {
		wait = min(wait, time.Until(deadline)-100*time.Millisecond)
	}
	select {
	case <-done:
	case <-time.After(wait):
	case <-ctx.Done():
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return errors.Join(q.errs...)
}
