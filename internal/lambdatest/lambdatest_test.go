package lambdatest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/lambdatest"
)

// handlers are what this test binary can be as a function: it runs itself with HANDLER set.
var handlers = map[string]any{
	"echo": func(e map[string]any) (map[string]any, error) { fmt.Println("got", e["n"]); return e, nil },
	"context": func(ctx context.Context) (map[string]any, error) {
		lc, _ := lambdacontext.FromContext(ctx)
		deadline, _ := ctx.Deadline()
		return map[string]any{
			"id": lc.AwsRequestID, "arn": lc.InvokedFunctionArn, "trace": ctx.Value("x-amzn-trace-id"), "client": lc.ClientContext.Custom["k"],
			"left": time.Until(deadline).Milliseconds(), "function": lambdacontext.FunctionName, "home": os.Getenv("HOME"), "extra": os.Getenv("EXTRA"),
		}, nil
	},
	"error": func() error { return errors.New("no stock") },
	"panic": func() { panic("boom") },
	"exit":  func() { os.Exit(3) },
	"hang":  func(ctx context.Context) { select {} },
	"reader": func() (io.Reader, error) {
		return strings.NewReader("plain"), nil
	},
	"url": func() (*events.LambdaFunctionURLStreamingResponse, error) {
		return &events.LambdaFunctionURLStreamingResponse{Body: strings.NewReader("<p>")}, nil
	},
	"broken": func() (io.Reader, error) {
		return io.MultiReader(strings.NewReader("half"), failing{}), nil
	},
	// stream sends a first piece. It sends the second when a request reports that the first
	// arrived.
	"stream": func(url string) (io.Reader, error) {
		r, w := io.Pipe()
		go func() {
			w.Write([]byte("first "))
			resp, err := http.Get(url)
			if err == nil {
				resp.Body.Close()
			}
			w.Write([]byte("second"))
			w.CloseWithError(err)
		}()
		return r, nil
	},
	// meet answers when two invocations are in it at once.
	"meet": func(url string) error {
		resp, err := http.Get(url)
		if err == nil {
			resp.Body.Close()
		}
		return err
	},
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("backend gone") }

func TestMain(m *testing.M) {
	switch name := os.Getenv("HANDLER"); name {
	case "":
		os.Exit(m.Run())
	case "init-hang":
		select {}
	case "init":
		fmt.Fprintln(os.Stderr, "cannot start")
		os.Exit(1)
	case "init-error":
		http.Post("http://"+os.Getenv("AWS_LAMBDA_RUNTIME_API")+"/2018-06-01/runtime/init/error", "application/json",
			strings.NewReader(`{"errorType":"Config","errorMessage":"no table name"}`))
		os.Exit(1)
	case "sigterm":
		lambda.StartWithOptions(func() {}, lambda.WithEnableSIGTERM(func() { fmt.Println("goodbye"); os.Exit(0) }))
	default:
		h, ok := handlers[name]
		if !ok {
			fmt.Fprintln(os.Stderr, "there is no handler", name)
			os.Exit(1)
		}
		lambda.Start(h)
	}
}

func start(t *testing.T, handler string, change func(*lambdatest.Config)) *lambdatest.Function {
	t.Helper()
	c := lambdatest.Config{Path: os.Args[0], Env: []string{"HANDLER=" + handler}}
	if change != nil {
		change(&c)
	}
	f, err := lambdatest.Start(c)
	require.NoError(t, err)
	t.Cleanup(f.Close)
	return f
}

func invoke(t *testing.T, f *lambdatest.Function, event string, r *lambdatest.Request) *lambdatest.Result {
	t.Helper()
	res, err := f.Invoke(t.Context(), []byte(event), r)
	require.NoError(t, err)
	return res
}

func TestInvoke(t *testing.T) {
	f := start(t, "echo", nil)
	for n := range 3 {
		res := invoke(t, f, fmt.Sprintf(`{"n":%d}`, n), &lambdatest.Request{ID: "the-id"})
		require.Nil(t, res.Error)
		assert.Equal(t, "the-id", res.RequestID)
		assert.JSONEq(t, fmt.Sprintf(`{"n":%d}`, n), string(res.Body))
		assert.Equal(t, "application/json", res.ContentType)
		assert.Positive(t, res.Duration)
	}
	assert.Equal(t, "got 0\ngot 1\ngot 2\n", f.Stdout(), "output is there when Invoke returns")
}

func TestInvocationContext(t *testing.T) {
	t.Setenv("HOME", "/not/passed/on")
	f := start(t, "context", func(c *lambdatest.Config) {
		c.Name, c.Account, c.Region = "checkout", "444455556666", "eu-central-1"
		c.Env = append(c.Env, "EXTRA=yes")
	})
	var got map[string]any
	res := invoke(t, f, "{}", &lambdatest.Request{
		TraceID: "Root=1-2-3", Timeout: time.Minute, Header: http.Header{"lambda-runtime-client-context": {`{"custom":{"k":"v"}}`}},
	})
	require.Nil(t, res.Error)
	require.NoError(t, json.Unmarshal(res.Body, &got))
	assert.InDelta(t, 60_000, got["left"], 10_000)
	assert.Equal(t, res.RequestID, got["id"])
	assert.Equal(t, "arn:aws:lambda:eu-central-1:444455556666:function:checkout", got["arn"])
	assert.Equal(t, "Root=1-2-3", got["trace"])
	assert.Equal(t, "v", got["client"])
	assert.Equal(t, "checkout", got["function"])
	assert.Equal(t, "", got["home"])
	assert.Equal(t, "yes", got["extra"])
}

