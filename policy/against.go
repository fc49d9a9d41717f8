package policy

import (
	"github.com/outguard/outguard/internal/awsrules"
	"github.com/outguard/outguard/internal/canon"
	"github.com/outguard/outguard/internal/httprules"
	"github.com/outguard/outguard/internal/rule"
)

// This file collects every rule that forbids a call, for people, where Decide needs only the
// strictest.

// findings collects everything that is weighed against a call. While a Decision collects, it holds
// the finding that was weighed last, so that what is proposed for it is known.
type findings struct {
	policy *Policy
	list   []Reason
}

// note keeps the finding that d holds, if any.
func (f *findings) note(d *Decision) {
	if d.Verdict == Allow {
		return
	}
	// One rule may catch several destinations of a call. It is listed once.
	for i := range f.list {
		if r := &f.list[i]; r.List == d.List && r.Rule == d.Rule && r.Reason == d.Reason {
			return
		}
	}
	f.list = append(f.list, Reason{
		Verdict: d.Verdict, List: d.List, Rule: d.Rule, Policy: &f.policy.set.info, Reason: d.Reason, allow: d.Allow,
	})
}

// propose sets what would undo the findings that the whitelist allows no such call. Only a complete
// entry does, and that is known after the findings were collected.
func (f *findings) propose(allow string) {
	for i := range f.list {
		if r := &f.list[i]; r.List == Whitelist || r.Rule == &foreignCredentials {
			r.allow = allow
		}
	}
}

// against returns everything that forbids a call: all blacklist rules of all files that catch it,
// and what the whitelists and the built-in rules say. Each file is asked by itself, because each
// has its own lists.
func (p *Policy) against(c *Call) (all []Reason) {
	for _, q := range p.parts() {
		one := q.decidedBy(c)
		f := findings{policy: q}
		q.collect(&f, &one)
		// On the wire, only what the wire adds has been judged. What the operation itself breaks
		// was found before, at the SDK, and an entry has to undo it, too.
		if one.Via == ViaWire && one.HTTP != nil && len(f.list) > 0 {
			operation := one
			operation.HTTP = nil
			q.collect(&f, &operation)
		}
		all = append(all, f.list...)
	}
	return all
}

// collect judges a call by one file, and adds all that was weighed to f.
func (p *Policy) collect(f *findings, c *Call) {
	d := Decision{all: f}
	p.decide(c, &d, nil)
	f.note(&d)
}

// decidedBy returns the call with the one of its names that counts, as decideNet finds it. What is
// proposed for it is then about the name that people know.
func (p *Policy) decidedBy(c *Call) Call {
	best := *c
	best.Names = nil
	if len(c.Names) == 0 {
		return best
	}
	var d Decision
	p.decide(&best, &d, nil)
	for _, name := range c.Names {
		other, by := best, Decision{}
		other.Net = name
		p.decide(&other, &by, nil)
		if by.milder(&d) {
			best, d = other, by
		}
	}
	return best
}

// milder reports whether d counts, and not e, for a call that may go by either of two names.
func (d *Decision) milder(e *Decision) bool {
	return d.Verdict > e.Verdict || d.Verdict == e.Verdict && d.List == Unguarded && e.List != Unguarded
}

// noteHTTP weighs the blacklist rules, other than the one that was weighed, that catch a request.
// weighed is the rule that Judge has found; -1 is none.
func (p *Policy) noteHTTP(d *Decision, req *canon.Request, weighed int32, who *rule.Caller) {
	for _, number := range p.http.Forbid(req, who) {
		if number != weighed {
			p.weigh(d, p.verdict(number), Blacklist, &p.refs[number], p.http.BlackReason(req, number))
		}
	}
}

// noteAWS weighs what else forbids a call of an operation.
func (p *Policy) noteAWS(d *Decision, w *awsrules.Reading, f *awsrules.Finding) {
	for _, r := range w.Forbid() {
		if f.Black == nil || r.Number != f.Black.Number {
			p.weigh(d, p.verdict(r.Number), Blacklist, &p.refs[r.Number], r.Reason)
		}
	}
	// A key of another account is hidden behind the miss, which is weighed first.
	if d.isMissing() && d.Rule != &foreignCredentials && w.Foreign() {
		allow := d.Allow
		p.weighBuiltin(d, &foreignCredentials, w.ForeignReason())
		d.Allow = allow
	}
}

// noteNet weighs the blacklist rules, other than the one that was weighed, that catch a call that
// is seen as host and port.
func (p *Policy) noteNet(d *Decision, c *Call, n *httprules.NetCall, weighed int32) {
	for _, number := range p.http.ForbidNet(n) {
		if number != weighed {
			p.weigh(d, p.verdict(number), Blacklist, &p.refs[number], p.netReason(number, c))
		}
	}
}

// netReason says why a blacklist rule catches a call that is seen as host and port.
func (p *Policy) netReason(rule int32, c *Call) string {
	if reason := p.refs[rule].Reason; reason != "" {
		return reason
	}
	return "blacklist rule " + p.refs[rule].ID + " forbids " + c.Net
}
