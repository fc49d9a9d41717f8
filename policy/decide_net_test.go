package policy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// netSeen reads "net|name|dial|addr Net [Addr]": a whole call, or what a lower layer sees of one.
func netSeen(text string) Call {
	f := strings.Fields(text)
	c := Call{Net: f[1], Via: map[string]Via{"net": ViaUnknown, "name": ViaName, "dial": ViaDial, "addr": ViaAddr}[f[0]]}
	if len(f) > 2 {
		c.Addr = f[2]
	}
	return c
}

func TestDecideNet(t *testing.T) {
	const db = "whitelist:\n- net: db.internal:5432\n"
	const stripe = "whitelist:\n- http: https://api.stripe.com/v1/**\n  methods: POST\n"
	none := func(dest string) string { return "alert whitelist -: no whitelist rule matches " + dest }
	black := func(dest string) string {
		return "alert blacklist policy.yaml:3: blacklist rule policy.yaml:3 forbids " + dest
	}
	for _, c := range []struct{ policy, call, want string }{
		// A whole call.
		{"", "net db.internal:5432", "allow"},
		{"whitelist: []", "net db.internal:5432", none("db.internal:5432")},
		{db, "net db.internal:5432", "allow"},
		{db, "net DB.internal.:5432", "allow"},
		{db, "net db.internal:5433", none("db.internal:5433")},
		{"whitelist:\n- net: db.internal", "net db.internal:5433", "allow"},
		{"whitelist:\n- net: \"*.internal.test:5432\"", "net a.b.internal.test:5432", "allow"},
		{"whitelist:\n- net: 10.0.0.0/8:5432", "net 10.1.2.3:5432", "allow"},
		{"whitelist:\n- net: 10.0.0.0/8:5432", "net 10.1.2.3:80", none("10.1.2.3:80")},
		{"whitelist:\n- net: \"[2001:db8::]/32:5432\"", "net [2001:db8::1]:5432", "allow"},
		{"whitelist:\n- ip: private", "net 10.1.2.3:80", "allow"},
		{"whitelist:\n- net: any\n  reason: test", "net 10.1.2.3:80", "allow"},
		{"blacklist:\n- net: any", "net a.test:25", black("a.test:25")},
		{"blacklist:\n- net: any\n  except: a.test:25", "net a.test:25", "allow"},
		{"blacklist:\n- net: any\n  except: 10.0.0.0/8", "net 10.1.2.3:25", "allow"},
		{"blacklist:\n- net: any\n  except: a.test:25", "net a.test:26", black("a.test:26")},
		{"blacklist:\n- net: a.test:25", "net a.test:25", black("a.test:25")},
		{"blacklist:\n- net: a.test:25", "net a.test:26", "allow"},
		{"blacklist:\n- net: a.test\n  except: a.test:26", "net a.test:26", "allow"},
		{"blacklist:\n- net: \"*:25\"", "net mail.test:25", black("mail.test:25")},
		{"blacklist:\n- net: \"*:25\"", "net 203.0.113.9:25", black("203.0.113.9:25")},
		{"blacklist:\n- net: \"*:25\"", "name mail.test:25", black("mail.test:25")},
		{"blacklist:\n- net: \"*:25\"", "net mail.test:26", "allow"},
		{"blacklist:\n- net: \"*.com:25\"", "net mail.com:25", black("mail.com:25")},
		{"blacklist:\n- ip: private", "net 10.1.2.3:80", black("10.1.2.3:80")},
		{"blacklist:\n- ip: loopback", "net localhost:80", black("localhost:80")},
		{"blacklist:\n- ip: loopback", "net :80", "alert builtin malformed: the destination cannot be read: the host is empty"},
		{"", "net [fe80::1%eth0]:80", "alert builtin malformed: the destination cannot be read: the host has a zone"},
		{"blacklist:\n- ip: loopback", "net 127.1:80", black("127.1:80")},
		{stripe, "net api.stripe.com:443", none("api.stripe.com:443")}, // http: vouches for HTTP
		{"blacklist:\n- http: evil.test", "net evil.test:443", black("evil.test:443")},
		{"blacklist:\n- http: https://evil.test/x", "net evil.test:443", "allow"},
		{"", "net a..test:25", "alert builtin malformed: the destination cannot be read: the host has a label that is empty or over 63 characters"},
		{"", "net a.test:99999", "alert builtin malformed: the destination cannot be read: the port is not a number up to 65535"},
		// Partial sight: a name, with its port or without.
		{stripe, "name api.stripe.com:443", "unguarded policy.yaml:3"},
		{stripe, "name api.stripe.com", "unguarded policy.yaml:3"},
		{stripe, "name api.stripe.com:80", none("api.stripe.com:80")},
		{stripe, "name evil.test", none("evil.test")},
		{stripe, "name api.stripe.com", "unguarded policy.yaml:3"},
		{db, "name db.internal", "allow"},
		{db, "name db.internal:5433", none("db.internal:5433")},
		{"blacklist:\n- http: evil.test", "name evil.test", black("evil.test")},
		{"blacklist:\n- http: evil.test/admin", "name evil.test", "unguarded policy.yaml:3"},
		{"blacklist:\n- http: evil.test\n  methods: DELETE", "name evil.test", "unguarded policy.yaml:3"},
		{"blacklist:\n- http: https://evil.test", "name evil.test", "unguarded policy.yaml:3"},
		{"blacklist:\n- http: evil.test:8080", "name evil.test", "unguarded policy.yaml:3"},
		{"blacklist:\n- http: evil.test:8080", "name evil.test:8080", black("evil.test:8080")},
		{"blacklist:\n- http: \"*.evil.test\"\n  except: ok.evil.test/x", "name ok.evil.test", "unguarded policy.yaml:3"},
		{"blacklist:\n- http: \"*.evil.test\"\n  except: ok.evil.test/x", "name x.evil.test", black("x.evil.test")},
		{"blacklist:\n- net: any", "name a.test:25", "unguarded policy.yaml:3"}, // it may be HTTP
		{"whitelist:\n- http: \"*.a.test\"\n  except: x.a.test", "name x.a.test", none("x.a.test")},
		{"whitelist:\n- http: \"*.a.test\"\n  except: x.a.test/admin/**", "name x.a.test", "unguarded policy.yaml:3"},
		// The dial: only the address counts, the rest has been judged above.
		{stripe, "dial api.stripe.com:443 203.0.113.1:443", "allow"},
		{stripe, "dial evil.test:3128 203.0.113.1:3128", none("evil.test:3128")},
		{db, "dial evil.test:5432 203.0.113.1:5432", none("evil.test:5432")},
		{"blacklist:\n- net: evil.test", "dial evil.test:3128 203.0.113.1:3128", black("evil.test:3128")},
		{"blacklist:\n- ip: 203.0.113.0/24", "dial a.test:443 203.0.113.1:443", black("a.test:443")},
		{"", "dial a.test:443 127.0.0.1:443", "alert builtin local-address: a.test:443 resolves to 127.0.0.1, an address of this machine or link"},
		// Its address, when the name has been judged above.
		{stripe, "addr api.stripe.com:443 203.0.113.1:443", "allow"},
		{stripe, "addr evil.test:443 203.0.113.1:443", "allow"},
		{"blacklist:\n- ip: 203.0.113.0/24", "addr a.test:443 203.0.113.1:443", black("a.test:443")},
		{"blacklist:\n- ip: 203.0.113.0/24", "addr a.test:443 [::ffff:203.0.113.1]:443", black("a.test:443")},
		{"blacklist:\n- ip: 203.0.113.0/24", "addr a.test:443 [64:ff9b::203.0.113.1]:443", black("a.test:443")},
		{"blacklist:\n- ip: loopback", "addr localhost:80 [::1%lo]:80", black("localhost:80")},
		{"", "addr a.test:443 127.0.0.1:443", "alert builtin local-address: a.test:443 resolves to 127.0.0.1, an address of this machine or link"},
		{"", "addr a.test:443 169.254.169.254:443", "alert builtin local-address: a.test:443 resolves to 169.254.169.254, an address of this machine or link"},
		{"", "addr a.test:443 [fe80::1%eth0]:443", "alert builtin local-address: a.test:443 resolves to fe80::1, an address of this machine or link"},
		{"", "addr a.test:443 0.0.0.0:443", "alert builtin local-address: a.test:443 resolves to 0.0.0.0, an address of this machine or link"},
		{"", "addr a.test:443 [64:ff9b::7f00:1]:443", "alert builtin local-address: a.test:443 resolves to 64:ff9b::7f00:1, an address of this machine or link"},
		{"", "addr a.test:443 [2002:a9fe:a9fe::]:443", "alert builtin local-address: a.test:443 resolves to 2002:a9fe:a9fe::, an address of this machine or link"},
		{"", "addr a.test:443 [2001:db8::5efe:a9fe:1]:443", "alert builtin local-address: a.test:443 resolves to 2001:db8::5efe:a9fe:1, an address of this machine or link"},
		{"", "addr a.test:443 [64:ff9b::8.8.8.8]:443", "allow"},
		{"", "addr a.test:443 10.0.0.1:443", "allow"},
		{"", "addr localhost:443 127.0.0.1:443", "allow"},
		{"", "addr :443 127.0.0.1:443", "alert builtin malformed: the destination cannot be read: the host is empty"},
		{"", "addr 127.0.0.1:443 127.0.0.1:443", "allow"},
		{"whitelist:\n- ip: 127.0.0.1", "addr a.test:443 127.0.0.1:443", "allow"},
		{"whitelist:\n- http: http://127.0.0.1:8080", "addr a.test:8080 127.0.0.1:8080", "allow"},
		{"whitelist:\n- http: any\n  reason: test", "addr a.test:8080 127.0.0.1:8080", "alert builtin local-address: a.test:8080 resolves to 127.0.0.1, an address of this machine or link"},
		{"", "addr localhost:9001 127.0.0.1%x:9001", "alert builtin malformed: the destination cannot be read: the address dialed is not an IP address and a port"},
		{"", "addr localhost:9001 :9001", "alert builtin malformed: the destination cannot be read: the address dialed is not an IP address and a port"},
		// A proxy that the environment names.
		{stripe, "name proxy.test:3128", "unguarded proxy"},
		{stripe, "name proxy.test", "unguarded proxy"}, // a look-up has no port
		{stripe, "dial proxy.test:3128", "unguarded proxy"},
		{"", "name proxy.test", "allow"}, // every call would be allowed
		{stripe, "addr proxy.test:3128 127.0.0.1:3128", "allow"},
		{stripe, "dial proxy.test:3128 127.0.0.1:3128", "allow"},
		{"blacklist:\n- ip: private", "dial proxy.test:3128 10.1.2.3:3128", "allow"},
		{"blacklist:\n- ip: private", "dial db.test:3128 10.1.2.3:3128", black("db.test:3128")},
		{stripe, "name proxy.test:3129", none("proxy.test:3129")},
		{stripe, "net proxy.test:3128", none("proxy.test:3128")},
		{"blacklist:\n- ip: loopback", "addr proxy.test:3128 127.0.0.1:3128", "allow"}, // the environment's own proxy
	} {
		p := parse(t, c.policy, "HTTPS_PROXY", "http://proxy.test:3128")
		d := p.Decide(netSeen(c.call))
		got := said(d)
		if d.List == Unguarded {
			got = "unguarded " + d.Rule.ID
		}
		assert.Equal(t, c.want, got, "%s\n%s", c.policy, c.call)
	}
}

