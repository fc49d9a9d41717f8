// Package guard guards the outbound calls of a Lambda function by a policy file.
//
// [Wrap] is the shortest form: lambda.Start(guard.Wrap(handler)). [Load] returns a [Guard], whose
// AWS method returns the option that guards AWS clients.
//
// A call that breaks the policy is logged, alerted or blocked, as the policy says. A blocked call
// gets a [*BlockedError] and fails the invocation, even if the handler ignores the error. A guard
// whose policy cannot be read refuses every call and fails every invocation with a [*PolicyError],
// so nothing runs unguarded by accident. Nothing in this package panics or exits.
package guard

import (
	"cmp"
	"context"
	"slices"
	"sync/atomic"

	"github.com/outguard/outguard/internal/alerting"
	"github.com/outguard/outguard/notify"
	"github.com/outguard/outguard/policy"
)

// A Guard judges the outbound calls of a process by one policy. Its methods may be called
// concurrently. A nil Guard refuses every call.
type Guard struct {
	current  atomic.Pointer[standing]    // what it judges by now
	remote   atomic.Pointer[remote]      // where newer policies come from; nil: none do
	broken   atomic.Pointer[PolicyError] // why every call is refused; nil: none is
	origin   origin
	queue    atomic.Pointer[alerting.Queue]
	targets  []string // of notify:, as written; for the start line
	warnings []string // from loading; likewise
	layers   layers

	allowed   *alerting.Calls // logs allowed calls; nil: they are not logged
	counted   counted         // outside invocations
	lifecycle lifecycle
	cures     perSecond
	awsAsked  atomic.Bool           // AWS was called
	twin      atomic.Pointer[Guard] // an equal guard that joined before, and judges for this one
	keys      []string              // Options.Keys: whose policies may take the place of the packaged one
	notified  []string              // targets that a policy from a Source has changed; joining is locked
	holders   map[*Guard]bool       // equal guards that have joined and not left; joining is locked
}

// New returns a guard that judges by p. It reads no file, and changes nothing in the process until
// Wrap or Install is called, so tests can make many. With a nil p, the guard refuses every call and
// fails every invocation.
func New(p *policy.Policy, o *Options) (g *Guard) {
	defer func() {
		if fault := recover(); fault != nil {
			g, _ = refuseAll(o, fault)
		}
	}()
	s := o.withDefaults()
	g = build(p, s)
	if p != nil {
		g.watch(s, nil, "", []*policy.Policy{p}, nil)
	}
	return g
}

// build makes a guard. Its alerts go to the targets of p and to the given ones.
func build(p *policy.Policy, s *settings, targets ...policy.Target) *Guard {
	g := &Guard{keys: s.Keys, origin: s.origin(), lifecycle: newLifecycle(s.start), layers: newLayers(s)}
	if p == nil {
		g.broken.Store(&PolicyError{Err: errNoPolicy})
	} else {
		g.origin.fill(p)
		targets = append(p.Targets(), targets...)
	}
	for _, t := range targets {
		g.targets = append(g.targets, t.Entry)
	}
	queue, warnings := s.queue(targets)
	g.queue.Store(queue)
	if s.learns() {
		g.allowed = queue.NewSeen()
	}
	g.current.Store(packaged(p, queue))
	g.warnings = append(s.warnings, warnings...)
	return g
}

// alerts returns the queue of the guard's alerts.
func (g *Guard) alerts() *alerting.Queue { return g.queue.Load() }

// self returns the guard that judges for g: g, unless an equal guard joined before. It returns nil
// for a guard that nobody has made.
func (g *Guard) self() *Guard {
	if g == nil || g.queue.Load() == nil {
		return nil
	}
	if t := g.twin.Load(); t != nil {
		return t
	}
	return g
}

// adopt gives the sinks of an equal guard to g, which judges for both from now on. from is the code
// that asked for it.
func (g *Guard) adopt(other *Guard, from string) {
	other.twin.Store(g)
	if !other.alerts().Covers(g.alerts()) { // those who got the reports until now learn of it
		g.logGap(from + " loads an equal guard: alerts and lines of the log go to its Stdout, targets and Notifiers from now on")
	}
	// Calls under way may still hold the old queue. It is closed in the background, within a limit
	// of its own.
	old := g.queue.Swap(other.alerts())
	go closeQueue(old)
	g.adoptRemote(other, from)
}

// closeQueue sends what former sinks still have to send.
func closeQueue(old *alerting.Queue) {
	ctx, cancel := context.WithTimeout(context.Background(), closeBudget)
	defer cancel()
	_ = old.Close(ctx)
}

