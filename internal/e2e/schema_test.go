package e2e

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// policy.schema.json judges every policy of the language's own table as the decoder does, as far as
// a schema can.
func TestSchemaAgreesWithDecoder(t *testing.T) {
	schema := policySchema(t)
	f, err := os.Open(filepath.Join("..", "..", "policy", "testdata", "language.jsonl"))
	require.NoError(t, err)
	defer f.Close()
	lines, refused, beyond := bufio.NewScanner(f), 0, 0
	for lines.Scan() {
		var c struct {
			Src    string
			Want   []string
			Beyond bool
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &c))
		err := schema.Validate(asJSON(t, []byte(c.Src)))
		switch {
		case c.Beyond:
			beyond++
			assert.NoError(t, err, "said to be beyond the schema, and is not:\n%s", c.Src)
			assert.NotEmpty(t, c.Want, c.Src)
		case len(c.Want) > 0:
			refused++
			assert.Error(t, err, "the decoder says %q, the schema nothing, of:\n%s", c.Want, c.Src)
		default:
			assert.NoError(t, err, c.Src)
		}
	}
	require.NoError(t, lines.Err())
	assert.Greater(t, refused, 50)
	assert.Less(t, beyond, refused/2)
}

func TestSchemaAcceptsExamples(t *testing.T) {
	schema := policySchema(t)
	examples, err := filepath.Glob("../../policy.example.yaml")
	require.NoError(t, err)
	more, err := filepath.Glob("../../policy/testdata/*.yaml")
	require.NoError(t, err)
	deep, err := filepath.Glob("../../examples/*/policy.yaml")
	require.NoError(t, err)
	examples = append(append(examples, more...), deep...)
	require.NotEmpty(t, examples)
	for _, path := range examples {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.NoError(t, schema.Validate(asJSON(t, data)), path)
	}
}

func policySchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	schema, err := c.Compile(filepath.Join("..", "..", "policy.schema.json"))
	require.NoError(t, err)
	return schema
}

// asJSON reads YAML as editors do, by YAML 1.2's core schema: days and words like yes stay text.
func asJSON(t *testing.T, data []byte) any {
	t.Helper()
	var doc yaml.Node
	require.NoError(t, yaml.Unmarshal(data, &doc), string(data))
	return nodeAsJSON(doc.Content[0])
}

func nodeAsJSON(n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		m := make(map[string]any)
		for i := 0; i < len(n.Content); i += 2 {
			m[n.Content[i].Value] = nodeAsJSON(n.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		s := make([]any, 0, len(n.Content))
		for _, c := range n.Content {
			s = append(s, nodeAsJSON(c))
		}
		return s
	}
	switch n.Tag {
	case "!!null":
		return nil
	case "!!int", "!!float":
		if f, err := strconv.ParseFloat(n.Value, 64); err == nil {
			return f
		}
	case "!!bool":
		if n.Value == "true" || n.Value == "false" {
			return n.Value == "true"
		}
	}
	return n.Value
}
