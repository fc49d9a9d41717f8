package cmd

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSARIF holds what validate writes against the schema of the standard.
func TestSARIF(t *testing.T) {
	data, err := os.ReadFile("testdata/sarif/sarif-2.1.0-rtm.5.json")
	require.NoError(t, err)
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	require.NoError(t, c.AddResource("sarif.json", doc))
	schema, err := c.Compile("sarif.json")
	require.NoError(t, err)

	dir := t.TempDir()
	for name, text := range map[string]string{
		"ok.yaml":    "version: 1\nwhitelist: []\n",
		"a b.yaml":   "version: 1\nwhitelist:\n  - http: \"*.com\"\n  - aws: sqss:SendMessage\nblacklist:\n  - http: a.example\n    methodz: [GET]\n",
		"broken.yml": "a: [",
		"warn.yaml":  "version: 1\nblacklist: [{http: a.example}, {http: a.example}]\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	type location struct {
		PhysicalLocation struct {
			ArtifactLocation struct{ URI string }
			Region           struct{ StartLine, StartColumn int }
		}
	}
	type log struct {
		Runs []struct {
			Invocations []struct{ ExecutionSuccessful bool }
			Tool        struct {
				Driver struct{ Rules []struct{ ID string } }
			}
			Results []struct {
				RuleID    string
				RuleIndex int
				Level     string
				Locations []location
			}
		}
	}
	for _, c := range []struct {
		name, files string
		exit        int
		rules       []string
		lines       []int
		whole       bool
	}{
		{"no fault", "ok.yaml", 0, nil, nil, true},
		{"errors", "a b.yaml", 1, []string{"too-wide", "unknown-service", "unknown-key"}, []int{3, 4, 7}, true},
		{"no YAML", "broken.yml", 1, []string{"unreadable"}, []int{1}, true},
		{"a warning", "warn.yaml", 1, []string{"no-effect"}, []int{2}, true},
		{"no file", "nowhere.yaml", 2, nil, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			run := exec.CommandContext(t.Context(), filepath.Join(bin, "outguard"), "validate", "-format", "sarif", c.files)
			run.Dir = dir
			out, _ := run.Output()
			assert.Equal(t, c.exit, run.ProcessState.ExitCode())
			v, err := jsonschema.UnmarshalJSON(bytes.NewReader(out))
			require.NoError(t, err, string(out))
			require.NoError(t, schema.Validate(v))
			var l log
			require.NoError(t, json.Unmarshal(out, &l))
			require.Len(t, l.Runs, 1)
			assert.Equal(t, c.whole, l.Runs[0].Invocations[0].ExecutionSuccessful)
			var rules []string
			var lines []int
			for _, r := range l.Runs[0].Results {
				rules = append(rules, r.RuleID)
				assert.Equal(t, r.RuleID, l.Runs[0].Tool.Driver.Rules[r.RuleIndex].ID)
				at := r.Locations[0].PhysicalLocation
				assert.Contains(t, []string{c.files, "a%20b.yaml"}, at.ArtifactLocation.URI)
				lines = append(lines, at.Region.StartLine)
			}
			assert.Equal(t, c.rules, rules)
			assert.Equal(t, c.lines, lines)
		})
	}
}

// A schema that takes anything would prove nothing.
func TestSARIFSchemaRefuses(t *testing.T) {
	data, err := os.ReadFile("testdata/sarif/sarif-2.1.0-rtm.5.json")
	require.NoError(t, err)
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	require.NoError(t, c.AddResource("sarif.json", doc))
	schema, err := c.Compile("sarif.json")
	require.NoError(t, err)
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(`{"version":"2.1.0","runs":[{"tool":{}}]}`)))
	require.NoError(t, err)
	assert.Error(t, schema.Validate(v))
}
