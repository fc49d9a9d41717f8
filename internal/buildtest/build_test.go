package buildtest

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What CI runs is the common build. Other builds take a rebuild of the standard library each:
//
//	go test . -build=-race
//	go test . -build=-buildmode=pie
//	EMULATED_GOARCH=arm64 go test . -emulator=qemu-aarch64
var (
	buildFlags = flag.String("build", "", "flags of go build for the programs under test, separated by blanks")
	emulator   = flag.String("emulator", "", "runs the programs under test, which are built for $EMULATED_GOARCH")
)

var (
	command string // the outguard command under test
	guarded string // program fn, built by it
	plain   string // program fn, built by go alone
)

func TestMain(m *testing.M) {
	flag.Parse()
	if flag.Lookup("test.run").Value.String() == "^$" { // benchmarks only: nothing to build
		os.Exit(m.Run())
	}
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "buildtest")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		command, guarded, plain = filepath.Join(dir, "outguard"), filepath.Join(dir, "guarded"), filepath.Join(dir, "plain")
		for i, build := range [][]string{
			{"go", "build", "-o", command, "github.com/outguard/outguard/cmd/outguard"},
			append(goBuild(plain), "./fn"),
			append(append([]string{command}, goBuild(guarded)...), "./fn"),
		} {
			start := time.Now()
			cmd := exec.Command(build[0], build[1:]...)
			cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
			if i > 0 {
				cmd.Env = buildEnv()
			}
			if err := cmd.Run(); err != nil {
				fmt.Fprintln(os.Stderr, build, err)
				return 1
			}
			fmt.Fprintf(os.Stderr, "%v: %.1f s\n", build, time.Since(start).Seconds())
		}
		return m.Run()
	}())
}

// goBuild is the command that builds a program as path.
func goBuild(path string) []string {
	return append(append([]string{"go", "build"}, strings.Fields(*buildFlags)...), "-o", path)
}

func buildEnv() []string {
	if *emulator == "" {
		return os.Environ()
	}
	return append(os.Environ(), "GOARCH="+os.Getenv("EMULATED_GOARCH"), "CGO_ENABLED=0")
}

// A result is what a command did.
type result struct {
	stdout, stderr string
	exit           int
}

// run runs a command in dir with more environment variables than this process has.
func run(t testing.TB, dir string, env []string, args ...string) result {
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
func outguard(t testing.TB, dir string, env []string, args ...string) result {
	t.Helper()
	return run(t, dir, env, append([]string{command}, args...)...)
}
