package e2e

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/netguard"
)

// Each client that is not wired is reported with the fix, once for each place that calls it. A
// wired client beside it silences nothing.
func TestEachUnguardedClientIsReported(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	defer s.Close()
	there := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(context.WithoutCancel(ctx), network, s.Listener.Addr().String())
	}}}
	defer there.CloseIdleConnections()
	client := func(options ...func(*s3.Options)) *s3.Client {
		return s3.NewFromConfig(config("http://s3.eu-west-1.amazonaws.com"), append(options, func(o *s3.Options) {
			o.HTTPClient, o.UsePathStyle, o.RetryMaxAttempts = there, true, 1
		})...)
	}
	g, alerts := guarded(t, "on_violation: alert\nwhitelist:\n  - aws: s3:GetObject\n  - http: http://s3.eu-west-1.amazonaws.com/b/**\n  - ip: 127.0.0.1\n")
	wired := client(func(o *s3.Options) { o.APIOptions = g.AWS() })
	one, two := client(), client()
	for range 3 {
		ctx := netguard.Context(t.Context(), g)
		for _, call := range []func(context.Context, *s3.Client) error{firstPlace, secondPlace} {
			_ = call(ctx, wired)
		}
		_, _ = firstPlace(ctx, one), secondPlace(ctx, two)
	}
	assert.True(t, g.Coverage().AWS)
	count := map[string]int{}
	for _, a := range alerts() {
		require.Equal(t, "unguarded", a.List, a.Reason)
		assert.Contains(t, a.Reason, "no layer saw the whole call; ")
		place, _, _ := strings.Cut(a.Caller, " ")
		count[place] += a.Count
	}
	const here = "github.com/outguard/outguard/internal/e2e."
	assert.Equal(t, map[string]int{here + "firstPlace": 3, here + "secondPlace": 3}, count)
}

func firstPlace(ctx context.Context, c *s3.Client) error {
	_, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("b"), Key: aws.String("k")})
	return err
}

func secondPlace(ctx context.Context, c *s3.Client) error {
	_, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("b"), Key: aws.String("k")})
	return err
}
