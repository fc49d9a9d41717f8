package policy

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFunctionsWithoutAList(t *testing.T) {
	const file, section = "this file lets functions call everything", "this function may call everything"
	for _, c := range []struct{ src, load, validate string }{
		{"version: 1", file, file},
		{"on_violation: block\n", file, file},
		{"functions: {checkout: {on_violation: log}}", section, section},
		{"functions: {checkout: {}, '*': {}}", section, section},
		{"functions: {checkout: {}, 'report-*': {blacklist: [{ip: private}]}}", section, section},
		{"functions: {other: {}, checkout: {blacklist: []}}", "", section},

		{"blacklist: []", "", ""},
		{"whitelist: []", "", ""},
		{"blacklist: []\nfunctions: {checkout: {}}", "", ""},
		{"functions: {checkout: {blacklist: []}}", "", ""},
		{"functions: {'*': {}}", "", ""},
		{"functions: {'*': {}, other: {whitelist: []}}", "", ""},
		{"functions: {checkout: {}, 'check*': {whitelist: []}}", "", ""},
	} {
		f, err := ParseFile("p", []byte(c.src))
		require.NoError(t, err, c.src)
		p, err := f.For(env("checkout"))
		require.NoError(t, err, c.src)
		says := func(want string, warnings []Warning) {
			t.Helper()
			if want == "" {
				assert.Empty(t, warnings, c.src)
			} else if assert.Len(t, warnings, 1, c.src) {
				assert.Contains(t, warnings[0].Problem, want, c.src)
			}
		}
		says(c.load, p.Warnings())
		says(c.validate, f.Warnings())
	}
}

func TestMapsByStage(t *testing.T) {
	const accounts = "stage: {accounts: {'111122223333': dev, '444455556666': prod}}\nblacklist: [{ip: 10.0.0.1}]\n"
	for _, c := range []struct{ src, says string }{
		{accounts + "on_violation: {dev: log}\n", `2:15: on_violation: does not list stage "prod"`},
		{accounts + "on_unguarded: {prod: log}\n", `on_unguarded: does not list stage "dev"`},
		{accounts + "functions: {f: {on_violation: {dev: log}}}\n", `on_violation: does not list stage "prod"`},
		{"stage: {accounts: {'*': dev}}\nblacklist: [{ip: 10.0.0.1, on_violation: {prod: log}}]\n", `on_violation: does not list stage "dev"`},
		{"stage: prod\nblacklist: []\non_violation: {dev: log}\n", `does not list stage "prod"`},
		{"blacklist: []\non_violation: {dev: log, prod: block}\n", "on_violation: depends on the stage, and the file has no stage:"},

		{accounts + "on_violation: {dev: log, prod: block}\n", ""},
		{accounts + "on_violation: {dev: log, '*': block}\n", ""},
		{"stage: ${STAGE}\nblacklist: []\non_violation: {dev: log, prod: block}\n", ""},
		{"blacklist: []\non_violation: {dev: log, '*': block}\n", ""},
	} {
		f, err := ParseFile("p", []byte(c.src))
		require.NoError(t, err, c.src)
		said := strings.Join(texts(f.Warnings()), "\n")
		if c.says == "" {
			assert.Empty(t, said, c.src)
		} else {
			assert.Contains(t, strings.Replace(said, "3:15:", "2:15:", 1), c.says, c.src)
		}
	}
}

func TestLocalHosts(t *testing.T) {
	for _, src := range []string{"http: http://localhost:4566", "http: http://127.0.0.1:8000/x", "http: 'http://[::1]:80'", "http: 'http://${HOST:-localhost}:4566'", "net: localhost:5432", "net: '${DB:-127.0.0.1}:5432'"} {
		f, err := ParseFile("p", []byte(white(src)))
		require.NoError(t, err)
		require.Len(t, f.Warnings(), 1, src)
		assert.Contains(t, f.Warnings()[0].Problem, "is the function's own machine", src)
		f, err = ParseFile("p", []byte("stage: dev\n"+white("{"+src+", stages: [dev]}")))
		require.NoError(t, err)
		assert.Empty(t, f.Warnings(), src)
	}
	for _, src := range []string{white("http: http://localhost:2773/**"), white("http: http://localhost.example.com"), black("http: http://localhost:4566")} {
		f, err := ParseFile("p", []byte(src))
		require.NoError(t, err)
		assert.Empty(t, f.Warnings(), src)
	}
}

func TestYAMLDirective(t *testing.T) {
	for _, src := range []string{"%YAML 1.2\n---\nwhitelist: []\n", "%YAML 1.1\n---\nwhitelist: []\n", "# a policy\n%YAML 1.2\n---\nwhitelist: []\n", "\ufeff%YAML 1.2\r\n---\r\nwhitelist: []\r\n"} {
		_, err := ParseFile("p", []byte(src))
		assert.NoError(t, err, "%q", src)
	}
	_, err := ParseFile("p", []byte("%YAML 1.2\n---\nwhitelsit: []\n"))
	assert.ErrorContains(t, err, "p:3:1: unknown key", "places stay")
	_, err = ParseFile("p", []byte("%YAML 3.0\n---\nwhitelist: []\n"))
	assert.Error(t, err)
}

