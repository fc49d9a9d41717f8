package judged

import "context"

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
