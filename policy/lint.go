package policy

import (
	"fmt"
	"slices"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/rule"
	"github.com/outguard/outguard/internal/syntax"
)

// This file finds rules that have no effect, or another one than they seem to have.

// A built is a rule beside the draft that it was made of.
type built struct {
	*rule.Rule // shared by all functions, but for its outcome
	outcome    rule.Outcome
	draft      *syntax.Draft
	section    *syntax.Section
}

// maxPairs is how many pairs of subjects lint compares, at 20 ns each.
const maxPairs = 1 << 26

// lint warns of rules that can never matter. It compares the rules with each other, so that it is
// for whole files: functions do not link it. The comparison is quadratic, and large files have
// feeds instead.
func (c *compiler) lint(rules []built) {
	size := 0
	for i := range rules {
		size += len(rules[i].draft.Subject) + len(rules[i].draft.Except)
	}
	c.lintIDs(rules)
	if size*size > maxPairs {
		return
	}
	for i := range rules {
		// Feeds have no subjects of their own, and any number of hosts.
		if rules[i].draft.Key == "feed" {
			continue
		}
		for k := range rules[i].draft.Subject {
			c.lintSubject(rules, i, k)
		}
	}
}

// maxSameID is with how many earlier rules of the same id a rule is compared.
const maxSameID = 100

// lintIDs warns of ids that two rules of one function share.
func (c *compiler) lintIDs(rules []built) {
	ids := make(map[string][]*built)
	for i := range rules {
		r := &rules[i]
		id := r.draft.ID
		if id.Value == "" {
			continue
		}
		for _, before := range ids[r.Origin.ID] {
			// The same draft is in the list once for each of its rules. While a whole file is
			// checked, two sections may never meet in one function.
			if before.draft != r.draft && (!c.checking || before.section.Includes(r.section) || r.section.Includes(before.section)) {
				c.Warn(id.Place, fmt.Sprintf("id %q is used on line %d too", report.Short(r.Origin.ID), before.Origin.Line), "give each rule an id of its own")
				break
			}
		}
		// Only so many, because a file could have one id a thousand times.
		if same := ids[r.Origin.ID]; len(same) < maxSameID {
			ids[r.Origin.ID] = append(same, r)
		}
	}
}

// lintSubject warns when another rule leaves the k-th subject of a rule without effect.
func (c *compiler) lintSubject(rules []built, i, k int) {
	r := &rules[i]
	t := r.draft.Subject[k]
	for j := range rules {
		other := &rules[j]
		// other must hold for all that the subject does: more calls, conditions, functions and
		// days.
		if other.draft == r.draft || !other.coversSubject(r, k) || !other.ConditionsCover(r.Rule) || !other.outlives(r) {
			continue
		}
		switch {
		// The blacklist wins, so that the entry is dead.
		case r.Mode == pattern.Narrow && other.Mode == pattern.Wide:
			c.Warn(t.Place, fmt.Sprintf("%q can never be allowed: the blacklist on line %d holds all of it", report.Short(t.Value), other.Origin.Line),
				"delete the entry, or narrow the blacklist with except:")
			return
		case r.Mode == pattern.Narrow && pattern.NamesAWSHost(r.Subject[k]) && !other.namesHost(r, k):
			// A request that another account signed needs the full host.
		// In the other list it is an exception on purpose, or it has an outcome of its own.
		case r.Mode != other.Mode || !r.draft.OnViolation.Same(other.draft.OnViolation):
		case j > i && r.coversAny(other) && r.ConditionsCover(other.Rule) && r.outlives(other):
			// The two are equal, and the later one is reported.
		default:
			c.Warn(t.Place, fmt.Sprintf("%q has no effect: the rule on line %d covers it", report.Short(t.Value), other.Origin.Line), "delete one of them")
			return
		}
	}
}

// outlives reports whether b applies to every function, in every stage and on every day on which r
// applies.
func (b *built) outlives(r *built) bool {
	stages := func(d *syntax.Draft) (s []string) {
		for _, t := range d.Stages {
			s = append(s, t.Value)
		}
		return s
	}
	// Three things: functions, stages, days.
	return b.section.Includes(r.section) &&
		// nil is every stage.
		(b.draft.Stages == nil || r.draft.Stages != nil && rule.Subset(stages(r.draft), stages(b.draft))) &&
		(b.draft.Until.Value == "" || b.draft.Until.Value == r.draft.Until.Value)
}

// coversAny reports whether b covers a subject of r.
func (b *built) coversAny(r *built) bool {
	for k := range r.draft.Subject {
		if b.coversSubject(r, k) {
			return true
		}
	}
	return false
}

// namesHost reports whether a subject of b names the host of the k-th subject of r in full.
func (b *built) namesHost(r *built, k int) bool {
	return slices.ContainsFunc(b.Subject, func(p pattern.Pattern) bool {
		return pattern.NamesAWSHost(p) && pattern.AnyCovers([]pattern.Pattern{p}, r.Subject[k])
	})
}

// coversSubject reports whether a subject of b takes all that the k-th subject of r takes.
func (b *built) coversSubject(r *built, k int) bool {
	// any is compared with any alone: it has no patterns.
	if b.Any || r.Any {
		return b.Any && b.Kind == r.Kind
	}
	return pattern.AnyCovers(b.Subject, r.Subject[k])
}
