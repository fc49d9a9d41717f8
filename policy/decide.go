package policy

import (
	"github.com/outguard/outguard/internal/canon"
)

// Decide judges a call. It does not allocate for an allowed HTTP call to an ASCII host.
func (p *Policy) Decide(c Call) Decision {
	if p.joined == nil {
		return p.decide(&c)
	}
	var strictest Decision // blocks, when there is no policy
	for i, q := range p.joined {
		if d := q.decide(&c); i == 0 || d.Verdict < strictest.Verdict {
			strictest = d
		}
	}
	return strictest
}

// decide is Decide for a policy that is one file's.
func (p *Policy) decide(c *Call) Decision {
	switch {
	case c.HTTP != nil:
		return p.decideHTTP(c)
	case c.Net != "":
		return p.decideNet(c)
	case c.Via == ViaSDK && isCredentialClient(c.AWS.Service):
		return p.allowed(nil)
	case c.AWS.Service != "" || c.AWS.Operation != "" || c.AWS.Input != nil:
		return p.decideAWS(c.AWS)
	}
	return p.violation(Builtin, &malformedRule, p.set.info.OnViolation, "the call names no destination")
}

// allowed is the decision for a call that keeps to the policy. rule is the one that vouches for it; nil: none had to.
func (p *Policy) allowed(rule *RuleRef) Decision {
	d := Decision{Verdict: Allow, Rule: rule, Policy: &p.set.info}
	if rule != nil {
		d.List = Whitelist
	}
	return d
}

// violation is the decision against a call. A blacklist rule brings its own verdict; everything else takes the policy's.
func (p *Policy) violation(list List, ref *RuleRef, verdict Verdict, reason string) Decision {
	return Decision{Verdict: verdict, List: list, Rule: ref, Policy: &p.set.info, Reason: reason, CallOnly: p.set.callOnly}
}

// decideHTTP judges a request, alone or as an SDK call on the wire.
func (p *Policy) decideHTTP(c *Call) Decision {
	var buf canon.Buf
	req, err := canon.Parse(c.HTTP, &buf)
	if err != nil {
		return p.violation(Builtin, &malformedRule, p.set.info.OnViolation, "the request cannot be read: "+err.Error())
	}
	credentials := isCredentialClient(c.AWS.Service)
	wire := !credentials && (c.Via == ViaWire || c.AWS.Service != "")
	xray, fetched := true, credentials // every destination is the X-Ray daemon; the credentials endpoint, asked by the SDK
	for i := range req.N {
		e := p.builtin.endpoint(&req.Dests[i])
		xray = xray && e == xrayEndpoint
		if credentials && among(p.builtin.credentials, &req.Dests[i]) {
			continue // though it be the runtime API's host and port as well, as with SnapStart
		}
		fetched = false
		switch e {
		case runtimeEndpoint:
			return p.violation(Builtin, &runtimeRule, p.set.info.OnViolation, runtimeReason)
		case credentialEndpoint:
			return p.violation(Builtin, &runtimeRule, p.set.info.OnViolation, credentialReason)
		}
	}

	j := p.http.judge(&req)
	if j.black >= 0 {
		return p.blacklisted(&req, j.black)
	}
	if xray || fetched {
		return p.allowed(nil)
	}
	if wire {
		if d, ok := p.decideWire(c.AWS, c.HTTP, &req); !ok {
			return d
		}
		return p.allowed(nil)
	}
	if call, ok := classifyAWS(c.HTTP, &req); ok {
		return p.decideAWS(call)
	}
	switch {
	case !p.set.whitelist:
		return p.allowed(nil)
	case j.allowed:
		return p.allowed(&p.http.rules[j.white].ref)
	}
	return p.notWhitelisted(&req)
}

// allowsHTTP reports whether the whitelist's http: and ip: entries allow every destination and path reading of req.
func (p *Policy) allowsHTTP(req *canon.Request) bool { return p.http.judge(req).allowed }
