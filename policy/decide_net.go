package policy

import (
	"github.com/outguard/outguard/internal/canon"
	"github.com/outguard/outguard/internal/httprules"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/rule"
)

// This file judges what is seen as host and port alone.

// decideNet judges what is neither HTTP nor AWS, and what the layers below see of any call. Of
// several names the mildest outcome holds.
func (p *Policy) decideNet(c *Call, d *Decision) {
	// Each name is judged from the same start.
	whole := *d
	p.decideNamed(c, d)
	for _, name := range c.Names {
		// One name that is allowed suffices: the layers below do not know which was meant.
		if d.isAllowed() {
			return
		}
		other, by := *c, whole
		other.Net = name
		p.decideNamed(&other, &by)
		if by.milder(d) {
			*d = by
		}
	}
}

// decideNamed judges a call by Net and Addr.
func (p *Policy) decideNamed(c *Call, d *Decision) {
	// With an address, both are judged: the name as it was asked for, and where it leads.
	if c.Addr != "" && c.Via != ViaAddr {
		p.decideView(c, "", d)
	}
	p.decideView(c, c.Addr, d)
}

// decideView judges a call by Net, or by addr if that is not empty.
func (p *Policy) decideView(c *Call, addr string, d *Decision) {
	n, err := httprules.ReadNet(c.Net, addr, c.Via.partial())
	unread := ""
	// Without a port the rules cannot be compared. A name that is looked up has none yet.
	switch {
	case err != nil:
		unread = "the destination cannot be read: " + err.Error()
	case n.Port == pattern.AnyPort && !n.Partial:
		unread = "the destination cannot be read: the call names no port"
	}
	// It is weighed, and the blacklist is asked all the same: it may be stricter.
	if unread != "" {
		p.weighBuiltin(d, &malformedRule, unread)
	}
	// The call through it is judged by its own layer.
	if c.Via == ViaProxy && p.builtin.isProxy(&n) {
		return // a proxy of the environment that the process was started with
	}
	// Rules about endpoints are for what was asked for, not for where it leads.
	if !n.Resolved.IsValid() {
		p.weighNetEndpoints(&n, d)
	}
	n.Who.Find = c.Caller
	// caught: a rule that holds for certain. unseen: one that may hold for what this layer cannot
	// see.
	caught, unseen := p.http.JudgeNetBlack(&n)
	// What goes to a proxy is judged as a request. Here only its address shows.
	proxied := n.Partial && p.builtin.isProxy(&n)
	switch {
	case proxied:
	case unread != "" && !n.Resolved.IsValid():
		p.weighUnreadNet(c, &n, caught, unseen, unread, d)
	default:
		if caught >= 0 {
			reason := ""
			if !d.bare {
				reason = p.netReason(caught, c)
			}
			p.weigh(d, p.verdict(caught), Blacklist, &p.refs[caught], reason)
		}
		if d.all != nil {
			p.noteNet(d, c, &n, caught)
		}
	}
	// With an address, only what addresses can add: rebinding to this machine.
	if n.Resolved.IsValid() {
		if !proxied && p.turnsLocal(&n) {
			p.weighBuiltin(d, &localRule, c.Net+" resolves to "+n.Resolved.String()+", an address of this machine or link")
		}
	} else {
		// Without one, the whitelist is for names.
		part := p.weighNetWhitelist(c, &n, proxied, d)
		switch {
		case !n.Partial || !d.isAllowed():
		case c.Addr != "": // the notice belongs to the question without an address, which comes first
		case !proxied:
			p.weighUnguarded(c, &n, unseen, part, d)
		case len(p.rules) > 0 || p.set.whitelist:
			p.weigh(d, p.set.info.OnUnguarded, Unguarded, &proxyRule,
				"no layer saw which host is called through the proxy "+c.Net+"; send the call through a client guarded by Transport")
		}
	}
	if d.isDescribed() {
		p.describeNet(c, d)
	}
}

