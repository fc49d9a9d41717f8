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
	g := filePairs{rand.New(rand.NewPCG(7, 11))}
	confirmed, alone := 0, 0
	for i := range corpustest.Times(40, 200) {
		oldText, newText := g.file(), g.file()
		if i%2 == 0 {
			newText = strings.Replace(oldText, g.pick("a.test", "GET", "/8", "q1", "any", "443", "v1", "self"), g.pick("b.test", "PUT", "/16", "q*", "v2"), 1)
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
			require.Empty(t, line.After)
			at := strings.Join([]string{cmp.Or(line.Function, "f") + "@" + line.Stage, "-region", line.Region, "-account", line.Account}, " ")
			lines[at], calls[at] = append(lines[at], line), calls[at]+string(line.Call)+"\n"
		}
		for at, all := range lines {
			old := verdicts(t, "check -json -policy old.yaml "+at, calls[at])
			new := verdicts(t, "check -json -policy new.yaml "+at, calls[at])
			require.Len(t, old, len(all))
			require.Len(t, new, len(all))
			for i, line := range all {
				confirmed++
				require.Equal(t, line.Old+" "+line.New, old[i]+" "+new[i], "%s %s\n%s\n---\n%s\n---\n%s", at, line.Call, line.Where, oldText, newText)
			}
			if line := all[0]; line.Where == "" || line.Where == "in "+line.Region {
				alone++
				require.Equal(t, []string{line.Old}, verdicts(t, "check -json -policy old.yaml "+at+" "+line.Witness, ""), line.Witness)
				require.Equal(t, []string{line.New}, verdicts(t, "check -json -policy new.yaml "+at+" "+line.Witness, ""), line.Witness)
			}
		}
	}
	t.Logf("%d witnesses, %d of them as arguments", confirmed, alone)
	assert.Greater(t, confirmed, 50)
	assert.Greater(t, alone, 5)
}

// A witnessLine is a line of diff -json.
type witnessLine struct {
	Function, Stage, Region, Account, Old, New, Witness, Where, After string
	Call                                                              json.RawMessage
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
