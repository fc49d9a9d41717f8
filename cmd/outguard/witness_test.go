package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/corpustest"
)

// check confirms each witness of diff in both files: the call of a line of -json, given to check as
// it is documented, for the function, stage, region and account of the line. Where diff names
// nothing beside the witness, the witness is also confirmed as an argument.
func TestCheckConfirmsEveryWitness(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	seed := corpustest.Sample(5, 7) // the first pairs of 5 have all kinds of witnesses
	g := filePairs{rand.New(rand.NewPCG(uint64(seed), 11))}
	confirmed, alone, later := 0, 0, 0
	for i := range corpustest.Times(corpustest.Sample(9, 40), 300) {
		oldText, newText := g.file(), g.file()
		if i%2 == 0 {
			newText = strings.Replace(oldText, g.pick("a.test", "GET", "/8", "q1", "any", "443", "v1", "self"), g.pick("b.test", "PUT", "/16", "q*", "v2"), 1)
		}
		if i%4 == 1 { // only the last day of a rule differs, often by one
			newText = strings.Replace(oldText, g.pick("-31", "2999", ", until: 2998-12-31"), g.pick("-30", "2998", ""), 1)
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, "old.yaml"), []byte(oldText), 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "new.yaml"), []byte(newText), 0o600))
		args := []string{"diff", "-json", "old.yaml", "new.yaml"}
		if i%50 > 0 {
			args = append(args, "-region", "eu-west-1", "-account", "111122223333")
		}
		var out, errs bytes.Buffer
		if run(args, stdio{strings.NewReader(""), &out, &errs}) != exitOK || strings.Contains(errs.String(), "does not load") {
			continue
		}
		lines, calls := map[string][]witnessLine{}, map[string]string{}
		for text := range strings.Lines(out.String()) {
			var line witnessLine
			require.NoError(t, json.Unmarshal([]byte(text), &line))
			at := strings.Join([]string{cmp.Or(line.Function, "f") + "@" + line.Stage, "-region", line.Region, "-account", line.Account}, " ")
			lines[at], calls[at] = append(lines[at], line), calls[at]+string(line.Call)+"\n"
		}
		for at, all := range lines {
			old := verdicts(t, "check -json -policy old.yaml "+at, calls[at])
			new := verdicts(t, "check -json -policy new.yaml "+at, calls[at])
			require.Len(t, old, len(all))
			require.Len(t, new, len(all))
			for i, line := range all {
				if confirmed++; line.After != "" {
					later++
				}
				require.Equal(t, line.Old+" "+line.New, old[i]+" "+new[i], "%s %s\n%s\n---\n%s\n---\n%s", at, line.Call, line.Where, oldText, newText)
			}
			where := strings.TrimPrefix(strings.TrimSuffix(all[0].Where, "after "+all[0].After), ", ")
			if line := all[0]; where == "" || where == "in "+line.Region {
				alone++
				if line.After != "" {
					at += " -at " + line.at(t)
				}
				require.Equal(t, []string{line.Old}, verdicts(t, "check -json -policy old.yaml "+at+" "+line.Witness, ""), line.Witness)
				require.Equal(t, []string{line.New}, verdicts(t, "check -json -policy new.yaml "+at+" "+line.Witness, ""), line.Witness)
			}
		}
	}
	t.Logf("%d witnesses, %d of them as arguments, %d after the end of a rule", confirmed, alone, later)
	assert.Greater(t, confirmed, corpustest.Sample(25, 50))
	assert.Greater(t, alone, corpustest.Sample(2, 5))
	assert.Greater(t, later, corpustest.Sample(1, 2))
}

// A witnessLine is a line of diff -json.
type witnessLine struct {
	Function, Stage, Region, Account, Old, New, Witness, Where, After string
	Call                                                              json.RawMessage
}

// at is the time of the call.
func (l *witnessLine) at(t *testing.T) string {
	t.Helper()
	var call struct{ At string }
	require.NoError(t, json.Unmarshal(l.Call, &call))
	return call.At
}

// verdicts runs check.
func verdicts(t *testing.T, args, in string) (all []string) {
	t.Helper()
	var out, errs bytes.Buffer
	assert.NotEqual(t, exitUsage, run(strings.Fields(args), stdio{strings.NewReader(in), &out, &errs}), "%s %s %s", args, in, errs.String())
	for text := range strings.Lines(out.String()) {
		var line struct{ Verdict string }
		require.NoError(t, json.Unmarshal([]byte(text), &line))
		all = append(all, line.Verdict)
	}
	return all
}

