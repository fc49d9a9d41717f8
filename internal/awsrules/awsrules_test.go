package awsrules

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/rule"
)

// The function of the tests.
var function = Config{Region: "eu-west-1", Account: "111122223333"}

const queueARN = "arn:aws:sqs:eu-west-1:111122223333:orders"

func ruleOf(t *testing.T, mode pattern.Mode, subject string, resources ...string) rule.Rule {
	t.Helper()
	p, err := pattern.ParseAWS(subject, mode)
	require.NoError(t, err)
	return rule.Rule{Mode: mode, Kind: rule.AWS, Subject: []pattern.Pattern{&p}, Resources: resources}
}

func white(t *testing.T, subject string, resources ...string) rule.Rule {
	return ruleOf(t, pattern.Narrow, subject, resources...)
}

func black(t *testing.T, subject string, resources ...string) rule.Rule {
	return ruleOf(t, pattern.Wide, subject, resources...)
}

// compileAll compiles rules, with default deny if one of them is in a whitelist.
func compileAll(config Config, list ...rule.Rule) *Rules {
	for i := range list {
		list[i].Origin.ID = fmt.Sprintf("rule %d", i)
		config.Whitelist = config.Whitelist || list[i].Mode == pattern.Narrow
	}
	return Compile(config, list)
}

// judged is a finding in a line.
func judged(a *Rules, c Call) string {
	w := a.Read(&c)
	defer a.Release(w)
	var f Finding
	a.JudgeUnsigned(&f, &c, w)
	switch {
	case f.Problem != "":
		return "problem: " + f.Problem
	case f.Black != nil:
		return fmt.Sprintf("caught by %d: %s", f.Black.Number, w.BlackReason(&f))
	case f.Rest == Foreign:
		return "foreign: " + w.ForeignReason()
	case f.Rest == Missed:
		return fmt.Sprintf("missed, near %d: %s", f.White, w.MissReason(&f))
	}
	return fmt.Sprintf("allowed by %d", f.White)
}

func TestMemoIsBounded(t *testing.T) {
	var m memo[int, int]
	_, ok := m.load(0)
	assert.False(t, ok)
	for i := range 2 * maxMemo {
		m.store(i, -i)
	}
	assert.Len(t, *m.entries.Load(), maxMemo)
	for _, i := range []int{0, 1, maxMemo - 1} {
		v, ok := m.load(i)
		assert.True(t, ok, i)
		assert.Equal(t, -i, v)
	}
	_, ok = m.load(maxMemo)
	assert.False(t, ok, "what the memo does not take has to be found out again")
}

func TestMemoLosesNothing(t *testing.T) {
	var m memo[int, int]
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 100 {
				m.store(100*g+i, i)
			}
		})
	}
	wg.Wait()
	assert.Len(t, *m.entries.Load(), 400)
}

// Names that a request makes up take no place from names that the tables have.
func TestUnknownOperationsHaveAMemoOfTheirOwn(t *testing.T) {
	a := compileAll(function, white(t, "sqs:*"))
	for i := range 2 * maxMemo {
		a.op(&Call{Service: "sqs", Operation: fmt.Sprintf("GetMadeUp%d", i)})
	}
	known := Call{Service: "sqs", Operation: "SendMessage"}
	assert.Same(t, a.op(&known), a.op(&known))
	assert.Same(t, a.op(&Call{Service: "sqs", Operation: "GetMadeUp0"}), a.op(&Call{Service: "sqs", Operation: "GetMadeUp0"}))
	assert.NotSame(t, a.op(&Call{Service: "sqs", Operation: "GetOther"}), a.op(&Call{Service: "sqs", Operation: "GetOther"}), "over the bound")
}

// A version of an object takes actions of its own, and neither reading takes the other's place.
func TestVersionsAreOperationsOfTheirOwn(t *testing.T) {
	a := compileAll(function, white(t, "s3:GetObject"), black(t, "s3:GetObjectVersion"))
	object := Call{Service: "s3", Operation: "GetObject", Resources: []string{"arn:aws:s3:::receipts/a"}}
	version := object
	version.Version = true
	for range 2 {
		assert.Equal(t, "allowed by 0", judged(a, object))
		assert.Equal(t, "caught by 1: s3:GetObject (read) on arn:aws:s3:::receipts/a is blacklisted", judged(a, version))
	}
	assert.Same(t, a.op(&version), a.op(&version))
}

