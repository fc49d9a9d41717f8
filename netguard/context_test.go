package netguard

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/alloctest"
	"github.com/outguard/outguard/internal/corpustest"
	"github.com/outguard/outguard/internal/judged"
)

// good allows one host on loopback's address.
const good = "whitelist:\n- net: good.test\n- ip: 127.0.0.1\n"

func schemeOf(kind string) string {
	return map[string]string{"http": "http", "h2c": "http", "https": "https", "h2": "https"}[kind]
}

func TestARefusedRequestIsNotWritten(t *testing.T) {
	for _, kind := range []string{"http", "https", "h2", "h2c"} {
		t.Run(kind, func(t *testing.T) {
			s := serve(t, kind)
			g := newGuard(t, good)
			ctx := Context(t.Context(), g)
			scheme := schemeOf(kind)
			c := s.client(t)

			_, err := get(ctx, c, scheme+"://evil.test:"+s.port())
			require.Error(t, err)
			assert.Zero(t, s.requests.Load())
			assert.Equal(t, []string{"context evil.test:" + s.port()}, g.violations())
			assert.NoError(t, ctx.Err(), "rollbacks must still work")

			proto, err := get(ctx, c, scheme+"://good.test:"+s.port())
			require.NoError(t, err)
			assert.Equal(t, strings.HasPrefix(kind, "h2"), proto == "HTTP/2.0", proto)
			_, err = get(ctx, c, scheme+"://good.test:"+s.port()+"/again")
			require.NoError(t, err)
			assert.EqualValues(t, 2, s.requests.Load())
			assert.Empty(t, g.violations())
		})
	}
}

// The same connection serves one host by two names only when a transport dials so; then the pool is
// keyed by name, so the test makes the guard change its mind.
func TestARefusedRequestOnAPooledConnectionIsNotWritten(t *testing.T) {
	for _, kind := range []string{"http", "https", "h2", "h2c"} {
		t.Run(kind, func(t *testing.T) {
			s := serve(t, kind)
			scheme := schemeOf(kind)
			c := s.client(t)
			_, err := get(t.Context(), c, scheme+"://evil.test:"+s.port())
			require.NoError(t, err)
			before := s.requests.Load()

			g := newGuard(t, good)
			_, err = get(Context(t.Context(), g), c, scheme+"://evil.test:"+s.port())
			require.Error(t, err)
			assert.Equal(t, before, s.requests.Load())
			assert.Len(t, g.violations(), 1, "net/http tries again on a new connection: one call is one violation")
		})
	}
}

func TestOfManyRequestsTheRefusedAreNotWrittenAndTheAllowedArrive(t *testing.T) {
	each := int64(corpustest.Times(corpustest.Sample(300, 2_000), 10_000))
	evil, good := serve(t, "http"), serve(t, "http")
	g := newGuard(t, "whitelist:\n- net: good.test\n- ip: 127.0.0.1\n")
	ctx := Context(t.Context(), g)
	c := &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, host string) (net.Conn, error) {
			to := good
			if strings.HasPrefix(host, "evil.test:") {
				to = evil
			}
			return new(net.Dialer).DialContext(ctx, network, to.counter.Addr().String())
		},
		MaxIdleConnsPerHost: 32,
	}}
	defer c.CloseIdleConnections()
	var failed, arrived atomic.Int64
	var wg sync.WaitGroup
	for range 32 { // beside each other, and with one context
		wg.Go(func() {
			for failed.Add(1) <= each {
				_, err := get(ctx, c, "http://evil.test")
				assert.Error(t, err)
			}
		})
		wg.Go(func() {
			for arrived.Add(1) <= each {
				_, err := get(ctx, c, "http://good.test")
				assert.NoError(t, err)
			}
		})
	}
	wg.Wait()
	assert.Zero(t, evil.counter.bytes.Load(), "bytes of refused requests")
	assert.Positive(t, evil.counter.conns.Load())
	assert.Len(t, g.violations(), int(each))
	assert.EqualValues(t, each, good.requests.Load())
}

