package services

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
	"github.com/aws/aws-sdk-go-v2/service/iotdataplane"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/awsmiddleware"
	"github.com/outguard/outguard/policy"
)

// A curing is a guard that completes its decisions as the one of package guard does.
type curing struct{ *policy.Policy }

func (c curing) Check(_ context.Context, call policy.Call) error {
	if d := c.Decide(call); !d.Allowed() {
		d = c.Cure(call, d)
		return &violation{d}
	}
	return nil
}

// The refusal of a client that is given its endpoint proposes the entry for the operation and the
// one for the endpoint. The two together let the call out.
func TestBothEntriesForAGivenEndpoint(t *testing.T) {
	const (
		connections = "https://a1b2c3d4.execute-api.eu-west-1.amazonaws.com/prod"
		things      = "https://a1b2c3-ats.iot.eu-west-1.amazonaws.com"
		jobs        = "https://abcd1234.mediaconvert.eu-west-1.amazonaws.com"
	)
	ctx := context.Background()
	post := func(c aws.Config) error {
		_, err := apigatewaymanagementapi.NewFromConfig(c).PostToConnection(ctx, &apigatewaymanagementapi.PostToConnectionInput{ConnectionId: aws.String("L0SM9cOFvHcCIhw="), Data: []byte("x")})
		return err
	}
	publish := func(c aws.Config) error {
		_, err := iotdataplane.NewFromConfig(c).Publish(ctx, &iotdataplane.PublishInput{Topic: aws.String("orders"), Payload: []byte("x")})
		return err
	}
	create := func(c aws.Config) error {
		_, err := mediaconvert.NewFromConfig(c).CreateJob(ctx, &mediaconvert.CreateJobInput{Role: aws.String("arn:aws:iam::111122223333:role/media"), Settings: &types.JobSettings{}})
		return err
	}
	send := func(c aws.Config) error {
		_, err := sqs.NewFromConfig(c).ListQueues(ctx, nil)
		return err
	}
	for _, tt := range []struct {
		name, endpoint, allow string
		call                  func(aws.Config) error
	}{
		{"connections", connections, "- aws: execute-api:PostToConnection\n- http: https://a1b2c3d4.execute-api.eu-west-1.amazonaws.com/prod/@connections/*\n  methods: [POST]", post},
		{"things", things, "- aws: iot:Publish\n  resources: topic/orders\n- http: https://a1b2c3-ats.iot.eu-west-1.amazonaws.com/topics/orders\n  methods: [POST]", publish},
		{"jobs", jobs, "- aws: mediaconvert:CreateJob\n  resources: queues/Default\n- http: https://abcd1234.mediaconvert.eu-west-1.amazonaws.com/2017-08-29/jobs\n  methods: [POST]", create},
		{"an emulator", "http://localhost:4566", "- aws: sqs:ListQueues\n- http: http://localhost:4566/\n  methods: [POST]", send},
		{"that of AWS", "https://sqs.eu-west-1.amazonaws.com", "- aws: sqs:ListQueues", send},
	} {
		t.Run(tt.name, func(t *testing.T) {
			run := func(whitelist string) (int, *violation) {
				p, err := policy.Parse("policy.yaml", []byte("version: 1\non_violation: block\n"+whitelist), policy.Env{Function: "f", Region: "eu-west-1", Account: "111122223333"})
				require.NoError(t, err, whitelist)
				sent := &nowhere{}
				err = tt.call(aws.Config{
					Region: "eu-west-1", HTTPClient: sent, BaseEndpoint: aws.String(tt.endpoint), APIOptions: []func(*middleware.Stack) error{awsmiddleware.New(curing{p})},
					Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
						return aws.Credentials{AccessKeyID: ownKey, SecretAccessKey: "s"}, nil
					}),
				})
				var refused *violation
				_ = errors.As(err, &refused)
				return len(sent.sent), refused
			}
			sent, refused := run("whitelist: []\n")
			require.NotNil(t, refused)
			assert.Zero(t, sent)
			assert.Equal(t, tt.allow, refused.Allow)
			sent, refused = run("whitelist:\n" + refused.Allow + "\n")
			assert.Nil(t, refused)
			assert.Equal(t, 1, sent)
			aws, _, _ := strings.Cut(tt.allow, "\n- http")
			if _, refused = run("whitelist:\n" + aws + "\n"); aws != tt.allow {
				require.NotNil(t, refused) // the entry for the operation alone does not vouch for the endpoint
				assert.True(t, strings.HasPrefix(refused.Allow, "- http: "), refused.Allow)
			}
		})
	}
}
