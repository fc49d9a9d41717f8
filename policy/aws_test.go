package policy

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The inputs of the SDK, as far as these tests need them: they are read by reflection, by the names of their fields.
type (
	queueInput  struct{ QueueUrl *string }
	objectInput struct {
		Bucket, Key, CopySource *string
	}
	tableInput struct {
		TableName, IndexName *string
		RequestItems         map[string][]string
		TransactItems        []transactItem
		Statement            *string
	}
	transactItem   struct{ Put, Delete *transactTarget }
	transactTarget struct{ TableName *string }
	functionInput  struct{ FunctionName, Qualifier *string }
	topicInput     struct{ TopicArn, TargetArn, PhoneNumber *string }
)

func str(s string) *string { return &s }

// awsPolicy compiles rules of one list each, for a function of account 111122223333 in eu-west-1.
func awsPolicy(t testing.TB, rules ...rule) *Policy {
	set := settings{env: Env{Region: "eu-west-1", Account: "111122223333"}}
	for i := range rules {
		rules[i].ref = RuleRef{ID: "rule", File: "policy.yaml", Line: i + 1}
		set.whitelist = set.whitelist || rules[i].list == Whitelist
		if rules[i].kind == kindAWS {
			require.NoError(t, checkAWSRule(&rules[i]))
		}
	}
	p, err := newPolicy(set, rules)
	require.NoError(t, err)
	return p
}

func awsRuleOf(t testing.TB, list List, subject string, resources ...string) rule {
	p, err := parseAWSPattern(subject, list)
	require.NoError(t, err)
	return rule{list: list, kind: kindAWS, subject: subjects{aws: []awsPattern{p}}, resources: resources}
}

