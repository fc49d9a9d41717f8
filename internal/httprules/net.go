package httprules

import (
	"net/netip"

	"github.com/outguard/outguard/internal/canon"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/rule"
)

// This file matches what is seen as host and port alone, by what every call to it would be.

// A NetCall is a call that is seen as host and port alone.
type NetCall struct {
	Names    [2]canon.Dest // the destination dialed; a legacy IPv4 form is both a name and an address
	N        int
	Port     int        // pattern.AnyPort: not known
	Resolved netip.Addr // at the dial: the address that the name resolved to
	Who      rule.Caller
	Partial  bool // the call has more details than this layer sees: it may be HTTP or AWS
}

// ReadNet reads "host:port" and, at the dial, the resolved "address:port". partial reports that the
// call has more details than its layer sees. With an error about the host, n has the port and the
// address alone.
func ReadNet(hostport, resolved string, partial bool) (n NetCall, err error) {
	n.Port, n.Partial = pattern.AnyPort, partial
	// The address of the dial. A zone, as in fe80::1%eth0, makes no difference to rules.
	if resolved != "" {
		to, err := netip.ParseAddrPort(resolved)
		if err != nil {
			return n, canon.Malformed("the address dialed is not an IP address and a port")
		}
		n.Resolved = to.Addr().WithZone("").Unmap()
	}
	// A host that cannot be read still leaves the port, which rules may name.
	host, addr, port, err := canon.HostPort(hostport)
	if err != nil {
		if port > 0 {
			n.Port = port
		}
		return n, err
	}
	n.Port = port
	// Port 0 stands for an unknown one in a destination; n.Port has the difference.
	if host != "" {
		n.Names[0] = canon.Dest{Host: host, Port: uint16(max(port, 0))}
		n.N = 1
	}
	if addr.IsValid() {
		n.Names[n.N] = canon.Dest{Addr: addr, Port: uint16(max(port, 0))}
		n.N++
	}
	return n, nil
}

// To returns the destination that is connected to.
func (n *NetCall) To() canon.Dest { return canon.Dest{Addr: n.Resolved, Port: uint16(max(n.Port, 0))} }

// hasPort reports whether a call to the port may be meant by an entry for port p.
func (n *NetCall) hasPort(p int) bool {
	return p == pattern.AnyPort || n.Port == pattern.AnyPort || p == n.Port
}

// unread reports that a call is seen whole, and that its host or its port cannot be read. A
// blacklist rule that may be about it catches it.
func (n *NetCall) unread() bool { return !n.Partial && (n.N == 0 || n.Port == pattern.AnyPort) }

// JudgeNetBlack finds two blacklist rules, -1 for none: the strictest that catches the call,
// because this layer sees all its conditions, and the strictest that catches some full call of
// which this layer sees a part.
// See decision 30.
func (h *Rules) JudgeNetBlack(n *NetCall) (caught, unseen int32) {
	return h.judgeNetBlack(n, nil)
}

// judgeNetBlack calls note, if there is one, for every rule that catches the call.
func (h *Rules) judgeNetBlack(n *NetCall, note func(rule int32)) (caught, unseen int32) {
	caught, unseen = -1, -1
	// judge sorts one entry: it catches for certain, it may catch, or neither.
	judge := func(e *entry, d *canon.Dest) { // d is nil for a host that cannot be read
		r := &h.rules[e.rule]
		if r.vouches() {
			return
		}
		may := n.hasPort(e.port) && r.mayMeet(d, n)
		switch {
		// Certain: all conditions are visible, or the call cannot be read and the rule has no
		// others.
		case e.surelyMatches(n) && r.surelyMeets(d, n),
			may && n.unread() && e.scheme == "" && e.paths == nil && r.methods == nil:
			caught = h.stricter(caught, e.rule)
			if note != nil {
				note(e.rule)
			}
		case n.Partial && may:
			unseen = h.stricter(unseen, e.rule)
		}
	}
	// visit judges the entries for one host.
	visit := func(d *canon.Dest) {
		found := h.index.find(d)
		for number, ok := found.Next(); ok; number, ok = found.Next() {
			judge(&h.index.entries[number], d)
		}
	}
	// visitAll also judges the other addresses that it stands for.
	visitAll := func(d *canon.Dest) {
		visit(d)
		others := d.Others()
		for _, a := range others.All() {
			visit(&canon.Dest{Addr: a, Port: d.Port})
		}
	}
	// At the dial, only the address counts. The name was judged before.
	if n.Resolved.IsValid() {
		to := n.To()
		visitAll(&to)
		return caught, -1
	}
	for i := range n.N {
		visitAll(&n.Names[i])
	}
	// The host cannot be read: any entry may be about it.
	if n.N == 0 {
		for i := range h.index.entries {
			judge(&h.index.entries[i], nil)
		}
	}
	// "net: any", which holds for everything but HTTP.
	for _, number := range h.noNet {
		r := &h.rules[number]
		switch {
		case !n.Partial && (!n.Who.Is(r.callers, r.mode) || r.excludesAll(n)):
			continue
		case n.Partial: // it may be HTTP
			unseen = h.stricter(unseen, number)
		default:
			caught = h.stricter(caught, number)
			if note != nil {
				note(number)
			}
		}
	}
	return caught, unseen
}

