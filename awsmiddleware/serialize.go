package awsmiddleware

import (
	"context"
	"strings"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/outguard/outguard/policy"
)

// wrapSerializer wraps the serializer, or the last step where there is none by that name. Of
// several guards, the one whose option came first is asked first.
func (c *call) wrapSerializer() error {
	id := "OperationSerializer"
	m, ok := c.stack.Serialize.Get(id)
	if !ok {
		ids := c.stack.Serialize.List()
		if len(ids) == 0 {
			c.serializer.call = c
			return c.stack.Serialize.Add(&c.serializer, middleware.After)
		}
		id = ids[len(ids)-1]
		m, _ = c.stack.Serialize.Get(id)
	}
	// Later guards go further in, next to the serializer.
	if outer, ok := m.(*serializing); ok {
		for next, ok := outer.inner.(*serializing); ok; next, ok = outer.inner.(*serializing) {
			outer = next
		}
		c.serializer = serializing{call: c, inner: outer.inner}
		outer.inner = &c.serializer
		return nil
	}
	c.serializer = serializing{call: c, inner: m}
	_, err := c.stack.Serialize.Swap(id, &c.serializer)
	return err
}

// serializing is the serializer, judged: what it is given has just been judged, and nobody else has
// it.
// See decision 1.
type serializing struct {
	call   *call
	inner  middleware.SerializeMiddleware // nil: there is none
	within bool                           // another guard's serializing is round this one
}

// ID is the serializer's, because other steps find their places by it.
func (s *serializing) ID() string {
	if s.inner == nil {
		return s.call.id
	}
	return s.inner.ID()
}

// HandleSerialize judges the operation. A refusal here means no signing, no connection and no
// retry.
func (s *serializing) HandleSerialize(ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler) (
	out middleware.SerializeOutput, md middleware.Metadata, err error,
) {
	c := s.call
	if !s.within {
		// The outermost guard copies the input once. All guards judge that copy, and the serializer
		// gets it.
		in.Parameters = frozen(in.Parameters)
	}
	if further, ok := s.inner.(*serializing); ok {
		further.within = true
	}
	if err := s.judge(ctx, in.Parameters); err != nil && !c.streams() {
		return out, md, err
	}
	// Only now: a step that is added while the call runs comes after those of all options.
	if err := c.stack.Finalize.Add(c, middleware.After); err != nil {
		return out, md, err
	}
	if err := c.watchEndpoint(); err != nil {
		return out, md, err
	}
	c.after = serialized{c, next}
	if !c.operation.Presigned {
		return s.serialize(ctx, in)
	}
	if err := c.wrapPresigner(); err != nil {
		return out, md, err
	}
	// A form is made of the input that this step has put into the context.
	if m, ok := c.stack.Serialize.Get("setOperationInput"); ok && !s.within && c.ownStep(m) {
		return m.HandleSerialize(ctx, in, middleware.SerializeHandlerFunc(s.serialize))
	}
	return s.serialize(ctx, in)
}

// serialize runs the serializer.
func (s *serializing) serialize(ctx context.Context, in middleware.SerializeInput) (middleware.SerializeOutput, middleware.Metadata, error) {
	if s.inner == nil {
		return s.call.after.HandleSerialize(ctx, in)
	}
	return s.inner.HandleSerialize(ctx, in, &s.call.after)
}

// judge judges the operation by this guard. If it is refused, the further guards are asked too,
// because each reports what its own policy forbids.
func (s *serializing) judge(ctx context.Context, input any) error {
	c := s.call
	c.operation, c.attempt = describe(ctx, c.stack, input), nil
	c.operation.Given = s.atGiven(ctx, input)
	if c.refusal = c.check(ctx, policy.Call{AWS: c.operation, Via: policy.ViaSDK}); c.refusal == nil {
		return nil
	}
	if further, ok := s.inner.(*serializing); ok && !c.streams() {
		_ = further.judge(ctx, input)
	}
	return c.refusal
}

// serialized is what comes after the serializer.
type serialized struct {
	call *call
	next middleware.SerializeHandler
}

// HandleSerialize keeps what the serializer has made, if that is the client's own and has made the
// operation that was judged.
func (s *serialized) HandleSerialize(ctx context.Context, in middleware.SerializeInput) (middleware.SerializeOutput, middleware.Metadata, error) {
	c := s.call
	c.made.take(in.Request, c.operation.Operation)
	c.changed = c.serializer.inner != nil && !c.ownStep(c.serializer.inner) || c.names(in.Request)
	return s.next.HandleSerialize(ctx, in)
}

// names reports whether a request names another operation than was judged: in X-Amz-Target, or in
// the Action of a form.
func (c *call) names(request any) bool {
	r, ok := request.(*smithyhttp.Request)
	if !ok {
		return false
	}
	// The JSON protocols name the operation there, for example DynamoDB_20120810.PutItem.
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		return !strings.EqualFold(target[strings.LastIndexByte(target, '.')+1:], c.operation.Operation)
	}
	return c.made.content.other && strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
}

// ownStep reports whether a step belongs to the client whose operation this is. Another guard's is
// taken for the one that it wraps.
func (c *call) ownStep(m any) bool {
	for s, ok := m.(*serializing); ok; s, ok = m.(*serializing) {
		m = s.inner
	}
	step, input := structType(m), structType(c.operation.Input)
	return step == nil || input == nil || step.PkgPath() == input.PkgPath()
}
