package httpguard

//lint:file-ignore SA1019 net/http honours the deprecated dial functions, so they are guarded too

import (
	"context"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"slices"
	"strconv"
	"syscall"

	"github.com/outguard/outguard/internal/dnsnames"
	"github.com/outguard/outguard/internal/judged"
	"github.com/outguard/outguard/internal/unjudged"
	"github.com/outguard/outguard/policy"
)

type dialFunc = func(ctx context.Context, network, addr string) (net.Conn, error)

// DialContext returns a function for http.Transport.DialContext, or for a database driver that
// takes one. It asks g about three things, each as a [policy.Call]:
//
//   - what is dialed, before anything is looked up, unless it is dialed for a request that g has
//     judged (policy.ViaDial);
//   - each resolved address before it is connected to (policy.ViaAddr);
//   - the address that it is connected to in the end (policy.ViaAddr).
//
// One address refused refuses the dial, whatever other addresses the name has. Behind a proxy it
// sees the proxy. Unix sockets pass, and each is reported.
//
// d is copied; nil means the dialer of http.DefaultTransport. The function may be used by
// several goroutines at once.
func DialContext(g Guard, d *net.Dialer) func(ctx context.Context, network, addr string) (net.Conn, error) {
	if d == nil {
		d = standardDialer()
	}
	own := *d
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		if g == nil {
			return nil, ErrNoGuard
		}
		if ctx == nil {
			ctx = context.Background() // or package net would panic
		}
		return newDial(ctx, network, addr, []Guard{g}, nil).byDialer(&own)
	}
}

// named is the call of a dial of addr. Drivers that look names up on their own dial addresses: the
// names that an address was learned for count too.
func named(addr string) policy.Call {
	c := policy.Call{Net: addr, Via: policy.ViaDial}
	to, err := netip.ParseAddrPort(addr)
	if err != nil {
		return c
	}
	for _, name := range dnsnames.Process.Names(to.Addr().WithZone("").Unmap()) {
		c.Names = append(c.Names, net.JoinHostPort(name, strconv.Itoa(int(to.Port()))))
	}
	return c
}

// guardDials makes the guards that have judged a request judge what t dials for it, whatever dial
// functions t has.
func guardDials(t *http.Transport) {
	switch {
	case t.DialContext != nil:
		t.DialContext = judgedDial(t.DialContext)
	case t.Dial != nil:
		t.DialContext = judgedDial(withoutContext(t.Dial))
		t.Dial = nil
	default:
		t.DialContext = judgedDial(nil)
	}
	switch {
	case t.DialTLSContext != nil:
		t.DialTLSContext = judgedDial(t.DialTLSContext)
	case t.DialTLS != nil:
		t.DialTLSContext = judgedDial(withoutContext(t.DialTLS))
		t.DialTLS = nil
	}
}

func withoutContext(dial func(network, addr string) (net.Conn, error)) dialFunc {
	return func(_ context.Context, network, addr string) (net.Conn, error) { return dial(network, addr) }
}

// judgedDial returns dial, which may be nil, judged by the guards that the marks in its context
// name.
func judgedDial(dial dialFunc) dialFunc {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		return newDial(ctx, network, addr, guardsIn(ctx), nil).by(dial)
	}
}

// guardsIn returns the guards that the marks in ctx name, each once.
func guardsIn(ctx context.Context) (guards []Guard) {
	for id := range judged.From(ctx).Guards {
		if g, ok := id.(Guard); ok && !slices.ContainsFunc(guards, func(h Guard) bool { return judged.Same(g, h) }) {
			guards = append(guards, g)
		}
	}
	return guards
}

// A dialing is one dial, with those who judge it.
type dialing struct {
	ctx           context.Context
	network, addr string
	guards        []Guard
	whole         bool // the calls that addr is dialed for have been judged
	ids           []any
}

