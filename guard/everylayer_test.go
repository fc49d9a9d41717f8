package guard

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/httpguard"
	"github.com/outguard/outguard/internal/corpustest"
)

// Through each layer go 10,000 denied calls and 10,000 allowed ones at once: not a byte of the
// first arrives, and all of the others do. (Those of names and of the handler's context are in
// package netguard, that of the build word in internal/buildtest.)
func TestManyCallsAtOnceThroughEachLayer(t *testing.T) {
	for name, layer := range map[string]func(t *testing.T, g *Guard) (call func(to string) error){
		"Install": func(t *testing.T, g *Guard) func(string) error {
			freshTransport(t) // another test may have used the process's
			require.NoError(t, g.Install())
			return getter(http.DefaultTransport)
		},
		"Transport": func(_ *testing.T, g *Guard) func(string) error {
			return getter(g.Transport(&http.Transport{MaxIdleConnsPerHost: atOnce}))
		},
		"DialContext": func(t *testing.T, g *Guard) func(string) error {
			dial := httpguard.DialContext(g, nil)
			return func(to string) error {
				conn, err := dial(t.Context(), "tcp", to)
				if err != nil {
					return err
				}
				defer conn.Close()
				_, err = io.WriteString(conn, "GET / HTTP/1.0\r\n\r\n")
				if err == nil {
					_, err = io.Copy(io.Discard, conn)
				}
				return err
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			noProcessGuard(t)
			denied, allowed := recordAll(t), recordAll(t)
			g := newGuard(t, "version: 1\non_violation: block\nwhitelist:\n- http: http://"+allowed.addr()+"\n- net: "+allowed.addr()+"\n")
			call := layer(t, g)
			manyAtOnce(func(n int64) {
				assert.True(t, IsBlocked(call(denied.addr())), n)
				assert.NoError(t, call(allowed.addr()), n)
			})
			assert.Zero(t, denied.conns.Load())
			assert.EqualValues(t, many(), allowed.requests.Load())
		})
	}
}

func TestManyOperationsAtOnce(t *testing.T) {
	strict, lax := newGuard(t, noSNS), newGuard(t, allowAll)
	var denied, allowed atomic.Int64
	manyAtOnce(func(n int64) {
		var sent int
		assert.True(t, IsBlocked(publish(t.Context(), strict.AWS(), &sent)), n)
		denied.Add(int64(sent))
		sent = 0
		assert.NoError(t, publish(t.Context(), lax.AWS(), &sent), n)
		allowed.Add(int64(sent))
	})
	assert.Zero(t, denied.Load())
	assert.EqualValues(t, many(), allowed.Load())
}

const atOnce = 32

// many returns how many calls a test makes of each kind.
func many() int { return corpustest.Times(corpustest.Sample(300, 2_000), 10_000) }

// manyAtOnce calls f many times, from many goroutines.
func manyAtOnce(f func(n int64)) {
	var wg sync.WaitGroup
	var n atomic.Int64
	most := int64(many())
	for range atOnce {
		wg.Go(func() {
			for i := n.Add(1); i <= most; i = n.Add(1) {
				f(i)
			}
		})
	}
	wg.Wait()
}

func getter(rt http.RoundTripper) func(to string) error {
	c := &http.Client{Transport: rt}
	return func(to string) error {
		resp, err := c.Get("http://" + to + "/")
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		_, err = io.Copy(io.Discard, resp.Body)
		return err
	}
}

// A destination counts the connections and requests that reach it.
type destination struct {
	*httptest.Server
	conns, requests atomic.Int64
}

func recordAll(t *testing.T) *destination {
	d := new(destination)
	d.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { d.requests.Add(1) }))
	d.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		d.conns.Add(1)
		return ctx
	}
	d.Start()
	t.Cleanup(d.Close)
	return d
}

func (d *destination) addr() string { return d.Listener.Addr().String() }
