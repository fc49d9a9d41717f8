package notify

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/sinkmark"
)

type refuseAll struct{}

func (refuseAll) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("judged by the guard")
}

// Deliveries of a guard are not judged, and what the function does to the process's defaults does
// not affect them. What other code has a sink send is judged like any call.
func TestOnlyAGuardsOwnDeliveryIsNotJudged(t *testing.T) {
	received := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { received++; yes(w, r) }))
	t.Cleanup(server.Close)
	env := testEnv(map[string]string{"AWS_ENDPOINT_URL": server.URL})
	transport, resolver := http.DefaultTransport, net.DefaultResolver
	t.Cleanup(func() { http.DefaultTransport, net.DefaultResolver = transport, resolver })
	http.DefaultTransport = refuseAll{}
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("judged by the guard")
	}}
	traced := false
	users := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GetConn: func(string) { traced = true }})

	for name, n := range map[string]Notifier{
		"slack":       &Slack{URL: server.URL + "/slack", Env: env},
		"webhook":     &Webhook{URL: server.URL, Env: env},
		"sns":         &SNS{Topic: "arn:aws:sns:eu-west-1:111122223333:a", Env: env},
		"eventbridge": &EventBridge{Bus: "b", Env: env},
	} {
		t.Run(name, func(t *testing.T) {
			received = 0
			require.NoError(t, n.Notify(sinkmark.With(context.Background()), examples["seen_http"]))
			assert.Equal(t, 1, received)
			soon, cancel := context.WithTimeout(users, 40*time.Millisecond) // no time for a second try
			defer cancel()
			require.Error(t, n.Notify(soon, examples["seen_http"]))
			require.Error(t, n.Notify(forged{soon}, examples["seen_http"]))
			assert.Equal(t, 1, received, "the function's own use of a sink is judged")
		})
	}
	assert.False(t, traced)
}

// forged is a context that has a value for each key, and so for that of a guard's mark.
type forged struct{ context.Context }

func (forged) Value(any) any { return true }

func yes(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("X-Amz-Target") != "" {
		w.Write([]byte(`{"FailedEntryCount":0,"Entries":[{"EventId":"e1"}]}`))
		return
	}
	if r.URL.Path == "/slack" {
		w.Write([]byte("ok"))
		return
	}
	w.Write([]byte(`<PublishResponse><PublishResult><MessageId>m1</MessageId></PublishResult></PublishResponse>`))
}

func TestTheSNSClientIsMadeForTheFirstAlert(t *testing.T) {
	s := &SNS{Topic: "arn:aws:sns:eu-west-1:111122223333:a"}
	require.NoError(t, s.Notify(t.Context(), nil))
	assert.Nil(t, s.link.aws)
}
