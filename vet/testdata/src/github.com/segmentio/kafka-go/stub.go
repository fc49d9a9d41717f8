package kafka

import (
	"context"
	"net"
)

type Dialer struct {
	DialFunc func(ctx context.Context, network, addr string) (net.Conn, error)
}

type ReaderConfig struct{ Dialer *Dialer }
type Reader struct{}
type RoundTripper any
type Writer struct{ Transport RoundTripper }
type Transport struct {
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
}

func NewReader(ReaderConfig) *Reader { return nil }
