package policy

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func cureEnv() Env { return Env{Function: "f", Region: "eu-west-1", Account: "111122223333"} }

func parsedAs(t *testing.T, name, text string) *Policy {
	t.Helper()
	p, err := Parse(name, []byte("version: 1\non_violation: block\n"+text), cureEnv())
	require.NoError(t, err)
	return p
}

// all lists what is against a call: list, place, owner.
func all(d Decision) (out []string) {
	for _, r := range d.Against {
		place := r.Policy.File
		if r.Rule != nil && r.Rule.Line > 0 {
			place = fmt.Sprintf("%s:%d", r.Rule.File, r.Rule.Line)
		} else if r.Rule != nil {
			place = r.Rule.ID
		}
		out = append(out, strings.TrimSpace(r.List.String()+" "+place+" "+r.Policy.Owner))
	}
	return out
}

func awsOf(service, operation, account string, resources ...string) Call {
	return Call{AWS: AWSCall{Service: service, Operation: operation, Region: "eu-west-1", Account: account, Resources: resources}}
}

func TestEverythingAgainstACall(t *testing.T) {
	own := parsedAs(t, "policy.yaml", `owner: payments
whitelist: [{http: a.com}, {aws: "sqs:*"}]
blacklist:
  - {http: evil.com}
  - {http: "*.com", methods: POST, on_violation: log}
  - {ip: 10.0.0.0/8, reason: not ours}
  - {aws: "s3:Put*", resources: x/*}
  - {net: db.internal}
`)
	central := parsedAs(t, "security.yaml", "owner: security\nblacklist: [{http: evil.com, reason: known}, {aws: \"s3:*\", resources: x/*}]\n")
	for _, c := range []struct {
		name string
		call Call
		want []string
	}{
		{"a miss alone", httpCall(t, "GET https://b.org/"), []string{"whitelist policy.yaml payments"}},
		{"two files, three rules", httpCall(t, "POST https://evil.com/"), []string{
			"blacklist policy.yaml:6 payments", "blacklist policy.yaml:7 payments", "whitelist policy.yaml payments", "blacklist security.yaml:4 security"}},
		{"a rule that only logs", httpCall(t, "POST https://a.com/"), []string{"blacklist policy.yaml:7 payments"}},
		{"an address", httpCall(t, "GET http://10.0.0.1/"), []string{"blacklist policy.yaml:8 payments", "whitelist policy.yaml payments"}},
		{"a key of another account", awsOf("s3", "PutObject", "444455556666", "arn:aws:s3:::other/k"), []string{"whitelist policy.yaml payments", "builtin foreign-credentials payments", "builtin foreign-credentials security"}},
		{"a blacklist too", awsOf("s3", "PutObject", "", "arn:aws:s3:::x/k"), []string{"blacklist policy.yaml:9 payments", "whitelist policy.yaml payments", "blacklist security.yaml:4 security"}},
		{"a network call", Call{Net: "db.internal:5432"}, []string{"blacklist policy.yaml:10 payments", "whitelist policy.yaml payments"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := Join(own, central)
			d := p.Decide(c.call)
			cured := p.Cure(c.call, d)
			assert.Equal(t, c.want, all(cured))
			assert.Equal(t, d.Rule, cured.Against[0].Rule, "the first is what decided")
			for _, r := range cured.Against[1:] {
				assert.Contains(t, cured.Reason, r.Reason)
			}
		})
	}
	assert.Empty(t, own.Cure(httpCall(t, "GET https://a.com/"), own.Decide(httpCall(t, "GET https://a.com/"))).Against)
}

func wire(t *testing.T, service, operation, url string) Call {
	c := awsOf(service, operation, "")
	c.Via, c.AWS.Resources = ViaWire, []string{"arn:aws:s3:::receipts/k"}
	r, err := http.NewRequest("PUT", url, nil)
	require.NoError(t, err)
	c.HTTP = r
	return c
}

