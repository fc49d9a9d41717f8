package buildtest

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every way to hand a package to the go command gives a guarded program. No file of the module
// changes.
func TestEverySubcommandGuards(t *testing.T) {
	dir := newModule(t)
	parent, base := filepath.Split(dir)
	r := web(t, false)
	env := policyFor(t, r)
	url := "http://" + r.target
	before := read(t, filepath.Join(dir, "go.mod")) + read(t, filepath.Join(dir, "go.sum"))

	for _, c := range []struct {
		name, dir string
		args      []string // URL and the program's path, BIN, are put in
	}{
		{"run", dir, []string{"run", ".", "URL"}},
		{"run with flags", dir, []string{"run", "-tags", "some.tag", ".", "URL"}},
		{"run a file", dir, []string{"run", "main.go", "URL"}},
		{"run elsewhere", parent, []string{"run", "-C", base, ".", "URL"}},
		{"build", dir, []string{"build", "-o", "BIN"}},
		{"build stripped", dir, []string{"build", "-ldflags=-s -w", "-o", "BIN", "./..."}},
		{"build covered", dir, []string{"build", "-cover", "-o", "BIN", "."}},
		{"test covered", dir, []string{"test", "-count=1", "-cover", "./..."}},
	} {
		paths := map[string]bool{"/b": false} // path → allowed
		if c.name == "build" || c.name == "test covered" {
			paths["/a"] = true
		}
		for path, allowed := range paths {
			got := r.got.Load()
			bin := filepath.Join(t.TempDir(), "bin")
			args := []string{"go"}
			for _, a := range c.args {
				args = append(args, strings.NewReplacer("URL", url+path, "BIN", bin).Replace(a))
			}
			res := outguard(t, c.dir, append(env, "URL="+url+path), args...)
			if slices.Contains(args, bin) {
				require.Zero(t, res.exit, "%s: %s", c.name, res.stderr)
				res = run(t, dir, append(env, "GOCOVERDIR="+t.TempDir()), bin, url+path)
			}
			assert.Equal(t, allowed, res.exit == 0, "%s %s: %s%s", c.name, path, res.stdout, res.stderr)
			assert.Equal(t, allowed, r.got.Load() > got, "%s %s", c.name, path)
			assert.Equal(t, allowed, !strings.Contains(res.stdout, "blocked by policy"), "%s %s: %s", c.name, path, res.stdout)
		}
	}
	assert.Equal(t, before, read(t, filepath.Join(dir, "go.mod"))+read(t, filepath.Join(dir, "go.sum")))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, 4)
}

// A workspace and a vendor folder work, and so does an overlay of the user's own.
func TestWorkspaceVendorOverlay(t *testing.T) {
	r := web(t, false)
	env := append(policyFor(t, r), "URL=http://"+r.target+"/b")
	refused := func(t *testing.T, dir string, args ...string) {
		t.Helper()
		got := outguard(t, dir, env, append([]string{"go"}, args...)...)
		assert.Contains(t, got.stdout, "blocked by policy", got.stderr)
		assert.Zero(t, r.got.Load())
	}
	t.Run("workspace", func(t *testing.T) {
		dir := newModule(t)
		write(t, dir, "other/go.mod", "module example.com/other\n\ngo 1.26.0\n")
		write(t, dir, "other/main.go", read(t, "testdata/tiny/main.go"))
		write(t, dir, "go.work", "go 1.26.0\n\nuse .\nuse ./other\n\nreplace github.com/outguard/outguard => "+root(t)+"\n")
		refused(t, dir, "run", "./other", "http://"+r.target+"/b") // a module that does not know Outguard
	})
	t.Run("vendor", func(t *testing.T) {
		dir := newModule(t)
		vendored := run(t, dir, nil, "go", "mod", "vendor")
		require.Zero(t, vendored.exit, vendored.stderr)
		refused(t, dir, "run", ".", "http://"+r.target+"/b")
	})
	t.Run("overlay", func(t *testing.T) {
		dir := newModule(t)
		write(t, dir, "new.txt", strings.Replace(read(t, "testdata/tiny/main.go"), `fmt.Println(err)`, `fmt.Println("overlaid", err)`, 1))
		write(t, dir, "overlay.json", `{"Replace": {"main.go": "new.txt"}}`)
		got := outguard(t, dir, env, "go", "run", "-overlay", "overlay.json", ".", "http://"+r.target+"/b")
		assert.Contains(t, got.stdout, "overlaid", got.stderr)
		assert.Contains(t, got.stdout, "blocked by policy")
	})
}

