package judged

import (
	"context"
	"net"
	"net/http/httptrace"
	"reflect"
	"slices"
	"sync/atomic"
)

// A Layer is what the layer of the handler's context leaves in a context for the layers above it. A
// mark of the same guard takes the layer's hooks out of the context of the request that it is for,
// so that a call is judged once.
type Layer struct {
	Guard any                    // whose layer it is: the guard that is asked
	Under context.Context        // the context below the layer, with the hooks of others
	Trace *httptrace.ClientTrace // the layer's hooks, composed with those of Under
	Net   any                    // what Trace is for package net
	// Judged returns t, which is Trace or has Trace in it, for a request that m is the mark of: the
	// layer judges only connections to where m does not reach.
	Judged func(m *Mark, t *httptrace.ClientTrace) *httptrace.ClientTrace
}

// LayerKey is the key of a *Layer in a context.
type LayerKey struct{}

// LayerFrom returns the innermost layer in ctx, or nil.
func LayerFrom(ctx context.Context) *Layer {
	l, _ := ctx.Value(LayerKey{}).(*Layer)
	return l
}

// A several is a guard that asks others: all that a process has at the time of a call.
type several interface{ Guards() []any }

// Covers reports whether what by has judged is judged for g: they are the same, or by asks all that
// g asks. Guards whose values cannot be compared count as different, so that such a guard judges a
// call twice rather than not at all.
func Covers(by, g any) bool {
	if same(by, g) {
		return true
	}
	asks, isBy := by.(several)
	wants, isG := g.(several)
	switch {
	case isG:
		all := wants.Guards()
		for _, one := range all {
			if !Covers(by, one) {
				return false
			}
		}
		return len(all) > 0
	case isBy:
		return slices.ContainsFunc(asks.Guards(), func(one any) bool { return same(one, g) })
	}
	return false
}

// Same reports whether two guards are one. A guard that cannot be compared equals none, not even
// itself, so it judges twice.
func Same(a, b any) bool { return same(a, b) }

// same compares without a panic: == panics for interfaces whose type does not compare.
func same(a, b any) bool {
	return a != nil && b != nil && reflect.ValueOf(a).Comparable() && reflect.ValueOf(b).Comparable() && a == b
}

// hookKeys are the keys by which net/http and net look for hooks in a context. Both are of
// unexported types, so they are learned from a look-up.
type hookKeys struct{ trace, net any }

// learnedKeys is nil until a layer is put into a context: before that nobody needs the keys.
var learnedKeys atomic.Pointer[hookKeys]

// keys learns the keys at the first call. Two goroutines may learn them at once, with the same
// result.
func keys() *hookKeys {
	if k := learnedKeys.Load(); k != nil {
		return k
	}
	var k hookKeys
	spy := &keySpy{Context: context.Background()}
	httptrace.ContextClientTrace(spy)
	k.trace, spy.key = spy.key, nil
	_, _ = new(net.Dialer).DialContext(spy, "no network", "") // fails before it does anything
	k.net = spy.key
	learnedKeys.Store(&k)
	return &k
}

// HookKeys returns the keys by which net/http and net look for hooks in a context. A context that
// takes a layer's hooks out does so from the first call on.
func HookKeys() (trace, net any) {
	k := keys()
	return k.trace, k.net
}

// A keySpy is a context that remembers the last key it was asked for.
type keySpy struct {
	context.Context
	key any
}

func (s *keySpy) Value(k any) any {
	s.key = k
	return nil
}

// isHookKey reports whether k is one of the keys.
func isHookKey(k any) bool {
	known := learnedKeys.Load()
	return known != nil && (k == known.trace || k == known.net)
}

// isNetKey reports whether k is package net's.
func isNetKey(k any) bool {
	known := learnedKeys.Load()
	return known != nil && k == known.net
}

// hooks returns the hooks that parent has under k, for a request that has been judged: without
// those of the layer, if they can be taken out.
func (c *Context) hooks(k any) any {
	found := c.Context.Value(k)
	if found == nil || c.mark.guard == nil {
		return found
	}
	l := LayerFrom(c.Context)
	if l == nil || !c.mark.isBy(l.Guard) {
		return found
	}
	trace, ok := found.(*httptrace.ClientTrace)
	switch {
	// Without redirects, the request connects to what was judged, so the layer's hooks have nothing
	// to do.
	case ok && trace == l.Trace && c.mark.straight:
		return l.Under.Value(k)
	case ok:
		if t := c.trace.Load(); t != nil {
			return t
		}
		t := l.Judged(&c.mark, trace)
		c.trace.Store(t)
		return t
	case found == l.Net:
		return l.Under.Value(k)
	}
	return found
}

// Quiet returns ctx without the layer's hooks for package net. It is for connections that the
// program did not ask for, such as those to a DNS server.
func Quiet(ctx context.Context) context.Context { return quiet{ctx} }

// A quiet is a context whose Value takes the layer's hooks for package net out.
type quiet struct{ context.Context }

func (c quiet) Value(k any) any {
	v := c.Context.Value(k)
	if v == nil || !isNetKey(k) {
		return v
	}
	if l := LayerFrom(c.Context); l != nil && v == l.Net {
		return l.Under.Value(k)
	}
	return v
}
