package nats

import "net"

type Option func()
type CustomDialer interface {
	Dial(network, address string) (net.Conn, error)
}
type Conn struct{}

func SetCustomDialer(CustomDialer) Option      { return nil }
func SkipHostLookup() Option                   { return nil }
func Connect(string, ...Option) (*Conn, error) { return nil, nil }
