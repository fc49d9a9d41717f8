package netguard

import (
	"context"
	"net"
	"net/http/httptrace"
	"net/netip"
	"sync"

	"github.com/outguard/outguard/internal/dnsnames"
	"github.com/outguard/outguard/internal/judged"
	"github.com/outguard/outguard/policy"
)

// maxKnown bounds each of the tables that a handler's context keeps. A full one is emptied: what it
// knew is then judged once more.
const maxKnown = 1024

// Context returns ctx with hooks by which g judges every connection of a call that carries the
// context: see the package comment. The hooks that ctx has already still run. It is meant for the
// context of one invocation, which g finds in the contexts that it is asked with. A nil g refuses
// every connection.
func Context(ctx context.Context, g Guard) context.Context {
	// A handler that is wrapped twice, or that calls a wrapped function, must not be judged twice.
	if l := judged.LayerFrom(ctx); l != nil && g != nil && judged.Covers(l.Guard, g) {
		return ctx
	}
	judged.HookKeys() // contexts of judged requests take the hooks out once the keys are known
	return &handler{Context: ctx, guard: g}
}

// handlerKey is the key under which a context holds its handler.
type handlerKey struct{}

// Value returns the handler and its layer for their keys, and the hooks for those of net/http and
// net. It passes any other key on.
func (h *handler) Value(k any) any {
	switch k.(type) {
	case handlerKey:
		return h
	case judged.LayerKey:
		h.hook()
		return &h.layer
	}
	// Keys that are not known may be any.
	if trace, net := judged.HookKeys(); k == trace || k == net || trace == nil || net == nil {
		return h.hook().Value(k)
	}
	return h.Context.Value(k)
}

// hook returns the context below with the hooks of the layer. They are made when somebody asks for
// them, because most invocations of many functions call nobody.
func (h *handler) hook() context.Context {
	h.once.Do(func() {
		trace := &httptrace.ClientTrace{
			GetConn:      h.getConn,
			GotConn:      h.gotConn,
			DNSStart:     h.dnsStart,
			DNSDone:      h.dnsDone,
			ConnectStart: h.connectStart,
		}
		// httptrace composes the trace with the one that the context has, so that both run.
		h.hooked = httptrace.WithClientTrace(h.Context, trace)
		_, net := judged.HookKeys()
		h.layer = judged.Layer{Guard: h.guard, Under: h.Context, Trace: trace, Net: h.hooked.Value(net), Judged: h.judgedTrace}
	})
	return h.hooked
}

// String names the context, as those of package context do. A program may log its context while
// other goroutines write into it.
func (h *handler) String() string { return "netguard.Context" }

// handlerFrom returns the innermost handler in ctx if it is g's, or nil.
func handlerFrom(ctx context.Context, g Guard) *handler {
	h, _ := ctx.Value(handlerKey{}).(*handler)
	if h == nil || g == nil || !judged.Covers(h.guard, g) {
		return nil
	}
	return h
}

// A handler is the context that a handler gets, and what the layer knows of it.
type handler struct {
	context.Context // as given to Context; the guard is asked with it
	guard           Guard

	once   sync.Once
	hooked context.Context
	layer  judged.Layer

	refusals refusals
	passes   passes
	lookups  lookups

	mu    sync.Mutex
	known map[string]error        // "host:port" → what the guard said when a connection was asked for
	hosts map[string]error        // host → nil if it said nil for any port
	names map[string]*nameVerdict // what the guard said about names that were looked up
	addrs map[netip.Addr][]string // hosts that came to the address
	unix  map[string]struct{}     // paths of sockets that have been reported
}

// getConn runs on the goroutine of the request, before a connection is made or taken from the pool.
func (h *handler) getConn(hostPort string) {
	// A guarded transport above has judged the whole request: its verdict takes the place of one by
	// host.
	if h.passes.has(hostPort) {
		h.refusals.forget()
		h.know(hostPort, nil)
		return
	}
	// net/http asks once more after a refused connection was closed. That is the same call.
	if h.refusals.repeats(hostPort) || isDump() {
		return
	}
	// A GetConn hook has no way to return an error. So a refusal is noted, and gotConn closes the
	// connection.
	err := check(h.Context, h.guard, policy.Call{Net: hostPort, Via: policy.ViaContext})
	h.know(hostPort, err)
	if err != nil {
		h.refusals.add(hostPort)
	}
}

