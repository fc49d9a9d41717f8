package policy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A whitelist rule without accounts: is for the own account, unless its resources: name another
// one.
func TestAccountsLeftOut(t *testing.T) {
	const own, other, third = "111122223333", "444455556666", "777788889999"
	key := func(account string) AWSCall {
		return AWSCall{Service: "kms", Operation: "Decrypt", Region: "eu-west-1", Resources: []string{"arn:aws:kms:eu-west-1:" + account + ":key/1"}}
	}
	bucket := func(owner string) AWSCall {
		return AWSCall{Service: "s3", Operation: "GetObject", Region: "eu-west-1", Input: &struct{ Bucket, Key, ExpectedBucketOwner *string }{str("receipts"), str("k"), str(owner)}}
	}
	catalog := func(account string) AWSCall {
		return AWSCall{Service: "glue", Operation: "GetTable", Region: "eu-west-1", Input: &struct{ CatalogId, DatabaseName, Name *string }{str(account), str("d"), str("t")}}
	}
	for _, tt := range []struct {
		rule string
		call AWSCall
		want bool
	}{
		{"aws: kms:Decrypt", key(own), true},
		{"aws: kms:Decrypt", key(other), false},
		{"{aws: any, reason: tests}", key(other), false},
		{"{aws: kms:Decrypt, resources: \"*\"}", key(other), false},
		{"{aws: kms:Decrypt, resources: key/*}", key(other), false},
		{"{aws: kms:Decrypt, resources: \"arn:aws:kms:*:" + other + ":key/*\"}", key(other), true},
		{"{aws: kms:Decrypt, resources: \"arn:aws:kms:*:" + other + ":key/*\"}", key(third), false},
		{"{aws: kms:Decrypt, resources: \"arn:aws:kms:*:*:key/*\"}", key(third), true},
		{"{aws: kms:Decrypt, resources: [key/*, \"arn:aws:kms:*:" + other + ":key/*\"]}", key(other), true},
		{"{aws: kms:Decrypt, accounts: [\"" + other + "\"]}", key(other), true},
		{"{aws: kms:Decrypt, accounts: [\"" + other + "\"]}", key(own), false},
		{"{aws: kms:Decrypt, accounts: [self, \"" + other + "\"]}", key(own), true},
		{"aws: s3:GetObject", bucket(own), true},
		{"aws: s3:GetObject", bucket(other), false},
		{"{aws: s3:GetObject, resources: \"arn:aws:s3:::receipts/*\"}", bucket(other), true},
		{"{aws: s3:GetObject, resources: receipts/*, accounts: [\"" + other + "\"]}", bucket(other), true},
		{"aws: glue:GetTable", catalog(own), true},
		{"aws: glue:GetTable", catalog(other), false},
	} {
		text := "whitelist:\n  - " + tt.rule + "\n"
		d := parsed(t, text).Decide(Call{AWS: tt.call})
		assert.Equal(t, tt.want, d.Allowed(), "%s: %s", tt.rule, d.Reason)
		if !tt.want { // the printed entry allows it
			d = parsed(t, text+"  "+strings.ReplaceAll(d.Allow, "\n", "\n  ")+"\n").Decide(Call{AWS: tt.call})
			assert.True(t, d.Allowed(), "%s: %s", tt.rule, d.Reason)
		}
	}
	d := parsed(t, "whitelist:\n  - aws: kms:Decrypt\n").Decide(Call{AWS: key(other)})
	assert.Equal(t, "- aws: kms:Decrypt\n  resources: arn:aws:kms:eu-west-1:"+other+":key/1\n  accounts: [\""+other+"\"]", d.Allow)
	assert.False(t, parsed(t, "blacklist:\n  - aws: kms:Decrypt\n").Decide(Call{AWS: key(other)}).Allowed())
}

// Where the own account is not known, the rule holds for every account, and a warning says so.
func TestAccountsLeftOutWithoutAnOwnAccount(t *testing.T) {
	call := Call{AWS: AWSCall{Service: "kms", Operation: "Decrypt", Region: "eu-west-1", Resources: []string{"arn:aws:kms:eu-west-1:444455556666:key/1"}}}
	for text, want := range map[string]int{
		"whitelist:\n  - aws: kms:Decrypt\n  - aws: kms:Encrypt\n":           1,
		"whitelist:\n  - {aws: kms:Decrypt, accounts: [\"444455556666\"]}\n": 0,
		"blacklist:\n  - aws: kms:Encrypt\n":                                 0,
	} {
		p, err := Parse("policy.yaml", []byte("on_violation: block\n"+text), Env{Function: "f", Region: "eu-west-1"})
		assert.NoError(t, err)
		assert.Len(t, p.Warnings(), want, text)
		assert.True(t, p.Decide(call).Allowed(), text)
	}
	p, err := Parse("policy.yaml", []byte("on_violation: block\nwhitelist:\n  - {aws: kms:Decrypt, resources: key/*}\n"), Env{Function: "f", Region: "eu-west-1"})
	assert.NoError(t, err)
	assert.False(t, p.Decide(call).Allowed(), "a resource without an account is the own one's")
}
