package policy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The strictest finding wins. Of equals, the first that was weighed is reported.
func TestWeigh(t *testing.T) {
	const aws = "on_violation: alert\nwhitelist: []\nblacklist:\n- aws: sqs:*\n"
	signedSQS := Call{HTTP: signed(t, "POST", "https://sqs.eu-west-1.amazonaws.com/", "sqs", "Action=PurgeQueue&QueueUrl=https://sqs.eu-west-1.amazonaws.com/111122223333/q"), Via: ViaTransport}
	signedSQS.HTTP.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	rules := func(outcomes ...string) string {
		text := "blacklist:\n"
		for _, o := range outcomes {
			text += "- http: a.test\n  on_violation: " + o + "\n"
		}
		return text
	}
	for _, c := range []struct {
		name, policy string
		call         Call
		want         string
	}{
		{"blacklist before whitelist", "whitelist: []\nblacklist:\n- http: a.test", httpCall(t, "GET https://a.test/"), "alert blacklist policy.yaml:4: blacklist rule policy.yaml:4 forbids https://a.test"},
		{"a stricter whitelist", "on_violation: block\nwhitelist: []\nblacklist:\n- http: a.test\n  on_violation: log", httpCall(t, "GET https://a.test/"), "block whitelist -: no whitelist rule matches host a.test"},
		{"a stricter blacklist", "on_violation: log\nwhitelist: []\nblacklist:\n- http: a.test\n  on_violation: block", httpCall(t, "GET https://a.test/"), "block blacklist policy.yaml:5: blacklist rule policy.yaml:5 forbids https://a.test"},
		{"the first of equal rules", rules("alert", "alert"), httpCall(t, "GET https://a.test/"), "alert blacklist policy.yaml:3: blacklist rule policy.yaml:3 forbids https://a.test"},
		{"the stricter rule first", rules("block", "log"), httpCall(t, "GET https://a.test/"), "block blacklist policy.yaml:3: blacklist rule policy.yaml:3 forbids https://a.test"},
		{"the stricter rule last", rules("log", "block"), httpCall(t, "GET https://a.test/"), "block blacklist policy.yaml:5: blacklist rule policy.yaml:5 forbids https://a.test"},
		{"the stricter rule in between", rules("log", "block", "block", "alert"), httpCall(t, "GET https://a.test/"), "block blacklist policy.yaml:5: blacklist rule policy.yaml:5 forbids https://a.test"},
		{"the stricter of two destinations", "blacklist:\n- http: a.test\n  on_violation: block\n- http: b.test\n  on_violation: log", httpCall(t, "GET https://a.test/ b.test"), "block blacklist policy.yaml:3: blacklist rule policy.yaml:3 forbids https://a.test"},
		{"the stricter destination last", "blacklist:\n- http: a.test\n  on_violation: log\n- http: b.test\n  on_violation: block", httpCall(t, "GET https://a.test/ b.test"), "block blacklist policy.yaml:5: blacklist rule policy.yaml:5 forbids https://a.test"},
		{"http: before aws:", aws + "- http: sqs.*.amazonaws.com", signedSQS, "alert blacklist policy.yaml:6: blacklist rule policy.yaml:6 forbids https://sqs.eu-west-1.amazonaws.com"},
		{"a built-in rule before the lists", "whitelist: []\nblacklist:\n- ip: 127.0.0.1", httpCall(t, "GET http://127.0.0.1:9001/x"), "alert builtin lambda-runtime: " + runtimeReason},
		{"the first name of a net call", "whitelist: []\nblacklist:\n- net: a.test", Call{Net: "a.test:25"}, "alert blacklist policy.yaml:4: blacklist rule policy.yaml:4 forbids a.test:25"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := parse(t, c.policy, "AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001")
			assert.Equal(t, c.want, said(p.Decide(c.call)))
		})
	}
}

// Of joined policies with equal verdicts, the first one's decision is reported.
func TestWeighJoined(t *testing.T) {
	first, second := parse(t, "whitelist: []"), parse(t, "blacklist:\n- http: any")
	strict := parse(t, "on_violation: block\nblacklist:\n- http: any")
	call := httpCall(t, "GET https://a.test/")
	assert.Equal(t, Whitelist, Join(first, second).Decide(call).List)
	assert.Equal(t, Blacklist, Join(second, first).Decide(call).List)
	assert.Equal(t, Block, Join(first, strict, second).Decide(call).Verdict)
	d := Join().Decide(call)
	assert.Equal(t, Block, d.Verdict)
	assert.Equal(t, "https://a.test/", d.Call.URL, "what was refused is described even without a policy")
}

