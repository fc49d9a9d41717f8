package httpguard

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"log"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/policy"
)

// fresh gives the test a http.DefaultTransport of its own, as net/http makes it.
func fresh(t *testing.T) *http.Transport {
	t.Helper()
	tr := standard()
	replaceDefault(t, tr)
	return tr
}

func replaceDefault(t *testing.T, rt http.RoundTripper) {
	t.Helper()
	before := http.DefaultTransport
	http.DefaultTransport = rt
	t.Cleanup(func() { http.DefaultTransport = before })
}

func installed(t *testing.T, g Guard) *Installation {
	t.Helper()
	i := Install(g)
	t.Cleanup(i.Uninstall)
	return i
}

// asLambdaDoes is what aws-lambda-go does with http.DefaultTransport before its first request.
func asLambdaDoes() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Proxy = nil
	return t
}

func assertRefused(t *testing.T, err error, msg ...any) {
	t.Helper()
	var e *refused
	assert.ErrorAs(t, err, &e, msg...)
}

func TestInstallGuardsInPlace(t *testing.T) {
	s, tr := serve(t), fresh(t)
	held := &http.Client{Transport: http.DefaultTransport}
	g := &fakeGuard{refuse: refusePath("/evil")}
	i := installed(t, g)
	assert.Same(t, tr, http.DefaultTransport)
	assert.Empty(t, i.Gaps())

	for name, c := range map[string]*http.Client{"DefaultClient": http.DefaultClient, "held before": held, "zero": {}, "clone": {Transport: tr.Clone()}} {
		require.NoError(t, get(t, c, s.URL+"/good"), name)
		assertRefused(t, get(t, c, s.URL+"/evil"), name)
	}
	assert.NotContains(t, s.requests(), "GET /evil HTTP/1.1")
	assert.Len(t, g.urls(), 8, "one check a request")
}

func TestTheRuntimesCloneIsNotGuarded(t *testing.T) {
	s := serve(t)
	fresh(t)
	g := &fakeGuard{refuse: refuseAll}
	t.Cleanup(Install(g, strings.TrimPrefix(s.URL, "http://")).Uninstall)
	require.NoError(t, get(t, &http.Client{Transport: asLambdaDoes()}, s.URL+"/2018-06-01/runtime/invocation/next"))
	assert.Empty(t, g.calls, "nor its dials")
}

func TestTransportWithoutBaseGoesBelowTheInstalledGuard(t *testing.T) {
	s := serve(t)
	fresh(t)
	outer, inner := &fakeGuard{}, &fakeGuard{refuse: func(c policy.Call) bool { return c.HTTP != nil }}
	installed(t, inner)
	require.NoError(t, get(t, &http.Client{Transport: &Transport{Guard: outer}}, s.URL))
	assert.Len(t, outer.urls(), 1)
	assert.Len(t, outer.addrs(), 1)
	assert.Empty(t, inner.calls)
}

// Each guard is asked, also after the refusal of another, so that each reports what its policy
// forbids.
func TestGuardsAddUp(t *testing.T) {
	s := serve(t)
	tr := fresh(t)
	clone := &http.Client{}
	first, second := &fakeGuard{refuse: refusePath("/1")}, &fakeGuard{refuse: refusePath("/2")}
	one := installed(t, first)
	clone.Transport = tr.Clone()
	two := installed(t, second)
	for name, c := range map[string]*http.Client{"default": http.DefaultClient, "copy": clone} {
		n := len(first.urls())
		require.NoError(t, get(t, c, s.URL+"/good"), name)
		assertRefused(t, get(t, c, s.URL+"/1"), name)
		assertRefused(t, get(t, c, s.URL+"/2"), name)
		assert.Len(t, first.urls(), n+3, name)
		assert.Len(t, second.urls(), n+3, name)
	}
	assert.True(t, one.Active() && two.Active())
	assert.Same(t, one, Install(first), "a guard joins once")
	require.NoError(t, get(t, http.DefaultClient, s.URL+"/good"))
	assert.Len(t, first.urls(), 7)

	one.Uninstall()
	assert.False(t, one.Active())
	require.NoError(t, get(t, http.DefaultClient, s.URL+"/1"))
	assertRefused(t, get(t, http.DefaultClient, s.URL+"/2"), "the first's Uninstall leaves the second alone")
	two.Uninstall()
	require.NoError(t, get(t, http.DefaultClient, s.URL+"/2"))
}

