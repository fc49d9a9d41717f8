//go:build unix

package guard_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A sink responds while the process is frozen, as it is between invocations. The alert is neither
// lost nor sent twice.
func TestFreezeInTheMiddleOfASend(t *testing.T) {
	t.Parallel()
	url, _ := site(t)
	var posts atomic.Int32
	release := make(chan struct{})
	responded := make(chan struct{})
	idle := sync.OnceFunc(func() { close(responded) })
	sink := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		posts.Add(1)
		<-release
	}))
	sink.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateIdle { // the response has been written
			idle()
		}
	}
	sink.Start()
	t.Cleanup(sink.Close)

	f := start(t, "notifier", rules(url, "alert"), "SINK="+sink.URL, "BUDGET=10ms")
	require.Nil(t, send(t, f, script{Get: []string{url + "/no"}}, nil).Error)
	require.Len(t, logged(t, f.Stdout(), "undelivered"), 1, "not within the budget")

	require.NoError(t, f.Freeze())
	close(release)
	<-responded
	require.NoError(t, f.Thaw())

	require.Eventually(t, func() bool { return strings.Contains(f.Stdout(), "delivered 1") }, patience, 5*time.Millisecond)
	for range 3 {
		require.Nil(t, send(t, f, script{}, nil).Error)
	}
	assert.EqualValues(t, 1, posts.Load(), "it is not sent again")
}
