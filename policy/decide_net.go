package policy

import (
	"github.com/outguard/outguard/internal/httprules"
	"github.com/outguard/outguard/internal/pattern"
)

// decideNet judges what is neither HTTP nor AWS, and what the name and dial layers see of any call.
func (p *Policy) decideNet(c *Call, d *Decision) {
	n, err := httprules.ReadNet(c.Net, c.Addr, c.Via == ViaName || c.Via == ViaDial)
	if err != nil {
		p.weighBuiltin(d, &malformedRule, "the destination cannot be read: "+err.Error())
		p.describeNet(c, d)
		return
	}
	caught, unseen := p.http.JudgeNetBlack(&n)
	if caught >= 0 {
		reason := p.refs[caught].Reason
		if reason == "" {
			reason = "blacklist rule " + p.refs[caught].ID + " forbids " + c.Net
		}
		p.weigh(d, p.verdict(caught), Blacklist, &p.refs[caught], reason)
	}
	proxied := n.Partial && p.builtin.isProxy(&n)
	if n.Resolved.IsValid() {
		if !proxied && p.turnsLocal(&n) {
			p.weighBuiltin(d, &localRule, c.Net+" resolves to "+n.Resolved.String()+", an address of this machine or link")
		}
	} else {
		p.weighNetWhitelist(c, &n, proxied, d)
		if d.Allowed() && n.Partial {
			d.Unguarded = p.unseenRule(&n, unseen)
		}
	}
	if !d.Allowed() {
		p.describeNet(c, d)
	}
}

func (p *Policy) describeNet(c *Call, d *Decision) {
	d.Call = &Description{Kind: "net", Net: c.Net, Via: c.Via.String()}
}

// weighNetWhitelist weighs the whitelist for a call that is seen as host and port.
func (p *Policy) weighNetWhitelist(c *Call, n *httprules.NetCall, proxied bool, d *Decision) {
	if !p.set.whitelist || proxied {
		return
	}
	for i := range n.N {
		to := &n.Names[i]
		rule := p.http.VouchesNet(n, to)
		if rule < 0 && !(n.Partial && (p.aws.RuleFor(to.Host, pattern.Narrow) != nil || p.builtin.endpoint(to) == xrayEndpoint)) {
			if d.weighs(p.set.info.OnViolation) {
				p.weigh(d, p.set.info.OnViolation, Whitelist, nil, "no whitelist rule matches "+c.Net)
				d.Allow = "- net: " + c.Net
			}
			return
		}
		p.vouch(d, rule)
	}
}

// unseenRule returns a blacklist rule that may forbid a call of which this layer sees only the name; nil: none.
func (p *Policy) unseenRule(n *httprules.NetCall, unseen int32) *RuleRef {
	if unseen >= 0 {
		return &p.refs[unseen]
	}
	if r := p.aws.RuleFor(n.Names[0].Host, pattern.Wide); r != nil {
		return &p.refs[r.Number]
	}
	return nil
}

// turnsLocal reports whether a name other than localhost has resolved to an address of this machine or link that no rule names.
func (p *Policy) turnsLocal(n *httprules.NetCall) bool {
	a := n.Resolved
	if n.Names[0].Host == "" || n.Names[0].Host == "localhost" || !a.IsLoopback() && !a.IsLinkLocalUnicast() && !a.IsUnspecified() {
		return false
	}
	to := n.To()
	if at := p.builtin.endpoint(&to); (at == runtimeEndpoint || at == credentialEndpoint) && p.builtin.endpoint(&n.Names[0]) == noEndpoint {
		return true // no rule opens these
	}
	return !p.http.NamesAddr(n)
}
