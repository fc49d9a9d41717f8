package awsmiddleware

import (
	"context"
	"io"
	"strings"

	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/outguard/outguard/internal/judged"
)

// This file keeps code of the program from changing a request between the verdict and the HTTP
// client. The Value of a context, a tracer and a meter run there, and may hold the request, because
// every step and every signer is given it.

const errRefilled = refusal("awsmiddleware: the body has changed while it was judged, so what is sent cannot be judged")

// maxHeld is the size up to which such a body is copied. AWS's APIs take no larger ones, except for
// uploads, whose bodies do not count.
const maxHeld = 16 << 20

// judgeOwn judges one attempt, and returns the request to send: a copy that nobody else holds. If
// the context is of a type that is not context's own, it also has a body of its own.
func (c *call) judgeOwn(ctx context.Context, r *smithyhttp.Request) (*smithyhttp.Request, error) {
	own := r.Clone()
	if !isForeign(ctx) {
		return c.judge(ctx, own)
	}
	text, held := judged.Content(io.NopCloser(own.GetStream()), maxHeld)
	sent, err := c.judge(ctx, own)
	if err != nil || !sameStream(sent.GetStream(), own.GetStream()) || len(text) == 0 || !held || !c.bodyDecides() {
		return sent, err
	}
	if made := &c.made.content; made.known && judged.SumOfText(string(text)) != made.sum {
		return r, errRefilled
	}
	return sent.SetStream(strings.NewReader(string(text)))
}
