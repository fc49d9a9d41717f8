// Package trace is a round tripper as instrumentation puts it around another: it lies below the
// client, so that it is not the caller.
package trace

import "net/http"

type transport struct{ base http.RoundTripper }

// New returns a round tripper that passes requests on to base.
func New(base http.RoundTripper) http.RoundTripper { return transport{base} }

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Traceparent", "00-0-0-01")
	return t.base.RoundTrip(r)
}
