package toolexec

import (
	"go/build"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// patchFolder hands the Go files in dir to target t as the compiler gets them, and returns the new
// arguments.
func patchFolder(t *testing.T, to *target, files ...string) ([]string, error) {
	t.Helper()
	return to.patch(append([]string{"-o", "x.a", "-p", to.pkg, "-pack"}, files...), t.TempDir())
}

// The standard library of the Go that runs this test has every chokepoint, on each system and
// machine that is supported.
func TestTheStandardLibraryHasAllChokepoints(t *testing.T) {
	goroot := strings.TrimSpace(output(t, "go", "env", "GOROOT"))
	for i := range targets {
		to := &targets[i]
		if strings.Contains(to.pkg, ".") {
			continue
		}
		tried := map[string]bool{} // most systems have the same files
		for _, system := range []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64"} {
			for _, cgo := range []bool{false, true} {
				c := build.Default
				c.GOROOT, c.CgoEnabled = goroot, cgo
				c.GOOS, c.GOARCH, _ = strings.Cut(system, "/")
				assert.True(t, supported(c.GOOS))
				p, err := c.ImportDir(filepath.Join(goroot, "src", to.pkg), 0)
				require.NoError(t, err)
				var files []string
				for _, name := range append(p.GoFiles, p.CgoFiles...) {
					files = append(files, filepath.Join(p.Dir, name))
				}
				all := strings.Join(files, " ")
				if tried[all] {
					continue
				}
				tried[all] = true
				_, err = patchFolder(t, to, files...)
				assert.NoError(t, err, "%s on %s", to.pkg, system)
			}
		}
	}
}

func output(t *testing.T, command ...string) string {
	t.Helper()
	out, err := exec.Command(command[0], command[1:]...).Output()
	require.NoError(t, err)
	return string(out)
}

func write(t *testing.T, path, text string) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

const smithy = `package middleware

type Handler interface{}
type Middleware interface{}

// DecorateHandler is in a comment: func DecorateHandler(h Handler, with ...Middleware) Handler {
func DecorateHandler(
	inner Handler,
	all ...Middleware,
) Handler { return inner
}

func (h *holder) DecorateHandler(inner Handler, all ...Middleware) Handler { return nil }
`

// The call is inserted once, with the function's own names, and every line stays where it was.
func TestInsert(t *testing.T) {
	to := targetOf("github.com/aws/smithy-go/middleware")
	path := write(t, filepath.Join(t.TempDir(), "middleware.go"), smithy)
	other := write(t, filepath.Join(t.TempDir(), "other.go"), "package middleware\n\ntype holder struct{}\n")
	args, err := patchFolder(t, to, path, other)
	require.NoError(t, err)
	require.Len(t, args, 8)
	assert.Equal(t, other, args[6], "a file without a chokepoint is handed on as it is")
	assert.Equal(t, addedName, filepath.Base(args[7]))
	got, err := os.ReadFile(args[5])
	require.NoError(t, err)
	want := "//line " + path + ":1\n" + strings.Replace(smithy, ") Handler { return inner",
		") Handler { if err := outguardDecorate(all); err != nil { return outguardRefuse(err) };/*line "+path+":10:12*/ return inner", 1)
	assert.Equal(t, want, string(got))
}

// What is not what the table says is an error that names the package and its version.
func TestMissing(t *testing.T) {
	cache := func(module, file string) string { return filepath.Join(t.TempDir(), "mod", module, file) }
	for _, c := range []struct {
		pkg, path, text string
		want            string
	}{
		{"golang.org/x/sys/unix", cache("golang.org/x/sys@v0.9.0", "unix/a.go"), "package unix",
			"golang.org/x/sys/unix of golang.org/x/sys v0.9.0 has no func Connect(int, Sockaddr) error"},
		{"github.com/aws/smithy-go/middleware", cache("github.com/aws/smithy-go@v1.99.0", "middleware/a.go"), "package middleware\nfunc DecorateHandler(h Handler) Handler { return h }",
			"github.com/aws/smithy-go/middleware of github.com/aws/smithy-go v1.99.0 has no func DecorateHandler(Handler, ...Middleware) Handler"},
		{"os", filepath.Join(t.TempDir(), "a.go"), "package os\nfunc StartProcess(string, []string, *ProcAttr) (*Process, error) { return nil, nil }",
			"parameter 1 has no name"},
		{"os", filepath.Join(t.TempDir(), "a.go"), "package os", "os of " + goVersion() + " has no func StartProcess"},
		{"github.com/aws/aws-lambda-go/lambda", cache("github.com/aws/aws-lambda-go@v1.99.0", "lambda/a.go"),
			"package lambda\nfunc StartWithOptions(handler any, options ...Option) {}\nfunc StartHandlerFunc[H any](handler H, options ...Option) {}", "lambda v1.99.0 has no handlerOptions"},
		{hooksPackage, filepath.Join(t.TempDir(), "a.go"), "package buildhooks\nconst Protocol = 7", "versions that do not fit"},
	} {
		_, err := patchFolder(t, targetOf(c.pkg), write(t, c.path, c.text))
		assert.ErrorContains(t, err, strings.Replace(c.want, "lambda v1", "aws-lambda-go v1", 1))
	}
}

