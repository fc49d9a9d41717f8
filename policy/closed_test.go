package policy

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/rule"
	"github.com/outguard/outguard/internal/syntax"
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

// Each key of a rule changes what is decided about some call: a key that is read and that no engine
// knows would widen every whitelist rule that has it.
func TestEveryKeyHasAnEffect(t *testing.T) {
	const queue, other = "arn:aws:sqs:eu-west-1:111122223333:orders", "arn:aws:sqs:us-east-1:444455556666:orders"
	sqs := func(arn string) Call {
		return Call{AWS: AWSCall{Service: "sqs", Operation: "SendMessage", Resources: []string{arn}}}
	}
	http := httpCall(t, "GET https://a.test/x")
	effects := map[string]struct {
		rule, with string
		call       Call
	}{
		"id":           {"blacklist:\n- http: a.test", "id: mine", http},
		"reason":       {"blacklist:\n- http: a.test", "reason: why", http},
		"on_violation": {"blacklist:\n- http: a.test", "on_violation: block", http},
		"except":       {"whitelist:\n- http: a.test", "except: a.test/x", http},
		"methods":      {"whitelist:\n- http: a.test", "methods: POST", http},
		"stages":       {"stage: dev\nwhitelist:\n- http: a.test", "stages: prod", http},
		"until":        {"whitelist:\n- http: a.test", "until: 2001-02-03", http},
		"access":       {"whitelist:\n- aws: sqs:*", "access: read", sqs(queue)},
		"resources":    {"whitelist:\n- aws: sqs:*", "resources: others", sqs(queue)},
		"regions":      {"whitelist:\n- aws: sqs:*", "regions: us-east-1", sqs(queue)},
		"accounts":     {"whitelist:\n- aws: sqs:*", `accounts: "444455556666"`, sqs(other)},
	}
	for _, key := range syntax.RuleKeys() {
		if slices.Contains(syntax.SubjectKeys(pattern.Wide), key) {
			continue
		}
		e, ok := effects[key]
		if assert.True(t, ok, "the key %s has no example here", key) {
			assert.Contains(t, e.with, key+":")
			without, with := parse(t, e.rule+"\n"), parse(t, e.rule+"\n  "+e.with+"\n")
			assert.NotEqual(t, said(without.Decide(e.call)), said(with.Decide(e.call)), "%s has no effect on %s", key, e.rule)
		}
	}
}

// A rule in neither list is refused.
func TestNewPolicyRefusesARuleInNeitherList(t *testing.T) {
	_, err := newPolicy(settings{}, []rule.Rule{{Kind: rule.HTTP, Any: true, Origin: rule.Origin{ID: "r"}}})
	assert.ErrorContains(t, err, "rule r is in neither list")
}
