package policy

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/alloctest"
)

// parse compiles the text of a policy, without its version line.
func parse(t testing.TB, text string, env ...string) *Policy {
	t.Helper()
	vars := map[string]string{}
	for i := 0; i < len(env); i += 2 {
		vars[env[i]] = env[i+1]
	}
	p, err := Parse("policy.yaml", []byte("version: 1\n"+text), Env{
		Function: "f", Region: "eu-west-1", Account: "111122223333", Getenv: func(k string) string { return vars[k] },
		FS: fstest.MapFS{"feed.txt": {Data: []byte("# threats\nbad.test\n0.0.0.0 worse.test\n198.51.100.0/24\n")}},
	})
	require.NoError(t, err, text)
	return p
}

// httpCall is "METHOD url [Host]".
func httpCall(t testing.TB, text string) Call {
	t.Helper()
	f := strings.Fields(text)
	r, err := http.NewRequest(f[0], f[1], nil)
	require.NoError(t, err, text)
	if len(f) > 2 {
		r.Host = f[2]
	}
	return Call{HTTP: r, Via: ViaTransport}
}

// said is a decision in a line: "allow", or "alert whitelist policy.yaml:3: reason".
func said(d Decision) string {
	if d.Allowed() {
		return "allow"
	}
	id := "-"
	if d.Rule != nil {
		id = d.Rule.ID
	}
	return fmt.Sprintf("%s %s %s: %s", d.Verdict, d.List, id, d.Reason)
}

