package corpustest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fuzzTargets are the fuzz targets that must exist, each with seeds.
var fuzzTargets = []string{
	"internal/canon.FuzzCanon",
	"internal/canon.FuzzReadings",
	"internal/mask.FuzzMask",
	"internal/ruleindex.FuzzAddrs",
	"internal/ruleindex.FuzzHosts",
	"internal/ruleindex.FuzzPath",
	"notify.FuzzOneLine",
	"policy.FuzzLanguage",
	"policy.FuzzMatcher",
}

// A target that was renamed away, or that nobody gave seeds, stays green for ever: this is where it
// turns red.
func TestFuzzTargets(t *testing.T) {
	const root = "../.."
	seeds := map[string]bool{} // target → it calls f.Add
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(path))
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || !strings.HasPrefix(f.Name.Name, "Fuzz") || f.Recv != nil {
				continue
			}
			name := filepath.ToSlash(dir) + "." + f.Name.Name
			seeds[name] = false
			ast.Inspect(f, func(n ast.Node) bool {
				if call, ok := n.(*ast.SelectorExpr); ok && call.Sel.Name == "Add" {
					seeds[name] = true
				}
				return true
			})
		}
		return err
	}))
	for _, target := range fuzzTargets {
		assert.Contains(t, seeds, target)
	}
	for target, seeded := range seeds {
		assert.True(t, seeded, "%s has no seeds", target)
	}
}
