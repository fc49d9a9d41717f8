//go:build linux

package faulttest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/alerting"
	"github.com/outguard/outguard/internal/sinkmark"
	"github.com/outguard/outguard/notify"
	"github.com/outguard/outguard/policy"
)

var allSinks = []string{"slack", "slack token", "webhook", "sns", "eventbridge"}

// full says that the test waits for the backoffs as they are.
var full = os.Getenv("LONG") != ""

// patience bounds every wait. The budgets are asserted, and much shorter.
func patience() time.Duration {
	if full {
		return 10 * time.Minute
	}
	return 30 * time.Second
}

// TestMatrix runs each kind of sink against each fault, beside a sink that works. No alert is lost,
// the healthy sink has each within a second, and an invocation without an alert of its own waits
// for nothing.
func TestMatrix(t *testing.T) {
	for _, sink := range allSinks {
		for _, fault := range allFaults {
			t.Run(sink+" "+fault, func(t *testing.T) {
				t.Parallel()
				runCell(t, sink, fault)
			})
		}
	}
}

// maxInnocent and maxHealthy are budgets. The machine may be busy, so an invocation that waits for
// nothing may take a moment.
const (
	maxInnocent = 400 * time.Millisecond
	maxHealthy  = time.Second
)

// asksToWait are faults whose response says when to come back. Nobody waits for that.
var asksToWait = []string{"429-after-2", "429-after-60", "429-after-day", "429-at", "503-after-1"}

func runCell(t *testing.T, sink, fault string) {
	hold := 2 * time.Second
	if slices.Contains(asksToWait, fault) {
		hold = 0
	}
	r, healthy := serve(t, sink, fault), serve(t, "webhook", "ok")
	var log log
	q := alerting.New(alerting.Options{Stdout: &log, Sinks: append(sinkFor(t, r), sinkFor(t, healthy)...)})
	var words []string
	raise := func(n int) {
		ticket := new(alerting.Ticket)
		q.Begin()
		start := time.Now()
		for range n {
			w := nextWord()
			words = append(words, w)
			q.Record(violation(w), ticket)
		}
		_ = q.Flush(t.Context(), ticket) // the log has what was not delivered
		assert.Less(t, time.Since(start), budget(hold+maxInnocent), "the budget of an invocation")
	}
	innocent := func() {
		q.Begin()
		start := time.Now()
		assert.NoError(t, q.Flush(t.Context(), new(alerting.Ticket)))
		assert.Less(t, time.Since(start), budget(maxInnocent), "an invocation without an alert of its own")
	}
	for range 3 {
		at := time.Now()
		raise(2)
		innocent()
		for _, w := range words[len(words)-2:] {
			require.Eventually(t, func() bool { return healthy.missing([]string{w}) == nil }, patience(), 5*time.Millisecond)
			healthy.mu.Lock()
			assert.Less(t, healthy.arrived[w].Sub(at), budget(maxHealthy), "the healthy sink")
			healthy.mu.Unlock()
		}
	}
	r.recover()
	require.Eventually(t, func() bool {
		innocent()
		if !full { // the last flush of a process does not wait for backoffs
			_ = q.Close(t.Context())
		}
		return r.missing(words) == nil
	}, patience(), 200*time.Millisecond, "lost: %v of %v\n%s", r.missing(words), words, &log)
	raise(1)
	require.Eventually(t, func() bool { return r.missing(words) == nil }, patience(), 50*time.Millisecond, "after the recovery")
	log.conforms(t)
	for _, b := range healthy.bodies {
		conforms(t, "", b)
	}
}

// sinkFor returns the sink of a receiver, as a policy's notify: entry makes it.
func sinkFor(t *testing.T, r *receiver) []*alerting.Sink {
	base := "http://" + r.addr
	if strings.HasPrefix(r.fault, "tls-") {
		base = "https://" + r.addr
	}
	env := notify.ReadEnv(func(name string) string {
		return map[string]string{
			"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "s3cr3t",
			"AWS_ENDPOINT_URL": base,
		}[name]
	})
	targets := map[string]policy.Target{
		"slack":       {Slack: base + "/services/T/B/x"},
		"webhook":     {Webhook: base + "/hook", Secret: "s3cr3t"},
		"sns":         {SNS: "arn:aws:sns:eu-west-1:111122223333:security-alerts"},
		"eventbridge": {EventBridge: "security"},
	}
	if r.sink == "slack token" {
		return []*alerting.Sink{alerting.NewSink("slack", guards{&notify.Slack{Token: "xoxb-1", Channel: "c", API: base, Env: env}})}
	}
	sinks, warnings := alerting.NewSinks([]policy.Target{targets[r.sink]}, env)
	require.Empty(t, warnings)
	return sinks
}

// guards delivers as a guard does.
type guards struct{ notify.Notifier }

func (g guards) Notify(ctx context.Context, alerts []notify.Alert) error {
	return g.Notifier.Notify(sinkmark.With(ctx), alerts)
}

func violation(word string) notify.Alert {
	return notify.Alert{
		Schema: notify.Schema, Time: time.Now().UTC(), Verdict: "alert", Function: "checkout", Stage: "prod", Region: "eu-west-1", List: "whitelist",
		Reason: "no whitelist rule matches host evil.example", Caller: "main.handle main.go:12",
		Call: notify.Call{Kind: "http", Method: "GET", URL: "https://evil.example/v/" + word},
	}
}

var words atomic.Int64

// nextWord returns another word of letters: an id would be folded.
func nextWord() string {
	var b strings.Builder
	for n := words.Add(1) + 26*26; n > 0; n /= 26 {
		b.WriteByte('a' + byte(n%26))
	}
	return b.String()
}

// A log is the standard output of a function.
type log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// conforms checks the alerts in the log against the schema.
func (l *log) conforms(t *testing.T) {
	alerts := 0
	for line := range strings.Lines(l.String()) {
		assert.True(t, json.Valid([]byte(line)), line)
		assert.Less(t, len(line), 32<<10)
		for _, secret := range []string{"s3cr3t", "xoxb-", "services/T", "EXAMPLE", "sign in", "soon"} {
			assert.NotContains(t, line, secret, "neither a secret nor a text of the receiver")
		}
		if strings.Contains(line, `"schema":"`+notify.Schema+`"`) {
			alerts++
			conforms(t, "", []byte(line))
		}
	}
	assert.Equal(t, 7, alerts, "each is in the log once")
}

var schema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	return jsonschema.NewCompiler().Compile("../../alert.schema.json")
})

// conforms checks an alert, or an envelope, against the schema.
func conforms(t *testing.T, what string, data []byte) {
	s, err := schema()
	require.NoError(t, err)
	var v map[string]any
	require.NoError(t, json.Unmarshal(data, &v), "%s", data)
	alerts, ok := v["alerts"].([]any)
	if !ok {
		alerts = []any{v}
	}
	for _, a := range alerts {
		assert.NoError(t, s.Validate(a), "%s %v", what, fmt.Sprint(a))
	}
}
