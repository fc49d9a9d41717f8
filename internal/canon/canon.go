// Package canon brings a request to canonical form: every destination it can reach, and every way a server may read its path.
package canon

import "net/netip"

// A Request is one request in canonical form. It has a fixed size and lives on its caller's stack.
type Request struct {
	Method string
	Dests  [6]Dest // the first N; Dests[0] is what is dialed
	N      int
}

// A Dest is one destination of a request.
type Dest struct {
	Scheme string     // "http" or "https"
	Host   string     // lower case, ASCII, without the trailing dot; "localhost" for an empty host; "" for an address
	Addr   netip.Addr // valid when the host is an address: IPv4-mapped ones unmapped, without a zone
	Port   uint16
}
