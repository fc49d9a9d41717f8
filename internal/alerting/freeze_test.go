//go:build unix

package alerting

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/sinkmark"
	"github.com/outguard/outguard/notify"
)

// A process is frozen for longer than a send may take, as Lambda does after an invocation. The
// server has the request by then, and responds during the freeze.
func TestAFreezeLongerThanASendMayTake(t *testing.T) {
	t.Parallel()
	// Each try has more time to freeze in the middle of its send, and takes longer.
	for tick := 10 * time.Millisecond; tick < 2*time.Second; tick = tick * 3 / 2 {
		if lines, calls := freeze(t, tick); lines != nil {
			assert.Equal(t, []string{"undelivered: slack: no response yet", "delivered"}, lines, "before and after the freeze")
			assert.Equal(t, 1, calls)
			return
		}
	}
	require.Fail(t, "no process froze in the middle of its send")
}

// freeze runs TestFrozenProcess, in which a send is given up after sendTicks ticks. It returns the
// lines that the process printed and the number of requests. It returns nil if the process was too
// slow to freeze in the middle of its send.
func freeze(t *testing.T, tick time.Duration) (lines []string, requests int) {
	t.Helper()
	var calls atomic.Int32
	frozen, responded := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		if calls.Add(1) > 1 {
			return
		}
		w.WriteHeader(http.StatusEarlyHints) // the process freezes when it gets this
		<-frozen
		io.WriteString(w, "ok")
		http.NewResponseController(w).Flush()
		close(responded)
	}))
	defer server.Close()

	child := exec.Command(os.Args[0], "-test.run=^TestFrozenProcess$")
	child.Env = append(os.Environ(), "OUTGUARD_FROZEN="+server.URL, "OUTGUARD_TICK="+tick.String())
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	defer child.Process.Kill()

	var status syscall.WaitStatus
	_, err = syscall.Wait4(child.Process.Pid, &status, syscall.WUNTRACED, nil)
	close(frozen)
	require.NoError(t, err)
	if status.Exited() && status.ExitStatus() == exitTooSlow {
		return nil, 0
	}
	require.True(t, status.Stopped(), "the process freezes itself; its status is %x", status)
	<-responded
	time.Sleep((sendTicks + 1) * tick) // longer than a send may take: real time has to pass
	require.NoError(t, child.Process.Signal(syscall.SIGCONT))
	text, err := io.ReadAll(out)
	require.NoError(t, err)
	require.NoError(t, child.Wait())
	lines = strings.Split(string(text), "\n")
	return lines[:2], int(calls.Load())
}

// exitTooSlow is the exit status of a process that cannot freeze in the middle of its send.
const exitTooSlow = 9

// TestFrozenProcess is the process of TestAFreezeLongerThanASendMayTake.
func TestFrozenProcess(t *testing.T) {
	url := os.Getenv("OUTGUARD_FROZEN")
	if url == "" {
		t.Skip("run by another test")
	}
	tick, err := time.ParseDuration(os.Getenv("OUTGUARD_TICK"))
	require.NoError(t, err)
	taken := make(chan struct{})
	slack := deliverFunc(func(ctx context.Context, alerts []notify.Alert) error {
		ctx = httptrace.WithClientTrace(sinkmark.With(ctx), &httptrace.ClientTrace{
			Got1xxResponse: func(int, textproto.MIMEHeader) error { close(taken); return nil },
		})
		return (&notify.Slack{URL: url}).Notify(ctx, alerts)
	})
	q := New(Options{Stdout: io.Discard, Sinks: []*Sink{NewSink("slack", slack)}, sendTick: tick})
	q.Begin()
	start := time.Now()
	ticket := new(Ticket)
	q.Record(violation("alert", evil), ticket)
	select {
	case <-taken:
	case <-time.After(sendTicks * tick):
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	fmt.Println(q.Flush(ended, ticket))
	if time.Since(start) > sendTicks/3*tick {
		os.Exit(exitTooSlow)
	}
	syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	q.Begin()
	if err := q.Close(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("delivered")
}
