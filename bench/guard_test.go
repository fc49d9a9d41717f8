package bench

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/outguard/outguard/guard"
	"github.com/outguard/outguard/policy"
)

// tenRules is a policy of ten whitelist rules, of the kind that a payments function has.
const tenRules = `version: 1
on_violation: alert
whitelist:
  - http: https://api.stripe.com/v1/**
    methods: [GET, POST]
  - http: https://hooks.slack.com/services/**
  - http: https://*.paypal.com/v2/**
  - http: www.google.com
  - http: https://api.twilio.com/2010-04-01/**
  - http: https://auth.example.com/oauth/token
    methods: POST
  - http: https://*.internal.example.com
  - aws: [dynamodb:*Item, dynamodb:Query]
    resources: [table/orders, table/orders/index/*]
  - aws: s3:PutObject
    resources: receipts/*
  - aws: sqs:SendMessage
`

func newPolicy(tb testing.TB, text string) *policy.Policy {
	tb.Helper()
	p, err := policy.Parse("policy.yaml", []byte(text), policy.Env{Function: "checkout", Region: "eu-west-1", Account: "111122223333"})
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func newGuard(tb testing.TB, text string) *guard.Guard {
	tb.Helper()
	g := guard.New(newPolicy(tb, text), &guard.Options{Function: "checkout", Stdout: io.Discard})
	tb.Cleanup(g.Uninstall)
	return g
}

// BenchmarkInvocation is one invocation with an event and a result, without and with the guard
// round it.
func BenchmarkInvocation(b *testing.B) {
	type event struct{ ID string }
	type result struct{ OK bool }
	handle := func(_ context.Context, e event) (result, error) { return result{true}, nil }
	for _, c := range []struct {
		name    string
		handler any
	}{{"bare", handle}, {"wrapped", newGuard(b, tenRules).Wrap(handle)}} {
		b.Run(c.name, func(b *testing.B) {
			h := lambda.NewHandler(c.handler)
			payload := []byte(`{"ID":"order-1"}`)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := h.Invoke(context.Background(), payload); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCheck is one call judged against ten rules.
func BenchmarkCheck(b *testing.B) {
	g := newGuard(b, tenRules)
	request := func(method, url string) policy.Call {
		r, err := http.NewRequest(method, url, nil)
		if err != nil {
			b.Fatal(err)
		}
		return policy.Call{HTTP: r, Via: policy.ViaTransport}
	}
	for _, c := range []struct {
		name string
		call policy.Call
	}{
		{"allowed", request("POST", "https://api.stripe.com/v1/charges")},
		{"wildcard", request("GET", "https://eu.orders.internal.example.com/orders/7")},
		{"repeated violation", request("POST", "https://evil.example/collect")},
		{"repeated AWS violation", policy.Call{Via: policy.ViaSDK, AWS: policy.AWSCall{Service: "DynamoDB", Operation: "GetItem", Region: "eu-west-1",
			Input: &dynamodb.GetItemInput{TableName: aws.String("customers")}}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			ctx := context.Background()
			b.ReportAllocs()
			for b.Loop() {
				g.Check(ctx, c.call)
			}
		})
	}
}

// BenchmarkLoad is what a cold start pays for a policy of 20 rules.
func BenchmarkLoad(b *testing.B) {
	text := []byte(twentyRules())
	options := &guard.Options{Policy: text, Function: "checkout", Region: "eu-west-1", Account: "111122223333", Stdout: io.Discard}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := guard.Load(options); err != nil {
			b.Fatal(err)
		}
	}
}

func twentyRules() string {
	var b strings.Builder
	b.WriteString(tenRules)
	b.WriteString("blacklist:\n")
	for i := range 10 {
		fmt.Fprintf(&b, "  - http: bad%d.example.com\n", i)
	}
	return b.String()
}

func TestMain(m *testing.M) {
	os.Unsetenv("OUTGUARD_POLICY") // Load reads nothing of this machine
	os.Exit(m.Run())
}