// A mark has a bit for each of 64 guards. What lies beyond has to judge again.
func TestTheGuardBeyondThe64thJudges(t *testing.T) {
	s, _ := serve(t), fresh(t)
	var rt http.RoundTripper = http.DefaultTransport
	for range 64 {
		g := &fakeGuard{}
		installed(t, g)
		rt = &Transport{Guard: g, Base: rt}
	}
	installed(t, &fakeGuard{refuse: refusePath("/1")})
	c := &http.Client{Transport: rt}
	require.NoError(t, get(t, c, s.URL+"/good"))
	assertRefused(t, get(t, c, s.URL+"/1"))
}

// Another guard would have judged other addresses than those of the connections that are open.
func TestAGuardThatJoinsUsesNoOpenConnection(t *testing.T) {
	s := serve(t)
	fresh(t)
	first := &fakeGuard{}
	installed(t, first)
	require.NoError(t, get(t, http.DefaultClient, s.URL))
	second := &fakeGuard{}
	installed(t, second)
	require.NoError(t, get(t, http.DefaultClient, s.URL))
	assert.Len(t, first.addrs(), 2)
	assert.Len(t, second.addrs(), 1)
}

func TestUninstallLetsPass(t *testing.T) {
	s := serve(t)
	fresh(t)
	i := installed(t, &fakeGuard{refuse: refuseAll})
	clone := &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}
	assertRefused(t, get(t, http.DefaultClient, s.URL))
	assertRefused(t, get(t, clone, s.URL))
	i.Uninstall()
	require.NoError(t, get(t, http.DefaultClient, s.URL))
	require.NoError(t, get(t, clone, s.URL))
}

func TestANilGuardRefuses(t *testing.T) {
	fresh(t)
	installed(t, nil)
	assert.ErrorIs(t, get(t, http.DefaultClient, "http://127.0.0.1:1/"), ErrNoGuard)
}

func TestInstallWhenUsedOrCloned(t *testing.T) {
	for name, use := range map[string]func(*http.Transport, string){
		"used":   func(tr *http.Transport, url string) { _ = get(t, &http.Client{Transport: tr}, url) },
		"cloned": func(tr *http.Transport, url string) { tr.Clone() },
	} {
		t.Run(name, func(t *testing.T) {
			s, old := serve(t), fresh(t)
			use(old, s.URL)
			held := &http.Client{Transport: old}
			g := &fakeGuard{refuse: refusePath("/evil")}
			i := installed(t, g)
			require.Len(t, i.Gaps(), 1)
			assert.Contains(t, i.Gaps()[0], "in use before the guard")
			assert.IsType(t, old, http.DefaultTransport)
			for name, c := range map[string]*http.Client{
				"default": http.DefaultClient, "held before": held, "clone": {Transport: http.DefaultTransport.(*http.Transport).Clone()},
				"without base": {Transport: &Transport{Guard: g}},
			} {
				require.NoError(t, get(t, c, s.URL+"/good"), name)
				assertRefused(t, get(t, c, s.URL+"/evil"), name)
			}
			assert.Len(t, g.urls(), 8, "one check a request")
			assert.NoError(t, get(t, &http.Client{Transport: asLambdaDoes()}, s.URL+"/evil"))
			gaps := i.Gaps()
			before := http.DefaultTransport
			second := installed(t, &fakeGuard{})
			assert.Same(t, before, http.DefaultTransport, "a second Install finds it guarded")
			assert.Equal(t, gaps, second.Gaps(), "and knows what the first could not reach")
		})
	}
}

