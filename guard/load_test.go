package guard

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/lambdatest"
	"github.com/outguard/outguard/notify"
)

// environment is a Getenv.
func environment(vars ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(vars); i += 2 {
			if vars[i] == name {
				return vars[i+1]
			}
		}
		return ""
	}
}

// dir makes a directory with files: names and texts.
func dir(t *testing.T, files ...string) string {
	t.Helper()
	d := t.TempDir()
	for i := 0; i < len(files); i += 2 {
		require.NoError(t, os.WriteFile(filepath.Join(d, files[i]), []byte(files[i+1]), 0o600))
	}
	return d
}

func files(g *Guard) (names []string) {
	for _, info := range g.policy().Info() {
		names = append(names, info.File)
	}
	return names
}

const (
	allowsA = "version: 1\non_violation: block\nwhitelist:\n  - http: a.example\n"
	allowsB = "version: 1\non_violation: block\nwhitelist:\n  - http: [a.example, b.example]\n"
)

func TestLoadFindsPolicies(t *testing.T) {
	own := dir(t, "policy.yaml", allowsA, "second.yaml", allowsB)
	layer := dir(t, "policy.yaml", allowsB, "more.yml", allowsA, "notes.txt", "nonsense")
	nowhere := filepath.Join(t.TempDir(), "missing")
	list := filepath.Join(own, "policy.yaml") + string(filepath.ListSeparator) + filepath.Join(own, "second.yaml")
	for _, c := range []struct {
		name   string
		o      *Options
		layers string
		want   []string
		warns  int
	}{
		{"option", &Options{Policy: []byte(allowsA)}, nowhere, []string{"policy.yaml"}, 0},
		{"option with a name", &Options{Policy: []byte(allowsA), PolicyName: "mine.yaml"}, nowhere, []string{"mine.yaml"}, 0},
		{"environment", &Options{Getenv: environment("OUTGUARD_POLICY", filepath.Join(own, "second.yaml"))}, nowhere, []string{"second.yaml"}, 0},
		{"a list", &Options{Getenv: environment("OUTGUARD_POLICY", list)}, nowhere, filepath.SplitList(list), 0},
		{"option and environment", &Options{Policy: []byte(allowsA), Getenv: environment("OUTGUARD_POLICY", list)}, nowhere, []string{"policy.yaml"}, 1},
		{"a layer", &Options{Policy: []byte(allowsA)}, layer, []string{"policy.yaml", filepath.Join(layer, "more.yml"), filepath.Join(layer, "policy.yaml")}, 1},
		{"a layer alone", &Options{Getenv: environment()}, layer, []string{filepath.Join(layer, "more.yml"), filepath.Join(layer, "policy.yaml")}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.o.Getenv == nil {
				c.o.Getenv = environment()
			}
			c.o.Stdout = new(buffer)
			g, err := load(c.o, c.layers)
			require.NoError(t, err)
			assert.Equal(t, c.want, files(g))
			assert.Len(t, g.warnings, c.warns)
			assert.NoError(t, g.Check(context.Background(), request(t, "GET", "https://a.example/")))
			if len(c.want) > 1 {
				assert.Error(t, g.Check(context.Background(), request(t, "GET", "https://b.example/")), "a call must satisfy all policies")
			}
		})
	}
}

func TestLoadFindsThePolicyBesideTheBinary(t *testing.T) {
	beside, err := besideBinary()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(beside, []byte(allowsA), 0o600))
	defer os.Remove(beside)
	g, err := load(&Options{Getenv: environment(), Stdout: new(buffer)}, t.TempDir())
	require.NoError(t, err)
	assert.Equal(t, []string{"policy.yaml"}, files(g))
}

func TestLoadErrors(t *testing.T) {
	layer := dir(t, "central.yaml", "version: 2\n")
	unreadable := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(unreadable, "x.yaml"), 0o700)) // a directory cannot be read as a file
	file := filepath.Join(dir(t, "file", ""), "file")
	missing := filepath.Join(t.TempDir(), "missing.yaml")
	for _, c := range []struct {
		name   string
		o      *Options
		layers string
		want   []string
	}{
		{"nothing", &Options{}, "/none", []string{"no policy", "policy.yaml", "OUTGUARD_POLICY is not set", "/none", "guard.Options{Policy"}},
		{"listed file is missing", &Options{Getenv: environment("OUTGUARD_POLICY", missing)}, "/none", []string{missing}},
		{"list of nothing", &Options{Getenv: environment("OUTGUARD_POLICY", " : ")}, "/none", []string{"names no file"}},
		{"an empty policy is not none", &Options{Policy: []byte{}}, "/none", []string{"policy.yaml"}},
		{"own and that of the layer", &Options{Policy: []byte("version: 1\nx: y\n")}, layer, []string{"policy.yaml:2:1: ", filepath.Join(layer, "central.yaml") + ":1:"}},
		{"layer only", &Options{Policy: []byte(allowsA)}, layer, []string{"central.yaml:1:"}},
		{"layer cannot be read", &Options{Policy: []byte(allowsA)}, unreadable, []string{"x.yaml"}},
		{"layers are not a directory", &Options{Policy: []byte(allowsA)}, file, []string{file}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.o.Getenv == nil {
				c.o.Getenv = environment()
			}
			log := new(buffer)
			c.o.Stdout = log
			g, err := load(c.o, c.layers)
			var broken *PolicyError
			require.ErrorAs(t, err, &broken)
			for _, want := range c.want {
				assert.Contains(t, err.Error(), want)
			}
			require.NotNil(t, g)
			assert.Equal(t, err, g.Check(context.Background(), request(t, "GET", "https://a.example/")), "it refuses every call")
			assert.Contains(t, log.String(), `"kind":"policy"`)
		})
	}
}

