//go:build unix

package lambdatest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Freeze stops the process where it is, as Lambda does between invocations. It returns when the
// process stands still.
func (f *Function) Freeze() error {
	if err := f.signal(syscall.SIGSTOP); err != nil {
		return err
	}
	pid := f.pid()
	for !frozen(pid) { // the kernel stops one thread after the other
		time.Sleep(time.Millisecond)
	}
	return nil
}

// Thaw lets a frozen process go on.
func (f *Function) Thaw() error { return f.signal(syscall.SIGCONT) }

// signal sends a signal to the process that was started last.
func (f *Function) signal(s syscall.Signal) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.proc.cmd.Process.Signal(s)
}

// pid returns the id of the process that was started last.
func (f *Function) pid() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.proc.cmd.Process.Pid
}

// frozen reports whether no thread of the process runs; also true for a process that has ended,
// and on systems without Linux's /proc.
func frozen(pid int) bool {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	for _, thread := range threads {
		stat, err := os.ReadFile(thread)
		if err != nil { // the thread has ended
			continue
		}
		// "123 (name of the binary) T …". The name may hold parentheses too, so only the last one
		// ends it.
		state := bytes.TrimSpace(stat[bytes.LastIndexByte(stat, ')')+1:])
		if len(state) > 0 && state[0] != 'T' && state[0] != 'Z' && state[0] != 'X' {
			return false
		}
	}
	return true
}