// A violation carries what was read of the call; an allowed call carries nothing.
func TestDecisionDescribes(t *testing.T) {
	const none = "whitelist: []"
	put := AWSCall{Service: "sqs", Operation: "PurgeQueue", Resources: []string{"arn:aws:sqs:eu-west-1:111122223333:q"}}
	onWire := httpCall(t, "POST https://sqs.eu-west-1.amazonaws.com/")
	onWire.AWS, onWire.Via = put, ViaWire
	foreign := Call{HTTP: signed(t, "POST", "https://sqs.eu-west-1.amazonaws.com/", "sqs", "", otherKey), AWS: put, Via: ViaWire}
	purge := signed(t, "POST", "https://sqs.eu-west-1.amazonaws.com/", "sqs", "Action=PurgeQueue&QueueUrl=https://sqs.eu-west-1.amazonaws.com/111122223333/q")
	purge.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	unsigned := httpCall(t, "GET https://receipts.s3.eu-west-1.amazonaws.com/2026/a.pdf")
	described := Description{Kind: "aws", Service: "sqs", Operation: "PurgeQueue", Resources: put.Resources, Region: "eu-west-1"}
	by := func(via string, d Description) Description { d.Via = via; return d }
	sent := func(via string, d Description) Description {
		d.Via, d.Method, d.URL = via, "POST", "https://sqs.eu-west-1.amazonaws.com/"
		return d
	}
	for _, c := range []struct {
		name, policy string
		call         Call
		want         Description
	}{
		{"http", none, httpCall(t, "GET https://a.test/x?secret"), Description{Kind: "http", Method: "GET", URL: "https://a.test/x", Via: "transport"}},
		{"unreadable http", none, httpCall(t, "GET https://a..test/x"), Description{Kind: "http", Via: "transport"}},
		{"net", none, Call{Net: "a.test:25"}, Description{Kind: "net", Net: "a.test:25", Via: "check"}},
		{"unreadable net", none, Call{Net: "a..test:25"}, Description{Kind: "net", Net: "a..test:25", Via: "check"}},
		{"sdk", none, Call{AWS: put, Via: ViaSDK}, by("sdk", described)},
		{"direct", none, Call{AWS: put}, by("check", described)},
		{"signed without the sdk", none, Call{HTTP: purge, Via: ViaTransport}, sent("transport", described)},
		{"doubtful, so plain http", none, unsigned, Description{Kind: "http", Method: "GET", URL: "https://receipts.s3.eu-west-1.amazonaws.com/2026/a.pdf", Via: "transport"}},
		{"wire", none, foreign, sent("wire", described)},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := parse(t, c.policy).Decide(c.call)
			if assert.NotNil(t, d.Call, said(d)) {
				assert.Equal(t, c.want, *d.Call)
			}
		})
	}
	for _, c := range []Call{httpCall(t, "GET https://a.test/"), {Net: "a.test:25"}, {AWS: put, Via: ViaSDK}, onWire, {HTTP: purge, Via: ViaTransport}, unsigned} {
		d := parse(t, "").Decide(c)
		assert.True(t, d.Allowed(), said(d))
		assert.Nil(t, d.Call, "%+v", c)
	}
}

// Which whitelist rule allowed a call is reported, except on the wire, where the layer above has
// reported it.
func TestDecisionNamesWhatAllows(t *testing.T) {
	const policy = "whitelist:\n- http: https://receipts.s3.eu-west-1.amazonaws.com\n- aws: sqs:SendMessage\n  resources: q\n- http: a.test/x\n- net: db.test:5432\n"
	send := AWSCall{Service: "sqs", Operation: "SendMessage", Resources: []string{"arn:aws:sqs:eu-west-1:111122223333:q"}}
	onWire := httpCall(t, "POST https://sqs.eu-west-1.amazonaws.com/")
	onWire.AWS, onWire.Via = send, ViaWire
	for _, c := range []struct {
		name string
		call Call
		want string // "" if no rule is reported
	}{
		{"http", httpCall(t, "GET https://a.test/x"), "policy.yaml:7"},
		{"signed, by the host", Call{HTTP: signed(t, "GET", "https://receipts.s3.eu-west-1.amazonaws.com/a", "s3", ""), Via: ViaTransport}, "policy.yaml:4"},
		{"unsigned, by the host", httpCall(t, "GET https://receipts.s3.eu-west-1.amazonaws.com/a"), "policy.yaml:4"},
		{"sdk", Call{AWS: send, Via: ViaSDK}, "policy.yaml:5"},
		{"wire", onWire, ""},
		{"net", Call{Net: "db.test:5432"}, "policy.yaml:8"},
		{"a name, allowed in part", Call{Net: "a.test:443", Via: ViaName}, "policy.yaml:7"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := parse(t, "on_unguarded: log\n"+policy).Decide(c.call)
			got := ""
			if d.Rule != nil {
				got = d.Rule.ID
			}
			assert.Equal(t, c.want, got, said(d))
		})
	}
}