func TestLoadTakesTheFunctionFromItsEnvironment(t *testing.T) {
	text := `version: 1
stage:
  accounts: {"444455556666": prod}
functions:
  checkout:
    whitelist:
      - aws: sqs:SendMessage
        resources: orders
`
	g, err := load(&Options{Policy: []byte(text), Stdout: new(buffer), Getenv: environment(
		"AWS_LAMBDA_FUNCTION_NAME", "checkout", "AWS_LAMBDA_FUNCTION_VERSION", "7",
		"AWS_REGION", "eu-central-1", "AWS_ACCESS_KEY_ID", lambdatest.AccessKeyID("444455556666"))}, "/none")
	require.NoError(t, err)
	assert.Equal(t, origin{"checkout", "7", "prod", "eu-central-1", "444455556666"}, g.origin)
	assert.NoError(t, g.Check(context.Background(), aws("sqs", "SendMessage", "arn:aws:sqs:eu-central-1:444455556666:orders")))
}

func TestLoadReadsFeedsBesideThePolicy(t *testing.T) {
	text := "version: 1\non_violation: block\nblacklist:\n  - feed: bad.txt\n"
	d := dir(t, "policy.yaml", text, "bad.txt", "bad.example\n")
	for name, o := range map[string]*Options{
		"file": {Getenv: environment("OUTGUARD_POLICY", filepath.Join(d, "policy.yaml"))},
		"FS":   {Policy: []byte(text), FS: fstest.MapFS{"bad.txt": {Data: []byte("bad.example\n")}}, Getenv: environment()},
	} {
		o.Stdout = new(buffer)
		g, err := load(o, "/none")
		require.NoError(t, err, name)
		assert.Error(t, g.Check(context.Background(), request(t, "GET", "https://bad.example/")), name)
		assert.NoError(t, g.Check(context.Background(), request(t, "GET", "https://good.example/")), name)
	}
}

func TestPolicyErrorIsSent(t *testing.T) {
	sent := make(chan notify.Alert, 1)
	_, err := load(&Options{Policy: []byte("version: 3"), Getenv: environment(), Stdout: new(buffer),
		Notifiers: []notify.Notifier{nil, notifierFunc(func(alerts []notify.Alert) { sent <- alerts[0] })}}, "/none")
	require.Error(t, err)
	a := <-sent
	assert.Equal(t, "policy", a.Call.Kind)
	assert.True(t, strings.HasPrefix(a.Place, "policy.yaml:1"))
	assert.Equal(t, "ed90411850b75ba6a7482d48d94e2038aa0c348857c64c282bd6f8275c37e855", a.Policy, "which file was refused")
}

type notifierFunc func([]notify.Alert)

func (f notifierFunc) Notify(_ context.Context, alerts []notify.Alert) error { f(alerts); return nil }

// Of a file that is too large for the function, nothing but notify: is used.
func TestLoadRefusesLargeFiles(t *testing.T) {
	rules := func(size int) string { return allowsA + strings.Repeat("  - http: b.example\n", size/20) }
	for _, c := range []struct {
		name, memory, text, want string
	}{
		{"large", "128", rules(500 << 10), ""},
		{"too large for the memory", "128", rules(520 << 10), "policy.yaml: the file has more than 512 KB, which is too much for a function with 128 MB of memory"},
		{"large, with more memory", "256", rules(1000 << 10), ""},
		{"too large", "10240", rules(1100 << 10), "policy.yaml: the file has more than 1024 KB; put long lists"},
		{"far too large", "", rules(9 << 20), "policy.yaml: the file has more than 1024 KB"},
		{"no number", "much", allowsA, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, out := dir(t, "policy.yaml", c.text), new(buffer)
			vars := environment("OUTGUARD_POLICY", filepath.Join(d, "policy.yaml"), "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", c.memory)
			_, err := load(&Options{Stdout: out, Getenv: vars}, t.TempDir())
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.want)
			assert.Contains(t, out.String(), `"kind":"policy"`)
		})
	}
}