// A filePairs makes policy files that differ and meet often.
type filePairs struct{ *rand.Rand }

func (g filePairs) pick(from ...string) string { return from[g.IntN(len(from))] }

func (g filePairs) file() string {
	var b strings.Builder
	fmt.Fprintf(&b, "version: 1\non_violation: %s\n", g.pick("block", "alert", "{prod: block, dev: log}"))
	if g.IntN(2) == 0 {
		g.lists(&b, "")
		return b.String()
	}
	b.WriteString("functions:\n")
	for _, name := range []string{"checkout", "'pay-*'"} {
		b.WriteString("  " + name + ":\n")
		g.lists(&b, "    ")
	}
	return b.String()
}

func (g filePairs) lists(b *strings.Builder, indent string) {
	for _, list := range []string{"whitelist", "blacklist"} {
		if list == "whitelist" && g.IntN(3) == 0 {
			continue
		}
		n := g.IntN(4)
		if n == 0 {
			b.WriteString(indent + list + ": []\n")
			continue
		}
		b.WriteString(indent + list + ":\n")
		for range n {
			b.WriteString(indent + "  - {" + g.rule(list) + "}\n")
		}
	}
}

func (g filePairs) rule(list string) string {
	var r string
	switch g.IntN(5) {
	case 0, 1:
		host := g.pick("a.test", "*.a.test", "b.a.test", "10.1.2.3", "sqs.eu-west-1.amazonaws.com", "*.a.test")
		if list == "blacklist" {
			host = g.pick(host, "*.amazonaws.com", "sqs.*.amazonaws.com")
		}
		r = "http: " + strconv.Quote(g.pick("", "", "http://")+host+g.pick("", "", ":8080")+g.pick("", "", "/v1/**", "/v1/*", "/*/x"))
		if g.IntN(3) == 0 {
			r += ", methods: [" + g.pick("GET", "PUT", "GET, PUT") + "]"
		}
	case 2:
		if r = "ip: " + g.pick("10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "loopback"); list == "whitelist" {
			r = "net: " + g.pick("'a.test:443'", "'a.test:25'", "'*.a.test:25'")
		}
	default:
		r = "aws: " + g.pick("'sqs:SendMessage'", "'sqs:*'", "'dynamodb:GetItem'", "['sqs:ReceiveMessage', 'sqs:SendMessage']")
		if strings.Contains(r, "sqs") && g.IntN(2) == 0 {
			r += ", resources: " + g.pick("q1", "'q*'", "'arn:aws:sqs:us-east-1:111122223333:q1'", "'arn:aws:sqs:*:*:q2'")
		}
		if g.IntN(3) == 0 {
			r += ", regions: [" + g.pick("us-east-1", "eu-west-1", "us-east-1, eu-west-1") + "]"
		}
		if g.IntN(3) == 0 {
			r += ", accounts: [" + g.pick("self", "'444455556666'", "self, '444455556666'") + "]"
		}
	}
	if !strings.Contains(r, "ip:") && g.IntN(5) == 0 {
		r += ", callers: [" + g.pick("x.test/a", "x.test/...", "main", "main, y.test") + "]"
	}
	if list == "whitelist" && g.IntN(2) == 0 {
		r += ", until: " + g.pick("2998-12-31", "2999-12-31")
	}
	if list == "blacklist" && g.IntN(4) == 0 {
		r += ", on_violation: " + g.pick("log", "block")
	}
	return r
}

