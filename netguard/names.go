package netguard

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/outguard/outguard/internal/judged"
	"github.com/outguard/outguard/internal/sinkmark"
)

// Names is a guard's part in the layer of names.
type Names struct{ guard Guard }

// Like the net.DefaultResolver that they are about, these are the process's.
var (
	joined     atomic.Pointer[[]*Names] // whose guards judge; each has to let a name pass
	installing sync.Mutex
	hooked     *net.Resolver // the resolver that has been hooked; nil: none yet
)

// InstallNames makes g judge every name that net.DefaultResolver looks up, from now until Close.
// The first call changes net.DefaultResolver in place: it prefers Go's own resolver, and its Dial
// watches what the connections that it had before (its own Dial, or net's) carry. All else that is
// set on it stays. Guards add up: a name has to pass each of them. A nil g refuses every name.
//
// Call it before the first look-up: to change net.DefaultResolver while names are looked up is a
// data race.
func InstallNames(g Guard) *Names {
	installing.Lock()
	defer installing.Unlock()
	hookResolver()
	n := &Names{g}
	var all []*Names
	if before := joined.Load(); before != nil {
		all = *before
	}
	// Look-ups read the list without a lock, so it is replaced as a whole and never changed.
	all = append(slices.Clip(all), n)
	joined.Store(&all)
	return n
}

// hookResolver changes net.DefaultResolver in place, unless that has been done.
func hookResolver() {
	// net treats a nil resolver as the zero one.
	if net.DefaultResolver == nil {
		net.DefaultResolver = new(net.Resolver)
	}
	if !isHooked() {
		r := net.DefaultResolver
		r.Dial = (&hook{r.Dial}).dial
		// The C library's resolver does not call Dial, so it would not be seen.
		r.PreferGo = true
		hooked = r
	}
}

// Close ends the guard's part. The resolver stays hooked, and lets pass what no guard judges.
func (n *Names) Close() {
	installing.Lock()
	defer installing.Unlock()
	if before := joined.Load(); before != nil {
		all := slices.DeleteFunc(slices.Clone(*before), func(other *Names) bool { return other == n })
		joined.Store(&all)
	}
}

// Gap says, for people, why names are not judged though the layer was installed: somebody has
// replaced net.DefaultResolver or its Dial since. It is "" when they are.
func (n *Names) Gap() string {
	installing.Lock()
	defer installing.Unlock()
	switch {
	case net.DefaultResolver != hooked:
		return "net.DefaultResolver has been replaced since the guard was installed: names are not judged"
	case !isHooked():
		return "net.DefaultResolver.Dial or PreferGo has been set since the guard was installed: names are not judged"
	}
	return ""
}

// isHooked reports whether net.DefaultResolver is watched. Functions do not compare; their code
// does.
func isHooked() bool {
	r := net.DefaultResolver
	return hooked != nil && r == hooked && r.PreferGo && reflect.ValueOf(r.Dial).Pointer() == reflect.ValueOf(new(hook).dial).Pointer()
}

// dialFunc is the type of net.Resolver.Dial.
type dialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

// A hook is the Dial of net.DefaultResolver.
type hook struct{ before dialFunc } // nil: net's own

// dial connects to a name server and watches the connection. What delivers an alert is not judged.
func (h *hook) dial(ctx context.Context, network, server string) (net.Conn, error) {
	if p, ok := ctx.Value(probeKey{}).(*probe); ok {
		return p.dial(ctx, network)
	}
	var guards []*Names
	if !sinkmark.Is(ctx) {
		guards = judging()
	}
	dial := h.before
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	if len(guards) == 0 {
		return dial(ctx, network, server)
	}
	// The name server is the system's. Without Quiet, the layer of the context would judge the
	// connection to it.
	conn, err := dial(judged.Quiet(ctx), network, server)
	if err != nil {
		return nil, err
	}
	return watch(ctx, conn, guards), nil
}

// Watch returns conn, a connection of a resolver to one of its servers, on which each of the guards
// judges the names that are asked for. A connection that the layer of names watches already is
// returned as it is. ctx is the context of the look-up.
func Watch(ctx context.Context, conn net.Conn, guards ...Guard) net.Conn {
	switch conn.(type) {
	case *exchange, packetExchange:
		return conn
	}
	if len(guards) == 0 || probing(ctx) {
		return conn
	}
	all := make([]*Names, len(guards))
	for i, g := range guards {
		all[i] = &Names{g}
	}
	return watch(ctx, conn, all)
}

// IsNameserver reports whether an address is that of a name server of the system.
func IsNameserver(a net.Addr) bool {
	if a == nil {
		return false
	}
	addr, err := netip.ParseAddrPort(a.String())
	return err == nil && slices.Contains(resolvConf.load().servers, plain(addr))
}

// judging returns those who judge names now, or else remember them.
func judging() []*Names {
	if list := joined.Load(); list != nil && len(*list) > 0 {
		return *list
	}
	if r := remembering.Load(); r != nil {
		return []*Names{{r}}
	}
	return nil
}

// watch returns conn with guards that judge its queries. Package net frames messages by whether a
// connection is a net.PacketConn, so the result is one if conn is.
func watch(ctx context.Context, conn net.Conn, guards []*Names) net.Conn {
	e := &exchange{Conn: conn, ctx: ctx, guards: guards}
	if _, ok := conn.(net.PacketConn); ok {
		return packetExchange{e}
	}
	e.stream = true
	return e
}

// judgeName returns what is known of names in this context, and else asks. One look-up makes
// several queries: for each family of addresses, each search suffix, and again when the server has
// not answered.
func (h *handler) judgeName(names []string, ask func() error) error {
	// A name has no space, so the key is unique.
	key := strings.Join(names, " ")
	h.mu.Lock()
	for _, name := range names {
		if said, known := h.hosts[name]; known && said == nil { // a refusal may be about the port
			h.mu.Unlock()
			return nil
		}
	}
	v := h.names[key]
	if v == nil {
		if h.names == nil || len(h.names) >= maxKnown {
			h.names = map[string]*nameVerdict{}
		}
		// If ask panics, once counts as done. Later queries then get errUnjudged, not nil.
		v = &nameVerdict{err: errUnjudged}
		h.names[key] = v
	}
	h.mu.Unlock()
	v.once.Do(func() { v.err = ask() }) // the queries of both families leave at once
	return v.err
}

// errUnjudged is the verdict until the guard has given one.
var errUnjudged = errors.New("netguard: the guard has not judged the name")

// A nameVerdict is what the guard said about a name.
type nameVerdict struct {
	once sync.Once
	err  error
}