func TestPlace(t *testing.T) {
	for _, c := range []struct {
		name            string
		own             Config
		call            Call
		region, account string // where the call goes, and by whom
		partition       string
		home            string // what counts as own
		valid           bool
	}{
		{"as most calls", function, Call{}, "eu-west-1", "111122223333", "aws", "aws eu-west-1 111122223333", true},
		{"named as it is", function, Call{Region: "eu-west-1", Account: "111122223333"}, "eu-west-1", "111122223333", "aws", "aws eu-west-1 111122223333", true},
		{"another region", function, Call{Region: "us-east-1"}, "us-east-1", "111122223333", "aws", "aws eu-west-1 111122223333", true},
		{"another partition", function, Call{Region: "cn-north-1"}, "cn-north-1", "111122223333", "aws-cn", "aws eu-west-1 111122223333", true},
		{"another account", function, Call{Account: "444455556666"}, "eu-west-1", "444455556666", "aws", "aws eu-west-1 111122223333", true},
		{"not a region", function, Call{Region: "evil.test"}, "evil.test", "111122223333", "aws", "aws eu-west-1 111122223333", false},
		{"an unknown function", Config{}, Call{Region: "cn-north-1", Account: "444455556666"}, "cn-north-1", "444455556666", "aws-cn", "aws-cn cn-north-1 444455556666", true},
		{"an unknown account", Config{Region: "eu-west-1"}, Call{Account: "444455556666"}, "eu-west-1", "444455556666", "aws", "aws eu-west-1 444455556666", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var w Reading
			assert.Equal(t, c.valid, compileAll(c.own).place(&c.call, &w))
			assert.Equal(t, []string{c.partition, c.region, c.account}, []string{w.At.Partition, w.At.Region, w.At.Account})
			assert.Equal(t, c.home, w.own.Partition+" "+w.own.Region+" "+w.own.Account)
			c.call.Owner = "777788889999"
			compileAll(c.own).place(&c.call, &w)
			assert.Equal(t, "777788889999", w.At.Owner)
		})
	}
}

// Rules for other accounts hold for a call that is not signed yet. If none does, the finding is
// about the function's own key.
func TestJudgeUnsigned(t *testing.T) {
	r := white(t, "sqs:SendMessage", "arn:aws:sqs:eu-west-1:444455556666:orders")
	r.Accounts = []string{"444455556666"}
	a := compileAll(function, r)
	c := Call{Service: "sqs", Operation: "SendMessage", Resources: []string{"arn:aws:sqs:eu-west-1:444455556666:orders"}}
	assert.Equal(t, "allowed by 0", judged(a, c))
	c.Resources = []string{queueARN}
	w := a.Read(&c)
	var f Finding
	a.JudgeUnsigned(&f, &c, w)
	assert.Equal(t, Missed, f.Rest)
	assert.Equal(t, "111122223333", w.At.Account)
	assert.Equal(t, "no whitelist rule allows sqs:SendMessage (write) on "+queueARN, w.MissReason(&f))
}

