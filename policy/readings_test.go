package policy

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A path that servers read in several ways: a whitelist has to vouch for each reading, a blacklist
// applies to any.
func TestReadingsOfPaths(t *testing.T) {
	white := parse(t, "on_violation: block\nwhitelist:\n- http: https://x.test/v1/**\n")
	black := parse(t, "on_violation: block\nblacklist:\n- http: https://x.test/admin/**\n")
	for _, c := range []struct {
		path       string
		whitelists bool // whether the whitelist lets it through
		blacklists bool // whether the blacklist does
	}{
		{"/v1/x", true, true},
		{"/v1/a%20b%2Fc/100%25", true, true},
		{"/admin/x", false, false},
		// Decoded twice, in any spelling.
		{"/v1/%252e%252e/admin/x", false, false},
		{"/v1/%25%32%65%25%32%65/admin/x", false, false},
		{"/v1/%252%65%252%65/admin/x", false, false},
		{"/v1/%25%32e%25%32e/admin/x", false, false},
		{"/v1/..%25%32%66admin/x", false, false},
		{"/%25%36%31dmin/x", false, false},
		{"/%2561dmin/x", false, false},
		{"/x/..%25%35%63admin/x", false, false},
		// Decoded exactly twice: a third time leads back to where it is allowed.
		{"/v1/%252e%252e/admin/%25252e%25252e/v1/x", false, false},
		{"/v1/..%252fadmin/%25252e%25252e/v1/x", false, false},
		{"/%2561dmin/%25252e%25252e/v1/x", false, false},
		// Decoded exactly once, and exactly three times.
		{"/v1/%2e%2e/admin/%252e%252e/v1/x", false, false},
		{"/v1/%25252e%25252e/admin/x", false, false},
		{"/%252561dmin/x", false, false},
		{"/v1/%25%32%35%32%65%25%32%35%32%65/admin", false, false},
		// Deeper: nobody knows.
		{"/v1/%2525252e", false, false},
		{"/v1/%" + strings.Repeat("25", 100), false, false},
		// Overlong forms and characters that look like dots and slashes.
		{"/v1/%c0%ae%c0%ae/admin/x", false, false},
		{"/v1/%e0%80%ae%e0%80%ae/admin/x", false, false},
		{"/v1/%f0%80%80%ae%f0%80%80%ae/admin/x", false, false},
		{"/v1/%ef%bc%8e%ef%bc%8e/admin/x", false, false},
		{"/v1/..%ef%bc%8fadmin/x", false, false},
		{"/v1/..%e2%88%95admin/x", false, false},
		{"/v1/..%ef%bc%bcadmin/x", false, false},
		{"/v1/..%c0%2fadmin/x", false, false},
		{"/v1/%25ef%25bc%258e%25ef%25bc%258e/admin/x", false, false},
		{"/v1%ef%bc%8fx/%e6%97%a5%e6%9c%ac", false, true},
		{"/v1/%e6%97%a5%ef%bc%8f%e6%9c%ac", true, true}, // a Japanese file name
		{"/v1/%ef%bd%81", true, true},
		{"/%ef%bd%81dmin/x", false, false},
		{"/admin%ef%bc%8fx", false, false},
		// Dots are removed before other steps, or after.
		{"/v1/..;/admin/x", false, false},
		{"/v1/..%5cadmin/x", false, false},
		{"/v1/.%09./admin/x", false, false},
		{"/v1/x%2fy/../../../admin/x", false, false},
		{"/v1/x%252fy/%252e%252e/%252e%252e/admin/x", false, false},
		{"/v1//..//..//admin/x", false, false},
		{"/admin%2fb/../x", false, false},
		{"/v1/../admin//..//x", false, false},
	} {
		r, err := http.NewRequest("GET", "https://x.test"+c.path, nil)
		require.NoError(t, err, c.path)
		call := Call{HTTP: r, Via: ViaTransport}
		assert.Equal(t, c.whitelists, white.Decide(call).Allowed(), "whitelist, %s", c.path)
		assert.Equal(t, c.blacklists, black.Decide(call).Allowed(), "blacklist, %s", c.path)
	}
}

