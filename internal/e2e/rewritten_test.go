package e2e

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/aws/middleware"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/guard"
)

// Steps of the program that rewrite a call of the SDK after the guard has been shown it, over the
// real guard.

// sentUnder makes a call under a whitelist and reports whether it went out. If it did not, it was
// the guard that refused.
func sentUnder(t *testing.T, whitelist, name string, call func(aws.Config) error) bool {
	t.Helper()
	g, _ := guarded(t, "on_violation: block\nwhitelist:\n"+whitelist)
	cfg, sent := config("", g.AWS()...), &recorder{}
	cfg.HTTPClient = sent
	err := call(cfg)
	if len(sent.requests()) > 0 {
		return true
	}
	var blocked *guard.BlockedError
	require.ErrorAs(t, err, &blocked, name)
	return false
}

// A step cannot give an operation the name of another, nor the service.
func TestARenamedOperationIsJudgedByItsInput(t *testing.T) {
	queue := aws.String("https://sqs.eu-west-1.amazonaws.com/111122223333/orders")
	purge := func(service, operation string) func(aws.Config) error {
		return func(cfg aws.Config) error {
			rename := func(s *middleware.Stack) error {
				return s.Initialize.Add(middleware.InitializeMiddlewareFunc("rename", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
					return sdk.RegisterServiceMetadata{ServiceID: service, OperationName: operation, Region: "eu-west-1"}.HandleInitialize(ctx, in, next)
				}), middleware.After)
			}
			_, err := sqs.NewFromConfig(cfg).PurgeQueue(context.Background(), &sqs.PurgeQueueInput{QueueUrl: queue}, sqs.WithAPIOptions(rename))
			return err
		}
	}
	const send = "  - aws: sqs:SendMessage\n    resources: orders\n"
	for _, tt := range []struct {
		whitelist, service, operation string
		sent                          bool
	}{
		{send, "SQS", "PurgeQueue", false},
		{send, "SQS", "SendMessage", false},
		{"  - aws: sns:*\n", "SNS", "Publish", false},
		{"  - aws: sns:*\n", "SNS", "PurgeQueue", false},
		{send, "ec2imds", "GetMetadata", false},
		{send, "", "", false},
		{"  - aws: sqs:PurgeQueue\n", "SQS", "SendMessage", true},
		{"  - aws: sqs:PurgeQueue\n", "SNS", "Publish", true},
	} {
		name := tt.whitelist + tt.service + ":" + tt.operation
		assert.Equal(t, tt.sent, sentUnder(t, tt.whitelist, name, purge(tt.service, tt.operation)), name)
	}
}

// refilled puts another text into the reader that the serializer has made.
func refilled(text string) func(*smithyhttp.Request) {
	return func(r *smithyhttp.Request) {
		if b, ok := r.GetStream().(*bytes.Reader); ok {
			b.Reset([]byte(text))
		}
	}
}

// atFinalize is an option that changes the request before it is signed.
func atFinalize(change func(*smithyhttp.Request)) func(*middleware.Stack) error {
	return func(s *middleware.Stack) error {
		return s.Finalize.Add(middleware.FinalizeMiddlewareFunc("change", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
			change(in.Request.(*smithyhttp.Request))
			return next.HandleFinalize(ctx, in)
		}), middleware.Before)
	}
}

