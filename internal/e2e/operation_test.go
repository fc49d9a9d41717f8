package e2e

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/awsmiddleware"
	"github.com/outguard/outguard/policy"
)

func TestTheOperationIsJudgedOnceWithItsInput(t *testing.T) {
	g, sent := &fakeGuard{}, &recorder{}
	client := sqs.NewFromConfig(config("", awsmiddleware.New(g)), func(o *sqs.Options) { o.HTTPClient = sent })
	in := &sqs.SendMessageInput{QueueUrl: aws.String("https://sqs.eu-west-1.amazonaws.com/111122223333/orders"), MessageBody: aws.String("x")}
	_, err := client.SendMessage(context.Background(), in)
	require.NoError(t, err)
	require.Len(t, g.seen(policy.ViaSDK), 1)
	call := g.seen(policy.ViaSDK)[0]
	assert.Equal(t, policy.AWSCall{Service: "SQS", Operation: "SendMessage", Region: "eu-west-1", Input: in}, call.AWS)
	assert.Nil(t, call.HTTP)
}

func TestARefusedOperationSendsNothing(t *testing.T) {
	g, sent := &fakeGuard{refuse: via(policy.ViaSDK)}, &recorder{}
	signed := 0
	cfg := config("", awsmiddleware.New(g))
	cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		signed++
		return aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: "s"}, nil
	})
	_, err := dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) { o.HTTPClient = sent }).
		ListTables(context.Background(), &dynamodb.ListTablesInput{})
	var op *smithy.OperationError
	require.ErrorAs(t, err, &op)
	assert.Equal(t, "ListTables", op.Operation())
	assertRefused(t, err)
	assert.Empty(t, sent.requests())
	assert.Zero(t, signed, "not even credentials were fetched")
	assert.Len(t, g.calls, 1, "no retry")
}

func TestPerCallOptionsAreSeen(t *testing.T) {
	g, sent := &fakeGuard{}, &recorder{}
	client := sqs.NewFromConfig(config("", awsmiddleware.New(g)), func(o *sqs.Options) { o.HTTPClient = sent })
	_, err := client.ListQueues(context.Background(), &sqs.ListQueuesInput{}, func(o *sqs.Options) { o.Region = "us-east-1" })
	require.NoError(t, err)
	assert.Equal(t, "us-east-1", g.seen(policy.ViaSDK)[0].AWS.Region)
	assert.Equal(t, "sqs.us-east-1.amazonaws.com", g.seen(policy.ViaWire)[0].HTTP.URL.Host)
}

func TestAClientWithoutConfigIsGuardedByItsOptions(t *testing.T) {
	g, sent := &fakeGuard{refuse: via(policy.ViaSDK)}, &recorder{}
	client := sns.New(sns.Options{Region: "eu-west-1", HTTPClient: sent, Credentials: config("").Credentials,
		APIOptions: []func(*middleware.Stack) error{awsmiddleware.New(g)}})
	_, err := client.ListTopics(context.Background(), nil)
	assertRefused(t, err)
}

// What other middleware makes of the input after ours has been added is what is judged: it is what
// is sent.
func TestTheInputIsJudgedAsItIsSerialized(t *testing.T) {
	rewrite := func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Rewrite", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
			middleware.InitializeOutput, middleware.Metadata, error,
		) {
			in.Parameters = &s3.GetObjectInput{Bucket: aws.String("secrets"), Key: aws.String("k")}
			return next.HandleInitialize(ctx, in)
		}), middleware.After)
	}
	g, sent := &fakeGuard{}, &recorder{}
	client := s3.NewFromConfig(config("", awsmiddleware.New(g), rewrite), func(o *s3.Options) { o.HTTPClient = sent })
	_, err := client.GetObject(context.Background(), &s3.GetObjectInput{Bucket: aws.String("public"), Key: aws.String("k")})
	require.NoError(t, err)
	assert.Equal(t, "secrets", *g.seen(policy.ViaSDK)[0].AWS.Input.(*s3.GetObjectInput).Bucket)
}

func TestTheSameGuardTwiceJudgesOnce(t *testing.T) {
	g, sent := &fakeGuard{}, &recorder{}
	cfg := config("", awsmiddleware.New(g), awsmiddleware.New(g))
	client := sqs.NewFromConfig(cfg, func(o *sqs.Options) { o.HTTPClient = sent; o.APIOptions = append(o.APIOptions, awsmiddleware.New(g)) })
	_, err := client.ListQueues(context.Background(), &sqs.ListQueuesInput{})
	require.NoError(t, err)
	assert.Len(t, g.calls, 2, "once as an operation, once on the wire")
}

func TestTwoGuardsBothJudge(t *testing.T) {
	one, two := &fakeGuard{}, &fakeGuard{refuse: via(policy.ViaSDK)}
	cfg := config("", awsmiddleware.New(one), awsmiddleware.New(two))
	_, err := sqs.NewFromConfig(cfg, func(o *sqs.Options) { o.HTTPClient = &recorder{} }).ListQueues(context.Background(), &sqs.ListQueuesInput{})
	assertRefused(t, err)
	assert.Len(t, one.seen(policy.ViaSDK), 1)
}

func TestWithoutAGuardEveryCallIsRefused(t *testing.T) {
	sent := &recorder{}
	_, err := sqs.NewFromConfig(config("", awsmiddleware.New(nil)), func(o *sqs.Options) { o.HTTPClient = sent }).
		ListQueues(context.Background(), &sqs.ListQueuesInput{})
	assert.ErrorIs(t, err, awsmiddleware.ErrNoGuard)
	assert.Empty(t, sent.requests())
}

func TestInvalidInputIsTheSDKsToRefuse(t *testing.T) {
	g := &fakeGuard{refuse: via(policy.ViaSDK)}
	_, err := s3.NewFromConfig(config("", awsmiddleware.New(g))).GetObject(context.Background(), &s3.GetObjectInput{})
	var invalid smithy.InvalidParamsError
	assert.True(t, errors.As(err, &invalid))
	assert.Empty(t, g.calls)
}

// Three attempts of an allowed call, or of one that only an alert was raised for, are one question.
func TestRetriesAskOnce(t *testing.T) {
	g := &fakeGuard{}
	sent := &recorder{respond: func(int) (int, string) { return http.StatusServiceUnavailable, "" }}
	client := sqs.NewFromConfig(config("", awsmiddleware.New(g)), func(o *sqs.Options) {
		o.HTTPClient = sent
		o.Retryer = noDelay()
	})
	_, err := client.ListQueues(context.Background(), &sqs.ListQueuesInput{})
	require.Error(t, err)
	assert.Len(t, sent.requests(), 3)
	assert.Len(t, g.seen(policy.ViaSDK), 1)
	assert.Len(t, g.seen(policy.ViaWire), 1)
}

// A refusal on the wire comes inside the SDK's retry loop.
func TestARefusalOnTheWireIsNotRetried(t *testing.T) {
	g, sent := &fakeGuard{refuse: via(policy.ViaWire)}, &recorder{}
	client := sqs.NewFromConfig(config("", awsmiddleware.New(g)), func(o *sqs.Options) { o.HTTPClient = sent })
	_, err := client.ListQueues(context.Background(), &sqs.ListQueuesInput{})
	assertRefused(t, err)
	assert.Empty(t, sent.requests())
	assert.Len(t, g.seen(policy.ViaWire), 1)
}
