package awscall

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// arnsOf returns the ARNs that a call touches; "" stands for what is not known.
func arnsOf(service, operation string, input any) (arns []string) {
	var ts Touches
	ts.Of(NewOp(service, operation, reflect.TypeOf(input)), input, nil, &here)
	for i := range ts.List {
		arns = append(arns, ts.List[i].ARN())
	}
	return arns
}

func TestWhatIsInAnotherPlaceIsThereForEachOfAList(t *testing.T) {
	type input struct {
		Cluster  *string
		Services []string
	}
	cluster := "arn:aws:ecs:us-east-1:222233334444:cluster/prod"
	assert.Equal(t, []string{
		"arn:aws:ecs:us-east-1:222233334444:service/prod/a",
		"arn:aws:ecs:us-east-1:222233334444:service/prod/b",
	}, arnsOf("ecs", "DescribeServices", &input{&cluster, []string{"a", "b"}}))
}

func TestAnAliasOfWhatIsNoFunction(t *testing.T) {
	type input struct{ FunctionName, Name *string }
	name := "live"
	for arn, want := range map[string]string{
		"arn:aws:sqs:eu-west-1:111122223333:orders":                 "arn:aws:sqs:eu-west-1:111122223333:orders",
		"arn:aws:lambda:eu-west-1:111122223333:layer:x":             "arn:aws:lambda:eu-west-1:111122223333:layer:x",
		"arn:aws:lambda:eu-west-1:111122223333:function:orders":     "arn:aws:lambda:eu-west-1:111122223333:function:orders:live",
		"arn:aws:lambda:eu-west-1:111122223333:function:orders:old": "",
	} {
		assert.Equal(t, []string{want}, arnsOf("lambda", "CreateAlias", &input{&arn, &name}), arn)
	}
}

// A secret's name may look like the end of another's ARN.
func TestASecretsNameIsNoARN(t *testing.T) {
	type input struct{ SecretIdList []string }
	arn := "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-A1b2C3"
	for _, list := range [][]string{{"prod/db-A1b2C3", arn}, {arn, "prod/db-A1b2C3"}} {
		in := &input{list}
		var ts Touches
		ts.Of(NewOp("secretsmanager", "BatchGetSecretValue", reflect.TypeOf(in)), in, nil, &here)
		var aliases []string
		for _, touch := range ts.List {
			if touch.State == Known {
				aliases = append(aliases, string(touch.Alias))
			}
		}
		assert.Contains(t, aliases, "secret:prod/db")
		assert.Contains(t, aliases, "secret:prod/db-A1b2C3"+suffix)
	}
}

func TestACopySourceBehindAnAccessPointIsThatServices(t *testing.T) {
	type input struct{ Bucket, Key, CopySource *string }
	bucket, key := "receipts", "a"
	source := "arn:aws:s3-outposts:eu-west-1:111122223333:outpost/op-1/object/b"
	in := &input{&bucket, &key, &source}
	op := NewOp("s3", "CopyObject", reflect.TypeOf(in))
	var ts Touches
	ts.Of(op, in, nil, &here)
	assert.Equal(t, oneAction(op.index("s3-outposts", "GetObject")), ts.List[0].Actions)
}

func TestAnIndexOfATableNamedByItsARN(t *testing.T) {
	type input struct{ Statement *string }
	statement := `SELECT * FROM "arn:aws:dynamodb:eu-west-1:222233334444:table/orders"."by-day"`
	assert.Equal(t, []string{"arn:aws:dynamodb:eu-west-1:222233334444:table/orders/index/by-day"}, arnsOf("dynamodb", "ExecuteStatement", &input{&statement}))
}

func TestAnUnknownObjectIsOfTheBucketsOwner(t *testing.T) {
	type input struct{ Bucket, Key, ExpectedBucketOwner *string }
	bucket, key, owner := "receipts", "../a", "222233334444"
	in := &input{&bucket, &key, &owner}
	var ts Touches
	ts.Of(NewOp("s3", "GetObject", reflect.TypeOf(in)), in, nil, &here)
	assert.Equal(t, Unknown, ts.List[0].State)
	assert.Equal(t, owner, ts.List[0].Owner)
}

