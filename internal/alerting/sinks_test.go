package alerting

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/policy"
)

// filterKeys are the keys of a notify: entry that choose alerts or functions, not a destination.
var filterKeys = []string{"verdicts", "functions"}

// A sinkExample is an entry of testdata/sinks.json: a notify: entry and the sink that it makes.
type sinkExample struct {
	Entry    map[string]string
	Name     string
	Notifier string // type in package notify
}

func sinkExamples(t *testing.T) (all []sinkExample) {
	t.Helper()
	data, err := os.ReadFile("testdata/sinks.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &all))
	return all
}

// schemaKeys returns the keys of a notify: entry that belong to a destination, from the policy
// language's schema.
func schemaKeys(t *testing.T) []string {
	t.Helper()
	data, err := os.ReadFile("../../policy.schema.json")
	require.NoError(t, err)
	var schema struct {
		Defs struct {
			Target struct{ Properties map[string]any }
		} `json:"$defs"`
	}
	require.NoError(t, json.Unmarshal(data, &schema))
	keys := slices.Sorted(maps.Keys(schema.Defs.Target.Properties))
	for _, key := range filterKeys {
		require.Contains(t, keys, key)
	}
	return slices.DeleteFunc(keys, func(key string) bool { return slices.Contains(filterKeys, key) })
}

// targetsOf returns the targets of a policy with the given notify: entries in JSON.
func targetsOf(t *testing.T, entries ...string) []policy.Target {
	t.Helper()
	text := "version: 1\nnotify:\n  - " + strings.Join(entries, "\n  - ") + "\n"
	p, err := policy.Parse("policy.yaml", []byte(text), policy.Env{})
	require.NoError(t, err)
	return p.Targets()
}

func TestEveryTargetKeyHasARowAnExampleAndDocs(t *testing.T) {
	docs, err := os.ReadFile("../../docs/alerts.md")
	require.NoError(t, err)
	var rows []string
	for _, k := range sinkKinds {
		rows = append(rows, k.keys...)
		assert.Regexp(t, "(?m)^\\| `"+k.keys[0]+"`", string(docs), "the table of sinks in docs/alerts.md")
	}
	examples := map[string]bool{}
	for _, x := range sinkExamples(t) {
		for key := range x.Entry {
			examples[key] = true
		}
	}
	keys := schemaKeys(t)
	assert.ElementsMatch(t, keys, rows, "each key belongs to one row of sinkKinds")
	assert.ElementsMatch(t, keys, slices.Collect(maps.Keys(examples)), "testdata/sinks.json")
	for _, key := range keys {
		assert.Regexp(t, `(?m)^ +(- )?`+key+`: `, string(docs), "the example in docs/alerts.md")
	}
}

func TestEverySinkPassesTheConformanceKit(t *testing.T) {
	files, err := filepath.Glob("../../notify/*_test.go")
	require.NoError(t, err)
	tested := map[string]bool{}
	for _, file := range files {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		if !regexp.MustCompile(`notifytest\.Test(HTTP)?\(`).Match(source) {
			continue
		}
		for _, m := range regexp.MustCompile(`&notify\.(\w+)\{`).FindAllStringSubmatch(string(source), -1) {
			tested[m[1]] = true
		}
	}
	for _, x := range sinkExamples(t) {
		assert.True(t, tested[x.Notifier], "no test in package notify passes a %s to notifytest", x.Notifier)
	}
}

func TestExampleSinks(t *testing.T) {
	for _, x := range sinkExamples(t) {
		entry, err := json.Marshal(x.Entry)
		require.NoError(t, err)
		sinks, warnings := NewSinks(targetsOf(t, string(entry)), nil)
		assert.Empty(t, warnings)
		require.Len(t, sinks, 1, "%s", entry)
		assert.Equal(t, x.Name, sinks[0].name)
		assert.Equal(t, "*notify."+x.Notifier, reflect.TypeOf(sinks[0].notifier).String())
		assert.True(t, sinks[0].private)
		made, err := json.Marshal(sinks[0].notifier)
		require.NoError(t, err)
		for key, value := range x.Entry {
			assert.Contains(t, string(made), value, "the sink uses %s:", key)
		}
	}
}

// stringFields returns the names of the string fields of a Target.
func stringFields() (names []string) {
	for _, f := range reflect.VisibleFields(reflect.TypeFor[policy.Target]()) {
		if f.Type.Kind() == reflect.String && f.Name != "Entry" { // which is for people
			names = append(names, f.Name)
		}
	}
	return names
}

// with returns a copy of t with the field of the given name set.
func with(t policy.Target, field, value string) policy.Target {
	reflect.ValueOf(&t).Elem().FieldByName(field).SetString(value)
	return t
}

func TestEveryDestinationOfATargetHasOneRow(t *testing.T) {
	keys := schemaKeys(t)
	for _, field := range stringFields() {
		key := strings.ToLower(field)
		require.Contains(t, keys, key, "a field of policy.Target without a key")
		var matching []string
		for _, k := range sinkKinds {
			if k.destination(with(policy.Target{}, field, "x")) != "" {
				matching = append(matching, k.keys[0])
			}
		}
		if slices.ContainsFunc(sinkKinds, func(k sinkKind) bool { return k.keys[0] == key }) {
			assert.Equal(t, []string{key}, matching)
		} else {
			assert.Empty(t, matching, "%s is an option", field)
		}
	}
}

func TestTargetsThatDifferAreAllMade(t *testing.T) {
	base := policy.Target{Slack: "https://hooks.slack.com/services/T/B/X", Line: 3}
	for _, field := range stringFields() {
		sinks, _ := NewSinks([]policy.Target{base, with(base, field, "other")}, nil)
		assert.Len(t, sinks, 2, "they differ in %s", field)
	}
	blocks, line, function := base, base, base
	blocks.Verdicts = []policy.Verdict{policy.Block}
	line.Line = 7
	function.Functions = []string{"checkout"}
	for _, c := range []struct {
		name string
		t    policy.Target
		want int
	}{
		{"verdicts", blocks, 2},
		{"line", line, 1},
		{"functions, by which entries are already filtered", function, 1},
	} {
		sinks, _ := NewSinks([]policy.Target{base, c.t}, nil)
		assert.Len(t, sinks, c.want, c.name)
	}
	one, other := blocks, blocks
	one.Verdicts, other.Verdicts = []policy.Verdict{policy.Block, policy.Alert}, []policy.Verdict{policy.Alert, policy.Block}
	sinks, _ := NewSinks([]policy.Target{one, other}, nil)
	assert.Len(t, sinks, 1, "the order of verdicts does not matter")
}

// A new version of package policy may know destinations that the table does not.
func TestAnUnknownDestinationIsReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var warnings []string
		f := newFixture(nil)
		f.sinks, warnings = NewSinks([]policy.Target{{Line: 4}, {Line: 9, Channel: "#oncall"}}, nil)
		require.Len(t, f.sinks, 2)
		require.Len(t, warnings, 2)
		assert.Contains(t, warnings[0], "line 4 is unknown")
		assert.Contains(t, warnings[1], "line 9 is unknown")
		_, err := f.invocation(t, violation("alert", evil))
		require.ErrorContains(t, err, "the destination is unknown")
		lines := f.lines(t, "outguard.undelivered/v1")
		require.Len(t, lines, 2)
		assert.Equal(t, "notify entry in line 4", lines[0]["sink"])
		assert.Contains(t, lines[0]["reason"], "the destination is unknown")
		assert.EqualValues(t, 1, lines[0]["kept"])
	})
}