// Check judges one call. It returns nil if the call may go out, else a [*BlockedError] or a
// [*PolicyError]. A violation belongs to the invocation in ctx. All wrappers of this module use
// Check; use it directly for calls that none of them sees.
//
// An allowed call costs no allocation. Check never panics: a call that cannot be judged is refused.
func (g *Guard) Check(ctx context.Context, c policy.Call) (err error) {
	if g = g.self(); g == nil {
		return &PolicyError{Err: errNilGuard}
	}
	defer func() {
		if bug := recover(); bug != nil {
			err = g.failed(bug)
		}
	}()
	if g.broken.Load() != nil {
		return g.refuse(ctx)
	}
	// It is a function, because the caller takes microseconds to find: only rules with callers:
	// ask.
	if c.Caller == nil {
		c.Caller = callerPackage
	}
	s := g.standing(ctx)
	var d policy.Decision
	if s.trial == nil {
		d = s.Policy.DecideBriefly(c)
	} else {
		d = g.decideBesideNext(ctx, s, c)
	}
	if d.Verdict == policy.Allow { // Allowed would copy all of d
		if g.allowed != nil {
			g.saw(ctx, g.allowed, c, d)
		}
		return nil
	}
	return g.violation(ctx, s, c, d)
}

// decided returns the decision on a call that breaks the policy, with its texts.
func (s *standing) decided(c policy.Call) policy.Decision {
	d := s.Policy.Decide(c)
	if c.Via == policy.ViaConnect {
		d = wentOut(d)
	}
	return d
}

// violation records a call that breaks the policy. It returns the error that refuses the call, or
// nil if the call may go out.
//
//go:noinline
func (g *Guard) violation(ctx context.Context, s *standing, c policy.Call, d policy.Decision) error {
	if c.Via == policy.ViaConnect {
		d = wentOut(d)
	}
	inv := g.invocation(ctx)
	// A lower layer sees a call again that was recorded already. It is refused again, but not
	// counted twice.
	before := &g.counted
	if inv != nil {
		before = &inv.counted
	}
	a := g.alert(inv, d, cmp.Or(placeOf(callerSite()), noCaller))
	switch {
	case before.first(&c, &d, a.Caller):
		return g.record(inv, s, &a, d, &c, brief)
	case d.Verdict == policy.Block:
		a.Reason = s.decided(c).Reason
		return &BlockedError{Alert: a.Clean(), callOnly: d.CallOnly}
	}
	return nil
}

// texts says whether a decision has its texts.
type texts bool

const (
	brief texts = false // they are left out until they are needed: a repeat does without
	whole texts = true
)

// record records a violation of s. c is the call, or nil if there is nothing to find out about it.
func (g *Guard) record(inv *invocation, s *standing, a *notify.Alert, d policy.Decision, c *policy.Call, have texts) error {
	ticket := g.lifecycle.ticket(inv)
	var before notify.Alert
	recorded, isNew := &before, false
	if d.Verdict != policy.Block {
		recorded = nil // nobody needs it
	}
	if !g.alerts().Again(a, ticket, recorded) {
		if c != nil {
			if have == brief {
				d = s.decided(*c)
			}
			a.Reason, a.Allow = d.Reason, d.Allow
			g.complete(s, a, *c, d)
		}
		before, isNew = g.alerts().Record(*a, ticket)
	}
	var blocked *BlockedError
	if d.Verdict == policy.Block {
		blocked = &BlockedError{Alert: s.ofThisCall(before, a, c, have), callOnly: d.CallOnly}
	}
	if limit := g.lifecycle.waits(inv, d.Verdict, blocked, isNew); limit > 0 {
		g.alerts().Wait(inv.orBackground(), ticket, limit) // log.Fatal may follow
	}
	if blocked == nil {
		return nil
	}
	if d.AtOnce {
		inv.endAtOnce(blocked)
	}
	return blocked
}

// ofThisCall returns the alert that an error holds: recorded, which may be about an earlier call
// that differs in ids alone, or what a says about this call. The entry that would allow one of them
// allows both if they differ in a path. An entry for one resource does not allow another.
//
// See decision 39.
func (s *standing) ofThisCall(recorded notify.Alert, a *notify.Alert, c *policy.Call, have texts) notify.Alert {
	shown := a.Clean() // as recorded is: without what may be a secret
	was, is := &recorded.Call, &shown.Call
	if was.URL == is.URL && was.Net == is.Net && slices.Equal(was.Resources, is.Resources) {
		return recorded
	}
	if c != nil && have == brief {
		a.Reason = s.decided(*c).Reason
	}
	if a.Allow = recorded.Allow; !slices.Equal(was.Resources, is.Resources) {
		a.Allow = ""
	}
	return a.Clean()
}

// failed refuses a call that could not be judged because of an error in this module. It does not
// use the call's context, which may have caused the error. The zero Decision blocks.
func (g *Guard) failed(bug any) error {
	inv := g.lifecycle.only()
	a := g.bugAlert(inv, bug)
	return g.record(inv, g.current.Load(), &a, policy.Decision{}, nil, whole)
}

// refuse refuses a call for want of a policy. The alert is about the policy, not the call.
func (g *Guard) refuse(ctx context.Context) error {
	broken := g.broken.Load()
	inv := g.invocation(ctx)
	g.alerts().Record(g.policyAlert(inv, broken), g.lifecycle.ticket(inv))
	return broken
}
