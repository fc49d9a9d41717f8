package policy

import (
	"net/http"
	"strings"

	"github.com/outguard/outguard/internal/canon"
)

// Decide judges a call. It does not allocate for an allowed HTTP call to an ASCII host.
func (p *Policy) Decide(c Call) (d Decision) {
	if p.joined == nil {
		p.decide(&c, &d)
		return d
	}
	for i, q := range p.joined { // without a policy the zero Decision blocks
		var one Decision
		q.decide(&c, &one)
		switch {
		case i == 0 || one.Verdict < d.Verdict:
			d = one
		case d.Allowed() && d.Unguarded == nil:
			d.Unguarded = one.Unguarded
		case one.Verdict == d.Verdict && !one.CallOnly:
			d.CallOnly = false // one of them fails the invocation
		}
	}
	return d
}

// decide is Decide for a policy that is one file's. d is the zero Decision. (To hand out a Decision by value, from one function to the next,
// is a copy each time.)
func (p *Policy) decide(c *Call, d *Decision) {
	switch {
	case c.HTTP != nil && c.Via != ViaWire && c.AWS.Service == "":
		p.decideHTTP(c.HTTP, d)
	case c.HTTP != nil && isCredentialClient(c.AWS.Service):
		*d = p.decideCredentials(c.HTTP)
	case c.HTTP != nil:
		*d = p.decideOnWire(c)
	case c.Net != "":
		*d = p.decideNet(c)
	case c.Via == ViaSDK && isCredentialClient(c.AWS.Service):
		p.allow(d, nil) // see decideCredentials
	case c.Via == ViaSDK && p.aws.signers != nil && c.AWS.Account == "":
		p.decideUnsigned(&c.AWS, d)
	case c.AWS.Service != "" || c.AWS.Operation != "" || c.AWS.Input != nil:
		p.decideAWS(&c.AWS, d)
	default:
		*d = p.violation(Builtin, &malformedRule, p.set.info.OnViolation, "the call names no destination")
	}
}

// allowed is the decision for a call that keeps to the policy. rule is the one that vouches for it; nil: none had to.
func (p *Policy) allowed(rule *RuleRef) (d Decision) {
	p.allow(&d, rule)
	return d
}

// allow is allowed for a Decision that has none of what it sets.
func (p *Policy) allow(d *Decision, rule *RuleRef) {
	d.Verdict, d.Rule, d.Policy = Allow, rule, &p.set.info
	if rule != nil {
		d.List = Whitelist
	}
}

// strictest is what holds of what the blacklist and everything else say: a blacklist rule milder than the policy, one that only logs, does not
// open what the whitelist or a built-in rule forbids. Of equals the blacklist speaks.
func strictest(black, rest Decision) Decision {
	if black.Verdict <= rest.Verdict && !black.Allowed() {
		return black
	}
	return rest
}

// violation is the decision against a call. A blacklist rule brings its own verdict; everything else takes the policy's.
func (p *Policy) violation(list List, ref *RuleRef, verdict Verdict, reason string) Decision {
	return Decision{Verdict: verdict, List: list, Rule: ref, Policy: &p.set.info, Reason: reason, CallOnly: p.set.callOnly}
}

// decideHTTP judges a request that a program makes. req does not leave the stack: nothing that it is given to may keep it.
func (p *Policy) decideHTTP(r *http.Request, d *Decision) {
	var req canon.Request
	if !req.Usual(r) {
		var buf canon.Buf
		var err error
		if req, err = canon.Parse(r, &buf); err != nil {
			*d = p.unreadable(err)
			return
		}
	}
	xray := true // every destination is the X-Ray daemon
	for i := range req.N {
		switch p.builtin.endpoint(&req.Dests[i]) {
		case runtimeEndpoint:
			*d = p.violation(Builtin, &runtimeRule, p.set.info.OnViolation, runtimeReason)
			return
		case credentialEndpoint:
			*d = p.violation(Builtin, &runtimeRule, p.set.info.OnViolation, credentialReason)
			return
		case noEndpoint:
			xray = false
		}
	}
	j := p.http.judge(&req)
	if j.black >= 0 && p.http.rules[j.black].verdict <= p.set.info.OnViolation && !mayBeAWS(&req) {
		*d = p.blacklisted(&req, j.black) // only an aws: rule of its own verdict could be stricter
		return
	}
	p.decideUnlisted(r, &req, &j, xray, d)
	if j.black >= 0 && p.http.rules[j.black].verdict <= d.Verdict {
		*d = p.blacklisted(&req, j.black)
	}
}

