package policy

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What an SDK client in eu-west-1 sends to a host, under rules with regions:. A service with one
// endpoint for all regions is called in the client's region. The name without a region of any other
// service is in us-east-1.
func TestRegionsAtGlobalNames(t *testing.T) {
	for _, tt := range []struct {
		name, rules, service, operation, host string
		allowed                               bool
		reason                                string
	}{
		{"IAM", "whitelist: [{aws: iam:ListRoles, regions: [eu-west-1]}]", "IAM", "ListRoles", "iam.amazonaws.com", true, ""},
		{"IAM, of others", "whitelist: [{aws: iam:ListRoles, regions: [us-east-1]}]", "IAM", "ListRoles", "iam.amazonaws.com", false, "no whitelist rule allows iam:ListRoles (list) in eu-west-1"},
		{"Organizations", "whitelist: [{aws: organizations:ListAccounts, regions: [eu-west-1]}]", "Organizations", "ListAccounts", "organizations.us-east-1.amazonaws.com", true, ""},
		{"Organizations, of others", "whitelist: [{aws: organizations:ListAccounts, regions: [us-east-1]}]", "Organizations", "ListAccounts", "organizations.us-east-1.amazonaws.com", false, "in eu-west-1"},
		{"forbidden", "blacklist: [{aws: iam:ListRoles, regions: [eu-west-1]}]", "IAM", "ListRoles", "iam.amazonaws.com", false, "iam:ListRoles (list) in eu-west-1 is blacklisted"},
		{"forbidden elsewhere", "blacklist: [{aws: iam:ListRoles, regions: [us-east-1]}]", "IAM", "ListRoles", "iam.amazonaws.com", true, ""},
		{"STS", "whitelist: [{aws: sts:GetCallerIdentity, regions: [eu-west-1]}]", "STS", "GetCallerIdentity", "sts.amazonaws.com", true, ""},
		{"a regional service", "whitelist: [{aws: dynamodb:ListTables, regions: [eu-west-1]}]", "DynamoDB", "ListTables", "dynamodb.amazonaws.com", false, "no whitelist rule allows dynamodb:ListTables (list) in us-east-1"},
		{"in its own region", "whitelist: [{aws: dynamodb:ListTables, regions: [eu-west-1]}]", "DynamoDB", "ListTables", "dynamodb.eu-west-1.amazonaws.com", true, ""},
		{"its streams", "whitelist: [{aws: dynamodb:ListStreams, regions: [eu-west-1]}]", "DynamoDB Streams", "ListStreams", "streams.dynamodb.amazonaws.com", false, "in us-east-1"},
		{"queues", "blacklist: [{aws: \"sqs:*\", regions: [us-east-1]}]", "SQS", "ListQueues", "queue.amazonaws.com", false, "in us-east-1 is blacklisted"},
		{"instances", "whitelist: [{aws: \"ec2:*\", regions: [eu-west-1]}]", "EC2", "DescribeInstances", "ec2.amazonaws.com", false, "in us-east-1"},
		{"no regions:", "whitelist: [{aws: iam:ListUsers}]", "IAM", "ListRoles", "iam.amazonaws.com", false, "no whitelist rule allows iam:ListRoles (list)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := parsed(t, tt.rules)
			c := Call{Via: ViaSDK, AWS: AWSCall{Service: tt.service, Operation: tt.operation, Region: "eu-west-1"}}
			d := p.Decide(c)
			if d.Allowed() {
				c.Via, c.HTTP = ViaWire, signedBy(t, ownKey, "any", "POST", "https://"+tt.host+"/")
				d = p.Decide(c)
			}
			assert.Equal(t, tt.allowed, d.Allowed(), d.Reason)
			assert.Contains(t, d.Reason, tt.reason)
		})
	}
}

// A request without the SDK shows its region in the host, or in the signature.
func TestRegionsOfPlainRequestsAtGlobalNames(t *testing.T) {
	p := parsed(t, "whitelist: [{aws: dynamodb:ListTables, regions: [eu-west-1]}]")
	request := func(host string) Call {
		r := signedBy(t, ownKey, "dynamodb", "POST", "https://"+host+"/")
		r.Header.Set("X-Amz-Target", "DynamoDB_20120810.ListTables")
		r.Header.Set("Content-Type", "application/x-amz-json-1.0")
		return Call{Via: ViaTransport, HTTP: r}
	}
	d := p.Decide(request("dynamodb.eu-west-1.amazonaws.com"))
	require.True(t, d.Allowed(), d.Reason)
	d = p.Decide(request("dynamodb.amazonaws.com"))
	assert.False(t, d.Allowed())
	assert.Contains(t, d.Reason, "in us-east-1")
}
