package policy

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/outguard/outguard/internal/awsrules"
	"github.com/outguard/outguard/internal/corpustest"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/rule"
	"github.com/stretchr/testify/assert"
)

type (
	ownedInput struct {
		Bucket, Key, CopySource, VersionId, ExpectedBucketOwner, ExpectedSourceBucketOwner *string
	}
	deleteInput struct {
		Bucket *string
		Delete *ownedDelete
	}
	ownedDelete  struct{ Objects []ownedObject }
	ownedObject  struct{ Key, VersionId *string }
	writeInput   struct{ RequestItems map[string][]writeRequest }
	writeRequest struct{ PutRequest, DeleteRequest *struct{} }
	namesInput   struct {
		Name  *string
		Names []string
	}
	clusterInput struct {
		Cluster  *string
		Services []string
	}
	registryInput struct{ RegistryId, RepositoryName *string }
	aliasInput    struct{ FunctionName, Name *string }
	secretsInput  struct{ SecretIdList []string }
)

// TestACallLeavesNothingToTheNext judges calls with one policy again and again, in any order and at
// once, and compares with a policy that has judged nothing before.
func TestACallLeavesNothingToTheNext(t *testing.T) {
	owner, other := "222233334444", "333344445555"
	table := "arn:aws:dynamodb:us-east-1:222233334444:table/orders"
	call := func(service, operation string, inputs ...any) (calls []AWSCall) {
		for _, in := range inputs {
			calls = append(calls, AWSCall{Service: service, Operation: operation, Input: in})
		}
		return calls
	}
	objects := []any{
		&ownedInput{Bucket: str("receipts"), Key: str("k")},
		&ownedInput{Bucket: str("receipts"), Key: str("k"), VersionId: str("v")},
		&ownedInput{Bucket: str("receipts"), Key: str("k"), ExpectedBucketOwner: &owner},
		&ownedInput{Bucket: str("receipts"), Key: str("k"), CopySource: str("loot/k?versionId=1"), ExpectedSourceBucketOwner: &other},
		&ownedInput{Bucket: str("receipts"), Key: str("k"), CopySource: str("loot/k"), ExpectedBucketOwner: &owner},
		&ownedInput{Bucket: str("arn:aws:s3:eu-west-1:222233334444:accesspoint/p"), Key: str("k")},
		&ownedInput{Bucket: str("x--euw1-az1--x-s3"), Key: str("../k")},
		(*ownedInput)(nil), ownedInput{}, &ownedInput{},
	}
	var calls []AWSCall
	var requests []awsrules.Call // what only a plain HTTP request shows
	for _, operation := range []string{"GetObject", "PutObject", "CopyObject", "DeleteObject", "ListObjectsV2"} {
		calls = append(calls, call("S3", operation, objects...)...)
	}
	calls = append(calls, call("S3", "DeleteObjects",
		&deleteInput{Bucket: str("receipts"), Delete: &ownedDelete{[]ownedObject{{Key: str("a"), VersionId: str("v")}, {Key: str("b")}, {Key: str("")}, {Key: str("c"), VersionId: str("v")}}}},
		&deleteInput{Bucket: str("receipts"), Delete: &ownedDelete{[]ownedObject{{Key: str("c")}, {Key: str("d"), VersionId: str("v")}}}})...)
	tables := []any{
		&tableInput{TableName: str("orders"), IndexName: str("by-day")}, &tableInput{TableName: &table}, &tableInput{},
		&tableInput{Statement: str(`SELECT * FROM "orders"."by-day"`)}, &tableInput{Statement: str("DELETE FROM loot WHERE a = 1")}, &tableInput{Statement: str("?")},
		&tableInput{TransactItems: []transactItem{{Put: &transactTarget{str("orders")}}, {Delete: &transactTarget{str("orders")}}, {Put: &transactTarget{str("loot")}}}},
	}
	for _, operation := range []string{"GetItem", "Query", "ExecuteStatement", "TransactWriteItems"} {
		calls = append(calls, call("DynamoDB", operation, tables...)...)
	}
	calls = append(calls, call("DynamoDB", "BatchWriteItem", &writeInput{map[string][]writeRequest{"orders": {{PutRequest: &struct{}{}}}}},
		&writeInput{map[string][]writeRequest{"loot": {{DeleteRequest: &struct{}{}}}}})...)
	calls = append(calls, call("SSM", "GetParameters", &namesInput{Names: []string{"/a/b", "/aws/reference/secretsmanager/prod/db", "c:1"}}, &namesInput{})...)
	calls = append(calls, call("SSM", "GetParametersByPath", &pathInput{str("/a")}, &pathInput{str("/")})...)
	calls = append(calls, call("ECS", "DescribeServices", &clusterInput{str("arn:aws:ecs:us-east-1:222233334444:cluster/prod"), []string{"a", "b"}}, &clusterInput{nil, []string{"a"}})...)
	calls = append(calls, call("ECR", "DeleteRepository", &registryInput{&owner, str("r")}, &registryInput{nil, str("r")})...)
	calls = append(calls, call("Lambda", "CreateAlias", &aliasInput{str("f"), str("live")}, &aliasInput{str("arn:aws:sqs:eu-west-1:111122223333:q"), str("live")})...)
	calls = append(calls, call("Secrets Manager", "BatchGetSecretValue", &secretsInput{[]string{"prod/db", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:x-A1b2C3"}}, &secretsInput{})...)
	calls = append(calls, call("SQS", "SendMessage", &queueInput{str("https://sqs.us-east-1.amazonaws.com/222233334444/orders")}, &queueInput{})...)
	for _, operation := range []string{"GetObject", "DeleteObjects", "NoSuchThing", ""} {
		for _, arns := range [][]string{nil, {"arn:aws:s3:::receipts/*"}, {"arn:aws:s3:::receipts/k", "loot/k"}} {
			calls = append(calls, AWSCall{Service: "s3", Operation: operation, Resources: arns})
			requests = append(requests, awsrules.Call{Service: "s3", Operation: operation, Resources: arns, Version: true, Owner: owner})
		}
	}
	for _, c := range calls { // and by others, elsewhere
		c.Account, c.Region = owner, "us-east-1"
		calls = append(calls, c)
	}

	policy := func() *Policy {
		rule := func(list pattern.Mode, subject string, resources ...string) rule.Rule {
			return awsRuleOf(t, list, subject, resources...)
		}
		shared := rule(pattern.Narrow, "s3:*", "*")
		shared.Accounts = []string{owner}
		return awsPolicy(t, rule(pattern.Narrow, "s3:*", "receipts*"), shared, rule(pattern.Narrow, "dynamodb:*", "table/orders*"), rule(pattern.Narrow, "ssm:*", "parameter/a/*"),
			rule(pattern.Narrow, "ecs:*", "service/prod/a"), rule(pattern.Narrow, "secretsmanager:*", "secret:prod/db"), rule(pattern.Narrow, "sqs:*"),
			rule(pattern.Wide, "s3:DeleteObjectVersion"), rule(pattern.Wide, "dynamodb:DeleteItem", "table/orders"))
	}
	judge := func(p *Policy, i int) (string, []string) {
		if i >= len(calls) {
			var d Decision
			d.Verdict, d.Policy = Allow, &p.set.info
			p.weighCall(&requests[i-len(calls)], &d, byHTTP{})
			return said(d), nil
		}
		c := calls[i]
		via := ViaUnknown
		if c.Account == "" {
			via = ViaSDK
		}
		return said(p.Decide(Call{AWS: c, Via: via})), p.Explain(Call{AWS: c}).Call.Resources
	}
	type judgement struct {
		said      string
		resources []string
	}
	want := make([]judgement, len(calls)+len(requests))
	for i := range want {
		want[i].said, want[i].resources = judge(policy(), i)
	}
	shared := policy()
	var wait sync.WaitGroup
	for seed := range uint64(4) {
		wait.Go(func() {
			r := rand.New(rand.NewPCG(seed, 0))
			for range corpustest.Sample(1, 5) * len(want) {
				i := r.IntN(len(want))
				said, resources := judge(shared, i)
				if !assert.Equal(t, want[i], judgement{said, resources}, "call %d", i) {
					return
				}
			}
		})
	}
	wait.Wait()
}
