package transports

import (
	"net/http"
	"time"

	"example.com/roundtrip"
	"github.com/outguard/outguard/guard"
	"github.com/outguard/outguard/httpguard"
)

var shared = &http.Client{Transport: &http.Transport{}} // want `this http.Transport is not guarded`

var guardedLater = &http.Client{Transport: &http.Transport{}}

type server struct {
	own    http.RoundTripper
	bare   *http.Transport
	client *http.Client
}

func bare(g *guard.Guard) {
	_ = &http.Client{Transport: &http.Transport{}}                                              // want `this http.Transport is not guarded`
	c := http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}} // want `this http.Transport is not guarded`
	c.Transport = new(http.Transport)                                                           // want `this http.Transport is not guarded`
	t := http.DefaultTransport.(*http.Transport).Clone()                                        // want `this clone of an http.Transport is not guarded`
	t.Proxy = nil
	c.Transport = t
	var zero http.Transport // want `this http.Transport is not guarded`
	c.Transport = &zero
	_ = server{bare: &http.Transport{}} // want `this http.Transport is not guarded`
	_ = retry{&http.Transport{}}        // want `this http.Transport is not guarded`
	_ = plain()
	_ = http.Client{Transport: roundtrip.New()} // want `this transport may not be guarded, because it comes from roundtrip.New`
	c.Transport = roundtrip.New()               // want `because it comes from roundtrip.New`
	_ = roundtrip.Wrap(&http.Transport{})       // want `this http.Transport is not guarded`
}

func plain() *http.Transport { return &http.Transport{} } // want `this http.Transport is not guarded`

// One client is guarded, the other uses the same transport as it is.
func both(g *guard.Guard) {
	t := &http.Transport{}
	_ = http.Client{Transport: g.Transport(t)}
	_ = http.Client{Transport: t} // want `uses a transport without the guard`
}

type retry struct{ base http.RoundTripper }

func (r retry) RoundTrip(q *http.Request) (*http.Response, error) { return r.base.RoundTrip(q) }

func newRetry(base http.RoundTripper) http.RoundTripper { return retry{base} }

func base() *http.Transport {
	t := &http.Transport{}
	t.MaxIdleConns = 3
	return t
}

func fine(g *guard.Guard) {
	_ = http.Client{Transport: g.Transport(roundtrip.New())}
	_ = http.Client{Transport: roundtrip.Wrap(nil)}
	_ = http.Client{Transport: roundtrip.Wrap(http.DefaultTransport)}
	_ = http.Client{Transport: roundtrip.Wrap(g.Transport(&http.Transport{}))}
	_ = http.Client{Transport: g.Transport(roundtrip.Wrap(&http.Transport{}))}
	_ = &http.Client{Timeout: time.Second}
	_ = &http.Client{Transport: g.Transport(nil)}
	_ = &http.Client{Transport: g.Transport(&http.Transport{})}
	t := &http.Transport{}
	_ = &http.Client{Transport: &httpguard.Transport{Guard: g, Base: t}}
	clone := http.DefaultTransport.(*http.Transport).Clone()
	clone.MaxIdleConns = 2
	_ = &http.Client{Transport: g.Transport(clone)}
	_ = &http.Client{Transport: g.Transport(base())}
	_ = &http.Client{Transport: g.Transport(retry{&http.Transport{}})}
	_ = &http.Client{Transport: g.Transport(newRetry(&http.Transport{}))}
	_ = &http.Client{Transport: newRetry(g.Transport(&http.Transport{}))}
	_ = &http.Client{Transport: &http.Transport{DialContext: httpguard.DialContext(g, nil)}}
	dialed := &http.Transport{}
	dialed.DialContext = httpguard.DialContext(g, nil)
	c := &http.Client{Transport: &http.Transport{}}
	c.Transport = g.Transport(c.Transport)
	guardedLater.Transport = g.Transport(guardedLater.Transport)
	s := &server{own: &http.Transport{}}
	s.client = &http.Client{Transport: g.Transport(s.own)}
	var zero http.Transport
	_ = g.Transport(&zero)
}
