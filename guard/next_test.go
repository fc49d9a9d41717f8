package guard

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/alloctest"
	"github.com/outguard/outguard/notify"
	"github.com/outguard/outguard/policy"
)

const enforced = `version: 1
next: policy-next.yaml
on_violation: block
whitelist:
  - http: https://api.stripe.com/v1/**
  - id: archive
    http: archive.example
  - aws: s3:PutObject
`

// narrower is enforced without the archive, and with one host more.
const narrower = `version: 1
owner: payments
on_violation: alert
whitelist:
  - http: https://api.stripe.com/v1/**
  - http: new.example
  - aws: s3:PutObject
    resources: receipts/*
`

// beside is a guard by enforced and a next policy, with what it logs and alerts.
func beside(t *testing.T, next string) (*Guard, *buffer, *[]notify.Alert) {
	t.Helper()
	var sent []notify.Alert
	out := new(buffer)
	g, err := load(&Options{
		Policy: []byte(enforced), FS: fstest.MapFS{"policy-next.yaml": {Data: []byte(next)}}, Stdout: out,
		Function: "checkout", Region: "eu-west-1", Account: "111122223333", Getenv: environment(),
		Notifiers: []notify.Notifier{notifierFunc(func(alerts []notify.Alert) { sent = append(sent, alerts...) })},
	}, "/none")
	require.NoError(t, err)
	t.Cleanup(g.Uninstall)
	return g, out, &sent
}

// A nextLine is a line about a next policy, as far as the tests look.
type nextLine struct {
	Schema, Level, Verdict, Function, Form, List, Rule, Place, Reason, Caller string
	Count, Distinct                                                           int
	Next                                                                      struct{ File, SHA256, Verdict, List, Rule, Place, Owner, Reason, Allow string }
}

func nextLines(t *testing.T, out *buffer) (lines []nextLine) {
	t.Helper()
	for text := range strings.Lines(out.String()) {
		if strings.Contains(text, `"schema":"outguard.next/v1"`) {
			var line nextLine
			require.NoError(t, json.Unmarshal([]byte(text), &line))
			lines = append(lines, line)
			assert.NotContains(t, text, "_aws", "it is not a metric")
		}
	}
	return lines
}

func (l *nextLine) String() string {
	return fmt.Sprintf("%s | %s by %q → %s by %q | %d of %d", l.Form, l.Verdict, l.Rule, l.Next.Verdict, l.Next.Rule, l.Count, l.Distinct)
}

// Calls that the next policy deals with otherwise are logged once and then counted. They are not
// alerts, and what happens to them is what the enforced policy says.
func TestCallsThatANextPolicyDealsWithOtherwise(t *testing.T) {
	g, out, sent := beside(t, narrower)
	ctx := context.Background()
	for i := range 70 {
		require.NoError(t, g.Check(ctx, request(t, "GET", fmt.Sprintf("https://archive.example/files/%d?key=secret", i))))
	}
	require.NoError(t, g.Check(ctx, request(t, "GET", "https://api.stripe.com/v1/charges/17")), "as before")
	require.NoError(t, g.Check(ctx, aws("s3", "PutObject", "arn:aws:s3:::receipts/17.pdf")), "as before")
	require.NoError(t, g.Check(ctx, aws("s3", "PutObject", "arn:aws:s3:::backups/17.pdf")))
	require.NoError(t, g.Flush(ctx))
	assert.Empty(t, *sent, "never an alert")
	require.Error(t, g.Check(ctx, request(t, "GET", "https://new.example/")), "the enforced policy counts")
	require.Error(t, g.Check(ctx, request(t, "GET", "https://other.example/")), "the outcome differs")
	require.NoError(t, g.Flush(ctx))
	assert.Len(t, *sent, 2, "of the enforced policy")

	lines := nextLines(t, out)
	var got []string
	for _, l := range lines {
		got = append(got, l.String())
	}
	assert.Equal(t, []string{
		`GET https://archive.example/files/* | allow by "archive" → alert by "" | 1 of 0`,
		`s3:PutObject on arn:aws:s3:::backups/*.pdf | allow by "policy.yaml:8" → alert by "policy-next.yaml:7" | 1 of 0`,
		`GET https://archive.example/files/* | allow by "archive" → alert by "" | 69 of 65`,
		`GET https://new.example/ | block by "" → allow by "policy-next.yaml:6" | 1 of 0`,
		`GET https://other.example/ | block by "" → alert by "" | 1 of 0`,
	}, got)

	first := lines[0]
	assert.Equal(t, "INFO", first.Level)
	assert.Equal(t, "checkout", first.Function)
	assert.Equal(t, "policy.yaml:6", first.Place)
	assert.Empty(t, first.Reason, "nothing forbids it")
	assert.Equal(t, noCaller, first.Caller, "this package is none")
	assert.Equal(t, "policy-next.yaml", first.Next.File)
	assert.Equal(t, g.policy().Info()[0].Next.SHA256, first.Next.SHA256)
	assert.Equal(t, "no whitelist rule matches host archive.example", first.Next.Reason)
	assert.Equal(t, "- http: https://archive.example/files/*\n  methods: [GET]", first.Next.Allow)
	assert.Equal(t, "payments", first.Next.Owner)
	assert.Equal(t, "no whitelist rule matches host new.example", lines[3].Reason)
	assert.Equal(t, "policy-next.yaml:6", lines[3].Next.Place)
	assert.NotContains(t, out.String(), "secret")
}

