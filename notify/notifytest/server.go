package notifytest

import (
	"bytes"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/outguard/outguard/notify"
)

func (h HTTP) listen(t *testing.T) net.Listener {
	if h.network != nil {
		return h.network.listen()
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// A server with a sink that delivers to it.
type server struct {
	http.Server
	sink  notify.Notifier
	calls atomic.Int64
	over  chan struct{}
	once  sync.Once
}

func (s *server) stop() { s.once.Do(func() { close(s.over); s.Close() }) }

type overKey struct{}

func (h HTTP) serve(t *testing.T, reply func(h HTTP, call int) http.HandlerFunc) *server {
	s := &server{over: make(chan struct{})}
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		call := int(s.calls.Add(1))
		body, err := io.ReadAll(r.Body)
		switch {
		case err != nil:
			return // cancelled
		case len(body) > MaxBody:
			t.Errorf("a body of %d bytes", len(body))
		case h.Check != nil:
			h.Check(t, r, body)
		}
		r = r.WithContext(context.WithValue(r.Context(), overKey{}, s.over))
		r.Body = io.NopCloser(bytes.NewReader(body))
		if reply != nil {
			if f := reply(h, call); f != nil {
				f(w, r)
				return
			}
		}
		h.OK(w, r)
	})
	s.ErrorLog = log.New(io.Discard, "", 0)
	l := h.listen(t)
	go s.Serve(l)
	t.Cleanup(s.stop)
	s.sink = h.New(t, "http://"+l.Addr().String())
	t.Cleanup(func() { closeIdle(s.sink) })
	return s
}

func closeIdle(n notify.Notifier) {
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	if c, ok := n.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// echo is in the servers' responses; errors must not repeat it.
const echo = "said-by-the-server"

func always(f http.HandlerFunc) func(HTTP, int) http.HandlerFunc {
	return func(HTTP, int) http.HandlerFunc { return f }
}

func first(n int, f http.HandlerFunc) func(HTTP, int) http.HandlerFunc {
	return func(_ HTTP, call int) http.HandlerFunc {
		if call <= n {
			return f
		}
		return nil
	}
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, echo, code) }
}

func retryAfter(v string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", v)
		http.Error(w, echo, http.StatusTooManyRequests)
	}
}

func redirect(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/"+echo, code) }
}

func hang(_ http.ResponseWriter, r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-r.Context().Value(overKey{}).(chan struct{}):
	}
}

func tenMB(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		chunk := bytes.Repeat([]byte(echo), 1<<12)
		for range 10 << 20 / len(chunk) {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}
}

// raw answers with bytes on the bare connection and closes it.
func raw(answer string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			io.WriteString(conn, answer)
			conn.Close()
		}
	}
}

func reset(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		if tcp, ok := conn.(*net.TCPConn); ok {
			tcp.SetLinger(0)
		}
		conn.Close()
	}
}

func drip(w http.ResponseWriter, r *http.Request) {
	over := r.Context().Value(overKey{}).(chan struct{})
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	for _, c := range []byte("HTTP/1.1 200 OK\r\nX-Slow: " + strings.Repeat("x", 1<<10)) {
		if _, err := conn.Write([]byte{c}); err != nil {
			return
		}
		select {
		case <-over:
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
}
