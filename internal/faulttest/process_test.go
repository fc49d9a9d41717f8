//go:build linux

package faulttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/lambdatest"
)

// policyFor allows nothing but one host. It blocks secret.example, by a rule of its own, and
// notifies receivers.
func policyFor(onViolation string, receivers ...*receiver) (text string, env []string) {
	text = "version: 1\non_violation: " + onViolation + "\nwhitelist:\n  - http: ok.example\n" +
		"blacklist:\n  - http: secret.example\n    id: exfiltration\n    on_violation: block\n"
	if len(receivers) > 0 {
		text += "notify:\n"
	}
	for _, r := range receivers {
		at := "http://" + r.addr
		switch r.sink {
		case "slack":
			text += "  - slack: " + at + "/services/T/B/x\n"
		case "webhook":
			text += "  - webhook: " + at + "/hook\n"
		case "sns":
			text += "  - sns: arn:aws:sns:eu-west-1:111122223333:alerts\n"
			env = append(env, "AWS_ENDPOINT_URL_SNS="+at)
		case "eventbridge":
			text += "  - eventbridge: security\n"
			env = append(env, "AWS_ENDPOINT_URL_EVENTBRIDGE="+at)
		}
	}
	return text, env
}

func startFunction(t *testing.T, c lambdatest.Config, onViolation string, receivers ...*receiver) *lambdatest.Function {
	text, env := policyFor(onViolation, receivers...)
	file := filepath.Join(t.TempDir(), "policy.yaml")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	if c.Path == "" {
		c.Path = os.Args[0]
	}
	if c.Timeout == 0 {
		c.Timeout = patience()
	}
	c.Name, c.InitTimeout = "checkout", patience()
	c.Env = append(append(env, "OUTGUARD_FUNCTION=1", "OUTGUARD_POLICY="+file), c.Env...)
	f, err := lambdatest.Start(c)
	require.NoError(t, err)
	t.Cleanup(f.Close)
	return f
}

func invoke(t *testing.T, f *lambdatest.Function, e event) (r result, took time.Duration) {
	body, err := json.Marshal(e)
	require.NoError(t, err)
	start := time.Now()
	got, err := f.Invoke(t.Context(), body, nil)
	require.NoError(t, err)
	_ = json.Unmarshal(got.Body, &r) // a handler that was ended has none
	return r, time.Since(start)
}

// sights returns the lines at first sight in a log, which count for the alarm, by their URL.
func sights(t *testing.T, log string) map[string]int {
	n := map[string]int{}
	for line := range strings.Lines(log) {
		if !strings.Contains(line, `"schema":"outguard.`) {
			continue
		}
		var l struct {
			AWS        json.RawMessage `json:"_aws"`
			Schema     string          `json:"schema"`
			Call       struct{ URL string }
			Violations int
		}
		require.NoError(t, json.Unmarshal([]byte(line), &l), line)
		assert.Less(t, len(line), 32<<10)
		if l.Schema == "outguard.alert/v1" {
			conforms(t, "", []byte(line))
			if l.AWS != nil {
				n[l.Call.URL] += l.Violations
			}
		}
	}
	return n
}

// However a process or a handler ends, each violation before that is in the log, with its metric. A
// block has arrived at a receiver that works.
func TestEndsOfAProcess(t *testing.T) {
	rounds := 5
	if full {
		rounds = 60
	}
	for _, how := range []string{
		"", "exit", "fatal", "panic", "panic_elsewhere", "goexit", "kill", "term", "timeout", "overflow", "close", "close_descriptor", "replace",
	} {
		t.Run("end_"+how, func(t *testing.T) {
			t.Parallel()
			r := serve(t, "webhook", "ok")
			c := lambdatest.Config{}
			rounds := rounds
			switch how {
			case "timeout", "goexit":
				c.Timeout = time.Second
			case "overflow": // takes seconds
				rounds = 1
			case "", "close", "close_descriptor", "replace": // one process, which has a ceiling
				rounds = 5
			}
			f := startFunction(t, c, "alert", r)
			var words []string
			want := map[string]int{}
			for range rounds {
				w := nextWord()
				words = append(words, w)
				alerted, blocked := "https://evil.example/a/"+w, "https://secret.example/v/"+w
				want[alerted], want[blocked] = 1, 1
				invoke(t, f, event{URLs: []string{alerted, blocked}, Then: how})
				if how == "panic" { // it ends after its response
					_ = f.Wait(t.Context())
				}
			}
			assert.Equal(t, want, sights(t, f.Stdout()+f.Stderr()))
			require.Eventually(t, func() bool { return r.missing(words) == nil }, 5*time.Second, 10*time.Millisecond, "lost: %v", r.missing(words))
		})
	}
}

