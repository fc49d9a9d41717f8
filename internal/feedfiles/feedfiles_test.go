package feedfiles

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDir(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "credentials")
	require.NoError(t, os.WriteFile(outside, []byte("secret"), 0o600))
	folder := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(folder, "lists"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "lists", "bad.txt"), []byte("bad.example"), 0o600))
	require.NoError(t, os.Symlink(outside, filepath.Join(folder, "feed.txt")))
	require.NoError(t, os.Symlink("lists/bad.txt", filepath.Join(folder, "inside.txt")))
	require.NoError(t, os.Symlink(filepath.Dir(outside), filepath.Join(folder, "away")))
	require.NoError(t, os.Symlink("nowhere", filepath.Join(folder, "dangling.txt")))
	files := Dir(folder)
	for name, want := range map[string]string{
		"lists/bad.txt":    "",
		"inside.txt":       "",
		"feed.txt":         "feed.txt is a link to " + outside + ", outside the policy's folder",
		"away/credentials": "away is a link to " + filepath.Dir(outside) + ", outside the policy's folder",
		"dangling.txt":     "no such file",
		"missing.txt":      "no such file",
		"../credentials":   "invalid argument",
	} {
		data, err := fs.ReadFile(files, name)
		if want == "" {
			assert.NoError(t, err, name)
			assert.Equal(t, "bad.example", string(data), name)
			continue
		}
		assert.ErrorContains(t, err, want, name)
	}
}
