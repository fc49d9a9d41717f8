package policy

import (
	"testing"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/rule"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type pathInput struct{ Path *string }

// What is read below a path may be what a blacklist names, wherever in the name its wildcard is; a
// whitelist has to name all of it.
func TestAllBelowAPath(t *testing.T) {
	for _, c := range []struct {
		list     pattern.Mode
		resource string
		want     bool // allowed
	}{
		{pattern.Wide, "parameter/*/secret", false},
		{pattern.Wide, "parameter/prod/db/secret", false},
		{pattern.Wide, "parameter/pr?d/*/secret", false},
		{pattern.Wide, "parameter/dev/*/secret", true},
		{pattern.Wide, "parameter/prod", false},
		{pattern.Wide, "parameter/prodigy/x", true},
		{pattern.Wide, "arn:aws:ssm:*:*:parameter/*/secret", false},
		{pattern.Wide, "arn:aws:ssm:*/secret", false},
		{pattern.Wide, "arn:aws:ssm:us-*", true},
		{pattern.Narrow, "parameter/prod/*", true},
		{pattern.Narrow, "parameter/*", true},
		{pattern.Narrow, "parameter/prod/", false},
		{pattern.Narrow, "arn:aws:ssm:*", true},
		{pattern.Narrow, "arn:aws:ssm:*/prod/", false},
	} {
		p := awsPolicy(t, awsRuleOf(t, c.list, "ssm:GetParametersByPath", c.resource))
		d := p.Decide(Call{AWS: AWSCall{Service: "SSM", Operation: "GetParametersByPath", Input: &pathInput{str("/prod")}}})
		assert.Equal(t, c.want, d.Allowed(), "%s %s: %s", c.list, c.resource, d.Reason)
	}
}

// A rule that only logs does not keep a call from being judged when it is signed.
func TestALoggedCallWaitsForItsKeyAsWell(t *testing.T) {
	white, black := awsRuleOf(t, pattern.Narrow, "s3:PutObject", "shared/*"), awsRuleOf(t, pattern.Wide, "s3:PutObject", "shared/*")
	white.Accounts = []string{"222233334444"}
	black.Outcome = rule.Outcome(Log)
	p := awsPolicy(t, white, black)
	call := Call{Via: ViaSDK, AWS: AWSCall{Service: "S3", Operation: "PutObject", Input: &objectInput{Bucket: str("shared"), Key: str("k")}}}
	assert.Equal(t, Log, p.Decide(call).Verdict)
	call.AWS.Account = "222233334444"
	assert.Equal(t, Log, p.Decide(call).Verdict)
	call.AWS.Account = "333344445555"
	assert.Equal(t, Block, p.Decide(call).Verdict)
}

// Of a team's file that limits a block to the call and a central one that does not, the stricter
// holds, whichever comes first.
func TestJoinFailsTheInvocationIfOnePolicyDoes(t *testing.T) {
	call := parse(t, "on_violation: block\nfunctions:\n  \"*\":\n    block_fails: call\n    whitelist: []")
	whole := parse(t, "on_violation: block\nwhitelist: []")
	for _, p := range []*Policy{Join(call, whole), Join(whole, call)} {
		assert.False(t, p.Decide(httpCall(t, "GET https://a.test/")).CallOnly)
	}
	assert.True(t, Join(call, call).Decide(httpCall(t, "GET https://a.test/")).CallOnly)
}

// The outcome for an unlisted endpoint is never milder than that of a blacklist rule on the call.
func TestWireIsAsStrictAsItsStrictestRule(t *testing.T) {
	white, black := awsRuleOf(t, pattern.Narrow, "sqs:*"), awsRuleOf(t, pattern.Wide, "sqs:*")
	white.Outcome, black.Outcome, black.Regions = rule.Outcome(Alert), rule.Outcome(Block), []string{"us-east-1"}
	p := awsPolicy(t, white, black)
	p.set.info.OnViolation = Alert
	r := signed(t, "POST", "http://sqs.us-east-1.amazonaws.com/", "sqs", "{}")
	call := Call{Via: ViaWire, HTTP: r, AWS: AWSCall{Service: "SQS", Operation: "SendMessage", Region: "eu-west-1", Input: &queueInput{str("https://sqs.eu-west-1.amazonaws.com/111122223333/orders")}}}
	assert.Equal(t, Block, p.Decide(call).Verdict)
}

// The entries that alerts propose allow the call, once there is one for all that it touches.
func TestAllowAllows(t *testing.T) {
	env := Env{Function: "f", Region: "eu-west-1", Account: "111122223333"}
	type output struct{ OutputLocation *string }
	for _, c := range []AWSCall{
		{Service: "ECS", Operation: "DeregisterTaskDefinition", Input: &struct{ TaskDefinition *string }{str("web")}},
		{Service: "SSM", Operation: "GetParametersByPath", Input: &pathInput{str("/prod")}},
		{Service: "SSM", Operation: "GetParametersByPath", Input: &pathInput{str("/")}},
		{Service: "SSM", Operation: "GetParameter", Input: &struct{ Name *string }{str("/aws/reference/secretsmanager/prod/db")}},
		{Service: "S3", Operation: "CopyObject", Input: &objectInput{Bucket: str("receipts"), Key: str("k"), CopySource: str("other/k?versionId=1")}},
		{Service: "S3", Operation: "CopyObject", Input: &objectInput{Bucket: str("receipts"), Key: str("k"), CopySource: str("arn:aws:s3-outposts:eu-west-1:111122223333:outpost/op-1/object/b")}},
		{Service: "S3", Operation: "PutObject", Input: &objectInput{Bucket: str("x--euw1-az1--x-s3"), Key: str("k")}},
		{Service: "Athena", Operation: "StartQueryExecution", Input: &struct {
			ResultConfiguration *output
			WorkGroup           *string
		}{&output{str("s3://results/a")}, str("primary")}},
		{Service: "DynamoDB", Operation: "ExecuteStatement", Input: &tableInput{Statement: str(`SELECT * FROM "orders"."by-day"`)}},
		{Service: "Lambda", Operation: "Invoke", Input: &functionInput{str("pay"), str("live")}},
		{Service: "Secrets Manager", Operation: "BatchGetSecretValue", Input: &struct{ SecretIdList []string }{[]string{"prod/db", "prod/x"}}},
	} {
		c.Region = "eu-west-1"
		rules := ""
		for n := 0; ; n++ {
			p, err := Parse("policy.yaml", []byte("version: 1\nwhitelist:\n- http: a.example\n"+rules), env)
			require.NoError(t, err, rules)
			d := p.Decide(Call{AWS: c})
			if d.Allowed() {
				break
			}
			if !assert.Less(t, n, 5, "%s:%s\n%s%s", c.Service, c.Operation, rules, d.Reason) {
				break
			}
			rules += d.Allow + "\n"
		}
	}
}

// Without a policy, a call is described as one in AWS's own partition.
func TestDescribeWithoutAPolicy(t *testing.T) {
	d := Join().Explain(Call{AWS: AWSCall{Service: "S3", Operation: "PutObject", Input: &objectInput{Bucket: str("shared"), Key: str("k")}}}).Call
	assert.Equal(t, []string{"arn:aws:s3:::shared/k"}, d.Resources)
}

// S3 Express signs with a key of its own, which is not another account's.
func TestAKeyOfASession(t *testing.T) {
	p := awsPolicy(t, awsRuleOf(t, pattern.Narrow, "s3:GetObject"), awsRuleOf(t, pattern.Narrow, "s3express:CreateSession"))
	call := func(host string) Call {
		r := with(signed(t, "GET", "https://"+host+"/k", "s3", "", otherKey), "X-Amz-S3session-Token", "t")
		return Call{Via: ViaWire, HTTP: r, AWS: AWSCall{Service: "S3", Operation: "GetObject", Input: &objectInput{Bucket: str("b--euw1-az1--x-s3"), Key: str("k")}}}
	}
	assert.Equal(t, "allow", said(p.Decide(call("b--euw1-az1--x-s3.s3express-euw1-az1.eu-west-1.amazonaws.com"))))
	assert.False(t, p.Decide(call("b.s3.eu-west-1.amazonaws.com")).Allowed())
}

// Glue and SageMaker fold names to lower case: a call in capitals is about the same resource.
func TestFoldedNames(t *testing.T) {
	type input struct{ DatabaseName, Name, FunctionName, EndpointName *string }
	for _, c := range []struct {
		subject, resource  string
		service, operation string
		in                 input
		same               bool
	}{
		{"glue:*", "table/db/secret", "Glue", "GetTable", input{DatabaseName: str("DB"), Name: str("Secret")}, true},
		{"glue:*", "table/DB/Secret", "Glue", "GetTable", input{DatabaseName: str("DB"), Name: str("Secret")}, true},
		{"glue:*", "table/db/public", "Glue", "GetTable", input{DatabaseName: str("DB"), Name: str("Secret")}, false},
		{"glue:*", "userDefinedFunction/db/f", "Glue", "GetUserDefinedFunction", input{DatabaseName: str("db"), FunctionName: str("F")}, true},
		{"sagemaker:InvokeEndpoint", "endpoint/fraud", "SageMaker Runtime", "InvokeEndpoint", input{EndpointName: str("fraud")}, true},
		{"sagemaker:InvokeEndpoint", "endpoint/fraud", "SageMaker Runtime", "InvokeEndpoint", input{EndpointName: str("Fraud")}, true},
		{"sagemaker:InvokeEndpoint", "endpoint/fraud", "SageMaker Runtime", "InvokeEndpoint", input{EndpointName: str("other")}, false},
	} {
		call := Call{AWS: AWSCall{Service: c.service, Operation: c.operation, Input: &c.in}}
		assert.Equal(t, c.same, awsPolicy(t, awsRuleOf(t, pattern.Narrow, c.subject, c.resource)).Decide(call).Allowed(), "%s %v", c.resource, c)
		assert.Equal(t, !c.same, awsPolicy(t, awsRuleOf(t, pattern.Wide, c.subject, c.resource)).Decide(call).Allowed(), "%s %v", c.resource, c)
	}
}
