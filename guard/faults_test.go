package guard_test

import (
	"context"
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

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/lambdatest"
)

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

// rules is a policy that allows only url/ok, with on_violation as given, and further lines of the function's section.
func rules(url, onViolation string, lines ...string) string {
	return fmt.Sprintf("version: 1\nfunctions:\n  checkout:\n    on_violation: %s\n    whitelist:\n      - http: %s/ok\n", onViolation, url) +
		strings.Join(lines, "\n")
}

// start starts a function of this test binary, with the policy in a file.
func start(t *testing.T, handler, policy string, env ...string) *lambdatest.Function {
	t.Helper()
	c := lambdatest.Config{Path: os.Args[0], Name: "checkout", Env: append(env, "HANDLER="+handler)}
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
	require.NotNil(t, res.Error, "the invocation must fail; it answered %q", res.Body)
	require.Equal(t, kind, res.Error.Type)
	require.Contains(t, res.Error.Message, message)
}

func TestBlockFailsTheInvocation(t *testing.T) {
	url, paths := site(t)
	for _, c := range []struct {
		name, handler string
		script        script
		env           []string
		kind, message string // "": it succeeds
	}{
		{"allowed", "script", script{Get: []string{url + "/ok"}}, nil, "", `["200 OK"]`},
		{"swallowed", "script", script{Get: []string{url + "/no", url + "/ok"}}, nil, "BlockedError", "blocked by policy"},
		{"own error", "script", script{Get: []string{url + "/no"}, Return: "own error"}, nil, "errorString", "own error"},
		{"the block's error", "script", script{Get: []string{url + "/no"}, Return: "the error"}, nil, "Error", "blocked by policy"},
		{"panic", "script", script{Get: []string{url + "/no"}, Return: "panic"}, nil, "string", "boom"},
		{"without a context", "script", script{Get: []string{url + "/no"}, Background: true}, nil, "BlockedError", "blocked by policy"},
		{"without a context, several at once", "script", script{Get: []string{url + "/no"}, Background: true},
			[]string{"AWS_LAMBDA_MAX_CONCURRENCY=4"}, "", `["blocked"]`},
		{"lambda.Handler", "handler", script{Get: []string{url + "/no"}}, nil, "BlockedError", "blocked by policy"},
		{"lambda.Handler, allowed", "handler", script{Get: []string{url + "/ok"}}, nil, "", "200 OK"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := start(t, c.handler, rules(url, "block"), c.env...)
			res := send(t, f, c.script, nil)
			if c.kind == "" {
				require.Nil(t, res.Error)
				assert.Equal(t, c.message, string(res.Body))
			} else {
				requireFailed(t, res, c.kind, c.message)
			}
			alerts := logged(t, f.Stdout(), "alert")
			if slices.Contains(c.script.Get, url+"/no") {
				require.Len(t, alerts, 1)
				assert.Equal(t, "block", alerts[0].Verdict)
				assert.Equal(t, url+"/no", alerts[0].Call.URL)
				assert.Contains(t, alerts[0].Caller, "guard_test.get lambda_test.go:")
			} else {
				assert.Empty(t, alerts)
			}
		})
	}
	assert.NotContains(t, paths(), "/no", "a blocked call is not sent")
}

func TestTheRuntimeAPIIsNotTheFunctionsToCall(t *testing.T) {
	f := start(t, "script", "version: 1\non_violation: block\n") // no whitelist: all else is allowed
	event := script{Get: []string{"http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/next"}}
	requireFailed(t, send(t, f, event, nil), "BlockedError", "lambda-runtime")
	require.Nil(t, send(t, f, script{}, nil).Error, "lambda.Start itself goes on calling it")
}

func TestAlertLetsTheCallPass(t *testing.T) {
	url, paths := site(t)
	for _, verdict := range []string{"alert", "log"} {
		f := start(t, "script", rules(url, verdict))
		res := send(t, f, script{Get: []string{url + "/" + verdict}}, &lambdatest.Request{
			ID: "the-request", TraceID: "Root=1-2-3", FunctionARN: "arn:aws:lambda:eu-west-1:111122223333:function:checkout:live",
		})
		require.Nil(t, res.Error)
		assert.Equal(t, `["200 OK"]`, string(res.Body))
		assert.Contains(t, paths(), "/"+verdict)
		alerts := logged(t, f.Stdout(), "alert")
		require.Len(t, alerts, 1)
		a := alerts[0]
		assert.Equal(t, verdict, a.Verdict)
		assert.Equal(t, "the-request", a.RequestID)
		assert.Equal(t, "Root=1-2-3", a.TraceID)
		assert.Equal(t, "live", a.Alias)
		assert.Equal(t, "checkout", a.Function)
		assert.Equal(t, "111122223333", a.Account)
		assert.Equal(t, "eu-west-1", a.Region)
		assert.True(t, a.ColdStart)
		assert.Equal(t, "http", a.Call.Kind)
		assert.Len(t, a.Policy, 64)
		assert.Equal(t, 1, a.Count)
	}
}

