package guard

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/alloctest"
	"github.com/outguard/outguard/policy"
)

const payments = `version: 1
owner: payments
on_violation: block
functions:
  checkout:
    whitelist:
      - http: https://api.stripe.com/v1/**
        methods: [GET]
      - aws: s3:PutObject
        resources: receipts/*
    blacklist:
      - id: no-reads
        aws: sqs:*
        access: read
        reason: checkout publishes to queues, it never reads them
      - http: evil.example
`

func request(t testing.TB, method, url string) policy.Call {
	t.Helper()
	r, err := http.NewRequest(method, url, nil)
	require.NoError(t, err)
	return policy.Call{HTTP: r, Via: policy.ViaTransport}
}

func aws(service, operation string, resources ...string) policy.Call {
	return policy.Call{AWS: policy.AWSCall{Service: service, Operation: operation, Resources: resources}, Via: policy.ViaSDK}
}

func TestBlockedErrorText(t *testing.T) {
	g := newGuard(t, payments)
	for _, c := range []struct {
		call policy.Call
		want string
	}{
		{request(t, "POST", "https://evil.example/x?token=secret"),
			"blocked by policy (policy.yaml:16, owner payments): POST https://evil.example/x: blacklist rule policy.yaml:16 forbids https://evil.example; " +
				"also forbidden by the whitelist of policy.yaml (owner payments): no whitelist rule matches host evil.example"},
		{request(t, "POST", "https://api.stripe.com/v1/charges"),
			"blocked by policy (nearest rule policy.yaml:7, owner payments): POST https://api.stripe.com/v1/charges: policy.yaml:7 matches the host, but not method POST: the rule is for GET\n" +
				"to allow it, add to the whitelist:\n  - http: https://api.stripe.com/v1/charges\n    methods: [POST]"},
		{aws("sqs", "ReceiveMessage", "arn:aws:sqs:eu-west-1:111122223333:orders"),
			"blocked by policy (policy.yaml:12, rule no-reads, owner payments): sqs:ReceiveMessage on arn:aws:sqs:eu-west-1:111122223333:orders: " +
				"checkout publishes to queues, it never reads them; also forbidden by the whitelist of policy.yaml (owner payments): " +
				"no whitelist rule allows sqs:ReceiveMessage (read) on arn:aws:sqs:eu-west-1:111122223333:orders"},
		{policy.Call{Net: "db.internal:5432"},
			"blocked by policy (policy.yaml, owner payments): db.internal:5432: no whitelist rule matches db.internal:5432\n" +
				"to allow it, add to the whitelist:\n  - net: db.internal:5432"},
	} {
		assert.EqualError(t, g.Check(context.Background(), c.call), c.want)
	}
}

func TestErrorsHoldNoSecrets(t *testing.T) {
	g, log := logged(t, payments)
	for secret, url := range map[string]string{
		"pw-of-user":               "https://user:pw-of-user@evil.example/x",
		"in-the-query":             "https://evil.example/x?key=in-the-query",
		"in-the-fragment":          "https://evil.example/x#in-the-fragment",
		"XyZ0123456789AbCdEfGhIjK": "https://hooks.slack.com/services/T01ABCDEF/B01ABCDEF/XyZ0123456789AbCdEfGhIjK",
		"9f86d081884c7d659a2feaa0": "https://other.example/files/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
	} {
		c := request(t, "POST", url)
		c.HTTP.Header.Set("Authorization", "Bearer in-the-header")
		err := g.Check(context.Background(), c)
		require.Error(t, err)
		assert.NotContains(t, err.Error(), secret)
		g.Flush(context.Background())
		assert.NotContains(t, log.String(), secret)
	}
	assert.NotContains(t, log.String(), "in-the-header")
	assert.NotEmpty(t, log.String())
}

func TestBlockedErrorIsFound(t *testing.T) {
	g := newGuard(t, payments)
	err := g.Check(context.Background(), request(t, "GET", "https://evil.example/"))
	wrapped := &smithy.OperationError{ServiceID: "S3", OperationName: "PutObject", Err: err}
	var blocked *BlockedError
	require.ErrorAs(t, wrapped, &blocked)
	assert.Equal(t, "blacklist", blocked.Alert.List)
	var retryable interface{ RetryableError() bool }
	require.ErrorAs(t, wrapped, &retryable)
	assert.False(t, retryable.RetryableError())
	require.ErrorAs(t, error(&PolicyError{Err: errNoPolicy}), &retryable)
	assert.False(t, retryable.RetryableError())

	g.Install()
	_, err = http.Get("https://evil.example/")
	require.ErrorAs(t, err, &blocked, "through *url.Error")
}

