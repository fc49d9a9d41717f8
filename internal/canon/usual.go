package canon

import "net/http"

// Usual reads r into q, as [Parse] would, if r is as most requests are: one host, which is a name
// in canonical form, and nothing to refuse. If ok is false, q is of no use and Parse has to read r.
//
// Usual takes half of Parse's time. Parse has to return a copy, because a pointer to its result
// would move the buffer to the heap.
func (q *Request) Usual(r *http.Request) (ok bool) {
	u := r.URL
	if u == nil || u.Opaque != "" || r.Host != "" && r.Host != u.Host || !usualName(u.Host) || !noControl(u.RawQuery) ||
		len(r.TransferEncoding) > 0 || len(r.Trailer) > 0 {
		return false
	}
	// Written in place, because a Request is large.
	d := &q.Dests[0]
	switch u.Scheme {
	case "https":
		d.Scheme, d.Port = "https", 443
	case "http":
		d.Scheme, d.Port = "http", 80
	default:
		return false
	}
	d.Host, q.N = u.Host, 1
	switch r.Method {
	case http.MethodGet, "":
		q.Method = http.MethodGet
	case http.MethodPost:
		q.Method = http.MethodPost
	// A tunnel has no path to read, and Parse knows its targets.
	case http.MethodConnect:
		return false
	default:
		if q.Method = r.Method; !isToken(q.Method) {
			return false
		}
	}
	signed := u.RawQuery != "" && querySigns(u.RawQuery)
	for key, values := range r.Header {
		signs, refused := readField(key, values)
		if refused != "" {
			return false
		}
		signed = signed || signs
	}
	q.Signed = signed
	var err error
	q.Path, err = sentPath(u)
	return err == nil
}

// usualName reports whether s is a host name in canonical form without a port, short enough that no
// label is too long.
func usualName(s string) bool {
	if s == "" || len(s) > 63 {
		return false
	}
	start := 0 // of the label
	for i := range len(s) {
		c := s[i]
		if labels[c] {
			continue
		}
		if c != '.' || i == start {
			return false
		}
		start = i + 1
	}
	// A last label with a digit in front may be a legacy IPv4 address.
	return start < len(s) && (s[start] < '0' || s[start] > '9')
}

// labels holds the characters of a label in canonical form.
var labels = set("0123456789abcdefghijklmnopqrstuvwxyz-_")
