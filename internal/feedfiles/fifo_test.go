//go:build unix

package feedfiles

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Opening a pipe would wait for whoever writes to it.
func TestAPipeIsNotOpened(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, syscall.Mkfifo(filepath.Join(folder, "feed.txt"), 0o600))
	_, err := Dir(folder).Open("feed.txt")
	assert.ErrorContains(t, err, "open feed.txt: not a regular file")
}
