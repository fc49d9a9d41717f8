package vet

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/analysis/analysistest"
)

// The packages of testdata/src have their findings as want comments. One run for all of them loads
// the standard library once.
func TestFindings(t *testing.T) {
	pkgs := []string{"handlers", "aws", "transports", "defaults", "early", "process", "drivers", "recipes", "oldaws"}
	found := map[string]int{}
	for _, r := range analysistest.Run(t, analysistest.TestData(), Analyzer, pkgs...) {
		require.NoError(t, r.Err)
		found[r.Pass.Pkg.Path()] += len(r.Diagnostics)
	}
	for _, pkg := range pkgs {
		assert.Equal(t, pkg == "recipes", found[pkg] == 0, pkg)
	}
}

func TestFixes(t *testing.T) {
	analysistest.RunWithSuggestedFixes(t, analysistest.TestData(), Analyzer, "fixes")
}

func TestSkip(t *testing.T) {
	t.Cleanup(func() { skip = "" })
	require.NoError(t, Analyzer.Flags.Set("skip", "process, dial"))
	results := analysistest.Run(quiet{}, analysistest.TestData(), Analyzer, "process")
	require.NotEmpty(t, results)
	for _, r := range results {
		for _, d := range r.Diagnostics {
			assert.Equal(t, string(kindComment), d.Category, d.Message)
		}
	}
}

func TestSkipKnowsTheKinds(t *testing.T) {
	_, err := newReporter(nil, "process,transports")
	require.EqualError(t, err, `-skip: unknown kind "transports"; the kinds are transport, default, aws, aws-v1, aws-modules, handler, early, driver, library, dial, process, comment`)
}

func TestCgo(t *testing.T) {
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Skip("needs a C compiler")
	}
	t.Setenv("CGO_ENABLED", "1")
	analysistest.Run(t, analysistest.TestData(), Analyzer, "cgo")
}

// quiet ignores that the findings are not those of the want comments.
type quiet struct{}

func (quiet) Errorf(string, ...any) {}

func TestTheDocumentationHasEachKind(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join("..", "docs", "vet.md"))
	require.NoError(t, err)
	for _, k := range kinds {
		assert.Regexp(t, regexp.MustCompile(`(?m)^### `+string(k)+`$`), string(doc))
	}
}
