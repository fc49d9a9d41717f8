package policy

import (
	"net/netip"

	"github.com/outguard/outguard/internal/canon"
)

// netCall is a call that is seen as host and port alone.
type netCall struct {
	names    [2]canon.Dest // what is dialed; a legacy IPv4 form is a name and an address
	n        int
	port     int        // anyPort: not known
	resolved netip.Addr // at the dial: what it came to
	partial  bool       // there is more to the call than this layer sees: it may be HTTP or AWS
}

// decideNet judges what is neither HTTP nor AWS, and what the name and dial layers see of any call.
func (p *Policy) decideNet(c *Call) Decision {
	n, err := parseNet(c)
	if err != nil {
		return p.violation(Builtin, &malformedRule, p.set.info.OnViolation, "the destination cannot be read: "+err.Error())
	}
	caught, unseen := p.http.netCaught(&n)
	rest := p.netUnlisted(c, &n, unseen)
	if caught < 0 {
		return rest
	}
	r := &p.http.rules[caught]
	reason := r.ref.Reason
	if reason == "" {
		reason = "blacklist rule " + r.ref.ID + " forbids " + c.Net
	}
	return strictest(p.violation(Blacklist, &r.ref, r.verdict, reason), rest)
}

// netUnlisted judges a call by all but the blacklist. unseen is the blacklist rule that this layer sees too little for; -1: none.
func (p *Policy) netUnlisted(c *Call, n *netCall, unseen int32) Decision {
	proxied := n.partial && p.builtin.isProxy(n)
	if n.resolved.IsValid() {
		if !proxied && p.turnsLocal(n) {
			return p.violation(Builtin, &localRule, p.set.info.OnViolation,
				c.Net+" resolves to "+n.resolved.String()+", an address of this machine or link")
		}
		return p.allowed(nil)
	}
	d := p.netWhitelisted(c, n, proxied)
	if d.Allowed() && n.partial {
		if unseen >= 0 {
			d.Unguarded = &p.http.rules[unseen].ref
		} else if r := p.aws.ruleFor(n.names[0].Host, Blacklist); r != nil {
			d.Unguarded = r.ref
		}
	}
	return d
}

// netWhitelisted judges by the whitelist alone.
func (p *Policy) netWhitelisted(c *Call, n *netCall, proxied bool) Decision {
	if !p.set.whitelist || proxied {
		return p.allowed(nil)
	}
	white := int32(-1)
	for i := range n.n {
		rule := p.http.netVouched(n, &n.names[i])
		if rule < 0 && !(n.partial && (p.aws.ruleFor(n.names[i].Host, Whitelist) != nil || p.builtin.endpoint(&n.names[i]) == xrayEndpoint)) {
			d := p.violation(Whitelist, nil, p.set.info.OnViolation, "no whitelist rule matches "+c.Net)
			d.Allow = "- net: " + c.Net
			return d
		}
		white = rule
	}
	if white < 0 {
		return p.allowed(nil)
	}
	return p.allowed(&p.http.rules[white].ref)
}

func parseNet(c *Call) (n netCall, err error) {
	host, addr, port, err := canon.HostPort(c.Net)
	if err != nil {
		return n, err
	}
	n.port = port
	n.partial = c.Via == ViaName || c.Via == ViaDial
	if host != "" {
		n.names[0] = canon.Dest{Host: host, Port: uint16(max(port, 0))}
		n.n = 1
	}
	if addr.IsValid() {
		n.names[n.n] = canon.Dest{Addr: addr, Port: uint16(max(port, 0))}
		n.n++
	}
	if c.Addr != "" {
		resolved, err := netip.ParseAddrPort(c.Addr)
		if err != nil {
			return n, canon.Malformed("the address dialed is not an IP address and a port")
		}
		n.resolved = resolved.Addr().WithZone("").Unmap()
	}
	return n, nil
}

