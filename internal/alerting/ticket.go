package alerting

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A Ticket stands for the alerts that one invocation waits for. Each of them settles for each sink:
// when it has been delivered, refused, dropped or counted with others, or when it waits for a
// retry. The zero value is ready. A Ticket must not be copied.
type Ticket struct {
	used atomic.Bool // a violation was recorded

	mu     sync.Mutex
	open   int           // deliveries that have not settled
	lines  int           // violations that were new; see maxLines
	logged int           // bytes of their lines; see maxLogged
	waited time.Duration // so far
	closed chan struct{} // closed when open becomes 0; nil if nobody waits
}

// add counts a delivery that the invocation waits for.
func (t *Ticket) add() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open++
}

// settle ends the wait for one delivery. A nil t is that of an alert that nobody waits for. It is
// called once for each add; pendingAlert.settle ensures that.
func (t *Ticket) settle() {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open--; t.open == 0 && t.closed != nil {
		close(t.closed)
		t.closed = nil
	}
}

// line reports whether another violation may have a line of its own, of about that size.
func (t *Ticket) line(size int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	// The size is compared before it is added, so the last line may exceed the bound: one long line
	// is never lost.
	t.lines++
	if t.lines > maxLines || t.logged > maxLogged {
		return false
	}
	t.logged += size
	return true
}

// resetLines starts the count of lines anew, once they have been written.
func (t *Ticket) resetLines() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines, t.logged = 0, 0
}

// wait returns when the deliveries of t have settled. It takes no longer than limit less what t has
// waited before, and ends FlushMargin before ctx's deadline. It reports whether they have settled.
func (t *Ticket) wait(ctx context.Context, limit time.Duration) bool {
	t.mu.Lock()
	// Most invocations have no alert, and return here.
	if t.open == 0 {
		t.mu.Unlock()
		return true
	}
	// Several goroutines may wait for one ticket; they share the channel.
	if t.closed == nil {
		t.closed = make(chan struct{})
	}
	// What a block has waited in its call counts toward the budget of the flush.
	closed, left := t.closed, limit-t.waited
	t.mu.Unlock()

	start := time.Now()
	settled := await(ctx, closed, left)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waited += time.Since(start)
	return settled
}

// Wait returns when the alerts of t have settled, and after limit at the latest: what t has waited
// before counts. It ends FlushMargin before ctx's deadline.
func (q *Queue) Wait(ctx context.Context, t *Ticket, limit time.Duration) {
	if t == nil {
		return
	}
	q.hurry(t)
	if t.wait(ctx, limit) {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	// The budget is used up. The next invocations should not pay the same again.
	q.noticeSilence(t)
}

// hurry sends what t waits for without the distance that messages otherwise keep from each other:
// the wait would be for that. It leaves half of a minute's messages to those that keep it, so that
// many blocks in a row go together.
func (q *Queue) hurry(t *Ticket) {
	now := time.Now()
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, s := range q.sinks {
		own := slices.IndexFunc(s.pending, func(p *pendingAlert) bool { return p.ticket == t })
		if own >= 0 && s.ceiling.left(s.pending[own], now) > maxMessages/2 {
			s.urgent = true
			q.startSend(s, now)
		}
	}
}

// waitIdle returns when nothing is being sent.
func (q *Queue) waitIdle(ctx context.Context, limit time.Duration) {
	start := time.Now()
	for {
		q.mu.Lock()
		// idle is read with the state, under one lock, so that no end of a send is missed.
		idle, sending := q.idle, false
		for _, s := range q.sinks {
			sending = sending || s.sending
		}
		q.mu.Unlock()
		if !sending || !await(ctx, idle, limit-time.Since(start)) {
			return
		}
	}
}

// await reports whether closed was closed in time.
func await(ctx context.Context, closed <-chan struct{}, limit time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok {
		// A flush that Lambda cuts off would lose the line about what did not arrive.
		limit = min(limit, time.Until(deadline)-FlushMargin)
	}
	// The budget is used up, or Lambda is about to kill the invocation.
	if limit <= 0 {
		return false
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-closed:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}

// noticeSilence marks sinks that have not responded while an invocation waited for them: until they
// deliver again, nobody waits for them.
func (q *Queue) noticeSilence(t *Ticket) {
	for _, s := range q.sinks {
		own := func(p *pendingAlert) bool { return p.ticket == t }
		waiting := slices.ContainsFunc(s.inFlight, own) || slices.ContainsFunc(s.pending, own)
		if waiting && len(s.inFlight) > 0 && s.health.silentFor(time.Now()) {
			s.stopWaiting()
		}
	}
}