func TestDecideHTTP(t *testing.T) {
	const stripe = "whitelist:\n- http: https://api.stripe.com/v1/**\n  methods: [GET, POST]\n"
	for _, c := range []struct{ policy, call, want string }{
		{"", "GET https://a.test/", "allow"},
		{"whitelist: []", "GET https://a.test/", "alert whitelist -: no whitelist rule matches host a.test"},
		{stripe, "POST https://api.stripe.com/v1/charges", "allow"},
		// What a near miss says.
		{stripe, "DELETE https://api.stripe.com/v1/charges", "alert whitelist policy.yaml:3: policy.yaml:3 matches the host, but not method DELETE: the rule is for GET, POST"},
		{stripe, "get https://api.stripe.com/v1/charges", "alert whitelist policy.yaml:3: policy.yaml:3 matches the host, but not method get: the rule is for GET, POST"},
		{stripe, "GET https://api.stripe.com/v2/x", "alert whitelist policy.yaml:3: policy.yaml:3 matches the host, but not path /v2/x"},
		{stripe, "GET https://api.stripe.com/v1", "alert whitelist policy.yaml:3: policy.yaml:3 matches the host, but not path /v1"},
		{stripe, "GET https://api.stripe.com/v1/..%2fadmin", "alert whitelist policy.yaml:3: policy.yaml:3 matches the host, but not path /admin (as some servers read it)"},
		{stripe, "GET https://api.stripe.com:8443/v1/x", "alert whitelist policy.yaml:3: policy.yaml:3 matches the host, but not port 8443: the rule is for 443"},
		{stripe, "GET http://api.stripe.com/v1/x", "alert whitelist policy.yaml:3: policy.yaml:3 matches the host, but not scheme http: the rule is for https"},
		{stripe, "GET https://api.stripe.com/v1/x evil.test", "alert whitelist -: the request also names https://evil.test: no whitelist rule matches host evil.test"},
		{stripe, "GET https://evil.test/v1/x api.stripe.com", "alert whitelist -: no whitelist rule matches host evil.test"},
		{stripe, "GET https://u:secret@api.stripe.com/v2/?q=secret", "alert whitelist policy.yaml:3: policy.yaml:3 matches the host, but not path /v2/"},
		{"whitelist:\n- http: a.test\n  except: a.test/admin/**", "GET https://a.test/admin/x", "alert whitelist policy.yaml:3: policy.yaml:3 matches the host, but not this call: it is excluded by the rule's except:"},
		// The nearest of several rules is reported.
		{"whitelist:\n- http: http://a.test\n- http: a.test/x\n- http: a.test/y\n  methods: PUT", "GET https://a.test/y", "alert whitelist policy.yaml:5: policy.yaml:5 matches the host, but not method GET: the rule is for PUT"},
		// What a whitelist leaves out is narrow.
		{"whitelist:\n- http: a.test", "GET https://a.test/any/path", "allow"},
		{"whitelist:\n- http: a.test", "GET http://a.test/", "alert whitelist policy.yaml:3: policy.yaml:3 matches the host, but not scheme http: the rule is for https"},
		{"whitelist:\n- http: a.test", "GET https://a.test:444/", "alert whitelist policy.yaml:3: policy.yaml:3 matches the host, but not port 444: the rule is for 443"},
		{"whitelist:\n- http: a.test:*", "GET https://a.test:444/", "allow"},
		{"whitelist:\n- http: http://a.test", "GET http://a.test/", "allow"},
		{"whitelist:\n- http: http://a.test", "GET http://a.test:8080/", "alert whitelist policy.yaml:3: policy.yaml:3 matches the host, but not port 8080: the rule is for 80"},
		{"whitelist:\n- http: http://[2001:db8::1]:8080/x", "GET http://[2001:DB8:0::1]:8080/x", "allow"},
		// What a blacklist leaves out is wide.
		{"blacklist:\n- http: a.test", "GET http://a.test:8080/x", "alert blacklist policy.yaml:3: blacklist rule policy.yaml:3 forbids http://a.test:8080"},
		{"blacklist:\n- http: https://a.test", "GET https://a.test:8080/x", "alert blacklist policy.yaml:3: blacklist rule policy.yaml:3 forbids https://a.test:8080"},
		{"blacklist:\n- http: https://a.test", "GET http://a.test/x", "allow"},
		{"blacklist:\n- http: a.test:81", "GET http://a.test/x", "allow"},
		{"blacklist:\n- http: a.test/admin/**\n  reason: ours alone", "GET https://a.test/admin", "alert blacklist policy.yaml:3: ours alone"},
		{"blacklist:\n- http: a.test\n  methods: DELETE\n  id: no-deletes", "delete https://a.test/", "alert blacklist no-deletes: blacklist rule no-deletes forbids https://a.test"},
		{"blacklist:\n- http: a.test\n  methods: DELETE", "GET https://a.test/", "allow"},
		{"blacklist:\n- http: \"http://*\"", "GET http://a.test/", "alert blacklist policy.yaml:3: blacklist rule policy.yaml:3 forbids http://a.test"},
		{"blacklist:\n- http: \"http://*\"", "GET http://127.0.0.1/", "alert blacklist policy.yaml:3: blacklist rule policy.yaml:3 forbids http://127.0.0.1"},
		{"blacklist:\n- http: \"http://*\"", "GET https://a.test/", "allow"},
		{"blacklist:\n- http: any", "GET https://[::1]/", "alert blacklist policy.yaml:3: blacklist rule policy.yaml:3 forbids https://[::1]"},
		// Blacklist beats whitelist; except: takes out of a rule what it names, and no more.
		{"whitelist:\n- http: \"*.a.test\"\nblacklist:\n- http: x.a.test", "GET https://x.a.test/", "alert blacklist policy.yaml:5: blacklist rule policy.yaml:5 forbids https://x.a.test"},
		{"blacklist:\n- http: \"*.a.test\"\n  except: ok.a.test", "GET https://ok.a.test/", "allow"},
		{"blacklist:\n- http: \"*.a.test\"\n  except: ok.a.test", "GET http://ok.a.test/", "alert blacklist policy.yaml:3: blacklist rule policy.yaml:3 forbids http://ok.a.test"},
		{"blacklist:\n- http: \"*.a.test\"\n  except: ok.a.test/pub/**", "GET https://ok.a.test/pub/../x", "alert blacklist policy.yaml:3: blacklist rule policy.yaml:3 forbids https://ok.a.test"},
		{"blacklist:\n- http: \"*.a.test\"\n  except: ok.a.test/pub/**", "GET https://ok.a.test/pub/x%2f..%2f..%2fx", "alert blacklist policy.yaml:3: blacklist rule policy.yaml:3 forbids https://ok.a.test"},
		{"blacklist:\n- http: [a.test, b.test]\n- http: c.test", "GET https://b.test/", "alert blacklist policy.yaml:3: blacklist rule policy.yaml:3 forbids https://b.test"},
		// The strictest verdict among the rules that match, then the first of them.
		{"blacklist:\n- http: a.test\n  on_violation: log\n- http: a.test/x\n  on_violation: block\n- http: a.test/**\n  on_violation: block", "GET https://a.test/x", "block blacklist policy.yaml:5: blacklist rule policy.yaml:5 forbids https://a.test"},
		{"on_violation: block\nblacklist:\n- http: a.test\n  on_violation: log", "GET https://a.test/x", "log blacklist policy.yaml:4: blacklist rule policy.yaml:4 forbids https://a.test"},
		{"on_violation: block\nwhitelist: []", "GET https://a.test/", "block whitelist -: no whitelist rule matches host a.test"},
		// Wildcards in hosts.
		{"whitelist:\n- http: \"*.a.test\"", "GET https://a.test/", "alert whitelist -: no whitelist rule matches host a.test"},
		{"whitelist:\n- http: \"*.a.test\"", "GET https://x.y.a.test/", "allow"},
		{"whitelist:\n- http: \"db-*.a.test\"", "GET https://db-1.a.test/", "allow"},
		{"whitelist:\n- http: \"db-*.a.test\"", "GET https://db-1.x.a.test/", "alert whitelist -: no whitelist rule matches host db-1.x.a.test"},
		{"whitelist:\n- http: \"*a.b.test\"", "GET https://evila.b.test/", "allow"},
		// Several destinations, each allowed by a rule of its own.
		{"whitelist:\n- http: [a.test, b.test]", "GET https://a.test/ b.test", "allow"},
		{"blacklist:\n- http: b.test", "GET https://a.test/ b.test", "alert blacklist policy.yaml:3: blacklist rule policy.yaml:3 forbids https://a.test"},
		// Tunnels: what goes through has any path.
		{"whitelist:\n- http: https://a.test", "CONNECT https://a.test:443", "allow"},
		{"whitelist:\n- http: https://a.test/x", "CONNECT https://a.test:443", "alert whitelist policy.yaml:3: policy.yaml:3 matches the host, but not a CONNECT tunnel, which cannot be limited to a path"},
		{"blacklist:\n- http: a.test/admin", "CONNECT https://a.test:443", "alert blacklist policy.yaml:3: blacklist rule policy.yaml:3 forbids https://a.test"},
		// Addresses.
		{"blacklist:\n- ip: 10.0.0.0/8", "GET http://10.1.2.3/", "alert blacklist policy.yaml:3: blacklist rule policy.yaml:3 forbids http://10.1.2.3"},
		{"blacklist:\n- ip: 10.0.0.0/8", "GET http://[::ffff:10.1.2.3]/", "alert blacklist policy.yaml:3: blacklist rule policy.yaml:3 forbids http://10.1.2.3"},
		{"blacklist:\n- ip: 10.0.0.0/8", "GET http://[64:ff9b::10.1.2.3]/", "alert blacklist policy.yaml:3: blacklist rule policy.yaml:3 forbids http://[64:ff9b::a01:203]"},
		{"blacklist:\n- ip: 10.0.0.0/8\n  except: 10.0.0.1", "GET http://10.0.0.1/", "allow"},
		{"blacklist:\n- ip: 10.0.0.0/8\n  except: 10.0.0.1", "GET http://10.0.0.2/", "alert blacklist policy.yaml:3: blacklist rule policy.yaml:3 forbids http://10.0.0.2"},
		{"blacklist:\n- ip: loopback", "GET http://localhost/", "alert blacklist policy.yaml:3: blacklist rule policy.yaml:3 forbids http://localhost"},
		{"blacklist:\n- ip: loopback", "GET http://x.localhost/", "alert blacklist policy.yaml:3: blacklist rule policy.yaml:3 forbids http://x.localhost"},
		{"whitelist:\n- ip: loopback", "GET http://x.localhost/", "alert whitelist -: no whitelist rule matches host x.localhost"},
		{"whitelist:\n- http: http://x.localhost", "GET http://x.localhost/", "allow"},
		{"blacklist:\n- ip: loopback", "GET http://0.0.0.0/", "alert blacklist policy.yaml:3: blacklist rule policy.yaml:3 forbids http://0.0.0.0"},
		{"whitelist:\n- ip: 10.0.0.0/8", "GET http://10.1.2.3:99/", "allow"},
		{"whitelist:\n- ip: 10.0.0.0/8", "GET http://10.1/", "alert whitelist -: no whitelist rule matches host 10.1"},
		{"whitelist:\n- ip: 10.0.0.0/8", "GET http://10.0.0.1.evil.test/", "alert whitelist -: no whitelist rule matches host 10.0.0.1.evil.test"},
		{"whitelist:\n- ip: loopback", "GET http://localhost/", "alert whitelist -: no whitelist rule matches host localhost"},
		// net: rules do not vouch for HTTP; in a blacklist they forbid every connection to their
		// host.
		{"whitelist:\n- net: a.test:443", "GET https://a.test/", "alert whitelist -: no whitelist rule matches host a.test"},
		{"blacklist:\n- net: a.test:443", "GET https://a.test/", "alert blacklist policy.yaml:3: blacklist rule policy.yaml:3 forbids https://a.test"},
		{"blacklist:\n- net: any", "GET https://a.test/", "allow"},
		// Feeds.
		{"blacklist:\n- feed: feed.txt", "GET https://BAD.test./", "alert blacklist policy.yaml:3: blacklist rule policy.yaml:3 forbids https://bad.test"},
		{"blacklist:\n- feed: feed.txt", "GET http://worse.test:81/x", "alert blacklist policy.yaml:3: blacklist rule policy.yaml:3 forbids http://worse.test:81"},
		{"blacklist:\n- feed: feed.txt", "GET http://198.51.100.9/", "alert blacklist policy.yaml:3: blacklist rule policy.yaml:3 forbids http://198.51.100.9"},
		{"blacklist:\n- feed: feed.txt", "GET http://x.bad.test/", "allow"},
		// What cannot be read.
		{"", "GET https://a..test/", "alert builtin malformed: the host has a label that is empty or over 63 characters"},
		{"whitelist:\n- http: any\n  reason: test", "GET https://a.test:70000/", "alert builtin malformed: the port is over 65535"},
	} {
		assert.Equal(t, c.want, said(parse(t, c.policy).Decide(httpCall(t, c.call))), "%s\n%s", c.policy, c.call)
	}
}