// Requests on an open HTTP/2 connection do not ask Proxy: a transport in use before the guard
// goes back to HTTP/1.
func TestInstallWhenUsedOverHTTP2(t *testing.T) {
	s, roots := serveTLS(t)
	old := fresh(t)
	trust(old, roots)
	require.NoError(t, get(t, http.DefaultClient, s.URL+"/before"))
	held := &http.Client{Transport: old}
	installed(t, &fakeGuard{refuse: refusePath("/evil")})
	for name, c := range map[string]*http.Client{"default": http.DefaultClient, "held before": held} {
		for range 3 {
			require.NoError(t, get(t, c, s.URL+"/good"), name)
			assertRefused(t, get(t, c, s.URL+"/evil"), name)
		}
	}
	seen := strings.Join(s.requests(), ", ")
	assert.Contains(t, seen, "GET /before HTTP/2.0")
	assert.Contains(t, seen, "GET /good HTTP/2.0")
	assert.Contains(t, seen, "GET /good HTTP/1.1")
	assert.NotContains(t, seen, "/evil")
}

func TestInstallWhenReplaced(t *testing.T) {
	for name, rt := range map[string]http.RoundTripper{
		"other type": roundTripper(func(r *http.Request) (*http.Response, error) {
			return &http.Response{Body: http.NoBody, StatusCode: 299}, nil
		}),
		"uncomparable":             uncomparable{func() {}},
		"nil":                      nil,
		"nil pointer to Transport": (*http.Transport)(nil),
		"guarded by other":         &Transport{Guard: &fakeGuard{}, Base: roundTripper(noopBody)},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t)
			replaceDefault(t, rt)
			i := installed(t, &fakeGuard{refuse: refusePath("/evil")})
			require.NoError(t, get(t, http.DefaultClient, s.URL+"/good"))
			assertRefused(t, get(t, http.DefaultClient, s.URL+"/evil"))
			assert.NotPanics(t, func() { asLambdaDoes() })
			if name == "nil" || name == "nil pointer to Transport" {
				assert.Empty(t, i.Gaps())
				assert.Equal(t, []string{"GET /good HTTP/1.1"}, s.requests())
			} else {
				require.Len(t, i.Gaps(), 1)
				assert.Contains(t, i.Gaps()[0], "clients that hold it already are not guarded")
				assert.Empty(t, s.requests(), "sent by what was there")
			}
		})
	}
}

type uncomparable struct{ f func() }

func (uncomparable) RoundTrip(*http.Request) (*http.Response, error) { return noopBody(nil) }

func noopBody(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
}

// A transport that stands for what http.DefaultTransport is may be that itself, or be in it.
func TestTransportWithoutBaseAsTheDefaultTransport(t *testing.T) {
	for name, wrap := range map[string]func(http.RoundTripper) http.RoundTripper{
		"itself":       func(rt http.RoundTripper) http.RoundTripper { return rt },
		"instrumented": func(rt http.RoundTripper) http.RoundTripper { return roundTripper(rt.RoundTrip) },
	} {
		s := serve(t)
		g := &fakeGuard{refuse: refusePath("/evil")}
		replaceDefault(t, wrap(&Transport{Guard: g}))
		for range 2 {
			require.NoError(t, get(t, http.DefaultClient, s.URL+"/good"), name)
			assertRefused(t, get(t, http.DefaultClient, s.URL+"/evil"), name)
			http.DefaultClient.CloseIdleConnections()
			installed(t, g)
		}
		assert.Equal(t, []string{"GET /good HTTP/1.1", "GET /good HTTP/1.1"}, s.requests(), name)
		assert.Len(t, g.urls(), 4, name)
	}
}