func TestDecideAWS(t *testing.T) {
	white := func(subject string, resources ...string) rule { return awsRuleOf(t, Whitelist, subject, resources...) }
	black := func(subject string, resources ...string) rule { return awsRuleOf(t, Blacklist, subject, resources...) }
	access := func(r rule, word string) rule { r.access = word; return r }
	except := func(r rule, subject string) rule {
		p, err := parseAWSPattern(subject, r.list)
		require.NoError(t, err)
		r.except.aws = append(r.except.aws, p)
		return r
	}
	call := func(service, operation string, input any) AWSCall {
		return AWSCall{Service: service, Operation: operation, Input: input}
	}
	queue := &queueInput{str("https://sqs.eu-west-1.amazonaws.com/111122223333/orders")}
	object := func(bucket, key string) *objectInput { return &objectInput{Bucket: str(bucket), Key: str(key)} }
	copyOf := func(source string) *objectInput {
		return &objectInput{Bucket: str("receipts"), Key: str("k"), CopySource: str(source)}
	}
	tests := []struct {
		name string
		rule rule
		call AWSCall
		want bool
	}{
		{"reads are caught", access(black("sqs:*"), "read"), call("SQS", "ReceiveMessage", queue), false},
		{"and nothing else", access(black("sqs:*"), "read"), call("SQS", "SendMessage", queue), true},
		{"list is read", access(black("sqs:*"), "read"), call("SQS", "ListQueues", nil), false},
		{"an exception", except(access(black("sqs:*"), "read"), "sqs:GetQueueUrl"), call("SQS", "GetQueueUrl", queue), true},
		{"IAM's name", white("lambda:InvokeFunction"), call("Lambda", "Invoke", &functionInput{FunctionName: str("f")}), true},
		{"another function", white("lambda:Invoke*", "function:f"), call("Lambda", "Invoke", &functionInput{FunctionName: str("g")}), false},
		{"a partial ARN", white("lambda:Invoke*", "function:f"), call("Lambda", "Invoke", &functionInput{FunctionName: str("999988887777:function:f")}), false},
		{"an object", white("s3:PutObject", "receipts/*"), call("S3", "PutObject", object("receipts", "2026/1.pdf")), true},
		{"another bucket", white("s3:PutObject", "receipts/*"), call("S3", "PutObject", object("receipts2", "1.pdf")), false},
		{"a slash in a bucket", white("s3:PutObject", "receipts/*"), call("S3", "PutObject", object("receipts/../other", "k")), false},
		{"an access point", white("s3:PutObject", "receipts/*"), call("S3", "PutObject", object("arn:aws:s3:eu-west-1:111122223333:accesspoint/receipts", "k")), false},
		{"a copy within", white("s3:*", "receipts/*"), call("S3", "CopyObject", copyOf("receipts/k0")), true},
		{"a copy from elsewhere", white("s3:*", "receipts/*"), call("S3", "CopyObject", copyOf("%6fther/k0")), false},
		{"a copy is a read of its source", white("s3:PutObject", "receipts/*"), call("S3", "CopyObject", copyOf("receipts/k0")), false},
		{"a blacklisted bucket covers what is inside", black("s3:*", "secrets"), call("S3", "GetObject", object("secrets", "k")), false},
		{"a table", white("dynamodb:*Item", "table/orders"), call("DynamoDB", "PutItem", &tableInput{TableName: str("orders")}), true},
		{"an index is not its table", white("dynamodb:Query", "table/orders"), call("DynamoDB", "Query", &tableInput{TableName: str("orders"), IndexName: str("by-day")}), false},
		{"an index", white("dynamodb:Query", "table/orders/index/*"), call("DynamoDB", "Query", &tableInput{TableName: str("orders"), IndexName: str("by-day")}), true},
		{"a batch", white("dynamodb:*", "table/orders"), call("DynamoDB", "BatchWriteItem", &tableInput{RequestItems: map[string][]string{"orders": nil, "users": nil}}), false},
		{"a transaction", white("dynamodb:*", "table/orders"), call("DynamoDB", "TransactWriteItems", &tableInput{TransactItems: []transactItem{{Put: &transactTarget{str("orders")}}, {Delete: &transactTarget{str("users")}}}}), false},
		{"a transaction's parts", white("dynamodb:PutItem", "table/orders"), call("DynamoDB", "TransactWriteItems", &tableInput{TransactItems: []transactItem{{Put: &transactTarget{str("orders")}}}}), true},
		{"a transaction's other parts", white("dynamodb:PutItem", "table/orders"), call("DynamoDB", "TransactWriteItems", &tableInput{TransactItems: []transactItem{{Delete: &transactTarget{str("orders")}}}}), false},
		{"a statement", white("dynamodb:*", "table/orders"), call("DynamoDB", "ExecuteStatement", &tableInput{Statement: str(`SELECT * FROM users -- "orders"`)}), false},
		{"a statement that reads", white("dynamodb:PartiQLSelect", "table/orders"), call("DynamoDB", "ExecuteStatement", &tableInput{Statement: str(`select * from "orders" where id = 'x'`)}), true},
		{"a statement that writes", white("dynamodb:PartiQLSelect", "table/orders"), call("DynamoDB", "ExecuteStatement", &tableInput{Statement: str(`DELETE FROM "orders" WHERE id = 'x'`)}), false},
		{"two targets", white("sns:Publish", "alerts"), call("SNS", "Publish", &topicInput{TopicArn: str("arn:aws:sns:eu-west-1:111122223333:alerts"), TargetArn: str("arn:aws:sns:eu-west-1:111122223333:other")}), false},
		{"no target", white("sns:Publish", "alerts"), call("SNS", "Publish", &topicInput{}), false},
		{"any target", white("sns:Publish", "*"), call("SNS", "Publish", &topicInput{PhoneNumber: str("+15555550100")}), true},
		{"without an input", white("sqs:*", "orders"), AWSCall{Service: "sqs", Operation: "SendMessage", Resources: []string{"arn:aws:sqs:eu-west-1:111122223333:orders"}}, true},
		{"without a resource", white("sqs:*", "orders"), AWSCall{Service: "sqs", Operation: "SendMessage"}, false},
		{"no resource to take", white("sqs:*", "orders"), AWSCall{Service: "sqs", Operation: "ListQueues"}, false},
		{"another's key", white("sqs:*", "orders"), AWSCall{Service: "sqs", Operation: "SendMessage", Account: "999988887777", Resources: []string{"arn:aws:sqs:eu-west-1:111122223333:orders"}}, false},
		{"no region", white("sqs:*"), AWSCall{Service: "sqs", Operation: "ListQueues", Region: "evil.com/#"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := awsPolicy(t, tt.rule).decideAWS(tt.call)
			assert.Equal(t, tt.want, d.Allowed(), d.Reason)
			if !d.Allowed() {
				assert.NotEmpty(t, d.Reason)
			}
		})
	}
}

func TestDecideAWSDoesNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("sync.Pool drops values at random under the race detector")
	}
	p := awsPolicy(t, awsRuleOf(t, Whitelist, "s3:PutObject", "receipts/*"), awsRuleOf(t, Blacklist, "sqs:*"))
	c := AWSCall{Service: "S3", Operation: "PutObject", Region: "eu-west-1", Input: &objectInput{Bucket: str("receipts"), Key: str("2026/11/1.pdf")}}
	require.True(t, p.decideAWS(c).Allowed())
	assert.Zero(t, testing.AllocsPerRun(100, func() { p.decideAWS(c) }))
}

func BenchmarkDecideAWS(b *testing.B) {
	p := awsPolicy(b, awsRuleOf(b, Whitelist, "s3:PutObject", "receipts/*"), awsRuleOf(b, Blacklist, "sqs:*"))
	c := AWSCall{Service: "S3", Operation: "PutObject", Region: "eu-west-1", Input: &objectInput{Bucket: str("receipts"), Key: str("2026/11/1.pdf")}}
	for b.Loop() {
		p.decideAWS(c)
	}
}
