package awsrules

import (
	"slices"
	"sort"

	"github.com/outguard/outguard/internal/awscall"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/rule"
)

// A Forbidden is a blacklist rule that catches a call, with the reason.
type Forbidden struct {
	Number int32
	Reason string
}

// Forbid returns every blacklist rule that catches the call, in the order of the file. It serves
// people: Judge finds the strictest one.
// All touches are tried with all entries: explain needs each rule, and time does not matter.
func (w *Reading) Forbid() (all []Forbidden) {
	for i := range w.touches.List {
		t := &w.touches.List[i]
		for _, e := range w.Op.black.entries {
			// A rule with several resources has several entries, and is reported once.
			known := func(f Forbidden) bool { return f.Number == e.rule.Number }
			if !slices.ContainsFunc(all, known) && w.forbids(e, t) {
				f := Finding{Black: e.rule, caught: t}
				all = append(all, Forbidden{e.rule.Number, w.BlackReason(&f)})
			}
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Number < all[j].Number }) // slices.SortFunc is 13 KB more
	return all
}

// forbids reports whether an entry of the blacklist catches a touch.
func (w *Reading) forbids(e *entry, t *awscall.Touch) bool {
	// Also are actions of the same effect, such as dynamodb:PutItem for a PartiQL INSERT.
	if !e.actions.Overlaps(t.Actions.Union(t.Also)) {
		return false
	}
	// The resource is known, or there is none: the entry must match as it stands.
	if t.State != awscall.Unknown && !t.Open && !t.Vague {
		return (e.pattern == nil || t.State == awscall.Known) && w.meets(e, t)
	}
	// A part of the resource is known, which may rule the entry out.
	if (t.Open || t.Vague) && e.pattern != nil && !(e.pattern.matchHead(t, e.rule, w.own) && e.pattern.matchResource(t, pattern.Wide)) {
		return false
	}
	// The resource is unknown: it may be the one of the rule.
	return e.rule.matchPlace(t, e.pattern, w.At, w.own) && w.who.Is(e.rule.callers, e.rule.mode)
}

// MayForbid returns every blacklist rule that may be about a call, in the order of the file. Not
// even the service of the call can be read.
func (a *Rules) MayForbid(who *rule.Caller) (rules []int32) {
	// The index of operations is of no use without an operation.
	for _, service := range a.services {
		for _, r := range service {
			if !r.vouches() && who.Is(r.callers, r.mode) {
				rules = append(rules, r.Number)
			}
		}
	}
	slices.Sort(rules)
	return slices.Compact(rules)
}

// MayForbidAt returns every blacklist rule that may be about a call which cannot be read whole:
// wherever it goes, and whatever it is about if its service cannot be read.
func (a *Rules) MayForbidAt(w *Reading) (rules []int32) {
	// Nothing but the host is known.
	if w.Op.Service == "" {
		return a.MayForbid(&w.who)
	}
	for i := range w.touches.List {
		t := &w.touches.List[i]
		for _, e := range w.Op.black.entries {
			if w.mayForbid(e, t) {
				rules = append(rules, e.rule.Number)
			}
		}
	}
	slices.Sort(rules)
	return slices.Compact(rules)
}

// mayForbid is forbids for a call whose region is not known.
func (w *Reading) mayForbid(e *entry, t *awscall.Touch) bool {
	// A known resource that does not match cannot be the one, wherever the call goes.
	known := e.pattern != nil && t.State == awscall.Known && !t.Open
	if known && !e.pattern.matchResource(t, pattern.Wide) {
		return false
	}
	// The copy has no regions, so that the rule holds in each.
	anywhere := *e.rule
	anywhere.regions = nil
	return e.actions.Overlaps(t.Actions.Union(t.Also)) &&
		anywhere.matchPlace(t, e.pattern, w.At, w.own) && w.who.Is(e.rule.callers, e.rule.mode)
}