func TestDecideNothing(t *testing.T) {
	assert.Equal(t, "alert builtin malformed: the call names no destination", said(parse(t, "").Decide(Call{})))
}

// The entry that a decision proposes allows the call.
func TestAllowEntry(t *testing.T) {
	for call, want := range map[string]string{
		"GET https://a.test/":                                 "- http: https://a.test/\n  methods: [GET]",
		"DELETE https://a.test/v1/users?q=secret":             "- http: https://a.test/v1/users\n  methods: [DELETE]",
		"GET http://a.test:8080/x":                            "- http: http://a.test:8080/x\n  methods: [GET]",
		"GET http://[2001:db8::1]/x":                          "- http: \"http://[2001:db8::1]/x\"\n  methods: [GET]",
		"GET https://a.test/users/8234234/x":                  "- http: https://a.test/users/8234234/x\n  methods: [GET]",
		"GET https://a.test/T0/B0/xoxbAbCdEfGhIjKlMnOpQrStUv": "- http: https://a.test/T0/B0/xoxbAbCdEfGhIjKlMnOpQrStUv\n  methods: [GET]",
		"GET https://a.test/a/b/":                             "- http: https://a.test/a/b/\n  methods: [GET]",
		"GET https://a.test/a:b%20c/d":                        "- http: https://a.test/a:b%20c/d\n  methods: [GET]",
		"GET https://a.test//x":                               "- http: [https://a.test//x, https://a.test/x]\n  methods: [GET]",
		"PROPFIND https://a.test/x":                           "- http: https://a.test/x\n  methods: [PROPFIND]",
		"GET https://b%C3%BCcher.test/x":                      "- http: https://xn--bcher-kva.test/x\n  methods: [GET]",
	} {
		c := httpCall(t, call)
		d := parse(t, "whitelist: []").Decide(c)
		assert.Equal(t, want, d.Allow, call)
		assert.Equal(t, "allow", said(parse(t, "whitelist:\n"+d.Allow).Decide(c)), call)
	}
}

