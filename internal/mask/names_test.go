package mask

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/corpustest"
)

// operations calls f with each service and name among AWS's operations and actions.
func operations(t *testing.T, f func(service, operation string)) {
	const data = "../awsops/gen/data/"
	iam, err := os.ReadFile(data + "iam.txt")
	require.NoError(t, err)
	service := ""
	for line := range strings.Lines(string(iam)) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0, line[0] == '#', strings.HasPrefix(line, "arn:"):
		case line[0] == '[':
			service = strings.Trim(words[0], "[]")
		default:
			for _, name := range words[1:] {
				f(service, strings.TrimSuffix(name, "+"))
			}
		}
	}
}

func TestOperationsStay(t *testing.T) {
	n, stride := 0, corpustest.Sample(7, 1)
	operations(t, func(service, operation string) {
		if n++; n%stride > 0 {
			return
		}
		for _, s := range []string{
			"no whitelist rule allows " + service + ":" + operation + " (write) on an unknown resource", operation + " was refused",
		} {
			if Text(s) != s {
				t.Errorf("%s: %s", operation, Text(s))
			}
		}
		assert.Equal(t, operation, Name(operation))
		assert.Equal(t, service, Name(service))
	})
	assert.Greater(t, n, 20_000)
}

// Names as tools and AWS make them. {U12} stands for 12 capitals and digits, {a12} for small
// letters and digits, {m12} for both cases and digits, {h12} for hexadecimal, {d12} for digits.
var generated = []string{
	// CloudFormation
	"dynamodb:table/ShopStack-OrdersTable-{U13}", "dynamodb:table/ShopStack-OrdersTable315BB997-1QW2E3R4T5Y6U", "dynamodb:table/shop-Orders-{U12}/index/by-customer",
	"sqs:ShopStack-OrdersQueue-{m12}", "sqs:ShopStack-OrdersQueueB4D3F2A1-AbCdEf123456", "sns:ShopStack-AlarmTopic-{U13}", "kinesis:stream/shop-Clicks-{m12}",
	"cloudformation:stack/shop-prod/{u}", "iam:role/ShopStack-CheckoutRole-{U13}", "iam:policy/ShopStack-Access-{m12}", "states:stateMachine:OrderFlow-{m12}",
	"logs:log-group:ShopStack-Logs-{m12}", "secretsmanager:secret:DbSecret-{m12}-AbCdEf", "ssm:parameter/CFN-Parameter-{m12}", "events:rule/ShopStack-Nightly-{U13}",
	"cognito-idp:userpool/eu-west-1_{m9}", "apigateway:/restapis/{a10}/stages/prod", "elasticloadbalancing:loadbalancer/app/Shop-Alb-{U12}/{h16}",
	// CDK
	"dynamodb:table/Shop-OrdersTable{H8}-{m12}", "lambda:function:ShopStack-Handler{H8}-{m12}", "lambda:function:ShopStack-LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8a-{m12}",
	"lambda:function:ShopStack-CustomS3AutoDeleteObjectsCustomResourceProvide-{m12}", "sqs:Shop-DeadLetters{H8}-{m12}.fifo", "iam:role/cdk-hnb659fds-deploy-role-111122223333-eu-west-1",
	"s3:::cdk-hnb659fds-assets-111122223333-eu-west-1", "s3:::shopstack-receipts{h8}-{a12}", "s3:::shopstack-receipts{h8}-{a12}/2026/11/24.pdf", "kms:key/{u}", "kms:key/mrk-{h32}", "kms:alias/ShopStackKey{H8}",
	"sns:ShopStack-Topic{H8}-{m12}", "states:stateMachine:Flow{H8}-{m12}", "secretsmanager:secret:ShopDb{H8}-{m12}-AbCdEf", "ecr:repository/cdk-hnb659fds-container-assets-111122223333-eu-west-1",
	"dynamodb:table/Shop-OrdersTable{H8}-{U13}/stream/2026-11-24T09:30:12.345",
	// SAM, Serverless
	"lambda:function:shop-PayFunction-{m12}", "lambda:function:shop-PayFunction-{m12}:live", "lambda:layer:shop-Deps{h10}:17", "iam:role/shop-PayFunctionRole-{m12}",
	"lambda:function:orders-service-prod-createOrder", "s3:::orders-service-prod-serverlessdeploymentbucket-{a12}", "sqs:sam-app-DeadLetterQueue-{m12}",
	"s3:::aws-sam-cli-managed-default-samclisourcebucket-{a12}", "iam:role/orders-service-prod-eu-west-1-lambdaRole",
	// Terraform, Pulumi
	"s3:::terraform-20261124093012345600000001", "sqs:terraform-20261124093012345600000002", "dynamodb:table/orders-{h8}", "sns:orders-{h7}", "lambda:function:handler-{h7}", "iam:role/terraform-{d26}",
	"s3:::logs-{h16}", "secretsmanager:secret:db-{h16}-AbCdEf", "kinesis:stream/terraform-{d26}",
	// AWS itself
	"ec2:instance/i-{h17}", "ec2:volume/vol-{h17}", "ec2:security-group/sg-{h17}", "ec2:subnet/subnet-{h17}", "ec2:vpc-endpoint/vpce-{h17}", "ecs:task/shop/{h32}", "ecs:container-instance/shop/{h32}",
	"logs:log-group:/aws/lambda/shop-PayFunction-{m12}:log-stream:2026/11/24/[$LATEST]{h32}", "acm:certificate/{u}", "states:execution:OrderFlow-{m12}:{u}", "cloudfront::distribution/E{U13}",
	"route53:::hostedzone/Z{U20}", "secretsmanager:secret:prod/db/password-AbCdEf", "secretsmanager:secret:rds!cluster-{u}-AbCdEf", "cognito-identity:identitypool/eu-west-1:{u}", "appsync:apis/{a26}/types/Query",
	"bedrock:agent/{U10}", "bedrock:inference-profile/eu.anthropic.claude-sonnet-4-20250514-v1:0", "bedrock::foundation-model/anthropic.claude-3-5-sonnet-20240620-v1:0", "mobiletargeting:apps/{h32}/campaigns/{h32}",
	"apprunner:service/shop/{h32}", "backup:recovery-point:{u}", "elasticfilesystem:file-system/fs-{h17}", "es:domain/shop-{a26}", "rds:cluster:shop-{a12}", "rds-db:dbuser:cluster-{U26}/app",
	"lambda:event-source-mapping:{u}", "s3:accesspoint/shop-{a12}", "ses:identity/shop.example", "execute-api:{a10}/prod/GET/orders",
	"iam:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling", "sagemaker:endpoint/shop-2026-11-24-09-30-12-345", "batch:job/{u}", "glue:table/shop/orders_{h8}",
}

