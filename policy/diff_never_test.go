package policy

import (
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"github.com/outguard/outguard/internal/awsops/names"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNever(t *testing.T) {
	const block = "on_violation: block\n"
	for _, c := range []struct {
		name, policy, form string
		blocked            bool
		want               string // "": there is none
		exact              bool
	}{
		{"another host", block + "whitelist: [{http: a.test}]", `http: "*.b.test"`, false, "", true},
		{"a host in a domain", block + `whitelist: [{http: "*.b.test"}]`, `http: a.b.test`, false, "GET https://a.b.test/", true},
		{"a path in a host", block + "whitelist: [{http: a.test/v1/**}]", "http: a.test/v2", false, "", true},
		{"a method", block + "whitelist: [{http: a.test, methods: [GET]}]", "{http: a.test, methods: [POST]}", false, "", true},
		{"any host", block + "whitelist: [{http: any, reason: x}]", `http: "*.b.test"`, false, "GET https://x.b.test/", true},
		{"without a whitelist", block + "blacklist: []", `http: b.test`, false, "GET https://b.test/", true},
		{"a blacklist", block + "whitelist: [{http: any, reason: x}]\nblacklist: [{http: '*.test'}]", `http: b.test`, false, "", true},
		{"a violation that goes out", "on_violation: alert\nwhitelist: []", `http: b.test`, false, "", true},
		{"a violation that is not blocked", "on_violation: alert\nwhitelist: []", `http: b.test`, true, "GET https://b.test/", true},
		{"a connection", block + "whitelist: [{net: 'db.test:5432'}]", "http: db.test", false, "db.test:5432", true},
		{"an address that a name resolves to", block + "whitelist: [{http: a.test}]", "ip: 10.0.0.0/8", false, "GET https://a.test/ (if the name resolves to 10.0.0.0)", true},
		{"an address that is blacklisted", block + "whitelist: [{http: a.test}]\nblacklist: [{ip: private}]", "ip: 10.0.0.0/8", false, "", true},
		{"an address without names", block + "whitelist: []", "ip: 10.0.0.0/8", false, "", true},
		{"a caller", block + "whitelist: [{http: b.test, callers: a.example/x}]", "http: b.test", false, "GET https://b.test/ (called by a.example/x)", true},
		{"an operation", block + "whitelist: [{aws: 's3:Get*', resources: 'b/*'}]", "aws: s3:Delete*", false, "", true},
		{"an operation of the form", block + "whitelist: [{aws: 's3:*', resources: 'b/*'}]", "{aws: 's3:DeleteObject', resources: 'b/x/*'}", false, "s3:DeleteObject arn:aws:s3:::b/x/ (in ap-southeast-2)", true},
		{"a host of AWS", block + "whitelist: [{aws: s3:GetObject}]", "http: '*.amazonaws.com'", false, "s3:GetObject (in ap-southeast-2, if sent to s3.ap-southeast-2.amazonaws.com)", true},
		{"a host of AWS in a region", block + "whitelist: [{aws: s3:GetObject}]", "http: '*.us-west-2.amazonaws.com'", false, "s3:GetObject (in us-west-2, if sent to s3.us-west-2.amazonaws.com)", true},
		{"a host of another service", block + "whitelist: [{aws: s3:GetObject}]", "http: 'sqs.*.amazonaws.com'", false, "", true},
		{"a host of one of all services", block + "whitelist: [{aws: any, reason: x}]", "http: 'glacier.eu-*.amazonaws.com'", false, "glacier:AbortMultipartUpload (in eu-central-1, if sent to glacier.eu-central-1.amazonaws.com)", true},
		{"a host of a bucket", block + "whitelist: [{aws: s3:GetObject}]", "http: 'receipts.s3.eu-west-1.amazonaws.com'", false, "s3:GetObject (in eu-west-1, if sent to receipts.s3.eu-west-1.amazonaws.com)", true},
		{"a host of a bucket that no rule names", block + "whitelist: [{aws: s3:GetObject, resources: other/*}]", "http: 'receipts.s3.eu-west-1.amazonaws.com'", false, "", true},
		{"a host of AWS that is blacklisted", block + "whitelist: [{aws: s3:GetObject}]\nblacklist: [{http: '*.amazonaws.com'}]", "http: 's3.*.amazonaws.com'", false, "", true},
		{"a path at a host of AWS", block + "whitelist: [{aws: s3:GetObject}]", "{http: 's3.eu-west-1.amazonaws.com/x/**', methods: [GET]}", false, "s3:GetObject (in eu-west-1, if sent as GET https://s3.eu-west-1.amazonaws.com/x)", true},
		{"a domain that AWS is in", block + "whitelist: [{aws: s3:GetObject}]", "http: '*.com'", false, "s3:GetObject (in ap-southeast-2, if sent to s3.ap-southeast-2.amazonaws.com)", true},
		{"a domain that AWS is in, without SDK calls", block + "whitelist: []", "http: '*.com'", false, "", true},
		{"an endpoint of Lambda", block + "whitelist: []", "http: 127.0.0.1", true, "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			form := parse(t, "on_violation: block\nblacklist:\n  - "+c.form)
			d := Differ{Operations: names.Of}
			found, exact := d.Never(form, parse(t, c.policy), c.blocked)
			assert.Equal(t, c.exact, exact)
			got := ""
			if found != nil {
				got = found.Text
				if strings.Contains(c.want, "(") {
					got += " (" + found.Where + ")"
				}
			}
			assert.Equal(t, c.want, got)
		})
	}
	found, exact := (&Differ{Operations: names.Of}).Never(parse(t, "blacklist: [{http: any}]"), nil, true)
	assert.Nil(t, found)
	assert.True(t, exact, "a policy that does not load blocks every call")
}

