package policy

import (
	"strings"
	"unsafe"

	"github.com/outguard/outguard/internal/canon"
	"github.com/outguard/outguard/internal/match"
)

// judgement is what the rules say to one request.
type judgement struct {
	black   int32 // the blacklist rule with the strictest verdict that catches any destination in any reading; -1: none
	white   int32 // a whitelist rule that vouches for a destination; -1: none
	allowed bool  // every destination, in every reading of the path, has a whitelist rule that vouches for it
	exact   bool  // and one that names its host in full
}

// judge matches a request against both lists at once.
func (h *httpRules) judge(req *canon.Request) judgement {
	j := judgement{black: -1, white: -1, allowed: true, exact: true}
	if req.Path.Plain() {
		h.judgePath(&j, req, req.Path.String(), false)
		return j
	}
	h.judgeReadings(&j, req)
	return j
}

// judgeReadings is judge for a path that can be read in several ways.
func (h *httpRules) judgeReadings(j *judgement, req *canon.Request) {
	var room [512]byte
	buf := room[:]
	for i := range req.Path.Readings() {
		path, blacklistOnly := req.Path.Reading(i, buf)
		h.judgePath(j, req, unsafe.String(&path[0], len(path)), blacklistOnly) // not kept, and not written while it is matched
		buf = path                                                             // it may have grown
	}
}

// judgePath is judge for one reading of the path. With blacklistOnly the whitelist does not have to vouch for it.
func (h *httpRules) judgePath(j *judgement, req *canon.Request, path string, blacklistOnly bool) {
	for i := range req.N {
		d := &req.Dests[i]
		allowed, exact := false, false
		found := h.index.find(d)
		for n, ok := found.Next(); ok; n, ok = found.Next() {
			e := &h.index.entries[n]
			r := &h.rules[e.rule]
			if !e.matches(d, req, path, r.verdict != Allow) || !r.matches(d, req, path) {
				continue
			}
			switch {
			case r.verdict != Allow:
				h.catch(j, e.rule)
			case r.kind != kindNet:
				allowed, exact = true, exact || e.exact
				j.white = e.rule
			}
		}
		if h.index.addrs.Len() > 0 && h.judgeOthers(j, d, req, path) {
			allowed = false
		}
		if !blacklistOnly {
			j.allowed, j.exact = j.allowed && allowed, j.exact && exact
		}
	}
}

// judgeOthers judges what a destination stands for besides itself. Any blacklist rule applies. unvouched: there is an address
// for which no whitelist rule vouches, though it has to.
func (h *httpRules) judgeOthers(j *judgement, d *canon.Dest, req *canon.Request, path string) (unvouched bool) {
	others := d.Others()
	for i, addr := range others.All() {
		other := canon.Dest{Scheme: d.Scheme, Addr: addr, Port: d.Port}
		vouched := i >= len(others.Embedded())
		found := h.index.find(&other)
		for n, ok := found.Next(); ok; n, ok = found.Next() {
			e := &h.index.entries[n]
			r := &h.rules[e.rule]
			switch {
			case !e.matches(&other, req, path, r.verdict != Allow) || !r.matches(&other, req, path):
			case r.verdict != Allow:
				h.catch(j, e.rule)
			case r.kind != kindNet:
				vouched = true
			}
		}
		unvouched = unvouched || !vouched
	}
	return unvouched
}

// catch notes a blacklist rule: the strictest verdict counts, and among equals the first rule in the file.
func (h *httpRules) catch(j *judgement, rule int32) {
	if j.black < 0 {
		j.black = rule
		return
	}
	old, now := h.rules[j.black].verdict, h.rules[rule].verdict
	if now < old || now == old && rule < j.black {
		j.black = rule
	}
}

// find finds the entries whose host is d's.
func (x *index) find(d *canon.Dest) match.Found {
	if d.Addr.IsValid() {
		return x.addrs.Find(d.Addr)
	}
	return x.hosts.Find(d.Host)
}

// matches reports whether the entry, whose host has matched, holds for the destination and this reading of the path. What goes
// through a tunnel has any scheme, method and path: a blacklist holds for it whatever of them it names, a whitelist only if it names no path.
func (e *entry) matches(d *canon.Dest, req *canon.Request, path string, wide bool) bool {
	if e.scheme != "" && e.scheme != d.Scheme && !(req.Tunnel && wide) || e.port != anyPort && e.port != int(d.Port) {
		return false
	}
	if e.paths == nil {
		return true
	}
	if req.Tunnel || req.Path.Unknown() {
		return wide
	}
	for _, p := range e.paths {
		if p.Match(path) {
			return true
		}
	}
	return false
}

// matches reports whether what holds for the whole rule holds: its methods and its except.
func (r *httpRule) matches(d *canon.Dest, req *canon.Request, path string) bool {
	return (r.hasMethod(req.Method) || req.Tunnel && r.verdict != Allow) && (r.except == nil || !r.except.has(d, req, path, r.verdict == Allow))
}

// hasMethod compares methods exactly; a blacklist also catches other spellings of case.
func (r *httpRule) hasMethod(method string) bool {
	if r.methods == nil {
		return true
	}
	for _, m := range r.methods {
		if m == method || r.verdict != Allow && strings.EqualFold(m, method) {
			return true
		}
	}
	return false
}

// has reports whether any entry holds.
func (x *index) has(d *canon.Dest, req *canon.Request, path string, wide bool) bool {
	found := x.find(d)
	for n, ok := found.Next(); ok; n, ok = found.Next() {
		if x.entries[n].matches(d, req, path, wide) {
			return true
		}
	}
	return false
}
