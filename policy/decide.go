package policy

import "github.com/outguard/outguard/internal/canon"

// This file has the one sequence in which a call is judged, and the one comparison of findings.

// Decide judges a call. It does not allocate for an allowed HTTP call to an ASCII host. A call that
// several policies forbid gets the strictest verdict; of equals the first policy's decision.
func (p *Policy) Decide(c Call) (d Decision) {
	p.decide(&c, &d, nil)
	return d
}

// DecideBriefly is Decide without the texts of a whitelist's miss, Reason and Allow, which take
// most of the time. It is for a call that may have been reported before: Decide has the texts.
//
// See decision 38.
func (p *Policy) DecideBriefly(c Call) (d Decision) {
	d.brief = true
	p.decide(&c, &d, nil)
	return d
}

// decide judges a call and fills d. The caller has set brief and all, or nothing. Calls and
// Decisions are large, so that they are handed on by pointer.
func (p *Policy) decide(c *Call, d *Decision, differs NextDiffers) {
	switch {
	// A nil Policy comes here, too: guards must not panic.
	case !p.isMade(): // the zero Decision blocks
		call := p.describe(c)
		d.Call, d.Reason = &call, "there is no policy"
	case c.HTTP != nil:
		p.decideRequest(c, d, differs)
	default:
		p.decideRead(c, nil, "", d, differs)
	}
}

// decideRequest reads the request of a call once, for all policies. It is apart, because the
// request in canonical form is large, and other calls have none.
func (p *Policy) decideRequest(c *Call, d *Decision, differs NextDiffers) {
	// Usual reads the common request without memory. Parse is for all others.
	var req canon.Request
	unread := ""
	if !req.Usual(c.HTTP) {
		var buf canon.Buf
		var err error
		if req, err = canon.Parse(c.HTTP, &buf); err != nil {
			unread = err.Error()
		}
	}
	p.decideRead(c, &req, unread, d, differs)
}

// decideRead judges a call by all policies.
func (p *Policy) decideRead(c *Call, req *canon.Request, unread string, d *Decision, differs NextDiffers) {
	if p.joined == nil {
		p.judge(c, req, unread, d)
	} else {
		judgeAll(p.joined, c, req, unread, d)
	}
	// After d is complete, because differences are to it.
	if differs != nil {
		p.judgeNext(c, req, unread, d, differs)
	}
}

// judgeAll judges a call by several policies, and fills the zero Decision d.
func judgeAll(parts []*Policy, c *Call, req *canon.Request, unread string, d *Decision) {
	brief, forbid := d.brief, 0
	for i, q := range parts {
		one := Decision{brief: brief}
		q.judge(c, req, unread, &one)
		// The strictest counts, and the first of equals.
		switch {
		case i == 0 || one.Verdict < d.Verdict || one.isAllowed() && d.isAllowed() && d.Rule == nil && one.Rule != nil:
			*d = one // of policies that allow the call, one with a rule that does
		// Both fail the call; how far that reaches, the stricter of them says.
		case one.Verdict == d.Verdict:
			d.CallOnly = d.CallOnly && one.CallOnly // one of them may fail the invocation
			d.AtOnce = d.AtOnce || one.AtOnce
		}
		if !one.isAllowed() {
			forbid++
		}
	}
	if forbid > 1 {
		d.Allow = "" // no entry of one file alone allows the call
	}
}

// judge judges a call by the rules of one file, and fills the zero Decision d. It is one sequence
// for every call: the built-in rules, then the engines. Everything that forbids the call is
// weighed, so that the strictest outcome holds; of equals the first that was weighed is reported.
//
// req is the call's request in canonical form, which all policies that judge the call share; nil
// for a call without a request. unread says why it has no such form; "" if it has.
//
// Nothing below keeps the request or the Decision, so that an ordinary request is judged on the
// stack.
func (p *Policy) judge(c *Call, req *canon.Request, unread string, d *Decision) {
	// Allow until something is weighed. The zero Verdict would block.
	d.Verdict, d.Policy = Allow, &p.set.info
	// By what is known of the call. The cases exclude each other, and the order matters: a request
	// that cannot be read is a violation, even if it has an operation.
	switch {
	case unread != "":
		p.decideUnread(c, d, unread)
	case c.HTTP != nil:
		p.decideHTTP(c, req, d)
	case c.Net != "":
		p.decideNet(c, d)
	case c.AWS.named():
		p.decideAWS(c, d)
	case c.Via.partial():
		p.decideNamed(c, d)
	default:
		p.decideNothing(c, d)
	}
	// An entry for one of them does not undo the others. Cure finds them all.
	if d.several && d.all == nil {
		d.Allow = ""
	}
}

// weighs reports whether a finding with this verdict counts more than those weighed before.
func (d *Decision) weighs(v Verdict) bool { return v < d.Verdict || d.all != nil }

// isAllowed is Allowed without a copy of the Decision, which is large.
func (d *Decision) isAllowed() bool { return d.Verdict == Allow }

// isDescribed reports whether the call is to be described.
func (d *Decision) isDescribed() bool { return !d.isAllowed() && !d.bare }

// isMissing reports whether what counts is that no rule of the whitelist allows the call.
func (d *Decision) isMissing() bool { return d.List == Whitelist || d.Rule == &foreignCredentials }

// weigh is where the strictest finding wins. Check weighs first where reason takes work.
// See decision 9.
func (p *Policy) weigh(d *Decision, v Verdict, list List, ref *RuleRef, reason string) {
	// While everything is collected, what d holds is kept before it is replaced.
	if d.all != nil {
		d.all.note(d)
	}
	if d.weighs(v) {
		// several: an earlier finding was milder, and still forbids the call.
		d.several = d.Verdict != Allow
		d.Verdict, d.List, d.Rule, d.Reason, d.Allow = v, list, ref, reason, ""
		d.CallOnly, d.AtOnce = p.set.callOnly, p.set.info.AtOnce
	}
}

// weighBuiltin weighs a built-in rule. Its verdict is that of on_violation:.
func (p *Policy) weighBuiltin(d *Decision, ref *RuleRef, reason string) {
	p.weigh(d, p.set.info.OnViolation, Builtin, ref, reason)
}

// weighRuntime weighs a call to the runtime API, and proposes to open it.
func (p *Policy) weighRuntime(d *Decision) {
	if d.weighs(p.set.info.OnViolation) {
		p.weighBuiltin(d, &runtimeRule, runtimeReason)
		d.Allow = runtimeEntry
	}
}

// vouch notes the whitelist rule that allows a call, unless something forbids it; -1 is none.
func (p *Policy) vouch(d *Decision, rule int32) {
	if d.isAllowed() && rule >= 0 {
		d.List, d.Rule = Whitelist, &p.refs[rule]
	}
}

// ref returns the rule of a number; nil for -1.
func (p *Policy) ref(rule int32) *RuleRef {
	if rule < 0 {
		return nil
	}
	return &p.refs[rule]
}

// verdict returns the verdict of a blacklist rule.
func (p *Policy) verdict(rule int32) Verdict { return Verdict(p.rules[rule].Outcome) }
