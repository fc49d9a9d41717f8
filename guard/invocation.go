package guard

import (
	"context"
	"sync"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// An invocation is one run of the handler, from its event to the end of its answer; of a stream, to the stream's end. It is
// the context that the handler gets.
type invocation struct {
	context.Context
	guard *Guard
	cold  bool // the first one of the process

	mu      sync.Mutex
	blocked error // the first block that fails it
	waited  bool  // a block has waited for its alert
	ending  bool  // its last flush has begun
	ended   bool  // nothing fails it any more
}

type invocationKey struct{}

// Value makes the invocation findable in its context.
func (i *invocation) Value(key any) any {
	if _, ok := key.(invocationKey); ok {
		return i
	}
	return i.Context.Value(key)
}

func invocationFrom(ctx context.Context) *invocation {
	if ctx == nil {
		return nil
	}
	inv, _ := ctx.Value(invocationKey{}).(*invocation)
	return inv
}

// orBackground is for waiting: no longer than the invocation may take, whatever becomes of the call's own context.
func (i *invocation) orBackground() context.Context {
	if i == nil {
		return context.Background()
	}
	return i
}

// failure returns the block that fails the invocation, or nil.
func (i *invocation) failure() error {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.blocked
}

func (i *invocation) over() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.ending
}

// end returns the block that fails the invocation, or nil. What happens later fails it no more.
func (i *invocation) end() error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.ended = true
	return i.blocked
}

// A lifecycle knows which invocations run, and keeps what happened before the first.
type lifecycle struct {
	mu      sync.Mutex
	started bool        // the first invocation has begun
	running int         // invocations
	current *invocation // the one that runs, when no other does or did at the same time; else nil
	init    error       // the first block before the first invocation
	waited  bool        // a block of no invocation has waited for its alert
}

// begin starts an invocation. The error is the block during init, which fails the first one.
func (l *lifecycle) begin(ctx context.Context, g *Guard) (*invocation, error) {
	inv := &invocation{Context: ctx, guard: g}
	l.mu.Lock()
	defer l.mu.Unlock()
	inv.cold, l.started = !l.started, true
	l.running++
	if l.current = nil; l.running == 1 {
		l.current = inv
	}
	err := l.init
	l.init, l.waited = nil, false
	return inv, err
}

func (l *lifecycle) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.current = nil
	l.running--
}

// only returns the invocation that runs when there can be no other: what a call without a context belongs to.
func (l *lifecycle) only() *invocation {
	if lambdacontext.MaxConcurrency() != 1 {
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

// block records a block: it fails inv, or without one the first invocation, if that has not begun. A block after the
// invocation's end, or between invocations, fails none. It returns whether the block is to wait for its alert: the first does.
func (l *lifecycle) block(inv *invocation, err *BlockedError) (wait bool) {
	fails := !err.callOnly
	if inv != nil {
		inv.mu.Lock()
		defer inv.mu.Unlock()
		if fails && !inv.ended && inv.blocked == nil {
			inv.blocked = err
		}
		wait, inv.waited = !inv.waited, true
		return wait
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if fails && !l.started && l.init == nil {
		l.init = err
	}
	wait, l.waited = !l.waited, true
	return wait
}

// invocation returns the invocation that a call belongs to: the one in its context, else the only one that runs; nil during init
// and when that cannot be told.
func (g *Guard) invocation(ctx context.Context) *invocation {
	if inv := invocationFrom(ctx); inv != nil {
		return inv
	}
	return g.lifecycle.only()
}

// begin starts an invocation. The error fails it before the handler runs.
func (g *Guard) begin(ctx context.Context) (*invocation, error) {
	inv, err := g.lifecycle.begin(ctx, g)
	g.alerts.Begin()
	if inv.cold {
		g.logStart()
	}
	if g.broken != nil {
		return inv, g.refuse(inv)
	}
	return inv, err
}

// end flushes the alerts and ends the invocation. It returns the block that fails it, or nil, and may be called twice.
func (g *Guard) end(inv *invocation) error {
	inv.mu.Lock()
	again := inv.ending
	inv.ending = true
	inv.mu.Unlock()
	if again {
		return inv.failure()
	}
	g.alerts.Flush(inv) // the queue logs what it could not deliver
	err := inv.end()
	g.lifecycle.end()
	return err
}