// netCaught finds two blacklist rules, -1 for none: the strictest that catches the call, because this layer sees all its conditions, and
// the strictest that catches some full call that this layer sees so much of.
func (h *httpRules) netCaught(n *netCall) (caught, unseen int32) {
	all, some := judgement{black: -1}, judgement{black: -1}
	visit := func(d *canon.Dest) {
		found := h.index.find(d)
		for number, ok := found.Next(); ok; number, ok = found.Next() {
			e := &h.index.entries[number]
			r := &h.rules[e.rule]
			switch {
			case r.verdict == Allow:
			case e.scheme == "" && e.paths == nil && r.methods == nil &&
				(e.port == anyPort || e.port == n.port) && (r.except == nil || !r.except.mayHave(d, n.port)):
				h.catch(&all, e.rule)
			case n.partial && (e.port == anyPort || n.port == anyPort || e.port == n.port) && (r.except == nil || !r.except.surelyHas(d, n.port)):
				h.catch(&some, e.rule)
			}
		}
	}
	visitAll := func(d *canon.Dest) {
		visit(d)
		others := d.Others()
		for _, a := range others.All() {
			visit(&canon.Dest{Addr: a, Port: d.Port})
		}
	}
	if n.resolved.IsValid() {
		visitAll(&canon.Dest{Addr: n.resolved, Port: uint16(max(n.port, 0))})
		return all.black, -1
	}
	for i := range n.n {
		visitAll(&n.names[i])
	}
	for _, rule := range h.noNet {
		if n.partial { // it may be HTTP
			h.catch(&some, rule)
		} else {
			h.catch(&all, rule)
		}
	}
	return all.black, some.black
}

// netVouched finds a whitelist rule that allows the call, or some full call that this layer sees so much of; -1: none.
func (h *httpRules) netVouched(n *netCall, d *canon.Dest) int32 {
	found := h.index.find(d)
	for number, ok := found.Next(); ok; number, ok = found.Next() {
		e := &h.index.entries[number]
		r := &h.rules[e.rule]
		if r.verdict == Allow && (r.kind != kindHTTP || n.partial) && (e.port == anyPort || n.port == anyPort || e.port == n.port) &&
			(r.except == nil || !r.except.surelyHas(d, n.port)) {
			return e.rule
		}
	}
	return -1
}

// mayHave reports whether a call to d may be among the entries.
func (x *index) mayHave(d *canon.Dest, port int) bool {
	found := x.find(d)
	for n, ok := found.Next(); ok; n, ok = found.Next() {
		if e := &x.entries[n]; e.port == anyPort || port == anyPort || e.port == port {
			return true
		}
	}
	return false
}

// surelyHas reports whether every call to d is among the entries.
func (x *index) surelyHas(d *canon.Dest, port int) bool {
	found := x.find(d)
	for n, ok := found.Next(); ok; n, ok = found.Next() {
		if e := &x.entries[n]; e.scheme == "" && e.paths == nil && (e.port == anyPort || e.port == port) {
			return true
		}
	}
	return false
}

// turnsLocal reports whether a name other than localhost has come to an address of this machine or link that no rule names.
func (p *Policy) turnsLocal(n *netCall) bool {
	a := n.resolved
	if n.names[0].Host == "" || n.names[0].Host == "localhost" || !canon.IsLocal(a) {
		return false
	}
	to := canon.Dest{Addr: a, Port: uint16(max(n.port, 0))}
	if at := p.builtin.endpoint(&to); (at == runtimeEndpoint || at == credentialEndpoint) && p.builtin.endpoint(&n.names[0]) == noEndpoint {
		return true // no rule opens these
	}
	found := p.http.index.find(&to)
	for number, ok := found.Next(); ok; number, ok = found.Next() {
		e := &p.http.index.entries[number]
		if r := &p.http.rules[e.rule]; r.verdict == Allow && !r.any && (e.port == anyPort || n.port == anyPort || e.port == n.port) {
			return false
		}
	}
	return true
}

// isProxy reports whether the call goes to a proxy that the environment names.
func (b *builtin) isProxy(n *netCall) bool {
	if n.port == anyPort {
		return false
	}
	for i := range n.n {
		if !among(b.proxies, &n.names[i]) {
			return false
		}
	}
	return len(b.proxies) > 0
}
