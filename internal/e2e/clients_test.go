package e2e

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go/middleware"

	"github.com/outguard/outguard/policy"
)

// A fakeGuard records what it is asked and refuses what refuse says.
type fakeGuard struct {
	mu     sync.Mutex
	calls  []policy.Call
	refuse func(policy.Call) bool
}

// refused is the error of a fakeGuard. Like guard.BlockedError it tells the SDK not to retry.
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

// config is what config.LoadDefaultConfig would return, with static keys, towards url and with the API options opts.
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
