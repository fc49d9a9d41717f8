package e2e

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go/middleware"
	"github.com/aws/smithy-go/tracing"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// acting is a context whose Value does something when it is called for the n-th time, from 0.
type acting struct {
	context.Context
	calls *int
	n     int
	do    func()
}

func (c acting) Value(key any) any {
	if *c.calls == c.n {
		c.do()
	}
	*c.calls++
	return c.Context.Value(key)
}

// actingLast is an option whose last step before the guard's gives the rest of the call such a
// context, for the request that the step is given.
func actingLast(n int, change func(*smithyhttp.Request)) (calls *int, option func(*middleware.Stack) error) {
	calls = new(int)
	return calls, func(s *middleware.Stack) error {
		return s.Deserialize.Add(middleware.DeserializeMiddlewareFunc("act", func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
			r := in.Request.(*smithyhttp.Request)
			return next.HandleDeserialize(acting{ctx, calls, n, func() { change(r) }}, in)
		}), middleware.After)
	}
}

func setBody(text string) func(*smithyhttp.Request) {
	return func(r *smithyhttp.Request) {
		if changed, err := r.SetStream(strings.NewReader(text)); err == nil {
			*r = *changed
		}
	}
}

// A context cannot change a request between its verdict and the HTTP client, whenever it is asked.
func TestAContextDoesNotChangeAJudgedRequest(t *testing.T) {
	const other = `{"TableName":"customers"}`
	item := map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "1"}}
	for name, change := range map[string]func(*smithyhttp.Request){
		"target":         func(r *smithyhttp.Request) { r.Header.Set("X-Amz-Target", "DynamoDB_20120810.DeleteTable") },
		"host":           func(r *smithyhttp.Request) { r.URL.Host = "customers.example" },
		"authority":      func(r *smithyhttp.Request) { r.Host = "customers.example" },
		"body":           setBody(other),
		"body, in place": refilled(other),
	} {
		for n, calls := 0, 1; n < calls; n++ { // calls is how often Value is called in all
			g, _ := guarded(t, "on_violation: block\nwhitelist:\n- aws: dynamodb:PutItem\n  resources: table/orders\n")
			asked, option := actingLast(n, change)
			sent := &recorder{}
			_, _ = dynamodb.NewFromConfig(config("", g.AWS()...), func(o *dynamodb.Options) { o.HTTPClient = sent }).
				PutItem(context.Background(), &dynamodb.PutItemInput{TableName: aws.String("orders"), Item: item}, dynamodb.WithAPIOptions(option))
			calls = *asked
			g.Uninstall()
			for i, r := range sent.requests() {
				assert.Equal(t, "DynamoDB_20120810.PutItem", r.Header.Get("X-Amz-Target"), "%s %d", name, n)
				assert.Equal(t, "dynamodb.eu-west-1.amazonaws.com ", r.URL.Host+" "+r.Host, "%s %d", name, n)
				assert.NotContains(t, sent.bodies[i], "customers", "%s %d", name, n)
			}
			if n == 0 {
				require.NotZero(t, calls, name)
			}
		}
	}
}

// Nor can it change what a presigned URL is for.
func TestAContextDoesNotChangeAPresignedURL(t *testing.T) {
	for n, calls := 0, 1; n < calls; n++ {
		g, _ := guarded(t, "on_violation: block\nwhitelist:\n- aws: s3:GetObject\n  resources: receipts/*\n")
		asked := new(int)
		act := func(s *middleware.Stack) error {
			return s.Finalize.Insert(middleware.FinalizeMiddlewareFunc("act", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
				r := in.Request.(*smithyhttp.Request)
				return next.HandleFinalize(acting{ctx, asked, n, func() { r.Method, r.URL.Path = "DELETE", "/other" }}, in)
			}), "PresignHTTPRequest", middleware.Before)
		}
		signed, err := s3.NewPresignClient(s3.NewFromConfig(config("", g.AWS()...))).PresignGetObject(context.Background(),
			&s3.GetObjectInput{Bucket: aws.String("receipts"), Key: aws.String("a")}, s3.WithPresignClientFromClientOptions(s3.WithAPIOptions(act)))
		calls = *asked
		g.Uninstall()
		if err == nil {
			assert.Equal(t, "GET", signed.Method, n)
			assert.Contains(t, signed.URL, "/a?", n)
		}
		require.NotZero(t, calls)
	}
}

// A tracer of the program's runs inside the HTTP client.
type actingTracer struct {
	tracing.NopTracerProvider
	do func(span string)
}

func (t actingTracer) Tracer(string, ...tracing.TracerOption) tracing.Tracer { return t }

func (t actingTracer) StartSpan(ctx context.Context, name string, _ ...tracing.SpanOption) (context.Context, tracing.Span) {
	t.do(name)
	return ctx, nopSpan{}
}

type nopSpan struct{ tracing.Span }

func (nopSpan) Name() string                            { return "" }
func (nopSpan) Context() (c tracing.SpanContext)        { return c }
func (nopSpan) AddEvent(string, ...tracing.EventOption) {}
func (nopSpan) SetStatus(tracing.SpanStatus)            {}
func (nopSpan) SetProperty(any, any)                    {}
func (nopSpan) End()                                    {}

// Nor does a tracer that holds the request change it.
func TestATracerDoesNotChangeAJudgedRequest(t *testing.T) {
	spans := map[string]bool{}
	for _, at := range []string{"", "DoHTTPRequest"} {
		g, _ := guarded(t, "on_violation: block\nwhitelist:\n- aws: sqs:SendMessage\n")
		var held *smithyhttp.Request
		sent := &recorder{}
		client := sqs.NewFromConfig(config("", g.AWS()...), func(o *sqs.Options) {
			o.HTTPClient = sent
			o.TracerProvider = actingTracer{do: func(span string) {
				spans[span] = true
				if span == at {
					held.Header.Set("X-Amz-Target", "AmazonSQS.PurgeQueue")
					held.URL.Host = "evil.example"
				}
			}}
			o.APIOptions = append(o.APIOptions, func(s *middleware.Stack) error {
				return s.Deserialize.Add(middleware.DeserializeMiddlewareFunc("hold", func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
					held = in.Request.(*smithyhttp.Request)
					return next.HandleDeserialize(ctx, in)
				}), middleware.After)
			})
		})
		_, err := client.SendMessage(context.Background(), &sqs.SendMessageInput{QueueUrl: receive.QueueUrl, MessageBody: aws.String("x")})
		require.NoError(t, err)
		require.Len(t, sent.requests(), 1)
		assert.Equal(t, "AmazonSQS.SendMessage", sent.requests()[0].Header.Get("X-Amz-Target"), at)
		assert.Equal(t, "sqs.eu-west-1.amazonaws.com", sent.requests()[0].URL.Host, at)
		g.Uninstall()
	}
	assert.True(t, spans["DoHTTPRequest"], "%v", spans)
}
