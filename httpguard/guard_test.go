package httpguard

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/policy"
)

// A fakeGuard records what it is asked and refuses what refuse says.
type fakeGuard struct {
	refuse func(policy.Call) bool

	mu    sync.Mutex
	calls []policy.Call
}

// refused is the error of a fakeGuard.
type refused struct{ policy.Call }

func (*refused) Error() string { return "refused" }

func (g *fakeGuard) Check(_ context.Context, c policy.Call) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls = append(g.calls, c)
	if g.refuse != nil && g.refuse(c) {
		return &refused{c}
	}
	return nil
}

// urls returns what was asked about requests, as "METHOD URL".
func (g *fakeGuard) urls() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out []string
	for _, c := range g.calls {
		if c.HTTP != nil {
			out = append(out, c.HTTP.Method+" "+c.HTTP.URL.String())
		}
	}
	return out
}

// addrs returns what was asked about addresses.
func (g *fakeGuard) addrs() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out []string
	for _, c := range g.calls {
		if c.Addr != "" {
			out = append(out, c.Addr)
		}
	}
	return out
}

// proxies returns what was asked about proxies.
func (g *fakeGuard) proxies() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out []string
	for _, c := range g.calls {
		if c.Via == policy.ViaProxy {
			out = append(out, c.Net)
		}
	}
	return out
}

func refuseAll(policy.Call) bool { return true }

func refusePath(path string) func(policy.Call) bool {
	return func(c policy.Call) bool { return c.HTTP != nil && c.HTTP.URL.Path == path }
}

func refuseAddr(addr string) func(policy.Call) bool {
	return func(c policy.Call) bool { return c.Addr == addr }
}

// A server counts the requests that reach it.
type server struct {
	*httptest.Server
	mu   sync.Mutex
	seen []string
}

func (s *server) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.seen...)
}

// serve starts a server on loopback that redirects /to/… to its end and answers everything else
// with 200.
func serve(t *testing.T) *server {
	t.Helper()
	s := newServer()
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func newServer() *server {
	s := &server{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.seen = append(s.seen, r.Method+" "+r.URL.Path+" "+r.Proto)
		s.mu.Unlock()
		if to := r.URL.Query().Get("to"); to != "" {
			http.Redirect(w, r, to, http.StatusTemporaryRedirect)
		}
	}))
	return s
}

func get(t *testing.T, c *http.Client, url string) error {
	t.Helper()
	resp, err := c.Get(url)
	if err == nil {
		require.NoError(t, resp.Body.Close())
	}
	return err
}

// roundTripper is a http.RoundTripper made of a function.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
