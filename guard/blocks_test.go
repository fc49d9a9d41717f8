package guard_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/lambdatest"
)

func TestBlockFailsTheInvocation(t *testing.T) {
	t.Parallel()
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
		{"the error of the block", "script", script{Get: []string{url + "/no"}, Return: "the error"}, nil, "Error", "blocked by policy"},
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
	t.Parallel()
	f := start(t, "script", "version: 1\non_violation: block\n") // no whitelist: all else is allowed
	event := script{Get: []string{"http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/next"}}
	requireFailed(t, send(t, f, event, nil), "BlockedError", "lambda-runtime")
	require.Nil(t, send(t, f, script{}, nil).Error, "lambda.Start itself goes on calling it")
}

func TestAlertLetsTheCallPass(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
	url, _ := site(t)
	f := start(t, "script", rules(url, "block", "    block_fails: call", ""))
	res := send(t, f, script{Get: []string{url + "/no"}}, nil)
	require.Nil(t, res.Error)
	assert.Equal(t, `["blocked"]`, string(res.Body))
}

func TestNextInvocationIsNotFailed(t *testing.T) {
	t.Parallel()
	url, _ := site(t)
	f := start(t, "script", rules(url, "block"))
	requireFailed(t, send(t, f, script{Get: []string{url + "/no"}}, nil), "BlockedError", "/no")
	require.Nil(t, send(t, f, script{Get: []string{url + "/ok"}}, nil).Error)
	requireFailed(t, send(t, f, script{Get: []string{url + "/no"}}, nil), "BlockedError", "/no")
}

func TestBlockDuringInitFailsTheFirstInvocation(t *testing.T) {
	t.Parallel()
	url, _ := site(t)
	f := start(t, "init", rules(url, "block"), "URL="+url+"/init")
	requireFailed(t, send(t, f, script{Get: []string{url + "/ok"}}, nil), "BlockedError", "/init")
	require.Nil(t, send(t, f, script{Get: []string{url + "/ok"}}, nil).Error)
	alerts := logged(t, f.Stdout(), "alert")
	require.Len(t, alerts, 1)
	assert.Empty(t, alerts[0].RequestID)
	assert.True(t, alerts[0].ColdStart)
}

func TestCallsAfterReturn(t *testing.T) {
	t.Parallel()
	url, paths := site(t)
	f := start(t, "after return", rules(url, "block"))
	require.Nil(t, send(t, f, script{Get: []string{url + "/no"}}, &lambdatest.Request{ID: "first"}).Error)
	res := send(t, f, script{}, &lambdatest.Request{ID: "second"})
	requireFailed(t, res, "BlockedError", "/no") // the first has ended, and exactly one other runs
	assert.Contains(t, f.Stdout(), "late: [blocked]")
	assert.NotContains(t, paths(), "/no")
	alerts := logged(t, f.Stdout(), "alert")
	require.Len(t, alerts, 1)
	assert.Equal(t, "second", alerts[0].RequestID)
}

func TestStreams(t *testing.T) {
	t.Parallel()
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
			require.Nil(t, send(t, f, script{}, nil).Error) // the last reader is closed after its response, before the next event
			closed := strings.Count(f.Stdout(), "reader closed")
			assert.True(t, closed == 6 || closed == 7, "%d: each reader is closed once, the seventh perhaps not yet", closed)
		})
	}
}

func TestGuardMakesNoDifference(t *testing.T) {
	t.Parallel()
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

func TestHandlerWithoutContextOrError(t *testing.T) {
	t.Parallel()
	url, _ := site(t)
	f := start(t, "no context", rules(url, "block"))
	requireFailed(t, send(t, f, url+"/no", &lambdatest.Request{ID: "the-request"}), "BlockedError", "/no")
	alerts := logged(t, f.Stdout(), "alert")
	require.Len(t, alerts, 1)
	assert.Equal(t, "the-request", alerts[0].RequestID)
	require.Nil(t, send(t, f, url+"/ok", nil).Error)
}

func TestManyInvocationsAtOnce(t *testing.T) {
	t.Parallel()
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
			res, err := f.Invoke(context.Background(), body, &lambdatest.Request{ID: fmt.Sprint("request-", n)})
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

func TestWhateverBecomesOfTheDefaultTransport(t *testing.T) {
	t.Parallel()
	url, paths := site(t)
	for _, how := range []string{"used", "replaced", "has a protocol", "cloned", "tuned"} {
		t.Run(how, func(t *testing.T) {
			f := start(t, "transport", rules(url, "block"), "TRANSPORT="+how, "URL="+url+"/early")
			requireFailed(t, send(t, f, script{Get: []string{url + "/no"}}, nil), "BlockedError", "/no")
			res := send(t, f, script{Get: []string{url + "/ok"}}, nil)
			require.Nil(t, res.Error)
			assert.Equal(t, `["200 OK"]`, string(res.Body))
			assert.NotContains(t, paths(), "/no")
		})
	}
}

// A wrapped function that the handler calls with another context belongs to the invocation: to
// ignore its error hides no block.
func TestABlockInANestedHandler(t *testing.T) {
	url, paths := site(t)
	f := start(t, "nested", rules(url, "block"), "URL="+url+"/no")
	for range 2 {
		requireFailed(t, send(t, f, nil, nil), "BlockedError", url+"/no")
	}
	assert.Empty(t, paths())
	assert.Equal(t, 2, total(logged(t, f.Stdout(), "alert")))
}
