package notifytest

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"strings"
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
	// Most receivers look at the status alone.
	if h.OK == nil {
		h.OK = func(http.ResponseWriter, *http.Request) {}
	}
	t.Run("every sink", func(t *testing.T) {
		// A server that takes everything: what Test checks is not about failures.
		s := h.serve(t, nil)
		Test(t, s.sink)
		if s.calls.Load() == 0 {
			t.Error("the server was never asked")
		}
	})
	// Each case has a server that replies in its own way, and what the sink must do then.
	for _, c := range []struct {
		name  string
		reply func(h HTTP, call int) http.HandlerFunc
		want  outcome
	}{
		{"500, then yes", first(1, status(500)), outcome{calls: 2, ok: true}},
		// Four calls are the first one and three more, which is what every sink does at most.
		{"503 three times, then yes", first(3, status(503)), outcome{calls: 4, ok: true}},
		{"500 for ever", always(status(500)), outcome{calls: 4}},
		{"429 for a second, then yes", first(1, retryAfter("1")), outcome{calls: 2, ok: true, atLeast: time.Second}},
		// A wait as long as that is not the sink's: it returns, and the guard tries again later.
		{"429 for a minute", always(retryAfter("60")), outcome{calls: 1, atMost: time.Second, retryAfter: time.Minute}},
		{"400", always(status(400)), outcome{calls: 1, permanent: true}},
		{"401", always(status(401)), outcome{calls: 1, permanent: true}},
		{"404", always(status(404)), outcome{calls: 1, permanent: true}},
		// A redirect may lead anywhere, so that the alert must not follow it.
		{"redirect", always(redirect(302)), outcome{calls: 1, permanent: true}},
		{"redirect that keeps the method", always(redirect(307)), outcome{calls: 1, permanent: true}},
		{"reset, then yes", first(1, reset), outcome{calls: 2, ok: true}},
		{"hang", always(hang), outcome{calls: 1, deadline: 300 * time.Millisecond}},
		{"headers one byte at a time for ever", always(drip), outcome{calls: 1, deadline: 300 * time.Millisecond}},
		// Of an error, a sink reads no more than it needs.
		{"10 MB of error", always(tenMB(400)), outcome{calls: 1, permanent: true, atMost: 5 * time.Second}},
		{"no HTTP", first(1, raw("SSH-2.0-OpenSSH_9.7\r\n\r\n")), outcome{calls: 2, ok: true}},
	} {
		h.bubble(t, c.name, func(t *testing.T, h HTTP) { h.run(t, c.reply, c.want) })
	}
	// A sink that reads the body of a success has a bound of its own there.
	if !h.Body {
		h.bubble(t, "10 MB of yes", func(t *testing.T, h HTTP) {
			h.run(t, always(tenMB(200)), outcome{calls: 1, ok: true, atMost: 5 * time.Second})
		})
	}
	h.bubble(t, "cancelled while it waits", func(t *testing.T, h HTTP) {
		// The buffer lets the server go on if the sink asks more than once.
		asked := make(chan struct{}, 10)
		s := h.serve(t, func(_ HTTP, _ int) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) { asked <- struct{}{}; hang(w, r) }
		})
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-asked; cancel() }()
		within(t, 2*time.Second, func() { h.fails(t, s.sink.Notify(ctx, Alerts(1))) })
	})
	h.bubble(t, "a server that is not there", func(t *testing.T, h HTTP) {
		// The listener is closed at once, so that its address refuses connections.
		l := h.listen(t)
		l.Close()
		sink := h.New(t, "http://"+l.Addr().String())
		within(t, 3*time.Second, func() { h.fails(t, sink.Notify(t.Context(), Alerts(1))) })
	})
	h.bubble(t, "a response cut at every byte", func(t *testing.T, h HTTP) { h.cutAtEveryByte(t) })
}

// bubble runs f as a subtest, in memory if the sink allows it.
func (h HTTP) bubble(t *testing.T, name string, f func(*testing.T, HTTP)) {
	t.Run(name, func(t *testing.T) {
		// Without Memory, cases take real time and real connections.
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

// patience is how long a case may take. A sink that keeps the rules takes less than half of it.
const patience = 10 * time.Second

// An outcome is what a sink must do in a case. Zero values of times mean that there is no limit.
type outcome struct {
	calls int64
	ok    bool
	// permanent and retryAfter are those of the DeliveryError.
	permanent  bool
	retryAfter time.Duration
	// atLeast and atMost bound how long Notify takes.
	atLeast  time.Duration
	atMost   time.Duration
	deadline time.Duration // of the context; it must be kept, give or take a busy machine
}

// run delivers one alert to a server that replies so, and compares what happened.
func (h HTTP) run(t *testing.T, reply func(h HTTP, call int) http.HandlerFunc, want outcome) {
	s := h.serve(t, reply)
	// The server is running already, so that its goroutines are not counted as the sink's.
	before := runtime.NumGoroutine()
	ctx := t.Context()
	if want.deadline > 0 {
		var cancel func()
		ctx, cancel = context.WithTimeout(ctx, want.deadline)
		defer cancel()
		// Two seconds are for a machine that is busy with other tests.
		want.atMost = want.deadline + 2*time.Second
	}
	start := time.Now()
	// The buffer lets the goroutine end even if nobody waits any more.
	returned := make(chan error, 1)
	go func() { returned <- s.sink.Notify(ctx, Alerts(1)) }()
	var err error
	select {
	case err = <-returned:
	// A sink that hangs would otherwise be found by the limit of the whole test run.
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
	// How an error is classified decides whether the guard sends the alert again.
	if failed := h.fails(t, err); failed != nil && (failed.Permanent != want.permanent || failed.RetryAfter != want.retryAfter) {
		t.Errorf("permanent %v, retry after %v; want %v, %v (%v)", failed.Permanent, failed.RetryAfter, want.permanent, want.retryAfter, err)
	}
	// The server ends first, because its goroutines would be counted.
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
	// Errors are logged, and secrets must not be.
	case h.Secret != "" && strings.Contains(err.Error(), h.Secret):
		t.Errorf("the error contains the secret: %v", err)
	// The receiver's text is not trusted: it could forge lines of the log.
	case strings.Contains(err.Error(), echo):
		t.Errorf("the error repeats what the server said: %v", err)
	}
	return failed
}
