package guard

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/outguard/outguard/internal/alerting"
	"github.com/outguard/outguard/policy"
)

// A lifecycle tracks which invocations are running, and keeps the blocks that belong to none.
type lifecycle struct {
	concurrent bool // the process may get several invocations at once

	mu      sync.Mutex
	started bool // the first invocation has begun
	running []*invocation
	current *invocation // the running one, unless another ran at the same time; else nil
	init    error       // the first block before the first invocation
	waited  bool        // a block outside any invocation has waited for its alert

	early   bool             // an alert during init has waited
	outside *alerting.Ticket // of alerts outside any invocation, since the last one began; may be nil
}

// newLifecycle reads AWS_LAMBDA_MAX_CONCURRENCY itself: releases of aws-lambda-go before 1.51 do
// not. Any value but 1 counts as several.
func newLifecycle(getenv func(string) string) lifecycle {
	most := getenv("AWS_LAMBDA_MAX_CONCURRENCY")
	return lifecycle{concurrent: most != "" && most != "1"}
}

// begin starts an invocation. The error is a block during init, which fails the first invocation.
func (l *lifecycle) begin(ctx context.Context, g *Guard) (*invocation, error) {
	// Only block_fails: at_once needs a context that a block can end. Without it, the handler's
	// context ends as the runtime's does.
	inv := &invocation{Context: ctx, runtime: ctx, guard: g}
	if g != nil && g.self().current.Load().atOnce {
		inv.Context, inv.stop = context.WithCancelCause(ctx)
	}
	inv.ticket = &inv.own
	l.mu.Lock()
	defer l.mu.Unlock()
	// A block during init has no invocation to fail, so it fails the first one.
	inv.cold, l.started = !l.started, true
	if inv.cold && l.outside != nil {
		inv.ticket = l.outside // the first invocation waits for the alerts of init
	}
	l.outside = nil
	l.running = append(l.running, inv)
	if l.current = nil; len(l.running) == 1 {
		l.current = inv
	}
	err := l.init
	l.init, l.waited = nil, false
	return inv, err
}

// end removes inv. It also releases the context that a block may end, which would leak otherwise.
func (l *lifecycle) end(inv *invocation) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if inv.stop != nil {
		inv.stop(nil)
	}
	// Even if another one still runs, a call without a context may come from a goroutine that inv
	// left behind.
	l.current = nil
	l.running = slices.DeleteFunc(l.running, func(other *invocation) bool { return other == inv })
}

// sole returns the running invocation if there is exactly one, else nil.
func (l *lifecycle) sole() *invocation {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.running) != 1 {
		return nil
	}
	return l.running[0]
}

// only returns the running invocation if there can be no other: a call without a context belongs
// to it. Else it returns nil.
func (l *lifecycle) only() *invocation {
	if l.concurrent {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.current
}

// cold reports whether no invocation has begun.
func (l *lifecycle) cold() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.started
}

// idle reports whether no invocation runs.
func (l *lifecycle) idle() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.running) == 0
}

// block records a block. It fails inv. Without an inv, it fails the first invocation, if that has
// not begun. A block after its invocation's end, or between invocations, fails none. block reports
// whether the call waits for its alert: the first block does.
func (l *lifecycle) block(inv *invocation, err *BlockedError) (wait bool) {
	fails := !err.callOnly
	if inv != nil {
		return inv.block(err, fails)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if fails && !l.started && l.init == nil {
		l.init = err
	}
	wait, l.waited = !l.waited, true
	return wait
}

// ticket returns what waits for the alerts of inv; nil stands for outside any invocation.
func (l *lifecycle) ticket(inv *invocation) *alerting.Ticket {
	if inv != nil {
		return inv.ticket
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.outside == nil {
		l.outside = new(alerting.Ticket)
	}
	return l.outside
}

const (
	blockWait = 300 * time.Millisecond // for the first block of an invocation
	earlyWait = 100 * time.Millisecond // for the first alert during init
)

// waits returns how long a call waits for its alert, because the process may be about to exit: the
// first block of an invocation does, and during init the first alert. isNew is false for a repeat,
// which does not wait. block is nil for a call that goes out.
func (l *lifecycle) waits(inv *invocation, v policy.Verdict, block *BlockedError, isNew bool) time.Duration {
	switch {
	case block != nil && l.block(inv, block) && isNew:
		return blockWait
	case block == nil && inv == nil && v == policy.Alert && isNew && l.firstEarly():
		return earlyWait
	}
	return 0
}

// firstEarly reports whether this is the first alert during init.
func (l *lifecycle) firstEarly() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	// If each alert waited, an init with many violations would be slow. The first invocation waits
	// for the others.
	first := !l.started && !l.early
	l.early = true
	return first
}
