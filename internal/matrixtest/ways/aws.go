package ways

//lint:file-ignore SA1019 SDK v1 is deprecated and used all the same, so it is one of the ways

import (
	"context"
	"crypto/sha1"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	kinesistypes "github.com/aws/aws-sdk-go-v2/service/kinesis/types"
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
	"AWS SDK v2, an event stream": {
		func(ctx context.Context, r Request) error { return subscribe(ctx, r, nil) },
		func(ctx context.Context, g *guard.Guard, r Request) error { return subscribe(ctx, r, g.AWS()) },
	},
	"AWS SDK v2, an event stream of both sides": {
		func(ctx context.Context, r Request) error { return converse(ctx, r, nil) },
		func(ctx context.Context, g *guard.Guard, r Request) error { return converse(ctx, r, g.AWS()) },
	},
	"AWS SDK v2, web identity credentials": {
		func(ctx context.Context, r Request) error { return retrieve(ctx, r, "web", nil) },
		func(ctx context.Context, g *guard.Guard, r Request) error { return retrieve(ctx, r, "web", g.AWS()) },
	},
	"AWS SDK v2, SSO credentials": {
		func(ctx context.Context, r Request) error { return retrieve(ctx, r, "sso", nil) },
		func(ctx context.Context, g *guard.Guard, r Request) error { return retrieve(ctx, r, "sso", g.AWS()) },
	},
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

// subscribe calls an operation whose response is a stream of events.
func subscribe(ctx context.Context, r Request, options []func(*middleware.Stack) error) error {
	c := kinesis.New(kinesis.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(r.url("http")), APIOptions: options,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return key, nil }),
	})
	out, err := c.SubscribeToShard(ctx, &kinesis.SubscribeToShardInput{
		ConsumerARN:      aws.String("arn:aws:kinesis:eu-west-1:111122223333:stream/orders/consumer/c:1"),
		ShardId:          aws.String("shardId-000000000000"),
		StartingPosition: &kinesistypes.StartingPosition{Type: kinesistypes.ShardIteratorTypeLatest},
	})
	if err != nil {
		return err
	}
	return out.GetStream().Close()
}

// converse calls an operation on whose connection both sides send events, by HTTP/2.
func converse(ctx context.Context, r Request, options []func(*middleware.Stack) error) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	c := bedrockruntime.New(bedrockruntime.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(r.url("https")), APIOptions: options,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return key, nil }),
	})
	out, err := c.InvokeModelWithBidirectionalStream(ctx, &bedrockruntime.InvokeModelWithBidirectionalStreamInput{
		ModelId: aws.String("amazon.nova-sonic-v1:0"),
	})
	if err != nil {
		return err
	}
	stream := out.GetStream()
	for range stream.Events() {
	}
	return errors.Join(stream.Err(), stream.Close())
}

// retrieve gets credentials by a profile of a config file: the SDK makes the client for it itself.
func retrieve(ctx context.Context, r Request, profile string, options []func(*middleware.Stack) error) error {
	home, err := os.MkdirTemp("", "matrix")
	if err != nil {
		return err
	}
	defer os.RemoveAll(home)
	cache := fmt.Sprintf("%x.json", sha1.Sum([]byte("session"))) // as the SDK names it
	token := filepath.Join(home, "token")
	for file, text := range map[string]string{
		token: "token",
		filepath.Join(home, "config"): "[profile web]\nrole_arn = arn:aws:iam::111122223333:role/orders\nweb_identity_token_file = " + token + "\n" +
			"[profile sso]\nsso_session = session\nsso_account_id = 111122223333\nsso_role_name = orders\n" +
			"[sso-session session]\nsso_region = eu-west-1\nsso_start_url = https://example.awsapps.com/start\n",
		filepath.Join(home, ".aws", "sso", "cache", cache): `{"accessToken":"token","expiresAt":"2099-01-01T00:00:00Z"}`,
	} {
		if err = errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte(text), 0o600)); err != nil {
			return err
		}
	}
	if err = os.Setenv("HOME", home); err != nil {
		return err
	}
	cfg, err := config.LoadDefaultConfig(ctx, config.WithSharedConfigProfile(profile), config.WithRegion("eu-west-1"),
		config.WithSharedConfigFiles([]string{filepath.Join(home, "config")}), config.WithBaseEndpoint(r.url("http")),
		config.WithAPIOptions(options), config.WithRetryMaxAttempts(1))
	if err != nil {
		return err
	}
	_, err = cfg.Credentials.Retrieve(ctx)
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
