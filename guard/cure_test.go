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

// A name that CloudFormation made is not a secret: what is proposed loads, and allows this call and
// no other.
func TestProposalForGeneratedNames(t *testing.T) {
	for _, c := range []policy.Call{
		ownAWS("dynamodb", "GetItem", "arn:aws:dynamodb:eu-west-1:111122223333:table/ShopStack-OrdersTable315BB997-1QW2E3R4T5Y6U"),
		ownAWS("sqs", "SendMessage", "arn:aws:sqs:eu-west-1:111122223333:ShopStack-OrdersQueueB4D3F2A1-AbCdEf123456"),
		ownAWS("dynamodb", "GetItem", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"),
		ownAWS("dynamodb", "ExportTableToPointInTime", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"),
	} {
		a := blockedBy(t, "whitelist: []\n", c).Alert
		if strings.Contains(a.Reason, "[masked]") {
			assert.Empty(t, a.Allow, "an entry with a mask would not allow the call")
			continue
		}
		assert.NotContains(t, a.Allow, "*")
		assert.NotContains(t, a.Allow, "[masked]")
		_, err := policy.Parse("p", []byte("version: 1\nwhitelist:\n  "+strings.ReplaceAll(a.Allow, "\n", "\n  ")+"\n"), policy.Env{Function: "f"})
		assert.NoError(t, err, a.Allow)
	}
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
