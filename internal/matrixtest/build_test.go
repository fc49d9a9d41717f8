package matrixtest

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Program fn, built by go and by outguard go.
var plain, guarded string

// TestMain builds the programs, which takes minutes at first, before the time of the tests begins.
func TestMain(m *testing.M) {
	flag.Parse()
	if runtime.GOOS != "linux" || flag.Lookup("test.run").Value.String() == "^$" {
		os.Exit(m.Run())
	}
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "matrix")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		command := filepath.Join(dir, "outguard")
		plain, guarded = filepath.Join(dir, "plain"), filepath.Join(dir, "guarded")
		for _, build := range [][]string{
			{"go", "build", "-o", command, "github.com/outguard/outguard/cmd/outguard"},
			{"go", "build", "-ldflags=-s -w", "-o", plain, "./fn"}, // stripped, to link sooner
			{command, "go", "build", "-ldflags=-s -w", "-o", guarded, "./fn"},
		} {
			start := time.Now()
			cmd := exec.Command(build[0], build[1:]...)
			cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
			if err := cmd.Run(); err != nil {
				fmt.Fprintln(os.Stderr, build, err)
				return 1
			}
			fmt.Fprintf(os.Stderr, "%s: %.1f s, of the processor %.1f s\n", strings.Join(build, " "), time.Since(start).Seconds(),
				(cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds())
		}
		return m.Run()
	}())
}