// VouchesNet finds two whitelist rules, -1 for none: one that allows every call to d that this
// layer sees a part of, and one that allows only some of them, because it has conditions that the
// layer does not see. Each IPv4 address that d's IPv6 address stands for needs such a rule too.
func (h *Rules) VouchesNet(n *NetCall, d *canon.Dest) (full, some int32) {
	full, some = h.vouchesAddr(n, d)
	others := d.Others()
	for _, a := range others.Embedded() {
		otherFull, otherSome := h.vouchesAddr(n, &canon.Dest{Addr: a, Port: d.Port})
		// An embedded address without a full rule makes the whole only partly allowed.
		if otherFull < 0 {
			full, some = -1, max(full, some)
		}
		if otherFull < 0 && otherSome < 0 {
			return -1, -1
		}
	}
	return full, some
}

// vouchesAddr is VouchesNet for d alone.
func (h *Rules) vouchesAddr(n *NetCall, d *canon.Dest) (full, some int32) {
	full, some = -1, -1
	found := h.index.find(d)
	for number, ok := found.Next(); ok; number, ok = found.Next() {
		e := &h.index.entries[number]
		r := &h.rules[e.rule]
		// A rule with conditions that this layer does not see allows some calls.
		switch {
		case !r.vouches() || !n.hasPort(e.port) || !r.mayMeet(d, n):
		case e.paths == nil && r.surelyMeets(d, n):
			full = e.rule
		default:
			some = e.rule
		}
	}
	return full, some
}

// NamesAddr reports whether a whitelist rule, other than one that opens its whole kind, names the
// address connected to.
func (h *Rules) NamesAddr(n *NetCall) bool {
	to := n.To()
	found := h.index.find(&to)
	for number, ok := found.Next(); ok; number, ok = found.Next() {
		e := &h.index.entries[number]
		// any does not name an address: http: any must not open what a name resolves to.
		if r := &h.rules[e.rule]; r.vouches() && r.about(parts) && !r.any && n.hasPort(e.port) {
			return true
		}
	}
	return false
}

// NamesHost reports whether a whitelist rule names d in full.
func (h *Rules) NamesHost(n *NetCall, d *canon.Dest) bool {
	found := h.index.find(d)
	for number, ok := found.Next(); ok; number, ok = found.Next() {
		e := &h.index.entries[number]
		// *.example.com does not name a host, and neither does any.
		if r := &h.rules[e.rule]; r.vouches() && r.about(parts) && e.exact && n.hasPort(e.port) {
			return true
		}
	}
	return false
}

// mayHave reports whether a call to d may be among the entries. A nil d stands for a host that
// cannot be read.
func (x *index) mayHave(d *canon.Dest, n *NetCall) bool {
	// What cannot be read may be anything.
	if d == nil {
		return true
	}
	found := x.find(d)
	for number, ok := found.Next(); ok; number, ok = found.Next() {
		if n.hasPort(x.entries[number].port) {
			return true
		}
	}
	return false
}

// surelyHas reports whether every call to d is among the entries.
func (x *index) surelyHas(d *canon.Dest, n *NetCall) bool {
	if d == nil {
		// Nothing is certain about what cannot be read.
		return false
	}
	found := x.find(d)
	for number, ok := found.Next(); ok; number, ok = found.Next() {
		if x.entries[number].surelyMatches(n) {
			return true
		}
	}
	return false
}

// surelyMatches reports whether the entry, whose host has matched, holds for every call that n may
// be.
func (e *entry) surelyMatches(n *NetCall) bool {
	return e.scheme == "" && e.paths == nil && (e.port == pattern.AnyPort || e.port == n.Port)
}
