package learn_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/cmd/outguard/internal/learn"
	"github.com/outguard/outguard/policy"
)

// entryOf returns a line of a call, with fields in front of those that each has.
func entryOf(fields, host string) string {
	return `{` + fields + `"verdict":"log","call":{"kind":"http","method":"GET","url":"https://` + host + `/","via":"transport"},"list":"whitelist","count":1}` + "\n"
}

const alert = `"schema":"outguard.alert/v1","function":"checkout","stage":"prod","region":"eu-west-1","account":"111122223333",`

// What a log should not have does not keep the rest of it from being learned, and is counted.
func TestBadInput(t *testing.T) {
	good := entryOf(alert+`"time":"2026-11-20T12:00:00Z",`, "a.example")
	for _, c := range []struct {
		name, log string
		hosts     []string
		evidence  string
		counts    learn.Counts
	}{
		{"a line whose fields have other types", entryOf(`"schema":"outguard.alert/v1","function":17,`, "b.example") + good, []string{"a.example"}, "1 call,", learn.Counts{Alerts: 1, Broken: 1}},
		{"a function that is a glob", entryOf(`"schema":"outguard.alert/v1","function":"*",`, "b.example") + good, []string{"a.example"}, "1 call,", learn.Counts{Alerts: 1, Broken: 1}},
		{"a line of no function", entryOf(`"schema":"outguard.alert/v1",`, "b.example") + good, []string{"a.example"}, "1 call,", learn.Counts{Alerts: 1, Nameless: 1}},
		{"schemas of a newer release", entryOf(`"schema":"outguard.alert/v9",`, "b.example") + entryOf(`"schema":"outguard.seen/v2",`, "b.example") + good,
			[]string{"a.example"}, "1 call,", learn.Counts{Alerts: 1, Unknown: map[string]int{"outguard.alert/v9": 1, "outguard.seen/v2": 1}}},
		{"a schema of another kind", `{"schema":"outguard.dream/v1","count":3}` + "\n" + good, []string{"a.example"}, "1 call,", learn.Counts{Alerts: 1, Others: 1}},
		{"time zones", entryOf(alert+`"time":"2026-11-20T23:30:00-05:00",`, "a.example") + entryOf(alert+`"time":"2026-11-21T05:00:00+09:00",`, "a.example") + good,
			[]string{"a.example"}, "3 calls, last 2026-11-21", learn.Counts{Alerts: 3}},
		{"no time", entryOf(alert, "a.example"), []string{"a.example"}, "1 call\n", learn.Counts{Alerts: 1}},
		{"an older release, without fingerprint, account and region", entryOf(`"schema":"outguard.alert/v1","function":"checkout","time":"2026-11-20T12:00:00Z",`, "a.example"),
			[]string{"a.example"}, "1 call,", learn.Counts{Alerts: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, l := learned(t, c.log, learn.Options{})
			assert.Equal(t, c.counts, l.Counts)
			text := string(r.Policy())
			for _, host := range c.hosts {
				assert.Contains(t, text, "https://"+host+"/")
			}
			assert.Equal(t, len(c.hosts), strings.Count(text, "- http:"))
			assert.Contains(t, text, c.evidence)
			_, err := policy.ParseFile("policy.yaml", []byte(text))
			require.NoError(t, err)
		})
	}
}

// Functions of one name in two accounts share a section, which allows the calls of both.
func TestOneNameInTwoAccounts(t *testing.T) {
	call := func(account string) string {
		return `{"schema":"outguard.alert/v1","function":"checkout","stage":"prod","region":"eu-west-1","account":"` + account + `","time":"2026-11-20T12:00:00Z","verdict":"log",` +
			`"call":{"kind":"aws","service":"sqs","operation":"SendMessage","resources":["arn:aws:sqs:eu-west-1:` + account + `:orders"],"region":"eu-west-1","via":"sdk"},"list":"whitelist","count":1}` + "\n"
	}
	r, _ := learned(t, call("111122223333")+call("444455556666"), learn.Options{})
	assert.Empty(t, r.Left)
	require.Len(t, r.Sections, 1)
	assert.Contains(t, string(r.Policy()), "# 2 calls, last 2026-11-20")
	for _, account := range []string{"111122223333", "444455556666"} {
		env := place
		env.Account = account
		p, err := policy.Parse("policy.yaml", r.Policy(), env)
		require.NoError(t, err)
		assert.True(t, p.Decide(aws("sqs", "SendMessage", "arn:aws:sqs:eu-west-1:"+account+":orders")).Allowed())
	}
}
