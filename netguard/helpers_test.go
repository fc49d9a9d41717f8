package netguard

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/policy"
)

// A policyGuard judges by a real policy and records what it is asked.
type policyGuard struct {
	policy *policy.Policy

	mu    sync.Mutex
	calls []policy.Call
	bad   []string // "via Net" of violations
}

// refused is the error of a policyGuard.
type refused struct{ reason string }

func (e *refused) Error() string { return "blocked by policy: " + e.reason }

func newGuard(t testing.TB, text string) *policyGuard {
	t.Helper()
	if !strings.Contains(text, "on_violation") {
		text = "on_violation: block\n" + text
	}
	p, err := policy.Parse("policy.yaml", []byte("version: 1\nstage: test\n"+text), policy.Env{Function: "f", Region: "eu-west-1", Account: "111122223333"})
	require.NoError(t, err)
	return &policyGuard{policy: p}
}

func (g *policyGuard) Check(_ context.Context, c policy.Call) error {
	d := g.policy.Decide(c)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls = append(g.calls, c)
	if d.Allowed() {
		return nil
	}
	g.bad = append(g.bad, c.Via.String()+" "+c.Net)
	if d.Verdict != policy.Block {
		return nil
	}
	return &refused{d.Reason}
}

// asked returns what the guard was asked, as "via Net [Names] [→ Addr]", without what was asked
// about addresses of names.
func (g *policyGuard) asked() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := []string{}
	for _, c := range g.calls {
		if c.Addr == "" {
			out = append(out, strings.Join(append([]string{c.Via.String(), c.Net}, c.Names...), " "))
		}
	}
	return out
}

// violations returns what broke the policy, as "via Net", and forgets it.
func (g *policyGuard) violations() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := append([]string{}, g.bad...)
	g.bad = nil
	return out
}

// A counter counts the bytes that a listener's connections receive.
type counter struct {
	net.Listener
	bytes, conns atomic.Int64
}

func (c *counter) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c.conns.Add(1)
	return &countedConn{conn, c}, nil
}

type countedConn struct {
	net.Conn
	counter *counter
}

func (c *countedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.counter.bytes.Add(int64(n))
	return n, err
}

// A server is an HTTP server on loopback that counts requests and bytes.
type server struct {
	*httptest.Server
	counter  *counter
	requests atomic.Int64
}

// serve starts a server; kind is "http", "https", "h2" or "h2c".
func serve(t testing.TB, kind string) *server {
	t.Helper()
	s := new(server)
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, r.Proto)
	}))
	s.Config.ErrorLog = nil
	s.counter = &counter{Listener: s.Listener}
	s.Listener = s.counter
	switch kind {
	case "http":
		s.Start()
	case "h2c":
		s.Config.Protocols = new(http.Protocols)
		s.Config.Protocols.SetUnencryptedHTTP2(true)
		s.Start()
		tr := s.Client().Transport.(*http.Transport)
		tr.Protocols = s.Config.Protocols // with prior knowledge
	case "h2":
		s.EnableHTTP2 = true
		s.StartTLS()
	default:
		s.StartTLS()
	}
	t.Cleanup(s.Close)
	return s
}

func (s *server) port() string {
	_, port, _ := net.SplitHostPort(s.Listener.Addr().String())
	return port
}

// client returns a client with a transport of its own, for which every name is 127.0.0.1.
func (s *server) client(t testing.TB) *http.Client {
	t.Helper()
	tr := s.Client().Transport.(*http.Transport).Clone()
	tr.Proxy = nil
	tr.DialContext = (&net.Dialer{Resolver: everywhere(t).resolver()}).DialContext
	if tr.TLSClientConfig != nil {
		tr.TLSClientConfig.InsecureSkipVerify = true
	}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

// get makes a request and returns the response's body.
func get(ctx context.Context, c *http.Client, url string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	resp, err := c.Do(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d", resp.StatusCode)
	}
	return string(body), err
}
