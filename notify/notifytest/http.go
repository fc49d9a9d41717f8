package notifytest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/outguard/outguard/notify"
)

// HTTP describes a sink that delivers by HTTP to TestHTTP.
type HTTP struct {
	New    func(t *testing.T, url string) notify.Notifier // a fresh sink that delivers to the server at url
	OK     http.HandlerFunc                               // the response of a success; nil: status 200, no body
	Check  func(t *testing.T, r *http.Request, body []byte)
	Secret string // a text that no error may hold
	// Body reports that the sink must read the response's body to know whether it is a success.
	Body bool
	// Memory reports that the sink sends through http.DefaultTransport, as [http.Client] does by
	// default. Cases that wait then run by the clock of testing/synctest over connections in
	// memory, and take no time. The kit replaces http.DefaultTransport meanwhile, so no other test
	// may run in parallel.
	Memory bool

	network *network // in a bubble
}

// MaxBody is what a request's body may have at most.
const MaxBody = 256 << 10

// TestHTTP runs Test, and then checks the sink against servers that refuse, fail, hang, reset or
// redirect, and against responses that are slow, endless or cut.
func TestHTTP(t *testing.T, h HTTP) {
	if h.OK == nil {
		h.OK = func(http.ResponseWriter, *http.Request) {}
	}
	t.Run("every sink", func(t *testing.T) {
		s := h.serve(t, nil)
		Test(t, s.sink)
		if s.calls.Load() == 0 {
			t.Error("the server was never asked")
		}
	})
	for _, c := range []struct {
		name  string
		reply func(h HTTP, call int) http.HandlerFunc
		want  outcome
	}{
		{"500, then yes", first(1, status(500)), outcome{calls: 2, ok: true}},
		{"503 three times, then yes", first(3, status(503)), outcome{calls: 4, ok: true}},
		{"500 for ever", always(status(500)), outcome{calls: 4}},
		{"429 for a second, then yes", first(1, retryAfter("1")), outcome{calls: 2, ok: true, atLeast: time.Second}},
		{"429 for a minute", always(retryAfter("60")), outcome{calls: 1, atMost: time.Second, retryAfter: time.Minute}},
		{"400", always(status(400)), outcome{calls: 1, permanent: true}},
		{"401", always(status(401)), outcome{calls: 1, permanent: true}},
		{"404", always(status(404)), outcome{calls: 1, permanent: true}},
		{"redirect", always(redirect(302)), outcome{calls: 1, permanent: true}},
		{"redirect that keeps the method", always(redirect(307)), outcome{calls: 1, permanent: true}},
		{"reset, then yes", first(1, reset), outcome{calls: 2, ok: true}},
		{"hang", always(hang), outcome{calls: 1, deadline: 300 * time.Millisecond}},
		{"headers one byte at a time for ever", always(drip), outcome{calls: 1, deadline: 300 * time.Millisecond}},
		{"10 MB of error", always(tenMB(400)), outcome{calls: 1, permanent: true, atMost: 5 * time.Second}},
		{"no HTTP", first(1, raw("SSH-2.0-OpenSSH_9.7\r\n\r\n")), outcome{calls: 2, ok: true}},
	} {
		h.bubble(t, c.name, func(t *testing.T, h HTTP) { h.run(t, c.reply, c.want) })
	}
	if !h.Body {
		h.bubble(t, "10 MB of yes", func(t *testing.T, h HTTP) {
			h.run(t, always(tenMB(200)), outcome{calls: 1, ok: true, atMost: 5 * time.Second})
		})
	}
	h.bubble(t, "cancelled while it waits", func(t *testing.T, h HTTP) {
		asked := make(chan struct{}, 10)
		s := h.serve(t, func(_ HTTP, _ int) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) { asked <- struct{}{}; hang(w, r) }
		})
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-asked; cancel() }()
		within(t, 2*time.Second, func() { h.fails(t, s.sink.Notify(ctx, Alerts(1))) })
	})
	h.bubble(t, "a server that is not there", func(t *testing.T, h HTTP) {
		l := h.listen(t)
		l.Close()
		sink := h.New(t, "http://"+l.Addr().String())
		within(t, 3*time.Second, func() { h.fails(t, sink.Notify(t.Context(), Alerts(1))) })
	})
	h.bubble(t, "an answer cut at every byte", func(t *testing.T, h HTTP) { h.cutAtEveryByte(t) })
}

// bubble runs f as a subtest, in memory if the sink allows it.
func (h HTTP) bubble(t *testing.T, name string, f func(*testing.T, HTTP)) {
	t.Run(name, func(t *testing.T) {
		if !h.Memory {
			f(t, h)
			return
		}
		inMemory(t, func(t *testing.T, n *network) {
			h.network = n
			f(t, h)
		})
	})
}

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