func TestVendoredVersion(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "vendor/modules.txt"), "# golang.org/x/net v0.1.0\n## explicit\n# golang.org/x/sys v0.9.0\n## explicit; go 1.25\ngolang.org/x/sys/unix\n")
	path := write(t, filepath.Join(root, "vendor/golang.org/x/sys/unix/a.go"), "package unix")
	_, err := patchFolder(t, targetOf("golang.org/x/sys/unix"), path)
	assert.ErrorContains(t, err, "golang.org/x/sys/unix of golang.org/x/sys v0.9.0 has no")
}

// The tables of the hooks package and of the added file are one agreement.
func TestTheHooksPackageFits(t *testing.T) {
	files, err := filepath.Glob("../../../../internal/buildhooks/*.go")
	require.NoError(t, err)
	_, err = patchFolder(t, targetOf(hooksPackage), files...)
	assert.NoError(t, err)
}

func TestQuotes(t *testing.T) {
	for _, words := range [][]string{nil, {"a"}, {"/a b/c", "d"}, {"it's"}, {`say "x"`, ""}} {
		text, err := joinQuoted(words)
		require.NoError(t, err)
		got, err := splitQuoted(text)
		require.NoError(t, err)
		assert.Equal(t, words, got)
	}
	_, err := joinQuoted([]string{`'"`})
	assert.Error(t, err)
	_, err = splitQuoted(`a 'b`)
	assert.Error(t, err)
}

// The version of the compiler gets the hash of this tool, and a compiler that the table does not
// fit is refused.
func TestVersion(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the compiler is a shell script here")
	}
	for _, c := range []struct{ line, want, err string }{
		{"link version go1.26.3", "link version go1.26.3 outguard-" + Hash(), ""},
		{"compile version go1.26.3", "compile version go1.26.3 outguard-" + Hash(), ""},
		{"compile version go1.27.0 X:x", "compile version go1.27.0 X:x outguard-" + Hash(), ""},
		{"compile version devel go1.27 buildID=a/b", "compile version devel go1.27 buildID=a/b-outguard-" + Hash(), ""},
		{"compile version go1.25.9", "", "go1.25.9 is too old: Outguard needs go1.26 or later"},
		{"gccgo 1", "", "is not a tool of Go's own toolchain"},
	} {
		name := "compile"
		if strings.HasPrefix(c.line, "link") {
			name = "link"
		}
		tool := write(t, filepath.Join(t.TempDir(), name), "#!/bin/sh\necho '"+c.line+"'\n")
		require.NoError(t, os.Chmod(tool, 0o755))
		var stdout, stderr strings.Builder
		exit := Run([]string{"0", tool, "-V=full"}, &stdout, &stderr)
		assert.Equal(t, c.err != "", exit != 0, c.line)
		assert.Equal(t, c.want, strings.TrimSpace(stdout.String()))
		assert.Contains(t, stderr.String(), c.err)
	}
}

func TestNotRunByTheGoCommand(t *testing.T) {
	for _, args := range [][]string{nil, {"x"}, {"1", "a"}, {"-1", "a", "b"}} {
		var stderr strings.Builder
		assert.Equal(t, 1, Run(args, &stderr, &stderr))
		assert.Contains(t, stderr.String(), "use: outguard go build")
	}
}

// A program that does not link the guard is not linked at all; a test binary may be.
func TestLink(t *testing.T) {
	const guarded = "packagefile " + hooksPackage + "=/a.a\n"
	const first = "-X=runtime.outguardFirst="
	for _, c := range []struct {
		cfg, mode string
		ok        bool
	}{
		{"packagefile net=/n.a\n", "exe", false},
		{"packagefile net=/n.a\n" + guarded, "exe", true},
		{"packagefile testing/internal/testdeps=/n.a\n", "exe", true},
		{"packagefile net=/n.a\n", "plugin", true},
	} {
		cfg := write(t, filepath.Join(t.TempDir(), "importcfg.link"), c.cfg)
		args := []string{"-o", "x", "-importcfg", cfg, "-buildmode=" + c.mode, "main.a"}
		got, err := linkArgs(args)
		assert.Equal(t, c.ok, err == nil, c.cfg)
		switch {
		case strings.Contains(c.cfg, hooksPackage):
			assert.Equal(t, append([]string{first}, args...), got)
		case c.ok:
			assert.Equal(t, args, got)
		}
	}
}

func TestResponseFile(t *testing.T) {
	file := write(t, filepath.Join(t.TempDir(), "args"), "-p\nos\na\\\\b\\nc\n")
	got, err := expandResponse([]string{"@" + file})
	require.NoError(t, err)
	assert.Equal(t, []string{"-p", "os", "a\\b\nc"}, got)
}
