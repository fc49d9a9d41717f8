package httpguard

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/policy"
)

func hostPort(s *server) string { return s.Listener.Addr().String() }

// resolving returns a dial function for which every name is s.
func resolving(s *server) dialFunc {
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, hostPort(s))
	}
}

func TestATransportsOwnDialsAreJudged(t *testing.T) {
	s := serve(t)
	for name, base := range map[string]*http.Transport{
		"none":        {},
		"DialContext": {DialContext: resolving(s)},
		"Dial":        {Dial: func(network, _ string) (net.Conn, error) { return net.Dial(network, hostPort(s)) }},
	} {
		g := &fakeGuard{}
		c := &http.Client{Transport: &Transport{Guard: g, Base: base}}
		require.NoError(t, get(t, c, s.URL), name)
		assert.Equal(t, []string{hostPort(s)}, g.addrs(), name)
		c.CloseIdleConnections()
		g.refuse = refuseAddr(hostPort(s))
		assertRefused(t, get(t, c, s.URL), name)
	}
}

func TestATransportsCopyIsMadeOncePerBaseAndGuard(t *testing.T) {
	s, base := serve(t), &http.Transport{}
	g, other := &fakeGuard{}, &fakeGuard{}
	for range 3 {
		require.NoError(t, get(t, &http.Client{Transport: &Transport{Guard: g, Base: base}}, s.URL))
	}
	assert.Len(t, g.addrs(), 1, "one connection")
	require.NoError(t, get(t, &http.Client{Transport: &Transport{Guard: other, Base: base}}, s.URL))
	assert.Len(t, other.addrs(), 1, "another guard has judged no address of it")
}

func TestLaterSettingsOfTheBaseCount(t *testing.T) {
	s, roots := serveTLS(t)
	for name, through := range map[string]func(*testing.T, *http.Transport) *http.Client{
		"Transport": func(_ *testing.T, base *http.Transport) *http.Client {
			return &http.Client{Transport: &Transport{Guard: &fakeGuard{}, Base: base}}
		},
		"Install": func(t *testing.T, base *http.Transport) *http.Client {
			replaceDefault(t, base)
			installed(t, &fakeGuard{})
			return &http.Client{}
		},
	} {
		t.Run(name, func(t *testing.T) {
			base := standard()
			base.TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
			c := through(t, base)
			require.NoError(t, get(t, c, s.URL))
			base.TLSClientConfig = &tls.Config{} // verified again
			assert.ErrorContains(t, get(t, c, s.URL), "certificate")
			base.TLSClientConfig.RootCAs = roots // in place
			require.NoError(t, get(t, c, s.URL))
			base.DisableKeepAlives = true
			require.NoError(t, get(t, c, s.URL))
			base.ForceAttemptHTTP2, base.TLSNextProto = false, map[string]func(string, *tls.Conn) http.RoundTripper{}
			require.NoError(t, get(t, c, s.URL))
			seen := s.requests()
			assert.True(t, strings.HasSuffix(seen[len(seen)-1], "HTTP/1.1"), "HTTP/2 has been switched off: %v", seen)
			assert.True(t, strings.HasSuffix(seen[len(seen)-2], "HTTP/2.0"), "%v", seen)
		})
	}
}

// Whether HTTP/2 is on follows the base, whose defaults net/http has set when it was used.
func TestACopySpeaksTheBasesProtocol(t *testing.T) {
	s, roots := serveTLS(t)
	used := &http.Transport{}
	_ = get(t, &http.Client{Transport: used}, "http://127.0.0.1:1")
	used.TLSClientConfig.RootCAs = roots
	for name, tt := range map[string]struct {
		base *http.Transport
		want string
	}{
		"used, by default":   {used, "HTTP/2.0"},
		"a TLS config alone": {&http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}, "HTTP/1.1"},
		"forced":             {&http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}, "HTTP/2.0"},
	} {
		require.NoError(t, get(t, &http.Client{Transport: &Transport{Guard: &fakeGuard{}, Base: tt.base}}, s.URL), name)
		seen := s.requests()
		assert.Equal(t, "GET  "+tt.want, strings.Replace(seen[len(seen)-1], "/ ", " ", 1), name)
	}
}

