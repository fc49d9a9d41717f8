// Package httprules is the engine for http:, ip: and net: rules. Compile indexes the rules by host
// and address. Judge matches a request against both lists at once, and JudgeNetBlack and VouchesNet
// match what is seen as host and port alone.
//
// Findings name rules by their number among the policy's rules.
package httprules

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/outguard/outguard/internal/canon"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/rule"
	"github.com/outguard/outguard/internal/ruleindex"
)

// Rules are the compiled rules of both lists. They never change.
type Rules struct {
	rules []conditions // by the rule's number; those of package awsrules are about no call here
	index index
	// noNet has the blacklist rules "net: any". They are for connections that are not HTTP alone.
	// All other net: rules of a blacklist forbid every connection to their host.
	noNet []int32
}

// entry is one subject of a rule, apart from its host.
type entry struct {
	rule   int32 // its number
	scheme string
	port   int
	paths  []*ruleindex.Path // one of these must match; nil: any path
	exact  bool              // the host is named in full
	any    bool              // it is http: any
}

// index finds entries by the host that a call names. The numbers in it are indexes into entries.
type index struct {
	entries []entry
	hosts   *ruleindex.Hosts
	addrs   ruleindex.Addrs
}

// Compile compiles the rules of this engine among rules, which must not change afterwards. It
// refuses a rule that no engine would judge.
func Compile(rules []rule.Rule) (h *Rules, err error) {
	// The index is sized before, because a feed has up to a million hosts.
	h = &Rules{rules: make([]conditions, len(rules))}
	b := newIndexBuilder(rules)
	for i := range rules {
		r, n := &rules[i], int32(i)
		if h.rules[i], err = conditionsOf(r); err != nil {
			return nil, err
		}
		// A rule about no call of this engine still has its number.
		switch {
		case h.rules[i].calls == 0:
		// "net: any" of a blacklist must not forbid HTTP, so that it is not in the index.
		case r.Any && r.Kind == rule.Net && !r.Vouches():
			h.noNet = append(h.noNet, n)
		case r.Any:
			b.addAny(n)
		default:
			if err := b.add(n, r.Subject); err != nil {
				return nil, err
			}
			b.addFeed(n, r)
		}
	}
	h.index = *b.done()
	return h, nil
}

// indexBuilder fills an index.
type indexBuilder struct{ index }

// newIndexBuilder returns a builder that expects the subjects and hosts of some rules.
func newIndexBuilder(rules []rule.Rule) *indexBuilder {
	size, subjects := 0, 0
	for i := range rules {
		size += len(rules[i].Hosts)
		if rules[i].Kind != rule.AWS {
			subjects += max(len(rules[i].Subject), 1)
		}
		// What is not an exact host must not count: a map that was made for 8 or fewer is quicker.
		for _, p := range rules[i].Subject {
			if namesHost(p) {
				size++
			}
		}
	}
	b := &indexBuilder{}
	b.entries = make([]entry, 0, subjects)
	b.hosts = ruleindex.NewHosts(size)
	return b
}

// namesHost reports whether a subject names a host in full.
func namesHost(p pattern.Pattern) bool {
	host := ""
	switch p := p.(type) {
	case *pattern.HTTP:
		host = p.Host
	case *pattern.Net:
		host = p.Host
	}
	return host != "" && !strings.Contains(host, "*")
}

// done ends the building of the look-ups.
func (b *indexBuilder) done() *index {
	b.hosts.Done()
	b.addrs.Done()
	return &b.index
}

// entry adds an entry and returns its number in the index.
func (b *indexBuilder) entry(e entry) int32 {
	b.entries = append(b.entries, e)
	return int32(len(b.entries) - 1)
}

// addAny makes a rule hold for every host and address.
func (b *indexBuilder) addAny(rule int32) {
	n := b.entry(entry{rule: rule, port: pattern.AnyPort, any: true})
	b.hosts.Add("*", n)
	b.everyAddr(n)
}

// everyAddr adds an entry for each address. The look-up of hosts has names alone.
func (b *indexBuilder) everyAddr(n int32) {
	b.addrs.Add(netip.PrefixFrom(netip.IPv4Unspecified(), 0), n)
	b.addrs.Add(netip.PrefixFrom(netip.IPv6Unspecified(), 0), n)
}

// add adds the subjects of a rule, each under its host or its ranges.
func (b *indexBuilder) add(rule int32, subjects []pattern.Pattern) error {
	ip := int32(-1) // all ranges of a rule share an entry
	for _, p := range subjects {
		switch p := p.(type) {
		case *pattern.HTTP:
			b.addHTTP(rule, p)
		case *pattern.Net:
			b.addNet(rule, p)
		case *pattern.IP:
			if ip < 0 {
				ip = b.entry(entry{rule: rule, port: pattern.AnyPort})
			}
			for _, r := range p.Ranges {
				b.addrs.Add(r, ip)
			}
		// A new kind of pattern must not be left out in silence.
		default:
			return fmt.Errorf("%s is of a kind that this engine does not judge", p)
		}
	}
	return nil
}

// addFeed adds the hosts and ranges of a feed. They share one entry, since they have no other
// conditions.
func (b *indexBuilder) addFeed(number int32, r *rule.Rule) {
	if len(r.Hosts)+len(r.Addrs) == 0 {
		return
	}
	// As a feed lists hosts, each holds for every scheme, port and path.
	n := b.entry(entry{rule: number, port: pattern.AnyPort})
	for _, h := range r.Hosts {
		b.hosts.AddExact(h, n)
	}
	for _, p := range r.Addrs {
		b.addrs.Add(p, n)
	}
}

// addHTTP adds an http: subject.
func (b *indexBuilder) addHTTP(rule int32, p *pattern.HTTP) {
	e := entry{rule: rule, scheme: p.Scheme, port: p.Port, exact: !strings.Contains(p.Host, "*")}
	// "/**" is every path. Each form of a pattern takes one of the readings of a path.
	if p.Path != "" && p.Path != "/**" {
		for _, form := range canon.PatternForms(p.Path) {
			e.paths = append(e.paths, ruleindex.NewPath(form, p.Wide))
		}
	}
	n := b.entry(e)
	if p.Addr.IsValid() {
		b.addrs.Add(netip.PrefixFrom(p.Addr, p.Addr.BitLen()), n)
		return
	}
	// "*" is also each address.
	if p.Host == "*" {
		b.everyAddr(n)
	}
	b.hosts.Add(p.Host, n)
}

// addNet adds a net: subject.
func (b *indexBuilder) addNet(rule int32, p *pattern.Net) {
	n := b.entry(entry{rule: rule, port: p.Port})
	if p.Prefix.IsValid() {
		b.addrs.Add(p.Prefix, n)
		return
	}
	if p.Host == "*" {
		b.everyAddr(n)
	}
	b.hosts.Add(p.Host, n)
}

// find finds the entries whose host is d's.
func (x *index) find(d *canon.Dest) ruleindex.Found {
	if d.Addr.IsValid() {
		return x.addrs.Find(d.Addr)
	}
	return x.hosts.Find(d.Host)
}
