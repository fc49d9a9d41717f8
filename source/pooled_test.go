package source

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/guard"
	"github.com/outguard/outguard/internal/sourceapi"
	"github.com/outguard/outguard/policy"
)

// A driven is a source that a test asks when it wants to.
type driven struct {
	fake
	follower *follower
}

func (d *driven) Follow(h sourceapi.Host) sourceapi.Follower {
	d.follower = newFollower("test:", &d.fake, h)
	return d.follower
}

// receiver is a server on loopback that counts requests and connections.
func receiver(t *testing.T) (addr string, requests, conns *atomic.Int64) {
	t.Helper()
	requests, conns = new(atomic.Int64), new(atomic.Int64)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
	s.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context { conns.Add(1); return ctx }
	s.Start()
	t.Cleanup(s.Close)
	return s.Listener.Addr().String(), requests, conns
}

const (
	pooled     = "http://pooled.example"
	anyAddress = "version: 1\non_violation: block\nwhitelist: [{http: \"" + pooled + "\"}, {ip: 127.0.0.1}]\n"
	noLoopback = anyAddress + "blacklist: [{ip: loopback, reason: not here}]\n"
)

// dialing returns a transport to a server, whatever name it dials.
func dialing(addr string) *http.Transport {
	return &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, addr)
	}}
}

// get sends a request by a client.
func get(ctx context.Context, client *http.Client) error {
	r, err := http.NewRequestWithContext(ctx, "GET", pooled, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(r)
	if err == nil {
		resp.Body.Close()
	}
	return err
}

// TestConnectionsFromBeforeAnExchange: a connection that was left open was judged by the policy
// before. It does not serve requests that the new one forbids by the address.
func TestConnectionsFromBeforeAnExchange(t *testing.T) {
	private, public := signer(1)
	for _, c := range []struct {
		name   string
		client func(t *testing.T, g *guard.Guard, base *http.Transport) *http.Client
	}{
		{"http.DefaultTransport", func(t *testing.T, g *guard.Guard, base *http.Transport) *http.Client {
			before := http.DefaultTransport
			http.DefaultTransport = base
			t.Cleanup(func() { http.DefaultTransport = before })
			return &http.Client{}
		}},
		{"guarded", func(_ *testing.T, g *guard.Guard, base *http.Transport) *http.Client {
			return &http.Client{Transport: g.Transport(base)}
		}},
		{"the handler's context", func(_ *testing.T, _ *guard.Guard, base *http.Transport) *http.Client {
			return &http.Client{Transport: base}
		}},
	} {
		for _, forbids := range []bool{true, false} {
			name := strings.NewReplacer(" ", "_", "'", "").Replace(c.name)
			t.Run(name+map[bool]string{true: "/forbidden", false: "/allowed"}[forbids], func(t *testing.T) {
				addr, requests, conns := receiver(t)
				s := &driven{}
				p, err := policy.Parse("policy.yaml", []byte(anyAddress), testEnv)
				require.NoError(t, err)
				log := &record{}
				g := guard.New(p, &guard.Options{Function: "pay", Getenv: environment(), Stdout: log, Source: s, Keys: []string{public}})
				t.Cleanup(func() { g.Close() })
				client := c.client(t, g, dialing(addr))
				t.Cleanup(client.CloseIdleConnections)
				var last error
				handler, ok := g.Wrap(func(ctx context.Context, _ string) error { last = get(ctx, client); return nil }).(func(context.Context, string) error)
				require.True(t, ok)
				for range 2 {
					require.NoError(t, handler(t.Context(), ""))
					require.NoError(t, last)
				}
				require.EqualValues(t, 1, conns.Load(), "it is kept open")
				text := anyAddress
				if forbids {
					text = noLoopback
				}
				s.put(sign(t, private, text+"# changed\n", 1, nil))
				s.follower.fetch(fetchBudget)
				err = handler(t.Context(), "")
				if forbids {
					require.True(t, guard.IsBlocked(err), "%v", err)
					require.Error(t, last)
					assert.EqualValues(t, 2, requests.Load(), "nothing was sent")
					assert.NotEmpty(t, log.lines(t, "outguard.alert/v1"))
					return
				}
				require.NoError(t, err)
				require.NoError(t, last)
				assert.EqualValues(t, 3, requests.Load())
				assert.Empty(t, log.lines(t, "outguard.alert/v1"))
			})
		}
	}
}

// TestConnectionsOfAnInvocationThatKeepsItsPolicy: where several run at once, the connection that
// one with the policy before leaves open serves none of those after its end.
func TestConnectionsOfAnInvocationThatKeepsItsPolicy(t *testing.T) {
	private, public := signer(1)
	addr, requests, _ := receiver(t)
	s := &driven{}
	p, err := policy.Parse("policy.yaml", []byte(anyAddress), testEnv)
	require.NoError(t, err)
	g := guard.New(p, &guard.Options{
		Function: "pay", Getenv: environment("AWS_LAMBDA_MAX_CONCURRENCY", "10"), Stdout: &record{}, Source: s, Keys: []string{public},
	})
	t.Cleanup(func() { g.Close() })
	client := &http.Client{Transport: g.Transport(dialing(addr))}
	t.Cleanup(client.CloseIdleConnections)
	handler, ok := g.Wrap(func(ctx context.Context, do func(context.Context) error) error { return do(ctx) }).(func(context.Context, func(context.Context) error) error)
	require.True(t, ok)
	began, exchanged := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		assert.NoError(t, handler(t.Context(), func(ctx context.Context) error {
			close(began)
			<-exchanged
			return get(ctx, client)
		}))
	})
	<-began
	s.put(sign(t, private, noLoopback, 1, nil))
	s.follower.fetch(fetchBudget)
	require.NoError(t, handler(t.Context(), func(context.Context) error { return nil }))
	close(exchanged)
	wg.Wait()
	require.EqualValues(t, 1, requests.Load())
	assert.True(t, guard.IsBlocked(handler(t.Context(), func(ctx context.Context) error { return get(ctx, client) })))
	assert.EqualValues(t, 1, requests.Load())
}
