package httpguard

import (
	"context"
	"net/http"

	"github.com/outguard/outguard/internal/judged"
	"github.com/outguard/outguard/policy"
)

// A Guard judges calls. Check returns nil for a call that may go out and an error for one that may not; it may be called by
// any number of goroutines at once and does not keep or change the request in c.
type Guard interface {
	Check(ctx context.Context, c policy.Call) error
}

// ErrNoGuard is why a call without a guard is refused.
var ErrNoGuard error = noGuard("httpguard: no guard: set Transport.Guard")

type noGuard string

func (e noGuard) Error() string { return string(e) }

// RetryableError keeps the AWS SDK from trying again.
func (noGuard) RetryableError() bool { return false }

// Transport is an http.RoundTripper that asks Guard before each request. Redirects pass through RoundTrip again, so every hop
// is judged. What the guard saw is what is sent: the request is copied, the copy is judged, and the copy goes out; the
// caller's request is never changed. A refused request's body is closed and the guard's error returned as it is.
//
// A Transport may be used by several goroutines at once; its fields must not change after the first use.
type Transport struct {
	Guard Guard // nil refuses every request
	// Base sends what may go out; nil: the *http.Transport that http.DefaultTransport is, without the guard of Install, and
	// net/http's own when something else has been put there.
	Base http.RoundTripper
}

// RoundTrip judges r and sends it.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	return roundTrip(t.Guard, t.base(), r)
}

// CloseIdleConnections forwards to Base.
func (t *Transport) CloseIdleConnections() { closeIdle(t.base()) }

func (t *Transport) base() http.RoundTripper {
	if t.Base != nil {
		return t.Base
	}
	return unguarded()
}

// roundTrip is what Transport and the guarded http.DefaultTransport share.
func roundTrip(g Guard, base http.RoundTripper, r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	above := judged.From(ctx)
	sent, mark := judged.Clone(r)
	if !above.Covers(sent) {
		err := keepForm(sent)
		if err == nil {
			err = check(ctx, g, policy.Call{HTTP: sent, Via: policy.ViaTransport})
		}
		if err != nil {
			closeBody(r)
			return nil, err
		}
	}
	if above != nil {
		above.SetBelow()
	}
	_, straight := base.(*http.Transport)
	mark.By(g, straight)
	resp, err := base.RoundTrip(sent)
	mark.Void()
	if resp != nil && resp.Request == sent {
		resp.Request = r
	}
	return resp, err
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