// The function is asked once, and what it gives after it has been judged does not matter.
func TestTheProxyThatIsJudgedIsUsed(t *testing.T) {
	good, evil := serve(t), serve(t)
	proxy, err := url.Parse(good.URL)
	require.NoError(t, err)
	asked := 0
	base := &http.Transport{Proxy: func(*http.Request) (*url.URL, error) { asked++; return proxy, nil }}
	g := &fakeGuard{refuse: func(c policy.Call) bool { return c.Via == policy.ViaProxy && c.Net == hostPort(evil) }}
	c := &http.Client{Transport: &Transport{Guard: guardThat{g, func(c policy.Call) {
		if c.Via == policy.ViaProxy {
			proxy.Host = hostPort(evil) // changed in place, when it has been judged
		}
	}}, Base: base}}
	require.NoError(t, get(t, c, "http://partner.example/x"))
	assert.Equal(t, 1, asked)
	assert.Len(t, good.requests(), 1)
	assertRefused(t, get(t, c, "http://partner.example/x"))
	assert.Empty(t, evil.requests())
	assert.Equal(t, []string{hostPort(good), hostPort(evil)}, g.proxies())
}

// guardThat does something when it has judged.
type guardThat struct {
	*fakeGuard
	then func(policy.Call)
}

func (g guardThat) Check(ctx context.Context, c policy.Call) error {
	err := g.fakeGuard.Check(ctx, c)
	g.then(c)
	return err
}

func TestPortsOfProxies(t *testing.T) {
	for proxy, want := range map[string]string{
		"http://p.example": "p.example:80", "https://p.example": "p.example:443", "socks5://p.example": "p.example:1080",
		"socks5h://u:p@p.example": "p.example:1080", "http://p.example:3128": "p.example:3128", "socks5://[2001:db8::1]": "[2001:db8::1]:1080",
	} {
		u, err := url.Parse(proxy)
		require.NoError(t, err)
		g := &fakeGuard{refuse: refuseAll}
		tr := &Transport{Guard: &fakeGuard{refuse: func(c policy.Call) bool { _ = g.Check(t.Context(), c); return c.Via == policy.ViaProxy }},
			Base: &http.Transport{Proxy: http.ProxyURL(u)}}
		assertRefused(t, errorOf(tr.RoundTrip(request(t, "http://a.example/"))))
		assert.Equal(t, []string{want}, g.proxies())
	}
}

func TestOtherSchemesGoToTheBase(t *testing.T) {
	base := &http.Transport{}
	base.RegisterProtocol("memory", roundTripper(noopBody))
	g := &fakeGuard{}
	require.NoError(t, get(t, &http.Client{Transport: &Transport{Guard: g, Base: base}}, "memory://x/y"))
	assert.Equal(t, []string{"GET memory://x/y"}, g.urls())
	base = &http.Transport{}
	base.RegisterProtocol("https", roundTripper(noopBody))
	require.NoError(t, get(t, &http.Client{Transport: &Transport{Guard: g, Base: base}}, "https://nowhere.example/"), "sent by what is registered")
	assert.Contains(t, Gap(base), "registered")
}

func TestGap(t *testing.T) {
	assert.Empty(t, Gap(nil))
	assert.Empty(t, Gap(&http.Transport{}))
	assert.Empty(t, Gap(&Transport{Base: &http.Transport{}}))
	assert.Contains(t, Gap(&Transport{Base: roundTripper(noop)}), "httpguard.roundTripper")
}

// A middle layer that makes another call of a request has it judged; one that adds a trace has not.
func TestAChangedAWSRequestIsJudgedAgain(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*http.Request)
		want   int
	}{
		"nothing":   {func(*http.Request) {}, 1},
		"a trace":   {func(r *http.Request) { r.Header.Set("Traceparent", "00-1-2-01") }, 1},
		"target":    {func(r *http.Request) { r.Header.Set("X-Amz-Target", "AmazonSQS.PurgeQueue") }, 2},
		"spelling":  {func(r *http.Request) { r.Header["x-amz-target"] = []string{"AmazonSQS.PurgeQueue"} }, 2},
		"query":     {func(r *http.Request) { r.URL.RawQuery = "Action=PurgeQueue" }, 2},
		"type":      {func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }, 2},
		"body":      {func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("Action=PurgeQueue")) }, 2},
		"signature": {func(r *http.Request) { r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAOTHER") }, 2},
	} {
		g := &fakeGuard{}
		below := &Transport{Guard: g, Base: roundTripper(noop)}
		above := &Transport{Guard: g, Base: roundTripper(func(r *http.Request) (*http.Response, error) { tt.change(r); return below.RoundTrip(r) })}
		r, err := http.NewRequest("POST", "https://sqs.eu-west-1.amazonaws.com/", strings.NewReader("{}"))
		require.NoError(t, err)
		r.Header.Set("Content-Type", "application/x-amz-json-1.0")
		r.Header.Set("X-Amz-Target", "AmazonSQS.SendMessage")
		require.NoError(t, errorOf(above.RoundTrip(r)))
		assert.Len(t, g.urls(), tt.want, name)
	}
}