// Instrumentation often comes after the guard, by http.DefaultTransport =
// wrap(http.DefaultTransport).
func TestInstallAgainWhenReplacedSince(t *testing.T) {
	s := serve(t)
	below := fresh(t)
	g := &fakeGuard{refuse: refusePath("/evil")}
	first := installed(t, g)
	assert.True(t, first.Active())
	seen := 0
	http.DefaultTransport = roundTripper(func(r *http.Request) (*http.Response, error) { seen++; return below.RoundTrip(r) })
	require.Len(t, first.Gaps(), 1)
	second := installed(t, g)
	assert.Same(t, first, second)
	require.NoError(t, get(t, http.DefaultClient, s.URL+"/good"))
	assertRefused(t, get(t, http.DefaultClient, s.URL+"/evil"))
	assert.Equal(t, 1, seen)
	assert.Len(t, g.urls(), 2, "one check a request")
	assert.NotPanics(t, func() { asLambdaDoes() })
	second.Uninstall()
	assert.False(t, second.Active())
}

func TestGapsSeeWhatComesLater(t *testing.T) {
	tr := fresh(t)
	i := installed(t, &fakeGuard{})
	require.Empty(t, i.Gaps())
	tr.Proxy = http.ProxyFromEnvironment
	require.Len(t, i.Gaps(), 1)
	assert.Contains(t, i.Gaps()[0], "Proxy has been set")
	http.DefaultTransport = roundTripper(noop)
	require.Len(t, i.Gaps(), 1)
	assert.Contains(t, i.Gaps()[0], "replaced (by a httpguard.roundTripper)")
}

func TestWhatIsSetAfterInstallHolds(t *testing.T) {
	s, tr := serve(t), fresh(t)
	g := &fakeGuard{}
	installed(t, g)
	var proxied, dialed int
	tr.Proxy = func(*http.Request) (*url.URL, error) { proxied++; return nil, nil }
	tr.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		dialed++
		return new(net.Dialer).DialContext(ctx, network, addr)
	}
	tr.MaxIdleConnsPerHost = 7
	require.NoError(t, get(t, http.DefaultClient, s.URL))
	assert.Equal(t, []int{1, 1}, []int{proxied, dialed})
	assert.Len(t, g.urls(), 1)
	assert.Len(t, g.addrs(), 1)
	assert.Equal(t, 7, sentBy(t).MaxIdleConnsPerHost)
}

func TestTheProxyIsAskedOnceAndKept(t *testing.T) {
	s, tr := serve(t), fresh(t)
	var asked []string
	tr.Proxy = func(r *http.Request) (*url.URL, error) {
		asked = append(asked, r.URL.Host)
		return url.Parse(s.URL)
	}
	g := &fakeGuard{}
	installed(t, g)
	require.NoError(t, get(t, http.DefaultClient, "http://behind.example/x"))
	require.NoError(t, get(t, &http.Client{Transport: tr.Clone()}, "http://behind.example/y"))
	assert.Equal(t, []string{"behind.example", "behind.example"}, asked)
	assert.Equal(t, []string{"GET http://behind.example/x", "GET http://behind.example/y"}, g.urls())
	proxy := strings.TrimPrefix(s.URL, "http://")
	assert.Equal(t, []string{proxy, proxy}, g.addrs(), "behind a proxy a dial hook sees the proxy")
	assert.Equal(t, []string{proxy, proxy}, g.proxies())
}

func serveTLS(t *testing.T) (*server, *x509.CertPool) {
	t.Helper()
	s := newServer()
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return s, roots
}

func trust(tr *http.Transport, roots *x509.CertPool) {
	tr.TLSClientConfig = &tls.Config{RootCAs: roots}
}

