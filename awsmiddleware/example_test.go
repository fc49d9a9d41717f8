package awsmiddleware_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/outguard/outguard/awsmiddleware"
	"github.com/outguard/outguard/policy"
)

// A checker judges by a policy, and by nothing else. The Guard of package guard also alerts, and
// its method AWS calls New.
type checker struct{ policy *policy.Policy }

// A refused is the error for a refused call, which the SDK does not try again.
type refused string

func (r refused) Error() string      { return string(r) }
func (refused) RetryableError() bool { return false }

func (c checker) Check(_ context.Context, call policy.Call) error {
	if d := c.policy.Decide(call); !d.Allowed() {
		return refused("refused: " + d.Reason)
	}
	return nil
}

// SendMessageInput has the form of the input in the SDK's module service/sqs.
type SendMessageInput struct{ QueueUrl, MessageBody *string }

// Every client made from cfg is guarded. With the SDK's module config:
//
//	cfg, err := config.LoadDefaultConfig(ctx, config.WithAPIOptions(
//		[]func(*middleware.Stack) error{awsmiddleware.New(g)}))
//	client := sqs.NewFromConfig(cfg)
//
// The service modules are not among Outguard's dependencies, so that send stands for
// client.SendMessage here: it builds the stack of steps as the SDK's code does.
func ExampleNew() {
	p, err := policy.Parse("policy.yaml", []byte(`
version: 1
whitelist:
  - aws: sqs:SendMessage
    resources: orders
`), policy.Env{Region: "eu-west-1", Account: "111122223333"})
	if err != nil {
		fmt.Println(err)
		return
	}
	cfg := aws.Config{Region: "eu-west-1", APIOptions: []func(*middleware.Stack) error{awsmiddleware.New(checker{p})}}
	for _, queue := range []string{"orders", "audit"} {
		err := send(cfg, &SendMessageInput{
			QueueUrl:    aws.String("https://sqs.eu-west-1.amazonaws.com/111122223333/" + queue),
			MessageBody: aws.String("hello"),
		})
		if errors.As(err, new(refused)) {
			fmt.Println(queue, "refused")
			continue
		}
		fmt.Println(queue, err)
	}
	// Output:
	// sent to sqs.eu-west-1.amazonaws.com
	// orders <nil>
	// audit refused
}

// send is what client.SendMessage of the SDK does, without a network.
func send(cfg aws.Config, input *SendMessageInput) error {
	stack := middleware.NewStack("SendMessage", smithyhttp.NewStackRequest)
	steps := append([]func(*middleware.Stack) error{
		func(s *middleware.Stack) error {
			return s.Initialize.Add(&awshttp.RegisterServiceMetadata{ServiceID: "SQS", Region: cfg.Region, OperationName: "SendMessage"}, middleware.Before)
		},
		func(s *middleware.Stack) error { return s.Serialize.Add(serializer{cfg.Region}, middleware.After) },
	}, cfg.APIOptions...)
	for _, add := range steps {
		if err := add(stack); err != nil {
			return err
		}
	}
	sent := smithyhttp.NewClientHandler(client{})
	_, _, err := middleware.DecorateHandler(sent, stack).Handle(context.Background(), input)
	return err
}

// A serializer makes the request of an input.
type serializer struct{ region string }

func (serializer) ID() string { return "OperationSerializer" }

func (s serializer) HandleSerialize(ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler) (
	middleware.SerializeOutput, middleware.Metadata, error,
) {
	r := in.Request.(*smithyhttp.Request)
	r.Method = http.MethodPost
	r.URL.Scheme, r.URL.Host, r.URL.Path = "https", "sqs."+s.region+".amazonaws.com", "/"
	r.Header.Set("X-Amz-Target", "AmazonSQS.SendMessage")
	return next.HandleSerialize(ctx, in)
}

// A client stands for the network.
type client struct{}

func (client) Do(r *http.Request) (*http.Response, error) {
	fmt.Println("sent to", r.URL.Host)
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}
