package outguard_test

import (
	"io/fs"
	"os"
	"regexp"
	"strconv"
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

// TestDecisions proves that each record of docs/decisions.md names tests that exist, that the code
// cites it, and that no code cites a record that does not exist.
func TestDecisions(t *testing.T) {
	data, err := os.ReadFile("docs/decisions.md")
	require.NoError(t, err)
	tests, cited := testFunctions(t), citations(t)
	for i, record := range strings.Split(string(data), "\n## ")[1:] {
		number := strconv.Itoa(i + 1)
		title, text, _ := strings.Cut(record, "\n")
		require.True(t, strings.HasPrefix(title, number+". "), "%q is not number %s", title, number)
		if title == "34. What each dependency costs" {
			continue // a table
		}
		for _, part := range []string{"Context", "Decision", "Price", "Enforced by"} {
			assert.Contains(t, text, "* **"+part+"**: ", title)
		}
		for _, m := range regexp.MustCompile("`(Test\\w+)`").FindAllStringSubmatch(text, -1) {
			assert.Contains(t, tests, m[1], title)
		}
		assert.Contains(t, cited, number, "no code cites %s", title)
		delete(cited, number)
	}
	assert.Empty(t, cited, "cited, and not in docs/decisions.md")
}

// citations returns the numbers of the decisions that comments cite.
func citations(t *testing.T) map[string]bool {
	numbers := map[string]bool{}
	cite := regexp.MustCompile(`(?i)//.*\bdecisions? (\d+(?:(?:, | and )\d+)*)`)
	number := regexp.MustCompile(`\d+`)
	err := fs.WalkDir(os.DirFS("."), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		data, err := os.ReadFile(path)
		for _, m := range cite.FindAllStringSubmatch(string(data), -1) {
			for _, n := range number.FindAllString(m[1], -1) {
				numbers[n] = true
			}
		}
		return err
	})
	require.NoError(t, err)
	return numbers
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