func TestCheckAllocatesNothing(t *testing.T) {
	g := newGuard(t, payments)
	ctx := context.Background()
	c := request(t, "GET", "https://api.stripe.com/v1/charges")
	require.NoError(t, g.Check(ctx, c))
	alloctest.AtMost(t, 0, func() { g.Check(ctx, c) })
}

// panicking is a context of a library with an error in it.
type panicking struct{ context.Context }

func (panicking) Value(any) any { panic("no value today") }

func TestCheckNeverPanics(t *testing.T) {
	g, log := logged(t, payments)
	inv, _ := g.begin(context.Background())
	err := g.Check(panicking{context.Background()}, request(t, "GET", "https://evil.example/"))
	var blocked *BlockedError
	require.ErrorAs(t, err, &blocked)
	assert.Contains(t, err.Error(), "no value today")
	assert.Contains(t, log.String(), "internal-error")
	assert.Equal(t, err, g.end(inv), "and the invocation fails")
}

func TestNilGuard(t *testing.T) {
	var g *Guard
	var broken *PolicyError
	require.ErrorAs(t, g.Check(context.Background(), request(t, "GET", "https://a.example/")), &broken)
	require.Error(t, g.Install())
	require.NoError(t, g.Flush(context.Background()))
	assert.NotEmpty(t, g.Coverage().Gaps)
	assert.Len(t, g.AWS(), 1)
	g.Uninstall()
	_, err := g.Transport(nil).RoundTrip(request(t, "GET", "https://a.example/").HTTP)
	require.ErrorAs(t, err, &broken)
	_, _, err = invoke(g.Wrap(func() {}), "{}")
	require.ErrorAs(t, err, &broken)
	for _, g := range guards() {
		g.Uninstall()
	}
}

func TestNewWithoutPolicy(t *testing.T) {
	log := new(buffer)
	g := New(nil, &Options{Stdout: log})
	defer g.Uninstall()
	_, _, err := invoke(g.Wrap(func() { t.Error("the handler runs") }), "{}")
	var broken *PolicyError
	require.ErrorAs(t, err, &broken)
	assert.Contains(t, log.String(), `"kind":"policy"`)
}

func TestNilRequestIsRefused(t *testing.T) {
	g := newGuard(t, payments)
	assert.Error(t, g.Check(context.Background(), policy.Call{}))
	assert.Error(t, g.Check(context.Background(), policy.Call{HTTP: &http.Request{}}))
	var none context.Context
	assert.Error(t, g.Check(none, request(t, "GET", "https://evil.example")))
}

func TestCoverage(t *testing.T) {
	noProcessGuard(t)
	g := newGuard(t, payments)
	c := g.Coverage()
	assert.False(t, c.HTTP)
	assert.False(t, c.AWS)
	assert.Contains(t, strings.Join(c.Gaps, "\n"), "http.DefaultTransport is not guarded")
	require.NoError(t, g.Install())
	g.AWS()
	assert.Equal(t, Coverage{HTTP: true, AWS: true, Context: true}, g.Coverage())

	second := newGuard(t, blockAll)
	require.NoError(t, second.Install())
	assert.True(t, second.Coverage().HTTP)
	g.Uninstall()
	assert.False(t, g.Coverage().HTTP)
	assert.True(t, second.Coverage().HTTP)

	third, err := Load(&Options{Policy: []byte(allowAll), Getenv: environment("OUTGUARD_LAYERS", "-context"), Stdout: new(buffer)})
	require.NoError(t, err)
	assert.True(t, third.Coverage().HTTP, "Load installs")
	assert.False(t, third.Coverage().Context)
	assert.Contains(t, strings.Join(third.Coverage().Gaps, "\n"), "OUTGUARD_LAYERS=-context switches layers off")
}

