package awsmiddleware

import (
	"context"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// The SDK puts the endpoint into the request in the step ResolveEndpointV2: it may add to the path.
const resolveEndpoint = "ResolveEndpointV2"

// watchEndpoint puts a step right before that one, which finds changes of the path, and one right
// after it, which notes the path and the destination that it has come to. Clients that do not have
// it set the endpoint before the serializer.
func (c *call) watchEndpoint() error {
	if _, ok := c.stack.Finalize.Get(resolveEndpoint); !ok {
		return nil
	}
	c.paths = [2]pathStep{{c, false}, {c, true}}
	if err := c.stack.Finalize.Insert(&c.paths[0], resolveEndpoint, middleware.Before); err != nil {
		return err
	}
	return c.stack.Finalize.Insert(&c.paths[1], resolveEndpoint, middleware.After)
}

// A pathStep is one of the two.
type pathStep struct {
	call  *call
	after bool
}

// ID names the step in its stack.
func (p *pathStep) ID() string {
	switch {
	case p.call.id == firstID && p.after: // without making a text
		return firstID + "PathAfter"
	case p.call.id == firstID:
		return firstID + "PathBefore"
	case p.after:
		return p.call.id + "PathAfter"
	}
	return p.call.id + "PathBefore"
}

// HandleFinalize compares the path, or notes it.
func (p *pathStep) HandleFinalize(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
	middleware.FinalizeOutput, middleware.Metadata, error,
) {
	c := p.call
	if r, ok := in.Request.(*smithyhttp.Request); ok && r.URL != nil && c.made.taken() {
		if path := r.URL.EscapedPath(); p.after {
			c.endpointPath, c.made.to = path, destinationOf(r)
		} else if path != c.made.path {
			c.changed = true
		}
	}
	return next.HandleFinalize(ctx, in)
}
