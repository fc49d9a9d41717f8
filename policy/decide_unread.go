package policy

import (
	"github.com/outguard/outguard/internal/awsrules"
	"github.com/outguard/outguard/internal/canon"
	"github.com/outguard/outguard/internal/httprules"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/rule"
)

// What cannot be read is a violation of the built-in rule malformed. A blacklist rule that may be
// about the call is weighed too, because its own outcome can be stricter.

// weighMay weighs blacklist rules that may be about a call. why says what of it cannot be read.
func (p *Policy) weighMay(d *Decision, why string, rules []int32) {
	for _, number := range rules {
		if v := p.verdict(number); d.weighs(v) {
			ref := &p.refs[number]
			p.weigh(d, v, Blacklist, ref, why+", and blacklist rule "+ref.ID+" may forbid such a call")
		}
	}
}

// decideNothing judges a whole call that names no destination: a rule of any kind may be about it.
func (p *Policy) decideNothing(c *Call, d *Decision) {
	const why = "the call names no destination"
	p.weighBuiltin(d, &malformedRule, why)
	who := rule.Caller{Find: c.Caller}
	// Tunnel: any method, and a destination that nobody sees.
	p.weighMay(d, why, p.http.MayForbid(&canon.Request{Tunnel: true}, &who))
	p.weighMay(d, why, p.http.ForbidNet(&httprules.NetCall{Port: pattern.AnyPort, Who: who}))
	p.weighMay(d, why, p.aws.MayForbid(&who))
}

// decideUnread judges a request that has no canonical form.
// See decision 35.
func (p *Policy) decideUnread(c *Call, d *Decision, why string) {
	p.weighBuiltin(d, &malformedRule, why)
	var buf canon.Buf
	// What can be read of it anyway: method, signature, some destinations.
	req := canon.Unread(c.HTTP, &buf)
	who := rule.Caller{Find: c.Caller}
	p.weighMay(d, why, p.http.MayForbid(&req, &who))
	// An operation of its own kind, or a request that may be one.
	switch {
	case c.AWS.named():
		p.weighUnreadWire(c, &req, d, why)
	case req.N == 0 || req.Signed || mayBeAWS(&req):
		p.weighMay(d, why, p.aws.MayForbid(&who))
	}
	if !d.bare {
		p.describeUnreadable(c, d)
	}
}

// weighUnreadWire weighs what a request that cannot be read shows of an SDK call that has been
// judged before: the account of the signing key. Where its destinations cannot be read, they may be
// of any region.
func (p *Policy) weighUnreadWire(c *Call, req *canon.Request, d *Decision, why string) {
	var call awsrules.Call
	c.fillAWS(&call)
	// Without a URL, it cannot be sent by anybody's key.
	if c.HTTP.URL != nil {
		p.weighSigner(c, &call, d)
	}
	if req.N == 0 {
		w := p.aws.Read(&call)
		p.weighMay(d, why, p.aws.MayForbidAt(w))
		p.aws.Release(w)
	}
}

// weighUnreadNet weighs the blacklist rules that may be about a call that is seen as host and port.
// Its host or its port cannot be read. A layer that sees a part of the call weighs a rule with more
// conditions as it does for any host: on_unguarded: says what follows.
func (p *Policy) weighUnreadNet(
	c *Call, n *httprules.NetCall, caught, unseen int32, why string, d *Decision,
) {
	// While everything is collected, all of them; otherwise the strictest.
	switch {
	case d.all != nil:
		p.weighMay(d, why, p.http.ForbidNet(n))
	case caught >= 0:
		p.weighMay(d, why, []int32{caught})
	}
	// Partial: also what a richer layer would have to see.
	if !n.Partial {
		return
	}
	// An operation may hide behind the host.
	if unseen < 0 {
		if rules := p.aws.MayForbid(&rule.Caller{Find: c.Caller}); len(rules) > 0 {
			unseen = rules[0]
		}
	}
	if v := p.set.info.OnUnguarded; unseen >= 0 && d.weighs(v) {
		ref := &p.refs[unseen]
		p.weigh(d, v, Unguarded, ref,
			why+", and no layer saw whether blacklist rule "+ref.ID+" forbids the call")
	}
}
