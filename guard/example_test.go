package guard_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/outguard/outguard/guard"
	"github.com/outguard/outguard/policy"
)

func handle(ctx context.Context) error { return nil }

// The shortest form: the policy is policy.yaml beside the binary, or what $OUTGUARD_POLICY names.
func ExampleWrap() {
	lambda.Start(guard.Wrap(handle))
}

// A function with AWS clients: the guard sees the calls of every client made from cfg.
func ExampleLoad() {
	g, err := guard.Load(nil)
	if err != nil {
		log.Fatal(err) // policy.yaml:12:5: unknown key "whitelsit"; did you mean "whitelist"?
	}
	// With the SDK's module config: config.LoadDefaultConfig(ctx, config.WithAPIOptions(g.AWS())).
	cfg := aws.Config{Region: "eu-west-1", APIOptions: g.AWS()}
	_ = cfg // dynamodb.NewFromConfig(cfg)
	lambda.Start(g.Wrap(handle))
}

// A client with a transport of its own, which Wrap does not guard, and the error of a call that the
// policy refuses.
func ExampleGuard_Transport() {
	p, err := policy.Parse("policy.yaml", []byte(`
version: 1
on_violation: block
whitelist:
  - http: https://api.stripe.com/v1/**
`), policy.Env{})
	if err != nil {
		log.Fatal(err)
	}
	g := guard.New(p, &guard.Options{Stdout: io.Discard})
	client := http.Client{Transport: g.Transport(&http.Transport{MaxConnsPerHost: 4})}

	_, err = client.Get("https://evil.example/collect")
	var blocked *guard.BlockedError
	if errors.As(err, &blocked) {
		fmt.Println(blocked)
	}
	// Output:
	// blocked by policy (policy.yaml): GET https://evil.example/collect: no whitelist rule matches host evil.example
	// to allow it, add to the whitelist:
	//   - http: https://evil.example/collect
	//     methods: [GET]
}
