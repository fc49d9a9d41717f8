package policy

import (
	"cmp"
	"slices"

	"github.com/outguard/outguard/internal/awscall"
)

// foreignCredentials is the built-in rule about keys of other accounts.
var foreignCredentials = RuleRef{ID: "foreign-credentials", Reason: "what is signed with another account's key can leave this one unseen"}

// decideAWS judges an AWS operation whole: blacklist, then whitelist (default deny when the policy has one). d is the zero Decision.
func (p *Policy) decideAWS(c *AWSCall, d *Decision) {
	var black Decision
	if p.judgeAWS(c, &black, d); !black.Allowed() {
		*d = strictest(black, *d)
	}
}

// decideUnsigned judges a call of the SDK's before it is signed. A whitelist rule for other accounts holds for calls that are signed with their keys,
// and nobody knows yet whose key this will be: what such a rule would allow goes on, to be judged again when it is signed.
func (p *Policy) decideUnsigned(c *AWSCall, d *Decision) {
	p.decideAWS(c, d)
	if d.List != Whitelist || d.Allowed() || c.Presigned {
		return
	}
	for _, account := range p.aws.signers {
		signed := *c
		signed.Account = account
		var other Decision
		if p.decideAWS(&signed, &other); other.Verdict > d.Verdict {
			*d = other // allowed, or no more than logged
		}
	}
}

// judgeAWS is decideAWS in two: what the blacklist says, which is allow when no rule of it catches the call, and what everything else says, which
// is allow as well where it could not be stricter than the blacklist. Both are zero Decisions.
func (p *Policy) judgeAWS(c *AWSCall, black, rest *Decision) {
	a := p.aws
	w, problem := a.read(c)
	defer a.readings.Put(w)
	op, at, own := w.op, w.at, w.own
	black.Verdict = Allow
	rest.Access, rest.Guessed = op.access, op.Guessed
	if problem != "" {
		p.against(rest, Builtin, &malformedRule, p.set.info.OnViolation, problem)
		return
	}
	if caught, what := w.caught(); caught != nil {
		black.Access, black.Guessed = rest.Access, rest.Guessed
		p.against(black, Blacklist, caught.ref, caught.verdict, cmp.Or(caught.ref.Reason, say(op, what)+" is blacklisted"))
		if caught.verdict <= p.set.info.OnViolation {
			p.allow(rest, nil)
			return
		}
	}
	foreign := at.Account != own.Account
	if a.white {
		for i := range w.touches.List {
			t := &w.touches.List[i]
			if w.whitelisted(t, foreign) {
				continue
			}
			if foreign && w.whitelisted(t, false) {
				break // but for the key, the call would be allowed
			}
			p.against(rest, Whitelist, op.nearest, p.set.info.OnViolation, "no whitelist rule allows "+say(op, t))
			rest.Allow = allow(op, t, own)
			return
		}
	}
	if foreign && !(a.white && w.allWhitelisted()) {
		p.against(rest, Builtin, &foreignCredentials, p.set.info.OnViolation, op.Service+":"+op.Name+" is signed with a key of account "+at.Account+", not of "+own.Account)
		return
	}
	var rule *RuleRef
	if a.white && w.vouches != nil {
		rule = w.vouches.ref
	}
	p.allow(rest, rule)
}

// against completes a decision against an AWS call.
func (p *Policy) against(d *Decision, list List, ref *RuleRef, verdict Verdict, reason string) {
	v := p.violation(list, ref, verdict, reason)
	v.Access, v.Guessed = d.Access, d.Guessed
	*d = v
}

// caught returns the blacklist rule that catches the call, and what of it; nil: none does.
func (w *awsReading) caught() (rule *awsRule, what *awscall.Touch) {
	if len(w.op.black.entries) == 0 {
		return nil, nil
	}
	for i := range w.touches.List {
		t := &w.touches.List[i]
		if r := stricter(rule, w.blacklisted(t)); r != rule {
			rule, what = r, t
		}
	}
	return rule, what
}

// blacklisted returns the blacklist rule that catches a touch; nil: none does.
func (w *awsReading) blacklisted(t *awscall.Touch) (found *awsRule) {
	if t.State == awscall.Unknown || t.Open {
		for _, e := range w.op.black.entries {
			if !e.actions.Overlaps(t.Actions.Union(t.Also)) || (t.Open && e.pattern != nil && !(e.pattern.matchHead(t, e.rule, w.own) && e.pattern.matchResource(t, Blacklist))) {
				continue
			}
			if e.rule.matchPlace(t, w.at, w.own) {
				found = stricter(found, e.rule)
			}
		}
		return found
	}
	for e := range w.op.black.candidates(t) {
		if e.actions.Overlaps(t.Actions.Union(t.Also)) && e.matches(t, w.at, w.own) {
			found = stricter(found, e.rule)
		}
	}
	return found
}

// stricter returns the rule that counts of two that catch a call: the strictest verdict, and among equals the first in the file.
func stricter(a, b *awsRule) *awsRule {
	if a == nil || b != nil && (b.verdict < a.verdict || b.verdict == a.verdict && b.order < a.order) {
		return b
	}
	return a
}

// whitelisted reports whether whitelist rules allow all that is done to a touch. listed: only rules count that list the caller's account.
func (w *awsReading) whitelisted(t *awscall.Touch, listed bool) bool {
	need := t.Actions
	if need.Empty() {
		return true
	}
	for e := range w.op.white.candidates(t) {
		if !e.actions.Overlaps(need) || (listed && !slices.Contains(e.rule.accounts, w.at.Account)) || !e.matches(t, w.at, w.own) {
			continue
		}
		w.vouches = e.rule
		if need = need.Minus(e.actions); need.Empty() {
			return true
		}
	}
	return false
}

func (w *awsReading) allWhitelisted() bool {
	for i := range w.touches.List {
		if !w.whitelisted(&w.touches.List[i], true) {
			return false
		}
	}
	return true
}

func (e *awsEntry) matches(t *awscall.Touch, at, own *awscall.Where) bool {
	if e.pattern != nil && !(e.pattern.matchHead(t, e.rule, own) && e.pattern.matchResource(t, e.rule.list)) {
		return false
	}
	return e.rule.matchPlace(t, at, own)
}
