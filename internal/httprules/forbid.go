package httprules

import (
	"slices"

	"github.com/outguard/outguard/internal/canon"
	"github.com/outguard/outguard/internal/rule"
)

// This file lists every blacklist rule that catches a call, for people.

// Forbid returns every blacklist rule that catches a request, in the order of the file. It serves
// people: Judge finds the strictest one.
func (h *Rules) Forbid(req *canon.Request, who *rule.Caller) (rules []int32) {
	// Steps are what comparing paths may take in all.
	req.Steps = maxSteps
	// Each reading, each destination, and each address that stands for the same host.
	for i := range req.Path.Readings() {
		path := req.Path.String()
		if !req.Path.Plain() {
			reading, _ := req.Path.Reading(i, nil)
			path = string(reading)
		}
		for n := range req.N {
			d := &req.Dests[n]
			rules = h.forbid(rules, d, req, path, who)
			others := d.Others()
			for _, addr := range others.All() {
				rules = h.forbid(rules, &canon.Dest{Scheme: d.Scheme, Addr: addr, Port: d.Port}, req, path, who)
			}
		}
	}
	slices.Sort(rules)
	return slices.Compact(rules)
}

// forbid adds the blacklist rules that catch a request to d in one reading of its path.
func (h *Rules) forbid(rules []int32, d *canon.Dest, req *canon.Request, path string, who *rule.Caller) []int32 {
	found := h.index.find(d)
	for n, ok := found.Next(); ok; n, ok = found.Next() {
		e := &h.index.entries[n]
		if r := &h.rules[e.rule]; !r.vouches() && e.matches(d, req, path, true) && r.matches(d, req, path, who) && who.Is(r.callers, r.mode) {
			rules = append(rules, e.rule)
		}
	}
	return rules
}

// ForbidNet returns every blacklist rule that catches a call that is seen as host and port.
func (h *Rules) ForbidNet(n *NetCall) (rules []int32) {
	h.judgeNetBlack(n, func(rule int32) { rules = append(rules, rule) })
	slices.Sort(rules)
	return slices.Compact(rules)
}

// MayForbid returns every blacklist rule that may be about a request that cannot be read, in the
// order of the file. Of such a request, the method and the caller count, and the destinations if
// they are known.
func (h *Rules) MayForbid(req *canon.Request, who *rule.Caller) (rules []int32) {
	// With destinations, they and the readings of its path are known.
	if req.N > 0 {
		return h.Forbid(req, who)
	}
	// Without, any rule about requests may hold, except by its method and its callers.
	for i := range h.index.entries {
		number := h.index.entries[i].rule
		r := &h.rules[number]
		if !r.vouches() && r.about(requests) && (req.Tunnel || r.hasMethod(req.Method)) &&
			who.Is(r.callers, r.mode) {
			rules = append(rules, number)
		}
	}
	slices.Sort(rules)
	return slices.Compact(rules)
}