func TestHooksOfOthersStillRun(t *testing.T) {
	s := serve(t, "http")
	var order []string
	hooks := func(name string) *httptrace.ClientTrace {
		return &httptrace.ClientTrace{
			GetConn: func(hostPort string) { order = append(order, name+" "+hostPort) },
			GotConn: func(httptrace.GotConnInfo) { order = append(order, name+" got") },
		}
	}
	g := newGuard(t, good)
	ctx := Context(httptrace.WithClientTrace(t.Context(), hooks("under")), g)
	ctx = httptrace.WithClientTrace(ctx, hooks("over"))
	_, err := get(ctx, s.client(t), "http://evil.test:"+s.port())
	require.Error(t, err)
	assert.Zero(t, s.counter.bytes.Load())
	assert.Equal(t, []string{"over evil.test:" + s.port(), "under evil.test:" + s.port(), "over got", "under got"}, order)
}

// A program may log the context of its invocation, also while it calls.
func TestALoggedContextShowsNothing(t *testing.T) {
	s := serve(t, "http")
	ctx := Context(t.Context(), newGuard(t, good))
	c := s.client(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			_, err := get(ctx, c, "http://good.test:"+s.port())
			assert.NoError(t, err)
		})
		assert.Equal(t, "netguard.Context", fmt.Sprintf("%+v", ctx))
		assert.Equal(t, "netguard.Context.WithCancel", fmt.Sprint(cancelled(ctx)))
	}
	wg.Wait()
}

func cancelled(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	return ctx
}

func TestContextTwiceJudgesOnce(t *testing.T) {
	s := serve(t, "http")
	g := newGuard(t, good)
	_, err := get(Context(Context(t.Context(), g), g), s.client(t), "http://good.test:"+s.port())
	require.NoError(t, err)
	assert.Equal(t, []string{"context good.test:" + s.port()}, g.asked())
}

func TestTwoGuardsBothJudge(t *testing.T) {
	s := serve(t, "http")
	allows, refuses := newGuard(t, good), newGuard(t, "whitelist: []")
	_, err := get(Context(Context(t.Context(), refuses), allows), s.client(t), "http://good.test:"+s.port())
	require.Error(t, err)
	assert.Zero(t, s.counter.bytes.Load())
}

func TestWithoutAGuardNothingPasses(t *testing.T) {
	s := serve(t, "http")
	_, err := get(Context(t.Context(), nil), s.client(t), "http://good.test:"+s.port())
	require.Error(t, err)
	assert.Zero(t, s.counter.bytes.Load())
}

func TestAnAddressIsJudgedWhenItIsConnectedTo(t *testing.T) {
	s := serve(t, "http")
	g := newGuard(t, "blacklist:\n- ip: 127.0.0.1\n")
	_, err := get(Context(t.Context(), g), s.client(t), "http://good.test:"+s.port())
	require.Error(t, err)
	assert.Zero(t, s.counter.bytes.Load())
}

func TestARedirectToARefusedHostIsNotFollowed(t *testing.T) {
	s := serve(t, "http")
	s.Config.Handler = http.RedirectHandler("http://evil.test:"+s.port(), http.StatusFound)
	g := newGuard(t, good)
	_, err := get(Context(t.Context(), g), s.client(t), "http://good.test:"+s.port())
	require.Error(t, err)
	assert.Equal(t, []string{"context evil.test:" + s.port()}, g.violations())
}

// judgedRequest is a request as a richer layer leaves it.
func judgedRequest(t *testing.T, ctx context.Context, url string, g Guard, straight bool) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	require.NoError(t, err)
	sent, mark := judged.Clone(r)
	mark.By(g, straight)
	return sent
}

