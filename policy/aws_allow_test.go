package policy

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// isLiteralKey reports whether a key means itself as a pattern.
func isLiteralKey(key string) bool { return !strings.ContainsAny(key, "*?{}[]\"'\n\t") }

// The entry that an alert proposes is pasted by people in a hurry: whatever a key holds, it is one
// entry, for this object alone.
func TestAllowIsOneEntryWhateverAKeyHolds(t *testing.T) {
	env := Env{Function: "f", Region: "eu-west-1", Account: "111122223333", Getenv: func(string) string { return "expanded" }}
	call := func(key string) Call {
		bucket := "receipts"
		return Call{AWS: AWSCall{Service: "s3", Operation: "PutObject", Region: "eu-west-1", Input: &struct{ Bucket, Key *string }{&bucket, &key}}}
	}
	deny, err := Parse("policy.yaml", []byte("version: 1\nwhitelist: []\n"), env)
	require.NoError(t, err)
	for _, key := range []string{
		"2026/11/24.pdf", "x\n- http: any\n  reason: none", "x # y", "x: y", "*", "a?b", "${HOME}", "\"", "'", "\\", "é", "[x]", "x:", "- x", "a\tb", "a,b",
	} {
		allow := deny.Decide(call(key)).Allow
		if !isLiteralKey(key) {
			assert.Empty(t, allow, "%q has no literal form in a policy", key)
			continue
		}
		p, err := Parse("policy.yaml", []byte("version: 1\nwhitelist:\n  "+strings.ReplaceAll(allow, "\n", "\n  ")+"\n"), env)
		if !assert.NoError(t, err, "%q: %s", key, allow) {
			continue
		}
		assert.True(t, p.Decide(call(key)).Allowed(), "%q: %s", key, allow)
		assert.False(t, p.Decide(call("another/key")).Allowed(), "%q: %s", key, allow)
		assert.False(t, p.Decide(httpCall(t, "GET https://evil.example/")).Allowed(), "%q: %s", key, allow)
	}
}

// What is proposed for a call of a client that was given its endpoint also allows that endpoint.
func TestTheGivenEndpointIsProposedToo(t *testing.T) {
	const operation, endpoint = "- aws: sqs:ListQueues", "- http: https://queues.example.com/\n  methods: [POST]"
	for _, tt := range []struct{ name, rules, target, want string }{
		{"both", "whitelist: []", "https://queues.example.com/", operation + "\n" + endpoint},
		{"it is allowed already", "whitelist: [http: https://queues.example.com/**]", "https://queues.example.com/", operation},
		{"that of AWS", "whitelist: []", "https://sqs.eu-west-1.amazonaws.com/", operation},
		{"unreadable", "whitelist: []", "https://queues%zz.example.com/", operation},
		{"a blacklist", "blacklist: [{aws: \"sqs:*\"}]", "https://queues.example.com/", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := parsed(t, tt.rules)
			u, err := url.Parse(tt.target)
			if err != nil {
				u = &url.URL{Scheme: "https", Host: "queues%zz.example.com", Path: "/"}
			}
			c := Call{Via: ViaSDK, AWS: AWSCall{Service: "SQS", Operation: "ListQueues", Region: "eu-west-1", Given: &http.Request{Method: "POST", URL: u}}}
			d := p.Decide(c)
			require.False(t, d.Allowed())
			assert.Equal(t, tt.want, d.Allow)
			assert.Equal(t, tt.want, p.Cure(c, d).Allow)
			assert.Equal(t, "aws", p.Explain(c).Call.Kind)
		})
	}
}
