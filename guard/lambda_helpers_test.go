package guard_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/lambdatest"
)

// patience is a time that no test reaches, however busy the machine is.
const patience = 10 * time.Minute

// site is a server on loopback that the policies below allow at /ok and refuse elsewhere.
func site(t *testing.T) (url string, paths func() []string) {
	t.Helper()
	var mu sync.Mutex
	var seen []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, r.URL.Path)
	}))
	t.Cleanup(s.Close)
	return s.URL, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(seen)
	}
}

// rules is a policy that allows only url/ok, with the given on_violation and further lines of the
// function's section.
func rules(url, onViolation string, lines ...string) string {
	return fmt.Sprintf("version: 1\nfunctions:\n  checkout:\n    on_violation: %s\n    whitelist:\n      - http: %s/ok\n", onViolation, url) +
		strings.Join(lines, "\n")
}

// start starts a function of this test binary, with the policy in a file.
func start(t *testing.T, handler, policy string, env ...string) *lambdatest.Function {
	t.Helper()
	c := lambdatest.Config{
		Path: os.Args[0], Name: "checkout", Env: append(env, "HANDLER="+handler),
		Timeout: patience, InitTimeout: patience, StopTimeout: patience,
	}
	if slices.Contains(env, "AWS_LAMBDA_MAX_CONCURRENCY=4") {
		c.MaxConcurrency = 4
	}
	if policy != "" {
		file := filepath.Join(t.TempDir(), "policy.yaml")
		require.NoError(t, os.WriteFile(file, []byte(policy), 0o600))
		c.Env = append(c.Env, "OUTGUARD_POLICY="+file)
	}
	f, err := lambdatest.Start(c)
	require.NoError(t, err)
	t.Cleanup(f.Close)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("stdout:\n%s\nstderr:\n%s", f.Stdout(), f.Stderr())
		}
	})
	return f
}

func send(t *testing.T, f *lambdatest.Function, event any, r *lambdatest.Request) *lambdatest.Result {
	t.Helper()
	body, err := json.Marshal(event)
	require.NoError(t, err)
	res, err := f.Invoke(t.Context(), body, r)
	require.NoError(t, err)
	return res
}

// A line is one of the guard's JSON lines: an alert, or any other with a schema.
type line struct {
	Schema    string
	Verdict   string
	RequestID string `json:"request_id"`
	TraceID   string `json:"trace_id"`
	Alias     string
	Function  string
	Account   string
	Region    string
	ColdStart bool `json:"cold_start"`
	Call      struct{ Kind, Method, URL string }
	Place     string
	Policy    string
	Reason    string
	Caller    string
	Count     int
	Mode      string
	Layers    map[string]string
	Warnings  []string
	Error     string
	Rules     int
	Policies  []struct{ File, SHA256 string }
	Kept      int
}

// logged returns the guard's lines in a log, of one schema.
func logged(t *testing.T, log, schema string) (lines []line) {
	t.Helper()
	for text := range strings.Lines(log) {
		var l line
		if strings.HasPrefix(text, "{") && json.Unmarshal([]byte(text), &l) == nil && l.Schema == "outguard."+schema+"/v1" {
			lines = append(lines, l)
		}
	}
	return lines
}

// total returns how many violations alerts are.
func total(alerts []line) (n int) {
	for _, a := range alerts {
		n += a.Count
	}
	return n
}

func requireFailed(t *testing.T, res *lambdatest.Result, kind, message string) {
	t.Helper()
	require.NotNil(t, res.Error, "the invocation must fail; it returned %q", res.Body)
	require.Equal(t, kind, res.Error.Type)
	require.Contains(t, res.Error.Message, message)
}
