// Package httprules is the engine for http:, ip: and net: rules. Compile indexes the rules by host and address;
// Judge matches a request against both lists at once; JudgeNet does so for what is seen as host and port alone.
//
// Findings name rules by their number among the policy's rules.
package policy

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/outguard/outguard/internal/canon"
	"github.com/outguard/outguard/internal/match"
)

// httpRules are the compiled rules of both lists. They never change.
type httpRules struct {
	rules []httpRule // by the rule's number; those of other kinds are zero and in no index
	index index
	noNet []int32 // blacklist rules "net: any": for raw connections alone; other net: rules forbid every connection to their host
}

// httpRule holds the conditions that apply to every subject of one rule.
type httpRule struct {
	mode    mode
	kind    kind
	outcome outcome
	any     bool
	methods []string
	except  *index // nil: none
	origin  *origin
}

func (r *httpRule) vouches() bool { return r.mode == narrow }

// entry is one subject of a rule, apart from its host.
type entry struct {
	rule   int32 // its number
	scheme string
	port   int
	paths  []*match.Path // one of these must match; nil: any path
	exact  bool          // the host is named in full
}

// index finds entries by the host that a call names. The numbers in it are indexes into entries.
type index struct {
	entries []entry
	hosts   *match.Hosts
	addrs   match.Addrs
}

// compileHTTP compiles the rules of this engine among rules, which must not change afterwards. It refuses a rule that
// no engine would judge.
func compileHTTP(rules []rule) (h *httpRules, err error) {
	h = &httpRules{rules: make([]httpRule, len(rules))}
	b := newIndexBuilder(rules)
	for i := range rules {
		r, n := &rules[i], int32(i)
		h.rules[i] = httpRule{mode: r.mode, kind: r.kind, outcome: r.outcome, any: r.any, methods: r.methods, origin: &r.origin}
		switch r.kind {
		case kindAWS:
			continue
		case kindHTTP, kindIP, kindNet:
		default:
			return nil, fmt.Errorf("rule %s is of a kind that no engine judges", r.origin.ID)
		}
		switch {
		case r.any && r.kind == kindNet && !r.vouches():
			h.noNet = append(h.noNet, n)
		case r.any:
			b.addAny(n)
		default:
			if err := b.add(n, r.subject); err != nil {
				return nil, err
			}
			b.addFeed(n, r)
		}
		if len(r.except) > 0 {
			except := newIndexBuilder(nil)
			if err := except.add(n, r.except); err != nil {
				return nil, err
			}
			h.rules[i].except = except.done()
		}
	}
	h.index = *b.done()
	return h, nil
}

// indexBuilder fills an index.
type indexBuilder struct{ index }

func newIndexBuilder(rules []rule) *indexBuilder {
	size := 0
	for i := range rules {
		size += len(rules[i].subject) + len(rules[i].hosts)
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

// addAny makes a rule hold for every host and address.
func (b *indexBuilder) addAny(rule int32) {
	n := b.entry(entry{rule: rule, port: anyPort})
	b.hosts.Add("*", n)
	b.everyAddr(n)
}

func (b *indexBuilder) everyAddr(n int32) {
	b.addrs.Add(netip.PrefixFrom(netip.IPv4Unspecified(), 0), n)
	b.addrs.Add(netip.PrefixFrom(netip.IPv6Unspecified(), 0), n)
}

func (b *indexBuilder) add(rule int32, subjects []pattern) error {
	ip := int32(-1) // all ranges of a rule share an entry
	for _, p := range subjects {
		switch p := p.(type) {
		case *httpPattern:
			b.addHTTP(rule, p)
		case *netPattern:
			b.addNet(rule, p)
		case *ipPattern:
			if ip < 0 {
				ip = b.entry(entry{rule: rule, port: anyPort})
			}
			for _, r := range p.ranges {
				b.addrs.Add(r, ip)
			}
		default:
			return fmt.Errorf("%s is of a kind that this engine does not judge", p)
		}
	}
	return nil
}

func (b *indexBuilder) addFeed(number int32, r *rule) {
	if len(r.hosts)+len(r.addrs) == 0 {
		return
	}
	n := b.entry(entry{rule: number, port: anyPort})
	for _, h := range r.hosts {
		b.hosts.AddExact(h, n)
	}
	for _, p := range r.addrs {
		b.addrs.Add(p, n)
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

func (b *indexBuilder) addNet(rule int32, p *netPattern) {
	n := b.entry(entry{rule: rule, port: p.port})
	if p.prefix.IsValid() {
		b.addrs.Add(p.prefix, n)
		return
	}
	if p.host == "*" {
		b.everyAddr(n)
	}
	b.hosts.Add(p.host, n)
}

// find finds the entries whose host is d's.
func (x *index) find(d *canon.Dest) match.Found {
	if d.Addr.IsValid() {
		return x.addrs.Find(d.Addr)
	}
	return x.hosts.Find(d.Host)
}