// newDial prepares a dial of addr. known reports whether calls to addr have been judged as a whole,
// without a mark that says so; nil: they have not.
func newDial(ctx context.Context, network, addr string, guards []Guard, known func(addr string) bool) *dialing {
	d := &dialing{ctx: ctx, network: network, addr: addr, guards: guards, ids: make([]any, len(guards))}
	for i, g := range guards {
		d.ids[i] = g
	}
	d.whole = known != nil && known(addr)
	return d
}

// free reports whether nobody judges the dial: a Unix socket leads nowhere.
func (d *dialing) free() bool { return len(d.guards) == 0 || unjudged.IsUnix(d.network) }

// reported reports a connection to a Unix socket, and returns what it is given.
func (d *dialing) reported(conn net.Conn, err error) (net.Conn, error) {
	if err == nil && isUnix(conn) && len(d.guards) > 0 {
		unjudged.Report(d.ctx, unjudged.Unix, remote(conn))
	}
	return conn, err
}

// judgeName asks the guards about what is dialed, except those that have judged what it is
// dialed for.
func (d *dialing) judgeName() (refused error) {
	mark := judged.From(d.ctx)
	for _, g := range d.guards {
		if d.whole || mark.JudgedDial(g, d.addr) || outerDial(d.ctx).judges(g, d.addr) {
			continue
		}
		if err := check(d.ctx, g, named(d.addr)); err != nil && refused == nil {
			refused = err
		}
	}
	return refused
}

// judge returns the judge of the addresses, which is the one of a dial around this one if it
// asks the same guards about the same.
func (d *dialing) judge() (context.Context, *dialJudge) {
	if outer := outerDial(d.ctx); outer != nil && outer.addr == d.addr && !slices.ContainsFunc(d.guards, func(g Guard) bool { return !outer.judges(g, d.addr) }) {
		return d.ctx, outer
	}
	j := &dialJudge{ctx: d.ctx, guards: d.guards, addr: d.addr}
	return context.WithValue(judged.WithDials(d.ctx, d.ids, d.addr), dialJudgeKey{}, j), j
}

// by dials by dial, or by a net.Dialer if that is nil.
//
// A dial function is a closed box, so a refused connection may have been opened, and is closed
// before a byte is sent; where it ends in a net.Dialer, the connect is broken off.
func (d *dialing) by(dial dialFunc) (net.Conn, error) {
	if dial == nil {
		return d.byDialer(new(net.Dialer))
	}
	if d.free() {
		return d.reported(dial(d.ctx, d.network, d.addr))
	}
	if err := d.judgeName(); err != nil {
		return nil, err
	}
	ctx, j := d.judge()
	watched, cancel := context.WithCancelCause(ctx)
	watched = httptrace.WithClientTrace(watched, &httptrace.ClientTrace{
		ConnectStart: func(network, resolved string) {
			if unjudged.IsUnix(network) {
				return
			}
			if err := j.judge(resolved); err != nil {
				cancel(err)
			}
		},
	})
	return j.connected(dial(watched, d.network, d.addr)) // not cancelled: dial may have tied the connection to its context
}

// byDialer dials by a copy of own.
func (d *dialing) byDialer(own *net.Dialer) (net.Conn, error) {
	if d.free() {
		return d.reported(own.DialContext(d.ctx, d.network, d.addr))
	}
	if err := d.judgeName(); err != nil {
		return nil, err
	}
	ctx, j := d.judge()
	dialer := *own
	dialer.Control = nil
	dialer.ControlContext = func(ctx context.Context, network, resolved string, c syscall.RawConn) error {
		if err := j.judge(resolved); err != nil {
			return err
		}
		switch {
		case own.ControlContext != nil:
			return own.ControlContext(ctx, network, resolved, c)
		case own.Control != nil:
			return own.Control(network, resolved, c)
		}
		return nil
	}
	return j.connected(dialer.DialContext(ctx, d.network, d.addr))
}
