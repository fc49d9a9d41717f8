package ways

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/smtp"
	"time"

	"github.com/outguard/outguard/guard"
	"github.com/outguard/outguard/httpguard"
)

// netWays are those of packages net and crypto/tls.
var netWays = map[string]Way{
	"net.Dial":                                   dialed("tcp", built("net.Dial")),
	"net.Dial, to an address":                    dialed("tcp", built("net.Dial")),
	"net.Dialer with the context":                dialed("tcp", dialer("tcp")),
	"net.Dialer with the context, to an address": dialed("tcp", dialer("tcp")),
	"net.DialTCP":                                {Plain: built("net.DialTCP")},
	"UDP, net.Dial":                              dialed("udp", built("net.Dial udp")),
	"UDP, net.Dial to an address":                dialed("udp", built("net.Dial udp")),
	"UDP, WriteTo":                               {Plain: built("UDPConn.WriteTo")},
	"UDP, WriteMsgUDP":                           {Plain: built("UDPConn.WriteMsgUDP")},
	"UDP, golang.org/x/net/ipv4 WriteTo":         {Plain: built("x/net/ipv4 WriteTo")},
	"UDP, golang.org/x/net/ipv4 WriteBatch":      {Plain: built("x/net/ipv4 WriteBatch")},
	"Unix socket":                                dialed("unix", built("net.Dial unix")),
	"Unix socket, net.Dialer with the context":   dialed("unix", dialer("unix")),
	"a resolver with another name server":        {Plain: built("another name server")},
	"tls.Dial": {
		func(_ context.Context, r Request) error {
			conn, err := tls.Dial("tcp", r.Target, nil)
			return hello(conn, err)
		},
		func(ctx context.Context, g *guard.Guard, r Request) error {
			conn, err := httpguard.DialContext(g, nil)(ctx, "tcp", r.Target)
			if err != nil {
				return err
			}
			host, _, err := net.SplitHostPort(r.Target)
			if err != nil {
				return err
			}
			return hello(tls.Client(conn, &tls.Config{ServerName: host}), nil)
		},
	},
	// As drivers do that have a resolver of their own.
	"LookupHost, then Dial": {Plain: func(ctx context.Context, r Request) error {
		host, port, err := net.SplitHostPort(r.Target)
		if err != nil {
			return err
		}
		addrs, err := net.DefaultResolver.LookupHost(ctx, host)
		if err != nil {
			return err
		}
		conn, err := net.Dial("tcp", net.JoinHostPort(addrs[0], port))
		return hello(conn, err)
	}},
	"net/smtp": {
		func(_ context.Context, r Request) error {
			return smtp.SendMail(r.Target, nil, "a@example.com", []string{"b@example.com"}, []byte("hello"))
		},
		func(ctx context.Context, g *guard.Guard, r Request) error {
			conn, err := httpguard.DialContext(g, nil)(ctx, "tcp", r.Target)
			if err != nil {
				return err
			}
			c, err := smtp.NewClient(conn, "localhost")
			if err != nil {
				return err
			}
			return c.Hello("localhost")
		},
	},
}

// dialed is a way whose recipe is httpguard.DialContext.
func dialed(network string, plain func(context.Context, Request) error) Way {
	return Way{plain, func(ctx context.Context, g *guard.Guard, r Request) error {
		conn, err := httpguard.DialContext(g, nil)(ctx, network, r.Target)
		return hello(conn, err)
	}}
}

func dialer(network string) func(context.Context, Request) error {
	return func(ctx context.Context, r Request) error {
		conn, err := new(net.Dialer).DialContext(ctx, network, r.Target)
		return hello(conn, err)
	}
}

func hello(conn net.Conn, err error) error {
	if err != nil {
		return err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	_, err = io.WriteString(conn, "hello")
	return err
}
