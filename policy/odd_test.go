package policy

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A policy that nothing made blocks every call, and describes it.
func TestUnmadePoliciesBlock(t *testing.T) {
	made := parse(t, "")
	for name, p := range map[string]*Policy{
		"nil": nil, "zero": new(Policy), "joined of none": Join(), "joined of one nil": Join(nil),
		"joined with a nil": Join(made, nil), "joined with a zero": Join(new(Policy), made),
	} {
		for kind, c := range map[string]Call{
			"http": httpCall(t, "GET https://a.test/"), "net": {Net: "a.test:25"}, "aws": {AWS: AWSCall{Service: "sqs"}}, "": {},
		} {
			d := p.Decide(c)
			assert.Equal(t, "block  -: there is no policy", said(d), "%s %s", name, kind)
			assert.Equal(t, kind, d.Call.Kind, name)
			assert.Equal(t, d.Call.Kind, p.Explain(c).Call.Kind, name)
		}
		assert.Empty(t, p.Info(), name)
		assert.Empty(t, p.Targets(), name)
		assert.Empty(t, p.Warnings(), name)
	}
	assert.Equal(t, "allow", said(Join(made, made).Decide(Call{Net: "a.test:25"})))
}

// Only ViaAddr says that the name has been judged above. In every other layer, the name and the
// address are both judged.
func TestOnlyViaAddrLeavesTheNameOut(t *testing.T) {
	const miss = "alert whitelist -: no whitelist rule matches a.test:443"
	for _, c := range []struct{ policy, addr, other string }{
		{"whitelist: []", "allow", miss},
		{"whitelist:\n- net: a.test:443", "allow", "allow"},
		{"blacklist:\n- net: a.test", "allow", "alert blacklist policy.yaml:3: blacklist rule policy.yaml:3 forbids a.test:443"},
		{"whitelist: []\nblacklist:\n- ip: 192.0.2.0/24\n  on_violation: block", "block blacklist policy.yaml:4: blacklist rule policy.yaml:4 forbids a.test:443", "block blacklist policy.yaml:4: blacklist rule policy.yaml:4 forbids a.test:443"},
		{"whitelist: []\nblacklist:\n- ip: 192.0.2.0/24\n  on_violation: log", "log blacklist policy.yaml:4: blacklist rule policy.yaml:4 forbids a.test:443", miss},
	} {
		p := parse(t, c.policy)
		for via := ViaUnknown; via <= ViaAddr; via++ {
			want := c.other
			if via == ViaAddr {
				want = c.addr
			}
			assert.Equal(t, want, said(p.Decide(Call{Net: "a.test:443", Addr: "192.0.2.1:443", Via: via})), "%s %s", c.policy, via)
		}
	}
}

// A call that is seen whole names a port: without one, an entry for any port may hold for it or
// not.
func TestWholeCallsNameAPort(t *testing.T) {
	for _, text := range []string{"whitelist:\n- net: a.test:5432", "blacklist:\n- net: a.test:25", ""} {
		p := parse(t, text)
		for _, via := range []Via{ViaUnknown, ViaProxy} {
			d := p.Decide(Call{Net: "a.test", Via: via})
			assert.Equal(t, "alert builtin malformed: the destination cannot be read: the call names no port", said(d), text)
		}
		assert.NotEqual(t, "malformed", ruleID(p.Decide(Call{Net: "a.test", Via: ViaName})), text)
	}
	p := parse(t, "on_violation: log\nblacklist:\n- net: a.test\n  on_violation: block")
	assert.Equal(t, Block, p.Decide(Call{Net: "a.test"}).Verdict, "a rule for any port holds")
}

func ruleID(d Decision) string {
	if d.Rule == nil {
		return ""
	}
	return d.Rule.ID
}

