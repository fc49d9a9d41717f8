package outguard_test

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestWhereToAdd proves that the files and the tests that docs/architecture.md names exist, so that
// who adds a thing is not sent astray.
func TestWhereToAdd(t *testing.T) {
	data, err := os.ReadFile("docs/architecture.md")
	require.NoError(t, err)
	_, section, _ := strings.Cut(string(data), "## Where to add a thing\n")
	section, _, ok := strings.Cut(section, "\n## ")
	require.True(t, ok)
	tests := testFunctions(t)
	files := 0
	for _, m := range regexp.MustCompile("`([^`\n]+)`").FindAllStringSubmatch(section, -1) {
		switch name := m[1]; {
		case strings.HasPrefix(name, "Test"):
			assert.Contains(t, tests, name)
		case strings.ContainsAny(name, " ") || !strings.Contains(name, "/") || strings.Contains(name, "KIND") || strings.Contains(name, "SINK"):
		default:
			files++
			_, err := os.Stat(name)
			assert.NoError(t, err)
		}
	}
	assert.Greater(t, files, 10)
}

// testFunctions returns the names of all tests below this folder.
func testFunctions(t *testing.T) map[string]bool {
	names := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	err := fs.WalkDir(os.DirFS("."), ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		data, err := os.ReadFile(path)
		for _, m := range declared.FindAllStringSubmatch(string(data), -1) {
			names[m[1]] = true
		}
		return err
	})
	require.NoError(t, err)
	return names
}
