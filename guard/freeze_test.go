//go:build unix

package guard_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A sink answers while the process is frozen, as it is between invocations: the alert is neither lost nor sent twice.
func TestFreezeInTheMiddleOfASend(t *testing.T) {
	url, _ := site(t)
	var posts atomic.Int32
	release := make(chan struct{})
	answered := make(chan struct{})
	idle := sync.OnceFunc(func() { close(answered) })
	sink := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		posts.Add(1)
		<-release
	}))
	sink.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateIdle { // the answer has been written
			idle()
		}
	}
	sink.Start()
	t.Cleanup(sink.Close)

	f := start(t, "notifier", rules(url, "alert"), "SINK="+sink.URL)
	require.Nil(t, send(t, f, script{Get: []string{url + "/no"}}, nil).Error)
	require.Len(t, logged(t, f.Stdout(), "undelivered"), 1, "not within the budget")

	require.NoError(t, f.Freeze())
	close(release)
	<-answered
	require.NoError(t, f.Thaw())

	for range 3 {
		require.Nil(t, send(t, f, script{}, nil).Error)
	}
	assert.EqualValues(t, 1, posts.Load())
	assert.Len(t, logged(t, f.Stdout(), "undelivered"), 1, "it has arrived")
}
