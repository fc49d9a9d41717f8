package judged

import (
	"context"
	"strings"
)

// An Asked is the mark that a dial has been judged by the address that it was asked for, such as
// "db.internal:5432". In a build by `outguard go`, a context holds it from there down to the
// connect.
type Asked struct {
	Address string // what was asked for; the mark counts for nothing else
	// Whole means that the addresses that Address comes to need no judgement.
	Whole bool
}

type askedKey struct{}

// WithAsked returns ctx with the mark a.
func WithAsked(ctx context.Context, a Asked) context.Context {
	return context.WithValue(ctx, askedKey{}, a)
}

// AskedFrom returns the innermost mark of that kind in ctx.
func AskedFrom(ctx context.Context) (Asked, bool) {
	a, ok := ctx.Value(askedKey{}).(Asked)
	return a, ok
}

// Dials reports whether m is the mark of a request to address ("host:port"), the way a transport
// dials it. It knows common host names only; of others, which IDNA maps, it reports false. Whether
// the request has been answered makes no difference: a dial may outlast it.
func (m *Mark) Dials(address string) bool {
	if m == nil {
		return false
	}
	if m.proxy != "" && m.proxy == address {
		return true
	}
	host, port := m.host, schemePort(m.scheme)
	if at := strings.LastIndexByte(host, ':'); at > strings.LastIndexByte(host, ']') {
		host, port = host[:at], host[at:]
	}
	rest, ok := strings.CutSuffix(address, port)
	return ok && port != "" && host != "" && strings.EqualFold(rest, host)
}
