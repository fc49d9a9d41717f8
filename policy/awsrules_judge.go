package policy

import (
	"slices"

	"github.com/outguard/outguard/internal/awscall"
)

// awsFinding is what both lists say to one call, and what is wrong with the call itself.
type awsFinding struct {
	problem string         // why the call cannot be read; "" when it can. Nothing else is set then
	black   *awsRule       // the blacklist rule that catches the call; nil: none
	caught  *awscall.Touch // the touch that it catches
	rest    awsRest
	white   int32          // restVouched: a whitelist rule; restMissed: the nearest one; -1: none
	missed  *awscall.Touch // restMissed: the touch that no whitelist rule allows
}

// awsRest is what everything but the blacklist says.
type awsRest uint8

const (
	restMissed  awsRest = iota // no whitelist rule allows it
	restForeign                // it is signed with another account's key
	restAllowed
)

// judge matches the call against both lists.
func (a *awsRules) judge(w *awsReading) awsFinding {
	f := awsFinding{problem: w.problem, white: -1}
	if f.problem != "" {
		return f
	}
	f.black, f.caught = w.caught()
	foreign := w.at.Account != w.own.Account
	if a.whitelist {
		for i := range w.touches.List {
			t := &w.touches.List[i]
			if w.whitelisted(t, foreign) {
				continue
			}
			if foreign && w.whitelisted(t, false) {
				break // but for the key, the call would be allowed
			}
			f.rest, f.white, f.missed = restMissed, w.op.nearest, t
			return f
		}
	}
	if foreign && !(a.whitelist && w.allWhitelisted()) {
		f.rest = restForeign
		return f
	}
	f.rest = restAllowed
	if a.whitelist && w.vouches != nil {
		f.white = w.vouches.number
	}
	return f
}

// judgeUnsigned judges a call of the SDK's before it is signed. A whitelist rule for other accounts holds for calls that are
// signed with their keys, and nobody knows yet which key this will be: a call that such a rule would allow goes on, to be
// judged again when it is signed.
func (a *awsRules) judgeUnsigned(c *awsCall, w *awsReading) awsFinding {
	f := a.judge(w)
	if f.problem != "" || f.rest != restMissed || c.presigned {
		return f
	}
	for _, account := range a.signers {
		signed := *c
		signed.account = account
		a.readInto(w, &signed)
		if other := a.judge(w); other.problem == "" && other.rest == restAllowed {
			return other
		}
	}
	a.readInto(w, c)
	return a.judge(w)
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
			if e.actions&(t.Actions|t.Also) == 0 || (t.Open && e.pattern != nil && !(e.pattern.matchHead(t, e.rule, w.own) && e.pattern.matchResource(t, wide))) {
				continue
			}
			if e.rule.matchPlace(t, w.at, w.own) {
				found = stricter(found, e.rule)
			}
		}
		return found
	}
	for e := range w.op.black.candidates(t) {
		if e.actions&(t.Actions|t.Also) != 0 && e.matches(t, w.at, w.own) {
			found = stricter(found, e.rule)
		}
	}
	return found
}

// stricter returns the rule that counts of two that catch a call: the strictest outcome, and among equals the first in the file.
func stricter(a, b *awsRule) *awsRule {
	if a == nil || b != nil && (b.outcome < a.outcome || b.outcome == a.outcome && b.number < a.number) {
		return b
	}
	return a
}

// whitelisted reports whether whitelist rules allow all that is done to a touch. listed: only rules count that list the caller's account.
func (w *awsReading) whitelisted(t *awscall.Touch, listed bool) bool {
	need := t.Actions
	if need == 0 {
		return true
	}
	for e := range w.op.white.candidates(t) {
		if e.actions&need == 0 || (listed && !slices.Contains(e.rule.accounts, w.at.Account)) || !e.matches(t, w.at, w.own) {
			continue
		}
		w.vouches = e.rule
		if need &^= e.actions; need == 0 {
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
	if e.pattern != nil && !(e.pattern.matchHead(t, e.rule, own) && e.pattern.matchResource(t, e.rule.mode)) {
		return false
	}
	return e.rule.matchPlace(t, at, own)
}