// Where a random call of a form is allowed, Never finds one. What it finds is allowed.
func TestNeverAgreesWithBruteForce(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	g := pairMaker{random}
	holds := 0
	for range pairs() {
		rule := strings.ReplaceAll(g.rule("blacklist"), "    on_violation: log\n", "")
		form, err := Parse("form", []byte("version: 1\non_violation: block\nblacklist:\n"+rule), env("checkout"))
		if err != nil {
			continue
		}
		text := g.policy()
		p, err := Parse("p", []byte(text), env("checkout"))
		if err != nil {
			continue
		}
		d := Differ{Operations: someOperations}
		found, exact := d.Never(form, p, false)
		require.True(t, exact)
		if found == nil {
			holds++
		} else {
			sent := decideSent(p, found.Call, found.Sent)
			require.True(t, sent.Allowed(), found.Text)
		}
		for range 200 {
			call := g.call()
			addr, sent := g.resolved(&call), g.sent(&call)
			matches := form.isAbout(&tried{Call: call, sent: sentAs{request: sent}})
			if addr.IsValid() {
				at := dialed(addr, portOf(&call), caller{})
				at.Caller = call.Caller
				matches = matches || form.forbids(&at)
			}
			if matches && strictest(p, call, addr, sent).Allowed() {
				require.NotNil(t, found, "%s\n---\n%s\n---\n%v %s %v %s %v", rule, text, call.AWS, call.Net, call.HTTP, addr, sent)
			}
		}
	}
	assert.Greater(t, holds, pairs()/20)
}

