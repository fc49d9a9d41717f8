package policy

import (
	"github.com/outguard/outguard/internal/awsrules"
	"github.com/outguard/outguard/internal/canon"
	"github.com/outguard/outguard/internal/httprules"
	"github.com/outguard/outguard/internal/rule"
)

// This file judges AWS calls: an operation whole, and its form on the wire.

// byHTTP is what http: rules have to say about an AWS call that is an HTTP request too.
type byHTTP struct {
	decides bool // they say whether it is whitelisted, and aws: rules do not
	named   bool // one of them names the very host, or is any and the call a presigned URL: it vouches whoever signed
}

// decideAWS judges an operation whole: as the SDK is about to make it, or as a direct Check
// describes it.
func (p *Policy) decideAWS(c *Call, d *Decision) {
	if c.Via == ViaSDK && isCredentialClient(c.AWS.Service) {
		return // judged on the wire, where its destination shows
	}
	var call awsrules.Call
	c.fillAWS(&call)
	// Read parses the input. What it uses is taken from a pool and given back.
	w := p.aws.Read(&call)
	var f awsrules.Finding
	// The signer is not known before signing. A rule with accounts: may need it, so that this part
	// waits for the wire.
	if c.Via == ViaSDK && p.aws.Signers != nil && call.Account == "" {
		p.aws.JudgeUnsigned(&f, &call, w)
	} else {
		p.aws.Judge(&f, w)
	}
	p.weighAWS(w, &f, d, byHTTP{})
	// An allowed call has no description, which would allocate.
	if d.isDescribed() {
		p.proposeEndpoint(c, d)
		d.Call = &Description{Via: c.Via.String(), Presigned: call.Presigned}
		describeAWS(w, d.Call)
	}
	p.aws.Release(w)
}

// proposeEndpoint adds, to the entry that is proposed for an operation, the one for the endpoint
// that the client was given: an aws: rule does not vouch for that.
func (p *Policy) proposeEndpoint(c *Call, d *Decision) {
	// For a call that a blacklist forbids, no endpoint helps.
	if c.AWS.Given == nil || d.Allow == "" || !d.isMissing() {
		return
	}
	var req canon.Request
	// AWS's own endpoints need no http: rule.
	if err := readRequest(c.AWS.Given, &req); err != nil || req.N == 0 || p.aws.EndpointOf(c.AWS.Service, req.Dests[0].Host).Own {
		return
	}
	who := rule.Caller{Find: c.Caller}
	var f httprules.Finding
	if p.http.Judge(&f, &req, &who); f.Allowed {
		return
	}
	// The entry is whole only now, so that the findings get it again.
	if _, _, more := p.http.Miss(&req, &who); more != "" {
		d.Allow += "\n" + more
		if d.all != nil {
			d.all.propose(d.Allow)
		}
	}
}

// weighCall reads, judges and weighs a call of an operation.
func (p *Policy) weighCall(call *awsrules.Call, d *Decision, by byHTTP) {
	w := p.aws.Read(call)
	defer p.aws.Release(w)
	var f awsrules.Finding
	p.aws.Judge(&f, w)
	p.weighAWS(w, &f, d, by)
	// The first reading describes the call.
	if d.isDescribed() && d.Call == nil {
		d.Call = &Description{Presigned: call.Presigned}
		describeAWS(w, d.Call)
	}
}

