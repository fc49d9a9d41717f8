package guard

import (
	"context"

	"github.com/outguard/outguard/notify"
)

// A queue writes alerts to the log at first sight, counts repeats, and delivers them in the background.
type queue struct{}

// add logs a and starts its delivery, or counts it when an equal alert has been seen. It never blocks on a sink.
func (q *queue) add(a notify.Alert) {}

// flush waits until what is under way has arrived, at most until ctx ends or the budget is spent, and sums up repeats.
func (q *queue) flush(ctx context.Context) error { return nil }
