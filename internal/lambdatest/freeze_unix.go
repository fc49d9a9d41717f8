//go:build unix

package lambdatest

import "syscall"

// Freeze stops the process where it is, as Lambda does between invocations.
func (f *Function) Freeze() error { return f.signal(syscall.SIGSTOP) }

// Thaw lets a frozen process go on.
func (f *Function) Thaw() error { return f.signal(syscall.SIGCONT) }

func (f *Function) signal(s syscall.Signal) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.proc.cmd.Process.Signal(s)
}
