package ways

//lint:file-ignore SA1019 SDK v1 is deprecated and used all the same, so it is one of the ways

import (
	"context"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	v1 "github.com/aws/aws-sdk-go/aws"
	v1credentials "github.com/aws/aws-sdk-go/aws/credentials"
	v1session "github.com/aws/aws-sdk-go/aws/session"
	v1sns "github.com/aws/aws-sdk-go/service/sns"
	"github.com/aws/smithy-go/middleware"

	"github.com/outguard/outguard/guard"
	"github.com/outguard/outguard/internal/recipetest"
)

// key is of account 111122223333.
var key = aws.Credentials{AccessKeyID: "ASIARTX3GSDSQAABCDEF", SecretAccessKey: "s"}

func topic(r Request) *string { return aws.String("arn:aws:sns:eu-west-1:111122223333:" + r.Other) }

// awsWays are those of the AWS SDKs.
var awsWays = map[string]Way{
	"AWS SDK v2": {
		func(ctx context.Context, r Request) error { return publish(ctx, r, nil) },
		func(ctx context.Context, g *guard.Guard, r Request) error { return publish(ctx, r, g.AWS()) },
	},
	"AWS SDK v2, the option is forgotten": {Plain: func(ctx context.Context, r Request) error {
		return publish(ctx, r, nil)
	}},
	"AWS SDK v1": {
		func(ctx context.Context, r Request) error { return publishV1(ctx, r, nil) },
		func(ctx context.Context, g *guard.Guard, r Request) error {
			return publishV1(ctx, r, &http.Client{Transport: g.Transport(nil)})
		},
	},
	"presigned URL": {Plain: func(ctx context.Context, r Request) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url("http"), nil)
		if err != nil {
			return err
		}
		url, _, err := v4.NewSigner().PresignHTTP(ctx, key, req, "UNSIGNED-PAYLOAD", "s3", "eu-west-1", time.Now())
		if err != nil {
			return err
		}
		return recipetest.Drain(http.Get(url))
	}},
}

func publish(ctx context.Context, r Request, options []func(*middleware.Stack) error) error {
	c := sns.New(sns.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(r.url("http")), APIOptions: options,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return key, nil }),
	})
	_, err := c.Publish(ctx, &sns.PublishInput{Message: aws.String("m"), TopicArn: topic(r)})
	return err
}

func publishV1(ctx context.Context, r Request, client *http.Client) error {
	s, err := v1session.NewSession(&v1.Config{
		Region: v1.String("eu-west-1"), Endpoint: v1.String(r.url("http")), MaxRetries: v1.Int(0), HTTPClient: client,
		Credentials: v1credentials.NewStaticCredentials(key.AccessKeyID, key.SecretAccessKey, ""),
	})
	if err != nil {
		return err
	}
	_, err = v1sns.New(s).PublishWithContext(ctx, &v1sns.PublishInput{Message: v1.String("m"), TopicArn: topic(r)})
	return err
}
