package httpguard

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/policy"
)

// elsewhere is a transport for which every name is a server.
func elsewhere(s *httptest.Server) *http.Transport {
	return &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, s.Listener.Addr().String())
	}}
}

// sentForms is a server that notes the forms that it gets, and lets respond respond.
type sentForms struct {
	*httptest.Server
	mu    sync.Mutex
	forms []string
}

func takeForms(t *testing.T, respond func(n int, w http.ResponseWriter, r *http.Request)) *sentForms {
	s := &sentForms{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.forms = append(s.forms, r.Host+" "+string(text))
		n := len(s.forms)
		s.mu.Unlock()
		respond(n, w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *sentForms) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.forms
}

// noDeletion refuses forms for AWS that delete, as far as a guard sees them.
var noDeletion = guardFunc(func(c policy.Call) error {
	if c.HTTP == nil || c.HTTP.GetBody == nil || !strings.HasSuffix(c.HTTP.URL.Host, ".amazonaws.com") {
		return nil
	}
	body, err := c.HTTP.GetBody()
	if err != nil {
		return err
	}
	text, err := io.ReadAll(body)
	if strings.Contains(string(text), "Delete") {
		return errors.New("it deletes")
	}
	return err
})

// twoFaced is a request with a form whose GetBody gives another.
func twoFaced(t *testing.T, url string) *http.Request {
	r, err := http.NewRequest("POST", url, strings.NewReader("Action=ListTopics "))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("Action=DeleteTopic")), nil }
	return r
}

// Where a redirect sends a body once more, what GetBody gives is judged as what it is.
func TestABodyIsJudgedAgainAfterARedirect(t *testing.T) {
	for _, from := range []string{"http://api.example/", "http://sns.eu-west-1.amazonaws.com/old"} {
		for _, status := range []int{307, 308} {
			s := takeForms(t, func(n int, w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "http://sns.eu-west-1.amazonaws.com/", status)
			})
			c := &http.Client{Transport: &Transport{Guard: noDeletion, Base: elsewhere(s.Server)}}
			_, err := c.Do(twoFaced(t, from))
			require.ErrorContains(t, err, "it deletes", "%s %d", from, status)
			assert.Len(t, s.all(), 1, "the deletion is not sent")
		}
	}
}

// net/http sends a request again when a connection that it reused has been closed. For AWS it sends
// what was judged, whatever GetBody gives.
func TestABodyIsSentAgainAsItWasJudged(t *testing.T) {
	s := takeForms(t, func(n int, w http.ResponseWriter, r *http.Request) {
		if n == 2 { // before a byte of the response: net/http takes the connection for a stale one
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_ = conn.Close()
			}
		}
	})
	c := &http.Client{Transport: &Transport{Guard: noDeletion, Base: elsewhere(s.Server)}}
	for range 2 {
		r := twoFaced(t, "http://sns.eu-west-1.amazonaws.com/")
		r.Header.Set("Idempotency-Key", "1") // net/http sends a POST again with it
		resp, err := c.Do(r)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
	}
	assert.Equal(t, []string{
		"sns.eu-west-1.amazonaws.com Action=ListTopics ", "sns.eu-west-1.amazonaws.com Action=ListTopics ", "sns.eu-west-1.amazonaws.com Action=ListTopics ",
	}, s.all())
}