// gotConn runs on the same goroutine as getConn, before the request is written.
func (h *handler) gotConn(info httptrace.GotConnInfo) {
	if h.refusals.take(info.Reused) || !info.Reused && h.judgeAddr(info.Conn) != nil || info.Reused && h.judgeAgain(info.Conn) != nil {
		closeNow(info.Conn)
		return
	}
	if to, ok := info.Conn.RemoteAddr().(*net.UnixAddr); ok && !info.Reused {
		h.reportUnix(to.String())
	}
}

// closeNow closes conn. Of a TLS connection it closes what is below first, so that nothing waits
// for the peer to read the alert. Close of tls.Conn first writes an alert, and waits up to 5
// seconds for that.
func closeNow(conn net.Conn) {
	if t, ok := conn.(interface{ NetConn() net.Conn }); ok {
		_ = t.NetConn().Close()
	}
	_ = conn.Close()
}

// judgeAddr judges what a new connection is connected to, unless the layer of names has judged it
// as what its name resolves to.
func (h *handler) judgeAddr(conn net.Conn) error {
	addr, ok := remote(conn)
	if !ok || dnsnames.Process.Has(addr.Addr()) || h.knows(addr.String()) {
		return nil
	}
	c := policy.Call{Net: addr.String(), Addr: addr.String(), Via: policy.ViaAddr}
	// The rule for a name decides, so the call has the names that this context has looked up.
	here, _ := h.hostsOf(addr.Addr())
	if names := withPort(here, addr.Port()); len(names) > 0 {
		c.Net, c.Names = names[0], names[1:]
	}
	return check(h.Context, h.guard, c)
}

// judgeAgain judges the address of a connection that is reused, if a policy of the process has been
// exchanged: the one that was in effect when it was made may have allowed another address.
func (h *handler) judgeAgain(conn net.Conn) error {
	if judged.Exchanges() == 0 {
		return nil
	}
	addr, ok := remote(conn)
	if !ok {
		return nil
	}
	c := policy.Call{Net: addr.String(), Addr: addr.String(), Via: policy.ViaAddr}
	if names := withPort(dnsnames.Process.Names(addr.Addr()), addr.Port()); len(names) > 0 {
		c.Net, c.Names = names[0], names[1:]
	}
	return check(h.Context, h.guard, c)
}

// remote returns the address that conn is connected to; false for a Unix socket and what is not the
// network's.
func remote(conn net.Conn) (netip.AddrPort, bool) {
	t, ok := conn.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}, false
	}
	return plain(t.AddrPort()), true
}

// plain takes the zone and the IPv4-mapped form off.
func plain(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().WithZone("").Unmap(), a.Port())
}

// know remembers what the guard said of hostPort.
func (h *handler) know(hostPort string, err error) {
	host, _, splitErr := net.SplitHostPort(hostPort)
	if splitErr != nil {
		host = hostPort
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	// A handler that calls random hosts must not fill the memory.
	if h.known == nil || len(h.known) >= maxKnown {
		h.known, h.hosts = map[string]error{}, map[string]error{}
	}
	h.known[hostPort] = err
	// A name that may be called on one port may be looked up. A later refusal of another port does
	// not change that.
	if before, ok := h.hosts[host]; !ok || before != nil {
		h.hosts[host] = err
	}
}

// knows reports whether a connection to hostPort has been judged.
func (h *handler) knows(hostPort string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, ok := h.known[hostPort]
	return ok
}

// judgedTrace returns t, which has the layer's hooks in it, for a request that m is the mark of.
func (h *handler) judgedTrace(m *judged.Mark, t *httptrace.ClientTrace) *httptrace.ClientTrace {
	if t != h.layer.Trace { // somebody's hooks are composed with the layer's, which see nothing of the request
		// A copy, because the program may use its trace for other requests at the same time.
		c := *t
		c.GetConn = func(hostPort string) {
			if m.Reaches(hostPort) {
				h.passes.run(hostPort, t.GetConn)
			} else {
				t.GetConn(hostPort)
			}
		}
		return &c
	}
	var c httptrace.ClientTrace
	if under := httptrace.ContextClientTrace(h.layer.Under); under != nil {
		c = *under
	}
	getConn, gotConn := c.GetConn, c.GotConn
	c.GetConn = func(hostPort string) {
		if m.Reaches(hostPort) {
			h.refusals.forget()
		} else {
			h.getConn(hostPort)
		}
		if getConn != nil {
			getConn(hostPort)
		}
	}
	c.GotConn = func(info httptrace.GotConnInfo) {
		if h.refusals.take(info.Reused) || info.Reused && h.judgeAgain(info.Conn) != nil {
			closeNow(info.Conn)
		}
		if gotConn != nil {
			gotConn(info)
		}
	}
	return &c
}