func TestBlockFailsOnlyTheCall(t *testing.T) {
	url, _ := site(t)
	f := start(t, "script", rules(url, "block", "    block_fails: call", ""))
	res := send(t, f, script{Get: []string{url + "/no"}}, nil)
	require.Nil(t, res.Error)
	assert.Equal(t, `["blocked"]`, string(res.Body))
}

func TestNextInvocationIsNotFailed(t *testing.T) {
	url, _ := site(t)
	f := start(t, "script", rules(url, "block"))
	requireFailed(t, send(t, f, script{Get: []string{url + "/no"}}, nil), "BlockedError", "/no")
	require.Nil(t, send(t, f, script{Get: []string{url + "/ok"}}, nil).Error)
	requireFailed(t, send(t, f, script{Get: []string{url + "/no"}}, nil), "BlockedError", "/no")
}

func TestBlockDuringInitFailsTheFirstInvocation(t *testing.T) {
	url, _ := site(t)
	f := start(t, "init", rules(url, "block"), "URL="+url+"/init")
	requireFailed(t, send(t, f, script{Get: []string{url + "/ok"}}, nil), "BlockedError", "/init")
	require.Nil(t, send(t, f, script{Get: []string{url + "/ok"}}, nil).Error)
	alerts := logged(t, f.Stdout(), "alert")
	require.Len(t, alerts, 1)
	assert.Empty(t, alerts[0].RequestID)
	assert.True(t, alerts[0].ColdStart)
}

func TestAlertDuringInitIsSent(t *testing.T) {
	url, _ := site(t)
	f := start(t, "init", rules(url, "alert"), "URL="+url+"/init")
	require.Nil(t, send(t, f, script{}, nil).Error)
	require.Len(t, logged(t, f.Stdout(), "alert"), 1)
}

func TestCallsAfterReturn(t *testing.T) {
	url, paths := site(t)
	f := start(t, "after return", rules(url, "block"))
	require.Nil(t, send(t, f, script{Get: []string{url + "/no"}}, &lambdatest.Request{ID: "first"}).Error)
	res := send(t, f, script{}, &lambdatest.Request{ID: "second"})
	require.Nil(t, res.Error, "it is not the second invocation's call")
	assert.Contains(t, f.Stdout(), "late: [blocked]")
	assert.NotContains(t, paths(), "/no")
	alerts := logged(t, f.Stdout(), "alert")
	require.Len(t, alerts, 1)
	assert.Equal(t, "first", alerts[0].RequestID)
}

func TestStreams(t *testing.T) {
	url, _ := site(t)
	for _, handler := range []string{"stream", "url stream", "concrete reader"} {
		t.Run(handler, func(t *testing.T) {
			f := start(t, handler, rules(url, "block"))
			for range 2 {
				res := send(t, f, script{Get: []string{url + "/ok"}}, nil)
				require.Nil(t, res.Error)
				assert.Contains(t, string(res.Body), "first second")

				res = send(t, f, script{Get: []string{url + "/no"}}, nil)
				requireFailed(t, res, "BlockedError", "blocked by policy")
				assert.True(t, res.MidStream)
				assert.Contains(t, string(res.Body), "first ")
				assert.NotContains(t, string(res.Body), "second")

				res = send(t, f, script{Get: []string{url + "/no"}, Return: "own error"}, nil)
				requireFailed(t, res, "errorString", "own error")
			}
			require.Nil(t, send(t, f, script{}, nil).Error) // the last reader is closed after its answer, before the next event
			assert.GreaterOrEqual(t, strings.Count(f.Stdout(), "reader closed"), 6)
		})
	}
}

