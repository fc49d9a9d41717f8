package e2e

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	smithyendpoints "github.com/aws/smithy-go/endpoints"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/guard"
)

type changesKey struct{}

// The program keeps the input that it has given. The SDK makes the host of that input, and the
// serializer the body, after it has been judged.
func TestAnInputThatChangesIsSentAsItWasJudged(t *testing.T) {
	const objects = "  - aws: s3:*\n    resources: receipts/*\n"
	const tables = "  - aws: dynamodb:*\n    resources: table/orders\n"
	in := &s3.GetObjectInput{}
	get := func(pathStyle bool, change func()) func(aws.Config) error {
		return func(cfg aws.Config) error {
			*in = s3.GetObjectInput{Bucket: aws.String("receipts"), Key: aws.String("a")}
			_, err := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = pathStyle }).
				GetObject(context.Background(), in, s3.WithAPIOptions(atBuild(func(*smithyhttp.Request) { change() })))
			return err
		}
	}
	batch := func(change func(map[string]types.KeysAndAttributes)) func(aws.Config) error {
		return func(cfg aws.Config) error {
			items := map[string]types.KeysAndAttributes{"orders": {Keys: []map[string]types.AttributeValue{{"id": &types.AttributeValueMemberS{Value: "1"}}}}}
			changes := context.WithValue(context.Background(), changesKey{}, "")
			_, err := dynamodb.NewFromConfig(cfg).BatchGetItem(changes, &dynamodb.BatchGetItemInput{RequestItems: items},
				dynamodb.WithAPIOptions(func(s *middleware.Stack) error {
					return s.Serialize.Add(whenJudged{func() { change(items) }}, middleware.After)
				}))
			return err
		}
	}
	for name, tt := range map[string]struct {
		whitelist string
		call      func(aws.Config) error
		sent      bool
	}{
		"nothing":             {objects, get(false, func() {}), true},
		"nothing, by path":    {objects, get(true, func() {}), true},
		"another bucket":      {objects, get(false, func() { in.Bucket = aws.String("payroll") }), false},
		"the bucket's text":   {objects, get(false, func() { *in.Bucket = "payroll" }), false},
		"a bucket, by path":   {objects, get(true, func() { *in.Bucket = "payroll" }), false},
		"another key":         {objects, get(false, func() { *in.Key = "b" }), true},
		"nothing, in a batch": {tables, batch(func(map[string]types.KeysAndAttributes) {}), true},
		"a table of a batch": {tables, batch(func(items map[string]types.KeysAndAttributes) {
			items["payroll"] = items["orders"]
		}), true},
	} {
		g, _ := guarded(t, "on_violation: block\nwhitelist:\n"+tt.whitelist)
		cfg, sent := config("", g.AWS()...), &recorder{}
		cfg.HTTPClient = sent
		if err := tt.call(cfg); !tt.sent {
			var blocked *guard.BlockedError
			assert.ErrorAs(t, err, &blocked, name)
		}
		require.Equal(t, tt.sent, len(sent.requests()) > 0, name)
		for i, r := range sent.requests() {
			assert.NotContains(t, r.URL.String()+strings.Join(sent.bodies[i:], ""), "payroll", name)
		}
		require.NoError(t, g.Close())
	}
}

// whenJudged is a step behind the serializer.
type whenJudged struct{ do func() }

func (whenJudged) ID() string { return "when judged" }

func (s whenJudged) HandleSerialize(ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler) (middleware.SerializeOutput, middleware.Metadata, error) {
	s.do()
	return next.HandleSerialize(ctx, in)
}

// elsewhere resolves every endpoint to one URL.
type elsewhere string

func (e elsewhere) ResolveEndpoint(context.Context, s3.EndpointParameters) (smithyendpoints.Endpoint, error) {
	u, err := url.Parse(string(e))
	return smithyendpoints.Endpoint{URI: *u, Headers: http.Header{}}, err
}

// A URL is presigned for the bucket that was judged, also where a resolver of the program's or a
// change of the input says which endpoint it is for.
func TestAURLIsPresignedForTheBucketThatWasJudged(t *testing.T) {
	g, _ := guarded(t, "on_violation: block\nwhitelist:\n  - aws: s3:*\n    resources: receipts/*\n")
	cfg := config("", g.AWS()...)
	presign := func(o func(*s3.Options)) error {
		_, err := s3.NewPresignClient(s3.NewFromConfig(cfg, o)).PresignGetObject(context.Background(), &s3.GetObjectInput{Bucket: aws.String("receipts"), Key: aws.String("a")})
		return err
	}
	resolvedBy := func(to string) error {
		return presign(func(o *s3.Options) { o.EndpointResolverV2 = elsewhere(to) })
	}
	require.NoError(t, presign(func(*s3.Options) {}))
	require.NoError(t, presign(func(o *s3.Options) {
		o.UsePathStyle, o.EndpointOptions.UseDualStackEndpoint = true, aws.DualStackEndpointStateEnabled
	}))
	require.NoError(t, resolvedBy("https://receipts.s3.eu-west-1.amazonaws.com"))
	require.NoError(t, resolvedBy("http://localhost:4566/receipts"))
	var blocked *guard.BlockedError
	require.ErrorAs(t, resolvedBy("https://payroll.s3.eu-west-1.amazonaws.com"), &blocked)
	require.ErrorAs(t, resolvedBy("https://s3.eu-west-1.amazonaws.com/payroll"), &blocked)

	in := &s3.PutObjectInput{Bucket: aws.String("receipts"), Key: aws.String("a")}
	form, err := s3.NewPresignClient(s3.NewFromConfig(cfg)).PresignPostObject(context.Background(), in, func(o *s3.PresignPostOptions) {
		o.ClientOptions = append(o.ClientOptions, s3.WithAPIOptions(atBuild(func(*smithyhttp.Request) { *in.Bucket = "payroll" })))
	})
	require.NoError(t, err)
	assert.Equal(t, "https://receipts.s3.eu-west-1.amazonaws.com", form.URL)
}
