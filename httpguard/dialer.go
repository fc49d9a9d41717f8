package httpguard

import (
	"context"
	"net"
)

// A Dialer is [DialContext] for libraries that take a dialer and not a function. The zero Dialer
// refuses every dial. Its fields must not change after the first use.
type Dialer struct {
	Guard Guard
	Net   *net.Dialer // nil: the dialer of http.DefaultTransport
}

// DialContext dials addr if the guard lets it pass.
func (d *Dialer) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	return DialContext(d.Guard, d.Net)(ctx, network, addr)
}

// Dial is DialContext without a context.
func (d *Dialer) Dial(network, addr string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, addr)
}
