package e2e

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/awsmiddleware"
	"github.com/outguard/outguard/policy"
)

// soon fails the test when f hangs.
func soon(t *testing.T, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		t.Fatal("it hangs")
	}
}

// A stream whose client sends events waits for an attempt for ever when a step before it fails.
func TestARefusedBidirectionalStreamDoesNotHang(t *testing.T) {
	for _, layer := range []policy.Via{policy.ViaSDK, policy.ViaWire} {
		t.Run(layer.String(), func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, r *http.Request) { t.Error("reached") })
			g := &fakeGuard{refuse: via(layer)}
			client := bedrockruntime.NewFromConfig(config(s.URL, awsmiddleware.New(g)))
			soon(t, func() {
				out, err := client.InvokeModelWithBidirectionalStream(context.Background(),
					&bedrockruntime.InvokeModelWithBidirectionalStreamInput{ModelId: aws.String("amazon.nova-sonic-v1:0")})
				if err == nil {
					stream := out.GetStream()
					for range stream.Events() {
						t.Error("an event")
					}
					err = stream.Err()
					// From now on the stream may say that its pipe is closed instead.
					_ = stream.Send(context.Background(), &types.InvokeModelWithBidirectionalStreamInputMemberChunk{
						Value: types.BidirectionalInputPayloadPart{Bytes: []byte("{}")}})
					_ = stream.Close()
				}
				assertRefused(t, err)
			})
			assert.Len(t, g.seen(layer), 1, "one violation, one question")
		})
	}
}

func TestARefusedResponseStreamFailsTheCall(t *testing.T) {
	for _, layer := range []policy.Via{policy.ViaSDK, policy.ViaWire} {
		sent := &recorder{}
		g := &fakeGuard{refuse: via(layer)}
		cfg := config("", awsmiddleware.New(g))
		cfg.HTTPClient = sent
		for name, call := range map[string]func() error{
			"bedrock ConverseStream": func() error {
				_, err := bedrockruntime.NewFromConfig(cfg).ConverseStream(context.Background(), &bedrockruntime.ConverseStreamInput{ModelId: aws.String("m")})
				return err
			},
			"bedrock InvokeModelWithResponseStream": func() error {
				_, err := bedrockruntime.NewFromConfig(cfg).InvokeModelWithResponseStream(context.Background(), &bedrockruntime.InvokeModelWithResponseStreamInput{ModelId: aws.String("m")})
				return err
			},
			"lambda InvokeWithResponseStream": func() error {
				_, err := lambda.NewFromConfig(cfg).InvokeWithResponseStream(context.Background(), &lambda.InvokeWithResponseStreamInput{FunctionName: aws.String("f")})
				return err
			},
			"s3 SelectObjectContent": func() error {
				_, err := s3.NewFromConfig(cfg).SelectObjectContent(context.Background(), &s3.SelectObjectContentInput{
					Bucket: aws.String("b"), Key: aws.String("k"), Expression: aws.String("select 1"), ExpressionType: s3types.ExpressionTypeSql,
					InputSerialization: &s3types.InputSerialization{}, OutputSerialization: &s3types.OutputSerialization{}})
				return err
			},
		} {
			g.calls = nil
			soon(t, func() { assertRefused(t, call(), name) })
			assert.Len(t, g.seen(layer), 1, name)
		}
		assert.Empty(t, sent.requests())
	}
}

func TestAnAllowedBidirectionalStreamRuns(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	s.EnableHTTP2 = true // over HTTP/1 the SDK waits for the end of what it sends
	s.StartTLS()
	t.Cleanup(s.Close)
	g := &fakeGuard{}
	client := bedrockruntime.NewFromConfig(config(s.URL, awsmiddleware.New(g)), func(o *bedrockruntime.Options) { o.HTTPClient = s.Client() })
	soon(t, func() {
		out, err := client.InvokeModelWithBidirectionalStream(context.Background(),
			&bedrockruntime.InvokeModelWithBidirectionalStreamInput{ModelId: aws.String("amazon.nova-sonic-v1:0")})
		if err == nil {
			for range out.GetStream().Events() {
			}
			err = out.GetStream().Err()
			_ = out.GetStream().Close()
		}
		var response *smithyhttp.ResponseError
		require.ErrorAs(t, err, &response)
		assert.Equal(t, http.StatusForbidden, response.HTTPStatusCode())
	})
	assert.Len(t, g.seen(policy.ViaSDK), 1)
	assert.Len(t, g.seen(policy.ViaWire), 1)
}
