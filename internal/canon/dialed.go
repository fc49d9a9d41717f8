package canon

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
)

// A question is a request that is never sent: it asks net/http which host it would dial.
type question struct{}

// IsQuestion reports whether a request with this context asks for the host that net/http dials.
// Nothing is sent for it, so that no guard judges it.
func IsQuestion(ctx context.Context) bool { return ctx.Value(question{}) != nil }

// asking returns the context of a question.
func asking() context.Context { return context.WithValue(context.Background(), question{}, true) }

// An answer is the latest question about a host, and what came of it.
type answer struct {
	host, dialed string
	ok           bool
}

var latest atomic.Pointer[answer]

// dialed returns the host that net/http dials for a host with other than ASCII characters. The
// tables of Unicode differ between releases of Go and of golang.org/x/net, so only the net/http of
// this very program knows: a transport of its own is asked, which stops before it dials. That takes
// 10 µs, so the latest answer is kept. ok is false if net/http dials nothing.
//
// See decision 37.
func dialed(host string) (name string, ok bool) {
	if a := latest.Load(); a != nil && a.host == host {
		return a.dialed, a.ok
	}
	a := &answer{host: host}
	t := &http.Transport{DialContext: func(_ context.Context, _, addr string) (net.Conn, error) {
		var err error
		a.dialed, _, err = net.SplitHostPort(addr)
		a.ok = err == nil
		return nil, net.ErrClosed // nothing is dialed
	}}
	r := &http.Request{Method: http.MethodGet, URL: &url.URL{Scheme: "http", Host: host + ":80"}, Header: http.Header{}}
	if resp, err := t.RoundTrip(r.WithContext(asking())); err == nil {
		resp.Body.Close() // cannot be
	}
	latest.Store(a)
	return a.dialed, a.ok
}
