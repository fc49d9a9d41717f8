package httpguard

import (
	"context"
	"fmt"
	"net/http"

	"github.com/outguard/outguard/policy"
)

// A Guard judges calls. Check returns nil for a call that may go out and an error for one that
// may not; it may be called by any number of goroutines at once and does not keep or change the
// request in c. A guard should be a pointer, or another type that compares: a request is marked
// with the guards that have judged it.
type Guard interface {
	Check(ctx context.Context, c policy.Call) error
}

// ErrNoGuard is why a call without a guard is refused.
var ErrNoGuard error = noGuard("httpguard: no guard: set Transport.Guard")

type noGuard string

func (e noGuard) Error() string { return string(e) }

// RetryableError keeps the AWS SDK from trying again.
func (noGuard) RetryableError() bool { return false }

// Transport is an http.RoundTripper that asks Guard before each request. Redirects pass through
// RoundTrip again, so every hop is judged. What the guard saw is what is sent: the request is
// copied, the copy is judged, and the copy goes out; the caller's request is never changed. A
// refused request's body is closed and the guard's error returned as it is.
//
// If Base is an *http.Transport, the proxy and the addresses that a request is dialed to are
// judged too; see the package comment. See [Gap] for another Base.
//
// A Transport may be used by several goroutines at once; its fields must not change after the
// first use.
type Transport struct {
	Guard Guard // nil refuses every request
	// Base sends what may go out. Nil means the *http.Transport that http.DefaultTransport is,
	// without the guards of Install, or net/http's own when something else has been put there.
	Base http.RoundTripper
}

// A nilError is why a request that is nil, or one for a nil base, is refused. net/http panics.
type nilError string

func (e nilError) Error() string { return string(e) }

// RetryableError keeps the AWS SDK from trying again.
func (nilError) RetryableError() bool { return false }

// RoundTrip judges r and sends it.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r == nil {
		return nil, nilError("httpguard: the request is nil")
	}
	p := panel{one: t.Guard, hasOne: true}
	base, s := t.base()
	own, ok := base.(*http.Transport)
	if other, isOther := base.(*Transport); ok && own == nil || isOther && other == nil {
		closeBody(r)
		return nil, nilError("httpguard: Transport.Base is a nil pointer; leave Base out for http.DefaultTransport")
	}
	if !ok || t.Base != nil && s != nil { // a shell judges for the guards of the process
		return p.roundTrip(base, nil, nil, r)
	}
	l := lowerOf(own, t.Guard)
	c := l.of(own, s)
	if c.shared && t.Base != nil && !c.joined.askedBy(t.Guard) {
		// A copy of http.DefaultTransport is guarded by the process's guards too.
		p.several = c.joined
	}
	return p.roundTrip(own, l, c, r)
}

// CloseIdleConnections closes the idle connections that requests of the Transport have left, and
// those of Base.
func (t *Transport) CloseIdleConnections() {
	base, s := t.base()
	closeIdle(base)
	if own, ok := base.(*http.Transport); ok && own != nil && (t.Base == nil || s == nil) {
		lowerOf(own, t.Guard).closeIdle()
	}
}

// base returns what the Transport sends by, and its shell if it is the transport of one.
func (t *Transport) base() (http.RoundTripper, *shell) {
	if t.Base == nil {
		return unguarded()
	}
	if own, ok := t.Base.(*http.Transport); ok && own != nil {
		return own, shellFor(own)
	}
	return t.Base, nil
}

// Gap says, for people, what a Transport with this Base does not judge; "" if nothing is known.
// Of a Base that is not an *http.Transport, proxies and resolved addresses are not seen, so ip:
// and net: rules do not apply to them.
func Gap(base http.RoundTripper) string {
	switch b := base.(type) {
	case nil:
		return ""
	case *http.Transport:
		if b != nil && shellFor(b) == nil && isTaken(b) {
			return "a round tripper is registered on an *http.Transport for http or https: the addresses that it dials, and its proxies, are not judged"
		}
		return ""
	case *Transport:
		if b == nil {
			return ""
		}
		return Gap(b.Base)
	}
	return fmt.Sprintf("a %T sends guarded requests: the addresses that it dials, and its proxies, are not judged", base)
}

func check(ctx context.Context, g Guard, c policy.Call) error {
	if g == nil {
		return ErrNoGuard
	}
	return g.Check(ctx, c)
}

func closeBody(r *http.Request) {
	if r.Body != nil {
		_ = r.Body.Close()
	}
}

func closeIdle(rt http.RoundTripper) {
	if c, ok := rt.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}
