package notify

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go/logging"

	"github.com/outguard/outguard/internal/private"
)

// An account is the AWS configuration of one sink: the function's own credentials, with an HTTP client that no guard judges,
// and none of the options that the function's code gives its clients. It is loaded when the first alert is sent.
type account struct {
	mu     sync.Mutex
	loaded *aws.Config
	client *awsClient
}

// config returns the configuration, for region unless that is "".
func (a *account) config(ctx context.Context, region string) (aws.Config, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.loaded == nil {
		cfg, err := config.LoadDefaultConfig(ctx,
			config.WithRetryer(func() aws.Retryer { return aws.NopRetryer{} }), // see try
			config.WithLogger(logging.Nop{}),                                   // the log is the function's
		)
		if err != nil {
			return aws.Config{}, fmt.Errorf("AWS configuration: %w", err)
		}
		a.client = newAWSClient(cfg.HTTPClient)
		cfg.HTTPClient = a.client
		a.loaded = &cfg
	}
	cfg := a.loaded.Copy()
	if region != "" {
		cfg.Region = region
	}
	if cfg.Region == "" {
		return aws.Config{}, errors.New("no AWS region: set AWS_REGION")
	}
	return cfg, nil
}

func (a *account) closeIdle() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.client != nil {
		a.client.own.CloseIdleConnections()
	}
}

// An awsClient is a wire for the SDK.
type awsClient struct{ own *http.Client }

// newAWSClient keeps what the configuration says of the client that it made, such as AWS_CA_BUNDLE.
func newAWSClient(made aws.HTTPClient) *awsClient {
	b, ok := made.(*awshttp.BuildableClient)
	if !ok {
		b = awshttp.NewBuildableClient()
	}
	b = b.WithDialerOptions(func(d *net.Dialer) { d.Resolver = &net.Resolver{} }).
		WithTransportOptions(func(t *http.Transport) { t.MaxResponseHeaderBytes = maxAnswer })
	return &awsClient{own: noRedirects(b.GetTransport())}
}

func (c *awsClient) Do(r *http.Request) (*http.Response, error) {
	client := c.own
	if !private.Is(r.Context()) {
		client = noRedirects(nil)
	}
	answer, err := client.Do(r)
	if err != nil {
		return nil, bare(err)
	}
	answer.Body = limit(answer.Body)
	return answer, nil
}
