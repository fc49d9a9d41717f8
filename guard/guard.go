// Package guard guards the outbound calls of a Lambda function by a policy file.
//
// [Wrap] is the shortest form: lambda.Start(guard.Wrap(handler)); [Load] makes a [Guard], whose AWS method gives the option for AWS configs.
//
// A call that breaks the policy is told (log, alert) or refused (block) with a [*BlockedError], and a refused call fails the
// invocation, whatever the handler makes of the error. A guard whose policy cannot be read refuses every call and fails every
// invocation with a [*PolicyError]: nothing runs unguarded by accident, and nothing panics or exits.
package guard

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/smithy-go/middleware"

	"github.com/outguard/outguard/awsmiddleware"
	"github.com/outguard/outguard/httpguard"
	"github.com/outguard/outguard/internal/alerting"
	"github.com/outguard/outguard/notify"
	"github.com/outguard/outguard/policy"
)

// blockWait is how long the first block of an invocation waits for its alert.
const blockWait = 300 * time.Millisecond

// A Guard judges the outbound calls of a process by one policy. Its methods may be called by any number of goroutines at
// once. A nil Guard refuses every call.
type Guard struct {
	policy *policy.Policy // nil: see broken
	broken *PolicyError   // why there is no policy to judge by
	origin origin
	alerts *alerting.Queue
	warns  []string // for the start line, from loading

	lifecycle lifecycle
	awsAsked  atomic.Bool
	unguarded sync.Map // *policy.RuleRef → struct{}: rules that the log has an unguarded line for

	mu        sync.Mutex
	installed *httpguard.Installation
}

// New returns a guard that judges by p. It reads no file and changes nothing in the process until Wrap or Install is called,
// so that tests may make many. A nil p gives a guard that refuses every call and fails every invocation.
func New(p *policy.Policy, o *Options) *Guard {
	o = o.withDefaults()
	g := &Guard{policy: p, origin: o.origin()}
	var targets []policy.Target
	if p == nil {
		g.broken = &PolicyError{Err: errNoPolicy}
	} else {
		g.origin.fill(p)
		targets = p.Targets()
	}
	g.alerts, g.warns = o.queue(targets)
	return g
}

// Check judges one call: nil for a call that may go out, else a [*BlockedError] or a [*PolicyError]. The violation, if it is
// one, belongs to the invocation in ctx. Check is what every wrapper of this module asks; call it yourself before calls that none of them sees.
//
// An allowed call costs no allocation. Check never panics: should judging fail, the call is refused.
func (g *Guard) Check(ctx context.Context, c policy.Call) (err error) {
	if g == nil {
		return &PolicyError{Err: errNilGuard}
	}
	defer func() {
		if bug := recover(); bug != nil {
			err = g.failed(bug)
		}
	}()
	if g.broken != nil {
		return g.refuse(ctx)
	}
	d := g.policy.Decide(c)
	if d.Allowed() {
		if d.Unguarded != nil {
			g.logUnguarded(ctx, c, d)
		}
		return nil
	}
	return g.violation(ctx, c, d)
}

// violation tells of a call that breaks the policy, and returns the error that refuses it, or nil when it may go out.
//
//go:noinline
func (g *Guard) violation(ctx context.Context, c policy.Call, d policy.Decision) error {
	inv := g.invocation(ctx)
	return g.record(inv, g.alert(inv, c, d), d)
}

func (g *Guard) record(inv *invocation, a notify.Alert, d policy.Decision) error {
	recorded, isNew := g.alerts.Record(a)
	if d.Verdict != policy.Block {
		return nil
	}
	err := &BlockedError{Alert: recorded, callOnly: d.CallOnly}
	if first := g.lifecycle.block(inv, err); first && isNew {
		g.alerts.Wait(inv.orBackground(), blockWait) // log.Fatal may follow
	}
	return err
}

// failed refuses a call that could not be judged because of an error in this module. It takes nothing from the call or its
// context, where the trouble may lie.
func (g *Guard) failed(bug any) error {
	inv := g.lifecycle.only()
	a := g.blankAlert(inv)
	a.Verdict, a.List, a.Rule, a.Caller = policy.Block.String(), policy.Builtin.String(), "internal-error", caller()
	a.Reason = fmt.Sprintf("the call could not be judged, because of an error in Outguard that should be reported: %v", bug)
	return g.record(inv, a, policy.Decision{})
}

// refuse is what becomes of a call without a policy. It is counted as an alert about the policy, not about the call.
func (g *Guard) refuse(ctx context.Context) error {
	g.alerts.Record(g.policyAlert(g.invocation(ctx)))
	return g.broken
}

// Transport returns a round tripper that asks the guard before it hands a request to base; nil is what http.DefaultTransport
// is now, without the guard that Install puts there. It is for clients that bring a transport of their own: those on
// http.DefaultTransport are guarded by Install.
func (g *Guard) Transport(base http.RoundTripper) http.RoundTripper {
	if _, standard := http.DefaultTransport.(*http.Transport); base == nil && !standard {
		base = http.DefaultTransport // somebody's instrumentation, say: not to be gone past
	}
	return &httpguard.Transport{Guard: g, Base: base}
}

// AWS returns the option for config.WithAPIOptions that guards every AWS client made from the config, those that loading the config
// itself makes (STS, SSO) included.
func (g *Guard) AWS() []func(*middleware.Stack) error {
	if g != nil {
		g.awsAsked.Store(true)
	}
	return []func(*middleware.Stack) error{awsmiddleware.New(g)}
}

// Install guards http.DefaultTransport, in place, and makes g the process's guard, which [AWS] asks. Wrap does it as well. A second guard's
// Install takes over from the first. The error says which uses of http.DefaultTransport cannot be guarded; all others are.
func (g *Guard) Install() error {
	if g == nil {
		return errNilGuard
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	process.Store(g)
	g.installed = httpguard.Install(g) // anew each time: http.DefaultTransport may have been replaced since
	return notWhollyGuarded(g.installed.Gaps())
}

// Uninstall undoes Install, unless a later guard has taken over. It is for tests.
func (g *Guard) Uninstall() {
	if g == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.installed == nil {
		return
	}
	g.installed.Uninstall()
	g.installed = nil
	process.CompareAndSwap(g, nil)
}

// Flush is for the end of the process: before os.Exit, and in a callback of lambda.WithEnableSIGTERM. It waits until all alerts and the counts
// of those that repeated have arrived, at most for Options.FlushBudget and until 100 ms before ctx's deadline. The error says what has
// not arrived; the log has all of it. A wrapped handler needs no Flush: each invocation waits for its alerts.
func (g *Guard) Flush(ctx context.Context) error {
	if g == nil {
		return nil
	}
	return g.alerts.Close(ctx)
}
