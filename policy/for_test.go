package policy

import (
	"net/netip"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/rule"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// compiled is what For makes of a policy before it is compiled for matching.
func compiled(t *testing.T, src string, e Env) (settings, []rule.Rule) {
	t.Helper()
	f, err := ParseFile("p", []byte(src))
	require.NoError(t, err)
	c := &compiler{Reporter: &report.Reporter{File: "p"}, file: f, env: e}
	set, rules := c.compile()
	require.NoError(t, errorOf(c.Reporter))
	return set, rulesOf(rules)
}

// refused returns the errors of a policy, without the file's name.
func refused(t *testing.T, src string, e Env) string {
	t.Helper()
	_, err := Parse("p", []byte(src), e)
	require.Error(t, err)
	return err.Error()[len("p:"):]
}

func ids(rules []rule.Rule) (ids []string) {
	for _, r := range rules {
		ids = append(ids, r.Origin.ID)
	}
	return ids
}

const sections = `
blacklist: [{ip: 10.0.0.1, id: top}]
functions:
  "check*":
    on_violation: log
    block_fails: call
    strict_operations: true
    whitelist: [{ip: 10.0.0.2, id: glob}]
  other: {whitelist: [{ip: 10.0.0.3, id: other}]}
  checkout:
    block_fails: invocation
    whitelist: [{ip: 10.0.0.4}]
  "*-x": {blacklist: [{ip: 10.0.0.5, id: x}]}
`

func TestSections(t *testing.T) {
	set, rules := compiled(t, sections, env("checkout"))
	assert.Equal(t, []string{"top", "glob", "p:12"}, ids(rules), "in the order written")
	assert.Equal(t, []any{true, Log, false}, []any{set.whitelist, set.info.OnViolation, set.callOnly})
	assert.Equal(t, Log, Verdict(rules[0].Outcome), "the section's on_violation holds for rules at the top too")

	set, rules = compiled(t, sections, env("checked-x"))
	assert.Equal(t, []string{"top", "glob", "x"}, ids(rules))
	assert.True(t, set.callOnly)

	set, rules = compiled(t, sections, env("b-x"))
	assert.Equal(t, []string{"top", "x"}, ids(rules))
	assert.False(t, set.whitelist, "no whitelist in any matching section")
	assert.Equal(t, Alert, set.info.OnViolation, "the default")
}

func TestNoSection(t *testing.T) {
	assert.Equal(t, `3:1: no section matches function "chekout"; the nearest is "checkout"; add a section "chekout", or "*": {} for functions without one`,
		refused(t, sections, env("chekout")))
	assert.Equal(t, `3:1: no section matches function "shop-Checkout-1A2B3C4D5E6F"; the nearest is "checkout"; add a section "shop-Checkout-*", whose * stands for what was generated, or "*": {} for functions without one`,
		refused(t, sections, env("shop-Checkout-1A2B3C4D5E6F")))
	assert.Equal(t, `3:1: the function's name is not known; set AWS_LAMBDA_FUNCTION_NAME or Options.Function`, refused(t, sections, env("")))
	_, err := Parse("p", []byte("functions: {a: {}, '*': {}}"), env("anything"))
	assert.NoError(t, err)
	_, err = Parse("p", []byte("whitelist: []"), env(""))
	assert.NoError(t, err, "without functions: no name is needed")
}

func TestStage(t *testing.T) {
	const accounts = "stage: {accounts: {'111122223333': dev, '444455556666': '${PROD:-prod}'}}\n"
	stage := func(src string, change func(*Env)) string {
		e := env("checkout")
		if change != nil {
			change(&e)
		}
		p, err := Parse("p", []byte(src), e)
		if err != nil {
			return err.Error()
		}
		return p.Info()[0].Stage
	}
	account := func(a string) func(*Env) { return func(e *Env) { e.Account = a } }
	given := func(s string) func(*Env) { return func(e *Env) { e.Stage = s } }
	stageVar := func(s string) func(*Env) { return func(e *Env) { *e = vars(*e, "STAGE", s) } }

	assert.Equal(t, "", stage("version: 1", nil))
	assert.Equal(t, "prod", stage("stage: prod", nil))
	assert.Equal(t, "test", stage("stage: prod", given("test")), "Env's stage wins")
	assert.Equal(t, "live", stage("stage: ${STAGE}", stageVar("live")))
	assert.Equal(t, "dev", stage("stage: ${STAGE:-dev}", nil))
	assert.Equal(t, "dev", stage(accounts, nil))
	assert.Equal(t, "prod", stage(accounts, account("444455556666")))
	assert.Equal(t, "other", stage("stage: {accounts: {'*': other}}", nil))
	assert.Equal(t, "x", stage(accounts, given("x")))

	assert.Equal(t, `p:1:8: account 777788889999 has no stage; add "777788889999": STAGE, or a "*" entry for any other account`, stage(accounts, account("777788889999")))
	assert.Equal(t, "", stage(accounts, account("")), "no error as long as nothing depends on it")
	assert.Equal(t, `p:2:15: on_violation: depends on the stage, which is not known; the account is not known either: set the stage from outside, with OUTGUARD_STAGE or Options.Stage`,
		stage(accounts+"on_violation: {dev: block}", account("")))
	assert.Equal(t, `p:1:8: ${STAGE} is not set; set STAGE in the function's environment, or give it a default: ${STAGE:-…}`, stage("stage: ${STAGE}", nil))
	assert.Equal(t, `p:1:8: "a b" is not a stage; use letters, digits, - _ .`, stage("stage: ${STAGE}", stageVar("a b")))
}

// One trouble is reported once: what depends on a stage that cannot be found is not a second error.
func TestStageUnknown(t *testing.T) {
	assert.Equal(t, `1:8: ${STAGE} is not set; set STAGE in the function's environment, or give it a default: ${STAGE:-…}
p:4:16: ${HOST} is not set; set HOST in the function's environment, or give it a default: ${HOST:-…}`,
		refused(t, "stage: ${STAGE}\non_violation: {dev: log}\nwhitelist:\n- {id: x, net: '${HOST}'}\n- {ip: 10.0.0.1, stages: dev}\n", env("checkout")))
}

func TestOnViolation(t *testing.T) {
	in := func(s string) Env { e := env("checkout"); e.Stage = s; return e }
	verdict := func(src, stage string) string {
		p, err := Parse("p", []byte(src), in(stage))
		if err != nil {
			return err.Error()
		}
		return p.Info()[0].OnViolation.String()
	}
	const byStage = "on_violation: {dev: block, prod: alert}\n"
	assert.Equal(t, "alert", verdict("version: 1", ""))
	assert.Equal(t, "block", verdict("on_violation: block", ""))
	assert.Equal(t, "block", verdict(byStage, "dev"))
	assert.Equal(t, "alert", verdict(byStage, "prod"))
	assert.Equal(t, "log", verdict("on_violation: {dev: block, '*': log}", "prod"))
	assert.Equal(t, "log", verdict(byStage+"functions: {checkout: {on_violation: log}}", "nowhere"), "a map that is not asked needs no entry")
	assert.Equal(t, `p:1:15: on_violation: does not list stage "prd"; did you mean "prod"? Else add "prd", or a "*" entry for any other stage`, verdict(byStage, "prd"))
	assert.Equal(t, `p:1:15: on_violation: does not list stage "qa"; add "qa", or a "*" entry for any other stage`, verdict(byStage, "qa"))
	assert.Equal(t, `p:1:15: on_violation: depends on the stage, which is not known; add stage: to the file, or a "*" entry here`, verdict(byStage, ""))

	_, rules := compiled(t, byStage+black("{ip: 10.0.0.1, on_violation: {dev: log, '*': block}}")+"- ip: 10.0.0.2\n", in("prod"))
	assert.Equal(t, []Verdict{Block, Alert}, []Verdict{Verdict(rules[0].Outcome), Verdict(rules[1].Outcome)})
	assert.Equal(t, `1:42: on_violation: does not list stage "prod"; add "prod", or a "*" entry for any other stage`,
		refused(t, "blacklist: [{ip: 10.0.0.1, on_violation: {dev: log}}]", in("prod")))
}

func TestStagesOfRules(t *testing.T) {
	src := "stage: prod\nwhitelist:\n- {ip: 10.0.0.1, id: p, stages: prod}\n- {ip: 10.0.0.2, id: d, stages: [dev, test]}\n"
	set, rules := compiled(t, src, env("checkout"))
	assert.Equal(t, []string{"p"}, ids(rules))
	assert.True(t, set.whitelist)
	set, rules = compiled(t, "stage: prod\nwhitelist: [{ip: 10.0.0.2, stages: dev}]", env("checkout"))
	assert.Empty(t, rules)
	assert.True(t, set.whitelist, "still default deny")
	assert.Equal(t, `2:26: stages: depends on the stage, which is not known; add stage: to the file, or delete stages:`,
		refused(t, white("{ip: 10.0.0.1, stages: dev}"), env("checkout")))
}

func TestUntil(t *testing.T) {
	at := func(now string) (string, int) {
		e := env("checkout")
		e.Now, _ = time.Parse(time.RFC3339, now)
		set, rules := compiled(t, white("{ip: 10.0.0.1, until: 2027-01-31}"), e)
		if len(set.warnings) == 0 {
			return "", len(rules)
		}
		return set.warnings[0].String(), len(rules)
	}
	for _, c := range []struct {
		now     string
		rules   int
		warning string
	}{
		{"2027-01-23T23:59:59Z", 1, ""},
		{"2027-01-24T00:00:00Z", 1, "p:2:25: the rule ends with 2027-01-31; set a later day if the call is still needed"},
		{"2027-01-31T23:59:59Z", 1, "p:2:25: the rule ends with 2027-01-31; set a later day if the call is still needed"},
		{"2027-02-01T00:00:00+01:00", 1, "p:2:25: the rule ends with 2027-01-31; set a later day if the call is still needed"}, // the day is UTC's
		{"2027-02-01T00:00:00Z", 0, "p:2:25: the rule ended with 2027-01-31 and allows nothing; delete it, or set a later day"},
	} {
		warning, rules := at(c.now)
		assert.Equal(t, c.rules, rules, c.now)
		assert.Equal(t, c.warning, warning, c.now)
	}
}

func TestTargets(t *testing.T) {
	src := `blacklist: []
notify:
  - sns: arn:aws:sns:${region}:${account}:alerts
    verdicts: [block, alert]
  - slack: ${SLACK}
  - slack: xoxb-1
    channel: C1
  - slack: xoxb-2
  - slack: secretsmanager:slack
    functions: ["bill*"]
  - slack: ssm:/slack
    functions: [other, "check*"]
  - eventbridge: ${BUS:-default}
  - webhook: https://a.com/x?y=*
    secret: ${SECRET}
  - webhook: nowhere
  - webhook: https://b.com
    secret: ${NO_SECRET}
  - sns: arn:aws:sns:${nope}:${account}:alerts
`
	p, err := Parse("p", []byte(src), vars(env("checkout"), "SECRET", "s3cret"))
	require.NoError(t, err)
	assert.Equal(t, []Target{
		{SNS: "arn:aws:sns:eu-west-1:111122223333:alerts", Verdicts: []Verdict{Block, Alert}, Line: 3, Entry: "sns: arn:aws:sns:${region}:${account}:alerts"},
		{Slack: "xoxb-1", Channel: "C1", Line: 6, Entry: "slack"},
		{Slack: "ssm:/slack", Functions: []string{"other", "check*"}, Line: 11, Entry: "slack: ssm:/slack"},
		{EventBridge: "default", Line: 13, Entry: "eventbridge: ${BUS:-default}"},
		{Webhook: "https://a.com/x?y=*", Secret: "s3cret", Line: 14, Entry: "webhook"},
		{Webhook: "https://b.com", Line: 17, Entry: "webhook"},
	}, p.Targets())
	var warnings []string
	for _, w := range p.Warnings() {
		warnings = append(warnings, w.String())
	}
	assert.Equal(t, []string{
		"p:5:12: slack: ${SLACK} is not set, so nothing is sent there; set SLACK in the function's environment, or give it a default: ${SLACK:-…}",
		"p:8:12: slack: is a token, and channel: is missing, so nothing is sent there; add channel: with the channel's id or name",
		"p:16:14: webhook: is not a URL, so nothing is sent there; write https://…",
		"p:18:13: secret: is empty, so alerts go there without a signature; set its variable, or delete the key",
		"p:19:10: sns: ${nope} is not set, so nothing is sent there; set nope in the function's environment, or give it a default: ${nope:-…}",
	}, warnings)
}

func TestFeed(t *testing.T) {
	e := env("checkout")
	e.FS = fstest.MapFS{"lists/bad.txt": {Data: []byte("\ufeff# a comment\r\nEvil.Example.\r\n0.0.0.0 ads.example tracker.example # two\n127.0.0.1\tlocalhost\n\n  192.0.2.7\n2001:db8::/32\n::1 ip6-localhost\n*.wide.example\nBücher.example\n")},
		"empty.txt": {}}
	_, rules := compiled(t, "blacklist:\n- feed: ./lists/bad.txt\n  reason: a threat list\n  except: [ads.example, 192.0.2.7]\n", e)
	require.Len(t, rules, 2)
	assert.Equal(t, []string{"evil.example", "ads.example", "tracker.example", "xn--bcher-kva.example"}, rules[0].Hosts)
	assert.Len(t, rules[0].Subject, 1)
	assert.Len(t, rules[0].Except, 1)
	assert.Equal(t, prefixes("192.0.2.7/32", "2001:db8::/32"), rules[1].Addrs)
	require.Len(t, rules[1].Except, 1)
	assert.Equal(t, "192.0.2.7", rules[1].Except[0].String())
	assert.Equal(t, rules[0].Origin, rules[1].Origin)
	assert.Equal(t, "a threat list", rules[0].Origin.Reason)

	set, rules := compiled(t, black("feed: empty.txt"), e)
	assert.Empty(t, rules)
	assert.Equal(t, "the feed is empty and matches nothing", set.warnings[0].Problem)
}

// The whole file's feeds can be checked without a function.
func TestCheckFeeds(t *testing.T) {
	files := fstest.MapFS{"good": {Data: []byte("evil.example\n")}, "bad": {Data: []byte("evil example\n")}}
	f, err := ParseFile("p", []byte("functions:\n  a: {blacklist: [{feed: [good, none]}]}\n  b: {blacklist: [{feed: bad}, {feed: bad}, {feed: '${stage}'}, {feed: '${F:-gone}'}]}\n"))
	require.NoError(t, err)
	_, err = f.CheckFeeds(files)
	assert.EqualError(t, err, `bad:1:1: "evil…" holds a blank; write one host or CIDR a line, or 0.0.0.0 HOST
p:2:33: feed "none" does not exist; put it beside the policy file, and into the deployment package
p:3:72: feed "gone" does not exist; put it beside the policy file, and into the deployment package`)
}

// A line that cannot be a destination is a warning, and the other lines apply.
func TestBadLinesOfFeeds(t *testing.T) {
	long := strings.Repeat("a", 300)
	e := env("checkout")
	e.FS = fstest.MapFS{"f": {Data: []byte("good.example\nhttps://evil.example/x\nevil example\n||ads.example^\n1.2.3.4.5\na..b\nevil.example:80\n-\nevil.example\x00\n" + long + "\n10.0.0.0/33\n")},
		"hosts": {Data: []byte("; a list\n! of hosts\n127.0.0.1 localhost\n0.0.0.0 evil.example # one\n0.0.0.0 203.0.113.172\n0.0.0.0/0\n")},
		"drop":  {Data: []byte("; a list of networks\n1.10.16.0/20 ; SBL256894\n// a remark\nevil.example\t; bad\ncom\n0.0.0.0/1\n")},
		"many":  {Data: []byte("good.example\n" + strings.Repeat("a..b\n", 30))},
		"21":    {Data: []byte("good.example\n" + strings.Repeat("a..b\n", 21))}}
	set, rules := compiled(t, black("feed: f"), e)
	require.Len(t, rules, 1)
	assert.Equal(t, []string{"good.example"}, rules[0].Hosts)
	var warnings []string
	for _, w := range set.warnings {
		warnings = append(warnings, w.String())
	}
	assert.Equal(t, []string{
		`f:2:1: "https://evil.example/x" is not a host; write the host alone, without scheme and path`,
		`f:3:1: "evil…" holds a blank; write one host or CIDR a line, or 0.0.0.0 HOST`,
		`f:4:1: "…" is not a host; this is a filter list for browsers; write hosts, one a line`,
		`f:5:1: "1.2.3.4.5" is not a host; write one host, address or CIDR a line`,
		`f:6:1: "a..b" is not a host; write one host, address or CIDR a line`,
		`f:7:1: "evil.example:80" is not a host; write one host, address or CIDR a line`,
		`f:8:1: "-" is not a host; write one host, address or CIDR a line`,
		"f:9:1: \"evil.example…\" is not a host; write one host, address or CIDR a line",
		`f:10:1: a host of 300 characters; a host has at most 253`,
		`f:11:1: "10.0.0.0/33" is not a host; write one host, address or CIDR a line`}, warnings)

	set, rules = compiled(t, black("feed: hosts"), e)
	require.Len(t, rules, 2)
	assert.Equal(t, []string{"evil.example"}, rules[0].Hosts)
	assert.Equal(t, prefixes("203.0.113.172/32", "0.0.0.0/0"), rules[1].Addrs)
	require.Len(t, set.warnings, 1)
	assert.Equal(t, "hosts:6:1: 0.0.0.0/0 is every address; delete the line, unless no call may go out", set.warnings[0].String())

	set, rules = compiled(t, black("feed: drop"), e)
	require.Len(t, rules, 2)
	assert.Equal(t, []string{"evil.example", "com"}, rules[0].Hosts)
	assert.Equal(t, prefixes("1.10.16.0/20", "0.0.0.0/1"), rules[1].Addrs)
	require.Len(t, set.warnings, 2)
	assert.Equal(t, `drop:5:1: "com" is a name without a domain, and does not cover what is below it; name the domains, or write *.com`, set.warnings[0].String())
	assert.Equal(t, "drop:6:1: 0.0.0.0/1 is half of all addresses; delete the line, unless no call may go out", set.warnings[1].String())

	set, _ = compiled(t, black("feed: many"), e)
	require.Len(t, set.warnings, 21)
	assert.Equal(t, "many: 10 more lines are wrong", set.warnings[0].String())

	set, _ = compiled(t, black("feed: '21'"), e)
	assert.Equal(t, "21: 1 more line is wrong", set.warnings[0].String())
}

func TestFeedRefuses(t *testing.T) {
	e := env("checkout")
	e.FS = fstest.MapFS{"html": {Data: []byte("<!doctype html>\n<body>not found\n")}, "comments": {Data: []byte("# one\n; two\n! three\n")}}
	assert.Equal(t, "1:1: \"…\" holds a blank; write one host or CIDR a line, or 0.0.0.0 HOST\n"+
		"html:2:1: \"…\" holds a blank; write one host or CIDR a line, or 0.0.0.0 HOST", strings.TrimPrefix(refused(t, black("feed: html"), e), "ml:"))
	set, _ := compiled(t, black("feed: comments"), e)
	require.Len(t, set.warnings, 1)
	assert.Equal(t, "the feed is empty and matches nothing", set.warnings[0].Problem)

	assert.Equal(t, `2:9: feed "none" does not exist; put it beside the policy file, and into the deployment package`, refused(t, black("feed: none"), e))
	assert.Equal(t, `2:9: feed "../x" is not a path beside the policy; write it relative to the policy file, without ..`, refused(t, black("feed: ../x"), e))
	assert.Equal(t, `2:9: feed "f" cannot be read: this policy came without a folder; load the policy from a file, or set Env.FS`, refused(t, black("feed: f"), env("checkout")))
}

func prefixes(list ...string) (out []netip.Prefix) {
	for _, s := range list {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}
