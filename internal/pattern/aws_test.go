package pattern

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/awsops"
)

func TestParseAWS(t *testing.T) {
	for text, want := range map[string]string{
		"sqs:SendMessage": "sqs:sendmessage", "sfn:StartExecution": "states:startexecution", "cloudwatchlogs:*": "logs:*", "S3:Get*": "s3:get*",
		"cognitoidentityprovider:Admin*": "cognito-idp:admin*",
	} {
		p, err := ParseAWS(text, Narrow)
		assert.NoError(t, err, text)
		assert.Equal(t, want, p.Service+":"+p.Operation)
	}
	for text, want := range map[string]string{
		"sqs": "names no operation", "sqs:": "names no operation", "sqss:Send*": `did you mean "sqs:Send*"?`,
		"stepfunctions:StartExecution": `did you mean "states:StartExecution"?`, "AmazonS3:*": `did you mean "s3:*"?`, "msk:*": `did you mean "kafka:*"?`, "aws:s3:GetObject": `did you mean "s3:GetObject"?`,
		"kms:Encrypt,Decrypt": `write ["kms:Encrypt", "kms:Decrypt"]`, "dynamodb:get_item": `write "dynamodb:GetItem"`, "dynamodb:Get-Item": `write "dynamodb:GetItem"`, "s3.GetObject": `write "s3:GetObject"`, "*:Delete*": "every service", "s3*:Get*": "wildcard",
		"sqs:Send-Message": "not the name of an operation", "": "names no operation",
	} {
		_, err := ParseAWS(text, Narrow)
		assert.ErrorContains(t, err, want, text)
	}
	_, err := ParseAWS("*:Delete*", Wide)
	assert.NoError(t, err)
}

// Nothing that IAM knows as a resource of a service is of a wrong kind there, in the place of its
// ARN.
func TestKindsAreThoseOfIAM(t *testing.T) {
	data, err := os.ReadFile("../awsops/gen/data/iam.txt")
	require.NoError(t, err)
	prefix, n := "", 0
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			prefix = strings.Trim(line, "[]")
			continue
		}
		arn, _, _ := strings.Cut(line, " ")
		if !strings.HasPrefix(arn, "arn:") || strings.Count(arn, ":") < 5 || prefix == "ssm" && strings.Contains(arn, ":s3:") {
			continue // of s3, read under its own actions
		}
		arn = strings.TrimSuffix(arn, ",") // some lines of the data have two
		if _, known, _ := kindsOf(prefix); !known && prefix != "s3" {
			continue
		}
		for from, to := range map[string]string{"${Partition}": "aws", "${Region}": "eu-west-1", "${Account}": "111122223333", "${StreamType}": "stream"} {
			arn = strings.ReplaceAll(arn, from, to)
		}
		for strings.Contains(arn, "${") {
			before, after, _ := strings.Cut(arn, "${")
			_, after, _ = strings.Cut(after, "}")
			arn = before + "name" + after
		}
		n++
		p, _ := WrongResource([]AWS{{Text: prefix + ":*", Service: prefix, Operation: "*"}}, arn, Narrow)
		assert.Nil(t, p, "%s %s", prefix, arn)
	}
	assert.Greater(t, n, 400)
}

func TestCompleteARN(t *testing.T) {
	for text, want := range map[string]string{
		"arn": "arn", "orders": "orders", "arn:aws": "arn:aws:*:*:*:*", "arn:aws:sqs": "arn:aws:sqs:*:*:*", "arn:aws:sqs:": "arn:aws:sqs:*:*:*",
		"arn:aws:s3::": "arn:aws:s3::*:*", "arn:aws:sqs:eu-west-1:111122223333:q": "arn:aws:sqs:eu-west-1:111122223333:q", "arn:aws:s3:::a/b:c": "arn:aws:s3:::a/b:c",
	} {
		assert.Equal(t, want, CompleteARN(text), text)
	}
}

func TestAWSMatches(t *testing.T) {
	for _, c := range []struct {
		pattern, service, name string
		want                   bool
	}{
		{"sqs:Send*", "sqs", "sendmessage", true}, {"sqs:Send*", "sns", "sendmessage", false}, {"sqs:Send*", "sqs", "receivemessage", false},
		{"*:Send*", "sns", "sendmessage", true}, {"*:Send*", "sns", "publish", false},
	} {
		p, err := ParseAWS(c.pattern, Wide)
		require.NoError(t, err)
		assert.Equal(t, c.want, p.Matches(c.service, c.name), "%s %s:%s", c.pattern, c.service, c.name)
	}
}

func TestAccessLevels(t *testing.T) {
	all := []awsops.Level{awsops.List, awsops.Read, awsops.Write, awsops.Tagging, awsops.Permissions}
	for _, c := range []struct {
		words string
		mode  Mode
		want  []awsops.Level
	}{
		{"list", Narrow, []awsops.Level{awsops.List}}, {"read", Narrow, []awsops.Level{awsops.List, awsops.Read}},
		{"write", Narrow, []awsops.Level{awsops.Write}}, {"write", Wide, []awsops.Level{awsops.Write, awsops.Tagging, awsops.Permissions}},
		{"tagging", Narrow, []awsops.Level{awsops.Tagging}}, {"permissions", Narrow, []awsops.Level{awsops.Permissions}},
		{"list write", Narrow, []awsops.Level{awsops.List, awsops.Write}}, {"read", Wide, []awsops.Level{awsops.List, awsops.Read}}, {"tagging", Wide, []awsops.Level{awsops.Tagging}},
	} {
		levels, ok := AccessLevels(strings.Fields(c.words), c.mode)
		assert.True(t, ok, c.words)
		for _, level := range all {
			assert.Equal(t, slices.Contains(c.want, level), levels.Has(level), "%s: %v", c.words, level)
		}
	}
	every, ok := AccessLevels(nil, Narrow)
	assert.True(t, ok)
	for _, level := range all {
		assert.True(t, every.Has(level))
	}
	for _, words := range [][]string{{"admin"}, {"read", "admin"}, {""}} {
		none, ok := AccessLevels(words, Wide)
		assert.False(t, ok)
		assert.Zero(t, none, "what is refused matches nothing")
	}
}

func TestOppositeOfNoModeIsNone(t *testing.T) {
	assert.Equal(t, []Mode{0, Wide, Narrow, 0}, []Mode{Mode(0).Opposite(), Narrow.Opposite(), Wide.Opposite(), Mode(3).Opposite()})
}
