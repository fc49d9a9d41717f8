package policy

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An access point of one account may lead to the bucket of another. A whitelist needs both
// accounts, a blacklist either.
func TestAccountsOfAnAccessPoint(t *testing.T) {
	const own, point, bucket, other = "111122223333", "222233334444", "333344445555", "444455556666"
	env := Env{Function: "f", Region: "eu-west-1", Account: own, Getenv: func(string) string { return "" }}
	for _, tt := range []struct {
		list, accounts string
		allowed        bool
	}{
		{"whitelist", `["` + point + `", "` + bucket + `"]`, true},
		{"whitelist", `["` + point + `"]`, false},
		{"whitelist", `["` + bucket + `"]`, false},
		{"whitelist", `["` + other + `"]`, false},
		{"whitelist", `[self]`, false},
		{"blacklist", `["` + point + `"]`, false},
		{"blacklist", `["` + bucket + `"]`, false},
		{"blacklist", `["` + other + `"]`, true},
		{"blacklist", `[self]`, true},
	} {
		src := "version: 1\non_violation: block\n" + tt.list + ":\n- aws: s3:GetObject\n  accounts: " + tt.accounts + "\n"
		p, err := Parse("policy.yaml", []byte(src), env)
		require.NoError(t, err)
		arn, key, owner := "arn:aws:s3:eu-west-1:"+point+":accesspoint/ap", "a", bucket
		input := &struct{ Bucket, Key, ExpectedBucketOwner *string }{&arn, &key, &owner}
		d := p.Decide(Call{AWS: AWSCall{Service: "s3", Operation: "GetObject", Region: "eu-west-1", Input: input}})
		assert.Equal(t, tt.allowed, d.Allowed(), "%s %s: %s", tt.list, tt.accounts, d.Reason)
	}
}
