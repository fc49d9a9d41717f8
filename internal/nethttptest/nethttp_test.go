package nethttptest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// skipped need the fake network of net/http's own tests.
const skipped = "^TestNewClientServerTest$/^synctest$"

// leastResults is the number of results in Go 1.26. A test that was lost would change nothing else.
const leastResults = 250

func TestResultsAreThoseOfNetHTTP(t *testing.T) {
	dir := module(t)
	bare := results(t, dir, "")
	for name, result := range bare {
		if result != "pass" && result != "skip" {
			t.Errorf("without a guard: %s: %s", name, result)
		}
	}
	if len(bare) < leastResults {
		t.Fatalf("%d results", len(bare))
	}
	for _, under := range []string{"wrapper", "transport", "install"} {
		guarded := results(t, dir, under)
		for name, want := range bare {
			if got := guarded[name]; got != want {
				t.Errorf("%s: %s: %s, not %s", under, name, got, want)
			}
		}
		t.Logf("%s: %d results", under, len(guarded))
	}
}

// module makes a module of net/http's client tests, and returns its folder.
func module(t *testing.T) string {
	dir := t.TempDir()
	source := filepath.Join(goEnv(t, "GOROOT"), "src", "net", "http")
	for _, file := range []string{"client_test.go", "clientserver_test.go"} {
		text, err := os.ReadFile(filepath.Join(source, file))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, file), adapted(t, file, string(text)))
	}
	support, err := os.ReadFile("testdata/support.go.txt")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "support_test.go"), string(support))
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "go.mod"), strings.Replace(string(mod), "=> ../..", "=> "+root, 1))
	sum, err := os.ReadFile("go.sum")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "go.sum"), string(sum))
	return dir
}

var (
	asserted = regexp.MustCompile(`([A-Za-z][A-Za-z.()]*)\.Transport\.\(\*Transport\)`)
	flaky    = regexp.MustCompile(`testenv\.SkipFlaky\(t, \d+\)`)
)

// adapted takes out of a test file what needs the rest of net/http, and makes its clients send by
// under.
func adapted(t *testing.T, file, text string) string {
	change := func(from, to string) {
		t.Helper()
		if !strings.Contains(text, from) {
			t.Fatalf("%s has changed: it has no %q", file, from)
		}
		text = strings.ReplaceAll(text, from, to)
	}
	text = flaky.ReplaceAllString(text, "")
	if file == "client_test.go" {
		change("req = req.WithT(t)", "")
		change("req.WithT(t)", "req")
		text = asserted.ReplaceAllString(text, "own($1.Transport)")
		change(`strings.Contains(err.Error(), "Client.Timeout")`, "saysTimeout(err)")
		change(`!strings.Contains(got, "(Client.Timeout")`, "!saysTimeout(err)")
		change(`!strings.Contains(got, "Client.Timeout exceeded")`, "!saysTimeout(err)")
	} else {
		from := strings.Index(text, "\tif idx := slices.Index(opts, any(optFakeNet))")
		to := strings.Index(text, "\t\tcst.ts = httptest.NewUnstartedServer(h)\n")
		if from < 0 || to < from {
			t.Fatalf("%s has changed: the fake network is elsewhere", file)
		}
		text = text[:from] + "\t{\n" + text[to:]
		change("net/http_test.test", "github.com/outguard/outguard/internal/nethttptest_test.test")
		change("ExportHttp2ConfigureServer(cst.ts.Config, nil)", "cst.ts.EnableHTTP2 = true")
		change("\tt.tr.CloseIdleConnections()\n", "\tt.c.CloseIdleConnections()\n\tt.tr.CloseIdleConnections()\n")
		change("\treturn cst\n}", "\tcst.c.Transport = under(cst.tr)\n\treturn cst\n}")
	}
	return onlyUsedImports(t, file, text)
}

// onlyUsedImports leaves out what is imported and not used.
func onlyUsedImports(t *testing.T, file, text string) string {
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, file, text, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && x.Obj == nil {
				used[x.Name] = true
			}
		}
		return true
	})
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.IMPORT {
			continue
		}
		var kept []ast.Spec
		for _, s := range g.Specs {
			i := s.(*ast.ImportSpec)
			p, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if i.Name != nil && i.Name.Name == "." || used[path.Base(p)] {
				kept = append(kept, s)
			}
		}
		g.Specs = kept
	}
	var out bytes.Buffer
	if err := format.Node(&out, set, f); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// results runs the tests and returns their results by name.
func results(t *testing.T, dir, under string) map[string]string {
	cmd := exec.CommandContext(t.Context(), "go", "test", "-json", "-mod=mod", "-timeout", "2m", "-ldflags=-checklinkname=0", "-skip", skipped, ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "UNDER="+under, "GOFLAGS=", "GOWORK=off")
	out, err := cmd.Output()
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

func goEnv(t *testing.T, name string) string {
	out, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func write(t *testing.T, name, text string) {
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
