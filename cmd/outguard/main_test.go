package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) {
	return 0, &fs.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.ENOSPC}
}

// A command whose output is lost could not do its work, whatever it found.
func TestOutputThatIsLost(t *testing.T) {
	dir := t.TempDir()
	policy := filepath.Join(dir, "policy.yaml")
	require.NoError(t, os.WriteFile(policy, []byte(firstPolicy), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "policy.policytest"), []byte(firstTests), 0o600))
	for _, args := range []string{
		"version", "validate FILE", "validate -format sarif FILE", "check -policy FILE GET https://a.example/",
		"explain -policy FILE", "explain -policy FILE -never http:a.example", "test DIR/policy.policytest", "test -json DIR/policy.policytest",
		"diff FILE FILE", "bundle -function f FILE", "init -o -", "init DIR/new", "learn -query",
	} {
		t.Run(strings.Fields(args)[0], func(t *testing.T) {
			_ = os.RemoveAll(filepath.Join(dir, "new"))
			require.NoError(t, os.Mkdir(filepath.Join(dir, "new"), 0o700))
			var errs bytes.Buffer
			args := strings.Fields(strings.NewReplacer("FILE", policy, "DIR", dir).Replace(args))
			assert.Equal(t, exitUsage, run(args, stdio{strings.NewReader(""), fullDisk{}, &errs}))
			assert.Contains(t, errs.String(), "no space left on device")
			assert.NotContains(t, errs.String(), "shows how it is used")
		})
	}
}
