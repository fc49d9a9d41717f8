package main

import (
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The ids are documented, in the order of the table, with the same words.
func TestFaultRulesAreDocumented(t *testing.T) {
	data, err := os.ReadFile("../../docs/command.md")
	require.NoError(t, err)
	_, section, ok := strings.Cut(string(data), "### Kinds of faults\n")
	require.True(t, ok)
	section, _, _ = strings.Cut(section, "\n## ")
	var want strings.Builder
	for _, r := range faultRules {
		want.WriteString("| `" + r.id + "` | " + strings.ReplaceAll(r.text, "next:", "`next:`") + " |\n")
	}
	assert.Contains(t, section, want.String())
}

// Each phrase is in the text of some problem, so that no kind of fault stays behind when its words
// change.
func TestFaultRulesNameProblems(t *testing.T) {
	var all strings.Builder
	for _, root := range []string{"../../policy", "../../internal", "."} {
		err := fs.WalkDir(os.DirFS(root), ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || path == "fault_rules.go" {
				return err
			}
			data, err := fs.ReadFile(os.DirFS(root), path)
			all.Write(data)
			return err
		})
		require.NoError(t, err)
	}
	text := all.String()
	for _, r := range faultRules {
		for _, phrase := range r.phrases {
			assert.Contains(t, text, phrase, r.id)
		}
	}
}

func TestRuleOf(t *testing.T) {
	for problem, want := range map[string]string{
		`unknown key "whitelsit"`:                                    "unknown-key",
		`key "http" is repeated (first on line 3)`:                   "repeated-key",
		`${API_HOST} is not set`:                                     "variable",
		`http: "evil.com:0": the port: the entry is left out`:        "no-match",
		`http: "a b": a blank: the rule is left out, because`:        "no-match",
		`http: "a": the entry counts as what it probably means`:      "invalid",
		`"feed" can never match: it is empty`:                        "no-match",
		`"a.example" has no effect: the rule on line 3 covers it`:    "no-effect",
		`http: "*.com" is too wide for a whitelist`:                  "too-wide",
		`stage "prd" is not declared in this file`:                   "stage",
		`no section matches function "chekout"`:                      "function",
		`webhook: is not a URL`:                                      "notify",
		`"x" is something new`:                                       "invalid",
		`the rule ended with 2020-01-31 and allows nothing`:          "expired",
		`"s3:GetObjekt" is not a known operation or action`:          "unknown-operation",
		`methods: "get it" is not an HTTP method`:                    "method",
		`a rule is a mapping, not the text "x"`:                      "structure",
		`*x is a YAML alias`:                                         "unreadable",
		`next policy "n.yaml" has more than 3 KB, which is too much`: "next",
		`callers: "x" matches no module of the binary`:               "callers",
	} {
		assert.Equal(t, want, ruleOf(&fault{Problem: problem, Severity: "error"}), problem)
	}
	assert.Equal(t, "doubtful", ruleOf(&fault{Problem: `"x" is odd`, Severity: "warning"}))
}