// A violation allocates its reason, the entry that would allow the call, and the description of the
// call with its URL.
func TestAllocations(t *testing.T) {
	p := parse(t, "whitelist:\n- http: https://api.stripe.com/v1/**\n- http: \"*.a.test\"\n- http: \"db-*.b.test\"\n- ip: 10.0.0.0/8\nblacklist:\n- ip: link-local\n- http: evil.test\n",
		"AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001")
	for call, limit := range map[string]int{
		"GET https://api.stripe.com/v1/x":             0,
		"GET https://API.Stripe.COM./v1/a%20b/..%2fc": 0,
		"GET https://x.A.test/":                       0,
		"GET https://DB-1.b.test/":                    0,
		"GET https://10.0.0.1/":                       0,
		"POST https://api.stripe.com/x":               4,
		"GET https://other.test/x/y":                  4,
		"GET https://evil.test/":                      3,
		"GET http://169.254.169.254/":                 3,
		"GET http://localhost:9001/":                  2,
		"GET http://a..test/":                         4,
	} {
		c := httpCall(t, call)
		alloctest.AtMost(t, limit, func() { p.Decide(c) }, call)
	}
}

// Of a request with several destinations, an entry is proposed for each that no rule allows, and
// once for each.
func TestTheProposedEntriesAreOfTheDestinationsThatNoRuleAllows(t *testing.T) {
	const a, b = "- http: [https://a.test/x%2Fy, https://a.test/x/y]\n  methods: [GET]", "- http: [https://b.test/x%2Fy, https://b.test/x/y]\n  methods: [GET]"
	for _, c := range []struct{ rule, call, want string }{
		{"https://a.test/**", "GET https://a.test/x%2Fy b.test", b},
		{"https://b.test/**", "GET https://a.test/x%2Fy b.test", a},
		{"https://b.test/x/y", "GET https://a.test/x%2Fy b.test", a + "\n" + b},
		{"https://c.test", "GET https://a.test/x%2Fy b.test", a + "\n" + b},
		{"https://c.test", "GET https://a.test/x%2Fy a.test:443", a},
	} {
		d := parse(t, "on_violation: block\nwhitelist:\n- http: "+c.rule+"\n").Decide(httpCall(t, c.call))
		assert.Equal(t, c.want, d.Allow, "%s with %s", c.call, c.rule)
	}
}
