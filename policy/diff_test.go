package policy

import (
	"cmp"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"github.com/outguard/outguard/internal/awsops/names"
	"github.com/outguard/outguard/internal/corpustest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var givenPairs = flag.Int("pairs", 0, "how many pairs of random policies TestDiffAgreesWithBruteForce compares; 0: the usual number")

func pairs() int { return cmp.Or(*givenPairs, corpustest.Times(corpustest.Sample(40, 150), 1_000)) }

func diff(t *testing.T, old, new string) (changes []Change, exact bool) {
	d := Differ{Operations: names.Of}
	return d.Diff(parse(t, old), parse(t, new))
}

func TestDiff(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"the same", "whitelist: [{http: a.test}]", "whitelist: [{http: a.test}]", ""},
		{"a host more", "whitelist: [{http: a.test}]", "whitelist: [{http: a.test}, {http: b.test}]", "widens GET https://b.test/"},
		{"a host less", "whitelist: [{http: a.test}, {http: b.test}]", "whitelist: [{http: a.test}]", "narrows GET https://b.test/"},
		{"one domain for a name", "whitelist: [{http: a.b.test}]", `whitelist: [{http: "*.b.test"}]`, "widens GET https://x.b.test/"},
		{"a path", "whitelist: [{http: a.test/v1/**}]", "whitelist: [{http: a.test/v1/x/**}]", "narrows GET https://a.test/v1/"},
		{"a path in another spelling", "whitelist: [{http: https://a.test/v1/**}]", "whitelist: [{http: a.test:443/v1/**}]", ""},
		{"a method", "whitelist: [{http: a.test, methods: [GET]}]", "whitelist: [{http: a.test, methods: [GET, PUT]}]", "widens PUT https://a.test/"},
		{"any other method", "whitelist: [{http: a.test, methods: [GET]}]", "whitelist: [{http: a.test}]", "widens POST https://a.test/"},
		{"a port", "whitelist: [{http: a.test}]", `whitelist: [{http: "a.test:*"}]`, "widens GET https://a.test:8443/"},
		{"a scheme", "whitelist: [{http: a.test}]", "whitelist: [{http: a.test}, {http: http://a.test}]", "widens GET http://a.test/"},
		{"except", "blacklist: [{http: any}]", "blacklist: [{http: any, except: a.test}]", "widens GET https://a.test/"},
		{"no whitelist any more", "whitelist: []", "blacklist: []", "widens GET https://x/"},
		{"a range", "blacklist: [{ip: 10.0.0.0/8}]", "blacklist: [{ip: 10.0.0.0/16}]", "widens GET https://10.1.0.0/"},
		{"a range that names may resolve to", "blacklist: [{ip: 10.0.0.0/8}]\nwhitelist: [{http: a.test}]", "whitelist: [{http: a.test}]", "widens GET https://a.test/ (if the name resolves to 10.0.0.0)"},
		{"a range that SDK calls may go to", "blacklist: [{ip: public}]\nwhitelist: [{aws: sqs:SendMessage}]", "whitelist: [{aws: sqs:SendMessage}]", "widens sqs:SendMessage (in ap-southeast-2, if the name resolves to 1.0.0.0)"},
		{"a caller", "whitelist: [{http: a.test, callers: a.example/x}]", "whitelist: [{http: a.test, callers: a.example/...}]", "widens GET https://a.test/ (called by a.example)"},
		{"any caller", "whitelist: [{http: a.test, callers: main}]", "whitelist: [{http: a.test}]", "widens GET https://a.test/"},
		{"a connection", "blacklist: [{net: 'db.test:5432'}]", "blacklist: [{net: 'db.test:5433'}]", "widens db.test:5432; narrows db.test:5433"},
		{"an operation", "whitelist: [{aws: sqs:SendMessage, resources: q}]", "whitelist: [{aws: 'sqs:Send*', resources: q}]", ""},
		{"another operation", "whitelist: [{aws: sqs:SendMessage, resources: q}]", "whitelist: [{aws: sqs:ReceiveMessage, resources: q}]", "widens sqs:ReceiveMessage arn:aws:sqs:eu-west-1:111122223333:q; narrows sqs:SendMessage arn:aws:sqs:eu-west-1:111122223333:q"},
		{"a resource", "whitelist: [{aws: sqs:SendMessage, resources: 'q-*'}]", "whitelist: [{aws: sqs:SendMessage, resources: q-1}]", "narrows sqs:SendMessage arn:aws:sqs:eu-west-1:111122223333:q-"},
		{"a region", "whitelist: [{aws: sqs:SendMessage, resources: q}]", "whitelist: [{aws: sqs:SendMessage, resources: q, regions: [eu-west-1, us-east-1]}]", "widens sqs:SendMessage arn:aws:sqs:us-east-1:111122223333:q"},
		{"a milder verdict", "blacklist: [{http: a.test}]", "blacklist: [{http: a.test, on_violation: log}]", "widens GET https://a.test/"},
		{"a host that SDK calls go to", "whitelist: [{aws: sqs:SendMessage}]\nblacklist: [{http: '*.amazonaws.com'}]", "whitelist: [{aws: sqs:SendMessage}]", "widens sqs:SendMessage (in ap-southeast-2, if sent to sqs.ap-southeast-2.amazonaws.com)"},
		{"a host of SDK calls by another name", "whitelist: [{aws: sqs:SendMessage}]\nblacklist: [{http: '*.amazonaws.com'}]", "whitelist: [{aws: sqs:SendMessage}]\nblacklist: [{http: '*.amazonaws.com'}, {http: '*.api.aws'}]", "narrows sqs:SendMessage (in ap-southeast-2, if sent to sqs.ap-southeast-2.api.aws)"},
		{"a host that other SDK calls go to", "whitelist: [{aws: sqs:SendMessage}]\nblacklist: [{http: 'sns.*.amazonaws.com'}]", "whitelist: [{aws: sqs:SendMessage}]", ""},
		{"an operation whose host is blacklisted", "whitelist: []\nblacklist: [{http: any}]", "whitelist: [{aws: sqs:SendMessage}]\nblacklist: [{http: any}]", ""},
		{"a method that SDK calls have", "whitelist: [{aws: sqs:SendMessage}]\nblacklist: [{http: '*.amazonaws.com', methods: [PUT]}]", "whitelist: [{aws: sqs:SendMessage}]", "widens sqs:SendMessage (in ap-southeast-2, if sent as PUT https://sqs.ap-southeast-2.amazonaws.com/)"},
		{"any AWS", "whitelist: []", "whitelist: [{aws: any, reason: x}]", "widens ssm:AddTagsToResource"},
	} {
		t.Run(c.name, func(t *testing.T) {
			changes, exact := diff(t, "on_violation: block\n"+c.old, "on_violation: block\n"+c.new)
			assert.True(t, exact)
			var got []string
			for _, change := range changes {
				text := map[bool]string{true: "widens ", false: "narrows "}[change.Widens()] + change.Text
				if change.Where != "" && strings.Contains(c.want, "(") {
					text += " (" + change.Where + ")"
				}
				got = append(got, text)
			}
			for _, want := range strings.Split(c.want, "; ") {
				if want == "" {
					assert.Empty(t, got)
				} else {
					assert.Contains(t, got, want)
				}
			}
		})
	}
}