func TestPossible(t *testing.T) {
	text := strings.NewReplacer("?", Hole, "…", Rest)
	const rules = `on_violation: block
whitelist:
  - {http: https://a.test/v1/*/in, methods: [POST]}
  - {http: https://b.test/**}
  - {aws: s3:PutObject, resources: ["receipts/2026/*", "receipts/*/open/x"]}
  - {aws: secretsmanager:GetSecretValue, resources: "secret:db"}
blacklist:
  - {http: "https://*.test/v1/evil/**", on_violation: alert}
`
	for _, c := range []struct {
		name  string
		call  Unknown
		want  string
		exact bool
	}{
		{"any segment", Unknown{Method: "GET", URL: "https://b.test/x/?"}, "allow GET https://b.test/x/z", true},
		{"one segment is forbidden", Unknown{Method: "POST", URL: "https://a.test/v1/?/in"}, "alert POST https://a.test/v1/evil/in; allow POST https://a.test/v1/x/in", true},
		{"a part of a segment", Unknown{Method: "POST", URL: "https://a.test/v1/e?/in"}, "alert POST https://a.test/v1/evil/in; allow POST https://a.test/v1/ex/in", true},
		{"another part", Unknown{Method: "POST", URL: "https://a.test/v1/f?/in"}, "allow POST https://a.test/v1/fx/in", true},
		{"the rest", Unknown{Method: "POST", URL: "https://a.test/v1/x…"}, "block POST https://a.test/v1/x; allow POST https://a.test/v1/x/in", true},
		{"another host", Unknown{Method: "POST", URL: "https://c.test/w/?"}, "block POST https://c.test/w/x", true},
		{"an address", Unknown{Method: "GET", URL: "https://10.0.0.1:8443/?"}, "block GET https://10.0.0.1:8443/x", true},
		{"a host of AWS", Unknown{Method: "GET", URL: "https://s3.eu-west-1.amazonaws.com/receipts/?"}, "block GET https://s3.eu-west-1.amazonaws.com/receipts/x", false},
		{"a key", Unknown{AWS: AWSCall{Service: "s3", Operation: "PutObject", Resources: []string{"arn:aws:s3:::receipts/?/x"}}},
			"block s3:PutObject arn:aws:s3:::receipts/z/x; allow s3:PutObject arn:aws:s3:::receipts/2026/x", true},
		{"a piece has no slash", Unknown{AWS: AWSCall{Service: "s3", Operation: "PutObject", Resources: []string{"arn:aws:s3:::receipts/?/y"}}},
			"block s3:PutObject arn:aws:s3:::receipts/z/y; allow s3:PutObject arn:aws:s3:::receipts/2026/y", true},
		{"one key of two", Unknown{AWS: AWSCall{Service: "s3", Operation: "PutObject", Resources: []string{"arn:aws:s3:::other/x", "arn:aws:s3:::receipts/?"}}},
			"block s3:PutObject arn:aws:s3:::other/x arn:aws:s3:::receipts/z", true},
		{"what no text of the language is", Unknown{AWS: AWSCall{Service: "s3", Operation: "PutObject", Resources: []string{"arn:aws:s3:::receipts/ü?"}}},
			"block s3:PutObject arn:aws:s3:::receipts/üx", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.call.URL = text.Replace(c.call.URL)
			for i, r := range c.call.AWS.Resources {
				c.call.AWS.Resources[i] = text.Replace(r)
			}
			p := parse(t, rules)
			possible, exact := (&Differ{}).Possible(p, c.call)
			assert.Equal(t, c.exact, exact)
			var got []string
			for _, one := range possible {
				assert.Equal(t, one.Verdict, p.Decide(one.Call).Verdict)
				got = append(got, one.Verdict.String()+" "+one.Text)
			}
			assert.Equal(t, c.want, strings.Join(got, "; "))
		})
	}
}

func TestPossibleHasALimit(t *testing.T) {
	u := Unknown{AWS: AWSCall{Service: "s3", Operation: "PutObject", Resources: []string{"arn:aws:s3:::a/" + Hole, "arn:aws:s3:::b/" + Hole}}}
	_, exact := (&Differ{Limit: 1}).Possible(parse(t, "whitelist: [{aws: s3:PutObject, resources: ['a/x', 'b/y']}]"), u)
	assert.False(t, exact)
}

// A call to the address itself differs from one to a name that resolves to it.
func TestDialedIsJudgedByTheAddressAlone(t *testing.T) {
	p := parse(t, "on_violation: block\nwhitelist: [{http: a.test}]\nblacklist: [{ip: private}]")
	assert.False(t, p.Decide(dialed(netip.MustParseAddr("10.0.0.1"), 443, caller{})).Allowed())
	assert.True(t, p.Decide(dialed(netip.MustParseAddr("93.184.216.34"), 443, caller{})).Allowed())
}
