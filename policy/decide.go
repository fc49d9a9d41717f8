package policy

import (
	"github.com/outguard/outguard/internal/awsname"
	"github.com/outguard/outguard/internal/awsrules"
	"github.com/outguard/outguard/internal/canon"
	"github.com/outguard/outguard/internal/httprules"
	"github.com/outguard/outguard/internal/rule"
)

// Decide judges a call. It does not allocate for an allowed HTTP call to an ASCII host. A call that
// several policies forbid gets the strictest verdict; of equals the first policy's decision.
func (p *Policy) Decide(c Call) (d Decision) {
	if !p.isMade() { // the zero Decision blocks
		call := p.describe(&c)
		d.Call, d.Reason = &call, "there is no policy"
		return d
	}
	if p.joined == nil {
		p.decide(&c, &d)
		return d
	}
	forbid := 0
	for i, q := range p.joined {
		var one Decision
		q.decide(&c, &one)
		switch {
		case i == 0 || one.Verdict < d.Verdict || one.Allowed() && d.Allowed() && d.Rule == nil && one.Rule != nil:
			d = one // of policies that allow the call, one with a rule that does
		case one.Verdict == d.Verdict:
			d.CallOnly = d.CallOnly && one.CallOnly // one of them may fail the invocation
			d.AtOnce = d.AtOnce || one.AtOnce
		}
		if !one.Allowed() {
			forbid++
		}
	}
	if forbid > 1 {
		d.Allow = "" // no entry of one file alone allows the call
	}
	return d
}

// decide judges a call by the rules of one file, and fills the zero Decision d. It is one sequence
// for every call: the built-in rules, then the engines. Everything that forbids the call is
// weighed, so that the strictest outcome holds; of equals the first that was weighed is reported.
//
// Nothing below keeps the request or the Decision, so that an ordinary request is judged on the
// stack.
func (p *Policy) decide(c *Call, d *Decision) {
	d.Verdict, d.Policy = Allow, &p.set.info
	switch {
	case c.HTTP != nil:
		p.decideHTTP(c, d)
	case c.Net != "":
		p.decideNet(c, d)
	case c.AWS.named():
		p.decideAWS(c, d)
	case c.Via.partial():
		p.decideNamed(c, d)
	default:
		p.decideNothing(c, d)
	}
	if d.several && d.all == nil {
		d.Allow = ""
	}
}

// weighs reports whether a finding with this verdict counts more than those weighed before.
func (d *Decision) weighs(v Verdict) bool { return v < d.Verdict || d.all != nil }

// isMissing reports whether what counts is that no rule of the whitelist allows the call.
func (d *Decision) isMissing() bool { return d.List == Whitelist || d.Rule == &foreignCredentials }

// weigh is where the strictest finding wins. Check weighs first where reason takes work.
func (p *Policy) weigh(d *Decision, v Verdict, list List, ref *RuleRef, reason string) {
	if d.all != nil {
		d.all.note(d)
	}
	if d.weighs(v) {
		d.several = d.Verdict != Allow
		d.Verdict, d.List, d.Rule, d.Reason, d.Allow = v, list, ref, reason, ""
		d.CallOnly, d.AtOnce = p.set.callOnly, p.set.info.AtOnce
	}
}

func (p *Policy) weighBuiltin(d *Decision, ref *RuleRef, reason string) {
	p.weigh(d, p.set.info.OnViolation, Builtin, ref, reason)
}

func (p *Policy) weighRuntime(d *Decision) {
	if d.weighs(p.set.info.OnViolation) {
		p.weighBuiltin(d, &runtimeRule, runtimeReason)
		d.Allow = runtimeEntry
	}
}

