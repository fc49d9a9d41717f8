package canon

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Of a request that cannot be read, destinations count only if all of them can be read.
func TestUnread(t *testing.T) {
	const via = "https://h.example/v1/x"
	header := func(key, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header = http.Header{key: {value}} }
	}
	long := func(r *http.Request) { r.URL.Path = "/" + strings.Repeat("%252e;/", maxWork/8) }
	for _, c := range []struct {
		name         string
		req          *http.Request
		hosts        string
		signed, wide bool
	}{
		{"a header's name", get(t, via, header("a b", "x")), "h.example", false, false},
		{"a header's value", get(t, via, header("Authorization", "AWS4-HMAC-SHA256 \x00")), "h.example", true, false},
		{"the query", get(t, via, func(r *http.Request) { r.URL.RawQuery = "X-Amz-Signature=\x00" }), "h.example", true, false},
		{"the path", get(t, via, long), "h.example", false, false},
		{"the path, for another host", get(t, via, long, host("evil.example")), "h.example evil.example", false, false},
		{"the method", get(t, via, method("G ET")), "h.example", false, true},
		{"a header's name of a tunnel", get(t, via, method("CONNECT"), header("a b", "x")), "h.example", false, true},
		{"the host", get(t, "https://h..example/"), "", false, false},
		{"no host", get(t, "http://:80/"), "", false, false},
		{"the other host", get(t, via, host("h..example")), "", false, false},
		{"the opaque part", get(t, via, opaque("//a b/")), "", false, false},
		{"the scheme", get(t, "ftp://h.example/"), "", false, false},
		{"the URL", &http.Request{Method: "PUT"}, "", false, false},
		{"everything", &http.Request{}, "", false, false},
	} {
		_, err := Parse(c.req, nil)
		assert.Error(t, err, c.name)
		q := Unread(c.req, nil)
		var hosts []string
		for _, d := range q.Dests[:q.N] {
			hosts = append(hosts, d.Host)
		}
		assert.Equal(t, c.hosts, strings.Join(hosts, " "), c.name)
		assert.Equal(t, c.signed, q.Signed, c.name)
		assert.Equal(t, c.signed, MaySign(c.req), c.name)
		assert.Equal(t, c.wide, q.Tunnel, c.name)
		assert.True(t, q.Path.Unknown(), c.name)
		assert.True(t, isToken(q.Method), c.name)
	}
}
