package e2e

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"

	"github.com/outguard/outguard/awsmiddleware"
	"github.com/outguard/outguard/policy"
)

// atBuild is an option that changes the request after the serializer.
func atBuild(change func(*smithyhttp.Request)) func(*middleware.Stack) error {
	return func(s *middleware.Stack) error {
		return s.Build.Add(middleware.BuildMiddlewareFunc("change", func(ctx context.Context, in middleware.BuildInput, next middleware.BuildHandler) (middleware.BuildOutput, middleware.Metadata, error) {
			change(in.Request.(*smithyhttp.Request))
			return next.HandleBuild(ctx, in)
		}), middleware.After)
	}
}

// What is changed after the serializer is judged as the request that is sent.
func TestAChangedRequestIsJudgedAsItIsSent(t *testing.T) {
	body := func(text string) func(*smithyhttp.Request) {
		return func(r *smithyhttp.Request) {
			changed, err := r.SetStream(strings.NewReader(text))
			if err == nil {
				*r = *changed
			}
		}
	}
	item := map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "1"}}
	put := func(cfg aws.Config, o func(*middleware.Stack) error) error {
		_, err := dynamodb.NewFromConfig(cfg).PutItem(context.Background(), &dynamodb.PutItemInput{TableName: aws.String("orders"), Item: item}, dynamodb.WithAPIOptions(o))
		return err
	}
	upload := func(cfg aws.Config, o func(*middleware.Stack) error) error {
		_, err := s3.NewFromConfig(cfg).PutObject(context.Background(), &s3.PutObjectInput{Bucket: aws.String("b"), Key: aws.String("a"), Body: strings.NewReader("x")}, s3.WithAPIOptions(o))
		return err
	}
	measure := func(cfg aws.Config, o func(*middleware.Stack) error) error {
		var data []cwtypes.MetricDatum
		for range 500 { // enough for the SDK to compress them
			data = append(data, cwtypes.MetricDatum{MetricName: aws.String("latency"), Value: aws.Float64(1)})
		}
		_, err := cloudwatch.NewFromConfig(cfg).PutMetricData(context.Background(), &cloudwatch.PutMetricDataInput{Namespace: aws.String("shop"), MetricData: data}, cloudwatch.WithAPIOptions(o))
		return err
	}
	nothing := func(*middleware.Stack) error { return nil }
	for name, tt := range map[string]struct {
		call    func(aws.Config, func(*middleware.Stack) error) error
		option  func(*middleware.Stack) error
		changed bool
	}{
		"nothing":          {put, nothing, false},
		"nothing, upload":  {upload, nothing, false},
		"a header":         {put, smithyhttp.SetHeaderValue("X-Request-Id", "1"), false},
		"target":           {put, smithyhttp.SetHeaderValue("X-Amz-Target", "DynamoDB_20120810.DeleteTable"), true},
		"body":             {put, atBuild(body(`{"TableName":"customers"}`)), true},
		"copy source":      {upload, smithyhttp.SetHeaderValue("X-Amz-Copy-Source", "payroll/secret"), true},
		"method":           {upload, atBuild(func(r *smithyhttp.Request) { r.Method = "DELETE" }), true},
		"path":             {upload, atBuild(func(r *smithyhttp.Request) { r.URL.Path = "/other" + r.URL.Path }), true},
		"query":            {upload, atBuild(func(r *smithyhttp.Request) { r.URL.RawQuery = "acl" }), true},
		"content type":     {put, smithyhttp.SetHeaderValue("Content-Type", "application/x-www-form-urlencoded"), true},
		"body, in place":   {put, atBuild(refilled(`{"TableName":"customers"}`)), true},
		"compressed":       {measure, atBuild(refilled("Action=DeleteAlarms&AlarmNames.member.1=x")), true},
		"compressed later": {measure, inSerialize(refilled("Action=DeleteAlarms&AlarmNames.member.1=x")), true},
		"nothing, packed":  {measure, nothing, false},
		"a decoy's target": {put, func(s *middleware.Stack) error { return decoy(s, "PresignHTTPRequest") }, false},
	} {
		g := &fakeGuard{refuse: via(policy.ViaTransport)}
		sent := &recorder{}
		cfg := config("", awsmiddleware.New(g))
		cfg.HTTPClient = sent
		err := tt.call(cfg, tt.option)
		if tt.changed {
			assertRefused(t, err, name)
			assert.Empty(t, sent.requests(), name)
			continue
		}
		assert.Empty(t, g.seen(policy.ViaTransport), name)
		assert.Len(t, g.seen(policy.ViaWire), 1, name)
	}
}