// patience is how long a case may take. A sink that keeps the rules takes less than half of it.
const patience = 10 * time.Second

type outcome struct {
	calls      int64
	ok         bool
	permanent  bool
	retryAfter time.Duration
	atLeast    time.Duration
	atMost     time.Duration
	deadline   time.Duration // of the context; it must be kept, give or take a busy machine
}

func (h HTTP) run(t *testing.T, reply func(h HTTP, call int) http.HandlerFunc, want outcome) {
	s := h.serve(t, reply)
	before := runtime.NumGoroutine()
	ctx := t.Context()
	if want.deadline > 0 {
		var cancel func()
		ctx, cancel = context.WithTimeout(ctx, want.deadline)
		defer cancel()
		want.atMost = want.deadline + 2*time.Second
	}
	start := time.Now()
	returned := make(chan error, 1)
	go func() { returned <- s.sink.Notify(ctx, Alerts(1)) }()
	var err error
	select {
	case err = <-returned:
	case <-time.After(patience):
		t.Fatalf("Notify has not returned after %v", patience)
	}
	took := time.Since(start)
	if got := s.calls.Load(); got != want.calls {
		t.Errorf("%d calls, want %d (%v)", got, want.calls, err)
	}
	if took < want.atLeast || want.atMost > 0 && took > want.atMost {
		t.Errorf("took %v, want %v to %v", took, want.atLeast, want.atMost)
	}
	if want.ok {
		if err != nil {
			t.Errorf("Notify: %v", err)
		}
		return
	}
	if failed := h.fails(t, err); failed != nil && (failed.Permanent != want.permanent || failed.RetryAfter != want.retryAfter) {
		t.Errorf("permanent %v, retry after %v; want %v, %v (%v)", failed.Permanent, failed.RetryAfter, want.permanent, want.retryAfter, err)
	}
	s.stop()
	settled(t, s.sink, before)
}

// fails checks an error's form.
func (h HTTP) fails(t *testing.T, err error) *notify.DeliveryError {
	t.Helper()
	var failed *notify.DeliveryError
	switch {
	case err == nil:
		t.Error("Notify: no error")
	case !errors.As(err, &failed):
		t.Errorf("Notify: %T is not a *notify.DeliveryError", err)
	case h.Secret != "" && strings.Contains(err.Error(), h.Secret):
		t.Errorf("the error contains the secret: %v", err)
	case strings.Contains(err.Error(), echo):
		t.Errorf("the error repeats what the server said: %v", err)
	}
	return failed
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

// cutAtEveryByte cuts the response of a success after each number of bytes. The sink must not hang,
// and when the server responds in full, the alert has arrived.
func (h HTTP) cutAtEveryByte(t *testing.T) {
	recorder := httptest.NewRecorder()
	var answer bytes.Buffer
	s := h.serve(t, func(h HTTP, _ int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			h.OK(recorder, r)
			r.Body = io.NopCloser(bytes.NewReader(body))
			h.OK(w, r)
		}
	})
	if err := s.sink.Notify(t.Context(), Alerts(1)); err != nil {
		t.Fatal(err)
	}
	got := recorder.Result()
	got.ProtoMajor, got.ProtoMinor = 1, 1
	got.ContentLength = int64(recorder.Body.Len())
	if err := got.Write(&answer); err != nil {
		t.Fatal(err)
	}
	if _, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(answer.Bytes())), nil); err != nil {
		t.Fatal(err)
	}
	var seen sync.Map
	s = h.serve(t, func(_ HTTP, _ int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			n := number(t, body)
			if _, again := seen.LoadOrStore(n, true); again {
				h.OK(w, r)
				return
			}
			raw(answer.String()[:n])(w, r)
		}
	})
	var wg sync.WaitGroup
	for n := range answer.Len() {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			if err := s.sink.Notify(ctx, []notify.Alert{Alert(n)}); err != nil {
				t.Errorf("cut after %d of %d bytes: %v", n, answer.Len(), err)
			}
		})
	}
	wg.Wait()
	if calls, most := int(s.calls.Load()), 2*answer.Len(); calls > most {
		t.Errorf("%d requests for %d alerts", calls, answer.Len())
	}
}

var numbered = regexp.MustCompile(`host-([0-9]+)\.example`)

// number returns the n of the Alert(n) that a body holds.
func number(t *testing.T, body []byte) int {
	m := numbered.FindSubmatch(body)
	if m == nil {
		t.Errorf("the body does not name the call's host: %s", body)
		return 0
	}
	n, _ := strconv.Atoi(string(m[1]))
	return n
}
