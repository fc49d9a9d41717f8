//go:build unix

package alerting

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"os"
	"os/exec"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/private"
	"github.com/outguard/outguard/notify"
)

// frozenTick makes a send of the frozen process be given up after half a second.
const frozenTick = 50 * time.Millisecond

// A process is frozen for longer than a send may take, as Lambda does after an invocation. The
// server has the request by then, and responds during the freeze.
func TestAFreezeLongerThanASendMayTake(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	respond, responded := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		if calls.Add(1) > 1 {
			return
		}
		<-respond
		io.WriteString(w, "ok")
		http.NewResponseController(w).Flush()
		close(responded)
	}))
	defer server.Close()

	child := exec.Command(os.Args[0], "-test.run=^TestFrozenProcess$")
	child.Env = append(os.Environ(), "OUTGUARD_FROZEN="+server.URL)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	defer child.Process.Kill()

	var status syscall.WaitStatus
	_, err = syscall.Wait4(child.Process.Pid, &status, syscall.WUNTRACED, nil)
	require.NoError(t, err)
	require.True(t, status.Stopped(), "the process freezes itself; its status is %x", status)
	close(respond)
	<-responded
	time.Sleep((sendTicks + 1) * frozenTick) // longer than a send may take: real time has to pass
	require.NoError(t, child.Process.Signal(syscall.SIGCONT))

	lines := bufio.NewScanner(out)
	require.True(t, lines.Scan())
	assert.Equal(t, "undelivered: slack: no answer yet", lines.Text(), "before the freeze")
	require.True(t, lines.Scan())
	assert.Equal(t, "delivered", lines.Text(), "after the freeze")
	assert.EqualValues(t, 1, calls.Load())
	io.Copy(io.Discard, out)
	require.NoError(t, child.Wait())
}

// TestFrozenProcess is the process of TestAFreezeLongerThanASendMayTake.
func TestFrozenProcess(t *testing.T) {
	url := os.Getenv("OUTGUARD_FROZEN")
	if url == "" {
		t.Skip("run by another test")
	}
	wrote := make(chan struct{})
	slack := deliverFunc(func(ctx context.Context, alerts []notify.Alert) error {
		ctx = httptrace.WithClientTrace(private.With(ctx), &httptrace.ClientTrace{
			WroteRequest: func(httptrace.WroteRequestInfo) { close(wrote) },
		})
		return (&notify.Slack{URL: url}).Notify(ctx, alerts)
	})
	q := New(Options{Stdout: io.Discard, Sinks: []*Sink{NewSink("slack", slack)}, sendTick: frozenTick})
	q.Begin()
	q.Record(violation("alert", evil))
	<-wrote
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	fmt.Println(q.Flush(ended))
	syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	q.Begin()
	if err := q.Flush(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("delivered")
}
