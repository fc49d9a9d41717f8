package awsmiddleware

import (
	"context"
	"fmt"
	"net/http"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/outguard/outguard/internal/judged"
	"github.com/outguard/outguard/policy"
)

// HandleDeserialize judges an attempt: the host it goes to and the account whose key signed it. It is the last step before
// the HTTP client.
func (c *call) HandleDeserialize(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
	out middleware.DeserializeOutput, md middleware.Metadata, err error,
) {
	if c.refusal != nil {
		return out, md, c.refusal
	}
	r, ok := in.Request.(*smithyhttp.Request)
	if !ok {
		return out, md, fmt.Errorf("awsmiddleware: the request is a %T, whose host cannot be checked", in.Request)
	}
	if err := c.judge(ctx, r.Request); err != nil {
		return out, md, err
	}
	marked := &c.first
	if c.firstUsed { // whoever has the first attempt's context may still look at it
		marked = new(judged.Context)
	}
	c.firstUsed = true
	mark := marked.Init(ctx, r.Request)
	mark.By(c.guard, false)
	c.attempt = mark
	out, md, err = next.HandleDeserialize(marked, in)
	mark.Void()

	resp, ok := out.RawResponse.(*smithyhttp.Response)
	if !ok || resp == nil || resp.Response == nil {
		return out, md, err
	}
	if refused := c.followed(ctx, mark, resp.Request); refused != nil {
		if resp.Body != nil {
			_ = resp.Body.Close()
		}
		return middleware.DeserializeOutput{}, md, refused
	}
	return out, md, err
}

// judge judges one attempt. A retry of what has been judged passes, so that one violation is one alert.
func (c *call) judge(ctx context.Context, r *http.Request) error {
	account := c.keys.account(r)
	if c.attempt != nil && c.attempt.Equal(r) && account == c.operation.Account {
		return nil
	}
	c.operation.Account, c.attempt = account, nil // no retry counts as judged before this attempt has been
	return c.check(ctx, policy.Call{AWS: c.operation, HTTP: r, Via: policy.ViaWire})
}

// followed judges the request that was answered in the end when it is another than the one that was sent: the HTTP client
// follows redirects unasked. What went there is gone by now; its answer is not. A guarded HTTP client has judged each hop before it went out.
func (c *call) followed(ctx context.Context, sent *judged.Mark, answered *http.Request) error {
	if answered == nil || answered.URL == nil || sent.Equal(answered) || sent.Below() {
		return nil
	}
	return c.check(ctx, policy.Call{AWS: c.operation, HTTP: answered, Via: policy.ViaWire})
}
