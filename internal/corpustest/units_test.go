package corpustest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A variable of a package is set before Go's cache notes which environment the tests read. With
// WHOLE=1, the result of a sample would come from the cache.
func TestSamplesAreTakenByTests(t *testing.T) {
	files, root, set := 0, os.DirFS("../.."), token.NewFileSet()
	require.NoError(t, fs.WalkDir(root, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := fs.ReadFile(root, name)
		if err != nil || !strings.Contains(string(text), "corpustest.Sample(") {
			return err
		}
		files++
		file, err := parser.ParseFile(set, name, text, 0)
		require.NoError(t, err)
		for _, d := range file.Decls {
			if variables, ok := d.(*ast.GenDecl); ok {
				assert.False(t, samples(variables), "%s: in a variable of the package", set.Position(d.Pos()))
			}
		}
		return nil
	}))
	assert.Greater(t, files, 10)
}

// samples reports whether a declaration of variables names Sample.
func samples(d *ast.GenDecl) (found bool) {
	ast.Inspect(d, func(n ast.Node) bool {
		s, ok := n.(*ast.SelectorExpr)
		found = found || ok && s.Sel.Name == "Sample"
		return true
	})
	return found
}
