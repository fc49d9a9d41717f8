package awsmiddleware

import (
	"context"
	"reflect"
	"strconv"

	"github.com/aws/smithy-go/middleware"

	"github.com/outguard/outguard/internal/judged"
	"github.com/outguard/outguard/policy"
)

// A Guard judges calls. Check returns nil for a call that may go out and an error for one that may not; it may be called by
// any number of goroutines at once and does not keep or change what c points to. So that the SDK does not retry a refused
// call, the error has a method RetryableError() bool that returns false.
type Guard interface {
	Check(ctx context.Context, c policy.Call) error
}

// ErrNoGuard is why a call without a guard is refused.
var ErrNoGuard error = noGuard("awsmiddleware: no guard was given to New")

type noGuard string

func (e noGuard) Error() string { return string(e) }

// RetryableError keeps the AWS SDK from trying again.
func (noGuard) RetryableError() bool { return false }

// New returns the option for config.WithAPIOptions, or for one client's Options.APIOptions, that asks g about every call of the
// clients made with it: once for the operation, and on each attempt for the host and the signing key. A nil g refuses every
// call. Adding the option twice with the same guard is adding it once.
func New(g Guard) func(*middleware.Stack) error {
	k := new(keys)
	return func(stack *middleware.Stack) error {
		id, added := place(stack, g)
		if added {
			return nil
		}
		c := &call{id: id, guard: g, keys: k, stack: stack}
		// Beside the serializer, not in Initialize: see the package comment.
		if err := stack.Serialize.Insert(c, "OperationSerializer", middleware.Before); err != nil {
			return stack.Serialize.Add(c, middleware.Before)
		}
		return nil
	}
}

// place returns the id that a step for g gets; it must be unique in the stack, and guards add up.
// It reports true if g is already asked.
func place(stack *middleware.Stack, g Guard) (id string, added bool) {
	id = firstID
	for n := 2; ; n++ {
		m, ok := stack.Serialize.Get(id)
		if !ok {
			return id, false
		}
		if c, ok := m.(*call); ok && reflect.ValueOf(g).Comparable() && c.guard == g {
			return id, true
		}
		id = firstID + strconv.Itoa(n)
	}
}

const firstID = "Outguard"

// A call is one operation on its way through a stack of its own, from the typed input to the last attempt.
type call struct {
	id    string
	guard Guard
	keys  *keys
	stack *middleware.Stack

	operation policy.AWSCall
	refusal   error          // to be returned where it does not hang the SDK
	first     judged.Context // of the first attempt
	firstUsed bool
	attempt   *judged.Mark // of the attempt judged last, in which operation.Account signed
	onWire    bool         // the wire step has been added to the stack
}

// ID names the middleware in a stack.
func (c *call) ID() string { return c.id }

// Asks reports whether it is guard that judges.
func (c *call) Asks(guard any) bool {
	return reflect.ValueOf(c.guard).Comparable() && c.guard == guard
}

// HandleSerialize judges the operation. A refusal here means no signing, no connection and no retry.
func (c *call) HandleSerialize(ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler) (
	middleware.SerializeOutput, middleware.Metadata, error,
) {
	c.operation = describe(ctx, c.stack, in.Parameters)
	c.attempt, c.refusal = nil, nil
	if !c.operation.Presigned && !c.onWire {
		// Only now, so that no other middleware comes between the check and the HTTP client.
		c.onWire = true
		if err := c.stack.Deserialize.Add(c, middleware.After); err != nil {
			return middleware.SerializeOutput{}, middleware.Metadata{}, err
		}
	}
	err := c.check(ctx, policy.Call{AWS: c.operation, Via: policy.ViaSDK})
	if err != nil && !c.streams() {
		return middleware.SerializeOutput{}, middleware.Metadata{}, err
	}
	c.refusal = err
	return next.HandleSerialize(ctx, in)
}

// streams reports whether the operation has an event stream. One whose client sends events waits for ever for an attempt to be
// made when a step before Deserialize fails; refused there, the call returns and the stream has the error.
func (c *call) streams() bool {
	_, ok := c.stack.Deserialize.Get("OperationEventStreamDeserializer")
	return ok
}

func (c *call) check(ctx context.Context, p policy.Call) error {
	if c.guard == nil {
		return ErrNoGuard
	}
	return c.guard.Check(ctx, p)
}
