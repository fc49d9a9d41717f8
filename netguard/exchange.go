package netguard

import (
	"context"
	"errors"
	"net"
	"net/netip"

	"github.com/outguard/outguard/internal/dnsnames"
	"github.com/outguard/outguard/internal/judged"
	"github.com/outguard/outguard/policy"
)

// An exchange is a connection to a DNS server, on which queries are judged before they are sent,
// and the addresses in a response before they are returned.
type exchange struct {
	net.Conn
	ctx    context.Context // of the look-up
	guards []*Names
	stream bool // messages have their length in front

	query query
	in    []byte // a stream's message as far as it has been read
}

// packetExchange is an exchange of packets: package net looks whether a connection is a
// net.PacketConn.
type packetExchange struct{ *exchange }

// errNotQuery is the error of the methods that package net does not call on a resolver's
// connection.
var errNotQuery = errors.New("netguard: only queries are sent on this connection")

// Both would go past Write and Read, which judge.
func (packetExchange) ReadFrom([]byte) (int, net.Addr, error) { return 0, nil, errNotQuery }
func (packetExchange) WriteTo([]byte, net.Addr) (int, error)  { return 0, errNotQuery }

// Write sends the query in b if every guard lets it pass. Package net writes each query at once.
func (e *exchange) Write(b []byte) (int, error) {
	message := b
	if e.stream {
		// A part of a message, or two in one, could carry a name that is not judged.
		if len(b) < 2 || int(b[0])<<8|int(b[1]) != len(b)-2 {
			return 0, errUnreadable
		}
		message = b[2:]
	}
	q, err := parseQuery(message, resolvConf.load().search)
	if err != nil {
		return 0, err
	}
	for _, n := range e.guards {
		if err := n.judgeName(e.ctx, q.names); err != nil {
			return 0, err
		}
	}
	// It is set only when the query is sent: a response counts only if it is the response to this
	// query.
	e.query = q
	return e.Conn.Write(b)
}

// Read reads a response, or a part of one.
func (e *exchange) Read(b []byte) (int, error) {
	n, err := e.Conn.Read(b)
	if n <= 0 {
		return n, err
	}
	message := b[:n]
	if e.stream {
		// Package net reads the length first and the message after it.
		e.in = append(e.in, message...)
		if len(e.in) < 2 || len(e.in) < 2+(int(e.in[0])<<8|int(e.in[1])) {
			return n, err
		}
		message, e.in = e.in[2:], nil
	}
	// A name that is allowed may come to a forbidden address, such as 169.254.169.254 (DNS
	// rebinding).
	if refused := e.learn(message); refused != nil {
		return 0, refused
	}
	return n, err
}

// learn judges the addresses of a response and notes whose they are.
func (e *exchange) learn(message []byte) error {
	addrs := e.query.answered(message)
	for _, addr := range addrs {
		for _, n := range e.guards {
			if err := n.judgeAddr(e.ctx, e.query.names, addr); err != nil {
				return err
			}
		}
	}
	for _, addr := range addrs {
		for _, name := range e.query.names {
			dnsnames.Process.Learn(name, addr)
		}
	}
	return nil
}

// judgeName asks the guard about a name that is looked up, unless a richer layer has.
func (n *Names) judgeName(ctx context.Context, names []string) error {
	// A request that was judged looks its own host up: the name is a part of that call.
	mark, dial := judged.From(ctx), judged.DialFrom(ctx)
	for _, name := range names {
		if mark.Names(n.guard, name) || dial.Names(n.guard, name) {
			return nil
		}
	}
	h := handlerFrom(ctx, n.guard)
	if h == nil {
		return n.ask(ctx, names)
	}
	return h.judgeName(names, func() error { return n.ask(ctx, names) })
}

// ask asks the guard about a name. names has at least one; any of them may be what the program
// asked for.
func (n *Names) ask(ctx context.Context, names []string) error {
	return check(ctx, n.guard, policy.Call{Net: names[0], Names: names[1:], Via: policy.ViaName})
}

// judgeAddr asks the guard about an address that a name has come to, unless whoever dials it does.
func (n *Names) judgeAddr(ctx context.Context, names []string, addr netip.Addr) error {
	dial := judged.DialFrom(ctx)
	for _, name := range names {
		if dial.Names(n.guard, name) {
			return nil
		}
	}
	return check(ctx, n.guard, policy.Call{
		Net: names[0], Names: names[1:], Addr: netip.AddrPortFrom(addr, 0).String(), Via: policy.ViaAddr,
	})
}