func TestUnwrapPolicyError(t *testing.T) {
	_, err := policy.Parse("policy.yaml", []byte("version: 1\nwhitelsit: []\n"), policy.Env{})
	broken := &PolicyError{Err: err}
	var first *policy.Error
	require.True(t, errors.As(broken, &first))
	assert.Equal(t, "policy.yaml:2", broken.place())
	assert.Equal(t, "", (&PolicyError{Err: errNoPolicy}).place())
}

// The error of a call that is folded into an earlier one is about the call itself. The proposed
// entry allows both.
func TestTheErrorOfAFoldedCallNamesThisCall(t *testing.T) {
	g := newGuard(t, "version: 1\non_violation: block\nwhitelist:\n  - http: https://api.example/v1/orders\n  - aws: s3:PutObject\n    resources: receipts/*\n")
	for _, c := range []struct {
		name          string
		first, second policy.Call
		want, allow   string
	}{
		{"a path", request(t, "GET", "https://api.example/v2/orders/100017"), request(t, "GET", "https://api.example/v2/orders/100018"), "/v2/orders/100018", "https://api.example/v2/orders/*"},
		{"a resource", aws("s3", "GetObject", "arn:aws:s3:::logs/100017"), aws("s3", "GetObject", "arn:aws:s3:::logs/100018"), "logs/100018", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Error(t, g.Check(t.Context(), c.first))
			var blocked *BlockedError
			require.ErrorAs(t, g.Check(t.Context(), c.second), &blocked)
			assert.Contains(t, blocked.Error(), c.want)
			assert.NotContains(t, blocked.Error(), "100017")
			assert.Contains(t, blocked.Alert.Allow, c.allow)
			require.ErrorAs(t, g.Check(t.Context(), c.first), &blocked)
			assert.Contains(t, blocked.Error(), "100017")
			assert.NotEmpty(t, blocked.Alert.Allow)
			assert.NotContains(t, blocked.Error(), "100018")
		})
	}
}

// A repeat is judged, described and counted with the memory of its description alone, and the
// texts are made once.
func TestARepeatAllocatesLittle(t *testing.T) {
	g := newGuard(t, "version: 1\non_violation: alert\nwhitelist:\n  - http: https://api.example/v1/**\n  - aws: s3:PutObject\n    resources: receipts/*\n")
	call := func(limit int, c policy.Call, why string) {
		c.Caller = func() (string, bool) { return "example.com/shop", false }
		require.NoError(t, g.Check(t.Context(), c))
		d := g.policy().DecideBriefly(c)
		ticket := g.lifecycle.ticket(nil)
		alloctest.AtMost(t, limit, func() {
			a := g.alert(nil, d, "example.com/shop.Pay pay.go:1")
			g.alerts().Again(&a, ticket, nil)
			_ = g.policy().DecideBriefly(c)
		}, why)
	}
	call(2, request(t, "GET", "https://evil.example/orders"), "the description and its URL")
	call(3, aws("s3", "GetObject", "arn:aws:s3:::logs/x"), "the description and its resources")
}

// Calls that cannot be read may show no destination. Each is reported with what is wrong with it.
func TestEachFaultIsReported(t *testing.T) {
	log := new(buffer)
	p, err := policy.Parse("policy.yaml", []byte(blockAll), policy.Env{})
	require.NoError(t, err)
	g := New(p, &Options{Getenv: environment(), Stdout: log})
	header := func(name, value string) policy.Call {
		r, err := http.NewRequest("GET", "https://a.test/", nil)
		require.NoError(t, err)
		r.Header[name] = []string{value}
		return policy.Call{HTTP: r, Via: policy.ViaTransport}
	}
	name, respelled, value := header("a b", "c"), header("host", "b.test"), header("A", "b\r\nc")
	for call, want := range map[*policy.Call]string{
		&name: "a header's name is not a token", &respelled: "another spelling of Host", &value: "a header's value has a control character",
	} {
		for range 2 {
			var blocked *BlockedError
			require.ErrorAs(t, g.Check(t.Context(), *call), &blocked)
			assert.Contains(t, blocked.Alert.Reason, want)
		}
		assert.Contains(t, log.String(), want)
	}
	assert.Equal(t, 3, strings.Count(log.String(), `"outguard.alert/v1"`))
}
