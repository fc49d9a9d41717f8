package outguard_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// layers is the house, from the roof down. A package imports only packages of layers below its
// own, so there are no cycles, and neighbours do not know each other. CONTRIBUTING.md draws it.
// Decision 44 says why folders are named as they are.
var layers = [][]string{
	{"cmd/outguard", "source"},
	{ // the parts of the command
		"cmd/outguard/internal/learn",
		"cmd/outguard/internal/reportpage",
		"cmd/outguard/internal/roles",
		"cmd/outguard/internal/addentries",
	},
	{"cmd/outguard/internal/loglines", "cmd/outguard/internal/policytest", "cmd/outguard/internal/toolexec"},
	{"guard"},
	{"httpguard", "awsmiddleware", "netguard", "internal/alerting", "internal/sourceapi", "notify/notifytest"},
	{"notify"},
	{"policy"},
	{"internal/syntax"},
	{"internal/httprules", "internal/awsrules"},
	{"internal/rule"},
	{"internal/pattern"},
	{"internal/awscall", "internal/buildhooks", "internal/judged"},
	{"internal/proxies"},
	{ // a line each, so that two branches can add one
		"internal/accesskey",
		"internal/awsname",
		"internal/awsops",
		"internal/awsops/names",
		"internal/buildmark",
		"internal/canon",
		"internal/textclasses",
		"internal/dnsnames",
		"internal/feedfiles",
		"internal/fetchapi",
		"internal/foldids",
		"internal/lambdatest",
		"internal/mask",
		"internal/modcheck",
		"internal/procenv",
		"internal/report",
		"internal/ruleindex",
		"internal/signedpolicy",
		"internal/sinkmark",
		"internal/unjudged",
	},
	{"internal/alloctest", "internal/corpustest"},
}

// forTests are packages that only tests import.
var forTests = []string{"internal/alloctest", "internal/corpustest", "notify/notifytest"}

// TestLayers proves that arrows point down, and that every package has its place.
func TestLayers(t *testing.T) {
	imports := map[string][]string{}
	for _, p := range list(t, "./...") {
		if len(p.GoFiles) > 0 {
			imports[short(p.ImportPath)] = p.Imports
		}
	}
	for _, problem := range misplaced(layers, forTests, imports) {
		t.Error(problem)
	}
}

// misplaced says for each arrow that points up or sideways which one it is, and for each package
// without a place that it has none.
func misplaced(layers [][]string, forTests []string, imports map[string][]string) (problems []string) {
	floor := map[string]int{}
	for i, row := range layers {
		for _, p := range row {
			if _, ok := imports[p]; !ok {
				problems = append(problems, fmt.Sprintf("%s has a place in layers, but there is no such package", p))
			}
			floor[p] = i
		}
	}
	for p, imported := range imports {
		at, ok := floor[p]
		if !ok {
			problems = append(problems, fmt.Sprintf("%s has no place in layers: add it to the lowest layer above all that it imports", p))
			continue
		}
		for _, path := range imported {
			q := short(path)
			below, ok := floor[q]
			switch {
			case slices.Contains(forTests, q):
				problems = append(problems, fmt.Sprintf("%s imports %s, which is for tests only", p, q))
			case !strings.HasPrefix(path, module+"/") || !ok:
			case below < at:
				problems = append(problems, fmt.Sprintf("%s imports %s, which is %d layers above it", p, q, at-below))
			case below == at:
				problems = append(problems, fmt.Sprintf("%s imports %s, which is in the same layer", p, q))
			}
		}
	}
	slices.Sort(problems)
	return problems
}

func TestMisplaced(t *testing.T) {
	tests := []struct {
		name    string
		imports map[string][]string
		want    []string
	}{
		{"down", map[string][]string{"a": {module + "/b", module + "/c", "fmt"}, "b": {module + "/c"}, "c": nil, "d": nil}, nil},
		{"up", map[string][]string{"a": nil, "b": nil, "c": {module + "/a"}, "d": nil}, []string{"c imports a, which is 2 layers above it"}},
		{"sideways", map[string][]string{"a": nil, "b": {module + "/d"}, "c": nil, "d": nil}, []string{"b imports d, which is in the same layer"}},
		{"new", map[string][]string{"a": {module + "/e"}, "b": nil, "c": nil, "d": nil, "e": nil}, []string{"e has no place in layers: add it to the lowest layer above all that it imports"}},
		{"gone", map[string][]string{"a": nil, "b": nil, "c": nil}, []string{"d has a place in layers, but there is no such package"}},
		{"for tests", map[string][]string{"a": {module + "/t"}, "b": nil, "c": nil, "d": nil, "t": nil}, []string{"a imports t, which is for tests only", "t has no place in layers: add it to the lowest layer above all that it imports"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, misplaced([][]string{{"a"}, {"b", "d"}, {"c"}}, []string{"t"}, tt.imports))
		})
	}
}
