package guard_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAlertDuringInitIsSent(t *testing.T) {
	t.Parallel()
	url, _ := site(t)
	f := start(t, "init", rules(url, "alert"), "URL="+url+"/init")
	require.Nil(t, send(t, f, script{}, nil).Error)
	require.Len(t, logged(t, f.Stdout(), "alert"), 1)
}

// brokenSink is a server that does not take alerts.
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

// A sink that does not take alerts changes nothing for the function, and is reported.
func TestBrokenSinks(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"notifier", "slack", "sns"} {
		for _, how := range []string{"refuses", "hangs", "500"} {
			t.Run(kind+" "+how, func(t *testing.T) {
				t.Parallel()
				url, _ := site(t)
				sink := brokenSink(t, how)
				policy := rules(url, "alert", "    blacklist:", "      - http: "+url+"/blocked", "        on_violation: block", "")
				env := []string{"BUDGET=10ms"}
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
				require.Nil(t, send(t, f, script{Get: []string{url + "/alerted"}}, nil).Error)
				assert.Len(t, logged(t, f.Stdout(), "alert"), 1)
				undelivered := logged(t, f.Stdout(), "undelivered")
				require.Len(t, undelivered, 1)
				assert.Equal(t, 1, undelivered[0].Kept)

				requireFailed(t, send(t, f, script{Get: []string{url + "/blocked"}}, nil), "BlockedError", "/blocked")
				assert.Len(t, logged(t, f.Stdout(), "alert"), 2)
				undelivered = logged(t, f.Stdout(), "undelivered")
				require.Len(t, undelivered, 2)
				assert.Equal(t, 2, undelivered[1].Kept)
			})
		}
	}
}

func TestAlertsArrive(t *testing.T) {
	t.Parallel()
	url, _ := site(t)
	sink, received := recorder(t)
	f := start(t, "notifier", rules(url, "alert"), "SINK="+sink, "BUDGET=10m")
	require.Nil(t, send(t, f, script{Get: []string{url + "/a", url + "/a", url + "/b"}}, nil).Error)
	alerts := received() // they have arrived when the invocation returns
	require.Len(t, alerts, 2)
	assert.ElementsMatch(t, []string{url + "/a", url + "/b"}, []string{alerts[0].Call.URL, alerts[1].Call.URL})
}

func TestStreamsAlertsArriveBeforeItsEnd(t *testing.T) {
	t.Parallel()
	url, _ := site(t)
	sink, received := recorder(t)
	f := start(t, "stream", rules(url, "alert"), "SINK="+sink)
	res := send(t, f, script{Get: []string{url + "/a"}}, nil)
	require.Nil(t, res.Error)
	assert.Equal(t, "first second", string(res.Body))
	assert.Len(t, received(), 1)
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

func TestStdoutClosed(t *testing.T) {
	t.Parallel()
	url, _ := site(t)
	f := start(t, "stdout closed", rules(url, "block"))
	requireFailed(t, send(t, f, script{Get: []string{url + "/no"}}, nil), "BlockedError", "/no")
	assert.Len(t, logged(t, f.Stdout()+f.Stderr(), "alert"), 1, "the line is not lost")
	require.Nil(t, send(t, f, script{Get: []string{url + "/ok"}}, nil).Error)
}

func TestSIGTERM(t *testing.T) {
	t.Parallel()
	url, _ := site(t)
	sink, received := recorder(t)
	f := start(t, "sigterm", rules(url, "alert"), "SINK="+sink)
	for range 3 {
		require.Nil(t, send(t, f, script{Get: []string{url + "/a"}}, nil).Error)
	}
	require.Len(t, received(), 1)
	f.Stop()
	alerts := received()
	require.Len(t, alerts, 2, "the repeats are sent at the end")
	assert.Equal(t, 2, alerts[1].Count)
}
