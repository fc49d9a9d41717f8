package httpguard

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/outguard/outguard/internal/awscall"
	"github.com/outguard/outguard/internal/judged"
)

// maxPayload is the size up to which a body is compared with the one that was signed. AWS's APIs
// take no larger ones, except for S3's data, which is not signed.
const maxPayload = 16 << 20

// keepForm makes the form that r sends readable more than once, because the operation, what it acts
// on, or the signature stands in it.
// r is a copy, and goes to a host that may be AWS's. What has been read is what is sent, whatever
// GetBody of the request would have given. It returns what it has read, as it has put another body
// in; nil if it has not. The text of a longer form is its beginning, with one byte more than is
// read of it.
func keepForm(r *http.Request) ([]byte, error) {
	if r.Body == nil || r.Body == http.NoBody || !hasForm(r) {
		return nil, nil
	}
	text, _, err := buffer(r, awscall.MostForm)
	if text == nil {
		text = []byte{}
	}
	return text, err
}

// asJudged returns such an r as the guard is to see it. What GetBody gives need not be what is
// sent, so it does not count unless the body was kept. Of a longer form, the guard sees the
// beginning.
func asJudged(r *http.Request, kept []byte) *http.Request {
	if kept != nil && r.GetBody != nil || kept == nil && r.GetBody == nil {
		return r
	}
	c := *r
	if c.GetBody = nil; kept != nil {
		c.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(kept)), nil }
	}
	return &c
}

// asSent returns r as the guard is to see it where its body must stay as it is, because net/http
// has wrapped it for its retries. A form counts as far as it is in memory; what GetBody gives does
// not.
func asSent(r *http.Request) *http.Request {
	if r.Body == nil && r.GetBody == nil || !judged.MayBeAWS(r) {
		return r
	}
	c := *r
	c.GetBody = nil
	if hasForm(r) {
		if text, ok := judged.Content(r.Body, awscall.MostForm); ok {
			c.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }
		}
	}
	return &c
}

// hasForm reports whether r may have a form in its body, or JSON that is for an X-Amz-Target: any
// content type, in any spelling of the header's name, is a form's, or a POST has none. A stream of
// events is neither: its sender may wait for the response before it writes the first event. Of JSON
// that is too long to be read, the beginning says nothing, so that such a body stays as it is: only
// its GetBody lets net/http send it again.
func hasForm(r *http.Request) bool {
	untyped, target, stream := true, false, false
	for key, values := range r.Header {
		if len(key) != len("Content-Type") { // both names have this length
			continue
		}
		target = target || len(values) > 0 && strings.EqualFold(key, "X-Amz-Target")
		if !strings.EqualFold(key, "Content-Type") {
			continue
		}
		for _, v := range values {
			v = strings.ToLower(strings.TrimSpace(v))
			if strings.HasPrefix(v, "application/x-www-form-urlencoded") || strings.HasPrefix(v, "multipart/form-data") {
				return true
			}
			untyped = untyped && v == ""
			stream = stream || strings.HasPrefix(v, "application/vnd.amazon.eventstream")
		}
	}
	post := r.Method == http.MethodPost
	// A call to a model of Bedrock's may name its guardrail in the body.
	json := (target || post && r.URL != nil && strings.HasPrefix(r.URL.Path, "/model/")) && r.ContentLength <= awscall.MostForm
	return !stream && (json || post && untyped)
}

// hasPayload reports whether the body of r has the content that a mark wants.
func hasPayload(r *http.Request, want string) (bool, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return judged.HasPayload(nil, want), nil
	}
	text, whole, err := buffer(r, maxPayload)
	return whole && judged.HasPayload(text, want), err
}

// buffer reads up to most bytes of r's body, and gives r a body that has them, and what follows
// them. whole means that nothing follows.
func buffer(r *http.Request, most int) (text []byte, whole bool, err error) {
	text, err = readAll(r.Context(), r.Body, most)
	if err != nil {
		return nil, false, err
	}
	if len(text) > most {
		r.Body, r.GetBody = &form{io.MultiReader(bytes.NewReader(text), r.Body), r.Body}, nil
		return text, false, nil
	}
	r.Body = &form{bytes.NewReader(text), r.Body}
	r.GetBody = func() (io.ReadCloser, error) { return &form{bytes.NewReader(text), io.NopCloser(nil)}, nil }
	return text, true, nil
}

var errEnded = errors.New("httpguard: the body has ended the goroutine that read it")

// readAll reads one byte more than most, or until the context ends. Whoever writes the body may
// wait for ever, and closing it, which is the caller's to do, need not end a Read.
func readAll(ctx context.Context, body io.Reader, most int) ([]byte, error) {
	type read struct {
		text []byte
		err  error
	}
	done := make(chan read, 1)
	go func() {
		r := read{err: errEnded}
		defer func() { done <- r }() // a Read may end its goroutine
		r.text, r.err = io.ReadAll(io.LimitReader(body, int64(most)+1))
	}()
	select {
	case r := <-done:
		return r.text, r.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// A form is a body that is read from one place, and closes another.
type form struct {
	from io.Reader
	of   io.Closer
}

func (f *form) Read(p []byte) (int, error) { return f.from.Read(p) }

// Close closes what the form was made of.
func (f *form) Close() error { return f.of.Close() }