func TestWhatARicherLayerHasJudgedIsNotJudgedAgain(t *testing.T) {
	hooks := func(ctx context.Context, calls *int) context.Context {
		return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
			GetConn: func(string) { *calls++ },
			GotConn: func(httptrace.GotConnInfo) { *calls++ },
		})
	}
	s := serve(t, "http")
	other := newGuard(t, good)
	for _, c := range []struct {
		name     string
		straight bool
		under    bool // hooks below the layer
		over     bool // hooks above it
		by       Guard
		url      string
		want     []string
	}{
		{name: "straight", straight: true},
		{name: "straight, hooks under", straight: true, under: true},
		{name: "straight, hooks over", straight: true, over: true},
		{name: "client"},
		{name: "client, hooks under", under: true},
		{name: "client, hooks over", over: true},
		{name: "client, hooks on both sides", under: true, over: true},
		{name: "client, final dot", url: "http://good.test./"},
		{name: "client, other spelling", url: "http://GOOD.test/"},
		{name: "the mark of another guard", by: other, straight: true, want: []string{"context good.test:" + s.port()}},
		{name: "the mark of another guard, hooks over", by: other, over: true, want: []string{"context good.test:" + s.port()}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newGuard(t, good)
			var calls int
			ctx := t.Context()
			if c.under {
				ctx = hooks(ctx, &calls)
			}
			if ctx = Context(ctx, g); c.over {
				ctx = hooks(ctx, &calls)
			}
			if c.by == nil {
				c.by = g
			}
			if c.url == "" {
				c.url = "http://good.test"
			}
			resp, err := s.client(t).Do(judgedRequest(t, ctx, strings.TrimSuffix(c.url, "/")+":"+s.port(), c.by, c.straight))
			require.NoError(t, err)
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			assert.Equal(t, append([]string{}, c.want...), g.asked())
			want := 0
			for _, b := range []bool{c.under, c.over} {
				if b {
					want += 2
				}
			}
			assert.Equal(t, want, calls, "the hooks of others")
		})
	}
}

func TestAMarkCountsOnlyForWhereItsRequestGoes(t *testing.T) {
	for _, over := range []bool{false, true} {
		s := serve(t, "http")
		s.Config.Handler = http.RedirectHandler("http://evil.test:"+s.port(), http.StatusFound)
		g := newGuard(t, good)
		ctx := Context(t.Context(), g)
		if over {
			ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GetConn: func(string) {}})
		}
		_, err := s.client(t).Do(judgedRequest(t, ctx, "http://good.test:"+s.port(), g, false))
		require.Error(t, err)
		assert.Equal(t, []string{"context evil.test:" + s.port()}, g.asked())
	}
}

func TestADialToAnAddressIsReportedOnly(t *testing.T) {
	s := serve(t, "http")
	addr := s.Listener.Addr().String()
	for _, c := range []struct {
		policy string
		want   []string
	}{
		{"whitelist: []", []string{"connect " + addr}},
		{"whitelist:\n- net: 127.0.0.1:" + s.port(), []string{}},
		{"whitelist:\n- net: localhost:" + s.port(), []string{}}, // by /etc/hosts
	} {
		g := newGuard(t, c.policy)
		conn, err := new(net.Dialer).DialContext(Context(t.Context(), g), "tcp", addr)
		require.NoError(t, err)
		conn.Close()
		bad := g.violations()
		for i := range bad {
			bad[i] = strings.Replace(bad[i], "localhost", "127.0.0.1", 1)
		}
		assert.Equal(t, c.want, bad, c.policy)
	}
}

func TestALiteralHostIsJudgedOnce(t *testing.T) {
	s := serve(t, "http")
	g := newGuard(t, "whitelist:\n- ip: 127.0.0.1\n")
	_, err := get(Context(t.Context(), g), &http.Client{Transport: &http.Transport{}}, s.URL)
	require.NoError(t, err)
	assert.Equal(t, []string{"context 127.0.0.1:" + s.port()}, g.asked())
}

func TestUnixSocketsPass(t *testing.T) {
	l, err := net.Listen("unix", t.TempDir()+"/s")
	require.NoError(t, err)
	defer l.Close()
	g := newGuard(t, "whitelist: []")
	conn, err := new(net.Dialer).DialContext(Context(t.Context(), g), "unix", l.Addr().String())
	require.NoError(t, err)
	conn.Close()
	assert.Empty(t, g.asked())
}

// Behind a proxy the layer sees the proxy.
func TestAProxyIsWhatIsJudged(t *testing.T) {
	proxy := serve(t, "http")
	at, err := url.Parse("http://proxy.test:" + proxy.port())
	require.NoError(t, err)
	c := proxy.client(t)
	c.Transport.(*http.Transport).Proxy = http.ProxyURL(at)

	g := newGuard(t, "whitelist:\n- net: good.test\n- ip: 127.0.0.1\n")
	_, err = get(Context(t.Context(), g), c, "http://good.test")
	require.Error(t, err)
	assert.Zero(t, proxy.counter.bytes.Load())
	assert.Equal(t, []string{"context " + at.Host}, g.violations())

	g = newGuard(t, "whitelist:\n- net: proxy.test\n- ip: 127.0.0.1\n")
	_, err = get(Context(t.Context(), g), c, "http://good.test")
	require.NoError(t, err)
}

