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
		{"a star", "s3", "GetObject", "arn:aws:s3:::receipts/a*b", "- aws: s3:GetObject\n  resources: \"receipts/a?b\"", "s3:GetObject (read) on arn:aws:s3:::receipts/a*b"},
		{"several actions of one name", "s3", "CopyObject", "arn:aws:s3:::receipts/a", "- aws: s3:CopyObject\n  resources: receipts/a", ""},
		{"unknown resource", "sqs", "SendMessage", "", "- aws: sqs:SendMessage", "sqs:SendMessage (write) on an unknown resource"},
		{"a guess", "sqs", "GetMadeUp", queueARN, "- aws: sqs:GetMadeUp\n  resources: orders", "sqs:GetMadeUp (read, guessed) on " + queueARN + "; the tables of this version do not know the operation, so that no rule with access: is for it"},
		{"unidentified", "sqs", "", "", "- aws: sqs:*", "an unidentified sqs operation on an unknown resource"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := compileAll(config)
			call := Call{Service: c.service, Operation: c.operation}
			if c.resource != "" {
				call.Resources = []string{c.resource}
			}
			w := a.Read(&call)
			f := a.Judge(w)
			if assert.Equal(t, Missed, f.Rest) {
				assert.Equal(t, c.entry, w.MissEntry(&f))
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

func TestLiteral(t *testing.T) {
	for name, want := range map[string]string{
		"plain":        "plain",
		"a*b":          "a?b",
		"a?b":          "a?b",
		"\xffa":        "?a",
		"\xffa*":       "?a?",
		"\uFFFD*":      "????",
		"bücher*":      "bücher?",
		"a${X}b":       "a$?X?b",
		"$HOME":        "$HOME",
		"costs $ and*": "costs $ and?",
	} {
		assert.Equal(t, want, literal(name), "%q", name)
	}
}

// What needs no quotes in YAML is written without, at both ends of each range.
func TestYAMLText(t *testing.T) {
	for text, want := range map[string]string{
		"azAZ09/:*._-+=@$":   "azAZ09/:*._-+=@$",
		"z9Z":                "z9Z",
		"receipts/*":         "receipts/*",
		"*":                  `"*"`,
		"*/a":                `"*/a"`,
		"@a":                 `"@a"`,
		"-a":                 `"-a"`,
		"a-":                 "a-",
		"a:":                 `"a:"`,
		"a b":                `"a b"`,
		"a?b":                `"a?b"`,
		"a{b":                `"a{b"`,
		"a`b":                "\"a`b\"",
		"a[b":                `"a[b"`,
		"a, b":               `"a, b"`,
		"a#b":                `"a#b"`,
		"é":                  `"é"`,
		"say \"hi\"":         `"say \"hi\""`,
		"line\n- aws: any\n": `"line\n- aws: any\n"`,
	} {
		assert.Equal(t, want, yamlText(text), "%q", text)
	}
}
