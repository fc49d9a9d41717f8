package guard

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/lambdatest"
)

// noProcessGuard makes the process one without a guard, until the test ends.
func noProcessGuard(t *testing.T) {
	t.Helper()
	before := joined.Swap(nil)
	asked := processAWS.Swap(false)
	shortForm = sync.Once{}
	t.Cleanup(func() {
		for _, g := range guards() {
			g.holders = map[*Guard]bool{g: true} // however many have joined
			g.Uninstall()
		}
		joined.Store(before)
		processAWS.Store(asked)
		shortForm = sync.Once{}
	})
}

// PublishInput stands for the SDK's type of this name: the module's tests use no client.
type PublishInput struct{ TopicArn *string }

// publish makes a call as an SNS client with options does, and counts what is sent.
func publish(ctx context.Context, options []func(*middleware.Stack) error, sent *int) error {
	stack := middleware.NewStack("Publish", smithyhttp.NewStackRequest)
	err := stack.Initialize.Add(&sdk.RegisterServiceMetadata{ServiceID: "SNS", Region: "eu-west-1", OperationName: "Publish"}, middleware.Before)
	if err != nil {
		return err
	}
	err = stack.Serialize.Add(middleware.SerializeMiddlewareFunc("request",
		func(ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler) (middleware.SerializeOutput, middleware.Metadata, error) {
			r := in.Request.(*smithyhttp.Request)
			r.Method, r.URL.Scheme, r.URL.Host, r.URL.Path = "POST", "https", "sns.eu-west-1.amazonaws.com", "/"
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+lambdatest.AccessKeyID("111122223333")+"/20261124/eu-west-1/sns/aws4_request")
			return next.HandleSerialize(ctx, in)
		}), middleware.After)
	if err != nil {
		return err
	}
	for _, option := range options {
		if err := option(stack); err != nil {
			return err
		}
	}
	topic := "arn:aws:sns:eu-west-1:111122223333:orders"
	_, _, err = middleware.DecorateHandler(middleware.HandlerFunc(func(context.Context, any) (any, middleware.Metadata, error) {
		*sent++
		return &smithyhttp.Response{Response: &http.Response{StatusCode: 200, Body: http.NoBody}}, middleware.Metadata{}, nil
	}), stack).Handle(ctx, &PublishInput{&topic})
	return err
}

const noSNS = "version: 1\non_violation: block\nblacklist:\n  - aws: sns:*\n"

func TestAWS(t *testing.T) {
	var sent int
	var blocked *BlockedError
	require.ErrorAs(t, publish(t.Context(), newGuard(t, noSNS).AWS(), &sent), &blocked)
	assert.Zero(t, sent)
	require.NoError(t, publish(t.Context(), newGuard(t, allowAll).AWS(), &sent))
	assert.Equal(t, 1, sent)
}

func TestPackageAWSAsksAtCallTime(t *testing.T) {
	noProcessGuard(t)
	options := AWS() // before there is a guard
	var sent int

	strict := newGuard(t, noSNS)
	require.NoError(t, strict.Install())
	var blocked *BlockedError
	require.ErrorAs(t, publish(t.Context(), options, &sent), &blocked)
	assert.True(t, strict.Coverage().AWS)

	lax := newGuard(t, allowAll)
	require.NoError(t, lax.Install())
	require.ErrorAs(t, publish(t.Context(), options, &sent), &blocked, "both judge")
	strict.Uninstall()
	require.NoError(t, publish(t.Context(), options, &sent))
	assert.Equal(t, 1, sent)
}

func TestPackageAWSWithoutAGuardRefuses(t *testing.T) {
	noProcessGuard(t)
	var sent int
	var broken *PolicyError
	require.ErrorAs(t, publish(t.Context(), AWS(), &sent), &broken)
	assert.Contains(t, broken.Error(), "no policy")
	assert.Zero(t, sent)
}

func TestPackageWrapUsesTheLoadedGuard(t *testing.T) {
	noProcessGuard(t)
	log := new(buffer)
	g, err := Load(&Options{Policy: []byte(allowAll), Function: "loaded", Stdout: log, Getenv: environment()})
	require.NoError(t, err)
	defer g.Uninstall()
	_, _, err = invoke(Wrap(func() {}), "{}")
	require.NoError(t, err)
	assert.Contains(t, log.String(), `"function":"loaded"`)
}

func TestUninstallLetsCallsPass(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	defer s.Close()
	g := newGuard(t, "version: 1\non_violation: block\nwhitelist: []\n")
	require.NoError(t, g.Install())
	require.NoError(t, g.Install(), "it may be called again")
	_, err := http.Get(s.URL)
	var blocked *BlockedError
	require.ErrorAs(t, err, &blocked)
	g.Uninstall()
	resp, err := http.Get(s.URL)
	require.NoError(t, err)
	resp.Body.Close()
	g.Uninstall()
	require.NoError(t, g.Install(), "and after it")
	_, err = http.Get(s.URL)
	require.ErrorAs(t, err, &blocked)
}

func TestTransport(t *testing.T) {
	var sent int
	base := roundTripper(func(*http.Request) (*http.Response, error) {
		sent++
		return &http.Response{StatusCode: 204, Body: http.NoBody}, nil
	})
	client := http.Client{Transport: newGuard(t, payments).Transport(base)}
	resp, err := client.Get("https://api.stripe.com/v1/charges")
	require.NoError(t, err)
	resp.Body.Close()
	_, err = client.Get("https://evil.example/")
	var blocked *BlockedError
	require.ErrorAs(t, err, &blocked)
	assert.Equal(t, 1, sent)
}

func TestTransportWithoutBase(t *testing.T) {
	before := http.DefaultTransport
	t.Cleanup(func() { http.DefaultTransport = before })
	g := newGuard(t, payments)
	sent := 0
	http.DefaultTransport = roundTripper(func(*http.Request) (*http.Response, error) {
		sent++
		return &http.Response{StatusCode: 204, Body: http.NoBody}, nil
	})
	http.DefaultTransport = g.Transport(nil)
	for range 2 {
		resp, err := http.Get("https://api.stripe.com/v1/charges")
		require.NoError(t, err)
		resp.Body.Close()
		_, err = http.Get("https://evil.example/")
		var blocked *BlockedError
		require.ErrorAs(t, err, &blocked)
		_ = g.Install()
	}
	assert.Equal(t, 2, sent, "by what was there")
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