// A policy that cannot be read blocks every call.
func TestDiffWithoutAPolicy(t *testing.T) {
	d := Differ{Operations: names.Of}
	changes, _ := d.Diff(nil, parse(t, "blacklist: []"))
	require.NotEmpty(t, changes)
	assert.True(t, changes[0].Widens())
	changes, exact := d.Diff(nil, nil)
	assert.Empty(t, changes)
	assert.True(t, exact)
}

// Policies with the same rules are not compared call by call: one section changes, and a file has
// many. What a rule, a setting or the environment can differ in is compared.
func TestDiffOfEqualPolicies(t *testing.T) {
	const text = "on_violation: block\nwhitelist: [{http: a.test/v1/**, methods: [GET]}, {aws: 'sqs:*', resources: q}]\nblacklist: [{feed: feed.txt}, {ip: private, id: x}]"
	d := Differ{Limit: 1}
	changes, exact := d.Diff(parse(t, text), parse(t, "# a line more\n"+strings.Replace(text, "id: x", "id: y", 1)))
	assert.Empty(t, changes)
	assert.True(t, exact)
	_, exact = d.Diff(nil, nil)
	assert.True(t, exact)
	for _, c := range [][2]string{
		{"block\n", "alert\n"}, {"v1", "v2"}, {"GET", "PUT"}, {"sqs:*", "sqs:Send*"}, {"resources: q", "resources: r"}, {"feed.txt}", "feed.txt, on_violation: log}"},
		{"private", "loopback"}, {"whitelist: [", "whitelist: [{http: b.test}, "}, {"on_violation", "on_unguarded: log\non_violation"}, {"methods: [GET]", "callers: main"},
	} {
		require.Contains(t, text, c[0])
		assert.False(t, alike(parse(t, text), parse(t, strings.Replace(text, c[0], c[1], 1))), c[1])
	}
	p, err := Parse("policy.yaml", []byte("version: 1\nwhitelist: []"), Env{Region: "eu-west-1"})
	require.NoError(t, err)
	q, err := Parse("policy.yaml", []byte("version: 1\nwhitelist: []"), Env{Region: "eu-west-2"})
	require.NoError(t, err)
	assert.False(t, alike(p, q))
	assert.False(t, alike(p, nil))
}

