package httprules

import (
	"fmt"
	"strings"

	"github.com/outguard/outguard/internal/canon"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/rule"
)

// This file has what a rule requires of a call beside one of its subjects, in one place: a new
// condition is a field of conditions, and a line in each of its methods.

// conditions are those of one rule. The zero value is about no call.
type conditions struct {
	calls   calls
	mode    pattern.Mode
	outcome rule.Outcome
	any     bool
	methods []string
	callers []pattern.Caller
	except  *index // nil: none
	origin  *rule.Origin
}

// conditionsOf takes what this engine needs of a rule. It refuses a kind that no engine judges.
func conditionsOf(r *rule.Rule) (conditions, error) {
	about, ok := callsOf(r)
	switch {
	case !ok:
		return conditions{}, fmt.Errorf("rule %s is of a kind that no engine judges", r.Origin.ID)
	case about == 0:
		return conditions{}, nil
	}
	c := conditions{calls: about, mode: r.Mode, outcome: r.Outcome, any: r.Any, methods: r.Methods, callers: r.Callers, origin: &r.Origin}
	// An except: is an index of its own, with rule 0 for all of its entries.
	if len(r.Except) > 0 {
		except := newIndexBuilder(nil)
		if err := except.add(0, r.Except); err != nil {
			return c, err
		}
		c.except = except.done()
	}
	return c, nil
}

// vouches reports whether the rule is in a whitelist. All other rules forbid.
func (r *conditions) vouches() bool { return r.mode == pattern.Narrow }

// matches reports whether the rule is about requests, and one to d meets the conditions.
func (r *conditions) matches(d *canon.Dest, req *canon.Request, path string, who *rule.Caller) bool {
	return r.about(requests) && r.misses(d, req, path, who) == missedNothing
}

// misses returns the first condition that a request to d does not meet. In the order of people's
// interest: the last one that fails is nearest to a match.
func (r *conditions) misses(d *canon.Dest, req *canon.Request, path string, who *rule.Caller) missed {
	switch {
	// In a tunnel, any method may be sent, so that a blacklist rule for one catches it.
	case !r.hasMethod(req.Method) && !(req.Tunnel && !r.vouches()):
		return missedMethod
	case r.except != nil && r.except.has(d, req, path, r.vouches()):
		return missedExcept
	case !who.Is(r.callers, r.mode): // last, because it takes work to find out
		return missedCaller
	}
	return missedNothing
}

// appendMiss says for people which condition a request does not meet.
func (r *conditions) appendMiss(b []byte, m missed, req *canon.Request) []byte {
	switch m {
	case missedMethod:
		// The reason goes on after "matches the host, but not ".
		b = append(append(append(b, "method "...), req.Method...), ": the rule is for "...)
		for i, method := range r.methods {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = append(b, method...)
		}
		return b
	case missedExcept:
		return append(b, "this call: it is excluded by the rule's except:"...)
	}
	return append(b, "another condition of the rule"...)
}

// mayMeet reports whether the rule is about calls such as n, and some call to d that n may be meets
// the conditions. d may be nil, for a host that cannot be read. A partial call may be by any
// caller.
func (r *conditions) mayMeet(d *canon.Dest, n *NetCall) bool {
	return r.about(n.form()) && (r.except == nil || !r.except.surelyHas(d, n)) && (n.Partial || n.Who.Is(r.callers, r.mode))
}

// excludesAll reports whether the rule's except: covers every name that a call is made to.
func (r *conditions) excludesAll(n *NetCall) bool {
	if r.except == nil || n.N == 0 {
		return false
	}
	for i := range n.N {
		// All names have to be excluded: the call may go to any of them.
		if !r.except.surelyHas(&n.Names[i], n) {
			return false
		}
	}
	return true
}

// surelyMeets reports whether the rule is about calls such as n, and every call to d that n may be
// meets the conditions.
func (r *conditions) surelyMeets(d *canon.Dest, n *NetCall) bool {
	return r.about(n.form()) && r.methods == nil && (r.except == nil || !r.except.mayHave(d, n)) &&
		(r.callers == nil || !n.Partial && n.Who.Is(r.callers, r.mode))
}

// hasMethod compares methods exactly; a blacklist rule also catches other spellings of case.
func (r *conditions) hasMethod(method string) bool {
	if r.methods == nil {
		return true
	}
	for _, m := range r.methods {
		// A server may take "get" for GET.
		if m == method || !r.vouches() && strings.EqualFold(m, method) {
			return true
		}
	}
	return false
}

// missed is what a request does not meet of an entry whose host matches, the nearest last.
type missed uint8

const (
	missedHost missed = iota
	missedScheme
	missedPort
	missedPath
	missedMethod
	missedExcept
	missedCaller
	missedNothing
)
