package policy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/awsops/names"
)

// caughtOrReported reports whether a policy blocks a call, or somebody is warned of what it holds.
func caughtOrReported(t *testing.T, src string, call Call) bool {
	f, err := ParseFile("p", []byte("version: 1\non_violation: block\n"+src))
	if err != nil {
		return true
	}
	if len(f.Warnings())+len(f.CheckResources(names.Kinds)) > 0 {
		return true
	}
	p, err := f.For(Env{Function: "f", Region: "eu-west-1", Account: "111122223333"})
	require.NoError(t, err)
	return !p.Decide(call).Allowed()
}

// Ways in which people write a resource that they want to forbid. Each forbids it, or is reported.
func TestSpellingsOfResourcesOfManyServices(t *testing.T) {
	for _, c := range []struct{ operation, resource, arn string }{
		{"lambda:Invoke", "functions:pay", "arn:aws:lambda:eu-west-1:111122223333:function:pay"},
		{"lambda:Invoke", "pay", "arn:aws:lambda:eu-west-1:111122223333:function:pay"},
		{"secretsmanager:GetSecretValue", "secret/db", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf"},
		{"secretsmanager:GetSecretValue", "prod/db", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbCdEf"},
		{"ssm:GetParameter", "/prod/db", "arn:aws:ssm:eu-west-1:111122223333:parameter/prod/db"},
		{"ssm:GetParameter", "parameter//prod/db", "arn:aws:ssm:eu-west-1:111122223333:parameter/prod/db"},
		{"ssm:GetParameter", "parameter:prod/db", "arn:aws:ssm:eu-west-1:111122223333:parameter/prod/db"},
		{"kms:Decrypt", "alias:billing", "arn:aws:kms:eu-west-1:111122223333:alias/billing"},
		{"kms:Decrypt", "key:1234", "arn:aws:kms:eu-west-1:111122223333:key/1234"},
		{"kinesis:PutRecord", "stream:orders", "arn:aws:kinesis:eu-west-1:111122223333:stream/orders"},
		{"logs:PutLogEvents", "log-group/orders", "arn:aws:logs:eu-west-1:111122223333:log-group:orders:log-stream:a"},
		{"logs:PutLogEvents", "/aws/lambda/pay", "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/pay:log-stream:a"},
		{"states:StartExecution", "statemachine:orders", "arn:aws:states:eu-west-1:111122223333:stateMachine:orders"},
		{"states:StartExecution", "stateMachine/orders", "arn:aws:states:eu-west-1:111122223333:stateMachine:orders"},
		{"events:PutEvents", "eventbus/orders", "arn:aws:events:eu-west-1:111122223333:event-bus/orders"},
		{"events:PutEvents", "event-bus:orders", "arn:aws:events:eu-west-1:111122223333:event-bus/orders"},
		{"sns:Publish", "topic/alerts", "arn:aws:sns:eu-west-1:111122223333:alerts"},
		{"sns:Publish", "arn:aws:sqs:eu-west-1:111122223333:alerts", "arn:aws:sns:eu-west-1:111122223333:alerts"},
		{"sqs:SendMessage", "queue/orders", "arn:aws:sqs:eu-west-1:111122223333:orders"},
		{"sqs:SendMessage", "orders/", "arn:aws:sqs:eu-west-1:111122223333:orders"},
		{"s3:GetObject", "s3a://receipts/2026/*", "arn:aws:s3:::receipts/2026/a"},
		{"s3:GetObject", "receipts.s3.amazonaws.com/*", "arn:aws:s3:::receipts/2026/a"},
		{"s3:GetObject", "arn:aws:s3:eu-west-1:111122223333:receipts/*", "arn:aws:s3:::receipts/2026/a"},
		{"dynamodb:GetItem", "table:orders", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"},
		{"dynamodb:GetItem", "Table/orders", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"},
		{"dynamodb:GetItem", "table/orders;table/cards", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"},
		{"dynamodb:GetItem", "table/{orders,cards}", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"},
		{"dynamodb:GetItem", "table/orders\u00a0", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"},
		{"dynamodb:GetItem", "'table/orders'", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"},
		{"dynamodb:GetItem", "table/orders\u200b", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"},
		{"dynamodb:GetItem", "table/[orders]", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"},
		{"iam:CreateUser", "users/ops", "arn:aws:iam::111122223333:user/ops"},
		{"iam:GetRole", "arn:aws:iam:eu-west-1:111122223333:role/ops", "arn:aws:iam::111122223333:role/ops"},
		{"dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:11112222333:table/orders", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"},
		{"dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1a:111122223333:table/orders", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"},
		{"dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:1111-2222-3333:table/orders", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"},
		{"dynamodb:GetItem", "arn:aws:dynamodb:EU-WEST-1:111122223333:table/orders", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"},
		{"dynamodb:GetItem", "arn:aws:dynamodb::111122223333:table/orders", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"},
		{"ecr:BatchGetImage", "repo/app", "arn:aws:ecr:eu-west-1:111122223333:repository/app"},
		{"ecs:RunTask", "taskdefinition/web", "arn:aws:ecs:eu-west-1:111122223333:task-definition/web:1"},
		{"kafka:DescribeCluster", "cluster:orders", "arn:aws:kafka:eu-west-1:111122223333:cluster/orders/1234"},
		{"rds:StopDBInstance", "db/orders", "arn:aws:rds:eu-west-1:111122223333:db:orders"},
		{"elasticache:DeleteCacheCluster", "cluster/orders", "arn:aws:elasticache:eu-west-1:111122223333:cluster:orders"},
		{"eks:DeleteCluster", "cluster:prod", "arn:aws:eks:eu-west-1:111122223333:cluster/prod"},
		{"cognito-idp:AdminGetUser", "userpools/eu-west-1_abc", "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_abc"},
		{"codebuild:StartBuild", "project:web", "arn:aws:codebuild:eu-west-1:111122223333:project/web"},
		{"cloudwatch:PutMetricAlarm", "alarm/high", "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:high"},
		{"elasticfilesystem:DeleteFileSystem", "filesystem/fs-1", "arn:aws:elasticfilesystem:eu-west-1:111122223333:file-system/fs-1"},
	} {
		service, operation, _ := strings.Cut(c.operation, ":")
		call := Call{AWS: AWSCall{Service: service, Operation: operation, Region: "eu-west-1", Account: "111122223333", Resources: []string{c.arn}}}
		assert.True(t, caughtOrReported(t, "blacklist:\n- {aws: \""+c.operation+"\", resources: "+quoted(c.resource)+"}\n", call), "%s %q", c.operation, c.resource)
	}
}

// The same for hosts and networks.
func TestSpellingsOfHostsToForbid(t *testing.T) {
	for _, c := range []struct{ host, url string }{
		{"evil.com ", "https://evil.com/"},
		{"'evil.com'", "https://evil.com/"},
		{"evil.com,worse.com", "https://evil.com/"},
		{"https//evil.com", "https://evil.com/"},
		{"https:/evil.com", "https://evil.com/"},
		{"htps://evil.com", "https://evil.com/"},
		{"evil.com\n", "https://evil.com/"},
		{"*.evil.com/", "https://www.evil.com/x"},
		{"https://evil.com/#", "https://evil.com/a"},
		{"https://evil.com/?", "https://evil.com/a"},
		{"evil[.]com", "https://evil.com/"},
		{"hxxps://evil.com", "https://evil.com/"},
		{"evil.com:https", "https://evil.com/"},
		{".evil.com", "https://www.evil.com/"},
		{"||evil.com^", "https://evil.com/"},
		{"evil.com;", "https://evil.com/"},
		{"evil .com", "https://evil.com/"},
		{"e\u200bvil.com", "https://evil.com/"},
		{"//evil.com", "https://evil.com/"},
		{"mailto:evil.com", "https://evil.com/"},
		{"10.0.0.0-10.255.255.255", "http://10.1.1.1/"},
		{"10.*", "http://10.1.1.1/"},
		{"10.0.0.*", "http://10.0.0.7/"},
		{"10.", "http://10.1.1.1/"},
		{"fd00::/8", "http://[fd00::1]/"},
		{"10.0.0.0/255.0.0.0", "http://10.1.1.1/"},
		{"0.0.0.0/0", "http://10.1.1.1/"},
		{"169.254.169.254/32", "http://169.254.169.254/"},
	} {
		call := httpCall(t, "GET "+c.url)
		assert.True(t, caughtOrReported(t, "blacklist:\n- http: "+quoted(c.host)+"\n", call), c.host)
		assert.True(t, caughtOrReported(t, "blacklist:\n- {http: any, except: "+quoted(c.host)+"}\n", call), "except: %s", c.host)
	}
}

// quoted writes a text in YAML's double quotes.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}
