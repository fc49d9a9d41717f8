package policy

import (
	"cmp"
	"net/http"
	"slices"
)

// An Exception is a call of a form that a policy does not treat as it should.
type Exception struct {
	Side
	Call  Call
	Text  string        // the call, as outguard check takes it
	Where string        // as in Change
	Sent  *http.Request // as in Change
}

// Never looks for a call that form forbids and p allows, or that p does not block if blocked is
// true. form is a policy whose blacklist has the form of the calls.
//
// If exact is true and no call is returned, there is none: one call of each kind was judged, as for
// Diff.
func (d *Differ) Never(form, p *Policy, blocked bool) (found *Exception, exact bool) {
	// The kinds of calls are those that p and the form distinguish together.
	s := newSpace(form, p)
	c := comparison{old: p, new: p, left: cmp.Or(d.Limit, diffLimit), exact: true, named: map[namedKey]named{}}
	// What passes is wrong: an allowed call, or one that is only alerted.
	passes := func(d *Decision) bool { return d.Allowed() || blocked && d.Verdict != Block }
	// look stops at the first call that passes and has the form.
	c.look = func(t *tried) bool {
		decided := t.decide(p)
		if !passes(&decided) {
			return true
		}
		// It may be of the form by the address that its name resolves to.
		c.note(t, &decided, &decided)
		if !form.isAbout(t) {
			return true
		}
		found = p.exception(t, &decided, form)
		return false
	}
	c.over(s, d.Operations)
	// No call by itself: perhaps one by its address.
	if found == nil {
		found = c.neverAt(s, form, p, passes)
	}
	return found, found != nil || c.exact
}

// exception describes a call of the form that does not get the verdict that it should.
func (p *Policy) exception(t *tried, d *Decision, form *Policy) *Exception {
	e := &Exception{Side: p.side(d, decidingOf(d)), Call: t.Call, Sent: t.sent.request}
	e.Text, e.Where = t.describe(p, form)
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
				e := p.exception(&n.tried, &n.old, form)
				e.Where = joined(e.Where, "if the name resolves to "+addr.String())
				return e
			}
		}
	}
	return nil
}

// isAbout reports whether a rule of the blacklist is about a call, or about the request that it is
// sent as.
func (p *Policy) isAbout(t *tried) bool {
	// The request of an AWS call may have the form, as for a rule about hosts.
	if p.forbids(&t.Call) {
		return true
	}
	if t.sent.request == nil {
		return false
	}
	on := onWire(t.Call, t.sent.request)
	return p.forbids(&on)
}

// forbids reports whether a rule of the blacklist is about a call.
func (p *Policy) forbids(c *Call) bool {
	d := p.Decide(*c)
	if d.List == Blacklist || d.Allowed() {
		return d.List == Blacklist
	}
	return slices.ContainsFunc(p.against(c), func(r Reason) bool { return r.List == Blacklist }) // a built-in rule was weighed first
}
