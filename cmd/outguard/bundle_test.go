package main

import (
	"os"
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
	assert.Error(t, writeFile(filepath.Join(dir, "no", "out.yaml"), nil))
}
