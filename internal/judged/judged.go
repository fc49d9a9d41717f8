// Package judged marks a request that a richer layer has judged, so that the layers below let
// exactly that request pass, as far as the same guard is concerned.
package judged

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"sync/atomic"

	"github.com/outguard/outguard/internal/canon"
)

// A Mark says which request has been judged, and by whom. It counts only for an equal request
// (see [Mark.Covers]), because a context travels along redirects, and only until that request
// has its response, because a context outlives its request and can be read back from the
// response.
//
// Who has judged, the scheme and the host hold longer: net/http finishes some look-ups and dials
// of a request after its RoundTrip has returned.
type Mark struct {
	method, scheme, path, rawPath, opaque string

	host      string // URL.Host, which is dialed
	authority string // the Host field, which is sent

	aws detail // what else counts for a host that may be AWS's

	guard    any   // who has judged the request; nil: not known
	others   []any // further guards that have
	straight bool  // the request goes to an *http.Transport, which follows no redirect

	via   *url.URL // the proxy that has been judged for the request; nil: none
	proxy string   // and its "host:port"

	above *Mark // the next mark outwards

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
	c.mark.above = From(parent)
	c.mark.Set(r)
	return &c.mark
}

// With returns ctx with the mark that r has been judged, and the mark itself.
func With(ctx context.Context, r *http.Request) (context.Context, *Mark) {
	c := new(Context)
	return c, c.Init(ctx, r)
}

// Clone copies r, headers and URL included. The copy's context holds the mark of the copy. The
// trailer that r declares may be filled in as late as the body's end.
func Clone(r *http.Request) (*http.Request, *Mark) {
	m := &Context{Context: r.Context()}
	// Clone of net/http walks over the header twice, and the mark would a third time.
	bare := *r
	bare.Header = nil
	c := bare.Clone(m)
	header, signed := cloneHeader(r.Header)
	c.Header = header
	shareTrailer(c, r)
	m.mark.above = From(m.Context)
	m.mark.set(c, MayBeAWS(c), signed || canon.URLSigns(c.URL))
	return c, &m.mark
}

// cloneHeader is h.Clone in one pass, which also finds out whether a field may sign the request for
// AWS.
func cloneHeader(h http.Header) (c http.Header, signed bool) {
	if h == nil {
		return nil, false
	}
	c = make(http.Header, len(h))
	room := make([]string, len(h)) // most fields have one value
	for key, values := range h {
		if values == nil { // not the same as no value: net/http then leaves out a field of its own
			c[key] = nil
			continue
		}
		if len(values) > len(room) {
			room = make([]string, len(values)+len(h))
		}
		own := room[:len(values):len(values)]
		room = room[copy(own, values):]
		c[key] = own
		signed = signed || canon.FieldSigns(key, own)
	}
	return c, signed
}

// From returns the innermost mark in ctx, whatever request it is for, or nil.
func From(ctx context.Context) *Mark {
	m, _ := ctx.Value(key{}).(*Mark)
	return m
}

// Is reports whether the innermost mark in r's context is that of an equal request, whoever has
// judged it.
func Is(r *http.Request) bool { return From(r.Context()).Covers(r) }

// Set makes m the mark of r, which is about to be judged.
func (m *Mark) Set(r *http.Request) {
	atAWS := MayBeAWS(r)
	m.set(r, atAWS, !atAWS && canon.MaySign(r))
}

// set is Set when MayBeAWS of r is known, and so is canon.MaySign, which does not count at AWS.
func (m *Mark) set(r *http.Request, atAWS, signed bool) {
	m.method, m.authority = r.Method, r.Host
	if u := r.URL; u != nil {
		m.scheme, m.host, m.path, m.rawPath, m.opaque = u.Scheme, u.Host, u.Path, u.RawPath, u.Opaque
	}
	m.aws.set(r, atAWS, signed)
}

// Covers reports whether m counts for r: the request is equal, and for a host that may be AWS's
// also what its operation can be read from (query, headers, body). A nil mark counts for
// nothing.
func (m *Mark) Covers(r *http.Request) bool {
	return m != nil && !m.void.Load() && m.Equal(r) && m.aws.equal(r)
}

// Judged reports whether m, or a mark outside it, says that guard has judged r.
func (m *Mark) Judged(r *http.Request, guard any) bool {
	for ; m != nil; m = m.above {
		if m.isBy(guard) && m.Covers(r) {
			return true
		}
	}
	return false
}

// Void ends what the mark says about the request: it has its response.
func (m *Mark) Void() { m.void.Store(true) }

// Equal reports whether m is, or was, the mark of a request with r's method, scheme, authority and
// path.
func (m *Mark) Equal(r *http.Request) bool {
	u := r.URL
	return u != nil && r.Method == m.method && r.Host == m.authority &&
		u.Scheme == m.scheme && u.Host == m.host && u.Path == m.path && u.RawPath == m.rawPath && u.Opaque == m.opaque
}

// By notes who has judged the request, before it is sent. straight: it goes to an *http.Transport,
// which follows no redirect.
func (m *Mark) By(guard any, straight bool) {
	if j, ok := guard.(several); ok {
		m.ByAll(j.Guards(), straight)
		return
	}
	m.guard, m.others, m.straight = guard, nil, straight
}

// ByAll is By for several guards. It keeps guards.
func (m *Mark) ByAll(guards []any, straight bool) {
	m.guard, m.others, m.straight = nil, nil, straight
	if len(guards) > 0 {
		m.guard, m.others = guards[0], guards[1:]
	}
}

// isBy reports whether the request was judged for guard. A nil mark was judged for nobody.
func (m *Mark) isBy(guard any) bool {
	if m == nil || m.guard == nil {
		return false
	}
	return isByAny(m.guard, m.others, guard)
}

// isByAny reports whether what one and others have judged is judged for guard.
func isByAny(one any, others []any, guard any) bool {
	if wants, ok := guard.(several); ok {
		all := wants.Guards()
		for _, g := range all {
			if !isByAny(one, others, g) {
				return false
			}
		}
		// Without a guard, nothing was judged.
		return len(all) > 0
	}
	return Covers(one, guard) || slices.ContainsFunc(others, func(by any) bool { return Covers(by, guard) })
}

// Guards calls yield with each guard that m, or a mark outside it, names. A guard may come twice.
func (m *Mark) Guards(yield func(any) bool) {
	for ; m != nil; m = m.above {
		if m.guard != nil && !yield(m.guard) {
			return
		}
		for _, g := range m.others {
			if !yield(g) {
				return
			}
		}
	}
}

// SetBelow notes that a layer below the one that made the mark judges what passes it on its own,
// redirects included, if judges reports that for each guard that the mark names.
func (m *Mark) SetBelow(judges func(guard any) bool) {
	if m.guard == nil || !judges(m.guard) {
		return
	}
	for _, g := range m.others {
		if !judges(g) {
			return
		}
	}
	m.below.Store(true)
}

// Below reports whether SetBelow has noted it.
func (m *Mark) Below() bool { return m.below.Load() }
