package awscall

import (
	"bytes"
	"net/url"
	"slices"
	"strings"
)

// Elsewhere compares the request of a call with what ts has collected from its input. It reports
// true if the request names another bucket, object or account, and returns the ARN of what it
// names, or none if that is not known. before is what stands before the service in the endpoint.
// Overridden endpoints can begin with another bucket or account than the input's.
func (ts *Touches) Elsewhere(u *url.URL, e *Endpoint, before string) (arns []string, other bool) {
	// Outside S3, only the account can stand before the service.
	if e.Service() != "s3" {
		return nil, !slices.ContainsFunc(ts.List, func(t Touch) bool { return t.Account == before })
	}
	p := s3Place{Endpoint: e, kind: e.s3, bucket: before, key: strings.TrimLeft(u.Path, "/")}
	// In path style, the bucket is the first element of the path.
	if p.bucket == "" {
		p.bucket, p.key, _ = strings.Cut(p.key, "/")
	}
	switch p.kind {
	// The usual hosts: bucket and key are compared with each touch.
	case "s3", "s3-external-1", "s3-accelerate":
		if p.bucket == "" || slices.ContainsFunc(ts.List, func(t Touch) bool { return t.holds(p.bucket, p.key) }) {
			return nil, false
		}
	}
	arn := p.arn("")
	if arn == "" {
		return nil, p.kind == "s3"
	}
	// Access points have ARNs of their own.
	key := p.key
	p.key = ""
	point := p.arn("")
	return []string{arn}, !slices.ContainsFunc(ts.List, func(t Touch) bool { return t.behind(point, key, p.kind) })
}

// holds reports whether a touch is an object in a bucket. With key "", it reports whether it is the
// bucket or any object in it.
func (t *Touch) holds(bucket, key string) bool {
	rest, ok := bytes.CutPrefix(t.Resource, []byte(bucket))
	if !ok || t.State != Known || t.Service != "s3" || t.Account != "" {
		return false
	}
	// The client may have put a slash in front of the key.
	name, inside := bytes.CutPrefix(rest, []byte("/"))
	return len(rest) == 0 && key == "" ||
		inside && (key == "" || string(bytes.TrimLeft(name, "/")) == strings.TrimLeft(key, "/"))
}

// behind reports whether a touch is an object behind an access point. With key "", it reports
// whether it is the access point or any object behind it.
func (t *Touch) behind(point, key, kind string) bool {
	rest, ok := strings.CutPrefix(t.ARN(), point)
	if !ok || rest == "" {
		return ok && (key == "" || kind == "s3-object-lambda")
	}
	name, inside := strings.CutPrefix(rest, "/object/")
	return inside && (key == "" || strings.TrimLeft(name, "/") == key)
}
