package httpguard

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/outguard/outguard/internal/awscall"
)

// mostForm is how much of a form is read to find out what it asks for: the size of a message of SNS or SQS.
const mostForm = 256 << 10

// keepForm makes the form that r, which is a copy, sends to AWS readable more than once, for which operation it is stands in it. The SDK's requests
// cannot be read again by themselves. What has been read is what is sent.
func keepForm(r *http.Request) error {
	if r.Body == nil || r.Body == http.NoBody || r.GetBody != nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return nil
	}
	if _, ok := awscall.ParseEndpoint(strings.ToLower(r.URL.Hostname())); !ok {
		return nil
	}
	ctx, body := r.Context(), r.Body
	stop := context.AfterFunc(ctx, func() { _ = body.Close() }) // whoever writes the body may wait for ever
	text, err := io.ReadAll(io.LimitReader(body, mostForm+1))
	stop()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return err
	}
	if len(text) > mostForm {
		r.Body = form{io.MultiReader(bytes.NewReader(text), r.Body), r.Body}
		return nil
	}
	r.Body = form{bytes.NewReader(text), r.Body}
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }
	return nil
}

// A form is read from one place, and closes another.
type form struct {
	io.Reader
	io.Closer
}
