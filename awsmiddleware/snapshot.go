package awsmiddleware

import (
	"context"
	"io"
	"net/url"
	"reflect"
	"strings"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/outguard/outguard/internal/judged"
)

// A snapshot is what decides which call a request is.
type snapshot struct {
	method, path, query string
	header, typed       uint64 // sums of the headers that decide, and of the content type
	stream              io.Reader
}

// take makes s the snapshot of a request, if it is one.
func (s *snapshot) take(request any) {
	r, ok := request.(*smithyhttp.Request)
	if !ok || r.URL == nil {
		return
	}
	*s = snapshot{method: r.Method, path: r.URL.EscapedPath(), query: r.URL.RawQuery, stream: r.GetStream()}
	s.header, s.typed = sums(r)
}

// taken reports whether there was a request.
func (s *snapshot) taken() bool { return s.header != 0 || s.method != "" }

// same reports whether r is the same call still. body: the body decides too. The path is not
// compared.
func (s *snapshot) same(r *smithyhttp.Request, body bool) bool {
	if r.Method != s.method || r.URL.Opaque != "" || !sameQuery(s.query, r.URL.RawQuery) {
		return false
	}
	header, typed := sums(r)
	untyped := typed == 0 && r.GetStream() == nil // the SDK leaves the type out where there is no body
	return header == s.header && (typed == s.typed || untyped) && (!body || sameStream(s.stream, r.GetStream()))
}

// sums returns numbers that differ, but for a tiny chance, for other headers and another content
// type.
func sums(r *smithyhttp.Request) (header, typed uint64) {
	for key, values := range r.Header {
		switch {
		case strings.EqualFold(key, "Content-Type"):
			typed += judged.SumOf(key, values)
		case decides(key):
			header += judged.SumOf(key, values)
		}
	}
	return header, typed
}

// sameQuery reports whether two queries are equal, as signing writes them anew.
func sameQuery(a, b string) bool {
	if a == b {
		return true
	}
	x, errA := url.ParseQuery(a)
	y, errB := url.ParseQuery(b)
	return errA == nil && errB == nil && x.Encode() == y.Encode()
}

func sameStream(a, b io.Reader) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return reflect.TypeOf(a) == reflect.TypeOf(b) && reflect.ValueOf(a).Comparable() && a == b
}

// decides reports whether a header can make another call of a request. The SDK's own later steps
// add those that are left out.
func decides(key string) bool {
	if len(key) < 7 || !strings.EqualFold(key[:6], "x-amz-") {
		return false
	}
	switch rest := strings.ToLower(key[6:]); rest {
	case "date", "security-token", "content-sha256", "s3session-token", "region-set", "user-agent",
		"trailer", "decoded-content-length", "sdk-checksum-algorithm", "checksum-algorithm", "te",
		"glacier-version", "sha256-tree-hash", "api-version":
		return false
	default:
		return !strings.HasPrefix(rest, "checksum-")
	}
}

// bodyDecides reports whether the body of an operation says on what it acts. That of an upload
// does not: it is the input's Body, which the SDK may wrap. Nor can one be compared that is
// compressed on the way.
func (c *call) bodyDecides() bool {
	if t := structType(c.operation.Input); t != nil && t.Kind() == reflect.Struct {
		if f, ok := t.FieldByName("Body"); ok && f.Type == reflect.TypeFor[io.Reader]() {
			return false
		}
	}
	for _, id := range [...]string{"RequestCompression", "requestCompression"} {
		if m, ok := c.stack.Serialize.Get(id); ok && isCompression(m) {
			return false
		}
		if m, ok := c.stack.Build.Get(id); ok && isCompression(m) {
			return false
		}
	}
	return true
}

func isCompression(m any) bool {
	t := structType(m)
	return t != nil && t.PkgPath() == "github.com/aws/smithy-go/private/requestcompression"
}

// The SDK puts the endpoint into the request in the step ResolveEndpointV2: it may add to the path.
const resolveEndpoint = "ResolveEndpointV2"

// watchEndpoint puts a step right before that one, which finds changes of the path, and one right
// after it, which notes the path that it has come to. Clients that do not have it set the endpoint
// before the serializer.
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
			c.endpointPath = path
		} else if path != c.made.path {
			c.changed = true
		}
	}
	return next.HandleFinalize(ctx, in)
}

// isChanged reports whether r is another call than the serializer has made of the input.
func (c *call) isChanged(r *smithyhttp.Request) bool {
	if !c.made.taken() {
		return false // there is no serializer
	}
	want := c.endpointPath
	if want == "" {
		want = c.made.path
	}
	return c.changed || r.URL == nil || r.URL.EscapedPath() != want || !c.made.same(r, c.bodyDecides())
}