func TestGuardMakesNoDifference(t *testing.T) {
	for kind := range bareHandlers {
		t.Run(kind, func(t *testing.T) {
			bare := send(t, start(t, "bare", "", "KIND="+kind), script{}, &lambdatest.Request{ID: "x"})
			wrapped := send(t, start(t, "wrapped", "version: 1\n", "KIND="+kind), script{}, &lambdatest.Request{ID: "x"})
			assert.Equal(t, string(bare.Body), string(wrapped.Body))
			assert.Equal(t, bare.ContentType, wrapped.ContentType)
			assert.Equal(t, bare.MidStream, wrapped.MidStream)
			if bare.Error == nil {
				require.Nil(t, wrapped.Error)
				return
			}
			require.NotNil(t, wrapped.Error)
			assert.Equal(t, bare.Error.Type, wrapped.Error.Type)
			assert.Equal(t, bare.Error.Message, wrapped.Error.Message)
			require.Equal(t, len(bare.Error.Stack) > 0, len(wrapped.Error.Stack) > 0)
			if len(bare.Error.Stack) > 0 { // the panic's own frames are on top, as they were
				assert.Equal(t, bare.Error.Stack[:4], wrapped.Error.Stack[:4])
			}
		})
	}
}

func TestBrokenPolicies(t *testing.T) {
	for _, c := range []struct{ name, policy, message string }{
		{"no file", "", "no policy"},
		{"not YAML", "version: 1\n\t- x", "policy.yaml:2"},
		{"empty", " ", "policy.yaml"},
		{"unknown key", "version: 1\nwhitelsit: []\n", `policy.yaml:2:1: `},
		{"no section", "version: 1\nfunctions:\n  chekout: {}\n", "chekout"},
		{"stage not listed", "version: 1\nstage: qa\non_violation: {prod: block}\n", "qa"},
		{"account not listed", "version: 1\nstage:\n  accounts: {\"444455556666\": prod}\n", "111122223333"},
		{"unset variable", "version: 1\nwhitelist:\n  - http: ${NOT_SET}\n", "NOT_SET"},
		{"two subjects", "version: 1\nwhitelist:\n  - http: a.example\n    aws: s3:*\n", "policy.yaml:4"},
		{"unknown action", "version: 1\non_violation: explode\n", "explode"},
	} {
		t.Run(c.name, func(t *testing.T) {
			url, paths := site(t)
			f := start(t, "script", c.policy)
			for range 2 {
				res := send(t, f, script{Get: []string{url + "/ok"}}, nil)
				requireFailed(t, res, "PolicyError", c.message)
			}
			assert.True(t, f.Running())
			assert.Empty(t, paths())
			alerts := logged(t, f.Stdout(), "alert")
			require.NotEmpty(t, alerts)
			assert.Equal(t, "policy", alerts[0].Call.Kind)
			assert.Equal(t, "block", alerts[0].Verdict)
			assert.Contains(t, alerts[0].Reason, c.message)
			assert.Equal(t, 3, total(alerts), "once at load, then with each invocation")
			starts := logged(t, f.Stdout(), "start")
			require.Len(t, starts, 1)
			assert.Equal(t, "refuse", starts[0].Mode)
			assert.Contains(t, starts[0].Error, c.message)

			f = start(t, "fatal", c.policy)
			requireFailed(t, send(t, f, script{}, nil), "Runtime.ExitError", "exit status 1")
			assert.Contains(t, f.Stderr(), c.message)
			assert.Len(t, logged(t, f.Stdout(), "alert"), 1)
			assert.Len(t, logged(t, f.Stdout(), "metric"), 1)
		})
	}
}

func TestLargePolicy(t *testing.T) {
	url, _ := site(t)
	rule := "      - http: https://api%d.example\n        reason: " + strings.Repeat("long ", 200) + "\n"
	var text strings.Builder
	text.WriteString(rules(url, "block"))
	for n := 0; text.Len() < 5<<20; n++ {
		fmt.Fprintf(&text, rule, n)
	}
	f := start(t, "script", text.String())
	require.Nil(t, send(t, f, script{Get: []string{url + "/ok"}}, nil).Error)
	requireFailed(t, send(t, f, script{Get: []string{url + "/no"}}, nil), "BlockedError", "/no")
}

func TestStartLine(t *testing.T) {
	url, _ := site(t)
	f := start(t, "script", rules(url, "block", "      - aws: s3:GetObject", ""))
	for range 2 {
		require.Nil(t, send(t, f, script{}, nil).Error)
	}
	starts := logged(t, f.Stdout(), "start")
	require.Len(t, starts, 1)
	s := starts[0]
	assert.Equal(t, "checkout", s.Function)
	assert.Equal(t, "block", s.Mode)
	assert.Equal(t, 2, s.Rules)
	assert.Equal(t, map[string]string{"http": "on", "aws": "off"}, s.Layers)
	require.Len(t, s.Policies, 1)
	assert.Equal(t, "policy.yaml", s.Policies[0].File)
	assert.Len(t, s.Policies[0].SHA256, 64)
	require.NotEmpty(t, s.Warnings)
	assert.Contains(t, strings.Join(s.Warnings, "\n"), "AWS() was not asked for")
}

