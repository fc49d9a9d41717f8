package guard

import (
	"context"
	"sync/atomic"

	"github.com/aws/smithy-go/middleware"

	"github.com/outguard/outguard/awsmiddleware"
	"github.com/outguard/outguard/policy"
)

// process is the process's guard: the one that was loaded or installed last. Only the package-level
// functions use it, because they cannot know their guard in any other way.
var process atomic.Pointer[Guard]

// processAWS reports whether the package-level AWS was called.
var processAWS atomic.Bool

// Wrap guards the process and wraps handler, with the policy that [Load] finds when its options are
// nil:
//
//	lambda.Start(guard.Wrap(handler))
//
// If a guard has been loaded or installed before, Wrap uses that guard. A policy that cannot be
// loaded fails every invocation; see [Load].
func Wrap(handler any) any { return processGuard().Wrap(handler) }

// AWS returns the option for config.WithAPIOptions, for configs that are loaded where no Guard is
// available. Each call is judged by the guard that was loaded or installed last. If there is none,
// AWS loads one as [Wrap] does.
func AWS() []func(*middleware.Stack) error {
	processAWS.Store(true)
	return []func(*middleware.Stack) error{awsmiddleware.New(atCallTime{})}
}

// atCallTime checks a call with the guard that the process has when the call is made.
type atCallTime struct{}

func (atCallTime) Check(ctx context.Context, c policy.Call) error {
	return processGuard().Check(ctx, c)
}

// Guards returns the guards that judge, for the marks of judged calls.
func (atCallTime) Guards() []any { return []any{processGuard()} }

func processGuard() *Guard {
	if g := process.Load(); g != nil {
		return g
	}
	g, _ := load(nil, layerDir) // the guard holds the error
	if !process.CompareAndSwap(nil, g) {
		return process.Load()
	}
	return g
}