func TestPooledHTTP2IsJudged(t *testing.T) {
	var logged bytes.Buffer
	log.SetOutput(&logged)
	t.Cleanup(func() { log.SetOutput(os.Stderr) })
	s, roots := serveTLS(t)
	tr := fresh(t)
	installed(t, &fakeGuard{refuse: refusePath("/evil")})
	trust(tr, roots) // set after Install, and honoured
	for range 5 {
		require.NoError(t, get(t, http.DefaultClient, s.URL+"/good"))
		assertRefused(t, get(t, http.DefaultClient, s.URL+"/evil"))
	}
	assert.Equal(t, strings.Repeat("GET /good HTTP/2.0,", 5), strings.Join(s.requests(), ",")+",")
	assert.Empty(t, logged.String(), "Error enabling Transport HTTP/2 support")
}

func TestCloseIdleConnectionsReachesTheInnerTransport(t *testing.T) {
	s, roots := serveTLS(t)
	tr := fresh(t)
	trust(tr, roots)
	installed(t, &fakeGuard{})
	tr.CloseIdleConnections() // before there is an inner transport
	reused := func() (reused bool) {
		r := request(t, s.URL)
		r = r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
			GotConn: func(i httptrace.GotConnInfo) { reused = i.Reused },
		}))
		resp, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return reused
	}
	assert.False(t, reused())
	assert.True(t, reused())
	http.DefaultClient.CloseIdleConnections()
	assert.False(t, reused())
}

// net/http sends a https request that needs HTTP/1 past alternate protocols: the shell's own
// Proxy sees it.
func TestAnUpgradeOverTLSIsJudged(t *testing.T) {
	s, roots := serveTLS(t)
	tr := fresh(t)
	trust(tr, roots)
	g := &fakeGuard{refuse: refusePath("/evil")}
	installed(t, g)
	upgrade := func(path string) error {
		r := request(t, s.URL+path)
		r.Header.Set("Connection", "Upgrade")
		r.Header.Set("Upgrade", "websocket")
		resp, err := http.DefaultClient.Do(r)
		if err == nil {
			err = resp.Body.Close()
		}
		return err
	}
	require.NoError(t, upgrade("/good"))
	assertRefused(t, upgrade("/evil"))
	assert.Len(t, g.urls(), 2)
	assert.Len(t, g.addrs(), 1)
}

func TestOtherProtocolsStay(t *testing.T) {
	tr := fresh(t)
	tr.RegisterProtocol("memory", roundTripper(noopBody))
	installed(t, &fakeGuard{refuse: refuseAll})
	require.NoError(t, get(t, http.DefaultClient, "memory://x/y"))
}

// A transport that somebody else registered on is left as it is, and stands for what a clone of
// it does.
func TestATakenProtocolIsNoPanic(t *testing.T) {
	s, tr := serve(t), fresh(t)
	tr.RegisterProtocol("https", roundTripper(noopBody))
	i := installed(t, &fakeGuard{refuse: refusePath("/evil")})
	assert.Len(t, i.Gaps(), 1)
	require.NoError(t, get(t, http.DefaultClient, s.URL+"/good"))
	assertRefused(t, get(t, http.DefaultClient, s.URL+"/evil"))
}

func TestManyAtOnce(t *testing.T) {
	s := serve(t)
	fresh(t)
	installed(t, &fakeGuard{})
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for range 10 {
				i := Install(&fakeGuard{})
				// net/http has a connection among its idle ones a moment before the response is
				// with the caller. Then another goroutine's Uninstall may close it as idle.
				if err := get(t, http.DefaultClient, s.URL); err != nil {
					assert.ErrorContains(t, err, "http: CloseIdleConnections called")
				}
				i.Uninstall()
			}
		})
	}
	wg.Wait()
	installed(t, nil)
}

// sentBy returns the copy that requests of the guarded http.DefaultTransport are sent by.
func sentBy(t *testing.T) *http.Transport {
	t.Helper()
	s := process.transport
	require.NotNil(t, s)
	return s.lower.of(s.transport, s).transport
}
