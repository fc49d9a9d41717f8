package awscall

import (
	"go/ast"
	goparser "go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The typed reader does not use the HTTP reader: nothing that is declared in http*.go and
// endpoint*.go is used in the other files.
func TestTheTypedReaderStandsAlone(t *testing.T) {
	names, err := filepath.Glob("*.go")
	require.NoError(t, err)
	set := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		if !strings.HasSuffix(name, "_test.go") {
			f, err := goparser.ParseFile(set, name, nil, 0)
			require.NoError(t, err)
			files = append(files, f)
		}
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	// What other packages have does not matter here, and to read it takes seconds.
	conf := types.Config{Importer: emptyPackages{}, Error: func(error) {}}
	pkg, _ := conf.Check("awscall", set, files, info)
	ofHTTP := func(at token.Pos) bool {
		name := set.Position(at).Filename
		return strings.HasPrefix(name, "http") || strings.HasPrefix(name, "endpoint")
	}
	used := 0
	for id, object := range info.Uses {
		if object.Pkg() != pkg || ofHTTP(id.Pos()) == ofHTTP(object.Pos()) {
			continue
		}
		used++
		assert.True(t, ofHTTP(id.Pos()), "%s uses %s", set.Position(id.Pos()), id.Name)
	}
	assert.Greater(t, used, 30)
}

type emptyPackages struct{}

func (emptyPackages) Import(path string) (*types.Package, error) {
	p := types.NewPackage(path, path[strings.LastIndexByte(path, '/')+1:])
	p.MarkComplete()
	return p, nil
}
