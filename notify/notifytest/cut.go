package notifytest

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/outguard/outguard/notify"
)

// cutAtEveryByte cuts the response of a success after each number of bytes. The sink must not hang,
// and when the server responds in full, the alert has arrived.
func (h HTTP) cutAtEveryByte(t *testing.T) {
	// The first delivery shows what the sink sends and what a success looks like in bytes.
	recorder := httptest.NewRecorder()
	var response bytes.Buffer
	s := h.serve(t, func(h HTTP, _ int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			// The body is read twice: once for the recorder, and once for the sink.
			h.OK(recorder, r)
			r.Body = io.NopCloser(bytes.NewReader(body))
			h.OK(w, r)
		}
	})
	if err := s.sink.Notify(t.Context(), Alerts(1)); err != nil {
		t.Fatal(err)
	}
	// A recorder makes no bytes of HTTP/1.1, so that the response is written out here.
	got := recorder.Result()
	got.ProtoMajor, got.ProtoMinor = 1, 1
	got.ContentLength = int64(recorder.Body.Len())
	if err := got.Write(&response); err != nil {
		t.Fatal(err)
	}
	// What is cut has to be a whole response at first, or the cuts would show nothing.
	if _, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(response.Bytes())), nil); err != nil {
		t.Fatal(err)
	}
	// Each alert is cut the first time, and gets the whole response when the sink tries again.
	var seen sync.Map
	s = h.serve(t, func(_ HTTP, _ int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			// The alert's number says after how many bytes its response is cut.
			n := number(t, body)
			if _, again := seen.LoadOrStore(n, true); again {
				h.OK(w, r)
				return
			}
			raw(response.String()[:n])(w, r)
		}
	})
	// All cuts run at once: a sink may wait before it tries again, and there are hundreds.
	var wg sync.WaitGroup
	for n := range response.Len() {
		wg.Go(func() {
			// Twenty seconds are enough for a second try, also on a busy machine.
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			if err := s.sink.Notify(ctx, []notify.Alert{Alert(n)}); err != nil {
				t.Errorf("cut after %d of %d bytes: %v", n, response.Len(), err)
			}
		})
	}
	wg.Wait()
	// One second try is enough. More would be a storm on a receiver that has trouble.
	if calls, most := int(s.calls.Load()), 2*response.Len(); calls > most {
		t.Errorf("%d requests for %d alerts", calls, response.Len())
	}
}

// numbered finds the host that Alert gives each alert.
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
