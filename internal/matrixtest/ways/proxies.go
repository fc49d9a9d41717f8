package ways

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"os/exec"

	"github.com/outguard/outguard/guard"
)

// proxyWays are those through a proxy. The proxy is the recorder, and r.Other the host behind it.
var proxyWays = map[string]Way{
	"HTTP proxy":    through("http", "http"),
	"CONNECT proxy": through("http", "https"),
	"SOCKS proxy":   through("socks5", "http"),
	// The child is built without the build word, as other programs are.
	"os/exec, a child with HTTP_PROXY": {Plain: func(ctx context.Context, r Request) error {
		child := exec.CommandContext(ctx, os.Getenv("MATRIX_CHILD"), "child", "http://"+r.Other+r.Path)
		child.Env = []string{"HTTP_PROXY=http://" + r.Target}
		return child.Run()
	}},
}

func through(proxy, scheme string) Way {
	newTransport := func(r Request) http.RoundTripper {
		return &http.Transport{Proxy: http.ProxyURL(&url.URL{Scheme: proxy, Host: r.Target})}
	}
	target := func(r Request) string { return scheme + "://" + r.Other + r.Path }
	return Way{
		func(ctx context.Context, r Request) error { return get(ctx, newTransport(r), target(r)) },
		func(ctx context.Context, g *guard.Guard, r Request) error {
			return get(ctx, g.Transport(newTransport(r)), target(r))
		},
	}
}
