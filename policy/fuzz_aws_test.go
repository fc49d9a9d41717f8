package policy

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/rule"
	"github.com/stretchr/testify/assert"
)

// fuzzedInput has the members that name what the operations below touch.
type fuzzedInput struct {
	Bucket, Key, VersionId, CopySource, ExpectedBucketOwner                     *string // s3
	QueueUrl, QueueName                                                         *string
	TableName, IndexName, Statement                                             *string
	FunctionName, Qualifier, Name                                               *string
	TopicArn, PhoneNumber                                                       *string
	SecretId, KeyId, Path, EventBusName, LogGroupName, LogStreamName            *string
	HostedZoneId, StateMachineArn, StreamName, RoleArn, Cluster, TaskDefinition *string
	RepositoryName, RegistryId, DatabaseName, CatalogId, EmailIdentity          *string
}

// fuzzedOps are operations, and the members that get the two texts.
var fuzzedOps = []struct {
	service, operation string
	members            func(in *fuzzedInput, a, b *string)
}{
	{"S3", "GetObject", func(in *fuzzedInput, a, b *string) { in.Bucket, in.Key = a, b }},
	{"S3", "DeleteObject", func(in *fuzzedInput, a, b *string) { in.Bucket, in.Key, in.VersionId = a, b, b }},
	{"S3", "CopyObject", func(in *fuzzedInput, a, b *string) { in.Bucket, in.Key, in.CopySource = a, b, b }},
	{"S3", "ListObjectsV2", func(in *fuzzedInput, a, b *string) { in.Bucket, in.ExpectedBucketOwner = a, b }},
	{"SQS", "SendMessage", func(in *fuzzedInput, a, b *string) { in.QueueUrl = a }},
	{"SQS", "GetQueueUrl", func(in *fuzzedInput, a, b *string) { in.QueueName = a }},
	{"DynamoDB", "Query", func(in *fuzzedInput, a, b *string) { in.TableName, in.IndexName = a, b }},
	{"DynamoDB", "ExecuteStatement", func(in *fuzzedInput, a, b *string) { in.Statement = a }},
	{"Lambda", "Invoke", func(in *fuzzedInput, a, b *string) { in.FunctionName, in.Qualifier = a, b }},
	{"Lambda", "UpdateAlias", func(in *fuzzedInput, a, b *string) { in.FunctionName, in.Name = a, b }},
	{"SNS", "Publish", func(in *fuzzedInput, a, b *string) { in.TopicArn, in.PhoneNumber = a, b }},
	{"Secrets Manager", "GetSecretValue", func(in *fuzzedInput, a, b *string) { in.SecretId = a }},
	{"KMS", "Decrypt", func(in *fuzzedInput, a, b *string) { in.KeyId = a }},
	{"SSM", "GetParameter", func(in *fuzzedInput, a, b *string) { in.Name = a }},
	{"SSM", "GetParametersByPath", func(in *fuzzedInput, a, b *string) { in.Path = a }},
	{"EventBridge", "PutRule", func(in *fuzzedInput, a, b *string) { in.EventBusName, in.Name = a, b }},
	{"CloudWatch Logs", "GetLogEvents", func(in *fuzzedInput, a, b *string) { in.LogGroupName, in.LogStreamName = a, b }},
	{"Route 53", "GetHostedZone", func(in *fuzzedInput, a, b *string) { in.HostedZoneId = a }},
	{"SFN", "StartExecution", func(in *fuzzedInput, a, b *string) { in.StateMachineArn = a }},
	{"Kinesis", "PutRecord", func(in *fuzzedInput, a, b *string) { in.StreamName = a }},
	{"STS", "AssumeRole", func(in *fuzzedInput, a, b *string) { in.RoleArn = a }},
	{"ECS", "RunTask", func(in *fuzzedInput, a, b *string) { in.Cluster, in.TaskDefinition = a, b }},
	{"ECR", "BatchGetImage", func(in *fuzzedInput, a, b *string) { in.RepositoryName, in.RegistryId = a, b }},
	{"Glue", "GetTables", func(in *fuzzedInput, a, b *string) { in.DatabaseName, in.CatalogId = a, b }},
	{"SESv2", "SendEmail", func(in *fuzzedInput, a, b *string) { in.EmailIdentity = a }},
}

