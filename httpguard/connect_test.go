package httpguard

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/policy"
)

// The header that a program has for a tunnel names no other target, and says of no other end.
func TestTheHeaderOfATunnelIsJudged(t *testing.T) {
	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		assert.Equal(t, "CONNECT partner.test:443", r.Method+" "+r.Host)
		assert.Equal(t, "b", r.Header.Get("X-A"))
		w.WriteHeader(http.StatusForbidden)
	}))
	t.Cleanup(s.Close)
	proxy, err := url.Parse(s.URL)
	require.NoError(t, err)
	for name, want := range map[string]bool{"": true, "Host": true, "host": false, "HOST": false, "transfer-encoding": false, "content-length": false, "a b": false} {
		header := http.Header{"X-A": {"b"}}
		if name != "" {
			header[name] = []string{"evil.test:443"}
		}
		for kind, base := range map[string]*http.Transport{
			"fixed": {Proxy: http.ProxyURL(proxy), ProxyConnectHeader: header},
			"asked": {Proxy: http.ProxyURL(proxy), GetProxyConnectHeader: func(context.Context, *url.URL, string) (http.Header, error) { return header, nil }},
		} {
			asked = 0
			g := &fakeGuard{refuse: func(c policy.Call) bool { return c.HTTP != nil && c.HTTP.Method == http.MethodConnect }}
			_, err := (&http.Client{Transport: &Transport{Guard: g, Base: base}}).Get("https://partner.test/")
			require.Error(t, err)
			assert.Equal(t, want, asked == 1, "%s %q: %v", kind, name, err)
		}
	}
}

// Functions of the program cannot change the proxy that was judged, which other requests use.
func TestTheProxyOfATunnelIsACopy(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	t.Cleanup(s.Close)
	proxy, err := url.Parse(s.URL)
	require.NoError(t, err)
	var given []*url.URL
	base := &http.Transport{
		Proxy: http.ProxyURL(proxy),
		GetProxyConnectHeader: func(_ context.Context, u *url.URL, _ string) (http.Header, error) {
			given = append(given, u)
			return nil, nil
		},
		OnProxyConnectResponse: func(_ context.Context, u *url.URL, _ *http.Request, _ *http.Response) error {
			given = append(given, u)
			return nil
		},
	}
	tr := &Transport{Guard: &fakeGuard{}, Base: base}
	_, err = (&http.Client{Transport: tr}).Get("https://partner.test/")
	require.Error(t, err)
	require.Len(t, given, 2)
	memo := &lowerOf(base, tr.Guard).memo.Load().own
	for _, u := range given {
		assert.NotSame(t, memo, u)
		assert.Equal(t, proxy.String(), u.String())
	}
}
