package learn_test

import (
	"bytes"
	"context"
	"flag"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/cmd/outguard/internal/learn"
	"github.com/outguard/outguard/cmd/outguard/internal/loglines"
	"github.com/outguard/outguard/guard"
	"github.com/outguard/outguard/policy"
)

var update = flag.Bool("update", false, "rewrite golden files")

const nothing = "version: 1\non_violation: log\nwhitelist: []\n"

func web(method, url string) policy.Call {
	r, err := http.NewRequest(method, url, nil)
	if err != nil {
		panic(err)
	}
	return policy.Call{HTTP: r, Via: policy.ViaTransport}
}

func aws(service, operation string, resources ...string) policy.Call {
	return policy.Call{AWS: policy.AWSCall{Service: service, Operation: operation, Resources: resources}, Via: policy.ViaSDK}
}

func net(to string, via policy.Via) policy.Call { return policy.Call{Net: to, Via: via} }

// place is where a function runs.
var place = policy.Env{Function: "checkout", Stage: "dev", Region: "eu-west-1", Account: "111122223333", Getenv: learn.Getenv}

// logOf returns the log of a function that makes calls under a policy.
func logOf(t *testing.T, text string, env policy.Env, calls ...policy.Call) string {
	t.Helper()
	p, err := policy.Parse("policy.yaml", []byte(text), env)
	require.NoError(t, err)
	var out bytes.Buffer
	g := guard.New(p, &guard.Options{
		Function: env.Function, Stage: env.Stage, Region: env.Region, Account: env.Account, Stdout: &out,
		Getenv: func(name string) string { return map[string]string{"OUTGUARD_LEARN": "1"}[name] },
	})
	for _, c := range calls {
		_ = g.Check(context.Background(), c)
		_ = g.Flush(context.Background())
	}
	return out.String()
}

// learned returns what is learned of a log.
func learned(t *testing.T, log string, o learn.Options) (*learn.Result, *learn.Log) {
	t.Helper()
	l := &learn.Log{Options: o}
	_, err := loglines.Read(strings.NewReader(log), func(schema string, text []byte) error {
		l.Add(schema, text)
		return nil
	})
	require.NoError(t, err)
	r, err := l.Learn(nil)
	require.NoError(t, err)
	return r, l
}

