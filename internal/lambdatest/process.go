package lambdatest

import (
	"errors"
	"fmt"
	"os/exec"
	"time"
)

// A process is one run of the binary, from a cold start to its end, with a Runtime API of its own:
// what the last process left open there takes nothing from the next.
type process struct {
	api  *api
	cmd  *exec.Cmd
	done chan struct{} // closed when the process has ended, err set
	err  error
}

// process returns the running process, and starts one when there is none.
func (f *Function) process() (*process, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, errors.New("lambdatest: the function is closed")
	}
	if f.proc != nil && !f.proc.ended() {
		return f.proc, nil
	}
	stdout, err := f.output("stdout")
	if err != nil {
		return nil, err
	}
	// The process has its own copy of the file.
	defer stdout.Close()
	stderr, err := f.output("stderr")
	if err != nil {
		return nil, err
	}
	defer stderr.Close()

	api, err := newAPI()
	if err != nil {
		return nil, err
	}
	// Output goes to files, not pipes: what the function wrote before it returned is there to read
	// when Invoke returns.
	cmd := exec.Command(f.config.Path, f.config.Args...)
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = f.config.environ(api.addr), f.config.Dir, stdout, stderr
	if err := cmd.Start(); err != nil {
		api.close()
		return nil, fmt.Errorf("lambdatest: %w", err)
	}
	f.proc = &process{api: api, cmd: cmd, done: make(chan struct{})}
	go f.proc.wait(f.config.initTimeout())
	return f.proc, nil
}

// wait waits for the process's end, and brings it about when the init takes too long.
func (p *process) wait(init time.Duration) {
	// The lock covers the kill: a function that asks at the last moment is either in time or
	// killed.
	timer := time.AfterFunc(init, func() {
		p.api.mu.Lock()
		defer p.api.mu.Unlock()
		// A process that asked is past its init, and idle for as long as it likes.
		if !p.api.asked {
			p.api.initError = &Error{Type: "Sandbox.Timedout", Message: fmt.Sprintf("init timed out after %.2f seconds", init.Seconds())}
			p.cmd.Process.Kill()
		}
	})
	// Whoever receives from done may read err without a lock.
	p.err = p.cmd.Wait()
	timer.Stop()
	// The API ends with its process, and releases the port.
	p.api.close()
	close(p.done)
}

// ended reports whether the process has ended. It does not wait.
func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// exitResult is the result of an invocation whose process has ended.
func (p *process) exitResult(id string) *Result {
	p.api.mu.Lock()
	defer p.api.mu.Unlock()
	// Lambda reports why an init failed rather than how the process ended.
	if p.api.initError != nil {
		return &Result{RequestID: id, Error: p.api.initError}
	}
	// The texts are those of Lambda's own errors.
	how := "without providing a reason"
	if p.err != nil {
		how = "with error: " + p.err.Error()
	}
	return &Result{RequestID: id, Error: &Error{Type: "Runtime.ExitError", Message: "RequestId: " + id + " Error: Runtime exited " + how}}
}

// kill ends the process at once and waits for that.
func (p *process) kill() {
	p.cmd.Process.Kill() // it may have ended meanwhile
	<-p.done
}
