package policy

import (
	"cmp"
	"net/http"
	"net/netip"
	"reflect"
	"slices"

	"github.com/outguard/outguard/internal/rule"
)

// A Change is a set of calls on which two policies differ: those that the same rules of the old and
// of the new one decide.
type Change struct {
	Old, New Side
	Call     Call   // one of the calls
	Text     string // the same, as outguard check takes it
	// Where is what Text omits: the caller, Addr, Sent, an AWS call's region and account; "":
	// nothing.
	Where string
	// Addr is the address that the call's name resolves to, where that makes the change. The call
	// is also judged by the address, and the stricter verdict holds. Zero elsewhere.
	Addr netip.Addr
	// Sent is the request that an AWS call is sent as. It is also judged, and the stricter verdict
	// holds. nil: http: rules do not distinguish the requests of AWS calls.
	Sent *http.Request
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
	// Operations returns the names of a service's operations, given its IAM prefix. nil: no AWS
	// call is judged, and no result is exact.
	Operations func(prefix string) []string
	// Limit is how many calls are judged for one comparison at most; 0: 400,000, which take about a
	// second.
	Limit int
}

// diffLimit is the default of Differ.Limit.
const diffLimit = 400_000

// Diff returns the changes from one policy to another, for the same function and stage. A nil
// policy blocks every call, as a guard does whose policy cannot be read.
//
// Rules are regular: hosts, paths and resources are patterns, and all else is from finite sets. So
// Diff divides all calls by which patterns of either policy match them, and judges one call of each
// kind by both. exact is true if every kind of call was judged, of the operations that Operations
// returns. Otherwise there may be more changes.
func (d *Differ) Diff(old, new *Policy) (changes []Change, exact bool) {
	// Most files differ in comments alone, or not at all.
	if alike(old, new) {
		return nil, true
	}
	c := comparison{old: old, new: new, left: cmp.Or(d.Limit, diffLimit), exact: true, found: map[sides]bool{}}
	c.look = c.compare
	s := newSpace(old, new)
	// Calls to names are kept for the second question: where the name leads.
	c.named = map[namedKey]named{}
	c.over(s, d.Operations)
	c.dial(s)
	// What widens is what a reviewer must see.
	slices.SortStableFunc(c.changes, func(a, b Change) int { return order(&a) - order(&b) })
	return c.changes, c.exact
}

// alike reports whether two policies have the same rules and settings, but for their names and
// places, so that they judge every call alike.
func alike(a, b *Policy) bool {
	return slices.EqualFunc(a.parts(), b.parts(), func(p, q *Policy) bool {
		x, y := &p.set, &q.set
		return x.whitelist == y.whitelist && x.info.OnViolation == y.info.OnViolation && x.info.OnUnguarded == y.info.OnUnguarded &&
			x.env.Region == y.env.Region && x.env.Account == y.env.Account && reflect.DeepEqual(p.builtin, q.builtin) &&
			// Places differ when a line is added above. They decide nothing.
			slices.EqualFunc(p.rules, q.rules, func(r, s rule.Rule) bool {
				r.Origin, s.Origin = rule.Origin{}, rule.Origin{}
				return reflect.DeepEqual(r, s)
			})
	})
}

// Call judges one call by two policies. differ is false if the verdicts are equal.
func (d *Differ) Call(old, new *Policy, c Call) (change Change, differ bool) {
	before, after := old.Decide(c), new.Decide(c)
	if before.Verdict == after.Verdict {
		return Change{}, false
	}
	return Change{Old: old.side(&before, decidingOf(&before)), New: new.side(&after, decidingOf(&after)), Call: c}, true
}

// order puts what widens first.
func order(c *Change) int {
	if c.Widens() {
		return 0
	}
	return 1
}

// A comparison goes over one call of each kind. callers are the kinds of callers that the rules
// distinguish, and left counts down to the limit.
type comparison struct {
	old, new *Policy
	callers  []caller
	left     int // calls that may still be judged
	exact    bool
	literal  bool // the calls are to an address
	look     func(*tried) (more bool)
	found    map[sides]bool
	changes  []Change
	named    map[namedKey]named // calls to names; nil: they are not kept
	wire     *wireSpace         // what blacklists distinguish of the requests of AWS calls; nil: nothing
}

// A tried is a call that is looked at.
type tried struct {
	Call
	kind    string                      // "http", "net" or "aws"
	text    func() (call, where string) // as in Change
	where   string                      // the caller
	literal bool                        // the call is to an address
	sent    sentAs                      // the request that an AWS call is sent as
}

// sides is what makes two changes one. Two changes between the same deciding rules are one for
// people.
type sides struct {
	old, new deciding
	kind     string
}

// deciding is what a policy decided a call by. rule is nil for a miss.
type deciding struct {
	verdict Verdict
	list    List
	rule    *RuleRef
}

// over looks at one call of each kind that rules distinguish.
func (c *comparison) over(s *space, operations func(prefix string) []string) {
	// Callers first, since each call is tried by each of them.
	var whole bool
	c.callers, whole = s.whoCalls()
	c.exact = c.exact && whole && !s.unknown && operations != nil
	c.web(s)
	c.wire = newWire(s)
	if operations != nil {
		c.aws(s, operations)
	}
}

// try looks at a call, by each kind of caller. It returns false when no more calls may be judged.
func (c *comparison) try(call Call, kind string, text func() (call, where string)) bool {
	// A call of each kind, by each kind of caller.
	for _, by := range c.callers {
		if c.left--; c.left < 0 {
			c.exact = false
			return false
		}
		call.Caller = by.find()
		if !c.look(&tried{Call: call, kind: kind, text: text, where: by.where(), literal: c.literal}) {
			return false
		}
	}
	return true
}

// compare judges a call by two policies and keeps one of each kind of change.
func (c *comparison) compare(t *tried) bool {
	old, new := t.decide(c.old), t.decide(c.new)
	// Even where the verdicts are equal, the address may change one of them.
	c.note(t, &old, &new)
	if old.Verdict == new.Verdict {
		return true
	}
	key := sides{decidingOf(&old), decidingOf(&new), t.kind}
	if c.found[key] {
		return true
	}
	c.found[key] = true
	change := Change{Old: c.old.side(&old, key.old), New: c.new.side(&new, key.new), Call: t.Call, Sent: t.sent.request}
	change.Text, change.Where = t.describe(c.old, c.new)
	c.changes = append(c.changes, change)
	return true
}

// describe returns the call as outguard check takes it, and what that leaves out.
// The request that an AWS call is sent as is left out where none of the policies decides by it.
func (t *tried) describe(policies ...*Policy) (call, where string) {
	call, where = t.text()
	// Only where the request decides does it belong to the description.
	for _, p := range policies {
		if d, whole := p.Decide(t.Call), t.decide(p); d.Verdict != whole.Verdict {
			return call, joined(joined(where, "if sent "+t.sent.text), t.where)
		}
	}
	return call, joined(where, t.where)
}

// joined joins two texts. Each may be empty.
func joined(a, b string) string {
	if a != "" && b != "" {
		return a + ", " + b
	}
	return a + b
}

// decidingOf returns what a decision was decided by.
func decidingOf(d *Decision) deciding {
	one := deciding{d.Verdict, d.List, d.Rule}
	if d.List == Whitelist && !d.Allowed() {
		one.rule = nil // the nearest rule has decided nothing
	}
	return one
}

// side returns what a policy says, with the text of the rule that decided.
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
