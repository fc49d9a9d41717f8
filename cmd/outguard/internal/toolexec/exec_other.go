//go:build !unix

package toolexec

import (
	"errors"
	"os"
	"os/exec"
)

// replace runs a command, where a process cannot be replaced.
func replace(command []string) error {
	// The output goes through as it is, since the go command parses it.
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		// A killed process has exit code -1, which no process can return.
		return &exitError{max(1, exit.ExitCode())}
	}
	return err
}
