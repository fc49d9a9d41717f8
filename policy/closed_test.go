package policy

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/outguard/outguard/internal/awsops/names"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/rule"
	"github.com/outguard/outguard/internal/syntax"
)

// "any" of one kind opens the calls of that kind alone. A name that is looked up may be for a call
// of several kinds.
func TestAnyOpensItsKindAlone(t *testing.T) {
	calls := map[string]Call{
		"request":    httpCall(t, "GET https://a.test/"),
		"operation":  {AWS: AWSCall{Service: "sqs", Operation: "SendMessage"}},
		"connection": {Net: "a.test:25"},
		"proxy":      {Net: "a.test:25", Via: ViaProxy},
		"name":       {Net: "a.test", Via: ViaName},
		"dial":       {Net: "a.test:25", Via: ViaDial},
		"AWS name":   {Net: "sqs.eu-west-1.amazonaws.com", Via: ViaName},
	}
	opens := map[string][]string{
		"http": {"request", "name", "dial", "AWS name"},
		"aws":  {"operation", "AWS name"},
		"net":  {"connection", "proxy", "name", "dial", "AWS name"},
	}
	for _, key := range rule.KindKeys() {
		if !rule.KindOf(key).Opens {
			continue
		}
		assert.Contains(t, opens, key, "the kind %s has no calls here", key)
		p := parse(t, "whitelist:\n- "+key+": any\n  reason: test\n")
		for name, call := range calls {
			assert.Equal(t, slices.Contains(opens[key], name), p.Decide(call).Allowed(), "%s: any and a call that is a %s", key, name)
		}
	}
}

// Each key of a rule changes what is decided about some call, whatever the subject that it goes
// with: a key that is read and that an engine does not know would widen every whitelist rule that
// has it. So would one that a layer with partial sight takes to be met. Diff reports each such
// change, or that it may have missed some; that goes for each kind of rule, too.
func TestEveryKeyHasAnEffect(t *testing.T) {
	const queue = "arn:aws:sqs:eu-west-1:111122223333:orders"
	subjects := map[string]struct {
		subject, except string
		call            Call
		seen            string // what a layer with partial sight sees of it
	}{
		"http": {"a.test", "a.test/x", httpCall(t, "GET https://a.test/x"), "a.test:443"},
		"aws":  {"sqs:*", "sqs:SendMessage", Call{AWS: AWSCall{Service: "sqs", Operation: "SendMessage", Resources: []string{queue}}}, "sqs.eu-west-1.amazonaws.com:443"},
		"ip":   {"192.0.2.0/24", "192.0.2.1", httpCall(t, "GET https://192.0.2.1/x"), "192.0.2.1:443"},
		"net":  {"a.test", "a.test:25", Call{Net: "a.test:25"}, "a.test:25"},
	}
	values := map[string]struct{ list, value string }{
		"id":           {"blacklist", "mine"},
		"reason":       {"blacklist", "why"},
		"on_violation": {"blacklist", "block"},
		"except":       {"blacklist", ""}, // see subjects
		"methods":      {"whitelist", "POST"},
		"stages":       {"whitelist", "prod"},
		"until":        {"whitelist", "2001-02-03"},
		"access":       {"whitelist", "read"},
		"resources":    {"whitelist", "others"},
		"regions":      {"whitelist", "us-east-1"},
		"accounts":     {"whitelist", `"444455556666"`},
		"callers":      {"whitelist", "example.com/shop/..."},
	}
	for _, kind := range rule.KindKeys() {
		text := "whitelist:\n- " + kind + ": " + subjects[kind].subject + "\n"
		assertDiffers(t, parse(t, "whitelist: []"), parse(t, text), "a rule with "+kind+":")
	}
	for _, key := range syntax.RuleKeys() {
		if slices.Contains(syntax.SubjectKeys(pattern.Wide), key) {
			continue
		}
		if key == "unlisted" {
			continue // it changes which services load: see TestServicesNewerThanTheTables
		}
		v, ok := values[key]
		if !assert.True(t, ok, "the key %s has no example here", key) {
			continue
		}
		tested := 0
		for _, kind := range rule.KindKeys() {
			s, ok := subjects[kind]
			if !assert.True(t, ok, "the kind %s has no example here", kind) {
				continue
			}
			if key == "except" {
				v.value = s.except
			}
			text := "version: 1\nstage: dev\n" + v.list + ":\n- " + kind + ": " + s.subject + "\n"
			with, err := Parse("policy.yaml", []byte(text+"  "+key+": "+v.value+"\n"), Env{Function: "f", Region: "eu-west-1", Account: "111122223333"})
			if err != nil {
				assert.ErrorContains(t, err, key+": in a rule with "+kind, "%s with %s", kind, key)
				continue
			}
			tested++
			without := parse(t, strings.TrimPrefix(text, "version: 1\n"))
			before, after := without.Decide(s.call), with.Decide(s.call)
			assert.NotEqual(t, said(before), said(after), "%s: has no effect on a rule with %s:", key, kind)
			if v.list == "whitelist" {
				part := with.Decide(Call{Net: s.seen, Via: ViaContext})
				assert.False(t, part.isAllowed(), "%s: of a rule with %s: counts as met, where it cannot be seen", key, kind)
			}
			if before.Verdict != after.Verdict {
				assertDiffers(t, without, with, key+": in a rule with "+kind+":")
			}
		}
		assert.Positive(t, tested, "%s goes with no subject", key)
	}
}

// assertDiffers asserts that Diff finds a change between two policies, or says that it may have
// missed one.
func assertDiffers(t *testing.T, old, new *Policy, what string) {
	t.Helper()
	changes, exact := (&Differ{Operations: names.Of}).Diff(old, new)
	assert.True(t, len(changes) > 0 || !exact, "Diff finds no change, and calls that exact: %s", what)
}

// Diff does not call itself exact about a kind of rule that it tries no calls for.
func TestDiffOfAnUnknownKindIsNotExact(t *testing.T) {
	odd := parse(t, "whitelist: [{http: a.test}]")
	odd.rules[0].Kind = 0
	_, exact := (&Differ{Operations: names.Of}).Diff(parse(t, "whitelist: []"), odd)
	assert.False(t, exact)
}

// A rule in neither list is refused.
func TestNewPolicyRefusesARuleInNeitherList(t *testing.T) {
	_, err := newPolicy(settings{}, []rule.Rule{{Kind: rule.HTTP, Any: true, Origin: rule.Origin{ID: "r"}}})
	assert.ErrorContains(t, err, "rule r is in neither list")
}
