package deploy

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/awslabs/goformation/v7/intrinsics"
	"github.com/awslabs/goformation/v7/schema"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/outguard/outguard/guard"
	"github.com/outguard/outguard/policy"
	"github.com/outguard/outguard/source"
)

// A template is what the tests read of one.
type template struct {
	Parameters map[string]any
	Resources  map[string]struct {
		Type       string
		Properties map[string]any
	}
}

func templates(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.yaml")
	require.NoError(t, err)
	require.Len(t, files, 3)
	return files
}

// resolved returns a template with its intrinsic functions resolved: Sub keeps the names of what is
// not known.
func resolved(t *testing.T, file string) (text []byte, parsed template) {
	t.Helper()
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	text, err = intrinsics.ProcessYAML(raw, &intrinsics.ProcessorOptions{
		IntrinsicHandlerOverrides: map[string]intrinsics.IntrinsicHandler{
			"Ref": func(_ string, in any, _ any) any {
				if in == "BlocksPerMinute" {
					return 100
				}
				return in
			},
			"Fn::GetAtt": func(_ string, in any, _ any) any { return fmt.Sprint(in) },
			"Fn::Sub":    func(_ string, in any, _ any) any { return in },
		},
	})
	require.NoError(t, err, file)
	require.NoError(t, json.Unmarshal(text, &parsed), file)
	return text, parsed
}

// TestTemplatesAreCloudFormation validates each resource by its type's schema in AWS's resource
// specification: its properties, their kinds, and those that it needs.
func TestTemplatesAreCloudFormation(t *testing.T) {
	spec, err := jsonschema.UnmarshalJSON(strings.NewReader(schema.CloudformationSchema))
	require.NoError(t, err)
	definitions := spec.(map[string]any)["definitions"].(map[string]any)
	compiled := map[string]*jsonschema.Schema{}
	validate := func(kind string, resource any) error {
		s := compiled[kind]
		if s == nil { // of the thousands of types, this one
			own := map[string]any{}
			for name, d := range definitions {
				if name == kind || strings.HasPrefix(name, kind+".") || !strings.Contains(name, "::") {
					own[name] = d
				}
			}
			c := jsonschema.NewCompiler()
			require.NoError(t, c.AddResource("cloudformation.json", map[string]any{"definitions": own}))
			s, err = c.Compile("cloudformation.json#/definitions/" + kind)
			require.NoError(t, err, kind)
			compiled[kind] = s
		}
		return s.Validate(resource)
	}
	for _, file := range templates(t) {
		text, _ := resolved(t, file)
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		require.NoError(t, err)
		resources := v.(map[string]any)["Resources"].(map[string]any)
		require.NotEmpty(t, resources, file)
		for name, r := range resources {
			assert.NoError(t, validate(r.(map[string]any)["Type"].(string), r), "%s: %s", file, name)
		}
	}
	const kind = "AWS::AppConfig::Application"
	assert.Error(t, validate(kind, map[string]any{"Type": kind, "Properties": map[string]any{"Nam": "x"}}), "the schema finds a wrong property")
}

// TestReferencesExist checks what !Ref, !GetAtt and !Sub name.
func TestReferencesExist(t *testing.T) {
	for _, file := range templates(t) {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		var root yaml.Node
		require.NoError(t, yaml.Unmarshal(raw, &root))
		_, parsed := resolved(t, file)
		known := func(name string) bool {
			_, parameter := parsed.Parameters[name]
			_, resource := parsed.Resources[name]
			return parameter || resource || strings.HasPrefix(name, "AWS::")
		}
		seen := 0
		var walk func(n *yaml.Node)
		walk = func(n *yaml.Node) {
			switch n.Tag {
			case "!Ref", "!GetAtt":
				name, _, _ := strings.Cut(n.Value, ".")
				assert.True(t, known(name), "%s:%d: %s", file, n.Line, n.Value)
				seen++
			case "!Sub":
				for _, m := range regexp.MustCompile(`\$\{([^}!]+)\}`).FindAllStringSubmatch(n.Value, -1) {
					name, _, _ := strings.Cut(m[1], ".")
					assert.True(t, known(name), "%s:%d: %s", file, n.Line, m[1])
					seen++
				}
			}
			for _, c := range n.Content {
				walk(c)
			}
		}
		walk(&root)
		assert.Positive(t, seen)
	}
}

// templateQueries returns the queries in watch.yaml: those that are saved and those of the
// dashboard.
func templateQueries(t *testing.T) (queries []string) {
	t.Helper()
	_, parsed := resolved(t, "watch.yaml")
	for _, r := range parsed.Resources {
		switch r.Type {
		case "AWS::Logs::QueryDefinition":
			queries = append(queries, r.Properties["QueryString"].(string))
		case "AWS::CloudWatch::Dashboard":
			for _, w := range dashboard(t, r.Properties).Widgets {
				if w.Properties.Query != "" {
					queries = append(queries, w.Properties.Query)
				}
			}
		}
	}
	require.Len(t, queries, 3)
	return queries
}

