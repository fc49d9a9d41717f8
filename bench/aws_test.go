package bench

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/awsmiddleware"
	"github.com/outguard/outguard/internal/alloctest"
	"github.com/outguard/outguard/policy"
)

// awsPolicy is a policy with n whitelist rules for tables. The last rule is for the table orders.
func awsPolicy(tb testing.TB, n int) *policy.Policy {
	var b strings.Builder
	b.WriteString("version: 1\nwhitelist:\n")
	for i := range n - 1 {
		fmt.Fprintf(&b, "  - {aws: \"dynamodb:*\", resources: [table/t%d, table/t%d/index/*]}\n", i, i)
	}
	b.WriteString("  - {aws: \"dynamodb:*\", resources: [table/orders, table/orders/index/*]}\nblacklist:\n  - {aws: \"sqs:*\", access: read}\n")
	p, err := policy.Parse("policy.yaml", []byte(b.String()), policy.Env{Function: "f", Region: "eu-west-1", Account: "111122223333"})
	require.NoError(tb, err)
	return p
}

func getItem() policy.Call {
	return policy.Call{Via: policy.ViaSDK, AWS: policy.AWSCall{Service: "DynamoDB", Operation: "GetItem", Region: "eu-west-1",
		Input: &dynamodb.GetItemInput{TableName: aws.String("orders")}}}
}

func transaction() policy.Call {
	in := &dynamodb.TransactWriteItemsInput{}
	for range 5 {
		in.TransactItems = append(in.TransactItems,
			types.TransactWriteItem{Put: &types.Put{TableName: aws.String("orders")}}, types.TransactWriteItem{Delete: &types.Delete{TableName: aws.String("orders")}})
	}
	return policy.Call{Via: policy.ViaSDK, AWS: policy.AWSCall{Service: "DynamoDB", Operation: "TransactWriteItems", Region: "eu-west-1", Input: in}}
}

func benchAWS(b *testing.B, p *policy.Policy, c policy.Call) {
	require.True(b, p.Decide(c).Allowed())
	b.ReportAllocs()
	for b.Loop() {
		p.Decide(c)
	}
}

func BenchmarkAWSOneResource(b *testing.B)      { benchAWS(b, awsPolicy(b, 10), getItem()) }
func BenchmarkAWSTransactionOfTen(b *testing.B) { benchAWS(b, awsPolicy(b, 10), transaction()) }

// The number of rules does not count.
func BenchmarkAWSRules(b *testing.B) {
	for _, n := range []int{10, 10_000} {
		p := awsPolicy(b, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) { benchAWS(b, p, getItem()) })
	}
}

// A plain HTTP request that is an AWS call, beside one that goes elsewhere and to the same rules.
func BenchmarkAWSByHTTP(b *testing.B) {
	p, calls := awsByHTTP(b)
	for _, c := range calls {
		b.Run(c.name, func(b *testing.B) { benchAWS(b, p, c.call) })
	}
}

func TestAWSByHTTPAllocates(t *testing.T) {
	p, calls := awsByHTTP(t)
	for _, c := range calls {
		require.True(t, p.Decide(c.call).Allowed(), c.name)
		alloctest.AtMost(t, c.allocations, func() { p.Decide(c.call) }, c.name)
	}
}

type httpCall struct {
	name        string
	call        policy.Call
	allocations int
}

// awsByHTTP is a policy and calls that it allows.
func awsByHTTP(tb testing.TB) (*policy.Policy, []httpCall) {
	p, err := policy.Parse("policy.yaml", []byte("version: 1\nwhitelist:\n  - aws: [s3:*, \"dynamodb:*\", \"lambda:*\"]\n  - http: api.example.com\n"),
		policy.Env{Function: "f", Region: "eu-west-1", Account: "111122223333"})
	require.NoError(tb, err)
	request := func(url string, header ...string) policy.Call {
		r, err := http.NewRequest(http.MethodPost, url, nil)
		require.NoError(tb, err)
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=ASIARTX3GSDSQAABCDEF/20261124/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=00")
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		return policy.Call{HTTP: r, Via: policy.ViaTransport}
	}
	put := request("https://receipts.s3.eu-west-1.amazonaws.com/2026/11/1.pdf")
	put.HTTP.Method = http.MethodPut
	elsewhere := request("https://api.example.com/v1/charges")
	elsewhere.HTTP.Header.Set("Authorization", "Bearer some-token")
	return p, []httpCall{
		{"elsewhere", elsewhere, 0},
		{"elsewhere and signed", request("https://api.example.com/v1/charges"), 0},
		{"dynamodb", request("https://dynamodb.eu-west-1.amazonaws.com/", "X-Amz-Target", "DynamoDB_20120810.GetItem"), 0},
		// Two of them are GetBody's own. The body is read for any rule: a table in it may be
		// another account's.
		{"dynamodb and its body", withBody(request("https://dynamodb.eu-west-1.amazonaws.com/", "X-Amz-Target", "DynamoDB_20120810.GetItem", "Content-Type", "application/x-amz-json-1.0")), 4},
		{"s3", put, 2},
		{"an operation that is not known", request("https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/"), 0},
	}
}

// withBody gives a request a body that can be read again.
func withBody(c policy.Call) policy.Call {
	c.HTTP.GetBody = func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(`{"TableName":"orders","Key":{"id":{"S":"0a1b2c3d"}},"ConsistentRead":true}`)), nil
	}
	c.HTTP.Body, _ = c.HTTP.GetBody()
	return c
}

func TestAnAWSCallDoesNotAllocate(t *testing.T) {
	p := awsPolicy(t, 10)
	for name, c := range map[string]policy.Call{"one resource": getItem(), "ten": transaction()} {
		require.True(t, p.Decide(c).Allowed())
		alloctest.AtMost(t, 0, func() { p.Decide(c) }, name)
	}
	p = newPolicy(t, tenRules)
	for _, c := range sendMessageCalls(t) {
		require.True(t, p.Decide(c).Allowed(), c.Via)
		alloctest.AtMost(t, 0, func() { p.Decide(c) }, c.Via)
	}
}

// sendMessageCalls are the calls that an SQS client's SendMessage makes of a guard: the operation,
// and the attempt on the wire.
func sendMessageCalls(tb testing.TB) (calls []policy.Call) {
	sendMessage(tb, sqsNothing{}, awsmiddleware.New(noting{&calls}))()
	require.Len(tb, calls, 2)
	return calls
}

type noting struct{ calls *[]policy.Call }

func (n noting) Check(_ context.Context, c policy.Call) error {
	*n.calls = append(*n.calls, c)
	return nil
}

func BenchmarkAWSSendMessage(b *testing.B) {
	p := newPolicy(b, tenRules)
	for _, c := range sendMessageCalls(b) {
		b.Run(c.Via.String(), func(b *testing.B) { benchAWS(b, p, c) })
	}
}
