package policy

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// What stands around a resource, or in the place of one of its parts, is reported, and the fix is
// what remains of it. A fix that would not load is not proposed.
func TestWhatStandsAroundResources(t *testing.T) {
	const generic = "write the name as AWS shows it"
	for _, c := range []struct{ operation, resource, fix string }{
		{"lambda:Invoke", "- function:pay", `write "function:pay"`},
		{"lambda:Invoke", "name=function:pay", `write "function:pay"`},
		{"lambda:Invoke", "/arn:aws:lambda:eu-west-1:111122223333:function:pay", `write "arn:aws:lambda:eu-west-1:111122223333:function:pay"`},
		{"sqs:SendMessage", "QueueArn=arn:aws:sqs:eu-west-1:111122223333:orders", `write "arn:aws:sqs:eu-west-1:111122223333:orders"`},
		{"dynamodb:GetItem", "table/orders # cards too", `write "table/orders"`},
		{"dynamodb:GetItem", "table/orders and table/cards", `write ["table/orders", "table/cards"]`},
		{"dynamodb:GetItem", "table/<name>", `write "table/*"`},
		{"dynamodb:GetItem", "tabel/orders", `did you mean "table/orders"?`},
		{"dynamodb:GetItem", "{orders,cards}", `write ["table/orders", "table/cards"]`},
		{"dynamodb:GetItem", "table/orders//x", `did you mean "table/orders"?`},
		{"lambda:Invoke", "functio:pay", `did you mean "function:pay"?`},
		{"lambda:Invoke", "AWS::Lambda::Function", "write the resource's name with its kind, or its ARN"},
		{"sqs:SendMessage", "orders.fif{a,b}", "write each resource that is meant as an entry of its own"},
		{"kms:Decrypt", "billing", `did you mean "alias/billing"?`},
		{"kms:Decrypt", "1234abcd-12ab-34cd-56ef-1234567890ab", `did you mean "key/1234abcd-12ab-34cd-56ef-1234567890ab"?`},
		{"codebuild:StartBuild", "web", `did you mean "project/web"?`},
		{"batch:SubmitJob", "high", `did you mean "job-queue/high"?`},
		{"batch:SubmitJob", "job-queue/h igh", generic},
		{"states:StartExecution", "stateMachine:orders#x", `did you mean "stateMachine:orders"?`},
		{"states:StartExecution", "stateMachine:stateMachine:orders", `write "stateMachine:orders"`},
		{"ecr:BatchGetImage", "repository/../web", `write "repository/web"`},
		{"ecr:BatchGetImage", "repository/team//web", `write "repository/team/web"`},
		{"ecr:BatchGetImage", "repository/web@sha256", `did you mean "repository/web"?`},
		{"scheduler:CreateSchedule", "schedule/default/nightly#1", `did you mean "schedule/default/nightly"?`},
		{"s3:GetObject", "öreceipts/*", "write the resource's name with its kind, or its ARN"},
		{"s3:GetObject", "receipts/<id>", `write "receipts/*"`},
	} {
		entry := "- aws: " + c.operation + "\n  resources: " + yamlList(c.resource) + "\n"
		w := warnedAt(t, "blacklist:\n"+entry, 3)
		if assert.NotEmpty(t, w, c.resource) {
			assert.Equal(t, c.fix, w[0].Fix, c.resource)
		}
		warnings, errs := heard(t, "whitelist:\n"+entry)
		assert.NotEmpty(t, append(texts(warnings), errs...), "%s in a whitelist", c.resource)
		if meant := proposed(t, c.fix); meant != nil {
			assert.Empty(t, warnedAt(t, "blacklist:\n- aws: "+c.operation+"\n  resources: "+yamlList(meant...)+"\n", 3), c.fix)
		}
	}
	// Names that look like those, and are right.
	for operation, resource := range map[string]string{
		"s3:GetObject": "receipts//a", "logs:PutLogEvents": "log-group:/a # b:*", "secretsmanager:GetSecretValue": "secret:a=b", "ssm:GetParameter": "parameter/prod/db", "ecr:BatchGetImage": "repository/a/repository/b",
		"iam:GetRole": "role/me@example.com", "states:StartExecution": "stateMachine:päckchen", "cloudwatch:DescribeAlarms": "alarm:My alarm", "events:PutEvents": "event-bus/aws.partner/x/y",
	} {
		assert.Empty(t, warnedAt(t, "blacklist:\n- aws: "+operation+"\n  resources: "+yamlList(resource)+"\n", 3), resource)
	}
}