// decoy adds a step that does nothing, with the name of one of the SDK's.
func decoy(s *middleware.Stack, id string) error {
	return s.Finalize.Add(middleware.FinalizeMiddlewareFunc(id, func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
		return next.HandleFinalize(ctx, in)
	}), middleware.Before)
}

// A refusal holds, whatever steps there are with the names of the SDK's, or that swallow errors.
func TestARefusalHolds(t *testing.T) {
	for name, option := range map[string]func(*middleware.Stack) error{
		"presigner": func(s *middleware.Stack) error { return decoy(s, "PresignHTTPRequest") },
		"event stream": func(s *middleware.Stack) error {
			return s.Deserialize.Add(middleware.DeserializeMiddlewareFunc("OperationEventStreamDeserializer", func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
				return next.HandleDeserialize(ctx, in)
			}), middleware.Before)
		},
		"swallowed": func(s *middleware.Stack) error {
			return s.Initialize.Add(middleware.InitializeMiddlewareFunc("swallow", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
				_, md, _ := next.HandleInitialize(ctx, in)
				return middleware.InitializeOutput{Result: &dynamodb.DeleteTableOutput{}}, md, nil
			}), middleware.After)
		},
		"below": func(s *middleware.Stack) error {
			return s.Build.Add(middleware.BuildMiddlewareFunc("late", func(ctx context.Context, in middleware.BuildInput, next middleware.BuildHandler) (middleware.BuildOutput, middleware.Metadata, error) {
				_ = s.Deserialize.Add(middleware.DeserializeMiddlewareFunc("below", func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
					in.Request.(*smithyhttp.Request).URL.Host = "evil.example"
					return next.HandleDeserialize(ctx, in)
				}), middleware.After)
				return next.HandleBuild(ctx, in)
			}), middleware.After)
		},
	} {
		g := &fakeGuard{refuse: func(c policy.Call) bool {
			if name == "below" {
				return c.HTTP != nil && c.HTTP.URL.Host == "evil.example"
			}
			return c.Via == policy.ViaSDK
		}}
		sent := &recorder{}
		cfg := config("", awsmiddleware.New(g))
		cfg.HTTPClient = sent
		_, err := dynamodb.NewFromConfig(cfg).DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: aws.String("customers")}, dynamodb.WithAPIOptions(option))
		assertRefused(t, err, name)
		assert.Empty(t, sent.requests(), name)
	}
}

// flipping is a context whose Value changes the input when it is asked for the n-th time.
type flipping struct {
	context.Context
	asked *int
	at    int
	flip  func()
}

func (c flipping) Value(k any) any {
	if *c.asked++; *c.asked == c.at {
		c.flip()
	}
	return c.Context.Value(k)
}

// What the guard was shown is what is sent, whenever the program changes the input.
func TestAContextCannotChangeTheInput(t *testing.T) {
	for at := 1; at < 120; at++ {
		g, sent, asked, table := &fakeGuard{}, &recorder{}, 0, "orders"
		judgedTable := ""
		g.refuse = func(c policy.Call) bool {
			if in, ok := c.AWS.Input.(*dynamodb.DeleteTableInput); ok && c.Via == policy.ViaSDK {
				judgedTable = *in.TableName
			}
			return false
		}
		cfg := config("", awsmiddleware.New(g))
		cfg.HTTPClient = sent
		ctx := flipping{context.Background(), &asked, at, func() { table = "customers" }}
		_, _ = dynamodb.NewFromConfig(cfg).DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &table})
		for _, body := range sent.bodies {
			assert.Contains(t, body, `"`+judgedTable+`"`, "at %d", at)
		}
	}
}
