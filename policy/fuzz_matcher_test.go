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
)

// matcherSeeds are lists of rules, one a line ("+ subject" is whitelisted, "- subject" blacklisted), and a request.
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
		j := p.http.judge(&req)
		black, allowed := oracle(rules, &req)
		assert.Equal(t, black, j.black >= 0, "blacklisted: %q %s %q", text, url, host)
		assert.Equal(t, allowed, j.allowed, "allowed: %q %s %q", text, url, host)
	})
}

// matcherRules makes a rule of each line that is one.
func matcherRules(text string) (rules []rule) {
	for line := range strings.Lines(text) {
		sign, subject, _ := strings.Cut(strings.TrimSpace(line), " ")
		r := rule{list: Whitelist}
		if sign == "-" {
			r.list = Blacklist
		}
		if prefix, err := netip.ParsePrefix(subject); err == nil {
			r.kind, r.subject.ip = kindIP, []netip.Prefix{unmapPrefix(prefix.Masked())}
		} else if p, err := parseHTTPPattern(subject, r.list); err == nil {
			r.subject.http = []httpPattern{p}
		} else {
			continue
		}
		rules = append(rules, r)
	}
	return rules
}

// oracle judges a request rule by rule: blacklisted when any rule matches any destination in any reading, allowed when for each there is a rule.
func oracle(rules []rule, req *canon.Request) (black, allowed bool) {
	allowed = true
	for i := range req.Path.Readings() {
		reading, blacklistOnly := req.Path.Reading(i, nil)
		path := string(reading)
		for _, d := range req.Dests[:req.N] {
			one := false
			for _, r := range rules {
				if r.list == Whitelist {
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
				one = one && slices.ContainsFunc(rules, func(r rule) bool { return r.list == Whitelist && oracleRule(&r, &embedded, req, path) })
			}
			allowed = allowed && (one || blacklistOnly)
		}
	}
	return black, allowed
}

func oracleRule(r *rule, d *canon.Dest, req *canon.Request, path string) bool {
	if r.kind == kindIP {
		return d.Addr.IsValid() && r.subject.ip[0].Contains(d.Addr)
	}
	p := &r.subject.http[0]
	switch {
	case p.scheme != "" && p.scheme != d.Scheme, p.port != anyPort && p.port != int(d.Port):
		return false
	case p.addr.IsValid() && p.addr != d.Addr, !p.addr.IsValid() && p.host != "*" && (d.Addr.IsValid() || !corpustest.MatchHost(p.host, d.Host)):
		return false
	}
	if p.path == "" || p.path == "/**" {
		return true
	}
	if req.Path.Unknown() {
		return p.wide
	}
	for _, form := range canon.PatternForms(p.path) {
		if corpustest.MatchPath(strings.ToValidUTF8(form, "\ufffd"), path, p.wide) {
			return true
		}
	}
	return false
}
