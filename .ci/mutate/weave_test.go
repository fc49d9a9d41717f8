package main

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"
)

// weaveText returns the mutants of a file and its text with them.
func weaveText(t *testing.T, src string) (changes []string, woven string) {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "f.go", src, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{}
	pkg, err := config.Check("p", fset, []*ast.File{f}, info)
	if err != nil {
		t.Fatal(err)
	}
	woven = weave(fset, info, pkg, f, []byte(src), func(m mutant) int {
		changes = append(changes, fmt.Sprintf("%d %s: %s", m.line, m.inside, m.change))
		return len(changes)
	})
	return changes, woven
}

func TestWeave(t *testing.T) {
	tests := []struct {
		name, body string
		want       []string
	}{
		{"comparison", "return a < 1", []string{"negate a < 1", "a < 1 → <=", "1 → 1+1", "1 → 1-1"}},
		{"equality", "return a == b", []string{"negate a == b"}},
		{"and", "return a == b && ok", []string{"a == b && ok → ||", "negate a == b", "negate ok"}},
		{"condition", "if ok {\n\tc(a)\n\t}\n\treturn true", []string{"negate ok", "drop c(a)", "negate true"}},
		{"zero", "a = 0\n\treturn !ok", []string{"drop a = 0", "0 → 0+1", "negate ok"}},
		{"tag", "switch a {\n\tcase 1, two:\n\t\treturn ok\n\t}\n\treturn a > b", []string{"drop case 1", "drop case two", "negate a > b", "a > b → >="}},
		{"conditions", "switch {\n\tcase ok:\n\t\ta++\n\t}\n\treturn f(a, s[1:])", []string{"drop a++", "negate ok", "1 → 1+1", "1 → 1-1"}},
		{"constants", "const x = 1\n\tvar y [4]int\n\treturn y[0] == x", []string{"negate y[0] == x", "0 → 0+1"}},
	}
	const before = "package p\n\nconst two = 2\n\nfunc c(int) {}\n\nfunc f(int, string) bool { return two > 1 }\n\nfunc g(a, b int, ok bool, s string) bool {\n\t"
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			src := before + tt.body + "\n}\n"
			changes, woven := weaveText(t, src)
			var got []string
			for _, c := range changes {
				if _, change, ok := strings.Cut(c, " g: "); ok {
					got = append(got, change)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if strings.Count(woven, "\n") != strings.Count(src, "\n") {
				t.Errorf("lines have moved:\n%s", woven)
			}
			compiles(t, woven)
		})
	}
}

// std imports from source, once for all tests.
var std = importer.ForCompiler(token.NewFileSet(), "source", nil)

// compiles checks that a woven file and the helper make a package.
func compiles(t *testing.T, woven string) {
	t.Helper()
	fset := token.NewFileSet()
	var files []*ast.File
	for _, src := range []string{woven, fmt.Sprintf(helper, "p")} {
		f, err := parser.ParseFile(fset, fmt.Sprintf("%d.go", len(files)), src, 0)
		if err != nil {
			t.Fatalf("%v\n%s", err, src)
		}
		files = append(files, f)
	}
	config := types.Config{Importer: std}
	if _, err := config.Check("p", fset, files, nil); err != nil {
		t.Fatalf("%v\n%s", err, woven)
	}
}
