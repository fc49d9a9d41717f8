package ways

//lint:file-ignore SA1019 http2.Transport is deprecated and used all the same

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"time"

	"golang.org/x/net/http2"

	"github.com/outguard/outguard/guard"
	"github.com/outguard/outguard/internal/recipetest"
)

// httpWays are those of net/http.
var httpWays = map[string]Way{
	"http.Get": {Plain: built("http.Get")},
	"http.DefaultClient": {Plain: func(ctx context.Context, r Request) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url("http"), nil)
		if err != nil {
			return err
		}
		return recipetest.Drain(http.DefaultClient.Do(req))
	}},
	"http.Client without a Transport": {Plain: func(ctx context.Context, r Request) error {
		return get(ctx, nil, r.url("http"))
	}},
	"http.Transport literal": transport("http", func(Request) http.RoundTripper { return new(http.Transport) }),
	"http.Transport literal, without the context": {
		func(_ context.Context, r Request) error {
			return get(context.Background(), new(http.Transport), r.url("http"))
		},
		func(_ context.Context, g *guard.Guard, r Request) error {
			return get(context.Background(), g.Transport(new(http.Transport)), r.url("http"))
		},
	},
	"http.Transport literal, to an address": transport("http", func(Request) http.RoundTripper {
		return new(http.Transport)
	}),
	"http.Transport literal, to an address, without the context": {
		Plain: func(_ context.Context, r Request) error {
			return get(context.Background(), new(http.Transport), r.url("http"))
		},
		Wired: func(_ context.Context, g *guard.Guard, r Request) error {
			return get(context.Background(), g.Transport(new(http.Transport)), r.url("http"))
		},
	},
	"Clone of http.DefaultTransport": transport("http", func(Request) http.RoundTripper { return clone() }),
	"Clone with Proxy nil": transport("http", func(Request) http.RoundTripper {
		t := clone()
		t.Proxy = nil
		return t
	}),
	// The first request is allowed and opens the connection. The second is the one that counts.
	"pooled HTTP/2 connection of a Clone": {
		func(ctx context.Context, r Request) error { return twice(ctx, clone(), r) },
		func(ctx context.Context, g *guard.Guard, r Request) error { return twice(ctx, g.Transport(clone()), r) },
	},
	"HTTP/2 by prior knowledge": transport("http", func(Request) http.RoundTripper {
		t := &http.Transport{Protocols: new(http.Protocols)}
		t.Protocols.SetUnencryptedHTTP2(true)
		return t
	}),
	"golang.org/x/net/http2.Transport": transport("http", func(Request) http.RoundTripper {
		return &http2.Transport{
			AllowHTTP: true,
			DialTLSContext: func(ctx context.Context, network, addr string, _ *tls.Config) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, network, addr)
			},
		}
	}),
	"http.Transport.NewClientConn": {Plain: built("http.ClientConn")},
	"http.Transport with DialTLSContext": transport("https", func(Request) http.RoundTripper {
		return &http.Transport{DialTLSContext: new(tls.Dialer).DialContext}
	}),
	"httputil.ReverseProxy": {Plain: func(ctx context.Context, r Request) error {
		to, err := url.Parse("http://" + r.Target)
		if err != nil {
			return err
		}
		p := &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(to) }}
		in := httptest.NewRequestWithContext(ctx, http.MethodGet, "http://front.example"+r.Path, nil)
		p.ServeHTTP(httptest.NewRecorder(), in)
		return nil
	}},
	"redirect from an allowed to a denied host": {Plain: func(ctx context.Context, r Request) error {
		return get(ctx, nil, "http://"+r.Other+"/?to="+url.QueryEscape(r.url("http")))
	}},
	"WebSocket upgrade through DefaultTransport": {Plain: func(ctx context.Context, r Request) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url("http"), nil)
		if err != nil {
			return err
		}
		req.Header.Set("Connection", "Upgrade")
		req.Header.Set("Upgrade", "websocket")
		req.Header.Set("Sec-WebSocket-Version", "13")
		req.Header.Set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
		return recipetest.Drain(http.DefaultTransport.RoundTrip(req))
	}},
	"another scheme on DefaultTransport": {Plain: func(ctx context.Context, r Request) error {
		return get(ctx, nil, r.url(Scheme))
	}},
	"HTTP over a Unix socket": transport("http", func(r Request) http.RoundTripper {
		return &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", r.Other)
		}}
	}),
	"goroutine after the handler's return": {Plain: func(ctx context.Context, r Request) error {
		go func() {
			<-ctx.Done() // the runtime cancels it when it has the response
			_ = recipetest.Drain(http.Get(r.url("http")))
		}()
		return nil
	}},
}

func clone() *http.Transport { return http.DefaultTransport.(*http.Transport).Clone() }

func twice(ctx context.Context, t http.RoundTripper, r Request) error {
	_ = get(ctx, t, "https://"+r.Target+"/open")
	return get(ctx, t, r.url("https"))
}

// Scheme is one that main registers on http.DefaultTransport, with Other.
const Scheme = "gopher"

// Other is a client of a protocol that is not HTTP.
type Other struct{}

// RoundTrip sends the path as a line, and has nothing to return.
func (Other) RoundTrip(r *http.Request) (*http.Response, error) {
	conn, err := new(net.Dialer).DialContext(r.Context(), "tcp", r.URL.Host)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	if _, err := io.WriteString(conn, r.URL.Path+"\r\n"); err != nil {
		return nil, err
	}
	return nil, errors.New("sent")
}
