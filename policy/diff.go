package policy

import (
	"cmp"
	"slices"
)

// A Change is a set of calls on which two policies differ: those that the same rules of the old and
// of the new one decide.
type Change struct {
	Old, New Side
	Call     Call   // one of the calls
	Text     string // the same, as outguard check takes it
	Where    string // what the text leaves out: the region and the account of an AWS call; "" if nothing
}

// Widens reports whether the new verdict is milder.
func (c *Change) Widens() bool { return c.New.Verdict > c.Old.Verdict }

// A Side is what one policy says of a call.
type Side struct {
	Verdict Verdict
	List    List
	Rule    *RuleText // the rule that decided; nil: none did
	Reason  string    // "" for an allowed call
}

// Differ compares policies.
type Differ struct {
	// Operations returns the names of a service's operations, given its IAM prefix.
	Operations func(prefix string) []string
	// Limit is how many calls are judged for one comparison at most; 0: 400,000, which take about a
	// second.
	Limit int
}

const diffLimit = 400_000

// Diff returns the changes from one policy to another, for the same function and stage. A nil
// policy blocks every call, as a guard does whose policy cannot be read.
//
// Rules are regular: hosts, paths and resources are patterns, and all else is from finite sets. So
// Diff divides all calls by which patterns of either policy match them, and judges one call of each
// kind by both. exact is true if every kind of call was judged: of the operations that Operations
// returns, with callers left aside. Otherwise there may be more changes.
func (d *Differ) Diff(old, new *Policy) (changes []Change, exact bool) {
	c := comparison{old: old, new: new, left: cmp.Or(d.Limit, diffLimit), exact: true, found: map[sides]int{}}
	s := newSpace(old, new)
	c.exact = !s.callers
	c.web(s)
	c.aws(s, d.Operations)
	slices.SortStableFunc(c.changes, func(a, b Change) int { return order(&a) - order(&b) })
	return c.changes, c.exact
}

// order puts what widens first.
func order(c *Change) int {
	if c.Widens() {
		return 0
	}
	return 1
}

// A comparison judges calls by two policies and keeps one of each kind of change.
type comparison struct {
	old, new *Policy
	left     int // calls that may still be judged
	exact    bool
	found    map[sides]int // index into changes
	changes  []Change
}

// sides is what makes two changes one.
type sides struct {
	old, new deciding
	kind     string
}

type deciding struct {
	verdict Verdict
	list    List
	rule    *RuleRef
}

// try judges a call. It returns false when no more calls may be judged.
func (c *comparison) try(call Call, kind string, text func() (call, where string)) bool {
	if c.left--; c.left < 0 {
		c.exact = false
		return false
	}
	old, new := c.old.Decide(call), c.new.Decide(call)
	if old.Verdict == new.Verdict {
		return true
	}
	key := sides{decidingOf(&old), decidingOf(&new), kind}
	if _, ok := c.found[key]; ok {
		return true
	}
	c.found[key] = len(c.changes)
	change := Change{Old: c.old.side(&old, key.old), New: c.new.side(&new, key.new), Call: call}
	change.Text, change.Where = text()
	c.changes = append(c.changes, change)
	return true
}

func decidingOf(d *Decision) deciding {
	one := deciding{d.Verdict, d.List, d.Rule}
	if d.List == Whitelist && !d.Allowed() {
		one.rule = nil // the nearest rule has decided nothing
	}
	return one
}

func (p *Policy) side(d *Decision, by deciding) Side {
	s := Side{Verdict: d.Verdict, List: d.List, Reason: d.Reason}
	for _, q := range p.parts() {
		for i := range q.refs {
			if &q.refs[i] == by.rule {
				text := q.text(i)
				s.Rule = &text
			}
		}
	}
	return s
}
