package awsmiddleware

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/outguard/outguard/internal/awscall"
	"github.com/outguard/outguard/internal/judged"
	"github.com/outguard/outguard/policy"
)

// errBelow refuses an attempt that an unknown step could still change.
const errBelow = refusal("awsmiddleware: another middleware has been added below the guard's last step, so what is sent cannot be judged")

// HandleDeserialize judges an attempt: the host it goes to and the account whose key signed it.
// It is the last step before the HTTP client.
func (c *call) HandleDeserialize(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
	out middleware.DeserializeOutput, md middleware.Metadata, err error,
) {
	// The operation was refused: no retry and no other step brings it back.
	if c.refusal != nil {
		return out, md, c.refusal
	}
	r, ok := in.Request.(*smithyhttp.Request)
	if !ok {
		return out, md, fmt.Errorf("awsmiddleware: the request is a %T, whose host cannot be checked", in.Request)
	}
	r, err = c.judgeOwn(ctx, r)
	// A step below this one could change the request after the verdict.
	if err == nil && !c.isLast(next) {
		err = errBelow
	}
	if err != nil {
		c.refusal = err
		return out, md, err
	}
	in.Request = r
	marked := &c.first
	if c.firstUsed { // whoever has the first attempt's context may still look at it
		marked = new(judged.Context)
	}
	c.firstUsed = true
	// The mark shows http.DefaultTransport and the layers below that this request was judged.
	mark := marked.Init(ctx, r.Request)
	mark.SetStream(c.stream(ctx, r))
	mark.By(c.guard, false)
	c.attempt, c.sum = mark, mark.Lasting(r.Request)
	// The program may keep the context. After the attempt, its mark must not vouch for another
	// request.
	defer mark.Void()
	out, md, err = next.HandleDeserialize(marked, in)

	resp, ok := out.RawResponse.(*smithyhttp.Response)
	if !ok || resp == nil || resp.Response == nil {
		return out, md, err
	}
	if refused := c.followed(ctx, mark, resp.Request); refused != nil {
		if resp.Body != nil {
			_ = resp.Body.Close()
		}
		c.refusal = refused
		return middleware.DeserializeOutput{}, md, refused
	}
	return out, md, err
}

// judge judges one attempt, and returns the request to send. A retry of what has been judged
// passes, so that one violation is one alert.
func (c *call) judge(ctx context.Context, r *smithyhttp.Request) (*smithyhttp.Request, error) {
	// A credentials provider may rotate keys between attempts, so each attempt is compared by its
	// account.
	account, usual := c.keys.account(r.Request)
	if usual && account == c.operation.Account && c.isRetry(r) && !c.isChanged(r) {
		return r, nil
	}
	c.attempt = nil // no retry counts as judged before this attempt has been
	if c.operation.Presigned {
		c.operation.Presigned = false // it is being sent
		if err := c.check(ctx, policy.Call{AWS: c.operation, Via: policy.ViaSDK}); err != nil {
			return r, err
		}
	}
	c.operation.Account = account
	err := c.check(ctx, policy.Call{AWS: c.operation, HTTP: r.Request, Via: policy.ViaWire})
	if err != nil || !c.isChanged(r) {
		return r, err
	}
	// A changed request may be any call, so it is judged as an HTTP request, by what it says
	// itself.
	view, text, err := readable(r)
	if err != nil {
		return r, err
	}
	if err := c.check(ctx, policy.Call{HTTP: view, Via: policy.ViaTransport}); err != nil || text == "" || !c.bodyDecides() {
		return r, err
	}
	return r.SetStream(strings.NewReader(text)) // a reader of the program's may give something else
}

// isRetry reports whether r is the attempt judged last, but for what signing renews.
func (c *call) isRetry(r *smithyhttp.Request) bool {
	if c.attempt == nil || !c.attempt.Equal(r.Request) {
		return false
	}
	_, sum := judged.Sums(r.Request)
	return sum == c.sum
}

// readable returns the request as one in which the operation can be read: its body is the
// beginning of the stream, if that can be read twice. text is the whole body; "" if that is not
// known, or if there is none.
func readable(r *smithyhttp.Request) (view *http.Request, text string, err error) {
	stream := r.GetStream()
	if stream == nil {
		return r.Request, "", nil
	}
	if r.ContentLength >= 0 { // no more is sent
		stream = io.LimitReader(stream, r.ContentLength)
	}
	c := *r.Request
	c.Body, c.GetBody, c.ContentLength = io.NopCloser(stream), nil, -1
	if !r.IsStreamSeekable() {
		return &c, "", nil
	}
	read, err := io.ReadAll(io.LimitReader(stream, awscall.MostForm+1))
	if err != nil {
		return nil, "", err
	}
	if err := r.RewindStream(); err != nil {
		return nil, "", err
	}
	text = string(read)
	form := func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
	c.Body, _ = form()
	c.GetBody = form
	// A longer body is not a form that AWS takes, so its beginning suffices.
	if len(read) > awscall.MostForm {
		return &c, "", nil
	}
	return &c, text, nil
}

// followed judges the request that was answered in the end when it is another than the one that
// was sent: the HTTP client follows redirects unasked. What went there is gone by now; its
// response is not. A guarded HTTP client has judged each hop before it went out.
func (c *call) followed(ctx context.Context, sent *judged.Mark, answered *http.Request) error {
	if answered == nil || answered.URL == nil || sent.Equal(answered) || sent.Below() {
		return nil
	}
	return c.check(ctx, policy.Call{AWS: c.operation, HTTP: answered, Via: policy.ViaWire})
}