// fuzzedCalls are the call that an SDK would make, the same by its ARN, and a request to the
// service with the texts in it.
func fuzzedCalls(op int, a, b string) (calls []Call) {
	o := fuzzedOps[op]
	in := new(fuzzedInput)
	o.members(in, &a, &b)
	calls = append(calls,
		Call{AWS: AWSCall{Service: o.service, Operation: o.operation, Input: in}},
		Call{AWS: AWSCall{Service: o.service, Operation: o.operation, Resources: []string{a}}})
	for _, target := range []string{"https://" + a + ".s3.eu-west-1.amazonaws.com/" + b, "https://s3.eu-west-1.amazonaws.com/" + a + "/" + b, "https://sqs.eu-west-1.amazonaws.com/?Action=" + a} {
		if r, err := http.NewRequest("GET", target, nil); err == nil {
			r.Header.Set("X-Amz-Target", b)
			r.Header.Set("X-Amz-Copy-Source", b)
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIARTX3GSDSQAABCDEF/20261124/eu-west-1/"+strings.ToLower(o.service)+"/aws4_request, SignedHeaders=host, Signature=00")
			calls = append(calls, Call{HTTP: r, Via: ViaTransport})
		}
	}
	return calls
}

// FuzzAWS holds decisions on AWS calls to what must be so whatever they touch.
func FuzzAWS(f *testing.F) {
	for i := range fuzzedOps {
		f.Add(uint8(i), "orders", "2026", "orders")
		f.Add(uint8(i), "arn:aws:s3:eu-west-1:222233334444:accesspoint/ap", "a/../b", "arn:aws:*:*:222233334444:*")
		f.Add(uint8(i), "https://sqs.eu-west-1.amazonaws.com/111122223333/orders", "orders:1", "or*rs")
		f.Add(uint8(i), "/prod/db", "SendMessage", "parameter/prod/*")
		f.Add(uint8(i), "DELETE FROM \"orders\" WHERE id = 'x'", "ListQueues", "table/orders")
		f.Add(uint8(i), "https://sqs.EU\x92west-1.amazonaws.com/111122223333/orders", "", "orders")
		f.Add(uint8(i), "\xf1\xef~${x}*", "\xef\xbf\xbd", "?")
		f.Add(uint8(i), "111122223333:function:orders", "live", "function:orders:live")
	}
	f.Fuzz(func(t *testing.T, op uint8, a, b, resource string) {
		if len(a)+len(b)+len(resource) > 300 || resource == "" {
			return
		}
		n := int(op) % len(fuzzedOps)
		subject := func(list pattern.Mode, resources ...string) rule.Rule {
			services := []pattern.Pattern{}
			for _, s := range []string{fuzzedOps[n].service, "s3", "sqs", "s3-outposts", "s3-object-lambda", "s3express"} {
				p, err := pattern.ParseAWS(strings.ToLower(strings.ReplaceAll(s, " ", ""))+":*", list)
				if err != nil {
					t.Skip(err)
				}
				services = append(services, &p)
			}
			return rule.Rule{Mode: list, Kind: rule.AWS, Subject: services, Resources: resources}
		}
		white, black := subject(pattern.Narrow, resource), subject(pattern.Wide, resource)
		if len(deadIn(&white)) > 0 {
			return
		}
		all, allowing, catching := awsPolicy(t, subject(pattern.Wide)), awsPolicy(t, white), awsPolicy(t, black)
		for _, c := range fuzzedCalls(n, a, b) {
			d := all.Decide(c)
			described := describe(allowing, c)
			if described.Kind == "aws" {
				assert.False(t, d.Allowed(), "%v does not belong to its service", described)
			}
			if d := allowing.Decide(c); d.Allowed() && described.Kind == "aws" {
				assert.False(t, catching.Decide(c).Allowed(), "a whitelist takes %v for %q and a blacklist does not", described, resource)
				for _, arn := range described.Resources {
					assert.True(t, strings.HasPrefix(arn, "arn:"), arn)
				}
			} else if d.Allow != "" && c.HTTP == nil {
				proposedAllows(t, white, c, d)
			}
			if d, e := allowing.Decide(c), allowing.Decide(c); !assert.Equal(t, d, e) {
				return
			}
		}
	})
}

// proposedAllows holds the entries that decisions propose to allowing the call, when each of what
// it touches has one.
func proposedAllows(t *testing.T, white rule.Rule, c Call, d Decision) {
	var rules strings.Builder
	rules.WriteString("whitelist:\n")
	seen := []string{}
	for !d.Allowed() && d.Allow != "" && !slices.Contains(seen, d.Allow) {
		seen = append(seen, d.Allow)
		rules.WriteString("  " + strings.ReplaceAll(d.Allow, "\n", "\n  ") + "\n")
		p, err := Parse("policy.yaml", []byte(rules.String()), Env{Region: "eu-west-1", Account: "111122223333"})
		if err != nil {
			// The input names what cannot exist, such as a queue whose name is a URL. Cure leaves
			// such an entry out.
			return
		}
		d = p.Decide(c)
	}
	assert.True(t, d.Allowed() || d.List != Whitelist, "%s\n%+v", rules.String(), d)
}
