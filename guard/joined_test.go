package guard

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/notify"
	"github.com/outguard/outguard/policy"
)

// All guards of the process judge: the last that is loaded does not replace the others.
func TestGuardsAddUp(t *testing.T) {
	noProcessGuard(t)
	log := new(buffer)
	strict, err := Load(&Options{Policy: []byte(blockAll), Getenv: environment(), Stdout: new(buffer)})
	require.NoError(t, err)
	lax, err := Load(&Options{Policy: []byte(allowAll), Getenv: environment(), Stdout: log})
	require.NoError(t, err)
	require.NotSame(t, strict, lax)
	var blocked *BlockedError
	require.ErrorAs(t, atCallTime{}.Check(t.Context(), forbidden), &blocked)
	_, err = http.Get("http://127.0.0.1:1/")
	require.ErrorAs(t, err, &blocked)
	assert.Contains(t, log.String(), `"schema":"outguard.joined/v1"`)
	assert.Contains(t, log.String(), `"guards":2`)
	require.NoError(t, strict.Close())
	assert.NoError(t, atCallTime{}.Check(t.Context(), forbidden), "a closed guard judges no more")
}

// Equal policies for the same function and stage are one guard, with the newer one's sinks.
func TestEqualGuardsAreOne(t *testing.T) {
	noProcessGuard(t)
	first, second := new(buffer), new(buffer)
	g, err := Load(&Options{Policy: []byte(blockAll), Getenv: environment(), Stdout: first})
	require.NoError(t, err)
	again, err := Load(&Options{Policy: []byte(blockAll), Getenv: environment(), Stdout: second})
	require.NoError(t, err)
	assert.Same(t, g.self(), again.self())
	made := newGuard(t, blockAll)
	require.NoError(t, made.Install())
	assert.Len(t, guards(), 2, "another function's name makes another guard")

	require.Error(t, g.Check(t.Context(), forbidden))
	assert.Contains(t, second.String(), "outguard.alert/v1")
	assert.NotContains(t, first.String(), "outguard.alert/v1")
}

// A handler wrapped by a guard that turns out to be equal to another has the invocations of the one
// that judges: a call without a context belongs to them.
func TestAHandlerOfAnEqualGuard(t *testing.T) {
	noProcessGuard(t)
	first, err := Load(&Options{Policy: []byte(blockAll), Getenv: environment(), Stdout: new(buffer)})
	require.NoError(t, err)
	p, err := policy.Parse("policy.yaml", []byte(blockAll), policy.Env{})
	require.NoError(t, err)
	second := New(p, &Options{Getenv: environment(), Stdout: new(buffer)})
	handler := second.Wrap(func() { _ = first.Check(context.Background(), forbidden) })
	require.Len(t, guards(), 1)
	assert.True(t, IsBlocked(handler.(func(context.Context) error)(t.Context())))
}

// The order of the files makes no difference.
func TestTheSamePoliciesInAnotherOrderAreOneGuard(t *testing.T) {
	noProcessGuard(t)
	files := dir(t, "a.yaml", blockAll, "b.yaml", allowAll)
	load := func(names ...string) *Guard {
		list := filepath.Join(files, names[0]) + string(filepath.ListSeparator) + filepath.Join(files, names[1])
		g, err := Load(&Options{Getenv: environment("OUTGUARD_POLICY", list), Stdout: new(buffer)})
		require.NoError(t, err)
		return g
	}
	assert.Same(t, load("a.yaml", "b.yaml").self(), load("b.yaml", "a.yaml").self())
	assert.NotSame(t, load("a.yaml", "b.yaml").self(), load("a.yaml", "a.yaml").self())
}

// A dependency that loads a policy of its own does not keep the program's from being read.
func TestTheShortFormReadsTheProgramsPolicy(t *testing.T) {
	noProcessGuard(t)
	_, err := Load(&Options{Policy: []byte(allowAll), Getenv: environment(), Stdout: new(buffer)})
	require.NoError(t, err)
	self, err := os.Executable()
	require.NoError(t, err)
	beside := strings.TrimSuffix(self, "guard.test") + policyFile
	require.NoError(t, os.WriteFile(beside, []byte(blockAll), 0o600))
	t.Cleanup(func() { os.Remove(beside) })
	assert.Len(t, processGuards(), 2)
	assert.Error(t, atCallTime{}.Check(t.Context(), forbidden))
}

