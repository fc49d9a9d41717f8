package policy

import (
	"testing"

	"github.com/outguard/outguard/internal/alloctest"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/rule"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The inputs of the SDK, as far as these tests need them: they are read by reflection, by the names
// of their fields.
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
func awsPolicy(t testing.TB, rules ...rule.Rule) *Policy {
	set := settings{env: Env{Region: "eu-west-1", Account: "111122223333"}}
	for i := range rules {
		rules[i].Origin = rule.Origin{ID: "rule", File: "policy.yaml", Line: i + 1}
		set.whitelist = set.whitelist || rules[i].Mode == pattern.Narrow
	}
	p, err := newPolicy(set, rules)
	require.NoError(t, err)
	return p
}

// deadIn returns what is certainly wrong with a rule.
func deadIn(r *rule.Rule) (found []string) {
	texts := func(list []pattern.Pattern) (texts []string) {
		for _, p := range list {
			texts = append(texts, p.String())
		}
		return texts
	}
	for _, d := range r.Dead(texts(r.Subject), texts(r.Except)) {
		if !d.Doubt {
			found = append(found, d.What)
		}
	}
	return found
}

func awsRuleOf(t testing.TB, list pattern.Mode, subject string, resources ...string) rule.Rule {
	p, err := pattern.ParseAWS(subject, list)
	require.NoError(t, err)
	return rule.Rule{Mode: list, Kind: rule.AWS, Subject: []pattern.Pattern{&p}, Resources: resources}
}

func TestDecideAWS(t *testing.T) {
	white := func(subject string, resources ...string) rule.Rule {
		return awsRuleOf(t, pattern.Narrow, subject, resources...)
	}
	black := func(subject string, resources ...string) rule.Rule {
		return awsRuleOf(t, pattern.Wide, subject, resources...)
	}
	access := func(r rule.Rule, word string) rule.Rule { r.Access = []string{word}; return r }
	except := func(r rule.Rule, subject string) rule.Rule {
		p, err := pattern.ParseAWS(subject, r.Mode)
		require.NoError(t, err)
		r.Except = append(r.Except, &p)
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
		rule rule.Rule
		call AWSCall
		want bool
	}{
		{"reads are caught", access(black("sqs:*"), "read"), call("SQS", "ReceiveMessage", queue), false},
		{"and nothing else", access(black("sqs:*"), "read"), call("SQS", "SendMessage", queue), true},
		{"list is read", access(black("sqs:*"), "read"), call("SQS", "ListQueues", nil), false},
		{"an exception", except(access(black("sqs:*"), "read"), "sqs:GetQueueUrl"), call("SQS", "GetQueueUrl", queue), true},
		{"the name in IAM", white("lambda:InvokeFunction"), call("Lambda", "Invoke", &functionInput{FunctionName: str("f")}), true},
		{"another function", white("lambda:Invoke*", "function:f"), call("Lambda", "Invoke", &functionInput{FunctionName: str("g")}), false},
		{"a partial ARN", white("lambda:Invoke*", "function:f"), call("Lambda", "Invoke", &functionInput{FunctionName: str("999988887777:function:f")}), false},
		{"an object", white("s3:PutObject", "receipts/*"), call("S3", "PutObject", object("receipts", "2026/1.pdf")), true},
		{"another bucket", white("s3:PutObject", "receipts/*"), call("S3", "PutObject", object("receipts2", "1.pdf")), false},
		{"a slash in a bucket", white("s3:PutObject", "receipts/*"), call("S3", "PutObject", object("receipts/../other", "k")), false},
		{"an access point", white("s3:PutObject", "receipts/*"), call("S3", "PutObject", object("arn:aws:s3:eu-west-1:111122223333:accesspoint/receipts", "k")), false},
		{"a copy within", white("s3:*", "receipts/*"), call("S3", "CopyObject", copyOf("receipts/k0")), true},
		{"a copy from elsewhere", white("s3:*", "receipts/*"), call("S3", "CopyObject", copyOf("%6fther/k0")), false},
		{"a copy is a read of its source", white("s3:PutObject", "receipts/*"), call("S3", "CopyObject", copyOf("receipts/k0")), false},
		{"a copy does not write to its source", access(black("s3:*", "other/*"), "write"), call("S3", "CopyObject", copyOf("other/k0")), true},
		{"and writes to its target", access(black("s3:*", "receipts/*"), "write"), call("S3", "CopyObject", copyOf("other/k0")), false},
		{"an operation that does more than its action", access(black("bedrock:*"), "write"), call("Bedrock Runtime", "StartAsyncInvoke", nil), false},
		{"and its action", access(black("bedrock:*"), "read"), call("Bedrock Runtime", "StartAsyncInvoke", nil), false},
		{"and nothing else of its own", access(black("bedrock:*"), "tagging"), call("Bedrock Runtime", "StartAsyncInvoke", nil), true},
		{"a blacklisted bucket covers what is inside", black("s3:*", "secrets"), call("S3", "GetObject", object("secrets", "k")), false},
		{"a table", white("dynamodb:*Item", "table/orders"), call("DynamoDB", "PutItem", &tableInput{TableName: str("orders")}), true},
		{"an index is not its table", white("dynamodb:Query", "table/orders"), call("DynamoDB", "Query", &tableInput{TableName: str("orders"), IndexName: str("by-day")}), false},
		{"an index", white("dynamodb:Query", "table/orders/index/*"), call("DynamoDB", "Query", &tableInput{TableName: str("orders"), IndexName: str("by-day")}), true},
		{"a batch", white("dynamodb:*", "table/orders"), call("DynamoDB", "BatchWriteItem", &tableInput{RequestItems: map[string][]string{"orders": nil, "users": nil}}), false},
		{"a transaction", white("dynamodb:*", "table/orders"), call("DynamoDB", "TransactWriteItems", &tableInput{TransactItems: []transactItem{{Put: &transactTarget{str("orders")}}, {Delete: &transactTarget{str("users")}}}}), false},
		{"the parts of a transaction", white("dynamodb:PutItem", "table/orders"), call("DynamoDB", "TransactWriteItems", &tableInput{TransactItems: []transactItem{{Put: &transactTarget{str("orders")}}}}), true},
		{"the other parts of a transaction", white("dynamodb:PutItem", "table/orders"), call("DynamoDB", "TransactWriteItems", &tableInput{TransactItems: []transactItem{{Delete: &transactTarget{str("orders")}}}}), false},
		{"a statement", white("dynamodb:*", "table/orders"), call("DynamoDB", "ExecuteStatement", &tableInput{Statement: str(`SELECT * FROM users -- "orders"`)}), false},
		{"a statement that reads", white("dynamodb:PartiQLSelect", "table/orders"), call("DynamoDB", "ExecuteStatement", &tableInput{Statement: str(`select * from "orders" where id = 'x'`)}), true},
		{"a statement that writes", white("dynamodb:PartiQLSelect", "table/orders"), call("DynamoDB", "ExecuteStatement", &tableInput{Statement: str(`DELETE FROM "orders" WHERE id = 'x'`)}), false},
		{"two targets", white("sns:Publish", "alerts"), call("SNS", "Publish", &topicInput{TopicArn: str("arn:aws:sns:eu-west-1:111122223333:alerts"), TargetArn: str("arn:aws:sns:eu-west-1:111122223333:other")}), false},
		{"no target", white("sns:Publish", "alerts"), call("SNS", "Publish", &topicInput{}), false},
		{"any target", white("sns:Publish", "*"), call("SNS", "Publish", &topicInput{PhoneNumber: str("+15555550100")}), true},
		{"without an input", white("sqs:*", "orders"), AWSCall{Service: "sqs", Operation: "SendMessage", Resources: []string{"arn:aws:sqs:eu-west-1:111122223333:orders"}}, true},
		{"without a resource", white("sqs:*", "orders"), AWSCall{Service: "sqs", Operation: "SendMessage"}, false},
		{"no resource to take", white("sqs:*", "orders"), AWSCall{Service: "sqs", Operation: "ListQueues"}, false},
		{"a key of another account", white("sqs:*", "orders"), AWSCall{Service: "sqs", Operation: "SendMessage", Account: "999988887777", Resources: []string{"arn:aws:sqs:eu-west-1:111122223333:orders"}}, false},
		{"no region", white("sqs:*"), AWSCall{Service: "sqs", Operation: "ListQueues", Region: "evil.com/#"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := awsPolicy(t, tt.rule).Decide(Call{AWS: tt.call})
			assert.Equal(t, tt.want, d.Allowed(), d.Reason)
			if !d.Allowed() {
				assert.NotEmpty(t, d.Reason)
			} else if tt.rule.Mode == pattern.Narrow {
				assert.Equal(t, Whitelist, d.List)
				assert.Equal(t, 1, d.Rule.Line)
			}
		})
	}
}

func TestDecideAWSDoesNotAllocate(t *testing.T) {
	p := awsPolicy(t, awsRuleOf(t, pattern.Narrow, "s3:PutObject", "receipts/*"), awsRuleOf(t, pattern.Wide, "sqs:*"))
	c := AWSCall{Service: "S3", Operation: "PutObject", Region: "eu-west-1", Input: &objectInput{Bucket: str("receipts"), Key: str("2026/11/1.pdf")}}
	require.True(t, p.Decide(Call{AWS: c}).Allowed())
	alloctest.AtMost(t, 0, func() { p.Decide(Call{AWS: c}) })
}

func BenchmarkDecideAWS(b *testing.B) {
	p := awsPolicy(b, awsRuleOf(b, pattern.Narrow, "s3:PutObject", "receipts/*"), awsRuleOf(b, pattern.Wide, "sqs:*"))
	c := AWSCall{Service: "S3", Operation: "PutObject", Region: "eu-west-1", Input: &objectInput{Bucket: str("receipts"), Key: str("2026/11/1.pdf")}}
	for b.Loop() {
		p.Decide(Call{AWS: c})
	}
}

// What narrows a rule: regions, accounts, levels that are guessed.
func TestAWSRuleIsNarrowed(t *testing.T) {
	sqs := func(account, region string) AWSCall {
		return AWSCall{Service: "sqs", Operation: "SendMessage", Region: region, Resources: []string{"arn:aws:sqs:" + region + ":" + account + ":orders"}}
	}
	const own, other = "111122223333", "999988887777"
	list := func(l pattern.Mode, change func(*rule.Rule)) rule.Rule {
		r := awsRuleOf(t, l, "sqs:*")
		change(&r)
		return r
	}
	for _, tt := range []struct {
		name string
		rule rule.Rule
		call AWSCall
		want bool
	}{
		{"no accounts: the own one", list(pattern.Narrow, func(r *rule.Rule) {}), sqs(other, "eu-west-1"), false},
		{"no accounts in a blacklist: any", list(pattern.Wide, func(r *rule.Rule) {}), sqs(other, "eu-west-1"), false},
		{"self", list(pattern.Narrow, func(r *rule.Rule) { r.Accounts = []string{"self"} }), sqs(own, "eu-west-1"), true},
		{"not self", list(pattern.Narrow, func(r *rule.Rule) { r.Accounts = []string{"self"} }), sqs(other, "eu-west-1"), false},
		{"listed", list(pattern.Narrow, func(r *rule.Rule) { r.Accounts = []string{"self", other} }), sqs(other, "eu-west-1"), true},
		{"a blacklisted account", list(pattern.Wide, func(r *rule.Rule) { r.Accounts = []string{other} }), sqs(other, "eu-west-1"), false},
		{"another than that", list(pattern.Wide, func(r *rule.Rule) { r.Accounts = []string{other} }), sqs(own, "eu-west-1"), true},
		{"a region", list(pattern.Narrow, func(r *rule.Rule) { r.Regions = []string{"eu-west-1"} }), sqs(own, "eu-west-1"), true},
		{"another region", list(pattern.Narrow, func(r *rule.Rule) { r.Regions = []string{"eu-west-1"} }), sqs(own, "us-east-1"), false},
		{"a name is of the own region", awsRuleOf(t, pattern.Narrow, "sqs:*", "orders"), sqs(own, "us-east-1"), false},
		{"and account", awsRuleOf(t, pattern.Narrow, "sqs:*", "orders"), sqs(other, "eu-west-1"), false},
		{"or of those that are listed", list(pattern.Narrow, func(r *rule.Rule) { r.Resources, r.Regions = []string{"orders"}, []string{"us-east-1"} }), sqs(own, "us-east-1"), true},
		{"in a blacklist it is of any", awsRuleOf(t, pattern.Wide, "sqs:*", "orders"), sqs(other, "us-east-1"), false},
		{"a FIPS region is its region", awsRuleOf(t, pattern.Narrow, "sqs:*", "orders"), AWSCall{Service: "sqs", Operation: "SendMessage", Region: "fips-eu-west-1", Input: &queueInput{str("orders")}}, true},
		{"also in a list of regions", list(pattern.Narrow, func(r *rule.Rule) { r.Regions = []string{"us-east-1-fips"} }), sqs(own, "us-east-1"), true},
		{"and in one of what is forbidden", list(pattern.Wide, func(r *rule.Rule) { r.Regions = []string{"us-east-1"} }), AWSCall{Service: "sqs", Operation: "SendMessage", Region: "fips-us-east-1"}, false},
		{"the name of a partition is where its global services are", list(pattern.Narrow, func(r *rule.Rule) { r.Regions = []string{"us-east-1"} }), AWSCall{Service: "sqs", Operation: "ListQueues", Region: "aws-global"}, true},
		{"a name with a wildcard", awsRuleOf(t, pattern.Narrow, "sqs:*", "ord*"), sqs(own, "eu-west-1"), true},
		{"parts of an ARN stand for themselves", awsRuleOf(t, pattern.Narrow, "sqs:*", "arn:aws:sqs:*:"+own+":orders"), sqs(own, "us-east-1"), true},
		{"and not for others", awsRuleOf(t, pattern.Narrow, "sqs:*", "arn:aws:sqs:*:"+own+":orders"), sqs(other, "us-east-1"), false},
		{"a short ARN crosses", awsRuleOf(t, pattern.Narrow, "sqs:*", "arn:aws:sqs:*"), sqs(other, "us-east-1"), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := awsPolicy(t, tt.rule).Decide(Call{AWS: tt.call})
			assert.Equal(t, tt.want, d.Allowed(), d.Reason)
		})
	}
}

