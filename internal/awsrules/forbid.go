package awsrules

import (
	"slices"

	"github.com/outguard/outguard/internal/awscall"
	"github.com/outguard/outguard/internal/pattern"
)

// A Forbidden is a blacklist rule that catches a call, with the reason.
type Forbidden struct {
	Number int32
	Reason string
}

// Forbid returns every blacklist rule that catches the call, in the order of the file. It serves
// people: Judge finds the strictest one.
func (w *Reading) Forbid() (all []Forbidden) {
	for i := range w.touches.List {
		t := &w.touches.List[i]
		for _, e := range w.Op.black.entries {
			known := func(f Forbidden) bool { return f.Number == e.rule.Number }
			if !slices.ContainsFunc(all, known) && w.forbids(e, t) {
				f := Finding{Black: e.rule, caught: t}
				all = append(all, Forbidden{e.rule.Number, w.BlackReason(&f)})
			}
		}
	}
	slices.SortFunc(all, func(a, b Forbidden) int { return int(a.Number - b.Number) })
	return all
}

// forbids reports whether an entry of the blacklist catches a touch.
func (w *Reading) forbids(e *entry, t *awscall.Touch) bool {
	if !e.actions.Overlaps(t.Actions.Union(t.Also)) {
		return false
	}
	if t.State != awscall.Unknown && !t.Open {
		return (e.pattern == nil || t.State == awscall.Known) && w.meets(e, t)
	}
	if t.Open && e.pattern != nil && !(e.pattern.matchHead(t, e.rule, w.own) && e.pattern.matchResource(t, pattern.Wide)) {
		return false
	}
	return e.rule.matchPlace(t, e.pattern, w.At, w.own) && w.who.Is(e.rule.callers, e.rule.mode)
}
