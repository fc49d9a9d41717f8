package awsmiddleware

import (
	"context"
	"net/url"
	"strings"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/outguard/outguard/internal/judged"
	"github.com/outguard/outguard/policy"
)

// errPresigned refuses a URL whose step ran without the guard's around it. It has been made, but
// does not leave the call.
const errPresigned = refusal("awsmiddleware: a URL has been presigned past the guard's step, so what it is for cannot be judged")

// presignIDs are the steps that make a presigned URL or form. They end Finalize, so that no later
// step runs. They are known by their types, because anybody can name a step like them.
var presignIDs = [...]string{"PresignHTTPRequest", "PresignPostRequestMiddleware"}

// presigns reports whether the stack makes a presigned URL or form instead of sending a request.
func presigns(stack *middleware.Stack) bool {
	for _, id := range presignIDs {
		if m, ok := stack.Finalize.Get(id); ok && isPresigner(m) {
			return true
		}
	}
	return false
}

// isPresigner reports whether a step, perhaps watched by several guards, is one of the SDK's that
// presign.
func isPresigner(m any) bool {
	for p, ok := m.(*presigning); ok; p, ok = m.(*presigning) {
		m = p.inner
	}
	if _, ok := m.(*v4.PresignHTTPRequestMiddleware); ok {
		return true
	}
	t := structType(m)
	if t == nil || !strings.HasPrefix(t.PkgPath(), "github.com/aws/aws-sdk-go-v2/service/s3") {
		return false
	}
	return t.Name() == "PresignHTTPRequestMiddleware" || t.Name() == "presignPostRequestMiddleware"
}

// wrapPresigner wraps the step that presigns a URL. A form is signed for what the input says, and
// not for what the request has become.
func (c *call) wrapPresigner() error {
	m, ok := c.stack.Finalize.Get(presignIDs[0])
	if !ok || !isPresigner(m) {
		return nil
	}
	_, err := c.stack.Finalize.Swap(presignIDs[0], &presigning{c, m})
	return err
}

// presigning is that step, watched: nothing comes between the comparison and the signature.
type presigning struct {
	call  *call
	inner middleware.FinalizeMiddleware
}

// ID is the step's, because other steps find their places by it.
func (p *presigning) ID() string { return p.inner.ID() }

// HandleFinalize judges what has been changed since the operation was judged. It is judged as
// whoever gets the URL can send it, because the account stands in the signature alone. A URL that
// is refused does not leave this step.
func (p *presigning) HandleFinalize(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
	out middleware.FinalizeOutput, md middleware.Metadata, err error,
) {
	c := p.call
	r, ok := in.Request.(*smithyhttp.Request)
	if !ok || r.URL == nil {
		c.refusal = errPresigned
		return out, md, errPresigned
	}
	c.presigned = true
	if isForeign(ctx) { // its Value could change the request while it is signed
		r = r.Clone()
		in.Request = r
	}
	// c.refusal makes the call fail even if a later step drops the error.
	if err := c.checkEndpoint(ctx, r); err != nil {
		c.refusal = err
		return out, md, err
	}
	// Both are compared before the signature, which adds to the query.
	changed := c.made.taken() && destinationOf(r) != c.made.to || c.isChanged(r)
	out, md, err = p.inner.HandleFinalize(ctx, in, next)
	if err != nil || !changed {
		return out, md, err
	}
	if err := c.judgePresigned(ctx, r, out.Result); err != nil {
		c.refusal = err
		return middleware.FinalizeOutput{}, md, err
	}
	return out, md, nil
}

// checkEndpoint judges the endpoint that a client has come to for a URL at AWS: a resolver of the
// program's can put another bucket into the host.
func (c *call) checkEndpoint(ctx context.Context, r *smithyhttp.Request) error {
	if !judged.MayBeAWS(r.Request) {
		return nil
	}
	return c.check(ctx, policy.Call{AWS: c.operation, HTTP: r.Request, Via: policy.ViaWire})
}

// judgePresigned judges the URL as the request that its holder can send. The body is the one that
// was signed.
func (c *call) judgePresigned(ctx context.Context, r *smithyhttp.Request, result any) error {
	signed, ok := result.(*v4.PresignedHTTPRequest)
	if !ok || signed == nil {
		return errPresigned
	}
	u, err := url.Parse(signed.URL)
	if err != nil {
		return err
	}
	view, _, err := readable(r)
	if err != nil {
		return err
	}
	sent := *view
	sent.Method, sent.URL, sent.Host, sent.Header = signed.Method, u, signed.SignedHeader.Get("Host"), signed.SignedHeader
	return c.check(ctx, policy.Call{HTTP: &sent, Via: policy.ViaTransport})
}

// isUnseen reports whether result is a presigned URL whose step has been put past this one's.
func (c *call) isUnseen(result any) bool {
	_, ok := result.(*v4.PresignedHTTPRequest)
	return ok && c.operation.Operation != "" && !c.presigned
}