func TestWarningsAreLoggedOnce(t *testing.T) {
	f := start(t, "script", "version: 1\nwhitelist:\n  - http: a.example\n    until: 2020-01-01\n")
	for range 3 {
		require.Nil(t, send(t, f, script{}, nil).Error)
	}
	assert.Equal(t, 1, strings.Count(f.Stdout(), "2020-01-01"))
	starts := logged(t, f.Stdout(), "start")
	require.Len(t, starts, 1)
	require.Len(t, starts[0].Warnings, 1)
	assert.Contains(t, starts[0].Warnings[0], "policy.yaml:4:")
}

// brokenSink answers as a sink of which nothing is to be expected.
func brokenSink(t *testing.T, how string) (url string) {
	t.Helper()
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch how {
		case "500":
			w.WriteHeader(http.StatusInternalServerError)
		case "hangs":
			select {
			case <-release:
			case <-r.Context().Done():
			}
		}
	}))
	t.Cleanup(s.Close)
	t.Cleanup(func() { close(release) })
	if how == "refuses" {
		s.Close()
	}
	return s.URL
}

func TestBrokenSinks(t *testing.T) {
	url, _ := site(t)
	for _, kind := range []string{"notifier", "slack", "sns"} {
		for _, how := range []string{"refuses", "hangs", "500"} {
			for _, verdict := range []string{"alert", "block"} {
				t.Run(kind+" "+how+" "+verdict, func(t *testing.T) {
					t.Parallel()
					sink, policy := brokenSink(t, how), rules(url, verdict)
					var env []string
					switch kind {
					case "notifier":
						env = append(env, "SINK="+sink)
					case "slack":
						policy += "notify:\n  - slack: " + sink + "/services/T/B/X\n"
					case "sns":
						policy += "notify:\n  - sns: arn:aws:sns:eu-west-1:111122223333:alerts\n"
						env = append(env, "AWS_ENDPOINT_URL_SNS="+sink)
					}
					f := start(t, "notifier", policy, env...)
					res := send(t, f, script{Get: []string{url + "/no"}}, &lambdatest.Request{Timeout: time.Minute})
					if verdict == "block" {
						requireFailed(t, res, "BlockedError", "/no")
					} else {
						require.Nil(t, res.Error)
					}
					assert.Len(t, logged(t, f.Stdout(), "alert"), 1)
					undelivered := logged(t, f.Stdout(), "undelivered")
					require.Len(t, undelivered, 1)
					assert.Equal(t, 1, undelivered[0].Kept)
					assert.Less(t, res.Duration, 10*time.Second, "held for the flush budget of 1 s")
				})
			}
		}
	}
}

func TestAlertsArrive(t *testing.T) {
	url, _ := site(t)
	sink, received := recorder(t)
	f := start(t, "notifier", rules(url, "alert"), "SINK="+sink)
	require.Nil(t, send(t, f, script{Get: []string{url + "/a", url + "/a", url + "/b"}}, nil).Error)
	alerts := received() // they have arrived when the invocation returns
	require.Len(t, alerts, 2)
	assert.ElementsMatch(t, []string{url + "/a", url + "/b"}, []string{alerts[0].Call.URL, alerts[1].Call.URL})
}

func TestStreamsAlertsArriveBeforeItsEnd(t *testing.T) {
	url, _ := site(t)
	sink, received := recorder(t)
	f := start(t, "stream", rules(url, "alert"), "SINK="+sink)
	res := send(t, f, script{Get: []string{url + "/a"}}, nil)
	require.Nil(t, res.Error)
	assert.Equal(t, "first second", string(res.Body))
	assert.Len(t, received(), 1)
}

func TestFirstBlockWaitsForItsAlert(t *testing.T) {
	url, _ := site(t)
	sink, received := recorder(t)
	f := start(t, "exits on a block", rules(url, "block"), "SINK="+sink)
	res := send(t, f, url+"/no", nil)
	requireFailed(t, res, "Runtime.ExitError", "exit status 1")
	require.Len(t, received(), 1)
	assert.Contains(t, f.Stderr(), "blocked by policy")
}

// recorder is a sink that keeps what it gets.
func recorder(t *testing.T) (url string, received func() []line) {
	t.Helper()
	var mu sync.Mutex
	var all []line
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var alerts []line
		if err := json.NewDecoder(r.Body).Decode(&alerts); err != nil {
			t.Errorf("what a sink received: %v", err)
		}
		mu.Lock()
		defer mu.Unlock()
		all = append(all, alerts...)
	}))
	t.Cleanup(s.Close)
	return s.URL, func() []line {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(all)
	}
}