func TestDiffIsNotExact(t *testing.T) {
	d := Differ{Operations: names.Of, Limit: 3}
	_, exact := d.Diff(parse(t, "whitelist: []"), parse(t, "blacklist: []"))
	assert.False(t, exact, "the limit")
	changes, exact := (&Differ{}).Diff(parse(t, "whitelist: []"), parse(t, "whitelist: [{http: a.test}]"))
	assert.NotEmpty(t, changes)
	assert.False(t, exact, "AWS calls are not judged")
}

// On every random call on which two random policies differ, some change has the same verdicts and
// rules. Where the address that a name resolves to decides on one side alone, some change has the
// same direction. Each witness differs as its change says.
func TestDiffAgreesWithBruteForce(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	g := pairMaker{random}
	compared := 0
	for range pairs() {
		oldText, newText := g.policy(), g.policy()
		if random.IntN(2) == 0 {
			newText = strings.Replace(oldText, g.pick("a.test", "GET", "/8", "q1", "any", "443", "v1"), g.pick("b.test", "PUT", "/16", "q*", "v2"), 1)
		}
		old, err := Parse("old", []byte(oldText), env("checkout"))
		if err != nil {
			continue
		}
		new, err := Parse("new", []byte(newText), env("checkout"))
		if err != nil {
			continue
		}
		d := Differ{Operations: someOperations}
		changes, exact := d.Diff(old, new)
		require.True(t, exact)
		compared++
		have, known, widens := map[sides]bool{}, map[[2]Verdict]bool{}, map[bool]bool{}
		for _, c := range changes {
			o, n, kind := strictest(old, c.Call, c.Addr, c.Sent), strictest(new, c.Call, c.Addr, c.Sent), kindOfCall(&c.Call)
			if c.Addr.IsValid() {
				kind = "dial"
			}
			require.Equal(t, [2]Verdict{c.Old.Verdict, c.New.Verdict}, [2]Verdict{o.Verdict, n.Verdict}, c.Text)
			have[sides{decidingOf(&o), decidingOf(&n), kind}] = true
			known[[2]Verdict{o.Verdict, n.Verdict}], widens[c.Widens()] = true, true
		}
		for range 300 {
			call := g.call()
			addr, sent := g.resolved(&call), g.sent(&call)
			o, n := strictest(old, call, addr, sent), strictest(new, call, addr, sent)
			if o.Verdict == n.Verdict {
				continue
			}
			oCall, nCall := decideSent(old, call, sent), decideSent(new, call, sent)
			is := have[sides{decidingOf(&o), decidingOf(&n), kindOfCall(&call)}]
			if o.Verdict < oCall.Verdict || n.Verdict < nCall.Verdict { // the address decides on one side, or on both
				is = widens[n.Verdict > o.Verdict]
				if o.Verdict < oCall.Verdict && n.Verdict < nCall.Verdict {
					is = have[sides{decidingOf(&o), decidingOf(&n), "dial"}] || byMode(&o) && byMode(&n) && known[[2]Verdict{o.Verdict, n.Verdict}]
				}
			}
			require.True(t, is, "%s\n---\n%s\n---\n%v %s %v %s: %s → %s, %s → %s",
				oldText, newText, call.AWS, call.Net, call.HTTP, addr, o.Verdict, n.Verdict, o.Reason, n.Reason)
		}
	}
	assert.Greater(t, compared, pairs()/4, "most policies of the test must load")
}

