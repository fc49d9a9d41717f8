package policy

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// teamEnv is what a team can set: a variable that the file names, and a stage.
func teamEnv(function, account string) Env {
	return Env{
		Function: function, Region: "eu-west-1", Account: account, Stage: "dev",
		Getenv:  func(name string) string { return "team-" + name },
		Process: func(name string) string { return map[string]string{"AWS_LAMBDA_LOG_GROUP_NAME": "logs"}[name] },
	}
}

func centralPolicy(t *testing.T, text string, e Env) *Policy {
	t.Helper()
	f, err := ParseCentral("c.yaml", []byte(text))
	require.NoError(t, err)
	p, err := f.For(e)
	require.NoError(t, err)
	return p
}

func get(t *testing.T, url string) Call {
	t.Helper()
	r, err := http.NewRequest("GET", url, nil)
	require.NoError(t, err)
	return Call{HTTP: r}
}

func TestCentralStage(t *testing.T) {
	const accounts = "stage: {accounts: {'111122223333': prod}}\n"
	for _, c := range []struct {
		name, text, account string
		want                Verdict
		warned              string
	}{
		{"of the file", accounts + "on_violation: {prod: alert, dev: log}", "111122223333", Alert, ""},
		{"a word", "stage: prod\non_violation: {prod: block, dev: log}", "", Block, ""},
		{"a default", "stage: ${STAGE:-prod}\non_violation: {prod: block, dev: log}", "", Block, "${STAGE} counts as unset"},
		{"an unknown account", accounts + "on_violation: {prod: alert, dev: log}", "", Alert, "the strictest entry counts"},
		{"another account", accounts + "on_violation: {prod: alert, dev: log}", "444455556666", Alert, "the strictest entry counts"},
		{"no stage", "on_violation: {prod: log, '*': block}", "", Block, "the strictest entry counts"},
		{"no map", "on_violation: log", "", Log, ""},
		{"a default of a word", "on_violation: ${MODE:-block}", "", Block, "${MODE} counts as unset"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := centralPolicy(t, "version: 1\n"+c.text+"\nblacklist: [{http: evil.com}]\n", teamEnv("f", c.account))
			assert.Equal(t, c.want, p.Decide(get(t, "https://evil.com/")).Verdict)
			if c.warned == "" {
				assert.Empty(t, p.Warnings())
			} else {
				require.NotEmpty(t, p.Warnings())
				assert.Contains(t, p.Warnings()[0].Problem, c.warned)
			}
		})
	}
}

func TestCentralRulesByStage(t *testing.T) {
	p := centralPolicy(t, `version: 1
on_violation: block
whitelist:
  - {http: a.com, stages: [dev]}
  - {http: b.com}
blacklist:
  - {http: b.com/x, stages: [prod]}
`, teamEnv("f", ""))
	assert.Equal(t, Block, p.Decide(get(t, "https://a.com/")).Verdict, "no stage, so the rule allows nothing")
	assert.Equal(t, Allow, p.Decide(get(t, "https://b.com/")).Verdict)
	assert.Equal(t, Block, p.Decide(get(t, "https://b.com/x")).Verdict, "no stage, so the rule applies")
	assert.Len(t, p.Warnings(), 2)
}

func TestCentralVariables(t *testing.T) {
	for _, text := range []string{
		"stage: ${STAGE}\n", "on_violation: ${MODE}\n", "owner: ${TEAM}\n",
		"whitelist: [{http: any, reason: r, except: '${HOST}'}]\n", "blacklist: [{http: '${HOST}'}]\n",
	} {
		f, err := ParseCentral("c.yaml", []byte("version: 1\n"+text))
		require.NoError(t, err, text)
		_, err = f.For(teamEnv("f", "111122223333"))
		assert.ErrorContains(t, err, "counts as unset in a central file", text)
		assert.Contains(t, fmt.Sprint(f.Warnings()), "counts as unset in a central file", text)
	}
	p := centralPolicy(t, `version: 1
on_violation: block
notify: [{sns: "arn:aws:sns:${region}:${account}:${TOPIC}"}]
whitelist:
  - http: ${AWS_LAMBDA_LOG_GROUP_NAME}.example.com
  - http: ${account}.${region}.${function}.example.com
  - http: ${HOST:-fixed}.example.com
`, teamEnv("pay", "111122223333"))
	assert.Equal(t, "arn:aws:sns:eu-west-1:111122223333:team-TOPIC", p.Targets()[0].SNS)
	for host, want := range map[string]Verdict{
		"logs": Allow, "111122223333.eu-west-1.pay": Allow, "fixed": Allow, "team-host": Block, "team-aws_lambda_log_group_name": Block,
	} {
		assert.Equal(t, want, p.Decide(get(t, "https://"+host+".example.com/")).Verdict, host)
	}
	assert.Len(t, p.Warnings(), 1, "the default of ${HOST}")
}

