package policy

import "github.com/outguard/outguard/internal/canon"

// Decide judges a call.
func (p *Policy) Decide(c Call) Decision { return Decision{} }

// violation is the decision against a call. A blacklist rule brings its own verdict; everything else takes the policy's.
func (p *Policy) violation(list List, ref *RuleRef, verdict Verdict, reason string) Decision {
	return Decision{Verdict: verdict, List: list, Rule: ref, Policy: &p.set.info, Reason: reason, CallOnly: p.set.callOnly}
}

// allowsHTTP reports whether the whitelist's http: and ip: entries allow every destination and path reading of req.
func (p *Policy) allowsHTTP(req *canon.Request) bool { return false }
