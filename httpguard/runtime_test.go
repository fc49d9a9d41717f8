package httpguard

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// That aws-lambda-go itself gets through is tested with real processes, in package guard for the
// oldest release and in internal/oldesttest for others.

func TestTheRuntimeAPIIsExemptOnThisMachineOnly(t *testing.T) {
	for api, want := range map[string]bool{
		"127.0.0.1:9001": true, "169.254.100.1:9001": true, "[::1]:9001": true,
		"": false, "10.0.0.1:9001": false, "runtime.example:9001": false, "127.0.0.1": false, "[fe80::1%eth0]:9001": false, "127.0.0.1:9001@evil.example": false,
	} {
		assert.Equal(t, want, newLambdaRuntime(api).api == api && api != "", api)
	}
}

// The function's own calls to the Runtime API are judged, whatever they look like.
func TestOnlyAWSLambdaGoIsExempt(t *testing.T) {
	s := serve(t)
	fresh(t)
	g := &fakeGuard{refuse: refuseAll}
	i := Install(g, strings.TrimPrefix(s.URL, "http://"))
	t.Cleanup(i.Uninstall)
	r := request(t, s.URL+"/2018-06-01/runtime/invocation/next")
	r.Header.Set("User-Agent", "aws-lambda-go/go1.26")
	_, err := http.DefaultClient.Do(r)
	assertRefused(t, err)
	_, err = lambdaRuntimeAPIClient{}.next(r)
	assertRefused(t, err)
	assert.False(t, i.runtime.made(r))
	require.Len(t, g.urls(), 2)
}

// A type of the function's own with a name like aws-lambda-go's.
type lambdaRuntimeAPIClient struct{}

func (lambdaRuntimeAPIClient) next(r *http.Request) (*http.Response, error) {
	return http.DefaultClient.Do(r)
}

// Code of the function can install a guard of its own, and call any address of this machine or link
// the Runtime API. That opens nothing to a copy of http.DefaultTransport that has set Proxy, which
// only the dial shows.
func TestAnotherGuardsRuntimeAPIIsNotExempt(t *testing.T) {
	s := serve(t)
	fresh(t)
	g := &fakeGuard{refuse: refuseAll}
	t.Cleanup(Install(g, "127.0.0.1:1").Uninstall)
	api := strings.TrimPrefix(s.URL, "http://")
	lax := Install(&fakeGuard{}, api)
	t.Cleanup(lax.Uninstall)
	c := http.DefaultTransport.(*http.Transport).Clone()
	c.Proxy = nil
	t.Cleanup(c.CloseIdleConnections)
	_, err := c.RoundTrip(request(t, s.URL+"/2018-06-01/runtime/invocation/next"))
	assertRefused(t, err)

	lax.Uninstall()
	t.Cleanup(Install(g, api).Uninstall) // the same Installation: the first address counts
	_, err = c.RoundTrip(request(t, s.URL))
	assertRefused(t, err)
}

// A guard without a Runtime API has "" for it, which is not a dial of that API.
func TestADialOfNothingIsJudged(t *testing.T) {
	tr := fresh(t)
	tr.DialContext = func(context.Context, string, string) (net.Conn, error) {
		client, _ := net.Pipe()
		return client, nil
	}
	installed(t, &fakeGuard{refuse: refuseAll})
	_, err := tr.DialContext(t.Context(), "tcp", "")
	assertRefused(t, err)
}
