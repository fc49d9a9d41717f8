package buildtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// newModule makes a module that requires what this one does, with program tiny in its root, and
// returns its folder.
func newModule(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	write(t, dir, "go.mod", strings.Replace(read(t, "go.mod"), "=> ../..", "=> "+root, 1))
	write(t, dir, "go.sum", read(t, "go.sum"))
	write(t, dir, "main.go", read(t, "testdata/tiny/main.go"))
	write(t, dir, "main_test.go", read(t, "testdata/tiny/main_test.go"))
	return dir
}

func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}

func write(t testing.TB, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
}

// policyFor writes a policy that allows path /a of a recorder and blocks everything else, and
// returns the environment that names it.
func policyFor(t *testing.T, r *recorder) []string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "policy.yaml", allow(allowHTTP, r.target))
	return []string{"OUTGUARD_POLICY=" + filepath.Join(dir, "policy.yaml"), "AWS_LAMBDA_FUNCTION_NAME=checkout"}
}