func TestDeadlineIsNear(t *testing.T) {
	url, _ := site(t)
	f := start(t, "notifier", rules(url, "block"), "SINK="+brokenSink(t, "hangs"))
	require.Nil(t, send(t, f, script{}, nil).Error) // warm
	var near int
	for range 10 { // a busy machine may miss a deadline of 50 ms that a held invocation would miss every time
		res := send(t, f, script{Get: []string{url + "/no"}}, &lambdatest.Request{Timeout: 50 * time.Millisecond})
		if res.Error != nil && res.Error.Type == "BlockedError" {
			near++
			break
		}
		send(t, f, script{}, nil)
	}
	assert.NotZero(t, near, "the alert's delivery does not run into the deadline")
	assert.NotEmpty(t, logged(t, f.Stdout(), "alert"))
}

func TestStdoutClosed(t *testing.T) {
	url, _ := site(t)
	f := start(t, "stdout closed", rules(url, "block"))
	requireFailed(t, send(t, f, script{Get: []string{url + "/no"}}, nil), "BlockedError", "/no")
	assert.Len(t, logged(t, f.Stderr(), "alert"), 1, "the line is not lost")
	require.Nil(t, send(t, f, script{Get: []string{url + "/ok"}}, nil).Error)
}

func TestHandlerWithoutContextOrError(t *testing.T) {
	url, _ := site(t)
	f := start(t, "no context", rules(url, "block"))
	requireFailed(t, send(t, f, url+"/no", &lambdatest.Request{ID: "the-request"}), "BlockedError", "/no")
	alerts := logged(t, f.Stdout(), "alert")
	require.Len(t, alerts, 1)
	assert.Equal(t, "the-request", alerts[0].RequestID)
	require.Nil(t, send(t, f, url+"/ok", nil).Error)
}

func TestSecondGuardTakesOver(t *testing.T) {
	url, _ := site(t)
	f := start(t, "second guard", rules(url, "block"), "SECOND="+strings.Replace(rules(url, "block"), "/ok", "/second", 1))
	require.Nil(t, send(t, f, script{Get: []string{url + "/second"}}, nil).Error)
	requireFailed(t, send(t, f, script{Get: []string{url + "/ok"}}, nil), "BlockedError", "second.yaml")
	starts := logged(t, f.Stdout(), "start")
	require.Len(t, starts, 1)
	assert.Equal(t, "second.yaml", starts[0].Policies[0].File)
	assert.Contains(t, strings.Join(starts[0].Warnings, "\n"), "OUTGUARD_POLICY")
}

func TestManyInvocationsAtOnce(t *testing.T) {
	url, _ := site(t)
	f := start(t, "script", rules(url, "block"), "AWS_LAMBDA_MAX_CONCURRENCY=4")
	var wg sync.WaitGroup
	for n := range 40 {
		wg.Go(func() {
			path, want := "/ok", ""
			if n%2 == 1 {
				path, want = "/no", "BlockedError"
			}
			body, _ := json.Marshal(script{Get: []string{url + path, url + "/ok"}})
			res, err := f.Invoke(context.Background(), body, &lambdatest.Request{ID: fmt.Sprint("request-", n), Timeout: time.Minute})
			if !assert.NoError(t, err) {
				return
			}
			if want == "" {
				assert.Nil(t, res.Error)
			} else if assert.NotNil(t, res.Error) {
				assert.Equal(t, want, res.Error.Type)
			}
		})
	}
	wg.Wait()
	alerts := logged(t, f.Stdout(), "alert")
	assert.Equal(t, 20, total(alerts))
	for _, a := range alerts {
		var n int
		_, err := fmt.Sscanf(a.RequestID, "request-%d", &n)
		require.NoError(t, err)
		assert.Equal(t, 1, n%2, "an alert belongs to the invocation that made the call")
	}
}

func TestSIGTERM(t *testing.T) {
	url, _ := site(t)
	sink, received := recorder(t)
	f := start(t, "sigterm", rules(url, "alert"), "SINK="+sink)
	for range 3 {
		require.Nil(t, send(t, f, script{Get: []string{url + "/a"}}, nil).Error)
	}
	require.Len(t, received(), 1)
	f.Stop()
	alerts := received()
	require.Len(t, alerts, 2, "the repeats are told at the end")
	assert.Equal(t, 2, alerts[1].Count)
}