// someOperations are those that random policies name, and some others.
func someOperations(prefix string) []string {
	return map[string][]string{"sqs": {"SendMessage", "ReceiveMessage"}, "dynamodb": {"GetItem", "PutItem"}, "ssm": {"GetParameter"}}[prefix]
}

// strictest judges a call, the request that it is sent as, and the address that its name resolves
// to.
func strictest(p *Policy, c Call, addr netip.Addr, sent *http.Request) Decision {
	d := decideSent(p, c, sent)
	if addr.IsValid() {
		to := dialed(addr, portOf(&c), caller{})
		to.Caller = c.Caller
		if by := p.Decide(to); by.Verdict < d.Verdict {
			return by
		}
	}
	return d
}

func kindOfCall(c *Call) string {
	switch {
	case c.HTTP != nil:
		return "http"
	case c.Net != "":
		return "net"
	}
	return "aws"
}

// resolved returns an address that the call's name may resolve to; the zero Addr in one of two
// cases and for a call to an address. The call gets a caller in one of two cases.
func (g pairMaker) resolved(c *Call) (addr netip.Addr) {
	if g.IntN(2) == 0 {
		path := g.pick("x.test/a", "x.test/a/b", "y.test")
		main := g.IntN(3) == 0
		c.Caller = func() (string, bool) { return path, main }
	}
	host := c.Net
	if c.HTTP != nil {
		host = c.HTTP.URL.Host
	}
	if g.IntN(2) == 0 || strings.HasPrefix(host, "10.") || strings.HasPrefix(host, "127.") {
		return addr
	}
	return netip.MustParseAddr(g.pick("10.1.2.3", "10.1.0.9", "10.9.9.9", "127.0.0.1", "93.184.216.34"))
}

// sent returns a request that an AWS call may be sent as; nil for another call.
func (g pairMaker) sent(c *Call) *http.Request {
	if c.HTTP != nil || c.Net != "" {
		return nil
	}
	host := g.pick("sqs.", "sqs.", "sqs-fips.") + c.AWS.Region + g.pick(".amazonaws.com", ".amazonaws.com", ".api.aws")
	r, err := http.NewRequest(g.pick("POST", "GET", "PUT"), "https://"+host+g.pick("/", "/", "/v1/x"), nil)
	if err != nil {
		panic(err)
	}
	return r
}

// A pairMaker makes policies and calls that meet often.
type pairMaker struct{ *rand.Rand }

func (g pairMaker) pick(from ...string) string { return from[g.IntN(len(from))] }

func (g pairMaker) policy() string {
	var b strings.Builder
	fmt.Fprintf(&b, "version: 1\non_violation: %s\n", g.pick("block", "alert"))
	for _, list := range []string{"whitelist", "blacklist"} {
		if list == "whitelist" && g.IntN(3) == 0 {
			continue
		}
		fmt.Fprintf(&b, "%s:\n", list)
		n := g.IntN(4)
		for range n {
			b.WriteString(g.rule(list))
		}
		if n == 0 {
			b.WriteString("  []\n")
		}
	}
	return b.String()
}

