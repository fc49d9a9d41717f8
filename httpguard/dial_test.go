package httpguard

//lint:file-ignore SA1019 net/http honours the deprecated dial functions, so they are guarded too

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/dnsnames"
	"github.com/outguard/outguard/policy"
)

// listen counts the connections that reach a port of 127.0.0.1.
func listen(t *testing.T) (port string, accepted func() int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	conns := make(chan net.Conn, 100)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				close(conns)
				return
			}
			c.Close()
			conns <- c
		}
	}()
	_, port, err = net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	return port, func() int {
		l.Close()
		n := 0
		for range conns {
			n++
		}
		return n
	}
}

func TestDialRefusesBeforeItConnects(t *testing.T) {
	port, accepted := listen(t)
	g := &fakeGuard{refuse: func(c policy.Call) bool { return c.Addr != "" }}
	dial := DialContext(g, &net.Dialer{Resolver: resolver(t, answers{"rebind.test": {{"127.0.0.1"}}})})
	_, err := dial(context.Background(), "tcp", "rebind.test:"+port)
	assertRefused(t, err)
	assert.Zero(t, accepted())
	assert.Equal(t, []policy.Call{
		{Net: "rebind.test:" + port, Via: policy.ViaDial},
		{Net: "rebind.test:" + port, Addr: "127.0.0.1:" + port, Via: policy.ViaAddr},
	}, g.calls)
}

// A client of a program on this machine, such as Docker's, dials its socket whatever the host.
func TestARequestOverAUnixSocketIsJudgedAsARequestOnly(t *testing.T) {
	dir, err := os.MkdirTemp("", "s") // t.TempDir is too long for a socket's path
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	l, err := net.Listen("unix", filepath.Join(dir, "s"))
	require.NoError(t, err)
	s := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { s.Close() })
	g := &fakeGuard{refuse: func(c policy.Call) bool { return c.Addr != "" }}
	c := http.Client{Transport: &Transport{Guard: g, Base: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", l.Addr().String())
	}}}}
	resp, err := c.Get("http://docker.test/info")
	require.NoError(t, err)
	resp.Body.Close()
}

func TestDialRefusesANameBeforeItIsLookedUp(t *testing.T) {
	g := &fakeGuard{refuse: refuseAll}
	_, err := DialContext(g, &net.Dialer{Resolver: &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		assert.Fail(t, "looked up")
		return nil, net.ErrClosed
	}}})(context.Background(), "tcp", "evil.test:5432")
	assertRefused(t, err)
	assert.Equal(t, []policy.Call{{Net: "evil.test:5432", Via: policy.ViaDial}}, g.calls)
}

func TestDialOfAnAddressGoesByTheNamesItWasLearnedFor(t *testing.T) {
	t.Cleanup(dnsnames.Process.Forget)
	dnsnames.Process.Learn("db.test", netip.MustParseAddr("127.0.0.1"))
	port, _ := listen(t)
	g := &fakeGuard{}
	conn, err := DialContext(g, nil)(context.Background(), "tcp", "127.0.0.1:"+port)
	require.NoError(t, err)
	conn.Close()
	assert.Equal(t, []string{"db.test:" + port}, g.calls[0].Names)
}

func TestDialOfAUnixSocketPasses(t *testing.T) {
	l, err := net.Listen("unix", t.TempDir()+"/s")
	require.NoError(t, err)
	defer l.Close()
	conn, err := DialContext(&fakeGuard{refuse: refuseAll}, nil)(context.Background(), "unix", l.Addr().String())
	require.NoError(t, err)
	conn.Close()
	_, err = DialContext(nil, nil)(context.Background(), "unix", l.Addr().String())
	assert.ErrorIs(t, err, ErrNoGuard)
}

// What a Transport has judged as a request is not judged as a dial, except for its addresses.
func TestDialBelowAJudgedRequestJudgesAddressesOnly(t *testing.T) {
	s, g := serve(t), &fakeGuard{}
	tr := &http.Transport{DialContext: DialContext(g, &net.Dialer{Resolver: resolver(t, answers{"a.test": {{"127.0.0.1"}}})})}
	defer tr.CloseIdleConnections()
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(s.URL, "http://"))
	require.NoError(t, get(t, &http.Client{Transport: &Transport{Guard: g, Base: tr}}, "http://a.test:"+port))
	require.Len(t, g.calls, 2)
	assert.Equal(t, policy.ViaTransport, g.calls[0].Via)
	assert.Equal(t, policy.Call{Net: "a.test:" + port, Addr: "127.0.0.1:" + port, Via: policy.ViaAddr}, g.calls[1])
}

func TestDialAsksOnceAnAddress(t *testing.T) {
	port, _ := listen(t)
	g := &fakeGuard{}
	conn, err := DialContext(g, nil)(context.Background(), "tcp", "127.0.0.1:"+port)
	require.NoError(t, err)
	conn.Close()
	assert.Equal(t, []string{"127.0.0.1:" + port}, g.addrs())
}