func TestJudge(t *testing.T) {
	access := func(r rule.Rule, word string) rule.Rule { r.Access = []string{word}; return r }
	outcome := func(r rule.Rule, o rule.Outcome) rule.Rule { r.Outcome = o; return r }
	also := func(r rule.Rule, subject string) rule.Rule {
		p, err := pattern.ParseAWS(subject, r.Mode)
		require.NoError(t, err)
		r.Subject = append(r.Subject, &p)
		return r
	}
	send := Call{Service: "sqs", Operation: "SendMessage", Resources: []string{queueARN}}
	unknown := Call{Service: "sqs"}
	config := function
	function := func(name string) Call {
		return Call{Service: "lambda", Operation: "Invoke", Resources: []string{"arn:aws:lambda:eu-west-1:111122223333:function:" + name}}
	}
	for _, c := range []struct {
		name  string
		rules []rule.Rule
		call  Call
		want  string
	}{
		{"of equals the first in the file", []rule.Rule{black(t, "sqs:*", "orders"), black(t, "sqs:*")}, send, "caught by 0"},
		{"of equals the first, the other way round", []rule.Rule{black(t, "sqs:*"), black(t, "sqs:*", "orders")}, send, "caught by 0"},
		{"the stricter", []rule.Rule{outcome(black(t, "sqs:*"), 2), outcome(black(t, "sqs:*", "orders"), 1)}, send, "caught by 1"},
		{"the stricter first", []rule.Rule{outcome(black(t, "sqs:*"), 1), outcome(black(t, "sqs:*", "orders"), 2)}, send, "caught by 0"},
		{"of an unknown resource the first", []rule.Rule{black(t, "sqs:*", "b"), black(t, "sqs:*", "a")}, Call{Service: "sqs", Operation: "SendMessage"}, "caught by 0"},
		{"the nearest is the first", []rule.Rule{white(t, "sqs:*", "a"), white(t, "sqs:*", "b")}, send, "missed, near 0"},
		{"nothing is near", []rule.Rule{white(t, "s3:*")}, send, "missed, near -1"},
		{"an unidentified operation", []rule.Rule{white(t, "sqs:*")}, unknown, "allowed by 0"},
		{"an unidentified operation may be another", []rule.Rule{white(t, "sqs:SendMessage")}, unknown, "missed, near -1"},
		{"an unidentified operation has no level", []rule.Rule{access(white(t, "sqs:*"), "write")}, unknown, "missed, near -1"},
		{"all of another service, and one of this", []rule.Rule{also(white(t, "s3:*"), "sqs:SendMessage")}, unknown, "missed, near -1"},
		{"all of this service, and of another", []rule.Rule{also(white(t, "s3:*"), "sqs:*")}, unknown, "allowed by 0"},
		{"an unidentified operation may be blacklisted", []rule.Rule{black(t, "sqs:SendMessage")}, unknown, "caught by 0"},
		{"an unidentified operation of another service", []rule.Rule{black(t, "s3:*")}, unknown, "allowed by -1"},
		{"not a region", []rule.Rule{white(t, "sqs:*")}, Call{Service: "sqs", Operation: "SendMessage", Region: "evil.test"}, `problem: "evil.test" is not a region`},
		{"no service", []rule.Rule{white(t, "sqs:*")}, Call{Operation: "SendMessage"}, "problem: the call names no service"},
		{"a key of another account", nil, Call{Service: "sqs", Operation: "SendMessage", Account: "444455556666"}, "foreign: sqs:SendMessage is signed with a key of account 444455556666, not of 111122223333"},
		{"a colon in the resource", []rule.Rule{white(t, "lambda:*", "arn:aws:lambda:*:111122223333:function:f")}, function("f"), "allowed by 0"},
		{"a colon in another resource", []rule.Rule{white(t, "lambda:*", "arn:aws:lambda:*:111122223333:function:f")}, function("g"), "missed, near 0"},
		{"a star stays in the region", []rule.Rule{white(t, "lambda:*", "arn:aws:lambda:eu*:function:f")}, function("f"), "missed, near 0"},
		{"beginnings of several lengths", []rule.Rule{white(t, "sqs:*", "orders-archive-*"), white(t, "sqs:*", "o*"), white(t, "sqs:*", "payments*")}, send, "allowed by 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := judged(compileAll(config, c.rules...), c.call)
			assert.Equal(t, c.want, got[:min(len(got), len(c.want))], got)
		})
	}
}

func TestNewARNPattern(t *testing.T) {
	for text, want := range map[string]arnPattern{
		"orders":                             {relative: true},
		"secret:db-??????":                   {relative: true, suffixed: true},
		"arn:aws:sqs:*":                      {whole: true},
		"arn:aws:sqs:eu-west-1:111122223333": {whole: true},
		"arn:aws:sqs:eu-west-1:111122223333:orders":                     {},
		"arn:aws:lambda:eu-west-1:111122223333:function:f:1":            {},
		"arn:aws:secretsmanager:eu-west-1:111122223333:secret:a-??????": {suffixed: true},
	} {
		got := newARNPattern(text)
		assert.Equal(t, []bool{want.relative, want.whole, want.suffixed}, []bool{got.relative, got.whole, got.suffixed}, text)
	}
	p := newARNPattern("arn:aws:lambda:eu-west-1:111122223333:function:f:1")
	assert.Equal(t, "function:f:1", p.resource.String())
	assert.Equal(t, "111122223333", p.account.String())
}

