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

// listen returns a listener in memory, or one on loopback outside of a bubble.
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
	// over is closed at the end, so that handlers which hang return.
	over chan struct{}
	once sync.Once
}

// stop ends the server, and may be called more than once.
func (s *server) stop() { s.once.Do(func() { close(s.over); s.Close() }) }

// An overKey is the key of server.over in a request's context.
type overKey struct{}

// serve starts a server and makes the sink that delivers to it. reply chooses the handler for each
// call, from 1; nil stands for OK, also as its result.
func (h HTTP) serve(t *testing.T, reply func(h HTTP, call int) http.HandlerFunc) *server {
	s := &server{over: make(chan struct{})}
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		call := int(s.calls.Add(1))
		// The whole body is read before the response, because a sink may send and read in that
		// order.
		body, err := io.ReadAll(r.Body)
		switch {
		case err != nil:
			return // cancelled
		case len(body) > MaxBody:
			t.Errorf("a body of %d bytes", len(body))
		// Check sees the body of every call, also of those that fail.
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
	// Broken connections are what the cases are about. Nobody needs them in the output.
	s.ErrorLog = log.New(io.Discard, "", 0)
	l := h.listen(t)
	go s.Serve(l)
	t.Cleanup(s.stop)
	s.sink = h.New(t, "http://"+l.Addr().String())
	t.Cleanup(func() { closeIdle(s.sink) })
	return s
}

// closeIdle closes connections that the sink has kept for later, with either transport.
func closeIdle(n notify.Notifier) {
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	if c, ok := n.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// echo is in the servers' responses; errors must not repeat it.
const echo = "said-by-the-server"

// always replies to each call in the same way.
func always(f http.HandlerFunc) func(HTTP, int) http.HandlerFunc {
	return func(HTTP, int) http.HandlerFunc { return f }
}

// first replies to the first n calls so, and to later ones with OK.
func first(n int, f http.HandlerFunc) func(HTTP, int) http.HandlerFunc {
	return func(_ HTTP, call int) http.HandlerFunc {
		if call <= n {
			return f
		}
		return nil
	}
}

// status replies with a status, and a text that errors must not repeat.
func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, echo, code) }
}

// retryAfter asks the sink to wait: v is in seconds.
func retryAfter(v string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", v)
		http.Error(w, echo, http.StatusTooManyRequests)
	}
}

// redirect sends the sink elsewhere.
func redirect(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/"+echo, code) }
}

// hang does not reply until the sink gives up or the case ends.
func hang(_ http.ResponseWriter, r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-r.Context().Value(overKey{}).(chan struct{}):
	}
}

// tenMB replies with a body that nobody should read to its end.
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
func raw(response string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			io.WriteString(conn, response)
			conn.Close()
		}
	}
}

// reset ends the connection without a response, as a receiver that crashes does.
func reset(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		if tcp, ok := conn.(*net.TCPConn); ok {
			// Without lingering, closing sends a reset. In memory, the pipe just ends.
			tcp.SetLinger(0)
		}
		conn.Close()
	}
}

// drip sends headers a byte at a time, for longer than a case lasts: no timeout between two bytes
// would end it.
func drip(w http.ResponseWriter, r *http.Request) {
	over := r.Context().Value(overKey{}).(chan struct{})
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	for _, c := range []byte("HTTP/1.1 200 OK\r\nX-Slow: " + strings.Repeat("x", 1<<10)) {
		// The sink has given up.
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