// A body whose bytes are changed in place, in the serializer's own reader, is judged as it is sent.
func TestABodyChangedInPlaceIsJudgedAsItIsSent(t *testing.T) {
	const (
		topic    = "arn:aws:sns:eu-west-1:111122223333:orders"
		identity = "  - aws: sts:GetCallerIdentity\n"
		publish  = "  - aws: sns:Publish\n"
		put      = "  - aws: dynamodb:PutItem\n    resources: table/orders\n"
	)
	whoami := func(cfg aws.Config, o func(*middleware.Stack) error) error {
		_, err := sts.NewFromConfig(cfg).GetCallerIdentity(context.Background(), &sts.GetCallerIdentityInput{}, sts.WithAPIOptions(o))
		return err
	}
	notify := func(cfg aws.Config, o func(*middleware.Stack) error) error {
		_, err := sns.NewFromConfig(cfg).Publish(context.Background(), &sns.PublishInput{TopicArn: aws.String(topic), Message: aws.String("x")}, sns.WithAPIOptions(o))
		return err
	}
	item := map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "1"}}
	save := func(cfg aws.Config, o func(*middleware.Stack) error) error {
		_, err := dynamodb.NewFromConfig(cfg).PutItem(context.Background(), &dynamodb.PutItemInput{TableName: aws.String("orders"), Item: item}, dynamodb.WithAPIOptions(o))
		return err
	}
	shorter := func(r *smithyhttp.Request) { r.ContentLength = int64(len("Action=Publish&Message=x&TopicArn=arn")) }
	upstream := func(r *smithyhttp.Request) { r.Header.Set("X-Request-Id", "1") }
	for name, tt := range map[string]struct {
		whitelist string
		call      func(aws.Config, func(*middleware.Stack) error) error
		option    func(*middleware.Stack) error
		sent      bool
	}{
		"sts":               {identity, whoami, atFinalize(refilled("Action=AssumeRole&RoleArn=x")), false},
		"sts, at build":     {identity, whoami, atBuild(refilled("Action=AssumeRole&RoleArn=x")), false},
		"sts, nothing":      {identity, whoami, atFinalize(upstream), true},
		"sts, allowed":      {identity + "  - aws: sts:AssumeRole\n", whoami, atFinalize(refilled("Action=AssumeRole&Version=2011-06-15&RoleArn=arn:aws:iam::111122223333:role/r&RoleSessionName=s")), true},
		"sns":               {publish, notify, atBuild(refilled("Action=DeleteTopic&Version=2010-03-31&TopicArn=" + topic)), false},
		"sns, shorter":      {publish + "    resources: orders\n", notify, atFinalize(shorter), false},
		"sns, nothing":      {publish, notify, atFinalize(upstream), true},
		"dynamodb":          {put, save, atBuild(refilled(`{"TableName":"customers","Item":{}}`)), false},
		"dynamodb, nothing": {put, save, atFinalize(upstream), true},
	} {
		assert.Equal(t, tt.sent, sentUnder(t, tt.whitelist, name, func(cfg aws.Config) error { return tt.call(cfg, tt.option) }), name)
	}
}

// doing is an HTTP client of the SDK's.
type doing func(*http.Request) (*http.Response, error)

func (d doing) Do(r *http.Request) (*http.Response, error) { return d(r) }

