package policy

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// proposal finds what a fix proposes: a text in quotes, or a list of them.
var proposal = regexp.MustCompile(`(?:write|did you mean) ((?:"(?:[^"\\]|\\.)*")|\[[^\]]*\])`)

// proposed returns the texts that a fix proposes; nil for none.
func proposed(t *testing.T, fix string) (texts []string) {
	t.Helper()
	m := proposal.FindStringSubmatch(fix)
	if m == nil {
		return nil
	}
	var one string
	if err := yaml.Unmarshal([]byte(m[1]), &one); err == nil && !strings.HasPrefix(m[1], "[") {
		return []string{one}
	}
	require.NoError(t, yaml.Unmarshal([]byte(m[1]), &texts), fix)
	return texts
}

// yamlList writes texts as a YAML list in one line, each in quotes.
func yamlList(texts ...string) string {
	quoted := make([]string, len(texts))
	for i, s := range texts {
		quoted[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(s) + `"`
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// warnedAt returns what a policy warns of on one line, at Load.
func warnedAt(t *testing.T, src string, line int) (warnings []Warning) {
	t.Helper()
	p, err := Parse("p", []byte(src), env("checkout"))
	require.NoError(t, err, src)
	for _, w := range p.Warnings() {
		if w.Line == line {
			warnings = append(warnings, w)
		}
	}
	return warnings
}

// A resource that can match no call is refused in a whitelist and a warning in a blacklist. What is
// proposed in its place loads without a warning, and matches the call that was meant.
func TestDeadResources(t *testing.T) {
	const none = "" // nothing can be proposed
	const at = ":eu-west-1:111122223333:"
	for i, c := range []struct{ aws, resource, meant string }{
		// The wrong kind, or none.
		{"dynamodb:GetItem", "orders", "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", "table:orders", "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", "Table/orders", "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", "tables/orders", "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", "/table/orders", "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", "!table/orders", none},
		{"dynamodb:GetItem", "index/by-day", none},
		{"dynamodb:GetItem", "table", none},
		{"lambda:InvokeFunction", "checkout", "lambda" + at + "function:checkout"},
		{"lambda:InvokeFunction", "checkout:prod", "lambda" + at + "function:checkout:prod"},
		{"lambda:InvokeFunction", "function/checkout", "lambda" + at + "function:checkout"},
		{"lambda:InvokeFunction", "functions/checkout", "lambda" + at + "function:checkout"},
		{"lambda:InvokeFunction", "Function:checkout", "lambda" + at + "function:checkout"},
		{"lambda:GetLayerVersion", "base", "lambda" + at + "layer:base"},
		{"secretsmanager:GetSecretValue", "db", "secretsmanager" + at + "secret:db-AbCdEf"},
		{"secretsmanager:GetSecretValue", "prod/db", "secretsmanager" + at + "secret:prod/db-AbCdEf"},
		{"secretsmanager:GetSecretValue", "secret/db", "secretsmanager" + at + "secret:db-AbCdEf"},
		{"ssm:GetParameter", "/prod/db", "ssm" + at + "parameter/prod/db"},
		{"ssm:GetParameter", "db", "ssm" + at + "parameter/db"},
		{"ssm:GetParameter", "parameter:db", "ssm" + at + "parameter/db"},
		{"sts:AssumeRole", "admin", "iam::111122223333:role/admin"},
		{"sts:AssumeRole", "role:admin", "iam::111122223333:role/admin"},
		{"iam:GetUser", "eve", "iam::111122223333:user/eve"},
		{"iam:GetGroup", "ops", "iam::111122223333:group/ops"},
		{"kms:Decrypt", "0a1b2c3d-1111-2222-3333-444455556666", "kms" + at + "key/0a1b2c3d-1111-2222-3333-444455556666"},
		{"kms:Decrypt", "key:0a1b", "kms" + at + "key/0a1b"},
		{"sqs:SendMessage", "queue/orders", "sqs" + at + "orders"},
		{"sqs:SendMessage", "queue:orders", "sqs" + at + "orders"},
		{"sqs:SendMessage", "a/b", none},
		{"sns:Publish", "topic/alerts", "sns" + at + "alerts"},
		{"sns:Publish", "topic:alerts", "sns" + at + "alerts"},
		{"states:StartExecution", "flow", "states" + at + "stateMachine:flow"},
		{"states:StartExecution", "statemachine:flow", "states" + at + "stateMachine:flow"},
		{"states:StartExecution", "state-machine/flow", "states" + at + "stateMachine:flow"},
		{"events:PutEvents", "orders", "events" + at + "event-bus/orders"},
		{"events:PutEvents", "eventbus/orders", "events" + at + "event-bus/orders"},
		{"kinesis:PutRecord", "clicks", "kinesis" + at + "stream/clicks"},
		{"firehose:PutRecord", "clicks", "firehose" + at + "deliverystream/clicks"},
		{"firehose:PutRecord", "delivery-stream/clicks", "firehose" + at + "deliverystream/clicks"},
		{"logs:PutLogEvents", "/aws/lambda/x", "logs" + at + "log-group:/aws/lambda/x"},
		{"logs:PutLogEvents", "log-group/x", "logs" + at + "log-group:x"},
		{"logs:PutLogEvents", "loggroup:x", "logs" + at + "log-group:x"},
		{"ecr:BatchGetImage", "app", "ecr" + at + "repository/app"},
		{"athena:StartQueryExecution", "primary", "athena" + at + "workgroup/primary"},
		{"ecs:RunTask", "job", "ecs" + at + "task-definition/job:1"},
		{"scheduler:CreateSchedule", "default/nightly", none},
		{"cognito-idp:AdminGetUser", "eu-west-1_AbCdEfGhI", "cognito-idp" + at + "userpool/eu-west-1_AbCdEfGhI"},

		{"dynamodb:GetItem", "dynamodb:table/orders", "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", "table/orders/", "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", "table//orders", "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", "table/", "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", "^table/orders$", none},
		{"lambda:InvokeFunction", "function:", "lambda" + at + "function:checkout"},
		{"lambda:InvokeFunction", "111122223333:checkout", "lambda" + at + "function:checkout"},
		{"sqs:SendMessage", "111122223333/orders", "sqs" + at + "orders"},
		{"sqs:SendMessage", "sqs:orders", "sqs" + at + "orders"},
		{"ssm:GetParameter", "ssm:/prod/db", "ssm" + at + "parameter/prod/db"},
		{"ssm:GetParameter", "parameter//prod/db", "ssm" + at + "parameter/prod/db"},
		{"sts:AssumeRole", "111122223333:role/admin", "iam::111122223333:role/admin"},
		{"sts:AssumeRole", "arn:aws:sts::111122223333:role/admin", "iam::111122223333:role/admin"},
		{"logs:PutLogEvents", "aws/lambda/x", "logs" + at + "log-group:/aws/lambda/x"},
		{"s3:GetObject", "arn:aws:s3:::/receipts/*", "s3:::receipts/a"},
		{"s3:GetObject", "arn:aws:s3:::s3://receipts/*", "s3:::receipts/a"},
		{"s3:GetObject", "receipts.s3.amazonaws.com", none},
		{"sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333/q", "sqs" + at + "q"},
		{"sqs:SendMessage", "arn:aws:sqs:eu-west-1/111122223333/q", "sqs" + at + "q"},
		{"dynamodb:GetItem", "table/orders,cards", "dynamodb" + at + "table/cards"},
		{"dynamodb:GetItem", "table/(orders|cards)", "dynamodb" + at + "table/cards"},

		// Other forms.
		{"sqs:SendMessage", "https://sqs.eu-west-1.amazonaws.com/111122223333/q", "sqs" + at + "q"},
		{"sqs:SendMessage", "sqs.eu-west-1.amazonaws.com/111122223333/q", "sqs" + at + "q"},
		{"sqs:SendMessage", "https://eu-west-1.queue.amazonaws.com/111122223333/q", "sqs" + at + "q"},
		{"s3:GetObject", "s3://receipts/*", "s3:::receipts/a"},
		{"s3:ListBucket", "s3://receipts", "s3:::receipts"},
		{"s3:GetObject", "s3a://receipts/*", "s3:::receipts/a"},
		{"s3:GetObject", "/receipts/*", "s3:::receipts/a"},
		{"s3:GetObject", "https://receipts.s3.eu-west-1.amazonaws.com/a", "s3:::receipts/a"},
		{"s3:GetObject", "https://s3.eu-west-1.amazonaws.com/receipts/a", "s3:::receipts/a"},
		{"s3:GetObject", "receipts.s3.amazonaws.com/a", "s3:::receipts/a"},
		{"s3:GetObject", "bucket:receipts/a", "s3:::receipts/a"},
		{"s3:GetObject", "receipts:a", "s3:::receipts/a"},
		{"s3:GetObject", "!receipts/a", none},
		{"lambda:InvokeFunction", "https://eu-west-1.console.aws.amazon.com/lambda/home?region=eu-west-1#/functions/checkout?tab=code", "lambda" + at + "function:checkout"},
		{"dynamodb:GetItem", "https://eu-west-1.console.aws.amazon.com/dynamodbv2/home#table?name=orders", "dynamodb" + at + "table/orders"},
		{"s3:ListBucket", "https://s3.console.aws.amazon.com/s3/buckets/receipts?region=eu-west-1", "s3:::receipts"},

		// Several in one text, and the globs of a shell.
		{"dynamodb:GetItem", "table/orders, table/cards", "dynamodb" + at + "table/cards"},
		{"dynamodb:GetItem", "table/orders table/cards", "dynamodb" + at + "table/cards"},
		{"dynamodb:GetItem", "table/orders;table/cards", "dynamodb" + at + "table/cards"},
		{"dynamodb:GetItem", "table/{orders,cards}", "dynamodb" + at + "table/cards"},
		{"dynamodb:GetItem", "table/order[sx]", "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", "table/{name}", "dynamodb" + at + "table/orders"},
		{"s3:GetObject", "receipts/*, invoices/*", "s3:::invoices/a"},
		{"s3:GetObject", "receipts/{a,b}", "s3:::receipts/b"},
		{"sqs:SendMessage", "a, b", "sqs" + at + "b"},
		{"sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:a,arn:aws:sqs:eu-west-1:111122223333:b", "sqs" + at + "b"},

		// ARNs.
		{"sqs:SendMessage", "arn:aws:sns" + at + "q", none},
		{"sqs:SendMessage", "ARN:AWS:SQS:eu-west-1:111122223333:q", "sqs" + at + "q"},
		{"sqs:SendMessage", "Arn:aws:sqs" + at + "q", "sqs" + at + "q"},
		{"sqs:SendMessage", "arn:was:sqs" + at + "q", "sqs" + at + "q"},
		{"sqs:SendMessage", "arn::sqs" + at + "q", "sqs" + at + "q"},
		{"sqs:SendMessage", "arn:aws:SQS" + at + "q", "sqs" + at + "q"},
		{"sqs:SendMessage", "arn:aws:sqs:eu-west1:111122223333:q", "sqs" + at + "q"},
		{"sqs:SendMessage", "arn:aws:sqs:eu-wset-1:111122223333:q", "sqs" + at + "q"},
		{"sqs:SendMessage", "arn:aws:sqs:EU-WEST-1:111122223333:q", "sqs" + at + "q"},
		{"sqs:SendMessage", "arn:aws:sqs:eu-west-1:1111-2222-3333:q", "sqs" + at + "q"},
		{"sqs:SendMessage", "arn:aws:sqs:eu-west-1:11112222333:q", none},
		{"sqs:SendMessage", "arn:aws:sqs:eu-west-1:me:q", none},
		{"sqs:SendMessage", "arn:aws-cn:sqs" + at + "q", "sqs" + at + "q"},
		{"sqs:SendMessage", "arn:aws:sqs:::q", "sqs" + at + "q"},
		{"sqs:SendMessage", "arn:aws:sqs::111122223333:q", "sqs" + at + "q"},
		{"sqs:SendMessage", "arn:aws:sqs:eu-west-1::q", "sqs" + at + "q"},
		{"sqs:SendMessage", "arn:aws:sqs" + at, "sqs" + at + "q"},
		{"sqs:SendMessage", "arn:aws:sqs" + at + "queue/q", "sqs" + at + "q"},
		{"dynamodb:GetItem", "arn:aws:dynamodb" + at + "orders", "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", "arn:aws:dynamodb" + at + "table:orders", "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", "arn:aws:dynamodb:table/orders", "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:table/orders", "dynamodb" + at + "table/orders"},
		{"s3:GetObject", "arn:aws:s3:receipts/*", "s3:::receipts/a"},
		{"s3:GetObject", "arn:aws:s3::receipts/*", "s3:::receipts/a"},
		{"s3:GetObject", "arn:aws:s3:eu-west-1:111122223333:receipts/*", "s3:::receipts/a"},
		{"s3:GetObject", "arn:aws:s3::111122223333:receipts/*", "s3:::receipts/a"},
		{"sts:AssumeRole", "arn:aws:iam:eu-west-1:111122223333:role/admin", "iam::111122223333:role/admin"},
		{"sts:AssumeRole", "arn:aws:iam:::role/admin", "iam::111122223333:role/admin"},
		{"sts:AssumeRole", "arn:aws:iam::111122223333:admin", "iam::111122223333:role/admin"},

		// Characters and parts that no name of the kind has.
		{"dynamodb:GetItem", "table/orders#", "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", "table/^orders$", none},
		{"dynamodb:GetItem", "table/ordérs", none},
		{"dynamodb:GetItem", "table/orders/indexes/x", "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders/day", "dynamodb" + at + "table/orders"},
		{"dynamodb:Query", "table/orders/index", none},
		{"lambda:InvokeFunction", "function:checkout.handler", "lambda" + at + "function:checkout"},
		{"lambda:InvokeFunction", "function:checkout/prod", "lambda" + at + "function:checkout"},
		{"lambda:InvokeFunction", "function:checkout@1", "lambda" + at + "function:checkout"},
		{"lambda:InvokeFunction", "function::checkout", none},
		{"secretsmanager:GetSecretValue", "secret:db:password::", "secretsmanager" + at + "secret:db-AbCdEf"},
		{"ssm:GetParameter", "parameter/db:3", "ssm" + at + "parameter/db"},
		{"sqs:SendMessage", "orders.queue", "sqs" + at + "orders"},
		{"sqs:SendMessage", "orders.FIFO", "sqs" + at + "orders"},
		{"sqs:SendMessage", "order's", none},
		{"sns:Publish", "alerts.x", "sns" + at + "alerts"},
		{"sns:Publish", "sns:alerts", "sns" + at + "alerts"},
		{"sns:Publish", "111122223333:alerts", "sns" + at + "alerts"},
		{"sns:Publish", "email:ops@x.example", none},
		{"s3:GetObject", `receipts\x`, none},
		{"s3:GetObject", "receipts.../x", none},

		// The notations of templates, IAM documents, URLs and regular expressions.
		{"dynamodb:GetItem", "!Sub arn:aws:dynamodb:eu-west-1:111122223333:table/orders", "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", "!GetAtt Orders.Arn", none},
		{"dynamodb:GetItem", "aws_dynamodb_table.orders.arn", none},
		{"dynamodb:GetItem", "data.aws_dynamodb_table.orders.arn", none},
		{"s3:GetObject", "aws_s3_bucket.receipts.arn", none},
		{"dynamodb:GetItem", "module.orders.table_arn", none},
		{"dynamodb:GetItem", "arn%3Aaws%3Adynamodb%3Aeu-west-1%3A111122223333%3Atable%2Forders", "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", "table%2Forders", "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", "arn/aws/dynamodb/eu-west-1/111122223333/table/orders", "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", "table/orders,", "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", `"arn:aws:dynamodb:eu-west-1:111122223333:table/orders",`, "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", `table/"orders"`, "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", "^table/orders$", "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", "table/orders?version=1", "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", `table\orders`, "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", "table=orders", "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", "table.orders", "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", "not table/orders", none},
		{"ecs:RunTask", "task-definition/ web:7", "ecs" + at + "task-definition/web:7"},
		{"dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:111122223333: table/orders", "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", "arn: aws:dynamodb:eu-west-1:111122223333:table/orders", "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", "arn:aws::dynamodb:eu-west-1:111122223333:table/orders", "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", "arn:aws-gov:dynamodb:us-gov-west-1:111122223333:table/orders", none},
		{"rds:StopDBInstance", "arn:aws:RDS:eu-west-1:111122223333:db:orders", "rds" + at + "db:orders"},
		{"rds:StopDBInstance", "arn:aws:rds::111122223333:db:orders", "rds" + at + "db:orders"},
		{"eks:DescribeCluster", "cluster/prod, cluster/test", "eks" + at + "cluster/test"},
		{"ssm:GetParameter", "ssm/parameter/prod/db", "ssm" + at + "parameter/prod/db"},
		{"logs:PutLogEvents", "log-groups:/aws/lambda/pay:log-stream:a", "logs" + at + "log-group:/aws/lambda/pay:log-stream:a"},
		{"s3:GetObject", "s3/receipts/a", "s3:::receipts/a"},
		{"s3:ListBucket", "receipts%2Fa", none},
		{"s3:GetObject", "receipts/a receipts/b", "s3:::receipts/b"},
		{"ecs:DescribeServices", "web", "ecs" + at + "service/prod/web"},
		{"events:PutEvents", "event-bus", none},
		{"states:StartExecution", "stateMachine", none},
		{"sts:AssumeRole", "iam/role/ops", "iam::111122223333:role/ops"},
		{"s3:GetObject", "aws:s3:::receipts/a", "s3:::receipts/a"},
		{"s3:GetObject", "eu-west-1:111122223333:receipts/a", "s3:::receipts/a"},
		{"s3:ListObjectsV2", "receipts/", "s3:::receipts"},
		{"dynamodb:GetItem", "[table/orders, table/cards]", "dynamodb" + at + "table/cards"},
		{"dynamodb:GetItem", `["table/orders"]`, "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", "table/or%", "dynamodb" + at + "table/orders"},

		// Slips.
		{"dynamodb:GetItem", " table/orders", "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", "table/orders\n", "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", "table/orders\t", "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", "\u00a0table/orders", "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", "“table/orders”", "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", "'table/orders'", "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", `"table/orders"`, "dynamodb" + at + "table/orders"},
		{"dynamodb:GetItem", "table/orders\ntable/cards\n", "dynamodb" + at + "table/cards"},
	} {
		t.Run(fmt.Sprint(c.aws, " ", i), func(t *testing.T) {
			t.Log(c.resource)
			entry := "- aws: " + c.aws + "\n  resources: " + yamlList(c.resource) + "\n"
			_, err := Parse("p", []byte("whitelist:\n"+entry), env("checkout"))
			var errs Errors
			require.ErrorAs(t, err, &errs, "in a whitelist")
			assert.Equal(t, 3, errs[0].Line, "the place")

			warnings := warnedAt(t, "on_violation: block\nblacklist:\n"+entry, 4)
			require.NotEmpty(t, warnings, "in a blacklist")
			meant := proposed(t, warnings[0].Fix)
			if c.meant == none {
				return
			}
			require.NotEmpty(t, meant, "nothing is proposed: %s", warnings[0])
			service, operation, _ := strings.Cut(c.aws, ":")
			call := Call{AWS: AWSCall{Service: service, Operation: operation, Region: "eu-west-1", Account: "111122223333", Resources: []string{"arn:aws:" + c.meant}}}
			entry = "- aws: " + c.aws + "\n  resources: " + yamlList(meant...) + "\n"
			src := "on_violation: block\nblacklist:\n" + entry
			assert.Empty(t, warnedAt(t, src, 4), "of the proposal")
			p, err := Parse("p", []byte(src), env("checkout"))
			require.NoError(t, err)
			assert.Equal(t, Block, p.Decide(call).Verdict, "blacklist %s", meant)
			p, err = Parse("p", []byte("on_violation: block\nwhitelist:\n"+entry), env("checkout"))
			require.NoError(t, err, "whitelist %s", meant)
			assert.Equal(t, Allow, p.Decide(call).Verdict, "whitelist %s", meant)
		})
	}
}

// What a resource of a service ends with, whose kinds are not all known, is a doubt in both lists.
func TestHardlyResources(t *testing.T) {
	for _, c := range [][3]string{
		{"eks:DescribeCluster", "cluster/prod/", "cluster/prod"}, {"rds:StopDBInstance", "db:orders:", "db:orders"},
		{"rds:StopDBInstance", "db::orders", "db:orders"}, {"rds:StopDBInstance", "db:", "db:*"}, {"s3:GetObject", "receipts/a,", "receipts/a"}, {"s3:GetObject", "receipts/%", "receipts/*"},
	} {
		for _, list := range [...]string{"whitelist", "blacklist"} {
			entry := func(resource string) string {
				return "on_violation: block\n" + list + ":\n- aws: " + c[0] + "\n  resources: \"" + resource + "\"\n"
			}
			warnings := warnedAt(t, entry(c[1]), 4)
			require.NotEmpty(t, warnings, "%s %s", list, c[1])
			assert.Equal(t, []string{c[2]}, proposed(t, warnings[0].Fix))
			assert.Empty(t, warnedAt(t, entry(c[2]), 4))
		}
	}
}

// Parts that names of the kind do have.
func TestPartsOfNames(t *testing.T) {
	for _, c := range [][2]string{
		{"dynamodb:Query", "table/orders/index/by-day"}, {"dynamodb:Query", "table/orders/*"}, {"dynamodb:Query", "table/or*/index/*"}, {"dynamodb:Query", "table/*rders/x*"},
		{"lambda:InvokeFunction", "function:checkout:$LATEST"}, {"lambda:InvokeFunction", "function:checkout:*"}, {"sqs:SendMessage", "orders.fifo"}, {"sqs:SendMessage", "orders.*"},
		{"sns:Publish", "alerts.fifo"}, {"sns:Unsubscribe", "alerts:0a1b2c3d-1111-2222-3333-444455556666"}, {"sns:Publish", "alerts:*"},
		{"secretsmanager:GetSecretValue", "secret:rds!cluster-0a1b"}, {"ssm:GetParameter", "parameter/prod/db.x_y"}, {"iam:GetRole", "role/path/x@y.z"},
		{"kinesis:SubscribeToShard", "stream/clicks/consumer/x:1700000000"}, {"s3:GetObject", "receipts/a..b"}, {"kms:Decrypt", "alias/aws/s3"},
	} {
		assert.Empty(t, warnedAt(t, "blacklist:\n- aws: "+c[0]+"\n  resources: "+yamlList(c[1])+"\n", 3), c[1])
	}
}

// Resources that look like those above, and match calls.
func TestLiveResources(t *testing.T) {
	for _, c := range []struct{ aws, resource string }{
		{"dynamodb:GetItem", "table/orders"}, {"dynamodb:GetItem", "table*"}, {"dynamodb:GetItem", "t?ble/orders"}, {"dynamodb:GetItem", "*"},
		{"dynamodb:GetItem", "ta*/index/x"}, {"dynamodb:*", "table/orders/stream/*"}, {"dynamodb:*", "arn:aws:dynamodb:*"}, {"dynamodb:*", "arn:aws:dynamodb:*:*:table/orders"},
		{"dynamodb:*", "arn:aws:*:eu-west-1:111122223333:table/orders"}, {"dynamodb:*", "arn:aws-cn:dynamodb:cn-north-1:111122223333:table/orders"},
		{"dynamodb:*", "arn:*:dynamodb:*:111122223333:table/orders"}, {"dynamodb:*", "arn:aws:dynamodb:eu-*:1111*:table/orders"},
		{"dynamodb:*", "arn:aws:dynamodb::111122223333:global-table/orders"}, {"dynamodb:*", "arn:aws:dynamodb:xx-west-9:111122223333:table/*"},
		{"sqs:*", "orders.fifo"}, {"sqs:*", "*orders"}, {"sqs:SendMessage", "arn:aws:sqs:*:*:q*"}, {"sqs:SendMessage", "arn:*"}, {"sqs:SendMessage", "arn:aws:sqs*"},
		{"lambda:Invoke*", "function:checkout:prod"}, {"lambda:Invoke*", "function:checkout:$LATEST"}, {"ssm:GetParametersByPath", "parameter/prod/"}, {"lambda:*", "layer:x:*"}, {"lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:111122223333:function:x"},
		{"secretsmanager:GetSecretValue", "secret:db"}, {"secretsmanager:GetSecretValue", "secret:prod/db-??????"},
		{"kms:Decrypt", "alias/x"}, {"kms:Decrypt", "key/*"}, {"sns:Publish", "alerts"}, {"sns:Publish", "alerts:*"}, {"sns:Publish", "app/GCM/x"}, {"sns:Publish", "phone/*"},
		{"ssm:GetParameter", "parameter/prod/*"}, {"ssm:GetParameter", "arn:aws:ssm:eu-west-1::parameter/aws/service/*"}, {"ssm:SendCommand", "document/AWS-RunShellScript"},
		{"logs:PutLogEvents", "log-group:/aws/lambda/x:*"}, {"states:StartExecution", "stateMachine:x"}, {"events:PutEvents", "event-bus/default"},
		{"sts:AssumeRole", "role/admin"}, {"sts:AssumeRole", "arn:aws:iam::*:role/admin"}, {"iam:GetPolicy", "arn:aws:iam::aws:policy/ReadOnlyAccess"},
		{"s3:PutObject", "receipts/*"}, {"s3:PutObject", "table/x"}, {"s3:PutObject", "receipts/Smith, John.pdf"}, {"s3:PutObject", "my-bucket/My Documents/*"},
		{"s3:PutObject", "arn:aws:s3:::receipts/*"}, {"s3:PutObject", "arn:aws:s3:eu-west-1:111122223333:accesspoint/mine/object/*"}, {"s3:ListBucket", "receipts"}, {"s3:*", "receipts"},
		{"s3:PutObject", "receipts*"}, {"s3:PutObject", "receipts/2026:11:24/*"}, {"s3:GetObject", "receipts/a=b,c;d"},
		{"route53:ChangeResourceRecordSets", "hostedzone/Z1"}, {"apigateway:GET", "/restapis/*"}, {"cloudwatch:PutDashboard", "dashboard/main"},
		{"glue:GetTable", "table/db/x"}, {"glue:GetTable", "catalog"}, {"ses:SendEmail", "identity/example.com"}, {"execute-api:ManageConnections", "*"},
		{"cognito-idp:AdminGetUser", "userpool/eu-west-1_AbCdEfGhI"}, {"textract:GetAdapter", "/adapters/x"}, {"rds-data:ExecuteStatement", "cluster:orders"},
		{"ecs:RunTask", "task-definition/job:*"}, {"ecr:BatchGetImage", "repository/team/app"}, {"firehose:PutRecord", "deliverystream/x"},
	} {
		entry := ":\n- aws: " + yamlList(c.aws) + "\n  resources: " + yamlList(c.resource) + "\n"
		for _, list := range []string{"whitelist", "blacklist"} {
			f, err := ParseFile("p", []byte(list+entry))
			if assert.NoError(t, err, "%s %s", c.aws, c.resource) {
				assert.Empty(t, f.Warnings(), "%s %s in a %s", c.aws, c.resource, list)
			}
		}
	}
}

// A truncated ARN in a blacklist is read as IAM reads it; a whitelist refuses it.
func TestTruncatedARNs(t *testing.T) {
	queue := Call{AWS: AWSCall{Service: "sqs", Operation: "SendMessage", Region: "eu-west-1", Account: "111122223333", Resources: []string{"arn:aws:sqs:eu-west-1:111122223333:q"}}}
	for text, want := range map[string]Verdict{
		"arn:aws:sqs": Block, "arn:aws:sqs:": Block, "arn:aws:sqs:eu-west-1": Block, "arn:aws:sqs:eu-west-1:111122223333": Block, "arn:aws": Block, "arn:aws:sqs:*": Block,
		"arn:aws:sqs:us-east-1": Allow, "arn:aws:sqs:eu-west-1:444455556666": Allow,
	} {
		src := "on_violation: block\nblacklist:\n- aws: sqs:SendMessage\n  resources: " + yamlList(text) + "\n"
		assert.Empty(t, warnedAt(t, src, 4), text)
		p, err := Parse("p", []byte(src), env("checkout"))
		require.NoError(t, err)
		assert.Equal(t, want, p.Decide(queue).Verdict, text)

		_, err = Parse("p", []byte(strings.Replace(src, "blacklist", "whitelist", 1)), env("checkout"))
		if strings.HasSuffix(text, "*") {
			assert.NoError(t, err, text)
			continue
		}
		var errs Errors
		require.ErrorAs(t, err, &errs, text)
		assert.Len(t, proposed(t, errs[0].Fix), 1, errs[0])
	}
}

// Parts of ARNs that a kind of resource has not, and names that lack a part.
func TestPartsThatAKindHasNot(t *testing.T) {
	for _, c := range [][3]string{
		{"logs:PutLogEvents", "log-group:/aws/lambda/x:stream", "log-stream: alone"}, {"logs:PutLogEvents", "log-group:/aws/lambda/x/log-stream:y", "log-stream: alone"},
		{"bedrock:InvokeModel", "arn:aws:bedrock:eu-west-1:111122223333:foundation-model/x", "have no account"}, {"apigateway:GET", "arn:aws:apigateway:eu-west-1:111122223333:/restapis/x", "have no account"},
		{"sts:AssumeRole", "arn:aws:iam::aws:role/admin", "policies alone"}, {"s3:PutObject", "receipts/", `write "receipts/*"`}, {"ec2:TerminateInstances", "i-0123", `did you mean "instance/i-0123"?`}, {"ec2:TerminateInstances", "instances/i-0123", "not a resource of ec2"},
	} {
		w := warnedAt(t, "blacklist:\n- aws: "+c[0]+"\n  resources: "+yamlList(c[1])+"\n", 3)
		if assert.NotEmpty(t, w, c[1]) {
			assert.Contains(t, w[0].String(), c[2], c[1])
		}
	}
	for _, c := range [][2]string{
		{"logs:PutLogEvents", "log-group:/aws/lambda/x:log-stream:2026/11/24/[$LATEST]0a"}, {"logs:PutLogEvents", "log-group:/aws/lambda/x:*"}, {"glue:GetTable", "table/db/orders"}, {"glue:GetTable", "table/db*"},
		{"bedrock:InvokeModel", "arn:aws:bedrock:eu-west-1::foundation-model/x"}, {"ec2:TerminateInstances", "instance/i-0123"}, {"ec2:DescribeVpcs", "*"}, {"s3:PutObject", "receipts/a/"},
	} {
		assert.Empty(t, warnedAt(t, "blacklist:\n- aws: "+c[0]+"\n  resources: "+yamlList(c[1])+"\n", 3), c[1])
	}
}
