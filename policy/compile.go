package policy

import (
	"net/netip"
	"strings"

	"github.com/outguard/outguard/internal/canon"
	"github.com/outguard/outguard/internal/match"
)

// newPolicy compiles rules. It is called once per policy and function; what it returns never changes.
func newPolicy(set settings, rules []rule) (*Policy, error) {
	p := &Policy{set: set}
	p.set.info.Rules = len(rules)
	for i := range rules {
		if rules[i].kind == kindAWS {
			p.set.info.AWSRules++
		}
	}
	var err error
	p.http = compileHTTP(rules)
	if p.aws, err = compileAWS(&p.set, rules); err != nil {
		return nil, err
	}
	p.builtin = newBuiltin(set.env.Getenv)
	return p, nil
}

// httpRules are the compiled http:, ip: and net: rules of both lists.
type httpRules struct {
	rules []httpRule
	index index
	noNet []int32 // blacklist rules "net: any": for raw connections alone; other net: rules forbid every connection to their host
}

// httpRule is what holds for all entries of one rule.
type httpRule struct {
	ref     RuleRef
	kind    kind
	verdict Verdict // Allow for a whitelist rule
	any     bool
	methods []string
	except  *index // nil: none
}

// An entry is one subject of a rule, behind its host.
type entry struct {
	rule   int32 // index into httpRules.rules
	scheme string
	port   int
	paths  []*match.Path // any of these; nil: any path
	exact  bool          // the host is named in full
}

// index finds entries by the host that a call names. The numbers in it are indexes into entries.
type index struct {
	entries []entry
	hosts   *match.Hosts
	addrs   match.Addrs
}

func compileHTTP(rules []rule) (h httpRules) {
	b := newIndexBuilder(rules)
	for i := range rules {
		r := &rules[i]
		if r.kind == kindAWS {
			continue
		}
		c := httpRule{ref: r.ref, kind: r.kind, verdict: r.verdict, any: r.any, methods: r.methods}
		if r.list == Whitelist {
			c.verdict = Allow
		}
		if n := int32(len(h.rules)); r.any && r.kind == kindNet && r.list == Blacklist {
			h.noNet = append(h.noNet, n)
		} else if r.any {
			b.addAny(n)
		} else {
			b.add(n, &r.subject)
		}
		if e := &r.except; len(e.http)+len(e.hosts)+len(e.ip)+len(e.net) > 0 {
			except := newIndexBuilder(nil)
			except.add(0, e)
			c.except = except.done()
		}
		h.rules = append(h.rules, c)
	}
	h.index = *b.done()
	return h
}

// indexBuilder fills an index.
type indexBuilder struct{ index }

func newIndexBuilder(rules []rule) *indexBuilder {
	size := 0
	for i := range rules {
		size += len(rules[i].subject.hosts) + len(rules[i].subject.http)
	}
	b := &indexBuilder{}
	b.hosts = match.NewHosts(size)
	return b
}

func (b *indexBuilder) done() *index {
	b.hosts.Done()
	b.addrs.Done()
	return &b.index
}

func (b *indexBuilder) entry(e entry) int32 {
	b.entries = append(b.entries, e)
	return int32(len(b.entries) - 1)
}

// addAny makes rule hold for every host and address.
func (b *indexBuilder) addAny(rule int32) {
	n := b.entry(entry{rule: rule, port: anyPort})
	b.hosts.Add("*", n)
	b.everyAddr(n)
}

func (b *indexBuilder) everyAddr(n int32) {
	b.addrs.Add(netip.PrefixFrom(netip.IPv4Unspecified(), 0), n)
	b.addrs.Add(netip.PrefixFrom(netip.IPv6Unspecified(), 0), n)
}

func (b *indexBuilder) add(rule int32, s *subjects) {
	for i := range s.http {
		b.addHTTP(rule, &s.http[i])
	}
	for i := range s.net {
		p := &s.net[i]
		n := b.entry(entry{rule: rule, port: p.port})
		if p.prefix.IsValid() {
			b.addrs.Add(p.prefix, n)
			continue
		}
		if p.host == "*" {
			b.everyAddr(n)
		}
		b.hosts.Add(p.host, n)
	}
	if len(s.ip)+len(s.hosts) > 0 {
		n := b.entry(entry{rule: rule, port: anyPort})
		for _, p := range s.ip {
			b.addrs.Add(unmapPrefix(p), n)
		}
		for _, h := range s.hosts {
			b.hosts.AddExact(h, n)
		}
	}
}

func (b *indexBuilder) addHTTP(rule int32, p *httpPattern) {
	e := entry{rule: rule, scheme: p.scheme, port: p.port, exact: !strings.Contains(p.host, "*")}
	if p.path != "" && p.path != "/**" {
		for _, form := range canon.PatternForms(p.path) {
			e.paths = append(e.paths, match.NewPath(form, p.wide))
		}
	}
	n := b.entry(e)
	if p.addr.IsValid() {
		b.addrs.Add(netip.PrefixFrom(p.addr, p.addr.BitLen()), n)
		return
	}
	if p.host == "*" {
		b.everyAddr(n)
	}
	b.hosts.Add(p.host, n)
}

// Join makes one policy of several: each judges a call whole, and the strictest verdict holds. Among equals the first policy's
// decision is the one that is told. Without policies every call is blocked.
func Join(policies ...*Policy) *Policy {
	if len(policies) == 1 {
		return policies[0]
	}
	j := &Policy{joined: []*Policy{}}
	for _, p := range policies {
		if p.joined != nil {
			j.joined = append(j.joined, p.joined...)
		} else {
			j.joined = append(j.joined, p)
		}
	}
	if len(j.joined) > 0 {
		j.set = j.joined[0].set
	}
	return j
}
