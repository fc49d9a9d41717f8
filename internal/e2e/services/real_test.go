package services

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/awsmiddleware"
	"github.com/outguard/outguard/policy"
)

// Keys of 111122223333, which is the function's account, and of 222233334444.
const (
	ownKey   = "AKIARTX3GSDSQAABCDEF"
	otherKey = "ASIATHPRDSKWAAAQEAYE"
)

// judged makes a call with a real client under a policy, signed with a key, for a function in
// eu-west-1. It returns the hosts of what was sent.
func judged(t *testing.T, yaml, key string, call func(aws.Config) error) (hosts []string, refused *violation) {
	p, err := policy.Parse("policy.yaml", []byte("version: 1\non_violation: block\n"+yaml), policy.Env{Function: "f", Region: "eu-west-1", Account: "111122223333"})
	require.NoError(t, err, yaml)
	sent := &nowhere{}
	err = call(aws.Config{Region: "eu-west-1", HTTPClient: sent, APIOptions: []func(*middleware.Stack) error{awsmiddleware.New(judge{p})},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: key, SecretAccessKey: "s"}, nil
		})})
	for _, r := range sent.sent {
		hosts = append(hosts, r.URL.Host)
	}
	if errors.As(err, &refused) {
		assert.Empty(t, hosts)
	}
	return hosts, refused
}

// Names of regions that ask for FIPS endpoints, in the config and for one call.
func TestPseudoRegions(t *testing.T) {
	ctx := context.Background()
	const yaml = "whitelist: [{aws: \"sqs:*\", resources: orders, regions: [us-east-1]}, {aws: \"dynamodb:*\", resources: table/orders, regions: [us-east-1]}, {aws: \"s3:*\", resources: receipts/*}]\n"
	for name, call := range map[string]struct {
		make func(aws.Config) error
		host string
	}{
		"config": {func(c aws.Config) error {
			c.Region = "fips-us-east-1"
			_, err := sqs.NewFromConfig(c).PurgeQueue(ctx, &sqs.PurgeQueueInput{QueueUrl: aws.String("https://sqs.us-east-1.amazonaws.com/111122223333/orders")})
			return err
		}, "sqs-fips.us-east-1.amazonaws.com"},
		"call": {func(c aws.Config) error {
			_, err := dynamodb.NewFromConfig(c).DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String("orders")},
				func(o *dynamodb.Options) { o.Region = "us-east-1-fips" })
			return err
		}, "dynamodb-fips.us-east-1.amazonaws.com"},
		"global": {func(c aws.Config) error {
			_, err := s3.NewFromConfig(c).GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("receipts"), Key: aws.String("k")},
				func(o *s3.Options) { o.Region = "aws-global" })
			return err
		}, "receipts.s3.amazonaws.com"},
	} {
		hosts, refused := judged(t, yaml, ownKey, call.make)
		if assert.Nil(t, refused, name) {
			assert.Equal(t, []string{call.host}, hosts[:1], name)
		}
	}
}

// A client in eu-west-1 that is given a name without a region calls another region.
func TestGlobalNameOfARegionalService(t *testing.T) {
	ctx := context.Background()
	const yaml = "whitelist: [{aws: \"dynamodb:*\", resources: table/orders}, {aws: dynamodb:ListTables, regions: [eu-west-1]}]\n"
	get := func(endpoint string) func(aws.Config) error {
		return func(c aws.Config) error {
			_, err := dynamodb.NewFromConfig(c, func(o *dynamodb.Options) { o.BaseEndpoint = aws.String(endpoint) }).
				DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String("orders")})
			return err
		}
	}
	hosts, refused := judged(t, yaml, ownKey, get("https://dynamodb.eu-west-1.amazonaws.com"))
	assert.Nil(t, refused)
	assert.Equal(t, []string{"dynamodb.eu-west-1.amazonaws.com"}, hosts)
	_, refused = judged(t, yaml, ownKey, get("https://dynamodb.amazonaws.com"))
	require.NotNil(t, refused)
	assert.ErrorContains(t, refused, "arn:aws:dynamodb:us-east-1:111122223333:table/orders")
	_, refused = judged(t, yaml, ownKey, func(c aws.Config) error {
		_, err := dynamodb.NewFromConfig(c, func(o *dynamodb.Options) { o.BaseEndpoint = aws.String("https://dynamodb.amazonaws.com") }).
			ListTables(ctx, nil)
		return err
	})
	require.NotNil(t, refused)
	assert.ErrorContains(t, refused, "in us-east-1")
}
