package guard

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/notify"
	"github.com/outguard/outguard/policy"
)

// ownAWS is the account and region of these tests.
func ownAWS(service, operation string, resources ...string) policy.Call {
	return policy.Call{AWS: policy.AWSCall{Service: service, Operation: operation, Region: "eu-west-1", Account: "111122223333", Resources: resources}}
}

func blockedBy(t *testing.T, text string, c policy.Call) *BlockedError {
	t.Helper()
	p, err := policy.Parse("policy.yaml", []byte("version: 1\non_violation: block\n"+text), policy.Env{Function: "f", Region: "eu-west-1", Account: "111122223333"})
	require.NoError(t, err)
	g := New(p, &Options{Stdout: new(buffer), Getenv: environment()})
	var blocked *BlockedError
	require.ErrorAs(t, g.Check(context.Background(), c), &blocked)
	return blocked
}

// A name that a tool made is not a secret: it is shown, and what is proposed loads, and allows this
// call and no other.
func TestProposalForGeneratedNames(t *testing.T) {
	const where = ":eu-west-1:111122223333:"
	for _, c := range []policy.Call{
		ownAWS("dynamodb", "GetItem", "arn:aws:dynamodb"+where+"table/ShopStack-OrdersTable315BB997-1QW2E3R4T5Y6U"),
		ownAWS("sqs", "SendMessage", "arn:aws:sqs"+where+"ShopStack-OrdersQueueB4D3F2A1-AbCdEf123456"),
		ownAWS("dynamodb", "GetItem", "arn:aws:dynamodb"+where+"table/orders"),
		ownAWS("dynamodb", "ExportTableToPointInTime", "arn:aws:dynamodb"+where+"table/orders"),
		ownAWS("lambda", "Invoke", "arn:aws:lambda"+where+"function:shop-PayFunction-aB3dE6gH9jK2"),
		ownAWS("kms", "Decrypt", "arn:aws:kms"+where+"key/mrk-0123456789abcdef0123456789abcdef"),
		ownAWS("kms", "Decrypt", "arn:aws:kms"+where+"key/1234abcd-12ab-34cd-56ef-1234567890ab"),
		ownAWS("sns", "Publish", "arn:aws:sns"+where+"ShopStack-AlarmTopicD01E77AA-1QW2E3R4T5Y6U"),
		ownAWS("secretsmanager", "GetSecretValue", "arn:aws:secretsmanager"+where+"secret:ShopDb315BB997-aB3dE6gH9jK2-AbCdEf"),
		ownAWS("s3", "PutObject", "arn:aws:s3:::shopstack-receipts5d41402a-1qw2e3r4t5y6/2026/x.pdf"),
		ownAWS("states", "StartExecution", "arn:aws:states"+where+"stateMachine:FlowB4D3F2A1-AbCdEf123456"),
	} {
		b := blockedBy(t, "whitelist: []\n", c)
		a := b.Alert
		resource := c.AWS.Resources[0]
		assert.Contains(t, a.Reason, resource)
		assert.Equal(t, []string{resource}, a.Call.Resources)
		assert.Equal(t, c.AWS.Operation, a.Call.Operation)
		assert.Contains(t, b.Error(), resource)
		assert.NotContains(t, b.Error(), "masked")
		assert.NotContains(t, a.Allow, "*")
		p, err := policy.Parse("p", []byte("version: 1\nwhitelist:\n  "+strings.ReplaceAll(a.Allow, "\n", "\n  ")+"\n"),
			policy.Env{Function: "f", Region: "eu-west-1", Account: "111122223333"})
		require.NoError(t, err, a.Allow)
		assert.True(t, p.Decide(c).Allowed(), a.Allow)
		other := c
		other.AWS.Resources = []string{resource[:len(resource)-1] + "Z"}
		assert.False(t, p.Decide(other).Allowed(), a.Allow)
	}
}

// An entry that would show a secret is left out, and the reason says why. Nothing opens a whole
// kind of calls in its place.
func TestNoProposalWithASecret(t *testing.T) {
	web := func(url string) policy.Call { return request(t, "POST", url) }
	for _, c := range []policy.Call{
		web("https://hooks.slack.com/services/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"),
		web("https://ptb.discord.com/api/webhooks/1234/abcdefghijkl"),
		web("https://api.example.com/x/token:hunter"),
		web("https://proxy.example/https://hooks.slack.com/services/T0/B0/short"),
		ownAWS("s3", "PutObject", "arn:aws:s3:::receipts/5d41402abc4b2a76b9719d911017c592"),
	} {
		a := blockedBy(t, "whitelist: []\n", c).Alert
		assert.Empty(t, a.Allow)
		assert.Contains(t, a.Reason, "; no entry is proposed, because it would show a part of the call that looks like a secret")
		assert.Equal(t, a, a.Clean())
	}
	a := blockedBy(t, "whitelist: []\n", web("https://api.example.com/users/8234234")).Alert
	assert.Equal(t, "- http: https://api.example.com/users/*\n  methods: [POST]", a.Allow, "an id stands for any")
	a = blockedBy(t, "whitelist: [{http: hooks.slack.com, methods: GET}]\n", web("https://hooks.slack.com/services/T0/B0/short")).Alert
	assert.NotContains(t, a.Reason, "short")
	a = blockedBy(t, "whitelist: [{http: hooks.slack.com/x}]\n", web("https://hooks.slack.com/services/T0/B0/short")).Alert
	assert.Equal(t, "policy.yaml:3 matches the host, but not path /services/[masked]/[masked]/[masked]"+
		"; no entry is proposed, because it would show a part of the call that looks like a secret", a.Reason)
}

func TestProposalForAnEndpoint(t *testing.T) {
	c := ownAWS("ApiGatewayManagementApi", "PostToConnection")
	c.Via = policy.ViaWire
	r, err := http.NewRequest("POST", "https://abc123.execute-api.eu-west-1.amazonaws.com/prod/@connections/X", nil)
	require.NoError(t, err)
	c.HTTP = r
	blocked := blockedBy(t, "whitelist:\n  - aws: execute-api:ManageConnections\n", c)
	assert.Equal(t, "- http: https://abc123.execute-api.eu-west-1.amazonaws.com/prod/@connections/X\n  methods: [POST]", blocked.Alert.Allow)
}

// An alert and its error name everything that forbids the call, repeats included.
func TestEverythingAgainstACallIsInTheAlert(t *testing.T) {
	g := newGuard(t, "version: 1\non_violation: block\nowner: payments\nwhitelist: []\nblacklist: [{http: evil.com, id: known, reason: known to be bad}]\n")
	for range 2 {
		var blocked *BlockedError
		require.True(t, errors.As(g.Check(context.Background(), request(t, "GET", "https://evil.com/x")), &blocked))
		assert.Equal(t, []notify.Against{
			{List: "blacklist", Rule: "known", Place: "policy.yaml:5", Owner: "payments", Reason: "known to be bad"},
			{List: "whitelist", Place: "policy.yaml", Owner: "payments", Reason: "no whitelist rule matches host evil.com"},
		}, blocked.Alert.Against)
		assert.Empty(t, blocked.Alert.Allow)
		assert.ErrorContains(t, blocked, "known to be bad; also forbidden by the whitelist of policy.yaml (owner payments): no whitelist rule matches host evil.com")
	}
	var blocked *BlockedError
	require.True(t, errors.As(g.Check(context.Background(), request(t, "GET", "https://a.com/x")), &blocked))
	assert.Nil(t, blocked.Alert.Against, "the alert itself names it")
}