type widgets struct {
	Widgets []struct {
		Properties struct {
			Query   string
			Metrics [][]string
		}
	}
}

func dashboard(t *testing.T, properties map[string]any) (w widgets) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(properties["DashboardBody"].(string)), &w))
	return w
}

func TestTheInsightRule(t *testing.T) {
	_, parsed := resolved(t, "watch.yaml")
	var rule struct {
		Contribution struct {
			Keys    []string
			ValueOf string
			Filters []struct {
				Match string
				In    []string
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(parsed.Resources["TopRules"].Properties["RuleBody"].(string)), &rule))
	n := schemas(t)[rule.Contribution.Filters[0].In[0]]
	require.NotNil(t, n)
	for _, key := range append(rule.Contribution.Keys, rule.Contribution.ValueOf, rule.Contribution.Filters[0].Match) {
		assert.True(t, n.has(strings.TrimPrefix(key, "$.")), key)
	}
}

func TestTheEventPattern(t *testing.T) {
	_, parsed := resolved(t, "watch.yaml")
	pattern := parsed.Resources["Bus"].Properties["EventPattern"].(map[string]any)
	assert.Equal(t, []any{"outguard"}, pattern["source"])
	assert.Equal(t, []any{"Outguard Violation"}, pattern["detail-type"])
	alert := schemas(t)["outguard.alert/v1"]
	for key := range pattern["detail"].(map[string]any) {
		assert.True(t, alert.has(key), key)
	}
}

// A record is standard output.
type record struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.Write(p)
}

// A fixed source has one policy.
type fixed string

func (f fixed) Fetch(context.Context, string) ([]byte, []byte, string, error) {
	return []byte(f), nil, "1", nil
}

// emitted returns the metrics that a guard emits: "Violations Stage Verdict".
func emitted(t *testing.T) (all []string) {
	t.Helper()
	const text = "version: 1\nstage: prod\non_violation: block\nwhitelist: []\n"
	p, err := policy.Parse("policy.yaml", []byte(text), policy.Env{Function: "pay"})
	require.NoError(t, err)
	log := &record{}
	g := guard.New(p, &guard.Options{
		Function: "pay", Stage: "prod", Stdout: log, Getenv: func(string) string { return "" }, Source: source.Of("test", fixed(text)), SourceAtStart: true,
	})
	t.Cleanup(func() { g.Close() })
	require.Error(t, g.Check(t.Context(), policy.Call{Net: "evil.example:443", Via: policy.ViaDial}))
	log.mu.Lock()
	defer log.mu.Unlock()
	for line := range strings.Lines(log.b.String()) {
		var l struct {
			AWS struct {
				CloudWatchMetrics []struct {
					Namespace  string
					Dimensions [][]string
					Metrics    []struct{ Name string }
				}
			} `json:"_aws"`
		}
		require.NoError(t, json.Unmarshal([]byte(line), &l))
		for _, d := range l.AWS.CloudWatchMetrics {
			for _, set := range d.Dimensions {
				all = append(all, strings.Join(append([]string{d.Namespace, d.Metrics[0].Name}, set...), " "))
			}
		}
	}
	return all
}

// TestAlarmsWatchMetricsThatExist compares the metrics of alarms and of the dashboard with what a
// guard emits.
func TestAlarmsWatchMetricsThatExist(t *testing.T) {
	metrics := emitted(t)
	require.Contains(t, metrics, "Outguard Violations Stage Verdict")
	require.Contains(t, metrics, "Outguard PolicyAge Stage")
	checked := 0
	for _, file := range templates(t) {
		_, parsed := resolved(t, file)
		for name, r := range parsed.Resources {
			var watched []string
			switch r.Type {
			case "AWS::CloudWatch::Alarm":
				one := []string{r.Properties["Namespace"].(string), r.Properties["MetricName"].(string)}
				for _, d := range r.Properties["Dimensions"].([]any) {
					one = append(one, d.(map[string]any)["Name"].(string))
				}
				watched = append(watched, strings.Join(one, " "))
			case "AWS::CloudWatch::Dashboard":
				for _, w := range dashboard(t, r.Properties).Widgets {
					for _, m := range w.Properties.Metrics {
						one := m[:2:2]
						for i := 2; i < len(m); i += 2 {
							one = append(one, m[i])
						}
						watched = append(watched, strings.Join(one, " "))
					}
				}
			}
			for _, w := range watched {
				checked++
				assert.True(t, slices.Contains(metrics, w), "%s: %s watches %q", file, name, w)
			}
		}
	}
	assert.Equal(t, 9, checked)
}