func TestCentralFunctions(t *testing.T) {
	const text = "version: 1\non_violation: block\nblacklist: [{http: evil.com}]\nfunctions: {pay: {whitelist: [{http: a.com}]}}\n"
	p := centralPolicy(t, text, teamEnv("other", ""))
	assert.Equal(t, Allow, p.Decide(get(t, "https://b.com/")).Verdict, "the top level alone")
	assert.Equal(t, Block, p.Decide(get(t, "https://evil.com/")).Verdict)
	assert.Empty(t, p.Warnings())
	assert.Equal(t, Block, centralPolicy(t, text, teamEnv("pay", "")).Decide(get(t, "https://b.com/")).Verdict)

	silent := "version: 1\nfunctions: {pay: {whitelist: [{http: a.com}]}}\n"
	assert.Empty(t, centralPolicy(t, silent, teamEnv("other", "")).Warnings(), "the file need not say anything of other functions")

	f, err := ParseCentral("c.yaml", []byte(text))
	require.NoError(t, err)
	_, err = f.For(teamEnv("", ""))
	assert.ErrorContains(t, err, "the function's name is not known")
}

func TestCentralAccountUnknown(t *testing.T) {
	p := centralPolicy(t, `version: 1
on_violation: block
whitelist:
  - {aws: "s3:*", accounts: self}
  - {aws: "sqs:*", resources: "arn:aws:sqs:*:${account}:*"}
  - {http: "x-${account}.example.com"}
  - {aws: "sns:*"}
  - {aws: "sns:*", accounts: "111122223333"}
blacklist:
  - {aws: "sns:*", resources: "arn:aws:sns:*:${account}:orders"}
  - {aws: "sns:Publish", resources: "arn:aws:sns:*:*:cards", accounts: ["${account}"]}
`, teamEnv("f", ""))
	aws := func(service, operation, arn string) Call {
		return Call{AWS: AWSCall{Service: service, Operation: operation, Region: "eu-west-1", Account: "111122223333", Resources: []string{arn}}}
	}
	for _, c := range []struct {
		call Call
		want Verdict
	}{
		{aws("s3", "GetObject", "arn:aws:s3:::a/b"), Block},
		{aws("sqs", "SendMessage", "arn:aws:sqs:eu-west-1:111122223333:q"), Block},
		{get(t, "https://x-111122223333.example.com/"), Block},
		{aws("sns", "Publish", "arn:aws:sns:eu-west-1:111122223333:other"), Allow},
		{aws("sns", "Publish", "arn:aws:sns:eu-west-1:111122223333:orders"), Block},
		{aws("sns", "Publish", "arn:aws:sns:eu-west-1:111122223333:cards"), Block},
	} {
		assert.Equal(t, c.want, p.Decide(c.call).Verdict, "%+v", c.call.AWS)
	}
	assert.Len(t, p.Warnings(), 4, "one for each whitelist rule that does not vouch")
}

// What the last release accepted in a whitelist, and this one refuses, is left out of a central
// file.
func TestCentralUpgrade(t *testing.T) {
	for _, c := range []struct{ name, rule, call string }{
		{"a label that anybody can register", `http: ["*github.com", b.com]`, "https://evilgithub.com/"},
		{"that label alone", `http: "*github.com"`, "https://evilgithub.com/"},
		{"a glob in braces", `http: ["{a,c}.com", b.com]`, "https://a.com/"},
		{"quotes", "http: [“a.com”, b.com]", "https://a.com/"},
		{"a network", "http: [10.0.0.0/8, b.com]", "http://10.0.0.0/8"},
		{"a resource of another form", "{aws: 'lambda:*', resources: function/x}", ""},
		{"quotes around a resource", "{aws: 'dynamodb:*', resources: [“table/x”]}", ""},
		{"a region that does not exist", "{aws: 's3:*', regions: us-esat-1}", ""},
		{"an account of another form", "{aws: 's3:*', accounts: '12345'}", ""},
		{"an except: that leaves nothing", "{http: a.com, except: a.com}", "https://a.com/"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := "version: 1\non_violation: block\nwhitelist:\n  - " + c.rule + "\n"
			_, err := ParseFile("c.yaml", []byte(text))
			require.Error(t, err, "a function's own file is refused")
			p := centralPolicy(t, text, teamEnv("f", "111122223333"))
			require.NotEmpty(t, p.Warnings())
			assert.Contains(t, p.Warnings()[0].Problem, "the entry is left out, and the next release refuses it")
			if strings.Contains(c.rule, " b.com") {
				assert.Equal(t, Allow, p.Decide(get(t, "https://b.com/")).Verdict, "the other entries count")
			}
			call := Call{AWS: AWSCall{Service: "s3", Operation: "ListBuckets"}}
			if c.call != "" {
				call = get(t, c.call)
			}
			assert.Equal(t, Block, p.Decide(call).Verdict, "what is left of the rule is not wider")
			assert.NotEqual(t, Allow, p.Decide(Call{AWS: AWSCall{Service: "lambda", Operation: "Invoke",
				Resources: []string{"arn:aws:lambda:eu-west-1:111122223333:function:y"}}}).Verdict)
		})
	}
	p := centralPolicy(t, "version: 1\non_violation: block\nblacklist: [{http: “evil.com”}]\n", teamEnv("f", ""))
	assert.Equal(t, Block, p.Decide(get(t, "https://evil.com/")).Verdict, "a blacklist keeps its entry")
}
