package e2e

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"

	"github.com/outguard/outguard/policy"
)

// A fakeGuard records what it is asked and refuses what refuse says.
type fakeGuard struct {
	mu     sync.Mutex
	calls  []policy.Call
	refuse func(policy.Call) bool
}

// refused is the error of a fakeGuard. Like guard.BlockedError it is not retryable, so the SDK
// does not retry.
type refused struct{}

func (*refused) Error() string        { return "refused" }
func (*refused) RetryableError() bool { return false }

func (g *fakeGuard) Check(_ context.Context, c policy.Call) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls = append(g.calls, c)
	if g.refuse != nil && g.refuse(c) {
		return &refused{}
	}
	return nil
}

// seen returns the recorded calls of one layer.
func (g *fakeGuard) seen(via policy.Via) []policy.Call {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out []policy.Call
	for _, c := range g.calls {
		if c.Via == via {
			out = append(out, c)
		}
	}
	return out
}

// via is a fakeGuard's refuse: everything that one layer asks.
func via(v policy.Via) func(policy.Call) bool { return func(c policy.Call) bool { return c.Via == v } }

func assertRefused(t testing.TB, err error, msg ...any) {
	t.Helper()
	var e *refused
	assert.ErrorAs(t, err, &e, msg...)
}

// A recorder is an HTTP client that opens no connection: it keeps what it is given and answers 200
// with nothing, or what respond returns for the n-th request, from 0.
type recorder struct {
	respond func(n int) (status int, body string)

	mu     sync.Mutex
	sent   []*http.Request
	bodies []string
}

func (c *recorder) Do(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := len(c.sent)
	c.sent = append(c.sent, r)
	if r.Body != nil {
		sent, _ := io.ReadAll(r.Body)
		c.bodies = append(c.bodies, string(sent))
	}
	status, body := http.StatusOK, ""
	if c.respond != nil {
		status, body = c.respond(n)
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func (c *recorder) requests() []*http.Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]*http.Request(nil), c.sent...)
}

// noDelay retries twice, at once.
func noDelay() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = 3
		o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
	})
}

// config is what config.LoadDefaultConfig would return, with static keys, towards url and with the
// API options opts.
func config(url string, opts ...func(*middleware.Stack) error) aws.Config {
	cfg := aws.Config{
		Region:      "eu-west-1",
		Credentials: credentials.NewStaticCredentialsProvider(accessKey, "secret", ""),
		APIOptions:  opts,
	}
	if url != "" {
		cfg.BaseEndpoint = aws.String(url)
	}
	return cfg
}

// accessKey is a key id of account 111122223333.
const accessKey = "ASIARTX3GSDSQAABCDEF"

// serve starts a server on loopback that is closed with the test.
func serve(t testing.TB, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// awsRawResponse returns the HTTP response that the SDK keeps in an output's metadata.
func awsRawResponse(md middleware.Metadata) (*http.Response, bool) {
	r, ok := sdk.GetRawResponse(md).(*smithyhttp.Response)
	if !ok {
		return nil, false
	}
	return r.Response, true
}
