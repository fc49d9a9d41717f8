// Package sinkmark marks the context of a sink's own delivery.
//
// The sinks of package notify send such a request by a transport of their own, which no guard
// judges, and every other one by http.DefaultTransport, which the guard does judge once it is
// installed. Since only this module can make the mark, code that makes a sink of its own and calls
// it gets no way around the guard.
package sinkmark

import "context"

type key struct{}

// A context with the mark holds the address of mark. Code can give a context any value for any
// key, and learns the key from a context of its own. It never gets a marked context, and so not
// this address.
var mark byte

// With returns ctx with the mark.
// See decision 17.
func With(ctx context.Context) context.Context { return context.WithValue(ctx, key{}, &mark) }

// Is reports whether ctx has the mark.
func Is(ctx context.Context) bool {
	m, _ := ctx.Value(key{}).(*byte)
	return m == &mark
}
