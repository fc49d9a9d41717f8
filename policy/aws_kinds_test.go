package policy

import (
	"os"
	"strings"
	"testing"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestResourcesOfTheWrongKind(t *testing.T) {
	const fine = ""
	for _, c := range []struct{ aws, resource, refused, warned string }{
		{"sqs:*", "table/x", `it is no resource of sqs's; write the queue's name`, fine},
		{"sqs:*", "queue:x", `write the queue's name`, fine},
		{"sqs:*", "a*/b", `write the queue's name`, fine},
		{"sqs:*", "orders.fifo", fine, fine},
		{"sqs:*", "*orders", fine, fine},
		{"dynamodb:GetItem", "bucket/key", `begin with table/, global-table/, or write the whole ARN`, fine},
		{"dynamodb:GetItem", "orders", `did you mean "table/orders"?`, fine},
		{"dynamodb:GetItem", "table:orders", `did you mean "table/orders"?`, fine},
		{"dynamodb:GetItem", "index/by-day", `begin with table/`, fine},
		{"dynamodb:GetItem", "table", `can never match`, fine},
		{"dynamodb:GetItem", "table*", fine, fine},
		{"dynamodb:GetItem", "t?ble/orders", fine, fine},
		{"dynamodb:GetItem", "ta*/index/x", fine, fine},
		{"dynamodb:GetItem", "*", fine, fine},
		{"dynamodb:*", "table/orders/stream/*", fine, fine},
		{"dynamodb:GetItem", "Table/orders", `begin with table/`, fine}, // ARNs are compared exactly
		{"lambda:Invoke", "checkout", `did you mean "function:checkout"?`, fine},
		{"lambda:Invoke", "function/checkout", `did you mean "function:checkout"?`, fine},
		{"lambda:*", "layer:x:*", fine, fine},
		{"secretsmanager:GetSecretValue", "prod", `did you mean "secret:prod"?`, fine},
		{"secretsmanager:GetSecretValue", "prod/db", `begin with secret:, or write the whole ARN`, fine},
		{"kms:Decrypt", "alias/x", fine, fine},
		{"sns:Publish", "alerts", fine, fine},
		{"sns:Publish", "alerts:*", fine, fine},
		{"sns:Publish", "app/GCM/x", fine, fine},
		{"sns:Publish", "phone/*", fine, fine},
		{"sns:Publish", "topic/alerts", `write the topic's name, or what begins with app/, endpoint/, phone/`, fine},
		{"states:*", "statemachine:x", `begin with stateMachine:`, fine},

		// Any text can be a bucket's name, and what begins with it.
		{"s3:PutObject", "table/x", fine, fine},
		{"s3:PutObject", "receipts", fine, `is a bucket, and s3:PutObject is done to objects; write "receipts/*" for all that are in it`},
		{"s3:PutObject", "arn:aws:s3:::receipts", fine, `write "arn:aws:s3:::receipts/*"`},
		{"s3:*", "receipts", fine, fine},
		{"s3:ListBucket", "receipts", fine, fine},
		{"s3:PutObject", "receipts*", fine, fine},

		// Of one of several operations.
		{"[sqs:*, dynamodb:*]", "table/x", fine, fine},
		{"[sqs:*, dynamodb:*]", "secret:x", `can never match`, fine},
		{"[sqs:*, s3:*]", "secret:x", fine, fine},
		{"[sqs:*, ssm:*]", "secret:x", fine, `no resource of sqs's`},

		// Services that take others' ARNs.
		{"ssm:GetParameter", "prod", fine, `did you mean "parameter/prod"?`},
		{"ssm:GetParameter", "parameter/prod/*", fine, fine},
		{"logs:*", "/aws/lambda/x", fine, `begin with log-group:`},
		{"logs:*", "log-group:/aws/lambda/x:*", fine, fine},
		{"workspaces:*", "workspace/x", `what calls of workspaces touch is not known`, fine},

		// A whole ARN says what is meant.
		{"dynamodb:*", "arn:aws:dynamodb:eu-west-1:111122223333:orders", fine, `no resource of dynamodb's`},
		{"dynamodb:*", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders", fine, fine},
		{"dynamodb:*", "arn:aws:dynamodb:*", fine, fine},
		{"dynamodb:*", "arn:aws:kms:eu-west-1:111122223333:key/x", fine, fine},
		{"dynamodb:*", "arn:aws:*:eu-west-1:111122223333:orders", fine, fine},
		{"[dynamodb:*, kms:*]", "arn:aws:kms:eu-west-1:111122223333:table/x", fine, fine},
	} {
		src := "version: 1\nwhitelist:\n- aws: " + quotedList(c.aws) + "\n  resources: ['" + c.resource + "']\n"
		f, err := ParseFile("policy.yaml", []byte(src))
		if c.refused != fine {
			assert.ErrorContains(t, err, c.refused, "%s %s", c.aws, c.resource)
			assert.ErrorContains(t, err, "policy.yaml:4:15: ")
			continue
		}
		if !assert.NoError(t, err, "%s %s", c.aws, c.resource) {
			continue
		}
		var warned []string
		for _, w := range f.Warnings() {
			warned = append(warned, w.Problem+"; "+w.Fix)
			assert.Equal(t, 4, w.Line)
		}
		if c.warned == fine {
			assert.Empty(t, warned, "%s %s", c.aws, c.resource)
		} else {
			assert.Contains(t, strings.Join(warned, "\n"), c.warned, "%s %s", c.aws, c.resource)
		}
		_, err = ParseFile("policy.yaml", []byte(strings.Replace(src, "whitelist", "blacklist", 1)))
		assert.NoError(t, err)
	}
}

// quotedList quotes what YAML would take for something else.
func quotedList(s string) string {
	if strings.HasPrefix(s, "[") {
		return `["` + strings.Join(strings.Split(strings.Trim(s, "[]"), ", "), `", "`) + `"]`
	}
	return `"` + s + `"`
}

// Nothing that IAM knows as a resource of a service is of a wrong kind there.
func TestKindsAreIAMs(t *testing.T) {
	data, err := os.ReadFile("../internal/awsops/gen/data/iam.txt")
	require.NoError(t, err)
	prefix, n := "", 0
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			prefix = strings.Trim(line, "[]")
			continue
		}
		arn, _, _ := strings.Cut(line, " ")
		parts := strings.SplitN(arn, ":", 6)
		kinds, known := pattern.KindsOf(prefix)
		if len(parts) < 6 || parts[0] != "arn" || !known {
			continue
		}
		resource := parts[5]
		if strings.HasPrefix(resource, "${StreamType}") {
			resource = "stream" + strings.TrimPrefix(resource, "${StreamType}")
		}
		if prefix == "ssm" && parts[2] == "s3" { // read under S3's own actions
			continue
		}
		for strings.Contains(resource, "${") {
			before, after, _ := strings.Cut(resource, "${")
			_, after, _ = strings.Cut(after, "}")
			resource = before + "name" + after
		}
		n++
		assert.True(t, pattern.MayBegin(prefix, kinds, resource), "%s %s", prefix, arn)
	}
	assert.Greater(t, n, 100)
}
