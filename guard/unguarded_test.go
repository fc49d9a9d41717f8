package guard

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/policy"
)

func TestUnguardedIsToldOncePerRule(t *testing.T) {
	g, log := logged(t, `version: 1
owner: payments
blacklist:
  - id: no-admin
    http: evil.example/admin/**
  - http: other.example
    methods: DELETE
`)
	ctx := context.Background()
	name := func(host string) policy.Call { return policy.Call{Net: host, Via: policy.ViaName} }
	for _, host := range []string{"evil.example:443", "evil.example:80", "good.example", "other.example", "evil.example"} {
		require.NoError(t, g.Check(ctx, name(host)))
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	require.Len(t, lines, 2)
	assert.Regexp(t, `^{"level":"WARN","timestamp":"[^"]+Z","schema":"outguard.unguarded/v1","function":"checkout","rule":"no-admin",`+
		`"place":"policy.yaml:4","owner":"payments","net":"evil.example:443","via":"name"}$`, lines[0])
	assert.Contains(t, lines[1], `"rule":"policy.yaml:6","place":"policy.yaml:6"`)
	require.NoError(t, g.Flush(ctx))
	assert.NotContains(t, log.String(), "outguard.alert", "it is no violation")

	c := name("evil.example:443")
	assert.Zero(t, testing.AllocsPerRun(100, func() { g.Check(ctx, c) }))
}
