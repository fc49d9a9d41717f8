package guard

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/policy"
)

func TestFromARN(t *testing.T) {
	for arn, want := range map[string][2]string{
		"arn:aws:lambda:eu-west-1:111122223333:function:checkout":        {"111122223333", ""},
		"arn:aws:lambda:eu-west-1:111122223333:function:checkout:live":   {"111122223333", "live"},
		"arn:aws:lambda:eu-west-1:111122223333:function:checkout:7":      {"111122223333", "7"},
		"arn:aws:lambda:eu-west-1:111122223333:function:checkout:live:x": {"", ""},
		"arn:aws:lambda:eu-west-1:111122223333:function":                 {"", ""},
		"checkout": {"", ""},
		"":         {"", ""},
	} {
		account, qualifier := fromARN(arn)
		assert.Equal(t, want, [2]string{account, qualifier}, arn)
	}
}

// An alert names who, where and when, also what Lambda passes only with the invocation.
func TestAlertOfAnInvocation(t *testing.T) {
	g := New(newGuard(t, payments).policy(), &Options{Function: "checkout", Stdout: new(buffer), Getenv: environment("AWS_LAMBDA_FUNCTION_VERSION", "7")})
	ctx := lambdacontext.NewContext(context.Background(), &lambdacontext.LambdaContext{
		AwsRequestID: "request", InvokedFunctionArn: "arn:aws:lambda:eu-west-1:444455556666:function:checkout:live",
	})
	//lint:ignore SA1029 aws-lambda-go does so
	ctx = context.WithValue(ctx, "x-amzn-trace-id", "Root=1-2-3")
	inv, _ := g.begin(ctx)
	call := request(t, "POST", "https://api.stripe.com/v1/charges?card=4111111111111111")
	a := g.alert(inv, g.policy().Decide(call), "")
	assert.Equal(t, "444455556666", a.Account)
	assert.Equal(t, "live", a.Alias)
	assert.Equal(t, "7", a.Version)
	assert.Equal(t, "request", a.RequestID)
	assert.Equal(t, "Root=1-2-3", a.TraceID)
	assert.Equal(t, "dev", a.Stage)
	assert.Equal(t, "payments", a.Owner)
	assert.Equal(t, "policy.yaml:7", a.Place)
	assert.Equal(t, "whitelist", a.List)
	assert.Equal(t, "https://api.stripe.com/v1/charges", a.Call.URL)
	assert.Equal(t, "transport", a.Call.Via)
	assert.True(t, a.ColdStart)

	second, _ := g.begin(ctx)
	a = g.alert(second, g.policy().Decide(aws("s3", "PutObject", "arn:aws:s3:::other/1")), "")
	assert.False(t, a.ColdStart)
	assert.Equal(t, "write", a.Call.Access)
	assert.Equal(t, []string{"arn:aws:s3:::other/1"}, a.Call.Resources)

	guessed := describeCall(policy.Decision{Access: "write", Guessed: true})
	assert.Equal(t, "write (guessed)", guessed.Access)
}

func TestAliasOfAnAlert(t *testing.T) {
	for _, c := range []struct{ version, qualifier, alias string }{
		{"7", ":live", "live"},
		{"7", ":7", ""}, // invoked by its version
		{"7", "", ""},
		{"$LATEST", ":$LATEST", ""},
		{"7", ":8", "8"}, // a name of digits that is not the version
		{"", ":live", "live"},
	} {
		g := New(newGuard(t, allowAll).policy(), &Options{Stdout: new(buffer), Getenv: environment("AWS_LAMBDA_FUNCTION_VERSION", c.version)})
		inv, _ := g.begin(lambdacontext.NewContext(context.Background(), &lambdacontext.LambdaContext{
			InvokedFunctionArn: "arn:aws:lambda:eu-west-1:111122223333:function:checkout" + c.qualifier,
		}))
		a := g.blankAlert(inv)
		assert.Equal(t, c.alias, a.Alias, "%+v", c)
		assert.Equal(t, c.version, a.Version)
	}
}

// A BlockedError, also that of a repeat, holds what the alert holds.
func TestABlockedErrorHoldsNoSecret(t *testing.T) {
	g := newGuard(t, "version: 1\non_violation: block\nwhitelist: []\n")
	for i := range 2 {
		const token = "5d41402abc4b2a76b9719d911017c592"
		err := g.Check(t.Context(), request(t, "GET", "https://u:p4ss@evil.example/"+token+"?k=v4lue"))
		var blocked *BlockedError
		require.ErrorAs(t, err, &blocked)
		assert.Equal(t, "https://evil.example/[masked]", blocked.Alert.Call.URL)
		text, _ := json.Marshal(blocked)
		for _, s := range []string{token, "p4ss", "v4lue"} {
			assert.NotContains(t, string(text)+err.Error(), s, "call %d", i)
		}
	}
}
