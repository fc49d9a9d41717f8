package guard

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/alloctest"
	"github.com/outguard/outguard/policy"
)

const seenPolicy = `version: 1
on_violation: log
whitelist:
  - id: charges
    http: https://api.stripe.com/v1/**
    methods: [GET, POST]
  - aws: [s3:PutObject, dynamodb:*Item]
  - net: db.internal:5432
  - http: http://127.0.0.1:*
`

// learning is a guard that logs allowed calls.
func learning(t *testing.T, text, value string) (*Guard, *buffer) {
	t.Helper()
	env := map[string]string{"OUTGUARD_LEARN": value}
	p, err := policy.Parse("policy.yaml", []byte(text), policy.Env{Function: "checkout", Stage: "dev", Region: "eu-west-1", Account: "111122223333"})
	require.NoError(t, err)
	out := new(buffer)
	g := New(p, &Options{Function: "checkout", Region: "eu-west-1", Account: "111122223333", Stdout: out, Getenv: func(name string) string { return env[name] }})
	t.Cleanup(g.Uninstall)
	return g, out
}

// seenLines returns the lines of allowed calls.
func seenLines(t *testing.T, out *buffer) (lines []map[string]any) {
	t.Helper()
	for line := range strings.Lines(out.String()) {
		var v map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &v), line)
		if v["schema"] == "outguard.seen/v1" {
			lines = append(lines, v)
		}
	}
	return lines
}

// described says what a line says: form, first call, rule, access, count and distinct calls.
func described(v map[string]any) string {
	call := v["call"].(map[string]any)
	text := fmt.Sprint(v["form"], " | ", v["list"], " ", v["rule"], " ", v["place"], " | ", v["count"])
	if call["access"] != nil {
		text += fmt.Sprint(" ", call["access"])
	}
	if v["distinct"] != nil {
		text += fmt.Sprint(" of ", v["distinct"])
	}
	return text
}

func TestAllowedCallsAreLogged(t *testing.T) {
	g, out := learning(t, seenPolicy, "1")
	ctx := context.Background()
	for i := range 80 {
		require.NoError(t, g.Check(ctx, request(t, "GET", fmt.Sprintf("https://api.stripe.com/v1/charges/%d?key=secret", i%70))))
	}
	for range 3 {
		require.NoError(t, g.Check(ctx, request(t, "POST", "https://api.stripe.com/v1/charges")))
	}
	require.NoError(t, g.Check(ctx, aws("s3", "PutObject", "arn:aws:s3:::receipts/2026/17.pdf")))
	require.NoError(t, g.Check(ctx, aws("s3", "PutObject", "arn:aws:s3:::receipts/2026/18.pdf")))
	require.NoError(t, g.Check(ctx, aws("dynamodb", "GetItem", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders")))
	require.NoError(t, g.Check(ctx, policy.Call{Net: "db.internal:5432"}))
	require.NoError(t, g.Check(ctx, request(t, "GET", "https://evil.example/")), "a violation is logged as an alert")
	require.NoError(t, g.Flush(ctx))

	var got []string
	for _, v := range seenLines(t, out) {
		got = append(got, described(v))
		assert.Equal(t, "allow", v["verdict"])
		assert.Equal(t, "checkout", v["function"])
	}
	assert.Equal(t, []string{
		"GET https://api.stripe.com/v1/charges/* | whitelist charges policy.yaml:4 | 1",
		"POST https://api.stripe.com/v1/charges | whitelist charges policy.yaml:4 | 1",
		"s3:PutObject on arn:aws:s3:::receipts/*/*.pdf | whitelist policy.yaml:7 policy.yaml:7 | 1 write",
		"dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111122223333:table/orders | whitelist policy.yaml:7 policy.yaml:7 | 1 read",
		"db.internal:5432 | whitelist policy.yaml:8 policy.yaml:8 | 1",
		"GET https://api.stripe.com/v1/charges/* | whitelist charges policy.yaml:4 | 79 of 65",
		"POST https://api.stripe.com/v1/charges | whitelist charges policy.yaml:4 | 2",
		"s3:PutObject on arn:aws:s3:::receipts/*/*.pdf | whitelist policy.yaml:7 policy.yaml:7 | 1 write of 2",
	}, got)
	assert.NotContains(t, out.String(), "secret")
	assert.Contains(t, out.String(), `"schema":"outguard.alert/v1"`)
}

// A call is one line, whatever the layers below see of it.
func TestAllowedCallIsOneLine(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	g, out := learning(t, seenPolicy, "1")
	require.NoError(t, g.Install())
	response, err := http.Get(server.URL + "/x")
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.NoError(t, g.Flush(context.Background()))
	assert.Len(t, seenLines(t, out), 1)
}

func TestAllowedCallsOfInvocations(t *testing.T) {
	g, out := learning(t, seenPolicy, "1")
	handler := g.Wrap(func(ctx context.Context) error { return g.Check(ctx, request(t, "GET", "https://api.stripe.com/v1/x")) })
	for range 5 {
		_, _, err := invoke(handler, "{}")
		require.NoError(t, err)
	}
	assert.Len(t, seenLines(t, out), 1, "repeats are logged once per window")
	require.NoError(t, g.Flush(context.Background()))
	lines := seenLines(t, out)
	require.Len(t, lines, 2)
	assert.EqualValues(t, 4, lines[1]["count"])
}

func TestLearningIsOffByDefault(t *testing.T) {
	for _, value := range []string{"", "0", "yes"} {
		g, out := learning(t, seenPolicy, value)
		require.NoError(t, g.Check(context.Background(), request(t, "GET", "https://api.stripe.com/v1/x")))
		require.NoError(t, g.Flush(context.Background()))
		assert.Empty(t, seenLines(t, out), value)
		assert.Equal(t, value == "yes", len(g.warnings) == 1, value)
	}
}

func TestRepeatsOfAllowedCallsAllocateNothing(t *testing.T) {
	g, _ := learning(t, seenPolicy, "1")
	ctx := context.Background()
	for name, c := range map[string]policy.Call{
		"http": request(t, "GET", "https://api.stripe.com/v1/charges/17/items"),
		"aws":  aws("s3", "PutObject", "arn:aws:s3:::receipts/2026/17.pdf"),
		"net":  {Net: "db.internal:5432"},
	} {
		require.NoError(t, g.Check(ctx, c))
		alloctest.AtMost(t, 0, func() { _ = g.Check(ctx, c) }, name)
	}
}

func BenchmarkAllowedCall(b *testing.B) {
	for _, value := range []string{"", "1"} {
		env := map[string]string{"OUTGUARD_LEARN": value}
		p, err := policy.Parse("policy.yaml", []byte(seenPolicy), policy.Env{Region: "eu-west-1", Account: "111122223333"})
		require.NoError(b, err)
		g := New(p, &Options{Region: "eu-west-1", Account: "111122223333", Stdout: new(bytes.Buffer), Getenv: func(name string) string { return env[name] }})
		for name, c := range map[string]policy.Call{
			"http": request(b, "GET", "https://api.stripe.com/v1/charges/17/items"),
			"aws":  aws("s3", "PutObject", "arn:aws:s3:::receipts/2026/17.pdf"),
		} {
			b.Run(name+" learn="+value, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					_ = g.Check(context.Background(), c)
				}
			})
		}
	}
}
