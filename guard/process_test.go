package guard

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/lambdatest"
)

// noProcessGuard makes the process one without a guard, until the test ends.
func noProcessGuard(t *testing.T) {
	t.Helper()
	before := process.Swap(nil)
	asked := processAWS.Swap(false)
	t.Cleanup(func() {
		process.Store(before)
		processAWS.Store(asked)
	})
}

// publish makes an SNS call with a client that has options, and counts what is sent.
func publish(ctx context.Context, options []func(*middleware.Stack) error, sent *int) error {
	client := sns.New(sns.Options{
		Region: "eu-west-1", APIOptions: options,
		Credentials: awssdk.CredentialsProviderFunc(func(context.Context) (awssdk.Credentials, error) {
			return awssdk.Credentials{AccessKeyID: lambdatest.AccessKeyID("111122223333"), SecretAccessKey: "secret"}, nil
		}),
		HTTPClient: clientFunc(func(*http.Request) (*http.Response, error) {
			*sent++
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("<PublishResponse><PublishResult/></PublishResponse>"))}, nil
		}),
	})
	_, err := client.Publish(ctx, &sns.PublishInput{TopicArn: new("arn:aws:sns:eu-west-1:111122223333:orders"), Message: new("m")})
	return err
}

type clientFunc func(*http.Request) (*http.Response, error)

func (f clientFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }

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
	require.NoError(t, publish(t.Context(), options, &sent))
	assert.Equal(t, 1, sent)
}

func TestPackageAWSWithoutAGuardRefuses(t *testing.T) {
	noProcessGuard(t)
	t.Setenv("OUTGUARD_POLICY", "/does/not/exist.yaml")
	var sent int
	var broken *PolicyError
	require.ErrorAs(t, publish(t.Context(), AWS(), &sent), &broken)
	assert.Contains(t, broken.Error(), "/does/not/exist.yaml")
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
