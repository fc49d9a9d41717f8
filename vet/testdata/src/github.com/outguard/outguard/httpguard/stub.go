package httpguard

import (
	"context"
	"net"
	"net/http"
)

type Guard any

type Dialer struct{ Guard Guard }

func (*Dialer) Dial(network, addr string) (net.Conn, error) { return nil, nil }
func (*Dialer) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	return nil, nil
}

type Transport struct {
	Guard Guard
	Base  http.RoundTripper
}

func (*Transport) RoundTrip(*http.Request) (*http.Response, error) { return nil, nil }

func DialContext(Guard, *net.Dialer) func(ctx context.Context, network, addr string) (net.Conn, error) {
	return nil
}