// A layer that sees host and port alone reports a violation only if every full call would be one,
// allows a call only if every full call is allowed, and reports as unguarded what lies between.
func TestPartialSight(t *testing.T) {
	const admin = "blacklist:\n- http: evil.test/admin"
	const two = admin + "\n- http: evil.test/x\n  on_violation: block"
	const path = "whitelist:\n- http: a.test/v1/**"
	for _, c := range []struct{ policy, call, want string }{
		// A blacklist rule may forbid the call.
		{admin, "name evil.test", "unguarded policy.yaml:3"},
		{admin, "name evil.test:443", "unguarded policy.yaml:3"},
		{admin, "dial evil.test:443", "unguarded policy.yaml:3"},
		{admin, "addr evil.test:443 203.0.113.1:443", "allow"}, // judged above
		{admin, "net evil.test:443", "allow"},                  // a whole call, and no HTTP
		{admin, "name good.test", "allow"},
		{admin + "\n- http: evil.test", "name evil.test", "blacklist policy.yaml:4"},
		{two, "name evil.test", "unguarded policy.yaml:4"},
		{"whitelist:\n- http: evil.test\n" + admin, "name evil.test", "unguarded policy.yaml:5"},
		{"blacklist:\n- http: https://evil.test", "name evil.test:443", "unguarded policy.yaml:3"},
		{"blacklist:\n- http: https://127.0.0.1", "name localhost:443", "unguarded policy.yaml:3"},
		{"blacklist:\n- http: evil.test\n  methods: DELETE", "name evil.test:443", "unguarded policy.yaml:3"},
		{"blacklist:\n- http: evil.test:8080", "name evil.test", "unguarded policy.yaml:3"},
		{"blacklist:\n- http: evil.test:8080", "name evil.test:80", "allow"},
		{"blacklist:\n- http: \"*.test\"\n  except: ok.test", "name ok.test:443", "unguarded policy.yaml:3"}, // http://ok.test:443
		{"blacklist:\n- ip: private\n  except: 10.1.0.0/16", "name 10.1.2.3:80", "allow"},
		{"blacklist:\n- http: \"*.test\"\n  except: ok.test/x", "name ok.test:443", "unguarded policy.yaml:3"},
		{"blacklist:\n- net: any", "name a.test:25", "unguarded policy.yaml:3"},
		{"blacklist:\n- aws: sqs:*\n  access: read", "name sqs.eu-west-1.amazonaws.com:443", "unguarded policy.yaml:3"},
		{"blacklist:\n- aws: sqs:*\n  access: read", "name s3.eu-west-1.amazonaws.com:443", "allow"},

		// A whitelist rule allows only some of the calls.
		{path, "name a.test", "unguarded policy.yaml:3"},
		{path, "dial a.test:443", "unguarded policy.yaml:3"},
		{path, "name b.test", "whitelist -"},
		{path + "\n- http: a.test", "name a.test", "allow"},
		{path + "\n- net: a.test", "name a.test", "allow"},
		{path + "\n- net: a.test:5432", "name a.test", "allow"}, // the name layer does not know the port
		{path + "\n- net: a.test:5432", "dial a.test:443", "unguarded policy.yaml:3"},
		{"whitelist:\n- http: a.test\n  methods: GET", "name a.test", "unguarded policy.yaml:3"},
		{"whitelist:\n- http: a.test\n  except: a.test/x", "name a.test", "unguarded policy.yaml:3"},
		{"whitelist:\n- http: a.test", "dial a.test:444", "whitelist -"},
		{"whitelist:\n- http: any\n  reason: test", "name a.test", "allow"},
		{"whitelist:\n- aws: sqs:*", "name sqs.eu-west-1.amazonaws.com:443", "unguarded policy.yaml:3"},
		{"whitelist:\n- aws: any\n  reason: test", "name sqs.eu-west-1.amazonaws.com:443", "allow"},
		{"whitelist:\n- aws: sqs:*\n- http: https://sqs.eu-west-1.amazonaws.com", "name sqs.eu-west-1.amazonaws.com:443", "allow"},
		{"whitelist: []", "name sqs.eu-west-1.amazonaws.com:443", "whitelist -"},
	} {
		d := parse(t, c.policy).Decide(netSeen(c.call))
		got := "allow"
		if !d.Allowed() {
			got = d.List.String() + " -"
			if d.Rule != nil {
				got = d.List.String() + " " + d.Rule.ID
			}
		}
		assert.Equal(t, c.want, got, "%s\n%s", c.policy, c.call)
	}
	d := Join(parse(t, ""), parse(t, admin)).Decide(netSeen("name evil.test"))
	assert.Equal(t, Unguarded, d.List, "whichever of several policies has the rule")
	assert.Equal(t, "evil.test may be forbidden by policy.yaml:3, and no layer saw the whole call; send it through a client guarded by Transport", d.Reason)
	d = parse(t, "whitelist:\n- aws: sqs:*").Decide(netSeen("name sqs.eu-west-1.amazonaws.com"))
	assert.Equal(t, "sqs.eu-west-1.amazonaws.com is allowed only in part by policy.yaml:3, and no layer saw the whole call; make its client from a config with the option AWS()", d.Reason)
}