func TestFailures(t *testing.T) {
	for _, c := range []struct {
		handler, kind, message string
		runs                   bool // the process runs on
	}{
		{"error", "errorString", "no stock", true},
		{"panic", "string", "boom", false},
		{"exit", "Runtime.ExitError", "exit status 3", false},
		{"init", "Runtime.ExitError", "exit status 1", false},
		{"init-error", "Config", "no table name", false},
		{"init-hang", "Sandbox.Timedout", "init timed out after 0.30 seconds", false},
		{"hang", "Sandbox.Timedout", "timed out after 0.20 seconds", false},
		{"broken", "errorString", "backend gone", true},
	} {
		t.Run(c.handler, func(t *testing.T) {
			f := start(t, c.handler, func(f *lambdatest.Config) {
				if c.handler == "init-hang" {
					f.InitTimeout = 300 * time.Millisecond
				}
			})
			for range 2 { // the second time in a new process, where the first ended
				var r lambdatest.Request
				if c.handler == "hang" {
					r.Timeout = 200 * time.Millisecond
				}
				res := invoke(t, f, "{}", &r)
				require.NotNil(t, res.Error)
				assert.Equal(t, c.kind, res.Error.Type)
				assert.Contains(t, res.Error.Message, c.message)
				assert.Equal(t, c.handler == "broken", res.MidStream)
				assert.Equal(t, c.handler == "panic", len(res.Error.Stack) > 0)
				if c.handler == "broken" {
					assert.Equal(t, "half", string(res.Body))
				}
				if !c.runs {
					ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
					defer cancel()
					f.Wait(ctx)
					assert.False(t, f.Running())
				}
			}
		})
	}
}

func TestContentTypes(t *testing.T) {
	res := invoke(t, start(t, "reader", nil), "{}", nil)
	assert.Equal(t, "application/octet-stream", res.ContentType)
	assert.Equal(t, "plain", string(res.Body))
	res = invoke(t, start(t, "url", nil), "{}", nil)
	assert.Equal(t, "application/vnd.awslambda.http-integration-response", res.ContentType)
	assert.Contains(t, string(res.Body), "<p>")
}

// gate is a server that answers when it is opened.
func gate(t *testing.T) (url string, open func()) {
	ready := make(chan struct{})
	s := httpServer(t, func(http.ResponseWriter, *http.Request) { <-ready })
	return s, sync.OnceFunc(func() { close(ready) })
}

func TestStream(t *testing.T) {
	url, open := gate(t)
	defer open()
	var seen bytes.Buffer
	res := invoke(t, start(t, "stream", nil), fmt.Sprintf("%q", url), &lambdatest.Request{Stream: writerFunc(func(b []byte) (int, error) {
		open() // deadlocks until the timeout, unless the first piece arrives before the second is written
		return seen.Write(b)
	})})
	require.Nil(t, res.Error)
	assert.Equal(t, "first second", string(res.Body))
	assert.Equal(t, "first second", seen.String())
	assert.Equal(t, 2, res.Chunks)
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

func TestSeveralAtOnce(t *testing.T) {
	needsRelease(t, 51)
	var both sync.WaitGroup
	both.Add(2)
	url := httpServer(t, func(http.ResponseWriter, *http.Request) { both.Done(); both.Wait() })
	f := start(t, "meet", func(c *lambdatest.Config) { c.MaxConcurrency = 2 })
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			res, err := f.Invoke(t.Context(), fmt.Appendf(nil, "%q", url), nil)
			if assert.NoError(t, err) {
				assert.Nil(t, res.Error)
			}
		})
	}
	wg.Wait()
}

func TestStop(t *testing.T) {
	f := start(t, "sigterm", nil)
	assert.Nil(t, invoke(t, f, "{}", nil).Error)
	f.Stop()
	assert.False(t, f.Running())
	assert.Equal(t, "goodbye\n", f.Stdout())
	assert.Nil(t, invoke(t, f, "{}", nil).Error, "a cold start")
	f.Close()
	_, err := f.Invoke(t.Context(), nil, nil)
	assert.ErrorContains(t, err, "closed")
}

func TestStartWithoutBinary(t *testing.T) {
	_, err := lambdatest.Start(lambdatest.Config{Path: "/does/not/exist"})
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func TestInvokeCancelled(t *testing.T) {
	f := start(t, "hang", nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := f.Invoke(ctx, []byte("{}"), nil)
	assert.ErrorIs(t, err, context.Canceled)
}

func TestAccessKeyID(t *testing.T) {
	// The published example of the decoding: ASIAQNZGKIQY56JQ7WML belongs to account 029608264753.
	assert.Equal(t, "ASIAQNZGKIQY", lambdatest.AccessKeyID("029608264753")[:12])
}

// httpServer starts a server on loopback and returns its URL.
func httpServer(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}
