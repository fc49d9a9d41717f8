package policytest

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRead(t *testing.T) {
	for _, c := range []struct {
		name, line string
		want       Case
	}{
		{"request", "block checkout@dev GET https://evil.example/x by no-exfil", Case{Want: "block", Function: "checkout", Stage: "dev", Call: []string{"GET", "https://evil.example/x"}, By: "no-exfil"}},
		{"operation", "allow  checkout@prod\ts3:PutObject arn:aws:s3:::receipts/1.pdf", Case{Want: "allow", Function: "checkout", Stage: "prod", Call: []string{"s3:PutObject", "arn:aws:s3:::receipts/1.pdf"}}},
		{"address", "alert db.internal:5432", Case{Want: "alert", Call: []string{"db.internal:5432"}}},
		{"comment", "log https://a.example/ # by no-exfil", Case{Want: "log", Call: []string{"https://a.example/"}}},
		{"comment after another blank", "log https://a.example/\f#b", Case{Want: "log", Call: []string{"https://a.example/"}}},
		{"fragment", "log https://a.example/#top by x#y", Case{Want: "log", Call: []string{"https://a.example/#top"}, By: "x#y"}},
		{"user in a URL", "block https://me@a.example/", Case{Want: "block", Call: []string{"https://me@a.example/"}}},
		{"stage alone", "block @prod https://a.example/", Case{Want: "block", Stage: "prod", Call: []string{"https://a.example/"}}},
		{"function alone", "block checkout@ https://a.example/", Case{Want: "block", Function: "checkout", Call: []string{"https://a.example/"}}},
		{"whitelist", "block https://a.example/ by whitelist", Case{Want: "block", Call: []string{"https://a.example/"}, By: "whitelist"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			cases, err := Read(strings.NewReader("\n# a comment\n" + c.line + "\r\n"))
			require.NoError(t, err)
			c.want.Line = 3
			require.Equal(t, []Case{c.want}, cases)
			again, err := Read(strings.NewReader(cases[0].Text()))
			require.NoError(t, err)
			c.want.Line = 1
			assert.Equal(t, []Case{c.want}, again)
		})
	}
}

func TestReadFaults(t *testing.T) {
	for _, c := range []struct{ name, line, problem string }{
		{"verdict", "deny https://a.example/", `"deny" is not a verdict; begin the line with allow, log, alert or block`},
		{"upper case", "BLOCK https://a.example/", `"BLOCK" is not a verdict; begin the line with allow, log, alert or block`},
		{"no call", "block", "names no call; write [METHOD] https://host/path, service:Operation [ARN…], or host:port"},
		{"no call beside a place", "block checkout@dev", "names no call; write [METHOD] https://host/path, service:Operation [ARN…], or host:port"},
		{"no call beside a rule", "block by x", "names no call; write [METHOD] https://host/path, service:Operation [ARN…], or host:port"},
		{"no rule", "block https://a.example/ by", `"by" is followed by nothing; name the rule that must decide`},
		{"too long", "block https://a.example/" + strings.Repeat("a", maxLine), "the line is longer than 131072 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cases, err := Read(strings.NewReader("allow a:1\n" + c.line))
			assert.Len(t, cases, 1, "the other line counts")
			var fault *Error
			require.ErrorAs(t, err, &fault)
			assert.Equal(t, Error{2, c.problem}, *fault)
		})
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("broken") }

func TestReadEndsWithTheReadersError(t *testing.T) {
	_, err := Read(broken{})
	assert.ErrorContains(t, err, "broken")
}

// What is read is written as something that reads the same.
func FuzzRead(f *testing.F) {
	f.Add("block checkout@dev GET https://evil.example/x by no-exfil # why")
	f.Add("block \f#")
	f.Add("allow s3:PutObject arn:aws:s3:::a\nlog @ x:1\nalert a@b@c d")
	f.Fuzz(func(t *testing.T, text string) {
		cases, _ := Read(strings.NewReader(text))
		for _, c := range cases {
			again, err := Read(strings.NewReader(c.Text()))
			require.NoError(t, err)
			require.Len(t, again, 1)
			again[0].Line = c.Line
			require.Equal(t, c, again[0])
		}
	})
}