// shop is what a function of a shop calls.
func shop() []policy.Call {
	return []policy.Call{
		web("GET", "https://api.stripe.com/v1/charges/17"), web("GET", "https://api.stripe.com/v1/charges/18"),
		web("POST", "https://api.stripe.com/v1/charges/17"), web("POST", "https://api.stripe.com/v1/charges?amount=12"),
		web("GET", "https://api.stripe.com/v1/customers/cus_NffrFeUfNV2Hib/cards"),
		web("POST", "http://localhost:4566/"), web("GET", "https://www.example.com"),
		web("GET", "https://files.example.com/t/550e8400-e29b-41d4-a716-446655440000/q7Rk2-vX9_bTz41LmNpQwE8sYcUa5HdG"),
		web("GET", "https://files.example.com/a%20b/größe.pdf"),
		web("CONNECT", "https://proxy.example.com:8443"),
		aws("s3", "PutObject", "arn:aws:s3:::receipts/2026/17.pdf"), aws("s3", "PutObject", "arn:aws:s3:::receipts/2025/9.pdf"),
		aws("s3", "GetObject", "arn:aws:s3:::receipts/2026/17.pdf"),
		aws("dynamodb", "GetItem", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"),
		aws("dynamodb", "PutItem", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"),
		aws("dynamodb", "GetItem", "arn:aws:dynamodb:eu-west-1:111122223333:table/users"),
		aws("sqs", "SendMessage", "arn:aws:sqs:eu-central-1:111122223333:orders"),
		aws("sqs", "SendMessage", "arn:aws:sqs:eu-west-1:444455556666:orders"),
		aws("sts", "GetCallerIdentity"), aws("weird", "DoSomething"), aws("s3", "ListBuckets"),
		net("db.internal:5432", policy.ViaUnknown), net("db.internal", policy.ViaName), net("db.internal:5432", policy.ViaContext),
		net("mail.internal", policy.ViaName), net("10.0.0.7:6379", policy.ViaContext),
	}
}

func TestPolicyOfAShop(t *testing.T) {
	log := logOf(t, nothing, place, shop()...)
	r, _ := learned(t, log, learn.Options{})
	assert.Empty(t, r.Left)
	golden(t, "shop.yaml", dateless(r.Policy()))
	p, err := policy.Parse("policy.yaml", r.Policy(), place)
	require.NoError(t, err)
	for _, c := range shop() {
		assert.True(t, p.Decide(c).Allowed(), "%v", p.Decide(c).Reason)
	}
}

// dateless takes the days of the run out of a policy.
func dateless(text []byte) string {
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		if i := strings.Index(line, ", last 20"); i >= 0 && strings.Contains(line[:i], "#") {
			line = line[:i] + line[i+len(", last 2006-01-02"):]
		}
		b.WriteString(line)
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

// What must not be learned, or cannot be, is left out with its reason, whether the log says so or
// not.
func TestLeftOut(t *testing.T) {
	const strict = "version: 1\non_violation: log\nwhitelist: []\nblacklist:\n  - id: no-exfil\n    http: evil.example\n    reason: known collector\n"
	foreign := aws("s3", "GetObject", "arn:aws:s3:::receipts/a")
	foreign.AWS.Account = "999988887777"
	tests := []struct {
		name, policy string
		call         policy.Call
		reason       string
	}{
		{"blacklist", strict, web("GET", "https://evil.example/17"), "blacklist no-exfil (policy.yaml:5): known collector"},
		{"metadata", nothing, web("GET", "http://169.254.169.254/latest/meta-data"), "blacklist metadata: addresses that serve metadata and credentials are never learned"},
		{"metadata as IPv6", nothing, web("GET", "http://[fd00:ec2::254]/"), "blacklist metadata: addresses that serve metadata and credentials are never learned"},
		{"metadata as IPv4 in IPv6", nothing, web("GET", "http://[::ffff:169.254.169.254]/"), "blacklist metadata: addresses that serve metadata and credentials are never learned"},
		{"metadata by dial", nothing, net("169.254.170.2:80", policy.ViaContext), "blacklist metadata: addresses that serve metadata and credentials are never learned"},
		{"runtime API", nothing, web("GET", "http://127.0.0.1:9001/2018-06-01/runtime/invocation/next"), "built-in rule lambda-runtime: "},
		{"foreign credentials", nothing, foreign, "built-in rule foreign-credentials: "},
		{"variable", nothing, web("GET", "https://a.example/%24%7BX%7D"), "no entry allows this call and no other: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, _ := learned(t, logOf(t, tt.policy, place, tt.call), learn.Options{})
			require.Len(t, r.Left, 1)
			assert.True(t, strings.HasPrefix(r.Left[0].Reason, tt.reason), r.Left[0].Reason)
			assert.Zero(t, r.Calls)
			assert.Equal(t, "version: 1\non_violation: alert\nfunctions:\n  checkout:\n    whitelist: []\n", string(r.Policy()))
		})
	}
}

// An alert that was completed no more, because too many were new at once, names only what decided.
func TestForeignCredentialsWithoutAgainst(t *testing.T) {
	call := aws("s3", "GetObject", "arn:aws:s3:::receipts/a")
	call.AWS.Account = "999988887777"
	log := logOf(t, nothing, place, call)
	start, end := strings.Index(log, `"against":`), strings.Index(log, `"count":`)
	require.Positive(t, start)
	r, _ := learned(t, log[:start]+log[end:], learn.Options{})
	require.Len(t, r.Left, 1)
	assert.Contains(t, r.Left[0].Reason, "foreign-credentials")
}

// A host that a learned rule allows in part is not opened for what was seen of it by name alone.
func TestPartialSightDoesNotWiden(t *testing.T) {
	r, _ := learned(t, logOf(t, nothing, place, web("GET", "https://a.example/x"), net("a.example:443", policy.ViaContext)), learn.Options{})
	require.Len(t, r.Left, 1)
	assert.Contains(t, r.Left[0].Reason, "no layer saw the whole call")
	assert.NotContains(t, string(r.Policy()), "net:")
}

func TestSelection(t *testing.T) {
	at := func(function, stage, account string) policy.Env {
		e := place
		e.Function, e.Stage, e.Account = function, stage, account
		return e
	}
	call := func(path string) policy.Call { return web("GET", "https://a.example/"+path) }
	log := logOf(t, nothing, at("checkout", "dev", "111122223333"), call("a"), aws("sqs", "SendMessage", "arn:aws:sqs:eu-west-1:111122223333:orders")) +
		logOf(t, nothing, at("checkout", "prod", "444455556666"), call("b"), aws("sqs", "SendMessage", "arn:aws:sqs:eu-west-1:444455556666:orders")) +
		logOf(t, nothing, at("report", "prod", "444455556666"), call("c")) +
		logOf(t, nothing, at("", "prod", ""), call("d")) +
		logOf(t, nothing, at("shop-Charge-1A2B3C4D5E6F", "prod", ""), call("e")) + logOf(t, nothing, at("shop-Charge-9Z8Y7X6W5V4U", "dev", ""), call("f")) +
		logOf(t, nothing, at("shop-Refund-1A2B3C4D5E6F", "prod", ""), call("g")) + logOf(t, nothing, at("shop-Refund-v2", "dev", ""), call("h"))
	tests := []struct {
		name string
		learn.Options
		golden string
	}{
		{"all", learn.Options{}, "all.yaml"},
		{"function", learn.Options{Function: "checkout"}, "function.yaml"},
		{"stage", learn.Options{Stage: "dev"}, "stage.yaml"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, _ := learned(t, log, tt.Options)
			assert.Empty(t, r.Left)
			golden(t, tt.golden, dateless(r.Policy()))
		})
	}
}

// The order of the lines, and how often they are read, does not change the rules.
func TestOrderDoesNotMatter(t *testing.T) {
	lines := strings.SplitAfter(logOf(t, nothing, place, shop()...), "\n")
	want, _ := learned(t, strings.Join(lines, ""), learn.Options{})
	for range 5 {
		rand.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		got, _ := learned(t, strings.Join(lines, ""), learn.Options{})
		require.Equal(t, string(want.Policy()), string(got.Policy()))
	}
}

func TestBadLines(t *testing.T) {
	alert := strings.SplitAfter(logOf(t, nothing, place, web("GET", "https://a.example/x")), "\n")[0]
	tests := []struct {
		name, line string
		want       learn.Counts
	}{
		{"newer version", strings.Replace(alert, "alert/v1", "alert/v2", 1), learn.Counts{Unknown: map[string]int{"outguard.alert/v2": 1}}},
		{"wrong type", strings.Replace(alert, `"count":1`, `"count":"one"`, 1), learn.Counts{Broken: 1}},
		{"not JSON", strings.Replace(alert, `"count":1`, `"count":`, 1), learn.Counts{Broken: 1}},
		{"glob for a function", strings.Replace(alert, `"function":"checkout"`, `"function":"*"`, 1), learn.Counts{Broken: 1}},
		{"no function", strings.Replace(alert, `"function":"checkout"`, `"function":""`, 1), learn.Counts{Nameless: 1}},
		{"broken policy", strings.Replace(alert, `"kind":"http"`, `"kind":"policy"`, 1), learn.Counts{Others: 1}},
		{"newer version of seen", `{"schema":"outguard.seen/v2"}`, learn.Counts{Unknown: map[string]int{"outguard.seen/v2": 1}}},
		{"too many allowed", `{"schema":"outguard.unseen/v1","count":12}`, learn.Counts{Missing: 12}},
		{"too many", `{"schema":"outguard.more/v1","violations":12}`, learn.Counts{Missing: 12}},
		{"start", `{"schema":"outguard.start/v1"}`, learn.Counts{Others: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, l := learned(t, tt.line, learn.Options{})
			assert.Equal(t, tt.want, l.Counts)
			assert.Zero(t, r.Calls)
		})
	}
}

// Texts of a hostile log cannot leave the comment or the value that they stand in.
func TestHostileTexts(t *testing.T) {
	alert := strings.SplitAfter(logOf(t, nothing, place, web("GET", "https://a.example/x")), "\n")[0]
	for _, line := range []string{
		strings.Replace(alert, `"count":1`, `"count":1,"caller":"x\n      - http: any\n        reason: x"`, 1),
		strings.Replace(alert, `https://a.example/x`, `https://a.example/x\n      - http: any`, 1),
		strings.Replace(alert, `"allow":"- http: `, `"allow":"- http: any\n- http: `, 1),
	} {
		require.NotEqual(t, alert, line)
		r, _ := learned(t, line, learn.Options{})
		file, err := policy.ParseFile("policy.yaml", r.Policy())
		require.NoError(t, err)
		p, err := file.For(place)
		require.NoError(t, err)
		assert.False(t, p.Decide(web("GET", "https://evil.example/")).Allowed(), string(r.Policy()))
	}
}

// What a wide policy allowed is learned as narrowly as it was used.
func TestAllowedCalls(t *testing.T) {
	const wide = "version: 1\nwhitelist:\n  - {http: any, reason: for now}\n  - {aws: any, reason: for now, accounts: [self, \"444455556666\"]}\n  - {net: any, reason: for now}\n"
	log := logOf(t, wide, place, shop()...)
	r, l := learned(t, log, learn.Options{})
	assert.Positive(t, l.Counts.Seen)
	assert.Zero(t, l.Counts.Alerts)
	assert.Empty(t, r.Left)
	golden(t, "seen.yaml", dateless(r.Policy()))
	p, err := policy.Parse("policy.yaml", r.Policy(), place)
	require.NoError(t, err)
	for _, c := range shop() {
		assert.True(t, p.Decide(c).Allowed(), "%v", p.Decide(c).Reason)
	}
}

// A line of a call that is known by its fingerprint counts as if it had been decoded, and does not
// hide what another line knows of the call.
func TestRepeats(t *testing.T) {
	line := strings.SplitAfter(logOf(t, nothing, place, web("GET", "https://a.example/x")), "\n")[0]
	line = regexp.MustCompile(`"caller":"[^"]*",`).ReplaceAllString(line, "")
	other := strings.Replace(line, `"count":1`, `"caller":"example.com/b.F b.go:1","count":7,"distinct":3`, 1)
	r, l := learned(t, strings.Repeat(line, 3)+other, learn.Options{})
	assert.Equal(t, 4, l.Counts.Alerts)
	assert.Contains(t, string(r.Policy()), "# 10 calls, last ")
	assert.Contains(t, string(r.Policy()), ", by example.com/b\n")

	forbidden := strings.Replace(line, `"count":1`, `"against":[{"list":"blacklist","rule":"no-exfil","reason":"x"}],"count":1`, 1)
	r, _ = learned(t, line+forbidden, learn.Options{})
	assert.Len(t, r.Left, 1)
	r, l = learned(t, line+line, learn.Options{Stage: "prod"})
	assert.Zero(t, r.Calls)
	assert.Equal(t, 2, l.Counts.Left)
	_, l = learned(t, line+strings.Replace(line, `"count":1`, `"count":x`, 1), learn.Options{})
	assert.Equal(t, 1, l.Counts.Broken)
}
