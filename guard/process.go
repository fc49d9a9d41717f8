package guard

import (
	"context"
	"sync/atomic"

	"github.com/aws/smithy-go/middleware"

	"github.com/outguard/outguard/awsmiddleware"
	"github.com/outguard/outguard/policy"
)

// process is the process's guard: the one that was loaded or installed last. It serves the package-level functions alone, which
// have no other way to know their guard.
var process atomic.Pointer[Guard]

// processAWS is set when the package-level AWS has been asked for.
var processAWS atomic.Bool

// Wrap guards the process and wraps handler, by the policy that [Load] finds when its options are nil:
//
//	lambda.Start(guard.Wrap(handler))
//
// When a guard has been loaded before, that one is used. A policy that cannot be loaded fails every invocation; see [Load].
func Wrap(handler any) any { return processGuard().Wrap(handler) }

// AWS returns the option for config.WithAPIOptions, for configs that are loaded where no Guard is at hand. Each call asks the guard that was
// loaded or installed last; when there is none, one is loaded as [Wrap] does.
func AWS() []func(*middleware.Stack) error {
	processAWS.Store(true)
	return []func(*middleware.Stack) error{awsmiddleware.New(atCallTime{})}
}

// atCallTime asks whatever is the process's guard when a call is made.
type atCallTime struct{}

func (atCallTime) Check(ctx context.Context, c policy.Call) error {
	return processGuard().Check(ctx, c)
}

func processGuard() *Guard {
	if g := process.Load(); g != nil {
		return g
	}
	g, _ := load(nil, layerDir) // its error is in the guard
	if !process.CompareAndSwap(nil, g) {
		return process.Load()
	}
	return g
}
