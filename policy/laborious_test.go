package policy

import (
	"fmt"
	"strings"
	"testing"

	"github.com/outguard/outguard/internal/corpustest"
	"github.com/stretchr/testify/assert"
)

// A path that takes too long to compare with the rules is an unknown path, as one that is encoded
// too deeply: blacklist rules with a path apply to it, and only whitelist rules without a path
// vouch for it.
func TestAPathThatTakesTooLong(t *testing.T) {
	many := func(list, scheme string, n int) string {
		var b strings.Builder
		b.WriteString(list + ":\n")
		for i := range n {
			fmt.Fprintf(&b, "- http: %s://x.test/**/a%[2]d*x/**/b%[2]d/**\n", scheme, i)
		}
		return b.String()
	}
	const opens = "- http: https://x.test\n"
	long := "https://x.test" + corpustest.Long("/", "a1/", 64<<10)
	const unknown = "matches the host, but not a path that takes too long to compare with the rules"
	for _, c := range []struct {
		name, rules, url string
		list             List
		reason           string
	}{
		{"no rule allows", many("whitelist", "https", 1000), long, Whitelist, unknown},
		{"a rule without a path allows", many("whitelist", "https", 1000) + opens, long, NoList, ""},
		{"a blacklist applies", many("blacklist", "https", 1000), long, Blacklist, "forbids https://x.test"},
		{"it is for another scheme", many("blacklist", "http", 1000), long, NoList, ""},
		{"it is for another host", many("blacklist", "https", 1000), strings.Replace(long, "x.test", "y.test", 1), NoList, ""},
		{"as long for fewer rules", many("whitelist", "https", 100), long + "a0x/b0/", NoList, ""},
		{"short", many("whitelist", "https", 1000), "https://x.test/v1/a999yx/b999/c", NoList, ""},
		{"short and not named", many("blacklist", "https", 1000), "https://x.test/v1/a999y/b999/c", NoList, ""},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			d := parse(t, "on_violation: block\n"+c.rules).Decide(httpCall(t, "GET "+c.url))
			assert.Equal(t, c.list == NoList, d.Allowed(), d.Reason)
			if c.list != NoList {
				assert.Equal(t, c.list, d.List)
				assert.Contains(t, d.Reason, c.reason)
			}
		})
	}
}