// A rule without a path, or for every path, holds for an unknown path. One with a path vouches for
// none, and forbids each.
func TestUnknownPath(t *testing.T) {
	const allowed, forbidden = true, false
	for rules, want := range map[string]bool{
		"whitelist:\n- http: https://x.test":                                            allowed,
		"whitelist:\n- http: https://x.test/**":                                         allowed,
		"whitelist:\n- http: https://x.test/*":                                          forbidden,
		"whitelist:\n- http: https://x.test/v1/**":                                      forbidden,
		"whitelist:\n- http: https://x.test/**/x":                                       forbidden,
		"whitelist:\n- http: https://x.test\n  except: x.test/admin":                    forbidden,
		"blacklist:\n- http: https://x.test/admin":                                      forbidden,
		"blacklist:\n- http: https://x.test/admin\n  methods: DELETE":                   allowed,
		"blacklist:\n- http: https://y.test/admin":                                      allowed,
		"blacklist:\n- http: https://x.test\n  except: https://x.test/v1/**":            forbidden,
		"blacklist:\n- http: https://x.test\n  except: https://x.test":                  allowed,
		"whitelist:\n- http: https://x.test\nblacklist:\n- http: https://x.test/admin/": forbidden,
	} {
		p := parse(t, "on_violation: block\n"+rules+"\n")
		for _, path := range []string{"/v1/%2525252e", "/%25%32%35%32%35%32%35%32%65", "/%" + strings.Repeat("25", 30_000)} {
			r, err := http.NewRequest("GET", "https://x.test"+path, nil)
			require.NoError(t, err)
			assert.Equal(t, want, p.Decide(Call{HTTP: r, Via: ViaTransport}).Allowed(), "%s\n%.40s", rules, path)
		}
	}
	r, err := http.NewRequest("GET", "https://x.test/v1/%2525252e", nil)
	require.NoError(t, err)
	d := parse(t, "whitelist:\n- http: https://x.test/v1/**\n").Decide(Call{HTTP: r})
	assert.Equal(t, "policy.yaml:3 matches the host, but not a path that is percent-encoded more than three times", d.Reason)
	assert.Empty(t, d.Allow, "an entry would also allow other paths")
}

