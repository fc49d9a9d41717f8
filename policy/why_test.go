package policy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A proposed entry has the path of the call, in each reading, and no other.
func TestProposedPath(t *testing.T) {
	for path, want := range map[string]string{
		"/":                                "/",
		"/azAZ/0-9._~+@/":                  "/azAZ/0-9._~+@/",
		"/" + strings.Repeat("x", 25):      "/" + strings.Repeat("x", 25),
		"/v12345/x":                        "/v12345/x",
		"/a:b/x":                           "/a:b/x",
		"/receipts/8f14e45fceea167a/a.pdf": "/receipts/8f14e45fceea167a/a.pdf",
	} {
		d := parse(t, "whitelist: []").Decide(httpCall(t, "GET https://a.test"+path))
		assert.Equal(t, "- http: https://a.test"+want+"\n  methods: [GET]", d.Allow)
	}
}

// Which rule is nearest to a call that none allows.
func TestNearestRule(t *testing.T) {
	for _, c := range []struct{ policy, call, want string }{
		{"whitelist:\n- http: a.test/x\n- http: a.test/y", "GET https://a.test/z", "policy.yaml:3"}, // of equals the first
		{"whitelist:\n- http: a.test/x\n- http: http://a.test", "GET https://a.test/z", "policy.yaml:3"},
		{"whitelist:\n- http: http://a.test\n- http: a.test/x", "GET https://a.test/z", "policy.yaml:4"},
		{"whitelist:\n- net: a.test:443", "GET https://a.test/z", "-"},
		{"whitelist:\n- net: a.test:443\n- http: http://a.test", "GET https://a.test/z", "policy.yaml:4"},
		{"whitelist:\n- http: http://a.test\nblacklist:\n- http: a.test/x\n  on_violation: log", "GET https://a.test/x", "policy.yaml:3"},
	} {
		id, d := "-", parse(t, c.policy).Decide(httpCall(t, c.call))
		if d.Rule != nil {
			id = d.Rule.ID
		}
		assert.Equal(t, c.want, id, "%s\n%s", c.policy, c.call)
	}
}

// An IPv6 address that stands for an IPv4 address needs a rule for both. The rule for the other
// has to match as a whole.
func TestEmbeddedAddresses(t *testing.T) {
	const v6 = "64:ff9b::a01:203" // 10.1.2.3
	for _, c := range []struct {
		rules, call string
		want        bool
	}{
		{"- ip: 64:ff9b::/96\n- ip: 10.0.0.0/8", "GET http://[" + v6 + "]/", true},
		{"- ip: 64:ff9b::/96", "GET http://[" + v6 + "]/", false},
		{"- ip: 64:ff9b::/96\n- net: 10.0.0.0/8", "GET http://[" + v6 + "]/", false},
		{"- ip: 64:ff9b::/96\n- http: http://10.1.2.3/x", "GET http://[" + v6 + "]/x", true},
		{"- ip: 64:ff9b::/96\n- http: http://10.1.2.3/x", "GET http://[" + v6 + "]/y", false},
		{"- ip: 64:ff9b::/96\n- http: http://10.1.2.3/x\n  methods: POST", "GET http://[" + v6 + "]/x", false},
		{"- ip: 64:ff9b::/96\n- http: http://10.1.2.3/x\n  methods: POST", "POST http://[" + v6 + "]/x", true},
	} {
		d := parse(t, "whitelist:\n"+c.rules).Decide(httpCall(t, c.call))
		assert.Equal(t, c.want, d.Allowed(), "%s\n%s: %s", c.rules, c.call, d.Reason)
		if !c.want {
			assert.Contains(t, d.Reason, "10.1.2.3")
		}
	}
	for _, c := range []struct {
		rule, call string
		caught     bool
	}{
		{"- ip: 10.0.0.0/8", "GET http://[" + v6 + "]/", true},
		{"- http: http://10.1.2.3/x", "GET http://[" + v6 + "]/x", true},
		{"- http: http://10.1.2.3/x", "GET http://[" + v6 + "]/y", false},
		{"- http: http://10.1.2.3/x\n  methods: POST", "GET http://[" + v6 + "]/x", false},
		{"- http: http://10.1.2.3/x\n  methods: POST", "POST http://[" + v6 + "]/x", true},
	} {
		d := parse(t, "blacklist:\n"+c.rule).Decide(httpCall(t, c.call))
		assert.Equal(t, c.caught, !d.Allowed(), "%s\n%s", c.rule, c.call)
	}
	for _, via := range []Via{ViaUnknown, ViaName} {
		call := Call{Net: "[" + v6 + "]:5432", Via: via}
		assert.True(t, parse(t, "whitelist:\n- net: 10.0.0.0/8\n- net: \"[64:ff9b::]/96\"").Decide(call).Allowed(), via)
		assert.True(t, parse(t, "whitelist:\n- net: \"[64:ff9b::]/96\"\n- net: 10.0.0.0/8").Decide(call).Allowed(), via)
		assert.False(t, parse(t, "whitelist:\n- net: \"[64:ff9b::]/96\"").Decide(call).Allowed(), via)
	}
}