func TestOnUnguarded(t *testing.T) {
	const rules = "whitelist:\n- http: a.test/x\n"
	for _, c := range []struct {
		policy string
		want   Verdict
	}{
		{rules, Alert},
		{"on_violation: log\n" + rules, Log},
		{"on_violation: block\n" + rules, Alert},
		{"on_violation: block\non_unguarded: block\n" + rules, Block},
		{"on_violation: block\non_unguarded: log\n" + rules, Log},
		{"stage: dev\non_violation: block\non_unguarded: {dev: block}\n" + rules, Block},
		{"stage: dev\non_violation: {dev: block}\non_unguarded: {prod: block}\n" + rules, Alert},
		{"stage: dev\non_violation: log\non_unguarded: {prod: block, '*': block}\n" + rules, Block},
		{"on_unguarded: block\nfunctions:\n  f:\n    on_unguarded: log\n    " + strings.ReplaceAll(rules, "\n", "\n    "), Log},
	} {
		p := parse(t, c.policy)
		assert.Equal(t, c.want, p.Decide(netSeen("name a.test")).Verdict, c.policy)
		assert.Equal(t, c.want, p.Info()[0].OnUnguarded)
	}
	_, err := Parse("p", []byte("on_unguarded: maybe\n"+rules), Env{})
	assert.ErrorContains(t, err, `on_unguarded: "maybe" is unknown`)
}

