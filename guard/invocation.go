package guard

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/outguard/outguard/internal/alerting"
	"github.com/outguard/outguard/internal/judged"
	"github.com/outguard/outguard/policy"
)

// An invocation is one run of the handler, from its event to the end of its response; for a stream,
// to the end of the stream. It is the context that the handler gets.
type invocation struct {
	context.Context
	runtime context.Context         // what Lambda's runtime gave; Context may end before it
	stop    context.CancelCauseFunc // ends Context; nil if no policy has block_fails: at_once
	handed  context.Context         // what the handler gets: this one, with the layer that sees its calls
	guard   *Guard
	cold    bool // the first invocation of the process

	ticket *alerting.Ticket // what it waits for: own, or that of init
	own    alerting.Ticket

	counted counted

	standing *standing // what its calls are judged by, from its beginning to its end
	remote   *remote   // what it keeps from changing that; nil: nothing can

	mu      sync.Mutex
	blocked error // the first block that fails the invocation
	waited  bool  // a block has waited for its alert
	ending  bool  // the last flush has begun
	ended   bool  // later blocks no longer fail it
}

// invocationKey is the key under which a context holds its invocation. The type is unexported, so
// that no other package can replace it.
type invocationKey struct{}

// Value makes the invocation available from contexts derived from it.
func (i *invocation) Value(key any) any {
	if _, ok := key.(invocationKey); ok {
		return i
	}
	return i.Context.Value(key)
}

// String names the context. A program may log it, while other goroutines write into it.
func (i *invocation) String() string { return "guard.Invocation" }

// invocationFrom returns the invocation in ctx, or nil.
func invocationFrom(ctx context.Context) *invocation {
	// Code may pass a nil context to a hook; ctx.Value would panic.
	if ctx == nil {
		return nil
	}
	inv, _ := ctx.Value(invocationKey{}).(*invocation)
	return inv
}

// orBackground returns the context to wait with, which a block does not end. Waiting is bounded by
// the invocation's deadline, not by the context of the call.
func (i *invocation) orBackground() context.Context {
	if i == nil {
		return context.Background()
	}
	return i.runtime
}

// failure returns the block that fails the invocation, or nil.
func (i *invocation) failure() error {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.blocked
}

// over reports whether the invocation's last flush has begun.
func (i *invocation) over() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.ending
}

// end returns the block that fails the invocation, or nil. Later blocks no longer fail it.
func (i *invocation) end() error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.ended = true
	return i.blocked
}

// endAtOnce ends the context of the handler, with the block as its cause.
func (i *invocation) endAtOnce(block *BlockedError) {
	if i != nil && i.stop != nil && !i.over() {
		i.stop(block)
	}
}

// endsAtOnce reports whether a block by p may end the context of the handler.
func endsAtOnce(p *policy.Policy) bool {
	return slices.ContainsFunc(p.Info(), func(info policy.Info) bool { return info.AtOnce })
}

// block records a block. It reports whether this is the first block of the invocation, which waits
// for its alert.
func (i *invocation) block(err error, fails bool) (first bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	// Lambda shows one error. The first block is the cause; later ones often follow from it.
	if fails && !i.ended && i.blocked == nil {
		i.blocked = err
	}
	first, i.waited = !i.waited, true
	return first
}

// invocation returns the invocation that a call belongs to: the one in its context. If that one has
// ended, the call belongs to the one that is running, if there is exactly one. A call without an
// invocation in its context belongs to the running one if the process gets one at a time; under
// concurrency, and during init, it belongs to none: invocation returns nil.
func (g *Guard) invocation(ctx context.Context) *invocation {
	inv := invocationFrom(ctx)
	switch {
	case inv == nil:
		return g.lifecycle.only()
	// A goroutine that the handler left behind still carries the old context, while Lambda runs the
	// next event.
	case inv.over():
		if running := g.lifecycle.sole(); running != nil {
			return running
		}
	}
	return inv
}

// begin starts an invocation. The error fails it before the handler runs.
func (g *Guard) begin(ctx context.Context) (*invocation, error) {
	// A newer policy takes effect here, before the standing is noted, so that one policy judges the
	// whole invocation.
	remote := g.beginRemote()
	inv, err := g.lifecycle.begin(ctx, g)
	inv.remote, inv.standing = remote, g.self().current.Load()
	g.alerts().Begin()
	gaps := g.layers.recheck()
	if !inv.cold { // the start line has those of the first invocation
		for _, gap := range gaps {
			g.logGap(gap)
		}
	}
	// Require is checked now, because init functions and main have finished: what is not on will
	// stay off.
	if inv.cold {
		if err := g.layers.missing(g.Coverage(), false); err != nil {
			g.broken.CompareAndSwap(nil, &PolicyError{Err: err})
		}
		g.logStart()
	}
	// The question runs beside the handler: Lambda freezes the process between invocations.
	g.askRemote()
	if g.broken.Load() != nil {
		return inv, g.refuse(inv)
	}
	return inv, err
}

// end flushes the alerts and ends the invocation. It returns the block that fails the invocation,
// or nil. It may be called twice.
func (g *Guard) end(inv *invocation) error {
	inv.mu.Lock()
	// The deferred end of Wrap follows the explicit one, and Close of a stream follows its last
	// Read.
	again := inv.ending
	inv.ending = true
	inv.mu.Unlock()
	if again {
		return inv.failure()
	}
	_ = g.alerts().Flush(inv.orBackground(), inv.ticket) // the queue logs what it could not deliver
	current := g.self().current.Load()
	if g.allowed != nil || current.trial != nil { // most have neither, and need not know the time
		now := time.Now()
		g.allowed.Flush(now, false)
		current.trial.flush(now, false)
	}
	if inv.standing != current { // of several at once, the others may have changed it meanwhile
		inv.standing.trial.flush(time.Now(), true)
		judged.Exchange() // connections that it has left were judged by its policy
	}
	// Blocks during the flush still fail the invocation, so the result is taken only now.
	err := inv.end()
	inv.remote.end()
	g.lifecycle.end(inv)
	if inv.cold {
		g.checkAWS()
	}
	return err
}

// checkAWS runs at the end of the first invocation, because configs are usually loaded in the
// handler: it logs that no AWS client is guarded although the policy has aws: rules.
func (g *Guard) checkAWS() {
	c := g.Coverage()
	if err := g.layers.missing(c, true); err != nil {
		g.broken.CompareAndSwap(nil, &PolicyError{Err: err})
	}
	if n := g.awsRules(); n > 0 && !c.AWS {
		g.logGap(fmt.Sprintf("the policy has %d aws: rules, and AWS() was not called until the end of the first invocation: "+
			"AWS clients are judged by host alone; add config.WithAPIOptions(g.AWS()) to LoadDefaultConfig", n))
	}
}
