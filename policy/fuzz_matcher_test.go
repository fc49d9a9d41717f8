package policy

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/canon"
	"github.com/outguard/outguard/internal/corpustest"
	"github.com/outguard/outguard/internal/httprules"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/rule"
)

// matcherSeeds are lists of rules, one a line ("+ subject" is whitelisted, "- subject"
// blacklisted), and a request.
func matcherSeeds(tb testing.TB) (seeds [][3]string) {
	cases, err := corpustest.Read("testdata/corpus/http.jsonl")
	require.NoError(tb, err)
	for _, c := range cases {
		var rules strings.Builder
		for sign, list := range map[string][]corpustest.Rule{"+ ": c.Policy.Whitelist, "- ": c.Policy.Blacklist} {
			for _, r := range list {
				text := r.CIDR
				if text == "" {
					text = r.Pattern
				}
				rules.WriteString(sign + text + "\n")
			}
		}
		if c.Request.URL != "" {
			seeds = append(seeds, [3]string{rules.String(), c.Request.URL, c.Request.Host})
		}
	}
	return append(seeds,
		[3]string{"+ *.a.test\n- x.*.test/adm*/**\n- 10.0.0.0/8\n+ http://[::1]:*/a/*/b\n", "https://x.a.test/admin//b", ""},
		[3]string{"+ http://localhost:*\n- 127.0.0.0/8\n", "http://127.1:80/%2e/", "a.test"})
}

func TestMatcherSeeds(t *testing.T) { assert.Greater(t, len(matcherSeeds(t)), 300) }

// FuzzMatcher holds decisions to a loop over all rules.
func FuzzMatcher(f *testing.F) {
	for _, s := range matcherSeeds(f) {
		f.Add(s[0], s[1], s[2])
	}
	f.Fuzz(func(t *testing.T, text, url, host string) {
		r, err := http.NewRequest("GET", url, nil)
		if err != nil || len(text) > 1000 || len(url) > 300 {
			return
		}
		if host != "" {
			r.Host = host
		}
		req, err := canon.Parse(r, nil)
		if err != nil {
			return
		}
		rules := matcherRules(text)
		p, err := newPolicy(settings{whitelist: true}, rules)
		require.NoError(t, err)
		var j httprules.Finding
		p.http.Judge(&j, &req, new(rule.Caller))
		black, allowed := oracle(rules, &req)
		assert.Equal(t, black, j.Black >= 0, "blacklisted: %q %s %q", text, url, host)
		assert.Equal(t, allowed, j.Allowed, "allowed: %q %s %q", text, url, host)
	})
}

// matcherRules makes a rule of each line that is one.
func matcherRules(text string) (rules []rule.Rule) {
	for line := range strings.Lines(text) {
		sign, subject, _ := strings.Cut(strings.TrimSpace(line), " ")
		r := rule.Rule{Mode: pattern.Narrow}
		if sign == "-" {
			r.Mode = pattern.Wide
		}
		if prefix, err := netip.ParsePrefix(subject); err == nil {
			r.Kind, r.Subject = rule.IP, []pattern.Pattern{&pattern.IP{Ranges: []netip.Prefix{pattern.UnmapPrefix(prefix.Masked())}}}
		} else if p, err := pattern.ParseHTTP(subject, r.Mode); err == nil {
			r.Kind, r.Subject = rule.HTTP, []pattern.Pattern{&p}
		} else {
			continue
		}
		rules = append(rules, r)
	}
	return rules
}

// oracle judges a request rule by rule: blacklisted when any rule matches any destination in any
// reading, allowed when for each there is a rule.
func oracle(rules []rule.Rule, req *canon.Request) (black, allowed bool) {
	allowed = true
	for i := range req.Path.Readings() {
		reading, blacklistOnly := req.Path.Reading(i, nil)
		path := string(reading)
		for _, d := range req.Dests[:req.N] {
			one := false
			for _, r := range rules {
				if r.Mode == pattern.Narrow {
					one = one || oracleRule(&r, &d, req, path)
					continue
				}
				black = black || oracleRule(&r, &d, req, path)
				others := d.Others()
				for _, a := range others.All() {
					black = black || oracleRule(&r, &canon.Dest{Scheme: d.Scheme, Addr: a, Port: d.Port}, req, path)
				}
			}
			others := d.Others()
			for _, a := range others.Embedded() {
				embedded := canon.Dest{Scheme: d.Scheme, Addr: a, Port: d.Port}
				one = one && slices.ContainsFunc(rules, func(r rule.Rule) bool {
					return r.Mode == pattern.Narrow && oracleRule(&r, &embedded, req, path)
				})
			}
			allowed = allowed && (one || blacklistOnly)
		}
	}
	return black, allowed
}

func oracleRule(r *rule.Rule, d *canon.Dest, req *canon.Request, path string) bool {
	if r.Kind == rule.IP {
		return d.Addr.IsValid() && r.Subject[0].(*pattern.IP).Ranges[0].Contains(d.Addr)
	}
	p := r.Subject[0].(*pattern.HTTP)
	switch {
	case p.Scheme != "" && p.Scheme != d.Scheme, p.Port != pattern.AnyPort && p.Port != int(d.Port):
		return false
	case p.Addr.IsValid() && p.Addr != d.Addr, !p.Addr.IsValid() && p.Host != "*" && (d.Addr.IsValid() || !corpustest.MatchHost(p.Host, d.Host)):
		return false
	}
	if p.Path == "" || p.Path == "/**" {
		return true
	}
	if req.Path.Unknown() {
		return p.Wide
	}
	for _, form := range canon.PatternForms(p.Path) {
		if corpustest.MatchPath(strings.ToValidUTF8(form, "\ufffd"), path, p.Wide) {
			return true
		}
	}
	return false
}
