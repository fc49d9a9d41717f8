package netguard

import (
	"context"
	"net"
	"net/http"
	"net/http/httptrace"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/httpguard"
	"github.com/outguard/outguard/policy"
)

// Below package httpguard nothing is judged twice, whatever lies between, by both layers and by the
// guarded dial.
func TestBelowHTTPGuardNothingIsJudgedTwice(t *testing.T) {
	s := serve(t, "http")
	url := "http://good.test:" + s.port()
	fresh := func(g Guard) *http.Client { // http.DefaultTransport, guarded in place
		before := http.DefaultTransport
		http.DefaultTransport = &http.Transport{}
		i := httpguard.Install(g)
		t.Cleanup(func() {
			i.Uninstall()
			http.DefaultTransport = before
		})
		return &http.Client{}
	}
	wrapped := func(rt http.RoundTripper) func(Guard) *http.Client {
		return func(g Guard) *http.Client { return &http.Client{Transport: &httpguard.Transport{Guard: g, Base: rt}} }
	}
	for name, client := range map[string]func(Guard) *http.Client{
		"in place":           fresh,
		"a transport":        wrapped(&http.Transport{}),
		"some round tripper": wrapped(roundTripper{&http.Transport{}}),
		"with a guarded dial": func(g Guard) *http.Client {
			return wrapped(&http.Transport{DialContext: httpguard.DialContext(g, nil)})(g)
		},
		"with hooks of others": wrapped(traced{&http.Transport{}}),
	} {
		t.Run(name, func(t *testing.T) {
			g := newGuard(t, "whitelist:\n- http: http://good.test:*\n- ip: 127.0.0.1\n")
			install(t, g, map[string][]string{"*": {"127.0.0.1"}})
			c := client(g)
			defer c.CloseIdleConnections()
			ctx := Context(t.Context(), g)
			for range 2 {
				_, err := get(ctx, c, url)
				require.NoError(t, err)
			}
			assert.Equal(t, []string{"transport ", "transport "}, g.asked())
			g.mu.Lock()
			defer g.mu.Unlock()
			addrs := 0
			for _, c := range g.calls {
				if c.Via == policy.ViaAddr {
					addrs++
				}
			}
			assert.Equal(t, 1, addrs, "its address, once")
		})
	}
}

type roundTripper struct{ *http.Transport }

// traced adds hooks, as instrumentation does.
type traced struct{ http.RoundTripper }

func (t traced) RoundTrip(r *http.Request) (*http.Response, error) {
	hooks := &httptrace.ClientTrace{GetConn: func(string) {}, GotConn: func(httptrace.GotConnInfo) {}}
	return t.RoundTripper.RoundTrip(r.WithContext(httptrace.WithClientTrace(r.Context(), hooks)))
}

func TestAGuardedDialIsJudgedOnce(t *testing.T) {
	s := serve(t, "http")
	g := newGuard(t, good)
	install(t, g, map[string][]string{"*": {"127.0.0.1"}})
	dial := httpguard.DialContext(g, nil)
	ctx := Context(t.Context(), g)
	conn, err := dial(ctx, "tcp", "good.test:"+s.port())
	require.NoError(t, err)
	conn.Close()
	assert.Equal(t, []string{"dial good.test:" + s.port()}, g.asked())

	_, err = dial(ctx, "tcp", "evil.test:"+s.port())
	require.Error(t, err)
	assert.Equal(t, []string{"dial evil.test:" + s.port()}, g.violations())

	// A driver that looks up names itself, and then dials an address.
	addrs, err := net.DefaultResolver.LookupHost(context.Background(), "good.test")
	require.NoError(t, err)
	conn, err = dial(ctx, "tcp", net.JoinHostPort(addrs[0], s.port()))
	require.NoError(t, err)
	conn.Close()
	assert.Empty(t, g.violations())
}
