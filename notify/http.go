package notify

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode"

	"github.com/outguard/outguard/internal/sinkmark"
)

// This file sends requests, and reads responses within bounds.

// maxResponse is how much of a response is read. The responses that sinks need are shorter.
const maxResponse int64 = 64 << 10

// A wire is the HTTP client of one sink. Deliveries of a guard go through a transport of its own.
// No guard judges that transport, and changes of http.DefaultTransport or net.DefaultResolver do
// not affect it; see internal/sinkmark. Redirects are not followed: they would carry the alert, and
// perhaps a secret, to a place that nobody configured.
//
// Its transport speaks HTTP/1.1 alone. A server that ends each HTTP/2 connection at once makes
// net/http open hundreds of them in a second, and one that a freeze has killed holds up all
// requests.
type wire struct {
	env *Env
	aws bool // whether AWS_CA_BUNDLE applies
	// most is how much of a response is read; 0 stands for maxResponse.
	most int64

	once sync.Once
	own  *http.Transport
}

// transport returns the wire's own transport, which is made at the first use.
func (w *wire) transport() *http.Transport {
	w.once.Do(func() {
		// A burst of alerts must not take all file descriptors of a function, which Lambda limits
		// to 1,024.
		w.own = &http.Transport{
			Proxy:                  w.env.proxyFor(),
			DialContext:            ownDialer().DialContext,
			MaxConnsPerHost:        4,
			MaxIdleConnsPerHost:    4,
			IdleConnTimeout:        10 * time.Second,
			TLSHandshakeTimeout:    5 * time.Second,
			MaxResponseHeaderBytes: maxResponse,
		}
		if w.aws {
			w.own.TLSClientConfig = &tls.Config{RootCAs: w.env.roots()}
		}
	})
	return w.own
}

// ownDialer returns a dialer with a resolver of its own, because the guard changes the default one.
func ownDialer() *net.Dialer {
	return &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second, Resolver: &net.Resolver{}}
}

// do sends r through the sink's own transport if a guard delivers, as the context shows, else
// through http.DefaultTransport.
func (w *wire) do(r *http.Request) (*http.Response, error) {
	c := noRedirects(nil)
	// Only a guard marks the context. Without a mark, the program called Notify itself, and its
	// guards judge the request.
	if sinkmark.Is(r.Context()) {
		c.Transport = w.transport()
	}
	response, err := c.Do(r)
	if err != nil {
		return nil, bare(err)
	}
	response.Body = limit(response.Body, cmp.Or(w.most, maxResponse))
	return response, nil
}

// noRedirects returns a client that returns a redirect as the response. A nil t is
// http.DefaultTransport.
func noRedirects(t http.RoundTripper) *http.Client {
	return &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// limit ends a response's body after some bytes.
func limit(body io.ReadCloser, most int64) io.ReadCloser {
	// LimitReader alone has no Close, which gives the connection back.
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(body, most), body}
}

// closeIdle closes connections that wait for another request. A guard calls it before Lambda may
// freeze the process.
func (w *wire) closeIdle() { w.transport().CloseIdleConnections() }

// post sends body to address. If the status is 2xx and read is true, it returns the first 64 KB of
// the response. Its error is an *errTransient if another try is worthwhile. hint explains a
// response that is not a success; it may be nil.
func (w *wire) post(ctx context.Context, address string, header http.Header, body []byte, read bool, hint func(status int, body []byte) string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the URL cannot be read")
	}
	for k, v := range header {
		r.Header[k] = v
	}
	response, err := w.do(r)
	if err != nil {
		return nil, &errTransient{err: err}
	}
	defer response.Body.Close()
	// A captive network answers 200 to any POST. The alert has not arrived.
	if response.StatusCode/100 == 2 && isPage(response) {
		return nil, &errTransient{err: errHTML}
	}
	if response.StatusCode/100 == 2 && !read {
		if looksLikePage(response) {
			return nil, &errTransient{err: errHTML}
		}
		return nil, nil // it has arrived, whatever the rest of the response is
	}
	got, err := io.ReadAll(response.Body)
	if response.StatusCode/100 != 2 {
		text := ""
		if hint != nil {
			text = hint(response.StatusCode, got)
		}
		return nil, statusError(response, text)
	}
	if err != nil {
		return got, &errTransient{err: fmt.Errorf("the response was cut: %w", bare(err))}
	}
	return got, nil
}

