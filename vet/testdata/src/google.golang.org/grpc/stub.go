package grpc

import (
	"context"
	"net"
)

type DialOption any
type ClientConn struct{}

func WithContextDialer(func(context.Context, string) (net.Conn, error)) DialOption { return nil }
func NewClient(string, ...DialOption) (*ClientConn, error)                         { return nil, nil }