// The Lambda environment's own services.
func TestLambdaRuntime(t *testing.T) {
	const runtime = "alert builtin lambda-runtime: the Lambda runtime and extensions API answers only to the runtime"
	const credentials = "alert builtin lambda-runtime: the credentials endpoint answers only to the SDK"
	env := []string{
		"AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001",
		"AWS_XRAY_DAEMON_ADDRESS", "tcp:169.254.79.129:2000 udp:169.254.79.129:2000",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/x",
		"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost:7000/creds",
	}
	open := "whitelist:\n- http: any\n  reason: test"
	for _, c := range []struct{ policy, call, want string }{
		{"", "GET http://127.0.0.1:9001/2018-06-01/runtime/invocation/next", runtime},
		{open, "GET http://127.0.0.1:9001/", runtime},
		{open, "GET http://:9001/", "alert builtin malformed: the host is empty"},
		{open, "GET http://[2002:7f00:1::]:9001/", runtime},
		{open, "GET http://[2001:0:1:1:0:0:80ff:fffe]:9001/", runtime},
		{open, "GET http://[2001:db8::5efe:127.0.0.1]:9001/", runtime},
		{open, "GET http://localhost:9001/", runtime},
		{open, "GET http://LOCALHOST.:09001/", runtime},
		{open, "GET http://x.localhost:9001/", runtime},
		{open, "GET http://[::1]:9001/", runtime},
		{open, "GET http://[::ffff:127.0.0.1]:9001/", runtime},
		{open, "GET http://127.1:9001/", runtime},
		{open, "GET http://127.0.0.2:9001/", runtime},
		{open, "GET http://0.0.0.0:9001/", runtime},
		{open, "GET http://[64:ff9b::127.0.0.1]:9001/", runtime},
		{open, "GET http://[64:ff9b::127.0.0.2]:9001/", runtime}, // each address of this machine is one host
		{open, "GET http://a.test/ 127.0.0.1:9001", runtime},
		{open, "GET http://127.0.0.1:9002/", "allow"},
		{open, "GET http://a.test:9001/", "allow"},
		{open, "GET http://169.254.170.2/v2/credentials/x", credentials},
		{open, "GET http://localhost:7000/creds", credentials},
		{"whitelist: []", "GET http://169.254.79.129:2000/GetSamplingRules", "allow"},
		{"whitelist: []", "GET http://169.254.79.129:2001/", "alert whitelist -: no whitelist rule matches host 169.254.79.129"},
		{"whitelist: []", "GET http://169.254.79.129:2000/ evil.test", "alert whitelist -: no whitelist rule matches host 169.254.79.129"},
		{"blacklist:\n- ip: link-local", "GET http://169.254.79.129:2000/", "alert blacklist policy.yaml:3: blacklist rule policy.yaml:3 forbids http://169.254.79.129:2000"},
	} {
		assert.Equal(t, c.want, said(parse(t, c.policy, env...).Decide(httpCall(t, c.call))), "%s\n%s", c.policy, c.call)
	}
	// Behind a link-local address.
	p := parse(t, open, "AWS_LAMBDA_RUNTIME_API", "169.254.100.1:9001")
	assert.Equal(t, runtime, said(p.Decide(httpCall(t, "GET http://169.254.100.1:9001/"))))
	assert.Equal(t, "allow", said(p.Decide(httpCall(t, "GET http://127.0.0.1:9001/"))))
	assert.Equal(t, "allow", said(parse(t, "whitelist: []", env...).Decide(netSeen("name 169.254.79.129:2000"))))
	// A name that comes to them, though a rule names the address.
	opened := parse(t, "whitelist:\n- ip: [loopback, link-local]", env...)
	for call, want := range map[string]string{
		"addr a.test:9001 127.0.0.1:9001":      "alert builtin local-address: a.test:9001 resolves to 127.0.0.1, an address of this machine or link",
		"addr a.test:7000 [::1]:7000":          "alert builtin local-address: a.test:7000 resolves to ::1, an address of this machine or link",
		"addr a.test:9002 127.0.0.1:9002":      "allow",
		"addr localhost:7000 127.0.0.1:7000":   "allow", // the SDK; an application is refused above
		"addr a.test:2000 169.254.79.129:2000": "allow",
	} {
		assert.Equal(t, want, said(opened.Decide(netSeen(call))), call)
	}
}

