package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A symbolic link in the place of the output is replaced, not written through.
func TestWriteFileReplacesALink(t *testing.T) {
	dir := t.TempDir()
	victim, out := filepath.Join(t.TempDir(), "victim"), filepath.Join(dir, "out.yaml")
	require.NoError(t, os.WriteFile(victim, []byte("precious"), 0o600))
	require.NoError(t, os.Symlink(victim, out))
	require.NoError(t, writeFile(out, []byte("version: 1\n")))
	data, err := os.ReadFile(victim)
	require.NoError(t, err)
	assert.Equal(t, "precious", string(data))
	data, err = os.ReadFile(out)
	require.NoError(t, err)
	assert.Equal(t, "version: 1\n", string(data))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, 1, "nothing is left beside it")
	assert.ErrorContains(t, writeFile(filepath.Join(dir, "no", "out.yaml"), nil), "there is no folder")
	assert.ErrorContains(t, writeFile(dir, nil), "is a folder")
	if _, err := os.Stat("/proc/self"); err == nil { // a folder in which nobody can write
		assert.ErrorContains(t, writeFile("/proc/out.yaml", nil), "/proc/out.yaml: no file can be written in the folder /proc: ")
	}
}

// What is not a file is written to: as root, a renaming would take the place of /dev/null.
func TestWriteFileToADevice(t *testing.T) {
	device := filepath.Join(t.TempDir(), "null")
	require.NoError(t, os.Symlink(os.DevNull, device))
	require.NoError(t, writeFile(device, []byte("x")))
	info, err := os.Lstat(device)
	require.NoError(t, err)
	assert.NotZero(t, info.Mode()&os.ModeSymlink)
}

func TestWriteNewOverwritesNothing(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a")
	require.NoError(t, writeNew(name, []byte("first"), 0o600))
	require.ErrorIs(t, writeNew(name, []byte("second"), 0o600), os.ErrExist)
	// Another program makes the file while this one writes.
	other := filepath.Join(dir, "b")
	err := writeBeside(other, []byte("mine"), 0o600, func(temp, name string) error {
		require.NoError(t, os.WriteFile(name, []byte("theirs"), 0o600))
		return linkNew(temp, name)
	})
	require.ErrorIs(t, err, os.ErrExist)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, 2, "nothing is left beside them")
	for name, want := range map[string]string{name: "first", other: "theirs"} {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		assert.Equal(t, want, string(data))
	}
}

// Ctrl-C while a file is written leaves nothing of it.
func TestInterruptedWrite(t *testing.T) {
	if name := os.Getenv("OUTGUARD_TEST_WRITE"); name != "" { // the process below
		_ = writeBeside(name, []byte("x"), 0o644, func(string, string) error {
			fmt.Println("written")
			select {}
		})
	}
	dir := t.TempDir()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestInterruptedWrite$")
	child.Env = append(os.Environ(), "OUTGUARD_TEST_WRITE="+filepath.Join(dir, "out.yaml"))
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	_, err = out.Read(make([]byte, 1)) // the file is there
	require.NoError(t, err)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	if child.Process.Signal(os.Interrupt) != nil {
		_ = child.Process.Kill()
		t.Skip("a system without signals")
	}
	require.Error(t, child.Wait())
	assert.False(t, child.ProcessState.Success())
	entries, err = os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, entries)
}
