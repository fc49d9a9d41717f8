package alerting

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A gate is a Writer that hangs until it is opened.
type gate struct {
	opened chan struct{}
	mu     sync.Mutex
	buf    bytes.Buffer
	writes int
}

func newGate() *gate { return &gate{opened: make(chan struct{})} }

func (g *gate) Write(b []byte) (int, error) {
	<-g.opened
	g.mu.Lock()
	defer g.mu.Unlock()
	g.writes++
	return g.buf.Write(b)
}

func (g *gate) String() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.buf.String()
}

func TestAWriterThatHangsHoldsUpOneLineOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		o := &output{w: g}
		took := func(line string) time.Duration {
			start := time.Now()
			_, err := io.WriteString(o, line)
			require.NoError(t, err)
			return time.Since(start)
		}
		assert.Equal(t, lineWait, took("1\n"))
		for i := range 100 {
			assert.Zero(t, took(fmt.Sprint(i, "\n")), "once a write is stuck, later lines do not wait")
		}
		close(g.opened)
		synctest.Wait()
		assert.Equal(t, 101, g.writes, "each line by one write")
		assert.True(t, strings.HasPrefix(g.String(), "1\n0\n1\n2\n"), "in order")
		assert.Zero(t, took("x\n"))
		assert.True(t, strings.HasSuffix(g.String(), "x\n"), "a line has been written when Write returns")
		synctest.Wait()
		assert.False(t, o.running, "the goroutine ends when it is idle")
	})
}

func TestManyWritersWaitAtTheSameTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		o := &output{w: g}
		start := time.Now()
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() { _, _ = io.WriteString(o, "x\n") })
		}
		wg.Wait()
		assert.Equal(t, lineWait, time.Since(start))
		close(g.opened)
		synctest.Wait()
		assert.Equal(t, 50, g.writes)
	})
}

func TestUnwrittenLinesAreBoundedAndCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		o := &output{w: g}
		line := []byte(strings.Repeat("x", 1023) + "\n")
		const over = 7
		refused := 0
		for range maxUnwritten/len(line) + over {
			if _, err := o.Write(line); err != nil {
				refused++
			}
		}
		assert.Equal(t, over, refused)
		assert.Equal(t, maxUnwritten, o.held)
		close(g.opened)
		synctest.Wait()
		assert.Zero(t, o.held)
		assert.Contains(t, g.String(), `"schema":"outguard.unwritten/v1","count":7}`)
		_, err := o.Write(line)
		require.NoError(t, err)
	})
}

// A line longer than the bound is written if nothing else waits.
func TestAnyLineIsTakenByAnIdleWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		o := &output{w: &b}
		_, err := o.Write(make([]byte, 2*maxUnwritten))
		require.NoError(t, err)
		assert.Equal(t, 2*maxUnwritten, b.Len())
	})
}

func TestTheCallersBufferIsNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		o := &output{w: g}
		line := []byte("right\n")
		_, _ = o.Write(line)
		copy(line, "wrong")
		close(g.opened)
		synctest.Wait()
		assert.Equal(t, "right\n", g.String())
	})
}

// stderr is standard error at the start of the package. With -json, package testing puts standard
// output into its place later.
var stderr = os.Stderr

// Standard output is the file at the start of the package. When it is closed, standard error is
// used.
func TestStandardOutput(t *testing.T) {
	own, ok := standardOutput.w.(files)
	require.True(t, ok)
	was, err := os.Stdout.Stat()
	require.NoError(t, err)
	is, err := own.stdout.Stat()
	require.NoError(t, err)
	assert.True(t, os.SameFile(was, is))
	assert.Same(t, stderr, own.stderr)
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	closed, err := os.Open(os.DevNull)
	require.NoError(t, err)
	require.NoError(t, closed.Close())
	_, err = files{closed, w}.Write([]byte("line\n"))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	got, err := io.ReadAll(r)
	require.NoError(t, err)
	assert.Equal(t, "line\n", string(got))
}

// The evidence is written while a sink and the writer hang: Record returns after lineWait, and
// other calls are not held up by the lock.
func TestAWriterThatHangsDoesNotHoldTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		q := New(Options{Stdout: g})
		start := time.Now()
		go q.Record(violation("alert", evil), nil)
		synctest.Wait()
		q.Record(violation("alert", evil), nil)
		assert.Zero(t, time.Since(start), "a repeat writes nothing")
		time.Sleep(lineWait)
		close(g.opened)
		synctest.Wait()
		assert.Contains(t, g.String(), evil)
	})
}
