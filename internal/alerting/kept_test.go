//go:build unix

package alerting

import (
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What is reported arrives where the file led at first, whatever the program does to it.
func TestWhatIsKeptOfAFile(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	k := kept(w)
	require.NoError(t, w.Close())
	_, err = k.WriteString("reported")
	require.NoError(t, err)
	require.NoError(t, k.Close())
	got, err := io.ReadAll(r)
	require.NoError(t, err)
	assert.Equal(t, "reported", string(got))
	assert.Same(t, w, kept(w), "closed")
	assert.Nil(t, kept(nil))
}
