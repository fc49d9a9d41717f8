package guard_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/lambdatest"
)

func TestAlertDuringInitIsSent(t *testing.T) {
	url, _ := site(t)
	f := start(t, "init", rules(url, "alert"), "URL="+url+"/init")
	require.Nil(t, send(t, f, script{}, nil).Error)
	require.Len(t, logged(t, f.Stdout(), "alert"), 1)
}

// brokenSink answers as a sink of which nothing is to be expected.
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

func TestBrokenSinks(t *testing.T) {
	url, _ := site(t)
	for _, kind := range []string{"notifier", "slack", "sns"} {
		for _, how := range []string{"refuses", "hangs", "500"} {
			for _, verdict := range []string{"alert", "block"} {
				t.Run(kind+" "+how+" "+verdict, func(t *testing.T) {
					t.Parallel()
					sink, policy := brokenSink(t, how), rules(url, verdict)
					var env []string
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
					res := send(t, f, script{Get: []string{url + "/no"}}, nil)
					if verdict == "block" {
						requireFailed(t, res, "BlockedError", "/no")
					} else {
						require.Nil(t, res.Error)
					}
					assert.Len(t, logged(t, f.Stdout(), "alert"), 1)
					undelivered := logged(t, f.Stdout(), "undelivered")
					require.Len(t, undelivered, 1)
					assert.Equal(t, 1, undelivered[0].Kept)
					assert.Less(t, res.Duration, 10*time.Second, "held for the flush budget of 1 s")
				})
			}
		}
	}
}

func TestAlertsArrive(t *testing.T) {
	url, _ := site(t)
	sink, received := recorder(t)
	f := start(t, "notifier", rules(url, "alert"), "SINK="+sink)
	require.Nil(t, send(t, f, script{Get: []string{url + "/a", url + "/a", url + "/b"}}, nil).Error)
	alerts := received() // they have arrived when the invocation returns
	require.Len(t, alerts, 2)
	assert.ElementsMatch(t, []string{url + "/a", url + "/b"}, []string{alerts[0].Call.URL, alerts[1].Call.URL})
}

func TestStreamsAlertsArriveBeforeItsEnd(t *testing.T) {
	url, _ := site(t)
	sink, received := recorder(t)
	f := start(t, "stream", rules(url, "alert"), "SINK="+sink)
	res := send(t, f, script{Get: []string{url + "/a"}}, nil)
	require.Nil(t, res.Error)
	assert.Equal(t, "first second", string(res.Body))
	assert.Len(t, received(), 1)
}

func TestFirstBlockWaitsForItsAlert(t *testing.T) {
	url, _ := site(t)
	sink, received := recorder(t)
	f := start(t, "exits on a block", rules(url, "block"), "SINK="+sink)
	atLeastOnce(t, "the alert arrives before log.Fatal", func() bool {
		before := len(received())
		requireFailed(t, send(t, f, url+"/no", nil), "Runtime.ExitError", "exit status 1")
		return len(received()) == before+1
	})
	assert.Contains(t, f.Stderr(), "blocked by policy")
}

// atLeastOnce tries what is bounded by a few hundred milliseconds of a real process's time. A busy machine may be too slow for it
// now and then; code that is wrong is too slow each time.
func atLeastOnce(t *testing.T, what string, try func() bool) {
	t.Helper()
	for range 10 {
		if try() {
			return
		}
	}
	assert.Fail(t, "not once in ten times: "+what)
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

func TestDeadlineIsNear(t *testing.T) {
	url, _ := site(t)
	f := start(t, "notifier", rules(url, "block"), "SINK="+brokenSink(t, "hangs"))
	require.Nil(t, send(t, f, script{}, nil).Error) // warm
	atLeastOnce(t, "the alert's delivery does not run into the deadline", func() bool {
		res := send(t, f, script{Get: []string{url + "/no"}}, &lambdatest.Request{Timeout: 50 * time.Millisecond})
		send(t, f, script{}, nil) // warm again, should it have timed out
		return res.Error != nil && res.Error.Type == "BlockedError"
	})
	assert.NotEmpty(t, logged(t, f.Stdout(), "alert"))
}

func TestStdoutClosed(t *testing.T) {
	url, _ := site(t)
	f := start(t, "stdout closed", rules(url, "block"))
	requireFailed(t, send(t, f, script{Get: []string{url + "/no"}}, nil), "BlockedError", "/no")
	assert.Len(t, logged(t, f.Stderr(), "alert"), 1, "the line is not lost")
	require.Nil(t, send(t, f, script{Get: []string{url + "/ok"}}, nil).Error)
}

func TestSIGTERM(t *testing.T) {
	url, _ := site(t)
	sink, received := recorder(t)
	f := start(t, "sigterm", rules(url, "alert"), "SINK="+sink)
	atLeastOnce(t, "the repeats are told at the end", func() bool {
		before := len(received())
		for range 3 {
			require.Nil(t, send(t, f, script{Get: []string{url + "/a"}}, nil).Error)
		}
		require.Len(t, received(), before+1)
		f.Stop()
		alerts := received()
		return len(alerts) == before+2 && alerts[before+1].Count == 2
	})
}