func root(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	return root
}

// Another -toolexec runs, for every tool.
func TestChainedToolexec(t *testing.T) {
	dir := newModule(t)
	write(t, dir, "other tool", "#!/bin/sh\necho \"$2\" >> \"$1\"\nshift\nexec \"$@\"\n")
	require.NoError(t, os.Chmod(filepath.Join(dir, "other tool"), 0o755))
	log := filepath.Join(dir, "log")
	r := web(t, false)
	for _, given := range [][]string{{"-toolexec", "'" + dir + "/other tool' " + log}, {"-toolexec='" + dir + "/other tool' " + log}} {
		got := outguard(t, dir, policyFor(t, r), append(append([]string{"go", "run"}, given...), ".", "http://"+r.target+"/b")...)
		assert.Contains(t, got.stdout, "blocked by policy", got.stderr)
		assert.Regexp(t, `/compile\n`, read(t, log))
		assert.Regexp(t, `/link\n`, read(t, log))
		require.NoError(t, os.Remove(log))
	}
}

func TestMistakes(t *testing.T) {
	dir := newModule(t)
	empty := t.TempDir()
	write(t, dir, "zz/main.go", "package main\n\nfunc main() { undefined() }\n")
	write(t, dir, "taken/main.go", "package main\n\nfunc main() {}\n")
	write(t, dir, "taken/zz_outguard_build.go", "package main\n")
	for _, c := range []struct {
		name string
		env  []string
		args []string
		exit int
		want string // in what it prints as an error
	}{
		{"no toolchain", []string{"PATH=" + empty}, []string{"build"}, 2, "there is no go command in $PATH"},
		{"-toolexec twice", nil, []string{"build", "-toolexec", "a", "--toolexec=b"}, 2, "-toolexec is given 2 times"},
		{"-overlay that is not there", nil, []string{"build", "-overlay=nowhere.json"}, 2, "-overlay: open nowhere.json"},
		{"unbalanced quote", nil, []string{"build", "-toolexec='a"}, 2, "unterminated"},
		{"another module's version", nil, []string{"run", "example.com/cmd@v1.2.3"}, 2, "Outguard cannot be added"},
		{"cache that cannot be written", []string{"GOCACHE=/dev/null/cache"}, []string{"build", "-o", os.DevNull}, 1, "/dev/null"},
		{"no folder for temporary files", []string{"TMPDIR=/dev/null"}, []string{"build"}, 2, "/dev/null"},
		{"a file of our name", nil, []string{"build", "./taken"}, 2, "zz_outguard_build.go is there already"},
		{"no such package", nil, []string{"build", "./nowhere"}, 1, "nowhere"},
		{"no such flag", nil, []string{"build", "-nonsense"}, 2, "flag provided but not defined: -nonsense"},
	} {
		got := outguard(t, dir, c.env, append([]string{"go"}, c.args...)...)
		assert.Equal(t, c.exit, got.exit, "%s: %s", c.name, got.stderr)
		assert.Contains(t, got.stderr, c.want, c.name)
	}

	// An error in the user's package is the compiler's own.
	ours, theirs := outguard(t, dir, nil, "go", "build", "-o", os.DevNull, "./zz"), run(t, dir, nil, "go", "build", "-o", os.DevNull, "./zz")
	assert.Equal(t, theirs, ours)
	assert.Contains(t, theirs.stderr, "undefined: undefined")

	// Commands that build nothing are those of the go command.
	ours, theirs = outguard(t, dir, nil, "go", "version"), run(t, dir, nil, "go", "version")
	assert.Equal(t, theirs, ours)

	// A module that does not require Outguard.
	other := t.TempDir()
	write(t, other, "go.mod", "module example.com/other\n\ngo 1.26.0\n")
	write(t, other, "main.go", "package main\n\nfunc main() {}\n")
	got := outguard(t, other, nil, "go", "build", ".")
	assert.Equal(t, 1, got.exit)
	assert.Contains(t, got.stderr, "github.com/outguard/outguard/guard")
}