// decideUnlisted judges a request by all but the http: and ip: blacklist. xray: it goes to the X-Ray daemon alone.
func (p *Policy) decideUnlisted(r *http.Request, req *canon.Request, j *judgement, xray bool, d *Decision) {
	aws := Decision{Verdict: Allow} // what an aws: blacklist rule says to a request that no more is known of
	switch {
	case xray:
		p.allow(d, nil)
		return
	case mayBeAWS(req):
		var settled bool
		if aws, settled = p.decideSigned(r, req, j); settled {
			*d = aws
			return
		}
	}
	switch {
	case !p.set.whitelist:
		p.allow(d, nil)
	case j.allowed:
		p.allow(d, &p.http.rules[j.white].ref)
	default:
		*d = p.notWhitelisted(req)
	}
	if !aws.Allowed() {
		*d = strictest(aws, *d)
	}
}

// decideSigned judges a request that is an AWS call without an SDK. settled: nothing else has a say; if not, only the aws: blacklist has
// spoken, and http: rules decide. j is what the http: rules say.
func (p *Policy) decideSigned(r *http.Request, req *canon.Request, j *judgement) (d Decision, settled bool) {
	call, doubtful, ok := p.aws.classify(r, req)
	if !ok {
		return Decision{Verdict: Allow}, false
	}
	var black, rest Decision
	p.judgeAWS(&call, &black, &rest)
	switch {
	case doubtful && rest.List == Builtin: // whose key it is, is not open to doubt
		return strictest(black, rest), false
	case doubtful:
		return black, false
	case rest.List == Whitelist && j.exact:
		rest = p.allowed(&p.http.rules[j.white].ref) // an http: rule names the very host
	}
	return strictest(black, rest), true
}

// mayBeAWS reports whether a destination's name ends like those of AWS's endpoints in some partition.
func mayBeAWS(req *canon.Request) bool {
	for i := range req.N {
		host := req.Dests[i].Host
		if host == "" {
			continue
		}
		switch host[len(host)-1] { // most names stop here
		case 'm':
			if strings.HasSuffix(host, ".amazonaws.com") {
				return true
			}
		case 's': // .api.aws; function URLs and the like are .on.aws and .app.aws
			if strings.HasSuffix(host, ".aws") {
				return true
			}
		case 'n', 'u', 'v', 'k', 'd':
			for _, domain := range awsDomains {
				if strings.HasSuffix(host, domain) {
					return true
				}
			}
		}
	}
	return false
}

// awsDomains are where the endpoints of the smaller partitions are.
var awsDomains = [...]string{
	".amazonaws.com.cn", ".amazonwebservices.com.cn", ".amazonaws.eu", ".ic.gov", ".sgov.gov", ".aws.scloud", ".adc-e.uk",
}

// decideOnWire judges what the wire adds to an SDK call, which has been judged before: http: and ip: blacklist rules hold for the real
// host, and the endpoint and the signing key are looked at.
func (p *Policy) decideOnWire(c *Call) Decision {
	var req canon.Request
	if err := read(c.HTTP, &req); err != nil {
		return p.unreadable(err)
	}
	for i := range req.N {
		switch p.builtin.endpoint(&req.Dests[i]) {
		case runtimeEndpoint:
			return p.violation(Builtin, &runtimeRule, p.set.info.OnViolation, runtimeReason)
		case credentialEndpoint:
			return p.violation(Builtin, &runtimeRule, p.set.info.OnViolation, credentialReason)
		}
	}
	j := p.http.judge(&req)
	if j.black < 0 {
		return p.decideWire(&c.AWS, c.HTTP, &req)
	}
	return strictest(p.blacklisted(&req, j.black), p.decideWire(&c.AWS, c.HTTP, &req))
}

// decideCredentials judges a request of one of the SDK's credential clients: the credentials endpoint answers them, though it be the
// runtime API's host and port as well (as with SnapStart); anything else is plain HTTP.
func (p *Policy) decideCredentials(r *http.Request) Decision {
	var req canon.Request
	if err := read(r, &req); err != nil {
		return p.unreadable(err)
	}
	for i := range req.N {
		if !among(p.builtin.credentials, &req.Dests[i]) {
			var d Decision
			p.decideHTTP(r, &d)
			return d
		}
	}
	if j := p.http.judge(&req); j.black >= 0 {
		return p.blacklisted(&req, j.black)
	}
	return p.allowed(nil)
}

// read reads r into req. What is not in canonical form is on the heap.
func read(r *http.Request, req *canon.Request) (err error) {
	if !req.Usual(r) {
		*req, err = canon.Parse(r, nil)
	}
	return err
}

func (p *Policy) unreadable(err error) Decision {
	return p.violation(Builtin, &malformedRule, p.set.info.OnViolation, err.Error())
}

// allowsHTTP reports whether the whitelist's http: and ip: entries allow every destination and path reading of req.
func (p *Policy) allowsHTTP(req *canon.Request) bool { return p.http.judge(req).allowed }
