package e2e

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/awsmiddleware"
	"github.com/outguard/outguard/policy"
)

// Three of them are steps in the stack. Two are added while the call runs, so that no option gets
// between them. Six are the copy of the request that is judged and sent, three that of the input.
// The rest is the call itself, and what the SDK makes of its option.
func TestACallAllocates(t *testing.T) {
	client := func(options ...func(*middleware.Stack) error) *sns.Client {
		return sns.NewFromConfig(config("", options...), func(o *sns.Options) { o.HTTPClient = smithyhttp.NopClient{} })
	}
	in := &sns.PublishInput{Message: aws.String("m"), TopicArn: aws.String("arn:aws:sns:eu-west-1:111122223333:t")}
	allocs := func(c *sns.Client) float64 {
		return testing.AllocsPerRun(50, func() { _, _ = c.Publish(context.Background(), in) })
	}
	assert.LessOrEqual(t, allocs(client(awsmiddleware.New(passing{})))-allocs(client()), 15.0)
}

type passing struct{}

func (passing) Check(context.Context, policy.Call) error { return nil }

// A stack that has neither the service nor the operation goes by the input's type.
func TestACallWithoutMetadataGoesByItsInput(t *testing.T) {
	g := &fakeGuard{}
	stack := middleware.NewStack("", smithyhttp.NewStackRequest)
	require.NoError(t, awsmiddleware.New(g)(stack))
	_, _, err := middleware.DecorateHandler(middleware.HandlerFunc(func(context.Context, any) (any, middleware.Metadata, error) {
		return nil, middleware.Metadata{}, nil
	}), stack).Handle(context.Background(), &sns.PublishInput{})
	require.NoError(t, err)
	require.Len(t, g.seen(policy.ViaSDK), 1)
	call := g.seen(policy.ViaSDK)[0].AWS
	assert.Equal(t, "sns", call.Service)
	assert.Equal(t, "Publish", call.Operation)
}
