// Package rule has the rule of a policy, and the one table of the kinds of rules.
package rule

import (
	"net/netip"
	"slices"

	"github.com/outguard/outguard/internal/pattern"
)

// Rule is one entry of a whitelist or a blacklist, parsed and expanded for one function. Engines
// compile it. Entries that do not apply (another stage, an expired until:) are never made into
// rules. A new condition is a field here, a line in ConditionsCover and Equal, and one in the
// engine.
type Rule struct {
	Origin  Origin
	Mode    pattern.Mode // narrow in a whitelist, wide in a blacklist
	Kind    Kind         // of all its subjects
	Outcome Outcome      // of a violation; of a blacklist rule only
	Any     bool         // it opens or forbids the whole kind: subject is empty
	Subject []pattern.Pattern
	Except  []pattern.Pattern // calls that the rule does not hold for, although subject matches

	Methods   []string         // http: nil is any
	Access    []string         // aws: of "list", "read", "write", "tagging", "permissions"; nil is any
	Resources []string         // aws: ARN globs, or what follows the fifth colon; nil: none named
	Regions   []string         // aws
	Accounts  []string         // aws: ids, "self"
	Callers   []pattern.Caller // nil is any

	// What a feed adds to subject: canonical hosts, each for any scheme, port and path, and ranges.
	// The hosts may point into the feed's text.
	Hosts []string
	Addrs []netip.Prefix
}

// Vouches reports whether the rule is in a whitelist. All other rules forbid, those of an invalid
// mode included.
func (r *Rule) Vouches() bool { return r.Mode == pattern.Narrow }

// ConditionsCover reports whether every call that meets s's conditions beside its subject meets
// r's. A condition of r must be one of s, too, and there at least as narrow. A nil list sets none.
func (r *Rule) ConditionsCover(s *Rule) bool {
	if r.Methods != nil && (s.Methods == nil || !Subset(s.Methods, r.Methods)) {
		return false
	}
	if r.Callers != nil && (s.Callers == nil || !Subset(callerTexts(s), callerTexts(r))) {
		return false
	}
	// What r leaves out, s must leave out, too.
	for _, p := range r.Except {
		if !pattern.AnyCovers(s.Except, p) {
			return false
		}
	}
	// The remaining keys are for aws: only.
	if r.Kind != AWS {
		return true
	}
	mine, _ := pattern.AccessLevels(r.Access, r.Mode)
	theirs, _ := pattern.AccessLevels(s.Access, s.Mode)
	// In a blacklist, nil is any place. In a whitelist, nil may mean the function's own place,
	// which no list covers for certain, and which covers no list.
	atLeast := func(mine, theirs []string) bool {
		return r.Mode == pattern.Wide && mine == nil || mine != nil && theirs != nil && Subset(theirs, mine) || mine == nil && theirs == nil
	}
	return theirs&^mine == 0 && (r.Resources == nil || s.Resources != nil && Subset(s.Resources, r.Resources)) &&
		atLeast(r.Regions, s.Regions) && atLeast(r.Accounts, s.Accounts)
}

// Equal reports whether two rules are equal in every field. A nil list differs from an empty one.
func (r *Rule) Equal(s *Rule) bool {
	return r.Origin == s.Origin && r.Mode == s.Mode && r.Kind == s.Kind && r.Outcome == s.Outcome && r.Any == s.Any &&
		equal(r.Subject, s.Subject, pattern.Same) && equal(r.Except, s.Except, pattern.Same) &&
		equal(r.Methods, s.Methods, same) && equal(r.Access, s.Access, same) && equal(r.Resources, s.Resources, same) &&
		equal(r.Regions, s.Regions, same) && equal(r.Accounts, s.Accounts, same) &&
		equal(r.Callers, s.Callers, func(c, d pattern.Caller) bool { return c.String() == d.String() }) && // the rest follows from the text
		equal(r.Hosts, s.Hosts, same) && equal(r.Addrs, s.Addrs, same)
}

// equal is slices.EqualFunc for lists that mean something else if they are nil than if they are
// empty.
func equal[T any](a, b []T, same func(T, T) bool) bool {
	return (a == nil) == (b == nil) && slices.EqualFunc(a, b, same)
}

// same is == as a function.
func same[T comparable](a, b T) bool { return a == b }

// callerTexts returns callers: as written; nil if the rule is for any caller.
func callerTexts(r *Rule) (texts []string) {
	for i := range r.Callers {
		texts = append(texts, r.Callers[i].String())
	}
	return texts
}

// Subset reports whether all has every text of some.
func Subset(some, all []string) bool {
	for _, s := range some {
		if !slices.Contains(all, s) {
			return false
		}
	}
	return true
}

// Origin says where a rule is written, and what it is called.
type Origin struct {
	ID     string // the rule's id, else "policy.yaml:14"; the name of a built-in rule
	File   string // "policy.yaml"; "" for a built-in rule
	Line   int    // from 1; 0 for a built-in rule
	Column int
	Reason string // the rule's reason, as written
}

// Outcome is what follows a violation, as a number whose meaning is policy's: the lower, the
// stricter.
type Outcome uint8