func TestWithoutPath(t *testing.T) {
	for resource, want := range map[string]string{
		"role/team/admin":      "role/admin",
		"role/a/b/admin":       "role/admin",
		"user/team/ann":        "user/ann",
		"group/x/y":            "group/y",
		"instance-profile/x/y": "instance-profile/y",
		"role/admin":           "",
		"role//admin":          "role/admin",
		"role/team/adm*":       "",
		"role/team/adm?n":      "",
		"role/*/admin":         "role/admin",
		"policy/team/admin":    "",
		"role":                 "",
	} {
		assert.Equal(t, want, withoutPath(resource), resource)
	}
}

func TestRuleFor(t *testing.T) {
	anyRule := func(mode pattern.Mode) rule.Rule { return rule.Rule{Mode: mode, Kind: rule.AWS, Any: true} }
	for _, c := range []struct {
		name   string
		rules  []rule.Rule
		host   string
		mode   pattern.Mode
		number int32
		whole  bool
	}{
		{"no rules", nil, "sqs.eu-west-1.amazonaws.com", pattern.Narrow, -1, false},
		{"the first", []rule.Rule{white(t, "sqs:*"), white(t, "sqs:*")}, "sqs.eu-west-1.amazonaws.com", pattern.Narrow, 0, false},
		{"of the list", []rule.Rule{black(t, "sqs:*"), white(t, "sqs:*")}, "sqs.eu-west-1.amazonaws.com", pattern.Narrow, 1, false},
		{"another service", []rule.Rule{white(t, "sns:*")}, "sqs.eu-west-1.amazonaws.com", pattern.Narrow, -1, false},
		{"another host", []rule.Rule{anyRule(pattern.Narrow)}, "a.test", pattern.Narrow, -1, false},
		{"every call", []rule.Rule{white(t, "sqs:*"), anyRule(pattern.Narrow)}, "sqs.eu-west-1.amazonaws.com", pattern.Narrow, 1, true},
		{"every call of the other list", []rule.Rule{white(t, "sqs:*"), anyRule(pattern.Wide)}, "sqs.eu-west-1.amazonaws.com", pattern.Narrow, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			number, whole := compileAll(function, c.rules...).RuleFor(c.host, c.mode)
			assert.Equal(t, c.number, number)
			assert.Equal(t, c.whole, whole)
		})
	}
}

// A rule with a condition of any kind does not hold for every call.
func TestRuleForWithConditions(t *testing.T) {
	except, err := pattern.ParseAWS("sqs:PurgeQueue", pattern.Narrow)
	require.NoError(t, err)
	for name, r := range map[string]rule.Rule{
		"except":    {Except: []pattern.Pattern{&except}},
		"access":    {Access: []string{"read"}},
		"resources": {Resources: []string{"orders"}},
		"regions":   {Regions: []string{"eu-west-1"}},
		"accounts":  {Accounts: []string{"self"}},
	} {
		r.Mode, r.Kind, r.Any = pattern.Narrow, rule.AWS, true
		number, whole := compileAll(function, r).RuleFor("sqs.eu-west-1.amazonaws.com", pattern.Narrow)
		assert.Equal(t, int32(0), number, name)
		assert.False(t, whole, name)
	}
}