// weighNetEndpoints weighs the built-in rule about Lambda's own endpoints for a call that is seen
// as host and port. The layers below the SDK cannot distinguish its requests for credentials from
// others, so they pass there.
func (p *Policy) weighNetEndpoints(n *httprules.NetCall, d *Decision) {
	for i := range n.N {
		to := &n.Names[i]
		// For each name that the call has.
		switch p.builtin.endpoint(to) {
		case runtimeEndpoint:
			// A rule that names it admits another runtime client.
			if p.set.whitelist && p.http.NamesHost(n, to) {
				break // another runtime client
			}
			p.weighRuntime(d)
		case credentialEndpoint:
			// Below the SDK, its own requests look the same.
			if !n.Partial {
				p.weighBuiltin(d, &runtimeRule, credentialReason)
			}
		}
	}
}

// exempt reports whether a destination is one of Lambda's own endpoints that richer layers judge.
func (p *Policy) exempt(to *canon.Dest) bool {
	at := p.builtin.endpoint(to)
	return at == xrayEndpoint || at == credentialEndpoint
}

// describeNet describes a call by host and port.
func (p *Policy) describeNet(c *Call, d *Decision) {
	d.Call = &Description{Kind: "net", Net: c.Net, Via: c.Via.String()}
}

// weighNetWhitelist weighs the whitelist for a call that is seen as host and port. It returns a
// rule that allows some calls to that host and not all; -1 when there is none, or another rule
// allows them all.
func (p *Policy) weighNetWhitelist(c *Call, n *httprules.NetCall, proxied bool, d *Decision) (part int32) {
	part = -1
	if !p.set.whitelist || proxied {
		return part
	}
	for i := range n.N {
		to := &n.Names[i]
		full, some := p.http.VouchesNet(n, to)
		// An aws: rule vouches for the hosts of its service, for all calls there or for some.
		if full < 0 && some < 0 && n.Partial {
			if aws, whole := p.aws.RuleFor(to.Host, pattern.Narrow); whole {
				full = aws
			} else {
				some = aws
			}
		}
		switch {
		case full >= 0:
			p.vouch(d, full)
		case some >= 0:
			p.vouch(d, some)
			part = some
		// The layer above has judged the call.
		case n.Partial && p.exempt(to):
		default:
			if d.weighs(p.set.info.OnViolation) {
				p.weigh(d, p.set.info.OnViolation, Whitelist, nil, "no whitelist rule matches "+c.Net)
				d.Allow = "- net: " + report.YAML(c.Net)
			}
			// One destination without a rule is enough.
			return -1
		}
	}
	return part
}

// weighUnguarded weighs a call that this layer sees too little of: a blacklist rule may forbid it
// (unseen), or a whitelist rule allows only some calls to that host (part). A call that a richer
// layer has judged does not come here.
func (p *Policy) weighUnguarded(c *Call, n *httprules.NetCall, unseen, part int32, d *Decision) {
	// An aws: rule of the blacklist may be about a host of AWS.
	if unseen < 0 {
		unseen, _ = p.aws.RuleFor(n.Names[0].Host, pattern.Wide)
	}
	// First what may forbid the call, then what may not allow it.
	nearest, may := unseen, "may be forbidden by "
	if nearest < 0 {
		nearest, may = part, "is allowed only in part by "
	}
	if nearest < 0 {
		return
	}
	// What to do depends on the kind: clients of AWS have their own option.
	fix := "send it through a client guarded by Transport"
	if p.rules[nearest].Kind == rule.AWS {
		fix = "make its client from a config with the option AWS()"
	}
	p.weigh(d, p.set.info.OnUnguarded, Unguarded, &p.refs[nearest],
		c.Net+" "+may+p.refs[nearest].ID+", and no layer saw the whole call; "+fix)
}

// turnsLocal reports whether a name other than localhost has resolved to an address of this machine
// or link that no rule names.
func (p *Policy) turnsLocal(n *httprules.NetCall) bool {
	a := n.Resolved
	// "localhost" says so itself, and a literal address is visible in the policy.
	if n.Names[0].Host == "" || n.Names[0].Host == "localhost" || !canon.IsLocal(a) {
		return false
	}
	// A name must not lead to Lambda's endpoints, whatever rule there is for addresses.
	to := n.To()
	if at := p.builtin.endpoint(&to); (at == runtimeEndpoint || at == credentialEndpoint) && p.builtin.endpoint(&n.Names[0]) == noEndpoint {
		return true // no rule opens these
	}
	return !p.http.NamesAddr(n)
}
