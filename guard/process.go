package guard

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/aws/smithy-go/middleware"

	"github.com/outguard/outguard/awsmiddleware"
	"github.com/outguard/outguard/policy"
)

// This file keeps the guards of the process. There may be several.

// The guards of the process, like http.DefaultTransport that they guard. A guard joins by Load or
// Install and leaves by Close. All of them judge, so that none can replace another.
var (
	joined     atomic.Pointer[[]*Guard]
	joining    sync.Mutex
	shortForm  sync.Once   // the short form has loaded the program's policy
	processAWS atomic.Bool // AWS, the function, was called
)

// Wrap wraps a handler for lambda.Start by the guards of the process, see [Guard.Wrap]. It loads
// the policy beside the binary first, and those of layers, unless Load has done so:
//
//	lambda.Start(guard.Wrap(handle))
//
// Without a policy, the wrapped handler fails every invocation with a [*PolicyError].
func Wrap(handler any) any {
	for _, g := range processGuards() {
		handler = g.Wrap(handler)
	}
	return handler
}

// AWS returns the option for config.WithAPIOptions. Use it for configs that are loaded deep in
// other packages: each call is judged by the guards that the process has then.
func AWS() []func(*middleware.Stack) error {
	processAWS.Store(true)
	return []func(*middleware.Stack) error{awsmiddleware.New(atCallTime{})}
}

// atCallTime is every guard of the process at the time of a call.
type atCallTime struct{}

// Check asks all guards, so that each reports what it forbids, and returns the first error.
func (atCallTime) Check(ctx context.Context, c policy.Call) (first error) {
	for _, g := range processGuards() {
		if err := g.Check(ctx, c); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// Guards returns the guards that are asked, for the layers below: they know what each has judged.
func (atCallTime) Guards() []any {
	var all []any
	for _, g := range processGuards() {
		all = append(all, g)
	}
	return all
}

// processGuards returns the guards of the process. The first call loads the program's policy, also
// when a dependency has loaded one of its own before. A program without a policy is refused only if
// nobody has loaded one.
func processGuards() []*Guard {
	shortForm.Do(func() {
		if len(guards()) > 0 && noFile() {
			return // before load, which logs an alert about it
		}
		g, _ := load(nil, layerDir) // the error is in the guard, which refuses every call
		if !g.addsNothing() {
			g.join(caller())
		}
	})
	return guards()
}

// addsNothing reports whether a guard of the process judges as g does, and reports wherever g does.
func (g *Guard) addsNothing() bool {
	return g.remote.Load() == nil && slices.ContainsFunc(guards(), func(other *Guard) bool {
		return other.same(g) && other.alerts().Covers(g.alerts())
	})
}

// noFile reports whether every place for a policy file is empty.
func noFile() bool {
	_, _, err := find((*Options)(nil).withDefaults(), layerDir)
	return errors.Is(err, errNoFile)
}

func guards() []*Guard {
	if all := joined.Load(); all != nil {
		return *all
	}
	return nil
}

// join makes g one of the process's guards and installs it. A guard with the same policies, for the
// same function and stage, that has joined before stays in its place, with g's sinks; join returns
// the guard that judges. from is the code that asked for it.
// See decision 29.
func (g *Guard) join(from string) *Guard {
	g, isNew := g.joinOthers(from)
	if isNew && g.layers.byName {
		g.reportEarly()
	}
	return g
}

func (g *Guard) joinOthers(from string) (judges *Guard, isNew bool) {
	joining.Lock()
	defer joining.Unlock()
	as, g := g, g.self()
	all := guards()
	for _, other := range all {
		if other == g {
			g.holders[as] = true
			g.layers.install(g) // again: http.DefaultTransport may have been replaced
			return g, false
		}
		if other.same(g) {
			other.holders[as] = true
			other.adopt(g, from)
			return other, false
		}
	}
	all = append(slices.Clip(all), g)
	joined.Store(&all)
	g.holders = map[*Guard]bool{as: true}
	g.layers.install(g)
	if len(all) > 1 {
		g.logJoined(from, all)
	}
	return g, true
}

// leave undoes join. Where equal guards have joined, the last to leave ends the judging. A guard
// that leaves twice takes no other with it.
func (g *Guard) leave() {
	joining.Lock()
	defer joining.Unlock()
	as, g := g, g.self()
	if !slices.Contains(guards(), g) || !g.holders[as] {
		return // it has left, or is a copy of one that has not
	}
	if delete(g.holders, as); len(g.holders) > 0 {
		return
	}
	all := slices.DeleteFunc(slices.Clone(guards()), func(other *Guard) bool { return other == g })
	joined.Store(&all)
	g.layers.uninstall()
	if !g.lifecycle.idle() {
		g.logGap("the guard was closed by " + caller() + " while an invocation ran: " + closedGap)
	}
}

// same reports whether two guards judge by the same set of policies for the same function and
// stage. Policies of one text with other values of its variables are not the same, nor are those
// that a source with other keys may replace.
func (g *Guard) same(other *Guard) bool {
	return g.packaged().Alike(other.packaged()) && g.trustsLike(other)
}