// Repeats are written at the end of an invocation, once per window.
func TestNextPolicyInInvocations(t *testing.T) {
	g, out, _ := beside(t, narrower)
	handler := g.Wrap(func(ctx context.Context) error { return g.Check(ctx, request(t, "GET", "https://archive.example/")) })
	for range 5 {
		_, _, err := invoke(handler, "{}")
		require.NoError(t, err)
	}
	assert.Len(t, nextLines(t, out), 1)
	require.NoError(t, g.Flush(context.Background()))
	lines := nextLines(t, out)
	require.Len(t, lines, 2)
	assert.Equal(t, 4, lines[1].Count)
}

// The layers below count a call once, as they do for violations.
func TestNextPolicyAndLowerLayers(t *testing.T) {
	g, out, _ := beside(t, narrower)
	inv, err := g.begin(t.Context())
	require.NoError(t, err)
	see := func(net string, via policy.Via) error { return g.Check(inv, policy.Call{Net: net, Via: via}) }
	for range 2 {
		assert.NoError(t, see("archive.example:443", policy.ViaContext))
		assert.NoError(t, see("archive.example", policy.ViaName))
		assert.NoError(t, see("archive.example:443", policy.ViaConnect))
	}
	assert.NoError(t, see("other.example:443", policy.ViaConnect), "neither can refuse it")
	g.end(inv)
	require.NoError(t, g.Flush(context.Background()))
	lines := nextLines(t, out)
	require.Len(t, lines, 2)
	assert.Equal(t, "archive.example:443", lines[0].Form)
	assert.Equal(t, 1, lines[1].Count, "the second pass through the context")
}

func TestStartLineNamesTheNextPolicy(t *testing.T) {
	g, out, _ := beside(t, narrower)
	line := firstLine(t, g, out)
	require.Len(t, line.Policies, 1)
	next := line.Policies[0].Next
	require.NotNil(t, next)
	assert.Equal(t, "policy-next.yaml", next.File)
	assert.Equal(t, g.policy().Info()[0].Next.SHA256, next.SHA256)
	assert.Equal(t, "alert", next.OnViolation)
	assert.Equal(t, 3, next.Rules)
	assert.Equal(t, "block", line.Mode, "of the enforced policies")
}

// A next policy that is missing or faulty is a warning in the start line, and changes nothing.
func TestFaultyNextPolicyIsAWarning(t *testing.T) {
	g, out, sent := beside(t, "whitelsit: []\n")
	require.NoError(t, g.Check(context.Background(), request(t, "GET", "https://archive.example/")))
	require.Error(t, g.Check(context.Background(), request(t, "GET", "https://new.example/")))
	line := firstLine(t, g, out)
	assert.Equal(t, "WARN", line.Level)
	assert.Nil(t, line.Policies[0].Next)
	assert.Contains(t, strings.Join(line.Warnings, "\n"), `policy.yaml:2:7: next: has no effect: policy-next.yaml:1:1: unknown key "whitelsit"`)
	assert.Empty(t, nextLines(t, out))
	require.NoError(t, g.Flush(context.Background()))
	assert.Len(t, *sent, 1)
}

// The file stands beside the policy, as a feed does: in its folder, or in Options.FS.
func TestLoadReadsTheNextPolicyBesideThePolicy(t *testing.T) {
	d := dir(t, "policy.yaml", enforced, "policy-next.yaml", narrower)
	for name, o := range map[string]*Options{
		"file": {Getenv: environment("OUTGUARD_POLICY", filepath.Join(d, "policy.yaml"))},
		"FS":   {Policy: []byte(enforced), FS: fstest.MapFS{"policy-next.yaml": {Data: []byte(narrower)}}, Getenv: environment()},
	} {
		o.Stdout = new(buffer)
		g, err := load(o, "/none")
		require.NoError(t, err, name)
		require.NotNil(t, g.current.Load().trial, name)
		assert.Equal(t, "policy-next.yaml", g.policy().Info()[0].Next.File, name)
	}
}