// A direct Check is complete: a rule for other accounts does not hold for it as it does for a call
// that the SDK will sign.
func TestSignersCountForTheSDKOnly(t *testing.T) {
	p := parse(t, "whitelist:\n- aws: sqs:SendMessage\n  accounts: \"444455556666\"\n")
	call := AWSCall{Service: "sqs", Operation: "SendMessage", Resources: []string{"arn:aws:sqs:eu-west-1:444455556666:q"}}
	assert.True(t, p.Decide(Call{AWS: call, Via: ViaSDK}).Allowed(), "it may be signed by that account")
	assert.True(t, p.Decide(Call{AWS: call, Via: ViaUnknown}).Allowed(), "the resource is that account's")
	own := call
	own.Resources = []string{"arn:aws:sqs:eu-west-1:111122223333:q"}
	assert.False(t, p.Decide(Call{AWS: own, Via: ViaUnknown}).Allowed())
	own.Account = "111122223333"
	assert.False(t, p.Decide(Call{AWS: own, Via: ViaSDK}).Allowed(), "the signer is known")
}

// An http: rule for the endpoint does not vouch for another account's key, nor for an operation,
// once the SDK has been judged.
func TestWireOfAnotherAccount(t *testing.T) {
	send := AWSCall{Service: "sqs", Operation: "SendMessage", Resources: []string{"arn:aws:sqs:eu-west-1:111122223333:q"}}
	for _, c := range []struct{ policy, key, want string }{
		{"whitelist:\n- aws: sqs:*\n", "", "allow"},
		{"whitelist:\n- aws: sqs:*\n", otherKey, "alert builtin foreign-credentials"},
		{"whitelist:\n- http: https://sqs.eu-west-1.amazonaws.com\n", otherKey, "alert whitelist -"},
		{"", otherKey, "alert builtin foreign-credentials"},
	} {
		key := []string{}
		if c.key != "" {
			key = append(key, c.key)
		}
		r := signed(t, "POST", "https://sqs.eu-west-1.amazonaws.com/", "sqs", "", key...)
		got := said(parse(t, c.policy).Decide(Call{HTTP: r, AWS: send, Via: ViaWire}))
		got, _, _ = strings.Cut(got, ":")
		assert.Equal(t, c.want, got, "%s %s", c.policy, c.key)
	}
}

// A signature proves an endpoint of AWS only by TLS at its own port.
func TestSignedWithoutTLS(t *testing.T) {
	p := parse(t, "whitelist:\n- aws: sqs:*\n")
	for url, want := range map[string]bool{
		"https://sqs.eu-west-1.amazonaws.com/":      true,
		"https://sqs.eu-west-1.amazonaws.com:8443/": false,
		"http://sqs.eu-west-1.amazonaws.com/":       false,
		"http://sqs.eu-west-1.amazonaws.com:443/":   false,
	} {
		d := p.Decide(Call{HTTP: signed(t, "POST", url, "sqs", ""), Via: ViaTransport})
		assert.Equal(t, want, d.Allowed(), "%s: %s", url, d.Reason)
	}
}

// A rule for any host holds for every address, the last ones included.
func TestAnyAddress(t *testing.T) {
	for _, host := range []string{"0.0.0.1", "127.255.255.255", "128.0.0.0", "255.255.255.254", "[::2]", "[7fff::1]", "[8000::1]", "[ffff::1]"} {
		call := httpCall(t, "GET https://"+host+"/")
		assert.True(t, parse(t, "whitelist:\n- http: any\n  reason: test").Decide(call).Allowed(), host)
		assert.Equal(t, Blacklist, parse(t, "blacklist:\n- http: any").Decide(call).List, host)
	}
}

// The runtime's endpoints are built-in destinations for a whole net: call. A layer below the SDK
// cannot distinguish the SDK's requests for credentials from others, so they pass there.
func TestNetEndpoints(t *testing.T) {
	env := []string{"AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9002/credentials"}
	for call, want := range map[string]string{
		"net 127.0.0.1:9001":  "alert builtin lambda-runtime: " + runtimeReason,
		"name 127.0.0.1:9001": "alert builtin lambda-runtime: " + runtimeReason,
		"net 127.0.0.1:9002":  "alert builtin lambda-runtime: " + credentialReason,
		"name 127.0.0.1:9002": "allow",
		"net 127.0.0.1:9003":  "allow",
	} {
		assert.Equal(t, want, said(parse(t, "", env...).Decide(netSeen(call))), call)
	}
}

// A proxy of the environment is exempt whichever way its variable is spelled.
func TestProxyVariables(t *testing.T) {
	for _, c := range []struct {
		name, value string
		want        bool
	}{
		{"HTTPS_PROXY", "http://proxy.test:3128", true},
		{"https_proxy", "http://proxy.test:3128", true},
		{"HTTP_PROXY", "http://proxy.test:3128", true},
		{"http_proxy", "proxy.test:3128", true},
		{"https_proxy", "http://other.test:3128", false},
		{"https_proxy", "http://proxy.test:3129", false},
		{"ftp_proxy", "http://proxy.test:3128", false},
	} {
		p := parse(t, "on_violation: block\nwhitelist: []", c.name, c.value)
		assert.Equal(t, c.want, p.Decide(Call{Net: "proxy.test:3128", Via: ViaProxy}).Allowed(), "%s=%s", c.name, c.value)
	}
}
