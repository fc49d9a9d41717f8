package policy

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/outguard/outguard/internal/alloctest"
)

// Stand-ins for the SDK's inputs, with the members that matter.
type (
	tag              struct{ Key, Value *string }
	createQueueInput struct {
		QueueName *string
		Tags      map[string]string
	}
	createTableInput struct {
		TableName *string
		Tags      []tag
	}
	createSecretInput struct {
		Name, KmsKeyId *string
		Tags           []tag
	}
	assumeRoleInput struct {
		RoleArn, SourceIdentity *string
		Tags                    []tag
	}
	tagSpecification  struct{ ResourceType string }
	runInstancesInput struct {
		ImageId           *string
		TagSpecifications []tagSpecification
	}
	deleteObjectInput struct {
		Bucket, Key               *string
		BypassGovernanceRetention *bool
	}
	createBucketInput struct {
		Bucket                     *string
		ObjectLockEnabledForBucket *bool
		CreateBucketConfiguration  *struct{ Tags []tag }
	}
)

// Tags of what is made, an identity of a session, a lock that is passed by: IAM asks for actions of
// their own, and so does a policy, by the SDK as by a request's body or headers.
func TestMembersOfOtherServicesAddActions(t *testing.T) {
	s, yes, no := func(s string) *string { return &s }, true, false
	tags := []tag{{s("a"), s("b")}}
	call := func(service, operation string, input any) Call {
		return Call{AWS: AWSCall{Service: service, Operation: operation, Region: "eu-west-1", Input: input}}
	}
	post := func(service, body, target string) Call {
		r, _ := http.NewRequest(http.MethodPost, "https://"+service+".eu-west-1.amazonaws.com/", strings.NewReader(body))
		r.Header = signedBy(t, ownKey, service, http.MethodPost, "https://"+service+".eu-west-1.amazonaws.com/").Header
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if target != "" {
			r.Header.Set("Content-Type", "application/x-amz-json-1.0")
			r.Header.Set("X-Amz-Target", target)
		}
		return Call{HTTP: r}
	}
	remove := Call{HTTP: signedBy(t, ownKey, "s3", http.MethodDelete, "https://receipts.s3.eu-west-1.amazonaws.com/k")}
	pass := Call{HTTP: signedBy(t, ownKey, "s3", http.MethodDelete, "https://receipts.s3.eu-west-1.amazonaws.com/k")}
	pass.HTTP.Header.Set("X-Amz-Bypass-Governance-Retention", "true")
	locked := Call{HTTP: signedBy(t, ownKey, "s3", http.MethodPut, "https://receipts.s3.eu-west-1.amazonaws.com/")}
	locked.HTTP.Header.Set("X-Amz-Bucket-Object-Lock-Enabled", "true")
	role := s("arn:aws:iam::111122223333:role/x")
	for _, c := range []struct {
		operation, added string // what a whitelist needs, and what is added
		bare, adds       Call
	}{
		{"sqs:CreateQueue", "sqs:TagQueue", call("sqs", "CreateQueue", &createQueueInput{s("q"), nil}), call("sqs", "CreateQueue", &createQueueInput{s("q"), map[string]string{"a": "b"}})},
		{"dynamodb:CreateTable", "dynamodb:TagResource", call("dynamodb", "CreateTable", &createTableInput{s("t"), nil}), call("dynamodb", "CreateTable", &createTableInput{s("t"), tags})},
		{"secretsmanager:CreateSecret", "secretsmanager:TagResource", call("secretsmanager", "CreateSecret", &createSecretInput{s("n"), nil, nil}), call("secretsmanager", "CreateSecret", &createSecretInput{s("n"), nil, tags})},
		{"secretsmanager:CreateSecret", "kms:GenerateDataKey", call("secretsmanager", "CreateSecret", &createSecretInput{s("n"), nil, nil}), call("secretsmanager", "CreateSecret", &createSecretInput{s("n"), s("alias/x"), nil})},
		{"sts:AssumeRole", "sts:TagSession", call("sts", "AssumeRole", &assumeRoleInput{role, nil, nil}), call("sts", "AssumeRole", &assumeRoleInput{role, nil, tags})},
		{"sts:AssumeRole", "sts:SetSourceIdentity", call("sts", "AssumeRole", &assumeRoleInput{role, nil, nil}), call("sts", "AssumeRole", &assumeRoleInput{role, s("me"), nil})},
		{"ec2:RunInstances", "ec2:CreateTags", call("ec2", "RunInstances", &runInstancesInput{s("ami-1"), nil}), call("ec2", "RunInstances", &runInstancesInput{s("ami-1"), []tagSpecification{{"instance"}, {"volume"}}})},
		{"s3:DeleteObject", "s3:BypassGovernanceRetention", call("s3", "DeleteObject", &deleteObjectInput{s("b"), s("k"), &no}), call("s3", "DeleteObject", &deleteObjectInput{s("b"), s("k"), &yes})},
		{"s3:CreateBucket", "s3:TagResource", call("s3", "CreateBucket", &createBucketInput{s("b"), nil, &struct{ Tags []tag }{}}), call("s3", "CreateBucket", &createBucketInput{s("b"), nil, &struct{ Tags []tag }{tags}})},
		{"s3:CreateBucket, s3:PutBucketVersioning", "s3:PutBucketObjectLockConfiguration", call("s3", "CreateBucket", &createBucketInput{s("b"), &no, nil}), call("s3", "CreateBucket", &createBucketInput{s("b"), &yes, nil})},

		{"s3:DeleteObject", "s3:BypassGovernanceRetention", remove, pass},
		{"s3:CreateBucket, s3:PutBucketVersioning", "s3:PutBucketObjectLockConfiguration", Call{HTTP: signedBy(t, ownKey, "s3", http.MethodPut, "https://receipts.s3.eu-west-1.amazonaws.com/")}, locked},
		{"sts:AssumeRole", "sts:TagSession", post("sts", "Action=AssumeRole&RoleArn=x", ""), post("sts", "Action=AssumeRole&RoleArn=x&Tags.member.1.Key=a", "")},
		{"sts:AssumeRole", "sts:SetSourceIdentity", post("sts", "Action=AssumeRole", ""), post("sts", "Action=AssumeRole&SourceIdentity=me", "")},
		{"ec2:RunInstances", "ec2:CreateTags", post("ec2", "Action=RunInstances", ""), post("ec2", "Action=RunInstances&TagSpecification.1.ResourceType=instance", "")},
		{"sqs:CreateQueue", "sqs:TagQueue", post("sqs", `{"QueueName":"q"}`, "AmazonSQS.CreateQueue"), post("sqs", `{"QueueName":"q","tags":{"a":"b"}}`, "AmazonSQS.CreateQueue")},
		{"dynamodb:CreateTable", "dynamodb:TagResource", post("dynamodb", `{"TableName":"t","Tags":[]}`, "DynamoDB_20120810.CreateTable"), post("dynamodb", `{"TableName":"t","Tags":[{"Key":"a"}]}`, "DynamoDB_20120810.CreateTable")},
	} {
		whitelist := func(actions string) *Policy { return parsed(t, "whitelist:\n  - aws: ["+actions+"]\n") }
		verdict := func(p *Policy, c Call, want bool, what string) {
			d := p.Decide(c)
			assert.Equal(t, want, d.Allowed(), "%s, %s, %s: %s", c.AWS.Operation, what, c.AWS.Operation, d.Reason)
		}
		verdict(whitelist(c.operation), c.bare, true, c.operation+" without "+c.added)
		verdict(whitelist(c.operation), c.adds, false, c.operation+" with "+c.added)
		verdict(whitelist(c.operation+", "+c.added), c.adds, true, c.added+" allowed")
		black := parsed(t, "blacklist:\n  - aws: "+c.added+"\n")
		verdict(black, c.bare, true, "not blacklisted "+c.added)
		verdict(black, c.adds, false, "blacklisted "+c.added)
	}
	// Looking for a member takes no memory.
	p := parsed(t, "whitelist:\n  - aws: [sqs:CreateQueue, sqs:TagQueue, s3:DeleteObject]\n")
	for _, c := range []Call{
		call("sqs", "CreateQueue", &createQueueInput{s("q"), map[string]string{"a": "b"}}), call("s3", "DeleteObject", &deleteObjectInput{s("b"), s("k"), &no}),
	} {
		assert.True(t, p.Decide(c).Allowed())
		alloctest.AtMost(t, 0, func() { p.Decide(c) }, c.AWS.Operation)
	}
}

// A role that a call passes to a service adds nothing: AWS checks iam:PassRole, which no call
// takes.
func TestAPassedRoleAddsNothing(t *testing.T) {
	name, role := "x", "arn:aws:iam::111122223333:role/x"
	c := Call{AWS: AWSCall{Service: "lambda", Operation: "CreateFunction", Region: "eu-west-1", Input: &struct{ FunctionName, Role *string }{&name, &role}}}
	d := parsed(t, "whitelist:\n  - aws: lambda:CreateFunction\n").Decide(c)
	assert.True(t, d.Allowed(), d.Reason)
	assert.NotEmpty(t, parsed(t, "blacklist:\n  - aws: iam:PassRole\n").Warnings())
}
