package policy

import "github.com/outguard/outguard/internal/rule"

// AtMost returns a policy that forbids what p forbids, with verdicts of at most v: with Alert, a
// call that p blocks goes out and is alerted. Its next policy has the same limit. A nil Policy and
// the zero Policy go on blocking every call, since they do not say what to alert of.
func (p *Policy) AtMost(v Verdict) *Policy {
	if !p.isMade() || v == Block {
		return p
	}
	// Each part by itself, since each has its own verdicts.
	if p.joined != nil {
		parts := make([]*Policy, len(p.joined))
		for i, q := range p.joined {
			parts[i] = q.AtMost(v)
		}
		return Join(parts...)
	}
	// The rules are copied: p goes on with its own.
	set, rules := p.set, make([]rule.Rule, len(p.rules))
	// The larger Verdict is the milder one.
	set.info.OnViolation = max(set.info.OnViolation, v)
	set.info.OnUnguarded = max(set.info.OnUnguarded, v)
	set.info.AtOnce = false // nothing is blocked
	for i, r := range p.rules {
		r.Outcome = max(r.Outcome, rule.Outcome(v))
		rules[i] = r
	}
	limited, err := newPolicy(set, rules)
	if err != nil { // it was compiled from the same rules before
		return new(Policy)
	}
	// The next policy would otherwise differ in each call that is blocked.
	if p.next != nil {
		limited.next = p.next.AtMost(v)
		limited.set.info.Next = &limited.next.set.info
	}
	return limited
}
