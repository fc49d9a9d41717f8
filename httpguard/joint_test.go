package httpguard

import (
	"crypto/tls"
	"net/http"
	"net/http/httptrace"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// reuses sends a request, and reports whether it was sent on an open connection.
func reuses(t *testing.T, rt http.RoundTripper, url string) bool {
	t.Helper()
	return connOf(t, rt, url).Reused
}

// connOf sends a request, and returns its connection.
func connOf(t *testing.T, rt http.RoundTripper, url string) (conn httptrace.GotConnInfo) {
	t.Helper()
	r := request(t, url)
	r = r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
		GotConn: func(i httptrace.GotConnInfo) { conn = i },
	}))
	resp, err := (&http.Client{Transport: rt}).Do(r)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return conn
}

// eventually calls f until it holds. On a busy machine, net/http does not keep a connection whose
// request took long to write, and one of HTTP/2 becomes idle a moment after its response has ended.
func eventually(t *testing.T, f func() bool, what string) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !f(); time.Sleep(time.Millisecond) {
		require.True(t, time.Now().Before(end), what)
	}
}

// Who holds the base closes the connections of its copies too.
func TestTheBaseClosesTheIdleConnectionsOfItsCopies(t *testing.T) {
	plain := serve(t)
	s, roots := serveTLS(t)
	trusting := &tls.Config{RootCAs: roots}
	for _, c := range []struct {
		name string
		base *http.Transport
		url  string
	}{
		{"HTTP/1", &http.Transport{}, plain.URL},
		{"with a dial function", &http.Transport{DialContext: resolving(plain)}, "http://name.test"},
		{"with TLS", &http.Transport{TLSClientConfig: trusting.Clone()}, s.URL},
		{"HTTP/2", &http.Transport{TLSClientConfig: trusting.Clone(), ForceAttemptHTTP2: true}, s.URL},
	} {
		one, other := &Transport{Guard: &fakeGuard{}, Base: c.base}, &Transport{Guard: &fakeGuard{}, Base: c.base}
		for _, rt := range []http.RoundTripper{one, other, c.base} {
			assert.False(t, reuses(t, rt, c.url), c.name)
			eventually(t, func() bool { return reuses(t, rt, c.url) }, c.name)
		}
		for _, rt := range []http.RoundTripper{one, other, c.base} {
			eventually(t, func() bool { c.base.CloseIdleConnections(); return !reuses(t, rt, c.url) }, c.name)
		}
	}
}

// What is sent by the base itself is sent as before: not judged, by HTTP/2 if the base speaks it,
// and with its settings.
func TestTheBaseItselfIsAsBefore(t *testing.T) {
	s, roots := serveTLS(t)
	g := &fakeGuard{refuse: refuseAll}
	base := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	assertRefused(t, get(t, &http.Client{Transport: &Transport{Guard: g, Base: base}}, s.URL))
	direct := &http.Client{Transport: base}
	require.NoError(t, get(t, direct, s.URL))
	base.TLSClientConfig = &tls.Config{}
	require.ErrorContains(t, get(t, direct, s.URL), "certificate")
	base.TLSClientConfig = &tls.Config{RootCAs: roots}
	base.ForceAttemptHTTP2 = false
	require.NoError(t, get(t, direct, s.URL))
	assert.Equal(t, []string{"GET / HTTP/2.0", "GET / HTTP/1.1"}, s.requests())
	assert.Empty(t, Gap(base))
}

// A transport that was given to a Transport becomes a shell in place.
func TestInstallGuardsABaseInPlace(t *testing.T) {
	s, roots := serveTLS(t)
	base := standard()
	trust(base, roots)
	require.NoError(t, get(t, &http.Client{Transport: &Transport{Guard: &fakeGuard{}, Base: base}}, s.URL))
	require.NoError(t, get(t, &http.Client{Transport: base}, s.URL))
	replaceDefault(t, base)
	i := installed(t, &fakeGuard{refuse: refusePath("/evil")})
	assert.Same(t, base, http.DefaultTransport)
	assert.Empty(t, i.Gaps())
	assertRefused(t, get(t, http.DefaultClient, s.URL+"/evil"))
	require.NoError(t, get(t, http.DefaultClient, s.URL+"/good"))
	seen := s.requests()
	assert.Equal(t, "GET /good HTTP/2.0", seen[len(seen)-1])
	assert.True(t, reuses(t, base, s.URL))
	base.CloseIdleConnections()
	assert.False(t, reuses(t, base, s.URL))
}

// http.DefaultTransport is not changed before Install.
func TestTheDefaultTransportHasNoJoint(t *testing.T) {
	s := serve(t)
	tr := fresh(t)
	require.NoError(t, get(t, &http.Client{Transport: &Transport{Guard: &fakeGuard{}}}, s.URL))
	require.NoError(t, get(t, &http.Client{Transport: &Transport{Guard: &fakeGuard{}, Base: tr}}, s.URL))
	assert.Equal(t, "net/http", schemes(tr)["https"].PkgPath())
}

// A joint ends with its base.
func TestAJointIsForgotten(t *testing.T) {
	s := serve(t)
	known := func() (n int) {
		joints.Range(func(any, any) bool { n++; return true })
		return n
	}
	runtime.GC()
	before := known()
	func() {
		require.NoError(t, get(t, &http.Client{Transport: &Transport{Guard: &fakeGuard{}, Base: &http.Transport{DisableKeepAlives: true}}}, s.URL))
		assert.Greater(t, known(), 0)
	}()
	assert.Eventually(t, func() bool { runtime.GC(); return known() <= before }, 10*time.Second, 10*time.Millisecond)
}

// The first requests may come at once, by several guards and by the base itself.
func TestAJointOfManyAtOnce(t *testing.T) {
	s, roots := serveTLS(t)
	for range 3 {
		base := standard()
		trust(base, roots)
		guards := []*fakeGuard{{}, {}}
		var group sync.WaitGroup
		for n := range 12 {
			group.Go(func() {
				var rt http.RoundTripper = base
				if n%3 != 0 {
					rt = &Transport{Guard: guards[n%3-1], Base: base}
				}
				assert.NoError(t, get(t, &http.Client{Transport: rt}, s.URL))
				base.CloseIdleConnections()
			})
		}
		group.Wait()
		base.CloseIdleConnections()
	}
}

// Guards that use a base for the first time at once share its joint. Without one, a copy would not
// know that the base speaks HTTP/2.
func TestAllGetTheSameJoint(t *testing.T) {
	for range 3000 {
		base := new(http.Transport)
		var found [4]*joint
		var group sync.WaitGroup
		for i := range found {
			group.Go(func() { found[i] = jointOf(base) })
		}
		group.Wait()
		for _, j := range found {
			require.NotNil(t, j)
			require.Same(t, found[0], j)
		}
	}
}
