package e2e

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/awsmiddleware"
	"github.com/outguard/outguard/policy"
)

// A presigned URL hands a permission on: making one is judged like making the call.
func TestPresigning(t *testing.T) {
	g := &fakeGuard{}
	cfg := config("", awsmiddleware.New(g))
	objects, tokens := s3.NewPresignClient(s3.NewFromConfig(cfg)), sts.NewPresignClient(sts.NewFromConfig(cfg))
	bucket, key := aws.String("receipts"), aws.String("a")
	for want, presign := range map[string]func() error{
		"GetObject": func() error {
			r, err := objects.PresignGetObject(context.Background(), &s3.GetObjectInput{Bucket: bucket, Key: key})
			if err == nil {
				assert.Contains(t, r.URL, "X-Amz-Signature=")
			}
			return err
		},
		"PutObject": func() error {
			_, err := objects.PresignPutObject(context.Background(), &s3.PutObjectInput{Bucket: bucket, Key: key, Body: strings.NewReader("x")})
			return err
		},
		"PutObject ": func() error { // a form, whose operation the SDK calls "$type:L"
			r, err := objects.PresignPostObject(context.Background(), &s3.PutObjectInput{Bucket: bucket, Key: key})
			if err == nil {
				assert.NotEmpty(t, r.Values["policy"])
			}
			return err
		},
		"GetCallerIdentity": func() error {
			_, err := tokens.PresignGetCallerIdentity(context.Background(), &sts.GetCallerIdentityInput{})
			return err
		},
	} {
		g.calls, g.refuse = nil, nil
		require.NoError(t, presign(), want)
		require.Len(t, g.seen(policy.ViaSDK), 1, want)
		call := g.calls[0]
		assert.Equal(t, policy.ViaSDK, call.Via, want)
		assert.Equal(t, strings.TrimSpace(want), call.AWS.Operation)
		assert.True(t, call.AWS.Presigned, want)
		assert.NotNil(t, call.AWS.Input, want)
		assert.Equal(t, "eu-west-1", call.AWS.Region, want)

		g.refuse = func(policy.Call) bool { return true }
		assertRefused(t, presign(), want)
	}
}

func TestACallOfAPresigningClientsPlainClientIsNotPresigned(t *testing.T) {
	g := &fakeGuard{}
	client := s3.NewFromConfig(config("", awsmiddleware.New(g)), func(o *s3.Options) { o.HTTPClient = &recorder{} })
	_, err := s3.NewPresignClient(client).PresignGetObject(context.Background(), &s3.GetObjectInput{Bucket: aws.String("b"), Key: aws.String("k")})
	require.NoError(t, err)
	_, err = client.GetObject(context.Background(), &s3.GetObjectInput{Bucket: aws.String("b"), Key: aws.String("k")})
	require.NoError(t, err)
	assert.Equal(t, []bool{true, false}, []bool{g.seen(policy.ViaSDK)[0].AWS.Presigned, g.seen(policy.ViaSDK)[1].AWS.Presigned})
	assert.Equal(t, []bool{true, false}, []bool{g.seen(policy.ViaWire)[0].AWS.Presigned, g.seen(policy.ViaWire)[1].AWS.Presigned})
}