func TestGuessedLevels(t *testing.T) {
	read := awsRuleOf(t, pattern.Narrow, "sqs:*")
	read.Access = []string{"read"}
	call := AWSCall{Service: "sqs", Operation: "GetNewThing"}
	d := awsPolicy(t, awsRuleOf(t, pattern.Narrow, "sqs:*")).Decide(Call{AWS: call})
	assert.True(t, d.Allowed())
	assert.True(t, d.Guessed)
	assert.Equal(t, "read", d.Access)

	p, err := newPolicy(settings{whitelist: true, env: Env{Region: "eu-west-1"}}, []rule.Rule{read})
	require.NoError(t, err)
	d = p.Decide(Call{AWS: call})
	assert.False(t, d.Allowed())
	assert.Contains(t, d.Reason, "(read, guessed)")
	assert.Equal(t, "- aws: sqs:GetNewThing", d.Allow)
	assert.True(t, p.Decide(Call{AWS: AWSCall{Service: "sqs", Operation: "GetQueueUrl"}}).Allowed())

	write := awsRuleOf(t, pattern.Wide, "sqs:*")
	write.Access = []string{"write"}
	for op, want := range map[string]bool{"SetQueueAttributes": false, "TagQueue": false, "SendMessage": false, "ReceiveMessage": true, "FrobnicateQueue": false} {
		assert.Equal(t, want, awsPolicy(t, write).Decide(Call{AWS: AWSCall{Service: "sqs", Operation: op}}).Allowed(), op)
	}
	write = awsRuleOf(t, pattern.Narrow, "sqs:*")
	write.Access = []string{"write"}
	for op, want := range map[string]bool{"SetQueueAttributes": false, "TagQueue": false, "SendMessage": true, "ReceiveMessage": false} {
		assert.Equal(t, want, awsPolicy(t, write).Decide(Call{AWS: AWSCall{Service: "sqs", Operation: op}}).Allowed(), op)
	}
}