func TestRequire(t *testing.T) {
	for _, c := range []struct {
		require []string
		env     string
		want    string
	}{
		{[]string{"http", "context"}, "", ""},
		{[]string{"context"}, "-context", "required layers are not on: context"},
		{[]string{"names"}, "", "required layers are not on: names"},
		{[]string{"build", "names"}, "", "required layers are not on: build, names"},
		{[]string{"kernel"}, "", `names the layer "kernel"; use http, aws, context, names or build`},
	} {
		noProcessGuard(t)
		g, err := Load(&Options{Policy: []byte(allowAll), Getenv: environment("OUTGUARD_LAYERS", c.env), Stdout: new(buffer), Require: c.require})
		require.NoError(t, err)
		_, _, err = invoke(g.Wrap(func() {}), "{}")
		if c.want == "" {
			assert.NoError(t, err, c.require)
			assert.NoError(t, g.Check(t.Context(), forbidden))
			continue
		}
		assert.ErrorContains(t, err, c.want)
		assert.ErrorContains(t, g.Check(t.Context(), forbidden), c.want, "and every call is refused")
	}
}

// Configs are loaded in the handler: the layer of AWS is required from the end of the first
// invocation.
func TestRequireAWS(t *testing.T) {
	noProcessGuard(t)
	g, err := Load(&Options{Policy: []byte(allowAll), Getenv: environment(), Stdout: new(buffer), Require: []string{"aws"}})
	require.NoError(t, err)
	_, _, err = invoke(g.Wrap(func() {}), "{}")
	require.NoError(t, err)
	_, _, err = invoke(g.Wrap(func() { g.AWS() }), "{}")
	assert.ErrorContains(t, err, "required layers are not on: aws")
}

// What the process sets in its own environment decides nothing, and is reported.
func TestVariablesThatTheProcessChanges(t *testing.T) {
	noProcessGuard(t)
	t.Setenv("OUTGUARD_STAGE", "dev")
	t.Setenv("AWS_LAMBDA_FUNCTION_NAME", "other")
	t.Setenv("VALUE", "a.example")
	s := (&Options{}).withDefaults()
	assert.Empty(t, s.Stage)
	assert.Empty(t, s.Function)
	assert.Equal(t, "a.example", s.Getenv("VALUE"), "${VALUE} is the process's own")
	assert.Contains(t, strings.Join(s.warnings, "\n"), "OUTGUARD_STAGE was changed after the process started, which has no effect on the guard; use Options.Stage")
	assert.Contains(t, strings.Join(s.warnings, "\n"), "use Options.Function")
}

// Each variable that a guard reads is one that decides, or has no part in that.
func TestEachVariableThatDecidesIsKnown(t *testing.T) {
	free := []string{"AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_LOG_LEVEL"} // for what is logged
	notify.ReadEnv(func(name string) string { free = append(free, name); return "" })
	known := map[string]bool{}
	for _, v := range deciding {
		known[v[0]] = true
	}
	read := map[string]bool{}
	_, err := loadFor((&Options{
		Policy: []byte(allowAll),
		Getenv: func(name string) string { read[name] = true; return "" },
		Stdout: new(buffer),
	}).withDefaults(), t.TempDir(), central{})
	require.NoError(t, err)
	for name := range read {
		assert.True(t, known[name] || slices.Contains(free, name), "%s is in neither list", name)
	}
	for _, name := range []string{"OUTGUARD_POLICY", "OUTGUARD_METRICS", "AWS_XRAY_DAEMON_ADDRESS", "HTTPS_PROXY"} {
		assert.True(t, read[name], name)
	}
}

type silent struct{}

func (silent) Notify(context.Context, []notify.Alert) error { return nil }

