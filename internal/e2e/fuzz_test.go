package e2e

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

// Fuzz targets vanish silently when a file is renamed or a seed loop is emptied: CI would run
// nothing and be green.
func TestFuzzTargets(t *testing.T) {
	found := map[string]bool{} // whether the target adds seeds
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Recv != nil || !strings.HasPrefix(f.Name.Name, "Fuzz") {
				continue
			}
			dir, _ := filepath.Rel(root, filepath.Dir(path))
			found[filepath.ToSlash(dir)+" "+f.Name.Name] = seeds(f)
		}
		return nil
	})
	require.NoError(t, err)
	for _, target := range []string{
		"internal/canon FuzzCanon", "internal/canon FuzzReadings",
		"internal/ruleindex FuzzAddrs", "internal/ruleindex FuzzHosts", "internal/ruleindex FuzzPath",
		"policy FuzzAWS", "policy FuzzLanguage", "policy FuzzMatcher",
	} {
		seeded, ok := found[target]
		assert.True(t, ok, "the fuzz target %s is gone", target)
		assert.True(t, seeded || !ok, "%s adds no seeds", target)
	}
	for target, seeded := range found {
		assert.True(t, seeded, "%s adds no seeds", target)
	}
}

// seeds reports whether a fuzz target calls Add, itself or by a helper that is given f.
func seeds(f *ast.FuncDecl) (found bool) {
	name := f.Type.Params.List[0].Names[0].Name
	ast.Inspect(f.Body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if s, ok := call.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "Add" {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == name {
				found = true
			}
		}
		for _, arg := range call.Args {
			if x, ok := arg.(*ast.Ident); ok && x.Name == name {
				found = true
			}
		}
		return true
	})
	return found
}
