package learn_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/cmd/outguard/internal/learn"
	"github.com/outguard/outguard/guard"
	"github.com/outguard/outguard/internal/corpustest"
	"github.com/outguard/outguard/policy"
)

// twelve is a policy that a person wrote for the calls of made.
const twelve = `version: 1
on_violation: log
whitelist:
  - {http: "https://api.stripe.com/v1/charges/*", methods: [GET, POST]}
  - {http: "https://api.stripe.com/v1/customers/*/cards", methods: [GET]}
  - {http: "https://hooks.example.com/t/*", methods: [POST]}
  - {http: "https://files.example.com/v3/reports/*/*", methods: [GET]}
  - {http: "https://auth.example.com/oauth/token", methods: [POST]}
  - {aws: "dynamodb:*Item", resources: table/orders}
  - {aws: "dynamodb:Query", resources: table/orders/index/by-customer}
  - {aws: "s3:PutObject", resources: "receipts/*"}
  - {aws: "sqs:SendMessage", resources: "tenant-*-ledger"}
  - {aws: "sns:Publish", resources: "arn:aws:sns:us-east-1:111122223333:alerts"}
  - {aws: "sts:GetCallerIdentity"}
  - {net: "db.internal:5432"}
blacklist:
  - {id: no-exfil, http: ["*.evil.example", evil.example], reason: known collectors}
`

// made returns a random call, by one of several packages, that the policy allows, or in 1 of 100
// cases one that it forbids.
func made(r *rand.Rand) policy.Call {
	c := someCall(r)
	by := []string{"example.com/shop/pay", "github.com/stripe/stripe-go/v82", "main"}[r.IntN(3)]
	c.Caller = func() (string, bool) { return by, by == "main" }
	return c
}

func someCall(r *rand.Rand) policy.Call {
	id := func() string {
		switch r.IntN(3) {
		case 0:
			return fmt.Sprint(r.IntN(1_000_000))
		case 1:
			return fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", r.Uint32(), r.IntN(1<<16), r.IntN(1<<12), r.IntN(1<<12), r.Int64N(1<<48))
		}
		return fmt.Sprintf("ord%010d", r.IntN(1_000_000_000))
	}
	if r.IntN(100) == 0 {
		return web("POST", fmt.Sprintf("https://c%d.evil.example/%s", r.IntN(3), id()))
	}
	own := "eu-west-1:111122223333"
	switch r.IntN(12) {
	case 0:
		return web([]string{"GET", "POST"}[r.IntN(2)], "https://api.stripe.com/v1/charges/"+id())
	case 1:
		return web("GET", "https://api.stripe.com/v1/customers/"+id()+"/cards?limit="+id())
	case 2:
		return web("POST", "https://hooks.example.com/t/"+id())
	case 3:
		return web("GET", "https://files.example.com/v3/reports/"+id()+"/"+id())
	case 4:
		return web("POST", "https://auth.example.com/oauth/token")
	case 5:
		return aws("dynamodb", []string{"GetItem", "PutItem", "UpdateItem"}[r.IntN(3)], "arn:aws:dynamodb:"+own+":table/orders")
	case 6:
		return aws("dynamodb", "Query", "arn:aws:dynamodb:"+own+":table/orders/index/by-customer")
	case 7:
		return aws("s3", "PutObject", "arn:aws:s3:::receipts/"+id())
	case 8:
		return aws("sqs", "SendMessage", "arn:aws:sqs:"+own+":tenant-"+fmt.Sprint(r.IntN(100_000))+"-ledger")
	case 9:
		call := aws("sns", "Publish", "arn:aws:sns:us-east-1:111122223333:alerts")
		call.AWS.Region = "us-east-1"
		return call
	case 10:
		return aws("sts", "GetCallerIdentity")
	}
	return net("db.internal:5432", policy.ViaUnknown)
}

// TestHalves learns from the first half of many calls, and judges the second half: nothing that
// the policy allows is refused, nothing that it forbids is allowed, and there are few more rules
// than a person wrote. LONG=1 makes a million calls.
func TestHalves(t *testing.T) {
	n := corpustest.Times(20_000, 1_000_000)
	written, err := policy.Parse("policy.yaml", []byte(twelve), place)
	require.NoError(t, err)
	none, err := policy.Parse("policy.yaml", []byte("version: 1\non_violation: log\nwhitelist: []\n"+twelve[strings.Index(twelve, "blacklist:"):]), place)
	require.NoError(t, err)
	var out bytes.Buffer
	g := guard.New(none, &guard.Options{Function: place.Function, Stage: place.Stage, Region: place.Region, Account: place.Account, Stdout: &out,
		Getenv: func(string) string { return "" }})
	r := rand.New(rand.NewPCG(16, 1))
	for range n / 2 {
		require.NoError(t, g.Check(context.Background(), made(r)))
	}
	require.NoError(t, g.Flush(context.Background()))
	result, l := learned(t, out.String(), learn.Options{})
	assert.Zero(t, l.Counts.Missing)
	assert.LessOrEqual(t, strings.Count(string(result.Policy()), "\n      - "), 12*12/10, string(result.Policy()))
	for _, left := range result.Left {
		assert.Contains(t, left.Reason, "no-exfil")
	}
	p, err := policy.Parse("policy.yaml", result.Policy(), place)
	require.NoError(t, err)
	for range n / 2 {
		c := made(r)
		want, got := written.Decide(c), p.Decide(c)
		require.Equal(t, want.Allowed(), got.Allowed(), "%s %s", want.Reason, got.Reason)
	}
}
