// Package canon brings a request to canonical form: every destination it can reach, and every way a server may read its
// path. [Parse] does it without allocating for ASCII hosts.
//
// What net/http does with a request is the measure: the names here are the ones it dials and writes. A request that
// cannot be read is refused with a reason; it is never matched as something else.
package canon

import (
	"net/http"
	"net/netip"
	"strings"
)

// maxDests is how many destinations one request may name; more are refused.
const maxDests = 4

// A Request is one request in canonical form. It has a fixed size and lives on its caller's stack.
type Request struct {
	Method string // as sent; "GET" for ""
	Tunnel bool   // CONNECT: what goes through is not seen, so its paths are not known
	Dests  [maxDests]Dest
	N      int // how many of Dests are set; Dests[0] is what is dialed
	Path   Path
}

// A Dest is one destination of a request.
type Dest struct {
	Scheme string     // "http" or "https"
	Host   string     // lower case, ASCII, without the trailing dot; "localhost" for an empty host; "" for an address
	Addr   netip.Addr // valid when the host is an address: IPv4-mapped ones unmapped, without a zone
	Port   uint16
}

// A Buf holds the canonical hosts of a Request whose own are not in canonical form. It must live as long as the Request. A nil Buf
// is the heap.
type Buf [256]byte

// Malformed is why a request cannot be read.
type Malformed string

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
	if q.Method == "" {
		q.Method = http.MethodGet
	}
	if q.Method != http.MethodGet && q.Method != http.MethodPost && !isToken(q.Method) {
		return q, Malformed("the method is not a token")
	}
	q.Tunnel = q.Method == http.MethodConnect

	var names authorities
	names.add(authority{text: u.Host, scheme: u.Scheme, mapped: true}) // what is dialed comes first
	host := r.Host
	if host == "" {
		host = u.Host
	}
	ok := true
	if ascii := isASCII(host); host != u.Host || !ascii {
		ok = names.add(authority{text: host, scheme: u.Scheme, mapped: ascii}) &&
			(ascii || names.add(authority{text: host, scheme: u.Scheme, mapped: true}))
	}
	for key, values := range r.Header {
		if !validName(key) {
			return q, Malformed("a header's name is not a token")
		}
		// net/http leaves out the key "Host" and writes any other spelling of it as a second Host line.
		isHost := len(key) == 4 && key != "Host" && strings.EqualFold(key, "host")
		for _, value := range values {
			if !validValue(value) {
				return q, Malformed("a header's value has a control character")
			}
			if isHost && value != u.Host {
				ok = ok && names.add(authority{text: value, scheme: u.Scheme, mapped: true})
			}
		}
	}
	if u.Opaque == "" {
		q.Path, err = sentPath(u)
	} else {
		var target authority
		target, q.Path, err = opaquePath(u, q.Tunnel)
		if target.text != "" {
			ok = ok && names.add(target)
		}
	}
	switch {
	case err != nil:
		return q, err
	case !ok:
		return q, tooManyHosts
	case len(q.Path.text) > maxUnplainPath && !q.Path.Plain():
		return q, Malformed("the path is too long to be read in all ways that servers read it")
	case !noControl(u.RawQuery):
		return q, Malformed("the query has a control character")
	}

	used := 0
	for i := range names.n {
		d, legacy, err := names.list[i].dest(buf, &used)
		if err != nil {
			return q, err
		}
		if i > 0 && d == q.Dests[0] {
			continue
		}
		if q.N == maxDests || legacy.IsValid() && q.N == maxDests-1 {
			return q, tooManyHosts
		}
		q.Dests[q.N] = d
		q.N++
		if legacy.IsValid() { // "127.1": an address to some resolvers, a name to others
			q.Dests[q.N] = Dest{Scheme: d.Scheme, Addr: legacy, Port: d.Port}
			q.N++
		}
	}
	return q, nil
}

// maxUnplainPath bounds the work that one path can make: the longest that servers take is 16 KB.
const maxUnplainPath = 16 << 10

const tooManyHosts = Malformed("the request names too many hosts")

// authorities are what a request names as a host, as written.
type authorities struct {
	list [maxDests]authority
	n    int
}

// add reports whether there was room.
func (a *authorities) add(name authority) bool {
	if a.n == maxDests {
		return false
	}
	a.list[a.n] = name
	a.n++
	return true
}

// Others are addresses that d may reach besides the one it names: what IPv6 addresses embed (NAT64, 6to4 and the like), this machine
// for an unspecified address, and what "localhost" always resolves to. A blacklist holds for them too.
func (d *Dest) Others() (others [2]netip.Addr, n int) {
	if !d.Addr.IsValid() {
		if d.Host == "localhost" {
			return [2]netip.Addr{loopback4, loopback6}, 2
		}
		return others, 0
	}
	if d.Addr.IsUnspecified() {
		return [2]netip.Addr{loopback4, loopback6}, 2
	}
	if d.Addr.Is6() {
		if v4, ok := embedded(d.Addr); ok {
			others[0] = v4
			n = 1
			if v4.IsUnspecified() {
				others[1] = loopback4
				n = 2
			}
		}
	}
	return others, n
}

var (
	loopback4 = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	loopback6 = netip.IPv6Loopback()
)

// embedded is the IPv4 address in an IPv6 one whose prefix says that it holds one: NAT64 (RFC 6052, RFC 8215), 6to4 (RFC
// 3056), IPv4-compatible (RFC 4291) and IPv4-translated (RFC 2765) addresses.
func embedded(a netip.Addr) (netip.Addr, bool) {
	b := a.As16()
	last := netip.AddrFrom4([4]byte(b[12:]))
	switch {
	case nat64.Contains(a), nat64Local.Contains(a), translated.Contains(a):
		return last, true
	case sixToFour.Contains(a):
		return netip.AddrFrom4([4]byte(b[2:6])), true
	case compatible.Contains(a) && a != loopback6:
		return last, true
	}
	return netip.Addr{}, false
}

var (
	nat64      = netip.MustParsePrefix("64:ff9b::/96")
	nat64Local = netip.MustParsePrefix("64:ff9b:1::/48")
	sixToFour  = netip.MustParsePrefix("2002::/16")
	compatible = netip.MustParsePrefix("::/96")
	translated = netip.MustParsePrefix("::ffff:0:0:0/96")
)
