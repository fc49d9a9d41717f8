package judged

import (
	"context"

	"github.com/outguard/outguard/internal/canon"
)

// A Dial is the context of a dial that guards judge on their own: what it dials, and the addresses
// that this resolves to.
type Dial struct {
	context.Context
	guards []any
	host   string
}

type dialKey struct{}

// WithDial returns ctx with the mark that guard judges the dial of addr ("host:port") and its
// addresses.
func WithDial(ctx context.Context, guard any, addr string) context.Context {
	return WithDials(ctx, []any{guard}, addr)
}

// WithDials is WithDial for several guards. It keeps guards.
func WithDials(ctx context.Context, guards []any, addr string) context.Context {
	host, _, _, err := canon.HostPort(addr)
	if err != nil || host == "" {
		return ctx // nothing is looked up
	}
	return &Dial{ctx, guards, host}
}

// Value returns the mark to this package, and takes the hooks of the handler's layer out.
func (d *Dial) Value(k any) any {
	if _, ok := k.(dialKey); ok {
		return d
	}
	v := d.Context.Value(k)
	if v == nil || !isNetKey(k) {
		return v
	}
	if l := LayerFrom(d.Context); l != nil && v == l.Net && d.isBy(l.Guard) {
		return l.Under.Value(k)
	}
	return v
}

// isBy reports whether what the dial's guards judge is judged for guard.
func (d *Dial) isBy(guard any) bool {
	return len(d.guards) > 0 && isByAny(d.guards[0], d.guards[1:], guard)
}

// DialFrom returns the innermost dial in ctx, or nil.
func DialFrom(ctx context.Context) *Dial {
	d, _ := ctx.Value(dialKey{}).(*Dial)
	return d
}

// Names reports whether d is a dial of host, which is in canonical form, that guard judges.
func (d *Dial) Names(guard any, host string) bool {
	return d != nil && d.host == host && d.isBy(guard)
}
