package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/policy"
)

func TestParseCallHTTP(t *testing.T) {
	for _, c := range []struct{ line, method, url, host, header string }{
		{`{"http":{"url":"https://a.example/b?c=d"}}`, "GET", "https://a.example/b?c=d", "a.example", ""},
		{`{"http":{"method":"post","url":"https://a.example"}}`, "post", "https://a.example", "a.example", ""},
		{`{"http":{"url":"https://a.example","host":"b.example"}}`, "GET", "https://a.example", "b.example", ""},
		{`{"http":{"url":"https://a.example","header":{"hOst":["c"]}}}`, "GET", "https://a.example", "a.example", "hOst"},
		{`{"http":{"url_b64":"aHR0cHM6Ly9hLmV4YW1wbGUv/w=="}}`, "GET", "https://a.example/%FF", "a.example", ""},
		{`{"http":{"url_struct":{"Scheme":"https","Host":"a.example","Path":"b","User":"u:p"}}}`, "", "https://u:p@a.example/b", "", ""},
		{`{"http":{"url_struct":{"Scheme":"http","Opaque":"//evil.example/x"}}}`, "", "http://evil.example/x", "", ""},
	} {
		call, _, err := parseCall([]byte(c.line))
		require.NoError(t, err, c.line)
		r := call.HTTP
		assert.Equal(t, []string{c.method, c.url, c.host}, []string{r.Method, r.URL.String(), r.Host}, c.line)
		if c.header != "" {
			assert.Contains(t, r.Header, c.header)
		}
	}
}

func TestParseCallRejected(t *testing.T) {
	for _, line := range []string{
		`{"http":{"url":"https://a.example:port/"}}`,
		`{"http":{"url":"https://user:secret@a.example/%zz"}}`,
		`{"http":{"method":"BAD METHOD","url":"https://a.example/"}}`,
		`{"http":{"url":"https://a.example/secret\u0000"}}`,
	} {
		_, _, err := parseCall([]byte(line))
		var r *rejected
		require.ErrorAs(t, err, &r, line)
		assert.NotContains(t, err.Error(), "secret")
	}
}

func TestParseCallErrors(t *testing.T) {
	for line, want := range map[string]string{
		`{"http":{"url":3}}`: `"http": "url" cannot be a number`,
		`{"http":[]}`:        `"http": cannot be an array`,
		`{"http":{"url":"https://a","url_struct":{"Host":""}}}`: `"http" has more than one of "url", "url_b64", "url_struct"`,
		`{"http":{"url":"https://a","Header ":{}}}`:             `"http": unknown field "Header "`,
		`{"net":"a:1","aws":{}}`:                                `"net" stands beside "http" or "aws"; one line is one call`,
		`{"aws":{"service":"s3"}}`:                              `"aws" needs "service" and "operation"`,
		`{"net":"a:1","via":"sdk"}`:                             `"via" is not name, dial, context, connect or proxy`,
		`{"http":{"url":"https://a"},"via":"name"}`:             `"via" stands beside "net" only`,
		`{"net":"a:1","at":"tomorrow"}`:                         `"at" is not a date; write it as 2027-01-31 or 2027-01-31T08:00:00Z`,
		`{"net":"a:1","at":5}`:                                  `"at": cannot be a number`,
		`{"id":1}`:                                              `no call in it: give one of "http", "aws", "net"`,
		`{`:                                                     `not a JSON object: unexpected end of JSON input`,
		`null`:                                                  `no call in it: give one of "http", "aws", "net"`,
	} {
		_, _, err := parseCall([]byte(line))
		assert.EqualError(t, err, want, line)
	}
}

func TestParseArgs(t *testing.T) {
	for args, want := range map[string]string{
		"https://a.example/b?c":            "GET https://a.example/b",
		"PUT https://a.example/x":          "PUT https://a.example/x",
		"s3:PutObject":                     "s3:PutObject",
		"s3:GetObject arn:aws:s3:::b/k":    "s3:GetObject arn:aws:s3:::b/k",
		"db.internal:5432":                 "db.internal:5432",
		"localhost:postgres":               "localhost:postgres", // looks like an operation of a service that there is not
		"[::1]:80":                         "[::1]:80",
		"db.internal:postgres":             "db.internal:postgres",
		"http://:9001/":                    "(a request whose destination cannot be read)",
		"GET https://user:pw@a.example/b#": "GET https://a.example/b",
	} {
		call, err := parseArgs(strings.Fields(args))
		require.NoError(t, err, args)
		assert.Equal(t, want, describe(call, policy.Join().Explain(call).Call), args)
	}
	call, err := parseArgs([]string{"PUT https://a.example/x"}) // the whole call in quotes
	require.NoError(t, err)
	assert.Equal(t, "PUT https://a.example/x", describe(call, policy.Join().Explain(call).Call))
	for _, args := range []string{"a.example", ":80", "https://a https://b", "s3:", "db.internal:5432 x", "GET a.example"} {
		_, err := parseArgs(strings.Fields(args))
		assert.Error(t, err, args)
	}
}

func TestPrintable(t *testing.T) {
	assert.Equal(t, "plain ünïcode", printable("plain ünïcode"))
	assert.Equal(t, `say "ünïcode" \`, printable(`say "ünïcode" \`))
	assert.Equal(t, `"a\x1b[2J"`, printable("a\x1b[2J"))
	assert.Equal(t, `"a\u009b2J\u202eb"`, printable("a\u009b2J\u202eb"))
}

// No part of a verdict lets a call write to the terminal.
func TestPrintTextIsPrintable(t *testing.T) {
	p, err := policy.Parse("p.yaml", []byte("whitelist: []"), policy.Env{})
	require.NoError(t, err)
	for _, call := range []policy.Call{
		{AWS: policy.AWSCall{Service: "s3", Operation: "Put\x1b[31m", Resources: []string{"arn:aws:s3:::b/\x1b[31m"}}},
		{AWS: policy.AWSCall{Service: "s3\x1b[31m", Operation: "Put"}},
		{Net: "a\x1b[31m.example:1"},
	} {
		var b strings.Builder
		require.NoError(t, printText(&b, describe(call, p.Explain(call).Call), p.Decide(call)))
		assert.NotContains(t, b.String(), "\x1b")
	}
}

// TestStreamKeepsLines is the contract with whatever reads the output: one line for each call, in
// order.
func TestStreamKeepsLines(t *testing.T) {
	p, err := policy.Parse("p.yaml", []byte("version: 1\non_violation: block\nwhitelist: []\n"), policy.Env{})
	require.NoError(t, err)
	long := `{"net":"` + strings.Repeat("a", 1<<20) + `:1"}`
	in := strings.Join([]string{`{"net":"a:1"}`, "", "nonsense", long, `{"net":"b:1"}`}, "\r\n")
	var out, errs bytes.Buffer
	c := newChecker(p, &out, &errs, true)
	require.NoError(t, c.stream(strings.NewReader(in)))
	require.NoError(t, c.out.Flush())
	assert.Equal(t, 4, strings.Count(out.String(), "\n"))
	assert.Equal(t, 4, strings.Count(out.String(), `{"verdict":"block"`))
	assert.Equal(t, 1, strings.Count(errs.String(), "line 3: "))
	assert.Equal(t, exitUsage, c.exit)
}