// What stands beside a call in JSON counts, and of several verdicts the strictest.
func TestCheckTakesWhatAVerdictDependsOn(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("policy.yaml", []byte(`version: 1
on_violation: alert
whitelist:
  - {http: a.test, callers: [x.test/a]}
  - {http: b.test, callers: [main]}
  - {http: c.test}
blacklist:
  - {ip: 10.0.0.0/8, on_violation: block}
  - {http: "*.amazonaws.com", on_violation: block}
`), 0o600))
	tests := []struct{ call, want string }{
		{`{"http": {"url": "https://a.test/"}}`, "alert"},
		{`{"http": {"url": "https://a.test/"}, "caller": {"package": "x.test/a"}}`, "allow"},
		{`{"http": {"url": "https://b.test/"}, "caller": {"package": "x.test/a"}}`, "alert"},
		{`{"http": {"url": "https://b.test/"}, "caller": {"package": "x.test/a", "main": true}}`, "allow"},
		{`{"http": {"url": "https://c.test/"}, "addr": "192.0.2.1"}`, "allow"},
		{`{"http": {"url": "https://c.test/"}, "addr": "10.0.0.1"}`, "block"},
		{`{"net": "d.test:25", "addr": "10.0.0.1"}`, "block"},
		{`{"aws": {"service": "sqs", "operation": "SendMessage"}}`, "alert"},
		{`{"aws": {"service": "sqs", "operation": "SendMessage"}, "addr": "10.0.0.1"}`, "block"},
		{`{"aws": {"service": "sqs", "operation": "SendMessage"}, "http": {"url": "https://sqs.eu-west-1.amazonaws.com/"}}`, "block"},
	}
	for _, tt := range tests {
		assert.Equal(t, []string{tt.want}, verdicts(t, "check -json -region eu-west-1 -account 111122223333", tt.call), tt.call)
	}
	var out, errs bytes.Buffer
	in := `{"net": "a.test:1", "addr": "a.test"}` + "\n" + `{"net": "a.test:1", "caller": {}}` + "\n" + `{"net": "a.test:1", "caller": "a"}`
	assert.Equal(t, exitUsage, run([]string{"check"}, stdio{strings.NewReader(in), &out, &errs}))
	assert.Equal(t, `outguard check: line 1: "addr" is not an IP address
outguard check: line 2: "caller" needs "package"
outguard check: line 3: "caller": cannot be a string
`, errs.String())
}

// check confirms the calls of logs whose verdict changes, too: in JSON, they have what a policy
// goes by.
func TestCheckConfirmsRecordedCalls(t *testing.T) {
	t.Chdir(t.TempDir())
	policyText := "version: 1\non_violation: block\non_unguarded: alert\nwhitelist:\n  - http: https://b.test/**\n"
	require.NoError(t, os.WriteFile("old.yaml", []byte(policyText), 0o600))
	require.NoError(t, os.WriteFile("new.yaml", []byte(policyText+`  - http: a.test
    until: 2999-12-31
  - aws: dynamodb:PutItem
    resources: table/orders
  - net: "db.test:5432"
  - http: https://c.test/only
`), 0o600))
	var log strings.Builder
	for _, call := range []string{
		`{"kind":"http","method":"GET","url":"https://a.test/x","via":"transport"}`,
		`{"kind":"aws","service":"dynamodb","operation":"PutItem","region":"us-east-1","resources":["arn:aws:dynamodb:us-east-1:111122223333:table/orders"],"via":"sdk"}`,
		`{"kind":"net","net":"db.test:5432","via":"context"}`,
		`{"kind":"net","net":"c.test","via":"name"}`,
		`{"kind":"net","net":"c.test:443","via":"proxy"}`,
		`{"kind":"http","method":"GET","url":"https://b.test/x","via":"transport"}`,
	} {
		fmt.Fprintf(&log, `{"schema":"outguard.alert/v1","time":"2026-11-20T12:00:00Z","verdict":"block","function":"f","stage":"prod","region":"us-east-1","account":"111122223333","call":%s,"list":"whitelist","reason":"x","count":1}`+"\n", call)
	}
	require.NoError(t, os.WriteFile("function.log", []byte(log.String()), 0o600))
	for _, files := range [][2]string{{"old.yaml", "new.yaml"}, {"new.yaml", "old.yaml"}} {
		var out, errs bytes.Buffer
		require.Equal(t, exitOK, run([]string{"diff", "-json", "-calls-only", "-calls", "function.log", files[0], files[1]}, stdio{strings.NewReader(""), &out, &errs}))
		assert.Equal(t, 4, strings.Count(out.String(), "\n"), out.String())
		for text := range strings.Lines(out.String()) {
			var line witnessLine
			require.NoError(t, json.Unmarshal([]byte(text), &line))
			at := " " + line.Function + "@" + line.Stage + " -region " + line.Region + " -account " + line.Account
			for i, want := range []string{line.Old, line.New} {
				assert.Equal(t, []string{want}, verdicts(t, "check -json -policy "+files[i]+at, string(line.Call)), text)
			}
		}
	}
}