// What SES may read as an address of a domain is one, or is not known.
func TestSendersDomains(t *testing.T) {
	type input struct{ Source *string }
	for from, want := range map[string]string{
		"a@Example.com": "identity/example.com", "A <a@example.com>": "identity/example.com", " a@example.com ": "identity/example.com", "a@exämple.com": "identity/exämple.com",
		"a@example.com.": "", "a@example.com (b)": "", "a@example.com> (b)": "", "a@example.com,b": "", `"a@b"@example.com`: "", "a@\texample.com": "", "a@": "", "A <a@example.com> ": "identity/example.com",
	} {
		var ts Touches
		in := &input{&from}
		ts.Of(NewOp("ses", "SendEmail", reflect.TypeOf(in)), in, nil, &here)
		assert.Equal(t, want, string(ts.List[0].Alias), "%q: %s", from, ts.List[0].ARN())
		assert.Equal(t, want != "", ts.List[0].State == Known, from)
	}
}

func TestModels(t *testing.T) {
	type input struct{ ModelId *string }
	for id, want := range map[string]string{
		"anthropic.claude-3-haiku-20240307-v1:0":          "arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0",
		"qwen.qwen3-32b-v1:0":                             "arn:aws:bedrock:eu-west-1::foundation-model/qwen.qwen3-32b-v1:0",
		"writer.palmyra-x5-v1:0":                          "arn:aws:bedrock:eu-west-1::foundation-model/writer.palmyra-x5-v1:0",
		"zai.glm-4.7":                                     "arn:aws:bedrock:eu-west-1::foundation-model/zai.glm-4.7",
		"eu.anthropic.claude-3-haiku-20240307-v1:0":       "arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.anthropic.claude-3-haiku-20240307-v1:0 arn:aws:bedrock:*::foundation-model/anthropic.claude-3-haiku-20240307-v1:0",
		"global.anthropic.claude-sonnet-4-20250514-v1:0":  "arn:aws:bedrock:eu-west-1:111122223333:inference-profile/global.anthropic.claude-sonnet-4-20250514-v1:0 arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-20250514-v1:0",
		"us-gov.anthropic.claude-3-haiku-20240307-v1:0":   "arn:aws:bedrock:eu-west-1:111122223333:inference-profile/us-gov.anthropic.claude-3-haiku-20240307-v1:0 arn:aws:bedrock:*::foundation-model/anthropic.claude-3-haiku-20240307-v1:0",
		"arn:aws:bedrock:eu-west-1::foundation-model/x.y": "arn:aws:bedrock:eu-west-1::foundation-model/x.y",
		"apac.amazon.nova-lite-v1:0":                      "arn:aws:bedrock:eu-west-1:111122223333:inference-profile/apac.amazon.nova-lite-v1:0 arn:aws:bedrock:*::foundation-model/amazon.nova-lite-v1:0",
	} {
		assert.Equal(t, strings.Fields(want), arnsOf("bedrock", "InvokeModel", &input{&id}))
	}
}

// What an id of EC2 begins with is its kind.
func TestKindsOfEC2(t *testing.T) {
	for prefix, want := range map[string]string{
		"acl": "network-acl", "ami": "image", "dopt": "dhcp-options", "eipalloc": "elastic-ip", "eni": "network-interface", "i": "instance",
		"igw": "internet-gateway", "lt": "launch-template", "nat": "natgateway", "pcx": "vpc-peering-connection", "rtb": "route-table",
		"sg": "security-group", "snap": "snapshot", "subnet": "subnet", "tgw": "transit-gateway", "vol": "volume", "vpc": "vpc",
		"vpce": "vpc-endpoint", "what": "",
	} {
		touches := "CreateTags ?"
		switch {
		case want == "image" || want == "snapshot":
			touches = "CreateTags ec2:eu-west-1::" + want + "/" + prefix + "-0a1b"
		case want != "":
			touches = "CreateTags ec2:here:" + want + "/" + prefix + "-0a1b"
		}
		ts := touchesOf("ec2:CreateTags", standIn(t, `{"Resources":["`+prefix+`-0a1b"]}`))
		assert.Equal(t, touches, ts, prefix)
	}
}