// fill puts characters in place of {U12} and its like, the same in each run.
func fill(t *testing.T, form string, seed int) string {
	const digits, small, capitals = "0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	alphabets := map[byte]string{'U': capitals + digits, 'a': small + digits, 'm': small + capitals + digits, 'h': "0123456789abcdef", 'H': "0123456789ABCDEF", 'd': digits}
	state := uint64(seed)*0x9e3779b97f4a7c15 + 1
	next := func(n int) int {
		state ^= state << 13
		state ^= state >> 7
		state ^= state << 17
		return int(state % uint64(n))
	}
	pick := func(alphabet string, n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = alphabet[next(len(alphabet))]
		}
		return string(b)
	}
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(form, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		what, after, ok := strings.Cut(rest, "}")
		require.True(t, ok, form)
		form = after
		if what == "u" {
			h := alphabets['h']
			b.WriteString(pick(h, 8) + "-" + pick(h, 4) + "-" + pick(h, 4) + "-" + pick(h, 4) + "-" + pick(h, 12))
			continue
		}
		n := 0
		for _, c := range what[1:] {
			n = 10*n + int(c-'0')
		}
		b.WriteString(pick(alphabets[what[0]], n))
	}
}

func TestGeneratedNamesStay(t *testing.T) {
	assert.GreaterOrEqual(t, len(generated), 80)
	for _, form := range generated {
		service, rest, _ := strings.Cut(form, ":")
		for seed := range 50 {
			name := fill(t, rest, seed+1)
			arn := "arn:aws:" + service + ":eu-west-1:111122223333:" + name
			if strings.HasPrefix(name, ":") {
				arn = "arn:aws:" + service + ":" + name
			}
			require.Equal(t, arn, Resource(arn))
			text := "no whitelist rule allows " + service + ":GetThing (read) on " + arn + ", with a key of account 444455556666"
			require.Equal(t, text, Text(text))
			if !strings.HasPrefix(name, ":") {
				require.True(t, Entry("- aws: "+service+":GetThing\n  resources: "+name), name)
			}
			require.True(t, Entry("- aws: "+service+":GetThing\n  resources: \""+arn+"\""), arn)
		}
	}
}

