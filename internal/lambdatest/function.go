package lambdatest

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// A Function is a function's process and the Runtime API that serves it. Its methods may be called
// by several goroutines at once.
type Function struct {
	config Config
	dir    string // holds the output

	mu     sync.Mutex
	proc   *process
	closed bool
}

// Start starts a function: a Runtime API on a free loopback port, and the binary that talks to it.
// It returns when the process runs. The process may still fail in its init, which the first Invoke
// reports.
func Start(c Config) (*Function, error) {
	dir, err := os.MkdirTemp("", "lambdatest")
	if err != nil {
		return nil, err
	}
	f := &Function{config: c, dir: dir}
	// A binary that cannot be started is an error here, not at the first Invoke.
	if _, err := f.process(); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// Invoke sends the function an event and waits for its result. Calls beyond the function's
// concurrency wait for their turn. A function that has ended is started again, as Lambda does. The
// error is about this package or ctx: what went wrong in the function is in the Result.
func (f *Function) Invoke(ctx context.Context, event []byte, request *Request) (*Result, error) {
	var r Request
	if request != nil {
		r = *request
	}
	if r.ID == "" {
		r.ID = newRequestID()
	}
	if r.Timeout == 0 {
		r.Timeout = f.config.timeout()
	}
	p, err := f.process()
	if err != nil {
		return nil, err
	}
	inv := &invocation{event: event, request: &r, config: &f.config, taken: make(chan struct{}), result: make(chan *Result, 1)}
	select {
	// The queue has no buffer: an event is sent only when the process asks for one.
	case p.api.queue <- inv:
	case <-p.done:
		return p.exitResult(r.ID), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	// The time of an invocation counts from here, not from the wait for its turn.
	<-inv.taken
	timeout := time.NewTimer(time.Until(inv.sent.Add(r.Timeout)))
	defer timeout.Stop()
	select {
	case res := <-inv.result:
		return res, nil
	case <-p.done:
		inv.finish(p.exitResult(r.ID))
	// Lambda ends the process after a timeout. The next invocation is a cold start.
	case <-timeout.C:
		inv.finish(timedOut(&r))
		p.kill()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	// The result may have arrived together with the end of the process or the timeout. finish keeps
	// the first.
	return <-inv.result, nil // what came first
}

// timedOut returns the result of an invocation that took too long, in Lambda's words.
func timedOut(r *Request) *Result {
	message := fmt.Sprintf("RequestId: %s Error: Task timed out after %.2f seconds", r.ID, r.Timeout.Seconds())
	return &Result{RequestID: r.ID, Error: &Error{Type: "Sandbox.Timedout", Message: message}}
}

// Running reports whether the process runs: false after a panic, an exit or a timeout, until the
// next Invoke.
func (f *Function) Running() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.proc != nil && !f.proc.ended()
}

// Wait waits until the process has ended, as after a panic, and returns what exec.Cmd's Wait
// returned.
func (f *Function) Wait(ctx context.Context) error {
	f.mu.Lock()
	p := f.proc
	f.mu.Unlock()
	select {
	case <-p.done:
		return p.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Stop ends the process as Lambda does: with SIGTERM and Config.StopTimeout when an extension is
// registered (lambda.WithEnableSIGTERM), else at once. The next Invoke starts it again, so Stop and
// Invoke make a cold start.
func (f *Function) Stop() {
	f.mu.Lock()
	p := f.proc
	f.mu.Unlock()
	if p == nil || p.ended() {
		return
	}
	p.api.mu.Lock()
	extensions := p.api.extensions
	p.api.mu.Unlock()
	if extensions > 0 && p.cmd.Process.Signal(syscall.SIGTERM) == nil {
		select {
		case <-p.done:
			return
		case <-time.After(f.config.stopTimeout()):
		}
	}
	p.kill()
}

// Close stops the function and its Runtime API, and removes what it wrote.
func (f *Function) Close() {
	f.mu.Lock()
	// A test may call Close in a deferred function and by itself.
	closed := f.closed
	f.closed = true
	f.mu.Unlock()
	if closed {
		return
	}
	f.Stop()
	os.RemoveAll(f.dir)
}

// Stdout returns what the function has written to standard output so far, cold starts included.
func (f *Function) Stdout() string { return f.read("stdout") }

// Stderr is Stdout for standard error, where the log package writes.
func (f *Function) Stderr() string { return f.read("stderr") }

// Output opens what the function writes to standard output and standard error, to be read while it
// runs. At the end of what has been written, reading returns io.EOF; more may follow.
func (f *Function) Output() (stdout, stderr *os.File, err error) {
	if stdout, err = os.Open(filepath.Join(f.dir, "stdout")); err != nil {
		return nil, nil, err
	}
	if stderr, err = os.Open(filepath.Join(f.dir, "stderr")); err != nil {
		stdout.Close()
		return nil, nil, err
	}
	return stdout, stderr, nil
}

// output opens a file that the process appends to, so that output of earlier runs stays.
func (f *Function) output(name string) (*os.File, error) {
	return os.OpenFile(filepath.Join(f.dir, name), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
}

// read returns what such a file has so far; "" if it does not exist.
func (f *Function) read(name string) string {
	b, _ := os.ReadFile(filepath.Join(f.dir, name))
	return string(b)
}

// newRequestID makes a request id in Lambda's form, a UUID of version 4.
func newRequestID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
