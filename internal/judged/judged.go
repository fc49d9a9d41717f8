// Package judged marks a request that a richer layer has judged, so that the layers below let
// exactly that request pass.
package judged

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// A Mark says which request has been judged. It counts only for an equal request (method, scheme,
// authority and path), because a context travels along redirects, and only until that request is
// answered, because a context outlives its request and can be read back from the response.
type Mark struct {
	method, scheme, path, rawPath, opaque string

	host      string // URL.Host, which is dialed
	authority string // the Host field, which is sent

	guard    any  // who has judged the request; nil: not known
	straight bool // the request goes to an *http.Transport, which follows no redirect

	below, void atomic.Bool
}

type key struct{}

// Context is a context that holds a mark: one allocation for both, or none where it is part of
// something larger.
type Context struct {
	context.Context
	mark  Mark
	trace atomic.Pointer[httptrace.ClientTrace] // the hooks of a request that has been judged
}

// Value returns the mark to this package, to net/http and net the hooks that judge no request
// twice, and to others what the parent has.
func (c *Context) Value(k any) any {
	if _, ok := k.(key); ok {
		return &c.mark
	}
	if isHookKey(k) {
		return c.hooks(k)
	}
	return c.Context.Value(k)
}

// Init makes c, which is zero, a child of parent with the mark that r has been judged, and returns
// the mark.
func (c *Context) Init(parent context.Context, r *http.Request) *Mark {
	c.Context = parent
	c.mark.set(r)
	return &c.mark
}

// With returns ctx with the mark that r has been judged, and the mark itself.
func With(ctx context.Context, r *http.Request) (context.Context, *Mark) {
	c := new(Context)
	return c, c.Init(ctx, r)
}

// Clone copies r, headers and URL included. The copy's context holds the mark of the copy. The
// trailer is r's own: whoever sends a body may fill it in as late as the body's end.
func Clone(r *http.Request) (*http.Request, *Mark) {
	m := &Context{Context: r.Context()}
	c := r.Clone(m)
	c.Trailer = r.Trailer
	m.mark.set(c)
	return c, &m.mark
}

// From returns the innermost mark in ctx, whatever request it is for, or nil.
func From(ctx context.Context) *Mark {
	m, _ := ctx.Value(key{}).(*Mark)
	return m
}

// Is reports whether r's context holds the mark of an equal request.
func Is(r *http.Request) bool { return From(r.Context()).Covers(r) }

func (m *Mark) set(r *http.Request) {
	m.method, m.authority = r.Method, r.Host
	if u := r.URL; u != nil {
		m.scheme, m.host, m.path, m.rawPath, m.opaque = u.Scheme, u.Host, u.Path, u.RawPath, u.Opaque
	}
}

// Covers reports whether m counts for r. A nil mark counts for nothing.
func (m *Mark) Covers(r *http.Request) bool { return m != nil && !m.void.Load() && m.Equal(r) }

// Void ends the mark: the request has been answered.
func (m *Mark) Void() { m.void.Store(true) }

// Equal reports whether m is, or was, the mark of a request equal to r.
func (m *Mark) Equal(r *http.Request) bool {
	u := r.URL
	return u != nil && r.Method == m.method && r.Host == m.authority &&
		u.Scheme == m.scheme && u.Host == m.host && u.Path == m.path && u.RawPath == m.rawPath && u.Opaque == m.opaque
}

// By notes who has judged the request, before it is sent. straight: it goes to an *http.Transport,
// which follows no redirect.
func (m *Mark) By(guard any, straight bool) { m.guard, m.straight = guard, straight }

// SetBelow notes that a layer below the one that made the mark judges what passes it on its own,
// redirects included.
func (m *Mark) SetBelow() { m.below.Store(true) }

// Below reports whether SetBelow has been called.
func (m *Mark) Below() bool { return m.below.Load() }
