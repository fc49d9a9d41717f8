//go:build unix

package alerting

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/notify"
)

// TestAFreezeLongerThanASendMayTake stops a process for longer than a send may take, as Lambda does after an invocation, while the
// server has the request and answers it during the freeze.
func TestAFreezeLongerThanASendMayTake(t *testing.T) {
	var calls atomic.Int32
	asked, answer, answered := make(chan struct{}, 10), make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		if calls.Add(1) > 1 {
			return
		}
		asked <- struct{}{}
		<-answer
		io.WriteString(w, "ok")
		http.NewResponseController(w).Flush()
		close(answered)
	}))
	defer server.Close()

	child := exec.Command(os.Args[0], "-test.run=^TestFrozenProcess$")
	child.Env = append(os.Environ(), "OUTGUARD_FROZEN="+server.URL)
	child.Stderr = os.Stderr
	in, err := child.StdinPipe()
	require.NoError(t, err)
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	defer child.Process.Kill()
	says := bufio.NewScanner(out)
	said := func(want string) {
		t.Helper()
		for says.Scan() {
			if strings.HasPrefix(says.Text(), want) {
				return
			}
		}
		t.Fatalf("the process did not say %q", want)
	}

	<-asked
	said("flushed undelivered") // its invocation has ended without the answer
	require.NoError(t, child.Process.Signal(syscall.SIGSTOP))
	close(answer)
	<-answered
	time.Sleep(sendTick*sendTicks + 500*time.Millisecond) // frozen: real time has to pass
	require.NoError(t, child.Process.Signal(syscall.SIGCONT))
	io.WriteString(in, "next invocation\n")
	said("flushed ok")
	assert.EqualValues(t, 1, calls.Load())
	in.Close()
	require.NoError(t, child.Wait())
}

// TestFrozenProcess is the process that TestAFreezeLongerThanASendMayTake stops.
func TestFrozenProcess(t *testing.T) {
	url := os.Getenv("OUTGUARD_FROZEN")
	if url == "" {
		t.Skip("it is run by another test")
	}
	q := New(Options{Stdout: io.Discard, Budget: 300 * time.Millisecond,
		Sinks: []*Sink{{private: true, name: "slack", notifier: &notify.Slack{URL: url}}}})
	q.Begin()
	q.Record(violation("alert", evil))
	if q.Flush(context.Background()) != nil {
		fmt.Println("flushed undelivered")
	}
	bufio.NewReader(os.Stdin).ReadString('\n')
	q.Begin()
	if err := q.Flush(context.Background()); err == nil {
		fmt.Println("flushed ok")
	} else {
		fmt.Println("flushed", err)
	}
}