// A layer below knows an address by several names: one that is allowed is enough.
func TestOneOfSeveralNamesIsEnough(t *testing.T) {
	for _, c := range []struct {
		policy string
		net    string
		names  []string
		allow  bool
	}{
		{"whitelist:\n- net: a.test", "a.test", nil, true},
		{"whitelist:\n- net: a.test", "b.test", nil, false},
		{"whitelist:\n- net: a.test", "b.test", []string{"a.test"}, true},
		{"whitelist:\n- net: a.test", "b.test", []string{"c.test"}, false},
		{"whitelist:\n- net: a.test:1", "b.test:1", []string{"a.test:2"}, false},
		{"whitelist:\n- net: 10.0.0.0/8:1", "b.test:1", []string{"10.0.0.1:1"}, true},
		{"blacklist:\n- net: a.test", "a.test", []string{"b.test"}, true},
		{"blacklist:\n- net: \"*.test\"", "a.test", []string{"b.test"}, false},
		{"", "a..test", []string{"b..test"}, false},
	} {
		p := parse(t, c.policy)
		for _, via := range []Via{ViaName, ViaDial, ViaContext, ViaConnect} {
			d := p.Decide(Call{Net: c.net, Names: c.names, Via: via})
			assert.Equal(t, c.allow, d.Allowed(), "%s: %s %v by %s", c.policy, c.net, c.names, via)
			if !c.allow && c.net != "a..test" {
				assert.Contains(t, d.Reason, c.net, "the first name is the one reported")
			}
		}
	}
}

