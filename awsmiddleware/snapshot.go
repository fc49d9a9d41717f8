package awsmiddleware

import (
	"bytes"
	"io"
	"net/url"
	"strings"

	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/outguard/outguard/internal/judged"
)

// A snapshot is what decides which call a request is.
type snapshot struct {
	method, path, query string
	to                  destination
	header, typed       uint64 // sums of the headers that decide, and of the content type
	stream              io.Reader
	content             content
}

// A destination is where a request goes to.
type destination struct{ scheme, host, authority string }

// destinationOf returns where r goes to. r.Host counts too: it becomes the Host header, by which
// AWS selects the bucket.
func destinationOf(r *smithyhttp.Request) destination {
	return destination{r.URL.Scheme, r.URL.Host, r.Host}
}

// take makes s the snapshot of a request of an operation, if it is one.
func (s *snapshot) take(request any, operation string) {
	r, ok := request.(*smithyhttp.Request)
	if !ok || r.URL == nil {
		return
	}
	s.method, s.path, s.query, s.to = r.Method, r.URL.EscapedPath(), r.URL.RawQuery, destinationOf(r)
	s.header, s.typed = sums(r)
	s.stream = r.GetStream()
	s.content.of(s.stream, operation)
}

// taken reports whether there was a request.
func (s *snapshot) taken() bool { return s.header != 0 || s.method != "" }

// same reports whether r is the same call still, but for its path, its destination and its body.
func (s *snapshot) same(r *smithyhttp.Request) bool {
	if r.Method != s.method || r.URL.Opaque != "" || !sameQuery(s.query, r.URL.RawQuery) {
		return false
	}
	header, typed := sums(r)
	untyped := typed == 0 && r.GetStream() == nil // the SDK leaves the type out where there is no body
	return header == s.header && (typed == s.typed || untyped)
}

// sums returns numbers that differ, but for a tiny chance, for other headers and another content
// type.
func sums(r *smithyhttp.Request) (header, typed uint64) {
	for key, values := range r.Header {
		switch {
		case strings.EqualFold(key, "Content-Type"):
			typed += judged.SumOf(key, values)
		case decides(key):
			// A map has no order, so the sums are added.
			header += judged.SumOf(key, values)
		}
	}
	return header, typed
}

// sameQuery reports whether two queries are equal, as signing writes them anew. How long a URL is
// good for makes no difference.
func sameQuery(a, b string) bool {
	if a == b {
		return true
	}
	x, errA := url.ParseQuery(a)
	y, errB := url.ParseQuery(b)
	// S3's client adds it after the serializer, from PresignOptions.Expires.
	x.Del("X-Amz-Expires")
	y.Del("X-Amz-Expires")
	return errA == nil && errB == nil && x.Encode() == y.Encode()
}

// decides reports whether a header can make another call of a request. The SDK's own later steps
// add those that are left out.
func decides(key string) bool {
	if len(key) < 7 || !strings.EqualFold(key[:6], "x-amz-") {
		return false
	}
	var buf [24]byte // longer than any of them
	rest := buf[:copy(buf[:], key[6:])]
	for i, c := range rest {
		if c >= 'A' && c <= 'Z' {
			rest[i] = c | 0x20
		}
	}
	// All other X-Amz headers may decide: x-amz-copy-source names the object that is read.
	switch string(rest) {
	case "date", "security-token", "content-sha256", "s3session-token", "region-set", "user-agent",
		"trailer", "expires", "decoded-content-length", "sdk-checksum-algorithm", "checksum-algorithm", "te",
		"glacier-version", "sha256-tree-hash", "api-version":
		return false
	default:
		return !bytes.HasPrefix(rest, []byte("checksum-"))
	}
}

// isChanged reports whether r is another call than the serializer has made of the input.
func (c *call) isChanged(r *smithyhttp.Request) bool {
	if !c.made.taken() {
		return false // there is no serializer
	}
	// S3 may add the bucket to the path when the endpoint is resolved. Then the serializer's path
	// does not count.
	want := c.endpointPath
	if want == "" {
		want = c.made.path
	}
	return c.changed || r.URL == nil || r.URL.EscapedPath() != want || !c.made.same(r) || !c.sameBody(r)
}
