package policy

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// unreadable returns a request to url that is changed by hand.
func unreadable(t *testing.T, call string, change func(*http.Request)) Call {
	c := httpCall(t, call)
	change(c.HTTP)
	return c
}

// What cannot be read has the outcome of the strictest blacklist rule that may be about it.
func TestWhatCannotBeReadMeetsRulesThatMayForbidIt(t *testing.T) {
	badHeader := func(r *http.Request) { r.Header.Set("X-A", "\x00") }
	signedBadly := func(r *http.Request) { badHeader(r); r.Header.Set("Authorization", "AWS4-HMAC-SHA256 x") }
	caller := func(path string) func() (string, bool) { return func() (string, bool) { return path, false } }
	host := unreadable(t, "GET https://a.test/x", func(r *http.Request) { r.URL.Host = "a..test" })
	path := unreadable(t, "GET https://a.test/x", func(r *http.Request) { r.URL.Path = "/" + strings.Repeat("%252e;/", 1<<15) })
	method := unreadable(t, "GET https://a.test/x", func(r *http.Request) { r.Method = "G ET" })
	other := unreadable(t, "GET https://a.test/x", func(r *http.Request) { r.Host = "b..test" })
	both := unreadable(t, "GET https://a.test/x b.test", badHeader)
	header := unreadable(t, "GET https://a.test/x", badHeader)
	atAWS := unreadable(t, "GET https://sqs.eu-west-1.amazonaws.com/", badHeader)
	signed := unreadable(t, "GET https://a.test/x", signedBadly)
	empty := httpCall(t, "GET http://:80/")
	from := host
	from.Caller = caller("example.com/a")
	wire := func(c Call) Call {
		c.AWS, c.Via = AWSCall{Service: "sqs", Operation: "SendMessage", Resources: []string{"arn:aws:sqs:eu-west-1:111122223333:q"}}, ViaWire
		return c
	}
	foreign := wire(header)
	foreign.AWS = AWSCall{Service: "sqs", Operation: "ListQueues"}
	foreign.HTTP = foreign.HTTP.Clone(t.Context())
	foreign.HTTP.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+otherKey+"/20261127/eu-west-1/sqs/aws4_request")
	nowhere := AWSCall{Service: "sqs", Operation: "SendMessage", Region: "EU WEST", Resources: []string{"arn:aws:sqs:eu-west-1:111122223333:q"}}
	for _, c := range []struct {
		name, rule string
		call       Call
		caught     bool
	}{
		{"any", "http: any", host, true},
		{"any, empty", "http: any", empty, true},
		{"any, path", "http: any", path, true},
		{"any, method", "http: any", method, true},
		{"any, header", "http: any", header, true},
		{"any, Host", "http: any", other, true},
		{"some host", "http: evil.test", host, true},
		{"some host, empty", "http: localhost", empty, true},
		{"some host and path", "http: https://evil.test/x", host, true},
		{"some Host", "http: b.test", other, true},
		{"a known host", "http: a.test", header, true},
		{"another known host", "http: evil.test", header, false},
		{"the path of a known host", "http: a.test/y", path, true},
		{"the path of a known host, header", "http: a.test/y", header, true},
		{"the method of a known host", "http: a.test\n  methods: [DELETE]", method, true},
		{"the other scheme of a known host", "http: http://a.test", header, false},
		{"a known Host", "http: b.test", both, true},
		{"a known method", "http: evil.test\n  methods: [GET]", host, true},
		{"another method", "http: evil.test\n  methods: [DELETE]", host, false},
		{"except for its path", "http: any\n  except: a.test/x", header, true},
		{"except for its host", "http: any\n  except: a.test", header, false},
		{"except for its host by another scheme", "http: any\n  except: http://a.test", header, true},
		{"except for an unknown host", "http: any\n  except: a.test", host, true},
		{"an address", "ip: loopback", host, true},
		{"an address, empty", "ip: loopback", empty, true},
		{"no address", "ip: loopback", header, false},
		{"a feed", "feed: feed.txt", host, true},
		{"a net host", "net: evil.test:25", host, true},
		{"not HTTP", "net: any", host, false},
		{"a caller", "http: any\n  callers: example.com/a", from, true},
		{"another caller", "http: any\n  callers: example.com/b", from, false},
		{"an unknown caller", "http: any\n  callers: example.com/b", host, true},
		{"an aws service", "aws: sqs:*", host, true},
		{"an aws service, empty", "aws: any", empty, true},
		{"an aws service at AWS", "aws: sqs:*", atAWS, true},
		{"an aws service by signature", "aws: sqs:*", signed, true},
		{"no aws service", "aws: any", header, false},
		{"aws, another caller", "aws: any\n  callers: example.com/b", from, false},
		{"on the wire", "http: any", wire(host), true},
		{"on the wire, the operation", "aws: sqs:SendMessage\n  regions: us-east-1", wire(host), true},
		{"on the wire, another operation", "aws: sqs:PurgeQueue", wire(host), false},
		{"on the wire, in a known region", "aws: sqs:SendMessage\n  regions: us-east-1", wire(header), false},
		{"on the wire, another account", "aws: sqs:ListQueues\n  accounts: \"029608264753\"", foreign, true},
		{"an unknown region", "aws: sqs:*\n  regions: us-east-1", Call{AWS: nowhere}, true},
		{"an unknown region before signing", "aws: sqs:*\n  regions: us-east-1", Call{AWS: nowhere, Via: ViaSDK}, true},
		{"an unknown region, the resource", "aws: sqs:*\n  resources: q", Call{AWS: nowhere}, true},
		{"an unknown region, another resource", "aws: sqs:*\n  resources: r", Call{AWS: nowhere}, false},
		{"an unknown region, another operation", "aws: sqs:PurgeQueue", Call{AWS: nowhere}, false},
		{"an unknown service", "aws: sqs:PurgeQueue", Call{AWS: AWSCall{Operation: "SendMessage"}}, true},
		{"an unknown service, not aws", "http: any", Call{AWS: AWSCall{Operation: "SendMessage"}}, false},
		{"nothing", "http: evil.test", Call{}, true},
		{"nothing, net", "net: any", Call{}, true},
		{"nothing, aws", "aws: sqs:*", Call{}, true},
		{"nothing, another caller", "http: any\n  callers: example.com/b", Call{Caller: caller("example.com/a")}, false},
		{"net", "net: evil.test:25", Call{Net: "a..test:25"}, true},
		{"net, another port", "net: evil.test:25", Call{Net: "a..test:26"}, false},
		{"net, no port", "net: evil.test:25", Call{Net: "a..test"}, true},
		{"net, any", "net: any", Call{Net: ":25"}, true},
		{"net, any http", "http: any", Call{Net: ":25"}, true},
		{"net, a path", "http: evil.test/x", Call{Net: ":25"}, false},
		{"net, an address", "ip: loopback", Call{Net: ":25"}, true},
		{"net, except", "net: any\n  except: db.test", Call{Net: ":25"}, true},
		{"net, aws", "aws: any", Call{Net: ":25"}, false},
		{"net, an unknown port", "net: evil.test:25", Call{Net: "evil.test"}, true},
		{"net, an unknown port of another", "net: evil.test:25", Call{Net: "a.test"}, false},
		{"net, excepted at an unknown port", "net: evil.test\n  except: evil.test:25", Call{Net: "evil.test"}, true},
		{"a proxy", "net: evil.test", Call{Net: ":25", Via: ViaProxy}, true},
		{"a name", "http: evil.test", Call{Net: "a..test:443", Via: ViaName}, true},
		{"a name, any", "http: any", Call{Net: "a..test", Via: ViaName}, true},
		{"an empty name", "http: any", Call{Via: ViaName}, true},
		{"a name, a path", "http: evil.test/x", Call{Net: "a..test:443", Via: ViaName}, false},
		{"a context", "ip: loopback", Call{Net: ":443", Via: ViaContext}, true},
		{"a dial", "ip: loopback", Call{Net: ":443", Via: ViaDial}, true},
		{"a dial, the address", "ip: loopback", Call{Net: ":443", Addr: "192.0.2.1:443", Via: ViaDial}, true},
		{"an address after its name", "ip: loopback", Call{Net: ":443", Addr: "192.0.2.1:443", Via: ViaAddr}, false},
		{"a dial, an unknown address", "ip: loopback", Call{Net: "a.test:443", Addr: "192.0.2.1", Via: ViaDial}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := parse(t, "on_violation: log\nblacklist:\n- "+c.rule+"\n  on_violation: block\n")
			want, list := Log, Builtin
			if c.caught {
				want, list = Block, Blacklist
			}
			d := p.Decide(c.call)
			assert.Equal(t, want, d.Verdict, said(d))
			assert.Equal(t, list, d.List, said(d))
			assert.NotNil(t, p.Explain(c.call).Call)
			all := p.against(&c.call)
			forbids := func(r Reason) bool { return r.List == Blacklist && r.Rule.ID == "policy.yaml:4" }
			assert.Equal(t, c.caught, slices.ContainsFunc(all, forbids), all)

			strict := parse(t, "on_violation: block\nblacklist:\n- "+c.rule+"\n  on_violation: log\n")
			assert.Equal(t, Block, strict.Decide(c.call).Verdict, "a milder rule does not hide what cannot be read")
		})
	}
}

