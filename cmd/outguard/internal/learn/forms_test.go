package learn_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/cmd/outguard/internal/learn"
	"github.com/outguard/outguard/policy"
)

// With ByAccess, an operation of the same level and on the same resource is allowed too, and no
// other. Operations without resources go by their names.
func TestByAccess(t *testing.T) {
	_, log := learned(t, logOf(t, nothing, place, shop()...), learn.Options{})
	log.ByAccess = true
	r, err := log.Learn(nil)
	require.NoError(t, err)
	assert.Empty(t, r.Left)
	golden(t, "access.yaml", dateless(r.Policy()))
	p, err := policy.Parse("policy.yaml", r.Policy(), place)
	require.NoError(t, err)
	for _, c := range shop() {
		assert.True(t, p.Decide(c).Allowed(), "%v", p.Decide(c).Reason)
	}
	orders, users := "arn:aws:dynamodb:eu-west-1:111122223333:table/orders", "arn:aws:dynamodb:eu-west-1:111122223333:table/users"
	assert.True(t, p.Decide(aws("dynamodb", "Query", orders)).Allowed())
	assert.True(t, p.Decide(aws("dynamodb", "DeleteItem", orders)).Allowed())
	assert.False(t, p.Decide(aws("dynamodb", "DeleteItem", users)).Allowed(), "only read there")
	assert.False(t, p.Decide(aws("s3", "ListAccessPoints")).Allowed())
}

// The role has each action on what was called, and nothing else.
func TestIAM(t *testing.T) {
	r, _ := learned(t, logOf(t, nothing, place, shop()...), learn.Options{})
	golden(t, "role.json", string(r.IAM()))
	var doc struct {
		Statement []struct{ Action, Resource []string }
	}
	require.NoError(t, json.Unmarshal(r.IAM(), &doc))
	for _, s := range doc.Statement {
		for _, action := range s.Action {
			assert.NotContains(t, action, "*")
		}
	}
	none, _ := learned(t, logOf(t, nothing, place, web("GET", "https://a.example/")), learn.Options{})
	assert.Nil(t, none.IAM())
}

func TestRulesForPrograms(t *testing.T) {
	r, _ := learned(t, logOf(t, nothing, place, shop()...), learn.Options{})
	rules := r.Rules()
	assert.Equal(t, strings.Count(string(r.Policy()), "\n      - "), len(rules))
	calls := 0
	for _, rule := range rules {
		assert.Equal(t, "checkout", rule.Section)
		assert.NotEmpty(t, rule.Entry)
		assert.NotContains(t, rule.Entry[0], "#")
		calls += rule.Calls
	}
	assert.GreaterOrEqual(t, calls, len(shop())-5)
}