// What an IPv6 address stands for counts beside it: any of them for a blacklist, all of them for a
// whitelist.
func TestUnfoldedAddresses(t *testing.T) {
	for _, c := range []struct {
		rules, host string
		want        bool
	}{
		{"whitelist:\n- ip: public", "[64:ff9b::a9fe:a9fe]", false},
		{"whitelist:\n- ip: public", "[64:ff9b::808:808]", true},
		{"whitelist:\n- ip: public", "[2002:a00:1::1]", false},
		{"whitelist:\n- ip: public", "[::ffff:0:127.0.0.1]", false},
		{"whitelist:\n- ip: public", "[2606:4700::1111]", true},
		{"whitelist:\n- ip: public", "[2606:4700::5efe:10.0.0.1]", false},
		{"whitelist:\n- ip: public", "[2606:4700::5efe:8.8.8.8]", true},
		{"whitelist:\n- ip: public", "93.184.216.34", true},
		{"whitelist:\n- ip: public", "198.18.0.1", false},
		{"whitelist:\n- ip: public", "192.0.2.1", false},
		{"whitelist:\n- ip: public", "240.0.0.1", false},
		{"whitelist:\n- ip: public", "[4000::1]", false},
		{"whitelist:\n- ip: 2001:db8::/32", "[2001:db8::5efe:1.2.3.4]", false},
		{"whitelist:\n- ip: [\"2001:db8::/32\", 1.2.3.4]", "[2001:db8::5efe:1.2.3.4]", true},
		{"whitelist:\n- http: any\n  reason: test", "[64:ff9b::a9fe:a9fe]", true},
		{"whitelist:\n- http: http://localhost", "localhost", true},
		{"whitelist:\n- ip: 0.0.0.0", "0.0.0.0", true},
		{"blacklist:\n- ip: link-local", "[64:ff9b::a9fe:a9fe]", false},
		{"blacklist:\n- ip: link-local", "[64:ff9b:1::a9fe:a9fe]", false},
		{"blacklist:\n- ip: link-local", "[64:ff9b:1:a9fe:a9:fe00::]", false},
		{"blacklist:\n- ip: link-local", "[2002:a9fe:a9fe::]", false},
		{"blacklist:\n- ip: link-local", "[2001:0:a9fe:a9fe:8000::]", false},
		{"blacklist:\n- ip: link-local", "[2001:0:1:2:8000:0:5601:5601]", false},
		{"blacklist:\n- ip: link-local", "[2001:db8::200:5efe:169.254.169.254]", false},
		{"blacklist:\n- http: 169.254.169.254", "[2001:db8::200:5efe:169.254.169.254]", false},
		{"blacklist:\n- ip: public", "[2001:db8::5efe:8.8.8.8]", false},
		{"blacklist:\n- ip: public", "[2001:db8::5efe:10.0.0.1]", true},
	} {
		p := parse(t, "on_violation: block\n"+c.rules+"\n")
		for _, scheme := range []string{"http", "https"} {
			if scheme == "https" && strings.Contains(c.rules, "http://") {
				continue
			}
			r := &http.Request{Method: "GET", URL: &url.URL{Scheme: scheme, Host: c.host, Path: "/"}, Header: http.Header{}}
			d := p.Decide(Call{HTTP: r, Via: ViaTransport})
			assert.Equal(t, c.want, d.Allowed(), "%s\n%s: %s", c.rules, c.host, d.Reason)
		}
	}
	r := &http.Request{Method: "GET", URL: &url.URL{Scheme: "https", Host: "[64:ff9b::a9fe:a9fe]", Path: "/"}, Header: http.Header{}}
	d := parse(t, "whitelist:\n- ip: public\n").Decide(Call{HTTP: r})
	assert.Equal(t, "no whitelist rule matches host [64:ff9b::a9fe:a9fe] as 169.254.169.254", d.Reason)
}

// The same for calls that are seen as an address and a port alone.
func TestUnfoldedNetCalls(t *testing.T) {
	for _, c := range []struct {
		rules, net string
		want       bool
	}{
		{"whitelist:\n- net: \"[64:ff9b::]/96\"", "[64:ff9b::a9fe:a9fe]:80", false},
		{"whitelist:\n- net: [\"[64:ff9b::]/96\", 169.254.0.0/16]", "[64:ff9b::a9fe:a9fe]:80", true},
		{"whitelist:\n- net: [\"[64:ff9b::]/96\", \"169.254.0.0/16:81\"]", "[64:ff9b::a9fe:a9fe]:80", false},
		{"whitelist:\n- ip: public", "[64:ff9b::808:808]:53", true},
		{"whitelist:\n- ip: public", "[2606:4700::5efe:10.0.0.1]:53", false},
		{"blacklist:\n- net: 169.254.0.0/16", "[64:ff9b::a9fe:a9fe]:80", false},
		{"blacklist:\n- ip: private", "[2002:a00:1::]:5432", false},
	} {
		d := parse(t, "on_violation: block\n"+c.rules+"\n").Decide(Call{Net: c.net})
		assert.Equal(t, c.want, d.Allowed(), "%s\n%s: %s", c.rules, c.net, d.Reason)
	}
}

func TestPathsThatNoRuleCanHave(t *testing.T) {
	for path, want := range map[string]string{
		"/%2525252e/**":                           "is percent-encoded more than three times",
		"/%" + strings.Repeat("25", 4000):         "is percent-encoded more than three times",
		"/" + strings.Repeat("..//;%5c%00", 6000): "is too long to be compared in all ways that servers read it",
	} {
		entry := "- http: https://x.test" + path + "\n"
		_, err := Parse("p", []byte("version: 1\nwhitelist:\n"+entry), env("f"))
		assert.ErrorContains(t, err, want, "%.60s", path)
		w := warnedAt(t, "blacklist:\n"+entry, 2)
		require.Len(t, w, 1, "%.60s", path)
		assert.Contains(t, w[0].Problem, want)
		assert.Contains(t, w[0].Problem, "the entry is left out")
	}
}
