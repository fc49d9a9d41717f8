package vet

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The project's own examples are guarded: nothing is found in them until a handler is unwrapped.
func TestExamples(t *testing.T) {
	tool := filepath.Join(t.TempDir(), "outguard-vet")
	build := exec.Command("go", "build", "-o", tool, "./cmd/outguard-vet")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)

	vet := func(args ...string) (string, error) {
		cmd := exec.Command("go", append([]string{"vet", "-vettool=" + tool}, args...)...)
		cmd.Dir = filepath.Join("..", "examples")
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	text, err := vet("./...")
	require.NoError(t, err, text)
	assert.Empty(t, text)

	text, err = vet("-overlay="+unwrapped(t), "./minimal")
	require.Error(t, err)
	assert.Contains(t, text, "the handler is not wrapped: lambda.Start(g.Wrap(shop.handle))")

	help, err := exec.Command(tool, "-h").CombinedOutput()
	require.NoError(t, err)
	assert.Contains(t, string(help), "go vet -vettool=$(which outguard-vet)")
}

// unwrapped returns an overlay in which one example's handler is not wrapped.
func unwrapped(t *testing.T) string {
	path, err := filepath.Abs(filepath.Join("..", "examples", "minimal", "main.go"))
	require.NoError(t, err)
	code, err := os.ReadFile(path)
	require.NoError(t, err)
	bare := strings.Replace(string(code), "g.Wrap(shop.handle)", "shop.handle", 1)
	require.NotEqual(t, string(code), bare)
	dir := t.TempDir()
	changed := filepath.Join(dir, "main.go")
	require.NoError(t, os.WriteFile(changed, []byte(bare), 0o600))
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{path: changed}})
	require.NoError(t, err)
	file := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(file, overlay, 0o600))
	return file
}
