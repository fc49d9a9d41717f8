package e2e

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/httpguard"
	"github.com/outguard/outguard/policy"
)

type sender func(*http.Request) (*http.Response, error)

func (f sender) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A client that nobody gave the middleware, but whose HTTP client is guarded: the operation is in a
// form that the SDK makes so that it cannot be read again, and arrives whole.
func TestAFormOfAClientWithoutTheMiddleware(t *testing.T) {
	p, err := policy.Parse("policy.yaml", []byte("version: 1\non_violation: block\nwhitelist: [{aws: sns:Publish}]\n"), policy.Env{Region: "eu-west-1", Account: "111122223333"})
	require.NoError(t, err)
	var sent []string
	transport := &httpguard.Transport{Guard: policyGuard{p}, Base: sender(func(r *http.Request) (*http.Response, error) {
		text, err := io.ReadAll(r.Body)
		assert.EqualValues(t, r.ContentLength, len(text))
		sent = append(sent, string(text))
		return &http.Response{StatusCode: 400, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("")), Request: r}, err
	})}
	client := sns.NewFromConfig(config(""), func(o *sns.Options) {
		o.HTTPClient, o.Retryer = &http.Client{Transport: transport}, aws.NopRetryer{}
	})
	topic := aws.String("arn:aws:sns:eu-west-1:111122223333:orders")
	_, err = client.Publish(context.Background(), &sns.PublishInput{TopicArn: topic, Message: aws.String(strings.Repeat("Action=DeleteTopic&", 1000))})
	require.Error(t, err)
	require.Len(t, sent, 1)
	assert.Greater(t, len(sent[0]), 19_000)
	_, err = client.DeleteTopic(context.Background(), &sns.DeleteTopicInput{TopicArn: topic})
	require.ErrorContains(t, err, "sns:DeleteTopic")
	assert.Len(t, sent, 1)
}

type policyGuard struct{ *policy.Policy }

func (g policyGuard) Check(_ context.Context, c policy.Call) error {
	if d := g.Decide(c); !d.Allowed() {
		return refusedError(d.Reason)
	}
	return nil
}

type refusedError string

func (e refusedError) Error() string { return string(e) }
