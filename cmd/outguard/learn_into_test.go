package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// -into edits the file that a symbolic link leads to, and keeps its permissions. With -o, those of
// a device stay as they are.
func TestIntoALink(t *testing.T) {
	log := stored(t, "function.log", []byte(aLine))
	file := stored(t, "policy.yaml", []byte("version: 1\non_violation: log\nwhitelist: []\n"))
	link, device := filepath.Join(t.TempDir(), "policy.yaml"), filepath.Join(t.TempDir(), "out")
	require.NoError(t, os.Symlink(file, link))
	require.NoError(t, os.Symlink(os.DevNull, device))
	before, err := os.Stat(device)
	require.NoError(t, err)
	for _, args := range [][]string{{"learn", "-into", link, "-o", device, log}, {"learn", "-into", link, log}} {
		var out, errs bytes.Buffer
		require.Equal(t, exitOK, run(args, stdio{nil, &out, &errs}), errs.String())
	}
	after, err := os.Stat(device)
	require.NoError(t, err)
	assert.Equal(t, before.Mode(), after.Mode())
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Contains(t, string(text), "a.example/x")
	info, err := os.Lstat(link)
	require.NoError(t, err)
	assert.NotZero(t, info.Mode()&os.ModeSymlink)
	info, err = os.Stat(file)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}
