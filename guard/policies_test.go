package guard_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBrokenPolicies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, policy, message string }{
		{"no file", "", "no policy"},
		{"not YAML", "version: 1\n\t- x", "policy.yaml:2"},
		{"empty", " ", "policy.yaml"},
		{"unknown key", "version: 1\nwhitelsit: []\n", `policy.yaml:2:1: `},
		{"no section", "version: 1\nfunctions:\n  chekout: {}\n", "chekout"},
		{"stage not listed", "version: 1\nstage: qa\non_violation: {prod: block}\n", "qa"},
		{"account not listed", "version: 1\nstage:\n  accounts: {\"444455556666\": prod}\n", "111122223333"},
		{"unset variable", "version: 1\nwhitelist:\n  - http: ${NOT_SET}\n", "NOT_SET"},
		{"two subjects", "version: 1\nwhitelist:\n  - http: a.example\n    aws: s3:*\n", "policy.yaml:4"},
		{"repeated key", "version: 1\nwhitelist: []\nwhitelist: []\n", "policy.yaml:3"},
		{"bad glob", "version: 1\nblacklist:\n  - http: https://a.**.example\n", "policy.yaml:3"},
		{"too wide", "version: 1\nwhitelist:\n  - http: '*.com'\n", "policy.yaml:3"},
		{"unknown action", "version: 1\non_violation: explode\n", "explode"},
	} {
		t.Run(c.name, func(t *testing.T) {
			url, paths := site(t)
			f := start(t, "script", c.policy)
			for range 2 {
				res := send(t, f, script{Get: []string{url + "/ok"}}, nil)
				requireFailed(t, res, "PolicyError", c.message)
			}
			assert.True(t, f.Running())
			assert.Empty(t, paths())
			alerts := logged(t, f.Stdout(), "alert")
			require.NotEmpty(t, alerts)
			assert.Equal(t, "policy", alerts[0].Call.Kind)
			assert.Equal(t, "block", alerts[0].Verdict)
			assert.Contains(t, alerts[0].Reason, c.message)
			assert.Equal(t, 3, total(alerts), "once at load, then with each invocation")
			starts := logged(t, f.Stdout(), "start")
			require.Len(t, starts, 1)
			assert.Equal(t, "refuse", starts[0].Mode)
			assert.Contains(t, starts[0].Error, c.message)

			f = start(t, "fatal", c.policy)
			requireFailed(t, send(t, f, script{}, nil), "Runtime.ExitError", "exit status 1")
			assert.Contains(t, f.Stderr(), c.message)
			assert.Len(t, logged(t, f.Stdout(), "alert"), 1)
			assert.Equal(t, 1, strings.Count(f.Stdout(), `"_aws":`), "the line is the metric, too")
		})
	}
}

func TestLargePolicy(t *testing.T) {
	t.Parallel()
	url, _ := site(t)
	rule := "      - http: https://api%d.example\n        reason: " + strings.Repeat("long ", 200) + "\n"
	var text strings.Builder
	text.WriteString(rules(url, "block"))
	for n := 0; text.Len() < 900<<10; n++ {
		fmt.Fprintf(&text, rule, n)
	}
	f := start(t, "script", text.String(), "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=1024")
	require.Nil(t, send(t, f, script{Get: []string{url + "/ok"}}, nil).Error)
	requireFailed(t, send(t, f, script{Get: []string{url + "/no"}}, nil), "BlockedError", "/no")
}

func TestStartLine(t *testing.T) {
	t.Parallel()
	url, _ := site(t)
	f := start(t, "script", rules(url, "block", "      - aws: s3:GetObject", ""))
	for range 2 {
		require.Nil(t, send(t, f, script{}, nil).Error)
	}
	starts := logged(t, f.Stdout(), "start")
	require.Len(t, starts, 1)
	s := starts[0]
	assert.Equal(t, "checkout", s.Function)
	assert.Equal(t, "block", s.Mode)
	assert.Equal(t, 2, s.Rules)
	assert.Equal(t, map[string]string{"http": "on", "aws": "off", "context": "on", "names": "on", "build": "off"}, s.Layers)
	require.Len(t, s.Policies, 1)
	assert.Equal(t, "policy.yaml", s.Policies[0].File)
	assert.Len(t, s.Policies[0].SHA256, 64)
	assert.Empty(t, s.Warnings)
	assert.Equal(t, 1, strings.Count(f.Stdout(), "AWS() was not called until the end of the first invocation"))
}

func TestWarningsAreLoggedOnce(t *testing.T) {
	t.Parallel()
	f := start(t, "script", "version: 1\nwhitelist:\n  - http: a.example\n    until: 2020-01-01\n")
	for range 3 {
		require.Nil(t, send(t, f, script{}, nil).Error)
	}
	assert.Equal(t, 1, strings.Count(f.Stdout(), "2020-01-01"))
	starts := logged(t, f.Stdout(), "start")
	require.Len(t, starts, 1)
	require.Len(t, starts[0].Warnings, 1)
	assert.Contains(t, starts[0].Warnings[0], "policy.yaml:4:")
}

func TestASecondGuardJudgesToo(t *testing.T) {
	t.Parallel()
	url, _ := site(t)
	f := start(t, "second guard", rules(url, "block"), "SECOND="+strings.Replace(rules(url, "block"), "/ok", "/second", 1))
	requireFailed(t, send(t, f, script{Get: []string{url + "/second"}}, nil), "BlockedError", "policy.yaml")
	requireFailed(t, send(t, f, script{Get: []string{url + "/ok"}}, nil), "BlockedError", "second.yaml")
	starts := logged(t, f.Stdout(), "start")
	require.Len(t, starts, 1)
	assert.Equal(t, "second.yaml", starts[0].Policies[0].File)
	assert.Contains(t, strings.Join(starts[0].Warnings, "\n"), "OUTGUARD_POLICY")
}
