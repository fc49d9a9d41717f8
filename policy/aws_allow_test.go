package policy

import (
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