// weighAWS weighs what the aws: rules say to a call.
func (p *Policy) weighAWS(w *awsrules.Reading, f *awsrules.Finding, d *Decision, by byHTTP) {
	// Access is set for allowed calls, too: the log of learned calls has it.
	d.Access, d.Guessed = w.Op.Access, w.Op.Guessed && w.Op.Access != ""
	// An input that contradicts itself: nothing can vouch for it, and the blacklist still counts.
	if f.Problem != "" {
		p.weighBuiltin(d, &malformedRule, f.Problem)
		p.weighMay(d, f.Problem, p.aws.MayForbidAt(w))
		return
	}
	if f.Black != nil {
		// The reason is written only if it counts: texts cost more than the rest.
		if v := Verdict(f.Black.Outcome); d.weighs(v) {
			reason := ""
			if !d.bare {
				reason = w.BlackReason(f)
			}
			p.weigh(d, v, Blacklist, &p.refs[f.Black.Number], reason)
		}
	}
	// At other hosts than AWS's, aws: rules do not vouch, and a foreign key still counts.
	foreign := f.Rest == awsrules.Foreign || by.decides && f.Rest == awsrules.Missed && w.Foreign()
	// The whitelist at last: what it says is only asked if nothing stricter was found.
	switch {
	case f.Rest == awsrules.Allowed && !by.decides:
		p.vouch(d, f.White)
	// by.named: a rule names the host, whoever signed.
	case !d.weighs(p.set.info.OnViolation), by.named:
	case foreign:
		p.weighBuiltin(d, &foreignCredentials, w.ForeignReason())
		// Without a whitelist, an entry would forbid everything else.
		if p.set.whitelist {
			d.Allow = w.MissEntry()
		}
	case f.Rest == awsrules.Missed && !by.decides && d.brief:
		p.weigh(d, p.set.info.OnViolation, Whitelist, p.ref(f.White), "")
	case f.Rest == awsrules.Missed && !by.decides:
		p.weigh(d, p.set.info.OnViolation, Whitelist, p.ref(f.White), w.MissReason(f))
		d.Allow = w.MissEntry()
	}
	if d.all != nil {
		p.noteAWS(d, w, f)
	}
}

// weighWire weighs what only the wire shows of an SDK call that has been judged before: the
// endpoint, which is AWS's own or is allowed as http: too, and the account of the signing key.
// See decision 13.
func (p *Policy) weighWire(c *Call, req *canon.Request, f *httprules.Finding, d *Decision, who *rule.Caller) {
	var call awsrules.Call
	c.fillAWS(&call)
	// Each destination is looked up once.
	var at [len(req.Dests)]*awsrules.Endpoint
	own := req.N > 0 // every destination is one of the service's own endpoints, by TLS
	for i := range req.N {
		to := &req.Dests[i]
		at[i] = p.aws.EndpointOf(call.Service, to.Host)
		// Own and TLS: a plain-text endpoint could be anybody's.
		own = own && (at[i].Own || at[i].Unlisted && at[i].Labeled(awsrules.Scope(c.HTTP))) && to.Scheme == "https" && to.Port == 443
	}
	// The service is new to the tables. The signature has the name that AWS knows it by.
	if req.N > 0 && at[0].Unlisted {
		if signed := call; awsrules.Scope(c.HTTP) != "" { // a blacklist may have the service by this name
			signed.Service = awsrules.Scope(c.HTTP)
			p.weighCall(&signed, d, byHTTP{decides: true})
		}
	}
	// The key may be of another account than the SDK's config had.
	p.weighSigner(c, &call, d)
	// A miss of the http: whitelist is only asked where aws: rules cannot vouch.
	if v := p.set.info.OnViolation; p.set.whitelist && !own && !f.Allowed && d.weighs(v) {
		p.weigh(d, v, Whitelist, nil,
			"the endpoint "+req.Dests[0].Host+" is not one of AWS's own for "+call.Service+", and no http: rule allows it")
		_, _, d.Allow = p.http.Miss(req, who)
	}
	// An overridden endpoint may be one of another region, or begin with another bucket.
	for i := range req.N {
		if to := p.aws.MovedTo(&call, c.HTTP, at[i]); to != nil {
			p.weighCall(to, d, byHTTP{decides: f.Allowed})
		}
	}
	if d.isAllowed() {
		d.List, d.Rule = NoList, nil // what allows the call has been reported before
	}
}

// weighSigner weighs an SDK call again if the key that signed it may be of another account.
func (p *Policy) weighSigner(c *Call, call *awsrules.Call, d *Decision) {
	account, contradictory := p.aws.SignedBy(call, c.HTTP)
	if contradictory {
		p.weighBuiltin(d, &malformedRule, "the request has several signatures, by different keys")
	}
	if p.aws.Signers != nil || account != "" && account != p.aws.Own.Account && p.aws.Own.Account != "" {
		call.Account = account
		p.weighCall(call, d, byHTTP{})
	}
}