// A next policy replaces the file that names it. A central file goes on to count.
func TestNextPolicyBesideACentralFile(t *testing.T) {
	open := "version: 1\nblacklist: []\n"
	for _, c := range []struct {
		name, own, central string
		want               []string
	}{
		{"of the function", "next: next.yaml\n", "", nil},
		{"of the central file", "", "next: next/open.yaml\n", []string{`POST https://evil.example/collect | block by "" → allow by "" | 1 of 0`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := new(buffer)
			o := Options{Policy: []byte(open + c.own), FS: fstest.MapFS{"next.yaml": {Data: []byte(open)}}, Stdout: out, Getenv: environment(started...)}
			s := o.withDefaults()
			layers := dir(t, "security.yaml", securityTeam+c.central)
			require.NoError(t, os.Mkdir(filepath.Join(layers, "next"), 0o755))
			require.NoError(t, os.WriteFile(filepath.Join(layers, "next", "open.yaml"), []byte(open), 0o644))
			g, err := loadFor(s, layers, centralFor(&o, s, started...))
			require.NoError(t, err)
			assert.Len(t, g.policy().Info(), 2, "a folder below is not read")
			require.NotNil(t, g.current.Load().trial)
			require.Error(t, g.Check(context.Background(), request(t, "POST", "https://evil.example/collect")))
			var got []string
			for _, l := range nextLines(t, out) {
				got = append(got, l.String())
			}
			assert.Equal(t, c.want, got)
		})
	}
}

// A file that is enforced stays so, whatever names it as its next policy.
func TestANextPolicyThatIsEnforced(t *testing.T) {
	d := dir(t, "policy.yaml", enforced, "policy-next.yaml", narrower)
	listed := strings.Join([]string{filepath.Join(d, "policy.yaml"), filepath.Join(d, "policy-next.yaml")}, string(filepath.ListSeparator))
	g, err := load(&Options{Getenv: environment("OUTGUARD_POLICY", listed), Stdout: new(buffer)}, "/none")
	require.NoError(t, err)
	assert.Len(t, g.policy().Info(), 2)
	assert.Contains(t, strings.Join(g.warnings, "\n"), "policy-next.yaml is enforced, although ")
	assert.Contains(t, strings.Join(g.warnings, "\n"), "leave it out of OUTGUARD_POLICY")

	o := Options{Policy: []byte("version: 1\nblacklist: []\n"), Stdout: new(buffer), Getenv: environment(started...)}
	s := o.withDefaults()
	layers := dir(t, "security.yaml", securityTeam, "z.yaml", "version: 1\nblacklist: []\nnext: security.yaml\n")
	g, err = loadFor(s, layers, centralFor(&o, s, started...))
	require.NoError(t, err)
	assert.Error(t, g.Check(context.Background(), request(t, "POST", "https://evil.example/collect")), "a second file takes nothing away")
	assert.Contains(t, strings.Join(g.warnings, "\n"), "next: next/security.yaml")
}

// What goes wrong in judging by the next policy does not refuse a call.
func TestAnErrorInANextPolicyHasNoEffect(t *testing.T) {
	g, out, _ := beside(t, "version: 1\nwhitelist:\n- http: archive.example\n  callers: [example.com/shop/...]\n")
	c := request(t, "GET", "https://archive.example/")
	c.Caller = func() (string, bool) { panic("a bug") }
	for range 2 {
		require.NoError(t, g.Check(context.Background(), c))
	}
	assert.Equal(t, 1, strings.Count(out.String(), "a next policy could not judge a call, because of an error in Outguard that should be reported: a bug"))
	assert.NotContains(t, out.String(), "internal-error")
}

// Several goroutines judge at once.
func TestNextPolicyAtOnce(t *testing.T) {
	g, out, _ := beside(t, narrower)
	c := request(t, "GET", "https://archive.example/")
	manyAtOnce(func(int64) { _ = g.Check(context.Background(), c) })
	require.NoError(t, g.Flush(context.Background()))
	calls := 0
	for _, l := range nextLines(t, out) {
		calls += l.Count
	}
	assert.Equal(t, many(), calls)
}

// A next policy changes nothing for a function that has none.
func TestWithoutNextPolicy(t *testing.T) {
	g, out := logged(t, blockAll)
	assert.Nil(t, g.current.Load().trial)
	require.Error(t, g.Check(context.Background(), request(t, "GET", "https://a.example/")))
	assert.Empty(t, nextLines(t, out))
}

func TestNextPolicyAllocatesNothing(t *testing.T) {
	g, _, _ := beside(t, narrower)
	ctx := context.Background()
	for name, c := range map[string]policy.Call{
		"allowed by both":     request(t, "GET", "https://api.stripe.com/v1/charges/17"),
		"aws allowed by both": aws("s3", "PutObject", "arn:aws:s3:::receipts/17.pdf"),
		"repeat that differs": request(t, "GET", "https://archive.example/files/17"),
		"aws that differs":    aws("s3", "PutObject", "arn:aws:s3:::backups/17.pdf"),
	} {
		require.NoError(t, g.Check(ctx, c))
		alloctest.AtMost(t, 0, func() { _ = g.Check(ctx, c) }, name)
	}
}
