package options

import (
	"context"
	"net"
)

type ContextDialer interface {
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}

type ClientOptions struct{}

func Client() *ClientOptions                                    { return nil }
func (c *ClientOptions) ApplyURI(string) *ClientOptions         { return c }
func (c *ClientOptions) SetDialer(ContextDialer) *ClientOptions { return c }
