package policy

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestJoin(t *testing.T) {
	const call = "GET https://a.test/"
	for _, c := range []struct {
		policies []string
		want     string
	}{
		{[]string{"", ""}, "allow"},
		{[]string{"whitelist: []", ""}, "alert whitelist -: no whitelist rule matches host a.test"},
		{[]string{"", "whitelist: []"}, "alert whitelist -: no whitelist rule matches host a.test"},
		{[]string{"on_violation: log\nwhitelist: []", "on_violation: block\nblacklist:\n- http: a.test"}, "block blacklist policy.yaml:4: blacklist rule policy.yaml:4 forbids https://a.test"},
		{[]string{"on_violation: block\nwhitelist: []", "on_violation: log\nblacklist:\n- http: a.test"}, "block whitelist -: no whitelist rule matches host a.test"},
		{[]string{"blacklist:\n- http: a.test\n  reason: first", "blacklist:\n- http: a.test\n  reason: second"}, "alert blacklist policy.yaml:3: first"},
	} {
		var all []*Policy
		for _, text := range c.policies {
			all = append(all, parse(t, text))
		}
		assert.Equal(t, c.want, said(Join(all...).Decide(httpCall(t, call))), "%q", c.policies)
		assert.Equal(t, c.want, said(Join(Join(all[0]), Join(all...)).Decide(httpCall(t, call))), "nested %q", c.policies)
	}
	assert.False(t, Join().Decide(httpCall(t, call)).Allowed())
}

// A decision says which file made it.
func TestJoinTellsThePolicy(t *testing.T) {
	d := Join(parse(t, "owner: team"), parse(t, "owner: security\nblacklist:\n- http: a.test")).Decide(httpCall(t, "GET https://a.test/"))
	assert.Equal(t, "security", d.Policy.Owner)
}

// No team file loosens a central one: whatever a team writes, no call fares better than by the
// central file alone.
func TestNoTeamFileLoosensACentralOne(t *testing.T) {
	central := parse(t, "on_violation: block\nwhitelist:\n- http: \"*.a.test\"\n- aws: s3:GetObject\n- net: db.test:5432\nblacklist:\n- http: x.a.test\n- http: y.a.test\n  on_violation: log\n")
	var teams []*Policy
	for _, white := range []string{"", "whitelist: []\n", "whitelist:\n- http: any\n  reason: t\n- aws: any\n  reason: t\n- net: any\n  reason: t\n- ip: 0.0.0.0/0\n", "whitelist:\n- http: b.test\n- http: x.a.test\n"} {
		for _, black := range []string{"", "blacklist: []\n", "blacklist:\n- http: a.test\n", "blacklist:\n- http: x.a.test\n  on_violation: log\n", "blacklist:\n- http: any\n  except: [x.a.test, b.test]\n"} {
			for _, action := range []string{"log", "alert", "block"} {
				teams = append(teams, parse(t, "on_violation: "+action+"\n"+white+black))
			}
		}
	}
	var calls []Call
	for _, host := range []string{"x.a.test", "y.a.test", "z.a.test", "a.test", "b.test", "127.0.0.1", "a..test", "z.a.test:8443", "z.a.test:99999"} {
		calls = append(calls, httpCall(t, "GET https://z.a.test/ "+host))
		if host != "a..test" {
			calls = append(calls, httpCall(t, "GET https://"+host+"/x/../y"), Call{Net: host, Via: ViaName}, Call{Net: host}, Call{Net: host + ":5432"})
		}
	}
	calls = append(calls, Call{}, Call{Net: "db.test:5432"},
		Call{AWS: AWSCall{Service: "S3", Operation: "GetObject", Resources: []string{"arn:aws:s3:::b/k"}}},
		Call{AWS: AWSCall{Service: "S3", Operation: "PutObject", Resources: []string{"arn:aws:s3:::b/k"}}},
		Call{AWS: AWSCall{Service: "S3", Operation: "GetObject", Account: "999999999999"}},
	)
	for _, team := range teams {
		for _, joined := range []*Policy{Join(central, team), Join(team, central)} {
			for _, c := range calls {
				alone, both := central.Decide(c), joined.Decide(c)
				assert.LessOrEqual(t, both.Verdict, alone.Verdict, fmt.Sprintf("%+v: %s alone, %s with the team's", c, said(alone), said(both)))
			}
		}
	}
}
