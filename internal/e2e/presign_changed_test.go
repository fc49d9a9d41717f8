package e2e

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/polly"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/guard"
)

// What a URL is presigned for is what was judged, whatever steps change the request before.
func TestAPresignedURLIsJudgedAsItIsSigned(t *testing.T) {
	const put = "  - aws: s3:PutObject\n    resources: receipts/*\n"
	const whoami = "  - aws: sts:GetCallerIdentity\n"
	set := func(key, value string) func(*smithyhttp.Request) {
		return func(r *smithyhttp.Request) { r.Header.Set(key, value) }
	}
	method := func(r *smithyhttp.Request) { r.Method = "DELETE" }
	path := func(r *smithyhttp.Request) { r.URL.Path = "/secret" }
	query := func(r *smithyhttp.Request) { r.URL.Path, r.URL.RawQuery = "/", "policy" }
	bucket := func(r *smithyhttp.Request) { r.URL.Host = "payroll.s3.eu-west-1.amazonaws.com" }
	authority := func(r *smithyhttp.Request) { r.Host = "payroll.s3.eu-west-1.amazonaws.com" }
	assume := func(r *smithyhttp.Request) {
		r.URL.RawQuery = "Action=AssumeRole&Version=2011-06-15&RoleArn=arn:aws:iam::111122223333:role/r&RoleSessionName=s"
	}
	nothing := func(*smithyhttp.Request) {}
	behindEndpoint := func(change func(*smithyhttp.Request)) func(*middleware.Stack) error {
		return func(s *middleware.Stack) error {
			return s.Finalize.Insert(changing(change), "ResolveEndpointV2", middleware.After)
		}
	}
	atLast := func(change func(*smithyhttp.Request)) func(*middleware.Stack) error {
		return func(s *middleware.Stack) error { // puts the step in only when Build runs
			return atBuild(func(*smithyhttp.Request) {
				_ = s.Finalize.Insert(changing(change), "PresignHTTPRequest", middleware.Before)
			})(s)
		}
	}
	instead := func(s *middleware.Stack) error { // puts the guard's step past the URL
		return atBuild(func(*smithyhttp.Request) {
			_, _ = s.Finalize.Swap("PresignHTTPRequest", v4.NewPresignHTTPRequestMiddleware(v4.PresignHTTPRequestMiddlewareOptions{CredentialsProvider: config("").Credentials, Presigner: v4.NewSigner()}))
		})(s)
	}
	upload := func(cfg aws.Config, o func(*middleware.Stack) error) (*v4.PresignedHTTPRequest, error) {
		return s3.NewPresignClient(s3.NewFromConfig(cfg)).PresignPutObject(context.Background(), &s3.PutObjectInput{Bucket: aws.String("receipts"), Key: aws.String("a")},
			func(p *s3.PresignOptions) { p.ClientOptions = append(p.ClientOptions, s3.WithAPIOptions(o)) })
	}
	token := func(cfg aws.Config, o func(*middleware.Stack) error) (*v4.PresignedHTTPRequest, error) {
		return sts.NewPresignClient(sts.NewFromConfig(cfg)).PresignGetCallerIdentity(context.Background(), &sts.GetCallerIdentityInput{},
			func(p *sts.PresignOptions) { p.ClientOptions = append(p.ClientOptions, sts.WithAPIOptions(o)) })
	}
	for name, tt := range map[string]struct {
		whitelist string
		presign   func(aws.Config, func(*middleware.Stack) error) (*v4.PresignedHTTPRequest, error)
		option    func(*middleware.Stack) error
		signed    bool
	}{
		"nothing":                {put, upload, atBuild(nothing), true},
		"method":                 {put, upload, atBuild(method), false},
		"method, allowed":        {put + "  - aws: s3:DeleteObject\n    resources: receipts/*\n", upload, atBuild(method), true},
		"path":                   {put, upload, atBuild(path), true}, // receipts/secret
		"path, not allowed":      {"  - aws: s3:PutObject\n    resources: receipts/a\n", upload, atBuild(path), false},
		"copy source":            {put, upload, atBuild(set("X-Amz-Copy-Source", "payroll/x")), false},
		"query":                  {put, upload, atBuild(query), false},
		"bucket":                 {put, upload, behindEndpoint(bucket), false},
		"authority":              {put, upload, behindEndpoint(authority), false},
		"method, at last":        {put, upload, atLast(method), false},
		"bucket, at last":        {put, upload, atLast(bucket), false},
		"nothing, at last":       {put, upload, atLast(nothing), true},
		"another presigner":      {put, upload, instead, false},
		"token":                  {whoami, token, atBuild(nothing), true},
		"token, as of a cluster": {whoami, token, atBuild(func(r *smithyhttp.Request) { r.Header.Set("X-K8s-Aws-Id", "c"); r.Header.Set("X-Amz-Expires", "60") }), true},
		"token, query":           {whoami, token, atBuild(assume), false},
		"token, body":            {whoami, token, inSerialize(refilled("Action=AssumeRole&RoleArn=x")), false},
	} {
		g, alerts := guarded(t, "on_violation: block\nwhitelist:\n"+tt.whitelist)
		signed, err := tt.presign(config("", g.AWS()...), tt.option)
		if tt.signed {
			if assert.NoError(t, err, name) {
				assert.Contains(t, signed.URL, "X-Amz-Signature=", name)
			}
			assert.Empty(t, alerts(), name)
			continue
		}
		require.Error(t, err, name)
		assert.Nil(t, signed, name)
		if name != "another presigner" {
			var blocked *guard.BlockedError
			assert.ErrorAs(t, err, &blocked, name)
		}
	}
}

// changing is a step of Finalize that changes the request.
func changing(change func(*smithyhttp.Request)) middleware.FinalizeMiddleware {
	return middleware.FinalizeMiddlewareFunc("change", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
		change(in.Request.(*smithyhttp.Request))
		return next.HandleFinalize(ctx, in)
	})
}

// inSerialize is an option that changes the request right after the serializer.
func inSerialize(change func(*smithyhttp.Request)) func(*middleware.Stack) error {
	return func(s *middleware.Stack) error {
		return s.Serialize.Insert(middleware.SerializeMiddlewareFunc("change", func(ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler) (middleware.SerializeOutput, middleware.Metadata, error) {
			change(in.Request.(*smithyhttp.Request))
			return next.HandleSerialize(ctx, in)
		}), "OperationSerializer", middleware.After)
	}
}

// Steps of the SDK's own that make another request of an operation do not count as changes.
func TestPresigningOfRemadeRequestsAsksOnce(t *testing.T) {
	g, alerts := guarded(t, "on_violation: block\nwhitelist:\n  - aws: polly:SynthesizeSpeech\n")
	signed, err := polly.NewPresignClient(polly.NewFromConfig(config("", g.AWS()...))).
		PresignSynthesizeSpeech(context.Background(), &polly.SynthesizeSpeechInput{Text: aws.String("x"), VoiceId: "Joanna", OutputFormat: "mp3"})
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(signed.URL, "https://polly.eu-west-1.amazonaws.com/"), signed.URL)
	assert.Empty(t, alerts())
}