// A name that cannot be read does not hide the address that it has resolved to.
func TestAddressesOfNamesThatCannotBeRead(t *testing.T) {
	p := parse(t, "on_violation: log\nblacklist:\n- ip: loopback\n  on_violation: block\n- ip: private\n  on_violation: log")
	for addr, want := range map[string]string{
		"127.0.0.1:80": "block blacklist policy.yaml:4: blacklist rule policy.yaml:4 forbids :80",
		"[::1]:80":     "block blacklist policy.yaml:4: blacklist rule policy.yaml:4 forbids :80",
		"10.0.0.1:80":  "log builtin malformed: the destination cannot be read: the host is empty",
		"192.0.2.1:80": "log builtin malformed: the destination cannot be read: the host is empty",
		"192.0.2.1":    "block blacklist policy.yaml:4: the destination cannot be read: the address dialed is not an IP address and a port, and blacklist rule policy.yaml:4 may forbid such a call",
	} {
		assert.Equal(t, want, said(p.Decide(Call{Net: ":80", Addr: addr, Via: ViaAddr})), addr)
	}
}

// A level that is not known has not been guessed either.
func TestGuessedNeedsALevel(t *testing.T) {
	p := parse(t, "whitelist: []")
	assert.False(t, p.Decide(Call{AWS: AWSCall{Service: "sqs"}}).Guessed)
	assert.True(t, p.Decide(Call{AWS: AWSCall{Service: "sqs", Operation: "PutThing"}}).Guessed)
}

// The entry that admits another runtime client is proposed for the runtime's endpoint alone.
func TestRuntimeEntryIsProposedForTheRuntime(t *testing.T) {
	p := parse(t, "", "AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x")
	for call, want := range map[string]string{
		"GET http://127.0.0.1:9001/x":                    runtimeReason,
		"GET http://169.254.170.2/x":                     credentialReason,
		"GET http://169.254.170.2/x 127.0.0.1:9001":      credentialReason,
		"GET http://127.0.0.1:9001/x 169.254.170.2":      runtimeReason,
		"GET http://127.0.0.1:9001/x [::ffff:127.0.0.1]": runtimeReason,
	} {
		d := p.Decide(httpCall(t, call))
		assert.Equal(t, "alert builtin lambda-runtime: "+want, said(d), call)
		if want == credentialReason {
			assert.Empty(t, d.Allow, call)
		}
	}
}

// A request that nothing can be read of is malformed, whatever is missing.
func TestOddRequests(t *testing.T) {
	p := parse(t, "")
	for name, c := range map[string]Call{
		"no URL":            {HTTP: &http.Request{}},
		"no URL, wire":      {HTTP: &http.Request{}, AWS: AWSCall{Service: "sqs"}, Via: ViaWire},
		"an input alone":    {AWS: AWSCall{Input: 5}},
		"an operation":      {AWS: AWSCall{Operation: "SendMessage"}},
		"an address alone":  {Addr: "192.0.2.1:443", Via: ViaDial},
		"names alone":       {Names: []string{"a.test:443"}, Via: ViaDial},
		"an unknown layer":  {Via: 200},
		"an empty name too": {Net: ":443", Names: []string{""}, Via: ViaName},
	} {
		assert.Equal(t, "malformed", ruleID(p.Decide(c)), name)
		assert.NotPanics(t, func() { p.Explain(c) }, name)
	}
}

// A layer that this version does not know opens nothing: its calls are judged whole.
func TestAnUnknownViaOpensNothing(t *testing.T) {
	nothing := parse(t, "whitelist: []\n")
	forbids := parse(t, "blacklist: [{net: evil.test}, {http: evil.test}, {aws: 'sqs:*'}]\n")
	for via := int(ViaAddr) + 1; via <= 255; via++ {
		for name, c := range map[string]Call{
			"http": httpCall(t, "GET https://evil.test/x"),
			"net":  {Net: "evil.test:443"},
			"aws":  {AWS: AWSCall{Service: "sqs", Operation: "SendMessage", Region: "eu-west-1", Account: "111122223333"}},
			"none": {},
		} {
			c.Via = Via(via)
			assert.False(t, nothing.Decide(c).Allowed(), "%s by %d", name, via)
			assert.False(t, forbids.Decide(c).Allowed(), "%s by %d", name, via)
			assert.Equal(t, "check", c.Via.String())
		}
	}
}

// Numbers that no verdict has are blocks.
func TestUnknownVerdictsBlock(t *testing.T) {
	for v := int(Allow) + 1; v <= 255; v++ {
		assert.Equal(t, "block", Verdict(v).String())
		assert.False(t, (&Decision{Verdict: Verdict(v)}).Allowed())
	}
}
