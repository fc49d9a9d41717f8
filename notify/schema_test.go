package notify

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
)

// The schema has the fields of the types, and requires those that are always present. internal/e2e,
// which has a validator, tests that alerts conform to it.
func TestSchemaHasTheFieldsOfTheTypes(t *testing.T) {
	data, err := os.ReadFile("../alert.schema.json")
	require.NoError(t, err)
	type object struct {
		Required   []string
		Properties map[string]any
	}
	var schema struct {
		object
		Defs map[string]object `json:"$defs"`
	}
	require.NoError(t, json.Unmarshal(data, &schema))
	for _, c := range []struct {
		of     reflect.Type
		schema object
	}{
		{reflect.TypeFor[line](), schema.object}, {reflect.TypeFor[Call](), schema.Defs["call"]}, {reflect.TypeFor[Envelope](), schema.Defs["envelope"]},
	} {
		var all, required []string
		for _, f := range reflect.VisibleFields(c.of) {
			if f.Anonymous {
				continue
			}
			name, option, _ := strings.Cut(f.Tag.Get("json"), ",")
			all = append(all, name)
			if option == "" && name != "level" && name != "timestamp" {
				required = append(required, name)
			}
		}
		if c.of == reflect.TypeFor[line]() {
			all = append(all, "_aws", "Function", "Stage", "Verdict", "Violations") // the metric of a line at first sight
		}
		assert.ElementsMatch(t, all, slices.Collect(maps.Keys(c.schema.Properties)), c.of)
		assert.ElementsMatch(t, required, c.schema.Required, c.of)
	}
}