func TestSinksTakeTheirVerdicts(t *testing.T) {
	sinks, _ := NewSinks(targetsOf(t, `{"slack": "https://hooks.slack.com/services/T/B/X"}`,
		`{"webhook": "https://a.example", "verdicts": "block"}`, `{"webhook": "https://b.example", "verdicts": ["alert", "log"]}`), nil)
	require.Len(t, sinks, 3)
	for _, c := range []struct {
		verdict string
		want    []bool
	}{
		{"block", []bool{true, true, false}},
		{"alert", []bool{true, false, true}},
		{"log", []bool{false, false, false}},
	} {
		a := violation(c.verdict, evil)
		for i, s := range sinks {
			assert.Equal(t, c.want[i], s.wants(&a), "%s to %s", c.verdict, s.name)
		}
	}
}

// SNS drops a second message of the same id in five minutes from a FIFO topic alone.
func TestOnlyFIFOTopicsCountInBuckets(t *testing.T) {
	for topic, want := range map[string]bool{"alerts": false, "alerts.fifo": true} {
		sinks, warnings := NewSinks(targetsOf(t, "sns: arn:aws:sns:eu-west-1:111122223333:"+topic), nil)
		require.Empty(t, warnings)
		assert.Equal(t, want, sinks[0].inBuckets, topic)
	}
}