// One forbidden address refuses the dial, also when an allowed one would answer, or when
// another's failure came first.
func TestOneAddressRefusedRefusesAll(t *testing.T) {
	port, _ := listen(t)
	for name, addrs := range map[string][]string{"refused first": {"127.0.0.2", "127.0.0.1"}, "unreachable first": {"127.0.0.3", "127.0.0.2"}} {
		g := &fakeGuard{refuse: refuseAddr("127.0.0.2:" + port)}
		dial := DialContext(g, &net.Dialer{Resolver: resolver(t, answers{"multi.test": {addrs}})})
		_, err := dial(context.Background(), "tcp", "multi.test:"+port)
		assertRefused(t, err, name)
	}
}

// An empty host is this machine; the hook is shown an address without one.
func TestDialOfAnEmptyHostShowsTheTruth(t *testing.T) {
	port, _ := listen(t)
	g := &fakeGuard{}
	conn, err := DialContext(g, nil)(context.Background(), "tcp", ":"+port)
	require.NoError(t, err)
	conn.Close()
	assert.Equal(t, []string{":" + port, "127.0.0.1:" + port}, g.addrs())

	_, err = DialContext(&fakeGuard{refuse: refuseAddr("127.0.0.1:" + port)}, nil)(context.Background(), "tcp", ":"+port)
	assertRefused(t, err)
}

func TestTheUsersOwnControlIsKept(t *testing.T) {
	port, _ := listen(t)
	own := errors.New("own")
	for _, d := range []*net.Dialer{
		{Control: func(string, string, syscall.RawConn) error { return own }},
		{ControlContext: func(context.Context, string, string, syscall.RawConn) error { return own }},
	} {
		_, err := DialContext(&fakeGuard{}, d)(context.Background(), "tcp", "127.0.0.1:"+port)
		assert.ErrorIs(t, err, own)
	}
}

func TestDialWithoutAGuardRefuses(t *testing.T) {
	_, err := DialContext(nil, nil)(context.Background(), "tcp", "127.0.0.1:1")
	assert.ErrorIs(t, err, ErrNoGuard)
}

// Whatever dial functions http.DefaultTransport has, the inner transport's are guarded.
func TestInstalledDialsAreJudged(t *testing.T) {
	plain := func(network, addr string) (net.Conn, error) { return net.Dial(network, addr) }
	for name, set := range map[string]func(*http.Transport){
		"as net/http has it": func(*http.Transport) {},
		"none":               func(tr *http.Transport) { tr.DialContext = nil },
		"DialContext":        func(tr *http.Transport) { tr.DialContext = new(net.Dialer).DialContext },
		"Dial":               func(tr *http.Transport) { tr.DialContext, tr.Dial = nil, plain },
		"no net.Dialer": func(tr *http.Transport) {
			tr.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) { return plain(network, addr) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, tr := serve(t), fresh(t)
			set(tr)
			addr := strings.TrimPrefix(s.URL, "http://")
			g := &fakeGuard{}
			installed(t, g)
			require.NoError(t, get(t, http.DefaultClient, s.URL+"/x"))
			assert.Equal(t, []string{addr}, g.addrs())
			http.DefaultClient.CloseIdleConnections()

			installed(t, &fakeGuard{refuse: refuseAddr(addr)})
			assertRefused(t, get(t, http.DefaultClient, s.URL+"/x"))
			assert.Len(t, s.requests(), 1)
		})
	}
}

func TestInstalledTLSDialsAreJudged(t *testing.T) {
	s, roots := serveTLS(t)
	addr := strings.TrimPrefix(s.URL, "https://")
	for name, set := range map[string]func(*http.Transport){
		"DialTLSContext": func(tr *http.Transport) {
			tr.DialTLSContext = (&tls.Dialer{Config: tr.TLSClientConfig}).DialContext
		},
		"DialTLS": func(tr *http.Transport) {
			tr.DialTLS = func(network, addr string) (net.Conn, error) { return tls.Dial(network, addr, tr.TLSClientConfig) }
		},
	} {
		tr := fresh(t)
		trust(tr, roots)
		set(tr)
		g := &fakeGuard{}
		first := installed(t, g)
		require.NoError(t, get(t, http.DefaultClient, s.URL+"/x"), name)
		assert.Equal(t, []string{addr}, g.addrs(), name)
		second := installed(t, &fakeGuard{refuse: refuseAddr(addr)})
		assertRefused(t, get(t, http.DefaultClient, s.URL+"/x"), name)
		first.Uninstall()
		second.Uninstall()
	}
}

// A transport without dial functions speaks HTTP/2, and so does its guarded clone.
func TestHTTP2StaysOnWithoutDialFunctions(t *testing.T) {
	tr := &http.Transport{}
	replaceDefault(t, tr)
	installed(t, &fakeGuard{})
	assert.True(t, sentBy(t).ForceAttemptHTTP2)
}

func TestADialerIsDialContext(t *testing.T) {
	port, _ := listen(t)
	_, err := new(Dialer).Dial("tcp", "127.0.0.1:"+port)
	assert.ErrorIs(t, err, ErrNoGuard)
	g := &fakeGuard{refuse: refuseAddr("127.0.0.1:" + port)}
	_, err = (&Dialer{Guard: g}).Dial("tcp", "localhost:"+port)
	assertRefused(t, err)
	_, err = (&Dialer{Guard: g}).DialContext(t.Context(), "tcp", "localhost:"+port)
	assertRefused(t, err)
	conn, err := (&Dialer{Guard: &fakeGuard{}}).Dial("tcp", "127.0.0.1:"+port)
	require.NoError(t, err)
	conn.Close()
}