// A signature that leaves the body out makes no body another's: below the SDK it is judged again,
// except for data.
func TestAnUnsignedBodyIsJudgedAgainWhenItIsReplaced(t *testing.T) {
	const other = "Action=DeleteTopic&Version=2010-03-31&TopicArn=arn:aws:sns:eu-west-1:111122223333:orders"
	notify := func(cfg aws.Config, o func(*middleware.Stack) error) error {
		_, err := sns.NewFromConfig(cfg).Publish(context.Background(), &sns.PublishInput{TopicArn: aws.String("arn:aws:sns:eu-west-1:111122223333:orders"), Message: aws.String("x")}, sns.WithAPIOptions(o))
		return err
	}
	upload := func(cfg aws.Config, o func(*middleware.Stack) error) error {
		_, err := s3.NewFromConfig(cfg).PutObject(context.Background(), &s3.PutObjectInput{Bucket: aws.String("receipts"), Key: aws.String("a"), Body: strings.NewReader("x")}, s3.WithAPIOptions(o))
		return err
	}
	nothing := func(*middleware.Stack) error { return nil }
	var kept *bytes.Reader
	keeps := func(s *middleware.Stack) error { // the reader that the serializer has made
		return s.Finalize.Add(middleware.FinalizeMiddlewareFunc("keep", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
			kept, _ = in.Request.(*smithyhttp.Request).GetStream().(*bytes.Reader)
			return next.HandleFinalize(ctx, in)
		}), middleware.Before)
	}
	both := func(a, b func(*middleware.Stack) error) func(*middleware.Stack) error {
		return func(s *middleware.Stack) error { return errors.Join(a(s), b(s)) }
	}
	signedFor := func(s *middleware.Stack) error { // any step may say what is signed
		return s.Finalize.Insert(middleware.FinalizeMiddlewareFunc("sign", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
			sum := sha256.Sum256([]byte(other))
			return next.HandleFinalize(v4.SetPayloadHash(ctx, hex.EncodeToString(sum[:])), in)
		}), "Signing", middleware.Before)
	}
	unsigned := v4.SwapComputePayloadSHA256ForUnsignedPayloadMiddleware
	for name, tt := range map[string]struct {
		call   func(aws.Config, func(*middleware.Stack) error) error
		option func(*middleware.Stack) error
		body   string // "": the SDK's; "same": wrapped
		sent   bool
	}{
		"signed, replaced":   {notify, nothing, other, false},
		"signed for other":   {notify, signedFor, other, false},
		"wrapped":            {notify, nothing, "same", true},
		"unsigned, wrapped":  {notify, unsigned, "same", true},
		"unsigned":           {notify, unsigned, "", true},
		"unsigned, replaced": {notify, unsigned, other, false},
		"data, replaced":     {upload, unsigned, "other data", true},
		"refilled":           {notify, keeps, other, false},
		"refilled, unsigned": {notify, both(keeps, unsigned), other, false},
		"refilled, the same": {notify, keeps, "", true},
	} {
		g, alerts := guarded(t, "on_violation: block\nwhitelist:\n  - aws: sns:Publish\n  - aws: s3:PutObject\n    resources: receipts/*\n")
		kept = nil
		sent := &recorder{}
		below := g.Transport(sender(sent.Do))
		cfg := config("", g.AWS()...)
		cfg.HTTPClient = doing(func(r *http.Request) (*http.Response, error) {
			if kept != nil {
				if kept.Reset([]byte(cmp.Or(tt.body, "Action=Publish&Message=x&TopicArn=arn%3Aaws%3Asns%3Aeu-west-1%3A111122223333%3Aorders&Version=2010-03-31"))); tt.body != "" {
					r = r.Clone(r.Context())
					r.ContentLength = int64(len(tt.body))
				}
			} else if tt.body == "same" {
				r = r.Clone(r.Context())
				r.Body, r.GetBody = struct{ io.ReadCloser }{r.Body}, nil
			} else if tt.body != "" {
				r = r.Clone(r.Context())
				r.Body, r.GetBody, r.ContentLength = io.NopCloser(strings.NewReader(tt.body)), nil, int64(len(tt.body))
			}
			return below.RoundTrip(r)
		})
		err := tt.call(cfg, tt.option)
		assert.Equal(t, tt.sent, len(sent.requests()) > 0, name)
		if tt.sent {
			assert.NoError(t, err, name)
			assert.Empty(t, alerts(), name)
			continue
		}
		var blocked *guard.BlockedError
		assert.ErrorAs(t, err, &blocked, name)
	}
}

// A fickle body is another each time it is read.
type fickle struct {
	*strings.Reader
	texts *[]string
}

func (f fickle) Seek(offset int64, whence int) (int64, error) {
	if whence == io.SeekStart && len(*f.texts) > 1 {
		*f.texts = (*f.texts)[1:]
		f.Reset((*f.texts)[0])
	}
	return f.Reader.Seek(offset, whence)
}

// What was read of a body in the place of the SDK's is what is sent.
func TestABodyThatChangesIsSentAsItWasJudged(t *testing.T) {
	const (
		topic = "&Version=2010-03-31&TopicArn=arn:aws:sns:eu-west-1:111122223333:orders"
		good  = "Action=Publish&Message=x" + topic
		evil  = "Action=DeleteTopic" + topic
	)
	for harmless := range 8 { // the reading that is harmless
		texts := []string{evil, evil, evil, evil, evil, evil, evil, evil}
		texts[harmless] = good
		replace := atBuild(func(r *smithyhttp.Request) {
			if changed, err := r.SetStream(fickle{strings.NewReader(texts[0]), &texts}); assert.NoError(t, err) {
				changed.ContentLength = -1
				*r = *changed
			}
		})
		g, _ := guarded(t, "on_violation: block\nwhitelist:\n  - aws: sns:Publish\n")
		cfg, sent := config("", g.AWS()...), &recorder{}
		cfg.HTTPClient = sent
		_, _ = sns.NewFromConfig(cfg).Publish(context.Background(), &sns.PublishInput{TopicArn: aws.String("arn:aws:sns:eu-west-1:111122223333:orders"), Message: aws.String("x")}, sns.WithAPIOptions(replace))
		for _, body := range sent.bodies {
			assert.True(t, strings.HasPrefix(body, "Action=Publish"), "reading %d: %s", harmless, body)
		}
	}
}
