package buildtest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var (
	command string // the outguard command under test
	guarded string // program fn, built by it
	plain   string // program fn, built by go alone
)

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "buildtest")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		command, guarded, plain = filepath.Join(dir, "outguard"), filepath.Join(dir, "guarded"), filepath.Join(dir, "plain")
		for _, build := range [][]string{
			{"go", "build", "-o", command, "github.com/outguard/outguard/cmd/outguard"},
			{"go", "build", "-o", plain, "./fn"},
			{command, "go", "build", "-o", guarded, "./fn"},
		} {
			start := time.Now()
			cmd := exec.Command(build[0], build[1:]...)
			cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
			if err := cmd.Run(); err != nil {
				fmt.Fprintln(os.Stderr, build, err)
				return 1
			}
			fmt.Fprintf(os.Stderr, "%v: %.1f s\n", build, time.Since(start).Seconds())
		}
		return m.Run()
	}())
}

// A result is what a command did.
type result struct {
	stdout, stderr string
	exit           int
}

// run runs a command in dir with more environment variables than this process has.
func run(t *testing.T, dir string, env []string, args ...string) result {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if _, exited := err.(*exec.ExitError); !exited {
		require.NoError(t, err)
	}
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// outguard runs the command under test.
func outguard(t *testing.T, dir string, env []string, args ...string) result {
	t.Helper()
	return run(t, dir, env, append([]string{command}, args...)...)
}
