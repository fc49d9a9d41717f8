package awsmiddleware

import (
	"context"
	"errors"
	"strconv"

	"github.com/aws/smithy-go/middleware"

	"github.com/outguard/outguard/internal/judged"
	"github.com/outguard/outguard/policy"
)

// A Guard judges calls. Check returns nil for a call that may go out and an error for one that
// may not; it may be called by any number of goroutines at once and does not keep or change what
// c points to. So that the SDK does not retry a refused call, the error has a method
// RetryableError() bool that returns false.
type Guard interface {
	Check(ctx context.Context, c policy.Call) error
}

// ErrNoGuard is why a call without a guard is refused.
var ErrNoGuard error = refusal("awsmiddleware: no guard was given to New")

// A refusal is an error of this package's own.
type refusal string

func (e refusal) Error() string { return string(e) }

// RetryableError keeps the AWS SDK from trying again.
func (refusal) RetryableError() bool { return false }

// New returns the option for config.WithAPIOptions, or for one client's Options.APIOptions, that
// asks g about every call of the clients made with it: once for the operation, and on each
// attempt for the host and the signing key. A nil g refuses every call. Adding the option twice
// with the same guard is adding it once; different guards are each asked.
func New(g Guard) func(*middleware.Stack) error {
	k := new(keys)
	return func(stack *middleware.Stack) error {
		id, added := place(stack, g)
		if added {
			return nil
		}
		return stack.Initialize.Add(&call{id: id, guard: g, keys: k, stack: stack}, middleware.After)
	}
}

// place returns the id that a step for g gets; it must be unique in the stack, and guards add up.
// It reports true if g is already asked.
func place(stack *middleware.Stack, g Guard) (id string, added bool) {
	id = firstID
	for n := 2; ; n++ {
		m, ok := stack.Initialize.Get(id)
		if !ok {
			return id, false
		}
		if c, ok := m.(*call); ok && c.Asks(g) {
			return id, true
		}
		id = firstID + strconv.Itoa(n)
	}
}

const firstID = "Outguard"

// A call is one operation on its way through a stack of its own, from the typed input to the last
// attempt. It is a step in Initialize, Finalize and Deserialize, and round the serializer.
type call struct {
	id    string
	guard Guard
	keys  *keys
	stack *middleware.Stack

	operation policy.AWSCall
	refusal   error // the first, which the call returns whatever else happens

	serializer   serializing
	after        serialized
	resolver     resolving
	resolved     resolved
	made         snapshot // the request as the serializer has made it
	endpointPath string   // its path with what the endpoint adds to it; "": not known
	sent         content  // of the body that was compared last
	changed      bool     // it has been changed since, in what decides which call it is
	presigned    bool     // the step that presigns a URL has been judged

	first     judged.Context // of the first attempt
	firstUsed bool
	attempt   *judged.Mark // of the attempt judged last, in which operation.Account signed
	sum       uint64       // and what its headers and query came to
	onWire    bool         // the wire step has been added to the stack
}

// ID names the middleware in a stack.
func (c *call) ID() string { return c.id }

// Asks reports whether it is guard that judges.
func (c *call) Asks(guard any) bool { return judged.Same(c.guard, guard) }

// HandleInitialize puts the step that judges the operation round the serializer. It does so
// while the call runs, so that no option gets between.
func (c *call) HandleInitialize(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
	middleware.InitializeOutput, middleware.Metadata, error,
) {
	if err := c.wrapSerializer(); err != nil {
		return middleware.InitializeOutput{}, middleware.Metadata{}, err
	}
	if err := c.watchRemakers(); err != nil {
		return middleware.InitializeOutput{}, middleware.Metadata{}, err
	}
	out, md, err := next.HandleInitialize(ctx, in)
	if err == nil && c.refusal == nil && c.isUnseen(out.Result) {
		c.refusal = errPresigned
	}
	if c.refusal != nil && !errors.Is(err, c.refusal) {
		return middleware.InitializeOutput{}, md, c.refusal
	}
	return out, md, err
}

// streams reports whether the operation has an event stream. One whose client sends events waits
// for ever for an attempt to be made when a step before Deserialize fails; refused there, the
// call returns and the stream has the error.
// See decision 3.
func (c *call) streams() bool {
	m, ok := c.stack.Deserialize.Get("OperationEventStreamDeserializer")
	return ok && c.ownStep(m)
}

// HandleFinalize adds the step that judges an attempt below all others. Only now, on each
// attempt, so that no other middleware comes between the check and the HTTP client.
// See decision 2.
func (c *call) HandleFinalize(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
	middleware.FinalizeOutput, middleware.Metadata, error,
) {
	if c.onWire {
		_, _ = c.stack.Deserialize.Remove(c.id)
	}
	c.onWire = true
	if err := c.stack.Deserialize.Add(c, middleware.After); err != nil {
		return middleware.FinalizeOutput{}, middleware.Metadata{}, err
	}
	return next.HandleFinalize(ctx, in)
}

// isLast reports whether nothing but other guards' steps comes between this one, whose next
// handler is next, and the HTTP client.
func (c *call) isLast(next middleware.DeserializeHandler) bool {
	if t := structType(next); t != nil && t.Name() == "deserializeWrapHandler" && t.PkgPath() == "github.com/aws/smithy-go/middleware" {
		return true // what smithy-go ends the step with
	}
	below := false
	for _, id := range c.stack.Deserialize.List() {
		if m, _ := c.stack.Deserialize.Get(id); below {
			if _, ours := m.(*call); !ours {
				return false
			}
		} else if m == middleware.DeserializeMiddleware(c) {
			below = true
		}
	}
	return below
}

func (c *call) check(ctx context.Context, p policy.Call) error {
	if c.guard == nil {
		return ErrNoGuard
	}
	return c.guard.Check(ctx, p)
}