// vouch notes the whitelist rule that allows a call, unless something forbids it; -1 is none.
func (p *Policy) vouch(d *Decision, rule int32) {
	if d.Allowed() && rule >= 0 {
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

// decideHTTP judges a request: one that a program makes, or the wire form of an SDK call.
func (p *Policy) decideHTTP(c *Call, d *Decision) {
	var req canon.Request
	if !req.Usual(c.HTTP) {
		var buf canon.Buf
		var err error
		if req, err = canon.Parse(c.HTTP, &buf); err != nil {
			p.decideUnread(c, d, err.Error())
			return
		}
	}
	sdk := c.Via == ViaWire || c.AWS.Service != ""
	credentials := sdk && isCredentialClient(c.AWS.Service)
	owned := credentials && p.builtin.answersCredentials(&req)
	who := rule.Caller{Find: c.Caller}
	f := p.http.Judge(&req, &who)
	xray := !owned && p.weighEndpoints(&req, &f, d)
	if f.Black >= 0 {
		if v := p.verdict(f.Black); d.weighs(v) {
			p.weigh(d, v, Blacklist, &p.refs[f.Black], p.http.BlackReason(&req, f.Black))
		}
	}
	if d.all != nil {
		p.noteHTTP(d, &req, f.Black, &who)
	}
	switch {
	case owned: // the SDK's own client asks for its credentials
	case sdk && !credentials:
		p.weighWire(c, &req, &f, d, &who)
	case xray:
	case req.Signed || mayBeAWS(&req):
		p.weighSigned(c, &req, &f, d, &who)
	default:
		p.weighPlain(&req, &f, d, &who)
	}
	if !d.Allowed() {
		p.describeHTTP(c, &req, d)
	}
}

// weighEndpoints weighs the built-in rules about Lambda's own endpoints. It reports whether the
// request goes to the X-Ray daemon alone.
func (p *Policy) weighEndpoints(req *canon.Request, f *httprules.Finding, d *Decision) (xray bool) {
	xray = true
	for i := range req.N {
		to := &req.Dests[i]
		switch p.builtin.endpoint(to) {
		case runtimeEndpoint:
			if f.Allowed && f.Exact && p.set.whitelist {
				break // a rule names this very endpoint: another runtime client
			}
			p.weighRuntime(d)
		case credentialEndpoint:
			p.weighBuiltin(d, &runtimeRule, credentialReason)
		case xrayEndpoint:
			if isXRay(req, to) {
				continue
			}
		}
		xray = false
	}
	return xray
}

// weighPlain weighs the http: whitelist for a request that a program makes.
func (p *Policy) weighPlain(req *canon.Request, f *httprules.Finding, d *Decision, who *rule.Caller) {
	switch {
	case !p.set.whitelist:
	case f.Allowed:
		p.vouch(d, f.White)
	case d.weighs(p.set.info.OnViolation):
		m := p.http.Miss(req, who)
		p.weigh(d, p.set.info.OnViolation, Whitelist, p.ref(m.Rule), m.Reason)
		d.Allow = m.Allow
	}
}

// weighSigned weighs all but the http: blacklist for a request that may be an AWS call without an
// SDK. An http: rule that names the very host vouches for any of them. Beside that, aws: rules
// vouch at the endpoints of AWS's API, and http: rules elsewhere.
func (p *Policy) weighSigned(c *Call, req *canon.Request, f *httprules.Finding, d *Decision, who *rule.Caller) {
	call, sight := p.aws.Classify(c.HTTP, req, mayBeAWS(req))
	call.Caller = c.Caller
	if sight == awsrules.Plain {
		p.weighPlain(req, f, d, who)
		if d.List == Whitelist && !d.Allowed() && call.Service != "" {
			d.Reason += " (the request is signed for " + call.Service + " in region " + call.Region + ", with a key that is not of AWS's form)"
		}
		return
	}
	by := byHTTP{
		decides: sight != awsrules.AtEndpoint,
		named:   p.set.whitelist && f.Allowed && (f.Exact || call.Presigned && f.Any),
	}
	w := p.aws.Read(&call)
	defer p.aws.Release(w)
	found := p.aws.Judge(w)
	p.weighAWS(w, &found, d, by)
	if !d.Allowed() && p.set.whitelist && w.Foreign() && (by.decides || call.Presigned) && d.isMissing() {
		d.Allow = httprules.HostEntry(req) // of the other account, as a link that was received is
		if d.all != nil {
			d.all.propose(d.Allow)
		}
	}
	switch {
	case by.decides:
		p.weighPlain(req, f, d, who)
	case by.named:
		p.vouch(d, f.White)
	}
	if !d.Allowed() && sight != awsrules.Doubtful && d.Call == nil {
		d.Call = &Description{Presigned: call.Presigned}
		describeAWS(w, d.Call)
	}
}

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
	call := c.awsCall()
	w := p.aws.Read(&call)
	defer p.aws.Release(w)
	var f awsrules.Finding
	if c.Via == ViaSDK && p.aws.Signers != nil && call.Account == "" {
		f = p.aws.JudgeUnsigned(&call, w)
	} else {
		f = p.aws.Judge(w)
	}
	p.weighAWS(w, &f, d, byHTTP{})
	if !d.Allowed() {
		d.Call = &Description{Via: c.Via.String(), Presigned: call.Presigned}
		describeAWS(w, d.Call)
	}
}

// weighCall reads, judges and weighs a call of an operation.
func (p *Policy) weighCall(call *awsrules.Call, d *Decision, by byHTTP) {
	w := p.aws.Read(call)
	defer p.aws.Release(w)
	f := p.aws.Judge(w)
	p.weighAWS(w, &f, d, by)
	if !d.Allowed() && d.Call == nil {
		d.Call = &Description{Presigned: call.Presigned}
		describeAWS(w, d.Call)
	}
}

// weighAWS weighs what the aws: rules say to a call.
func (p *Policy) weighAWS(w *awsrules.Reading, f *awsrules.Finding, d *Decision, by byHTTP) {
	d.Access, d.Guessed = w.Op.Access, w.Op.Guessed && w.Op.Access != ""
	if f.Problem != "" {
		p.weighBuiltin(d, &malformedRule, f.Problem)
		p.weighMay(d, f.Problem, p.aws.MayForbidAt(w))
		return
	}
	if f.Black != nil {
		if v := Verdict(f.Black.Outcome); d.weighs(v) {
			p.weigh(d, v, Blacklist, &p.refs[f.Black.Number], w.BlackReason(f))
		}
	}
	foreign := f.Rest == awsrules.Foreign || by.decides && f.Rest == awsrules.Missed && w.Foreign()
	switch {
	case f.Rest == awsrules.Allowed && !by.decides:
		p.vouch(d, f.White)
	case !d.weighs(p.set.info.OnViolation), by.named:
	case foreign:
		p.weighBuiltin(d, &foreignCredentials, w.ForeignReason())
		if p.set.whitelist {
			d.Allow = w.MissEntry()
		}
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
func (p *Policy) weighWire(c *Call, req *canon.Request, f *httprules.Finding, d *Decision, who *rule.Caller) {
	call := c.awsCall()
	var at [len(req.Dests)]*awsrules.Endpoint
	own := req.N > 0 // every destination is one of the service's own endpoints, by TLS
	for i := range req.N {
		to := &req.Dests[i]
		at[i] = p.aws.EndpointOf(call.Service, to.Host)
		own = own && (at[i].Own || at[i].Unlisted && at[i].Labeled(awsrules.Scope(c.HTTP))) && to.Scheme == "https" && to.Port == 443
	}
	if req.N > 0 && at[0].Unlisted {
		if signed := call; awsrules.Scope(c.HTTP) != "" { // a blacklist may have the service by this name
			signed.Service = awsrules.Scope(c.HTTP)
			p.weighCall(&signed, d, byHTTP{decides: true})
		}
	}
	p.weighSigner(c, &call, d)
	if v := p.set.info.OnViolation; p.set.whitelist && !own && !f.Allowed && d.weighs(v) {
		p.weigh(d, v, Whitelist, nil,
			"the endpoint "+req.Dests[0].Host+" is not one of AWS's own for "+call.Service+", and no http: rule allows it")
		d.Allow = p.http.Miss(req, who).Allow
	}
	for i := range req.N {
		if to := p.aws.MovedTo(&call, c.HTTP, at[i]); to != nil {
			p.weighCall(to, d, byHTTP{decides: f.Allowed})
		}
	}
	if d.Allowed() {
		d.List, d.Rule = NoList, nil // what allows the call has been reported before
	}
}

// weighSigner weighs an SDK call again if the key that signed it may be of another account.
func (p *Policy) weighSigner(c *Call, call *awsrules.Call, d *Decision) {
	account := awsrules.SignedBy(call, c.HTTP)
	if p.aws.Signers != nil || account != "" && account != p.aws.Own.Account && p.aws.Own.Account != "" {
		call.Account = account
		p.weighCall(call, d, byHTTP{})
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