// Where a layer sees a part of a call, a rule with conditions that it does not see is weighed by
// on_unguarded:, whether the host can be read or not.
func TestWhatCannotBeReadInPart(t *testing.T) {
	for _, rule := range []string{"http: evil.test/x", "http: evil.test\n  methods: GET", "http: any\n  except: a.test", "http: any\n  callers: example.com/a", "net: any", "aws: sqs:*"} {
		text := "on_violation: log\non_unguarded: block\nblacklist:\n- " + rule + "\n  on_violation: alert\n"
		d := parse(t, text).Decide(Call{Net: "a..test:443", Via: ViaName})
		assert.Equal(t, Block, d.Verdict, said(d))
		assert.Equal(t, Unguarded, d.List, said(d))
	}
	d := parse(t, "on_violation: log\non_unguarded: block\nblacklist:\n- http: evil.test:80\n").Decide(Call{Net: "a..test:443", Via: ViaName})
	assert.Equal(t, Log, d.Verdict, "no rule is about this port")
}

// No rule lets a request with an empty host pass.
func TestAnEmptyHostIsAlwaysAViolation(t *testing.T) {
	const reason = "alert builtin malformed: the host is empty"
	for _, policy := range []string{
		"", "whitelist:\n- http: any\n  reason: t\n- net: any\n  reason: t\n- aws: any\n  reason: t", "whitelist:\n- http: http://localhost:*\n- ip: loopback",
	} {
		p := parse(t, policy)
		for _, url := range []string{"http://:80/", "https://:443/x", "http://:9001/2018-06-01/runtime/invocation/next", "http://user@:80/", "http://%C2%AD:80/"} {
			assert.Equal(t, reason, said(p.Decide(httpCall(t, "GET "+url))), "%s %s", policy, url)
		}
		for _, r := range []*http.Request{
			unreadable(t, "GET http://a.test/", func(r *http.Request) { r.Host = ":80" }).HTTP,
			unreadable(t, "GET http://a.test/", func(r *http.Request) { r.URL.Host = "[]" }).HTTP,
		} {
			assert.Equal(t, reason, said(p.Decide(Call{HTTP: r})), policy)
		}
		assert.Equal(t, "alert builtin malformed: the URL has no host", said(p.Decide(httpCall(t, "GET http:///x"))), policy)
		for via := ViaUnknown; via <= ViaConnect; via++ {
			for _, net := range []string{"", ":80", "[]:80", ":"} {
				assert.Equal(t, "malformed", ruleID(p.Decide(Call{Net: net, Via: via})), "%q %q %s", policy, net, via)
			}
		}
	}
}

// A request without a URL is a violation, as any other is that cannot be read.
func TestRequestWithoutURLIsJudged(t *testing.T) {
	p := parse(t, "whitelist:\n  - aws: s3:GetObject\nblacklist:\n  - aws: sqs:*\n")
	headers := http.Header{"Authorization": {"AWS4-HMAC-SHA256 Credential=" + otherKey + "/20261127/eu-west-1/s3/aws4_request"}, "X-Amz-S3session-Token": {"x"}}
	for _, header := range []http.Header{nil, headers} {
		for _, operation := range []AWSCall{{}, {Service: "s3", Operation: "GetObject"}} {
			c := Call{HTTP: &http.Request{Method: http.MethodGet, Header: header}, AWS: operation, Via: ViaWire}
			d := p.Decide(c)
			assert.False(t, d.Allowed())
			assert.Equal(t, d.Verdict, p.DecideBriefly(c).Verdict)
			assert.NotPanics(t, func() {
				p.Cure(c, d)
				p.Explain(c)
				p.Consider(c)
				p.Identity(c, func(string) {}, func(string) {})
			})
		}
	}
}