// The paths of AWS's APIs hold names. A host is a name everywhere.
func TestNamesInURLsStay(t *testing.T) {
	for _, form := range []string{
		"https://sqs.eu-west-1.amazonaws.com/111122223333/ShopStack-OrdersQueue{H8}-{m12}", "https://eu-west-1.queue.amazonaws.com/111122223333/shop-{m12}",
		"https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/ShopStack-Handler{H8}-{m12}/invocations",
		"https://s3.eu-west-1.amazonaws.com/shopstack-receipts{h8}-{a12}/2026/x.pdf", "https://shopstack-receipts{h8}-{a12}.s3.eu-west-1.amazonaws.com/x.pdf",
		"https://appsync.eu-west-1.amazonaws.com/v1/apis/{a26}/types", "https://runtime.sagemaker.eu-west-1.amazonaws.com/endpoints/shop-{m20}/invocations",
		"https://{a32}.lambda-url.eu-west-1.on.aws/orders", "https://search-shop-{a26}.eu-west-1.es.amazonaws.com/orders/_doc/17",
		"https://{a10}.execute-api.eu-west-1.amazonaws.com/prod/orders", "https://vpce-{h17}-{h8}.sqs.eu-west-1.vpce.amazonaws.com/",
		"https://{h40}.evil.example/x", "https://d{a13}.cloudfront.net/x", "https://{a22}.appsync-api.eu-west-1.amazonaws.com/graphql",
		"https://{U16}.gr7.eu-west-1.eks.amazonaws.com/api/v1/namespaces",
	} {
		for seed := range 50 {
			url := fill(t, form, seed+1)
			require.Equal(t, url, URL(url))
			require.Equal(t, "QueueUrl \""+url+"\" cannot be read", Text("QueueUrl \""+url+"\" cannot be read"))
		}
	}
	for _, text := range []string{`FunctionName "ShopStack-Handler315BB997-AbCdEf123456:a:b" cannot be read`, `TableName "ShopStack-Orders-1QW2E3R4T5Y6U!" cannot be read`} {
		assert.Equal(t, text, Text(text))
	}
}

func TestCertainCredentialsInNames(t *testing.T) {
	for in, want := range map[string]string{
		"arn:aws:dynamodb:eu-west-1:111122223333:table/AKIAIOSFODNN7EXAMPLE":          "arn:aws:dynamodb:eu-west-1:111122223333:table/[masked]",
		"arn:aws:lambda:eu-west-1:111122223333:function:AKIAIOSFODNN7EXAMPLE":         "arn:aws:lambda:eu-west-1:111122223333:function:[masked]",
		"arn:aws:ses:eu-west-1:111122223333:identity/jane.doe@shop.example":           "arn:aws:ses:eu-west-1:111122223333:identity/[masked]@shop.example",
		"arn:aws:sqs:eu-west-1:111122223333:xoxb-17653672481-19874698323-pdFZKVeTuE8": "arn:aws:sqs:eu-west-1:111122223333:[masked]",
		"arn:aws:sqs:eu-west-1:111122223333:ASIA-orders-2":                            "arn:aws:sqs:eu-west-1:111122223333:ASIA-orders-2",
		"arn:aws:sqs:eu-west-1:111122223333:AIzawa-orders-queue-of-the-shop":          "arn:aws:sqs:eu-west-1:111122223333:AIzawa-orders-queue-of-the-shop",
		"arn:aws:execute-api:eu-west-1:1:abc/prod/GET/reset/" + secrets["hex 32"]:     "arn:aws:execute-api:eu-west-1:1:abc/prod/GET/reset/[masked]",
		"arn:aws:s3:eu-west-1:1:accesspoint/ap/object/" + secrets["hex 32"]:           "arn:aws:s3:eu-west-1:1:accesspoint/ap/object/[masked]",
	} {
		assert.Equal(t, want, Resource(in))
		assert.Equal(t, want, Resource(want))
	}
}
