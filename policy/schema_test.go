package policy

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/outguard/outguard/internal/syntax"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The example shows every key of the language, and has nothing to warn of in any function and
// stage.
func TestExamplePolicy(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "policy.example.yaml"))
	require.NoError(t, err)
	f, err := ParseFile("policy.example.yaml", data)
	require.NoError(t, err)
	assert.Empty(t, f.Warnings())
	assert.Equal(t, []string{"dev", "prod"}, f.Stages())
	for _, function := range []string{"checkout", "refund-card", "report-daily"} {
		for _, stage := range f.Stages() {
			e := vars(env(function), "SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/T/B/x", "SLACK_BOT_TOKEN", "xoxb-1", "ALERT_BUS", "alerts",
				"ALERT_WEBHOOK", "https://alerts.example.com", "ALERT_WEBHOOK_SECRET", "s3cret")
			e.Stage = stage
			p, err := f.For(e)
			require.NoError(t, err)
			assert.Empty(t, p.Warnings())
			assert.NotZero(t, p.Info()[0].Rules)
			assert.GreaterOrEqual(t, len(p.Targets()), 4)
		}
	}
	for _, keys := range [][]string{syntax.FileKeys(), syntax.SectionKeys(), syntax.StageKeys(), syntax.RuleKeys(), syntax.TargetKeys()} {
		for _, key := range keys {
			if key == "version" || key == "strict_operations" { // it has no effect any more
				continue
			}
			assert.Regexp(t, `[\n{ ]"?`+key+`"?: `+`|\b`+key+`:(\n|  )`, string(data), "the example does not show %s", key)
		}
	}
}

// The schema names the keys and words that the decoder knows; internal/e2e holds both to the same
// verdicts.
func TestSchemaKeys(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "policy.schema.json"))
	require.NoError(t, err)
	type object struct {
		Properties map[string]any `json:"properties"`
		AnyOf      []struct {
			Properties map[string]any `json:"properties"`
			Enum       []any          `json:"enum"`
		} `json:"anyOf"`
	}
	var schema struct {
		object
		Defs map[string]object `json:"$defs"`
	}
	require.NoError(t, json.Unmarshal(data, &schema))
	keys := func(properties map[string]any) []string { return slices.Collect(maps.Keys(properties)) }

	assert.ElementsMatch(t, syntax.FileKeys(), keys(schema.Properties))
	assert.ElementsMatch(t, syntax.SectionKeys(), keys(schema.Defs["section"].Properties))
	assert.ElementsMatch(t, syntax.TargetKeys(), keys(schema.Defs["target"].Properties))
	without := func(gone ...string) []string {
		return slices.DeleteFunc(slices.Clone(syntax.RuleKeys()), func(k string) bool { return slices.Contains(gone, k) })
	}
	assert.ElementsMatch(t, without("feed", "on_violation"), keys(schema.Defs["whitelistRule"].Properties))
	assert.ElementsMatch(t, without("until"), keys(schema.Defs["blacklistRule"].Properties))
	words := func(def string) (words []string) {
		for _, w := range schema.Defs[def].AnyOf[0].Enum {
			words = append(words, w.(string))
		}
		return words
	}
	assert.Equal(t, syntax.ActionWords(), words("action"))
	assert.Equal(t, syntax.AccessWords(), words("accessLevel"))
}
