//go:build unix

package toolexec

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// replace runs a command in place of this process, so that its output, signals and exit code are
// its own.
func replace(command []string) error {
	// A chained command may be given by its name alone.
	path, err := exec.LookPath(command[0])
	if err != nil {
		return err
	}
	if err := syscall.Exec(path, command, os.Environ()); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
