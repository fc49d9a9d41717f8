package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAssume(t *testing.T) {
	const (
		text    = "stage: {accounts: {\"111122223333\": dev, 444455556666: prod}}\nwhitelist: [{aws: sqs:*, resources: 'arn:aws:sqs:eu-west-1:777788889999:q'}]"
		many    = "eu-west-1 eu-west-2 eu-west-3 us-east-1 000000000001 000000000002 000000000003 000000000004"
		neither = "whitelist: [{http: a.example}]"
	)
	for _, c := range []struct {
		name     string
		at       place
		old, new string
		want     []where
		assumed  string
		exact    bool
	}{
		{"given", place{region: "eu-west-1", account: "1"}, text, text, []where{{"eu-west-1", "1"}}, "", true},
		{"not named", place{}, neither, neither, []where{{"us-east-1", "111122223333"}}, "region us-east-1 and account 111122223333 for all that neither file names; give -region and -account to compare for one alone", true},
		{"named", place{region: "eu-west-1"}, text, neither, []where{{"eu-west-1", "111122223333"}, {"eu-west-1", "777788889999"}}, "account 111122223333 for all that neither file names, and those that one of them names; give -account to compare for one alone", true},
		{"the usual one is named", place{account: "1"}, neither, "x.us-east-1.y", []where{{"af-south-1", "1"}, {"us-east-1", "1"}}, "region af-south-1 for all that neither file names, and those that one of them names; give -region to compare for one alone", true},
		{"a pattern of regions", place{account: "1"}, "sqs.eu-*.amazonaws.com", "", []where{{"us-east-1", "1"}, {"eu-central-1", "1"}}, "region us-east-1 for all that neither file names, and those that one of them names; give -region to compare for one alone", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := differ{at: c.at, exact: true}
			d.assume([2][]byte{[]byte(c.old), []byte(c.new)})
			assert.Equal(t, c.want, d.wheres)
			assert.Equal(t, c.assumed, d.assumed)
			assert.Equal(t, c.exact, d.exact)
		})
	}
	d := differ{exact: true}
	d.assume([2][]byte{[]byte(many), nil})
	assert.Len(t, d.wheres, maxWheres)
	assert.False(t, d.exact, "too many places")
}
