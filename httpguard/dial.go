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
	"strings"
	"sync"
	"syscall"

	"github.com/outguard/outguard/internal/canon"
	"github.com/outguard/outguard/internal/judged"
	"github.com/outguard/outguard/internal/learned"
	"github.com/outguard/outguard/policy"
)

type dialFunc = func(ctx context.Context, network, addr string) (net.Conn, error)

// DialContext returns a function for http.Transport.DialContext (or a database driver that takes
// one) that asks g about what is dialed before anything is looked up, about each resolved address
// before it is connected to, both as a [policy.Call] of policy.ViaDial, and about the address that
// it is connected to in the end. One address refused refuses the dial, whatever other addresses the
// name has. Behind a proxy it sees the proxy. Unix sockets pass.
//
// d is copied; nil means the dialer of http.DefaultTransport. The function may be used by several
// goroutines at once.
func DialContext(g Guard, d *net.Dialer) func(ctx context.Context, network, addr string) (net.Conn, error) {
	dial := dialAddrs(g, d)
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		if strings.HasPrefix(network, "unix") {
			if g == nil {
				return nil, ErrNoGuard
			}
			return standardOr(d).DialContext(ctx, network, addr)
		}
		if !judgedAbove(ctx, g, addr) {
			if err := check(ctx, g, named(addr)); err != nil {
				return nil, err
			}
		}
		return dial(ctx, network, addr)
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
	for _, name := range learned.Process.Names(to.Addr().WithZone("").Unmap()) {
		c.Names = append(c.Names, net.JoinHostPort(name, strconv.Itoa(int(to.Port()))))
	}
	return c
}

// judgedAbove reports whether g has judged the request that addr is dialed for, as a whole.
func judgedAbove(ctx context.Context, g Guard, addr string) bool {
	host, _, _, err := canon.HostPort(addr)
	return err == nil && host != "" && judged.From(ctx).Names(g, host)
}

func standardOr(d *net.Dialer) *net.Dialer {
	if d == nil {
		return standardDialer()
	}
	return d
}

// dialAddrs is DialContext for a dial whose name has been judged.
func dialAddrs(g Guard, d *net.Dialer) dialFunc {
	before := *standardOr(d)
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		ctx = judged.WithDial(ctx, g, addr)
		j := &dialJudge{ctx: ctx, guard: g, addr: addr}
		d := before
		d.Control = nil
		d.ControlContext = func(ctx context.Context, network, resolved string, c syscall.RawConn) error {
			if err := j.judge(resolved); err != nil {
				return err
			}
			switch {
			case before.ControlContext != nil:
				return before.ControlContext(ctx, network, resolved, c)
			case before.Control != nil:
				return before.Control(network, resolved, c)
			}
			return nil
		}
		return j.connected(d.DialContext(ctx, network, addr))
	}
}

// guardDials puts g under the dial functions of t, whatever they are.
func guardDials(g Guard, t *http.Transport) {
	switch {
	case t.DialContext != nil:
		t.DialContext = watch(g, t.DialContext)
	case t.Dial != nil:
		t.DialContext = watch(g, withoutContext(t.Dial))
		t.Dial = nil
	default:
		// A transport with a dial function speaks HTTP/2 only if told to.
		t.ForceAttemptHTTP2 = t.ForceAttemptHTTP2 || t.TLSClientConfig == nil && t.DialTLSContext == nil && t.DialTLS == nil
		t.DialContext = dialAddrs(g, new(net.Dialer))
	}
	switch {
	case t.DialTLSContext != nil:
		t.DialTLSContext = watch(g, t.DialTLSContext)
	case t.DialTLS != nil:
		t.DialTLSContext = watch(g, withoutContext(t.DialTLS))
		t.DialTLS = nil
	}
}

func withoutContext(dial func(network, addr string) (net.Conn, error)) dialFunc {
	return func(_ context.Context, network, addr string) (net.Conn, error) { return dial(network, addr) }
}

// watch asks g about the addresses that dial connects to. A dial function is a closed box, so a
// refused connection may have been opened, and is closed before a byte is sent; where dial ends in
// a net.Dialer, the connect is broken off.
func watch(g Guard, dial dialFunc) dialFunc {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		ctx = judged.WithDial(ctx, g, addr)
		j := &dialJudge{ctx: ctx, guard: g, addr: addr}
		watched, cancel := context.WithCancelCause(ctx)
		watched = httptrace.WithClientTrace(watched, &httptrace.ClientTrace{
			ConnectStart: func(_, resolved string) {
				if err := j.judge(resolved); err != nil {
					cancel(err)
				}
			},
		})
		return j.connected(dial(watched, network, addr)) // not cancelled: dial may have tied the connection to its context
	}
}

// A dialJudge judges the addresses of one dial, several at a time when the dialer races IPv6
// against IPv4.
type dialJudge struct {
	ctx   context.Context
	guard Guard
	addr  string // as dialed

	mu      sync.Mutex
	passed  []string
	refusal error
}

// judge asks about resolved. What it has let pass passes again, so that one dial gives one alert an
// address.
func (j *dialJudge) judge(resolved string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if slices.Contains(j.passed, resolved) {
		return nil
	}
	if err := check(j.ctx, j.guard, policy.Call{Net: j.addr, Addr: resolved, Via: policy.ViaDial}); err != nil {
		j.refusal = err
		return err
	}
	j.passed = append(j.passed, resolved)
	return nil
}

// connected judges what was really connected to: a dial hook is shown ":9001" where the connection
// is to 127.0.0.1.
func (j *dialJudge) connected(conn net.Conn, err error) (net.Conn, error) {
	if err == nil {
		_ = j.judge(remote(conn))
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.refusal == nil {
		return conn, err
	}
	if conn != nil {
		_ = conn.Close()
	}
	return nil, j.refusal
}

// remote returns the address conn is connected to, or "", which no policy lets pass.
func remote(conn net.Conn) string {
	if conn == nil || conn.RemoteAddr() == nil {
		return ""
	}
	return conn.RemoteAddr().String()
}