// Whoever takes over what is reported is reported where that went until then.
func TestWhoTakesOverTheReportsIsReported(t *testing.T) {
	const takesOver = "loads an equal guard: alerts and lines of the log go to its Stdout"
	log, other := new(buffer), new(buffer)
	n := silent{}
	for name, c := range map[string]struct {
		first, second Options
		want          bool
	}{
		"another log":       {Options{Stdout: log}, Options{Stdout: other}, true},
		"the same log":      {Options{Stdout: log}, Options{Stdout: log}, false},
		"no notifier":       {Options{Stdout: log, Notifiers: []notify.Notifier{n}}, Options{Stdout: log}, true},
		"the same notifier": {Options{Stdout: log, Notifiers: []notify.Notifier{n}}, Options{Stdout: log, Notifiers: []notify.Notifier{n}}, false},
		"one more notifier": {Options{Stdout: log}, Options{Stdout: log, Notifiers: []notify.Notifier{n}}, false},
	} {
		noProcessGuard(t)
		*log = buffer{}
		for _, o := range []Options{c.first, c.second} {
			o.Policy, o.Getenv = []byte(blockAll), environment()
			_, err := Load(&o)
			require.NoError(t, err)
		}
		assert.Len(t, guards(), 1, name)
		assert.Equal(t, c.want, strings.Contains(log.String(), takesOver), name)
	}
}

// The short form keeps the notifiers of the guard that Load has made from the same files.
func TestTheShortFormKeepsWhatLoadReportsTo(t *testing.T) {
	noProcessGuard(t)
	self, err := os.Executable()
	require.NoError(t, err)
	beside := strings.TrimSuffix(self, "guard.test") + policyFile
	require.NoError(t, os.WriteFile(beside, []byte(blockAll), 0o600))
	t.Cleanup(func() { os.Remove(beside) })
	g, err := Load(&Options{Notifiers: []notify.Notifier{silent{}}})
	require.NoError(t, err)
	queue := g.alerts()
	require.Len(t, processGuards(), 1)
	assert.Same(t, queue, g.alerts())
}

// Code that loads the same text with other values of variables has a guard of its own.
func TestOtherValuesMakeAnotherGuard(t *testing.T) {
	const text = "version: 1\non_violation: block\nwhitelist:\n- net: ${HOST:-db.test}:5432\n"
	for _, host := range []string{"db.internal", ""} { // a dependency may be first
		noProcessGuard(t)
		for _, value := range []string{host, map[string]string{"": "db.internal"}[host]} {
			_, err := Load(&Options{Policy: []byte(text), Getenv: environment("HOST", value), Stdout: new(buffer)})
			require.NoError(t, err)
		}
		assert.Len(t, guards(), 2)
		assert.Error(t, atCallTime{}.Check(t.Context(), forbidden))
	}
}

// A copy of a guard takes nothing out of the process.
func TestACopyClosesNothing(t *testing.T) {
	noProcessGuard(t)
	g, err := Load(&Options{Policy: []byte(blockAll), Getenv: environment(), Stdout: new(buffer)})
	require.NoError(t, err)
	dup := reflect.New(reflect.TypeFor[Guard]())
	dup.Elem().Set(reflect.ValueOf(g).Elem())
	require.NoError(t, dup.Interface().(*Guard).Close())
	_, err = http.Get("http://127.0.0.1:1/")
	assert.True(t, IsBlocked(err), "%v", err)
}

// A guard that is closed too early is reported, at once and once more.
func TestAGuardThatIsClosedTooEarly(t *testing.T) {
	noProcessGuard(t)
	log := new(buffer)
	g, err := Load(&Options{Policy: []byte(blockAll), Getenv: environment(), Stdout: log})
	require.NoError(t, err)
	h := g.Wrap(func() { g.Uninstall() }).(func(context.Context) error)
	require.NoError(t, h(t.Context()))
	assert.Contains(t, log.String(), "while an invocation ran: http.DefaultTransport and names are not judged by it any more")
	before := len(log.String())
	require.NoError(t, h(t.Context()))
	require.NoError(t, h(t.Context()))
	assert.Equal(t, 1, strings.Count(log.String()[before:], "the guard was closed: "))
}