// An endpoint can show another region than the one that was judged, or another account before the
// service.
func TestMovedTo(t *testing.T) {
	a := compileAll(function)
	r, err := http.NewRequest(http.MethodGet, "https://x.test/", nil)
	require.NoError(t, err)
	for _, c := range []struct{ service, region, host, want string }{
		{"sqs", "eu-west-1", "sqs.us-east-1.amazonaws.com", "us-east-1"},
		{"sqs", "eu-west-1", "sqs.eu-west-1.amazonaws.com", ""},
		{"sqs", "", "sqs.us-east-1.amazonaws.com", "us-east-1"},
		{"sqs", "", "sqs.eu-west-1.amazonaws.com", ""},
		{"sqs", "eu-west-1", "iam.amazonaws.com", ""},
		{"sqs", "eu-west-1", "a.test", ""},
		// A host without a region is in the one that signs for the partition.
		{"sqs", "eu-west-1", "queue.amazonaws.com", "us-east-1"},
		{"sqs", "us-east-1", "queue.amazonaws.com", ""},
		{"sqs", "aws-global", "queue.amazonaws.com", ""},
		{"dynamodb", "eu-west-1", "dynamodb.amazonaws.com", "us-east-1"},
		{"dynamodb", "eu-west-1", "111122223333.ddb.amazonaws.com", "us-east-1"},
		{"dynamodb", "cn-northwest-1", "dynamodb.amazonaws.com.cn", "cn-north-1"},
		{"dynamodbstreams", "eu-west-1", "streams.dynamodb.amazonaws.com", "us-east-1"},
		{"signin", "eu-west-1", "signin.aws.amazon.com", "us-east-1"},
		{"ec2", "eu-west-1", "ec2.amazonaws.com", "us-east-1"},
		{"health", "eu-west-1", "global.health.amazonaws.com", ""},
		{"health", "eu-west-1", "health.us-east-1.amazonaws.com", "us-east-1"},
		{"sts", "eu-west-1", "sts.amazonaws.com", ""},
		{"sts", "eu-west-1", "sts.us-east-1.amazonaws.com", "us-east-1"},
		{"s3", "eu-west-1", "s3.amazonaws.com", ""},
		{"iam", "us-gov-east-1", "iam.us-gov.amazonaws.com", ""},
		{"cloudfront-keyvaluestore", "eu-west-1", "cloudfront-kvs.global.api.aws", ""},
		// Some services have one endpoint for all regions of a partition.
		{"organizations", "eu-west-1", "organizations.us-east-1.amazonaws.com", ""},
		{"organizations", "eu-west-1", "organizations-fips.us-east-1.amazonaws.com", ""},
		{"organizations", "us-gov-east-1", "organizations.us-gov-west-1.amazonaws.com", ""},
		{"organizations", "us-gov-east-1", "organizations.us-east-1.amazonaws.com", "us-east-1"},
		{"iam", "cn-northwest-1", "iam.cn-north-1.amazonaws.com.cn", ""},
		{"networkmanager", "eu-west-1", "networkmanager.us-west-2.amazonaws.com", ""},
		{"chime", "eu-west-1", "identity-chime.us-east-1.amazonaws.com", "us-east-1"},
	} {
		got := ""
		if to := a.MovedTo(&Call{Service: c.service, Operation: "SendMessage", Region: c.region}, r, a.EndpointOf(c.service, c.host)); to != nil {
			got = to.Region
		}
		assert.Equal(t, c.want, got, "%s in %s at %s", c.service, c.region, c.host)
	}
}

// What has been found out of a host is kept.
func TestEndpointsAreKept(t *testing.T) {
	a := compileAll(function)
	for _, host := range []string{"sqs.eu-west-1.amazonaws.com", "a.test"} {
		assert.Same(t, a.EndpointOf("sqs", host), a.EndpointOf("sqs", host))
		a.endpoint(host)
		_, known := a.hosts.load(host)
		assert.True(t, known, host)
	}
}

// What catches a call is listed by rule, in the order of the file, each once.
func TestForbidListsEachRuleOnce(t *testing.T) {
	first, second := black(t, "sqs:*"), black(t, "sqs:SendMessage")
	first.Resources = []string{"orders", "order*"}
	a := compileAll(function, first, second)
	r := a.Read(&Call{Service: "sqs", Operation: "SendMessage", Resources: []string{"arn:aws:sqs:eu-west-1:111122223333:orders"}})
	var numbers []int32
	for _, f := range r.Forbid() {
		numbers = append(numbers, f.Number)
	}
	assert.Equal(t, []int32{0, 1}, numbers)
}
