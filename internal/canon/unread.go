package canon

import (
	"net/http"
	"net/url"
)

// Unread returns what is known of a request that [Parse] refuses, for blacklists: its path is
// unknown, and N is 0 unless every destination can be read. A request whose method cannot be read
// is taken for a tunnel, which may have any method.
func Unread(r *http.Request, buf *Buf) (q Request) {
	if u := r.URL; u != nil {
		// Without headers, path and query, most of what Parse refuses is gone, and the hosts may be
		// readable.
		hosts := url.URL{Scheme: u.Scheme, Host: u.Host, Opaque: u.Opaque}
		named := http.Request{Method: r.Method, Host: r.Host, URL: &hosts}
		// The method must not keep the hosts from being read.
		if r.Method != "" && !isToken(r.Method) {
			named.Method = http.MethodGet
		}
		var err error
		if q, err = Parse(&named, buf); err != nil {
			q = Request{Method: named.Method, Tunnel: named.Method == http.MethodConnect}
		}
		q.Signed = q.Signed || querySigns(u.RawQuery) || querySigns(opaqueQuery(u.Opaque))
	}
	for key, values := range r.Header {
		q.Signed = q.Signed || FieldSigns(key, values)
	}
	if q.Method == "" {
		q.Method = http.MethodGet
	}
	q.Tunnel = q.Tunnel || r.Method != "" && !isToken(r.Method)
	// Its path may be any: a blacklist rule with a path applies, whatever the path is.
	q.Path = Path{text: "/", traits: deep | irregular}
	return q
}