// isPage reports whether a response says that it is a page of HTML.
func isPage(response *http.Response) bool {
	kind, _, _ := strings.Cut(strings.ToLower(response.Header.Get("Content-Type")), ";")
	kind = strings.TrimSpace(kind)
	return kind == "text/html" || kind == "application/xhtml+xml"
}

// sniffWait is how long a page may take to begin.
const sniffWait = 500 * time.Millisecond

// looksLikePage reports whether a response begins like a page of HTML, whatever it says that it is.
// One that does not begin in time is not a page. Its body must not be read afterwards. Some proxies
// send their page without a Content-Type.
func looksLikePage(response *http.Response) bool {
	if response.ContentLength == 0 {
		return false
	}
	// Buffered, so that the goroutine ends after the timer, when the body is closed.
	start := make(chan []byte, 1)
	go func() {
		b := make([]byte, 512)
		n, _ := response.Body.Read(b)
		start <- b[:n]
	}()
	timer := time.NewTimer(sniffWait)
	defer timer.Stop()
	select {
	case b := <-start:
		return beginsPage(string(b))
	case <-timer.C:
		return false
	}
}

// errHTML is the error of a success that is a page for people, as proxies and guest networks send
// it. No receiver of alerts responds so.
var errHTML = errors.New("a page of HTML came back: is there a proxy in between, or is the address that of a page?")

// bare returns an error of net/http without the URL, which may be a secret, and without any text
// from the other side.
func bare(err error) error {
	var (
		dns  *net.DNSError
		op   *net.OpError
		cert *tls.CertificateVerificationError
		errn syscall.Errno
	)
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return errNoTime
	// A name that is not found is a frequent mistake, so the error shows the name.
	case errors.As(err, &dns):
		// without the resolver's address
		return &net.DNSError{Err: lookupProblem(dns), Name: dns.Name, IsNotFound: dns.IsNotFound, IsTimeout: dns.IsTimeout}
	// The certificate's own text, its names and issuers, comes from the other side.
	case errors.As(err, &cert):
		return errors.New("its certificate does not verify")
	case errors.As(err, &op):
		if errors.As(op, &errn) {
			return fmt.Errorf("%s: %w", op.Op, errn)
		}
		if op.Timeout() {
			return fmt.Errorf("%s: timeout", op.Op)
		}
		return fmt.Errorf("%s failed", op.Op)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the connection was closed before the response")
	}
	return errors.New("the request failed, or the response was not HTTP")
}

// lookupProblem returns why a name was not found. The text of an error may hold the resolver's
// address: "read udp 10.0.0.7:41234->10.0.0.2:53: i/o timeout".
func lookupProblem(dns *net.DNSError) string {
	switch {
	case dns.IsNotFound:
		return "no such host"
	case dns.IsTimeout:
		return "timeout"
	case strings.ContainsFunc(dns.Err, func(c rune) bool { return c == ':' || unicode.IsDigit(c) }):
		return "the resolver cannot be reached"
	}
	return dns.Err
}

// checkURL returns why alerts must not be posted to an address. Plain http is allowed only to this
// machine: to 127.0.0.0/8, ::1 and the name localhost.
func checkURL(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "":
		return errors.New("it is not a URL")
	case u.Scheme == "https":
		return nil
	case u.Scheme != "http":
		return errors.New("its scheme is not https")
	case u.Hostname() == "localhost":
		return nil
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil && ip.IsLoopback() {
		return nil
	}
	return errors.New("plain http is only for a receiver on this machine: write https")
}