// A file with errors still has its warnings, and For refuses it.
func TestWarningsBesideErrors(t *testing.T) {
	f, err := ParseFile("p", []byte("whitelist:\n- http: a.com\n- http: a.com\n- htpp: b.com\n"))
	require.Error(t, err)
	require.NotNil(t, f)
	assert.Equal(t, []string{`3:9: "a.com" has no effect: the rule on line 2 covers it; delete one of them`}, texts(f.Warnings()))
	_, again := f.For(env("checkout"))
	assert.Equal(t, err, again)
	_, again = f.WarningsFor(env("checkout"))
	assert.Equal(t, err, again)
	// A key that cannot be read may be the list, so a list is not missed.
	for _, src := range []string{"whitelsit: []\n", "functions: {checkout: {whitelsit: []}}\n"} {
		f, err = ParseFile("p", []byte(src))
		require.Error(t, err)
		assert.Empty(t, f.Warnings(), src)
	}
	f, err = ParseFile("p", []byte("\x00"))
	assert.Error(t, err)
	assert.Nil(t, f, "it cannot be read")
}

func TestNotifyEntriesThatReceiveNothing(t *testing.T) {
	const file = "blacklist: []\nfunctions:\n  checkout: {blacklist: []}\n  'report-*': {blacklist: []}\nnotify:\n- "
	for _, c := range []struct{ entry, load, validate string }{
		{"{slack: '${SLACK_WEBHOK_URL}'}", "slack: ${SLACK_WEBHOK_URL} is not set, so nothing is sent there", ""},
		{"{webhook: 'https://${HOOK}/x'}", "webhook: ${HOOK} is not set", ""},
		{"{slack: 'https://hooks.slack.com/services/T/B/x', channel: '#payments'}", "channel: stands beside the URL of an incoming webhook", "channel: stands beside"},
		{"{slack: xoxb-1}", "channel: is missing", "channel: is missing"},
		{"{sns: 'arn:aws:sns:eu-west-1:111122223333:a', verdicts: [log]}", "log alone, which is never sent", "log alone"},
		{"{sns: 'arn:aws:sns:eu-wset-1:111122223333:a'}", `sns: "eu-wset-1" is not a region`, `sns: "eu-wset-1" is not a region`},
		{"{sns: 'arn:aws:sns:cn-north-1:111122223333:a'}", "is not a region of the partition", "is not a region of the partition"},
		{"{eventbridge: 'arn:aws:events:eu-west1:111122223333:event-bus/a'}", "is not a region", "is not a region"},
		{"{webhook: nowhere}", "webhook: is not a URL", "webhook: is not a URL"},
		{"{eventbridge: default, functions: [chekout]}", `no section of this file is about "chekout"`, `did you mean "checkout"?`},

		{"{slack: '${SLACK:-}'}", "", ""}, // empty is meant
		{"{slack: '${SLACK:-https://hooks.slack.com/services/T/B/x}', verdicts: [log, block]}", "", ""},
		{"{slack: 'secretsmanager:slack', channel: C1}", "", ""},
		{"{eventbridge: default, functions: ['check*', report-daily]}", "", ""},
		{"{sns: 'arn:aws:sns:${region}:${account}:a'}", "", ""},
	} {
		f, err := ParseFile("p", []byte(file+c.entry+"\n"))
		require.NoError(t, err, c.entry)
		p, err := f.For(env("checkout"))
		require.NoError(t, err, c.entry)
		for _, got := range []struct {
			want     string
			warnings []Warning
		}{{c.load, p.Warnings()}, {c.validate, f.Warnings()}} {
			if got.want == "" {
				assert.Empty(t, got.warnings, c.entry)
			} else if assert.NotEmpty(t, got.warnings, c.entry) {
				assert.Contains(t, got.warnings[0].String(), got.want, c.entry)
			}
		}
	}
	// The URL of a webhook is never sent as a token.
	p, err := Parse("p", []byte("blacklist: []\nnotify: [{slack: '${U}', channel: C1}]\n"), vars(env("checkout"), "U", "https://hooks.slack.com/services/T/B/x"))
	require.NoError(t, err)
	assert.Equal(t, []Target{{Slack: "https://hooks.slack.com/services/T/B/x", Line: 2, Entry: "slack: ${U}"}}, p.Targets())
}

func TestOwnersOfSections(t *testing.T) {
	f, err := ParseFile("p", []byte("owner: platform\nfunctions:\n  checkout: {owner: payments, whitelist: []}\n  'ch*': {blacklist: []}\n  other: {whitelist: []}\n"))
	require.NoError(t, err)
	for function, owner := range map[string]string{"checkout": "payments", "other": "platform", "chat": "platform"} {
		p, err := f.For(env(function))
		require.NoError(t, err)
		assert.Equal(t, owner, p.Info()[0].Owner, function)
		if function != "chat" {
			assert.Equal(t, owner, p.Decide(httpCall(t, "GET https://a.com/")).Policy.Owner)
		}
	}
}

func TestAccessLists(t *testing.T) {
	p, err := Parse("p", []byte("on_violation: block\nwhitelist:\n- {aws: sqs:*, access: [write, tagging]}\n"), env("checkout"))
	require.NoError(t, err)
	for operation, want := range map[string]Verdict{"SendMessage": Allow, "TagQueue": Allow, "GetQueueUrl": Block, "AddPermission": Block} {
		assert.Equal(t, want, p.Decide(Call{AWS: AWSCall{Service: "sqs", Operation: operation}}).Verdict, operation)
	}
}

func TestCheckFeedsWarns(t *testing.T) {
	f, err := ParseFile("p", []byte("blacklist: [{feed: f}]\n"))
	require.NoError(t, err)
	warnings, err := f.CheckFeeds(fstest.MapFS{"f": {Data: []byte("evil.example\na..b\n")}})
	require.NoError(t, err)
	require.Len(t, warnings, 1)
	assert.Equal(t, "f", warnings[0].File)
	warnings, err = f.CheckFeeds(fstest.MapFS{"f": {Data: []byte("# nothing yet\n")}})
	require.NoError(t, err)
	require.Len(t, warnings, 1)
	assert.Equal(t, "the feed is empty and matches nothing", warnings[0].Problem)
}
