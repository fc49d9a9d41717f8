package httpguard

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/policy"
)

// A layer in the middle that signs a request, or adds a header about its framing, has it judged
// again: the mark of the layer above is for another request.
func TestWhatAMiddleLayerAddsIsJudged(t *testing.T) {
	fresh(t)
	for _, c := range []struct{ name, key, value string }{
		{"framing", "transfer-encoding", "chunked"},
		{"signature", "Authorization", "AWS4-HMAC-SHA256 Credential=AKIAQQQQQQQQQQQQQQQQ/20261127/eu-west-1/es/aws4_request, SignedHeaders=host, Signature=aa"},
		{"nothing", "X-Trace", "1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			seen := 0
			g := askedGuard(func(_ context.Context, call policy.Call) error {
				if call.HTTP == nil {
					return nil
				}
				if seen++; seen == 2 {
					return ErrNoGuard // before a server waits for the rest
				}
				return nil
			})
			installed(t, &g)
			middle := roundTripper(func(r *http.Request) (*http.Response, error) {
				r = r.Clone(r.Context())
				r.Header[c.key] = []string{c.value}
				return http.DefaultTransport.RoundTrip(r)
			})
			client := http.Client{Transport: &Transport{Guard: &g, Base: middle}}
			s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			defer s.Close()
			if resp, err := client.Get(s.URL); err == nil {
				resp.Body.Close()
			}
			want := 2
			if c.name == "nothing" {
				want = 1
			}
			assert.Equal(t, want, seen)
		})
	}
}

type askedGuard func(context.Context, policy.Call) error

func (f *askedGuard) Check(ctx context.Context, c policy.Call) error { return (*f)(ctx, c) }

// A transport's Proxy function can keep and change what it is given: that is not what is sent.
func TestProxyFunctionGetsACopy(t *testing.T) {
	var path, host string
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { path, host = r.URL.Path, r.Host }))
	defer s.Close()
	g := askedGuard(func(context.Context, policy.Call) error { return nil })
	var kept *http.Request
	base := &http.Transport{
		Proxy: func(r *http.Request) (*url.URL, error) { kept = r; return nil, nil },
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			kept.URL.Path, kept.Host = "/admin", "other.example"
			return new(net.Dialer).DialContext(ctx, network, addr)
		},
	}
	resp, err := (&http.Client{Transport: &Transport{Guard: &g, Base: base}}).Get(s.URL + "/ok")
	require.NoError(t, err)
	resp.Body.Close()
	assert.Equal(t, "/ok", path)
	assert.Equal(t, strings.TrimPrefix(s.URL, "http://"), host)
}

// A clone of http.DefaultTransport is judged by the body that is sent, not by what GetBody gives.
func TestCloneIsJudgedByItsBody(t *testing.T) {
	fresh(t)
	var form string
	g := askedGuard(func(_ context.Context, c policy.Call) error {
		if c.HTTP != nil {
			form = "(no form)"
			if c.HTTP.GetBody != nil {
				body, err := c.HTTP.GetBody()
				require.NoError(t, err)
				text, err := io.ReadAll(body)
				require.NoError(t, err)
				form = string(text)
			}
		}
		return ErrNoGuard
	})
	installed(t, &g)
	clone := http.DefaultTransport.(*http.Transport).Clone()
	for _, c := range []struct {
		name string
		body io.Reader
		want string
	}{
		{"in memory", strings.NewReader("Action=DeleteTopic"), "Action=DeleteTopic"},
		{"a stream", struct{ io.Reader }{strings.NewReader("Action=DeleteTopic")}, "(no form)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := http.NewRequest(http.MethodPost, "https://sns.eu-west-1.amazonaws.com/", c.body)
			require.NoError(t, err)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("Action=Publish")), nil }
			_, err = (&http.Client{Transport: clone}).Do(r)
			require.ErrorIs(t, err, ErrNoGuard)
			assert.Equal(t, c.want, form)
		})
	}
}

// Somebody may overwrite http.DefaultTransport in place, or take http.DefaultClient away.
func TestOverwrittenInPlace(t *testing.T) {
	tr := fresh(t)
	g := askedGuard(func(context.Context, policy.Call) error { return nil })
	i := installed(t, &g)
	require.Empty(t, i.Gaps())
	*tr = http.Transport{MaxIdleConns: 5} //nolint:govet // that is the fault
	assert.Contains(t, strings.Join(i.Gaps(), "\n"), "http.DefaultTransport has been overwritten in place")
	assert.Empty(t, i.Recheck(), "the first check puts the guard back")
	assert.Empty(t, i.Gaps())

	client := http.DefaultClient
	t.Cleanup(func() { http.DefaultClient = client })
	http.DefaultClient = nil
	assert.Empty(t, i.Gaps())
	assert.NotPanics(t, func() { Install(&g) })
}
