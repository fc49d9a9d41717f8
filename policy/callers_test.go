package policy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/alloctest"
)

// by is a call that a package makes; "" is one that nobody knows.
func by(c Call, path string) Call {
	c.Caller = func() (string, bool) { return path, path == "example.com/shop/cmd/fn" }
	return c
}

func TestCallers(t *testing.T) {
	const pay = "example.com/shop/pay"
	p := parsedAs(t, "policy.yaml", `whitelist:
  - {http: api.stripe.com, callers: [github.com/stripe/stripe-go/..., example.com/shop/pay]}
  - {http: a.com, callers: main}
  - {http: b.com}
  - {aws: s3:PutObject, resources: receipts/*, callers: example.com/...}
  - {net: "db:5432", callers: example.com/shop/...}
blacklist:
  - {http: b.com, callers: example.com/shop/ads, reason: ads stay away}
  - {aws: sqs:*, callers: example.com/shop/ads}
`)
	stripe, put := httpCall(t, "GET https://api.stripe.com/v1"), awsOf("s3", "PutObject", "", "arn:aws:s3:::receipts/k")
	for _, c := range []struct {
		name   string
		call   Call
		by     string
		want   Verdict
		reason string
	}{
		{"a library", stripe, "github.com/stripe/stripe-go/v76/client", Allow, ""},
		{"the root of x/...", stripe, "github.com/stripe/stripe-go", Allow, ""},
		{"an own package", stripe, pay, Allow, ""},
		{"a package below it", stripe, pay + "/x", Block, "policy.yaml:4 matches all but the caller, example.com/shop/pay/x: the rule is for callers github.com/stripe/stripe-go/..., example.com/shop/pay"},
		{"a look-alike", stripe, "github.com/stripe/stripe-gone", Block, "policy.yaml:4 matches all but the caller"},
		{"nobody knows", stripe, "", Block, "policy.yaml:4 matches all but the caller, which cannot be known"},
		{"package main", httpCall(t, "GET https://a.com/"), "example.com/shop/cmd/fn", Allow, ""},
		{"another package", httpCall(t, "GET https://a.com/"), pay, Block, "policy.yaml:5 matches all but the caller"},
		{"forbidden to one", httpCall(t, "GET https://b.com/"), "example.com/shop/ads", Block, "ads stay away"},
		{"allowed to others", httpCall(t, "GET https://b.com/"), pay, Allow, ""},
		{"forbidden to nobody knows whom", httpCall(t, "GET https://b.com/"), "", Block, "ads stay away"},
		{"an operation", put, pay, Allow, ""},
		{"of another", put, "evil.example/x", Block, "policy.yaml:7 matches all but the caller, evil.example/x: the rule is for callers example.com/..."},
		{"a connection", Call{Net: "db:5432"}, pay, Allow, ""},
		{"a connection of another", Call{Net: "db:5432"}, "evil.example/x", Block, "no whitelist rule matches db:5432"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := p.Decide(by(c.call, c.by))
			assert.Equal(t, c.want, d.Verdict)
			assert.Contains(t, d.Reason, c.reason)
		})
	}
	d := p.Decide(by(stripe, "example.com/other"))
	d = p.Cure(by(stripe, "example.com/other"), d)
	assert.Equal(t, "- http: https://api.stripe.com/v1\n  methods: [GET]\n  callers: example.com/other", d.Allow, "for this caller alone")
	assert.Empty(t, p.Cure(by(stripe, ""), p.Decide(by(stripe, ""))).Allow)
	assert.Empty(t, p.Decide(by(httpCall(t, "GET https://api.stripe.com/"+strings.Repeat("x", 2000)), "example.com/other")).Allow, "no entry, and so no caller of one")
	d = p.Cure(by(put, "evil.example/x"), p.Decide(by(put, "evil.example/x")))
	assert.Equal(t, "- aws: s3:PutObject\n  resources: receipts/k\n  callers: evil.example/x", d.Allow)
}

// Layers that see a part of a call do not see the caller: the rule vouches, and is reported.
func TestCallersAtTheLowerLayers(t *testing.T) {
	p := parsedAs(t, "policy.yaml", "on_unguarded: alert\nwhitelist:\n  - {http: a.com, callers: example.com/x}\nblacklist:\n  - {net: b.com, callers: example.com/y}\n")
	asked := func(net string, via Via) (Decision, bool) {
		called := false
		c := Call{Net: net, Via: via, Caller: func() (string, bool) { called = true; return "example.com/z", false }}
		return p.Decide(c), called
	}
	d, called := asked("a.com:443", ViaName)
	assert.Equal(t, "alert unguarded policy.yaml:5", d.Verdict.String()+" "+d.List.String()+" "+d.Rule.ID)
	assert.False(t, called)
	d, _ = asked("b.com:443", ViaContext)
	assert.NotEqual(t, Blacklist, d.List)
}

// The caller is looked up only for calls that reach a rule with callers:, once, and without
// allocation.
func TestCallersAreLookedUpWhenNeeded(t *testing.T) {
	p := parsedAs(t, "policy.yaml", "whitelist:\n  - {http: a.com, callers: [example.com/x, example.com/y/...]}\n  - {http: b.com}\n  - {http: a.com/other, callers: [z.com/...]}\n")
	times := 0
	find := func() (string, bool) { times++; return "example.com/y/z", false }
	for url, want := range map[string]int{"GET https://b.com/": 0, "GET https://c.com/": 0, "GET http://a.com/": 0, "GET https://a.com/other": 1} {
		times = 0
		c := httpCall(t, url)
		c.Caller = find
		p.Decide(c)
		assert.Equal(t, want, times, url)
	}
	c := httpCall(t, "GET https://a.com/other")
	c.Caller = find
	alloctest.AtMost(t, 0, func() { p.Decide(c) })
	a := awsOf("s3", "PutObject", "", "arn:aws:s3:::receipts/k")
	a.Caller = find
	q := parsedAs(t, "policy.yaml", "whitelist:\n  - {aws: 's3:*', callers: example.com/y/...}\n")
	require.True(t, q.Decide(a).Allowed())
	alloctest.AtMost(t, 0, func() { q.Decide(a) })
}

func TestCallersThatCanMatchNothing(t *testing.T) {
	for _, text := range []string{"./pay", "example.com/*", "pay.go:12", "example.com/x@v1.2.3", "example.com/x/", "net/http", "std", "/srv/x", "a b"} {
		_, err := Parse("p", []byte("whitelist: [{http: a.com, callers: '"+text+"'}]\n"), cureEnv())
		assert.ErrorContains(t, err, "can never match", text)
		p, err := Parse("p", []byte("blacklist: [{http: a.com, callers: '"+text+"'}]\n"), cureEnv())
		require.NoError(t, err, text)
		assert.Len(t, p.Warnings(), 1, text)
	}
	e := cureEnv()
	e.Modules = func() []string { return []string{"example.com/shop", "github.com/stripe/stripe-go/v76"} }
	const text = "whitelist: [{http: a.com, callers: [example.com/shop/pay, example.com/shp/..., github.com/stripe/..., main, ...]}]\n"
	p, err := Parse("p", []byte(text), e)
	require.NoError(t, err)
	require.Len(t, p.Warnings(), 1)
	assert.Contains(t, p.Warnings()[0].Problem, `"example.com/shp/..." matches no module of the binary`)
	f, err := ParseFile("p", []byte(text))
	require.NoError(t, err)
	assert.Len(t, f.CheckCallers(e.Modules()), 1)
}