// A rollback uses the handler's context after a call has been refused, and may go to the host of a
// refused call's neighbour.
func TestACallAfterARefusedOneArrives(t *testing.T) {
	s := serve(t, "http")
	g := newGuard(t, good)
	ctx := Context(t.Context(), g)
	c := s.client(t)
	for range 3 {
		_, err := get(ctx, c, "http://evil.test:"+s.port())
		require.Error(t, err)
		_, err = get(ctx, c, "http://good.test:"+s.port())
		require.NoError(t, err)
	}
	assert.EqualValues(t, 3, s.requests.Load())
}

// A refused call whose dial fails gets no connection that could be closed. The next one that the
// same goroutine gets is another call's.
func TestARefusalWithoutAConnectionEndsWithTheCall(t *testing.T) {
	s := serve(t, "http")
	for _, over := range []bool{false, true} {
		g := newGuard(t, good)
		ctx := Context(t.Context(), g)
		if over {
			ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GetConn: func(string) {}})
		}
		unreachable := &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			return nil, net.ErrClosed
		}}}
		_, err := get(ctx, unreachable, "http://evil.test")
		require.Error(t, err)
		resp, err := s.client(t).Do(judgedRequest(t, ctx, "http://good.test:"+s.port(), g, false))
		require.NoError(t, err)
		resp.Body.Close()
		_, err = get(ctx, unreachable, "http://evil.test")
		require.Error(t, err)
		_, err = get(ctx, s.client(t), "http://good.test:"+s.port())
		require.NoError(t, err)
	}
}

// httputil.DumpRequestOut, by which the SDK logs its requests, sends nothing. It asks a transport
// of its own for a connection by http, whatever the request's scheme.
func TestADumpedRequestIsNotACall(t *testing.T) {
	g := newGuard(t, "whitelist:\n- http: https://good.test/a\n")
	plain := Context(t.Context(), g)
	hooked := plain
	for range 2 {
		hooked = httptrace.WithClientTrace(hooked, &httptrace.ClientTrace{GetConn: func(string) {}})
	}
	for _, ctx := range []context.Context{plain, hooked} {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://good.test/a", nil)
		require.NoError(t, err)
		for _, r := range []*http.Request{r, judgedRequest(t, ctx, "https://good.test/a", g, false)} {
			text, err := httputil.DumpRequestOut(r, true)
			require.NoError(t, err)
			assert.Contains(t, string(text), "GET /a HTTP/1.1")
		}
	}
	assert.Empty(t, g.violations())
}

// The hooks are made when they are first asked for, and only once.
func TestHooksAreMadeOnce(t *testing.T) {
	g := newGuard(t, good)
	alloctest.AtMost(t, 1, func() { _ = Context(context.Background(), g) })
	ctx := Context(t.Context(), g)
	first := make(chan *httptrace.ClientTrace)
	for range 8 {
		go func() { first <- httptrace.ContextClientTrace(ctx) }()
	}
	hooks := httptrace.ContextClientTrace(ctx)
	require.NotNil(t, hooks)
	for range 8 {
		assert.Same(t, hooks, <-first)
	}
	layer := judged.LayerFrom(ctx)
	assert.Same(t, hooks, layer.Trace)
	_, net := judged.HookKeys()
	assert.Same(t, ctx.Value(net), layer.Net)
	assert.Same(t, layer, judged.LayerFrom(ctx))
	// A context that is derived from it ends with it, and with its cause.
	parent, cancel := context.WithCancelCause(t.Context())
	child, stop := context.WithCancel(Context(parent, g))
	defer stop()
	ran := make(chan struct{})
	context.AfterFunc(child, func() { close(ran) })
	cause := errors.New("cause")
	cancel(cause)
	<-ran
	assert.Equal(t, cause, context.Cause(child))
}
