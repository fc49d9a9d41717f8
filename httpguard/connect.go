package httpguard

import (
	"context"
	"net/http"
	"net/url"

	"github.com/outguard/outguard/internal/canon"
	"github.com/outguard/outguard/policy"
)

// This file guards what a transport asks a proxy for: a tunnel, by CONNECT.

// guardConnect makes t, which is a copy, judge the header that the program has for CONNECT, if it
// leaves a doubt: net/http writes a "host" beside its own Host line. The program's functions get
// copies of the proxy's URL, because other requests use the one that was judged.
func guardConnect(t *http.Transport) {
	if responded := t.OnProxyConnectResponse; responded != nil {
		t.OnProxyConnectResponse = func(ctx context.Context, proxy *url.URL, asked *http.Request, got *http.Response) error {
			own := *proxy
			return responded(ctx, &own, asked, got)
		}
	}
	get, fixed := t.GetProxyConnectHeader, t.ProxyConnectHeader
	if get == nil && fixed == nil {
		return
	}
	t.GetProxyConnectHeader = func(ctx context.Context, proxy *url.URL, target string) (http.Header, error) {
		header := fixed
		if get != nil {
			own := *proxy
			var err error
			if header, err = get(ctx, &own, target); err != nil {
				return nil, err
			}
		}
		header = header.Clone()
		return header, judgeConnect(ctx, header, target)
	}
}

// judgeConnect asks the guards that have judged the request in ctx about a CONNECT, if its header
// leaves a doubt. The request that the tunnel is for has been judged.
func judgeConnect(ctx context.Context, header http.Header, target string) (refused error) {
	r := &http.Request{Method: http.MethodConnect, URL: &url.URL{Scheme: "http", Host: target}, Host: target, Header: header}
	if _, ok := canon.Headers(r); ok {
		return nil
	}
	for _, g := range guardsIn(ctx) {
		if err := check(ctx, g, policy.Call{HTTP: r, Via: policy.ViaTransport}); err != nil && refused == nil {
			refused = err
		}
	}
	return refused
}
