package policy

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The environment exempts only what is on this machine or link.
func TestExemptionsAreLocal(t *testing.T) {
	for _, c := range []struct {
		env  []string
		call Call
		want bool
	}{
		{[]string{"AWS_XRAY_DAEMON_ADDRESS", "evil.test:443"}, httpCall(t, "GET https://evil.test/GetSamplingRules"), false},
		{[]string{"AWS_XRAY_DAEMON_ADDRESS", "203.0.113.1:2000"}, httpCall(t, "POST http://203.0.113.1:2000/GetSamplingRules"), false},
		{[]string{"AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1:2000"}, httpCall(t, "POST http://127.0.0.1:2000/GetSamplingRules"), true},
		{[]string{"AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1:2000"}, httpCall(t, "POST http://127.0.0.1:2000/SamplingTargets"), true},
		{[]string{"AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1:2000"}, httpCall(t, "POST http://127.0.0.1:2000/upload"), false},
		{[]string{"AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1:2000"}, httpCall(t, "POST https://127.0.0.1:2000/SamplingTargets"), false},
		{[]string{"AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1:2000"}, netSeen("name 127.0.0.1:2000"), true},
		{[]string{"AWS_XRAY_DAEMON_ADDRESS", "evil.test:443"}, netSeen("name evil.test:443"), false},
		{[]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://evil.test/x"}, credentialCall(t, "http://evil.test/x"), false},
		{[]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.1.1/x"}, credentialCall(t, "http://169.254.1.1/x"), false},
		{[]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/x"}, credentialCall(t, "http://169.254.170.23/x"), true},
		{[]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://[fd00:ec2::23]/x"}, credentialCall(t, "http://[fd00:ec2::23]/x"), true},
		{[]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost:99/x"}, credentialCall(t, "http://localhost:99/x"), true},
		{[]string{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x"}, credentialCall(t, "http://169.254.170.2/x"), true},
	} {
		d := parse(t, "on_violation: block\nwhitelist: []", c.env...).Decide(c.call)
		assert.Equal(t, c.want, d.Allowed(), "%v %+v: %s", c.env, c.call, d.Reason)
	}
}

func credentialCall(t *testing.T, url string) Call {
	c := httpCall(t, "GET "+url)
	c.AWS.Service, c.Via = "endpoint-credentials", ViaWire
	return c
}

// What a process sets in its own environment exempts nothing.
func TestTheProcessEnvironmentCounts(t *testing.T) {
	set := func(name string) string {
		return map[string]string{"AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:2000", "HTTPS_PROXY": "http://proxy.test:3128", "HOST": "a.test"}[name]
	}
	p, err := Parse("p", []byte("whitelist:\n- http: ${HOST}\n"), Env{Getenv: set, Process: func(string) string { return "" }})
	require.NoError(t, err)
	assert.True(t, p.Decide(httpCall(t, "GET https://a.test/")).Allowed(), "${VAR} is the process's own")
	assert.False(t, p.Decide(httpCall(t, "GET http://127.0.0.1:2000/GetSamplingRules")).Allowed())
	assert.False(t, p.Decide(Call{Net: "proxy.test:3128", Via: ViaProxy}).Allowed())
}

func TestProxiesAreDestinations(t *testing.T) {
	for _, c := range []struct {
		policy, proxy string
		env           []string
		want          string
	}{
		{"whitelist: []", "proxy.test:3128", []string{"HTTPS_PROXY", "http://proxy.test:3128"}, "allow"},
		{"whitelist: []", "proxy.test:80", []string{"http_proxy", "proxy.test"}, "allow"},
		{"whitelist: []", "proxy.test:443", []string{"https_proxy", "https://proxy.test"}, "allow"},
		{"whitelist: []", "proxy.test:1080", []string{"HTTP_PROXY", "socks5://proxy.test"}, "allow"},
		{"whitelist: []", "proxy.test:1080", []string{"HTTP_PROXY", "socks5h://u:p@proxy.test"}, "allow"},
		{"blacklist:\n- ip: private", "10.0.0.1:3128", []string{"HTTP_PROXY", "10.0.0.1:3128"}, "allow"},
		{"whitelist: []", "evil.test:3128", []string{"HTTPS_PROXY", "http://proxy.test:3128"}, "alert whitelist -: no whitelist rule matches evil.test:3128"},
		{"whitelist:\n- http: evil.test:3128", "evil.test:3128", nil, "alert whitelist -: no whitelist rule matches evil.test:3128"},
		{"whitelist:\n- net: evil.test:3128", "evil.test:3128", nil, "allow"},
		{"whitelist:\n- ip: 10.0.0.1", "10.0.0.1:3128", nil, "allow"},
		{"blacklist:\n- http: any", "evil.test:3128", nil, "alert blacklist policy.yaml:3: blacklist rule policy.yaml:3 forbids evil.test:3128"},
	} {
		d := parse(t, c.policy, c.env...).Decide(Call{Net: c.proxy, Via: ViaProxy})
		assert.Equal(t, c.want, said(d), "%s %s %v", c.policy, c.proxy, c.env)
		if d.List == Whitelist && !d.Allowed() {
			assert.Equal(t, "- net: "+c.proxy, d.Allow)
		}
	}
}

// Another runtime client than aws-lambda-go needs a rule that names the runtime API, and that rule
// alone.
func TestAnotherRuntimeClient(t *testing.T) {
	const rule = "whitelist:\n- http: http://${AWS_LAMBDA_RUNTIME_API}/**\n"
	env := []string{"AWS_LAMBDA_RUNTIME_API", "169.254.100.1:9001"}
	next := httpCall(t, "GET http://169.254.100.1:9001/2018-06-01/runtime/invocation/next")
	assert.True(t, parse(t, rule, env...).Decide(next).Allowed())
	assert.True(t, parse(t, rule, env...).Decide(netSeen("name 169.254.100.1:9001")).Allowed())
	for _, other := range []string{"", "whitelist: []", "whitelist:\n- http: any\n  reason: x", "whitelist:\n- ip: link-local"} {
		for _, call := range []Call{next, netSeen("net 169.254.100.1:9001"), netSeen("name 169.254.100.1:9001")} {
			d := parse(t, other, env...).Decide(call)
			require.False(t, d.Allowed(), "%s %+v", other, call)
			assert.Equal(t, "lambda-runtime", d.Rule.ID)
			assert.Equal(t, "- http: http://${AWS_LAMBDA_RUNTIME_API}/**", d.Allow)
		}
	}
	outside := parse(t, rule)
	assert.Zero(t, outside.Info()[0].Rules, "outside Lambda the rule matches no call")
	assert.False(t, outside.Decide(next).Allowed())
}
