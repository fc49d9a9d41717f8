package policy

import (
	"github.com/outguard/outguard/internal/awsname"
	"github.com/outguard/outguard/internal/awsrules"
	"github.com/outguard/outguard/internal/canon"
	"github.com/outguard/outguard/internal/httprules"
	"github.com/outguard/outguard/internal/rule"
)

// This file judges HTTP requests, which may be AWS calls too.

// decideHTTP judges a request: one that a program makes, or the wire form of an SDK call.
func (p *Policy) decideHTTP(c *Call, req *canon.Request, d *Decision) {
	// The SDK sets AWS on the wire. A program's own request has none.
	sdk := c.Via == ViaWire || c.AWS.Service != ""
	credentials := sdk && isCredentialClient(c.AWS.Service)
	// owned: the SDK's own client asks where the environment points. Nobody else may.
	owned := credentials && p.builtin.answersCredentials(req)
	who := rule.Caller{Find: c.Caller}
	var f httprules.Finding
	p.http.Judge(&f, req, &who)
	// First what no rule of the file can change, then the blacklist, then the whitelist.
	xray := !owned && p.weighEndpoints(req, &f, d)
	if f.Black >= 0 {
		if v := p.verdict(f.Black); d.weighs(v) {
			reason := ""
			if !d.bare {
				reason = p.http.BlackReason(req, f.Black)
			}
			p.weigh(d, v, Blacklist, &p.refs[f.Black], reason)
		}
	}
	if d.all != nil {
		p.noteHTTP(d, req, f.Black, &who)
	}
	// The whitelist, by what the request is.
	switch {
	case owned: // the SDK's own client asks for its credentials
	case sdk && !credentials:
		p.weighWire(c, req, &f, d, &who)
	case xray:
	case req.Signed || mayBeAWS(req):
		p.weighSigned(c, req, &f, d, &who)
	default:
		p.weighPlain(req, &f, d, &who)
	}
	if d.isDescribed() {
		p.describeHTTP(c, req, d)
	}
}

// weighEndpoints weighs the built-in rules about Lambda's own endpoints. It reports whether the
// request goes to the X-Ray daemon alone.
func (p *Policy) weighEndpoints(req *canon.Request, f *httprules.Finding, d *Decision) (xray bool) {
	xray = true
	// Each destination: the Host header may name the runtime API, while another host is dialed.
	for i := range req.N {
		to := &req.Dests[i]
		switch p.builtin.endpoint(to) {
		// Only a rule that names host and port exactly: http: any must not open it.
		case runtimeEndpoint:
			if f.Allowed && f.Exact && p.set.whitelist {
				break // a rule names this very endpoint: another runtime client
			}
			p.weighRuntime(d)
		case credentialEndpoint:
			p.weighBuiltin(d, &runtimeRule, credentialReason)
		// It counts as the daemon only with the paths that it has.
		case xrayEndpoint:
			if isXRay(req, to) {
				continue
			}
		}
		// Any other destination ends the exemption.
		xray = false
	}
	return xray
}

// weighPlain weighs the http: whitelist for a request that a program makes.
func (p *Policy) weighPlain(req *canon.Request, f *httprules.Finding, d *Decision, who *rule.Caller) {
	// In the order of what is usual: no whitelist, a rule, a miss.
	switch {
	case !p.set.whitelist:
	case f.Allowed:
		p.vouch(d, f.White)
	case d.weighs(p.set.info.OnViolation):
		// Brief: the rule that is nearest, and no text.
		if d.brief {
			p.weigh(d, p.set.info.OnViolation, Whitelist, p.ref(p.http.Nearest(req, who)), "")
			return
		}
		nearest, reason, allow := p.http.Miss(req, who)
		p.weigh(d, p.set.info.OnViolation, Whitelist, p.ref(nearest), reason)
		d.Allow = allow
	}
}

// weighSigned weighs all but the http: blacklist for a request that may be an AWS call without an
// SDK. An http: rule that names the very host vouches for any of them. Beside that, aws: rules
// vouch at the endpoints of AWS's API, and http: rules elsewhere.
func (p *Policy) weighSigned(c *Call, req *canon.Request, f *httprules.Finding, d *Decision, who *rule.Caller) {
	var call awsrules.Call
	sight := p.aws.Classify(&call, c.HTTP, req, mayBeAWS(req))
	call.Caller = c.Caller
	// Neither its host nor its key is of AWS: another product with AWS's way of signing.
	if sight == awsrules.Plain {
		p.weighPlain(req, f, d, who)
		// People may wonder why the aws: rule did not vouch.
		if d.List == Whitelist && !d.isAllowed() && call.Service != "" {
			d.Reason += " (the request is signed for " + call.Service + " in region " + call.Region + ", with a key that is not of AWS's form)"
		}
		return
	}
	// Aside from AWS's endpoints, http: rules decide.
	by := byHTTP{
		decides: sight != awsrules.AtEndpoint,
		named:   p.set.whitelist && f.Allowed && (f.Exact || call.Presigned && f.Any),
	}
	w := p.aws.Read(&call)
	defer p.aws.Release(w)
	var found awsrules.Finding
	p.aws.Judge(&found, w)
	p.weighAWS(w, &found, d, by)
	// A link of another account is allowed by its host alone. So its entry is one for the host.
	if !d.isAllowed() && p.set.whitelist && w.Foreign() && (by.decides || call.Presigned) && d.isMissing() {
		d.Allow = httprules.HostEntry(req) // of the other account, as a link that was received is
		if d.all != nil {
			d.all.propose(d.Allow)
		}
	}
	// Now the http: whitelist where it decides.
	switch {
	case by.decides:
		p.weighPlain(req, f, d, who)
	case by.named:
		p.vouch(d, f.White)
	}
	// Doubtful: nobody can say which operation it is.
	if d.isDescribed() && sight != awsrules.Doubtful && d.Call == nil {
		d.Call = &Description{Presigned: call.Presigned}
		describeAWS(w, d.Call)
	}
}

// mayBeAWS reports whether the host of a destination ends like those of AWS's endpoints in some
// partition.
func mayBeAWS(req *canon.Request) bool {
	for i := range req.N {
		if awsname.MayBeEndpoint(req.Dests[i].Host) {
			return true
		}
	}
	return false
}
