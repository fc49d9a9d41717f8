package policy

import (
	"cmp"
	"maps"
	"slices"

	"github.com/outguard/outguard/internal/awsname"
	"github.com/outguard/outguard/internal/cells"
	"github.com/outguard/outguard/internal/rule"
)

// An Exception is a call of a form that a policy does not treat as it should.
type Exception struct {
	Side
	Call  Call
	Text  string // the call, as outguard check takes it
	Where string // as in Change
}

// Never looks for a call that form forbids and p allows, or that p does not block if blocked is
// true. form is a policy whose blacklist has the form of the calls.
//
// If exact is true and no call is returned, there is none: one call of each kind was judged, as for
// Diff. exact is false where SDK calls may go to a host of AWS that the form names, because their
// requests are not compared.
func (d *Differ) Never(form, p *Policy, blocked bool) (found *Exception, exact bool) {
	s := newSpace(form, p)
	c := comparison{left: cmp.Or(d.Limit, diffLimit), exact: true, named: map[namedKey]named{}}
	passes := func(d *Decision) bool { return d.Allowed() || blocked && d.Verdict != Block }
	c.look = func(t *tried) bool {
		decided := p.Decide(t.Call)
		if !passes(&decided) {
			return true
		}
		c.note(t, &decided, &decided)
		if !form.forbids(&t.Call) {
			return true
		}
		found = p.exception(t, &decided)
		return false
	}
	c.over(s, d.Operations)
	if found == nil {
		found = c.neverAt(s, form, p, passes)
	}
	return found, found != nil || c.exact && !(form.namesAWS() && p.allowsSDK())
}

func (p *Policy) exception(t *tried, d *Decision) *Exception {
	e := &Exception{Side: p.side(d, decidingOf(d)), Call: t.Call}
	e.Text, e.Where = t.describe()
	return e
}

// neverAt looks for a call to a name that passes, and an address that the form names and p lets the
// name resolve to.
func (c *comparison) neverAt(s *space, form, p *Policy, passes func(*Decision) bool) *Exception {
	for _, key := range c.calledNames() {
		for _, addr := range s.resolvable() {
			for _, by := range c.callers {
				call := dialed(addr, key.port, by)
				decided := p.Decide(call)
				if !passes(&decided) || !form.forbids(&call) {
					continue
				}
				n := c.named[key]
				e := p.exception(&n.tried, &n.old)
				e.Where = joined(e.Where, "if the name resolves to "+addr.String())
				return e
			}
		}
	}
	return nil
}

// forbids reports whether a rule of the blacklist is about a call.
func (p *Policy) forbids(c *Call) bool {
	d := p.Decide(*c)
	if d.List == Blacklist || d.Allowed() {
		return d.List == Blacklist
	}
	return slices.ContainsFunc(p.against(c), func(r Reason) bool { return r.List == Blacklist }) // a built-in rule was weighed first
}

// allowsSDK reports whether some SDK call may be allowed.
func (p *Policy) allowsSDK() bool {
	for _, q := range p.parts() {
		if q.set.info.DefaultDeny && q.set.info.AWSRules == 0 {
			return false
		}
	}
	return p.isMade()
}

// namesAWS reports whether some rule may be about a host that SDK calls go to.
func (p *Policy) namesAWS() bool {
	s := newSpace(p)
	for _, r := range s.rules {
		if r.Any && r.Kind != rule.AWS {
			return true
		}
	}
	var patterns []cells.Pattern
	for _, host := range slices.Sorted(maps.Keys(s.hosts)) {
		patterns = append(patterns, cells.HostPattern(host))
	}
	rules := len(patterns)
	for _, partition := range awsname.All() {
		patterns = append(patterns, cells.HostPattern("*."+partition.Suffix), cells.HostPattern("*."+partition.DualStack))
	}
	divided, whole := cells.Divide(cells.Hosts(), patterns, divisionLimit)
	return !whole || slices.ContainsFunc(divided, func(c cells.Cell) bool {
		return len(c.Matches) > 1 && c.Matches[0] < rules && c.Matches[len(c.Matches)-1] >= rules
	})
}
