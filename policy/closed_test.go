package policy

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/outguard/outguard/internal/rule"
)

// "any" of one kind opens that kind alone, for every kind of the table.
func TestAnyOpensItsKindAlone(t *testing.T) {
	calls := map[string]Call{
		"http": httpCall(t, "GET https://a.test/"),
		"aws":  {AWS: AWSCall{Service: "sqs", Operation: "SendMessage"}},
		"net":  {Net: "a.test:25"},
	}
	for _, key := range rule.KindKeys() {
		if !rule.KindOf(key).Opens {
			continue
		}
		assert.Contains(t, calls, key, "the kind %s has no call here", key)
		p := parse(t, "whitelist:\n- "+key+": any\n  reason: test\n")
		for kind, call := range calls {
			assert.Equal(t, kind == key, p.Decide(call).Allowed(), "%s: any and a call of %s", key, kind)
		}
	}
}

// A rule in neither list is refused.
func TestNewPolicyRefusesARuleInNeitherList(t *testing.T) {
	_, err := newPolicy(settings{}, []rule.Rule{{Kind: rule.HTTP, Any: true, Origin: rule.Origin{ID: "r"}}})
	assert.ErrorContains(t, err, "rule r is in neither list")
}
