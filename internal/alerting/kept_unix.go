//go:build unix

package alerting

import (
	"os"
	"syscall"
)

// kept returns a file that writes where f does, whatever becomes of f and of its descriptor: code
// in the process may close it, or put another file into its place. Child processes do not get it.
// It returns f itself if that is closed.
func kept(f *os.File) *os.File {
	if f == nil {
		return nil
	}
	raw, err := f.SyscallConn() // Fd would make f block
	if err != nil {
		return f
	}
	own := -1
	err = raw.Control(func(fd uintptr) {
		// A fork between Dup and CloseOnExec would hand the descriptor to the child, and the reader
		// of a pipe would not see its end before the child ends.
		syscall.ForkLock.RLock()
		defer syscall.ForkLock.RUnlock()
		if n, err := syscall.Dup(int(fd)); err == nil {
			syscall.CloseOnExec(n)
			own = n
		}
	})
	if err != nil || own < 0 {
		return f
	}
	// Both descriptors share one offset, so that lines in a file do not overwrite what the program
	// prints.
	return os.NewFile(uintptr(own), f.Name())
}
