// Package notifytest checks that a [notify.Notifier] keeps what the interface promises.
//
// [Test] is for every sink. [TestHTTP] is for a sink that delivers by HTTP, and includes Test. The
// test of a sink calls one of them and needs little else:
//
//	notifytest.TestHTTP(t, notifytest.HTTP{
//		New: func(t *testing.T, url string) notify.Notifier {
//			return &notify.Webhook{URL: url, Secret: "s3cr3t"}
//		},
//		Secret: "s3cr3t",
//		Memory: true,
//	})
package notifytest

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/outguard/outguard/notify"
)

// Alert returns an alert as a guard makes them. Alerts of different n are different violations.
func Alert(n int) notify.Alert {
	return notify.Alert{
		Schema: notify.Schema, Time: time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC).Add(time.Duration(n) * time.Second), Verdict: "block",
		Function: "checkout", Version: "7", Stage: "prod", Region: "eu-west-1", Account: "111122223333",
		RequestID: "5d8c1f0e-7a53-4a53-9f0a-2f1f5f0c9b11",
		Call:      notify.Call{Kind: "http", Method: "GET", URL: fmt.Sprintf("https://host-%d.example/v1", n), Via: "transport"},
		List:      "whitelist", Place: "policy.yaml:14", Reason: "no whitelist entry matches", Caller: "main.handle main.go:42", Count: 1,
	}.Clean()
}

// Alerts returns n different alerts.
func Alerts(n int) []notify.Alert {
	alerts := make([]notify.Alert, n)
	for i := range alerts {
		alerts[i] = Alert(i)
	}
	return alerts
}

// Odd returns alerts that a mistake in a guard could make: an empty one, one with fields a megabyte
// long, one with text that breaks lines and markup.
func Odd() []notify.Alert {
	// A guard bounds its texts. A sink must not depend on that.
	huge := Alert(0)
	huge.Call.URL += "/" + strings.Repeat("x/", 1<<19)
	huge.Reason, huge.Allow, huge.Function, huge.Caller = strings.Repeat("\"", 1<<20), strings.Repeat("- http: \"\\\"\n", 1<<16), strings.Repeat("f", 1<<20), strings.Repeat("é", 1<<19)
	for range 1000 {
		huge.Call.Resources = append(huge.Call.Resources, strings.Repeat("\\", 1<<10))
	}
	// The text has what would end a line, a header, a terminal's mode or a markup, and is not
	// UTF-8.
	broken := Alert(1)
	for _, s := range []*string{&broken.Function, &broken.Stage, &broken.Reason, &broken.Call.URL, &broken.Call.Method, &broken.Rule, &broken.RequestID} {
		*s = "a\r\nSubject: b\x00\x1b[31m\u2028\u202e`*_~<!channel>&</x>\xff" + *s
	}
	return []notify.Alert{{}, huge, broken}
}

// Test checks a sink whose receiver takes everything. It delivers no alerts, one, many and odd
// ones, from many goroutines and with a context that is over, and checks that no goroutine is left.
func Test(t *testing.T, n notify.Notifier) {
	t.Helper()
	before := runtime.NumGoroutine()
	for name, alerts := range map[string][]notify.Alert{"none": nil, "one": Alerts(1), "many": Alerts(notify.MaxBatch), "odd": Odd()} {
		t.Run(name, func(t *testing.T) {
			if err := n.Notify(t.Context(), alerts); err != nil {
				t.Errorf("Notify: %v", err)
			}
		})
	}
	t.Run("64 goroutines", func(t *testing.T) {
		var wg sync.WaitGroup
		// With -race, this finds what goroutines share without a lock.
		for i := range 64 {
			wg.Go(func() {
				if err := n.Notify(t.Context(), []notify.Alert{Alert(i)}); err != nil {
					t.Errorf("Notify: %v", err)
				}
			})
		}
		wg.Wait()
	})
	t.Run("a context that is over", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		// The error is of no interest: what counts is that Notify returns.
		within(t, time.Second, func() { _ = n.Notify(ctx, Alerts(1)) })
	})
	settled(t, n, before)
}

// within fails when f takes longer than limit.
func within(t *testing.T, limit time.Duration, f func()) {
	t.Helper()
	start := time.Now()
	f()
	if took := time.Since(start); took > limit {
		t.Errorf("took %v, more than %v", took.Round(time.Millisecond), limit)
	}
}

// settleTime is how long goroutines may take to end, on a busy machine.
var settleTime = 5 * time.Second

// settled waits for the goroutines that n has started to end.
func settled(t *testing.T, n notify.Notifier, before int) {
	t.Helper()
	for deadline := time.Now().Add(settleTime); ; time.Sleep(5 * time.Millisecond) {
		// Idle connections are not leaks, and end only when they are closed.
		closeIdle(n)
		now := runtime.NumGoroutine()
		if now <= before {
			return
		}
		if time.Now().After(deadline) {
			buf := make([]byte, 1<<20)
			t.Errorf("%d goroutines before, %d after:\n%s", before, now, buf[:runtime.Stack(buf, true)])
			return
		}
	}
}
