package guard

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/httpguard"
)

// listenUnix serves HTTP on a Unix socket, and returns its path.
func listenUnix(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "u") // t.TempDir is too long for a socket's path
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	l, err := net.Listen("unix", filepath.Join(dir, "s"))
	require.NoError(t, err)
	s := &http.Server{Handler: http.NotFoundHandler()}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { s.Close() })
	return l.Addr().String()
}

// A connection to a Unix socket is allowed, and reported once, by each layer that
// sees it without the build word.
func TestUnixSocketsAreReported(t *testing.T) {
	ask := func(ctx context.Context, rt http.RoundTripper) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://allowed.example/", nil)
		if err != nil {
			return err
		}
		resp, err := rt.RoundTrip(r)
		if err != nil {
			return err
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		return resp.Body.Close()
	}
	for name, call := range map[string]func(ctx context.Context, g *Guard, path string) error{
		"a dialer with the context": func(ctx context.Context, _ *Guard, path string) error {
			conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
			if err != nil {
				return err
			}
			return conn.Close()
		},
		"a transport with the context": func(ctx context.Context, _ *Guard, path string) error {
			return ask(ctx, &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, "unix", path)
			}})
		},
		"a transport whose dial has no context": func(ctx context.Context, _ *Guard, path string) error {
			return ask(ctx, &http.Transport{DisableKeepAlives: true, DialContext: func(context.Context, string, string) (net.Conn, error) {
				return net.Dial("unix", path)
			}})
		},
		"a guarded dial function": func(_ context.Context, g *Guard, path string) error {
			conn, err := httpguard.DialContext(g, nil)(context.Background(), "unix", path)
			if err != nil {
				return err
			}
			return conn.Close()
		},
		"a guarded transport": func(_ context.Context, g *Guard, path string) error {
			return ask(context.Background(), g.Transport(&http.Transport{DisableKeepAlives: true, DialContext: func(context.Context, string, string) (net.Conn, error) {
				return net.Dial("unix", path)
			}}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			noProcessGuard(t)
			g, log := logged(t, "version: 1\non_violation: block\nwhitelist:\n- http: http://allowed.example\n")
			path := listenUnix(t)
			handle := g.Wrap(func(ctx context.Context) error {
				for range 3 {
					if err := call(ctx, g, path); err != nil {
						return err
					}
				}
				return nil
			}).(func(context.Context) error)
			require.NoError(t, handle(t.Context()))
			assert.Equal(t, 1, strings.Count(log.String(), `"unix":"`+path+`"`), log.String())
			assert.Contains(t, log.String(), `"schema":"outguard.unjudged/v1"`)
		})
	}
}
