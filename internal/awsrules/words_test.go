package awsrules

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/outguard/outguard/internal/awscall"
)

// The entry that a miss proposes, and what it says is done on what.
func TestMissEntry(t *testing.T) {
	config := function
	config.Whitelist = true
	for _, c := range []struct {
		name, service, operation, resource string
		entry, reason                      string
	}{
		{"own", "sqs", "SendMessage", queueARN, "- aws: sqs:SendMessage\n  resources: orders", "sqs:SendMessage (write) on " + queueARN},
		{"another account", "sqs", "SendMessage", "arn:aws:sqs:eu-west-1:444455556666:orders", "- aws: sqs:SendMessage\n  resources: arn:aws:sqs:eu-west-1:444455556666:orders\n  accounts: [\"444455556666\"]", "sqs:SendMessage (write) on arn:aws:sqs:eu-west-1:444455556666:orders"},
		{"another region", "sqs", "SendMessage", "arn:aws:sqs:us-east-1:111122223333:orders", "- aws: sqs:SendMessage\n  resources: arn:aws:sqs:us-east-1:111122223333:orders", "sqs:SendMessage (write) on arn:aws:sqs:us-east-1:111122223333:orders"},
		{"another partition", "s3", "GetObject", "arn:aws-cn:s3:::receipts/a", "- aws: s3:GetObject\n  resources: arn:aws-cn:s3:::receipts/a", "s3:GetObject (read) on arn:aws-cn:s3:::receipts/a"},
		{"without region and account", "s3", "GetObject", "arn:aws:s3:::receipts/a", "- aws: s3:GetObject\n  resources: receipts/a", "s3:GetObject (read) on arn:aws:s3:::receipts/a"},
		{"a star", "s3", "GetObject", "arn:aws:s3:::receipts/a*b", "", "s3:GetObject (read) on arn:aws:s3:::receipts/a*b"},
		{"several actions of one name", "s3", "CopyObject", "arn:aws:s3:::receipts/a", "- aws: s3:CopyObject\n  resources: receipts/a", ""},
		{"unknown resource", "sqs", "SendMessage", "", "", "sqs:SendMessage (write) on an unknown resource: the call does not name it"},
		{"a guess", "sqs", "GetMadeUp", queueARN, "- aws: sqs:GetMadeUp\n  resources: orders", "sqs:GetMadeUp (read, guessed) on " + queueARN},
		{"unidentified", "sqs", "", "", "", "an unidentified sqs operation on an unknown resource: the call does not name it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := compileAll(config)
			call := Call{Service: c.service, Operation: c.operation}
			if c.resource != "" {
				call.Resources = []string{c.resource}
			}
			w := a.Read(&call)
			var f Finding
			a.Judge(&f, w)
			if assert.Equal(t, Missed, f.Rest) {
				assert.Equal(t, c.entry, w.MissEntry())
				if c.reason != "" {
					assert.Equal(t, "no whitelist rule allows "+c.reason, w.MissReason(&f))
				}
			}
		})
	}
}

func TestOn(t *testing.T) {
	touch := awscall.Touch{State: awscall.Known, Partition: "aws", Service: "s3", Resource: []byte("receipts")}
	for _, c := range []struct{ account, owner, want string }{
		{"", "", " on arn:aws:s3:::receipts"},
		{"", "444455556666", " on arn:aws:s3:::receipts of account 444455556666"},
		{"444455556666", "444455556666", " on arn:aws:s3::444455556666:receipts"},
		{"111122223333", "444455556666", " on arn:aws:s3::111122223333:receipts of account 444455556666"},
	} {
		touch.Account, touch.Owner = c.account, c.owner
		assert.Equal(t, c.want, on(&touch))
	}
	assert.Empty(t, on(&awscall.Touch{State: awscall.Nothing}))
}

func TestIsLiteral(t *testing.T) {
	for name, want := range map[string]bool{
		"plain": true, "a${X}b": false, "$HOME": true, "costs $ and more": true, "bücher": true, "a*b": false, "a?b": false,
		"\xffa": false, "\uFFFD": false, "a[b": false, "a\nb": false, "a'b": false,
	} {
		assert.Equal(t, want, isLiteral(name), "%q", name)
	}
}