// Standard output is a pipe that nobody reads and that is full. Invocations go on, and the lines
// come when somebody reads.
func TestNobodyReadsStandardOutput(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "stdout")
	require.NoError(t, mkfifo(fifo))
	pipe, err := os.OpenFile(fifo, os.O_RDWR, 0)
	require.NoError(t, err)
	fill(t, pipe)
	r := serve(t, "webhook", "ok")
	f := startFunction(t, lambdatest.Config{Path: "/bin/sh", Args: []string{"-c", `exec "$0" >"$1"`, os.Args[0], fifo}}, "alert", r)
	var words []string
	for i := range 5 {
		w := nextWord()
		words = append(words, w)
		_, took := invoke(t, f, event{URLs: []string{"https://evil.example/v/" + w}})
		if i > 0 {
			assert.Less(t, took, budget(maxInnocent))
		}
	}
	require.Eventually(t, func() bool { return r.missing(words) == nil }, patience(), 10*time.Millisecond)
	var log bytes.Buffer
	read := make(chan error, 1)
	require.NoError(t, pipe.SetReadDeadline(time.Now().Add(5*time.Second)))
	go func() {
		buf := make([]byte, 1<<16)
		for {
			n, err := pipe.Read(buf)
			log.Write(buf[:n])
			if err != nil || bytes.Contains(log.Bytes(), []byte(words[4])) {
				read <- err
				return
			}
		}
	}()
	require.NoError(t, <-read)
	for _, w := range words {
		assert.Contains(t, log.String(), "https://evil.example/v/"+w)
	}
}

// A flood of calls that are alike in nothing: one block among them arrives at every receiver, the
// log is bounded, and so is the memory.
func TestABlockInAFlood(t *testing.T) {
	for _, at := range []string{"https://%s.example/", "https://decoy.example/%s/path", "https://%s.decoy.example/%s"} {
		t.Run(strings.NewReplacer(":", "", "/", "", "%s", "_").Replace(at), func(t *testing.T) {
			t.Parallel()
			n := 20_000
			if full {
				n = 100_000
			}
			receivers := []*receiver{serve(t, "slack", "late"), serve(t, "sns", "late"), serve(t, "eventbridge", "late"), serve(t, "webhook", "late"), serve(t, "webhook", "ok")}
			f := startFunction(t, lambdatest.Config{}, "alert", receivers...)
			w := nextWord()
			invoke(t, f, event{})
			_, took := invoke(t, f, event{Flood: n, At: at})
			assert.Less(t, took, budget(15*time.Second))
			invoke(t, f, event{URLs: []string{"https://secret.example/v/" + w}, Flood: n / 10, Times: 3, At: "x" + at[5:]})
			for _, r := range receivers {
				require.Eventually(t, func() bool { return r.missing([]string{w}) == nil }, 20*time.Second, 10*time.Millisecond, r.sink)
			}
			assert.Less(t, len(f.Stdout()), 4<<20, "two invocations")
			got, _ := invoke(t, f, event{})
			assert.Positive(t, got.Memory)
			assert.Less(t, got.Memory, int64(120<<20))
			t.Logf("%d calls, %v, log %d KB, memory %d MB", n, took, len(f.Stdout())>>10, got.Memory>>20)
			sights(t, f.Stdout())
		})
	}
}

