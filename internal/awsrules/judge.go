package awsrules

import (
	"slices"

	"github.com/outguard/outguard/internal/awscall"
)

// This file matches what a call touches against both lists.

// Finding is what both lists say to one call, and what is wrong with the call itself.
type Finding struct {
	Problem string         // why the call cannot be read; "" when it can. Nothing else is set then
	Black   *compiled      // the blacklist rule that catches the call; nil: none
	caught  *awscall.Touch // the touch that it catches
	Rest    Rest
	White   int32          // restVouched: a whitelist rule; restMissed: the nearest one; -1: none
	missed  *awscall.Touch // restMissed: the touch that no whitelist rule allows
}

// Rest is what everything but the blacklist says.
type Rest uint8

const (
	// The zero value is the strictest, so that a Finding that was not filled refuses.
	Missed  Rest = iota // no whitelist rule allows it
	Foreign             // it is signed with another account's key
	Allowed
)

// Judge matches the call against both lists, and fills the zero Finding f.
func (a *Rules) Judge(f *Finding, w *Reading) {
	f.White = -1
	// A call that cannot be read is refused, and nothing else is worth finding.
	if f.Problem = w.problem; f.Problem != "" {
		return
	}
	// The blacklist comes first, but its outcome does not end the judgement: an alert may be joined
	// by a refusal of the whitelist.
	f.Black, f.caught = w.caught()
	foreign := w.Foreign()
	if a.Whitelist {
		// Every touch must be allowed: a copy reads one object and writes another.
		for i := range w.touches.List {
			t := &w.touches.List[i]
			if w.whitelisted(t, foreign) {
				continue
			}
			// The key is reported in the place of the missing rule: it is what an attacker would
			// bring.
			if foreign && w.whitelisted(t, false) {
				break // but for the key, the call would be allowed
			}
			f.Rest, f.White, f.missed = Missed, w.Op.nearest, t
			return
		}
	}
	// A rule that lists the account explicitly also accepts its key.
	if foreign && !(a.Whitelist && w.allWhitelisted()) {
		f.Rest = Foreign
		return
	}
	f.Rest = Allowed
	if a.Whitelist && w.vouches != nil {
		f.White = w.vouches.Number
	}
}

// JudgeUnsigned judges a call of the SDK's before it is signed. A whitelist rule for other accounts
// holds for calls that are signed with their keys, and nobody knows yet which key this will be: a
// call that such a rule would allow goes on, to be judged again when it is signed. It fills the
// zero Finding f.
func (a *Rules) JudgeUnsigned(f *Finding, c *Call, w *Reading) {
	a.Judge(f, w)
	if f.Problem != "" || f.Rest != Missed || c.Presigned {
		return
	}
	// Each account is tried in turn, as if its key had signed.
	var other Finding
	for _, account := range a.Signers {
		signed := *c
		signed.Account = account
		a.readInto(w, &signed)
		other = Finding{}
		if a.Judge(&other, w); other.Problem == "" && other.Rest == Allowed {
			break
		}
	}
	// The reading must be that of the call itself again.
	a.readInto(w, c)
	*f = Finding{}
	if a.Judge(f, w); other.Problem == "" && other.Rest == Allowed {
		f.Rest, f.White = Allowed, other.White // a blacklist that is for the other account waits for the key
	}
}

// Foreign reports whether the call is signed with a key of another account than the function's.
func (w *Reading) Foreign() bool { return w.At != w.own && w.At.Account != w.own.Account }

// caught returns the blacklist rule that catches the call, and what of it; nil: none does.
func (w *Reading) caught() (rule *compiled, what *awscall.Touch) {
	// Most operations have no blacklist rule.
	if len(w.Op.black.entries) == 0 {
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
func (w *Reading) blacklisted(t *awscall.Touch) (found *compiled) {
	// Without a resource, the index cannot be used, and each entry is tried.
	if t.State == awscall.Unknown || t.Open || t.Vague {
		for _, e := range w.Op.black.entries {
			if w.forbids(e, t) {
				found = stricter(found, e.rule)
			}
		}
		return found
	}
	c := w.Op.black.candidates(t)
	for e := c.next(); e != nil; e = c.next() {
		if e.actions.Overlaps(t.Actions.Union(t.Also)) && w.meets(e, t) {
			found = stricter(found, e.rule)
		}
	}
	return found
}

// stricter returns the rule that counts of two that catch a call: the strictest outcome, and among
// equals the first in the file.
func stricter(a, b *compiled) *compiled {
	// Outcomes are ordered by strictness, block first.
	if a == nil || b != nil && (b.Outcome < a.Outcome || b.Outcome == a.Outcome && b.Number < a.Number) {
		return b
	}
	return a
}

// whitelisted reports whether whitelist rules allow all that is done to a touch. listed: only rules
// count that list the caller's account.
func (w *Reading) whitelisted(t *awscall.Touch, listed bool) bool {
	need := t.Actions
	// A touch that is there for blacklists alone takes no action.
	if need.Empty() {
		return true
	}
	c := w.Op.white.candidates(t)
	for e := c.next(); e != nil; e = c.next() {
		if !e.actions.Overlaps(need) || (listed && !slices.Contains(e.rule.accounts, w.At.Account)) || !w.meets(e, t) {
			continue
		}
		w.vouches = e.rule
		// Several rules may together allow what is done to one resource.
		if need = need.Minus(e.actions); need.Empty() {
			return true
		}
	}
	return false
}

// allWhitelisted reports whether rules that list the caller's account allow every touch.
func (w *Reading) allWhitelisted() bool {
	for i := range w.touches.List {
		if !w.whitelisted(&w.touches.List[i], true) {
			return false
		}
	}
	return true
}

// matches reports whether an entry is about a touch, whoever calls.
func (e *entry) matches(t *awscall.Touch, at, own *awscall.Where) bool {
	if e.pattern != nil && !(e.pattern.matchHead(t, e.rule, own) && e.pattern.matchResource(t, e.rule.mode)) {
		return false
	}
	return e.rule.matchPlace(t, e.pattern, at, own)
}

// meets reports whether a touch, and the caller, meet what a rule's entry asks for. The caller
// comes last: it takes work to find out.
func (w *Reading) meets(e *entry, t *awscall.Touch) bool {
	return e.matches(t, w.At, w.own) && (e.rule.callers == nil || w.who.Is(e.rule.callers, e.rule.mode))
}