// A package that does not have a chokepoint is not built.
func TestAChokepointIsMissing(t *testing.T) {
	dir := newModule(t)
	write(t, dir, "sys/go.mod", "module golang.org/x/sys\n\ngo 1.26.0\n")
	write(t, dir, "sys/unix/unix.go", "package unix\n\ntype Sockaddr interface{}\n\nfunc Connect(fd int, sa Sockaddr) error { return nil }\n")
	write(t, dir, "sys.go", "package main\n\nimport _ \"golang.org/x/sys/unix\"\n")
	write(t, dir, "go.mod", read(t, filepath.Join(dir, "go.mod"))+"\nreplace golang.org/x/sys => ./sys\n")
	got := outguard(t, dir, nil, "go", "build", "-mod=mod", "-o", os.DevNull, ".")
	assert.Equal(t, 1, got.exit)
	// (The go command shortens the path of the folder.)
	assert.Contains(t, got.stderr, "outguard: golang.org/x/sys/unix in sys/unix has no func Sendto(int, []byte, int, Sockaddr) error, so its calls cannot be guarded")
}

// Ctrl-C reaches all processes of the terminal: the program ends as it does under the go command,
// and no folder stays behind.
func TestInterrupt(t *testing.T) {
	dir, tmp := newModule(t), t.TempDir()
	cmd := exec.Command(command, "go", "run", ".")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "TMPDIR="+tmp)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewReader(out)
	line, err := lines.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "ready\n", line)
	require.NoError(t, syscall.Kill(-cmd.Process.Pid, syscall.SIGINT))
	rest, err := io.ReadAll(lines)
	require.NoError(t, err)
	assert.Equal(t, "interrupted\n", string(rest))
	_ = cmd.Wait()
	entries, err := os.ReadDir(tmp)
	require.NoError(t, err)
	assert.Empty(t, entries)
}

// A build that has been made is not made again, and an ordinary build in between takes nothing from
// it.
func TestRebuild(t *testing.T) {
	dir := newModule(t)
	for range 2 {
		require.Zero(t, outguard(t, dir, nil, "go", "build", "-o", os.DevNull, ".").exit)
		require.Zero(t, run(t, dir, nil, "go", "build", "-o", os.DevNull, ".").exit)
	}
	got := outguard(t, dir, nil, "go", "build", "-v", "-o", os.DevNull, ".")
	assert.Empty(t, got.stderr, "packages that were compiled again")
}

// `go tool` builds a tool for GOARCH, so a cross build names the tool of this machine by its path,
// as docs/coverage.md says.
func TestTheToolRunsInACrossBuild(t *testing.T) {
	other := "arm64"
	if runtime.GOARCH == other {
		other = "amd64"
	}
	const build = "$(go tool -n outguard) go build"
	require.Contains(t, read(t, "../../docs/coverage.md"), "GOARCH=arm64 "+build)
	res := run(t, ".", []string{"OTHER=" + other}, "sh", "-c", strings.Replace("GOARCH=$OTHER "+build, "build", "env GOARCH", 1))
	require.Zero(t, res.exit, res.stderr)
	assert.Equal(t, other+"\n", res.stdout)
}
