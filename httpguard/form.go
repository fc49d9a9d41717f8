package httpguard

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/outguard/outguard/internal/awscall"
)

// keepForm makes the form that r, which is a copy, sends to AWS readable more than once, for which operation it is stands in it. What has been read is
// what is sent, whatever GetBody of the request would have given: the SDK's have none, and what changes a body may forget it.
func keepForm(r *http.Request) error {
	if r.Body == nil || r.Body == http.NoBody || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return nil
	}
	if _, ok := awscall.ParseEndpoint(strings.ToLower(r.URL.Hostname())); !ok {
		return nil
	}
	text, err := readForm(r.Context(), r.Body)
	if err != nil {
		return err
	}
	if len(text) > awscall.MostForm {
		r.Body, r.GetBody = form{io.MultiReader(bytes.NewReader(text), r.Body), r.Body}, nil
		return nil
	}
	r.Body = form{bytes.NewReader(text), r.Body}
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }
	return nil
}

// readForm reads as much of a form as counts, or until its request's context ends. Whoever writes the body may wait for ever, and closing it, which is
// the caller's to do, need not end a Read.
func readForm(ctx context.Context, body io.Reader) ([]byte, error) {
	type read struct {
		text []byte
		err  error
	}
	done := make(chan read, 1)
	go func() {
		text, err := io.ReadAll(io.LimitReader(body, awscall.MostForm+1))
		done <- read{text, err}
	}()
	select {
	case r := <-done:
		return r.text, r.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// A form is read from one place, and closes another.
type form struct {
	io.Reader
	io.Closer
}
