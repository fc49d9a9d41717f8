package deploy

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A node is a JSON Schema, as far as fields are concerned.
type node struct {
	Ref        string           `json:"$ref"`
	Defs       map[string]*node `json:"$defs"`
	Properties map[string]*node `json:"properties"`
	Items      *node            `json:"items"`
	Const      string           `json:"const"`
}

// schemas returns the schema of each kind of line, by the value of its member schema.
func schemas(t *testing.T) map[string]*node {
	t.Helper()
	read := func(name string) *node {
		text, err := os.ReadFile(filepath.Join("..", name))
		require.NoError(t, err)
		n := new(node)
		require.NoError(t, json.Unmarshal(text, n))
		n.resolve(n.Defs)
		return n
	}
	alert, log, next := read("alert.schema.json"), read("log.schema.json"), read("next.schema.json")
	all := map[string]*node{}
	for _, n := range []*node{alert, log.Defs["start"], log.Defs["policy"], next} {
		all[n.Properties["schema"].Const] = n
	}
	require.Len(t, all, 4)
	return all
}

// resolve puts the definitions in the place of references.
func (n *node) resolve(defs map[string]*node) {
	for name, p := range n.Properties {
		if p.Ref != "" {
			n.Properties[name] = defs[strings.TrimPrefix(p.Ref, "#/$defs/")]
		}
		if n.Properties[name] != n {
			p.resolve(defs)
		}
	}
	if n.Items != nil && n.Items.Ref != "" {
		n.Items = defs[strings.TrimPrefix(n.Items.Ref, "#/$defs/")]
	}
	for _, d := range n.Defs {
		d.resolve(defs)
	}
}

// has reports whether a path such as call.url or policies.0.file is a field.
func (n *node) has(path string) bool {
	for _, name := range strings.Split(path, ".") {
		switch {
		case n == nil:
			return false
		case n.Items != nil && name == "0":
			n = n.Items
		default:
			n = n.Properties[name]
		}
	}
	return n != nil
}

var (
	textInQuery = regexp.MustCompile(`"[^"]*"|'[^']*'|#.*`)
	aliases     = regexp.MustCompile(`(?i)\bas\s+([a-z_]+)`)
	names       = regexp.MustCompile(`@?[A-Za-z_][A-Za-z0-9_.]*\(?`)
	schemaName  = regexp.MustCompile(`outguard\.[a-z]+/v1`)
	words       = strings.Fields("fields filter stats sort limit by as and or not in like desc asc SOURCE " +
		"SELECT FROM WHERE AND GROUP BY ORDER AS DESC outguard")
)

// unknownFields returns the names in a query of CloudWatch Logs Insights, or of Athena, that are
// neither fields of its schema nor its own.
func unknownFields(query string, all map[string]*node) (unknown []string, err error) {
	n := all[schemaName.FindString(query)]
	if n == nil {
		return nil, fmt.Errorf("it does not filter by a schema: %s", query)
	}
	query = textInQuery.ReplaceAllString(query, " ")
	own := slices.Clone(words)
	for _, m := range aliases.FindAllStringSubmatch(query, -1) {
		own = append(own, m[1])
	}
	for _, name := range names.FindAllString(query, -1) {
		switch {
		case strings.HasSuffix(name, "("), strings.HasPrefix(name, "@"), slices.Contains(own, name):
		case !n.has(name):
			unknown = append(unknown, name)
		}
	}
	return unknown, nil
}

// TestQueriesNameFieldsThatExist checks each query of this folder.
func TestQueriesNameFieldsThatExist(t *testing.T) {
	all := schemas(t)
	files, err := filepath.Glob("queries/*")
	require.NoError(t, err)
	require.Len(t, files, 7)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		queries := []string{string(text)}
		if filepath.Ext(file) == ".sql" {
			statements := strings.Split(strings.TrimSpace(string(text)), ";")
			queries = statements[1 : len(statements)-1]
			require.Len(t, queries, 2)
		}
		for _, q := range queries {
			unknown, err := unknownFields(withoutComments(q), all)
			require.NoError(t, err, file)
			assert.Empty(t, unknown, file)
		}
	}
	for _, q := range templateQueries(t) {
		unknown, err := unknownFields(q, all)
		require.NoError(t, err)
		assert.Empty(t, unknown, q)
	}
}

func withoutComments(sql string) string {
	return regexp.MustCompile(`(?m)^--.*$`).ReplaceAllString(sql, "")
}

// TestTheTestOfQueries: a name that does not exist is found.
func TestTheTestOfQueries(t *testing.T) {
	all := schemas(t)
	for _, c := range []struct {
		query string
		want  []string
	}{
		{`filter schema = "outguard.alert/v1" | stats count(*) by function, call.url`, nil},
		{`filter schema = "outguard.alert/v1" | stats count(*) by functon`, []string{"functon"}},
		{`filter schema = "outguard.alert/v1" | fields call.uri`, []string{"call.uri"}},
		{`filter schema = "outguard.policy/v1" | fields remote.signed, verdict`, []string{"verdict"}},
		{`filter schema = "outguard.start/v1" | fields policies.0.file, policies.0.hash`, []string{"policies.0.hash"}},
	} {
		got, err := unknownFields(c.query, all)
		require.NoError(t, err)
		assert.Equal(t, c.want, got, c.query)
	}
	_, err := unknownFields("fields function", all)
	assert.Error(t, err)
}

// TestTheTableOfAthena checks its columns, and the members of its structs.
func TestTheTableOfAthena(t *testing.T) {
	alert := schemas(t)["outguard.alert/v1"]
	text, err := os.ReadFile("queries/athena.sql")
	require.NoError(t, err)
	ddl, _, _ := strings.Cut(string(text), ";")
	require.True(t, alert.has("function") && alert.has("Function"), "the dimension of the metric")
	assert.Contains(t, ddl, "'case.insensitive' = 'false'", "members that differ in case alone would be an error, and the line left out")
	columns := regexp.MustCompile("(?m)^  `([a-z_]+)` (.*?),?$").FindAllStringSubmatch(ddl, -1)
	require.Greater(t, len(columns), 15)
	for _, c := range columns {
		assert.True(t, alert.has(c[1]), c[1])
		members, ok := strings.CutPrefix(c[2], "struct<")
		if !ok {
			continue
		}
		for _, m := range strings.Split(strings.TrimSuffix(members, ">"), ",") {
			name, _, _ := strings.Cut(m, ":")
			assert.True(t, alert.has(c[1]+"."+name), c[1]+"."+name)
		}
	}
}
