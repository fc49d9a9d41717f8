package canon

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
)

// A question is a request that is never sent: it asks net/http which host it would dial. It is also
// the key by which a context carries the mark.
type question struct{}

// IsQuestion reports whether a request with this context asks for the host that net/http dials.
// Nothing is sent for it, so that no guard judges it.
func IsQuestion(ctx context.Context) bool {
	m, _ := ctx.Value(question{}).(*byte)
	return m == &questionMark
}

// The context of a question holds the address of questionMark. Code can give a context any value
// for any key. It never gets the context of a question, and so not this address.
var questionMark byte

// asking returns the context of a question.
func asking() context.Context {
	return context.WithValue(context.Background(), question{}, &questionMark)
}

// An answer is the latest question about a host, and what came of it. It never changes once it is
// stored, so readers need no lock.
type answer struct {
	host, dialed string
	ok           bool
}

// latest has one answer only: programs with a host that is not ASCII mostly call that one again,
// and an attacker cannot fill it.
var latest atomic.Pointer[answer]

// Dialed returns the host that net/http dials for a host. ASCII is dialed as it is. For the rest,
// the tables of Unicode count, which differ between releases of Go and of golang.org/x/net. Only
// the net/http of this very program knows: a transport of its own is asked, which stops before it
// dials. That takes 10 µs, so the latest answer is kept. ok is false if net/http dials nothing.
//
// See decision 37.
func Dialed(host string) (name string, ok bool) {
	if isASCII(host) {
		return host, true
	}
	if a := latest.Load(); a != nil && a.host == host {
		return a.dialed, a.ok
	}
	a := &answer{host: host}
	// DialContext gets the name after the mapping.
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

// written returns the Host line that net/http writes for a host, which it encodes by other rules
// than the name that it dials. ok is false if net/http refuses the host.
func written(host string) (line string, ok bool) {
	var sent bytes.Buffer
	r := http.Request{Method: http.MethodGet, URL: &url.URL{Path: "/"}, Host: host}
	// Write alone shows the line, because net/http exports no function for it. Nothing is sent.
	if err := r.Write(&sent); err != nil {
		return "", false
	}
	_, header, _ := strings.Cut(sent.String(), "\r\nHost: ")
	line, _, ok = strings.Cut(header, "\r\n")
	return line, ok
}