// Every lower layer sees as little as the others.
func TestLowerLayersHavePartialSight(t *testing.T) {
	p := parse(t, "whitelist:\n- http: https://api.stripe.com/v1/**\n  methods: POST\n- aws: s3:GetObject\n- net: db.test:5432\n")
	for _, via := range []Via{ViaName, ViaDial, ViaContext, ViaConnect} {
		for host, want := range map[string]List{
			"api.stripe.com:443":             Unguarded,
			"s3.eu-west-1.amazonaws.com:443": Unguarded,
			"evil.test:443":                  Whitelist,
			"db.test:5432":                   Whitelist, // vouched for
		} {
			d := p.Decide(Call{Net: host, Via: via})
			assert.Equal(t, want, d.List, "%s by %s", host, via)
			assert.Equal(t, host == "db.test:5432", d.Allowed(), "%s by %s", host, via)
		}
		d := p.Decide(Call{Net: "evil.test:443", Names: []string{"api.stripe.com:443"}, Via: via})
		assert.Equal(t, Unguarded, d.List, "a call that may be allowed is not a violation")
	}
}

// A port that cannot be read may be the one of a blacklist rule, which may be stricter than
// on_violation:.
func TestAPortThatCannotBeReadMayBeAny(t *testing.T) {
	p := parse(t, "on_violation: alert\nblacklist:\n- net: a.test:25\n  on_violation: block\n")
	assert.Equal(t, Block, p.Decide(Call{Net: "a.test:smtp"}).Verdict)
	assert.Equal(t, Block, p.Decide(Call{Net: "a.test:"}).Verdict)
}
