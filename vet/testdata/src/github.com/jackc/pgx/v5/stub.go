package pgx

import (
	"context"
	"net"
)

type ConnConfig struct {
	DialFunc   func(ctx context.Context, network, addr string) (net.Conn, error)
	LookupFunc func(ctx context.Context, host string) ([]string, error)
}

type Conn struct{}

func ParseConfig(string) (*ConnConfig, error)                   { return nil, nil }
func Connect(context.Context, string) (*Conn, error)            { return nil, nil }
func ConnectConfig(context.Context, *ConnConfig) (*Conn, error) { return nil, nil }
