package v1

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A ruleSet is a service's endpoint rules, as AWS writes them.
type ruleSet struct {
	Parameters map[string]struct{ Default any }
	Rules      []rule
}

type rule struct {
	Type       string // "endpoint", "error" or "tree"
	Conditions []call
	Rules      []rule
	Endpoint   struct{ URL any }
}

// A call is a condition, or a function that is an argument.
type call struct {
	Fn     string
	Argv   []any
	Assign string
}

// A rulePartition is a partition of the SDK's own table.
type rulePartition struct {
	ID          string
	Outputs     map[string]any
	RegionRegex string
	Regions     map[string]any
	matches     *regexp.Regexp
}

// goModule returns the folder of a module that this one is built with.
func goModule(t *testing.T, path string) string {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", path).Output()
	require.NoError(t, err)
	return strings.TrimSpace(string(dir))
}

func rulePartitions(t *testing.T) []rulePartition {
	data, err := os.ReadFile(filepath.Join(goModule(t, "github.com/aws/aws-sdk-go-v2"), "internal/endpoints/awsrulesfn/partitions.json"))
	require.NoError(t, err)
	var table struct{ Partitions []rulePartition }
	require.NoError(t, json.Unmarshal(data, &table))
	for i, p := range table.Partitions {
		table.Partitions[i].matches = regexp.MustCompile(p.RegionRegex)
	}
	return table.Partitions
}

// resolve returns the URL that the rules give for parameters, or "" if they give an error.
func (s *ruleSet) resolve(partitions []rulePartition, params map[string]any) string {
	scope := map[string]any{}
	for name, p := range s.Parameters {
		if p.Default != nil {
			scope[name] = p.Default
		}
	}
	for name, v := range params {
		if _, ok := s.Parameters[name]; ok {
			scope[name] = v
		}
	}
	e := evaluator{partitions}
	url, _ := e.first(s.Rules, scope)
	return url
}

type evaluator struct{ partitions []rulePartition }

// first returns what the first rule says whose conditions hold. An error is "".
func (e evaluator) first(rules []rule, outer map[string]any) (url string, found bool) {
	for _, r := range rules {
		scope := outer
		if slices.ContainsFunc(r.Conditions, func(c call) bool { return c.Assign != "" }) {
			scope = maps.Clone(outer)
		}
		if !e.holds(r.Conditions, scope) {
			continue
		}
		switch r.Type {
		case "error":
			return "", true
		case "endpoint":
			return fmt.Sprint(e.value(r.Endpoint.URL, scope)), true
		}
		return e.first(r.Rules, scope)
	}
	return "", false
}

func (e evaluator) holds(conditions []call, scope map[string]any) bool {
	for _, c := range conditions {
		v := e.call(c, scope)
		if v == nil || v == false {
			return false
		}
		if c.Assign != "" {
			scope[c.Assign] = v
		}
	}
	return true
}

var hostLabel = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9-]{0,62}$`)

var inText = regexp.MustCompile(`\{[^{}]+\}`)

// value evaluates a literal, a text with references in braces, a reference or a function.
func (e evaluator) value(v any, scope map[string]any) any {
	switch v := v.(type) {
	case string:
		if !strings.Contains(v, "{") {
			return v
		}
		return inText.ReplaceAllStringFunc(v, func(ref string) string {
			name, path, nested := strings.Cut(strings.Trim(ref, "{}"), "#")
			if nested {
				return fmt.Sprint(attribute(scope[name], path))
			}
			return fmt.Sprint(scope[name])
		})
	case map[string]any:
		if ref, ok := v["ref"].(string); ok {
			return scope[ref]
		}
		fn, _ := v["fn"].(string)
		argv, _ := v["argv"].([]any)
		return e.call(call{Fn: fn, Argv: argv}, scope)
	}
	return v
}

func attribute(of any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		m, ok := of.(map[string]any)
		if !ok {
			return nil
		}
		of = m[name]
	}
	return of
}

// call runs the functions that the rules for a region and no other parameter use. Any other one
// gives nothing, so that its condition does not hold.
func (e evaluator) call(c call, scope map[string]any) any {
	args := make([]any, len(c.Argv))
	for i, a := range c.Argv {
		args[i] = e.value(a, scope)
	}
	switch c.Fn {
	case "isSet":
		return args[0] != nil
	case "not":
		return args[0] == nil || args[0] == false
	case "booleanEquals", "stringEquals":
		return args[0] == args[1]
	case "getAttr":
		return attribute(args[0], args[1].(string))
	case "isValidHostLabel":
		return hostLabel.MatchString(fmt.Sprint(args[0]))
	case "aws.partition":
		return e.partition(fmt.Sprint(args[0]))
	}
	return nil
}

func (e evaluator) partition(region string) any {
	for _, p := range e.partitions {
		if _, ok := p.Regions[region]; ok || p.matches.MatchString(region) {
			return p.Outputs
		}
	}
	return nil
}