func (g pairMaker) rule(list string) string {
	var r string
	switch g.IntN(5) {
	case 0, 1:
		r = "  - http: " + g.pick("any", g.pattern(), g.pattern(), g.pattern()) + "\n"
		if g.IntN(3) == 0 {
			r += "    methods: [" + g.pick("GET", "PUT", "GET, PUT") + "]\n"
		}
		if g.IntN(4) == 0 {
			r += "    except: " + g.pattern() + "\n"
		}
	case 2:
		if list == "whitelist" {
			return "  - net: " + g.pick("a.test:443", "a.test", `"*.a.test:25"`) + "\n"
		}
		r = "  - ip: " + g.pick("10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "loopback") + "\n"
	default:
		r = "  - aws: " + g.pick("sqs:SendMessage", `"sqs:*"`, "dynamodb:GetItem", "[sqs:ReceiveMessage, sqs:SendMessage]") + "\n"
		if strings.Contains(r, "sqs") && g.IntN(2) == 0 {
			r += "    resources: " + g.pick("q1", `"q*"`, `"arn:aws:sqs:us-east-1:111122223333:q1"`, `"arn:aws:sqs:*:*:q2"`) + "\n"
		}
		if g.IntN(4) == 0 {
			r += "    access: " + g.pick("read", "write") + "\n"
		}
		if g.IntN(4) == 0 {
			r += "    regions: [" + g.pick("us-east-1", "eu-west-1", "us-east-1, eu-west-1") + "]\n"
		}
		if g.IntN(4) == 0 {
			r += "    accounts: [" + g.pick("self", `"444455556666"`) + "]\n"
		}
	}
	if !strings.Contains(r, "ip:") && g.IntN(5) == 0 {
		r += "    callers: [" + g.pick("x.test/a", "x.test/...", "main", "main, y.test") + "]\n"
	}
	if list == "blacklist" && g.IntN(4) == 0 {
		r += "    on_violation: " + g.pick("log", "block") + "\n"
	}
	return r
}

func (g pairMaker) pattern() string {
	if g.IntN(5) == 0 {
		host := g.pick("*.amazonaws.com", "sqs.*.amazonaws.com", "*.us-east-1.amazonaws.com", "sqs.eu-west-1.amazonaws.com", "*.eu-*.api.aws", "sqs-fips.*.amazonaws.com", "*.com")
		return strconv.Quote(g.pick("", "", "https://") + host + g.pick("", "", "/v1/**"))
	}
	return g.pick("", "", "http://") + g.pick("a.test", `*.a.test`, "b.a.test", "b-*.test", "10.1.2.3") + g.pick("", "", ":8080", ":*") + g.pick("", "", "/v1/**", "/v1/*", "/v1/**/x", "/*/x")
}

func (g pairMaker) call() Call {
	switch g.IntN(4) {
	case 0:
		return Call{Net: g.pick("a.test", "b.a.test", "c.test", "10.1.2.3", "10.2.0.1") + g.pick(":443", ":25", ":1")}
	case 1:
		service, operation := "sqs", g.pick("SendMessage", "ReceiveMessage")
		region := g.pick("eu-west-1", "us-east-1", "us-west-2")
		account := g.pick("111122223333", "444455556666", "123456789012")
		call := AWSCall{Service: service, Operation: operation, Region: region, Account: account}
		if g.IntN(4) > 0 {
			call.Resources = []string{"arn:aws:sqs:" + region + ":" + account + ":" + g.pick("q1", "q2", "r")}
		}
		return Call{AWS: call}
	}
	r, err := http.NewRequest(g.pick("GET", "PUT", "HEAD"), g.pick("http", "https")+"://"+g.pick("a.test", "b.a.test", "x.b.a.test", "b-1.test", "c.test", "10.1.2.3", "10.2.0.1", "127.0.0.1")+g.pick("", "", ":8080", ":9")+g.pick("/", "/v1/", "/v1/y", "/v1/x", "/v1/y/x", "/w/x", "/v1"), nil)
	if err != nil {
		panic(err)
	}
	return Call{HTTP: r}
}
