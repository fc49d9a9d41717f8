package policy_test

import (
	"net/http"
	"testing"
	"testing/fstest"

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

// TestAtMostOfANextPolicy: the next policy is compared with what holds, so it has the same limit.
func TestAtMostOfANextPolicy(t *testing.T) {
	p, err := policy.Parse("policy.yaml", []byte("version: 1\nnext: next.yaml\non_violation: block\nwhitelist: [{http: a.example}]\n"), policy.Env{
		FS: fstest.MapFS{"next.yaml": {Data: []byte("version: 1\non_violation: block\nwhitelist: [{http: b.example}]\n")}},
	})
	require.NoError(t, err)
	limited := policy.Join(p).AtMost(policy.Alert)
	assert.Equal(t, policy.Alert, limited.Info()[0].Next.OnViolation)
	assert.Equal(t, policy.Block, p.Info()[0].Next.OnViolation, "p itself does not change")
	var got []string
	for _, url := range []string{"https://a.example/", "https://b.example/", "https://c.example/"} {
		r, err := http.NewRequest("GET", url, nil)
		require.NoError(t, err)
		limited.DecideBesideNext(policy.Call{HTTP: r, Via: policy.ViaTransport}, func(d, would policy.Decision, _ int) {
			got = append(got, url+" "+d.Verdict.String()+" → "+would.Verdict.String())
		})
	}
	assert.Equal(t, []string{"https://a.example/ allow → alert", "https://b.example/ alert → allow"}, got)
}
