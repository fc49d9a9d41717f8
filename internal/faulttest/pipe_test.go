//go:build linux

package faulttest

import (
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func mkfifo(path string) error { return syscall.Mkfifo(path, 0o600) }

// fill writes into a pipe until it takes no more.
func fill(t *testing.T, pipe *os.File) {
	require.NoError(t, pipe.SetWriteDeadline(time.Now().Add(100*time.Millisecond)))
	b := make([]byte, 1<<10)
	for {
		if _, err := pipe.Write(b); err != nil {
			require.ErrorIs(t, err, os.ErrDeadlineExceeded)
			return
		}
	}
}
