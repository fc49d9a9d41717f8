package defaults

import (
	"net/http"
	"time"

	"github.com/outguard/outguard/guard"
)

func bare(g *guard.Guard, rt http.RoundTripper, c *http.Client) {
	http.DefaultTransport = rt                          // want `http.DefaultTransport is replaced`
	http.DefaultTransport = &http.Transport{}           // want `http.DefaultTransport is replaced`
	http.DefaultTransport = g.Transport(nil)            // want `http.DefaultTransport is replaced`
	http.DefaultTransport.(*http.Transport).Proxy = nil // want `uses http.DefaultTransport's Proxy`
	t := http.DefaultTransport.(*http.Transport)
	t.DialContext = nil                                   // want `uses http.DefaultTransport's DialContext`
	t.RegisterProtocol("s3", rt)                          // want `a protocol of http.DefaultTransport is not guarded`
	http.DefaultClient = other()                          // want `http.DefaultClient gets a transport`
	http.DefaultClient.Transport = &http.Transport{}      // want `http.DefaultClient gets a transport`
	*http.DefaultClient = http.Client{Transport: retry{}} // want `http.DefaultClient gets a transport`
}

func other() *http.Client { return nil }

type retry struct{}

func (retry) RoundTrip(*http.Request) (*http.Response, error) { return nil, nil }

func fine(g *guard.Guard) {
	http.DefaultClient = &http.Client{Timeout: time.Second}
	http.DefaultClient.Timeout = time.Second
	http.DefaultClient.Transport = g.Transport(nil)
	http.DefaultClient.Transport = nil
	http.DefaultClient = &http.Client{Transport: g.Transport(nil)}
	http.DefaultTransport.(*http.Transport).MaxIdleConns = 100
}
