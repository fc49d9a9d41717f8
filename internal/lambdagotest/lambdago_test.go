package lambdagotest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// leastResults and leastCompared are below the numbers with aws-lambda-go v1.47.0, so that a run
// that tests nothing fails.
const (
	leastResults  = 250
	leastCompared = 100_000
)

// versions are the lowest release that works, and one that polls the Runtime API in another way
// each. The last is the newest.
var versions = []string{"v1.47.0", "v1.51.1", "v1.55.1"}

func TestResultsAreThoseWithoutAGuard(t *testing.T) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			dir := module(t, version)
			bare, guarded := results(t, dir, ""), results(t, dir, "guard")
			assert.Greater(t, len(bare), leastResults)
			for name, want := range bare {
				if want != "fail" { // what fails without a guard says nothing about it
					assert.Equal(t, want, guarded[name], name)
				}
			}
			t.Logf("%d results of aws-lambda-go's own tests", len(bare))
		})
	}
}

func TestEventsComeOutAsWithoutAGuard(t *testing.T) {
	dir := module(t, versions[len(versions)-1])
	text, err := os.ReadFile("testdata/events_test.go.txt")
	require.NoError(t, err)
	write(t, filepath.Join(dir, "outguard", "events_test.go"), string(text))
	write(t, filepath.Join(dir, "outguard", "all_test.go"), allEvents(t, filepath.Join(dir, "events")))
	out, err := goTest(t, dir, "", "-v", "./outguard")
	require.NoError(t, err, "%s", out)
	_, after, _ := strings.Cut(string(out), "compared: ")
	number, _, _ := strings.Cut(after, "\n")
	compared, err := strconv.Atoi(number)
	require.NoError(t, err, "%s", out)
	assert.Greater(t, compared, leastCompared)
	t.Logf("%d comparisons", compared)
}

// module copies aws-lambda-go into a folder, with a hook at the place where it takes handlers.
func module(t *testing.T, version string) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "aws-lambda-go")
	require.NoError(t, os.CopyFS(dir, os.DirFS(source(t, version))))
	require.NoError(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.Chmod(path, 0o755)
		}
		return os.Chmod(path, 0o644)
	}))
	handler := filepath.Join(dir, "lambda", "handler.go")
	text, err := os.ReadFile(handler)
	require.NoError(t, err)
	const at = "handlerFunc {\n\tif f == nil {\n"
	require.Contains(t, string(text), at, "%s has another way to take handlers", version)
	write(t, handler, strings.Replace(string(text), at, "handlerFunc {\n\tif Outguard != nil && f != nil {\n\t\tf = Outguard(f)\n\t}\n\tif f == nil {\n", 1))
	for _, name := range []string{"hook.go", "hook_test.go"} {
		text, err := os.ReadFile(filepath.Join("testdata", name+".txt"))
		require.NoError(t, err)
		write(t, filepath.Join(dir, "lambda", "outguard_"+name), string(text))
	}
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	mod, err := os.ReadFile("go.mod")
	require.NoError(t, err)
	var kept strings.Builder
	for line := range strings.Lines(string(mod)) {
		if !strings.Contains(line, "aws-lambda-go") && !strings.HasPrefix(line, "module ") {
			kept.WriteString(strings.Replace(line, "=> ../..", "=> "+root, 1))
		}
	}
	write(t, filepath.Join(dir, "go.mod"), "module github.com/aws/aws-lambda-go\n"+kept.String())
	sums, err := os.ReadFile("go.sum")
	require.NoError(t, err)
	write(t, filepath.Join(dir, "go.sum"), string(sums))
	return dir
}

// source returns the folder of a release in the module cache.
func source(t *testing.T, version string) string {
	out, err := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", "github.com/aws/aws-lambda-go@"+version).Output()
	require.NoError(t, err, "%s", out)
	var m struct{ Dir string }
	require.NoError(t, json.Unmarshal(out, &m))
	return m.Dir
}

// allEvents is a Go file with a list of a value of each exported type of package events that is a
// struct.
func allEvents(t *testing.T, dir string) string {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	var list strings.Builder
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.TYPE {
				continue
			}
			for _, s := range g.Specs {
				spec := s.(*ast.TypeSpec)
				if _, ok := spec.Type.(*ast.StructType); ok && spec.Name.IsExported() && spec.TypeParams == nil {
					fmt.Fprintf(&list, "\tevents.%s{},\n", spec.Name.Name)
				}
			}
		}
	}
	return "package outguard\n\nimport \"github.com/aws/aws-lambda-go/events\"\n\nvar all = []any{\n" + list.String() + "}\n"
}

// results runs the tests of package lambda and returns their results by name.
func results(t *testing.T, dir, under string) map[string]string {
	out, err := goTest(t, dir, under, "-json", "./lambda")
	if err != nil && len(out) == 0 {
		t.Fatal(err)
	}
	found := map[string]string{}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		var line struct{ Action, Test, Output string }
		if json.Unmarshal(lines.Bytes(), &line) != nil {
			continue
		}
		switch line.Action {
		case "build-output":
			t.Log(line.Output)
		case "pass", "fail", "skip":
			if line.Test != "" {
				found[line.Test] = line.Action
			}
		}
	}
	return found
}

func goTest(t *testing.T, dir, under string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"test", "-mod=mod", "-count=1", "-timeout", "5m"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "UNDER="+under, "GOFLAGS=", "GOWORK=off")
	return cmd.Output()
}

func write(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
}
