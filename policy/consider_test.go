package policy

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const considered = `
on_violation: block
whitelist:
  - http: https://api.stripe.com/v1/**
    methods: [GET, POST]
  - http: [https://a.test, "https://*.b.test"]
    except: https://evil.b.test
  - aws: dynamodb:PutItem
    resources: table/orders
blacklist:
  - http: any
    methods: [DELETE]
    on_violation: log
  - ip: loopback
    id: no-loopback
    reason: nothing listens there
`

func TestConsider(t *testing.T) {
	p := parse(t, considered)
	table := AWSCall{Service: "dynamodb", Operation: "PutItem", Resources: []string{"arn:aws:dynamodb:eu-west-1:111122223333:table/cards"}}
	for _, c := range []struct {
		name string
		call Call
		rule int // its number
		want bool
		why  string
	}{
		{"allowed", httpCall(t, "GET https://api.stripe.com/v1/x"), 0, true, ""},
		{"another method", httpCall(t, "PUT https://api.stripe.com/v1/x"), 0, false, "not method PUT"},
		{"another host", httpCall(t, "GET https://c.test/"), 0, false, "the rule does not match host c.test"},
		{"one of several", httpCall(t, "GET https://x.b.test/"), 1, true, ""},
		{"excepted", httpCall(t, "GET https://evil.b.test/"), 1, false, "excluded by the rule's except:"},
		{"another table", Call{AWS: table}, 2, false, "table/cards"},
		{"a method that is forbidden", httpCall(t, "DELETE https://api.stripe.com/v1/x"), 3, true, "forbids"},
		{"another method for the blacklist", httpCall(t, "GET https://api.stripe.com/v1/x"), 3, false, "not method GET"},
		{"an address", httpCall(t, "GET http://127.0.0.1/"), 4, true, "nothing listens there"},
		{"no address", httpCall(t, "GET https://api.stripe.com/v1/x"), 4, false, "the rule does not match host api.stripe.com"},
	} {
		t.Run(c.name, func(t *testing.T) {
			all := p.Consider(c.call)
			require.Len(t, all, 5)
			one := all[c.rule]
			assert.Equal(t, c.want, one.Applies, one.Why)
			if c.why == "" {
				assert.Empty(t, one.Why)
			} else {
				assert.Contains(t, one.Why, c.why)
			}
		})
	}
}

func TestRulesInEffect(t *testing.T) {
	p := parse(t, considered)
	rules := p.Rules()
	require.Len(t, rules, 5)
	var lines [][]string
	for _, r := range rules {
		lines = append(lines, r.Lines)
	}
	assert.Equal(t, [][]string{
		{"http: https://api.stripe.com/v1/**", "methods: [GET, POST]"},
		{"http: [https://a.test, https://*.b.test]", "except: https://evil.b.test"},
		{"aws: dynamodb:PutItem", "resources: table/orders"},
		{"http: any", "methods: DELETE"},
		{"ip: loopback"},
	}, lines)
	assert.Equal(t, []Verdict{Allow, Allow, Allow, Log, Block}, []Verdict{rules[0].Verdict, rules[1].Verdict, rules[2].Verdict, rules[3].Verdict, rules[4].Verdict})
	assert.True(t, p.Info()[0].DefaultDeny)
	assert.False(t, parse(t, "blacklist: []").Info()[0].DefaultDeny)
	assert.Empty(t, (*Policy)(nil).Rules())
	assert.Empty(t, (*Policy)(nil).Consider(Call{Net: "a:1"}))
}

// The rules of a file are those of all its functions and stages.
func TestRulesOfAFile(t *testing.T) {
	f, err := ParseFile("p", []byte("version: 1\nfunctions:\n  a:\n    whitelist:\n    - http: a.test\n      id: first\n      stages: [dev]\nblacklist:\n- http: ${X}\n"))
	require.NoError(t, err)
	assert.Equal(t, []RuleRef{{ID: "first", File: "p", Line: 5, Column: 7}, {ID: "p:9", File: "p", Line: 9, Column: 3}}, f.Rules())
}
