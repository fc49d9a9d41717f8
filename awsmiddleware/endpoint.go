package awsmiddleware

import (
	"context"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// The SDK puts the endpoint into the request in the step ResolveEndpointV2: it may add to the path.
const resolveEndpoint = "ResolveEndpointV2"

// watchEndpoint wraps that step. Clients that do not have it set the endpoint before the
// serializer.
func (c *call) watchEndpoint() error {
	m, ok := c.stack.Finalize.Get(resolveEndpoint)
	if !ok {
		return nil
	}
	c.resolver = resolving{c, m}
	_, err := c.stack.Finalize.Swap(resolveEndpoint, &c.resolver)
	return err
}

// resolving is that step, watched: nothing comes between it and the two looks at the request.
type resolving struct {
	call  *call
	inner middleware.FinalizeMiddleware
}

// ID is the step's, because other steps find their places by it.
func (s *resolving) ID() string { return s.inner.ID() }

// HandleFinalize finds out whether the path has been changed since the serializer.
func (s *resolving) HandleFinalize(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
	middleware.FinalizeOutput, middleware.Metadata, error,
) {
	c := s.call
	// After the step, an added bucket and a path that somebody changed look alike.
	if r, ok := in.Request.(*smithyhttp.Request); ok && r.URL != nil && c.made.taken() && r.URL.EscapedPath() != c.made.path {
		c.changed = true
	}
	c.resolved = resolved{c, next}
	return s.inner.HandleFinalize(ctx, in, &c.resolved)
}

// resolved is what comes after the step.
type resolved struct {
	call *call
	next middleware.FinalizeHandler
}

// HandleFinalize notes the path and the destination that the request has come to.
func (s *resolved) HandleFinalize(ctx context.Context, in middleware.FinalizeInput) (middleware.FinalizeOutput, middleware.Metadata, error) {
	c := s.call
	if r, ok := in.Request.(*smithyhttp.Request); ok && r.URL != nil && c.made.taken() {
		c.endpointPath, c.made.to = r.URL.EscapedPath(), destinationOf(r)
	}
	return s.next.HandleFinalize(ctx, in)
}