// Odd texts in calls change neither the lines of the log nor the messages.
func TestOddTexts(t *testing.T) {
	texts := []string{
		"\xff\xfe\x80", "\x00", "line\n{\"level\":\"INFO\",\"schema\":\"outguard.alert/v1\"}\n", "\r\n\r\nHTTP/1.1 200 OK", "\x1b[2J\x1b[31mred",
		"\u202etxt.exe", "\u2028\u2029\u0085", "😀😀😀", "`code` *bold* _it_ ~s~", "```\nblock```", "<!channel> <!here> @channel @here <@U123>",
		"<https://evil.example|https://good.example>", "&lt;!channel&gt;", `{"a":"b"}`, `"},"verdict":"log","x":{"`, `\u0000\n\\`, "%00%0a%0d", "${jndi:ldap://x}",
		strings.Repeat("a", 1<<20), strings.Repeat("a.", 1<<19), strings.Repeat("é", 5000), strings.Repeat("/", 5000), "[::1", "]", "host:99999", " ",
		"]]>", "<MessageId>", "&amp;", "\"", "'; DROP TABLE", "\ufeff", "a\u200bb", "xn--a", "%", "%zz", "?q=secretvalue", "#f", "user:pass@h",
	}
	receivers := []*receiver{serve(t, "slack", "ok"), serve(t, "sns", "ok"), serve(t, "eventbridge", "ok"), serve(t, "webhook", "ok")}
	f := startFunction(t, lambdatest.Config{}, "alert", receivers...)
	for i := range texts {
		s := texts[i]
		invoke(t, f, event{URLs: []string{"https://evil.example/" + s, "https://" + s + "/x", s, "https://secret.example/" + s}})
	}
	require.Positive(t, len(sights(t, f.Stdout())))
	for line := range strings.Lines(f.Stdout()) {
		assert.True(t, json.Valid([]byte(line)), "%q", line)
		assert.NotContains(t, line, "secretvalue")
	}
	for _, r := range receivers {
		r.mu.Lock()
		require.NotEmpty(t, r.bodies)
		for _, b := range r.bodies {
			switch r.sink {
			case "webhook":
				conforms(t, "", b)
			case "slack":
				var all any
				require.NoError(t, json.Unmarshal(b, &all))
				text := fmt.Sprint(all)
				assert.NotContains(t, text, "<!")
				assert.NotContains(t, text, "<http")
				assert.NotContains(t, text, "<@")
			}
			assert.NotContains(t, string(b), "secretvalue")
		}
		r.mu.Unlock()
	}
}

// Many invocations at once: those without an alert of their own wait for nothing, while others wait
// for receivers that hang.
func TestInnocentsAmongMany(t *testing.T) {
	receivers := []*receiver{serve(t, "slack", "header-hang"), serve(t, "sns", "429-after-2"), serve(t, "webhook", "500"), serve(t, "eventbridge", "body-hang")}
	f := startFunction(t, lambdatest.Config{MaxConcurrency: 16}, "alert", receivers...)
	invoke(t, f, event{})
	const each = 8 // at once, of either kind
	var running sync.WaitGroup
	for n := range each {
		running.Go(func() {
			for i := range 4 {
				invoke(t, f, event{URLs: []string{"https://evil.example/v/" + wordOf(n*100+i)}})
			}
		})
		running.Go(func() {
			for range 50 {
				_, took := invoke(t, f, event{})
				assert.Less(t, took, budget(maxInnocent))
			}
		})
	}
	running.Wait()
}

// Ten entries with one URL, and entries that differ in what they take: an alert arrives once.
func TestTheSameTargetTenTimes(t *testing.T) {
	r := serve(t, "webhook", "ok")
	f := startFunction(t, lambdatest.Config{}, "alert", r, r, r, r, r, r, r, r, r, r)
	w := nextWord()
	invoke(t, f, event{URLs: []string{"https://evil.example/v/" + w}})
	require.Eventually(t, func() bool { return r.missing([]string{w}) == nil }, patience(), 5*time.Millisecond)
	invoke(t, f, event{})
	r.mu.Lock()
	defer r.mu.Unlock()
	assert.Len(t, r.bodies, 1)
}
