package notifytest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/outguard/outguard/notify"
)

// A plain sink does everything right. Its exported fields are the faults that it can have.
type plain struct {
	url       string
	Tries     int  // 0: 4
	Again     bool // tries a refusal again
	Deaf      bool // to its context
	Impatient bool // with Retry-After
	Redirects bool
	Shows     bool // the URL and what the server said
	Untyped   bool // its error
	Leaks     bool // a goroutine
	Raw       bool // sends alerts as they come
	Mute      bool // takes everything and sends nothing
}

func (s *plain) Notify(ctx context.Context, alerts []notify.Alert) error {
	if s.Leaks {
		go func() { select {} }()
	}
	if s.Mute || len(alerts) == 0 {
		return nil
	}
	if s.Deaf {
		ctx = context.Background()
	}
	var said []string
	for _, a := range alerts {
		if !s.Raw {
			a = a.Clean()
		}
		said = append(said, a.Call.String())
	}
	body, err := json.Marshal(said)
	if err != nil {
		return err
	}
	for n := 1; ; n++ {
		failed := s.post(ctx, body)
		wait := 10 * time.Millisecond
		switch {
		case failed == nil:
			return nil
		case failed.RetryAfter > 0 && !s.Impatient:
			wait = failed.RetryAfter
		}
		deadline, ok := ctx.Deadline()
		if failed.Permanent && !s.Again || ctx.Err() != nil || n == cmp.Or(s.Tries, 4) || wait > 2*time.Second || ok && time.Until(deadline) < wait {
			if s.Untyped {
				return failed.Err
			}
			return failed
		}
		time.Sleep(wait)
	}
}

func (s *plain) post(ctx context.Context, body []byte) *notify.DeliveryError {
	fail := func(err error, without string) *notify.DeliveryError {
		if !s.Shows {
			err = errors.New(without)
		}
		return &notify.DeliveryError{Sink: "plain", Err: err}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return fail(err, "no request")
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if s.Redirects {
		client.CheckRedirect = nil
	}
	response, err := client.Do(r)
	if err != nil {
		return fail(err, "no response")
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusOK {
		return nil
	}
	text, _ := io.ReadAll(io.LimitReader(response.Body, 1<<10))
	failed := fail(fmt.Errorf("answered %s", text), response.Status)
	failed.Permanent = response.StatusCode < 500 && response.StatusCode != http.StatusTooManyRequests
	seconds, _ := strconv.Atoi(response.Header.Get("Retry-After"))
	failed.RetryAfter = time.Duration(seconds) * time.Second
	return failed
}

// The kit must find faults: it runs, in a process of its own, on sinks with one fault each.
func TestTheKitFailsBadSinks(t *testing.T) {
	for name, c := range map[string]struct {
		sink plain
		run  string // the part of the kit
		want string // what it says; "": it passes
	}{
		"a good one":            {plain{}, ".*", ""},
		"sends nothing":         {plain{Mute: true}, "every_sink", "the server was never asked"},
		"leaves goroutines":     {plain{Leaks: true}, "every_sink", "goroutines before"},
		"sends a megabyte":      {plain{Raw: true}, "every_sink", "a body of 1"},
		"gives up at once":      {plain{Tries: 1}, "500,_then_yes", "1 calls, want 2"},
		"tries a refusal again": {plain{Again: true}, "400", "4 calls, want 1"},
		"is deaf":               {plain{Deaf: true}, "hang", "has not returned"},
		"does not wait":         {plain{Impatient: true}, "429_for_a_second", "want 1s to"},
		"follows redirects":     {plain{Redirects: true}, "redirect_that_keeps", "calls, want 1"},
		"shows its URL":         {plain{Shows: true}, "a_server_that_is_not_there", "the error contains the secret"},
		"repeats the response":  {plain{Shows: true}, "400", "repeats what the server said"},
		"has an error as it is": {plain{Untyped: true}, "400", "is not a *notify.DeliveryError"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			encoded, err := json.Marshal(c.sink)
			if err != nil {
				t.Fatal(err)
			}
			kit := exec.Command(os.Args[0], "-test.v", "-test.run=^TestBadSink$/"+c.run)
			kit.Env = append(os.Environ(), "OUTGUARD_BAD_SINK="+string(encoded))
			out, err := kit.CombinedOutput()
			switch {
			case c.want == "" && err != nil:
				t.Errorf("%v:\n%s", err, out)
			case c.want != "" && (err == nil || !bytes.Contains(out, []byte(c.want))):
				t.Errorf("%v, and the kit does not say %q:\n%s", err, c.want, out)
			}
		})
	}
}

// TestBadSink is the process that TestTheKitFailsBadSinks starts.
func TestBadSink(t *testing.T) {
	faults := os.Getenv("OUTGUARD_BAD_SINK")
	if faults == "" {
		t.Skip("it is run by another test")
	}
	TestHTTP(t, HTTP{
		New: func(t *testing.T, url string) notify.Notifier {
			s := &plain{url: url + "/s3cr3t"}
			if err := json.Unmarshal([]byte(faults), s); err != nil {
				t.Fatal(err)
			}
			if s.Leaks {
				settleTime = 100 * time.Millisecond // the goroutine never ends
			}
			return s
		},
		Secret: "s3cr3t",
		Memory: true,
	})
}