func TestTheStrictestRuleCounts(t *testing.T) {
	a, b := awsRuleOf(t, pattern.Wide, "sqs:*"), awsRuleOf(t, pattern.Wide, "sqs:Send*")
	a.Outcome, b.Outcome = rule.Outcome(Alert), rule.Outcome(Block)
	d := awsPolicy(t, a, b).Decide(Call{AWS: AWSCall{Service: "sqs", Operation: "SendMessage"}})
	assert.Equal(t, Block, d.Verdict)
	assert.Equal(t, 2, d.Rule.Line)
}

func TestSecretsSuffix(t *testing.T) {
	arn := func(s string) AWSCall {
		return AWSCall{Service: "secretsmanager", Operation: "GetSecretValue", Resources: []string{"arn:aws:secretsmanager:eu-west-1:111122223333:secret:" + s}}
	}
	relative := func(s string) AWSCall {
		return AWSCall{Service: "secretsmanager", Operation: "GetSecretValue", Region: "eu-west-1", Resources: []string{"secret:" + s}}
	}
	name := func(s string) AWSCall {
		return AWSCall{Service: "secretsmanager", Operation: "GetSecretValue", Input: &secretInput{str(s)}}
	}
	for _, tt := range []struct {
		resource string
		call     AWSCall
		want     bool
	}{
		{"secret:prod/db", name("prod/db"), true},
		{"secret:prod/db", arn("prod/db-AbCdEf"), true},
		{"secret:prod/db", arn("prod/db-backup"), false},
		{"secret:prod/db", arn("prod/db"), true},
		{"secret:prod/db-??????", arn("prod/db"), true},
		{"secret:prod/db", relative("prod/db-AbCdEf"), true},
		{"secret:prod/db-??????", relative("prod/db"), true},
		{"secret:prod/db", relative("prod/db2"), false},
		{"secret:prod/db", name("prod/db-backup"), false},
		{"secret:prod/db", name("prod/db2"), false},
		{"secret:prod/db-??????", name("prod/db"), true},
		{"secret:prod/db-??????", arn("prod/db-AbCdEf"), true},
		{"secret:prod/db-*", name("prod/db"), true},
		{"secret:prod/db-AbCdEf", name("prod/db"), true},
		{"secret:prod/db-AbCdEf", arn("prod/db-AbCdEf"), true},
		{"secret:prod/db-AbCdEf", arn("prod/db-XyZ123"), false},
		{"secret:prod/db-backup", name("prod/db"), false},
		{"secret:prod/*", name("prod/db"), true},
		{"secret:prod/*", name("prod/../dev/db"), false},
	} {
		d := awsPolicy(t, awsRuleOf(t, pattern.Narrow, "secretsmanager:*", tt.resource)).Decide(Call{AWS: tt.call})
		assert.Equal(t, tt.want, d.Allowed(), "%s: %s", tt.resource, d.Reason)
	}
}

