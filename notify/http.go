package notify

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"syscall"
	"time"

	"github.com/outguard/outguard/internal/private"
)

// maxAnswer is how much of an answer is read. What is longer says nothing that we ask for.
const maxAnswer = 64 << 10

// A wire is the HTTP client of one sink. Deliveries that a guard makes use a transport of the sink's own, which no guard
// judges and no change to http.DefaultTransport or net.DefaultResolver touches; see internal/private. Redirects are not
// followed: they would carry the alert, and perhaps a secret, to where nobody has put it.
type wire struct {
	env *Env
	aws bool // whether AWS_CA_BUNDLE applies

	once sync.Once
	own  *http.Transport
}

func (w *wire) transport() *http.Transport {
	w.once.Do(func() {
		w.own = &http.Transport{
			Proxy:                  w.env.proxyFor(),
			DialContext:            ownDialer().DialContext,
			ForceAttemptHTTP2:      true,
			MaxIdleConnsPerHost:    4,
			IdleConnTimeout:        10 * time.Second,
			TLSHandshakeTimeout:    5 * time.Second,
			MaxResponseHeaderBytes: maxAnswer,
		}
		if w.aws {
			w.own.TLSClientConfig = &tls.Config{RootCAs: w.env.roots()}
		}
	})
	return w.own
}

// ownDialer returns a dialer that asks a resolver of its own: the guard's name layer changes the default one.
func ownDialer() *net.Dialer {
	return &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second, Resolver: &net.Resolver{}}
}

// do sends r by the sink's own transport if the context says that a guard delivers, else by http.DefaultTransport.
func (w *wire) do(r *http.Request) (*http.Response, error) {
	c := noRedirects(nil)
	if private.Is(r.Context()) {
		c.Transport = w.transport()
	}
	answer, err := c.Do(r)
	if err != nil {
		return nil, bare(err)
	}
	answer.Body = limit(answer.Body)
	return answer, nil
}

func noRedirects(t http.RoundTripper) *http.Client {
	return &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// limit ends an answer after maxAnswer bytes.
func limit(body io.ReadCloser) io.ReadCloser {
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(body, maxAnswer), body}
}

// closeIdle closes connections that wait for another request; a guard calls it before the process may be frozen.
func (w *wire) closeIdle() { w.transport().CloseIdleConnections() }

// post sends body to address and returns the answer of a 2xx status: its first 64 KB, and none at all if read is false. Its error
// is an *errTransient if another try is worthwhile. hint, if any, explains an answer that is no success.
func (w *wire) post(ctx context.Context, address string, header http.Header, body []byte, read bool, hint func(status int, body []byte) string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the URL cannot be read")
	}
	for k, v := range header {
		r.Header[k] = v
	}
	answer, err := w.do(r)
	if err != nil {
		return nil, &errTransient{err: err}
	}
	defer answer.Body.Close()
	if answer.StatusCode/100 == 2 && !read {
		return nil, nil // it has arrived, however the answer goes on
	}
	got, err := io.ReadAll(answer.Body)
	if answer.StatusCode/100 != 2 {
		text := ""
		if hint != nil {
			text = hint(answer.StatusCode, got)
		}
		return nil, statusError(answer, text)
	}
	if err != nil {
		return got, &errTransient{err: fmt.Errorf("the answer was cut: %w", bare(err))}
	}
	return got, nil
}

// bare returns an error of net/http without the URL, which may be a secret, and without anything that the other side said.
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
	case errors.As(err, &dns):
		return dns
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
		return errors.New("the connection was closed before the answer")
	}
	return errors.New("the request failed or its answer was no HTTP")
}

// checkURL says what keeps an address from being posted to. Plain http is for receivers in the same machine only, which
// an alert does not leave: an address of 127.0.0.0/8 or ::1, or the name localhost.
func checkURL(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "":
		return errors.New("it is no URL")
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
