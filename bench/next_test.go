package bench

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/guard"
	"github.com/outguard/outguard/policy"
)

// guardBeside returns a guard by a policy of ten rules, with a next policy of as many or without.
func guardBeside(tb testing.TB, next bool) *guard.Guard {
	rules := strings.Replace(string(text(8)), "blacklist:", "  - aws: dynamodb:*Item\n    resources: table/orders\nblacklist:\n  - aws: sqs:*\n    access: read", 1)
	env := policy.Env{Function: "checkout", Region: "eu-west-1", Account: "111122223333"}
	text := rules
	if next {
		text = "next: next.yaml\n" + rules
		env.FS = fstest.MapFS{"next.yaml": {Data: []byte(rules)}}
	}
	p, err := policy.Parse("policy.yaml", []byte(text), env)
	require.NoError(tb, err)
	require.Equal(tb, next, p.Info()[0].Next != nil)
	return guard.New(p, &guard.Options{Function: "checkout", Region: "eu-west-1", Account: "111122223333"})
}

// BenchmarkNext is a call that both policies allow, with a next policy and without.
func BenchmarkNext(b *testing.B) {
	r, err := http.NewRequest("POST", target, nil)
	require.NoError(b, err)
	for _, c := range []struct {
		name string
		call policy.Call
	}{
		{"http", policy.Call{HTTP: r, Via: policy.ViaTransport}},
		{"http with headers", policy.Call{HTTP: request(b), Via: policy.ViaTransport}},
		{"aws", policy.Call{Via: policy.ViaSDK, AWS: policy.AWSCall{Service: "DynamoDB", Operation: "GetItem", Region: "eu-west-1",
			Input: &dynamodb.GetItemInput{TableName: aws.String("orders")}}}},
	} {
		for _, next := range []bool{false, true} {
			g := guardBeside(b, next)
			name := c.name
			if next {
				name += " beside next"
			}
			b.Run(name, func(b *testing.B) {
				ctx := context.Background()
				require.NoError(b, g.Check(ctx, c.call))
				b.ReportAllocs()
				for b.Loop() {
					g.Check(ctx, c.call)
				}
			})
		}
	}
}