type secretInput struct{ SecretId *string }

// A call whose operation is not known may be any: a whitelist rule with an exception, or with
// access:, does not vouch for it, and every blacklist rule about the service catches it.
func TestAnOperationThatIsNotKnown(t *testing.T) {
	for _, c := range []struct {
		rule string
		want bool
	}{
		{"whitelist: [{aws: sqs:*}]", true},
		{"whitelist: [{aws: sqs:Send*}]", false},
		{"whitelist: [{aws: sqs:*, except: sqs:GetQueueUrl}]", false},
		{"whitelist: [{aws: sqs:*, access: write}]", false},
		{"whitelist: [{aws: any, reason: test}]", true},
		{"whitelist: [{aws: any, except: s3:*, reason: test}]", false},
		{"blacklist: [{aws: sqs:DeleteQueue}]", false},
		{"blacklist: [{aws: sqs:*, access: permissions}]", false},
		{"blacklist: [{aws: any, except: sqs:SendMessage}]", false},
		{"blacklist: [{aws: sns:*}]", true},
	} {
		d := parse(t, c.rule+"\n").Decide(Call{AWS: AWSCall{Service: "sqs"}})
		assert.Equal(t, c.want, d.Allowed(), "%s: %s", c.rule, d.Reason)
	}
}

// The reason names the tables only where they do not have the operation.
func TestTheReasonNamesAnUnknownOperation(t *testing.T) {
	p := parse(t, "whitelist: [{aws: sqs:*, access: write}, {aws: sns:*}, {aws: sqs:GetQueueUrl}]\n")
	const unknown = "the tables of this version do not know the operation"
	assert.NotContains(t, p.Decide(Call{AWS: AWSCall{Service: "sqs", Operation: "ReceiveMessage"}}).Reason, unknown)
	assert.Contains(t, p.Decide(Call{AWS: AWSCall{Service: "sqs", Operation: "SendNews"}}).Reason, unknown)
}
