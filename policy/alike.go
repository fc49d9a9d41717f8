package policy

import (
	"reflect"
	"slices"

	"github.com/outguard/outguard/internal/rule"
)

// Alike reports whether p and q judge every call alike because they are made of the same files, in
// any order: for the same function, stage, region and account, with the same values of variables
// and the same feeds, and with the same endpoints and proxies of the process. A policy that is not
// made is like none. It is for a process with several guards of one file: they judge alike, and one
// is enough.
func (p *Policy) Alike(q *Policy) bool {
	a, b := p.parts(), q.parts()
	// In both directions, because a set may have one file twice.
	return len(a) > 0 && len(b) > 0 && allAlike(a, b) && allAlike(b, a)
}

// allAlike reports whether each of some policies is like one of others.
func allAlike(some, others []*Policy) bool {
	for _, p := range some {
		if !slices.ContainsFunc(others, p.alike) {
			return false
		}
	}
	return true
}

// alike compares what was made of one file. Two texts with one sum are the same, but a variable may
// have had another value.
func (p *Policy) alike(q *Policy) bool {
	a, b := &p.set, &q.set
	return a.info.File == b.info.File && a.info.SHA256 == b.info.SHA256 && a.info.Function == b.info.Function && a.info.Stage == b.info.Stage &&
		a.info.OnViolation == b.info.OnViolation && a.info.OnUnguarded == b.info.OnUnguarded &&
		a.env.Region == b.env.Region && a.env.Account == b.env.Account &&
		reflect.DeepEqual(&p.builtin, &q.builtin) && slices.EqualFunc(p.rules, q.rules, equalRules)
}

func equalRules(r, s rule.Rule) bool { return r.Equal(&s) }