func TestAnotherGuardsMarkDoesNotCount(t *testing.T) {
	g, other := &fakeGuard{}, &fakeGuard{refuse: refuseAll}
	tr := &Transport{Guard: g, Base: &Transport{Guard: other, Base: roundTripper(noop)}}
	assertRefused(t, errorOf(tr.RoundTrip(request(t, "https://example.com/"))))
	tr = &Transport{Guard: g, Base: &Transport{Guard: &fakeGuard{}, Base: &Transport{Guard: g, Base: roundTripper(noop)}}}
	require.NoError(t, errorOf(tr.RoundTrip(request(t, "https://example.com/"))))
	assert.Len(t, g.urls(), 2, "once for each request: a mark further out counts")
}

func TestTheDefaultClientsOwnTransportIsGuarded(t *testing.T) {
	t.Cleanup(func() { http.DefaultClient.Transport = nil })
	used := &http.Transport{}
	_ = get(t, &http.Client{Transport: used}, "http://127.0.0.1:1")
	for name, rt := range map[string]http.RoundTripper{"unused": &http.Transport{}, "used": used, "other": roundTripper(http.DefaultTransport.RoundTrip)} {
		s := serve(t)
		fresh(t)
		http.DefaultClient.Transport = rt
		i := installed(t, &fakeGuard{refuse: refusePath("/evil")})
		require.NoError(t, get(t, http.DefaultClient, s.URL+"/good"), name)
		assertRefused(t, get(t, http.DefaultClient, s.URL+"/evil"), name)
		assert.Empty(t, i.Recheck(), name)
		http.DefaultClient.Transport = &http.Transport{} // by a library, later
		require.Len(t, i.Recheck(), 1, "reported")
		assert.Empty(t, i.Recheck(), "once")
		assert.Contains(t, strings.Join(i.Gaps(), "\n"), "http.DefaultClient.Transport has been set")
		i.Uninstall()
	}
}

func TestRecheckGuardsWhatHasBeenPutInPlaceSince(t *testing.T) {
	t.Cleanup(func() { http.DefaultClient.Transport = nil })
	s := serve(t)
	fresh(t)
	i := installed(t, &fakeGuard{refuse: refuseAll})
	http.DefaultClient.Transport = &http.Transport{}
	assert.Empty(t, i.Recheck())
	assertRefused(t, get(t, http.DefaultClient, s.URL))
}

func TestOtherSchemesOfTheDefaultTransportAreAGap(t *testing.T) {
	tr := fresh(t)
	i := installed(t, &fakeGuard{})
	tr.RegisterProtocol("file", http.NewFileTransport(http.Dir(t.TempDir())))
	assert.Contains(t, strings.Join(i.Gaps(), "\n"), `"file"`)
}

// A copy that sets Proxy is seen by its dials.
func TestACopyThatSetsProxyIsJudgedByHostAndPort(t *testing.T) {
	s, tr := serve(t), fresh(t)
	g := &fakeGuard{refuse: func(c policy.Call) bool { return c.Net == hostPort(s) }}
	i := installed(t, g)
	c := tr.Clone()
	c.Proxy = nil
	assertRefused(t, get(t, &http.Client{Transport: c}, s.URL))
	assert.Contains(t, strings.Join(i.Gaps(), "\n"), "has set Proxy")
	assert.Empty(t, s.requests())
}

// The addresses that a copy dials are judged, whether it has kept Proxy or not.
func TestAddressesOfCopiesAreJudged(t *testing.T) {
	for name, change := range map[string]func(*http.Transport){
		"as it is": func(*http.Transport) {}, "without Proxy": func(c *http.Transport) { c.Proxy = nil },
	} {
		s, tr := serve(t), fresh(t)
		g := &fakeGuard{refuse: refuseAddr(hostPort(s))}
		i := installed(t, g)
		c := tr.Clone()
		change(c)
		assertRefused(t, get(t, &http.Client{Transport: c}, strings.Replace(s.URL, "127.0.0.1", "localhost", 1)), name)
		assert.Contains(t, g.addrs(), hostPort(s), name)
		i.Uninstall()
	}
}
