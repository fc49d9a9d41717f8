package policy_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/policy"
)

func TestAtMost(t *testing.T) {
	parse := func(text string) *policy.Policy {
		p, err := policy.Parse("policy.yaml", []byte(text), policy.Env{Region: "eu-west-1", Account: "111122223333"})
		require.NoError(t, err)
		return p
	}
	blocks := parse("version: 1\non_violation: block\non_unguarded: block\nblock_fails: at_once\nwhitelist: [{http: api.example.com}]\n" +
		"blacklist: [{http: a.example, on_violation: block}, {http: b.example, on_violation: log}]\n")
	logs := parse("version: 1\non_violation: log\nwhitelist: []\n")
	verdict := func(p *policy.Policy, url string) policy.Verdict {
		r, err := http.NewRequest("GET", url, nil)
		require.NoError(t, err)
		return p.Decide(policy.Call{HTTP: r, Via: policy.ViaTransport}).Verdict
	}
	for _, c := range []struct {
		name string
		p    *policy.Policy
		url  string
		want policy.Verdict
	}{
		{"as it is", blocks, "https://c.example/", policy.Block},
		{"at most a block", blocks.AtMost(policy.Block), "https://c.example/", policy.Block},
		{"a miss", blocks.AtMost(policy.Alert), "https://c.example/", policy.Alert},
		{"a rule of its own", blocks.AtMost(policy.Alert), "https://a.example/", policy.Alert},
		{"a milder rule", blocks.AtMost(policy.Alert), "http://b.example/", policy.Alert}, // the miss
		{"allowed", blocks.AtMost(policy.Alert), "https://api.example.com/", policy.Allow},
		{"log stays", logs.AtMost(policy.Alert), "https://c.example/", policy.Log},
		{"at most a line", blocks.AtMost(policy.Log), "https://c.example/", policy.Log},
		{"joined", policy.Join(blocks, logs).AtMost(policy.Alert), "https://c.example/", policy.Alert},
		{"one of two", policy.Join(blocks, blocks.AtMost(policy.Alert)), "https://c.example/", policy.Block},
		{"an endpoint of Lambda", blocks.AtMost(policy.Alert), "http://169.254.170.2/creds", policy.Alert},
		{"nothing", (*policy.Policy)(nil).AtMost(policy.Alert), "https://c.example/", policy.Block},
		{"zero", new(policy.Policy).AtMost(policy.Alert), "https://c.example/", policy.Block},
	} {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.want, verdict(c.p, c.url)) })
	}
	info := blocks.AtMost(policy.Alert).Info()[0]
	assert.Equal(t, policy.Alert, info.OnViolation)
	assert.Equal(t, policy.Alert, info.OnUnguarded)
	assert.False(t, info.AtOnce)
	assert.Equal(t, blocks.Info()[0].SHA256, info.SHA256)
	assert.Equal(t, policy.Block, verdict(blocks, "https://a.example/"), "p itself does not change")
	assert.True(t, blocks.Info()[0].AtOnce)
}
