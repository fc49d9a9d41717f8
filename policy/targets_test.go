package policy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

const (
	salvagedSNS   = "arn:aws:sns:eu-west-1:111122223333:security"
	salvagedSlack = "https://hooks.slack.com/services/T/B/x"
)

func TestTargetsOfABrokenFile(t *testing.T) {
	notify := "notify:\n  - sns: " + salvagedSNS + "\n  - slack: ${U}\n    verdicts: [block]\n"
	both := []string{salvagedSNS, salvagedSlack}
	for _, c := range []struct {
		name, text string
		want       []string // destinations
		stage      string
	}{
		{"whole", "version: 1\n" + notify, both, ""},
		{"an unknown key", "version: 1\nwhitelsit: []\n" + notify, both, ""},
		{"not YAML before", "version: 1\nwhitelist:\n\t- http: [\n" + notify, both, ""},
		{"not YAML after", "version: 1\n" + notify + "whitelist: [}\n", both, ""},
		{"another version", "version: 7\n" + notify, both, ""},
		{"no version", notify, both, ""},
		{"no section", "version: 1\n" + notify + "functions:\n  other: {}\n", both, ""},
		{"no feed", "version: 1\n" + notify + "blacklist:\n  - feed: missing.txt\n", both, ""},
		{"a bad entry", "notify:\n  - sns: " + salvagedSNS + "\n  - slakc: x\n  - slack: ${U}\n", both, ""},
		{"an entry that is not YAML", "notify:\n  - sns: " + salvagedSNS + "\n  - slack: [\n  - slack: ${U}\n", both, ""},
		{"at the margin", "notify:\n- sns: " + salvagedSNS + "\n- slack: ${U}\nwhitelist: 3\n", both, ""},
		{"in one line", "notify: [{sns: " + salvagedSNS + "}]\nwhitelist: 3\n", both[:1], ""},
		{"comments and blank lines", "notify: # where\n\n# the team\n  - sns: " + salvagedSNS + "\n\n  # more\n  - slack: ${U}\nx: 1\n", both, ""},
		{"carriage returns", strings.ReplaceAll("version: 7\n"+notify, "\n", "\r\n"), both, ""},
		{"a byte order mark", "\ufeff" + notify, both, ""},
		{"for other functions", "version: 7\nnotify:\n  - sns: " + salvagedSNS + "\n    functions: [refund]\n", nil, ""},
		{"with its stage", "version: 7\nstage: prod\n" + notify, both, "prod"},
		{"with a map of stages", "version: 7\nstage:\n  accounts: {\"111122223333\": dev}\n" + notify, both, "dev"},
		{"with a broken stage", "version: 7\nstage: [\n" + notify, both, ""},
		{"an unset variable", "version: 7\nstage: ${STAGE}\nnotify:\n  - slack: ${UNSET}\n  - sns: " + salvagedSNS + "\n", both[:1], ""},
		{"within another key", "version: 7\nfunctions:\n  notify:\n    - sns: " + salvagedSNS + "\n", nil, ""},
		{"nothing", "", nil, ""},
		{"noise", "\x00\xff\xfe{{{", nil, ""},
		{"an anchor", "notify: &x\n  - sns: *x\n  - slack: ${U}\n", nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			env := Env{Function: "checkout", Region: "eu-west-1", Account: "111122223333", Getenv: func(name string) string {
				return map[string]string{"U": salvagedSlack}[name]
			}}
			var got []string
			for _, target := range TargetsOf("policy.yaml", []byte(c.text), env) {
				got = append(got, target.SNS+target.Slack)
			}
			assert.Equal(t, c.want, got)
			assert.Equal(t, c.stage, StageOf("policy.yaml", []byte(c.text), env))
			env.Stage = "given"
			assert.Equal(t, "given", StageOf("policy.yaml", []byte(c.text), env))
		})
	}
}

// The line of an entry is that of the file.
func TestTargetsOfABrokenFileKeepTheirLines(t *testing.T) {
	got := TargetsOf("policy.yaml", []byte("x: 1\nnotify:\n  - slakc: x\n  - sns: "+salvagedSNS+"\n"), Env{Function: "checkout"})
	if assert.Len(t, got, 1) {
		assert.Equal(t, 4, got[0].Line)
		assert.Equal(t, "sns: "+salvagedSNS, got[0].Entry)
	}
}

// No text makes it panic or hang: it runs when a function starts.
func FuzzTargetsOf(f *testing.F) {
	f.Add("notify:\n  - sns: " + salvagedSNS + "\n  - slack: [\n")
	f.Add("stage: prod\nnotify: [{sns: x}]\n")
	f.Fuzz(func(t *testing.T, text string) {
		TargetsOf("policy.yaml", []byte(text), Env{Function: "checkout"})
	})
}
