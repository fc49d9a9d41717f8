// Package canon brings a request to canonical form: every destination it can reach, and every way a
// server may read its path. [Parse] and [Request.Usual] do it, without allocating for ASCII hosts.
//
// The names here are the ones that net/http dials and writes. A request that cannot be read is
// refused with a reason. It is never matched as something else.
//
// All work is linear in the size of the request. The readings of one path have a bound, see
// [Path.Readings].
package canon

import (
	"net/http"
	"net/netip"
)

// maxDests is how many destinations one request may name; more are refused. A usual request names
// one. Others are its Host, in two encodings, the target of an opaque URL, and legacy forms of IPv4
// addresses.
const maxDests = 4

// A Request is one request in canonical form. It has a fixed size and lives on its caller's stack.
type Request struct {
	Method string // as sent; "GET" for ""
	Tunnel bool   // CONNECT: nobody sees what goes through the tunnel, so its paths are not known
	Dests  [maxDests]Dest
	N      int // how many of Dests are set; Dests[0] is what is dialed
	Path   Path
	// Steps is how many steps are left to compare the path with rules, for package httprules.
	Steps int
	// Signed reports that the request may be signed for AWS, by what its header and its query look
	// like.
	Signed bool
}

// A Dest is one destination of a request.
type Dest struct {
	Scheme string     // "http" or "https"
	Host   string     // lower case, ASCII, without the trailing dot; "" for an address
	Addr   netip.Addr // valid when the host is an address; IPv4-mapped ones are unmapped
	Port   uint16
}

// A Buf holds the hosts of a Request that had to be brought to canonical form. It must live as long
// as the Request. With a nil Buf they are on the heap.
type Buf [256]byte

// Malformed is why a request cannot be read.
type Malformed string

// Error returns m. A Malformed holds no text of the request, so it may be shown anywhere.
func (m Malformed) Error() string { return string(m) }

// Parse reads r, which it neither changes nor keeps. The error is a Malformed.
func Parse(r *http.Request, buf *Buf) (q Request, err error) {
	u := r.URL
	if u == nil {
		return q, Malformed("the request has no URL")
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return q, Malformed("the scheme is not http or https")
	}
	if u.Host == "" {
		return q, Malformed("the URL has no host")
	}
	q.Method = r.Method
	// net/http writes GET for an empty method.
	if q.Method == "" {
		q.Method = http.MethodGet
	}
	// A method with a line feed could end the request line, and begin another request.
	if q.Method != http.MethodGet && q.Method != http.MethodPost && !isToken(q.Method) {
		return q, Malformed("the method is not a token")
	}
	q.Tunnel = q.Method == http.MethodConnect

	dialed := authority{text: u.Host, scheme: u.Scheme}
	used := 0
	d, legacy, err := dialed.dest(buf, &used)
	if err != nil {
		return q, err
	}
	q.Dests[0], q.N = d, 1
	// Nearly all requests name one host. Only the others need addNamed.
	alone := !legacy.IsValid() && (r.Host == "" || r.Host == u.Host) && u.Opaque == "" && isASCII(u.Host)
	if err := checkFraming(r); err != nil {
		return q, err
	}
	for key, values := range r.Header {
		signs, refused := readField(key, values)
		if refused != "" {
			return q, refused
		}
		q.Signed = q.Signed || signs
	}
	q.Signed = q.Signed || querySigns(u.RawQuery) || querySigns(opaqueQuery(u.Opaque))
	if u.Opaque == "" {
		if q.Path, err = sentPath(u); err != nil {
			return q, err
		}
	}
	if !alone {
		if q, err = addNamed(q, r, legacy, buf, used); err != nil {
			return q, err
		}
	}
	if !noControl(u.RawQuery) {
		return q, Malformed("the query has a control character")
	}
	return q, nil
}

// tooManyHosts is why a request with more than maxDests destinations is refused.
const tooManyHosts = Malformed("the request names too many hosts")

// addNamed adds to q, which has what is dialed, whatever else the request names. It takes and
// returns q by value, because what is stored through a pointer moves to the heap.
func addNamed(q Request, r *http.Request, legacy netip.Addr, buf *Buf, used int) (Request, error) {
	u := r.URL
	var room [maxDests]authority
	names := room[:0]
	host := r.Host
	if host == "" {
		host = u.Host
	}
	// A server that many names share, such as a CDN, goes by the Host line. A request dialed to an
	// allowed name could reach any other tenant with it.
	names = append(names, authority{text: host, scheme: u.Scheme})
	if !isASCII(host) {
		// IDNA takes long for long names, so the length is checked first.
		if len(host) > maxUnicode+len(":65535") {
			return q, tooLongForIDNA
		}
		// net/http writes another encoding into the Host line than it dials. Both are judged.
		line, ok := written(host)
		if !ok {
			return q, Malformed("the host is not a name that IDNA can write")
		}
		names = append(names, authority{text: line, scheme: u.Scheme})
	}
	// net/http writes Opaque as the request line's target. With "//evil.example/x", proxies and
	// some servers go by the host in it.
	if u.Opaque != "" {
		target, path, err := opaquePath(u, q.Tunnel)
		if err != nil {
			return q, err
		}
		q.Path = path
		if target.text != "" {
			names = append(names, target)
		}
	}
	for i := 0; ; i++ {
		if legacy.IsValid() { // "127.1": an address to some resolvers, a name to others
			if q.N == maxDests {
				return q, tooManyHosts
			}
			q.Dests[q.N] = Dest{Scheme: q.Dests[q.N-1].Scheme, Addr: legacy, Port: q.Dests[q.N-1].Port}
			q.N++
		}
		if i == len(names) {
			return q, nil
		}
		d, l, err := names[i].dest(buf, &used)
		if err != nil {
			return q, err
		}
		// The same destination again, usually in another spelling. Its legacy form is among Dests
		// already.
		if legacy = l; d == q.Dests[0] {
			legacy = netip.Addr{}
			continue
		}
		if q.N == maxDests {
			return q, tooManyHosts
		}
		q.Dests[q.N] = d
		q.N++
	}
}
