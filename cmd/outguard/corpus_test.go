package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// corpusCase is one case of the corpora of calls whose real destination is known, as far as the
// command can be shown it: one call, nothing resolved, redirected or changed afterwards.
type corpusCase struct {
	ID       string
	Kind     string
	Stage    string
	Advisory bool
	Why      string
	Policy   struct{ Whitelist, Blacklist *[]corpusRule }
	Request  json.RawMessage
	Touches  []struct{ Resource string }
	Accept   []string
	Go       struct{ Error string }
}

type corpusRule struct {
	Scheme, Host, Path, CIDR  string
	Port, Method              any
	Service, Action, Resource string
}

// TestCorpora judges every case as a user would: the policy as a file, the call as a line of JSON.
func TestCorpora(t *testing.T) {
	for file, kind := range map[string]string{"http.jsonl": "match", "aws.jsonl": "call http"} {
		f, err := os.Open(filepath.Join("..", "..", "policy", "testdata", "corpus", file))
		require.NoError(t, err)
		defer f.Close()
		ran, refused := 0, 0
		for in := bufio.NewScanner(f); in.Scan(); {
			var c corpusCase
			require.NoError(t, json.Unmarshal(in.Bytes(), &c))
			if c.Advisory || !slices.Contains(strings.Fields(kind), c.Stage) {
				continue
			}
			if strings.Contains(c.Go.Error, "serialization failed") {
				continue // the SDK refuses the input, which a line of JSON does not hold
			}
			verdict, err := c.judge(t)
			if err != nil {
				refused++
				continue
			}
			ran++
			assert.Contains(t, c.Accept, verdict, "%s: %s", c.ID, c.Why)
		}
		t.Logf("%s: %d cases judged, %d policies refused by the strict loader", file, ran, refused)
		assert.Greater(t, ran, 10*refused, file)
	}
}

// judge returns "allowed" or "violation"; an error when the policy is refused.
func (c *corpusCase) judge(t *testing.T) (string, error) {
	name := filepath.Join(t.TempDir(), "policy.yaml")
	require.NoError(t, os.WriteFile(name, []byte(c.policyYAML()), 0o600))
	line, flags := c.line()
	var out, errs bytes.Buffer
	args := append([]string{"check", "-json", "-policy", name}, flags...)
	exit := run(args, stdio{strings.NewReader(line), &out, &errs})
	if out.Len() == 0 {
		require.Equal(t, exitUsage, exit)
		return "", fmt.Errorf("%s: %s", c.ID, errs.String())
	}
	require.Empty(t, errs.String(), c.ID)
	var got struct{ Verdict string }
	require.NoError(t, json.Unmarshal(out.Bytes(), &got))
	require.Equal(t, got.Verdict == "allow", exit == exitOK)
	if got.Verdict == "allow" {
		return "allowed", nil
	}
	return "violation", nil
}

// line is the call as outguard check reads it, and the flags that say where it is made.
func (c *corpusCase) line() (string, []string) {
	var r struct {
		Service, Operation string
		HTTP               json.RawMessage
		Config             struct {
			Region      string
			AccountID   string `json:"account_id"`
			EndpointURL string `json:"endpoint_url"`
		}
	}
	json.Unmarshal(c.Request, &r)
	call := map[string]any{}
	switch {
	case c.Kind == "http":
		call["http"] = c.Request
	case r.HTTP != nil:
		call["http"] = r.HTTP
	default:
		var resources []string
		for _, touch := range c.Touches {
			if !slices.Contains(resources, touch.Resource) && touch.Resource != "*" {
				resources = append(resources, touch.Resource)
			}
		}
		call["aws"] = map[string]any{"service": r.Service, "operation": r.Operation, "region": r.Config.Region, "account": r.Config.AccountID, "resources": resources}
		if r.Config.EndpointURL != "" {
			call["http"] = map[string]any{"method": "POST", "url": r.Config.EndpointURL}
		}
	}
	b, _ := json.Marshal(call)
	region, account := r.Config.Region, r.Config.AccountID
	if region == "" {
		region, account = "us-east-1", "111122223333"
	}
	return string(b), []string{"-region", region, "-account", account}
}

func (c *corpusCase) policyYAML() string {
	var b strings.Builder
	b.WriteString("version: 1\non_violation: block\n")
	for _, l := range []struct {
		key   string
		rules *[]corpusRule
	}{{"whitelist", c.Policy.Whitelist}, {"blacklist", c.Policy.Blacklist}} {
		if l.rules == nil || len(*l.rules) == 0 { // in the corpora an empty list is an absent key
			continue
		}
		b.WriteString(l.key + ":\n")
		for _, r := range *l.rules {
			b.WriteString(r.yaml(l.key == "whitelist"))
		}
	}
	return b.String()
}

func (r *corpusRule) yaml(white bool) string {
	switch {
	case r.CIDR != "":
		return fmt.Sprintf("  - ip: %q\n", r.CIDR)
	case r.Service != "":
		out := fmt.Sprintf("  - aws: %q\n", r.Service+":"+r.Action)
		if r.Resource != "*" {
			out += fmt.Sprintf("    resources: %q\n", r.Resource)
		}
		return out
	case r.Host == "*":
		return "  - http: any\n    reason: the case says so\n"
	}
	port := ""
	switch p := r.Port.(type) {
	case float64:
		port = fmt.Sprintf(":%d", int(p))
	case string:
		port = ":" + p
	}
	host := r.Host + port + r.Path
	subjects := []string{host}
	switch {
	case r.Scheme != "":
		subjects[0] = r.Scheme + "://" + host
	case white && port == "":
		subjects = []string{"http://" + r.Host + ":*" + r.Path, "https://" + r.Host + ":*" + r.Path}
	case white:
		subjects = []string{"http://" + host, "https://" + host}
	}
	out := "  - http:\n"
	for _, s := range subjects {
		out += fmt.Sprintf("      - %q\n", s)
	}
	if r.Method != nil {
		methods, _ := json.Marshal(r.Method) // a string or a list of them: also YAML
		out += fmt.Sprintf("    methods: %s\n", methods)
	}
	return out
}
