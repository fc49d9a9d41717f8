package guard

import (
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/notify"
	"github.com/outguard/outguard/policy"
)

// TestTheSchemaHasEveryFieldOfTheLines compares log.schema.json with the types of the lines.
func TestTheSchemaHasEveryFieldOfTheLines(t *testing.T) {
	text, err := os.ReadFile("../log.schema.json")
	require.NoError(t, err)
	var schema struct {
		Defs map[string]struct {
			Required   []string
			Properties map[string]any
		} `json:"$defs"`
	}
	require.NoError(t, json.Unmarshal(text, &schema))
	for name, line := range map[string]any{"start": startLine{}, "file": startPolicy{}, "policy": policyLine{}, "remote": notify.Remote{}} {
		def := schema.Defs[name]
		all, required := fields(reflect.TypeOf(line))
		assert.Equal(t, all, slices.Sorted(maps.Keys(def.Properties)), name)
		assert.ElementsMatch(t, required, def.Required, name)
	}
}

// TestTheSchemaOfAlertsHasEveryWord compares the words that alert.schema.json lists with those of
// package policy.
func TestTheSchemaOfAlertsHasEveryWord(t *testing.T) {
	text, err := os.ReadFile("../alert.schema.json")
	require.NoError(t, err)
	type words struct {
		Properties map[string]struct{ Enum []string }
	}
	var schema struct {
		words
		Defs map[string]words `json:"$defs"`
	}
	require.NoError(t, json.Unmarshal(text, &schema))
	var lists, verdicts []string
	for l := policy.NoList; l <= policy.Unguarded; l++ {
		lists = append(lists, l.String())
	}
	require.Empty(t, (policy.Unguarded + 1).String(), "the last one")
	for _, v := range []policy.Verdict{policy.Log, policy.Alert, policy.Block} {
		verdicts = append(verdicts, v.String())
	}
	assert.ElementsMatch(t, lists, schema.Properties["list"].Enum)
	assert.ElementsMatch(t, verdicts, schema.Properties["verdict"].Enum)
	assert.ElementsMatch(t, lists, append(schema.Defs["against"].Properties["list"].Enum, ""))
}

// fields returns the names of a type's members in JSON, sorted, and those that are always there.
func fields(t reflect.Type) (all, required []string) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			inner, always := fields(f.Type)
			all, required = append(all, inner...), append(required, always...)
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			name = f.Name
		}
		all = append(all, name)
		if !strings.Contains(options, "omit") {
			required = append(required, name)
		}
	}
	slices.Sort(all)
	return all, required
}
