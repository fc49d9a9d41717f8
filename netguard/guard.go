package netguard

import (
	"context"

	"github.com/outguard/outguard/policy"
)

// A Guard judges calls. Check returns nil for a call that may go out and an error for one that may
// not; it may be called by any number of goroutines at once. A guard should be a pointer, or
// another type that compares: the layers know by it what it has judged already.
type Guard interface {
	Check(ctx context.Context, c policy.Call) error
}

// ErrNoGuard is why a call without a guard is refused.
var ErrNoGuard error = noGuard("netguard: no guard was given")

type noGuard string

func (e noGuard) Error() string { return string(e) }

// RetryableError keeps the AWS SDK from trying again.
func (noGuard) RetryableError() bool { return false }

// check asks g about c. Without a guard, it refuses: a guard that was lost must not open the
// network.
func check(ctx context.Context, g Guard, c policy.Call) error {
	if g == nil {
		return ErrNoGuard
	}
	return g.Check(ctx, c)
}
