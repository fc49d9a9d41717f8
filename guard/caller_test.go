package guard_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/guard"
	"github.com/outguard/outguard/policy"
)

// callerOf returns the caller in the alert for the call that f makes, from the log.
func callerOf(t *testing.T, f func(g *guard.Guard)) string {
	t.Helper()
	p, err := policy.Parse("policy.yaml", []byte("version: 1\nwhitelist: []\n"), policy.Env{Function: "f"})
	require.NoError(t, err)
	var out bytes.Buffer
	f(guard.New(p, &guard.Options{Stdout: &out}))
	var line struct{ Caller string }
	require.NoError(t, json.NewDecoder(&out).Decode(&line))
	return line.Caller
}

const here = "github.com/outguard/outguard/guard_test."

func TestCallerIsTheFirstFrameOfTheUser(t *testing.T) {
	for name, c := range map[string]struct {
		f    func(g *guard.Guard)
		want string
	}{
		"a direct check": {func(g *guard.Guard) { g.Check(t.Context(), policy.Call{Net: "x.example:1"}) }, here + "TestCaller"},
		"through net/http": {func(g *guard.Guard) {
			c := http.Client{Transport: g.Transport(nil)}
			c.Get("http://x.example/")
		}, here + "TestCaller"},
		"a method":     {func(g *guard.Guard) { (&desk{g}).poll() }, here + "(*desk).poll"},
		"a goroutine":  {func(g *guard.Guard) { done := make(chan int); go func() { (&desk{g}).poll(); close(done) }(); <-done }, here + "(*desk).poll"},
		"a deep stack": {func(g *guard.Guard) { deep(100, func() { g.Check(t.Context(), policy.Call{Net: "x.example:1"}) }) }, here + "TestCaller"},
		"a generic":    {func(g *guard.Guard) { generic[int](g) }, here + "generic[...]"},
		"an inlined":   {func(g *guard.Guard) { inlined(g) }, here + "inlined"},
	} {
		t.Run(name, func(t *testing.T) {
			got := callerOf(t, c.f)
			assert.True(t, strings.HasPrefix(got, c.want), "%s", got)
			assert.Regexp(t, ` caller_test\.go:\d+$`, got)
		})
	}
}

type desk struct{ g *guard.Guard }

// A goroutine that begins in net/http has no frame of the function's code. The alert says so.
func TestACallWithoutACaller(t *testing.T) {
	p, err := policy.Parse("policy.yaml", []byte("version: 1\nwhitelist: []\n"), policy.Env{Function: "f"})
	require.NoError(t, err)
	lines := make(chan []byte, 10)
	g := guard.New(p, &guard.Options{Stdout: sender(lines)})
	go (&http.Client{Transport: g.Transport(nil)}).Get("http://x.example/")
	var line struct{ Caller string }
	require.NoError(t, json.Unmarshal(<-lines, &line))
	assert.Equal(t, "(none)", line.Caller)
}

// sender is a writer that sends what it is given.
type sender chan<- []byte

func (s sender) Write(b []byte) (int, error) {
	s <- bytes.Clone(b)
	return len(b), nil
}

//go:noinline
func (d *desk) poll() {
	c := http.Client{Transport: d.g.Transport(nil)}
	c.Get("http://x.example/")
}

//go:noinline
func deep(n int, f func()) {
	if n == 0 {
		f()
		return
	}
	deep(n-1, f)
}

//go:noinline
func generic[T any](g *guard.Guard) {
	var zero T
	g.Check(context.Background(), policy.Call{Net: "x.example:1"})
	_ = zero
}

func inlined(g *guard.Guard) { g.Check(context.Background(), policy.Call{Net: "x.example:1"}) }

// A stripped binary is what people deploy.
func TestCallerInAStrippedBinary(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(filepath.Join(dir, "src"), os.DirFS("testdata/stripped")))
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	// a module without a dot in its name, like the packages of the standard library
	mod, err := os.ReadFile("../go.mod")
	require.NoError(t, err)
	rest := string(mod[bytes.IndexByte(mod, '\n'):])
	rest = strings.Replace(rest, "require (", "require (\n\tgithub.com/outguard/outguard v0.0.0", 1) + "\nreplace github.com/outguard/outguard => " + root + "\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "src/go.mod"), []byte("module checkout\n"+rest), 0o644))
	sum, err := os.ReadFile("../go.sum")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "src/go.sum"), sum, 0o644))

	bin := filepath.Join(dir, "bootstrap")
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", bin, ".")
	build.Dir = filepath.Join(dir, "src")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	out, err = exec.Command(bin).Output()
	require.NoError(t, err)
	var callers []string
	for l := range bytes.Lines(out) {
		var line struct{ Schema, Caller string }
		require.NoError(t, json.Unmarshal(l, &line), "%s", l)
		callers = append(callers, line.Caller)
	}
	assert.Equal(t, []string{"checkout/pay.(*Desk).Charge pay.go:12", "main.main main.go:22"}, callers)
}

// BenchmarkCaller looks up the caller from the user's function itself, and from below 12 frames of
// the standard library or the SDK.
func BenchmarkCaller(b *testing.B) {
	for name, skipped := range map[string]int{"near": 0, "12 frames up": 12} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if guard.CallerBelow(skipped) == "" {
					b.Fatal("no caller")
				}
			}
		})
	}
}