func TestCure(t *testing.T) {
	for _, c := range []struct {
		name, policy string
		call         Call
		want         string
	}{
		{"a host", "whitelist: []", httpCall(t, "GET https://a.com/x?q=1"), "- http: https://a.com/x\n  methods: [GET]"},
		{"ids in a path", "whitelist: []", httpCall(t, "GET https://a.com/users/8234234/x"), "- http: https://a.com/users/*/x\n  methods: [GET]"},
		{"a star in the path", "whitelist: []", httpCall(t, "GET https://a.com/a*b"), "- http: https://a.com/a%2Ab\n  methods: [GET]"},
		{"two readings", "whitelist: []", httpCall(t, "GET https://a.com//x"), "- http: [https://a.com//x, https://a.com/x]\n  methods: [GET]"},
		{"blacklisted too", "whitelist: []\nblacklist: [{http: a.com, on_violation: log}]", httpCall(t, "GET https://a.com/x"), ""},
		{"no whitelist", "blacklist: [{http: a.com}]", httpCall(t, "GET https://a.com/x"), ""},
		{"an excepted path", "whitelist: [{http: a.com, except: a.com/x}]", httpCall(t, "GET https://a.com/x"), "- http: https://a.com/x\n  methods: [GET]"},
		{"a generated table", "whitelist: []", awsOf("dynamodb", "GetItem", "", "arn:aws:dynamodb:eu-west-1:111122223333:table/ShopStack-OrdersTable315BB997-1QW2E3R4T5Y6U"),
			"- aws: dynamodb:GetItem\n  resources: table/ShopStack-OrdersTable315BB997-1QW2E3R4T5Y6U"},
		{"an unknown resource", "whitelist: []", awsOf("sqs", "SendMessage", ""), ""},
		{"an unknown operation", "whitelist: []", awsOf("sqs", "", "", "arn:aws:sqs:eu-west-1:111122223333:q"), ""},
		{"a key of another account", "whitelist: []", awsOf("s3", "PutObject", "444455556666", "arn:aws:s3:::other/k"),
			"- aws: s3:PutObject\n  resources: other/k\n  accounts: [\"444455556666\"]"},
		{"a database", "whitelist: []", Call{Net: "db.internal:5432"}, "- net: db.internal:5432"},
		{"a database by its address", "whitelist: []", Call{Net: "[2001:db8::1]:5432"}, "- net: \"[2001:db8::1]:5432\""},
		{"several names", "whitelist: []", Call{Net: "db:5432", Names: []string{"db.internal:5432"}, Via: ViaDial}, "- net: db:5432"},
		{"an overridden endpoint", "whitelist: [{aws: s3:PutObject}]", wire(t, "S3", "PutObject", "https://minio.example/receipts/k"),
			"- http: https://minio.example/receipts/k\n  methods: [PUT]"},
		{"an overridden endpoint of a call that is not allowed", "whitelist: []", wire(t, "S3", "PutObject", "https://minio.example/receipts/k"),
			"- http: https://minio.example/receipts/k\n  methods: [PUT]\n- aws: s3:PutObject\n  resources: receipts/k"},
		{"nothing to call", "whitelist: []", Call{}, ""},
		{"a path that nobody would read", "whitelist: []", httpCall(t, "GET https://a.com/"+strings.Repeat("x/", maxEntries/2)), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := parsedAs(t, "policy.yaml", c.policy+"\n")
			d := p.Cure(c.call, p.Decide(c.call))
			require.False(t, d.Allowed())
			assert.Equal(t, c.want, d.Allow, d.Reason)
		})
	}
}

// What a file alone cannot allow gets no proposal, and every file is named.
func TestCureOfSeveralFiles(t *testing.T) {
	a := parsedAs(t, "a.yaml", "owner: team\nwhitelist: []\n")
	b := parsedAs(t, "b.yaml", "owner: security\nwhitelist: [{http: b.com}]\n")
	call := httpCall(t, "GET https://a.com/x")
	p := Join(a, b)
	d := p.Cure(call, p.Decide(call))
	assert.Empty(t, d.Allow)
	assert.Equal(t, "no whitelist rule matches host a.com; also forbidden by the whitelist of b.yaml (owner security): no whitelist rule matches host a.com", d.Reason)
	assert.Empty(t, p.Decide(call).Allow)

	call = httpCall(t, "GET https://b.com/x")
	d = p.Cure(call, p.Decide(call))
	assert.Equal(t, "- http: https://b.com/x\n  methods: [GET]", d.Allow, "the first file alone forbids it")
	assert.Equal(t, "a.yaml", d.Policy.File)
}

func TestCureOfTheRuntimeAPI(t *testing.T) {
	e := cureEnv()
	e.Process = func(name string) string { return map[string]string{runtimeAPI: "127.0.0.1:9001"}[name] }
	p, err := Parse("p", []byte("version: 1\nwhitelist: []\n"), e)
	require.NoError(t, err)
	call := httpCall(t, "GET http://127.0.0.1:9001/2018-06-01/runtime/invocation/next")
	d := p.Cure(call, p.Decide(call))
	assert.Equal(t, runtimeEntry, d.Allow)
}

// The value that could not be read is named, and no wider rule is proposed.
func TestUnknownResourceIsNamed(t *testing.T) {
	url := "https://sqs.eu-west-1.amazonaws.com/x/"
	for _, c := range []struct {
		call AWSCall
		want string
	}{
		{AWSCall{Service: "SQS", Operation: "SendMessage", Input: &queueInput{&url}}, `: QueueUrl "https://sqs.eu-west-1.amazonaws.com/x/" cannot be read`},
		{AWSCall{Service: "SQS", Operation: "SendMessage", Input: &queueInput{}}, ": the input has no QueueUrl"},
		{AWSCall{Service: "SQS", Operation: "SendMessage"}, ": the call does not name it"},
	} {
		p := parsedAs(t, "p", "whitelist: []\n")
		call := Call{AWS: c.call}
		d := p.Cure(call, p.Decide(call))
		assert.Equal(t, "no whitelist rule allows sqs:SendMessage (write) on an unknown resource"+c.want, d.Reason)
		assert.Empty(t, d.Allow)
	}
}
