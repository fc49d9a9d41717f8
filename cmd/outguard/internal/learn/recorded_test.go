package learn_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/cmd/outguard/internal/learn"
	"github.com/outguard/outguard/policy"
)

// lineOf returns a line about a call.
func lineOf(call string) string {
	return `{"schema":"outguard.alert/v1","time":"2026-11-20T12:00:00Z","function":"checkout","stage":"dev","region":"eu-west-1","account":"111122223333","call":{` + call + `},"count":3}`
}

func TestRecordedLine(t *testing.T) {
	hole, rest := policy.Hole, policy.Rest
	for _, c := range []struct{ name, call, text, unknown, cannot string }{
		{"a request", `"kind":"http","method":"GET","url":"https://a.example/x","via":"transport"`, "GET https://a.example/x", "", ""},
		{"a masked segment", `"kind":"http","method":"GET","url":"https://a.example/[masked]/x"`, "GET https://a.example/00000000000000000000/x", "https://a.example/" + hole + "/x", ""},
		{"a cut URL", `"kind":"http","method":"GET","url":"https://a.example/x…"`, "GET https://a.example/x…", "https://a.example/x" + rest, "the line does not hold the whole URL"},
		{"a masked host", `"kind":"http","method":"GET","url":"https://[masked]/x"`, "GET https://00000000000000000000/x", "", "the host is not known, or a part of it is masked"},
		{"a masked key", `"kind":"aws","service":"s3","operation":"GetObject","resources":["arn:aws:s3:::b/[masked]","arn:aws:s3:::c/d"]`,
			"s3:GetObject arn:aws:s3:::b/00000000000000000000 arn:aws:s3:::c/d", "arn:aws:s3:::b/" + hole + " arn:aws:s3:::c/d", ""},
		{"further resources", `"kind":"aws","service":"s3","operation":"GetObject","resources":["arn:aws:s3:::b/[masked]","…"]`,
			"s3:GetObject arn:aws:s3:::b/00000000000000000000 …", "", "the line does not hold all of its resources"},
		{"a connection", `"kind":"net","net":"db.internal:5432","via":"dial"`, "db.internal:5432", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := learn.RecordedLine([]byte(lineOf(c.call)))
			require.NoError(t, err)
			assert.Equal(t, []string{"checkout", "dev", "eu-west-1", "111122223333"}, []string{r.Function, r.Stage, r.Region, r.Account})
			assert.Equal(t, 3, r.Calls)
			assert.Equal(t, c.text, r.Text)
			assert.Equal(t, c.cannot, r.Cannot)
			unknown := ""
			if r.Unknown != nil {
				unknown = r.Unknown.URL + strings.Join(r.Unknown.AWS.Resources, " ")
			}
			assert.Equal(t, c.unknown, unknown)
		})
	}
	_, err := learn.RecordedLine([]byte(`{"schema":"outguard.start/v1","function":"checkout"}`))
	assert.ErrorContains(t, err, "the line holds no call")
	_, err = learn.RecordedLine([]byte(`{"schema":`))
	assert.ErrorContains(t, err, "the line is not whole")
}

// FuzzRecordedLine reads lines that anybody may have written, and judges the call of each, whatever
// is masked in it.
func FuzzRecordedLine(f *testing.F) {
	for _, call := range []string{
		`"kind":"http","method":"GET","url":"https://a.example/[masked]/x"`, `"kind":"http","method":"G T","url":"https://a.example/[masked]"`,
		`"kind":"http","method":"GET","url":"://[masked]"`, `"kind":"http","method":"GET","url":"https://a.example:x/%zz[masked]…"`,
		`"kind":"aws","service":"s3","operation":"GetObject","resources":["arn:aws:s3:::b/[masked]","[masked]","arn:[masked]"]`,
		`"kind":"aws","service":"","operation":"","resources":["…"]`, `"kind":"net","net":"[masked]:x","via":"name"`,
	} {
		f.Add(lineOf(call))
	}
	p, err := policy.Parse("policy.yaml", []byte("version: 1\nwhitelist:\n  - http: https://a.example/*/x\n  - {aws: s3:GetObject, resources: 'b/*'}\n"), place)
	if err != nil {
		f.Fatal(err)
	}
	differ := policy.Differ{Limit: 1000}
	f.Fuzz(func(t *testing.T, line string) {
		r, err := learn.RecordedLine([]byte(line))
		if err != nil {
			return
		}
		if r.Cannot == "" {
			p.Decide(r.Call)
		}
		if r.Unknown == nil {
			return
		}
		possible, _ := differ.Possible(p, *r.Unknown)
		for _, one := range possible {
			require.Equal(t, one.Verdict, p.Decide(one.Call).Verdict)
		}
	})
}
